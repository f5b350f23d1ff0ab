//! What is durable, and how it is read.

use super::ledger::Ledger;
use super::outbox::Outbox;
use crate::batch::Batch;
use crate::rows::{
    AckRow, Cell, CellRow, Document, EventRow, InboxRow, OutboxRow, RefusalCount, Shelf, StepRow,
    StoredThread, TallyRow, ThreadRow,
};
use crate::{CommitError, PAGE_MAX, Page};
use relais_domain::consent::Standing;
use relais_domain::event::Side;
use relais_domain::id::{MessageId, ThreadId};
use relais_domain::personal::Personal;
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Quarter, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that survives a crash.
#[derive(Clone, Debug, Default)]
pub(super) struct Disk {
    pub(super) threads: BTreeMap<ThreadId, Kept>,
    /// Threads by their last change.
    pub(super) changes: BTreeSet<(Timestamp, ThreadId)>,
    /// Threads to look at again.
    pub(super) wakes: BTreeSet<(Timestamp, ThreadId)>,
    /// Messages of all events: an id is used once.
    pub(super) messages: BTreeSet<MessageId>,
    pub(super) inbox: BTreeMap<MessageId, InboxRow>,
    pub(super) acks: BTreeMap<(ThreadId, u32), AckRow>,
    pub(super) outbox: Outbox,
    pub(super) documents: BTreeMap<(Shelf, Vec<u8>), Document>,
    pub(super) ledger: Ledger,
    pub(super) tally: BTreeMap<ThreadId, TallyRow>,
    pub(super) cells: BTreeMap<Cell, u64>,
    pub(super) refusals: BTreeMap<(Option<StructureId>, String), RefusalCount>,
}

/// A thread as it lies on the disk.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) row: ThreadRow,
    pub(super) events: BTreeMap<(Side, u32), EventRow>,
    pub(super) steps: Vec<StepRow>,
    pub(super) prepared: Option<Personal<Vec<u8>>>,
}

impl Disk {
    /// Writes a batch whole, or nothing of it.
    pub(super) fn commit(&mut self, batch: Batch) -> Result<(), CommitError> {
        let checked = self.check(&batch)?;
        self.apply(batch, checked);
        Ok(())
    }

    pub(super) fn thread(&self, id: ThreadId) -> Option<StoredThread> {
        self.threads.get(&id).map(|kept| StoredThread {
            row: kept.row.clone(),
            events: kept.events.values().cloned().collect(),
            steps: kept.steps.clone(),
            prepared: kept.prepared.clone(),
        })
    }

    pub(super) fn threads(&self, page: Page) -> Vec<ThreadRow> {
        let before = page.before;
        let newest_first = self.changes.iter().rev();
        let older = newest_first.skip_while(|(at, _)| before.is_some_and(|before| *at >= before));
        let rows = older.filter_map(|(_, id)| self.threads.get(id)).map(|kept| kept.row.clone());
        rows.take(count(page.limit.min(PAGE_MAX))).collect()
    }

    pub(super) fn threads_to_wake(&self, now: Timestamp, limit: u32) -> Vec<ThreadId> {
        let due = self.wakes.iter().take_while(|(at, _)| *at <= now);
        due.map(|(_, id)| *id).take(count(limit)).collect()
    }

    pub(super) fn event(&self, thread: ThreadId, side: Side, sequence: u32) -> Option<EventRow> {
        self.threads.get(&thread)?.events.get(&(side, sequence)).cloned()
    }

    pub(super) fn acks(&self, thread: ThreadId) -> Vec<AckRow> {
        self.acks.range((thread, 0)..=(thread, u32::MAX)).map(|(_, row)| row.clone()).collect()
    }

    pub(super) fn outbox_ready(&self, peer: StructureId, now: Timestamp, limit: u32) -> Vec<OutboxRow> {
        let standing = |thread| self.threads.get(&thread).map_or(Standing::Active, |kept| kept.row.standing);
        self.outbox.ready(peer, now, standing).take(count(limit)).cloned().collect()
    }

    pub(super) fn document(&self, shelf: Shelf, key: &[u8]) -> Option<Document> {
        self.documents.get(&(shelf, key.to_vec())).cloned()
    }

    pub(super) fn documents(&self, shelf: Shelf, prefix: &[u8]) -> Vec<Document> {
        self.documents_after(shelf, prefix, &[], u32::MAX)
    }

    pub(super) fn documents_after(
        &self,
        shelf: Shelf,
        prefix: &[u8],
        after: &[u8],
        limit: u32,
    ) -> Vec<Document> {
        let from = if after.is_empty() { prefix.to_vec() } else { [after, &[0]].concat() };
        let from = self.documents.range((shelf, from)..);
        let under = from.take_while(|((on, key), _)| *on == shelf && key.starts_with(prefix));
        under.take(count(limit)).map(|(_, document)| document.clone()).collect()
    }

    pub(super) fn tally(&self, since: Timestamp, until: Timestamp) -> Vec<TallyRow> {
        let opened = self.tally.values().filter(|row| (since..until).contains(&row.opened_at));
        let mut rows: Vec<TallyRow> = opened.cloned().collect();
        rows.sort_by_key(|row| (row.opened_at, row.thread));
        rows
    }

    pub(super) fn cells(&self, since: Quarter, until: Quarter) -> Vec<CellRow> {
        let within = self.cells.iter().filter(|(cell, _)| (since..until).contains(&cell.quarter));
        within.map(|(cell, count)| CellRow { cell: *cell, count: *count }).collect()
    }
}

/// A limit as a count of rows.
pub(super) fn count(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
