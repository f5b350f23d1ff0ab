//! Opening hours in words. Structures publish them in OpenStreetMap syntax; people read «du lundi au vendredi, de 9 h à
//! 12 h». Source: <https://wiki.openstreetmap.org/wiki/Key:opening_hours>, of which the usual part is read here.

use crate::tongue::Tongue;

/// Days as they are written, Monday first.
const DAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
const SUNDAY: u8 = 7;
const HOLIDAYS: &str = "PH";
const ALWAYS: &str = "24/7";
const CLOSED: [&str; 2] = ["off", "closed"];

/// One or several days; 1 is Monday.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Days {
    One(u8),
    Span(u8, u8),
    Holidays,
}

/// A time of day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Time {
    hour: u8,
    minute: u8,
}

/// When a place is open on some days.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Open {
    Always,
    Never,
    Between(Vec<(Time, Time)>),
}

/// One rule: none of the days stands for every day.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Rule {
    days: Vec<Days>,
    open: Open,
}

/// Hours in words; what is not understood whole stays as it is written.
pub(crate) fn words(tongue: Tongue, hours: &str) -> String {
    let rules: Option<Vec<Rule>> = hours.trim().trim_end_matches(';').split(';').map(rule).collect();
    let Some(rules) = rules else { return hours.to_owned() };
    let said = rules.iter().map(|rule| in_words(tongue, rule));
    said.reduce(|first, then| tongue.with("hours-then", &[("first", &first), ("then", &then)]))
        .unwrap_or_default()
}

fn rule(text: &str) -> Option<Rule> {
    let text = text.trim();
    if text == ALWAYS {
        return Some(Rule { days: Vec::new(), open: Open::Always });
    }
    if let Some(named) = CLOSED.iter().find_map(|closed| text.strip_suffix(closed)) {
        let days = list(named.strip_suffix(' ')?, days)?;
        return Some(Rule { days, open: Open::Never });
    }
    let (named, times) = text.split_at(text.find(|letter: char| letter.is_ascii_digit())?);
    let named = named.trim();
    let days = if named.is_empty() { Vec::new() } else { list(named, days)? };
    Some(Rule { days, open: Open::Between(list(times, between)?) })
}

fn list<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    text.split(',').map(|part| read(part.trim())).collect()
}

fn day(text: &str) -> Option<u8> {
    let place = DAYS.iter().position(|day| *day == text)?;
    u8::try_from(place + 1).ok()
}

fn days(text: &str) -> Option<Days> {
    match text.split_once('-') {
        None if text == HOLIDAYS => Some(Days::Holidays),
        None => day(text).map(Days::One),
        Some((from, to)) => Some(Days::Span(day(from)?, day(to)?)),
    }
}

fn between(text: &str) -> Option<(Time, Time)> {
    let (from, to) = text.split_once('-')?;
    Some((time(from)?, time(to)?))
}

fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    let is_plain =
        |digits: &str| (1..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if !is_plain(hour) || minute.len() != 2 || !is_plain(minute) {
        return None;
    }
    let (hour, minute) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60 || (hour, minute) == (24, 0)).then_some(Time { hour, minute })
}

fn in_words(tongue: Tongue, rule: &Rule) -> String {
    let days = day_words(tongue, &rule.days);
    match &rule.open {
        Open::Always => tongue.say("hours-always"),
        Open::Never => tongue.with("hours-closed", &[("days", &days)]),
        Open::Between(spans) => {
            let spans = spans.iter().map(|(from, to)| {
                tongue.with("hours-from-to", &[("from", &clock(tongue, *from)), ("to", &clock(tongue, *to))])
            });
            tongue.with("hours-open", &[("days", &days), ("times", &joined(tongue, spans.collect()))])
        }
    }
}

fn day_words(tongue: Tongue, days: &[Days]) -> String {
    let name = |day: u8| tongue.say(&format!("weekday-{day}"));
    let mut words = Vec::new();
    for days in days {
        match *days {
            Days::Span(1, SUNDAY) => words.push(tongue.say("hours-every-day")),
            Days::Span(from, to) if from + 1 == to => words.extend([name(from), name(to)]),
            Days::Span(from, to) => {
                words.push(tongue.with("hours-days", &[("from", &name(from)), ("to", &name(to))]));
            }
            Days::One(day) => words.push(name(day)),
            Days::Holidays => words.push(tongue.say("hours-holidays")),
        }
    }
    if words.is_empty() { tongue.say("hours-every-day") } else { joined(tongue, words) }
}

/// «a, b et c».
fn joined(tongue: Tongue, mut words: Vec<String>) -> String {
    let last = words.pop().unwrap_or_default();
    if words.is_empty() {
        return last;
    }
    tongue.with("hours-and", &[("first", &words.join(", ")), ("last", &last)])
}

fn clock(tongue: Tongue, time: Time) -> String {
    let hour = time.hour.to_string();
    if time.minute == 0 {
        return tongue.with("hours-hour", &[("hour", &hour)]);
    }
    tongue.with("hours-minute", &[("hour", &hour), ("minute", &format!("{:02}", time.minute))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tongue::Language;

    fn french(hours: &str) -> String {
        words(Tongue(Language::French), hours).replace('\u{a0}', " ")
    }

    #[test]
    fn usual_hours_are_said_in_words() {
        for (written, said) in [
            ("Mo-Fr 09:00-12:00", "du lundi au vendredi, de 9 h à 12 h"),
            ("Tu,Th 14:00-17:00", "mardi et jeudi, de 14 h à 17 h"),
            ("Tu, Th 14:00-17:30", "mardi et jeudi, de 14 h à 17 h 30"),
            (
                "Mo-We,Fr 09:00-12:00,13:30-17:00",
                "du lundi au mercredi et vendredi, de 9 h à 12 h et de 13 h 30 à 17 h",
            ),
            ("Mo,We,Fr 8:05-12:00", "lundi, mercredi et vendredi, de 8 h 05 à 12 h"),
            ("Sa-Su 10:00-24:00", "samedi et dimanche, de 10 h à 24 h"),
            ("Mo-Su 09:00-12:00", "tous les jours, de 9 h à 12 h"),
            ("09:00-12:00", "tous les jours, de 9 h à 12 h"),
            ("24/7", "à toute heure"),
            ("Mo-Fr 09:00-12:00; PH off;", "du lundi au vendredi, de 9 h à 12 h ; jours fériés : fermé"),
        ] {
            assert_eq!(french(written), said);
        }
        let english = |hours| words(Tongue(Language::English), hours);
        assert_eq!(english("Mo-Fr 09:00-12:30"), "Monday to Friday, 9:00 to 12:30");
        assert_eq!(
            english("Tu,Th 14:00-17:00; PH off"),
            "Tuesday and Thursday, 14:00 to 17:00; public holidays: closed"
        );
    }

    #[test]
    fn what_is_not_understood_stays_as_it_is_written() {
        for written in [
            "",
            "sur rendez-vous",
            "le mardi matin 9h",
            "Mo-Fr",
            "off",
            "Mo-Fr 09:00+",
            "Mo-Fr 9-12",
            "Mo-Fr 09:00-25:00",
            "Mo-Fr 09:00-12:60",
            "Mo-Fr +9:00-12:00",
            "Jan-Mar Mo 09:00-12:00",
            "week 1-53 Mo 09:00-12:00",
            "Mo[1] 09:00-12:00",
            "Mo-Fr 09:00-12:00 \"sur rendez-vous\"",
            "Mo-Fr 09:00-12:00; sunset-23:00",
            "Mo-Fr 09:00-12:00 || Sa 09:00-12:00",
            "<b>Mo</b> 09:00-12:00",
        ] {
            assert_eq!(french(written), written);
        }
    }
}
