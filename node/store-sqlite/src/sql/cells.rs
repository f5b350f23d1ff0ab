//! Reading columns as domain values. What cannot be one is `Corrupt`, with its table and column, never a default.

use crate::fault::Fault;
use relais_domain::digest::Digest;
use relais_domain::time::Timestamp;
use sqlx::sqlite::{Sqlite, SqliteRow};
use sqlx::{Decode, Row as _, Type};

/// A row of a table.
#[derive(Clone, Copy)]
pub(crate) struct Cells<'r> {
    table: &'static str,
    row: &'r SqliteRow,
}

impl<'r> Cells<'r> {
    pub(crate) fn of(table: &'static str, row: &'r SqliteRow) -> Self {
        Self { table, row }
    }

    /// That this column holds what cannot be.
    pub(crate) fn corrupt(&self, column: &str) -> Fault {
        Fault::corrupt(format!("{}.{column} holds what cannot be", self.table))
    }

    fn cell<T: Decode<'r, Sqlite> + Type<Sqlite>>(&self, column: &str) -> Result<T, Fault> {
        self.row.try_get(column).map_err(|_| self.corrupt(column))
    }

    /// What `parse` makes of a cell, which must be something.
    fn parsed<V, T>(&self, column: &str, cell: V, parse: impl FnOnce(V) -> Option<T>) -> Result<T, Fault> {
        parse(cell).ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn bytes(&self, column: &str) -> Result<&'r [u8], Fault> {
        self.cell(column)
    }

    pub(crate) fn maybe_bytes(&self, column: &str) -> Result<Option<&'r [u8]>, Fault> {
        self.cell(column)
    }

    pub(crate) fn text(&self, column: &str) -> Result<&'r str, Fault> {
        self.cell(column)
    }

    pub(crate) fn number<T: TryFrom<i64>>(&self, column: &str) -> Result<T, Fault> {
        self.parsed(column, self.cell(column)?, |number: i64| number.try_into().ok())
    }

    pub(crate) fn maybe_number<T: TryFrom<i64>>(&self, column: &str) -> Result<Option<T>, Fault> {
        let cell: Option<i64> = self.cell(column)?;
        cell.map(|number| self.parsed(column, number, |number| number.try_into().ok())).transpose()
    }

    pub(crate) fn instant(&self, column: &str) -> Result<Timestamp, Fault> {
        self.cell(column).map(Timestamp)
    }

    pub(crate) fn maybe_instant(&self, column: &str) -> Result<Option<Timestamp>, Fault> {
        Ok(self.cell::<Option<i64>>(column)?.map(Timestamp))
    }

    pub(crate) fn digest(&self, column: &str) -> Result<Digest, Fault> {
        self.id(column, Digest::from_slice)
    }

    pub(crate) fn id<T>(&self, column: &str, parse: fn(&[u8]) -> Option<T>) -> Result<T, Fault> {
        self.parsed(column, self.bytes(column)?, parse)
    }

    pub(crate) fn maybe_id<T>(
        &self,
        column: &str,
        parse: fn(&[u8]) -> Option<T>,
    ) -> Result<Option<T>, Fault> {
        self.maybe_bytes(column)?.map(|bytes| self.parsed(column, bytes, parse)).transpose()
    }

    pub(crate) fn code<T>(&self, column: &str, parse: fn(u32) -> Option<T>) -> Result<T, Fault> {
        self.parsed(column, self.number(column)?, parse)
    }

    pub(crate) fn maybe_code<T>(
        &self,
        column: &str,
        parse: fn(u32) -> Option<T>,
    ) -> Result<Option<T>, Fault> {
        self.maybe_number(column)?.map(|number| self.parsed(column, number, parse)).transpose()
    }
}
