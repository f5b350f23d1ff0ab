//! What other nodes are told: each change as it comes, and everything that two nodes both keep, to be compared.

use super::shelf::{Holds, document_key};
use super::{Directory, DirectoryError, Index};
use relais_domain::digest::Digest;
use relais_domain::directory::{Held, Partitions, Record, RecordKey, Subscription};
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Span, Timestamp};
use relais_store::StoreError;
use relais_store::rows::Shelf;
use relais_wire::reconcile::Items;
use relais_wire::record::SignedRecord;
use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};
use tokio::sync::broadcast;

/// News kept for a stream that is slow; one that misses some compares what both hold.
pub(super) const NEWS_KEPT: usize = 256;
/// Most sets kept ready to be compared: partners that keep the same départements share one.
const READY_MAX: usize = 4;
/// How long a set may be kept ready: meanwhile records expire.
const READY_TIME_MAX: Span = Span::minutes(1);

/// A record that was taken in, or refused because its structure signed two with one sequence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct News {
    /// Who signed it.
    pub structure: StructureId,
    /// What it is about.
    pub key: RecordKey,
    /// Its sequence.
    pub sequence: u64,
    /// SHA-256 of what was signed.
    pub identity: Digest,
    /// Whom it concerns: where it belongs, and where the one belonged whose place it took.
    pub partitions: Partitions,
    /// The encoded `Signed` message.
    pub bytes: Vec<u8>,
}

/// A record that is held, by name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Entry {
    /// Who signed it.
    pub structure: StructureId,
    /// What it is about.
    pub key: RecordKey,
    /// SHA-256 of what was signed.
    pub identity: Digest,
}

/// A set that is ready to be compared.
#[derive(Debug)]
pub(super) struct Ready {
    shared: Subscription,
    generation: u64,
    at: Timestamp,
    items: Arc<Items>,
}

impl Index {
    /// Where the record that is held about something belongs.
    pub(super) fn partitions_held(&self, structure: StructureId, key: &RecordKey) -> Partitions {
        let held = self.records.held(structure, key);
        held.map_or(Partitions::NONE, |held| self.records.partitions(&held.record))
    }
}

impl Directory {
    /// Tells of each record of another structure that is taken in.
    pub fn news(&self) -> broadcast::Receiver<Arc<News>> {
        self.news.subscribe()
    }

    pub(super) fn tell(&self, signed: SignedRecord, partitions: Partitions) {
        let SignedRecord { record, identity, bytes } = signed;
        let (structure, key, sequence) = (record.structure, record.key(), record.sequence);
        // Nobody may be listening.
        let _ = self.news.send(Arc::new(News { structure, key, sequence, identity, partitions, bytes }));
    }

    /// What is held of what belongs to `shared` and to the whole country, to be compared with a partner's.
    pub fn items(&self, shared: Subscription) -> Arc<Items> {
        let now = self.clock.now();
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        let index = self.index.read();
        ready.retain(|one| one.generation == index.generation && now.is_within(READY_TIME_MAX, one.at));
        if let Some(one) = ready.iter().find(|one| one.shared == shared) {
            return Arc::clone(&one.items);
        }
        // Where each belongs was noted when it came: what is left takes some milliseconds, once for each change.
        let common = index.records.placed(now).filter(|(_, _, partitions)| shared.wants(*partitions));
        let items = Arc::new(Items::of(common.map(|(at, identity, _)| (at, identity))));
        if ready.len() >= READY_MAX {
            ready.remove(0);
        }
        ready.push(Ready { shared, generation: index.generation, at: now, items: Arc::clone(&items) });
        items
    }

    /// A number that grows with every change of what is held.
    pub fn generation(&self) -> u64 {
        self.read_index(|index| index.generation)
    }

    /// The records held with these identities, by structure and subject.
    pub fn entries(&self, identities: &BTreeSet<Digest>) -> Vec<Entry> {
        let now = self.clock.now();
        self.read_index(|index| {
            let found = index.records.with_identities(identities).into_iter();
            found.filter(|held| held.record.expires_at > now).map(entry).collect()
        })
    }

    /// The record held about the same as this one, when it is newer and has not expired.
    pub fn newer_than(&self, older: &SignedRecord) -> Option<Entry> {
        self.held_about(&older.record, |held| held.sequence > older.record.sequence)
    }

    /// The record that is held with the same sequence as this one: whoever signed both may not know of it.
    pub fn held_beside(&self, other: &SignedRecord) -> Option<Entry> {
        self.held_about(&other.record, |held| held.sequence == other.record.sequence)
    }

    fn held_about(&self, record: &Record, is_it: impl Fn(&Record) -> bool) -> Option<Entry> {
        let now = self.clock.now();
        self.read_index(|index| {
            let held = index.records.held(record.structure, &record.key())?;
            (is_it(&held.record) && held.record.expires_at > now).then(|| entry(held))
        })
    }

    /// The bytes of a record; `None` when another holds by now.
    ///
    /// # Errors
    /// [`DirectoryError::Store`].
    pub async fn bytes(&self, entry: &Entry) -> Result<Option<Vec<u8>>, DirectoryError> {
        let key = document_key(entry.structure, &entry.key, Holds::Record);
        let Some(document) = self.store.document(Shelf::Record, &key).await? else { return Ok(None) };
        let signed = SignedRecord::read(&document.body)
            .map_err(|error| StoreError::Corrupt(format!("directory record: {error}")))?;
        Ok((signed.identity == entry.identity).then_some(signed.bytes))
    }
}

pub(super) fn entry(held: &Held) -> Entry {
    Entry { structure: held.record.structure, key: held.record.key(), identity: held.identity }
}
