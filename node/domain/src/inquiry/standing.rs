//! How an inquiry stands with each partner that was asked, as it is shown.

use super::answer::{Answer, AnswerKind, Held};
use crate::structure_id::StructureId;
use crate::time::Timestamp;

/// A partner that was asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// Which.
    pub partner: StructureId,
    /// When its node was told first; `None` before.
    pub sent_at: Option<Timestamp>,
    /// What it answered.
    pub held: Option<Held>,
}

/// How an inquiry stands with one partner.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Standing {
    /// It answered.
    Answered,
    /// Its node was told; there is no answer yet.
    Asked,
    /// Its node has not been reached yet.
    NotReached,
    /// It expired without an answer.
    NoAnswer,
}

impl Asked {
    /// A partner that is to be asked.
    pub fn new(partner: StructureId) -> Self {
        Self { partner, sent_at: None, held: None }
    }

    /// How the inquiry stands with it.
    pub fn standing(&self, expires_at: Timestamp, now: Timestamp) -> Standing {
        match (self.answer(), self.sent_at) {
            (Some(_), _) => Standing::Answered,
            (None, _) if now >= expires_at => Standing::NoAnswer,
            (None, Some(_)) => Standing::Asked,
            (None, None) => Standing::NotReached,
        }
    }

    /// What it answers; `None` before, and once it took that back.
    pub fn answer(&self) -> Option<&Answer> {
        self.held.as_ref().and_then(Held::said)
    }

    /// When it took back what it had answered; `None` when it did not.
    pub fn taken_back_at(&self) -> Option<Timestamp> {
        let held = self.held.as_ref().filter(|held| held.said().is_none());
        held.map(|held| held.answer.answered_at)
    }

    fn kind(&self) -> Option<AnswerKind> {
        self.answer().map(|answer| answer.kind)
    }

    /// What orders partners for who looks: who can take it, who has a list, who cannot; then who is still to answer.
    pub fn order(
        &self,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> (Standing, Option<AnswerKind>, StructureId) {
        (self.standing(expires_at, now), self.kind(), self.partner)
    }
}

/// How far an inquiry is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// How many were asked.
    pub asked: usize,
    /// How many answered.
    pub answered: usize,
    /// How many can take it.
    pub can_take: usize,
}

impl Progress {
    /// Counts partners.
    pub fn of(partners: &[Asked]) -> Self {
        let answers = || partners.iter().filter_map(Asked::kind);
        Self {
            asked: partners.len(),
            answered: answers().count(),
            can_take: answers().filter(|kind| *kind == AnswerKind::CanTake).count(),
        }
    }
}
