//! Instants in words: «mardi 24 novembre à 14 h 30», «dans 2 jours».

use crate::tongue::{Language, Tongue};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// Writes instants in one time zone.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    zone: TimeZone,
}

impl Calendar {
    /// The calendar of a time zone; UTC when there is none of this name (the configuration was checked).
    pub(crate) fn new(zone: &str) -> Self {
        Self { zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC) }
    }

    fn at(&self, ms: i64) -> Option<Zoned> {
        Some(Timestamp::from_millisecond(ms).ok()?.to_zoned(self.zone.clone()))
    }

    /// «mardi 24 novembre 2026», «dimanche 1er novembre 2026».
    pub(crate) fn day(&self, tongue: Tongue, ms: i64) -> String {
        let Some(at) = self.at(ms) else { return String::new() };
        let weekday = tongue.say(&format!("weekday-{}", at.weekday().to_monday_one_offset()));
        let month = tongue.say(&format!("month-{}", at.month()));
        let day = match (tongue.0, at.day()) {
            (Language::French | Language::Stretched, 1) => "1er".to_owned(),
            (Language::English | Language::French | Language::Stretched, day) => day.to_string(),
        };
        let year = at.year().to_string();
        tongue.with("date-day", &[("weekday", &weekday), ("day", &day), ("month", &month), ("year", &year)])
    }

    /// «mardi 24 novembre 2026 à 14 h 30».
    pub(crate) fn instant(&self, tongue: Tongue, ms: i64) -> String {
        let Some(at) = self.at(ms) else { return String::new() };
        let time = match tongue.0 {
            Language::English => format!("{:02}:{:02}", at.hour(), at.minute()),
            Language::French | Language::Stretched => format!("{}\u{a0}h\u{a0}{:02}", at.hour(), at.minute()),
        };
        tongue.with("date-instant", &[("day", &self.day(tongue, ms)), ("time", &time)])
    }

    /// How far `ms` is from `now`, in whole days or hours: «dans 2 jours», «il y a 3 heures».
    pub(crate) fn distance(&self, tongue: Tongue, ms: i64, now: Timestamp) -> String {
        const HOUR: i64 = 3_600_000;
        let apart = ms.saturating_sub(now.as_millisecond());
        let (hours, days) = (apart.abs() / HOUR, self.days_between(now.as_millisecond(), ms).abs());
        let (unit, number) = if hours < 24 { ("hours", hours) } else { ("days", days) };
        let side = if apart >= 0 { "in" } else { "ago" };
        tongue.count(&format!("date-{side}-{unit}"), number.unsigned_abs())
    }

    /// Midnights between two instants.
    fn days_between(&self, from: i64, to: i64) -> i64 {
        let (Some(from), Some(to)) = (self.at(from), self.at(to)) else { return 0 };
        from.date().until(to.date()).map_or(0, |span| i64::from(span.get_days()))
    }

    /// The instant of a date `2026-11-24` and a time `14:30`, ms; `None` when they are none.
    pub(crate) fn read(&self, date: &str, time: &str) -> Option<i64> {
        let date: jiff::civil::Date = date.parse().ok()?;
        let time: jiff::civil::Time = time.parse().ok()?;
        let at = date.to_datetime(time).to_zoned(self.zone.clone()).ok()?;
        Some(at.timestamp().as_millisecond())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRENCH: Tongue = Tongue(Language::French);

    #[test]
    fn instants_are_written_in_full_where_people_live() {
        let paris = Calendar::new("Europe/Paris");
        let at = paris.read("2026-11-24", "14:30").unwrap();
        assert_eq!(paris.instant(FRENCH, at), "mardi 24 novembre 2026 à 14\u{a0}h\u{a0}30");
        assert_eq!(
            Calendar::new("Indian/Reunion").instant(FRENCH, at),
            "mardi 24 novembre 2026 à 17\u{a0}h\u{a0}30"
        );
        assert_eq!(paris.instant(Tongue(Language::English), at), "Tuesday 24 November 2026 at 14:30");
    }

    #[test]
    fn the_first_of_a_month_is_an_ordinal_in_french_alone() {
        let paris = Calendar::new("Europe/Paris");
        let day = |date, language| paris.day(Tongue(language), paris.read(date, "12:00").unwrap());
        assert_eq!(day("2026-11-01", Language::French), "dimanche 1er novembre 2026");
        assert_eq!(day("2026-11-11", Language::French), "mercredi 11 novembre 2026");
        assert_eq!(day("2026-11-01", Language::English), "Sunday 1 November 2026");
    }

    #[test]
    fn distances_are_counted_in_days_as_people_count_them() {
        let paris = Calendar::new("Europe/Paris");
        let now = Timestamp::from_millisecond(paris.read("2026-11-22", "23:00").unwrap()).unwrap();
        let tell = |date, time| paris.distance(FRENCH, paris.read(date, time).unwrap(), now);
        assert_eq!(tell("2026-11-23", "02:00"), "dans 3 heures");
        assert_eq!(tell("2026-11-24", "09:00"), "dans 2 jours");
        assert_eq!(tell("2026-11-22", "22:00"), "il y a 1 heure");
        assert_eq!(tell("2026-11-20", "08:00"), "il y a 2 jours");
    }

    #[test]
    fn what_is_no_date_is_none() {
        let paris = Calendar::new("Europe/Paris");
        for (date, time) in
            [("", ""), ("2026-02-30", "10:00"), ("24/11/2026", "10:00"), ("2026-11-24", "25:00")]
        {
            assert_eq!(paris.read(date, time), None, "{date} {time}");
        }
    }
}
