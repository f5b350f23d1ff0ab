//! The order of what is found, and why it is found.

use super::*;

pub(super) fn at(name: &str, latitude: f64, longitude: f64) -> Service {
    Service { coordinates: Coordinates::from_degrees(latitude, longitude), ..service(name) }
}

pub(super) fn value(list: Vocabulary, code: &str) -> crate::vocabulary::Value {
    list.find(code).expect("listed")
}

/// La Rochelle's own centre.
pub(super) fn here(name: &str) -> Service {
    at(name, 46.16, -1.15)
}

#[test]
fn the_least_effort_first_and_the_same_whatever_came_first() {
    let remote = value(Vocabulary::WelcomeModes, "a-distance");
    let services = [
        published("far", 1, at("far", 44.84, -0.58)),
        published("near", 1, here("near")),
        published("nowhere", 1, service("nowhere")),
        published("free", 1, at("free", 46.2, -1.2)),
        published("full", 1, at("full", 46.2, -1.2)),
        published("silent", 1, at("silent", 46.2, -1.2)),
        published("remote", 1, Service { welcome_modes: vec![remote], ..at("remote", 44.84, -0.58) }),
        places("free", "free", 2),
        places("full", "full", 0),
    ];
    let (mut forwards, mut backwards) = (Directory::default(), Directory::default());
    services.iter().for_each(|record| admit(&mut forwards, record.clone()));
    services.iter().rev().for_each(|record| admit(&mut backwards, record.clone()));
    let found = ask(&forwards, "17300");
    assert_eq!(names(&found), ["near", "free", "silent", "remote", "nowhere", "full", "far"]);
    assert_eq!(found, ask(&backwards, "17300"));
    let two = forwards.find(&Question { limit: 2, ..question("17300") }, NOW, partners);
    assert_eq!((names(&two), two.total), (vec!["near".to_owned(), "free".to_owned()], 7));
    assert!(two.next.is_some() && found.next.is_none());
}

#[test]
fn structures_that_are_as_good_take_turns_from_day_to_day() {
    let mut directory = Directory::default();
    for name in ["one", "two", "three"] {
        admit(&mut directory, published(name, 1, here(name)));
    }
    let mut first: std::collections::BTreeMap<String, u32> = std::collections::BTreeMap::new();
    for day in 0..90 {
        let today = Question { day: Day(NOW.day().0 + day), ..question("17300") };
        let found = names(&directory.find(&today, NOW, partners));
        *first.entry(found[0].clone()).or_default() += 1;
    }
    assert_eq!(first.values().sum::<u32>(), 90);
    assert!(first.len() == 3 && first.values().all(|days| *days >= 18), "{first:?}");
}

#[test]
fn one_structure_does_not_fill_the_page() {
    let mut directory = Directory::default();
    for number in 0..6 {
        admit(&mut directory, published("big", 1, here(&format!("big-{number}"))));
    }
    admit(&mut directory, published("small", 1, at("small", 46.19, -1.19)));
    let found = names(&ask(&directory, "17300"));
    assert_eq!(found[3], "small", "4 km further and after three of the other: {found:?}");
    assert_eq!(found.len(), 7, "nothing is lost");
}

#[test]
fn how_a_partner_answered_counts_and_never_asked_is_no_fault() {
    let mut directory = Directory::default();
    for name in ["quick", "new", "slow", "silent"] {
        admit(&mut directory, published(name, 1, here(name)));
    }
    let history = |door: &Door| {
        let history = match name(door).as_str() {
            "quick" => Some(History { asked: 9, unanswered: 0, median_days: Some(0) }),
            "slow" => Some(History { asked: 9, unanswered: 1, median_days: Some(9) }),
            "silent" => Some(History { asked: 4, unanswered: 2, median_days: Some(0) }),
            _ => None,
        };
        Some(Standing::Partner(history))
    };
    let found = directory.find(&question("17300"), NOW, history);
    assert_eq!(names(&found), ["quick", "new", "slow", "silent"]);
    assert!(found.found[0].reasons.contains(&Reason::Answers(0)));
    assert!(found.found[2].reasons.contains(&Reason::Answers(9)));
    assert!(found.found[3].reasons.contains(&Reason::Unanswered { unanswered: 2, asked: 4 }));
    let few =
        |_: &Door| Some(Standing::Partner(Some(History { asked: 3, unanswered: 3, median_days: None })));
    let found = directory.find(&question("17300"), NOW, few);
    assert!(
        !found.found.iter().any(|one| one.reasons.iter().any(|why| matches!(why, Reason::Unanswered { .. })))
    );
}

#[test]
fn who_can_be_sent_to_stands_first_and_the_others_say_what_they_are() {
    let mut directory = Directory::default();
    for name in ["partner", "vouched", "stranger", "refused"] {
        admit(&mut directory, published(name, 1, here(name)));
    }
    let open = Service { id: id("dora--7"), ..here("open") };
    directory.list_open(vec![Listing::open(7, "dora--org", &open, NOW.plus(Span::days(9)))]);
    let standing = |door: &Door| match name(door).as_str() {
        "partner" => Some(Standing::Partner(None)),
        "vouched" => Some(Standing::Vouched),
        "stranger" => Some(Standing::Stranger),
        "refused" => None,
        _ => Some(Standing::Unverified),
    };
    let found = directory.find(&question("17300"), NOW, standing);
    assert_eq!(names(&found), ["partner", "vouched", "stranger", "open 7"]);
    for (place, reason) in [(1, Reason::Vouched), (2, Reason::Stranger), (3, Reason::Unverified)] {
        assert!(found.found[place].reasons.contains(&reason), "{reason}");
    }
    directory.list_open(Vec::new());
    assert_eq!(names(&directory.find(&question("17300"), NOW, standing)).len(), 3);
    assert!(directory.find(&question("17300"), NOW.plus(Span::days(80)), standing).found.is_empty());
}

#[test]
fn reasons_say_what_speaks_for_and_against() {
    let mut directory = Directory::default();
    let rich = Service {
        commune: territory::commune("17300").ok().map(|found| found.commune().code()),
        fees: Some(value(Vocabulary::Fees, "gratuit")),
        welcome_modes: ["en-presentiel", "a-distance"]
            .map(|code| value(Vocabulary::WelcomeModes, code))
            .to_vec(),
        languages: BTreeSet::from(["fr".to_owned(), "ar".to_owned()]),
        walk_in: Some(WalkIn { hours: "Tu 14:00-17:00".to_owned(), places_a_week: None }),
        name_needed: NameNeeded::Yes,
        ..service("rich")
    };
    let paid = Some(value(Vocabulary::Fees, "payant"));
    admit(&mut directory, published("a", 1, rich));
    admit(&mut directory, places("a", "rich", 3));
    let old = Day(NOW.day().0 - 366);
    admit(&mut directory, published("b", 1, Service { fees: paid, updated_on: old, ..service("poor") }));
    let found = ask(&directory, "17300");
    let words = |found: &Found| found.reasons.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        words(&found.found[0]),
        [
            "in the same commune",
            "at a distance, by telephone or online",
            "3 free places, said on 2026-11-18",
            "a first meeting within 3 days",
            "free of charge",
            "spoken there: ar, fr",
            "without appointment: Tu 14:00-17:00",
            "needs the name to decide",
        ]
    );
    let poor = words(&found.found[1]);
    assert_eq!(poor[..3], ["distance not known", "free places not known", "not free of charge"]);
    assert_eq!(poor[3], format!("described on {old}"));
    let stale = NOW.plus(Span::days(7));
    let found = directory.find(&question("17300"), stale, partners);
    assert!(found.found[0].reasons.contains(&Reason::CapacityUnknown));
}

/// Services of many structures, some alike, some places unknown: the same from the same seed.
fn town(seed: u64) -> Vec<Record> {
    let mut state = seed;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut records = Vec::new();
    for number in 0..400 {
        let (structure, name) = (format!("s{}", next(30)), format!("{number}"));
        let (north, east) = (next(60) as f64 / 100.0, next(60) as f64 / 100.0);
        let placed = if next(9) == 0 { service(&name) } else { at(&name, 46.0 + north, -1.4 + east) };
        records.push(published(&structure, 1, placed));
        if next(3) == 0 {
            records.push(places(&structure, &name, next(3) as u32));
        }
    }
    records
}

#[test]
fn pages_are_the_whole_order_cut_whatever_their_size_and_on_every_node() {
    for seed in 1..6 {
        let records = town(seed);
        let (mut one, mut other) = (Directory::default(), Directory::default());
        records.iter().for_each(|record| admit(&mut one, record.clone()));
        records.iter().rev().for_each(|record| admit(&mut other, record.clone()));
        let whole = one.find(&Question { limit: 1_000, ..question("17300") }, NOW, partners);
        assert_eq!((whole.found.len(), whole.total, whole.next), (400, 400, None), "seed {seed}");
        assert!(whole.found.is_sorted_by_key(|found| found.rank));
        for limit in [1, 10, 33] {
            let mut paged = Vec::new();
            let mut after = None;
            loop {
                let page = other.find(&Question { limit, after, ..question("17300") }, NOW, partners);
                assert!(page.found.len() <= limit && page.total == 400);
                paged.extend(page.found);
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(paged, whole.found, "seed {seed}, pages of {limit}");
        }
    }
}
