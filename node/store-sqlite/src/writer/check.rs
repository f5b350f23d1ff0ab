//! Whether batches may be written: what each rests on, held against what is stored now.

use crate::fault::Fault;
use crate::sql::content::EventPlace;
use crate::sql::document::Spot;
use crate::sql::{document, event, inbox, thread};
use relais_domain::content::ContentPart;
use relais_domain::id::{MessageId, ThreadId};
use relais_domain::personal::Personal;
use relais_store::batch::{Batch, DocumentWrite, Expected, ThreadWrite};
use relais_store::vault::Subject;
use relais_store::{CommitError, StoreError};
use sqlx::sqlite::SqliteConnection;
use std::collections::{BTreeMap, BTreeSet};

/// A batch that may be written.
pub(super) struct Checked<'b> {
    pub(super) batch: &'b Batch,
    /// What its documents come to.
    pub(super) documents: BTreeMap<Spot<'b>, NewDocument<'b>>,
    /// What it blanks: events that hold something, and go on existing.
    pub(super) blanked: Vec<Blanked<'b>>,
}

/// Content that gives way to what remains of it.
pub(super) struct Blanked<'b> {
    pub(super) place: EventPlace,
    pub(super) part: ContentPart,
    pub(super) remains: Option<&'b Personal<Vec<u8>>>,
}

/// What becomes of a document.
pub(super) enum NewDocument<'b> {
    /// It is there with this version and body.
    Put(u64, &'b [u8]),
    /// It is not there any more.
    Removed,
}

/// What the batches of a segment rest on, as it is stored now.
pub(super) struct Facts<'b> {
    threads: BTreeMap<ThreadId, u64>,
    documents: BTreeMap<Spot<'b>, u64>,
    received: BTreeSet<MessageId>,
    /// Events to blank, and the part of the content each holds.
    holding: BTreeMap<EventPlace, Option<ContentPart>>,
}

impl<'b> Facts<'b> {
    pub(super) async fn read(data: &mut SqliteConnection, segment: &[&'b Batch]) -> Result<Self, Fault> {
        let writes = segment.iter().filter_map(|batch| batch.thread.as_ref());
        let ids: Vec<ThreadId> = writes.map(|write| write.row.id).collect();
        let writes = segment.iter().flat_map(|batch| &batch.documents);
        let spots: BTreeSet<Spot<'b>> = writes.map(spot).collect();
        let spots: Vec<Spot<'b>> = spots.into_iter().collect();
        let inbox = segment.iter().filter_map(|batch| batch.inbox.as_ref());
        let messages: Vec<MessageId> = inbox.map(|row| row.message).collect();
        let writes = segment.iter().filter_map(|batch| batch.thread.as_ref());
        let places: BTreeSet<EventPlace> = writes.flat_map(blanked_places).collect();
        let places: Vec<EventPlace> = places.into_iter().collect();
        Ok(Self {
            threads: thread::versions(data, &ids).await?,
            documents: document::versions(data, &spots).await?,
            received: inbox::known(data, &messages).await?,
            holding: event::holding(data, &places).await?,
        })
    }

    /// Checks every precondition of `batch`.
    pub(super) fn check(&self, batch: &'b Batch) -> Result<Checked<'b>, CommitError> {
        if let Some(write) = &batch.thread {
            self.check_version(write)?;
        }
        let documents = self.check_documents(&batch.documents)?;
        let known = batch.inbox.as_ref().is_some_and(|row| self.received.contains(&row.message));
        if known {
            return Err(CommitError::Conflict);
        }
        let blanked = batch.thread.as_ref().map_or(Ok(Vec::new()), |write| self.check_blanked(write))?;
        Ok(Checked { batch, documents, blanked })
    }

    /// What is erased by the same batch need not be blanked.
    fn check_blanked(&self, write: &'b ThreadWrite) -> Result<Vec<Blanked<'b>>, StoreError> {
        let mut blanked = Vec::new();
        for ((side, sequence), remains) in write.blanked() {
            let place = (write.row.id, side, sequence);
            let mut arriving = write.events.iter();
            let part = match arriving.find(|event| (event.side, event.sequence) == (side, sequence)) {
                Some(event) => event.content.as_ref().map(|_| event.part),
                None => *self.holding.get(&place).ok_or_else(not_there)?,
            };
            let part = part.filter(|part| !write.erase.has(*part));
            blanked.extend(part.map(|part| Blanked { place, part, remains }));
        }
        Ok(blanked)
    }

    fn check_version(&self, write: &ThreadWrite) -> Result<(), CommitError> {
        let found = self.threads.get(&write.row.id).copied();
        if found != write.expected_version {
            return Err(CommitError::Conflict);
        }
        let next = found.unwrap_or(0).saturating_add(1);
        if write.row.version == next {
            return Ok(());
        }
        let what = format!("thread.version would become {}, not {next}", write.row.version);
        Err(StoreError::Corrupt(what).into())
    }

    /// Each write sees what those before it in the batch did.
    fn check_documents(
        &self,
        writes: &'b [DocumentWrite],
    ) -> Result<BTreeMap<Spot<'b>, NewDocument<'b>>, CommitError> {
        let mut changed = BTreeMap::new();
        for write in writes {
            let version = match changed.get(&spot(write)) {
                Some(NewDocument::Put(version, _)) => Some(*version),
                Some(NewDocument::Removed) => None,
                None => self.documents.get(&spot(write)).copied(),
            };
            let fits = match write.expected_version {
                Expected::Absent => version.is_none(),
                Expected::Version(expected) => version == Some(expected),
                Expected::Any => true,
            };
            if !fits {
                return Err(CommitError::Conflict);
            }
            let next = version.unwrap_or(0).saturating_add(1);
            let new = write.body.as_ref().map_or(NewDocument::Removed, |body| NewDocument::Put(next, body));
            changed.insert(spot(write), new);
        }
        Ok(changed)
    }
}

impl<'b> Checked<'b> {
    /// The write of the thread, if there is one.
    pub(super) fn thread(&self) -> Option<&'b ThreadWrite> {
        self.batch.thread.as_ref()
    }

    /// What must be unreadable once this is committed.
    pub(super) fn erased(&self) -> impl Iterator<Item = Subject> {
        let parts = self.thread().into_iter().flat_map(|write| {
            let id = write.row.id;
            write.erase.iter().map(move |part| Subject::Part(id, part))
        });
        let documents = self.documents.iter().filter_map(|((shelf, key), new)| match new {
            NewDocument::Removed if shelf.is_personal() => Some(Subject::Document(*shelf, key.to_vec())),
            NewDocument::Removed | NewDocument::Put(..) => None,
        });
        parts.chain(documents)
    }
}

fn blanked_places(write: &ThreadWrite) -> impl Iterator<Item = EventPlace> {
    write.blank.iter().map(|blank| (write.row.id, blank.side, blank.sequence))
}

fn not_there() -> StoreError {
    StoreError::Corrupt("event: one that is not there would be blanked".to_owned())
}

fn spot(write: &DocumentWrite) -> Spot<'_> {
    (write.shelf, &write.key)
}
