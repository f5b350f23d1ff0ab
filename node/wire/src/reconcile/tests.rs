//! Two sides that compare, and what a hostile one may say.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Rounds that any comparison below takes at most.
const ROUNDS_MAX: usize = 64;

fn item(number: u64) -> (Timestamp, Digest) {
    let second = i64::try_from(number / 3).unwrap();
    (Timestamp(1_795_000_000_000 + second * 1_000), Digest::of(&number.to_be_bytes()))
}

fn items(numbers: impl IntoIterator<Item = u64>) -> Items {
    Items::of(numbers.into_iter().map(item))
}

fn digests(numbers: impl IntoIterator<Item = u64>) -> BTreeSet<Digest> {
    numbers.into_iter().map(|number| item(number).1).collect()
}

/// Compares to the end: what each lacks, the rounds, the bytes of all messages.
fn compare(opens: &Items, answers: &Items) -> (BTreeSet<Digest>, BTreeSet<Digest>, usize, usize) {
    let (mut have, mut need) = (BTreeSet::new(), BTreeSet::new());
    let mut next = Some(opens.open().unwrap());
    let (mut rounds, mut bytes) = (0, 0);
    while let Some(message) = next {
        let answer = answers.answer(&message).unwrap();
        for message in [&message, &answer] {
            assert!(message.len() < RECONCILE_BYTES_MAX, "{}", message.len());
            bytes += message.len();
        }
        let difference = opens.learn(&answer).unwrap();
        have.extend(difference.have);
        need.extend(difference.need);
        next = difference.next;
        rounds += 1;
        assert!(rounds <= ROUNDS_MAX);
    }
    (have, need, rounds, bytes)
}

#[test]
fn both_learn_what_the_other_lacks() {
    let (have, need, rounds, _) = compare(&items(0..1_000), &items(10..1_003));
    assert_eq!((have, need), (digests(0..10), digests(1_000..1_003)));
    assert!(rounds <= 3, "{rounds}");
    for (one, other) in [(0..0, 0..0), (0..0, 0..500), (0..500, 0..0), (0..500, 0..500)] {
        let (have, need, ..) = compare(&items(one.clone()), &items(other.clone()));
        assert_eq!(have.len(), if other.is_empty() { one.end as usize } else { 0 });
        assert_eq!(need.len(), if one.is_empty() { other.end as usize } else { 0 });
    }
}

#[test]
fn a_whole_directory_is_learnt_within_the_rounds_of_a_session() {
    let (have, need, rounds, bytes) = compare(&items(0..0), &items(0..100_000));
    assert_eq!((have.len(), need.len()), (0, 100_000));
    println!("100,000 records lacked: {rounds} rounds, {bytes} bytes");
}

#[test]
fn messages_that_cannot_be_read_are_refused_and_none_stops_the_program() {
    let held = items(0..100);
    let unreadable = |message: &[u8]| matches!(held.answer(message), Err(ReconcileError::Message(_)));
    for message in [&[][..], &[0x61, 0, 0, 1], &[0x61, 0, 33, 1], &[0x61, 0, 0, 9], &[0x20]] {
        assert!(unreadable(message), "{message:?}");
        assert!(held.learn(message).is_err(), "{message:?}");
    }
    assert_eq!(held.answer(&[0x62, 1, 2]), Err(ReconcileError::Version));
    assert!(held.learn(&[0x62]).is_err());
    // So many ids announced that nobody could keep them.
    assert!(unreadable(&[0x61, 0, 0, 2, 0xc0, 0x80, 0x80, 0x80, 0x00]));
}

#[test]
fn steps_are_read_back_and_unknown_ones_are_not() {
    for step in Step::ALL {
        let message = Reconcile { step, message: vec![1, 2] };
        assert_eq!(Reconcile::decode(&message.encode()), Some(message));
    }
    for bytes in [&[][..], &[0, 1], &[4, 1]] {
        assert_eq!(Reconcile::decode(bytes), None);
    }
}

/// As many ranges as a message can hold, each with a fingerprint that is a lie.
fn lies(ranges: u64) -> Vec<u8> {
    let mut message = vec![0x61];
    for _ in 0..ranges {
        // One millisecond further, no id, a fingerprint.
        message.extend([2, 0, 1]);
        message.extend([0xab; 16]);
    }
    message
}

#[test]
fn a_message_full_of_lies_costs_little_and_its_answer_keeps_its_limit() {
    let held = Items::of((0..50_000).map(|number| (Timestamp(number), Digest::of(&number.to_be_bytes()))));
    let message = lies((RECONCILE_BYTES_MAX as u64 - 2) / 19);
    let answer = held.answer(&message).unwrap();
    assert!(answer.len() < RECONCILE_BYTES_MAX, "{}", answer.len());
    let learnt = held.learn(&message).unwrap();
    assert!(learnt.next.unwrap().len() < RECONCILE_BYTES_MAX);
    // Ranges that go back, and nothing but skips.
    let skips = [&[0x61][..], &[1, 0, 0].repeat(19_000)].concat();
    assert_eq!(held.answer(&skips).unwrap(), [0x61]);
}

proptest! {
    #[test]
    fn any_two_sets_are_told_apart(
        one in prop::collection::btree_set(0u64..3_000, 0..400),
        other in prop::collection::btree_set(0u64..3_000, 0..400),
    ) {
        let (have, need, ..) = compare(&items(one.iter().copied()), &items(other.iter().copied()));
        prop_assert_eq!(have, digests(one.difference(&other).copied()));
        prop_assert_eq!(need, digests(other.difference(&one).copied()));
    }

    #[test]
    fn any_bytes_are_answered_or_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let held = items(0..200);
        let _ = held.answer(&bytes);
        let _ = held.learn(&bytes);
        bytes.insert(0, 0x61);
        let _ = held.answer(&bytes);
        let _ = held.learn(&bytes);
    }

    #[test]
    fn a_message_with_one_byte_changed_is_answered_or_refused(at in 0usize..400, byte in any::<u8>()) {
        let (one, other) = (items(0..700), items(100..900));
        let mut message = one.open().unwrap();
        let at = at % message.len();
        message[at] = byte;
        if let Ok(answer) = other.answer(&message) {
            let _ = one.learn(&answer);
        }
    }
}
