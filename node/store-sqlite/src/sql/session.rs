//! What is said to SQLite itself: transactions, checkpoints, its version.

use super::cells::Cells;
use crate::fault::Fault;
use sqlx::sqlite::SqliteConnection;

const VERSION: &str = "-- sqlite_version
SELECT sqlite_version() AS version";

const ATTACH_KEYS: &str = "ATTACH DATABASE ?1 AS keys";

/// Whether a checkpoint truncated the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Checkpoint {
    /// It did: the log is empty.
    Truncated,
    /// Someone was still reading.
    Busy,
}

/// Opens the write transaction. One left open by a failure that could not be rolled back is rolled back first.
pub(crate) async fn begin(connection: &mut SqliteConnection) -> Result<(), Fault> {
    if sqlx::query("BEGIN IMMEDIATE").execute(&mut *connection).await.is_ok() {
        return Ok(());
    }
    rollback(connection).await;
    sqlx::query("BEGIN IMMEDIATE").execute(connection).await?;
    Ok(())
}

pub(crate) async fn commit(connection: &mut SqliteConnection) -> Result<(), Fault> {
    sqlx::query("COMMIT").execute(connection).await?;
    Ok(())
}

/// Rolls back, if SQLite has not done so by itself, as it does on some errors.
pub(crate) async fn rollback(connection: &mut SqliteConnection) {
    if let Err(error) = sqlx::query("ROLLBACK").execute(connection).await {
        tracing::debug!(%error, "Nothing to roll back");
    }
}

/// Moves the log into the main file and truncates it.
pub(crate) async fn checkpoint(connection: &mut SqliteConnection) -> Result<Checkpoint, Fault> {
    let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(connection).await?;
    match Cells::of("wal_checkpoint", &row).number::<i64>("busy")? {
        0 => Ok(Checkpoint::Truncated),
        _ => Ok(Checkpoint::Busy),
    }
}

/// Lets a read connection join rows with their data keys, and write nothing.
pub(crate) async fn attach_keys(connection: &mut SqliteConnection, path: &str) -> Result<(), sqlx::Error> {
    sqlx::query(ATTACH_KEYS).bind(path).execute(&mut *connection).await?;
    sqlx::query("PRAGMA query_only = ON").execute(connection).await?;
    Ok(())
}

pub(crate) async fn sqlite_version(connection: &mut SqliteConnection) -> Result<String, Fault> {
    let row = sqlx::query(VERSION).fetch_one(connection).await?;
    Cells::of("sqlite", &row).text("version").map(str::to_owned)
}
