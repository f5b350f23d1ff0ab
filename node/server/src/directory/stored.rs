//! What lies in the store, taken up at start.
//!
//! Nothing that is stored stops a node but what contradicts itself: a record that this version cannot read is set aside,
//! and so is what was kept under wider limits.

use super::shelf::{Holds, document_key, read_floor, read_root, subject_of, write};
use super::{Conflict, Index};
use relais_domain::directory::{
    CONFLICT_KEPT, DirectoryRefusal, Floor, Load, Record, RecordKey, lifetime_max,
};
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_store::StoreError;
use relais_store::batch::DocumentWrite;
use relais_store::rows::Document;
use relais_wire::record::{Outline, RecordError, SignedRecord};
use std::collections::BTreeMap;

/// A stored record.
pub(super) enum Stored {
    /// It can be read.
    Read(SignedRecord),
    /// Another version wrote it, or another list of themes and territories; this one cannot read what it says.
    Unread(Outline),
}

/// Reads a stored record, which was verified when it came.
///
/// # Errors
/// [`StoreError::Corrupt`] when it is no record of any version.
pub(super) fn read_stored(bytes: &[u8]) -> Result<Stored, StoreError> {
    let corrupt = |error: RecordError| StoreError::Corrupt(format!("directory record: {error}"));
    match SignedRecord::read(bytes) {
        Ok(signed) => Ok(Stored::Read(signed)),
        Err(RecordError::Field(_)) => Outline::read(bytes).map(Stored::Unread).map_err(corrupt),
        Err(error) => Err(corrupt(error)),
    }
}

/// When proof of two records with one sequence is dropped.
///
/// # Errors
/// [`StoreError::Corrupt`] when it is no such proof.
pub(super) fn proof_until(conflict: &Conflict) -> Result<Timestamp, StoreError> {
    let refused = Outline::read(&conflict.refused)
        .map_err(|error| StoreError::Corrupt(format!("directory conflict: {error}")))?;
    Ok(refused.issued_at.plus(CONFLICT_KEPT))
}

/// Reads proof of two records with one sequence.
///
/// # Errors
/// [`StoreError::Corrupt`] when it is none.
pub(super) fn read_conflict(document: &Document) -> Result<Conflict, StoreError> {
    serde_json::from_slice(&document.body)
        .map_err(|error| StoreError::Corrupt(format!("directory conflict: {error}")))
}

/// Takes up what is stored, document by document.
#[derive(Debug)]
pub(super) struct TakingUp<'a> {
    pub(super) index: &'a mut Index,
    pub(super) own: StructureId,
    pub(super) now: Timestamp,
    /// What is to be written because it has ended, or finds no room any more.
    pub(super) documents: Vec<DocumentWrite>,
    unread: BTreeMap<StructureId, u64>,
    excess: usize,
}

impl<'a> TakingUp<'a> {
    pub(super) fn new(index: &'a mut Index, own: StructureId, now: Timestamp) -> Self {
        Self { index, own, now, documents: Vec::new(), unread: BTreeMap::new(), excess: 0 }
    }

    /// Takes up one document.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it cannot be what its key says.
    pub(super) fn take(&mut self, document: &Document) -> Result<(), StoreError> {
        match Holds::of(&document.key) {
            Holds::Root => {
                let (structure, root) = read_root(&document.key, &document.body)?;
                self.index.roots.insert(structure, root);
            }
            Holds::Returned => {
                let (structure, key) = subject_of(&document.key)?;
                if structure == self.own {
                    self.index.returned.insert(key);
                }
            }
            Holds::Conflict => {
                let (structure, key) = subject_of(&document.key)?;
                let until = proof_until(&read_conflict(document)?)?;
                self.index.conflicts.entry(structure).or_default().insert(key, until);
            }
            Holds::Floor => {
                let (structure, key) = subject_of(&document.key)?;
                let floor = read_floor(&document.body)?;
                self.raise(structure, key, floor);
            }
            Holds::Record => match read_stored(&document.body)? {
                Stored::Read(signed) => self.record(signed),
                Stored::Unread(outline) => self.set_aside(subject_of(&document.key)?.1, &outline),
            },
        }
        Ok(())
    }

    /// Says in the log what was set aside, and what was dropped.
    pub(super) fn told(&self) {
        for (structure, count) in &self.unread {
            tracing::error!(
                structure.id = %structure, count,
                "Stored directory records cannot be read by this version: they are set aside"
            );
        }
        if self.excess > 0 {
            tracing::warn!(count = self.excess, "Directory records beyond what is kept are dropped");
        }
    }

    fn record(&mut self, signed: SignedRecord) {
        let SignedRecord { record, identity, .. } = signed;
        if record.structure == self.own {
            self.own_sequence(record.key(), record.sequence);
        } else if !self.has_room(record.structure, self.index.records.growth(&record)) {
            return self.drop_document(record.structure, &record.key(), Holds::Record);
        }
        match self.index.records.judge(&record, identity, self.now) {
            Ok(_) => {
                // It was judged a moment ago.
                let _ = self.index.records.admit(record, identity, self.now);
            }
            // It was no future when it came: the clock was set back. And an endorsement of this structure's own that has
            // ended stays in the way of what it shortened.
            Err(DirectoryRefusal::FromTheFuture) => self.restore(record, identity),
            Err(DirectoryRefusal::Expired) if record.structure == self.own => self.restore(record, identity),
            // What has ended, or may not last so short or long any more.
            Err(_) if record.structure != self.own => {
                let documents = self.index.end(&record, self.now);
                self.documents.extend(documents);
            }
            Err(refusal) => tracing::debug!(%refusal, "A stored record no longer holds"),
        }
    }

    fn restore(&mut self, record: Record, identity: relais_domain::digest::Digest) {
        // Of what is kept no more only the sequence counts.
        let _ = self.index.records.restore(record, identity, self.now);
    }

    /// Leaves a record that cannot be read where it is, for a version that can; nothing older takes its place.
    fn set_aside(&mut self, key: RecordKey, outline: &Outline) {
        let Outline { structure, sequence, issued_at, .. } = *outline;
        *self.unread.entry(structure).or_insert(0) += 1;
        self.index.unread += 1;
        if structure == self.own {
            return self.own_sequence(key, sequence);
        }
        let until = issued_at.plus(lifetime_max(&key));
        if until <= self.now {
            return self.drop_document(structure, &key, Holds::Record);
        }
        if self.has_room(structure, Load::of_floor(&key)) {
            self.index.floors.raise(structure, key, Floor { sequence, until });
        } else {
            self.drop_document(structure, &key, Holds::Record);
        }
    }

    fn raise(&mut self, structure: StructureId, key: RecordKey, floor: Floor) {
        if self.has_room(structure, Load::of_floor(&key)) {
            self.index.floors.raise(structure, key, floor);
        } else {
            self.drop_document(structure, &key, Holds::Floor);
        }
    }

    fn own_sequence(&mut self, key: RecordKey, sequence: u64) {
        self.index.sequences.insert(key, sequence);
    }

    fn drop_document(&mut self, structure: StructureId, key: &RecordKey, holds: Holds) {
        self.excess += 1;
        self.documents.push(write(document_key(structure, key, holds), None));
    }

    fn has_room(&self, structure: StructureId, growth: Load) -> bool {
        self.index.space(structure, growth, self.own, structure).for_stored().is_ok()
    }
}
