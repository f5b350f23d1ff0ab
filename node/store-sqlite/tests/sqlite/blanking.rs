//! Blanked means gone too: what an event held before is in no file, though the key of its part goes on.

use super::raw;
use super::room::Room;
use relais_domain::content::ContentPart;
use relais_domain::event::Side;
use relais_domain::fold::Parts;
use relais_domain::personal::Personal;
use relais_store::Store;
use relais_store::batch::{Batch, Blank, ThreadWrite};
use relais_store::conformance::sample;
use relais_store::rows::EventRow;
use relais_store_sqlite::SqliteStore;
use std::fs;

const SEALED: &str = "SELECT sealed FROM content ORDER BY side, sequence";
/// Lengths of what the events held: the last lies across several pages.
const LENGTHS: [usize; 3] = [60, 200, 20_000];

fn opened() -> Batch {
    let event = |(sequence, length)| {
        let content = Some(sample::secret("content", u64::from(sequence), length));
        EventRow { content, ..sample::event(1, Side::Sender, sequence, ContentPart::Course) }
    };
    let events = (1..).zip(LENGTHS).map(event).collect();
    sample::batch(ThreadWrite { events, ..sample::change(1, 1) })
}

fn blanking(version: u64, blank: Vec<Blank>) -> Batch {
    sample::batch(ThreadWrite { blank, ..sample::change(1, version) })
}

/// The store once closed and opened again, and the sealed bytes it holds.
async fn sealed(room: &Room, store: SqliteStore) -> (SqliteStore, Vec<Vec<u8>>) {
    store.close().await.expect("the store closes");
    let sealed = raw::blobs(&room.file("data.db"), SEALED).await;
    (room.open().await, sealed)
}

async fn lengths(store: &SqliteStore) -> Vec<Option<usize>> {
    let thread = store.thread(sample::thread_id(1)).await.expect("a read").expect("the thread");
    let content = |event: &EventRow| event.content.as_ref().map(|content| content.expose().len());
    thread.events.iter().map(content).collect()
}

fn is_nowhere(room: &Room, sealed: &[u8]) {
    for piece in sealed.chunks(128).filter_map(|chunk| chunk.get(..24)) {
        assert_eq!(raw::holding(room, piece), [""; 0]);
    }
}

#[tokio::test]
async fn what_was_blanked_is_in_no_file() {
    let room = Room::new();
    let store = room.open().await;
    store.commit(opened()).await.expect("a commit");
    let (store, before) = sealed(&room, store).await;
    let remains = Some(sample::secret("remains", 1, 10));
    let same_length = Some(sample::secret("remains", 2, LENGTHS[1]));
    let blank = vec![
        sample::blank(Side::Sender, 1, None),
        sample::blank(Side::Sender, 2, same_length),
        sample::blank(Side::Sender, 3, remains),
    ];
    store.commit(blanking(2, blank)).await.expect("a commit");
    assert_eq!(fs::metadata(room.file("data.db-wal")).expect("the log").len(), 0);
    before.iter().for_each(|sealed| is_nowhere(&room, sealed));
    assert_eq!(lengths(&store).await, [None, Some(LENGTHS[1]), Some(10)]);
    let (store, after) = sealed(&room, store).await;
    before.iter().for_each(|sealed| is_nowhere(&room, sealed));
    assert_eq!(after.len(), 2);
    assert_eq!(lengths(&store).await, [None, Some(LENGTHS[1]), Some(10)]);
}

#[tokio::test]
async fn what_arrives_and_is_blanked_is_never_kept() {
    let room = Room::new();
    let store = room.open().await;
    let Batch { thread, .. } = opened();
    let blank = vec![sample::blank(Side::Sender, 3, Some(Personal::new(vec![7])))];
    let write = ThreadWrite { blank, ..thread.expect("it opens one") };
    store.commit(sample::batch(write)).await.expect("a commit");
    assert_eq!(lengths(&store).await, [Some(LENGTHS[0]), Some(LENGTHS[1]), Some(1)]);
}

#[tokio::test]
async fn what_an_old_backup_brings_back_stays_unreadable_when_it_is_blanked() {
    let room = Room::new();
    let store = room.open().await;
    store.commit(opened()).await.expect("a commit");
    let (store, before) = sealed(&room, store).await;
    store.close().await.expect("the store closes");
    let backup = fs::read(room.file("data.db")).expect("the file");
    let store = room.open().await;
    let erase = Parts::of([ContentPart::Course]);
    store.commit(sample::batch(ThreadWrite { erase, ..sample::change(1, 2) })).await.expect("a commit");
    store.close().await.expect("the store closes");
    fs::write(room.file("data.db"), backup).expect("a write");
    let store = room.open().await;
    let blank = vec![
        sample::blank(Side::Sender, 1, Some(sample::secret("remains", 1, 10))),
        sample::blank(Side::Sender, 2, None),
    ];
    store.commit(blanking(2, blank)).await.expect("a commit");
    assert_eq!(lengths(&store).await, [None, None, None]);
    let (_store, after) = sealed(&room, store).await;
    assert_eq!(after, [before[0].as_slice(), &before[2]], "a row names the key that sealed it");
}
