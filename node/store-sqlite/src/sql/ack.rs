//! Table `ack`: the receipts this node holds for its own events.

use super::cells::Cells;
use super::{expect_at_most, values};
use crate::fault::Fault;
use relais_domain::digest::Digest;
use relais_domain::event::Link;
use relais_domain::id::{MessageId, ThreadId};
use relais_store::rows::AckRow;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

const TABLE: &str = "ack";

const INSERT: &str = "-- insert_acks
INSERT INTO ack (thread, sequence, message, receipt, names_sequence, names_hash, stored_at) VALUES {rows}
ON CONFLICT (thread, sequence) DO NOTHING";

const OF_THREAD: &str = "-- acks_of_thread
SELECT thread, sequence, message, receipt, names_sequence, names_hash, stored_at
FROM ack WHERE thread = ?1 ORDER BY sequence";

/// Keeps receipts; the first one of an event stays.
pub(crate) async fn insert(connection: &mut SqliteConnection, rows: &[&AckRow]) -> Result<(), Fault> {
    let changed = values::write(connection, INSERT, rows, |tuple, row| {
        tuple
            .bytes(row.thread.as_bytes())
            .number(row.sequence)
            .bytes(row.message.as_bytes())
            .bytes(&row.receipt)
            .maybe_number(row.names.map(|link| link.sequence))
            .maybe_bytes(row.names.map(|link| link.hash.0))
            .instant(row.stored_at);
    });
    expect_at_most(TABLE, rows.len(), changed.await?)
}

pub(crate) async fn of_thread(
    connection: &mut SqliteConnection,
    thread: ThreadId,
) -> Result<Vec<AckRow>, Fault> {
    let query = sqlx::query(OF_THREAD).bind(thread.as_bytes().as_slice());
    query.fetch_all(connection).await?.iter().map(read).collect()
}

fn read(row: &SqliteRow) -> Result<AckRow, Fault> {
    let cells = Cells::of(TABLE, row);
    Ok(AckRow {
        message: cells.id("message", MessageId::from_slice)?,
        thread: cells.id("thread", ThreadId::from_slice)?,
        sequence: cells.number("sequence")?,
        receipt: cells.bytes("receipt")?.to_vec(),
        names: names(cells)?,
        stored_at: cells.instant("stored_at")?,
    })
}

fn names(cells: Cells<'_>) -> Result<Option<Link>, Fault> {
    let sequence = cells.maybe_number("names_sequence")?;
    let hash = cells.maybe_id("names_hash", Digest::from_slice)?;
    match (sequence, hash) {
        (Some(sequence), Some(hash)) => Ok(Some(Link { sequence, hash })),
        (None, None) => Ok(None),
        (Some(_), None) | (None, Some(_)) => Err(cells.corrupt("names_hash")),
    }
}
