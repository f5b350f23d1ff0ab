//! Why a service is proposed, coded: pages say it in their own language.

use relais_domain::directory::{Filter, Reason};
use relais_domain::time::{Day, Span};
use relais_proto::desk::v1::{FindFilter, FoundReason, FoundReasonKind as Kind};

/// A reason, with the values it names.
pub(super) fn coded(reason: &Reason) -> FoundReason {
    let of = |kind: Kind| FoundReason { kind: kind.into(), ..FoundReason::default() };
    match reason {
        Reason::SameCommune => of(Kind::SameCommune),
        Reason::Distance(metres) => FoundReason { number: *metres, ..of(Kind::Distance) },
        Reason::DistanceUnknown => of(Kind::DistanceUnknown),
        Reason::Remote => of(Kind::Remote),
        Reason::Places { places, stated_at } => {
            FoundReason { number: *places, stated_ms: Some(stated_at.0), ..of(Kind::Places) }
        }
        Reason::NoPlaces { stated_at } => FoundReason { stated_ms: Some(stated_at.0), ..of(Kind::NoPlaces) },
        Reason::Waiting(days) => FoundReason { number: *days, ..of(Kind::Waiting) },
        Reason::CapacityUnknown => of(Kind::CapacityUnknown),
        Reason::Free => of(Kind::Free),
        Reason::Paid => of(Kind::Paid),
        Reason::Languages(codes) => FoundReason { languages: codes.clone(), ..of(Kind::Languages) },
        Reason::WalkIn(hours) => FoundReason { hours: hours.clone(), ..of(Kind::WalkIn) },
        Reason::NameNeeded => of(Kind::NameNeeded),
        Reason::Answers(days) => FoundReason { number: *days, ..of(Kind::Answers) },
        Reason::Unanswered { unanswered, asked } => {
            FoundReason { number: *unanswered, of: *asked, ..of(Kind::Unanswered) }
        }
        Reason::NotSaid(filter) => FoundReason { filter: asked(*filter).into(), ..of(Kind::NotSaid) },
        Reason::Described(day) => FoundReason { stated_ms: Some(midnight(*day)), ..of(Kind::Described) },
        Reason::Vouched => of(Kind::Vouched),
        Reason::Awaited => of(Kind::Awaited),
        Reason::Stranger => of(Kind::Stranger),
        Reason::Unverified => of(Kind::Unverified),
    }
}

/// What was asked of a door, coded.
pub(super) const fn asked(filter: Filter) -> FindFilter {
    match filter {
        Filter::Language => FindFilter::Language,
        Filter::Audience => FindFilter::Audience,
        Filter::Price => FindFilter::Price,
        Filter::Mode => FindFilter::Mode,
        Filter::Reach => FindFilter::Reach,
        Filter::Hours => FindFilter::Hours,
        Filter::Doors => FindFilter::Doors,
        Filter::Territory => FindFilter::Territory,
    }
}

/// The first instant of a day (UTC), ms.
const fn midnight(day: Day) -> i64 {
    day.0 as i64 * Span::days(1).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use relais_domain::time::Timestamp;

    #[test]
    fn every_reason_keeps_the_values_it_names() {
        let stated_at = Timestamp(7);
        let reasons = [
            Reason::SameCommune,
            Reason::Distance(1_250),
            Reason::DistanceUnknown,
            Reason::Remote,
            Reason::Places { places: 1, stated_at },
            Reason::NoPlaces { stated_at },
            Reason::Waiting(1),
            Reason::CapacityUnknown,
            Reason::Free,
            Reason::Paid,
            Reason::Languages(vec!["ar".to_owned(), "ps".to_owned()]),
            Reason::WalkIn("Mo-Fr 09:00-12:00".to_owned()),
            Reason::NameNeeded,
            Reason::Answers(2),
            Reason::Unanswered { unanswered: 3, asked: 4 },
            Reason::NotSaid(Filter::Hours),
            Reason::Described(Day(1)),
            Reason::Vouched,
            Reason::Stranger,
            Reason::Unverified,
            Reason::Awaited,
        ];
        let coded: Vec<FoundReason> = reasons.iter().map(coded).collect();
        let kinds: Vec<i32> = coded.iter().map(|one| one.kind).collect();
        assert_eq!(kinds, (1..=21).collect::<Vec<_>>(), "each has a code of its own");
        let numbers: Vec<u32> = coded.iter().map(|one| one.number).filter(|number| *number > 0).collect();
        assert_eq!(numbers, [1_250, 1, 1, 2, 3]);
        assert_eq!(coded.iter().filter(|one| one.stated_ms == Some(7)).count(), 2);
        assert_eq!(coded[10].languages, ["ar", "ps"]);
        assert_eq!(coded[11].hours, "Mo-Fr 09:00-12:00");
        assert_eq!((coded[14].of, coded[15].filter()), (4, FindFilter::Hours));
        assert_eq!(coded[16].stated_ms, Some(86_400_000));
    }
}
