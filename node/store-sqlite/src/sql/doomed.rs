//! Table `doomed`: data keys whose rows are deleted and that are not known to be destroyed yet. It is written in the
//! transaction that deletes the rows, so that a crash before the keys are destroyed is made good at the next start.

use super::cells::Cells;
use super::{expect_at_most, values};
use crate::fault::Fault;
use sqlx::sqlite::SqliteConnection;

const TABLE: &str = "doomed";

const INSERT: &str = "-- insert_doomed
INSERT INTO doomed (data_key) VALUES {rows} ON CONFLICT (data_key) DO NOTHING";

const ALL: &str = "-- all_doomed
SELECT data_key FROM doomed ORDER BY data_key";

const REMOVE: &str = "-- remove_doomed
WITH destroyed (data_key) AS (VALUES {rows})
DELETE FROM doomed WHERE data_key IN (SELECT data_key FROM destroyed)";

pub(crate) async fn insert(connection: &mut SqliteConnection, keys: &[i64]) -> Result<(), Fault> {
    let changed = values::write(connection, INSERT, keys, |tuple, key| {
        tuple.number(*key);
    });
    expect_at_most(TABLE, keys.len(), changed.await?)
}

pub(crate) async fn all(connection: &mut SqliteConnection) -> Result<Vec<i64>, Fault> {
    let rows = sqlx::query(ALL).fetch_all(connection).await?;
    rows.iter().map(|row| Cells::of(TABLE, row).number("data_key")).collect()
}

pub(crate) async fn remove(connection: &mut SqliteConnection, destroyed: &[i64]) -> Result<(), Fault> {
    let changed = values::write(connection, REMOVE, destroyed, |tuple, key| {
        tuple.number(*key);
    });
    expect_at_most(TABLE, destroyed.len(), changed.await?)
}
