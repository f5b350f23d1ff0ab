//! How things are said on the pages of referrals: in which language, in which time zone, and seen from which instant.

use crate::clock;
use crate::tongue::Tongue;
use crate::visit::Session;
use crate::when::Calendar;
use jiff::Timestamp;
use relais_proto::peer::v1::Name;

/// How near a date must be to be marked, ms.
const SOON_MS: i64 = 48 * 3_600_000;
/// One UTC day, ms.
const DAY_MS: i64 = 86_400_000;

/// Says things.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Teller<'a> {
    /// The language.
    pub(crate) tongue: Tongue,
    /// The time zone.
    pub(crate) calendar: &'a Calendar,
    /// This instant.
    pub(crate) now: Timestamp,
}

/// Whether a date is past, near or far.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Nearness {
    /// It is past.
    Late,
    /// It is within two days.
    Soon,
    /// It is later.
    Far,
}

impl Nearness {
    /// The class of its mark.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Late => "tag late",
            Self::Soon => "tag soon",
            Self::Far => "tag",
        }
    }
}

impl<'a> Teller<'a> {
    /// As this professional reads.
    pub(crate) fn of(session: &'a Session) -> Self {
        Self { tongue: session.tongue(), calendar: session.calendar(), now: clock::now() }
    }

    pub(crate) fn say(&self, key: &str) -> String {
        self.tongue.say(key)
    }

    pub(crate) fn with(&self, key: &str, values: &[(&'static str, &str)]) -> String {
        self.tongue.with(key, values)
    }

    /// A code of a closed list in words; empty for one that is not said, or that this version does not know.
    pub(crate) fn code(&self, name: &str) -> String {
        if name.ends_with("_UNSPECIFIED") {
            return String::new();
        }
        self.say(&spelled(name))
    }

    pub(crate) fn day(&self, ms: i64) -> String {
        self.calendar.day(self.tongue, ms)
    }

    pub(crate) fn instant(&self, ms: i64) -> String {
        self.calendar.instant(self.tongue, ms)
    }

    /// How far away: «dans 2 jours».
    pub(crate) fn distance(&self, ms: i64) -> String {
        self.calendar.distance(self.tongue, ms, self.now)
    }

    pub(crate) fn nearness(&self, ms: i64) -> Nearness {
        let left = ms.saturating_sub(self.now.as_millisecond());
        match left {
            ..0 => Nearness::Late,
            0..SOON_MS => Nearness::Soon,
            SOON_MS.. => Nearness::Far,
        }
    }

    /// A UTC day in words.
    pub(crate) fn utc_day(&self, day: i32) -> String {
        // Noon: the same day in every time zone people here live in.
        self.day(i64::from(day) * DAY_MS + DAY_MS / 2)
    }

    /// A need in words.
    pub(crate) fn theme(&self, code: &str) -> String {
        let plain =
            code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        let words = if plain { self.tongue.maybe(&format!("theme-{code}")) } else { None };
        words.unwrap_or_else(|| code.to_owned())
    }

    /// Needs in words.
    pub(crate) fn themes(&self, codes: &[String]) -> String {
        codes.iter().map(|code| self.theme(code)).collect::<Vec<_>>().join(", ")
    }
}

/// How the word files spell a code: `REASON_BETTER_SERVED_ELSEWHERE` → `reason-better-served-elsewhere`.
pub(crate) fn spelled(name: &str) -> String {
    name.to_ascii_lowercase().replace('_', "-")
}

/// Who the person is, as far as it is known: «Noémie L.».
pub(crate) fn person(name: Option<&Name>) -> String {
    let Some(name) = name else { return String::new() };
    let dot = if name.family.chars().count() == 1 { "." } else { "" };
    format!("{} {}{dot}", name.given, name.family).trim().to_owned()
}

/// Joins what is said, leaving out what is not.
pub(crate) fn joined(parts: &[String], between: &str) -> String {
    let said: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    said.join(between)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tongue::Language;

    #[test]
    fn what_is_past_near_or_far_is_told_apart() {
        let calendar = Calendar::new("Europe/Paris");
        let now = Timestamp::from_millisecond(1_795_345_200_000).unwrap();
        let teller = Teller { tongue: Tongue(Language::French), calendar: &calendar, now };
        for (apart, nearness) in [
            (-1, Nearness::Late),
            (0, Nearness::Soon),
            (SOON_MS - 1, Nearness::Soon),
            (SOON_MS, Nearness::Far),
        ] {
            assert_eq!(teller.nearness(now.as_millisecond() + apart), nearness, "{apart}");
        }
        assert_eq!(teller.utc_day(20_779), "dimanche 22 novembre 2026");
        assert_eq!(teller.theme("<b>"), "<b>", "what is no code is shown as it is, and escaped by the page");
    }

    #[test]
    fn a_person_is_named_as_far_as_known() {
        let name = |given: &str, family: &str| Name { given: given.to_owned(), family: family.to_owned() };
        assert_eq!(person(None), "");
        assert_eq!(person(Some(&name("Noémie", "L"))), "Noémie L.");
        assert_eq!(person(Some(&name("Noémie", "Laurent"))), "Noémie Laurent");
    }
}
