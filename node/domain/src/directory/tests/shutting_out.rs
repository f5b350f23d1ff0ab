//! Filters: what is asked, what is not known, and what they shut out.

use super::finding::{at, here, value};
use super::*;

fn with(filters: Filters) -> Question {
    Question { filters, ..question("17300") }
}

fn town() -> Directory {
    let speaks = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<BTreeSet<_>>();
    let fees = |code: &str| Some(value(Vocabulary::Fees, code));
    let modes = |code: &str| vec![value(Vocabulary::WelcomeModes, code)];
    let hours = |hours: &str| Some(hours.to_owned());
    let good = Service {
        languages: speaks(&["ar", "fr"]),
        fees: fees("gratuit"),
        audiences: vec![value(Vocabulary::Audiences, "jeunes")],
        opening_hours: hours("Sa 09:00-12:00"),
        welcome_modes: modes("en-presentiel"),
        ..here("good")
    };
    let other = Service {
        languages: speaks(&["fr"]),
        fees: fees("payant"),
        audiences: vec![value(Vocabulary::Audiences, "seniors")],
        opening_hours: hours("Mo-Fr 09:00-12:00"),
        welcome_modes: modes("en-presentiel"),
        ..at("other", 46.3, -1.3)
    };
    let silent = at("silent", 46.21, -1.16);
    let remote = Service { welcome_modes: modes("a-distance"), ..service("remote") };
    let mut directory = Directory::default();
    for (name, service) in [("good", good), ("other", other), ("silent", silent), ("remote", remote)] {
        admit(&mut directory, published(name, 1, service));
    }
    directory
}

fn found(filters: Filters) -> (Vec<String>, Vec<(Filter, usize, String)>) {
    let outcome = town().find(&with(filters), NOW, partners);
    let shut = outcome.shut_out.iter().map(|shut| (shut.filter, shut.count, name(&shut.first)));
    (names(&outcome), shut.collect())
}

fn shut(filter: Filter, first: &str) -> Vec<(Filter, usize, String)> {
    vec![(filter, 1, first.to_owned())]
}

#[test]
fn what_is_not_known_stands_behind_and_is_never_shut_out() {
    let arabic = Filters { language: Some("ar".to_owned()), ..Filters::default() };
    assert_eq!(found(arabic.clone()).0, ["good", "silent", "remote"]);
    assert_eq!(found(arabic.clone()).1, shut(Filter::Language, "other"));
    let outcome = town().find(&with(arabic), NOW, partners);
    let says = |place: usize, reason| outcome.found[place].reasons.contains(&reason);
    assert!(!says(0, Reason::NotSaid(Filter::Language)) && says(1, Reason::NotSaid(Filter::Language)));
    let free = Filters { price: Price::Free, ..Filters::default() };
    assert_eq!(
        found(free),
        (vec!["good".into(), "silent".into(), "remote".into()], shut(Filter::Price, "other"))
    );
    let saturday = Filters { hours: Some(Hours::Saturday), ..Filters::default() };
    assert_eq!(found(saturday).1, shut(Filter::Hours, "other"));
    let evening = Filters { hours: Some(Hours::Evening), ..Filters::default() };
    assert_eq!(found(evening).0, ["silent", "remote"], "who says its hours and is shut is not proposed");
}

#[test]
fn an_audience_that_is_named_is_the_only_one_and_none_is_everyone() {
    let young = Filters { audience: Some(value(Vocabulary::Audiences, "jeunes")), ..Filters::default() };
    assert_eq!(
        found(young),
        (vec!["good".into(), "silent".into(), "remote".into()], shut(Filter::Audience, "other"))
    );
    let everyone =
        vec![value(Vocabulary::Audiences, "seniors"), value(Vocabulary::Audiences, "tous-publics")];
    let mut directory = Directory::default();
    admit(&mut directory, published("all", 1, Service { audiences: everyone, ..here("all") }));
    let young = Filters { audience: Some(value(Vocabulary::Audiences, "jeunes")), ..Filters::default() };
    assert_eq!(directory.find(&with(young), NOW, partners).total, 1);
}

#[test]
fn ways_and_distances_shut_out_what_is_known_not_to_fit() {
    let in_person = Filters { mode: Some(Mode::InPerson), ..Filters::default() };
    assert_eq!(
        found(in_person),
        (vec!["good".into(), "silent".into(), "other".into()], shut(Filter::Mode, "remote"))
    );
    let remote = Filters { mode: Some(Mode::Remote), ..Filters::default() };
    assert_eq!(found(remote.clone()).0, ["remote", "silent"], "who does not say how is not shut out");
    let outcome = town().find(&with(remote), NOW, partners);
    assert!(outcome.found[1].reasons.contains(&Reason::NotSaid(Filter::Mode)), "{outcome:?}");
    let on_foot = Filters { reach: Some(Reach::Metres(7_000)), ..Filters::default() };
    let (near, beyond) = found(on_foot.clone());
    assert_eq!(
        (near, beyond),
        (vec!["good".into(), "silent".into(), "remote".into()], shut(Filter::Reach, "other"))
    );
    let beyond = town().find(&with(on_foot), NOW, partners).shut_out[0].distance_m;
    assert!(beyond.is_some_and(|metres| (15_000..22_000).contains(&metres)), "{beyond:?}");
    let at_home = Filters { reach: Some(Reach::Nowhere), ..Filters::default() };
    let (home, beyond) = found(at_home);
    assert_eq!((home, beyond[0].1), (vec!["remote".to_owned(), "silent".to_owned()], 2));
}

/// A door that does not say how it receives may receive at a distance: too far away it is not shut out, and says so.
#[test]
fn how_one_is_received_shuts_out_nobody_who_does_not_say() {
    let near = Filters { reach: Some(Reach::Metres(3_000)), ..Filters::default() };
    let outcome = town().find(&with(near.clone()), NOW, partners);
    assert_eq!(names(&outcome), ["good", "silent", "remote"]);
    assert!(outcome.found[1].reasons.contains(&Reason::NotSaid(Filter::Mode)), "{outcome:?}");
    assert!(!outcome.found[0].reasons.contains(&Reason::NotSaid(Filter::Mode)));
    let there = Filters { mode: Some(Mode::InPerson), ..near };
    assert_eq!(names(&town().find(&with(there), NOW, partners)), ["good"], "who comes must go there");
}

#[test]
fn french_is_spoken_everywhere() {
    let mut directory = town();
    let arabic = Service { languages: BTreeSet::from(["ar".to_owned()]), ..here("arabic") };
    admit(&mut directory, published("arabic", 1, arabic));
    let french = Filters { language: Some("fr".to_owned()), ..Filters::default() };
    let outcome = directory.find(&with(french), NOW, partners);
    assert_eq!((outcome.total, outcome.shut_out.len()), (5, 0), "{outcome:?}");
    let unsaid = |found: &Found| found.reasons.contains(&Reason::NotSaid(Filter::Language));
    assert!(!outcome.found.iter().any(unsaid), "{outcome:?}");
}

#[test]
fn what_two_filters_shut_out_is_counted_and_neither_is_blamed() {
    let both = Filters { price: Price::Free, language: Some("ar".to_owned()), ..Filters::default() };
    let outcome = town().find(&with(both), NOW, partners);
    assert_eq!(
        (names(&outcome), outcome.shut_out),
        (vec!["good".into(), "silent".into(), "remote".into()], vec![])
    );
    assert_eq!(outcome.several, 1, "the other one is neither free nor speaks it");
    let nobody = Filters { reach: Some(Reach::Nowhere), mode: Some(Mode::InPerson), ..Filters::default() };
    let outcome = town().find(&with(nobody), NOW, partners);
    assert_eq!((outcome.total, outcome.several), (0, 1), "no silent zero: {outcome:?}");
    assert!(outcome.shut_out.iter().any(|shut| shut.filter == Filter::Reach && shut.count == 3));
}

#[test]
fn who_wants_to_be_received_in_person_goes_there_though_it_is_given_at_a_distance_too() {
    let both = ["a-distance", "en-presentiel"].map(|code| value(Vocabulary::WelcomeModes, code)).to_vec();
    let mut directory = Directory::default();
    admit(&mut directory, published("a", 1, Service { welcome_modes: both, ..at("lille", 50.63, 3.06) }));
    let here = vec![value(Vocabulary::WelcomeModes, "en-presentiel")];
    admit(&mut directory, published("b", 1, Service { welcome_modes: here, ..at("sixteen", 46.3, -1.1) }));
    let in_person = Filters { mode: Some(Mode::InPerson), ..Filters::default() };
    let ask = |filters: Filters| directory.find(&with(filters), NOW, partners);
    assert_eq!(names(&ask(in_person.clone())), ["sixteen", "lille"]);
    let on_foot = ask(Filters { reach: Some(Reach::Metres(2_000)), ..in_person });
    assert_eq!((on_foot.total, on_foot.shut_out[0].count), (0, 2));
    assert_eq!(names(&ask(Filters { reach: Some(Reach::Metres(2_000)), ..Filters::default() })), ["lille"]);
}

#[test]
fn partners_alone_leave_out_the_others_and_say_how_many() {
    let standing =
        |door: &Door| Some(if name(door) == "good" { Standing::Stranger } else { Standing::Partner(None) });
    let partners_only = Filters { doors: Doors::Partners, ..Filters::default() };
    let outcome = town().find(&with(partners_only), NOW, standing);
    assert_eq!(names(&outcome), ["silent", "remote", "other"]);
    assert_eq!((outcome.shut_out[0].filter, outcome.shut_out[0].count), (Filter::Doors, 1));
}

#[test]
fn nothing_open_to_the_commune_says_what_lies_near() {
    let mut directory = Directory::default();
    let only = |codes: &[&str]| Coverage::parse(codes).expect("known codes");
    for (name, place) in [("near", (46.3, -1.0)), ("nearer", (46.2, -1.1)), ("far", (44.8, -0.6))] {
        let service = Service { coverage: only(&["79", "region:84"]), ..at(name, place.0, place.1) };
        admit(&mut directory, published(name, 1, service));
    }
    let outcome = ask(&directory, "17300");
    assert_eq!((outcome.total, outcome.found.len()), (0, 0));
    let [shut] = outcome.shut_out.as_slice() else { panic!("one reason: {outcome:?}") };
    assert_eq!((shut.filter, shut.count, name(&shut.first)), (Filter::Territory, 2, "nearer".to_owned()));
    assert_eq!(names(&ask(&directory, "79191")).len(), 3);
    let arabic = Filters { language: Some("ar".to_owned()), ..Filters::default() };
    assert_eq!(directory.find(&with(arabic.clone()), NOW, partners).shut_out[0].count, 2, "they do not say");
    let speaks = BTreeSet::from(["fr".to_owned()]);
    for (name, place) in [("near", (46.3, -1.0)), ("nearer", (46.2, -1.1))] {
        let coverage = Coverage::parse(&["79"]).expect("known");
        let service = Service { coverage, languages: speaks.clone(), ..at(name, place.0, place.1) };
        admit(&mut directory, published(name, 2, service));
    }
    assert!(directory.find(&with(arabic), NOW, partners).shut_out.is_empty(), "asked for, they would not do");
}

#[test]
fn a_service_open_to_many_areas_is_found_once_in_each() {
    let mut directory = Directory::default();
    let coverage = Coverage::parse(&["17300", "17", "region:75", "241700434", "33063"]).expect("known codes");
    admit(&mut directory, published("a", 1, Service { coverage, ..here("a") }));
    let island = Service { coverage: Coverage::parse(&["974"]).expect("known"), ..service("reunion") };
    admit(&mut directory, published("b", 1, island));
    let corsican = Service { coverage: Coverage::parse(&["2A"]).expect("known"), ..service("corse") };
    admit(&mut directory, published("c", 1, corsican));
    for (commune, found) in [
        ("17300", vec!["a"]),
        ("17415", vec!["a"]),
        ("33063", vec!["a"]),
        ("75056", vec![]),
        ("97411", vec!["reunion"]),
        ("2A004", vec!["corse"]),
        ("2B033", vec![]),
    ] {
        assert_eq!(names(&ask(&directory, commune)), found, "{commune}");
    }
}
