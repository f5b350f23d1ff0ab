//! What one partner may cost: how much of a comparison, and how many bytes of third structures' records, whatever
//! streams it opens.

use relais_domain::structure_id::StructureId;
use relais_domain::time::{Span, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Most messages of one comparison that the side that opened sends.
pub(super) const ROUNDS_MAX: u32 = 64;
/// Most bytes of one comparison, both ways: its messages, and every record and manifest of a third structure until the
/// next one opens.
pub(super) const SESSION_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// What may have been under way when the other side counted as many.
const UNDER_WAY: u64 = 512 * 1024;
/// Most records asked for in one comparison.
pub(super) const WANTED_MAX: usize = 8_192;
/// Most records asked for in one comparison that are not held: a few change meanwhile.
pub(super) const UNKNOWN_MAX: usize = 1_024;
/// What asking for a record counts as, in bytes: its identity, and what is around it in a frame.
const ASK_BYTES: usize = 40;
/// How soon after another a comparison may open.
pub(super) const OPENS_AFTER: Span = Span::seconds(2);
/// Most such bytes in an hour, both ways.
pub(super) const HOUR_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What is used up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Over {
    /// The last comparison opened a moment ago.
    TooSoon,
    /// The messages of this comparison.
    Rounds,
    /// The bytes of this comparison, or of this hour.
    Bytes,
    /// The records asked for in this comparison.
    Wanted,
    /// Those asked for that are not held.
    Unknown,
}

/// What one partner has cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Budget {
    opened_at: Option<Timestamp>,
    rounds: u32,
    bytes: u64,
    wanted: usize,
    unknown: usize,
    hour: Option<Timestamp>,
    hour_bytes: u64,
}

impl Budget {
    /// Opens a comparison.
    pub(super) fn open(&mut self, now: Timestamp) -> Result<(), Over> {
        // A clock that was turned back keeps nobody waiting for long.
        let lately = |at: Timestamp| now.is_within(OPENS_AFTER, at);
        if self.opened_at.is_some_and(lately) {
            return Err(Over::TooSoon);
        }
        self.turn_hour(now);
        if self.hour_bytes >= HOUR_BYTES_MAX {
            return Err(Over::Bytes);
        }
        let (hour, hour_bytes) = (self.hour, self.hour_bytes);
        *self = Self { opened_at: Some(now), rounds: 1, hour, hour_bytes, ..Self::default() };
        Ok(())
    }

    /// Goes on with it.
    pub(super) fn round(&mut self) -> Result<(), Over> {
        if self.rounds >= ROUNDS_MAX {
            return Err(Over::Rounds);
        }
        self.rounds += 1;
        if self.has_left() { Ok(()) } else { Err(Over::Bytes) }
    }

    /// Notes bytes that were sent or came.
    pub(super) fn spend(&mut self, bytes: usize, now: Timestamp) {
        self.turn_hour(now);
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.bytes = self.bytes.saturating_add(bytes);
        self.hour_bytes = self.hour_bytes.saturating_add(bytes);
    }

    /// Whether anything may still be sent.
    pub(super) fn has_left(&self) -> bool {
        self.bytes < SESSION_BYTES_MAX && self.hour_bytes < HOUR_BYTES_MAX
    }

    /// Whether more came than the other side may send.
    pub(super) fn is_overrun(&self) -> bool {
        self.bytes > SESSION_BYTES_MAX + UNDER_WAY || self.hour_bytes > HOUR_BYTES_MAX + UNDER_WAY
    }

    /// How many records may still be asked for in this comparison.
    pub(super) fn wanted_left(&self) -> usize {
        WANTED_MAX.saturating_sub(self.wanted)
    }

    /// Notes records that were asked for, whichever side asks.
    pub(super) fn want(&mut self, count: usize, now: Timestamp) -> Result<(), Over> {
        if count > self.wanted_left() {
            return Err(Over::Wanted);
        }
        self.wanted += count;
        self.spend(count.saturating_mul(ASK_BYTES), now);
        if self.is_overrun() { Err(Over::Bytes) } else { Ok(()) }
    }

    /// Notes records asked for that are not held.
    pub(super) fn not_held(&mut self, count: usize) -> Result<(), Over> {
        self.unknown = self.unknown.saturating_add(count);
        if self.unknown > UNKNOWN_MAX { Err(Over::Unknown) } else { Ok(()) }
    }

    fn turn_hour(&mut self, now: Timestamp) {
        let runs = |at: Timestamp| now.is_within(Span::hours(1), at);
        if !self.hour.is_some_and(runs) {
            (self.hour, self.hour_bytes) = (Some(now), 0);
        }
    }
}

/// What each partner has cost, over all its streams.
#[derive(Clone, Debug, Default)]
pub(super) struct Budgets(Arc<Mutex<BTreeMap<StructureId, Budget>>>);

impl Budgets {
    /// Looks at, or changes, what a partner has cost.
    pub(super) fn of<T>(&self, peer: StructureId, with: impl FnOnce(&mut Budget) -> T) -> T {
        with(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(peer).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    #[test]
    fn a_comparison_has_so_many_rounds_bytes_and_records_asked_for() {
        let mut budget = Budget::default();
        budget.open(NOW).unwrap();
        assert!((1..ROUNDS_MAX).all(|_| budget.round() == Ok(())));
        assert_eq!(budget.round(), Err(Over::Rounds));
        assert_eq!((budget.want(WANTED_MAX, NOW), budget.want(1, NOW)), (Ok(()), Err(Over::Wanted)));
        assert_eq!((budget.not_held(UNKNOWN_MAX), budget.not_held(1)), (Ok(()), Err(Over::Unknown)));
        let later = NOW.plus(OPENS_AFTER);
        assert_eq!(budget.open(later.minus(Span(1))), Err(Over::TooSoon));
        budget.open(later).unwrap();
        assert_eq!((budget.wanted_left(), budget.not_held(1)), (WANTED_MAX, Ok(())));
        budget.spend(SESSION_BYTES_MAX as usize - 1, later);
        assert!(budget.has_left() && budget.round() == Ok(()));
        budget.spend(1, later);
        assert!(!budget.has_left() && !budget.is_overrun());
        assert_eq!(budget.round(), Err(Over::Bytes));
        assert_eq!(budget.want(UNDER_WAY as usize / ASK_BYTES / 2, later), Ok(()), "asking costs bytes");
        budget.spend(UNDER_WAY as usize / 2 + 100, later);
        assert!(budget.is_overrun());
        assert_eq!(budget.want(1, later), Err(Over::Bytes));
    }

    #[test]
    fn an_hour_has_so_many_bytes_however_often_one_opens() {
        let mut budget = Budget::default();
        let mut now = NOW;
        for _ in 0..HOUR_BYTES_MAX / SESSION_BYTES_MAX {
            budget.open(now).unwrap();
            budget.spend(SESSION_BYTES_MAX as usize, now);
            now = now.plus(OPENS_AFTER);
        }
        assert_eq!(budget.open(now), Err(Over::Bytes));
        let next = NOW.plus(Span::hours(1));
        assert_eq!(budget.open(next), Ok(()));
        assert!(budget.has_left());
        budget.spend(1, NOW.minus(Span::hours(2)));
        assert_eq!((budget.hour_bytes, budget.open(NOW.minus(Span::hours(2)))), (1, Ok(())));
    }
}
