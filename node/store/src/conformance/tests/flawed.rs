//! A store in memory with one flaw.

use crate::batch::Batch;
use crate::conformance::{Backend, Later};
use crate::memory::MemoryStore;
use crate::rows::{
    AckRow, CellRow, Document, EventRow, InboxRow, OutboxRow, OutboxState, RefusalCount, Shelf, StoredThread,
    TallyRow, ThreadRow, Waiting,
};
use crate::{Answer, CommitError, Page, Store, StoreError};
use relais_domain::digest::Digest;
use relais_domain::event::Side;
use relais_domain::id::{MessageId, ThreadId};
use relais_domain::ledger_leaf::Leaf;
use relais_domain::merkle::NodeAddress;
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Quarter, Span, Timestamp};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

/// What is wrong with a store.
#[derive(Clone, Copy)]
pub(super) enum Flaw {
    /// It writes something else than what it is asked to.
    Spoil(fn(&mut Batch)),
    /// It commits otherwise.
    Commit(Commit),
    /// It reads otherwise.
    Read(Read),
    /// It loses something when it is opened again.
    Reopen(Reopen),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Commit {
    /// Takes any version of a thread for the one expected.
    Overwrites,
    /// Keeps the ledger though the rest fails.
    InHalves,
    /// Gives a message id that was used another one.
    TakesMessagesTwice,
    /// Says it committed when it did not.
    SaysYes,
    /// After a conflict, loses the next batch.
    DropsOthersAfterConflict,
    /// Says it committed, and loses every tenth batch.
    ForgetsEveryTenth,
    /// Closes no quarter once it has closed one.
    ClosesOnce,
    /// Takes a move whose tally row is gone for a conflict.
    RefusesLateMoves,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    OldestFirst,
    PageWithItsInstant,
    NoLimit,
    WakesLate,
    LeavesOutOfTurn,
    AllShelves,
    NoPrefix,
    PageWithItsKey,
    LongPieces,
    SortedNodes,
    MadeUpNodes,
    OneLeafOfEach,
    TallyWithItsEnd,
    TornThread,
    HoldsWhatHasEnded,
    CellsWithTheirEnd,
    CountsEveryClosing,
    CountsLateMoves,
    KeepsClosedRows,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reopen {
    Empty,
    LessTheLast,
}

/// Runs a future that never waits.
pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a store in memory never waits"),
    }
}

/// A backend whose store has one flaw.
pub(super) struct Flawed {
    flaw: Flaw,
    store: Arc<FlawedStore>,
}

struct FlawedStore {
    flaw: Flaw,
    inner: MemoryStore,
    /// Every batch that was committed, to tell the same story again.
    history: Mutex<Vec<Batch>>,
    commits: Mutex<Vec<Outcome>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Committed,
    Refused,
}

impl Flawed {
    pub(super) fn with(flaw: Flaw) -> Self {
        Self { flaw, store: Arc::new(FlawedStore::after(flaw, Vec::new())) }
    }
}

impl Backend for Flawed {
    fn store(&self) -> Arc<dyn Store> {
        self.store.clone()
    }

    fn reopen(&mut self) -> Later<'_, ()> {
        let mut history = self.store.history.lock().expect("no test panics holding it").clone();
        match self.flaw {
            Flaw::Reopen(Reopen::Empty) => history.clear(),
            Flaw::Reopen(Reopen::LessTheLast) => drop(history.pop()),
            Flaw::Spoil(_) | Flaw::Commit(_) | Flaw::Read(_) => {}
        }
        self.store = Arc::new(FlawedStore::after(self.flaw, history));
        Box::pin(std::future::ready(()))
    }
}

impl FlawedStore {
    fn after(flaw: Flaw, history: Vec<Batch>) -> Self {
        let inner = MemoryStore::new();
        for batch in &history {
            block_on(inner.commit(batch.clone())).expect("it was committed before");
        }
        Self { flaw, inner, history: Mutex::new(history), commits: Mutex::new(Vec::new()) }
    }

    fn reads(&self, flaw: Read) -> bool {
        matches!(self.flaw, Flaw::Read(own) if own == flaw)
    }

    async fn write(&self, batch: Batch) -> Result<(), CommitError> {
        let answer = self.inner.commit(batch.clone()).await;
        let outcome = if answer.is_ok() { Outcome::Committed } else { Outcome::Refused };
        self.commits.lock().expect("no test panics holding it").push(outcome);
        if answer.is_ok() {
            self.history.lock().expect("no test panics holding it").push(batch);
        }
        answer
    }

    async fn commit_otherwise(&self, flaw: Commit, mut batch: Batch) -> Result<(), CommitError> {
        let outcomes = self.commits.lock().expect("no test panics holding it").clone();
        match flaw {
            Commit::Overwrites => self.overwrite(&mut batch).await?,
            Commit::TakesMessagesTwice => self.rename(&mut batch).await?,
            Commit::SaysYes => return self.write(batch).await.or(Ok(())),
            Commit::InHalves => {
                let leaves = std::mem::take(&mut batch.leaves);
                self.write(Batch { leaves, ..Batch::default() }).await?;
            }
            Commit::DropsOthersAfterConflict if outcomes.last() == Some(&Outcome::Refused) => {
                return self.write(Batch::default()).await;
            }
            Commit::ForgetsEveryTenth if outcomes.len() % 10 == 9 => {
                return self.write(Batch::default()).await;
            }
            Commit::ClosesOnce if self.closings() > 0 => batch.closing = None,
            Commit::RefusesLateMoves if self.moves_late(&batch).await? => return Err(CommitError::Conflict),
            Commit::DropsOthersAfterConflict
            | Commit::ForgetsEveryTenth
            | Commit::ClosesOnce
            | Commit::RefusesLateMoves => {}
        }
        self.write(batch).await
    }

    /// How many batches that closed a quarter were committed.
    fn closings(&self) -> u64 {
        let history = self.history.lock().expect("no test panics holding it");
        history.iter().map(|batch| u64::from(batch.closing.is_some())).sum()
    }

    async fn moves_late(&self, batch: &Batch) -> Result<bool, StoreError> {
        let Some(write) = batch.thread.as_ref().filter(|write| write.tally_moved.is_some()) else {
            return Ok(false);
        };
        let rows = self.inner.tally(Timestamp(i64::MIN), Timestamp(i64::MAX)).await?;
        Ok(write.tally.is_none() && !rows.iter().any(|row| row.thread == write.row.id))
    }

    /// Every tally row that was ever written.
    fn tally_ever(&self) -> Vec<TallyRow> {
        let history = self.history.lock().expect("no test panics holding it");
        history.iter().filter_map(|batch| batch.thread.as_ref()?.tally.clone()).collect()
    }

    async fn overwrite(&self, batch: &mut Batch) -> Result<(), StoreError> {
        let Some(write) = &mut batch.thread else { return Ok(()) };
        let found = self.inner.thread(write.row.id).await?;
        write.expected_version = found.map(|kept| kept.row.version);
        write.row.version = write.expected_version.unwrap_or(0) + 1;
        Ok(())
    }

    async fn rename(&self, batch: &mut Batch) -> Result<(), StoreError> {
        let Some(write) = &mut batch.thread else { return Ok(()) };
        let page = Page { before: None, limit: u32::MAX };
        let mut used = Vec::new();
        for row in self.inner.threads(page).await? {
            let kept = self.inner.thread(row.id).await?;
            used.extend(kept.into_iter().flat_map(|kept| kept.events).map(|event| event.message));
        }
        for event in write.events.iter_mut().filter(|event| used.contains(&event.message)) {
            event.message = MessageId::from_random(event.identity.0[..16].try_into().expect("16 bytes"));
        }
        Ok(())
    }

    /// Threads whose consent has ended.
    async fn everything_that_waits(&self, peer: StructureId) -> Result<Vec<OutboxRow>, StoreError> {
        let mut rows = BTreeMap::new();
        for thread in self.inner.threads(Page { before: None, limit: u32::MAX }).await? {
            let waiting = self.inner.outbox_of(thread.id).await?;
            let waiting = waiting.into_iter().filter(|row| row.peer == peer);
            rows.extend(waiting.map(|row| ((row.enqueued_at, row.sequence), row)));
        }
        Ok(rows.into_values().collect())
    }
}

impl Store for FlawedStore {
    fn commit(&self, mut batch: Batch) -> Answer<'_, (), CommitError> {
        Box::pin(async move {
            match self.flaw {
                Flaw::Spoil(spoil) => spoil(&mut batch),
                Flaw::Commit(flaw) => return self.commit_otherwise(flaw, batch).await,
                Flaw::Read(_) | Flaw::Reopen(_) => {}
            }
            self.write(batch).await
        })
    }

    fn thread(&self, id: ThreadId) -> Answer<'_, Option<StoredThread>> {
        Box::pin(async move {
            let mut kept = self.inner.thread(id).await?;
            if self.reads(Read::TornThread) {
                kept.iter_mut().for_each(|kept| drop(kept.steps.pop()));
            }
            Ok(kept)
        })
    }

    fn threads(&self, mut page: Page) -> Answer<'_, Vec<ThreadRow>> {
        Box::pin(async move {
            if self.reads(Read::PageWithItsInstant) {
                page.before = page.before.map(|before| before.plus(Span(1)));
            }
            if self.reads(Read::NoLimit) {
                page.limit = u32::MAX;
            }
            let mut rows = self.inner.threads(page).await?;
            if self.reads(Read::NoLimit) {
                let before = rows.last().map(|row| row.changed_at);
                rows.extend(self.inner.threads(Page { before, ..page }).await?);
            }
            if self.reads(Read::OldestFirst) {
                rows.reverse();
            }
            Ok(rows)
        })
    }

    fn threads_to_wake(&self, now: Timestamp, limit: u32) -> Answer<'_, Vec<ThreadId>> {
        let now = if self.reads(Read::WakesLate) { now.minus(Span(1)) } else { now };
        self.inner.threads_to_wake(now, if self.reads(Read::NoLimit) { u32::MAX } else { limit })
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
        Box::pin(async move {
            if self.reads(Read::HoldsWhatHasEnded) {
                let all = self.everything_that_waits(peer).await?;
                let resting = |row: &OutboxRow| row.state == OutboxState::Waiting && row.next_at > now;
                let mut rows = self.inner.outbox_ready(peer, now, limit).await?;
                rows.retain(|row| {
                    let before = |one: &&OutboxRow| one.thread == row.thread && one.sequence < row.sequence;
                    !all.iter().filter(before).any(resting)
                });
                return Ok(rows);
            }
            if !self.reads(Read::LeavesOutOfTurn) {
                let limit = if self.reads(Read::NoLimit) { u32::MAX } else { limit };
                return self.inner.outbox_ready(peer, now, limit).await;
            }
            let mut rows = self.everything_that_waits(peer).await?;
            rows.retain(|row| row.state == OutboxState::Waiting && row.next_at <= now);
            Ok(rows)
        })
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
        let prefix = if self.reads(Read::NoPrefix) { Vec::new() } else { prefix.to_vec() };
        Box::pin(async move {
            let mut found = self.inner.documents(shelf, &prefix).await?;
            if self.reads(Read::AllShelves) {
                found.extend(self.inner.documents(Shelf::User, &prefix).await?);
            }
            Ok(found)
        })
    }

    fn documents_after(
        &self,
        shelf: Shelf,
        prefix: &[u8],
        after: &[u8],
        limit: u32,
    ) -> Answer<'_, Vec<Document>> {
        let (prefix, after) = (prefix.to_vec(), after.to_vec());
        let limit = if self.reads(Read::LongPieces) { limit + 1 } else { limit };
        Box::pin(async move {
            let found = self.inner.documents_after(shelf, &prefix, &after, limit).await?;
            let again = self.inner.document(shelf, &after).await?;
            let again = again.filter(|_| self.reads(Read::PageWithItsKey) && !found.is_empty());
            Ok(again.into_iter().chain(found).take(limit as usize).collect())
        })
    }

    fn ledger_size(&self) -> Answer<'_, u64> {
        self.inner.ledger_size()
    }

    fn ledger_nodes(&self, mut addresses: Vec<NodeAddress>) -> Answer<'_, Vec<Digest>> {
        Box::pin(async move {
            if self.reads(Read::SortedNodes) {
                addresses.sort();
            }
            let count = addresses.len();
            match self.inner.ledger_nodes(addresses).await {
                Err(StoreError::Corrupt(_)) if self.reads(Read::MadeUpNodes) => {
                    Ok(vec![Digest::of(&[]); count])
                }
                answer => answer,
            }
        })
    }

    fn ledger_leaf(&self, index: u64) -> Answer<'_, Option<Leaf>> {
        self.inner.ledger_leaf(index)
    }

    fn ledger_find(&self, subject: Digest) -> Answer<'_, Vec<u64>> {
        Box::pin(async move {
            let mut found = self.inner.ledger_find(subject).await?;
            if self.reads(Read::OneLeafOfEach) {
                found.truncate(1);
            }
            Ok(found)
        })
    }

    fn tally(&self, since: Timestamp, until: Timestamp) -> Answer<'_, Vec<TallyRow>> {
        let until = if self.reads(Read::TallyWithItsEnd) { until.plus(Span(1)) } else { until };
        if self.reads(Read::KeepsClosedRows) {
            return Box::pin(std::future::ready(Ok(self.tally_ever())));
        }
        self.inner.tally(since, until)
    }

    fn cells(&self, since: Quarter, until: Quarter) -> Answer<'_, Vec<CellRow>> {
        Box::pin(async move {
            let until = if self.reads(Read::CellsWithTheirEnd) { until.next() } else { until };
            let mut rows = self.inner.cells(since, until).await?;
            for row in &mut rows {
                if self.reads(Read::CountsEveryClosing) {
                    row.count *= self.closings();
                }
                if self.reads(Read::CountsLateMoves) {
                    let history = self.history.lock().expect("no test panics holding it");
                    let mut moved = history.iter().filter_map(|batch| batch.thread.as_ref()?.tally_moved);
                    row.cell.label = moved.next_back().map_or(row.cell.label, |moved| moved.label);
                }
            }
            Ok(rows)
        })
    }

    fn refusals(&self) -> Answer<'_, Vec<RefusalCount>> {
        self.inner.refusals()
    }
}
