//! What keeps a store shut, each with its sentence; and what the files look like to others.

use super::raw;
use super::room::{Room, node_key};
use relais_store::conformance::sample;
use relais_store::{CommitError, Store, StoreError};
use relais_store_sqlite::{OpenError, Options, SqliteStore};
use std::fs;

const STORE_FILES: [&str; 2] = ["data.db", "keys.db"];

async fn refused(room: &Room) -> OpenError {
    room.try_open().await.expect_err("the store stays shut")
}

/// A folder with a closed store in it that holds a thread.
async fn used() -> Room {
    let room = Room::new();
    let store = room.open().await;
    store.commit(sample::batch(sample::opening(1))).await.expect("a commit");
    store.close().await.expect("the store closes");
    room
}

#[tokio::test]
async fn another_node_key_is_refused() {
    let room = used().await;
    let error = SqliteStore::open(Options::new(room.path(), node_key(8))).await.expect_err("another key");
    assert!(matches!(error, OpenError::WrongKey), "{error}");
    let store = room.open().await;
    let thread = store.thread(sample::thread_id(1)).await.expect("a read").expect("the thread");
    assert!(thread.events[0].content.is_some());
}

#[tokio::test]
async fn a_store_in_use_is_refused_until_it_is_closed() {
    let room = Room::new();
    let store = room.open().await;
    let error = refused(&room).await;
    assert!(matches!(error, OpenError::InUse(_)), "{error}");
    assert!(error.to_string().ends_with("is in use: another program has this store open"), "{error}");
    store.close().await.expect("the store closes");
    room.open().await;
}

#[tokio::test]
async fn a_closed_store_answers_that_it_is_unavailable() {
    let room = Room::new();
    let store = room.open().await;
    store.close().await.expect("the store closes");
    let commit = store.commit(sample::batch(sample::opening(1))).await;
    assert!(matches!(commit, Err(CommitError::Store(StoreError::Unavailable(_)))), "{commit:?}");
    let read = store.ledger_size().await;
    assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    store.close().await.expect("closing twice is harmless");
}

#[tokio::test]
async fn a_store_written_by_a_newer_version_is_refused_and_left_alone() {
    const LATER: &str =
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
        VALUES (209901010001, 'later', TRUE, X'00', 1)";
    for file in STORE_FILES {
        let room = used().await;
        raw::run(&room.file(file), &[LATER]).await;
        let before = fs::read(room.file(file)).expect("the file");
        let error = refused(&room).await;
        assert!(matches!(&error, OpenError::Newer(path) if path.ends_with(file)), "{file}: {error}");
        assert_eq!(fs::read(room.file(file)).expect("the file"), before);
    }
}

#[tokio::test]
async fn a_store_laid_out_otherwise_is_refused() {
    const OTHERWISE: &str = "UPDATE _sqlx_migrations SET checksum = X'00'";
    for file in STORE_FILES {
        let room = used().await;
        raw::run(&room.file(file), &[OTHERWISE]).await;
        let error = refused(&room).await;
        assert!(matches!(&error, OpenError::Foreign(path) if path.ends_with(file)), "{file}: {error}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    for file in STORE_FILES {
        let room = used().await;
        fs::write(room.file(file), "Once upon a time. ".repeat(1_000)).expect("a write");
        let error = refused(&room).await;
        assert!(matches!(&error, OpenError::NotADatabase(path) if path.ends_with(file)), "{file}: {error}");
    }
}

#[tokio::test]
async fn a_damaged_file_is_refused() {
    for file in STORE_FILES {
        let room = used().await;
        let mut bytes = fs::read(room.file(file)).expect("the file");
        bytes[100..4_096].fill(0xff);
        fs::write(room.file(file), bytes).expect("a write");
        let error = refused(&room).await;
        assert!(matches!(&error, OpenError::Corrupt(path, _) if path.ends_with(file)), "{file}: {error}");
    }
}

#[tokio::test]
async fn damage_met_later_is_told_as_corrupt() {
    let room = used().await;
    let mut bytes = fs::read(room.file("data.db")).expect("the file");
    let payload = sample::event(
        1,
        relais_domain::event::Side::Sender,
        1,
        relais_domain::content::ContentPart::StageOne,
    )
    .payload;
    let at = bytes.windows(payload.len()).position(|window| window == payload).expect("the event's page");
    let page = at - at % 4_096;
    bytes[page..page + 4_096].fill(0xff);
    fs::write(room.file("data.db"), bytes).expect("a write");
    let store = room.open().await;
    let read = store.thread(sample::thread_id(1)).await;
    assert!(matches!(read, Err(StoreError::Corrupt(_))), "{read:?}");
}

#[tokio::test]
async fn half_a_store_is_refused() {
    let room = used().await;
    let keys = fs::read(room.file("keys.db")).expect("the file");
    fs::remove_file(room.file("keys.db")).expect("a removal");
    for _ in 0..2 {
        let error = refused(&room).await;
        assert!(matches!(error, OpenError::KeysMissing(_)), "{error}");
    }
    let other = used().await;
    fs::copy(other.file("keys.db"), room.file("keys.db")).expect("a copy");
    let error = refused(&room).await;
    assert!(matches!(error, OpenError::Unpaired), "{error}");

    fs::write(room.file("keys.db"), keys).expect("a write");
    let data = fs::read(room.file("data.db")).expect("the file");
    fs::remove_file(room.file("data.db")).expect("a removal");
    for _ in 0..2 {
        let error = refused(&room).await;
        assert!(matches!(error, OpenError::DataMissing(_)), "{error}");
    }
    fs::write(room.file("data.db"), data).expect("a write");
    let store = room.open().await;
    assert!(store.thread(sample::thread_id(1)).await.expect("a read").is_some());
}

#[tokio::test]
async fn a_crash_while_the_files_were_named_is_made_good() {
    let room = Room::new();
    room.open().await.close().await.expect("the store closes");
    raw::run(&room.file("data.db"), &["DELETE FROM store"]).await;
    let store = room.open().await;
    store.commit(sample::batch(sample::opening(1))).await.expect("a commit");
}

#[tokio::test]
async fn a_folder_that_is_a_file_is_refused() {
    let room = Room::new();
    fs::write(room.file("file"), "").expect("a write");
    let error = SqliteStore::open(Options::new(room.file("file"), node_key(7))).await.expect_err("no folder");
    assert!(matches!(error, OpenError::Folder(..)), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let room = Room::new();
    let folder = room.file("a/b");
    let open = || SqliteStore::open(Options::new(&folder, node_key(7)));
    let store = open().await.expect("the store opens");
    store.commit(sample::batch(sample::opening(1))).await.expect("a commit");
    store.thread(sample::thread_id(1)).await.expect("a read");
    let mode = |name: &str| fs::metadata(folder.join(name)).expect(name).permissions().mode() & 0o777;
    assert_eq!(mode("."), 0o700);
    let files: Vec<String> = fs::read_dir(&folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert!(files.contains(&"data.db-wal".to_owned()), "{files:?}");
    for file in &files {
        assert_eq!(mode(file), 0o600, "{file}");
    }
    store.close().await.expect("the store closes");
    fs::set_permissions(folder.join("data.db"), fs::Permissions::from_mode(0o644)).expect("a chmod");
    open().await.expect("the store opens");
    assert_eq!(mode("data.db"), 0o600);
}
