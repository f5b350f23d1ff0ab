//! Where entries lie in the store. Each run of a seed writes a generation of its own, and one small batch makes it the one
//! that holds: whatever breaks before leaves the former one as it was.

use crate::directory::dump::Kind;
use relais_domain::directory::{EntryKey, OPEN_SERVICES_MAX, OPEN_STRUCTURES_MAX};
use relais_store::batch::{Batch, DocumentWrite, Expected};
use relais_store::rows::{Document, Shelf};
use relais_store::{CommitError, Store, StoreError};
use serde::{Deserialize, Serialize};

/// Most documents of one batch.
pub(super) const BATCH_DOCUMENTS_MAX: usize = 128;

/// Entries of one part: their sequences differ in the last byte alone.
const PART_ENTRIES: u32 = 256;
/// Most parts of one kind in a generation.
const PARTS_MAX: u32 = {
    let (services, structures) = (OPEN_SERVICES_MAX as u32, OPEN_STRUCTURES_MAX as u32);
    (if services > structures { services } else { structures }).div_ceil(PART_ENTRIES)
};

/// First byte of the key of what is known of a source.
const SOURCE: u8 = 0;
/// First byte of the key of the generations that are to be cleared away.
const LEFT: u8 = 3;

/// What is known of a source.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Header {
    /// What it is called.
    pub(super) name: String,
    /// Which generation of its entries holds.
    pub(super) generation: u8,
    /// When it was seeded, ms.
    pub(super) seeded_ms: i64,
    /// Structures held.
    pub(super) structures: u32,
    /// Services held.
    pub(super) services: u32,
    /// Objects that were refused.
    pub(super) refused: u32,
    /// Fields that were set aside.
    pub(super) set_aside: u32,
    /// The last day on which an entry was changed, days since 1970-01-01.
    pub(super) newest_day: i32,
}

/// Where the entries of one run lie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Generation {
    /// The source, by its number.
    pub(super) source: u8,
    /// The run, by its number.
    pub(super) number: u8,
}

impl Generation {
    /// The key of an entry: entries are written, read and cleared away in the order of their sequence, so that those that
    /// lie together are touched together.
    pub(super) fn key(self, kind: Kind, (sequence, entry): (u32, EntryKey)) -> Vec<u8> {
        [&self.prefix(kind)[..], &sequence.to_be_bytes(), entry.as_bytes()].concat()
    }

    fn prefix(self, kind: Kind) -> [u8; 3] {
        let kind = match kind {
            Kind::Structure => 1,
            Kind::Service => 2,
        };
        [kind, self.source, self.number]
    }

    /// A part of the entries of a kind, at most 256 of them, from 0 on; after the last it is empty.
    pub(super) async fn part(
        self,
        store: &dyn Store,
        kind: Kind,
        part: u32,
    ) -> Result<Vec<Document>, StoreError> {
        let ([kind, source, number], [_, a, b, c]) = (self.prefix(kind), part.to_be_bytes());
        store.documents(Shelf::OpenData, &[kind, source, number, a, b, c]).await
    }

    /// How many parts there are of a kind. They were written in their order, and are cleared away from the last one on: so
    /// those that are there lie together, and the last one is found in a few looks.
    async fn parts(self, store: &dyn Store, kind: Kind) -> Result<u32, StoreError> {
        let (mut there, mut not_there): (u32, u32) = (0, 1);
        while !self.part(store, kind, not_there - 1).await?.is_empty() {
            (there, not_there) = (not_there, not_there.saturating_mul(2));
        }
        while not_there - there > 1 {
            let between = there.midpoint(not_there);
            let last = self.part(store, kind, between - 1).await?;
            if last.is_empty() { not_there = between } else { there = between }
        }
        Ok(there)
    }

    /// Clears it away, part by part, the last one first: what breaks off leaves parts that are found again.
    async fn clear(self, store: &dyn Store) -> Result<(), CommitError> {
        for kind in [Kind::Structure, Kind::Service] {
            for part in (0..self.parts(store, kind).await?).rev() {
                let documents = self.part(store, kind, part).await?;
                let documents = documents.into_iter().map(|document| write(document.key, None)).collect();
                store.commit(Batch { documents, ..Batch::default() }).await?;
            }
        }
        Ok(())
    }
}

/// Which of its generation a document is, and the key of its entry.
pub(super) fn entry_of(document: &Document) -> Option<(u32, EntryKey)> {
    let (sequence, entry) = document.key.get(3..)?.split_at_checked(4)?;
    Some((u32::from_be_bytes(sequence.try_into().ok()?), EntryKey::from_slice(entry)?))
}

/// A document of this shelf.
pub(super) fn write(key: Vec<u8>, body: Option<Vec<u8>>) -> DocumentWrite {
    DocumentWrite { shelf: Shelf::OpenData, key, expected_version: Expected::Any, body }
}

/// What is known of a source.
pub(super) async fn header(store: &dyn Store, source: u8) -> Result<Option<Header>, StoreError> {
    let document = store.document(Shelf::OpenData, &[SOURCE, source]).await?;
    let header = document.map(|document| serde_json::from_slice(&document.body));
    header.transpose().map_err(|error| StoreError::Corrupt(format!("open data of source {source}: {error}")))
}

/// The writes that make a source say something else, or nothing, and leave generations to be cleared away.
pub(super) fn turn(source: u8, header: Option<&Header>, left: &[u8]) -> Vec<DocumentWrite> {
    let header = header.map(|header| serde_json::to_vec(header).unwrap_or_default());
    vec![write(vec![SOURCE, source], header), leave(source, left)]
}

/// The write that notes generations that are to be cleared away.
pub(super) fn leave(source: u8, left: &[u8]) -> DocumentWrite {
    write(vec![LEFT, source], (!left.is_empty()).then(|| left.to_vec()))
}

/// Clears away what a source has left, of a run that broke off or of the one before.
pub(super) async fn clear_left(store: &dyn Store, source: u8, held: Option<u8>) -> Result<(), CommitError> {
    let Some(left) = store.document(Shelf::OpenData, &[LEFT, source]).await? else { return Ok(()) };
    for number in left.body.into_iter().filter(|number| Some(*number) != held) {
        Generation { source, number }.clear(store).await?;
    }
    store.commit(Batch { documents: vec![leave(source, &[])], ..Batch::default() }).await
}
