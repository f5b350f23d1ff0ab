//! Why a store could not be opened, one clear sentence each.

use crate::fault::{Cause, Fault};
use relais_store::StoreError;
use std::io;
use std::path::{Path, PathBuf};

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another program, or this one, has it open.
    #[error("{0} is in use: another program has this store open")]
    InUse(PathBuf),
    /// The folder or a file in it may not be written.
    #[error("{0} cannot be written: give this program the right to")]
    ReadOnly(PathBuf),
    /// The folder cannot be used for another reason.
    #[error("{0} cannot be used: {1}")]
    Folder(PathBuf, io::Error),
    /// No room is left on the disk.
    #[error("no room is left on the disk of {0}: free some, nothing was lost")]
    Full(PathBuf),
    /// The file is none of SQLite's.
    #[error("{0} is not a database: it was overwritten or is another program's")]
    NotADatabase(PathBuf),
    /// The file is damaged.
    #[error("{0} is damaged: restore it from a backup ({1})")]
    Corrupt(PathBuf, String),
    /// A newer version of this program wrote the file.
    #[error("{0} was written by a newer version of this program: use that one")]
    Newer(PathBuf),
    /// The file was laid out by something that is no version of this program.
    #[error("{0} was laid out otherwise than this program does: use the program that made it")]
    Foreign(PathBuf),
    /// The linked SQLite may corrupt a log under two connections.
    #[error("SQLite {0} is too old: 3.51.3 or later is needed")]
    OldSqlite(String),
    /// The node key is another one.
    #[error("the node key is not the one this store was made with")]
    WrongKey,
    /// The file of data keys is not there, but data are.
    #[error("{0} is missing: without it nothing sealed can be read, restore it")]
    KeysMissing(PathBuf),
    /// The data are not there, but data keys are.
    #[error("{0} is missing, but its keys are there: restore it")]
    DataMissing(PathBuf),
    /// The two files are of two stores.
    #[error("data.db and keys.db are not of the same store: restore both from one node")]
    Unpaired,
    /// Something else; trying again may help.
    #[error("{0} could not be opened: {1}")]
    Unavailable(PathBuf, String),
}

impl OpenError {
    /// What a fault met with `file` means.
    pub(super) fn of(fault: Fault, file: &Path) -> Self {
        let path = file.to_owned();
        match fault.cause() {
            Cause::Full => Self::Full(path),
            Cause::NotADatabase => Self::NotADatabase(path),
            Cause::ReadOnly => Self::ReadOnly(path),
            Cause::Corrupt => Self::Corrupt(path, StoreError::from(fault).to_string()),
            Cause::Taken | Cause::Other => Self::Unavailable(path, StoreError::from(fault).to_string()),
        }
    }

    /// What an error of the file system met at `path` means.
    pub(super) fn of_io(error: io::Error, path: &Path) -> Self {
        let kind = error.kind();
        if matches!(kind, io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) {
            Self::ReadOnly(path.to_owned())
        } else if matches!(kind, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
            Self::Full(path.to_owned())
        } else {
            Self::Folder(path.to_owned(), error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_file_system_are_told_apart() {
        let of = |kind: io::ErrorKind| OpenError::of_io(kind.into(), Path::new("/store")).to_string();
        let read_only = "/store cannot be written: give this program the right to";
        assert_eq!(of(io::ErrorKind::PermissionDenied), read_only);
        assert_eq!(of(io::ErrorKind::ReadOnlyFilesystem), read_only);
        let full = "no room is left on the disk of /store: free some, nothing was lost";
        assert_eq!(of(io::ErrorKind::StorageFull), full);
        assert_eq!(of(io::ErrorKind::QuotaExceeded), full);
        assert!(of(io::ErrorKind::NotADirectory).starts_with("/store cannot be used: "));
    }
}
