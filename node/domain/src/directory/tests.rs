//! The rules of the directory, each "no" included, and the order of what is found.

mod asked;
mod endorsement;

use super::*;
use crate::digest::Digest;
use crate::limits::CLOCK_TOLERANCE;
use crate::territory::{self, Coverage};
use crate::theme::Theme;
use crate::time::Day;
use crate::vocabulary::Vocabulary;
use std::collections::BTreeSet;

mod finding;
mod identities;
mod room;
mod shutting_out;

const NOW: Timestamp = Timestamp(1_795_000_000_000);
const THEME: &str = "numerique--acceder-a-une-connexion-internet";

fn structure(name: &str) -> StructureId {
    StructureId::of_root_spki(name.as_bytes())
}

fn id(text: &str) -> ServiceId {
    ServiceId::parse(text).expect("a service id")
}

/// A service of a theme, open to all, that says nothing else.
pub(crate) fn service(name: &str) -> Service {
    Service {
        id: id(name),
        name: name.to_owned(),
        description: "What it is".to_owned(),
        themes: BTreeSet::from([Theme::parse(THEME).expect("a theme")]),
        audiences: Vec::new(),
        fees: None,
        fees_note: None,
        welcome_modes: Vec::new(),
        service_type: None,
        coverage: Coverage::national(),
        conditions: None,
        site: None,
        commune: None,
        address: None,
        coordinates: None,
        phone: None,
        email: None,
        opening_hours: None,
        mobilisation_modes: Vec::new(),
        mobilisers: Vec::new(),
        link: None,
        languages: BTreeSet::new(),
        needs: BTreeSet::new(),
        name_needed: NameNeeded::No,
        walk_in: None,
        updated_on: NOW.day(),
    }
}

fn record(of: &str, sequence: u64, body: Body) -> Record {
    let lifetime = match body.key() {
        RecordKey::Structure | RecordKey::Service(_) => Span::days(60),
        RecordKey::Capacity(_) => Span::days(7),
        RecordKey::Endorsement(_) => ENDORSEMENT_LIFETIME_MAX,
    };
    let expires_at = NOW.plus(lifetime);
    Record { structure: structure(of), manifest: 1, sequence, issued_at: NOW, expires_at, body }
}

fn published(of: &str, sequence: u64, service: Service) -> Record {
    record(of, sequence, Body::Service(Box::new(service)))
}

fn places(of: &str, name: &str, places: u32) -> Record {
    let capacity =
        Capacity { service: id(name), places: Some(places), waiting_days: Some(3), stated_at: NOW };
    record(of, 1, Body::Capacity(capacity))
}

fn identity(number: u8) -> Digest {
    Digest::of(&[number])
}

fn admit(directory: &mut Directory, record: Record) {
    let identity = Digest::of(format!("{record:?}").as_bytes());
    directory.admit(record, identity, NOW).expect("a good record");
}

fn question(commune: &str) -> Question {
    let commune = territory::commune(commune).expect("a commune").commune();
    let theme = Theme::parse(THEME).expect("a theme");
    Question { theme, commune, filters: Filters::default(), limit: 10, after: None, day: NOW.day() }
}

fn partners(_: &Door) -> Option<Standing> {
    Some(Standing::Partner(None))
}

fn name(door: &Door) -> String {
    match door {
        Door::Published { service, .. } => service.to_string(),
        Door::Open(number) => format!("open {number}"),
    }
}

fn names(outcome: &Outcome) -> Vec<String> {
    outcome.found.iter().map(|found| name(&found.door)).collect()
}

fn ask(directory: &Directory, commune: &str) -> Outcome {
    directory.find(&question(commune), NOW, partners)
}

#[test]
fn a_newer_record_takes_the_place_of_an_older_one() {
    let mut directory = Directory::default();
    let of =
        |sequence, name: &str| published("a", sequence, Service { name: name.to_owned(), ..service("s") });
    assert_eq!(directory.admit(of(1, "first"), identity(1), NOW), Ok(Admitted::New));
    assert_eq!(directory.admit(of(1, "first"), identity(1), NOW), Ok(Admitted::Same));
    assert_eq!(directory.admit(of(3, "third"), identity(3), NOW), Ok(Admitted::Newer));
    let older = Err(DirectoryRefusal::Older { held: 3 });
    assert_eq!(directory.admit(of(2, "second"), identity(2), NOW), older);
    let (held, _) = directory.service(structure("a"), &id("s"), NOW).expect("held");
    assert_eq!(held.name, "third");
    assert_eq!(directory.all().count(), 1);
}

#[test]
fn two_records_with_one_sequence_are_a_lie() {
    let mut directory = Directory::default();
    directory.admit(published("a", 1, service("s")), identity(1), NOW).expect("new");
    let refused = directory.admit(published("a", 1, service("s")), identity(2), NOW);
    assert_eq!(refused, Err(DirectoryRefusal::Equivocation { held: identity(1) }));
    assert_eq!(directory.admit(published("b", 1, service("s")), identity(2), NOW), Ok(Admitted::New));
}

#[test]
fn records_end_and_come_neither_too_early_nor_for_too_long() {
    let mut directory = Directory::default();
    let good = published("a", 1, service("s"));
    let refuse = |directory: &mut Directory, record: Record| {
        directory.admit(record, identity(9), NOW).expect_err("out of time")
    };
    let expired = Record { expires_at: NOW, issued_at: NOW.minus(Span::days(40)), ..good.clone() };
    assert_eq!(refuse(&mut directory, expired), DirectoryRefusal::Expired);
    let early = NOW.plus(Span(CLOCK_TOLERANCE.0 + 1));
    let future = Record { issued_at: early, expires_at: early.plus(Span::days(60)), ..good.clone() };
    assert_eq!(refuse(&mut directory, future), DirectoryRefusal::FromTheFuture);
    for days in [29, 91] {
        let wrong = Record { expires_at: NOW.plus(Span::days(days)), ..good.clone() };
        assert_eq!(refuse(&mut directory, wrong), DirectoryRefusal::Lifetime);
    }
    let long = Record { expires_at: NOW.plus(Span::days(8)), ..places("a", "s", 1) };
    assert_eq!(refuse(&mut directory, long), DirectoryRefusal::Lifetime);
    admit(&mut directory, good);
    let later = NOW.plus(Span::days(60));
    assert!(directory.service(structure("a"), &id("s"), later).is_none());
    assert!(directory.find(&question("17300"), later, partners).found.is_empty());
    assert_eq!(directory.sweep(later), [(structure("a"), RecordKey::Service(id("s")))]);
    assert_eq!(directory.all().count(), 0);
}

#[test]
fn a_service_taken_back_does_not_return() {
    let mut directory = Directory::default();
    admit(&mut directory, published("a", 1, service("s")));
    admit(&mut directory, record("a", 2, Body::Withdrawn(RecordKey::Service(id("s")))));
    assert!(directory.service(structure("a"), &id("s"), NOW).is_none());
    assert!(ask(&directory, "17300").found.is_empty());
    let replay = directory.admit(published("a", 1, service("s")), identity(1), NOW);
    assert_eq!(replay, Err(DirectoryRefusal::Older { held: 2 }));
}

#[test]
fn one_structure_cannot_fill_the_directory() {
    let mut directory = Directory::default();
    for number in 0..RECORDS_PER_STRUCTURE_MAX {
        let body = Body::Withdrawn(RecordKey::Service(id(&number.to_string())));
        directory.admit(record("a", 1, body), identity(1), NOW).expect("room");
    }
    let one_more = record("a", 1, Body::Withdrawn(RecordKey::Structure));
    assert_eq!(directory.admit(one_more.clone(), identity(1), NOW), Err(DirectoryRefusal::Full));
    let of_another = Record { structure: structure("b"), ..one_more };
    assert_eq!(directory.admit(of_another, identity(1), NOW), Ok(Admitted::New));
    assert_eq!(directory.forget(structure("a")).len(), RECORDS_PER_STRUCTURE_MAX);
    assert_eq!(directory.all().count(), 1);
}

#[test]
fn only_what_covers_the_commune_is_found() {
    let mut directory = Directory::default();
    for (name, codes) in [
        ("here", &["17300"][..]),
        ("epci", &["241700434"]),
        ("dept", &["17"]),
        ("far", &["2A", "33063"]),
        ("all", &[]),
    ] {
        let coverage = Coverage::parse(codes).expect("known codes");
        admit(&mut directory, published(name, 1, Service { coverage, ..service(name) }));
    }
    let mut found = names(&ask(&directory, "17300"));
    found.sort();
    assert_eq!(found, ["all", "dept", "epci", "here"]);
    let shut = Door::Published { structure: structure("all"), service: id("all") };
    let open = directory.find(&question("33063"), NOW, |door| partners(door).filter(|_| *door != shut));
    assert_eq!(names(&open), ["far"]);
}

#[test]
fn another_theme_finds_nothing() {
    let mut directory = Directory::default();
    admit(&mut directory, published("a", 1, service("s")));
    let other = Theme::parse("famille--garde-denfants").expect("a theme");
    assert!(directory.find(&Question { theme: other, ..question("17300") }, NOW, partners).found.is_empty());
}

#[test]
fn a_theme_given_up_is_found_no_more() {
    let mut directory = Directory::default();
    admit(&mut directory, published("a", 1, service("s")));
    admit(&mut directory, published("a", 2, Service { themes: BTreeSet::new(), ..service("s") }));
    assert!(ask(&directory, "17300").found.is_empty());
}

#[test]
fn places_on_earth_only() {
    assert!(Coordinates::from_degrees(90.0, 180.0).is_some());
    for (latitude, longitude) in [(91.0, 0.0), (0.0, -181.0), (f64::NAN, 0.0), (0.0, f64::INFINITY)] {
        assert_eq!(Coordinates::from_degrees(latitude, longitude), None);
    }
    assert_eq!(Coordinates::from_e6(i32::MIN, 0), None);
    assert_eq!(Coordinates::from_e6(0, 180_000_001), None);
}
