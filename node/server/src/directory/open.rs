//! Open data: a dump of data·inclusion, held as entries that nobody on the network vouches for. The words stay in the
//! store; in memory is what tells an entry apart.

mod body;
mod clean;
mod held;
mod index;
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
use index::Index;
use relais_domain::directory::{Claims, EntryKey, OPEN_SOURCES_MAX, Profile, Service, Siret};
use relais_domain::time::{Day, Span, Timestamp};
use relais_store::rows::{Document, Shelf};
use relais_store::{Store, StoreError};
use serde_json::{Map, Value};
use shelf::{Generation, Header};
use std::sync::Arc;
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

/// What is told while entries are read: at start, and after each seed.
#[derive(Clone, Copy, Debug)]
pub enum Walked<'a> {
    /// Reading begins: whatever was told before holds no more.
    Begun,
    /// A service.
    Past(Passed<'a>),
    /// Everything was told.
    Ended,
}

/// A service of open data, as it is walked past.
#[derive(Clone, Copy, Debug)]
pub struct Passed<'a> {
    /// Its number, until the next seed or start.
    pub number: u32,
    /// The service.
    pub service: &'a Service,
    /// The id of its structure.
    pub structure_id: &'a str,
    /// Until when it is shown.
    pub expires_at: Timestamp,
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
}

/// How open data stand.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OpenStatus {
    /// The sources.
    pub sources: Vec<OpenSource>,
    /// Services in memory: fewer than the sources have while they are read.
    pub loaded: u32,
    /// Services in whose place a signed record stands.
    pub hidden: u32,
    /// Whether entries are being read.
    pub loading: bool,
}

/// Who is told.
pub type Walk = dyn Fn(Walked<'_>) + Send + Sync;

/// What was heard last of structures that are believed, and of which state of the directory and the partners.
struct Heard {
    claims: Claims,
    of: Option<(u64, u64)>,
    at: Timestamp,
}

impl Default for Heard {
    fn default() -> Self {
        Self { claims: Claims::default(), of: None, at: Timestamp(i64::MIN) }
    }
}

/// The open data of this node.
pub struct OpenData {
    store: Arc<dyn Store>,
    clock: Clock,
    dice: Dice,
    index: Shared<Index>,
    claims: Shared<Heard>,
    /// Held while entries are written or read anew.
    working: Arc<Mutex<()>>,
    walk: Shared<Option<Arc<Walk>>>,
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
            index: Shared::default(),
            claims: Shared::default(),
            working: Arc::default(),
            walk: Shared::default(),
        }
    }

    fn read<T>(&self, read: impl FnOnce(&Index) -> T) -> T {
        read(&self.index.read())
    }

    fn write<T>(&self, write: impl FnOnce(&mut Index) -> T) -> T {
        write(&mut self.index.write())
    }

    /// Says who is told of each service that is read from now on; numbers begin again at 0 with each reading.
    pub fn walk_with(&self, walk: Arc<Walk>) {
        *self.walk.write() = Some(walk);
    }

    /// Reads every entry anew, and clears away what a run that broke off has left.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot.
    pub async fn load(&self) -> Result<(), StoreError> {
        let _working = self.working.lock().await;
        self.clear_left().await?;
        self.reload().await
    }

    /// The same, by who works already.
    async fn reload(&self) -> Result<(), StoreError> {
        self.write(Index::begin);
        self.tell(Walked::Begun);
        let mut headers = Vec::new();
        for source in 0..self.sources_max() {
            if let Some(header) = shelf::header(&*self.store, source).await? {
                headers.push((source, header));
            }
        }
        for (source, header) in headers {
            let generation = Generation { source, number: header.generation };
            self.write(|index| index.begin_source(source, header.clone()));
            for part in 0.. {
                let part = generation.part(&*self.store, Kind::Structure, part).await?;
                if part.is_empty() {
                    break;
                }
                let read: Vec<_> = part.iter().filter_map(known_structure).collect();
                self.write(|index| index.add_structures(&read));
            }
            self.write(Index::end_structures);
            for part in 0.. {
                let part = generation.part(&*self.store, Kind::Service, part).await?;
                if part.is_empty() {
                    break;
                }
                self.take_services(&header, &part);
                tokio::task::yield_now().await;
            }
        }
        self.write(Index::end);
        self.judge();
        self.write(Index::done);
        self.tell(Walked::Ended);
        Ok(())
    }

    /// Lets one work at a time; `None` when someone is at it. What is only being read is waited for.
    async fn work(&self) -> Option<OwnedMutexGuard<()>> {
        let working = Arc::clone(&self.working);
        if self.read(Index::is_loading) {
            return tokio::time::timeout(READING_WAIT_MAX, working.lock_owned()).await.ok();
        }
        working.try_lock_owned().ok()
    }

    fn tell(&self, walked: Walked<'_>) {
        let walk = self.walk.read().clone();
        if let Some(walk) = walk {
            walk(walked);
        }
    }

    fn take_services(&self, header: &Header, part: &[Document]) {
        let expires_at = Timestamp(header.seeded_ms).plus(OPEN_LIFETIME);
        for document in part {
            let Some((sequence, key)) = shelf::entry_of(document) else { continue };
            let Some((offered, _)) = read_service(&document.body) else {
                tracing::debug!("An entry of open data can no longer be read");
                continue;
            };
            let structure = EntryKey::of(&offered.structure);
            let Some(number) = self.write(|index| index.add_service(key, structure, sequence)) else {
                continue;
            };
            let (service, structure_id) = (&offered.service, offered.structure.as_str());
            self.tell(Walked::Past(Passed { number, service, structure_id, expires_at }));
        }
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
        if heard.claims == claims {
            return;
        }
        heard.claims = claims;
        drop(heard);
        self.judge();
    }

    fn judge(&self) {
        let heard = self.claims.read();
        self.write(|index| index.judge(&heard.claims));
    }

    /// Whether a signed record stands in the place of an entry, by its number.
    pub fn is_hidden(&self, number: u32) -> bool {
        self.read(|index| index.is_hidden(number))
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
        let Some(number) = self.read(|index| index.find(EntryKey::of(id))) else { return Ok(None) };
        let entry = self.entry(number).await?;
        Ok(entry.map(|entry| (entry, self.is_hidden(number))))
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
        self.read(Index::status)
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

/// What is held of a structure in memory.
fn known_structure(document: &Document) -> Option<index::Structure> {
    let (sequence, key) = shelf::entry_of(document)?;
    let object = body::decode(Kind::Structure, &document.body)?;
    let siret = object.get("siret").and_then(Value::as_str).and_then(Siret::parse);
    Some(index::Structure { key, siret, sequence })
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
