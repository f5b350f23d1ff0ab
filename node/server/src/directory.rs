//! The directory (*annuaire*): this structure's signed records and its partners', kept in the store and searched in
//! memory.
//!
//! Every record was verified when it came. What is published here is signed anew only when it says something else, its
//! time runs out, or the manifest has changed.

mod admit;
mod asked;
mod churn;
mod compared;
mod dump;
mod endorse;
mod endorsed;
mod export;
mod history;
mod import;
mod inclusion;
mod keep;
mod news;
mod offer;
mod open;
mod passed;
mod publish;
mod returned;
mod root;
mod seen;
mod sheet;
mod shelf;
mod state;
mod stored;
mod wishes;

#[cfg(test)]
pub(crate) mod tests;

pub use admit::{AdmitError, Blame, Brought, Publisher};
pub use asked::Doors;
pub use compared::{CompareEnd, Compared};
pub use dump::Broken;
pub(crate) use dump::OBJECT_BYTES_MAX;
pub use endorsed::{EndorseError, EndorsementStanding, ShownEndorsement};
pub(crate) use export::{ExportError, Extent, Format, Only};
pub use import::{IMPORT_BYTES_MAX, IMPORT_SERVICES_MAX, ImportRefusal, ImportReport, ReplacedCode};
pub use inclusion::{Count, Wrong};
pub(crate) use inclusion::{VALUES_SHOWN_MAX, early};
pub use news::{Entry, News};
pub(crate) use offer::outdated_offers;
pub use offer::{Offer, offer_stood};
pub(crate) use open::Run;
pub use open::{
    Effect, OPEN_LIFETIME, OpenData, OpenEntry, OpenSource, OpenStatus, Remark, Said, SeedError,
    SeedProgress, SeedReport, Take,
};
pub use passed::Again;
pub use publish::{Published, RENEW_BEFORE, SERVICE_LIFETIME, Withdrawal};
pub use seen::Seen;
pub use state::StructureState;
pub use wishes::{ChosenBy, subscription_codes};

use crate::carried::{Carried, CarriedError};
use crate::clock::{Clock, Dice};
use crate::own::Own;
use crate::shared::Shared;
use relais_domain::digest::Digest;
use relais_domain::directory::{
    self as domain, Admitted, Backing, Body, Capacity, Claims, DirectoryRefusal, Door, Floors, Held, History,
    LaidOut, Load, Outcome, Profile, Question, Record, RecordKey, Service, Standing, Subscription,
};
use relais_domain::id::ServiceId;
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_store::batch::DocumentWrite;
use relais_store::rows::Shelf;
use relais_store::{CommitError, Store, StoreError};
use relais_wire::record::{RecordError, SignedRecord};
use shelf::{Holds, document_key, write};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use stored::{Stored, read_conflict, read_stored};
use tokio::sync::{broadcast, watch};

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
    /// This structure cannot refuse itself.
    #[error("this is your own structure")]
    Own,
    /// More structures are refused than are kept in mind.
    #[error("too many structures are refused: allow some again first")]
    TooManyRefused,
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
    /// The own records that came back from partners, and that nobody has said here since.
    returned: BTreeSet<RecordKey>,
    /// What was held of others, and must not come back in an older form.
    floors: Floors,
    /// By which root (SHA-256 of its SPKI) each structure signs that has rotated; every other by its first.
    roots: BTreeMap<StructureId, Digest>,
    /// What is held of the structures that each partner was the first to bring.
    shares: BTreeMap<StructureId, Load>,
    /// Until when proof is kept that a structure signed two records with one sequence, by what they are about.
    conflicts: BTreeMap<StructureId, BTreeMap<RecordKey, Timestamp>>,
    /// The structures of which an admin takes nothing, and the name each had; empty when none was known.
    refused: BTreeMap<StructureId, String>,
    /// How many stored records another version wrote, and this one cannot read.
    unread: u64,
    /// The départements that an admin chose.
    chosen: Option<Subscription>,
    /// Those where this structure is at home.
    home: Subscription,
    /// Grows with every change of what is held.
    generation: u64,
}

/// The directory of this node.
pub struct Directory {
    store: Arc<dyn Store>,
    own: Arc<Own>,
    clock: Clock,
    dice: Dice,
    index: Shared<Index>,
    carried: Carried,
    /// Held from judging a record until it is in the index.
    writing: tokio::sync::Mutex<()>,
    changed: watch::Sender<u64>,
    /// How each partner has answered, as last reckoned.
    histories: Shared<BTreeMap<StructureId, History>>,
    wishes: watch::Sender<u64>,
    news: broadcast::Sender<Arc<News>>,
    ready: std::sync::Mutex<Vec<news::Ready>>,
    passed_over: std::sync::Mutex<passed::PassedOver>,
    churn: churn::Churn,
    /// The last comparison with each partner; partners alone open streams.
    compared: std::sync::Mutex<BTreeMap<StructureId, Compared>>,
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Directory")
    }
}

impl Directory {
    /// Tells whenever this structure publishes something.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// The chains of structures that are no partners.
    pub fn carried(&self) -> &Carried {
        &self.carried
    }

    fn read<T>(&self, read: impl FnOnce(&domain::Directory) -> T) -> T {
        self.read_index(|index| read(&index.records))
    }

    fn read_index<T>(&self, read: impl FnOnce(&Index) -> T) -> T {
        read(&self.index.read())
    }

    /// How many records lie in the store that another version wrote and this one cannot read, as of the start.
    pub fn unread(&self) -> u64 {
        self.read_index(|index| index.unread)
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

    /// The structures that publish a service under this id.
    pub fn publishers(&self, id: &ServiceId) -> Vec<StructureId> {
        self.read(|records| {
            let by = records.all().filter_map(|held| match &held.record.body {
                Body::Service(service) => (service.id == *id).then_some(held.record.structure),
                Body::Structure(_) | Body::Capacity(_) | Body::Endorsement(_) | Body::Withdrawn(_) => None,
            });
            by.collect()
        })
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

    /// Another one after every change of the records held.
    pub fn version(&self) -> u64 {
        self.read(domain::Directory::version)
    }

    /// What the structures that are believed say of who they are. What they took back is theirs as well: a dump that still
    /// has it has not heard.
    pub fn claims(&self, voucher: impl Fn(StructureId) -> Backing) -> Claims {
        let now = self.clock.now();
        // Who is believed may be asked of the directory itself, and nobody reads it twice at once.
        let structures: BTreeSet<StructureId> =
            self.read(|records| records.all().map(|held| held.record.structure).collect());
        let believed: Vec<(StructureId, Backing)> = structures
            .into_iter()
            .map(|structure| (structure, voucher(structure)))
            .filter(|(_, voucher)| voucher.is_believed())
            .collect();
        let mut said = Vec::new();
        self.read(|records| {
            for (structure, voucher) in believed {
                let held = records.of(structure).filter(|held| held.record.expires_at > now);
                said.extend(held.filter_map(|held| said_of_itself(&held.record)).map(|said| (voucher, said)));
            }
        });
        // Ids are hashed when nobody waits for the directory.
        let mut claims = Claims::default();
        for (voucher, said) in said {
            match said {
                SaidOfItself::Profile(profile) => claims.hear(voucher, Some(&profile), []),
                SaidOfItself::Service(id) => claims.hear(voucher, None, [&id]),
            }
        }
        claims
    }

    /// Lets entries of open data be found in the place of those before; `meanwhile` is called while nobody searches.
    pub fn take_open(&self, open: LaidOut, meanwhile: &mut dyn FnMut()) {
        let former = {
            let mut index = self.index.write();
            meanwhile();
            index.records.replace_open(open)
        };
        // To let go of so many takes a while, and nobody waits for it.
        drop(former);
    }

    /// The records of a structure that hold now, withdrawals included, with their bytes.
    ///
    /// # Errors
    /// [`DirectoryError::Store`].
    pub async fn records_of(&self, structure: StructureId) -> Result<Vec<SignedRecord>, DirectoryError> {
        let now = self.clock.now();
        let documents = self.store.documents(Shelf::Record, structure.as_bytes()).await?;
        let records = documents.iter().filter(|document| Holds::of(&document.key) == Holds::Record);
        let records = records.map(|document| read_stored(&document.body));
        let records = records.collect::<Result<Vec<_>, _>>()?.into_iter().filter_map(|stored| match stored {
            Stored::Read(signed) => Some(signed),
            Stored::Unread(_) => None,
        });
        Ok(records.filter(|signed| signed.record.expires_at > now).collect())
    }

    /// The identities of the records held of a structure, withdrawals included.
    pub fn identities(&self, structure: StructureId) -> Vec<Digest> {
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
        let proofs = documents.iter().filter(|document| Holds::of(&document.key) == Holds::Conflict);
        Ok(proofs.map(read_conflict).collect::<Result<_, _>>()?)
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

/// What a structure says of who it is.
enum SaidOfItself {
    Profile(Box<Profile>),
    /// A service that it offers, or has taken back.
    Service(ServiceId),
}

fn said_of_itself(record: &Record) -> Option<SaidOfItself> {
    match (&record.body, record.key()) {
        (Body::Structure(profile), _) => Some(SaidOfItself::Profile(profile.clone())),
        (Body::Service(_) | Body::Withdrawn(_), RecordKey::Service(id)) => Some(SaidOfItself::Service(id)),
        (Body::Service(_) | Body::Withdrawn(_), _) | (Body::Capacity(_) | Body::Endorsement(_), _) => None,
    }
}

/// Says in the log what could not be done, and why.
fn told(done: Result<(), DirectoryError>, not: &str) {
    if let Err(error) = done {
        tracing::warn!(%error, "{not}");
    }
}

fn record_write(structure: StructureId, key: &RecordKey, body: Option<Vec<u8>>) -> DocumentWrite {
    write(document_key(structure, key, Holds::Record), body)
}

fn of_carried(error: CarriedError) -> DirectoryError {
    match error {
        CarriedError::Store(error) => DirectoryError::Store(error),
        CarriedError::Manifest(_) | CarriedError::Own | CarriedError::TooLong | CarriedError::Full => {
            DirectoryError::Store(StoreError::Unavailable(error.to_string()))
        }
    }
}

/// Whether a record that was admitted is to be kept.
const fn is_news(admitted: Admitted) -> bool {
    match admitted {
        Admitted::New | Admitted::Newer => true,
        Admitted::Same => false,
    }
}
