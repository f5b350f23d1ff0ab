//! Who finds room, who does not, and what is free again when a partner is one no more.

use super::super::shelf::root_key;
use super::third::carrier;
use super::*;
use relais_domain::directory::{
    CARRIED_CONFLICTS_MAX, CARRIED_RECORDS_MAX, CONFLICT_KEPT, CONFLICTS_MAX, Floor, OTHERS_RECORDS_MAX,
    PARTNERS_RECORDS_MAX, RECORDS_PER_THIRD_MAX, THEIRS_IN_ANY_CASE,
};

impl Bench {
    /// Takes up room for so many records of one structure.
    fn fills(&self, of: StructureId, records: std::ops::Range<usize>) {
        let until = self.clock.now().plus(Span::days(7));
        let mut index = self.directory.index.write();
        for number in records {
            let key = RecordKey::Capacity(id(&format!("s{number}")));
            index.floors.raise(of, key, Floor { sequence: 1, until });
        }
    }

    /// Takes up room until so much of others is held, by structures of a few records each.
    fn fills_until(&self, records: usize) {
        let held = self.directory.read_index(|index| index.records.count() + index.floors.load().records);
        for first in (held..records).step_by(10) {
            self.fills(StructureId::of_root_spki(&first.to_be_bytes()), first..records.min(first + 10));
        }
    }
}

async fn of_france(name: &str) -> Bench {
    let us = Bench::new(name).await;
    us.directory.subscribe(Some(Subscription::FRANCE), |_| false).await.unwrap();
    us
}

fn is_full<T: std::fmt::Debug>(refused: Result<T, AdmitError>) -> bool {
    matches!(refused, Err(AdmitError::Refused(DirectoryRefusal::Full)))
}

#[tokio::test]
async fn partners_find_room_when_thirds_do_not_and_this_structure_in_any_case() {
    let (us, third, partner) =
        (of_france("us").await, Bench::new("third").await, Bench::new("partner").await);
    let (of_third, of_partner) = (third.offers("a", "17").await, partner.offers("b", "17").await);
    us.fills_until(CARRIED_RECORDS_MAX - 1);
    us.brought(&third, &of_third).await.unwrap();
    assert!(is_full(us.brought(&third, &third.offers("c", "17").await).await));
    // Up to here a partner finds room for whatever it publishes; from here on for the first of it.
    us.fills(partner.us(), 0..THEIRS_IN_ANY_CASE - 1);
    us.fills_until(PARTNERS_RECORDS_MAX);
    us.directory.admit_from_peer(&of_partner.bytes, &partner.own.chain()).await.unwrap();
    let one_more = partner.offers("d", "17").await;
    assert!(is_full(us.directory.admit_from_peer(&one_more.bytes, &partner.own.chain()).await));
    let other = Bench::new("other").await;
    us.fills_until(OTHERS_RECORDS_MAX - 1);
    let of_other = other.offers("a", "17").await;
    us.directory.admit_from_peer(&of_other.bytes, &other.own.chain()).await.unwrap();
    assert!(is_full(
        us.directory.admit_from_peer(&other.offers("b", "17").await.bytes, &other.own.chain()).await
    ));
    assert_eq!(us.import(&json!([service("own")])).await.created, 1);
}

#[tokio::test]
async fn floors_take_room_of_whoever_left_them() {
    let (us, third, partner) =
        (of_france("us").await, Bench::new("third").await, Bench::new("partner").await);
    us.fills(third.us(), 0..RECORDS_PER_THIRD_MAX);
    us.fills(partner.us(), 0..RECORDS_PER_STRUCTURE_MAX);
    let new = partner.offers("a", "17").await;
    assert!(is_full(us.brought(&third, &third.offers("a", "17").await).await));
    assert!(is_full(us.directory.admit_from_peer(&new.bytes, &partner.own.chain()).await));
    // What stands where a floor was takes no more than that.
    let (service, now) = (id("s7"), us.clock.now());
    let capacity = Capacity { service, places: Some(1), waiting_days: None, stated_at: now };
    let (body, expires_at) = (Body::Capacity(capacity), now.plus(Span::days(7)));
    let places = Record { sequence: 2, issued_at: now, expires_at, body, ..new.record };
    let places = SignedRecord::sign(&places, partner.own.signing()).unwrap();
    let before = us.directory.read_index(|index| index.load_of(partner.us()).records);
    us.directory.admit_from_peer(&places.bytes, &partner.own.chain()).await.unwrap();
    assert_eq!(us.directory.read_index(|index| index.load_of(partner.us()).records), before);
}

#[tokio::test]
async fn proofs_of_lies_end_and_those_of_partners_find_room_when_others_do_not() {
    let us = of_france("us").await;
    let lies = |of: Bench| async {
        let record = of.offers("a", "17").await;
        let issued_at = record.record.issued_at.plus(Span(1));
        let expires_at = issued_at.plus(Span::days(60));
        let other = Record { issued_at, expires_at, ..record.record.clone() };
        let other = SignedRecord::sign(&other, of.own.signing()).unwrap();
        (of, record, other)
    };
    let fills_until = |most: usize| {
        let mut index = us.directory.index.write();
        let held = index.conflicts.values().map(BTreeMap::len).sum::<usize>();
        for number in held..most {
            let of = StructureId::of_root_spki(&number.to_be_bytes());
            index.conflicts.entry(of).or_default().insert(RecordKey::Structure, Timestamp(i64::MAX));
        }
    };
    fills_until(CARRIED_CONFLICTS_MAX);
    let (third, one, other) = lies(Bench::new("third").await).await;
    us.brought(&third, &one).await.unwrap();
    us.brought(&third, &other).await.unwrap_err();
    assert_eq!(us.directory.conflicts().await.unwrap(), []);
    for kept in [1, 1] {
        let (partner, one, other) = lies(Bench::new("partner").await).await;
        us.directory.admit_from_peer(&one.bytes, &partner.own.chain()).await.unwrap();
        us.directory.admit_from_peer(&other.bytes, &partner.own.chain()).await.unwrap_err();
        assert_eq!(us.directory.conflicts().await.unwrap().len(), kept);
        fills_until(CONFLICTS_MAX);
    }
    let restarted = us.reload().await;
    for (after, kept) in [(CONFLICT_KEPT.0 - 60_000, 1), (CONFLICT_KEPT.0 + 60_000, 0)] {
        us.clock.shift(Span(after));
        for directory in [&us.directory, &restarted] {
            directory.sweep().await.unwrap();
        }
        assert_eq!(restarted.conflicts().await.unwrap().len(), kept);
        assert_eq!(restarted.read_index(|index| index.conflicts.len()), kept);
    }
}

#[tokio::test]
async fn what_a_partner_brought_goes_with_it_and_comes_back_by_another() {
    let (us, third, partner) =
        (of_france("us").await, Bench::new("third").await, Bench::new("partner").await);
    let (one, two) = (third.offers("a", "17").await, third.offers("b", "17").await);
    us.brought(&third, &one).await.unwrap();
    us.brought(&partner, &partner.offers("p", "17").await).await.unwrap();
    us.fills(third.us(), 0..3);
    let (key, root) = (root_key(third.us()), Digest::of(b"another root"));
    let documents = vec![write(key, Some(root.as_bytes().to_vec()))];
    us.store.commit(relais_store::batch::Batch { documents, ..Default::default() }).await.unwrap();
    us.directory.index.write().roots.insert(third.us(), root);
    let mut wishes = us.directory.wishes();
    assert_eq!(us.directory.drop_brought_by(third.us(), |_| false).await.unwrap(), 0, "another one");
    let kept = |structure| structure == partner.us();
    assert_eq!(us.directory.drop_brought_by(carrier(), kept).await.unwrap(), 1);
    assert!(wishes.has_changed().unwrap());
    wishes.mark_unchanged();
    for directory in [&us.directory, &us.reload().await] {
        assert_eq!((directory.list(third.us()).len(), directory.list(partner.us()).len()), (0, 1));
        assert!(directory.carried().known(third.us()).is_none());
        let left = directory.read_index(|index| index.load_of(third.us()));
        assert_eq!(left, Load::NONE, "nor any floor");
        assert!(directory.read_index(|index| index.roots.is_empty()), "nor by which root it signs");
    }
    assert_eq!(us.store.documents(Shelf::Record, third.us().as_bytes()).await.unwrap(), []);
    assert_eq!(us.store.documents(Shelf::CarriedManifest, third.us().as_bytes()).await.unwrap(), []);
    for record in [one, two] {
        assert_eq!(us.brought(&third, &record).await.unwrap(), Admitted::New);
    }
}
