//! Closing a quarter, and a store of the time when there were no closed quarters.

use super::raw;
use super::room::Room;
use relais_domain::time::Quarter;
use relais_store::Store;
use relais_store::batch::Batch;
use relais_store::conformance::sample;
use std::fs;

const FIRST: &str = include_str!("../../migrations/data/20261122_0001_first.sql");
/// What tables and indices there are, but for what SQLite and the migrations keep for themselves.
const LAYOUT: &str = "SELECT CAST(group_concat(sql, char(10)) AS BLOB) FROM (
    SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' AND name NOT LIKE '_sqlx_%' ORDER BY name)";
/// Takes a file back to how the first version of this program laid it out.
const FORMER: [&str; 2] =
    ["DROP TABLE tally_cell", "DELETE FROM _sqlx_migrations WHERE version > 202611220001"];

fn closing() -> Batch {
    Batch { closing: Some(sample::tally_row(1).opened_at.quarter()), ..Batch::default() }
}

#[tokio::test]
async fn a_store_of_the_former_layout_opens_and_closes_its_quarters() {
    let room = Room::new();
    let store = room.open().await;
    for seed in 1..=3 {
        store.commit(sample::batch(sample::opening(seed))).await.expect("a commit");
    }
    store.close().await.expect("the store closes");
    let present = raw::blobs(&room.file("data.db"), LAYOUT).await;
    raw::run(&room.file("data.db"), &FORMER).await;
    let former = raw::blobs(&room.file("data.db"), LAYOUT).await;
    fs::write(room.file("first.db"), "").expect("an empty file");
    raw::run(&room.file("first.db"), &[FIRST]).await;
    assert_eq!(former, raw::blobs(&room.file("first.db"), LAYOUT).await, "this is not the former layout");

    let store = room.open().await;
    let opened = sample::tally_row(1).opened_at;
    assert_eq!(store.tally(opened, opened.quarter().end()).await.expect("a read").len(), 3);
    assert!(store.thread(sample::thread_id(1)).await.expect("a read").is_some());
    store.commit(closing()).await.expect("a commit");
    let cells = store.cells(opened.quarter(), opened.quarter().next()).await.expect("a read");
    assert_eq!(cells.iter().map(|row| row.count).sum::<u64>(), 3);
    store.close().await.expect("the store closes");
    assert_eq!(raw::blobs(&room.file("data.db"), LAYOUT).await, present);
}

#[tokio::test]
async fn a_closing_leaves_no_row_and_no_log() {
    let room = Room::new();
    let store = room.open().await;
    store.commit(sample::batch(sample::opening(1))).await.expect("a commit");
    store.commit(closing()).await.expect("a commit");
    assert_eq!(fs::metadata(room.file("data.db-wal")).expect("the log").len(), 0);
    store.close().await.expect("the store closes");
    assert_eq!(raw::number(&room.file("data.db"), "SELECT count(*) FROM tally").await, 0);
    assert_eq!(raw::number(&room.file("data.db"), "SELECT sum(count) FROM tally_cell").await, 1);
}

#[tokio::test]
async fn a_cell_that_cannot_be_is_corrupt() {
    let spoilt = ["UPDATE tally_cell SET label = 99", "UPDATE tally_cell SET territory = 'nowhere'"];
    for statement in spoilt {
        let room = Room::new();
        let store = room.open().await;
        store.commit(sample::batch(sample::opening(1))).await.expect("a commit");
        store.commit(closing()).await.expect("a commit");
        store.close().await.expect("the store closes");
        raw::run(&room.file("data.db"), &[statement]).await;
        let read = room.open().await.cells(Quarter(0), Quarter(i32::MAX)).await;
        assert!(matches!(read, Err(relais_store::StoreError::Corrupt(_))), "{statement}: {read:?}");
    }
}
