//! What is dropped, when, and what never is.

use super::*;
use relais_store::memory::MemoryStore;

const NOW: Timestamp = Timestamp(1_795_305_600_000);
const THREAD: [u8; 16] = [9; 16];

struct Bench {
    store: Arc<dyn Store>,
    invitations: Invitations,
}

impl Bench {
    fn new() -> Self {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        Self { invitations: Invitations::new(Arc::clone(&store)), store }
    }

    async fn put(&self, shelf: Shelf, key: &[u8], body: Vec<u8>) {
        let write =
            DocumentWrite { shelf, key: key.to_vec(), expected_version: Expected::Any, body: Some(body) };
        self.store.commit(Batch { documents: vec![write], ..Batch::default() }).await.unwrap();
    }

    async fn round(&self, now: Timestamp) -> usize {
        round(&*self.store, &self.invitations, now).await.unwrap()
    }

    async fn keys(&self, shelf: Shelf) -> Vec<Vec<u8>> {
        self.store.documents(shelf, &[]).await.unwrap().into_iter().map(|document| document.key).collect()
    }
}

fn at(instant: Timestamp) -> Vec<u8> {
    [THREAD.as_slice(), &instant.0.to_be_bytes()].concat()
}

#[tokio::test]
async fn an_act_is_remembered_for_a_week() {
    let bench = Bench::new();
    bench.put(Shelf::Done, &[1; 16], at(NOW)).await;
    let last = NOW.plus(REQUEST_REMEMBERED);
    assert_eq!(bench.round(last).await, 0);
    assert_eq!(bench.keys(Shelf::Done).await.len(), 1);
    assert_eq!(bench.round(last.plus(Span(1))).await, 1);
    assert!(bench.keys(Shelf::Done).await.is_empty());
}

#[tokio::test]
async fn an_act_noted_without_its_instant_is_remembered_for_a_week_from_now() {
    let bench = Bench::new();
    bench.put(Shelf::Done, &[1; 16], THREAD.to_vec()).await;
    assert_eq!(bench.round(NOW).await, 0);
    let stamped = bench.store.document(Shelf::Done, &[1; 16]).await.unwrap().unwrap();
    assert_eq!(stamped.body, at(NOW), "the thread is still the first it says");
    assert_eq!(bench.round(NOW.plus(REQUEST_REMEMBERED)).await, 0);
    assert_eq!(bench.round(NOW.plus(REQUEST_REMEMBERED).plus(Span(1))).await, 1);
}

#[tokio::test]
async fn an_ended_consent_is_remembered_a_year_longer_than_it_was_valid() {
    let bench = Bench::new();
    bench.put(Shelf::Done, &[1; 32], at(NOW)).await;
    bench.put(Shelf::Done, &[2; 32], THREAD.to_vec()).await;
    assert_eq!(bench.round(NOW.plus(ENDED_CONSENT_REMEMBERED)).await, 0);
    assert_eq!(bench.round(NOW.plus(ENDED_CONSENT_REMEMBERED).plus(Span(1))).await, 1);
    assert_eq!(bench.keys(Shelf::Done).await, [[2; 32].to_vec()], "one without a date stays");
    assert_eq!(bench.round(NOW.plus(Span::days(5_000))).await, 0);
}

#[tokio::test]
async fn the_newest_checkpoints_stay_and_one_of_each_day() {
    let bench = Bench::new();
    let size = |number: u64| number.to_be_bytes().to_vec();
    let mut signed = 0;
    for day in 0..3 {
        for _ in 0..60 {
            signed += 1;
            bench.put(Shelf::Checkpoint, &size(signed), b"note".to_vec()).await;
        }
        bench.round(NOW.plus(Span::days(day))).await;
        bench.round(NOW.plus(Span::days(day)).plus(Span::hours(1))).await;
    }
    let kept = bench.keys(Shelf::Checkpoint).await;
    let wanted: Vec<Vec<u8>> = std::iter::once(60).chain(81..=180).map(size).collect();
    assert_eq!(kept, wanted);
}

#[tokio::test]
async fn more_than_one_transaction_holds_is_dropped_in_one_round() {
    let bench = Bench::new();
    for number in 0..700_u16 {
        let mut key = [0; 16];
        key[..2].copy_from_slice(&number.to_be_bytes());
        bench.put(Shelf::Done, &key, at(NOW)).await;
    }
    bench.put(Shelf::Setting, b"another", b"stays".to_vec()).await;
    assert_eq!(bench.round(NOW.plus(Span::days(8))).await, 700);
    assert_eq!(bench.keys(Shelf::Setting).await, [b"another".to_vec()]);
}
