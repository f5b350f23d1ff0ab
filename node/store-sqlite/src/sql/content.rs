//! Table `content`: the sealed content of events, deleted part by part, blanked event by event.

use super::{expect_at_most, expect_rows, values};
use crate::fault::Fault;
use relais_domain::content::ContentPart;
use relais_domain::event::Side;
use relais_domain::id::ThreadId;
use sqlx::sqlite::SqliteConnection;

/// Where an event stands: its thread, its chain, its number in it.
pub(crate) type EventPlace = (ThreadId, Side, u32);

/// The sealed content of one event.
pub(crate) struct SealedContent {
    pub(crate) thread: ThreadId,
    pub(crate) side: Side,
    pub(crate) sequence: u32,
    pub(crate) part: ContentPart,
    pub(crate) data_key: i64,
    pub(crate) sealed: Vec<u8>,
}

const INSERT: &str = "-- insert_content
INSERT INTO content (thread, side, sequence, part, data_key, sealed) VALUES {rows}";

const ERASE: &str = "-- erase_content
WITH erased (thread, part) AS (VALUES {rows})
DELETE FROM content WHERE (thread, part) IN (SELECT thread, part FROM erased)";

const BLANK: &str = "-- blank_content
WITH blanked (thread, side, sequence, data_key, sealed) AS (VALUES {rows})
UPDATE content SET sealed = blanked.sealed
FROM blanked
WHERE blanked.thread = content.thread AND blanked.side = content.side AND blanked.sequence = content.sequence
    AND blanked.data_key = content.data_key";

const REMOVE: &str = "-- remove_content
WITH gone (thread, side, sequence) AS (VALUES {rows})
DELETE FROM content WHERE (thread, side, sequence) IN (SELECT thread, side, sequence FROM gone)";

const TABLE: &str = "content";

pub(crate) async fn insert(connection: &mut SqliteConnection, rows: &[SealedContent]) -> Result<(), Fault> {
    let changed = values::write(connection, INSERT, rows, |tuple, row| {
        tuple
            .bytes(row.thread.as_bytes())
            .number(row.side.number())
            .number(row.sequence)
            .number(row.part.number())
            .number(row.data_key)
            .bytes(&row.sealed);
    });
    expect_rows(TABLE, rows.len(), changed.await?)
}

/// Puts what remains in the place of what was there. A row whose key was destroyed, as an old backup may bring back,
/// stays as unreadable as it is.
pub(crate) async fn blank(connection: &mut SqliteConnection, rows: &[SealedContent]) -> Result<(), Fault> {
    let changed = values::write(connection, BLANK, rows, |tuple, row| {
        tuple
            .bytes(row.thread.as_bytes())
            .number(row.side.number())
            .number(row.sequence)
            .number(row.data_key)
            .bytes(&row.sealed);
    });
    expect_at_most(TABLE, rows.len(), changed.await?)
}

/// Deletes the content of single events.
pub(crate) async fn remove(connection: &mut SqliteConnection, places: &[EventPlace]) -> Result<(), Fault> {
    let changed = values::write(connection, REMOVE, places, |tuple, (thread, side, sequence)| {
        tuple.bytes(thread.as_bytes()).number(side.number()).number(*sequence);
    });
    expect_rows(TABLE, places.len(), changed.await?)
}

/// Deletes the content of whole parts, however many events hold some.
pub(crate) async fn erase(
    connection: &mut SqliteConnection,
    parts: &[(ThreadId, ContentPart)],
) -> Result<(), Fault> {
    let changed = values::write(connection, ERASE, parts, |tuple, (thread, part)| {
        tuple.bytes(thread.as_bytes()).number(part.number());
    });
    changed.await.map(|_any_number| ())
}
