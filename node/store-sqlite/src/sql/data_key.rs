//! Table `data_key` of `keys.db`: wrapped data keys, and the numbers of those that were destroyed.

use super::cells::Cells;
use super::{expect_at_most, values};
use crate::fault::Fault;
use relais_store::vault::Subject;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

const TABLE: &str = "data_key";

/// A data key that is not destroyed.
pub(crate) struct WrappedKey {
    pub(crate) number: i64,
    pub(crate) subject: Subject,
    pub(crate) wrapped: Vec<u8>,
}

const INSERT: &str = "-- insert_data_keys
INSERT INTO data_key (subject, wrapped) VALUES {rows}
RETURNING number, subject, wrapped";

const FIND: &str = "-- find_data_keys
WITH wanted (subject) AS (VALUES {rows})
SELECT data_key.number, data_key.subject, data_key.wrapped
FROM data_key JOIN wanted ON wanted.subject = data_key.subject
WHERE data_key.wrapped IS NOT NULL";

const ANY: &str = "-- any_data_key
SELECT number FROM data_key LIMIT 1";

const DESTROY: &str = "-- destroy_data_keys
WITH doomed (number) AS (VALUES {rows})
UPDATE data_key SET wrapped = NULL WHERE number IN (SELECT number FROM doomed) AND wrapped IS NOT NULL";

/// Keeps fresh keys; durable when this returns.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    fresh: &[(Subject, Vec<u8>)],
) -> Result<Vec<WrappedKey>, Fault> {
    let rows = values::read(connection, INSERT, fresh, |tuple, (subject, wrapped)| {
        tuple.bytes(subject.to_bytes()).bytes(wrapped);
    });
    let kept: Vec<WrappedKey> = rows.await?.iter().map(read).collect::<Result<_, _>>()?;
    if kept.len() == fresh.len() { Ok(kept) } else { Err(Fault::corrupt("data_key: a key was not kept")) }
}

/// The keys of those subjects that have one.
pub(crate) async fn find(
    connection: &mut SqliteConnection,
    subjects: &[Subject],
) -> Result<Vec<WrappedKey>, Fault> {
    let rows = values::read(connection, FIND, subjects, |tuple, subject| {
        tuple.bytes(subject.to_bytes());
    });
    rows.await?.iter().map(read).collect()
}

/// Whether there ever was a key.
pub(crate) async fn any(connection: &mut SqliteConnection) -> Result<bool, Fault> {
    Ok(sqlx::query(ANY).fetch_optional(connection).await?.is_some())
}

/// Destroys keys; those destroyed before stay so.
pub(crate) async fn destroy(connection: &mut SqliteConnection, numbers: &[i64]) -> Result<(), Fault> {
    let changed = values::write(connection, DESTROY, numbers, |tuple, number| {
        tuple.number(*number);
    });
    expect_at_most(TABLE, numbers.len(), changed.await?)
}

fn read(row: &SqliteRow) -> Result<WrappedKey, Fault> {
    let cells = Cells::of(TABLE, row);
    Ok(WrappedKey {
        number: cells.number("number")?,
        subject: cells.id("subject", Subject::from_bytes)?,
        wrapped: cells.bytes("wrapped")?.to_vec(),
    })
}
