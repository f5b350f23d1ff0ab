//! What a `Voided` does at rest: the content of the event it names is blanked at both ends, its instants stay.

use relais_domain::event::{Counts, EventKind, Side};
use relais_domain::thread::Thread;
use relais_domain::time::{Span, Timestamp};
use relais_store::batch::Blank;
use relais_store::rows::StoredThread;
use relais_wire::envelope;
use std::collections::{BTreeMap, BTreeSet};

/// How soon a blanking that waits for a receipt is tried again, at first and at most.
const RETRY_FIRST: Span = Span::minutes(10);
const RETRY_MAX: Span = Span::days(1);

/// What is to be blanked now, and whether more waits for a receipt.
#[derive(Debug, Default)]
pub(super) struct Blanks {
    /// What is blanked in this commit.
    pub(super) now: Vec<Blank>,
    /// An own event that the partner has not signed for is still to leave whole: its blanking waits. When what voids the
    /// latest such event was stored; `None` when nothing waits.
    pub(super) waits_since: Option<Timestamp>,
}

/// When a blanking that waits since then is tried again: after as long as it has waited already, so that a receipt that
/// never comes costs ever less.
pub(super) fn tried_again(since: Timestamp, now: Timestamp) -> Timestamp {
    now.plus(now.since(since).clamp(RETRY_FIRST, RETRY_MAX))
}

/// Everything that a counting `Voided` of `thread` names and that is still stored whole. Of our own events only those
/// whose receipts are held (`acked`, by sequence). What is being written `now` is not stored yet.
///
/// # Errors
/// What contradicts itself, never the value.
pub(super) fn blanks(
    stored: &StoredThread,
    thread: &Thread,
    acked: &BTreeSet<u32>,
    now: Timestamp,
) -> Result<Blanks, String> {
    let mut blanks = Blanks::default();
    for side in [Side::Sender, Side::Receiver] {
        let row = |sequence| {
            stored.events.iter().find(move |event| event.side == side && event.sequence == sequence)
        };
        for (sequence, voided_by) in voided(thread, side) {
            let Some(content) = row(sequence).and_then(|event| event.content.as_ref()) else { continue };
            let remains =
                envelope::blanked(content.expose()).map_err(|error| format!("event.content: {error}"))?;
            if remains.as_ref() == Some(content.expose()) {
                continue;
            }
            if side == thread.side && !acked.contains(&sequence) {
                let since = row(voided_by).map_or(now, |event| event.stored_at);
                blanks.waits_since = blanks.waits_since.max(Some(since));
                continue;
            }
            let remains = remains.map(relais_domain::personal::Personal::new);
            blanks.now.push(Blank { side, sequence, remains });
        }
    }
    Ok(blanks)
}

/// What is voided, by sequence, and by which event.
fn voided(thread: &Thread, side: Side) -> BTreeMap<u32, u32> {
    let counting = thread
        .chain(side)
        .iter()
        .filter(|event| event.skeleton.kind == EventKind::Voided && event.counts == Counts::Yes);
    let named = counting
        .filter_map(|event| Some((event.content.as_ref()?.course.as_ref()?.voids?, event.skeleton.sequence)));
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_that_does_not_come_is_looked_for_ever_less_often() {
        let voided_at = Timestamp(1_795_305_600_000);
        let mut looks = Vec::new();
        let mut now = voided_at;
        while now < voided_at.plus(Span::days(90)) {
            let next = tried_again(voided_at, now);
            looks.push(next.since(now));
            now = next;
        }
        assert_eq!(looks[..4], [10, 10, 20, 40].map(Span::minutes));
        assert_eq!(looks.last(), Some(&Span::days(1)));
        assert!(looks.len() < 100, "{} looks in 90 days", looks.len());
        assert_eq!(
            tried_again(now.plus(Span::days(1)), now),
            now.plus(Span::minutes(10)),
            "a clock set back"
        );
    }
}
