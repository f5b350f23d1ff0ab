//! Endorsements as they are shown, and why one is not made.

use super::DirectoryError;
use relais_domain::directory::{Body, Endorsement, Held, RecordKey, SCOPE_ENTRIES_MAX};
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;

/// Why a structure is not endorsed, or an endorsement is not taken back.
#[derive(Debug, thiserror::Error)]
pub enum EndorseError {
    /// It would hold for too short or too long.
    #[error("a recommendation holds for 30 days at least and 12 months at most")]
    Lifetime,
    /// Too many territories or needs.
    #[error("a recommendation names at most {SCOPE_ENTRIES_MAX} territories and {SCOPE_ENTRIES_MAX} needs")]
    Scope,
    /// A structure would recommend itself.
    #[error("a structure does not recommend itself")]
    Ourselves,
    /// There is nothing to take back.
    #[error("this structure does not recommend that one")]
    NotEndorsed,
    /// The directory could not.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

/// How an endorsement stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EndorsementStanding {
    /// It holds.
    Holds,
    /// Its time is over.
    Ended,
    /// It was taken back.
    Withdrawn,
}

/// An endorsement as it is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShownEndorsement {
    /// Who recommends.
    pub by: StructureId,
    /// Whom.
    pub subject: StructureId,
    /// What it says; nothing any more once it was taken back.
    pub endorsement: Option<Endorsement>,
    /// Since when it says so.
    pub issued_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
    /// How it stands.
    pub standing: EndorsementStanding,
}

/// How an own endorsement stands.
pub(super) fn standing_of(held: &Held, now: Timestamp) -> EndorsementStanding {
    match &held.record.body {
        Body::Withdrawn(_) => EndorsementStanding::Withdrawn,
        Body::Structure(_) | Body::Service(_) | Body::Capacity(_) | Body::Endorsement(_) => {
            if held.record.expires_at > now { EndorsementStanding::Holds } else { EndorsementStanding::Ended }
        }
    }
}

/// An endorsement as it is shown; none for any other record.
pub(super) fn shown(held: &Held, now: Timestamp) -> Option<ShownEndorsement> {
    let Held { record, .. } = held;
    let RecordKey::Endorsement(subject) = record.key() else { return None };
    let endorsement = match &record.body {
        Body::Endorsement(endorsement) => Some(endorsement.as_ref().clone()),
        Body::Structure(_) | Body::Service(_) | Body::Capacity(_) | Body::Withdrawn(_) => None,
    };
    Some(ShownEndorsement {
        by: record.structure,
        subject,
        endorsement,
        issued_at: record.issued_at,
        expires_at: record.expires_at,
        standing: standing_of(held, now),
    })
}
