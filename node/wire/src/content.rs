//! What an event carries, as bytes: one message a data class, the consent and the erasure receipt beside them.
//!
//! Reading is strict: a number no list holds, an entry twice, bytes that do not encode to themselves again are refused,
//! so nothing hides in a part. Errors name part and field, never a value. Whether a text is fit to be kept, and whether
//! a consent covers it, is decided in the domain.

mod course;
mod evidence;
mod one;
mod two;

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

pub use course::{course_from_proto, course_to_proto};
pub use evidence::{erasure_from_proto, erasure_to_proto};
pub use one::{
    answer_from_proto, answer_to_proto, constraints_from_proto, constraints_to_proto, eligibility_from_proto,
    eligibility_to_proto, level_from_proto, level_to_proto, need_from_proto, need_to_proto, note_from_proto,
    note_to_proto, professional_from_proto, professional_to_proto, times_from_proto, times_to_proto,
};
pub use two::{
    contact_from_proto, contact_to_proto, documents_from_proto, documents_to_proto, handover_from_proto,
    handover_to_proto, name_from_proto, name_to_proto, sensitive_from_proto, sensitive_to_proto,
};

use crate::consent;
use crate::field::{self, BadField, Problem};
use prost::Message;
use relais_domain::class::DataClass;
use relais_domain::content::Content;
use std::borrow::Cow;
use std::fmt;

/// Number of the part that holds the signed consent.
pub const PART_CONSENT: u32 = 20;
/// Number of the part that holds an erasure receipt.
pub const PART_ERASURE: u32 = 21;

/// One part of what an event carries: a data class, or a piece of evidence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PartKind {
    /// A data class.
    Class(DataClass),
    /// The signed consent.
    Consent,
    /// What was erased.
    Erasure,
}

impl PartKind {
    /// The part's number on the wire.
    pub const fn number(self) -> u32 {
        match self {
            Self::Class(class) => class.number(),
            Self::Consent => PART_CONSENT,
            Self::Erasure => PART_ERASURE,
        }
    }

    /// The part of a wire number; `None` for an unknown one.
    pub fn from_number(number: u32) -> Option<Self> {
        match number {
            PART_CONSENT => Some(Self::Consent),
            PART_ERASURE => Some(Self::Erasure),
            class => DataClass::from_number(class).map(Self::Class),
        }
    }

    /// The part's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Class(class) => class.as_str(),
            Self::Consent => "consent",
            Self::Erasure => "erasure",
        }
    }
}

/// Why content cannot be read: which part and field, and what is wrong; never a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ContentError {
    /// Number of the part.
    pub part: u32,
    /// The field in it, dotted; empty for the part itself.
    pub field: Cow<'static, str>,
    /// What is wrong.
    pub problem: Problem,
}

impl ContentError {
    pub(crate) fn of_part(part: u32, problem: Problem) -> Self {
        Self { part, field: Cow::Borrowed(""), problem }
    }

    pub(crate) fn at(part: PartKind, bad: BadField) -> Self {
        Self { part: part.number(), field: bad.field, problem: bad.problem }
    }
}

impl fmt::Display for ContentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match PartKind::from_number(self.part) {
            Some(part) => f.write_str(part.as_str())?,
            None => write!(f, "part {}", self.part)?,
        }
        let dot = if self.field.is_empty() { "" } else { "." };
        write!(f, "{dot}{}: {}", self.field, self.problem)
    }
}

impl std::error::Error for ContentError {}

/// Makes the error of a class out of a field's.
fn of(class: DataClass) -> impl Fn(BadField) -> ContentError {
    move |bad| ContentError::at(PartKind::Class(class), bad)
}

/// The parts of a content, by ascending number: each the canonical bytes of its own message.
pub fn encode(content: &Content) -> Vec<(u32, Vec<u8>)> {
    let class = |class: DataClass, bytes: Option<Vec<u8>>| bytes.map(|bytes| (class.number(), bytes));
    let parts = [
        class(DataClass::Need, bytes_of(&content.need, need_to_proto)),
        class(DataClass::Constraints, bytes_of(&content.constraints, constraints_to_proto)),
        class(DataClass::Level, bytes_of(&content.level, level_to_proto)),
        class(DataClass::Eligibility, bytes_of(&content.eligibility, eligibility_to_proto)),
        class(DataClass::Note, bytes_of(&content.note, note_to_proto)),
        class(DataClass::Answer, bytes_of(&content.answer, answer_to_proto)),
        class(DataClass::Professional, bytes_of(&content.professional, professional_to_proto)),
        class(DataClass::Course, bytes_of(&content.course, course_to_proto)),
        class(DataClass::Times, bytes_of(&content.times, times_to_proto)),
        class(DataClass::Name, bytes_of(&content.name, name_to_proto)),
        class(DataClass::Contact, bytes_of(&content.contact, contact_to_proto)),
        class(DataClass::Handover, bytes_of(&content.handover, handover_to_proto)),
        class(DataClass::Documents, bytes_of(&content.documents, |titles| documents_to_proto(titles))),
        class(DataClass::Sensitive, bytes_of(&content.sensitive, sensitive_to_proto)),
        bytes_of(&content.consent, consent::signed_to_proto).map(|bytes| (PART_CONSENT, bytes)),
        bytes_of(&content.erasure, erasure_to_proto).map(|bytes| (PART_ERASURE, bytes)),
    ];
    parts.into_iter().flatten().collect()
}

fn bytes_of<D, M: Message>(value: &Option<D>, to_proto: impl Fn(&D) -> M) -> Option<Vec<u8>> {
    value.as_ref().map(|value| to_proto(value).encode_to_vec())
}

/// Reads parts (number, bytes) in ascending number.
///
/// # Errors
/// [`ContentError`] names the first part and field that is not as [`encode`] would have written it.
pub fn decode(parts: &[(u32, &[u8])]) -> Result<Content, ContentError> {
    let mut content = Content::default();
    let mut last = 0;
    for (number, bytes) in parts {
        let part = PartKind::from_number(*number)
            .ok_or_else(|| ContentError::of_part(*number, Problem::UnknownPart))?;
        if *number == last {
            return Err(ContentError::of_part(*number, Problem::Repeated));
        }
        if *number < last {
            return Err(ContentError::of_part(*number, Problem::Unordered));
        }
        last = *number;
        read_into(&mut content, part, bytes)?;
    }
    Ok(content)
}

fn read_into(content: &mut Content, part: PartKind, bytes: &[u8]) -> Result<(), ContentError> {
    match part {
        PartKind::Class(class) => read_class(content, class, bytes)?,
        PartKind::Consent => {
            content.consent = Some(read(part, bytes, consent::signed_from_proto, consent::signed_to_proto)?);
        }
        PartKind::Erasure => {
            content.erasure = Some(read(part, bytes, erasure_from_proto, erasure_to_proto)?);
        }
    }
    Ok(())
}

fn read_class(content: &mut Content, class: DataClass, bytes: &[u8]) -> Result<(), ContentError> {
    let part = PartKind::Class(class);
    match class {
        DataClass::Need => content.need = Some(read(part, bytes, need_from_proto, need_to_proto)?),
        DataClass::Constraints => {
            content.constraints = Some(read(part, bytes, constraints_from_proto, constraints_to_proto)?);
        }
        DataClass::Level => content.level = Some(read(part, bytes, level_from_proto, level_to_proto)?),
        DataClass::Eligibility => {
            content.eligibility = Some(read(part, bytes, eligibility_from_proto, eligibility_to_proto)?);
        }
        DataClass::Note => content.note = Some(read(part, bytes, note_from_proto, note_to_proto)?),
        DataClass::Answer => content.answer = Some(read(part, bytes, answer_from_proto, answer_to_proto)?),
        DataClass::Professional => {
            content.professional = Some(read(part, bytes, professional_from_proto, professional_to_proto)?);
        }
        DataClass::Course => content.course = Some(read(part, bytes, course_from_proto, course_to_proto)?),
        DataClass::Times => content.times = Some(read(part, bytes, times_from_proto, times_to_proto)?),
        DataClass::Name => content.name = Some(read(part, bytes, name_from_proto, name_to_proto)?),
        DataClass::Contact => {
            content.contact = Some(read(part, bytes, contact_from_proto, contact_to_proto)?)
        }
        DataClass::Handover => {
            content.handover = Some(read(part, bytes, handover_from_proto, handover_to_proto)?);
        }
        DataClass::Documents => {
            let to_proto = |titles: &Vec<_>| documents_to_proto(titles);
            content.documents = Some(read(part, bytes, documents_from_proto, to_proto)?);
        }
        DataClass::Sensitive => {
            content.sensitive = Some(read(part, bytes, sensitive_from_proto, sensitive_to_proto)?);
        }
    }
    Ok(())
}

/// Reads one part, and refuses bytes that its value does not encode to again.
fn read<M: Message + Default, D>(
    part: PartKind,
    bytes: &[u8],
    from_proto: impl Fn(M) -> Result<D, ContentError>,
    to_proto: impl Fn(&D) -> M,
) -> Result<D, ContentError> {
    let message = field::message(bytes).map_err(|bad| ContentError::at(part, bad))?;
    let value = from_proto(message)?;
    field::canonical(bytes, &to_proto(&value)).map_err(|bad| ContentError::at(part, bad))?;
    Ok(value)
}
