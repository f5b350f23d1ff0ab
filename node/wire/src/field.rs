//! Reading single fields of protobuf messages: what is missing, unknown, too long or repeated is named, never shown.

use prost::Message;
use relais_domain::digest::Digest;
use relais_domain::limits;
use relais_domain::personal::Personal;
use relais_domain::structure_id::StructureId;
use relais_domain::theme::Theme;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Longest text of any field, in bytes: the longest text of the domain in the widest UTF-8.
pub const TEXT_BYTES_MAX: usize = 4 * limits::NOTE_CHARS_MAX;

/// What is wrong with a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Problem {
    /// It must be there.
    #[error("is missing")]
    Missing,
    /// It must not be there.
    #[error("must be left out here")]
    Unexpected,
    /// A number of no known code, 0 included.
    #[error("is a code this program does not know")]
    UnknownCode,
    /// A number of no known part.
    #[error("is a part this program does not know")]
    UnknownPart,
    /// A format or protocol version this program does not know.
    #[error("is a version this program does not know")]
    UnknownVersion,
    /// Not of the form or in the range it must have.
    #[error("has not the form it must have")]
    Invalid,
    /// Too many entries.
    #[error("holds too many entries")]
    TooMany,
    /// Too many bytes.
    #[error("is too long")]
    TooLong,
    /// One entry twice.
    #[error("holds one entry twice")]
    Repeated,
    /// Entries not in ascending order.
    #[error("is not in ascending order")]
    Unordered,
    /// No protobuf message of this kind, or a text that is no UTF-8.
    #[error("cannot be read")]
    Unreadable,
    /// Bytes that do not encode to themselves again: unknown, repeated or misplaced fields, defaults written out.
    #[error("is not written canonically, or holds something unknown")]
    NotCanonical,
}

/// A field that cannot be read: its name and what is wrong, never its value.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}: {problem}", if field.is_empty() { "message" } else { field })]
pub struct BadField {
    /// The field, dotted from the outermost message; empty for the message itself.
    pub field: Cow<'static, str>,
    /// What is wrong with it.
    pub problem: Problem,
}

impl BadField {
    /// `problem` in `field`.
    pub(crate) fn new(field: &'static str, problem: Problem) -> Self {
        Self { field: Cow::Borrowed(field), problem }
    }
}

/// Decodes one message.
pub(crate) fn message<M: Message + Default>(bytes: &[u8]) -> Result<M, BadField> {
    M::decode(bytes)
        .map_err(|error| BadField { field: Cow::Owned(field_of(&error)), problem: Problem::Unreadable })
}

/// The field that prost could not decode, dotted from the outermost message. Prost has no accessor for it, but writes
/// `Message.field: ` once for each level, innermost first; the rest of its text may hold bytes of the input.
fn field_of(error: &prost::DecodeError) -> String {
    let text = error.to_string();
    let mut fields: Vec<&str> = text
        .split(": ")
        .skip(1)
        .map_while(|level| level.split_once('.'))
        .map(|(_message, field)| field)
        .collect();
    fields.reverse();
    fields.join(".")
}

/// Refuses bytes that are not what `message` encodes to.
pub(crate) fn canonical(bytes: &[u8], message: &impl Message) -> Result<(), BadField> {
    if message.encode_to_vec() == bytes { Ok(()) } else { Err(BadField::new("", Problem::NotCanonical)) }
}

/// A code that must be there.
pub(crate) fn code<T>(
    field: &'static str,
    number: i32,
    from_number: fn(u32) -> Option<T>,
) -> Result<T, BadField> {
    let code = u32::try_from(number).ok().and_then(from_number);
    code.ok_or_else(|| BadField::new(field, Problem::UnknownCode))
}

/// A code that may be absent.
pub(crate) fn optional_code<T>(
    field: &'static str,
    number: Option<i32>,
    from_number: fn(u32) -> Option<T>,
) -> Result<Option<T>, BadField> {
    number.map(|number| code(field, number, from_number)).transpose()
}

/// Codes, each at most once.
pub(crate) fn codes<T: Ord>(
    field: &'static str,
    numbers: &[i32],
    from_number: fn(u32) -> Option<T>,
) -> Result<BTreeSet<T>, BadField> {
    let mut set = BTreeSet::new();
    for number in numbers {
        insert(field, &mut set, code(field, *number, from_number)?)?;
    }
    Ok(set)
}

/// Inserts an entry that must not be there yet.
pub(crate) fn insert<T: Ord>(field: &'static str, set: &mut BTreeSet<T>, entry: T) -> Result<(), BadField> {
    if set.insert(entry) { Ok(()) } else { Err(BadField::new(field, Problem::Repeated)) }
}

/// The numbers of a set of codes, ascending.
pub(crate) fn numbers<T: Copy>(codes: &BTreeSet<T>, number: fn(T) -> u32) -> Vec<i32> {
    let mut numbers: Vec<i32> = codes.iter().map(|code| number(*code).cast_signed()).collect();
    numbers.sort_unstable();
    numbers
}

/// A list of at most `max` entries.
pub(crate) fn list<T>(field: &'static str, entries: Vec<T>, max: usize) -> Result<Vec<T>, BadField> {
    if entries.len() > max { Err(BadField::new(field, Problem::TooMany)) } else { Ok(entries) }
}

/// A value that must be there.
pub(crate) fn required<T>(field: &'static str, value: Option<T>) -> Result<T, BadField> {
    value.ok_or_else(|| BadField::new(field, Problem::Missing))
}

/// A value that a parser made, or not.
pub(crate) fn valid<T>(field: &'static str, parsed: Option<T>) -> Result<T, BadField> {
    parsed.ok_or_else(|| BadField::new(field, Problem::Invalid))
}

/// A number that is never 0.
pub(crate) fn nonzero<T: PartialEq + Default>(field: &'static str, number: T) -> Result<T, BadField> {
    if number == T::default() { Err(BadField::new(field, Problem::Missing)) } else { Ok(number) }
}

/// A text that must be there.
pub(crate) fn text(field: &'static str, value: String) -> Result<String, BadField> {
    if value.is_empty() {
        return Err(BadField::new(field, Problem::Missing));
    }
    if value.len() > TEXT_BYTES_MAX { Err(BadField::new(field, Problem::TooLong)) } else { Ok(value) }
}

/// A text about a person that must be there.
pub(crate) fn personal(field: &'static str, value: String) -> Result<Personal<String>, BadField> {
    text(field, value).map(Personal::new)
}

/// A text about a person that may be absent.
pub(crate) fn optional_personal(
    field: &'static str,
    value: Option<String>,
) -> Result<Option<Personal<String>>, BadField> {
    value.map(|value| personal(field, value)).transpose()
}

/// Texts about a person.
pub(crate) fn personals(field: &'static str, values: Vec<String>) -> Result<Vec<Personal<String>>, BadField> {
    let values = list(field, values, limits::LIST_ENTRIES_MAX)?;
    values.into_iter().map(|value| personal(field, value)).collect()
}

/// The texts inside.
pub(crate) fn exposed(values: &[Personal<String>]) -> Vec<String> {
    values.iter().map(|value| value.expose().clone()).collect()
}

/// An ISO 639 code: two or three lower-case letters.
pub(crate) fn language(field: &'static str, code: String) -> Result<String, BadField> {
    let fits = (2..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_lowercase());
    valid(field, fits.then_some(code))
}

/// Bytes that must be there, and that `from_slice` reads.
pub(crate) fn bytes<T>(
    field: &'static str,
    bytes: &[u8],
    from_slice: fn(&[u8]) -> Option<T>,
) -> Result<T, BadField> {
    if bytes.is_empty() {
        return Err(BadField::new(field, Problem::Missing));
    }
    valid(field, from_slice(bytes))
}

/// Bytes that may be empty; else `from_slice` must read them.
pub(crate) fn optional_bytes<T>(
    field: &'static str,
    bytes: &[u8],
    from_slice: fn(&[u8]) -> Option<T>,
) -> Result<Option<T>, BadField> {
    if bytes.is_empty() { Ok(None) } else { valid(field, from_slice(bytes)).map(Some) }
}

/// A structure.
pub(crate) fn structure(field: &'static str, id: &[u8]) -> Result<StructureId, BadField> {
    bytes(field, id, StructureId::from_slice)
}

/// A digest.
pub(crate) fn digest(field: &'static str, hash: &[u8]) -> Result<Digest, BadField> {
    bytes(field, hash, Digest::from_slice)
}

/// An optional digest; empty when absent.
pub(crate) fn optional_digest(field: &'static str, hash: &[u8]) -> Result<Option<Digest>, BadField> {
    optional_bytes(field, hash, Digest::from_slice)
}

/// The bytes of an optional digest; empty when absent.
pub(crate) fn digest_bytes(digest: Option<Digest>) -> Vec<u8> {
    digest.map(|digest| digest.as_bytes().to_vec()).unwrap_or_default()
}

/// A theme.
pub(crate) fn theme(field: &'static str, code: &str) -> Result<Theme, BadField> {
    valid(field, Theme::parse(code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use relais_proto::peer::v1 as proto;

    #[test]
    fn the_unreadable_field_is_named_and_nothing_shown() {
        let mut bytes = proto::Note { text: "xx".into() }.encode_to_vec();
        bytes[2] = 0xff;
        let error = message::<proto::Note>(&bytes).expect_err("no UTF-8");
        assert_eq!(error.to_string(), "text: cannot be read");
        let inner = proto::Suggestion { structure_id: vec![], service_id: "ab".into() };
        let mut bytes = proto::Course { suggestions: vec![inner], ..Default::default() }.encode_to_vec();
        let last = bytes.len() - 1;
        bytes[last] = 0xff;
        let error = message::<proto::Course>(&bytes).expect_err("no UTF-8");
        assert_eq!(error.to_string(), "suggestions.service_id: cannot be read");
    }

    #[test]
    fn bytes_that_are_no_message_name_no_field() {
        let error = message::<proto::Note>(b"Amina Diallo").expect_err("no message");
        assert_eq!(error.field, "");
        assert_eq!(error.problem, Problem::Unreadable);
    }
}
