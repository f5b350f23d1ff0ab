//! Why a service is proposed, in the words of the page.

use super::seen;
use crate::pages::remark;
use crate::pages::thread::Teller;
use crate::tongue::{Language, Tongue};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use relais_proto::desk::v1::{FindFilter, FoundReason, FoundReasonKind as Kind, FoundService};

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// Each reason in words, but the hours of a standing offer: they stand by the button of the slip.
pub(super) fn words(teller: &Teller<'_>, found: &FoundService) -> Vec<String> {
    let mut words = remark::each(&found.coded_reasons, &found.reasons, |reason| in_words(teller, reason));
    words.retain(|one| !one.is_empty());
    words
}

fn in_words(teller: &Teller<'_>, reason: &FoundReason) -> Option<String> {
    let tongue = teller.tongue;
    let said = match reason.kind() {
        Kind::Unspecified => return None,
        Kind::SameCommune => tongue.say("found-same-commune"),
        Kind::Distance => tongue.with("found-distance", &[("km", &kilometres(tongue, reason.number))]),
        Kind::DistanceUnknown => tongue.say("found-distance-unknown"),
        Kind::Remote => tongue.say("found-remote"),
        Kind::Places => said(teller, tongue.count("found-places", reason.number.into()), reason),
        Kind::NoPlaces => said(teller, tongue.say("found-no-places"), reason),
        Kind::Waiting if reason.number == 0 => tongue.say("found-at-once"),
        Kind::Waiting => tongue.count("found-waiting", reason.number.into()),
        Kind::CapacityUnknown => tongue.say("found-capacity-unknown"),
        Kind::Free => tongue.say("found-free"),
        Kind::Paid => tongue.say("found-paid"),
        Kind::Languages => {
            let names: Vec<String> =
                reason.languages.iter().map(|code| seen::language(tongue, code)).collect();
            tongue.with("found-languages", &[("languages", &names.join(", "))])
        }
        Kind::WalkIn => String::new(),
        Kind::NameNeeded => tongue.say("found-name-needed"),
        Kind::Answers if reason.number == 0 => tongue.say("found-answers-at-once"),
        Kind::Answers => tongue.count("found-answers", reason.number.into()),
        Kind::Unanswered => {
            let (left, of) = (reason.number.to_string(), reason.of.to_string());
            tongue.with("found-unanswered", &[("left", &left), ("of", &of)])
        }
        Kind::NotSaid => tongue.say(not_said(reason.filter())?),
        Kind::Described => tongue.with("found-described", &[("year", &year(reason.stated_ms())?)]),
        Kind::Vouched => tongue.say("found-vouched"),
        Kind::Awaited => tongue.say("found-awaited"),
        Kind::Stranger => tongue.say("found-stranger"),
        Kind::Unverified => tongue.say("found-unverified"),
    };
    Some(said)
}

/// What a service says of its places, and since when it says so if that is not today.
fn said(teller: &Teller<'_>, what: String, reason: &FoundReason) -> String {
    match reason.stated_ms {
        Some(at) if teller.now.as_millisecond() - at >= DAY_MS => {
            teller.with("found-said", &[("what", &what), ("when", &teller.distance(at))])
        }
        Some(_) | None => what,
    }
}

/// What a service says nothing about, of what was asked.
fn not_said(filter: FindFilter) -> Option<&'static str> {
    match filter {
        FindFilter::Language => Some("found-no-language"),
        FindFilter::Price => Some("found-no-price"),
        FindFilter::Mode => Some("found-no-mode"),
        FindFilter::Hours => Some("found-no-hours"),
        FindFilter::Unspecified
        | FindFilter::Audience
        | FindFilter::Reach
        | FindFilter::Doors
        | FindFilter::Territory => None,
    }
}

/// The year of an instant.
fn year(ms: i64) -> Option<String> {
    Some(Timestamp::from_millisecond(ms).ok()?.to_zoned(TimeZone::UTC).year().to_string())
}

/// Metres as kilometres with one decimal.
pub(super) fn kilometres(tongue: Tongue, metres: u32) -> String {
    let comma = if tongue.0 == Language::English { '.' } else { ',' };
    format!("{}{comma}{}", metres / 1_000, metres % 1_000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tongue::Language;
    use crate::when::Calendar;

    const NOW_MS: i64 = 1_700_000_000_000;

    fn told(language: Language, coded_reasons: Vec<FoundReason>) -> Vec<String> {
        let reasons = (0..coded_reasons.len().max(1)).map(|_| "as the node says".to_owned()).collect();
        let (calendar, now) = (Calendar::new("UTC"), Timestamp::from_millisecond(NOW_MS).unwrap());
        let teller = Teller { tongue: Tongue(language), calendar: &calendar, now };
        words(&teller, &FoundService { reasons, coded_reasons, ..FoundService::default() })
    }

    fn said(language: Language, kind: Kind, number: u32) -> String {
        told(language, vec![FoundReason { kind: kind.into(), number, ..FoundReason::default() }]).join("")
    }

    #[test]
    fn one_is_not_said_as_many() {
        let french = |kind, number| said(Language::French, kind, number);
        assert_eq!(french(Kind::Places, 1), "1 place");
        assert_eq!(french(Kind::Places, 3), "3 places");
        assert_eq!(french(Kind::Waiting, 1), "premier rendez-vous sous 1 jour");
        assert_eq!(french(Kind::Waiting, 12), "premier rendez-vous sous 12 jours");
        assert_eq!(french(Kind::Waiting, 0), "premier rendez-vous tout de suite");
        assert_eq!(french(Kind::Distance, 1_250), "à 1,2\u{a0}km");
        let yesterday = FoundReason {
            kind: Kind::Places.into(),
            number: 3,
            stated_ms: Some(NOW_MS - DAY_MS),
            ..FoundReason::default()
        };
        assert_eq!(told(Language::French, vec![yesterday]), ["3 places, dit il y a 1 jour"]);
        let english = |kind, number| said(Language::English, kind, number);
        assert_eq!(english(Kind::Places, 1), "1 place");
        assert_eq!(english(Kind::Waiting, 1), "first meeting within 1 day");
        assert_eq!(english(Kind::Waiting, 2), "first meeting within 2 days");
        assert_eq!(english(Kind::Distance, 1_250), "1.2\u{a0}km away");
    }

    #[test]
    fn every_reason_is_said_in_the_language_of_the_page() {
        let said = |language, kind: Kind, number| {
            let (filter, stated_ms) = (FindFilter::Hours.into(), Some(1_700_000_000_000));
            let reason =
                FoundReason { kind: kind.into(), number, of: 4, filter, stated_ms, ..FoundReason::default() };
            told(language, vec![reason]).join("")
        };
        for kind in (1..=21).map(|kind| Kind::try_from(kind).unwrap()) {
            let (french, english) = (said(Language::French, kind, 2), said(Language::English, kind, 2));
            assert!(french != english || matches!(kind, Kind::Places | Kind::WalkIn), "{french}");
            for words in [french, english] {
                assert!(!words.contains("Unknown") && words != "as the node says", "{words}");
            }
        }
        let languages = vec!["ar".to_owned(), "xx".to_owned()];
        let spoken = FoundReason { kind: Kind::Languages.into(), languages, ..FoundReason::default() };
        let hours = FoundReason { kind: Kind::WalkIn.into(), ..FoundReason::default() };
        assert_eq!(told(Language::French, vec![spoken, hours]), ["parle arabe, xx"], "hours stand elsewhere");
        assert_eq!(told(Language::French, Vec::new()), ["as the node says"], "a former node codes nothing");
        assert_eq!(said(Language::French, Kind::Unspecified, 0), "as the node says");
    }
}
