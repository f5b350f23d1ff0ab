//! The classes that say how it goes: questions, who takes contact, what happened, when.

use super::{Outcome, Question, Reason, Reply};
use crate::id::ServiceId;
use crate::personal::Personal;
use crate::structure_id::StructureId;
use crate::time::Timestamp;

/// Class `answer`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Answer {
    /// What was asked.
    pub question: Question,
    /// What was answered; absent in the question itself.
    pub reply: Option<Reply>,
}

/// Class `professional`: a member of staff, never the person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Professional {
    /// Work name.
    pub name: Personal<String>,
    /// Work phone or e-mail.
    pub contact: Personal<String>,
}

/// Class `course`: what happened, as far as the feedback level lets it leave.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Course {
    /// When the appointment is.
    pub appointment: Option<Timestamp>,
    /// Where the appointment is.
    pub place: Option<Personal<String>>,
    /// When a waiting list entry is looked at again.
    pub review: Option<Timestamp>,
    /// Why the thread ended, or why a withdrawal is asked.
    pub reason: Option<Reason>,
    /// What came of it.
    pub outcome: Option<Outcome>,
    /// The person's own account.
    pub account: Option<Personal<String>>,
    /// Better doors, for a refusal.
    pub suggestions: Vec<Suggestion>,
    /// The author's own event whose content is blanked.
    pub voids: Option<u32>,
}

/// A service that may suit better.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Suggestion {
    /// Whose service.
    pub structure: StructureId,
    /// Which one.
    pub service: ServiceId,
}

/// Class `times`: exact instants; the signed skeleton carries the day only.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Times {
    /// When the author's node made the event, by its own clock.
    pub created: Timestamp,
    /// `Sent`: until when an answer is awaited.
    pub deadline: Option<Timestamp>,
    /// Handover: not effective before.
    pub not_before: Option<Timestamp>,
    /// Handover: the offer stands until.
    pub offer_until: Option<Timestamp>,
}
