//! Table `content`: the sealed content of events, deleted part by part.

use super::{expect_rows, values};
use crate::fault::Fault;
use relais_domain::content::ContentPart;
use relais_domain::event::Side;
use relais_domain::id::ThreadId;
use sqlx::sqlite::SqliteConnection;

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
    expect_rows("content", rows.len(), changed.await?)
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
