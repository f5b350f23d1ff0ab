//! The classes that leave after an acceptance: who the person is, and what must be known to take over.

use super::{Caution, Reach};
use crate::personal::Personal;
use crate::time::Day;
use std::collections::BTreeSet;

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
