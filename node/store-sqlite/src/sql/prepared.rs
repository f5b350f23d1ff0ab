//! Table `prepared`: stage 2 kept until the acceptance, sealed as part `stage-2`.

use super::cells::Cells;
use super::{expect_at_most, expect_rows, sealed, values};
use crate::fault::Fault;
use relais_domain::content::ContentPart;
use relais_domain::id::ThreadId;
use relais_domain::personal::Personal;
use relais_store::vault::{NodeKey, Place, Subject};
use sqlx::sqlite::SqliteConnection;

const TABLE: &str = "prepared";

/// One prepared stage 2, sealed.
pub(crate) struct SealedPrepared {
    pub(crate) thread: ThreadId,
    pub(crate) data_key: i64,
    pub(crate) sealed: Vec<u8>,
}

const PUT: &str = "-- put_prepared
INSERT INTO prepared (thread, data_key, sealed) VALUES {rows}
ON CONFLICT (thread) DO UPDATE SET data_key = excluded.data_key, sealed = excluded.sealed";

const OF_THREAD: &str = "-- prepared_of_thread
SELECT prepared.data_key, prepared.sealed, data_key.number AS key_number, data_key.wrapped
FROM prepared LEFT JOIN keys.data_key ON data_key.number = prepared.data_key
WHERE prepared.thread = ?1";

const REMOVE: &str = "-- remove_prepared
WITH gone (thread) AS (VALUES {rows})
DELETE FROM prepared WHERE thread IN (SELECT thread FROM gone)";

pub(crate) async fn put(connection: &mut SqliteConnection, rows: &[SealedPrepared]) -> Result<(), Fault> {
    let changed = values::write(connection, PUT, rows, |tuple, row| {
        tuple.bytes(row.thread.as_bytes()).number(row.data_key).bytes(&row.sealed);
    });
    expect_rows(TABLE, rows.len(), changed.await?)
}

pub(crate) async fn of_thread(
    connection: &mut SqliteConnection,
    node_key: &NodeKey,
    thread: ThreadId,
) -> Result<Option<Personal<Vec<u8>>>, Fault> {
    let row = sqlx::query(OF_THREAD).bind(thread.as_bytes().as_slice()).fetch_optional(connection).await?;
    let Some(row) = row else { return Ok(None) };
    let subject = Subject::Part(thread, ContentPart::StageTwo);
    Ok(sealed::open(Cells::of(TABLE, &row), node_key, &subject, Place::Prepared)?.map(Personal::new))
}

pub(crate) async fn remove(connection: &mut SqliteConnection, threads: &[ThreadId]) -> Result<(), Fault> {
    let changed = values::write(connection, REMOVE, threads, |tuple, thread| {
        tuple.bytes(thread.as_bytes());
    });
    expect_at_most(TABLE, threads.len(), changed.await?)
}
