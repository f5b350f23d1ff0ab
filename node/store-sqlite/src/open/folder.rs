//! The folder of a store: its files, which nobody else may read, and the lock that keeps other programs out.

use super::OpenError;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

const DATA: &str = "data.db";
const KEYS: &str = "keys.db";
const LOCK: &str = "lock";

/// Keeps the store to this process; the system lets go of it when this is dropped or the process dies.
pub(crate) struct Lock {
    _file: File,
}

/// Where the files of a store lie.
pub(super) struct Folder {
    data: PathBuf,
    keys: PathBuf,
    lock: PathBuf,
}

impl Folder {
    /// Makes the folder if it is not there.
    pub(super) fn enter(path: &Path) -> Result<Self, OpenError> {
        let entered = make_folder(path).and_then(|()| path.canonicalize());
        let folder = entered.map_err(|error| OpenError::of_io(error, path))?;
        Ok(Self { data: folder.join(DATA), keys: folder.join(KEYS), lock: folder.join(LOCK) })
    }

    pub(super) fn data(&self) -> &Path {
        &self.data
    }

    pub(super) fn keys(&self) -> &Path {
        &self.keys
    }

    pub(super) fn lock(&self) -> Result<Lock, OpenError> {
        let file = private(&self.lock).map_err(|error| OpenError::of_io(error, &self.lock))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse(self.lock.clone())),
            Err(TryLockError::Error(error)) => Err(OpenError::of_io(error, &self.lock)),
        }
    }

    /// One file without the other is a loss, not a beginning: nothing is made in its place, for what SQLite would write
    /// beside it would be taken for the log of the file that is put back.
    pub(super) fn check_whole(&self) -> Result<(), OpenError> {
        let written = |path: &Path| fs::metadata(path).is_ok_and(|metadata| metadata.len() > 0);
        match (written(&self.data), written(&self.keys)) {
            (true, false) => Err(OpenError::KeysMissing(self.keys.clone())),
            (false, true) => Err(OpenError::DataMissing(self.data.clone())),
            (true, true) | (false, false) => Ok(()),
        }
    }

    /// Makes the two files, readable by their owner alone, so that SQLite makes its logs alike.
    pub(super) fn make_files(&self) -> Result<(), OpenError> {
        for path in [&self.data, &self.keys] {
            private(path).map_err(|error| OpenError::of_io(error, path))?;
        }
        Ok(())
    }
}

#[cfg(unix)]
fn make_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
fn make_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// Opens a file that only its owner may read and write, made if it is not there.
#[cfg(unix)]
fn private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
    let file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

#[cfg(not(unix))]
fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}
