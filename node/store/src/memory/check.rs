//! Whether a batch may be written at all. Reads only: after this, writing cannot fail.

use super::disk::Disk;
use crate::batch::{Batch, DocumentWrite, Expected, ThreadWrite};
use crate::rows::{OutboxRow, Shelf};
use crate::{CommitError, StoreError};
use relais_domain::event::Side;
use relais_domain::merkle::Appended;
use std::collections::{BTreeMap, BTreeSet};

/// What checking a batch worked out for writing it.
pub(super) struct Checked {
    pub(super) growth: Appended,
}

impl Disk {
    /// Checks every precondition of `batch`.
    pub(super) fn check(&self, batch: &Batch) -> Result<Checked, CommitError> {
        let thread = batch.thread.as_ref();
        let as_expected = thread.is_none_or(|write| self.thread_is_as_expected(write))
            && self.documents_are_as_expected(&batch.documents)
            && batch.inbox.as_ref().is_none_or(|row| !self.inbox.contains_key(&row.message));
        if !as_expected {
            return Err(CommitError::Conflict);
        }
        thread.map_or(Ok(()), follows)?;
        thread.map_or(Ok(()), |write| self.blanks_what_is_there(write))?;
        let growth = self.ledger.growth(&batch.leaves)?;
        Ok(Checked { growth })
    }

    fn thread_is_as_expected(&self, write: &ThreadWrite) -> bool {
        let version = self.threads.get(&write.row.id).map(|kept| kept.row.version);
        version == write.expected_version
            && self.events_are_new(write)
            && self.messages_do_not_wait_yet(&write.outbox)
            && write.tally.as_ref().is_none_or(|row| !self.tally.contains_key(&row.thread))
    }

    fn events_are_new(&self, write: &ThreadWrite) -> bool {
        let chains = self.threads.get(&write.row.id).map(|kept| &kept.events);
        let mut messages = BTreeSet::new();
        let mut places = BTreeSet::new();
        write.events.iter().all(|event| {
            let place = (event.side, event.sequence);
            !chains.is_some_and(|events| events.contains_key(&place))
                && !self.messages.contains(&event.message)
                && messages.insert(event.message)
                && places.insert(place)
        })
    }

    fn blanks_what_is_there(&self, write: &ThreadWrite) -> Result<(), StoreError> {
        let stored = self.threads.get(&write.row.id).map(|kept| &kept.events);
        let is_there = |place: &(Side, u32)| {
            stored.is_some_and(|events| events.contains_key(place))
                || write.events.iter().any(|event| (event.side, event.sequence) == *place)
        };
        if write.blanked().keys().all(is_there) {
            return Ok(());
        }
        Err(StoreError::Corrupt("an event that is not there would be blanked".to_owned()))
    }

    fn messages_do_not_wait_yet(&self, rows: &[OutboxRow]) -> bool {
        let mut messages = BTreeSet::new();
        rows.iter().all(|row| !self.outbox.holds(row) && messages.insert(row.message))
    }

    /// Each write sees what those before it in the batch did.
    fn documents_are_as_expected(&self, writes: &[DocumentWrite]) -> bool {
        let mut versions: BTreeMap<(Shelf, &[u8]), Option<u64>> = BTreeMap::new();
        writes.iter().all(|write| {
            let stored = || self.document(write.shelf, &write.key).map(|document| document.version);
            let version = versions.entry((write.shelf, &write.key)).or_insert_with(stored);
            let as_expected = match write.expected_version {
                Expected::Absent => version.is_none(),
                Expected::Version(expected) => *version == Some(expected),
                Expected::Any => true,
            };
            *version = write.body.as_ref().map(|_| version.unwrap_or(0).saturating_add(1));
            as_expected
        })
    }
}

/// A thread's new row has the version after the one it rests on.
fn follows(write: &ThreadWrite) -> Result<(), StoreError> {
    let next = write.expected_version.unwrap_or(0).saturating_add(1);
    if write.row.version == next {
        return Ok(());
    }
    Err(StoreError::Corrupt(format!("a thread's row has version {}, not {next}", write.row.version)))
}
