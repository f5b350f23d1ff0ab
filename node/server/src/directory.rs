//! The directory (*annuaire*): this structure's signed records and its partners', kept in the store and searched in
//! memory.
//!
//! Every record was verified when it came. What is published here is signed anew only when it says something else, its
//! time runs out, or the manifest has changed.

mod admit;
mod endorse;
mod endorsed;
mod history;
mod import;
mod offer;
mod publish;
mod seen;

#[cfg(test)]
mod tests;

pub use admit::AdmitError;
pub use endorsed::{EndorseError, EndorsementStanding, ShownEndorsement};
pub use import::{
    Count, IMPORT_BYTES_MAX, IMPORT_SERVICES_MAX, ImportRefusal, ImportReport, ReplacedCode, Wrong,
};
pub(crate) use import::{VALUES_SHOWN_MAX, early};
pub(crate) use offer::outdated_offers;
pub use offer::{Offer, offer_stood};
pub use publish::{Published, RENEW_BEFORE, SERVICE_LIFETIME};
pub use seen::Seen;

use crate::clock::{Clock, Dice};
use crate::own::Own;
use relais_domain::directory::{
    self as domain, Admitted, Body, Capacity, DirectoryRefusal, Door, Held, History, Outcome, Profile,
    Question, RecordKey, Service, Standing,
};
use relais_domain::id::ServiceId;
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_store::batch::{Batch, DocumentWrite, Expected};
use relais_store::rows::Shelf;
use relais_store::{CommitError, Store, StoreError};
use relais_wire::record::{RecordError, SignedRecord};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::{Mutex, watch};

/// How often records are renewed and expired ones dropped.
const KEEP_PERIOD: Duration = Duration::from_secs(3_600);
/// Set in the kind byte of a document's key when it holds proof that two records share one sequence.
const CONFLICT: u8 = 0x80;
/// Where the kind byte of a document's key stands: after the structure id.
const KIND_AT: usize = 32;

/// Why the directory could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The store could not.
    #[error(transparent)]
    Store(StoreError),
    /// The file cannot be read at all.
    #[error("{0}")]
    File(String),
    /// No partner would accept the record.
    #[error("{0}")]
    Record(#[from] RecordError),
    /// The directory does not admit the record.
    #[error("{0}")]
    Refused(#[from] DirectoryRefusal),
    /// This structure publishes no such service.
    #[error("this structure publishes no service with the id {0}: `relais service list` shows them")]
    UnknownService(ServiceId),
    /// Someone said something else since it was looked at.
    #[error("someone changed it meanwhile: look at it again")]
    Changed,
}

impl From<StoreError> for DirectoryError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<CommitError> for DirectoryError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Store(error) => Self::Store(error),
            CommitError::Conflict => {
                Self::Store(StoreError::Unavailable("the directory changed meanwhile: try again".to_owned()))
            }
        }
    }
}

/// A service, as it is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// Who offers it.
    pub structure: StructureId,
    /// The service.
    pub service: Service,
    /// Its places, and until when they are taken as true.
    pub capacity: Option<(Capacity, Timestamp)>,
    /// When this version was signed.
    pub signed_at: Timestamp,
}

/// Proof that a structure signed two records with one sequence: both, as they came.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Conflict {
    /// The record that is held.
    pub held: Vec<u8>,
    /// The record that was refused.
    pub refused: Vec<u8>,
}

/// What is held in memory.
#[derive(Debug, Default)]
struct Index {
    records: domain::Directory,
    /// The last sequence this structure gave to each of its records, expired ones included.
    sequences: BTreeMap<RecordKey, u64>,
}

/// The directory of this node.
pub struct Directory {
    store: Arc<dyn Store>,
    own: Arc<Own>,
    clock: Clock,
    dice: Dice,
    index: RwLock<Index>,
    /// Held from judging a record until it is in the index.
    writing: Mutex<()>,
    changed: watch::Sender<u64>,
    /// How each partner has answered, as last reckoned.
    histories: RwLock<BTreeMap<StructureId, History>>,
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Directory")
    }
}

impl Directory {
    /// Reads the directory from the store.
    ///
    /// # Errors
    /// [`DirectoryError::Store`] when the store cannot answer or a record cannot be read.
    pub async fn load(
        store: Arc<dyn Store>,
        own: Arc<Own>,
        clock: Clock,
        dice: Dice,
    ) -> Result<Self, DirectoryError> {
        let mut index = Index::default();
        let now = clock.now();
        for document in store.documents(Shelf::Record, &[]).await? {
            if is_conflict(&document.key) {
                continue;
            }
            let SignedRecord { record, identity, .. } = SignedRecord::read(&document.body)
                .map_err(|error| StoreError::Corrupt(format!("directory record: {error}")))?;
            if record.structure == own.structure() {
                index.sequences.insert(record.key(), record.sequence);
            }
            let ended = record.expires_at <= now;
            let put = |records: &mut domain::Directory| match ended {
                true => records.restore(record, identity, now),
                false => records.admit(record, identity, now).map(|_| ()),
            };
            if let Err(refusal) = put(&mut index.records) {
                tracing::debug!(%refusal, "A stored record no longer holds");
            }
        }
        let (changed, _) = watch::channel(0);
        let index = RwLock::new(index);
        let (writing, histories) = (Mutex::new(()), RwLock::default());
        Ok(Self { store, own, clock, dice, index, writing, changed, histories })
    }

    /// Tells whenever this structure publishes something.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    fn read<T>(&self, read: impl FnOnce(&domain::Directory) -> T) -> T {
        read(&self.index.read().unwrap_or_else(PoisonError::into_inner).records)
    }

    /// The services of a structure, by name.
    pub fn list(&self, structure: StructureId) -> Vec<Shown> {
        let now = self.clock.now();
        let mut services: Vec<Shown> = self.read(|records| {
            let ids = records.of(structure).filter_map(|held| match &held.record.body {
                Body::Service(service) => Some(&service.id),
                Body::Structure(_) | Body::Capacity(_) | Body::Endorsement(_) | Body::Withdrawn(_) => None,
            });
            ids.filter_map(|id| shown(records, structure, id, now)).collect()
        });
        services.sort_by(|a, b| (&a.service.name, &a.service.id).cmp(&(&b.service.name, &b.service.id)));
        services
    }

    /// One service.
    pub fn service(&self, structure: StructureId, id: &ServiceId) -> Option<Shown> {
        let now = self.clock.now();
        self.read(|records| shown(records, structure, id, now))
    }

    /// What a structure says of itself.
    pub fn profile(&self, structure: StructureId) -> Option<Profile> {
        let now = self.clock.now();
        self.read(|records| records.profile(structure, now).cloned())
    }

    /// A telephone number of a structure: of one of its sites, or else of one of its services.
    pub fn phone(&self, structure: StructureId) -> Option<String> {
        let sites = self.profile(structure).map(|profile| profile.sites).unwrap_or_default();
        let of_services = || self.list(structure).into_iter().find_map(|shown| shown.service.phone);
        sites.into_iter().find_map(|site| site.phone).or_else(of_services)
    }

    /// The services that answer a question; `standing` says what this structure has to do with each door, or that it is not
    /// to be shown.
    pub fn find(&self, question: &Question, standing: impl Fn(&Door) -> Option<Standing>) -> Outcome {
        let now = self.clock.now();
        self.read(|records| records.find(question, now, standing))
    }

    /// The records of a structure that hold now, withdrawals included, with their bytes.
    ///
    /// # Errors
    /// [`DirectoryError::Store`].
    pub async fn records_of(&self, structure: StructureId) -> Result<Vec<SignedRecord>, DirectoryError> {
        let now = self.clock.now();
        let documents = self.store.documents(Shelf::Record, structure.as_bytes()).await?;
        let records = documents.iter().filter(|document| !is_conflict(&document.key)).map(|document| {
            SignedRecord::read(&document.body)
                .map_err(|error| StoreError::Corrupt(format!("directory record: {error}")))
        });
        let records = records.collect::<Result<Vec<_>, _>>()?;
        Ok(records.into_iter().filter(|signed| signed.record.expires_at > now).collect())
    }

    /// The identities of the records held of a structure, withdrawals included.
    pub fn identities(&self, structure: StructureId) -> Vec<relais_domain::digest::Digest> {
        let now = self.clock.now();
        let holds = |held: &&Held| held.record.expires_at > now;
        self.read(|records| records.of(structure).filter(holds).map(|held| held.identity).collect())
    }

    /// Proof, about each subject, that its structure signed two records with one sequence.
    ///
    /// # Errors
    /// [`DirectoryError::Store`].
    pub async fn conflicts(&self) -> Result<Vec<Conflict>, DirectoryError> {
        let documents = self.store.documents(Shelf::Record, &[]).await?;
        let proofs = documents.iter().filter(|document| is_conflict(&document.key)).map(|document| {
            serde_json::from_slice(&document.body)
                .map_err(|error| StoreError::Corrupt(format!("directory conflict: {error}")).into())
        });
        proofs.collect()
    }

    /// Keeps the directory fresh for ever: signs anew what ends soon, drops what has ended, reckons who answered.
    pub async fn keep(self: Arc<Self>) {
        let mut tick = tokio::time::interval(KEEP_PERIOD);
        loop {
            tick.tick().await;
            told(self.renew().await, "The directory's own records could not be renewed");
            told(self.sweep().await, "Expired directory records could not be dropped");
            told(self.recall().await, "How partners answered could not be reckoned");
        }
    }

    /// Drops what has expired, from memory and from the store.
    ///
    /// # Errors
    /// [`DirectoryError::Store`].
    pub async fn sweep(&self) -> Result<(), DirectoryError> {
        let _writing = self.writing.lock().await;
        let now = self.clock.now();
        let own = self.own.structure();
        let expired = self.index.write().unwrap_or_else(PoisonError::into_inner).records.sweep(now);
        let of_others = expired.into_iter().filter(|(structure, _)| *structure != own);
        let documents: Vec<DocumentWrite> =
            of_others.map(|(structure, key)| write(document_key(structure, &key, 0), None)).collect();
        if !documents.is_empty() {
            self.store.commit(Batch { documents, ..Batch::default() }).await?;
        }
        Ok(())
    }
}

fn shown(
    records: &domain::Directory,
    structure: StructureId,
    id: &ServiceId,
    now: Timestamp,
) -> Option<Shown> {
    let (service, signed_at) = records.service(structure, id, now)?;
    let capacity =
        records.capacity(structure, id, now).map(|(capacity, expires)| (capacity.clone(), expires));
    Some(Shown { structure, service: service.clone(), capacity, signed_at })
}

/// Says in the log what could not be done, and why.
fn told(done: Result<(), DirectoryError>, not: &str) {
    if let Err(error) = done {
        tracing::warn!(%error, "{not}");
    }
}

/// The key of a record's document: structure, kind (with `mark`), service or endorsed structure.
fn document_key(structure: StructureId, key: &RecordKey, mark: u8) -> Vec<u8> {
    let (kind, id) = match key {
        RecordKey::Structure => (1, &b""[..]),
        RecordKey::Service(id) => (2, id.as_str().as_bytes()),
        RecordKey::Capacity(id) => (3, id.as_str().as_bytes()),
        RecordKey::Endorsement(subject) => (4, &subject.as_bytes()[..]),
    };
    [structure.as_bytes(), &[kind | mark][..], id].concat()
}

fn is_conflict(key: &[u8]) -> bool {
    key.get(KIND_AT).is_some_and(|kind| kind & CONFLICT != 0)
}

fn write(key: Vec<u8>, body: Option<Vec<u8>>) -> DocumentWrite {
    DocumentWrite { shelf: Shelf::Record, key, expected_version: Expected::Any, body }
}

/// Whether a record that was admitted is to be kept.
const fn is_news(admitted: Admitted) -> bool {
    match admitted {
        Admitted::New | Admitted::Newer => true,
        Admitted::Same => false,
    }
}
