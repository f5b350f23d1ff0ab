//! A store in memory that dies on demand: what the simulator runs whole nodes over, and the model other stores are
//! held to.
//!
//! It has no runtime and no clock: every answer is ready when first asked for. What counts as written to disk is one disk
//! image; a fault plan says at which commit the machine dies, and on which side of durability. After that everything answers
//! `Unavailable` until [`MemoryStore::restart`].

mod apply;
mod check;
mod disk;
mod faults;
mod ledger;
mod outbox;

#[cfg(test)]
mod tests;

pub use faults::{Fault, Faults};

use crate::batch::Batch;
use crate::rows::{
    AckRow, CellRow, Document, EventRow, InboxRow, OutboxRow, RefusalCount, Shelf, StoredThread, TallyRow,
    ThreadRow, Waiting,
};
use crate::{Answer, CommitError, Page, Store, StoreError};
use disk::Disk;
use relais_domain::digest::Digest;
use relais_domain::event::Side;
use relais_domain::id::{MessageId, ThreadId};
use relais_domain::ledger_leaf::Leaf;
use relais_domain::merkle::NodeAddress;
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Quarter, Timestamp};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A store in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    machine: Mutex<Machine>,
}

/// The disk, and whether anything still runs on it.
#[derive(Debug, Default)]
struct Machine {
    disk: Disk,
    power: Power,
    faults: Faults,
    commits: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Power {
    #[default]
    On,
    Lost,
}

impl MemoryStore {
    /// An empty store that never fails.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty store that fails as planned.
    pub fn with_faults(faults: Faults) -> Self {
        Self { machine: Mutex::new(Machine { faults, ..Machine::default() }) }
    }

    /// The store as it is after a crash now: what was durable, and nothing else. It fails no more. This one is dead
    /// from here on, so that nobody writes to a disk that has moved.
    pub fn restart(&self) -> Self {
        self.restart_with(Faults::none())
    }

    /// As [`MemoryStore::restart`], with a new plan; its commits are counted anew.
    pub fn restart_with(&self, faults: Faults) -> Self {
        let mut machine = self.machine();
        machine.power = Power::Lost;
        let disk = std::mem::take(&mut machine.disk);
        Self { machine: Mutex::new(Machine { disk, faults, ..Machine::default() }) }
    }

    /// A copy of what is durable now, as a backup that is put back later would hold it. This one goes on.
    pub fn copy(&self) -> Self {
        let disk = self.machine().disk.clone();
        Self { machine: Mutex::new(Machine { disk, ..Machine::default() }) }
    }

    /// How many commits were asked for, those refused included.
    pub fn commits(&self) -> u64 {
        self.machine().commits
    }

    fn machine(&self) -> MutexGuard<'_, Machine> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads what is on the disk.
    fn read<T>(&self, read: impl FnOnce(&Disk) -> Result<T, StoreError> + Send + 'static) -> Answer<'_, T> {
        Box::pin(async move {
            let machine = self.machine();
            machine.powered().and_then(|()| read(&machine.disk))
        })
    }
}

impl Machine {
    fn powered(&self) -> Result<(), StoreError> {
        match self.power {
            Power::On => Ok(()),
            Power::Lost => Err(StoreError::Unavailable("the machine has lost power".to_owned())),
        }
    }

    fn commit(&mut self, batch: Batch) -> Result<(), CommitError> {
        self.powered()?;
        self.commits += 1;
        match self.faults.of_commit(self.commits) {
            None => self.disk.commit(batch),
            Some(Fault::Full) => Err(StoreError::Full.into()),
            Some(Fault::Conflict) => Err(CommitError::Conflict),
            Some(Fault::CrashBefore) => self.crash(),
            Some(Fault::CrashAfter) => {
                // What the store would have answered is lost with the power.
                let _unheard = self.disk.commit(batch);
                self.crash()
            }
        }
    }

    fn crash(&mut self) -> Result<(), CommitError> {
        self.power = Power::Lost;
        self.powered().map_err(CommitError::from)
    }
}

impl Store for MemoryStore {
    fn commit(&self, batch: Batch) -> Answer<'_, (), CommitError> {
        Box::pin(async move { self.machine().commit(batch) })
    }

    fn thread(&self, id: ThreadId) -> Answer<'_, Option<StoredThread>> {
        self.read(move |disk| Ok(disk.thread(id)))
    }

    fn threads(&self, page: Page) -> Answer<'_, Vec<ThreadRow>> {
        self.read(move |disk| Ok(disk.threads(page)))
    }

    fn threads_to_wake(&self, now: Timestamp, limit: u32) -> Answer<'_, Vec<ThreadId>> {
        self.read(move |disk| Ok(disk.threads_to_wake(now, limit)))
    }

    fn event(&self, thread: ThreadId, side: Side, sequence: u32) -> Answer<'_, Option<EventRow>> {
        self.read(move |disk| Ok(disk.event(thread, side, sequence)))
    }

    fn inbox(&self, message: MessageId) -> Answer<'_, Option<InboxRow>> {
        self.read(move |disk| Ok(disk.inbox.get(&message).cloned()))
    }

    fn acks(&self, thread: ThreadId) -> Answer<'_, Vec<AckRow>> {
        self.read(move |disk| Ok(disk.acks(thread)))
    }

    fn outbox_ready(&self, peer: StructureId, now: Timestamp, limit: u32) -> Answer<'_, Vec<OutboxRow>> {
        self.read(move |disk| Ok(disk.outbox_ready(peer, now, limit)))
    }

    fn outbox_waiting(&self) -> Answer<'_, Vec<Waiting>> {
        self.read(move |disk| Ok(disk.outbox.waiting()))
    }

    fn outbox_of(&self, thread: ThreadId) -> Answer<'_, Vec<OutboxRow>> {
        self.read(move |disk| Ok(disk.outbox.of(thread)))
    }

    fn document(&self, shelf: Shelf, key: &[u8]) -> Answer<'_, Option<Document>> {
        let key = key.to_vec();
        self.read(move |disk| Ok(disk.document(shelf, &key)))
    }

    fn documents(&self, shelf: Shelf, prefix: &[u8]) -> Answer<'_, Vec<Document>> {
        let prefix = prefix.to_vec();
        self.read(move |disk| Ok(disk.documents(shelf, &prefix)))
    }

    fn documents_after(
        &self,
        shelf: Shelf,
        prefix: &[u8],
        after: &[u8],
        limit: u32,
    ) -> Answer<'_, Vec<Document>> {
        let (prefix, after) = (prefix.to_vec(), after.to_vec());
        self.read(move |disk| Ok(disk.documents_after(shelf, &prefix, &after, limit)))
    }

    fn ledger_size(&self) -> Answer<'_, u64> {
        self.read(move |disk| Ok(disk.ledger.size()))
    }

    fn ledger_nodes(&self, addresses: Vec<NodeAddress>) -> Answer<'_, Vec<Digest>> {
        self.read(move |disk| disk.ledger.nodes(&addresses))
    }

    fn ledger_leaf(&self, index: u64) -> Answer<'_, Option<Leaf>> {
        self.read(move |disk| Ok(disk.ledger.leaf(index)))
    }

    fn ledger_find(&self, subject: Digest) -> Answer<'_, Vec<u64>> {
        self.read(move |disk| Ok(disk.ledger.find(subject)))
    }

    fn tally(&self, since: Timestamp, until: Timestamp) -> Answer<'_, Vec<TallyRow>> {
        self.read(move |disk| Ok(disk.tally(since, until)))
    }

    fn cells(&self, since: Quarter, until: Quarter) -> Answer<'_, Vec<CellRow>> {
        self.read(move |disk| Ok(disk.cells(since, until)))
    }

    fn refusals(&self) -> Answer<'_, Vec<RefusalCount>> {
        self.read(move |disk| Ok(disk.refusals.values().cloned().collect()))
    }
}
