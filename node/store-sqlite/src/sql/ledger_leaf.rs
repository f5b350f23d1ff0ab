//! Table `ledger_leaf`: the ledger's leaves, opened.

use super::cells::Cells;
use super::{expect_rows, values};
use crate::fault::Fault;
use relais_domain::digest::Digest;
use relais_domain::ledger_leaf::{Leaf, LeafKind};
use sqlx::sqlite::SqliteConnection;

const TABLE: &str = "ledger_leaf";

const INSERT: &str = "-- insert_ledger_leaves
INSERT INTO ledger_leaf (position, kind, subject, salt) VALUES {rows}";

const SIZE: &str = "-- ledger_size
SELECT max(position) + 1 AS size FROM ledger_leaf";

const FIND: &str = "-- find_ledger_leaf
SELECT kind, subject, salt FROM ledger_leaf WHERE position = ?1";

const OF_SUBJECT: &str = "-- ledger_leaves_of_subject
SELECT position FROM ledger_leaf WHERE subject = ?1 ORDER BY position";

/// Appends leaves, each with its index.
pub(crate) async fn insert(connection: &mut SqliteConnection, leaves: &[(u64, &Leaf)]) -> Result<(), Fault> {
    let changed = values::write(connection, INSERT, leaves, |tuple, (position, leaf)| {
        tuple.count(*position).number(leaf.kind.number()).bytes(leaf.subject.as_bytes()).bytes(leaf.salt);
    });
    expect_rows(TABLE, leaves.len(), changed.await?)
}

pub(crate) async fn size(connection: &mut SqliteConnection) -> Result<u64, Fault> {
    let row = sqlx::query(SIZE).fetch_one(connection).await?;
    Ok(Cells::of(TABLE, &row).maybe_number("size")?.unwrap_or(0))
}

pub(crate) async fn find(connection: &mut SqliteConnection, index: u64) -> Result<Option<Leaf>, Fault> {
    let Ok(position) = i64::try_from(index) else { return Ok(None) };
    let Some(row) = sqlx::query(FIND).bind(position).fetch_optional(connection).await? else {
        return Ok(None);
    };
    let cells = Cells::of(TABLE, &row);
    Ok(Some(Leaf {
        kind: cells.code("kind", |number| LeafKind::from_number(u8::try_from(number).ok()?))?,
        subject: cells.digest("subject")?,
        salt: cells.id("salt", |bytes| bytes.try_into().ok())?,
    }))
}

pub(crate) async fn of_subject(
    connection: &mut SqliteConnection,
    subject: Digest,
) -> Result<Vec<u64>, Fault> {
    let rows = sqlx::query(OF_SUBJECT).bind(subject.as_bytes().as_slice()).fetch_all(connection).await?;
    rows.iter().map(|row| Cells::of(TABLE, row).number("position")).collect()
}
