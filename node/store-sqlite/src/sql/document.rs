//! Table `document`: shelves of small versioned documents; the bodies of personal ones are sealed.

use super::cells::Cells;
use super::{expect_at_most, expect_rows, sealed, values};
use crate::fault::Fault;
use relais_store::rows::{Document, Shelf};
use relais_store::vault::{NodeKey, Place, Subject};
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use std::collections::BTreeMap;

const TABLE: &str = "document";
/// What SQLite takes as no limit.
const NO_LIMIT: i64 = -1;

/// Where a document lies.
pub(crate) type Spot<'b> = (Shelf, &'b [u8]);

/// A document as it is stored.
pub(crate) struct StoredDocument<'b> {
    pub(crate) spot: Spot<'b>,
    pub(crate) version: u64,
    /// The key that sealed the body, on a personal shelf.
    pub(crate) data_key: Option<i64>,
    pub(crate) body: Vec<u8>,
}

const PUT: &str = "-- put_documents
INSERT INTO document (shelf, key, version, data_key, body) VALUES {rows}
ON CONFLICT (shelf, key) DO UPDATE SET
    version = excluded.version, data_key = excluded.data_key, body = excluded.body";

// CROSS JOIN keeps the order of the tables: else SQLite goes through every document for a few hundred keys.
const REMOVE: &str = "-- remove_documents
WITH gone (shelf, key) AS (VALUES {rows})
DELETE FROM document WHERE number IN (
    SELECT document.number
    FROM gone CROSS JOIN document ON gone.shelf = document.shelf AND gone.key = document.key)";

const VERSIONS: &str = "-- document_versions
WITH wanted (shelf, key, place) AS (VALUES {rows})
SELECT wanted.place, document.version
FROM wanted CROSS JOIN document ON wanted.shelf = document.shelf AND wanted.key = document.key";

const FIND: &str = "-- find_document
SELECT document.key, document.version, document.data_key, document.body AS sealed,
    data_key.number AS key_number, data_key.wrapped
FROM document LEFT JOIN keys.data_key ON data_key.number = document.data_key
WHERE document.shelf = ?1 AND document.key = ?2";

const FROM: &str = "-- documents_from
SELECT document.key, document.version, document.data_key, document.body AS sealed,
    data_key.number AS key_number, data_key.wrapped
FROM document LEFT JOIN keys.data_key ON data_key.number = document.data_key
WHERE document.shelf = ?1 AND document.key >= ?2
ORDER BY document.key LIMIT ?3";

const BETWEEN: &str = "-- documents_between
SELECT document.key, document.version, document.data_key, document.body AS sealed,
    data_key.number AS key_number, data_key.wrapped
FROM document LEFT JOIN keys.data_key ON data_key.number = document.data_key
WHERE document.shelf = ?1 AND document.key >= ?2 AND document.key < ?4
ORDER BY document.key LIMIT ?3";

pub(crate) async fn put(connection: &mut SqliteConnection, rows: &[StoredDocument<'_>]) -> Result<(), Fault> {
    let changed = values::write(connection, PUT, rows, |tuple, row| {
        tuple
            .number(row.spot.0.number())
            .bytes(row.spot.1)
            .count(row.version)
            .maybe_number(row.data_key)
            .bytes(&row.body);
    });
    expect_rows(TABLE, rows.len(), changed.await?)
}

pub(crate) async fn remove(connection: &mut SqliteConnection, spots: &[Spot<'_>]) -> Result<(), Fault> {
    let changed = values::write(connection, REMOVE, spots, |tuple, (shelf, key)| {
        tuple.number(shelf.number()).bytes(key);
    });
    expect_at_most(TABLE, spots.len(), changed.await?)
}

/// The versions of those documents that exist.
pub(crate) async fn versions<'b>(
    connection: &mut SqliteConnection,
    spots: &[Spot<'b>],
) -> Result<BTreeMap<Spot<'b>, u64>, Fault> {
    let places: Vec<(i64, Spot<'b>)> = (0..).zip(spots.iter().copied()).collect();
    let rows = values::read(connection, VERSIONS, &places, |tuple, (place, (shelf, key))| {
        tuple.number(shelf.number()).bytes(key).number(*place);
    });
    let version = |row: &SqliteRow| {
        let cells = Cells::of(TABLE, row);
        let place: usize = cells.number("place")?;
        let spot = spots.get(place).ok_or_else(|| cells.corrupt("key"))?;
        Ok((*spot, cells.number("version")?))
    };
    rows.await?.iter().map(version).collect()
}

pub(crate) async fn find(
    connection: &mut SqliteConnection,
    node_key: &NodeKey,
    (shelf, key): Spot<'_>,
) -> Result<Option<Document>, Fault> {
    let row = sqlx::query(FIND).bind(shelf.number()).bind(key).fetch_optional(connection).await?;
    row.map_or(Ok(None), |row| read(&row, node_key, shelf))
}

/// The documents of a shelf whose key starts with `prefix`, by key.
pub(crate) async fn under(
    connection: &mut SqliteConnection,
    node_key: &NodeKey,
    (shelf, prefix): Spot<'_>,
) -> Result<Vec<Document>, Fault> {
    let rows = rows(connection, (shelf, prefix), prefix, NO_LIMIT).await?;
    rows.iter().filter_map(|row| read(row, node_key, shelf).transpose()).collect()
}

/// At most `limit` of those, the first that come after a key; nothing when there is none left.
pub(crate) async fn after(
    connection: &mut SqliteConnection,
    node_key: &NodeKey,
    (shelf, prefix): Spot<'_>,
    after: &[u8],
    limit: u32,
) -> Result<Vec<Document>, Fault> {
    let mut from = if after.is_empty() { prefix.to_vec() } else { next(after) };
    loop {
        let rows = rows(connection, (shelf, prefix), &from, limit.into()).await?;
        let Some(last) = rows.last() else { return Ok(Vec::new()) };
        from = next(Cells::of(TABLE, last).bytes("key")?);
        let documents: Vec<Document> =
            rows.iter().filter_map(|row| read(row, node_key, shelf).transpose()).collect::<Result<_, _>>()?;
        // Those whose keys were destroyed are passed over.
        if !documents.is_empty() {
            return Ok(documents);
        }
    }
}

async fn rows(
    connection: &mut SqliteConnection,
    (shelf, prefix): Spot<'_>,
    from: &[u8],
    limit: i64,
) -> Result<Vec<SqliteRow>, Fault> {
    let rows = match end(prefix) {
        Some(end) => sqlx::query(BETWEEN).bind(shelf.number()).bind(from).bind(limit).bind(end),
        None => sqlx::query(FROM).bind(shelf.number()).bind(from).bind(limit),
    };
    Ok(rows.fetch_all(connection).await?)
}

/// The first key after this one.
fn next(key: &[u8]) -> Vec<u8> {
    [key, &[0]].concat()
}

/// The first key after all that start with `prefix`; `None` when there is no such key.
fn end(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut end = prefix.get(..=last)?.to_vec();
    *end.last_mut()? += 1;
    Some(end)
}

/// Reads a document; `None` when its key was destroyed.
fn read(row: &SqliteRow, node_key: &NodeKey, shelf: Shelf) -> Result<Option<Document>, Fault> {
    let cells = Cells::of(TABLE, row);
    let key = cells.bytes("key")?.to_vec();
    let body = match cells.maybe_number::<i64>("data_key")? {
        Some(_) if shelf.is_personal() => {
            let subject = Subject::Document(shelf, key.clone());
            sealed::open(cells, node_key, &subject, Place::Body)?
        }
        None if !shelf.is_personal() => Some(cells.bytes("sealed")?.to_vec()),
        Some(_) | None => return Err(cells.corrupt("data_key")),
    };
    let version = cells.number("version")?;
    Ok(body.map(|body| Document { key, version, body }))
}

#[cfg(test)]
mod tests {
    use super::super::values;
    use super::{REMOVE, VERSIONS, end};
    use sqlx::{Connection as _, Row as _, SqliteConnection};

    /// A dump of 100,000 entries lies beside everything else: nothing may go through all of them.
    #[tokio::test]
    async fn a_few_hundred_keys_are_looked_up_each() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let table =
            "CREATE TABLE document (number INTEGER PRIMARY KEY, shelf INTEGER NOT NULL, key BLOB NOT NULL,
            version INTEGER NOT NULL, UNIQUE (shelf, key)) STRICT";
        sqlx::query(table).execute(&mut connection).await.unwrap();
        let keys: Vec<u32> = (0..500).collect();
        for (query, columns) in [(VERSIONS, 3), (REMOVE, 2)] {
            let explained: &'static str = Box::leak(format!("EXPLAIN QUERY PLAN {query}").into_boxed_str());
            let plan = values::read(&mut connection, explained, &keys, |tuple, key| {
                tuple.number(17).bytes(key.to_be_bytes());
                if columns == 3 {
                    tuple.number(*key);
                }
            });
            let plan: Vec<String> = plan.await.unwrap().iter().map(|row| row.get("detail")).collect();
            assert!(plan.iter().any(|step| step.starts_with("SEARCH document USING")), "{plan:?}");
            assert!(!plan.iter().any(|step| step.starts_with("SCAN document")), "{plan:?}");
        }
    }

    #[test]
    fn the_end_of_a_prefix_is_the_next_key_that_does_not_start_with_it() {
        assert_eq!(end(b"ab"), Some(b"ac".to_vec()));
        assert_eq!(end(&[1, 0xff, 0xff]), Some(vec![2]));
        assert_eq!(end(&[0xff]), None);
        assert_eq!(end(&[]), None);
    }
}
