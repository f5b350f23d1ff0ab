//! Open data: a dump of data·inclusion, held as entries that nobody on the network vouches for. The words stay in the
//! store; in memory is what tells an entry apart.

mod awaited;
mod body;
mod clean;
mod held;
mod index;
mod reading;
mod remove;
mod seed;
mod shelf;

#[cfg(test)]
mod tests;

pub(super) use body::fields;
pub(super) use held::{HeldOpen, HeldSource};
pub(crate) use seed::Run;
pub use seed::{Effect, Remark, Said, SeedError, SeedProgress, SeedReport};

use super::dump::Kind;
use super::inclusion::{Fields, OPEN, service, structure};
use crate::clock::{Clock, Dice};
use crate::shared::Shared;
use index::{Hidden, Index};
use relais_domain::directory::{Claims, EntryKey, LaidOut, OPEN_SOURCES_MAX, Profile, Service};
use relais_domain::time::{Day, Span, Timestamp};
use relais_store::rows::Shelf;
use relais_store::{Store, StoreError};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard};

/// How long after it was seeded an entry is still shown: what nobody has looked at for a year has moved.
pub const OPEN_LIFETIME: Span = Span::days(365);

/// How often a changed directory is asked who says what of themselves.
const HEARING_PERIOD: Span = Span::seconds(1);
/// Longest wait for entries that are being read, at start or after a seed.
const READING_WAIT_MAX: Duration = Duration::from_secs(60);

/// A service of open data, as it is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenEntry {
    /// The service.
    pub service: Service,
    /// The id of its structure.
    pub structure_id: String,
    /// Its structure, if the dump has it.
    pub structure: Option<Profile>,
    /// Who wrote the entry: the producer the dump names.
    pub producer: String,
    /// The source it was seeded from.
    pub source: String,
    /// When that was.
    pub seeded_at: Timestamp,
}

/// What is known of a source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenSource {
    /// What it is called.
    pub name: String,
    /// When it was seeded.
    pub seeded_at: Timestamp,
    /// Structures held.
    pub structures: u32,
    /// Services held.
    pub services: u32,
    /// Objects that were refused.
    pub refused: u32,
    /// Fields that were set aside.
    pub set_aside: u32,
    /// The last day on which an entry was changed.
    pub newest: Day,
    /// Services that can be read no more: the lists of values or of communes have changed since.
    pub unreadable: u32,
}

/// How open data stand.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OpenStatus {
    /// The sources.
    pub sources: Vec<OpenSource>,
    /// Services that can be found.
    pub loaded: u32,
    /// Services in whose place a signed record stands.
    pub hidden: u32,
    /// Whether entries are being read, or to be read: something else is found than the sources have.
    pub loading: bool,
}

/// Lets entries be found in the place of others, and calls back while nobody searches.
pub type Take = dyn Fn(LaidOut, &mut dyn FnMut()) + Send + Sync;

/// What was heard last of structures that are believed, and of which state of the directory and the partners.
struct Heard {
    claims: Arc<Claims>,
    of: Option<(u64, u64)>,
    at: Timestamp,
}

/// What is shown: an index that changes no more, and what of it is hidden.
#[derive(Clone, Default)]
pub(crate) struct Shown {
    /// How many readings have ended.
    readings: u64,
    index: Arc<Index>,
    hidden: Arc<Hidden>,
}

impl Shown {
    /// Whether an entry is not to be shown, by its number: a signed record stands in its place, or it is there no more.
    pub(crate) fn is_hidden(&self, number: u32) -> bool {
        self.index.is_hidden(&self.hidden, number)
    }
}

impl Default for Heard {
    fn default() -> Self {
        Self { claims: Arc::default(), of: None, at: Timestamp(i64::MIN) }
    }
}

/// The open data of this node.
pub struct OpenData {
    store: Arc<dyn Store>,
    clock: Clock,
    dice: Dice,
    shown: Shared<Shown>,
    /// Whether what is shown is what the store has.
    current: AtomicBool,
    claims: Shared<Heard>,
    /// Held while entries are written or read anew.
    working: Arc<Mutex<()>>,
    take: Shared<Option<Arc<Take>>>,
}

impl std::fmt::Debug for OpenData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OpenData")
    }
}

impl OpenData {
    /// Open data over a store; nothing is read yet.
    pub fn new(store: Arc<dyn Store>, clock: Clock, dice: Dice) -> Self {
        Self {
            store,
            clock,
            dice,
            shown: Shared::default(),
            current: AtomicBool::new(false),
            claims: Shared::default(),
            working: Arc::default(),
            take: Shared::default(),
        }
    }

    fn read<T>(&self, read: impl FnOnce(&Index) -> T) -> T {
        read(&self.shown().index)
    }

    /// What is shown now.
    pub(crate) fn shown(&self) -> Shown {
        self.shown.read().clone()
    }

    /// Says how entries are found that are read from now on.
    pub fn found_through(&self, take: Arc<Take>) {
        *self.take.write() = Some(take);
    }

    /// How many readings have ended: what was found before another one ended may be there no more.
    pub fn readings(&self) -> u64 {
        self.shown.read().readings
    }

    /// Whether what is shown is what the store has.
    pub(crate) fn is_current(&self) -> bool {
        self.current.load(Ordering::Acquire)
    }

    /// Lets one work at a time; `None` when someone is at it. What is only being read is waited for.
    async fn work(&self) -> Option<OwnedMutexGuard<()>> {
        let working = Arc::clone(&self.working);
        if !self.is_current() {
            return tokio::time::timeout(READING_WAIT_MAX, working.lock_owned()).await.ok();
        }
        working.try_lock_owned().ok()
    }

    /// Takes in what structures that are believed say of who they are: entries of theirs are hidden. `of` is the state of
    /// the directory and of the partners: a change of trust is heard at once, one of the directory once a second, for
    /// thousands of records may come in a row.
    pub fn hear(&self, of: (u64, u64), claims: impl FnOnce() -> Claims) {
        let now = self.clock.now();
        {
            let heard = self.claims.read();
            let lately = now < heard.at.plus(HEARING_PERIOD) && now >= heard.at;
            if heard.of == Some(of) || (lately && heard.of.is_some_and(|(_, trust)| trust == of.1)) {
                return;
            }
        }
        let claims = claims();
        let mut heard = self.claims.write();
        (heard.of, heard.at) = (Some(of), now);
        if *heard.claims == claims {
            return;
        }
        heard.claims = Arc::new(claims);
        drop(heard);
        self.judge();
    }

    /// Judges what is shown by what was heard last, until neither changes meanwhile.
    fn judge(&self) {
        loop {
            let (index, claims) = (self.shown().index, Arc::clone(&self.claims.read().claims));
            let hidden = Arc::new(index.judge(&claims));
            let same = {
                let mut shown = self.shown.write();
                let same = Arc::ptr_eq(&shown.index, &index);
                if same {
                    shown.hidden = hidden;
                }
                same
            };
            if same && Arc::ptr_eq(&self.claims.read().claims, &claims) {
                return;
            }
        }
    }

    /// Whether an entry is not to be shown, by its number: a signed record stands in its place, or it is there no more.
    pub fn is_hidden(&self, number: u32) -> bool {
        self.shown().is_hidden(number)
    }

    /// An entry by its number; `None` when there is none any more.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot.
    pub async fn entry(&self, number: u32) -> Result<Option<OpenEntry>, StoreError> {
        match self.read(|index| index.at(number)) {
            Some(place) => self.fetch(place).await,
            None => Ok(None),
        }
    }

    /// An entry by its id, and whether a signed record stands in its place.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot.
    pub async fn entry_of(&self, id: &str) -> Result<Option<(OpenEntry, bool)>, StoreError> {
        loop {
            let (readings, shown) = (self.readings(), self.shown());
            let number = shown.index.find(EntryKey::of(id));
            let Some(place) = number.and_then(|number| shown.index.at(number)) else { return Ok(None) };
            let entry = self.fetch(place).await?;
            // What lay there may have been cleared away after another reading.
            if entry.is_some() || self.readings() == readings {
                return Ok(entry.zip(number.map(|number| shown.is_hidden(number))));
            }
        }
    }

    async fn fetch(&self, place: index::Place) -> Result<Option<OpenEntry>, StoreError> {
        let index::Place { generation, service, structure, source, seeded_at } = place;
        let key = generation.key(Kind::Service, service);
        let Some(document) = self.store.document(Shelf::OpenData, &key).await? else { return Ok(None) };
        let Some((offered, producer)) = read_service(&document.body) else { return Ok(None) };
        let structure = match structure {
            Some(structure) => {
                self.store.document(Shelf::OpenData, &generation.key(Kind::Structure, structure)).await?
            }
            None => None,
        };
        Ok(Some(OpenEntry {
            service: offered.service,
            structure_id: offered.structure,
            structure: structure.and_then(|document| read_structure(&document.body)),
            producer,
            source,
            seeded_at,
        }))
    }

    /// How open data stand.
    pub fn status(&self) -> OpenStatus {
        let shown = self.shown();
        OpenStatus { loading: !self.is_current(), ..shown.index.status(&shown.hidden) }
    }

    fn sources_max(&self) -> u8 {
        u8::try_from(OPEN_SOURCES_MAX).unwrap_or(u8::MAX)
    }

    async fn clear_left(&self) -> Result<(), StoreError> {
        for source in 0..self.sources_max() {
            let held = shelf::header(&*self.store, source).await?.map(|header| header.generation);
            shelf::clear_left(&*self.store, source, held).await.map_err(unavailable)?;
        }
        Ok(())
    }
}

fn unavailable(error: relais_store::CommitError) -> StoreError {
    match error {
        relais_store::CommitError::Store(error) => error,
        relais_store::CommitError::Conflict => StoreError::Unavailable(error.to_string()),
    }
}

fn read_service(body: &[u8]) -> Option<(service::Offered, String)> {
    let object = body::decode(Kind::Service, body)?;
    let mut fields = Fields::of_object(&object, &OPEN);
    let offered = service::read(&mut fields).filter(|_| fields.problems.is_empty())?;
    Some((offered, producer(&object)))
}

fn read_structure(body: &[u8]) -> Option<Profile> {
    let object = body::decode(Kind::Structure, body)?;
    let mut fields = Fields::of_object(&object, &OPEN);
    structure::read(&mut fields).filter(|_| fields.problems.is_empty()).map(|described| described.profile)
}

fn producer(object: &Map<String, Value>) -> String {
    object.get("source").and_then(Value::as_str).unwrap_or_default().to_owned()
}
