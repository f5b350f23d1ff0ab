//! Table `event`: the signed skeletons of both chains. Their content lies in table `content`.

use super::cells::Cells;
use super::content::EventPlace;
use super::{codes, expect_rows, sealed, values};
use crate::fault::Fault;
use relais_domain::content::ContentPart;
use relais_domain::event::{EventKind, Side};
use relais_domain::id::{MessageId, ThreadId};
use relais_domain::personal::Personal;
use relais_store::rows::EventRow;
use relais_store::vault::{NodeKey, Place, Subject};
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use std::collections::BTreeMap;

const TABLE: &str = "event";

const INSERT: &str = "-- insert_events
INSERT INTO event
    (thread, side, sequence, message, kind, identity, payload, signature, counts, stored_at, part)
VALUES {rows}";

const OF_THREAD: &str = "-- events_of_thread
SELECT event.thread, event.side, event.sequence, event.message, event.kind, event.identity, event.payload,
    event.signature, event.counts, event.stored_at, event.part,
    content.data_key, content.sealed, data_key.number AS key_number, data_key.wrapped
FROM event
LEFT JOIN content
    ON content.thread = event.thread AND content.side = event.side AND content.sequence = event.sequence
LEFT JOIN keys.data_key ON data_key.number = content.data_key
WHERE event.thread = ?1
ORDER BY event.side, event.sequence";

const FIND: &str = "-- find_event
SELECT event.thread, event.side, event.sequence, event.message, event.kind, event.identity, event.payload,
    event.signature, event.counts, event.stored_at, event.part,
    content.data_key, content.sealed, data_key.number AS key_number, data_key.wrapped
FROM event
LEFT JOIN content
    ON content.thread = event.thread AND content.side = event.side AND content.sequence = event.sequence
LEFT JOIN keys.data_key ON data_key.number = content.data_key
WHERE event.thread = ?1 AND event.side = ?2 AND event.sequence = ?3";

const HOLDING: &str = "-- events_holding
WITH wanted (thread, side, sequence) AS (VALUES {rows})
SELECT event.thread, event.side, event.sequence, content.part
FROM event
JOIN wanted
    ON wanted.thread = event.thread AND wanted.side = event.side AND wanted.sequence = event.sequence
LEFT JOIN content
    ON content.thread = event.thread AND content.side = event.side AND content.sequence = event.sequence";

pub(crate) async fn insert(connection: &mut SqliteConnection, rows: &[&EventRow]) -> Result<(), Fault> {
    let changed = values::write(connection, INSERT, rows, |tuple, row| {
        tuple
            .bytes(row.thread.as_bytes())
            .number(row.side.number())
            .number(row.sequence)
            .bytes(row.message.as_bytes())
            .number(row.kind.number())
            .bytes(row.identity.as_bytes())
            .bytes(&row.payload)
            .bytes(row.signature)
            .number(codes::of_counts(row.counts))
            .instant(row.stored_at)
            .number(row.part.number());
    });
    expect_rows(TABLE, rows.len(), changed.await?)
}

/// Those of the events that exist, with the part of the content each holds, if it holds some.
pub(crate) async fn holding(
    connection: &mut SqliteConnection,
    places: &[EventPlace],
) -> Result<BTreeMap<EventPlace, Option<ContentPart>>, Fault> {
    let rows = values::read(connection, HOLDING, places, |tuple, (thread, side, sequence)| {
        tuple.bytes(thread.as_bytes()).number(side.number()).number(*sequence);
    });
    let holding = |row: &SqliteRow| {
        let cells = Cells::of(TABLE, row);
        let thread = cells.id("thread", ThreadId::from_slice)?;
        let side = cells.code("side", Side::from_number)?;
        let part = cells.maybe_code("part", ContentPart::from_number)?;
        Ok(((thread, side, cells.number("sequence")?), part))
    };
    rows.await?.iter().map(holding).collect()
}

pub(crate) async fn of_thread(
    connection: &mut SqliteConnection,
    node_key: &NodeKey,
    thread: ThreadId,
) -> Result<Vec<EventRow>, Fault> {
    let rows = sqlx::query(OF_THREAD).bind(thread.as_bytes().as_slice()).fetch_all(connection).await?;
    rows.iter().map(|row| read(row, node_key)).collect()
}

pub(crate) async fn find(
    connection: &mut SqliteConnection,
    node_key: &NodeKey,
    (thread, side, sequence): EventPlace,
) -> Result<Option<EventRow>, Fault> {
    let query = sqlx::query(FIND).bind(thread.as_bytes().as_slice()).bind(side.number()).bind(sequence);
    let row = query.fetch_optional(connection).await?;
    row.as_ref().map(|row| read(row, node_key)).transpose()
}

fn read(row: &SqliteRow, node_key: &NodeKey) -> Result<EventRow, Fault> {
    let cells = Cells::of(TABLE, row);
    let thread = cells.id("thread", ThreadId::from_slice)?;
    let side = cells.code("side", Side::from_number)?;
    let sequence = cells.number("sequence")?;
    let part = cells.code("part", ContentPart::from_number)?;
    let content = match cells.maybe_number::<i64>("data_key")? {
        None => None,
        Some(_) => {
            let subject = Subject::Part(thread, part);
            sealed::open(Cells::of("content", row), node_key, &subject, Place::Event(side, sequence))?
        }
    };
    Ok(EventRow {
        thread,
        side,
        sequence,
        message: cells.id("message", MessageId::from_slice)?,
        kind: cells.code("kind", EventKind::from_number)?,
        identity: cells.digest("identity")?,
        payload: cells.bytes("payload")?.to_vec(),
        signature: cells.id("signature", |bytes| bytes.try_into().ok())?,
        counts: cells.code("counts", codes::to_counts)?,
        stored_at: cells.instant("stored_at")?,
        part,
        content: content.map(Personal::new),
    })
}
