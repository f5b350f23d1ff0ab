//! Dates as people type and read them, in the time of Paris; inside, instants are milliseconds since 1970 (UTC).

use crate::exit::Failure;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Span, Timestamp as Instant, Zoned};
use relais_domain::time::Timestamp;

/// The time zone in which dates are typed and printed.
const ZONE: &str = "Europe/Paris";
/// What can be typed, for help and errors.
pub(crate) const FORMS: &str = "2026-12-01T10:00 (time of Paris), or from now: +45m, +2h, +3d, +2w";
/// Most units in one distance from now.
const UNITS_MAX: i64 = 9_999;

/// A date as it was typed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum When {
    /// A date and time of Paris.
    At(DateTime),
    /// So long from now.
    In(Span),
}

impl When {
    /// Reads `2026-12-01T10:00`, `2026-12-01 10:00`, `+45m`, `+2h`, `+3d` or `+2w`.
    ///
    /// # Errors
    /// A sentence that says what can be typed.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        match text.strip_prefix('+') {
            Some(distance) => read_distance(distance).map(Self::In),
            None => read_date(text).map(Self::At),
        }
        .ok_or_else(|| format!("not a date; write {FORMS}"))
    }

    /// The instant meant, seen from `now`.
    ///
    /// # Errors
    /// [`Failure`] naming `field` when the clocks jump over the time in that night, or when it is beyond any calendar.
    pub(crate) fn instant(self, field: &str, now: Timestamp) -> Result<Timestamp, Failure> {
        let beyond = |_| Failure::input(field, "is beyond any calendar");
        match self {
            Self::At(date) => {
                let zoned = zone().into_ambiguous_zoned(date);
                if matches!(zoned.offset(), AmbiguousOffset::Gap { .. }) {
                    return Err(Failure::input(field, "does not exist: clocks go forward in that night"));
                }
                zoned.compatible().map(|zoned| milliseconds(&zoned)).map_err(beyond)
            }
            Self::In(span) => local(now)
                .and_then(|now| now.checked_add(span))
                .map(|then| milliseconds(&then))
                .map_err(beyond),
        }
    }
}

fn read_distance(text: &str) -> Option<Span> {
    let unit = text.chars().next_back()?;
    let count: i64 = text.strip_suffix(unit)?.parse().ok()?;
    let plain = text.bytes().next()?.is_ascii_digit() && (1..=UNITS_MAX).contains(&count);
    let span = match unit {
        'm' => Span::new().try_minutes(count),
        'h' => Span::new().try_hours(count),
        'd' => Span::new().try_days(count),
        'w' => Span::new().try_weeks(count),
        _ => return None,
    };
    span.ok().filter(|_| plain)
}

fn read_date(text: &str) -> Option<DateTime> {
    let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
    formats.iter().find_map(|format| DateTime::strptime(format, text).ok())
}

fn zone() -> TimeZone {
    TimeZone::get(ZONE).unwrap_or(TimeZone::UTC)
}

fn local(at: Timestamp) -> Result<Zoned, jiff::Error> {
    Instant::from_millisecond(at.0).map(|instant| instant.to_zoned(zone()))
}

fn milliseconds(zoned: &Zoned) -> Timestamp {
    Timestamp(zoned.timestamp().as_millisecond())
}

/// An instant (ms) as a human reads it: `2026-12-01 10:00`, time of Paris.
pub(crate) fn human(at_ms: i64) -> String {
    local(Timestamp(at_ms))
        .map_or_else(|_| "?".to_owned(), |zoned| zoned.strftime("%Y-%m-%d %H:%M").to_string())
}

/// An instant (ms) with its seconds, for timelines.
pub(crate) fn human_seconds(at_ms: i64) -> String {
    local(Timestamp(at_ms))
        .map_or_else(|_| "?".to_owned(), |zoned| zoned.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// An instant (ms) for scripts: RFC 3339 in UTC with milliseconds.
pub(crate) fn machine(at_ms: i64) -> Option<String> {
    Instant::from_millisecond(at_ms).ok().map(|instant| format!("{instant:.3}"))
}

/// A UTC day (days since 1970-01-01) as `2026-12-01`.
pub(crate) fn day(day: i32) -> String {
    let start = relais_domain::time::Day(day).start();
    let date = Instant::from_millisecond(start.0).map(|instant| instant.to_zoned(TimeZone::UTC).date());
    date.map_or_else(|_| "?".to_owned(), |date| date.to_string())
}

/// Reads `2026-12-01` as a UTC day; `None` for anything else.
pub(crate) fn read_day(text: &str) -> Option<i32> {
    let date = jiff::civil::Date::strptime("%Y-%m-%d", text.trim()).ok()?;
    let start = date.to_zoned(TimeZone::UTC).ok()?;
    Some(milliseconds(&start).day().0)
}

/// A span of milliseconds in words: `12 ms`, `3.4 s`, `7 min`, `5 h`, `3 days`.
pub(crate) fn span(ms: i64) -> String {
    let seconds = ms.abs() / 1_000;
    match ms.abs() {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{:.1} s", ms as f64 / 1_000.0),
        60_000..3_600_000 => format!("{} min", ms.signum() * (seconds / 60)),
        3_600_000..172_800_000 => format!("{} h", ms.signum() * (seconds / 3_600)),
        _ => format!("{} days", ms.signum() * (seconds / 86_400)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-22 12:00 in Paris.
    const NOON: Timestamp = Timestamp(1_795_345_200_000);

    fn at(text: &str) -> String {
        let when = When::parse(text).expect("a date");
        human(when.instant("date", NOON).expect("an instant").0)
    }

    #[test]
    fn dates_are_those_of_paris() {
        assert_eq!(human(NOON.0), "2026-11-22 12:00");
        assert_eq!(at("2026-12-01T10:00"), "2026-12-01 10:00");
        assert_eq!(at(" 2026-07-01 10:00 "), "2026-07-01 10:00");
        let winter =
            When::parse("2026-12-01T10:00").expect("a date").instant("date", NOON).expect("an instant");
        assert_eq!(machine(winter.0).as_deref(), Some("2026-12-01T09:00:00.000Z"));
    }

    #[test]
    fn distances_count_from_now() {
        assert_eq!(at("+45m"), "2026-11-22 12:45");
        assert_eq!(at("+2h"), "2026-11-22 14:00");
        assert_eq!(at("+3d"), "2026-11-25 12:00");
        assert_eq!(at("+2w"), "2026-12-06 12:00");
    }

    #[test]
    fn a_day_keeps_its_hour_when_clocks_change() {
        let before = Timestamp(
            When::parse("2027-03-27T12:00").expect("a date").instant("date", NOON).expect("an instant").0,
        );
        let after = When::parse("+1d").expect("a distance").instant("date", before).expect("an instant");
        assert_eq!(human(after.0), "2027-03-28 12:00");
        assert_eq!(after.0 - before.0, 23 * 3_600_000);
    }

    #[test]
    fn what_is_no_date_is_refused_with_the_forms() {
        for text in [
            "",
            "+",
            "+3",
            "+d",
            "+0d",
            "+-3d",
            "++3d",
            "+99999d",
            "tomorrow",
            "2026-13-01T10:00",
            "2026-12-01",
            "10:00",
            "+3é",
        ] {
            assert!(When::parse(text).is_err_and(|said| said.contains("+3d")), "{text}");
        }
    }

    #[test]
    fn an_hour_that_does_not_exist_is_refused() {
        let gap = When::parse("2027-03-28T02:30").expect("a date").instant("deadline", NOON);
        assert_eq!(gap.expect_err("clocks go forward").field.as_deref(), Some("deadline"));
    }

    #[test]
    fn days_come_back() {
        assert_eq!(read_day("2026-12-01").map(day).as_deref(), Some("2026-12-01"));
        assert_eq!(read_day("2026-02-30"), None);
    }

    #[test]
    fn spans_are_short() {
        assert_eq!([span(12), span(-3_400), span(420_000)], ["12 ms", "-3.4 s", "7 min"]);
        assert_eq!([span(18_000_000), span(259_200_000)], ["5 h", "3 days"]);
    }
}
