//! The plan of what goes wrong, by the number of the commit.

use std::collections::BTreeMap;

/// What goes wrong at a commit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The machine dies before the batch is durable: the caller hears `Unavailable`, nothing of it is kept.
    CrashBefore,
    /// The machine dies after the batch is durable, before the answer: the caller hears `Unavailable`, all is kept.
    CrashAfter,
    /// The disk is full: nothing is kept, the store goes on.
    Full,
    /// Someone else was faster: nothing is kept, the store goes on.
    Conflict,
}

impl Fault {
    /// Every fault.
    pub const ALL: &'static [Self] = &[Self::CrashBefore, Self::CrashAfter, Self::Full, Self::Conflict];
}

/// Which commits go wrong, counted from 1 in the order they are asked for.
#[derive(Clone, Debug, Default)]
pub struct Faults(BTreeMap<u64, Fault>);

impl Faults {
    /// Nothing goes wrong.
    pub fn none() -> Self {
        Self::default()
    }

    /// One commit goes wrong.
    pub fn at(commit: u64, fault: Fault) -> Self {
        Self::none().and(commit, fault)
    }

    /// The same plan with one more commit that goes wrong.
    pub fn and(mut self, commit: u64, fault: Fault) -> Self {
        self.0.insert(commit, fault);
        self
    }

    pub(super) fn of_commit(&self, number: u64) -> Option<Fault> {
        self.0.get(&number).copied()
    }
}
