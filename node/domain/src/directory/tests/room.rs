//! How much is kept: by number, and by what it takes.

use super::*;
use crate::directory::load::LOAD_MAX;
use crate::directory::{
    BYTES_MAX, BYTES_PER_CARRIER_MAX, BYTES_PER_STRUCTURE_MAX, BYTES_PER_THIRD_MAX, CAPACITY_LIFETIME_MIN,
    CARRIED_BYTES_MAX, CARRIED_RECORDS_MAX, LOAD_PER_STRUCTURE_MAX, Lack, Load, OTHERS_BYTES_MAX,
    OTHERS_RECORDS_MAX, PARTNERS_BYTES_MAX, PARTNERS_RECORDS_MAX, RECORDS_MAX, RECORDS_PER_CARRIER_MAX,
    RECORDS_PER_THIRD_MAX, Space, THEIRS_BYTES_IN_ANY_CASE, THEIRS_IN_ANY_CASE,
};
use std::sync::LazyLock;

const LARGE: usize = 100_000;

/// As many communes as one may name.
static WIDE: LazyLock<Coverage> = LazyLock::new(|| {
    let communes = territory::communes_named("saint", territory::COVERAGE_CODES_MAX);
    let codes: Vec<String> = communes.iter().map(|one| one.code().to_string()).collect();
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    Coverage::parse(&codes).expect("known codes")
});

/// A service of so many bytes.
fn large(name: &str, bytes: usize) -> Service {
    Service { description: "x".repeat(bytes), ..service(name) }
}

#[test]
fn large_records_of_one_structure_find_no_more_room_long_before_their_number_is_reached() {
    let mut directory = Directory::default();
    let refused = (0..RECORDS_PER_STRUCTURE_MAX).find_map(|number| {
        let record = published("a", 1, large(&number.to_string(), LARGE));
        directory.admit(record, identity(1), NOW).err().map(|refusal| (number, refusal))
    });
    let (number, refusal) = refused.expect("a refusal");
    assert_eq!(refusal, DirectoryRefusal::Full);
    assert_eq!(number, BYTES_PER_STRUCTURE_MAX / Load::of(&published("a", 1, large("x", LARGE))).bytes);
    assert!(directory.load().bytes <= BYTES_PER_STRUCTURE_MAX);
    // What takes less than before always finds room; what takes more does not.
    let smaller = published("a", 2, service("0"));
    assert_eq!(directory.admit(smaller, identity(2), NOW), Ok(Admitted::Newer));
    let gone = record("a", 2, Body::Withdrawn(RecordKey::Service(id("1"))));
    assert_eq!(directory.admit(gone, identity(2), NOW), Ok(Admitted::Newer));
    for name in ["0", "1"] {
        directory.admit(published("a", 3, large(name, LARGE)), identity(3), NOW).expect("as before");
    }
    let refused = directory.admit(published("a", 4, large("0", 2 * LARGE)), identity(4), NOW);
    assert_eq!(refused, Err(DirectoryRefusal::Full));
}

#[test]
fn large_records_of_all_find_no_more_room_either() {
    let mut directory = Directory::default();
    let record = |of: usize| published(&of.to_string(), 1, large("s", BYTES_PER_STRUCTURE_MAX / 2));
    let refused = (0..100)
        .find_map(|of| directory.admit(record(of), identity(1), NOW).err().map(|refusal| (of, refusal)));
    assert_eq!(refused, Some((12, DirectoryRefusal::Full)));
    assert!(directory.load().bytes <= BYTES_MAX && directory.count() < RECORDS_MAX);
    let fits = |records: usize, bytes: usize| Load { records, bytes }.fits(LOAD_MAX);
    assert!(fits(50_000, 76 * 1_024 * 1_024) && !fits(50_001, 0) && !fits(0, 76 * 1_024 * 1_024 + 1));
}

#[test]
fn a_coverage_weighs_what_its_codes_take() {
    let wide = Service { coverage: WIDE.clone(), ..service("s") };
    let [few, many] = [service("s"), wide].map(|service| Load::of(&published("a", 1, service)).bytes);
    let codes = WIDE.territories().len();
    assert!(codes > 900 && many - few > 10 * codes && many - few < 14 * codes, "{few} {many} {codes}");
}

#[test]
fn what_is_held_is_weighed_whatever_comes_and_goes() {
    let mut directory = Directory::default();
    let weighed = |directory: &Directory| {
        let all: Vec<Load> = directory.all().map(|held| Load::of(&held.record)).collect();
        let structures: BTreeSet<StructureId> = directory.all().map(|held| held.record.structure).collect();
        let all = all.into_iter().fold(Load::NONE, Load::plus);
        assert_eq!(directory.load(), Load { bytes: all.bytes + 1_024 * structures.len(), ..all });
        let of_each = structures.into_iter().map(|one| directory.load_of(one)).fold(Load::NONE, Load::plus);
        assert_eq!(directory.load(), of_each);
    };
    for record in [
        published("a", 1, service("s")),
        published("b", 1, large("s", LARGE)),
        places("a", "s", 3),
        published("a", 2, large("s", LARGE)),
        published("b", 2, service("s")),
        record("b", 1, Body::Structure(Box::default())),
        record("b", 3, Body::Withdrawn(RecordKey::Service(id("s")))),
    ] {
        admit(&mut directory, record);
        weighed(&directory);
    }
    directory.sweep(NOW.plus(Span::days(7)));
    weighed(&directory);
    for of in ["a", "b"] {
        directory.forget(structure(of));
        weighed(&directory);
    }
    assert_eq!(directory.load(), Load::NONE);
}

/// So much of a structure, of what its carrier brought, and of all others.
fn space(of_structure: (usize, usize), of_carrier: (usize, usize), of_others: (usize, usize)) -> Space {
    let load = |(records, bytes)| Load { records, bytes };
    Space { of_structure: load(of_structure), of_carrier: load(of_carrier), of_others: load(of_others) }
}

#[test]
fn thirds_find_room_until_each_of_their_limits() {
    let most = (RECORDS_PER_THIRD_MAX, BYTES_PER_THIRD_MAX);
    let carrier = (RECORDS_PER_CARRIER_MAX, BYTES_PER_CARRIER_MAX);
    let others = (CARRIED_RECORDS_MAX, CARRIED_BYTES_MAX);
    let more = |(records, bytes): (usize, usize)| [(records + 1, bytes), (records, bytes + 1)];
    assert_eq!(space(most, carrier, others).for_third(), Ok(()));
    for over in more(most) {
        assert_eq!(space(over, carrier, others).for_third(), Err(Lack::Full));
    }
    for over in more(others) {
        assert_eq!(space(most, carrier, over).for_third(), Err(Lack::Full));
    }
    for over in more(carrier) {
        assert_eq!(space(most, over, others).for_third(), Err(Lack::Share));
    }
}

#[test]
fn no_partner_takes_what_is_left_for_the_others() {
    let first = (THEIRS_IN_ANY_CASE, THEIRS_BYTES_IN_ANY_CASE);
    let most = (RECORDS_PER_STRUCTURE_MAX, BYTES_PER_STRUCTURE_MAX);
    let (partners, others) =
        ((PARTNERS_RECORDS_MAX, PARTNERS_BYTES_MAX), (OTHERS_RECORDS_MAX, OTHERS_BYTES_MAX));
    let more = |(records, bytes): (usize, usize)| [(records + 1, bytes), (records, bytes + 1)];
    let judged = |of_structure, of_others| space(of_structure, (0, 0), of_others).for_partner().is_ok();
    assert!(judged(most, partners) && judged(first, others));
    assert!(more(partners).iter().all(|over| !judged(most, *over) && judged(first, *over)));
    assert!(more(first).iter().all(|over| !judged(*over, others) && judged(*over, partners)));
    assert!(more(most).iter().all(|over| !judged(*over, partners)));
    assert!(more(others).iter().all(|over| !judged(first, *over)));
    assert!(space(most, (0, 0), others).for_stored().is_ok());
    assert!(more(others).iter().all(|over| space(most, (0, 0), *over).for_stored().is_err()));
    // Own records are among no others: together they are as much as is kept of all.
    assert_eq!(OTHERS_RECORDS_MAX + LOAD_PER_STRUCTURE_MAX.records, RECORDS_MAX);
    assert_eq!(OTHERS_BYTES_MAX + LOAD_PER_STRUCTURE_MAX.bytes, BYTES_MAX);
    const { assert!(CARRIED_RECORDS_MAX < PARTNERS_RECORDS_MAX && CARRIED_BYTES_MAX < PARTNERS_BYTES_MAX) };
    const { assert!(RECORDS_PER_CARRIER_MAX < CARRIED_RECORDS_MAX) };
}

#[test]
fn places_that_end_at_once_are_refused() {
    let mut directory = Directory::default();
    for (lifetime, judged) in [
        (Span(1), Err(DirectoryRefusal::Lifetime)),
        (Span(CAPACITY_LIFETIME_MIN.0 - 1), Err(DirectoryRefusal::Lifetime)),
        (CAPACITY_LIFETIME_MIN, Ok(Admitted::New)),
    ] {
        let record = Record { expires_at: NOW.plus(lifetime), ..places("a", "s", 1) };
        assert_eq!(directory.admit(record, identity(1), NOW), judged, "{lifetime:?}");
    }
}
