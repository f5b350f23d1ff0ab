//! What every content must fulfil, whoever wrote it: lengths, ranges, forbidden numbers.

use super::{
    Constraints, Contact, Content, Course, Eligibility, HandoverContent, Level, Name, Need, Professional,
    Reach, Reason,
};
use crate::class::Stage;
use crate::consent::Purpose;
use crate::content::FeedbackLevel;
use crate::limits;
use crate::personal::Personal;
use crate::scan::{self, Reading};

#[cfg(test)]
mod tests;

/// What is wrong with one field. It names the field and the mend, never the value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldError {
    /// The field, as `class.field`.
    pub field: &'static str,
    /// What to do about it.
    pub problem: String,
}

impl std::fmt::Display for FieldError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.field, self.problem)
    }
}

fn wrong(field: &'static str, problem: impl Into<String>) -> FieldError {
    FieldError { field, problem: problem.into() }
}

impl Content {
    /// Checks every class present.
    ///
    /// # Errors
    /// [`FieldError`] names the first field that is wrong, and the mend.
    pub fn check(&self, purpose: Purpose) -> Result<(), FieldError> {
        self.need.as_ref().map_or(Ok(()), |need| check_need(need, purpose))?;
        self.constraints.as_ref().map_or(Ok(()), check_constraints)?;
        self.level.as_ref().map_or(Ok(()), check_level)?;
        self.eligibility.as_ref().map_or(Ok(()), check_eligibility)?;
        if let Some(note) = &self.note {
            text("note", &note.0, limits::NOTE_CHARS_MAX, Stage::One)?;
        }
        self.professional.as_ref().map_or(Ok(()), check_professional)?;
        self.course.as_ref().map_or(Ok(()), check_course)?;
        self.name.as_ref().map_or(Ok(()), |name| check_name(name, purpose))?;
        self.contact.as_ref().map_or(Ok(()), check_contact)?;
        self.handover.as_ref().map_or(Ok(()), check_handover)?;
        texts("documents", self.documents.as_deref().unwrap_or_default())?;
        if let Some(sensitive) = &self.sensitive {
            text("sensitive", sensitive, limits::NOTE_CHARS_MAX, Stage::Two)?;
        }
        Ok(())
    }
}

/// Checks one text: not empty, not too long, no control or bidi characters, no forbidden number.
///
/// # Errors
/// [`FieldError`] names `field` and the mend.
pub fn text(
    field: &'static str,
    value: &Personal<String>,
    chars_max: usize,
    stage: Stage,
) -> Result<(), FieldError> {
    let value = value.expose();
    if value.trim().is_empty() {
        return Err(wrong(field, "is empty: write it, or leave the field out"));
    }
    if value.chars().count() > chars_max {
        return Err(wrong(field, format!("is too long: {chars_max} characters at most")));
    }
    scan::clean(value).map_err(|error| wrong(field, error.to_string()))?;
    let reading = match stage {
        Stage::One => Reading::StageOne,
        Stage::Two => Reading::StageTwo,
    };
    match scan::scan(value, reading) {
        Some(found) => Err(wrong(field, found.to_string())),
        None => Ok(()),
    }
}

fn texts(field: &'static str, values: &[Personal<String>]) -> Result<(), FieldError> {
    if values.len() > limits::LIST_ENTRIES_MAX {
        return Err(wrong(field, format!("holds too many entries: {} at most", limits::LIST_ENTRIES_MAX)));
    }
    values.iter().try_for_each(|value| text(field, value, limits::NOTE_CHARS_MAX, Stage::Two))
}

fn check_need(need: &Need, purpose: Purpose) -> Result<(), FieldError> {
    if purpose == Purpose::Handover && need.walk_in.is_some() {
        return Err(wrong("need.walk_in", "a handover has no walk-in: leave it out"));
    }
    if need.themes.is_empty() || need.themes.len() > limits::LIST_ENTRIES_MAX {
        return Err(wrong(
            "need.themes",
            format!("one theme at least, {} at most", limits::LIST_ENTRIES_MAX),
        ));
    }
    Ok(())
}

fn check_constraints(constraints: &Constraints) -> Result<(), FieldError> {
    if constraints.0.is_empty() { Err(wrong("constraints", "is empty: leave it out")) } else { Ok(()) }
}

fn check_eligibility(eligibility: &Eligibility) -> Result<(), FieldError> {
    if eligibility.0.is_empty() { Err(wrong("eligibility", "is empty: leave it out")) } else { Ok(()) }
}

fn check_level(level: &Level) -> Result<(), FieldError> {
    let scales = [
        ("level.digital_autonomy", level.digital_autonomy),
        ("level.french_spoken", level.french_spoken),
        ("level.french_read", level.french_read),
    ];
    for (field, value) in scales {
        if value.is_some_and(|value| !(1..=5).contains(&value)) {
            return Err(wrong(field, "goes from 1 to 5"));
        }
    }
    if level.languages.len() > limits::LIST_ENTRIES_MAX {
        return Err(wrong("level.languages", "too many languages"));
    }
    level.languages.iter().try_for_each(|code| language("level.languages", code))
}

/// Checks an ISO 639 code: two or three lower-case letters.
fn language(field: &'static str, code: &str) -> Result<(), FieldError> {
    let fits = (2..=3).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_lowercase());
    if fits {
        Ok(())
    } else {
        Err(wrong(field, "is not a language code of two or three letters, like fr or ar"))
    }
}

fn check_professional(professional: &Professional) -> Result<(), FieldError> {
    short("professional.name", &professional.name)?;
    short("professional.contact", &professional.contact)
}

/// A short text that may hold a phone number or an e-mail address.
fn short(field: &'static str, value: &Personal<String>) -> Result<(), FieldError> {
    text(field, value, limits::TEXT_CHARS_MAX, Stage::Two)
}

fn check_course(course: &Course) -> Result<(), FieldError> {
    if let Some(place) = &course.place {
        short("course.place", place)?;
    }
    if let Some(account) = &course.account {
        text("course.account", account, limits::ACCOUNT_CHARS_MAX, Stage::One)?;
    }
    if course.suggestions.len() > limits::SUGGESTIONS_MAX {
        return Err(wrong("course.suggestions", format!("{} at most", limits::SUGGESTIONS_MAX)));
    }
    Ok(())
}

fn check_name(name: &Name, purpose: Purpose) -> Result<(), FieldError> {
    text("name.given", &name.given, limits::TEXT_CHARS_MAX, Stage::One)?;
    let initial = name.family.expose().trim_end_matches('.');
    if purpose == Purpose::Referral && initial.chars().count() != 1 {
        return Err(wrong("name.family", "a referral carries the initial only: one letter"));
    }
    text("name.family", &name.family, limits::TEXT_CHARS_MAX, Stage::One)
}

fn check_contact(contact: &Contact) -> Result<(), FieldError> {
    if let Some(code) = &contact.language {
        language("contact.language", code)?;
    }
    match (contact.reach, &contact.detail) {
        (Reach::ThroughSender, None) => Ok(()),
        (Reach::ThroughSender, Some(_)) => {
            Err(wrong("contact.detail", "nothing to write when the person is reached through you"))
        }
        (Reach::Phone | Reach::Email | Reach::PresentAt, Some(detail)) => short("contact.detail", detail),
        (Reach::Phone | Reach::Email | Reach::PresentAt, None) => {
            Err(wrong("contact.detail", "write the number, the address, or the days and hours"))
        }
    }
}

fn check_handover(handover: &HandoverContent) -> Result<(), FieldError> {
    texts("handover.done", &handover.done)?;
    texts("handover.pending", &handover.pending)?;
    texts("handover.goals", &handover.goals)?;
    if handover.deadlines.len() > limits::LIST_ENTRIES_MAX {
        return Err(wrong("handover.deadlines", "too many entries"));
    }
    handover
        .deadlines
        .iter()
        .try_for_each(|(_, what)| text("handover.deadlines", what, limits::NOTE_CHARS_MAX, Stage::Two))
}

impl Reason {
    /// The feedback level from which the reason may be told back; below it leaves as `other`.
    pub const fn level_needed(self) -> FeedbackLevel {
        match self {
            Self::Unreachable | Self::DidNotCome | Self::NotInterested | Self::OtherObstacles => {
                FeedbackLevel::Attended
            }
            Self::InEmployment | Self::InTraining => FeedbackLevel::Outcome,
            Self::Full
            | Self::OutsideTerritory
            | Self::NotEligible
            | Self::NotMobile
            | Self::Incomplete
            | Self::BetterServedElsewhere
            | Self::ConsentNotValid
            | Self::Duplicate
            | Self::WithdrawnBySender
            | Self::ConsentLapsed
            | Self::EnteredInError
            | Self::NoLongerNeeded
            | Self::Stopped
            | Self::Expired
            | Self::Superseded
            | Self::Invalidated
            | Self::Withdrawn
            | Self::Renounced
            | Self::Other => FeedbackLevel::Accepted,
        }
    }

    /// The reason as it may leave under `level`.
    pub fn within(self, level: FeedbackLevel) -> Self {
        if self.level_needed() <= level { self } else { Self::Other }
    }

    /// Reasons a receiver may give for refusing.
    pub const REFUSALS: &'static [Self] = &[
        Self::Full,
        Self::OutsideTerritory,
        Self::NotEligible,
        Self::NotMobile,
        Self::Incomplete,
        Self::BetterServedElsewhere,
        Self::ConsentNotValid,
        Self::Other,
    ];

    /// Reasons a receiver may give for letting go after accepting.
    pub const RELEASES: &'static [Self] = &[
        Self::Unreachable,
        Self::DidNotCome,
        Self::NotInterested,
        Self::InEmployment,
        Self::InTraining,
        Self::Duplicate,
        Self::OtherObstacles,
        Self::WithdrawnBySender,
        Self::Other,
    ];

    /// Reasons a sender may give for taking a referral back.
    pub const WITHDRAWALS: &'static [Self] = &[
        Self::ConsentLapsed,
        Self::EnteredInError,
        Self::NoLongerNeeded,
        Self::InEmployment,
        Self::InTraining,
        Self::Duplicate,
        Self::Other,
    ];

    /// Causes of a consent's end.
    pub const CONSENT_ENDS: &'static [Self] =
        &[Self::Stopped, Self::Expired, Self::Superseded, Self::Invalidated];

    /// Reasons of a holder for cancelling a handover.
    pub const CANCELLATIONS: &'static [Self] = &[Self::Withdrawn, Self::Expired, Self::Renounced];
}
