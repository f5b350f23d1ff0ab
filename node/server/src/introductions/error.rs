//! Why an introduction is not made, confirmed or refused.

use super::INTRODUCTIONS_ASKED_MAX;
use crate::peers::PeerError;
use relais_domain::time::Timestamp;
use relais_store::{CommitError, StoreError};

/// Why an introduction is not made, confirmed or refused.
#[derive(Debug, thiserror::Error)]
pub enum IntroduceError {
    /// There is none.
    #[error("no introduction of this structure waits: `relais introductions` lists them")]
    Unknown,
    /// No partner vouches for it.
    #[error("no partner of yours recommends this structure now: ask one that works with it")]
    NotVouched,
    /// It is this structure.
    #[error("a structure is not introduced to itself")]
    Ourselves,
    /// Its address is not known.
    #[error("this structure's address is not known: say it with --endpoint host:port")]
    NoEndpoint,
    /// One is under way.
    #[error("an introduction of this structure is under way already")]
    UnderWay,
    /// Too many are asked for.
    #[error("{INTRODUCTIONS_ASKED_MAX} introductions are asked for: take one back")]
    TooMany,
    /// The other side said no, and is not asked again before this.
    #[error("this structure said no: it can be asked again 30 days later")]
    SaidNo(Timestamp),
    /// The partner cannot be changed so.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// What is stored of an introduction cannot be read.
    #[error("stored data contradicts itself: an introduction")]
    Corrupt,
    /// The store could not.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl From<StoreError> for IntroduceError {
    fn from(error: StoreError) -> Self {
        Self::Commit(CommitError::Store(error))
    }
}
