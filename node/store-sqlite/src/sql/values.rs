//! The one module that builds SQL: rows take the place of `VALUES {rows}` in a constant query, bound, never written.

use crate::fault::Fault;
use relais_domain::time::Timestamp;
use sqlx::query_builder::Separated;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{QueryBuilder, Sqlite};

/// Where the rows go in a query.
const MARK: &str = "VALUES {rows}";
/// Most rows of one statement: SQLite binds at most 32,766 values, and no table here has more than 32 columns.
const ROWS_MAX: usize = 1_000;

/// One row being bound, column by column in the order of the query.
pub(crate) struct Tuple<'q>(Separated<'q, Sqlite, &'static str>);

impl Tuple<'_> {
    pub(crate) fn bytes(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.0.push_bind(bytes.as_ref().to_vec());
        self
    }

    pub(crate) fn maybe_bytes(&mut self, bytes: Option<impl AsRef<[u8]>>) -> &mut Self {
        self.0.push_bind(bytes.map(|bytes| bytes.as_ref().to_vec()));
        self
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.0.push_bind(text.to_owned());
        self
    }

    pub(crate) fn number(&mut self, number: impl Into<i64>) -> &mut Self {
        self.0.push_bind(number.into());
        self
    }

    pub(crate) fn maybe_number(&mut self, number: Option<impl Into<i64>>) -> &mut Self {
        self.0.push_bind(number.map(Into::into));
        self
    }

    /// A count or a version; beyond what a column holds it stays at the most one holds.
    pub(crate) fn count(&mut self, count: u64) -> &mut Self {
        self.number(i64::try_from(count).unwrap_or(i64::MAX))
    }

    pub(crate) fn instant(&mut self, at: Timestamp) -> &mut Self {
        self.number(at.0)
    }

    pub(crate) fn maybe_instant(&mut self, at: Option<Timestamp>) -> &mut Self {
        self.maybe_number(at.map(|at| at.0))
    }
}

/// Runs `sql` on `rows` and counts the rows it changed.
pub(crate) async fn write<T>(
    connection: &mut SqliteConnection,
    sql: &'static str,
    rows: &[T],
    bind: impl Fn(&mut Tuple<'_>, &T),
) -> Result<u64, Fault> {
    let mut changed = 0;
    for chunk in rows.chunks(ROWS_MAX) {
        let mut query = filled(sql, chunk, &bind);
        let query = query.build().persistent(chunk.len() == 1);
        changed += query.execute(&mut *connection).await?.rows_affected();
    }
    Ok(changed)
}

/// Runs `sql` on `rows` and returns what it answers.
pub(crate) async fn read<T>(
    connection: &mut SqliteConnection,
    sql: &'static str,
    rows: &[T],
    bind: impl Fn(&mut Tuple<'_>, &T),
) -> Result<Vec<SqliteRow>, Fault> {
    let mut found = Vec::new();
    for chunk in rows.chunks(ROWS_MAX) {
        let mut query = filled(sql, chunk, &bind);
        let query = query.build().persistent(chunk.len() == 1);
        found.extend(query.fetch_all(&mut *connection).await?);
    }
    Ok(found)
}

#[expect(clippy::disallowed_methods, reason = "what is pushed is the rest of a constant query")]
fn filled<T>(sql: &'static str, rows: &[T], bind: &impl Fn(&mut Tuple<'_>, &T)) -> QueryBuilder<Sqlite> {
    let (before, after) = sql.split_once(MARK).unwrap_or((sql, ""));
    let mut query = QueryBuilder::new(before);
    query.push_values(rows, |columns, row| bind(&mut Tuple(columns), row));
    query.push(after);
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_take_the_place_of_the_mark() {
        let query = filled("-- a\nINSERT INTO t (a, b) VALUES {rows} RETURNING a", &[1, 2], &|row, n| {
            row.number(*n).text("'; DROP TABLE t");
        });
        let expected = "-- a\nINSERT INTO t (a, b) VALUES (?, ?), (?, ?) RETURNING a";
        assert_eq!(query.sql().as_str(), expected);
    }
}
