//! The store as the node sees it: writes go to the one writer, reads to a small pool.

use crate::fault::Fault;
use crate::reader::Reader;
use crate::writer::Request;
use relais_domain::digest::Digest;
use relais_domain::event::Side;
use relais_domain::id::{MessageId, ThreadId};
use relais_domain::ledger_leaf::Leaf;
use relais_domain::merkle::NodeAddress;
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Quarter, Timestamp};
use relais_store::batch::Batch;
use relais_store::rows::{
    AckRow, CellRow, Document, EventRow, InboxRow, OutboxRow, RefusalCount, Shelf, StoredThread, TallyRow,
    ThreadRow, Waiting,
};
use relais_store::{Answer, CommitError, Page, Store, StoreError};
use tokio::sync::{mpsc, oneshot};

/// A store in two SQLite files of one folder: `data.db`, and `keys.db` with the wrapped data keys.
pub struct SqliteStore {
    pub(crate) requests: mpsc::Sender<Request>,
    pub(crate) reader: Reader,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed".to_owned())
}

impl SqliteStore {
    /// Finishes the commits asked for so far, empties the logs, closes the files and lets another program open them.
    /// From then on everything answers `Unavailable`. A store that is dropped closes by itself, a little later.
    ///
    /// # Errors
    /// [`StoreError`] when the files could not be closed in order; nothing committed is lost.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.reader.pool.close().await;
        let (answer, closing) = oneshot::channel();
        if self.requests.send(Request::Close(answer)).await.is_err() {
            return Ok(());
        }
        closing.await.unwrap_or(Ok(()))
    }

    async fn hand_over(&self, batch: Batch) -> Result<(), CommitError> {
        let (answer, committed) = oneshot::channel();
        let request = Request::Commit(Box::new(batch), answer);
        self.requests.send(request).await.map_err(|_| closed())?;
        committed.await.unwrap_or_else(|_| Err(closed().into()))
    }
}

/// Answers with what a read comes to.
fn answer<'a, T>(read: impl Future<Output = Result<T, Fault>> + Send + 'a) -> Answer<'a, T> {
    Box::pin(async move { read.await.map_err(StoreError::from) })
}

impl Store for SqliteStore {
    fn commit(&self, batch: Batch) -> Answer<'_, (), CommitError> {
        Box::pin(self.hand_over(batch))
    }

    fn thread(&self, id: ThreadId) -> Answer<'_, Option<StoredThread>> {
        answer(self.reader.thread(id))
    }

    fn threads(&self, page: Page) -> Answer<'_, Vec<ThreadRow>> {
        answer(self.reader.threads(page))
    }

    fn threads_to_wake(&self, now: Timestamp, limit: u32) -> Answer<'_, Vec<ThreadId>> {
        answer(self.reader.threads_to_wake(now, limit))
    }

    fn event(&self, thread: ThreadId, side: Side, sequence: u32) -> Answer<'_, Option<EventRow>> {
        answer(self.reader.event((thread, side, sequence)))
    }

    fn inbox(&self, message: MessageId) -> Answer<'_, Option<InboxRow>> {
        answer(self.reader.inbox(message))
    }

    fn acks(&self, thread: ThreadId) -> Answer<'_, Vec<AckRow>> {
        answer(self.reader.acks(thread))
    }

    fn outbox_ready(&self, peer: StructureId, now: Timestamp, limit: u32) -> Answer<'_, Vec<OutboxRow>> {
        answer(self.reader.outbox_ready(peer, now, limit))
    }

    fn outbox_waiting(&self) -> Answer<'_, Vec<Waiting>> {
        answer(self.reader.outbox_waiting())
    }

    fn outbox_of(&self, thread: ThreadId) -> Answer<'_, Vec<OutboxRow>> {
        answer(self.reader.outbox_of(thread))
    }

    fn document(&self, shelf: Shelf, key: &[u8]) -> Answer<'_, Option<Document>> {
        answer(self.reader.document(shelf, key.to_vec()))
    }

    fn documents(&self, shelf: Shelf, prefix: &[u8]) -> Answer<'_, Vec<Document>> {
        answer(self.reader.documents(shelf, prefix.to_vec()))
    }

    fn documents_after(
        &self,
        shelf: Shelf,
        prefix: &[u8],
        after: &[u8],
        limit: u32,
    ) -> Answer<'_, Vec<Document>> {
        answer(self.reader.documents_after(shelf, prefix.to_vec(), after.to_vec(), limit))
    }

    fn ledger_size(&self) -> Answer<'_, u64> {
        answer(self.reader.ledger_size())
    }

    fn ledger_nodes(&self, addresses: Vec<NodeAddress>) -> Answer<'_, Vec<Digest>> {
        answer(self.reader.ledger_nodes(addresses))
    }

    fn ledger_leaf(&self, index: u64) -> Answer<'_, Option<Leaf>> {
        answer(self.reader.ledger_leaf(index))
    }

    fn ledger_find(&self, subject: Digest) -> Answer<'_, Vec<u64>> {
        answer(self.reader.ledger_find(subject))
    }

    fn tally(&self, since: Timestamp, until: Timestamp) -> Answer<'_, Vec<TallyRow>> {
        answer(self.reader.tally(since, until))
    }

    fn cells(&self, since: Quarter, until: Quarter) -> Answer<'_, Vec<CellRow>> {
        answer(self.reader.cells(since, until))
    }

    fn refusals(&self) -> Answer<'_, Vec<RefusalCount>> {
        answer(self.reader.refusals())
    }
}
