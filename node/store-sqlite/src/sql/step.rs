//! Table `step`: steps kept local, sealed as part `own`.

use super::cells::Cells;
use super::{expect_rows, sealed, values};
use crate::fault::Fault;
use relais_domain::content::ContentPart;
use relais_domain::event::EventKind;
use relais_domain::id::ThreadId;
use relais_domain::personal::Personal;
use relais_store::rows::StepRow;
use relais_store::vault::{NodeKey, Place, Subject};
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use std::collections::BTreeMap;

const TABLE: &str = "step";

/// One step, its content sealed.
pub(crate) struct SealedStep {
    pub(crate) thread: ThreadId,
    /// From 0, in the order they were kept.
    pub(crate) position: u32,
    pub(crate) kind: EventKind,
    pub(crate) after: u32,
    pub(crate) data_key: i64,
    pub(crate) sealed: Vec<u8>,
}

const INSERT: &str = "-- insert_steps
INSERT INTO step (thread, position, kind, after, data_key, sealed) VALUES {rows}";

const COUNTS: &str = "-- step_counts
WITH wanted (thread) AS (VALUES {rows})
SELECT step.thread, max(step.position) + 1 AS count
FROM step JOIN wanted ON wanted.thread = step.thread
GROUP BY step.thread";

const OF_THREAD: &str = "-- steps_of_thread
SELECT step.position, step.kind, step.after, step.data_key, step.sealed,
    data_key.number AS key_number, data_key.wrapped
FROM step LEFT JOIN keys.data_key ON data_key.number = step.data_key
WHERE step.thread = ?1
ORDER BY step.position";

const ERASE: &str = "-- erase_steps
WITH erased (thread) AS (VALUES {rows})
DELETE FROM step WHERE thread IN (SELECT thread FROM erased)";

pub(crate) async fn insert(connection: &mut SqliteConnection, rows: &[SealedStep]) -> Result<(), Fault> {
    let changed = values::write(connection, INSERT, rows, |tuple, row| {
        tuple
            .bytes(row.thread.as_bytes())
            .number(row.position)
            .number(row.kind.number())
            .number(row.after)
            .number(row.data_key)
            .bytes(&row.sealed);
    });
    expect_rows(TABLE, rows.len(), changed.await?)
}

/// How many steps those threads have that have any.
pub(crate) async fn counts(
    connection: &mut SqliteConnection,
    threads: &[ThreadId],
) -> Result<BTreeMap<ThreadId, u32>, Fault> {
    let rows = values::read(connection, COUNTS, threads, |tuple, thread| {
        tuple.bytes(thread.as_bytes());
    });
    let count = |row: &SqliteRow| {
        let cells = Cells::of(TABLE, row);
        Ok((cells.id("thread", ThreadId::from_slice)?, cells.number("count")?))
    };
    rows.await?.iter().map(count).collect()
}

pub(crate) async fn of_thread(
    connection: &mut SqliteConnection,
    node_key: &NodeKey,
    thread: ThreadId,
) -> Result<Vec<StepRow>, Fault> {
    let rows = sqlx::query(OF_THREAD).bind(thread.as_bytes().as_slice()).fetch_all(connection).await?;
    let subject = Subject::Part(thread, ContentPart::Own);
    rows.iter().filter_map(|row| read(row, node_key, &subject).transpose()).collect()
}

/// Deletes every step of those threads, however many there are.
pub(crate) async fn erase(connection: &mut SqliteConnection, threads: &[ThreadId]) -> Result<(), Fault> {
    let changed = values::write(connection, ERASE, threads, |tuple, thread| {
        tuple.bytes(thread.as_bytes());
    });
    changed.await.map(|_any_number| ())
}

fn read(row: &SqliteRow, node_key: &NodeKey, subject: &Subject) -> Result<Option<StepRow>, Fault> {
    let cells = Cells::of(TABLE, row);
    let place = Place::Step(cells.number("position")?);
    let Some(content) = sealed::open(cells, node_key, subject, place)? else { return Ok(None) };
    Ok(Some(StepRow {
        kind: cells.code("kind", EventKind::from_number)?,
        after: cells.number("after")?,
        content: Personal::new(content),
    }))
}
