//! How the last comparison with each partner ended, as far as this node remembers: since it started.

use super::Directory;
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use std::sync::PoisonError;

/// How a comparison of what both sides hold ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CompareEnd {
    /// Neither side had anything to give.
    NothingNew,
    /// Records go from one to the other.
    Exchanged,
    /// There was more than one comparison may hold.
    Partly,
    /// The other side opened it and was answered: it knows what came of it.
    Answered,
    /// The other side did not answer to the end.
    Unanswered,
    /// What the other side said cannot be read.
    Unreadable,
}

/// The last comparison with a partner.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Compared {
    /// When it ended.
    pub at: Timestamp,
    /// How.
    pub end: CompareEnd,
}

impl Directory {
    /// Notes how a comparison with a partner ended.
    pub(crate) fn note_compared(&self, partner: StructureId, end: CompareEnd) {
        let compared = Compared { at: self.clock.now(), end };
        self.compared.lock().unwrap_or_else(PoisonError::into_inner).insert(partner, compared);
    }

    /// The last comparison with a partner since this node started.
    pub fn compared(&self, partner: StructureId) -> Option<Compared> {
        self.compared.lock().unwrap_or_else(PoisonError::into_inner).get(&partner).copied()
    }
}
