//! What events carry, class by class. Values that concern a person are wrapped in [`Personal`].

pub mod check;
mod codes;
mod course;
mod stage_one;
mod stage_two;

pub use codes::*;
pub use course::{Answer, Course, Professional, Suggestion, Times};
pub use stage_one::{Constraints, Eligibility, Level, Need, Note};
pub use stage_two::{Contact, HandoverContent, Name};

use crate::class::{DataClass, Stage};
use crate::consent::SignedConsent;
use crate::personal::Personal;
use crate::time::{Day, Timestamp};
use std::collections::BTreeSet;

/// What an author's node erased, what it keeps for which reason until when, and since when no backup can bring it back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Erasure {
    /// The parts erased.
    pub parts: BTreeSet<ContentPart>,
    /// The parts kept, each with its reason and end.
    pub kept: Vec<Kept>,
    /// When it was erased.
    pub erased_at: Timestamp,
    /// From when no backup can bring it back.
    pub backup_horizon: Timestamp,
}

/// One part kept after an erasure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// What.
    pub part: ContentPart,
    /// Why.
    pub basis: KeptBasis,
    /// Until when.
    pub until: Day,
}

/// Everything one event carries. An absent class is `None`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[expect(missing_docs, reason = "each field is the class its type documents")]
pub struct Content {
    pub consent: Option<SignedConsent>,
    pub need: Option<Need>,
    pub constraints: Option<Constraints>,
    pub level: Option<Level>,
    pub eligibility: Option<Eligibility>,
    pub note: Option<Note>,
    pub answer: Option<Answer>,
    pub professional: Option<Professional>,
    pub course: Option<Course>,
    pub times: Option<Times>,
    pub name: Option<Name>,
    pub contact: Option<Contact>,
    pub handover: Option<HandoverContent>,
    pub documents: Option<Vec<Personal<String>>>,
    pub sensitive: Option<Personal<String>>,
    pub erasure: Option<Erasure>,
}

impl Content {
    /// The data classes present. (The consent and an erasure receipt are evidence, not data classes.)
    pub fn classes(&self) -> BTreeSet<DataClass> {
        let present = [
            (DataClass::Need, self.need.is_some()),
            (DataClass::Constraints, self.constraints.is_some()),
            (DataClass::Level, self.level.is_some()),
            (DataClass::Eligibility, self.eligibility.is_some()),
            (DataClass::Note, self.note.is_some()),
            (DataClass::Answer, self.answer.is_some()),
            (DataClass::Professional, self.professional.is_some()),
            (DataClass::Course, self.course.is_some()),
            (DataClass::Times, self.times.is_some()),
            (DataClass::Name, self.name.is_some()),
            (DataClass::Contact, self.contact.is_some()),
            (DataClass::Handover, self.handover.is_some()),
            (DataClass::Documents, self.documents.is_some()),
            (DataClass::Sensitive, self.sensitive.is_some()),
        ];
        present.into_iter().filter(|(_, there)| *there).map(|(class, _)| class).collect()
    }

    /// Whether any class of stage 2 is present.
    pub fn has_stage_two(&self) -> bool {
        self.classes().iter().any(|class| class.stage() == Stage::Two)
    }

    /// A content of `times` alone.
    pub fn at(created: Timestamp) -> Self {
        Self {
            times: Some(Times { created, deadline: None, not_before: None, offer_until: None }),
            ..Self::default()
        }
    }

    /// The same content with this course.
    pub fn with_course(self, course: Course) -> Self {
        Self { course: Some(course), ..self }
    }

    /// The reason carried, if any.
    pub fn reason(&self) -> Option<Reason> {
        self.course.as_ref().and_then(|course| course.reason)
    }
}
