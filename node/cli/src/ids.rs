//! Ids as they are typed and printed: threads and follow-ups by a beginning, structures by id, beginning or name.

use crate::exit::Failure;
use relais_domain::structure_id::StructureId;
use relais_proto::desk::v1::PeerView;

/// Fewest hexadecimal digits that may stand for a thread or a follow-up.
pub(crate) const PREFIX_DIGITS_MIN: usize = 4;
/// Digits of a whole id.
const ID_DIGITS: usize = 32;
/// Fewest symbols that may stand for a structure.
const STRUCTURE_SYMBOLS_MIN: usize = 4;
/// From so many symbols on, what was typed is meant to be a whole id.
const WHOLE_ID_SYMBOLS_MIN: usize = 40;

/// 16 bytes of an id.
pub(crate) type Id = [u8; 16];

/// The beginning of an id, as typed: hexadecimal digits in lower case, hyphens left out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Prefix(String);

impl Prefix {
    /// Reads the beginning of an id.
    ///
    /// # Errors
    /// A sentence that says what can be typed.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let digits: String = text.trim().chars().filter(|c| *c != '-').flat_map(char::to_lowercase).collect();
        let hexadecimal = digits.chars().all(|c| c.is_ascii_hexdigit());
        if hexadecimal && (PREFIX_DIGITS_MIN..=ID_DIGITS).contains(&digits.len()) {
            Ok(Self(digits))
        } else {
            Err(format!("write the id, or at least its first {PREFIX_DIGITS_MIN} hexadecimal digits"))
        }
    }

    /// The digits.
    pub(crate) fn digits(&self) -> &str {
        &self.0
    }

    /// The id, when all of it was typed.
    pub(crate) fn whole(&self) -> Option<Id> {
        let value = u128::from_str_radix(&self.0, 16).ok()?;
        (self.0.len() == ID_DIGITS).then(|| value.to_be_bytes())
    }

    /// The one id among `ids` that begins so.
    ///
    /// # Errors
    /// [`Failure`] naming `what` when none does, or several do.
    pub(crate) fn pick<'a>(
        &self,
        what: &str,
        ids: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Id, Failure> {
        let mut found: Vec<Id> = ids.into_iter().filter_map(|id| Id::try_from(id).ok()).collect();
        found.retain(|id| hex(id).starts_with(&self.0));
        found.sort_unstable();
        found.dedup();
        match found.as_slice() {
            [id] => Ok(*id),
            [] => {
                Err(Failure::input(what, format!("no {what} here begins with {}", self.0))
                    .with_code("unknown"))
            }
            several => {
                let names: Vec<String> = several.iter().take(5).map(|id| text(id)).collect();
                let message =
                    format!("several begin with {}: {}; write more digits", self.0, names.join(", "));
                Err(Failure::input(what, message).with_code("ambiguous"))
            }
        }
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An id of 16 bytes as text, with hyphens; other bytes as plain digits.
pub(crate) fn text(bytes: &[u8]) -> String {
    let digits = hex(bytes);
    match (digits.get(..8), digits.get(8..12), digits.get(12..16), digits.get(16..20), digits.get(20..32)) {
        (Some(a), Some(b), Some(c), Some(d), Some(e)) if digits.len() == ID_DIGITS => {
            format!("{a}-{b}-{c}-{d}-{e}")
        }
        _ => digits,
    }
}

/// The first digits of an id: enough for a table.
pub(crate) fn short(bytes: &[u8]) -> String {
    hex(bytes.get(..4).unwrap_or(bytes))
}

/// A structure id as text; empty when there is none.
pub(crate) fn structure(bytes: &[u8]) -> String {
    StructureId::from_slice(bytes).map(|id| id.to_string()).unwrap_or_default()
}

/// The first symbols of a structure id.
pub(crate) fn structure_short(bytes: &[u8]) -> String {
    StructureId::from_slice(bytes).map(|id| id.short()).unwrap_or_default()
}

/// The partner that someone typed: its whole id, the beginning of it, or its name or the beginning of that.
///
/// # Errors
/// [`Failure`] naming `field` when no partner is meant, or several could be.
pub(crate) fn peer(field: &str, typed: &str, peers: &[PeerView]) -> Result<StructureId, Failure> {
    among(field, typed, peers, "no partner of this name or id: see `relais peers`")
}

/// The structure of the directory that someone typed, as [`peer`].
///
/// # Errors
/// As [`peer`].
pub(crate) fn structure_among(
    field: &str,
    typed: &str,
    structures: &[PeerView],
) -> Result<StructureId, Failure> {
    among(field, typed, structures, "no structure of this name or id: see `relais directory status`")
}

/// The structure of an introduction that someone typed, as [`peer`].
///
/// # Errors
/// As [`peer`].
pub(crate) fn introduced(field: &str, typed: &str, structures: &[PeerView]) -> Result<StructureId, Failure> {
    among(
        field,
        typed,
        structures,
        "no introduction to a structure of this name or id: see `relais introductions`",
    )
}

fn among(field: &str, typed: &str, peers: &[PeerView], none: &str) -> Result<StructureId, Failure> {
    let name = typed.trim().to_lowercase();
    let symbols: String = name.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    match StructureId::parse(typed) {
        Ok(id) => return Ok(id),
        // Whoever wrote so much meant an id: what is wrong with it is more than that nobody is called so.
        Err(error) if symbols.len() >= WHOLE_ID_SYMBOLS_MIN && !name.contains(' ') => {
            return Err(Failure::input(field, error.to_string()));
        }
        Err(_) => {}
    }
    let exact = matching(peers, |peer| peer.name.to_lowercase() == name);
    let begins = |peer: &PeerView| {
        let by_id = StructureId::from_slice(&peer.peer_id)
            .is_some_and(|id| id.compact().to_lowercase().starts_with(&symbols));
        !name.is_empty()
            && (peer.name.to_lowercase().starts_with(&name)
                || (symbols.len() >= STRUCTURE_SYMBOLS_MIN && by_id))
    };
    let found = if exact.len() == 1 { exact } else { matching(peers, begins) };
    match found.as_slice() {
        [peer] => StructureId::from_slice(&peer.peer_id)
            .ok_or_else(|| Failure::input(field, "this structure has no readable id")),
        [] => Err(Failure::input(field, none.to_owned()).with_code("unknown")),
        several => {
            let names: Vec<String> = several
                .iter()
                .map(|peer| format!("{} ({})", peer.name, structure_short(&peer.peer_id)))
                .collect();
            let message = format!("could be {}; write its id", names.join(" or "));
            Err(Failure::input(field, message).with_code("ambiguous"))
        }
    }
}

fn matching(peers: &[PeerView], fits: impl Fn(&PeerView) -> bool) -> Vec<&PeerView> {
    peers.iter().filter(|peer| fits(peer)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Id = [0xa1, 0xb2, 0xc3, 0xd4, 1, 2, 0x43, 4, 0x85, 6, 7, 8, 9, 10, 11, 12];
    const B: Id = [0xa1, 0xb2, 0xff, 0xd4, 1, 2, 0x43, 4, 0x85, 6, 7, 8, 9, 10, 11, 12];

    fn pick(typed: &str) -> Result<Id, Failure> {
        Prefix::parse(typed).expect("a beginning").pick("thread", [A.as_slice(), B.as_slice()])
    }

    #[test]
    fn a_unique_beginning_is_enough() {
        assert_eq!(pick("A1B2c3"), Ok(A));
        assert_eq!(pick("a1b2ffd4-0102"), Ok(B));
        assert_eq!(pick(&text(&A)), Ok(A));
        assert_eq!(Prefix::parse(&text(&A)).expect("an id").whole(), Some(A));
        assert_eq!(Prefix::parse("a1b2").expect("a beginning").whole(), None);
    }

    #[test]
    fn several_or_none_are_refused() {
        let several = pick("a1b2").expect_err("two begin so");
        assert_eq!((several.code.as_str(), several.field.as_deref()), ("ambiguous", Some("thread")));
        assert!(several.message.contains(&text(&A)) && several.message.contains(&text(&B)));
        assert_eq!(pick("beef").expect_err("none begins so").code, "unknown");
    }

    #[test]
    fn too_little_or_no_digits_are_no_beginning() {
        for typed in ["", "a1b", "a1-b", "xyzw", "-----", &"a".repeat(33)] {
            assert!(Prefix::parse(typed).is_err(), "{typed}");
        }
    }

    fn partner(seed: u8, name: &str) -> PeerView {
        let peer_id = StructureId::of_root_spki(&[seed; 44]).as_bytes().to_vec();
        PeerView { peer_id, name: name.to_owned(), ..PeerView::default() }
    }

    #[test]
    fn a_partner_is_found_by_name_or_id() {
        let peers = [partner(1, "Emmaüs Connect"), partner(2, "Emmaüs"), partner(3, "Lire")];
        let id = |index: usize| StructureId::from_slice(&peers[index].peer_id).expect("an id");
        assert_eq!(peer("to", "emmaüs", &peers), Ok(id(1)));
        assert_eq!(peer("to", "emmaüs c", &peers), Ok(id(0)));
        assert_eq!(peer("to", &id(2).to_string(), &peers), Ok(id(2)));
        assert_eq!(peer("to", &id(2).short(), &peers), Ok(id(2)));
        assert_eq!(peer("to", "emm", &peers).expect_err("two begin so").code, "ambiguous");
        assert_eq!(peer("to", "", &peers).expect_err("nothing was typed").code, "unknown");
        assert_eq!(peer("to", "Croix", &peers).expect_err("no such partner").field.as_deref(), Some("to"));
        assert!(
            introduced("to", "Croix", &peers).expect_err("none").message.contains("`relais introductions`")
        );
    }

    #[test]
    fn of_a_whole_id_what_is_wrong_with_it_is_told() {
        let wrong = partner(9, "Lire");
        let mut id = StructureId::from_slice(&wrong.peer_id).expect("an id").to_string();
        let last = id.pop().expect("a symbol");
        id.push(if last == 'A' { 'B' } else { 'A' });
        let error = StructureId::parse(&id).expect_err("a wrong symbol").to_string();
        assert_eq!(peer("to", &id, &[wrong]).expect_err("wrong").message, error);
        let name = "Association des familles et des voisins de la rue longue";
        assert_eq!(peer("to", name, &[]).expect_err("nobody").code, "unknown", "a long name is no id");
    }
}
