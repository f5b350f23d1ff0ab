//! Calendar quarters, UTC: the periods that flows are counted by.

use super::{Span, Timestamp, civil};
use crate::limits::QUARTER_CLOSES_AFTER;
use std::fmt;

/// A calendar quarter, UTC: quarters since the first one of 1970.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Quarter(pub i32);

const QUARTERS_A_YEAR: i32 = 4;
const MONTHS_A_QUARTER: i64 = 3;

impl Quarter {
    /// Quarter `number`, 1 to 4, of a year; `None` for another number or a year out of range.
    pub fn of(year: i32, number: u32) -> Option<Self> {
        let number = i32::try_from(number).ok().filter(|number| (1..=QUARTERS_A_YEAR).contains(number))?;
        let years = year.checked_sub(1970)?;
        Some(Self(years.checked_mul(QUARTERS_A_YEAR)?.checked_add(number - 1)?))
    }

    /// Its year.
    pub const fn year(self) -> i32 {
        1970 + self.0.div_euclid(QUARTERS_A_YEAR)
    }

    /// Its number in the year, 1 to 4.
    pub const fn number(self) -> u32 {
        self.0.rem_euclid(QUARTERS_A_YEAR).unsigned_abs() + 1
    }

    /// The one after it; the last that can be written has none and stays.
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// Its first instant.
    pub const fn start(self) -> Timestamp {
        let month = (self.number() as i64 - 1) * MONTHS_A_QUARTER + 1;
        Timestamp(days_before(self.year() as i64, month).saturating_mul(Span::days(1).0))
    }

    /// The first instant after it.
    pub const fn end(self) -> Timestamp {
        self.next().start()
    }

    /// The earliest quarter that is not closed at `now`: those before it ended [`QUARTER_CLOSES_AFTER`] ago or longer.
    pub fn first_open(now: Timestamp) -> Self {
        now.minus(QUARTER_CLOSES_AFTER).quarter()
    }
}

impl Timestamp {
    /// The quarter the instant falls in.
    pub fn quarter(self) -> Quarter {
        let (year, month, _) = civil(self.0.div_euclid(Span::days(1).0));
        let quarters = (year - 1970) * i64::from(QUARTERS_A_YEAR) + (month - 1) / MONTHS_A_QUARTER;
        // The instants that milliseconds can tell reach 300 million years: these quarters all fit.
        Quarter(i32::try_from(quarters).unwrap_or(i32::MAX))
    }
}

/// Days from 1970-01-01 to the first of a month (the same source as [`civil`]).
const fn days_before(year: i64, month: i64) -> i64 {
    let shifted = year - (month <= 2) as i64;
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let month_index = (month + 9) % 12;
    let day_of_year = (153 * month_index + 2) / 5;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

impl fmt::Display for Quarter {
    /// Prints `2026-Q4`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-Q{}", self.year(), self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Day;
    use super::*;

    const MOMENT: Span = Span(1);

    #[test]
    fn quarters_begin_on_their_first_day() {
        let first = |year, number| Quarter::of(year, number).unwrap().start().day().to_string();
        assert_eq!(first(1970, 1), "1970-01-01");
        assert_eq!(first(2026, 4), "2026-10-01");
        assert_eq!(first(2024, 2), "2024-04-01");
        assert_eq!(first(1969, 3), "1969-07-01");
        assert_eq!(first(2000, 1), "2000-01-01");
        assert_eq!(first(2100, 2), "2100-04-01");
    }

    #[test]
    fn every_instant_of_four_centuries_falls_in_one_quarter() {
        for number in -1_600..1_600 {
            let quarter = Quarter(number);
            assert_eq!(quarter.start().quarter(), quarter, "{quarter}");
            assert_eq!(quarter.end().minus(MOMENT).quarter(), quarter, "{quarter}");
            assert_eq!(quarter.start().minus(MOMENT).quarter().next(), quarter, "{quarter}");
            let days = quarter.end().since(quarter.start()).0 / Span::days(1).0;
            assert!((90..=92).contains(&days), "{quarter}: {days} days");
            assert_eq!(Quarter::of(quarter.year(), quarter.number()), Some(quarter));
        }
    }

    #[test]
    fn no_instant_is_out_of_range() {
        for at in [i64::MIN, i64::MIN + 1, -1, 0, i64::MAX - 1, i64::MAX] {
            let quarter = Timestamp(at).quarter();
            assert!(quarter.start() <= Timestamp(at), "{at}");
            assert!(quarter.end() > Timestamp(at) || quarter.end() == Timestamp(i64::MAX), "{at}");
        }
        for quarter in [Quarter(i32::MIN), Quarter(i32::MAX)] {
            assert!(quarter.start() <= quarter.end(), "{quarter}");
        }
    }

    #[test]
    fn a_quarter_closes_some_time_after_its_end() {
        let quarter = Quarter::of(2026, 4).unwrap();
        let closes = quarter.end().plus(QUARTER_CLOSES_AFTER);
        assert_eq!(closes.day(), Day(Quarter::of(2027, 1).unwrap().start().day().0 + 45));
        assert_eq!(Quarter::first_open(closes.minus(MOMENT)), quarter);
        assert_eq!(Quarter::first_open(closes), quarter.next());
    }

    #[test]
    fn another_number_is_no_quarter() {
        for number in [0, 5, u32::MAX] {
            assert_eq!(Quarter::of(2026, number), None);
        }
        assert_eq!(Quarter::of(i32::MAX, 1), None);
        assert_eq!(Quarter::of(2026, 4).unwrap().to_string(), "2026-Q4");
    }
}
