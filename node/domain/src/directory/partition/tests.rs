//! Where records belong, and who wants them.

use super::*;
use crate::digest::Digest;
use crate::directory::{Capacity, NameNeeded, Site};
use crate::id::SiteId;
use crate::territory::Coverage;
use crate::time::{Day, Span, Timestamp};
use std::collections::BTreeSet;

const NOW: Timestamp = Timestamp(1_795_000_000_000);

fn code(text: &str) -> DepartementCode {
    DepartementCode::parse(text).expect("a département")
}

fn of(codes: &[&str]) -> Partitions {
    codes.iter().map(|text| Partitions::departement(code(text))).collect()
}

fn subscription(codes: &[&str]) -> Subscription {
    Subscription::of(codes.iter().map(|text| code(text)))
}

fn service(coverage: &[&str], commune: Option<&str>) -> Service {
    Service {
        id: ServiceId::parse("s").expect("an id"),
        name: "s".to_owned(),
        description: "What it is".to_owned(),
        themes: BTreeSet::new(),
        audiences: Vec::new(),
        fees: None,
        fees_note: None,
        welcome_modes: Vec::new(),
        service_type: None,
        coverage: Coverage::parse(coverage).expect("a coverage"),
        conditions: None,
        site: None,
        commune: commune.map(|code| CommuneCode::parse(code).expect("a commune")),
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
        updated_on: Day(20_000),
    }
}

fn profile(communes: &[Option<&str>]) -> Profile {
    let site = |commune: &Option<&str>| Site {
        id: SiteId::from_random([1; 16]),
        name: "site".to_owned(),
        commune: commune.map(|code| CommuneCode::parse(code).expect("a commune")),
        address: None,
        phone: None,
        email: None,
        opening_hours: None,
        coordinates: None,
    };
    Profile { sites: communes.iter().map(site).collect(), ..Profile::default() }
}

fn record(sequence: u64, body: Body) -> Record {
    let lifetime = match body.key() {
        RecordKey::Capacity(_) => Span::days(7),
        RecordKey::Structure | RecordKey::Service(_) => Span::days(60),
        RecordKey::Endorsement(_) => Span::days(365),
    };
    let (issued_at, expires_at) = (NOW, NOW.plus(lifetime));
    let structure = StructureId::of_root_spki(b"a");
    Record { structure, manifest: 1, sequence, issued_at, expires_at, body }
}

#[test]
fn every_departement_has_a_place_of_its_own() {
    let mut taken = Partitions::NATIONAL;
    for departement in departements() {
        let one = Partitions::departement(departement.code());
        assert_eq!(one.0.count_ones(), 1, "{departement:?}");
        assert_eq!(one.0 & taken.0, 0, "{departement:?}");
        assert_eq!(codes_of(one).collect::<Vec<_>>(), [departement.code()]);
        taken = taken.and(one);
    }
    assert_eq!(departements().count(), 109);
    assert_eq!(Subscription::FRANCE.departements().count(), 109);
}

#[test]
fn a_service_belongs_where_it_may_be_used_and_where_it_is() {
    let of_service = |coverage: &[&str], commune| Partitions::of_service(&service(coverage, commune));
    assert_eq!(of_service(&["17300"], None), of(&["17"]));
    assert_eq!(of_service(&["17", "79"], Some("86194")), of(&["17", "79", "86"]));
    assert_eq!(of_service(&["2A004", "2B"], Some("97105")), of(&["2A", "2B", "971"]));
    assert_eq!(of_service(&["france"], Some("17300")), of(&["17"]).and(Partitions::NATIONAL));
    assert_eq!(of_service(&["region:94"], None), of(&["2A", "2B"]));
    // Grand Poitiers lies in one département; the EPCI of Redon (243500741) in three.
    assert_eq!(of_service(&["243500741"], None), of(&["35", "44", "56"]));
}

#[test]
fn a_structure_belongs_where_its_sites_are_or_to_the_whole_country() {
    assert_eq!(Partitions::of_profile(&profile(&[Some("17300"), None, Some("97411")])), of(&["17", "974"]));
    assert_eq!(Partitions::of_profile(&profile(&[None])), Partitions::NATIONAL);
    assert_eq!(Partitions::of_profile(&profile(&[])), Partitions::NATIONAL);
}

#[test]
fn places_belong_where_their_service_does_and_a_withdrawal_to_everyone() {
    let mut directory = Directory::default();
    let admit = |directory: &mut Directory, record: Record| {
        directory.admit(record, Digest::of(&[1]), NOW).expect("a good record");
    };
    let id = ServiceId::parse("s").expect("an id");
    let capacity = Capacity { service: id.clone(), places: Some(1), waiting_days: None, stated_at: NOW };
    let places = record(1, Body::Capacity(capacity));
    let no_places = record(2, Body::Withdrawn(RecordKey::Capacity(id.clone())));
    for record in [&places, &no_places] {
        assert_eq!(directory.partitions(record), Partitions::NONE);
    }
    admit(&mut directory, record(1, Body::Service(Box::new(service(&["79"], Some("17300"))))));
    for record in [&places, &no_places] {
        assert_eq!(directory.partitions(record), of(&["17", "79"]));
    }
    let gone = record(2, Body::Withdrawn(RecordKey::Service(id)));
    admit(&mut directory, gone.clone());
    for record in [&places, &no_places, &gone, &record(2, Body::Withdrawn(RecordKey::Structure))] {
        assert_eq!(directory.partitions(record), Partitions::NATIONAL);
    }
}

#[test]
fn a_subscription_wants_what_touches_it_and_what_is_national() {
    let some = subscription(&["17", "79"]);
    for (partitions, wanted) in [
        (of(&["17"]), true),
        (of(&["86", "79"]), true),
        (of(&["86"]), false),
        (Partitions::NATIONAL, true),
        (of(&["86"]).and(Partitions::NATIONAL), true),
        (Partitions::NONE, false),
    ] {
        assert_eq!(some.wants(partitions), wanted, "{partitions:?}");
        assert_eq!(Subscription::NONE.wants(partitions), partitions.is_national());
        assert_eq!(Subscription::FRANCE.wants(partitions), !partitions.is_empty());
    }
    assert_eq!(some.shared(subscription(&["79", "86"])), subscription(&["79"]));
    assert_eq!(some.shared(Subscription::FRANCE), some);
    assert!(!some.is_france() && Subscription::FRANCE.is_france());
    assert_eq!(format!("{some:?} {:?}", Subscription::FRANCE), "{17, 79} france");
}

#[test]
fn one_is_at_home_where_one_is_and_where_one_names_places_but_not_everywhere() {
    let bodies = [
        Body::Structure(Box::new(profile(&[Some("17300"), None]))),
        Body::Service(Box::new(service(&["79"], Some("86194")))),
        Body::Service(Box::new(service(&["france"], Some("2A004")))),
        Body::Service(Box::new(service(&["region:75"], None))),
        Body::Withdrawn(RecordKey::Structure),
    ];
    assert_eq!(Subscription::at_home(&bodies), subscription(&["17", "79", "86", "2A"]));
    assert_eq!(Subscription::at_home(&[]), Subscription::NONE);
}
