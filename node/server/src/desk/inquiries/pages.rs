//! Pages of inquiries: a page ends at the last one it shows, so that what comes meanwhile shifts nothing.

use crate::inquiries::{OursPlace, TheirsPlace};
use relais_domain::id::InquiryId;
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;

/// Where a page of this structure's ends, to be given back.
pub(super) fn ours_token((asked_at, id): OursPlace) -> String {
    format!("{}.{id}", asked_at.0)
}

/// The place that a token names.
pub(super) fn ours_place(token: &str) -> Option<OursPlace> {
    let (asked, id) = token.split_once('.')?;
    Some((Timestamp(asked.parse().ok()?), InquiryId::parse(id)?))
}

/// Where a page of partners' ends, to be given back.
pub(super) fn theirs_token((answered, expires_at, peer, id): TheirsPlace) -> String {
    format!("{}.{}.{}.{id}", u8::from(answered), expires_at.0, peer.compact())
}

/// The place that a token names.
pub(super) fn theirs_place(token: &str) -> Option<TheirsPlace> {
    let mut parts = token.splitn(4, '.');
    let answered = match parts.next()? {
        "0" => false,
        "1" => true,
        _ => return None,
    };
    let expires_at = Timestamp(parts.next()?.parse().ok()?);
    Some((answered, expires_at, StructureId::parse(parts.next()?).ok()?, InquiryId::parse(parts.next()?)?))
}

/// The first of `rest`, `most` at most, and the place where the page ends when there are more.
pub(super) fn page<T, P>(mut rest: Vec<T>, most: usize, place: impl Fn(&T) -> P) -> (Vec<T>, Option<P>) {
    let more = rest.len() > most;
    rest.truncate(most);
    let end = rest.last().filter(|_| more).map(place);
    (rest, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_place_and_nothing_else_does() {
        let id = InquiryId::from_random([5; 16]);
        let ours = (Timestamp(1_795_000_000_000), id);
        assert_eq!(ours_place(&ours_token(ours)), Some(ours));
        let peer = StructureId::of_root_spki(b"hub");
        for answered in [false, true] {
            let theirs = (answered, Timestamp(-3), peer, id);
            assert_eq!(theirs_place(&theirs_token(theirs)), Some(theirs));
            assert_eq!(ours_place(&theirs_token(theirs)), None);
        }
        for wrong in ["", "0", "50", "next", "1.2", "2.1.x.y", &ours_token(ours)] {
            assert_eq!(theirs_place(wrong), None, "{wrong}");
        }
    }
}
