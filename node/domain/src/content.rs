//! What events carry, class by class. Values that concern a person are wrapped in [`Personal`].

pub mod check;
mod codes;

pub use codes::*;

use crate::class::{DataClass, Stage};
use crate::consent::SignedConsent;
use crate::digest::Digest;
use crate::id::{ServiceId, SiteId};
use crate::personal::Personal;
use crate::structure_id::StructureId;
use crate::territory::Territory;
use crate::theme::Theme;
use crate::time::{Day, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Class `need`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Need {
    /// One to three themes.
    pub themes: Vec<Theme>,
    /// How soon.
    pub urgency: Urgency,
    /// The commune, or its EPCI when it is small.
    pub territory: Territory,
    /// The service asked, of the receiver.
    pub service: ServiceId,
    /// The site of the service, if the receiver has several.
    pub site: Option<SiteId>,
    /// How much the receiver may tell back; fixed here for the whole thread.
    pub feedback: FeedbackLevel,
    /// For a walk-in referral: the digest of the receiver's signed standing offer.
    pub walk_in: Option<Digest>,
}

/// Class `constraints`: closed choices only.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Constraints(pub BTreeSet<Constraint>);

/// Class `level`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Level {
    /// Digital autonomy, 1 (none) to 5 (full).
    pub digital_autonomy: Option<u8>,
    /// What the person can use.
    pub equipment: BTreeSet<Equipment>,
    /// What the person can spend on a connection.
    pub connection: Option<Connection>,
    /// Spoken French, 1 to 5.
    pub french_spoken: Option<u8>,
    /// Read French, 1 to 5.
    pub french_read: Option<u8>,
    /// Languages spoken, ISO 639 codes of two or three letters.
    pub languages: Vec<String>,
}

/// Class `eligibility`: the sender's own yes/no statements, no proof attached.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Eligibility(pub BTreeMap<Statement, YesNo>);

/// Class `note`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note(pub Personal<String>);

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

/// Class `name`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Name {
    /// Usual first name.
    pub given: Personal<String>,
    /// The initial of the family name; the whole name for a handover.
    pub family: Personal<String>,
}

/// Class `contact`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contact {
    /// How to reach the person.
    pub reach: Reach,
    /// Phone, e-mail, or the days and hours of presence, as `reach` says.
    pub detail: Option<Personal<String>>,
    /// The language to speak, ISO 639.
    pub language: Option<String>,
    /// What must not be done.
    pub cautions: BTreeSet<Caution>,
}

/// Class `handover`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HandoverContent {
    /// What was done.
    pub done: Vec<Personal<String>>,
    /// What is pending.
    pub pending: Vec<Personal<String>>,
    /// What must be done by when.
    pub deadlines: Vec<(Day, Personal<String>)>,
    /// The person's own goals.
    pub goals: Vec<Personal<String>>,
}

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
