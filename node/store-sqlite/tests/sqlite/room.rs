//! A folder for one store, gone after the test.

use relais_store::vault::{KEY_LENGTH, NodeKey};
use relais_store_sqlite::{OpenError, Options, SqliteStore};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub(super) struct Room {
    folder: TempDir,
}

impl Room {
    pub(super) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(super) fn options(&self) -> Options {
        Options::new(self.path(), node_key(7))
    }

    pub(super) async fn try_open(&self) -> Result<SqliteStore, OpenError> {
        SqliteStore::open(self.options()).await
    }

    pub(super) async fn open(&self) -> SqliteStore {
        self.try_open().await.expect("the store opens")
    }
}

pub(super) fn node_key(byte: u8) -> NodeKey {
    NodeKey::from_bytes(&mut [byte; KEY_LENGTH])
}
