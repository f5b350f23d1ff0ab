//! An appointment for a calendar: when, and nothing else. No name, no place, no structure: a calendar is read over
//! shoulders and synchronised to places nobody chose.

use super::state::entries;
use aws_lc_rs::digest;
use jiff::Timestamp;
use relais_proto::desk::v1::{Effect, ThreadView};
use relais_proto::peer::v1::EventKind;

/// Bytes of the event's id.
const UID_BYTES: usize = 16;

/// The instant of the latest appointment, ms.
pub(super) fn latest(view: &ThreadView) -> Option<i64> {
    let counted = entries(view, EventKind::Scheduled).filter(|entry| entry.effect() != Effect::None);
    counted.filter_map(|entry| entry.course.as_ref()?.appointment_ms).next()
}

/// An instant as RFC 5545 writes it: `20261124T133000Z`.
fn stamp(ms: i64) -> Option<String> {
    let at = Timestamp::from_millisecond(ms).ok()?;
    Some(at.strftime("%Y%m%dT%H%M%SZ").to_string())
}

/// The file (RFC 5545). The same thread always bears the same id, so that a new appointment takes the old one's place;
/// the id tells nothing of the thread.
pub(super) fn file(thread_id: &[u8], at_ms: i64, changed_ms: i64, title: &str) -> Option<String> {
    let hash = digest::digest(&digest::SHA256, &[b"relais/appointment/v1".as_slice(), thread_id].concat());
    let uid = crate::hex::encode(hash.as_ref().get(..UID_BYTES)?);
    let lines = [
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Relais//FR".to_owned(),
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{uid}"),
        format!("DTSTAMP:{}", stamp(changed_ms)?),
        format!("DTSTART:{}", stamp(at_ms)?),
        format!("SUMMARY:{title}"),
        "CLASS:PRIVATE".to_owned(),
        "END:VEVENT".to_owned(),
        "END:VCALENDAR".to_owned(),
        String::new(),
    ];
    Some(lines.join("\r\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calendar_learns_when_and_nothing_else() {
        let text = file(&[7; 16], 1_795_345_200_000, 1_795_000_000_000, "Rendez-vous").unwrap();
        assert!(text.contains("\r\nDTSTART:20261122T110000Z\r\nSUMMARY:Rendez-vous\r\n"), "{text}");
        assert!(!text.contains("LOCATION") && !text.contains(&crate::hex::encode(&[7; 16])), "{text}");
        assert!(text.ends_with("END:VCALENDAR\r\n") && text.lines().all(|line| line.len() <= 75));
        let again = file(&[7; 16], 1_795_999_200_000, 1_795_000_000_000, "Rendez-vous").unwrap();
        let uid = |text: &str| text.lines().find(|line| line.starts_with("UID:")).map(str::to_owned);
        assert_eq!(uid(&text), uid(&again), "the new appointment takes the place of the old one");
    }
}
