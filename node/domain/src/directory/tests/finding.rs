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

/// An address that was not found lies in the sea off Africa, or in another town of the same name.
#[test]
fn a_place_far_from_its_commune_is_not_believed() {
    let commune = Some(territory::commune("17300").unwrap().commune().code());
    let (zero, bordeaux) = (at("zero", 0.0, 0.0), at("bordeaux", 44.84, -0.58));
    let mut directory = Directory::default();
    admit(&mut directory, published("a", 1, Service { commune, ..zero }));
    admit(&mut directory, published("b", 1, Service { commune, ..bordeaux }));
    admit(&mut directory, published("c", 1, at("ten", 46.25, -1.15)));
    let found = ask(&directory, "17300");
    assert_eq!(
        found.found[2].door,
        Door::Published { structure: structure("c"), service: id("ten") },
        "{found:?}"
    );
    for one in &found.found[..2] {
        assert_eq!((one.distance_m, &one.reasons[0]), (Some(0), &Reason::SameCommune));
    }
    let edge = Service { commune, ..at("edge", 46.3, -1.0) };
    assert_eq!(edge.place(), Some((46.3, -1.0)), "within its bound a place is its own");
}

/// Nobody comes first for a date that is still to come.
#[test]
fn a_description_from_the_future_is_of_an_unknown_age() {
    let today = NOW.day().0;
    let on = |name: &str, day: i32| Service { updated_on: Day(day), ..here(name) };
    let effort = |service: Service| {
        let mut directory = Directory::default();
        admit(&mut directory, published("a", 1, service));
        let found = ask(&directory, "17300").found.remove(0);
        found.rank.number() >> 104
    };
    let fresh = effort(on("fresh", today));
    assert_eq!(effort(on("tomorrow", today + 1)), fresh, "clocks and time zones differ");
    for day in [today + 2, today + 400, i32::MAX] {
        assert_eq!(effort(on("later", day)), effort(on("old", today - 400)), "{day}");
        assert!(effort(on("later", day)) > fresh);
    }
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
fn however_many_services_one_structure_has_the_others_are_not_buried() {
    let mut directory = Directory::default();
    for number in 0..60 {
        admit(&mut directory, published("big", 1, here(&format!("big-{number}"))));
    }
    admit(&mut directory, published("small", 1, at("small", 46.38, -1.2)));
    admit(&mut directory, published("far", 1, at("far", 44.84, -0.58)));
    let found = names(&directory.find(&Question { limit: 100, ..question("17300") }, NOW, partners));
    let place = found.iter().position(|name| name == "small").unwrap();
    assert!(place <= 12, "25 km away it stands at {place}");
    assert_eq!(found.last().map(String::as_str), Some("far"), "what is too far stays behind");
}

#[test]
fn the_same_commune_is_near_though_its_centre_is_not_on_record() {
    let noumea = territory::commune("98818").expect("Nouméa").commune();
    assert_eq!(noumea.centre(), None, "when it is, this test has nothing to say");
    let mut directory = Directory::default();
    let there = Service { commune: Some(noumea.code()), ..service("there") };
    let remote = vec![value(Vocabulary::WelcomeModes, "a-distance")];
    admit(&mut directory, published("a", 1, there));
    admit(&mut directory, published("b", 1, Service { welcome_modes: remote, ..service("remote") }));
    let found = ask(&directory, "98818");
    assert_eq!(names(&found), ["there", "remote"]);
    assert_eq!(found.found[0].distance_m, Some(0));
}

#[test]
fn a_service_open_to_very_many_areas_is_filed_once_and_found() {
    let communes = territory::communes_named("saint", territory::COVERAGE_CODES_MAX - 1);
    let codes: Vec<String> = communes.iter().map(|one| one.code().to_string()).collect();
    let wide: Vec<&str> = std::iter::once("region:75").chain(codes.iter().map(String::as_str)).collect();
    let coverage = Coverage::parse(&wide).expect("known codes");
    assert!(coverage.territories().len() > 900);
    let wide = Service { coverage, ..here("wide") };
    let listing = Listing::published(structure("wide"), &wide, NOW.plus(Span::days(9)));
    assert_eq!(&*listing.extent.areas, [territory::Territory::France], "looked at wherever one asks");
    let mut directory = Directory::default();
    admit(&mut directory, published("wide", 1, wide));
    for (commune, found) in [("17300", 1), ("97411", 1), ("2A004", 0)] {
        assert_eq!(ask(&directory, commune).total, found, "{commune}");
    }
    let both = Coverage::parse(&["17", "region:75", "44"]).expect("known");
    let listing = Listing::published(structure("a"), &Service { coverage: both, ..here("a") }, NOW);
    assert_eq!(
        listing.extent.areas.len(),
        2,
        "a département of a région that is listed whole is not filed again"
    );
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
