//! A store that tells the register of every thread row it commits, before the commit is answered.

use super::{NEWS_KEPT, Register, Theirs, theirs};
use relais_domain::digest::Digest;
use relais_domain::event::Side;
use relais_domain::id::{MessageId, ThreadId};
use relais_domain::ledger_leaf::Leaf;
use relais_domain::merkle::NodeAddress;
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Quarter, Timestamp};
use relais_store::batch::{Batch, ThreadWrite};
use relais_store::rows::{
    AckRow, CellRow, Document, EventRow, InboxRow, OutboxRow, RefusalCount, Shelf, StoredThread, TallyRow,
    ThreadRow, Waiting,
};
use relais_store::{Answer, CommitError, Page, Store, StoreError};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// What is waited before a thread that could not be read after a failed commit is read again.
const LOOK_PERIOD: Duration = Duration::from_secs(2);

/// Reads the register of `store`, and gives the store that keeps it. What the news are is looked up meanwhile.
///
/// # Errors
/// [`StoreError`].
pub async fn watch(store: Arc<dyn Store>) -> Result<(Arc<dyn Store>, Arc<Register>), StoreError> {
    let register = Arc::new(Register::load(&*store).await?);
    tokio::spawn(look_ahead(Arc::downgrade(&store), Arc::downgrade(&register)));
    let watched = Watched { inner: store, register: Arc::clone(&register) };
    Ok((Arc::new(watched), register))
}

/// Looks at what may be news before anybody asks. It holds neither store nor register back from ending.
async fn look_ahead(store: Weak<dyn Store>, register: Weak<Register>) {
    let newest = register.upgrade().and_then(|register| Some((register.newest()?, register)));
    let Some((newest, all)) = newest else { return };
    let unknown = all.unknown(newest.minus(NEWS_KEPT));
    drop(all);
    for id in unknown {
        let (Some(store), Some(register)) = (store.upgrade(), register.upgrade()) else { return };
        if let Err(error) = register.look(&*store, id).await {
            tracing::debug!(%error, "The news are looked up when they are asked for");
            return;
        }
    }
}

/// A commit that the store failed at may have been made: what can be read now is what counts. A store that cannot be
/// read either is tried again until it can, or it ends.
async fn look_after_failure(store: Arc<dyn Store>, register: Arc<Register>, id: ThreadId) {
    if register.look(&*store, id).await.is_ok() {
        return;
    }
    let (store, register) = (Arc::downgrade(&store), Arc::downgrade(&register));
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(LOOK_PERIOD).await;
            let (Some(store), Some(register)) = (store.upgrade(), register.upgrade()) else { return };
            match register.look(&*store, id).await {
                Ok(()) => return,
                Err(StoreError::Corrupt(error)) => {
                    tracing::error!(%error, "A thread that cannot be read is missing in the lists");
                    return;
                }
                Err(StoreError::Full | StoreError::Unavailable(_)) => {}
            }
        }
    });
}

struct Watched {
    inner: Arc<dyn Store>,
    register: Arc<Register>,
}

/// What the register is told of a commit.
struct Told {
    row: ThreadRow,
    theirs: Theirs,
}

impl Told {
    fn of(write: &ThreadWrite) -> Self {
        let new = write.expected_version.is_none();
        let theirs = match theirs(write.row.side, &write.events) {
            // Of a thread that was there before, this batch does not tell all.
            Theirs::Nothing if !new => Theirs::Unknown,
            told @ (Theirs::Nothing | Theirs::Unknown | Theirs::Did(..)) => told,
        };
        Self { row: write.row.clone(), theirs }
    }
}

impl Store for Watched {
    /// Runs to its end once begun: who asked may be gone, and what was committed is told all the same.
    fn commit(&self, batch: Batch) -> Answer<'_, (), CommitError> {
        let Some(told) = batch.thread.as_ref().map(Told::of) else { return self.inner.commit(batch) };
        let (inner, register) = (Arc::clone(&self.inner), Arc::clone(&self.register));
        let committing = tokio::spawn(async move {
            let committed = inner.commit(batch).await;
            match &committed {
                Ok(()) => register.put(&told.row, told.theirs),
                Err(CommitError::Store(_)) => look_after_failure(inner, register, told.row.id).await,
                Err(CommitError::Conflict) => {}
            }
            committed
        });
        Box::pin(async move {
            let stopped = |_| StoreError::Unavailable("the node is stopping".to_owned());
            committing.await.map_err(stopped)?
        })
    }

    fn thread(&self, id: ThreadId) -> Answer<'_, Option<StoredThread>> {
        self.inner.thread(id)
    }

    fn threads(&self, page: Page) -> Answer<'_, Vec<ThreadRow>> {
        self.inner.threads(page)
    }

    fn threads_to_wake(&self, now: Timestamp, limit: u32) -> Answer<'_, Vec<ThreadId>> {
        self.inner.threads_to_wake(now, limit)
    }

    fn event(&self, thread: ThreadId, side: Side, sequence: u32) -> Answer<'_, Option<EventRow>> {
        self.inner.event(thread, side, sequence)
    }

    fn inbox(&self, message: MessageId) -> Answer<'_, Option<InboxRow>> {
        self.inner.inbox(message)
    }

    fn acks(&self, thread: ThreadId) -> Answer<'_, Vec<AckRow>> {
        self.inner.acks(thread)
    }

    fn outbox_ready(&self, peer: StructureId, now: Timestamp, limit: u32) -> Answer<'_, Vec<OutboxRow>> {
        self.inner.outbox_ready(peer, now, limit)
    }

    fn outbox_waiting(&self) -> Answer<'_, Vec<Waiting>> {
        self.inner.outbox_waiting()
    }

    fn outbox_of(&self, thread: ThreadId) -> Answer<'_, Vec<OutboxRow>> {
        self.inner.outbox_of(thread)
    }

    fn document(&self, shelf: Shelf, key: &[u8]) -> Answer<'_, Option<Document>> {
        self.inner.document(shelf, key)
    }

    fn documents(&self, shelf: Shelf, prefix: &[u8]) -> Answer<'_, Vec<Document>> {
        self.inner.documents(shelf, prefix)
    }

    fn documents_after(
        &self,
        shelf: Shelf,
        prefix: &[u8],
        after: &[u8],
        limit: u32,
    ) -> Answer<'_, Vec<Document>> {
        self.inner.documents_after(shelf, prefix, after, limit)
    }

    fn ledger_size(&self) -> Answer<'_, u64> {
        self.inner.ledger_size()
    }

    fn ledger_nodes(&self, addresses: Vec<NodeAddress>) -> Answer<'_, Vec<Digest>> {
        self.inner.ledger_nodes(addresses)
    }

    fn ledger_leaf(&self, index: u64) -> Answer<'_, Option<Leaf>> {
        self.inner.ledger_leaf(index)
    }

    fn ledger_find(&self, subject: Digest) -> Answer<'_, Vec<u64>> {
        self.inner.ledger_find(subject)
    }

    fn tally(&self, since: Timestamp, until: Timestamp) -> Answer<'_, Vec<TallyRow>> {
        self.inner.tally(since, until)
    }

    fn cells(&self, since: Quarter, until: Quarter) -> Answer<'_, Vec<CellRow>> {
        self.inner.cells(since, until)
    }

    fn refusals(&self) -> Answer<'_, Vec<RefusalCount>> {
        self.inner.refusals()
    }
}
