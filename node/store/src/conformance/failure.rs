//! A promise not kept, and the few comparisons the suite is written with.

use crate::{CommitError, StoreError};
use std::fmt;
use std::panic::Location;

/// A promise that a store did not keep.
#[derive(Debug)]
pub struct Failure {
    rule: &'static str,
    what: String,
    at: &'static Location<'static>,
}

impl Failure {
    /// A failure at the caller's place.
    #[track_caller]
    pub fn new(what: impl Into<String>) -> Self {
        Self { rule: "", what: what.into(), at: Location::caller() }
    }

    /// The same failure, met while doing `what`.
    pub(super) fn during(self, what: &str) -> Self {
        Self { what: format!("{what}: {}", self.what), ..self }
    }

    pub(super) fn of(self, rule: &'static str) -> Self {
        Self { rule, ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (at {})", self.rule, self.what, self.at)
    }
}

impl std::error::Error for Failure {}

impl From<StoreError> for Failure {
    #[track_caller]
    fn from(error: StoreError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<CommitError> for Failure {
    #[track_caller]
    fn from(error: CommitError) -> Self {
        Self::new(error.to_string())
    }
}

/// Fails unless the two are equal.
#[track_caller]
pub(super) fn equal<T: PartialEq + fmt::Debug>(found: T, promised: T) -> Result<(), Failure> {
    if found == promised {
        return Ok(());
    }
    Err(Failure::new(format!("found {found:?}, promised {promised:?}")))
}

/// Fails unless the commit was refused because the facts have changed.
#[track_caller]
pub(super) fn conflict(answer: Result<(), CommitError>) -> Result<(), Failure> {
    match answer {
        Err(CommitError::Conflict) => Ok(()),
        Ok(()) => Err(Failure::new("committed, where a conflict was promised")),
        Err(CommitError::Store(error)) => {
            Err(Failure::new(format!("{error}, where a conflict was promised")))
        }
    }
}

/// What is there; fails when nothing is.
#[track_caller]
pub(super) fn there<T>(found: Option<T>) -> Result<T, Failure> {
    found.ok_or_else(|| Failure::new("nothing there"))
}
