//! Table `store` of both files: the id that says they belong together, and in `keys.db` a proof of the node key.

use super::cells::Cells;
use super::expect_rows;
use crate::fault::Fault;
use sqlx::sqlite::SqliteConnection;

const TABLE: &str = "store";

/// The id of a store: 16 random bytes.
pub(crate) type StoreId = [u8; 16];

const INSERT_DATA: &str = "-- insert_store_of_data
INSERT INTO store (number, id) VALUES (1, ?1)";

const FIND_DATA: &str = "-- find_store_of_data
SELECT id FROM store WHERE number = 1";

const INSERT_KEYS: &str = "-- insert_store_of_keys
INSERT INTO store (number, id, proof) VALUES (1, ?1, ?2)";

const FIND_KEYS: &str = "-- find_store_of_keys
SELECT id, proof FROM store WHERE number = 1";

pub(crate) async fn name_data(data: &mut SqliteConnection, id: &StoreId) -> Result<(), Fault> {
    let done = sqlx::query(INSERT_DATA).bind(id.as_slice()).execute(data).await?;
    expect_rows(TABLE, 1, done.rows_affected())
}

pub(crate) async fn of_data(data: &mut SqliteConnection) -> Result<Option<StoreId>, Fault> {
    let row = sqlx::query(FIND_DATA).fetch_optional(data).await?;
    row.map(|row| id(Cells::of(TABLE, &row))).transpose()
}

pub(crate) async fn name_keys(keys: &mut SqliteConnection, id: &StoreId, proof: &[u8]) -> Result<(), Fault> {
    let done = sqlx::query(INSERT_KEYS).bind(id.as_slice()).bind(proof).execute(keys).await?;
    expect_rows(TABLE, 1, done.rows_affected())
}

/// The id and the proof of the node key.
pub(crate) async fn of_keys(keys: &mut SqliteConnection) -> Result<Option<(StoreId, Vec<u8>)>, Fault> {
    let Some(row) = sqlx::query(FIND_KEYS).fetch_optional(keys).await? else { return Ok(None) };
    let cells = Cells::of(TABLE, &row);
    Ok(Some((id(cells)?, cells.bytes("proof")?.to_vec())))
}

fn id(cells: Cells<'_>) -> Result<StoreId, Fault> {
    cells.id("id", |bytes| bytes.try_into().ok())
}
