//! Table `outbox`: messages that wait to leave.

use super::cells::Cells;
use super::{codes, expect_at_most, expect_rows, values};
use crate::fault::Fault;
use relais_domain::consent::Standing;
use relais_domain::id::{MessageId, ThreadId};
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_store::rows::{OutboxRow, OutboxState, Waiting};
use sqlx::sqlite::{SqliteConnection, SqliteRow};

const TABLE: &str = "outbox";

/// A message that is tried again later, or parked.
pub(crate) struct Retry {
    pub(crate) message: MessageId,
    pub(crate) state: OutboxState,
    pub(crate) attempts: u32,
    pub(crate) next_at: Timestamp,
    pub(crate) first_failed_at: Option<Timestamp>,
    pub(crate) last_code: u32,
}

const INSERT: &str = "-- insert_outbox
INSERT INTO outbox
    (message, peer, thread, sequence, state, attempts, next_at, enqueued_at, first_failed_at, last_code)
VALUES {rows}";

const READY: &str = "-- outbox_ready
SELECT waiting.message, waiting.peer, waiting.thread, waiting.sequence, waiting.state, waiting.attempts,
    waiting.next_at, waiting.enqueued_at, waiting.first_failed_at, waiting.last_code
FROM outbox AS waiting
JOIN (SELECT thread, min(enqueued_at) AS oldest FROM outbox WHERE peer = ?1 GROUP BY thread) AS age
    ON age.thread = waiting.thread
JOIN thread ON thread.id = waiting.thread
WHERE waiting.peer = ?1 AND waiting.state = 1 AND waiting.next_at <= ?2
    AND NOT EXISTS (
        SELECT 1 FROM outbox AS former
        WHERE former.thread = waiting.thread AND former.sequence < waiting.sequence AND thread.standing = ?4
            AND (former.state <> 1 OR former.next_at > ?2))
ORDER BY age.oldest, waiting.thread, waiting.sequence
LIMIT ?3";

const OF_THREAD: &str = "-- outbox_of_thread
SELECT message, peer, thread, sequence, state, attempts, next_at, enqueued_at, first_failed_at, last_code
FROM outbox WHERE thread = ?1 ORDER BY sequence";

const WAITING: &str = "-- outbox_waiting
SELECT peer, sum(state = 1) AS waiting, sum(state <> 1) AS parked, min(enqueued_at) AS oldest,
    min(first_failed_at) AS first_failed_at
FROM outbox GROUP BY peer ORDER BY peer";

const RETRY: &str = "-- retry_outbox
WITH tried (message, state, attempts, next_at, first_failed_at, last_code) AS (VALUES {rows})
UPDATE outbox SET state = tried.state, attempts = tried.attempts, next_at = tried.next_at,
    first_failed_at = tried.first_failed_at, last_code = tried.last_code
FROM tried WHERE tried.message = outbox.message";

const HURRY: &str = "-- hurry_outbox
UPDATE outbox SET next_at = ?2 WHERE peer = ?1 AND state = 1 AND next_at > ?2";

const UNDELIVERED: &str = "-- undelivered_outbox
UPDATE outbox SET first_failed_at = ?2 WHERE peer = ?1 AND state = 1 AND first_failed_at IS NULL";

const DROP: &str = "-- drop_outbox
DELETE FROM outbox WHERE thread = ?1";

const REMOVE: &str = "-- remove_outbox
WITH gone (message) AS (VALUES {rows})
DELETE FROM outbox WHERE message IN (SELECT message FROM gone)";

pub(crate) async fn insert(connection: &mut SqliteConnection, rows: &[&OutboxRow]) -> Result<(), Fault> {
    let changed = values::write(connection, INSERT, rows, |tuple, row| {
        tuple
            .bytes(row.message.as_bytes())
            .bytes(row.peer.as_bytes())
            .bytes(row.thread.as_bytes())
            .number(row.sequence)
            .number(codes::of_state(row.state))
            .number(row.attempts)
            .instant(row.next_at)
            .instant(row.enqueued_at)
            .maybe_instant(row.first_failed_at)
            .number(row.last_code);
    });
    expect_rows(TABLE, rows.len(), changed.await?)
}

pub(crate) async fn ready(
    connection: &mut SqliteConnection,
    peer: StructureId,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<OutboxRow>, Fault> {
    let query = sqlx::query(READY).bind(peer.as_bytes().as_slice()).bind(now.0).bind(limit);
    let query = query.bind(Standing::Active.number());
    query.fetch_all(connection).await?.iter().map(read).collect()
}

pub(crate) async fn of_thread(
    connection: &mut SqliteConnection,
    thread: ThreadId,
) -> Result<Vec<OutboxRow>, Fault> {
    let query = sqlx::query(OF_THREAD).bind(thread.as_bytes().as_slice());
    query.fetch_all(connection).await?.iter().map(read).collect()
}

pub(crate) async fn waiting(connection: &mut SqliteConnection) -> Result<Vec<Waiting>, Fault> {
    let waiting = |row: &SqliteRow| {
        let cells = Cells::of(TABLE, row);
        Ok(Waiting {
            peer: cells.id("peer", StructureId::from_slice)?,
            waiting: cells.number("waiting")?,
            parked: cells.number("parked")?,
            oldest: cells.instant("oldest")?,
            first_failed_at: cells.maybe_instant("first_failed_at")?,
        })
    };
    sqlx::query(WAITING).fetch_all(connection).await?.iter().map(waiting).collect()
}

/// Notes what became of messages that were tried; one that has left meanwhile stays gone.
pub(crate) async fn retry(connection: &mut SqliteConnection, tried: &[Retry]) -> Result<(), Fault> {
    let changed = values::write(connection, RETRY, tried, |tuple, retry| {
        tuple
            .bytes(retry.message.as_bytes())
            .number(codes::of_state(retry.state))
            .number(retry.attempts)
            .instant(retry.next_at)
            .maybe_instant(retry.first_failed_at)
            .number(retry.last_code);
    });
    expect_at_most(TABLE, tried.len(), changed.await?)
}

/// Lets everything that waits for a peer leave at `now`.
pub(crate) async fn hurry(
    connection: &mut SqliteConnection,
    peer: StructureId,
    now: Timestamp,
) -> Result<(), Fault> {
    sqlx::query(HURRY).bind(peer.as_bytes().as_slice()).bind(now.0).execute(connection).await?;
    Ok(())
}

/// Notes on everything that waits for a peer since when it cannot be delivered.
pub(crate) async fn undelivered(
    connection: &mut SqliteConnection,
    peer: StructureId,
    since: Timestamp,
) -> Result<(), Fault> {
    sqlx::query(UNDELIVERED).bind(peer.as_bytes().as_slice()).bind(since.0).execute(connection).await?;
    Ok(())
}

/// Removes everything of a thread.
pub(crate) async fn drop_thread(connection: &mut SqliteConnection, thread: ThreadId) -> Result<(), Fault> {
    sqlx::query(DROP).bind(thread.as_bytes().as_slice()).execute(connection).await?;
    Ok(())
}

/// Removes messages that were receipted; one that has left before stays gone.
pub(crate) async fn remove(connection: &mut SqliteConnection, messages: &[MessageId]) -> Result<(), Fault> {
    let changed = values::write(connection, REMOVE, messages, |tuple, message| {
        tuple.bytes(message.as_bytes());
    });
    expect_at_most(TABLE, messages.len(), changed.await?)
}

fn read(row: &SqliteRow) -> Result<OutboxRow, Fault> {
    let cells = Cells::of(TABLE, row);
    Ok(OutboxRow {
        message: cells.id("message", MessageId::from_slice)?,
        peer: cells.id("peer", StructureId::from_slice)?,
        thread: cells.id("thread", ThreadId::from_slice)?,
        sequence: cells.number("sequence")?,
        state: cells.code("state", codes::to_state)?,
        attempts: cells.number("attempts")?,
        next_at: cells.instant("next_at")?,
        enqueued_at: cells.instant("enqueued_at")?,
        first_failed_at: cells.maybe_instant("first_failed_at")?,
        last_code: cells.number("last_code")?,
    })
}
