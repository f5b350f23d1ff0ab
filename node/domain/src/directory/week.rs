//! A week of opening hours, read from OpenStreetMap syntax: 48 half-hours a day, so that «open on Saturday» or «after
//! 18:00» is a comparison of bits.
//!
//! Source: <https://wiki.openstreetmap.org/wiki/Key:opening_hours>, of which days and times are read here. What says more
//! (months, weeks, sunrise) is not understood: such hours count as not known, never as closed.

/// Half-hours of a day.
const HALVES: u32 = 48;
/// Minutes of a half-hour.
const HALF_MINUTES: u32 = 30;
/// Days as they are written, Monday first.
const DAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
const HOLIDAYS: &str = "PH";
const ALWAYS: &str = "24/7";
const CLOSED: [&str; 2] = ["off", "closed"];
/// Every half-hour of a day.
const WHOLE_DAY: u64 = (1 << HALVES) - 1;

/// The half-hours of a week in which a place is open, Monday first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Week([u64; 7]);

impl Week {
    /// Reads opening hours; `None` when they say more than days and times, or are no such text.
    pub fn read(hours: &str) -> Option<Self> {
        let mut week = Self::default();
        let mut days = 0;
        for rule in hours.trim().trim_end_matches(';').split(';') {
            days += week.apply(rule.trim())?;
        }
        // Who speaks of holidays alone has said nothing of the week.
        (days > 0).then_some(week)
    }

    /// The half-hours that begin from `from` and before `to` (minutes of the day) on the days that `on` picks (0 is
    /// Monday).
    pub fn slot(on: impl Fn(usize) -> bool, from: u32, to: u32) -> Self {
        let span = span(from, to);
        let mut week = Self::default();
        for (day, halves) in week.0.iter_mut().enumerate() {
            *halves = if on(day) { span } else { 0 };
        }
        week
    }

    /// Whether one half-hour lies in both.
    pub fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }

    /// A later rule replaces an earlier one on the days it names; answers how many these are.
    fn apply(&mut self, rule: &str) -> Option<usize> {
        if rule == ALWAYS {
            self.0 = [WHOLE_DAY; 7];
            return Some(self.0.len());
        }
        let (days, open) = match CLOSED.iter().find_map(|closed| rule.strip_suffix(closed)) {
            Some(days) => (days.trim(), 0),
            None => {
                let (days, times) = rule.split_at(rule.find(|letter: char| letter.is_ascii_digit())?);
                let mut spans = times.split(',').map(|part| between(part.trim()));
                (days.trim(), spans.try_fold(0, |open, span| span.map(|span| open | span))?)
            }
        };
        let named = if days.is_empty() { Some([true; 7]) } else { named_days(days) }?;
        for (halves, _) in self.0.iter_mut().zip(named).filter(|(_, named)| *named) {
            *halves = open;
        }
        Some(named.iter().filter(|named| **named).count())
    }
}

/// The days of a list; public holidays belong to no day of the week.
fn named_days(text: &str) -> Option<[bool; 7]> {
    let mut named = [false; 7];
    for part in text.split(',').map(str::trim).filter(|part| *part != HOLIDAYS) {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to) = (day(from)?, day(to)?);
        for (place, one) in named.iter_mut().enumerate() {
            let inside = if from <= to { (from..=to).contains(&place) } else { place >= from || place <= to };
            *one |= inside;
        }
    }
    Some(named)
}

fn day(text: &str) -> Option<usize> {
    DAYS.iter().position(|day| *day == text.trim())
}

fn between(text: &str) -> Option<u64> {
    let (from, to) = text.split_once('-')?;
    let (from, to) = (minutes(from)?, minutes(to)?);
    // Past midnight, what is left of the day.
    Some(if from < to { span(from, to) } else { span(from, HALVES * HALF_MINUTES) })
}

fn minutes(text: &str) -> Option<u32> {
    let (hour, minute) = text.trim().split_once(':')?;
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60 || (hour, minute) == (24, 0)).then_some(hour * 60 + minute)
}

/// The half-hours that a span of minutes touches.
fn span(from: u32, to: u32) -> u64 {
    let first = from / HALF_MINUTES;
    let end = to.div_ceil(HALF_MINUTES).min(HALVES);
    (first..end).fold(0, |halves, half| halves | 1 << half)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saturday() -> Week {
        Week::slot(|day| day == 5, 0, 24 * 60)
    }

    fn evening() -> Week {
        Week::slot(|_| true, 18 * 60, 24 * 60)
    }

    #[test]
    fn days_and_times_are_read() {
        let week = Week::read("Mo-Fr 09:00-12:00,14:00-18:00; Sa 10:00-12:00; PH off").unwrap();
        assert!(week.meets(&saturday()) && !week.meets(&evening()));
        assert!(week.meets(&Week::slot(|day| day == 2, 14 * 60, 14 * 60 + 30)));
        assert!(!week.meets(&Week::slot(|day| day == 2, 12 * 60, 14 * 60)), "closed at noon");
        assert!(!week.meets(&Week::slot(|day| day == 6, 0, 24 * 60)), "nothing said of Sunday");
        assert!(Week::read("Th 17:00-19:30").unwrap().meets(&evening()));
        assert!(Week::read("24/7").unwrap().meets(&evening()));
        assert!(Week::read("Fr-Mo 10:00-11:00").unwrap().meets(&saturday()), "round the week's end");
        assert!(Week::read("Mo 20:00-02:00").unwrap().meets(&evening()), "past midnight");
    }

    #[test]
    fn a_later_rule_takes_the_place_of_an_earlier_one() {
        let week = Week::read("Mo-Sa 09:00-12:00; Sa off").unwrap();
        assert!(!week.meets(&saturday()));
        assert!(week.meets(&Week::slot(|day| day == 0, 9 * 60, 10 * 60)));
    }

    #[test]
    fn what_says_more_is_not_known() {
        for hours in [
            "Jan-Mar 09:00-12:00",
            "sunrise-sunset",
            "Mo 9h-12h",
            "sur rendez-vous",
            "",
            "PH off",
            "PH 10:00-12:00",
            "Mo 25:00-26:00",
        ] {
            assert_eq!(Week::read(hours), None, "{hours}");
        }
    }
}
