//! Table `tally_cell`: what the tally rows of closed quarters came to. It names no thread.

use super::cells::Cells;
use super::expect_at_most;
use crate::fault::Fault;
use relais_domain::content::Outcome;
use relais_domain::event::{Side, ThreadKind};
use relais_domain::fold::Label;
use relais_domain::structure_id::StructureId;
use relais_domain::territory::Territory;
use relais_domain::theme::Theme;
use relais_domain::time::Quarter;
use relais_store::rows::{Cell, CellRow};
use sqlx::sqlite::{SqliteConnection, SqliteRow};

const TABLE: &str = "tally_cell";

const FOLD: &str = "-- fold_tally
INSERT INTO tally_cell (quarter, side, kind, peer, territory, theme, label, outcome, count)
SELECT ?1, side, kind, peer, territory, theme, coalesce(label, 0), coalesce(outcome, 0), count(*)
FROM tally WHERE opened_at >= ?2 AND opened_at < ?3
GROUP BY side, kind, peer, territory, theme, coalesce(label, 0), coalesce(outcome, 0)
ON CONFLICT (quarter, side, kind, peer, territory, theme, label, outcome) DO UPDATE SET
    count = tally_cell.count + excluded.count";

const OF_QUARTERS: &str = "-- cells_of_quarters
SELECT quarter, side, kind, peer, territory, theme, nullif(label, 0) AS label, nullif(outcome, 0) AS outcome, count
FROM tally_cell WHERE quarter >= ?1 AND quarter < ?2
ORDER BY quarter, side, kind, peer, territory, theme, label, outcome";

/// Adds the `rows` tally rows of a quarter to its cells.
pub(crate) async fn fold(
    connection: &mut SqliteConnection,
    quarter: Quarter,
    rows: usize,
) -> Result<(), Fault> {
    let query = sqlx::query(FOLD).bind(quarter.0).bind(quarter.start().0).bind(quarter.end().0);
    expect_at_most(TABLE, rows, query.execute(connection).await?.rows_affected())
}

pub(crate) async fn of_quarters(
    connection: &mut SqliteConnection,
    since: Quarter,
    until: Quarter,
) -> Result<Vec<CellRow>, Fault> {
    let query = sqlx::query(OF_QUARTERS).bind(since.0).bind(until.0);
    query.fetch_all(connection).await?.iter().map(read).collect()
}

fn read(row: &SqliteRow) -> Result<CellRow, Fault> {
    let cells = Cells::of(TABLE, row);
    let territory = Territory::parse(cells.text("territory")?);
    let theme = Theme::parse(cells.text("theme")?);
    let cell = Cell {
        quarter: Quarter(cells.number("quarter")?),
        side: cells.code("side", Side::from_number)?,
        kind: cells.code("kind", ThreadKind::from_number)?,
        peer: cells.id("peer", StructureId::from_slice)?,
        territory: territory.map_err(|_| cells.corrupt("territory"))?,
        theme: theme.ok_or_else(|| cells.corrupt("theme"))?,
        label: cells.maybe_code("label", Label::from_number)?,
        outcome: cells.maybe_code("outcome", Outcome::from_number)?,
    };
    Ok(CellRow { cell, count: cells.number("count")? })
}
