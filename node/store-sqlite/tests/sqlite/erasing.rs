//! Erased means gone: nothing personal ever lies plain in a file, and once erased neither the sealed bytes nor their
//! keys are anywhere.

use super::raw;
use super::room::Room;
use relais_domain::content::ContentPart;
use relais_domain::event::Side;
use relais_domain::fold::Parts;
use relais_domain::personal::Personal;
use relais_store::batch::{Batch, DocumentWrite, Expected, Prepared, ThreadWrite};
use relais_store::conformance::sample;
use relais_store::rows::{EventRow, Shelf, StepRow};
use relais_store::{Store, StoreError};
use relais_store_sqlite::SqliteStore;
use std::fs;
use std::time::Duration;

const MARKERS: [&str; 4] = [
    "Marqueur-du-contenu-Aminata-Ngo",
    "Marqueur-du-second-temps-Aminata",
    "Marqueur-de-l-etape-Aminata-Ngo",
    "Marqueur-du-suivi-Aminata-Ngo-12",
];
const SEALED_DATA: &str = "SELECT sealed FROM content UNION ALL SELECT sealed FROM step
    UNION ALL SELECT sealed FROM prepared UNION ALL SELECT body FROM document";
const WRAPPED: &str = "SELECT wrapped FROM data_key WHERE wrapped IS NOT NULL";
const FOLLOW_UP: &[u8] = b"follow-up 1";

/// A marker in the middle of some kilobytes, so that it lies across pages as real content may.
fn secret(marker: &str) -> Personal<Vec<u8>> {
    let around = "·".repeat(3_000);
    Personal::new(format!("{around}{marker}{around}").into_bytes())
}

fn marked() -> Batch {
    let event = sample::event(1, Side::Sender, 1, ContentPart::StageOne);
    let step = sample::step(1, 1);
    let follow_up = secret(MARKERS[3]).into_exposed();
    Batch {
        documents: vec![document(Expected::Absent, Some(follow_up))],
        ..sample::batch(ThreadWrite {
            events: vec![EventRow { content: Some(secret(MARKERS[0])), ..event }],
            prepared: Prepared::Put(secret(MARKERS[1])),
            steps: vec![StepRow { content: secret(MARKERS[2]), ..step }],
            ..sample::change(1, 1)
        })
    }
}

fn document(expected_version: Expected, body: Option<Vec<u8>>) -> DocumentWrite {
    DocumentWrite { shelf: Shelf::FollowUp, key: FOLLOW_UP.to_vec(), expected_version, body }
}

fn erasing() -> Batch {
    let erase = Parts::of([ContentPart::StageOne, ContentPart::StageTwo, ContentPart::Own]);
    Batch {
        documents: vec![document(Expected::Version(1), None)],
        ..sample::batch(ThreadWrite { erase, ..sample::change(1, 2) })
    }
}

async fn holds_nothing(store: &SqliteStore) -> bool {
    let thread = store.thread(sample::thread_id(1)).await.expect("a read").expect("the thread");
    let document = store.document(Shelf::FollowUp, FOLLOW_UP).await.expect("a read");
    let documents = store.documents(Shelf::FollowUp, b"").await.expect("a read");
    let event = store.event(sample::thread_id(1), Side::Sender, 1).await.expect("a read").expect("the event");
    thread.events.len() == 1
        && thread.events[0].content.is_none()
        && event.content.is_none()
        && thread.steps.is_empty()
        && thread.prepared.is_none()
        && document.is_none()
        && documents.is_empty()
}

#[tokio::test]
async fn nothing_personal_ever_lies_plain_and_erased_bytes_are_nowhere() {
    let room = Room::new();
    let store = room.open().await;
    store.commit(marked()).await.expect("a commit");
    nothing_lies_plain(&room);
    store.close().await.expect("the store closes");
    nothing_lies_plain(&room);
    let sealed = raw::blobs(&room.file("data.db"), SEALED_DATA).await;
    let wrapped = raw::blobs(&room.file("keys.db"), WRAPPED).await;
    assert_eq!((sealed.len(), wrapped.len()), (4, 4));
    for bytes in sealed.iter().chain(&wrapped) {
        assert_eq!(raw::holding(&room, &bytes[..32]).len(), 1);
    }

    let store = room.open().await;
    assert!(!holds_nothing(&store).await);
    store.commit(erasing()).await.expect("a commit");
    // Still open: what `Ok` promised is true of the files as they are now.
    for bytes in sealed.iter().chain(&wrapped) {
        for piece in bytes.chunks_exact(32) {
            assert_eq!(raw::holding(&room, piece), [""; 0]);
        }
    }
    nothing_lies_plain(&room);
    assert!(holds_nothing(&store).await);
    store.close().await.expect("the store closes");
    assert_eq!(raw::blobs(&room.file("keys.db"), WRAPPED).await, [[]; 0]);
    assert_eq!(raw::blobs(&room.file("data.db"), SEALED_DATA).await, [[]; 0]);
}

fn nothing_lies_plain(room: &Room) {
    for marker in MARKERS {
        for form in raw::forms(marker) {
            assert_eq!(raw::holding(room, &form), [""; 0], "{marker}");
        }
    }
}

#[test]
fn a_text_is_found_in_every_form() {
    let room = Room::new();
    let hex: String = MARKERS[0].bytes().map(|byte| format!("{byte:02x}")).collect();
    let utf16: Vec<u8> = format!("<{}>", MARKERS[0]).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let base64 = |before: &str| {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(format!("{before}{}after", MARKERS[0])).into_bytes()
    };
    let plain = [hex.into_bytes(), utf16, base64(""), base64("x"), base64("xy"), base64("xyz")];
    for bytes in plain {
        fs::write(room.file("file"), bytes).expect("a write");
        assert!(raw::forms(MARKERS[0]).iter().any(|form| !raw::holding(&room, form).is_empty()));
    }
}

#[tokio::test]
async fn an_old_backup_brings_nothing_erased_back() {
    let room = Room::new();
    let store = room.open().await;
    store.commit(marked()).await.expect("a commit");
    store.close().await.expect("the store closes");
    let backup = fs::read(room.file("data.db")).expect("the file");
    let store = room.open().await;
    store.commit(erasing()).await.expect("a commit");
    store.close().await.expect("the store closes");
    fs::write(room.file("data.db"), backup).expect("a write");
    let store = room.open().await;
    assert!(holds_nothing(&store).await);
}

#[tokio::test]
async fn content_whose_key_is_unknown_is_corrupt() {
    let room = Room::new();
    let store = room.open().await;
    store.commit(marked()).await.expect("a commit");
    store.close().await.expect("the store closes");
    raw::run(&room.file("keys.db"), &["DELETE FROM data_key"]).await;
    let store = room.open().await;
    let is_corrupt = |error: StoreError| matches!(error, StoreError::Corrupt(_));
    assert!(store.thread(sample::thread_id(1)).await.is_err_and(is_corrupt));
    assert!(store.event(sample::thread_id(1), Side::Sender, 1).await.is_err_and(is_corrupt));
    assert!(store.document(Shelf::FollowUp, FOLLOW_UP).await.is_err_and(is_corrupt));
}

#[tokio::test]
async fn content_moved_to_another_row_is_corrupt() {
    let room = Room::new();
    let store = room.open().await;
    for seed in [1, 2] {
        store.commit(sample::batch(sample::opening(seed))).await.expect("a commit");
    }
    store.close().await.expect("the store closes");
    const SWAP: &str = "UPDATE content SET
        sealed = (SELECT other.sealed FROM content AS other WHERE other.number <> content.number),
        data_key = (SELECT other.data_key FROM content AS other WHERE other.number <> content.number)";
    raw::run(&room.file("data.db"), &[SWAP]).await;
    let store = room.open().await;
    let read = store.thread(sample::thread_id(1)).await;
    assert!(matches!(read, Err(StoreError::Corrupt(_))), "{read:?}");
}

#[tokio::test]
async fn an_erasure_that_a_crash_interrupted_is_finished_at_the_next_start() {
    let room = Room::new();
    let store = room.open().await;
    store.commit(marked()).await.expect("a commit");
    store.close().await.expect("the store closes");
    let wrapped = raw::blobs(&room.file("keys.db"), WRAPPED).await;
    // What the data transaction of an erasure leaves when the machine dies right after it.
    let rows_gone = [
        "INSERT INTO doomed (data_key) SELECT data_key FROM content UNION SELECT data_key FROM step
            UNION SELECT data_key FROM prepared UNION SELECT data_key FROM document",
        "DELETE FROM content",
        "DELETE FROM step",
        "DELETE FROM prepared",
        "DELETE FROM document",
    ];
    raw::run(&room.file("data.db"), &rows_gone).await;
    let store = room.open().await;
    for key in &wrapped {
        assert_eq!(raw::holding(&room, &key[..32]), [""; 0]);
    }
    assert!(holds_nothing(&store).await);
    store.close().await.expect("the store closes");
    assert_eq!(raw::number(&room.file("data.db"), "SELECT count(*) FROM doomed").await, 0);
}

/// A shelf is gone through piece by piece: one whose keys are all destroyed ends nothing.
#[tokio::test]
async fn a_piece_whose_keys_are_destroyed_is_passed_over() {
    let room = Room::new();
    let store = room.open().await;
    let keys: Vec<Vec<u8>> = (1..=4).map(|number: u8| vec![number]).collect();
    for key in &keys {
        let body = Some(b"notes".to_vec());
        let document = DocumentWrite { key: key.clone(), ..document(Expected::Absent, body) };
        store.commit(Batch { documents: vec![document], ..Batch::default() }).await.expect("a commit");
    }
    store.close().await.expect("the store closes");
    // The rows of the first two are what is left when the machine died between keys and rows.
    const DESTROY: &str = "UPDATE data_key SET wrapped = NULL WHERE number IN
        (SELECT number FROM data_key ORDER BY number LIMIT 2)";
    raw::run(&room.file("keys.db"), &[DESTROY]).await;
    let store = room.open().await;
    let all = store.documents(Shelf::FollowUp, b"").await.expect("a read");
    assert_eq!(all.iter().map(|one| &one.key).collect::<Vec<_>>(), [&keys[2], &keys[3]]);
    let first = store.documents_after(Shelf::FollowUp, b"", b"", 2).await.expect("a read");
    assert_eq!(first.iter().map(|one| &one.key).collect::<Vec<_>>(), [&keys[2], &keys[3]]);
}

#[tokio::test]
async fn a_reader_that_never_ends_delays_the_log_but_not_the_answer() {
    let room = Room::new();
    let store = room.open().await;
    store.commit(marked()).await.expect("a commit");
    let mut reader = raw::connect(&room.file("data.db")).await;
    for statement in ["BEGIN", "SELECT count(*) FROM content"] {
        sqlx::query(statement).execute(&mut reader).await.expect(statement);
    }
    store.commit(erasing()).await.expect("the keys are destroyed, so it answers");
    assert!(holds_nothing(&store).await);
    let log = || fs::metadata(room.file("data.db-wal")).expect("the log").len();
    assert_ne!(log(), 0, "the reader holds the log");
    store.commit(sample::batch(sample::opening(2))).await.expect("others go on meanwhile");

    sqlx::query("COMMIT").execute(&mut reader).await.expect("the reader ends");
    for _ in 0..100 {
        if log() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the log was never truncated");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_that_go_away_do_not_hold_the_log() {
    let room = Room::new();
    let store = room.open().await;
    store.commit(marked()).await.expect("a commit");
    for turns in 0..200 {
        tokio::select! {
            biased;
            read = store.thread(sample::thread_id(1)) => drop(read.expect("a read")),
            () = turn(turns % 20) => {}
        }
    }
    store.commit(erasing()).await.expect("a commit");
    assert_eq!(fs::metadata(room.file("data.db-wal")).expect("the log").len(), 0);
}

async fn turn(times: u32) {
    for _ in 0..times {
        tokio::task::yield_now().await;
    }
}
