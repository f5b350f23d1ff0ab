//! Everything a store answers, read at once, to compare before and after.

use crate::rows::{
    AckRow, CellRow, Document, InboxRow, OutboxRow, RefusalCount, Shelf, StoredThread, TallyRow, Waiting,
};
use crate::{Page, Store, StoreError};
use relais_domain::digest::Digest;
use relais_domain::id::ThreadId;
use relais_domain::ledger_leaf::Leaf;
use relais_domain::merkle::frontier_addresses;
use relais_domain::time::{Quarter, Timestamp};

const LAST: Timestamp = Timestamp(i64::MAX);
const ALL: u32 = u32::MAX;

/// Everything a store holds. Two stores that give equal ones cannot be told apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    threads: Vec<Whole>,
    to_wake: Vec<ThreadId>,
    waiting: Vec<Waiting>,
    documents: Vec<(Shelf, Vec<Document>)>,
    leaves: Vec<Leaf>,
    frontier: Vec<Digest>,
    tally: Vec<TallyRow>,
    cells: Vec<CellRow>,
    refusals: Vec<RefusalCount>,
}

/// A thread and all that hangs on it.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Whole {
    stored: StoredThread,
    outbox: Vec<OutboxRow>,
    acks: Vec<AckRow>,
    inbox: Vec<InboxRow>,
}

impl Snapshot {
    /// Reads everything. Nobody may write meanwhile.
    ///
    /// # Errors
    /// What the store could not answer.
    pub async fn of(store: &dyn Store) -> Result<Self, StoreError> {
        let mut waiting = store.outbox_waiting().await?;
        waiting.sort_by_key(|row| row.peer);
        let mut tally = store.tally(Timestamp(i64::MIN), LAST).await?;
        tally.sort_by_key(|row| row.thread);
        let mut cells = store.cells(Quarter(i32::MIN), Quarter(i32::MAX)).await?;
        cells.sort();
        let mut refusals = store.refusals().await?;
        refusals.sort_by_key(|count| (count.peer, count.code.clone()));
        let size = store.ledger_size().await?;
        Ok(Self {
            threads: threads(store).await?,
            to_wake: store.threads_to_wake(LAST, ALL).await?,
            waiting,
            documents: documents(store).await?,
            leaves: leaves(store, size).await?,
            frontier: store.ledger_nodes(frontier_addresses(size)).await?,
            tally,
            cells,
            refusals,
        })
    }
}

async fn threads(store: &dyn Store) -> Result<Vec<Whole>, StoreError> {
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let page = store.threads(Page { before, limit: crate::PAGE_MAX }).await?;
        let Some(last) = page.last() else { return Ok(all) };
        before = Some(last.changed_at);
        for row in page {
            all.extend(whole(store, row.id).await?);
        }
    }
}

async fn whole(store: &dyn Store, id: ThreadId) -> Result<Option<Whole>, StoreError> {
    let Some(stored) = store.thread(id).await? else { return Ok(None) };
    let mut inbox = Vec::new();
    for event in &stored.events {
        inbox.extend(store.inbox(event.message).await?);
    }
    let (outbox, acks) = (store.outbox_of(id).await?, store.acks(id).await?);
    Ok(Some(Whole { stored, outbox, acks, inbox }))
}

async fn documents(store: &dyn Store) -> Result<Vec<(Shelf, Vec<Document>)>, StoreError> {
    let mut all = Vec::new();
    for shelf in Shelf::ALL.iter().copied() {
        all.push((shelf, store.documents(shelf, b"").await?));
    }
    Ok(all)
}

async fn leaves(store: &dyn Store, size: u64) -> Result<Vec<Leaf>, StoreError> {
    let mut all = Vec::new();
    for index in 0..size {
        all.extend(store.ledger_leaf(index).await?);
    }
    Ok(all)
}
