//! A full disk: said clearly, nothing lost, and the store goes on once there is room.

use super::room::Room;
use relais_store::batch::{Batch, DocumentWrite, Expected};
use relais_store::conformance::sample;
use relais_store::rows::Shelf;
use relais_store::{CommitError, Store, StoreError};
use relais_store_sqlite::{OpenError, Options, SqliteStore};

const PAGES: u32 = 160;
const BODY_LENGTH: usize = 40_000;

fn put(key: u8) -> Batch {
    write(key, Some(vec![key; BODY_LENGTH]))
}

fn write(key: u8, body: Option<Vec<u8>>) -> Batch {
    let shelf = Shelf::Record;
    let write = DocumentWrite { shelf, key: vec![key], expected_version: Expected::Any, body };
    Batch { documents: vec![write], leaves: vec![sample::leaf(u64::from(key))], ..Batch::default() }
}

async fn small(room: &Room, pages: u32) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(Options { pages_max: Some(pages), ..room.options() }).await
}

/// Fills a store; returns how many documents found room.
async fn fill(store: &SqliteStore) -> u8 {
    for key in 0..=u8::MAX {
        let Err(error) = store.commit(put(key)).await else { continue };
        assert!(matches!(error, CommitError::Store(StoreError::Full)), "{error}");
        return key;
    }
    u8::MAX
}

async fn kept(store: &SqliteStore) -> (usize, u64) {
    let documents = store.documents(Shelf::Record, b"").await.expect("a read");
    assert!(documents.iter().all(|document| document.body == vec![document.key[0]; BODY_LENGTH]));
    (documents.len(), store.ledger_size().await.expect("a read"))
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_the_store_goes_on_once_there_is_room() {
    let room = Room::new();
    let store = small(&room, PAGES).await.expect("the store opens");
    let found_room = fill(&store).await;
    assert!((1..u8::MAX).contains(&found_room));
    assert_eq!(kept(&store).await, (usize::from(found_room), u64::from(found_room)));

    store.commit(write(0, None)).await.expect("removing needs no room");
    store.commit(put(0)).await.expect("there is room again");
    let leaves = u64::from(found_room) + 2;
    assert_eq!(kept(&store).await, (usize::from(found_room), leaves));
    let again = store.commit(put(found_room)).await;
    assert!(matches!(again, Err(CommitError::Store(StoreError::Full))), "{again:?}");

    store.close().await.expect("the store closes");
    let store = room.open().await;
    assert_eq!(kept(&store).await, (usize::from(found_room), leaves));
    store.commit(put(found_room)).await.expect("a larger disk");
}

#[tokio::test]
async fn in_a_group_only_what_finds_no_room_is_refused() {
    let room = Room::new();
    let store = small(&room, PAGES).await.expect("the store opens");
    let found_room = fill(&store).await;
    store.commit(write(0, None)).await.expect("removing needs no room");
    let (large, one, two) = (
        Batch { documents: (200..210).flat_map(|key| put(key).documents).collect(), ..Batch::default() },
        sample::batch(sample::opening(1)),
        sample::batch(sample::opening(2)),
    );
    let (one, large, two) = tokio::join!(store.commit(one), store.commit(large), store.commit(two));
    assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
    assert!(matches!(large, Err(CommitError::Store(StoreError::Full))), "{large:?}");
    assert_eq!(kept(&store).await.0, usize::from(found_room) - 1);
}

#[tokio::test]
async fn a_store_that_does_not_fit_is_refused() {
    let room = Room::new();
    let error = small(&room, 3).await.expect_err("no room for the tables");
    assert!(matches!(error, OpenError::Full(_)), "{error}");
    room.open().await;
}
