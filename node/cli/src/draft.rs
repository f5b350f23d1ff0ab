//! A referral or a handover while it is written: from a file, from flags, from questions on a terminal. What is in the
//! node's hands to judge (lengths, forbidden numbers, what the consent covers) is not judged here.

pub(crate) mod ask;
mod build;
mod file;
pub(crate) mod flags;
mod places;

pub(crate) use build::Completion;
pub(crate) use file::{FORMAT, read_contact, read_name};

use crate::when::When;
use relais_domain::class::DataClass;
use relais_domain::consent::{GivenHow, Interpreter, Presence, TeachBack};
use relais_domain::content::{Constraint, FeedbackLevel, Statement, Urgency, YesNo};
use relais_proto::desk::v1::Signing;
use relais_proto::peer::v1 as peer;

/// What is written so far. It has no `Debug`: it holds who the person is.
#[derive(Clone, Default)]
pub(crate) struct Draft {
    /// The structure it is for, as typed: name, id, or the beginning of one.
    pub(crate) to: Option<String>,
    /// The service asked.
    pub(crate) service: Option<String>,
    /// How the person comes to it.
    pub(crate) coming: Coming,
    /// The standing offer of a walk-in referral, once found.
    pub(crate) offer: Option<Vec<u8>>,
    /// Needs, as data·inclusion codes.
    pub(crate) themes: Vec<String>,
    /// How soon.
    pub(crate) urgency: Option<Urgency>,
    /// Code of a commune, present or former, or of another territory.
    pub(crate) commune: Option<String>,
    /// Practical constraints.
    pub(crate) constraints: Vec<Constraint>,
    /// What the person can use and speak.
    pub(crate) level: peer::Level,
    /// Statements on eligibility.
    pub(crate) eligibility: Vec<(Statement, YesNo)>,
    /// A note.
    pub(crate) note: Option<String>,
    /// Who the person is.
    pub(crate) name: Option<peer::Name>,
    /// How to reach them.
    pub(crate) contact: Option<peer::Contact>,
    /// Where a follow-up stands that is handed over.
    pub(crate) handover: Option<peer::Handover>,
    /// Documents, handover only.
    pub(crate) documents: Vec<String>,
    /// GDPR article 9, handover only.
    pub(crate) sensitive: Option<String>,
    /// What the person agreed to.
    pub(crate) consent: Agreed,
    /// Until when an answer is awaited.
    pub(crate) deadline: Option<When>,
    /// The follow-up, as typed.
    pub(crate) follow_up: Option<String>,
    /// Until when a handover is offered.
    pub(crate) offer_until: Option<When>,
    /// How the change of responsibility is signed.
    pub(crate) signing: Option<Signing>,
}

/// What the person agreed to, so far.
#[derive(Clone, Default)]
pub(crate) struct Agreed {
    /// Classes; never filled in without being asked.
    pub(crate) classes: Vec<DataClass>,
    /// Needs; those of the draft when empty.
    pub(crate) themes: Vec<String>,
    /// How much may be told back; the least when not said.
    pub(crate) feedback: Option<FeedbackLevel>,
    /// From which stage the name may leave; after acceptance when not said.
    pub(crate) name_stage: Option<peer::Stage>,
    /// How it was given.
    pub(crate) given: Option<GivenHow>,
    /// In which language; French when not said.
    pub(crate) language: Option<String>,
    /// Who interpreted; nobody when not said.
    pub(crate) interpreter: Option<Interpreter>,
    /// Whether it was said back; not done when not said.
    pub(crate) teach_back: Option<TeachBack>,
    /// Who stood beside; nobody when not said.
    pub(crate) presence: Option<Presence>,
    /// Until when it holds.
    pub(crate) valid_until: Option<When>,
    /// Structures it may be passed on to, as typed.
    pub(crate) onward: Vec<String>,
    /// The notice shown.
    pub(crate) notice_id: Option<String>,
    /// The notice's language.
    pub(crate) notice_language: Option<String>,
}

/// How the person comes to the service.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Coming {
    /// The service answers first, and then takes contact.
    #[default]
    Answered,
    /// By themselves, in the hours of a standing offer; nothing of who they are leaves.
    WalkIn,
}

/// Referral or handover.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// Asks another structure to do something.
    Referral,
    /// Hands a follow-up over.
    Handover,
}

impl Draft {
    /// The fields still missing, as a file names them.
    pub(crate) fn missing(&self, kind: Kind) -> Vec<&'static str> {
        let mut missing = vec![
            ("to", self.to.is_none()),
            ("service", self.service.is_none()),
            ("need.themes", self.themes.is_empty()),
            ("need.urgency", self.urgency.is_none()),
            ("need.commune", self.commune.is_none()),
            ("consent.classes", self.consent.classes.is_empty()),
            ("consent.given", self.consent.given.is_none()),
        ];
        if kind == Kind::Handover {
            missing.push(("follow_up", self.follow_up.is_none()));
            missing.push(("handover", self.handover.is_none()));
        }
        missing.into_iter().filter(|(_, missing)| *missing).map(|(field, _)| field).collect()
    }
}
