//! What a start finds in the store: what another version wrote, what the clock or a limit left behind.

use super::*;
use relais_domain::directory::RECORDS_PER_THIRD_MAX;
use relais_proto::peer::v1 as proto;
use relais_wire::dsse::{PayloadType, Signed};
use relais_wire::keys::SigningSecret;

/// A record that says the same and one thing more, which this version knows nothing of.
pub(crate) fn from_another_version(record: &SignedRecord, secret: &SigningSecret) -> Vec<u8> {
    use prost::Message as _;
    let signed = Signed::decode(&record.bytes, PayloadType::DirectoryRecord).unwrap();
    let mut message = proto::DirectoryRecord::decode(signed.payload_unverified()).unwrap();
    if let Some(proto::directory_record::Body::Service(service)) = &mut message.body {
        service.themes.push("une-liste--de-demain".to_owned());
    }
    Signed::sign(PayloadType::DirectoryRecord, message.encode_to_vec(), secret).encode()
}

impl Bench {
    async fn stores(&self, of: StructureId, record: &Record, body: Vec<u8>) {
        let documents = vec![write(document_key(of, &record.key(), Holds::Record), Some(body))];
        self.store.commit(relais_store::batch::Batch { documents, ..Default::default() }).await.unwrap();
    }

    async fn documents(&self, of: StructureId) -> usize {
        self.store.documents(Shelf::Record, of.as_bytes()).await.unwrap().len()
    }
}

#[tokio::test]
async fn what_this_version_cannot_read_is_set_aside_and_the_node_starts() {
    let us = Bench::new("agency").await;
    us.import(&json!([service("a"), service("b")])).await;
    let (partner, records) = partner_with("a").await;
    let (chain, first) = (partner.own.chain(), &records[0]);
    let second = SignedRecord::sign(&changed(&first.record, 2, "Deux"), partner.own.signing()).unwrap();
    let unread = from_another_version(&second, partner.own.signing());
    assert!(matches!(SignedRecord::read(&unread), Err(RecordError::Field(_))));
    us.stores(partner.us(), &second.record, unread).await;
    let own = us.directory.records_of(us.us()).await.unwrap().remove(0);
    us.stores(us.us(), &own.record, from_another_version(&own, us.own.signing())).await;
    let restarted = us.reload().await;
    assert_eq!((restarted.list(partner.us()), restarted.list(us.us()).len()), (Vec::new(), 1));
    assert_eq!(restarted.records_of(us.us()).await.unwrap().len(), 1, "what can be read is told partners");
    assert_eq!(
        (restarted.unread(), us.reload().await.unread()),
        (2, 2),
        "they are not counted anew at each start"
    );
    // Nothing older takes its place, what is newer does, and this structure's own goes on above it.
    let older = restarted.admit_from_peer(&first.bytes, &chain).await;
    assert!(matches!(older, Err(AdmitError::Refused(DirectoryRefusal::Older { held: 2 }))), "{older:?}");
    restarted.import(json!([service("a")]).to_string().as_bytes()).await.unwrap();
    let sequences = restarted.records_of(us.us()).await.unwrap();
    assert_eq!(sequences.iter().map(|one| one.record.sequence).collect::<Vec<_>>(), [2, 1]);
    let third = SignedRecord::sign(&changed(&first.record, 3, "Trois"), partner.own.signing()).unwrap();
    assert_eq!(restarted.admit_from_peer(&third.bytes, &chain).await.unwrap(), Admitted::New);
    assert_eq!(us.reload().await.list(partner.us())[0].service.name, "Trois");
}

#[tokio::test]
async fn what_was_set_aside_goes_when_nothing_older_can_hold() {
    let us = Bench::new("agency").await;
    let (partner, records) = partner_with("a").await;
    us.stores(partner.us(), &records[0].record, from_another_version(&records[0], partner.own.signing()))
        .await;
    let restarted = us.reload().await;
    assert_eq!(us.documents(partner.us()).await, 1, "another version may read it");
    us.clock.shift(Span::days(91));
    restarted.sweep().await.unwrap();
    assert_eq!(us.documents(partner.us()).await, 0);
    us.stores(partner.us(), &records[0].record, from_another_version(&records[0], partner.own.signing()))
        .await;
    us.reload().await;
    assert_eq!(us.documents(partner.us()).await, 0, "nor is it kept by a later start");
}

#[tokio::test]
async fn what_is_no_record_of_any_version_still_stops_a_start() {
    let us = Bench::new("agency").await;
    let (partner, records) = partner_with("a").await;
    us.stores(partner.us(), &records[0].record, vec![7; 90]).await;
    let dice = Dice::system().unwrap();
    let started = Directory::load(Arc::clone(&us.store), Arc::clone(&us.own), us.clock.clone(), dice).await;
    assert!(matches!(started, Err(DirectoryError::Store(StoreError::Corrupt(_)))));
}

#[tokio::test]
async fn a_clock_that_was_set_back_forgets_nothing() {
    let us = Bench::new("agency").await;
    let (partner, records) = partner_with("a").await;
    us.directory.admit_from_peer(&records[0].bytes, &partner.own.chain()).await.unwrap();
    us.clock.shift(Span::days(-10));
    let restarted = us.reload().await;
    assert_eq!(restarted.list(partner.us()).len(), 1);
    us.clock.shift(Span(0));
    let again = restarted.admit_from_peer(&records[0].bytes, &partner.own.chain()).await;
    assert_eq!(again.unwrap(), Admitted::Same);
}

#[tokio::test]
async fn what_was_kept_under_wider_limits_is_dropped_at_start_and_own_records_are_not() {
    let us = Bench::new("agency").await;
    us.import(&json!([service("own")])).await;
    let (partner, records) = partner_with("a").await;
    // Floors of one structure beyond what is kept of one: as a partner of another version may have left them.
    let floor = super::super::shelf::encode_floor(relais_domain::directory::Floor {
        sequence: 1,
        until: us.clock.now().plus(Span::days(7)),
    });
    let key = |number: usize| RecordKey::Capacity(id(&format!("s{number}")));
    let documents = (0..=RECORDS_PER_STRUCTURE_MAX)
        .map(|number| write(document_key(partner.us(), &key(number), Holds::Floor), Some(floor.clone())));
    let documents = documents.collect();
    us.store.commit(relais_store::batch::Batch { documents, ..Default::default() }).await.unwrap();
    us.stores(partner.us(), &records[0].record, records[0].bytes.clone()).await;
    let restarted = us.reload().await;
    let kept = restarted.read_index(|index| index.load_of(partner.us()).records);
    assert_eq!(
        (kept, us.documents(partner.us()).await),
        (RECORDS_PER_STRUCTURE_MAX, RECORDS_PER_STRUCTURE_MAX)
    );
    assert_eq!(restarted.list(us.us()).len(), 1);
    const { assert!(RECORDS_PER_THIRD_MAX < RECORDS_PER_STRUCTURE_MAX) };
}
