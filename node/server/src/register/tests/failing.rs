//! A store whose commits are made and answered with an error, as one is whose keys cannot be destroyed yet.

use super::*;
use relais_domain::event::Side;
use relais_domain::ledger_leaf::Leaf;
use relais_domain::merkle::NodeAddress;
use relais_domain::time::Quarter;
use relais_store::rows::{
    AckRow, CellRow, Document, InboxRow, OutboxRow, RefusalCount, Shelf, StoredThread, TallyRow, Waiting,
};
use relais_store::{Answer, CommitError, StoreError};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

#[derive(Default)]
struct Failing {
    inner: MemoryStore,
    /// Commits are made, and answered with an error.
    commits_fail: AtomicBool,
    /// So many readings of a thread fail before one succeeds.
    unread: AtomicU32,
}

fn full<T>() -> Result<T, StoreError> {
    Err(StoreError::Full)
}

impl Store for Failing {
    fn commit(&self, batch: Batch) -> Answer<'_, (), CommitError> {
        Box::pin(async move {
            self.inner.commit(batch).await?;
            if self.commits_fail.load(Ordering::Relaxed) { Ok(full()?) } else { Ok(()) }
        })
    }

    fn thread(&self, id: ThreadId) -> Answer<'_, Option<StoredThread>> {
        let fails = |left: u32| left.checked_sub(1);
        if self.unread.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fails).is_ok() {
            return Box::pin(async { full() });
        }
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

/// A thread that is to do, and the commit that ends this, which fails once made.
async fn ended(unread: u32) -> (Arc<dyn Store>, Arc<Register>) {
    let failing = Arc::new(Failing::default());
    let (store, register) = watch(Arc::<Failing>::clone(&failing)).await.unwrap();
    let waits = ThreadRow { attention: 1 << Attention::Forked.number(), ..row(1, 1, 1) };
    store.commit(batch(waits, Vec::new())).await.unwrap();
    assert_eq!(to_do(&register), 1);
    failing.commits_fail.store(true, Ordering::Relaxed);
    failing.unread.store(unread, Ordering::Relaxed);
    let answer = store.commit(batch(row(1, 2, 2), Vec::new())).await;
    assert!(matches!(answer, Err(CommitError::Store(StoreError::Full))), "the caller is told all the same");
    (store, register)
}

fn to_do(register: &Register) -> usize {
    register.select(Order::Due, |_, line| line.is_to_do()).len()
}

#[tokio::test]
async fn a_commit_that_was_made_and_failed_is_in_the_lists() {
    let (_store, register) = ended(0).await;
    assert_eq!(to_do(&register), 0);
}

#[tokio::test]
async fn a_thread_that_cannot_be_read_after_a_failed_commit_is_read_later() {
    let (_store, register) = ended(2).await;
    assert_eq!(to_do(&register), 1);
    tokio::time::timeout(std::time::Duration::from_secs(20), async {
        while to_do(&register) > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("in time");
}

#[tokio::test]
async fn a_commit_that_failed_and_was_not_made_changes_no_list() {
    let memory =
        MemoryStore::with_faults(relais_store::memory::Faults::at(1, relais_store::memory::Fault::Full));
    let (store, register) = watch(Arc::new(memory)).await.unwrap();
    store.commit(batch(row(1, 1, 1), Vec::new())).await.unwrap_err();
    assert!(register.select(Order::Due, |_, _| true).is_empty());
}
