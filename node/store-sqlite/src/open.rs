//! Opening a store: the folder, its lock, the two files, their versions, and that they belong together.

mod connect;
mod error;
mod folder;
mod migrations;
mod pair;

pub use error::OpenError;
pub(crate) use folder::Lock;

use crate::fault::Fault;
use crate::reader::Reader;
use crate::sql::{data_key, doomed, session};
use crate::store::SqliteStore;
use crate::writer::{Files, LedgerEnd, QUEUE_MAX, Writer};
use folder::Folder;
use relais_store::vault::NodeKey;
use sqlx::sqlite::SqliteConnection;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::mpsc;

/// How to open a store.
#[derive(Debug)]
pub struct Options {
    /// The folder of the two files; made if it is not there.
    pub folder: PathBuf,
    /// The key of the node.
    pub node_key: NodeKey,
    /// How many pages (4 KiB each) `data.db` may grow to; `None` for as many as the disk takes.
    pub pages_max: Option<u32>,
}

impl Options {
    /// The store of `folder`, as large as the disk takes.
    pub fn new(folder: impl Into<PathBuf>, node_key: NodeKey) -> Self {
        Self { folder: folder.into(), node_key, pages_max: None }
    }
}

impl SqliteStore {
    /// Opens the store of a folder, laying it out if it is empty. Erasures that a crash interrupted are finished first.
    ///
    /// Must be called within a Tokio runtime with time enabled; the writer runs there.
    ///
    /// # Errors
    /// [`OpenError`] says in one sentence why not; then nothing was changed.
    pub async fn open(options: Options) -> Result<Self, OpenError> {
        let folder = Folder::enter(&options.folder)?;
        let lock = folder.lock()?;
        connect::check_sqlite().await?;
        folder.check_whole()?;
        folder.make_files()?;
        let keys = connect::keys(&folder).await?;
        let data = connect::data(&folder, options.pages_max).await?;
        let mut files = Files { data, keys, lock };
        pair::pair(&mut files, &folder, &options.node_key).await?;
        let ledger = ready(&mut files).await.map_err(|fault| OpenError::of(fault, folder.data()))?;
        let pool = connect::readers(&folder);
        let node_key = Arc::new(options.node_key);
        let (requests, received) = mpsc::channel(QUEUE_MAX);
        tokio::spawn(Writer::new(files, Arc::clone(&node_key), ledger).run(received));
        Ok(Self { requests, reader: Reader { pool, node_key } })
    }
}

/// Finishes interrupted erasures and finds the end of the ledger.
async fn ready(files: &mut Files) -> Result<LedgerEnd, Fault> {
    finish_erasures(&mut files.data, &mut files.keys).await?;
    LedgerEnd::load(&mut files.data).await
}

async fn finish_erasures(data: &mut SqliteConnection, keys: &mut SqliteConnection) -> Result<(), Fault> {
    let numbers = doomed::all(data).await?;
    data_key::destroy(keys, &numbers).await?;
    doomed::remove(data, &numbers).await?;
    // Nobody else has the files open: what a crash left in the logs goes now.
    session::checkpoint(keys).await?;
    session::checkpoint(data).await?;
    Ok(())
}
