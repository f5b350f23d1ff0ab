//! What went wrong inside this store, before it is told as a `StoreError`.

use libsqlite3_sys::{
    SQLITE_CONSTRAINT, SQLITE_CORRUPT, SQLITE_FULL, SQLITE_IOERR_SHMSIZE, SQLITE_IOERR_WRITE, SQLITE_NOTADB,
    SQLITE_READONLY,
};
use relais_store::StoreError;

/// What went wrong.
#[derive(Debug)]
pub(crate) enum Fault {
    /// SQLite said so.
    Sql(sqlx::Error),
    /// Something else.
    Store(StoreError),
}

/// What an error of SQLite comes down to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cause {
    /// No room on the disk.
    Full,
    /// The file, or what was to be written to it, contradicts itself.
    Corrupt,
    /// The file is none of SQLite's.
    NotADatabase,
    /// Nothing may be written there.
    ReadOnly,
    /// A row with this id is there already.
    Taken,
    /// Anything else.
    Other,
}

impl Fault {
    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        Self::Store(StoreError::Corrupt(what.into()))
    }

    pub(crate) fn cause(&self) -> Cause {
        match self {
            Self::Sql(error) => cause(error),
            Self::Store(StoreError::Full) => Cause::Full,
            Self::Store(StoreError::Corrupt(_)) => Cause::Corrupt,
            Self::Store(StoreError::Unavailable(_)) => Cause::Other,
        }
    }
}

/// What an error comes down to. (SQLite's extended codes hold the primary one in their low byte.)
pub(crate) fn cause(error: &sqlx::Error) -> Cause {
    let Some(error) = error.as_database_error() else { return Cause::Other };
    let code: i32 = error.code().and_then(|code| code.parse().ok()).unwrap_or_default();
    let primary = code & 0xff;
    // Of a disk without room SQLITE_FULL tells; of a quota or a largest size of files, a write that fails.
    if primary == SQLITE_FULL || code == SQLITE_IOERR_SHMSIZE || code == SQLITE_IOERR_WRITE {
        Cause::Full
    } else if primary == SQLITE_CORRUPT {
        Cause::Corrupt
    } else if primary == SQLITE_NOTADB {
        Cause::NotADatabase
    } else if primary == SQLITE_READONLY {
        Cause::ReadOnly
    } else if error.is_unique_violation() {
        Cause::Taken
    } else if primary == SQLITE_CONSTRAINT {
        Cause::Corrupt
    } else {
        Cause::Other
    }
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        let error = match fault {
            Fault::Store(error) => return error,
            Fault::Sql(error) => error,
        };
        match cause(&error) {
            Cause::Full => Self::Full,
            Cause::Corrupt | Cause::NotADatabase => Self::Corrupt(error.to_string()),
            Cause::ReadOnly | Cause::Taken | Cause::Other => Self::Unavailable(error.to_string()),
        }
    }
}
