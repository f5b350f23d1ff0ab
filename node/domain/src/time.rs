//! Instants, days and spans. `now` always comes in as an argument; this room owns no clock.

mod quarter;

pub use quarter::Quarter;

use std::fmt;

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Timestamp(pub i64);

/// A span: milliseconds, never negative by convention.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Span(pub i64);

/// A UTC calendar day: days since 1970-01-01. The signed skeleton of an event carries no finer time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Day(pub i32);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of `n` seconds.
    pub const fn seconds(n: i64) -> Self {
        Self(n * 1_000)
    }

    /// A span of `n` minutes.
    pub const fn minutes(n: i64) -> Self {
        Self::seconds(n * 60)
    }

    /// A span of `n` hours.
    pub const fn hours(n: i64) -> Self {
        Self::minutes(n * 60)
    }

    /// A span of `n` times 24 hours.
    pub const fn days(n: i64) -> Self {
        Self::hours(n * 24)
    }
}

impl Timestamp {
    /// The instant `span` later, saturating.
    pub const fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// The instant `span` earlier, saturating.
    pub const fn minus(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }

    /// The span from `earlier` to `self`; negative when `earlier` is later.
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// Whether less than `span` has passed since `earlier`. A clock that was set back keeps nobody waiting: what then lies
    /// in the future is long ago.
    pub fn is_within(self, span: Span, earlier: Self) -> bool {
        (Span::ZERO..span).contains(&self.since(earlier))
    }

    /// The UTC day the instant falls on.
    pub fn day(self) -> Day {
        let day = self.0.div_euclid(Span::days(1).0);
        Day(i32::try_from(day).unwrap_or(if day < 0 { i32::MIN } else { i32::MAX }))
    }
}

impl Day {
    /// The first instant of the day, UTC.
    pub const fn start(self) -> Timestamp {
        Timestamp(self.0 as i64 * Span::days(1).0)
    }

    /// Whether the day is a Saturday or a Sunday.
    pub const fn is_weekend(self) -> bool {
        // 1970-01-01 was a Thursday.
        matches!((self.0.rem_euclid(7) + 3).rem_euclid(7), 5 | 6)
    }
}

/// The instant `count` working days after `from` (Saturdays and Sundays do not count; public holidays do, so that
/// a due date never moves later by a table that two nodes hold in different versions).
pub fn working_days_after(from: Timestamp, count: u32) -> Timestamp {
    let mut at = from;
    let mut left = count;
    while left > 0 {
        at = at.plus(Span::days(1));
        if !at.day().is_weekend() {
            left -= 1;
        }
    }
    at
}

impl fmt::Display for Day {
    /// Prints `YYYY-MM-DD` (proleptic Gregorian).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(i64::from(self.0));
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// Year, month and day of the month of a day counted from 1970-01-01 (Howard Hinnant, "chrono-compatible date
/// algorithms").
const fn civil(day: i64) -> (i64, i64, i64) {
    let z = day + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    let year = year_of_era + era * 400 + (month <= 2) as i64;
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_print_as_dates() {
        assert_eq!(Day(0).to_string(), "1970-01-01");
        assert_eq!(Day(20_779).to_string(), "2026-11-22");
        assert_eq!(Day(19_782).to_string(), "2024-02-29");
        assert!(Day(20_779).is_weekend());
        assert!(!Day(20_780).is_weekend());
    }

    #[test]
    fn working_days_skip_the_weekend() {
        let friday = Day(20_777).start();
        assert_eq!(working_days_after(friday, 1).day(), Day(20_780));
        assert_eq!(working_days_after(friday, 10).day(), Day(20_791));
    }
}
