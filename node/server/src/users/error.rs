//! Why a user is not added, changed or found.

use super::{NAME_CHARS_MAX, USERS_MAX};
use relais_store::{CommitError, StoreError};

/// Why a user is not added.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// The name does not fit.
    #[error("name: 1 to {NAME_CHARS_MAX} characters, no control characters")]
    Name,
    /// No role.
    #[error("roles: one at least, of counsellor, coordinator, admin, auditor")]
    NoRole,
    /// The name is taken.
    #[error("name: there is a user of this name already")]
    Taken,
    /// Too many users.
    #[error("this node has {USERS_MAX} users, the most it keeps")]
    TooMany,
    /// There is no such user.
    #[error("there is nothing of this name here")]
    NotThere,
    /// Nobody would run the node any more.
    #[error("this is the last admin of the node: make another one first")]
    LastAdmin,
    /// What is stored contradicts itself.
    #[error("stored data contradicts itself: user")]
    Corrupt,
    /// The store could not.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl From<StoreError> for UserError {
    fn from(error: StoreError) -> Self {
        Self::Commit(CommitError::Store(error))
    }
}
