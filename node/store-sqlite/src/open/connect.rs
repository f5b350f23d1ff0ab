//! Connections, and what SQLite is told on each.

use super::folder::Folder;
use super::{OpenError, migrations};
use crate::fault::Fault;
use crate::sql::session;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};
use std::path::Path;
use std::time::Duration;

/// The first SQLite without the log corruption that two connections can cause.
const SQLITE_MIN: [u32; 3] = [3, 51, 3];
/// Connections that read.
const READERS: u32 = 3;
/// How long a caller waits for one of them.
const READER_WAIT_MAX: Duration = Duration::from_secs(10);
/// How long the writer waits for readers before a checkpoint counts as busy.
const WRITER_BUSY_MAX: Duration = Duration::from_millis(250);
/// How long a reader waits while the files are set up.
const READER_BUSY_MAX: Duration = Duration::from_secs(5);
/// Page cache of a writing connection, in KiB (SQLite takes it negative).
const WRITER_CACHE: &str = "-1024";
/// Page cache of a reading connection, in KiB.
const READER_CACHE: &str = "-512";
/// Statements a connection keeps prepared.
const STATEMENTS_KEPT: usize = 48;

pub(super) async fn check_sqlite() -> Result<(), OpenError> {
    let version = linked_version().await.map_err(|fault| OpenError::of(fault, Path::new("SQLite")))?;
    if is_recent(&version) { Ok(()) } else { Err(OpenError::OldSqlite(version)) }
}

async fn linked_version() -> Result<String, Fault> {
    let mut connection = SqliteConnectOptions::new().in_memory(true).connect().await?;
    let version = session::sqlite_version(&mut connection).await;
    connection.close().await?;
    version
}

fn is_recent(version: &str) -> bool {
    let numbers: Option<Vec<u32>> = version.split('.').map(|number| number.parse().ok()).collect();
    numbers.is_some_and(|numbers| numbers.as_slice() >= SQLITE_MIN.as_slice())
}

pub(super) async fn keys(folder: &Folder) -> Result<SqliteConnection, OpenError> {
    open(writer(folder.keys()), folder.keys(), migrations::KEYS).await
}

pub(super) async fn data(folder: &Folder, pages_max: Option<u32>) -> Result<SqliteConnection, OpenError> {
    let options = match pages_max {
        Some(pages) => writer(folder.data()).pragma("max_page_count", pages.to_string()),
        None => writer(folder.data()),
    };
    open(options, folder.data(), migrations::DATA).await
}

async fn open(
    options: SqliteConnectOptions,
    path: &Path,
    migrations: &[migrations::Written],
) -> Result<SqliteConnection, OpenError> {
    let mut connection = options.connect().await.map_err(|error| OpenError::of(Fault::from(error), path))?;
    migrations::run(&mut connection, path, migrations).await?;
    Ok(connection)
}

/// Connections that read `data.db` with `keys.db` at hand.
pub(super) fn readers(folder: &Folder) -> SqlitePool {
    let keys = folder.keys().to_string_lossy().into_owned();
    SqlitePoolOptions::new()
        .min_connections(0)
        .max_connections(READERS)
        .acquire_timeout(READER_WAIT_MAX)
        .after_connect(move |connection, _| {
            let keys = keys.clone();
            Box::pin(async move { session::attach_keys(connection, &keys).await })
        })
        .connect_lazy_with(
            common(folder.data()).busy_timeout(READER_BUSY_MAX).pragma("cache_size", READER_CACHE),
        )
}

fn writer(path: &Path) -> SqliteConnectOptions {
    common(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(WRITER_BUSY_MAX)
        .pragma("secure_delete", "ON")
        .pragma("cache_size", WRITER_CACHE)
}

fn common(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .statement_cache_capacity(STATEMENTS_KEPT)
        .pragma("temp_store", "MEMORY")
        .pragma("mmap_size", "0")
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
        .disable_statement_logging()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_sqlite_is_refused() {
        for old in ["3.40.1", "3.51.2", "3.9.9", "2.99.99", "3.51", "", "three"] {
            assert!(!is_recent(old), "{old}");
        }
        for recent in ["3.51.3", "3.51.10", "3.52.0", "4.0.0"] {
            assert!(is_recent(recent), "{recent}");
        }
    }
}
