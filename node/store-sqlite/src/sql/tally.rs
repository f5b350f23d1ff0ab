//! Table `tally`: the content-free rows that flows are counted from, until their quarter closes.

use super::cells::Cells;
use super::{expect_at_most, expect_rows, tally_cell, values};
use crate::fault::Fault;
use relais_domain::content::Outcome;
use relais_domain::event::{Side, ThreadKind};
use relais_domain::fold::Label;
use relais_domain::id::ThreadId;
use relais_domain::structure_id::StructureId;
use relais_domain::territory::Territory;
use relais_domain::theme::Theme;
use relais_domain::time::{Quarter, Timestamp};
use relais_store::batch::TallyMove;
use relais_store::rows::TallyRow;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

const TABLE: &str = "tally";

const INSERT: &str = "-- insert_tally
INSERT INTO tally (thread, side, kind, peer, opened_at, territory, theme, label, outcome) VALUES {rows}";

const MOVE: &str = "-- move_tally
WITH moved (thread, label, outcome) AS (VALUES {rows})
UPDATE tally SET label = coalesce(moved.label, tally.label), outcome = coalesce(moved.outcome, tally.outcome)
FROM moved WHERE moved.thread = tally.thread";

const OPENED: &str = "-- tally_opened
SELECT thread, side, kind, peer, opened_at, territory, theme, label, outcome
FROM tally WHERE opened_at >= ?1 AND opened_at < ?2
ORDER BY opened_at, thread";

const COUNT: &str = "-- count_tally
SELECT count(*) AS count FROM tally WHERE opened_at >= ?1 AND opened_at < ?2";

const REMOVE: &str = "-- remove_tally
DELETE FROM tally WHERE opened_at >= ?1 AND opened_at < ?2";

pub(crate) async fn insert(connection: &mut SqliteConnection, rows: &[&TallyRow]) -> Result<(), Fault> {
    let changed = values::write(connection, INSERT, rows, |tuple, row| {
        tuple
            .bytes(row.thread.as_bytes())
            .number(row.side.number())
            .number(row.kind.number())
            .bytes(row.peer.as_bytes())
            .instant(row.opened_at)
            .text(&row.territory.to_string())
            .text(row.theme.code())
            .maybe_number(row.label.map(Label::number))
            .maybe_number(row.outcome.map(Outcome::number));
    });
    expect_rows(TABLE, rows.len(), changed.await?)
}

/// Moves rows; one whose quarter was closed is gone, and stays so.
pub(crate) async fn advance(
    connection: &mut SqliteConnection,
    moves: &[(ThreadId, TallyMove)],
) -> Result<(), Fault> {
    let changed = values::write(connection, MOVE, moves, |tuple, (thread, moved)| {
        tuple
            .bytes(thread.as_bytes())
            .maybe_number(moved.label.map(Label::number))
            .maybe_number(moved.outcome.map(Outcome::number));
    });
    expect_at_most(TABLE, moves.len(), changed.await?)
}

/// Adds the rows of a quarter to its cells and removes them.
pub(crate) async fn close(connection: &mut SqliteConnection, quarter: Quarter) -> Result<(), Fault> {
    let (start, end) = (quarter.start().0, quarter.end().0);
    let counted = sqlx::query(COUNT).bind(start).bind(end).fetch_one(&mut *connection).await?;
    let count = Cells::of(TABLE, &counted).number("count")?;
    tally_cell::fold(connection, quarter, count).await?;
    let removed = sqlx::query(REMOVE).bind(start).bind(end).execute(connection).await?;
    expect_rows(TABLE, count, removed.rows_affected())
}

pub(crate) async fn opened(
    connection: &mut SqliteConnection,
    since: Timestamp,
    until: Timestamp,
) -> Result<Vec<TallyRow>, Fault> {
    let query = sqlx::query(OPENED).bind(since.0).bind(until.0);
    query.fetch_all(connection).await?.iter().map(read).collect()
}

fn read(row: &SqliteRow) -> Result<TallyRow, Fault> {
    let cells = Cells::of(TABLE, row);
    let territory = Territory::parse(cells.text("territory")?);
    let theme = Theme::parse(cells.text("theme")?);
    Ok(TallyRow {
        thread: cells.id("thread", ThreadId::from_slice)?,
        side: cells.code("side", Side::from_number)?,
        kind: cells.code("kind", ThreadKind::from_number)?,
        peer: cells.id("peer", StructureId::from_slice)?,
        opened_at: cells.instant("opened_at")?,
        territory: territory.map_err(|_| cells.corrupt("territory"))?,
        theme: theme.ok_or_else(|| cells.corrupt("theme"))?,
        label: cells.maybe_code("label", Label::from_number)?,
        outcome: cells.maybe_code("outcome", Outcome::from_number)?,
    })
}
