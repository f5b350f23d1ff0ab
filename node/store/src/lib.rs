//! The shelf: what a node keeps, as traits at transaction level.
//!
//! One [`Batch`] is one transaction: state, ledger leaves and outbox rows commit together or not at all. Backends seal
//! personal bytes at rest themselves; what crosses this boundary is plain. No SQL, protobuf or socket enters here.

pub mod batch;
pub mod conformance;
pub mod memory;
pub mod rows;
pub mod vault;

use batch::Batch;
use relais_domain::digest::Digest;
use relais_domain::event::Side;
use relais_domain::id::{MessageId, ThreadId};
use relais_domain::ledger_leaf::Leaf;
use relais_domain::merkle::NodeAddress;
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Quarter, Timestamp};
use rows::{
    AckRow, CellRow, Document, EventRow, InboxRow, OutboxRow, RefusalCount, Shelf, StoredThread, TallyRow,
    ThreadRow, Waiting,
};
use std::future::Future;
use std::pin::Pin;

/// What a store answers, later.
pub type Answer<'a, T, E = StoreError> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'a>>;

/// Why the store could not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// We could not; trying again may help.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// No room is left on the disk.
    #[error("the disk is full: free some room, nothing was lost")]
    Full,
    /// What is stored contradicts itself.
    #[error("stored data contradicts itself: {0}")]
    Corrupt(String),
}

/// Why a batch was not committed. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Someone else changed what it rests on: decide again on fresh facts.
    #[error("the facts have changed meanwhile")]
    Conflict,
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One page of threads, newest change first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Page {
    /// Only threads changed before this instant (exclusive); `None` starts at the newest.
    pub before: Option<Timestamp>,
    /// At most this many, [`PAGE_MAX`] at most.
    pub limit: u32,
}

/// Most rows of one page.
pub const PAGE_MAX: u32 = 1_000;

/// Documents in memory at once while all of a shelf are gone through.
const PIECE: u32 = 256;
/// Most batches committed by one fsync.
pub const GROUP_MAX: usize = 64;

/// What a node keeps. Reads see committed data only.
pub trait Store: Send + Sync + 'static {
    /// Commits a batch durably: when this answers `Ok`, it survives any crash. A batch that erases answers only once
    /// the content's keys are destroyed and the log is truncated; one that blanks an event or closes a quarter, once the
    /// log is truncated.
    fn commit(&self, batch: Batch) -> Answer<'_, (), CommitError>;

    /// A thread with its events, steps and the content still held; one consistent snapshot.
    fn thread(&self, id: ThreadId) -> Answer<'_, Option<StoredThread>>;

    /// A page of threads, without events.
    fn threads(&self, page: Page) -> Answer<'_, Vec<ThreadRow>>;

    /// Threads whose `wake_at` is at or before `now`, earliest first.
    fn threads_to_wake(&self, now: Timestamp, limit: u32) -> Answer<'_, Vec<ThreadId>>;

    /// One event with its content, for sending.
    fn event(&self, thread: ThreadId, side: Side, sequence: u32) -> Answer<'_, Option<EventRow>>;

    /// The receipt this node issued for a message.
    fn inbox(&self, message: MessageId) -> Answer<'_, Option<InboxRow>>;

    /// Receipts this node holds for its own events of a thread, by sequence.
    fn acks(&self, thread: ThreadId) -> Answer<'_, Vec<AckRow>>;

    /// Messages ready to leave for `peer`: `next_at` at or before `now`, oldest thread first, in order within a thread;
    /// never, while the consent of the thread is active here, one whose predecessor in its thread is parked or not yet
    /// due. Once it has ended, nothing holds anything back: a stop waits for no other message.
    fn outbox_ready(&self, peer: StructureId, now: Timestamp, limit: u32) -> Answer<'_, Vec<OutboxRow>>;

    /// What waits for each peer.
    fn outbox_waiting(&self) -> Answer<'_, Vec<Waiting>>;

    /// Every outbox row of a thread.
    fn outbox_of(&self, thread: ThreadId) -> Answer<'_, Vec<OutboxRow>>;

    /// A document.
    fn document(&self, shelf: Shelf, key: &[u8]) -> Answer<'_, Option<Document>>;

    /// Every document of a shelf whose key starts with `prefix`, by key.
    fn documents(&self, shelf: Shelf, prefix: &[u8]) -> Answer<'_, Vec<Document>>;

    /// At most `limit` of those documents (1 at least), by key: the first whose key comes after `after`, all when that is
    /// empty. Nothing when there is none left.
    fn documents_after(
        &self,
        shelf: Shelf,
        prefix: &[u8],
        after: &[u8],
        limit: u32,
    ) -> Answer<'_, Vec<Document>>;

    /// How many leaves the ledger has.
    fn ledger_size(&self) -> Answer<'_, u64>;

    /// Nodes of the ledger's tree, in the order asked; a missing one is `Corrupt`.
    fn ledger_nodes(&self, addresses: Vec<NodeAddress>) -> Answer<'_, Vec<Digest>>;

    /// A leaf by its index.
    fn ledger_leaf(&self, index: u64) -> Answer<'_, Option<Leaf>>;

    /// The indices of the leaves about a subject, ascending.
    fn ledger_find(&self, subject: Digest) -> Answer<'_, Vec<u64>>;

    /// Tally rows opened at or after `since` and before `until`. Those of a closed quarter are gone, into its cells.
    fn tally(&self, since: Timestamp, until: Timestamp) -> Answer<'_, Vec<TallyRow>>;

    /// Cells of the closed quarters from `since` on and before `until`, by quarter. They hold no thread.
    fn cells(&self, since: Quarter, until: Quarter) -> Answer<'_, Vec<CellRow>>;

    /// How many refusals of each code each peer met.
    fn refusals(&self) -> Answer<'_, Vec<RefusalCount>>;
}

/// Goes through every document of a shelf whose key starts with `prefix`, by key, piece by piece: never are all of them in
/// memory at once.
///
/// # Errors
/// [`StoreError`] when the store cannot answer, and what `take` returns.
pub async fn each_document(
    store: &dyn Store,
    shelf: Shelf,
    prefix: &[u8],
    mut take: impl FnMut(Document) -> Result<(), StoreError> + Send,
) -> Result<(), StoreError> {
    let mut after = Vec::new();
    loop {
        let piece = store.documents_after(shelf, prefix, &after, PIECE).await?;
        match piece.last() {
            Some(last) => after.clone_from(&last.key),
            None => return Ok(()),
        }
        for document in piece {
            take(document)?;
        }
    }
}
