//! How often one asks and is asked.
//!
//! What one node asks of a partner stays below what that partner takes: an honest node is never refused for it, even when
//! everything that was open comes at once to a partner that was away, and what is asked in that hour with it.

use crate::time::{Span, Timestamp};

/// What a node asks of one partner at most.
pub const ASKED_OF_PARTNER: Quota = Quota { hour: 20, day: 60, open: 20 };
/// What a node takes of one partner at most; the rest is not answered.
pub const TAKEN_OF_PARTNER: Quota = Quota { hour: 40, day: 100, open: 50 };

/// Whether an inquiry still awaits an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pending {
    /// It does.
    Yes,
    /// It was answered, or has expired.
    No,
}

/// How many inquiries there were between two nodes, one way.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Load {
    /// In the last hour.
    pub hour: usize,
    /// In the last 24 hours.
    pub day: usize,
    /// How many await an answer.
    pub open: usize,
}

/// The most of each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Quota {
    /// In an hour.
    pub hour: usize,
    /// In 24 hours.
    pub day: usize,
    /// Awaiting an answer at a time.
    pub open: usize,
}

impl Load {
    /// Counts inquiries by when they were asked.
    pub fn of(inquiries: impl IntoIterator<Item = (Timestamp, Pending)>, now: Timestamp) -> Self {
        let mut load = Self::default();
        for (at, pending) in inquiries {
            load.hour += usize::from(is_within(at, Span::hours(1), now));
            load.day += usize::from(is_within(at, Span::hours(24), now));
            load.open += usize::from(pending == Pending::Yes);
        }
        load
    }
}

/// Whether `at` lies in the last `span`; what a clock that went back left in the future does too.
pub(super) fn is_within(at: Timestamp, span: Span, now: Timestamp) -> bool {
    now.since(at) < span
}

impl Quota {
    /// Whether there is room for one more.
    pub fn has_room(&self, load: Load) -> bool {
        load.hour < self.hour && load.day < self.day && load.open < self.open
    }
}
