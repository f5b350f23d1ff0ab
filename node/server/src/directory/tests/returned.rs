//! A folder put back from a copy: what this structure said since comes back from partners, and what it says next holds.

use super::super::returned::RETURNED_AHEAD_MAX;
use super::*;

/// A node that has published a service three times, and its folder from before the second; the three records.
async fn put_back() -> (Bench, Vec<SignedRecord>) {
    let us = Bench::new("hub").await;
    let mut records = Vec::new();
    for (number, name) in ["Un deux", "Deux trois", "Trois quatre"].iter().enumerate() {
        us.clock.shift(Span::minutes(i64::try_from(number).unwrap()));
        us.import(&json!([with(service("a"), "nom", json!(name))])).await;
        records.push(us.directory.records_of(us.us()).await.unwrap().remove(0));
    }
    let key = document_key(us.us(), &RecordKey::Service(id("a")), Holds::Record);
    let documents = vec![write(key, Some(records[0].bytes.clone()))];
    us.store.commit(relais_store::batch::Batch { documents, ..Default::default() }).await.unwrap();
    let directory = us.reload().await;
    (Bench { directory, ..us }, records)
}

fn from() -> StructureId {
    StructureId::of_root_spki(b"partner")
}

impl Bench {
    async fn current(&self) -> Record {
        self.directory.records_of(self.us()).await.unwrap().remove(0).record
    }
}

fn name(record: &Record) -> &str {
    if let Body::Service(service) = &record.body { &service.name } else { "" }
}

#[tokio::test]
async fn what_was_said_since_the_copy_holds_again_and_what_is_said_next_stands_above_it() {
    let (us, records) = put_back().await;
    let mut changes = us.directory.changes();
    us.directory.take_back(records[2].clone(), from()).await.unwrap();
    assert!(changes.has_changed().unwrap());
    changes.mark_unchanged();
    for directory in [&us.directory, &us.reload().await] {
        assert_eq!(directory.list(us.us())[0].service.name, "Trois quatre");
    }
    let counted = us.store.refusals().await.unwrap();
    assert!(counted.iter().any(|one| one.code == "directory_returned" && one.peer == Some(from())));
    for known in &records {
        let again = us.directory.take_back(known.clone(), from()).await;
        assert!(matches!(again, Err(AdmitError::Own)), "nothing is learnt");
    }
    us.import(&json!([with(service("a"), "nom", json!("Quatre cinq"))])).await;
    assert_eq!(us.current().await.sequence, 4);
}

#[tokio::test]
async fn what_was_said_after_the_copy_was_put_back_is_signed_anew_above_the_others() {
    for (returned, sequence) in [(1, 3), (2, 4)] {
        let (us, records) = put_back().await;
        us.clock.shift(Span::minutes(9));
        us.import(&json!([with(service("a"), "nom", json!("Autrement"))])).await;
        assert_eq!(us.current().await.sequence, 2, "as one that came back has");
        us.directory.take_back(records[returned].clone(), from()).await.unwrap();
        let current = us.current().await;
        assert_eq!((current.sequence, name(&current)), (sequence, "Autrement"));
        assert_eq!(us.reload().await.list(us.us())[0].service.name, "Autrement");
    }
}

#[tokio::test]
async fn one_of_two_with_the_same_sequence_is_signed_anew_whichever_is_later() {
    let (us, records) = put_back().await;
    us.clock.shift(Span::minutes(-9));
    us.import(&json!([with(service("a"), "nom", json!("Avant cela"))])).await;
    us.clock.shift(Span::minutes(9));
    us.directory.take_back(records[1].clone(), from()).await.unwrap();
    let current = us.current().await;
    assert_eq!((current.sequence, name(&current)), (3, "Deux trois"));
}

#[tokio::test]
async fn only_what_partners_would_take_counts() {
    let (us, records) = put_back().await;
    let stranger = Bench::new("stranger").await;
    let with = |change: &dyn Fn(&mut Record)| {
        let mut record = records[2].record.clone();
        change(&mut record);
        record
    };
    let sign = |record: &Record| SignedRecord::sign(record, us.own.signing()).unwrap();
    let forged = SignedRecord::sign(&records[2].record, stranger.own.signing()).unwrap();
    let forged = us.directory.take_back(forged, from()).await;
    assert!(matches!(forged, Err(AdmitError::Record(RecordError::Signed(_)))), "{forged:?}");
    // A key of a manifest that is not in use, a number above which there is none, a time that partners do not take.
    let unused = us.directory.take_back(sign(&with(&|record| record.manifest = 7)), from()).await;
    assert!(matches!(unused, Err(AdmitError::Record(RecordError::Manifest))), "{unused:?}");
    let last = us.directory.take_back(sign(&with(&|record| record.sequence = u64::MAX)), from()).await;
    assert!(matches!(last, Err(AdmitError::Own)), "{last:?}");
    let long = sign(&with(&|record| record.expires_at = record.issued_at.plus(Span::days(91))));
    let long = us.directory.take_back(long, from()).await;
    assert!(matches!(long, Err(AdmitError::Refused(DirectoryRefusal::Lifetime))), "{long:?}");
    assert_eq!(us.current().await, records[0].record);
    us.import(&json!([service("a")])).await;
    assert_eq!(us.current().await.sequence, 2);
}

/// Threat: who has a key for a while uses up the numbers, so that nothing more can be said.
#[tokio::test]
async fn no_number_far_beyond_the_last_is_taken_back() {
    let (us, records) = put_back().await;
    let far = |sequence| {
        let record = Record { sequence, ..records[2].record.clone() };
        SignedRecord::sign(&record, us.own.signing()).unwrap()
    };
    for sequence in [u64::MAX, u64::MAX - 1, 1 + RETURNED_AHEAD_MAX + 1] {
        let taken = us.directory.take_back(far(sequence), from()).await;
        assert!(matches!(taken, Err(AdmitError::Own)), "{sequence}: {taken:?}");
    }
    let counted = us.store.refusals().await.unwrap();
    let ahead = counted.iter().find(|one| one.code == "directory_ahead" && one.peer == Some(from()));
    assert_eq!(ahead.map(|one| one.count), Some(3), "the admin is told that someone else has a key");
    us.directory.take_back(far(1 + RETURNED_AHEAD_MAX), from()).await.unwrap();
    us.import(&json!([with(service("a"), "nom", json!("Quatre cinq"))])).await;
    assert_eq!(us.current().await.sequence, RETURNED_AHEAD_MAX + 2);
}
