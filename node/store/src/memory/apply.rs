//! Writing a batch that was checked. Nothing here can fail, so nothing can be written by half.

use super::check::Checked;
use super::disk::{Disk, Kept};
use crate::batch::{Batch, DocumentWrite, Prepared, RefusalWrite, TallyMove, ThreadWrite};
use crate::rows::{AckRow, Cell, Document, RefusalCount, TallyRow, ThreadRow};
use relais_domain::content::ContentPart;
use relais_domain::event::Side;
use relais_domain::fold::Parts;
use relais_domain::id::ThreadId;
use relais_domain::personal::Personal;
use relais_domain::time::Quarter;
use std::collections::BTreeMap;
use zeroize::Zeroize as _;

/// Where an event stands in its thread.
type Place = (Side, u32);

impl Disk {
    /// Writes `batch`.
    pub(super) fn apply(&mut self, batch: Batch, checked: Checked) {
        if let Some(write) = batch.thread {
            self.apply_thread(write);
        }
        batch.documents.into_iter().for_each(|write| self.apply_document(write));
        self.inbox.extend(batch.inbox.map(|row| (row.message, row)));
        batch.acks.into_iter().for_each(|row| self.apply_ack(row));
        batch.outbox.into_iter().for_each(|change| self.outbox.change(change));
        self.ledger.append(batch.leaves, checked.growth);
        batch.refusals.into_iter().for_each(|write| self.apply_refusal(write));
        batch.closing.into_iter().for_each(|quarter| self.close(quarter));
    }

    fn apply_thread(&mut self, write: ThreadWrite) {
        let id = write.row.id;
        let blanked: Vec<_> =
            write.blanked().into_iter().map(|(place, remains)| (place, remains.cloned())).collect();
        self.index(&write.row);
        self.messages.extend(write.events.iter().map(|event| event.message));
        let kept = self.threads.entry(id).or_insert_with(|| Kept::new(write.row.clone()));
        kept.row = write.row;
        kept.events.extend(write.events.into_iter().map(|event| ((event.side, event.sequence), event)));
        kept.steps.extend(write.steps);
        kept.prepare(write.prepared);
        kept.blank(blanked);
        kept.erase(write.erase);
        write.outbox.into_iter().for_each(|row| self.outbox.insert(row));
        self.tally.extend(write.tally.map(|row| (row.thread, row)));
        if let Some(moved) = write.tally_moved {
            self.apply_tally_move(id, moved);
        }
    }

    /// Moves the thread in the lists by change and by wake.
    fn index(&mut self, row: &ThreadRow) {
        if let Some(former) = self.threads.get(&row.id).map(|kept| &kept.row) {
            self.changes.remove(&(former.changed_at, row.id));
            former.wake_at.map(|at| self.wakes.remove(&(at, row.id)));
        }
        self.changes.insert((row.changed_at, row.id));
        self.wakes.extend(row.wake_at.map(|at| (at, row.id)));
    }

    fn apply_tally_move(&mut self, thread: ThreadId, moved: TallyMove) {
        if let Some(row) = self.tally.get_mut(&thread) {
            row.label = moved.label.or(row.label);
            row.outcome = moved.outcome.or(row.outcome);
        }
    }

    /// Adds the rows of a quarter to its cells.
    fn close(&mut self, quarter: Quarter) {
        let cells = self.tally.values().map(TallyRow::cell);
        let closing: Vec<Cell> = cells.filter(|cell| cell.quarter == quarter).collect();
        self.tally.retain(|_, row| row.opened_at.quarter() != quarter);
        for cell in closing {
            let count = self.cells.entry(cell).or_default();
            *count = count.saturating_add(1);
        }
    }

    fn apply_document(&mut self, write: DocumentWrite) {
        let place = (write.shelf, write.key);
        let former = self.documents.remove(&place);
        let version = former.as_ref().map_or(0, |document| document.version).saturating_add(1);
        if let Some(mut document) = former {
            document.body.zeroize();
        }
        if let Some(body) = write.body {
            let document = Document { key: place.1.clone(), version, body };
            self.documents.insert(place, document);
        }
    }

    /// The first receipt of an event stays: a peer answers every retry with the same bytes.
    fn apply_ack(&mut self, row: AckRow) {
        self.outbox.remove(row.message);
        self.acks.entry((row.thread, row.sequence)).or_insert(row);
    }

    fn apply_refusal(&mut self, write: RefusalWrite) {
        let RefusalWrite { peer, code, count: met, at } = write;
        let count = self.refusals.entry((peer, code.clone())).or_insert(RefusalCount {
            peer,
            code,
            count: 0,
            last_at: at,
        });
        count.count = count.count.saturating_add(met);
        count.last_at = count.last_at.max(at);
    }
}

impl Kept {
    fn new(row: ThreadRow) -> Self {
        Self { row, events: BTreeMap::new(), steps: Vec::new(), prepared: None }
    }

    fn prepare(&mut self, prepared: Prepared) {
        let former = match prepared {
            Prepared::Unchanged => None,
            Prepared::Put(content) => self.prepared.replace(content),
            Prepared::Gone => self.prepared.take(),
        };
        former.into_iter().for_each(destroy);
    }

    /// What holds nothing goes on holding nothing.
    fn blank(&mut self, blanked: Vec<(Place, Option<Personal<Vec<u8>>>)>) {
        for (place, remains) in blanked {
            let event = self.events.get_mut(&place).filter(|event| event.content.is_some());
            let former = event.and_then(|event| std::mem::replace(&mut event.content, remains));
            former.into_iter().for_each(destroy);
        }
    }

    fn erase(&mut self, parts: Parts) {
        let erased = self.events.values_mut().filter(|event| parts.has(event.part));
        erased.filter_map(|event| event.content.take()).for_each(destroy);
        if parts.has(ContentPart::StageTwo) {
            self.prepared.take().into_iter().for_each(destroy);
        }
        if parts.has(ContentPart::Own) {
            self.steps.drain(..).for_each(|step| destroy(step.content));
        }
    }
}

/// Overwrites what is erased before its memory is given back.
fn destroy(content: Personal<Vec<u8>>) {
    content.into_exposed().zeroize();
}
