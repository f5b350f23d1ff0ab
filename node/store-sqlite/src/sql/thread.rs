//! Table `thread`: one row a thread, nothing personal in it.

use super::cells::Cells;
use super::{codes, expect_rows, values};
use crate::fault::Fault;
use relais_domain::consent::Standing;
use relais_domain::decide::{DueKind, Owner};
use relais_domain::event::{Side, ThreadKind};
use relais_domain::fold::{Label, Step};
use relais_domain::id::{FollowUpId, ThreadId};
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_store::Page;
use relais_store::rows::ThreadRow;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use std::collections::BTreeMap;

const TABLE: &str = "thread";

const WRITE: &str = "-- write_threads
INSERT INTO thread
    (id, kind, side, peer, consent, valid_until, standing, signing, freeze, follow_up, version, opened_at,
     changed_at, wake_at, label, step, due_kind, due_owner, due_at, attention)
VALUES {rows}
ON CONFLICT (id) DO UPDATE SET
    kind = excluded.kind, side = excluded.side, peer = excluded.peer, consent = excluded.consent,
    valid_until = excluded.valid_until, standing = excluded.standing, signing = excluded.signing,
    freeze = excluded.freeze, follow_up = excluded.follow_up, version = excluded.version,
    opened_at = excluded.opened_at, changed_at = excluded.changed_at, wake_at = excluded.wake_at,
    label = excluded.label, step = excluded.step, due_kind = excluded.due_kind,
    due_owner = excluded.due_owner, due_at = excluded.due_at, attention = excluded.attention";

const FIND: &str = "-- find_thread
SELECT id, kind, side, peer, consent, valid_until, standing, signing, freeze, follow_up, version, opened_at,
    changed_at, wake_at, label, step, due_kind, due_owner, due_at, attention
FROM thread WHERE id = ?1";

const PAGE: &str = "-- threads_by_change
SELECT id, kind, side, peer, consent, valid_until, standing, signing, freeze, follow_up, version, opened_at,
    changed_at, wake_at, label, step, due_kind, due_owner, due_at, attention
FROM thread WHERE changed_at < ?1
ORDER BY changed_at DESC, id DESC LIMIT ?2";

const NEWEST: &str = "-- threads_newest
SELECT id, kind, side, peer, consent, valid_until, standing, signing, freeze, follow_up, version, opened_at,
    changed_at, wake_at, label, step, due_kind, due_owner, due_at, attention
FROM thread
ORDER BY changed_at DESC, id DESC LIMIT ?1";

const TO_WAKE: &str = "-- threads_to_wake
SELECT id FROM thread WHERE wake_at <= ?1 ORDER BY wake_at, id LIMIT ?2";

const VERSIONS: &str = "-- thread_versions
WITH wanted (id) AS (VALUES {rows})
SELECT thread.id, thread.version FROM thread JOIN wanted ON wanted.id = thread.id";

pub(crate) async fn write(connection: &mut SqliteConnection, rows: &[&ThreadRow]) -> Result<(), Fault> {
    let changed = values::write(connection, WRITE, rows, |tuple, row| {
        tuple
            .bytes(row.id.as_bytes())
            .number(row.kind.number())
            .number(row.side.number())
            .bytes(row.peer.as_bytes())
            .bytes(row.consent.as_bytes())
            .instant(row.valid_until)
            .number(row.standing.number())
            .number(codes::of_signing(row.signing))
            .number(codes::of_freeze(row.freeze))
            .maybe_bytes(row.follow_up.as_ref().map(FollowUpId::as_bytes))
            .count(row.version)
            .instant(row.opened_at)
            .instant(row.changed_at)
            .maybe_instant(row.wake_at)
            .maybe_number(row.label.map(Label::number))
            .number(row.step.number())
            .maybe_number(row.due.map(|(kind, _, _)| kind.number()))
            .maybe_number(row.due.map(|(_, owner, _)| owner.number()))
            .maybe_instant(row.due.map(|(_, _, at)| at))
            .number(row.attention);
    });
    expect_rows(TABLE, rows.len(), changed.await?)
}

pub(crate) async fn find(
    connection: &mut SqliteConnection,
    id: ThreadId,
) -> Result<Option<ThreadRow>, Fault> {
    let row = sqlx::query(FIND).bind(id.as_bytes().as_slice()).fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()
}

pub(crate) async fn page(connection: &mut SqliteConnection, page: Page) -> Result<Vec<ThreadRow>, Fault> {
    let query = match page.before {
        Some(before) => sqlx::query(PAGE).bind(before.0),
        None => sqlx::query(NEWEST),
    };
    let rows = query.bind(page.limit).fetch_all(connection).await?;
    rows.iter().map(read).collect()
}

pub(crate) async fn to_wake(
    connection: &mut SqliteConnection,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<ThreadId>, Fault> {
    let rows = sqlx::query(TO_WAKE).bind(now.0).bind(limit).fetch_all(connection).await?;
    rows.iter().map(|row| Cells::of(TABLE, row).id("id", ThreadId::from_slice)).collect()
}

/// The versions of those threads that exist.
pub(crate) async fn versions(
    connection: &mut SqliteConnection,
    ids: &[ThreadId],
) -> Result<BTreeMap<ThreadId, u64>, Fault> {
    let rows = values::read(connection, VERSIONS, ids, |tuple, id| {
        tuple.bytes(id.as_bytes());
    });
    let version = |row: &SqliteRow| {
        let cells = Cells::of(TABLE, row);
        Ok((cells.id("id", ThreadId::from_slice)?, cells.number("version")?))
    };
    rows.await?.iter().map(version).collect()
}

fn read(row: &SqliteRow) -> Result<ThreadRow, Fault> {
    let cells = Cells::of(TABLE, row);
    Ok(ThreadRow {
        id: cells.id("id", ThreadId::from_slice)?,
        kind: cells.code("kind", ThreadKind::from_number)?,
        side: cells.code("side", Side::from_number)?,
        peer: cells.id("peer", StructureId::from_slice)?,
        consent: cells.digest("consent")?,
        valid_until: cells.instant("valid_until")?,
        standing: cells.code("standing", Standing::from_number)?,
        signing: cells.code("signing", codes::to_signing)?,
        freeze: cells.code("freeze", codes::to_freeze)?,
        follow_up: cells.maybe_id("follow_up", FollowUpId::from_slice)?,
        version: cells.number("version")?,
        opened_at: cells.instant("opened_at")?,
        changed_at: cells.instant("changed_at")?,
        wake_at: cells.maybe_instant("wake_at")?,
        label: cells.maybe_code("label", Label::from_number)?,
        step: cells.code("step", Step::from_number)?,
        due: due(cells)?,
        attention: cells.number("attention")?,
    })
}

fn due(cells: Cells<'_>) -> Result<Option<(DueKind, Owner, Timestamp)>, Fault> {
    let kind = cells.maybe_code("due_kind", DueKind::from_number)?;
    let owner = cells.maybe_code("due_owner", Owner::from_number)?;
    let at = cells.maybe_instant("due_at")?;
    match (kind, owner, at) {
        (Some(kind), Some(owner), Some(at)) => Ok(Some((kind, owner, at))),
        (None, None, None) => Ok(None),
        (kind, owner, _) => {
            let missing = if kind.is_none() {
                "due_kind"
            } else if owner.is_none() {
                "due_owner"
            } else {
                "due_at"
            };
            Err(cells.corrupt(missing))
        }
    }
}
