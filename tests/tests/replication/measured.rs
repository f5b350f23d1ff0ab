//! A comparison of 50,000 records, what lies cost, and the verification of a record.

use relais_domain::content::YesNo;
use relais_domain::digest::Digest;
use relais_domain::directory::{Body, Directory, Subscription};
use relais_domain::territory::DepartementCode;
use relais_domain::time::{Span, Timestamp};
use relais_tests::records::{NOW, TIMES_COUNT, founded, places, record, service, structure};
use relais_wire::frame::{ITEMS_WANTED_MAX, SyncFrame};
use relais_wire::reconcile::{Items, RECONCILE_BYTES_MAX, Reconcile, Step};
use relais_wire::record::SignedRecord;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const RECORDS: u64 = 50_000;
/// Most bytes of a comparison of equal sets, both ways.
const EQUAL_BYTES_MAX: usize = 500;
/// Records that differ, half of them lacked by each side, signed within the last day.
const DIFFERENT: u64 = 100;
/// Most bytes that finding them may take, both ways, besides the records.
const DIFFERENT_BYTES_MAX: usize = 10 * 1024;
/// Most time of both sides together.
const COMPARED_IN_MAX: Duration = Duration::from_millis(20);
/// Most time to answer one message full of lies.
const LIES_IN_MAX: Duration = Duration::from_millis(20);
/// Most time to verify a record on arrival.
const VERIFIED_IN_MAX: Duration = Duration::from_micros(100);
/// Most time to choose a record and sort it in among those to be compared.
const CHOSEN_IN_MAX: Duration = Duration::from_micros(2);
/// How much slower a debug build may be: a bound that is passed by more is passed by the algorithm.
const DEBUG_SLOWER_MAX: u32 = 50;
/// How often a time is taken; the shortest counts, for the others hold what else the machine did.
const TAKES: u32 = 7;

/// An item; the first were signed at any time of the last sixty days, the last of them within the last day.
fn item(number: u64) -> (Timestamp, Digest) {
    let minutes = if number < RECORDS - DIFFERENT { number * 60 * 24 * 59 / RECORDS } else { 60 * 24 * 59 };
    let minutes = Span::minutes(i64::try_from(minutes).expect("minutes"));
    let within_day = Span::minutes(i64::try_from(number % 1_440).expect("minutes"));
    let signed_at = Timestamp(NOW.minus(Span::days(60)).0 + minutes.0 + within_day.0);
    (signed_at, Digest::of(&number.to_be_bytes()))
}

/// What a comparison came to.
#[derive(Default)]
struct Compared {
    rounds: usize,
    bytes: usize,
    have: BTreeSet<Digest>,
    need: BTreeSet<Digest>,
}

fn frame_bytes(step: Step, message: &[u8]) -> usize {
    SyncFrame::Reconcile(Reconcile { step, message: message.to_vec() }).encode().len()
}

fn compare(opens: &Items, answers: &Items) -> Compared {
    let mut compared = Compared::default();
    let mut said = (Step::Opens, opens.open().expect("an opening"));
    loop {
        let answer = answers.answer(&said.1).expect("an answer");
        compared.rounds += 1;
        compared.bytes += frame_bytes(said.0, &said.1) + frame_bytes(Step::Answers, &answer);
        let learnt = opens.learn(&answer).expect("a difference");
        compared.have.extend(learnt.have);
        compared.need.extend(learnt.need);
        let Some(next) = learnt.next else { break };
        said = (Step::GoesOn, next);
    }
    let wanted: Vec<Digest> = compared.need.iter().copied().collect();
    for ids in wanted.chunks(ITEMS_WANTED_MAX) {
        compared.bytes += SyncFrame::ItemsWanted(ids.to_vec()).encode().len();
    }
    compared
}

/// The shortest time of several.
fn shortest(mut work: impl FnMut()) -> Duration {
    let taken = (0..TAKES).map(|_| {
        let begun = Instant::now();
        work();
        begun.elapsed()
    });
    taken.min().unwrap_or_default()
}

fn in_time(took: Duration, most: Duration) -> bool {
    took <= if TIMES_COUNT == YesNo::Yes { most } else { most * DEBUG_SLOWER_MAX }
}

#[test]
fn comparing_fifty_thousand_records_costs_little() {
    let all = Items::of((0..RECORDS).map(item));
    let equal = compare(&all, &all);
    println!("equal sets of {RECORDS}: {} bytes, {} round", equal.bytes, equal.rounds);
    assert!(equal.bytes <= EQUAL_BYTES_MAX && equal.have.is_empty() && equal.need.is_empty());

    let recent = RECORDS - DIFFERENT;
    let one = Items::of((0..RECORDS).filter(|number| *number < recent || number % 2 == 0).map(item));
    let other = Items::of((0..RECORDS).filter(|number| *number < recent || number % 2 == 1).map(item));
    let found = compare(&one, &other);
    println!("{DIFFERENT} recent differences: {} bytes, {} rounds", found.bytes, found.rounds);
    assert_eq!(found.have.len() + found.need.len(), usize::try_from(DIFFERENT).expect("a count"));
    assert!(found.bytes <= DIFFERENT_BYTES_MAX, "{}", found.bytes);

    let took = shortest(|| {
        compare(&one, &other);
    });
    println!("both sides together took {took:?} (bound {COMPARED_IN_MAX:?} in a release build)");
    assert!(in_time(took, COMPARED_IN_MAX), "{took:?}");
}

#[test]
fn a_message_full_of_lies_costs_little() {
    let all = Items::of((0..RECORDS).map(|number| {
        (Timestamp(i64::try_from(number).expect("a number")), Digest::of(&number.to_be_bytes()))
    }));
    // As many ranges as a message holds: one millisecond further, no id, a fingerprint that is a lie.
    let range: Vec<u8> = [&[2, 0, 1][..], &[0xab; 16]].concat();
    let message = [&[0x61][..], &range.repeat((RECONCILE_BYTES_MAX - 2) / range.len())].concat();
    let took = shortest(|| {
        all.answer(&message).expect("an answer");
    });
    println!(
        "{} bytes of lies answered in {took:?} (bound {LIES_IN_MAX:?} in a release build)",
        message.len()
    );
    assert!(in_time(took, LIES_IN_MAX), "{took:?}");
}

#[test]
fn choosing_and_sorting_what_is_compared_is_quick() {
    const SERVICES: u64 = 5_000;
    let mut directory = Directory::default();
    for number in 0..SERVICES {
        let of = structure(number / 5);
        let offered = service(number, if number % 2 == 0 { "17" } else { "79" });
        let capacity = places(&offered);
        for body in [Body::Service(Box::new(offered)), Body::Capacity(capacity)] {
            let identity = Digest::of_parts(&[&number.to_be_bytes(), format!("{:?}", body.key()).as_bytes()]);
            directory.admit(record(of, 1, NOW, body), identity, NOW).expect("a good record");
        }
    }
    let shared = Subscription::of(DepartementCode::parse("17"));
    let chosen = || {
        let placed = directory.placed(NOW).filter(|(_, _, partitions)| shared.wants(*partitions));
        Items::of(placed.map(|(at, identity, _)| (at, identity)))
    };
    // Every service of these is in the commune 17300, whatever it covers.
    assert_eq!(chosen().count(), directory.count());
    let took = shortest(|| {
        chosen();
    });
    let each = took / u32::try_from(directory.count()).expect("a count");
    println!("{} records chosen and sorted in {took:?}, {each:?} each", directory.count());
    assert!(in_time(each, CHOSEN_IN_MAX), "{each:?}");
}

#[test]
fn a_record_is_verified_on_arrival_in_a_tenth_of_a_millisecond() {
    const RECORDS: u64 = 500;
    let (chain, signing) = founded();
    let signed: Vec<Vec<u8>> = (0..RECORDS)
        .map(|number| {
            let body = Body::Service(Box::new(service(number, "17")));
            let record = record(chain.structure(), 1, NOW, body);
            SignedRecord::sign(&record, &signing).expect("a good record").bytes
        })
        .collect();
    let took = shortest(|| {
        for bytes in &signed {
            let keys = |manifest| chain.signing_keys_at(manifest).map(<[_]>::to_vec);
            SignedRecord::open(bytes, chain.structure(), keys).expect("a good record");
        }
    });
    let each = took / u32::try_from(RECORDS).expect("a count");
    println!("read and verified in {each:?} a record (bound {VERIFIED_IN_MAX:?} in a release build)");
    assert!(in_time(each, VERIFIED_IN_MAX), "{each:?}");
}
