//! One run of a seed: a dump comes in piece by piece, its entries are written beside the former ones, and take their place
//! when the whole dump was read.

use super::awaited::{Awaited, Place};
use super::clean::{Cleaned, clean};
use super::shelf::{self, BATCH_DOCUMENTS_MAX, Generation, Header};
use super::{OpenData, body};
use crate::directory::dump::{Dump, DumpError, Entry, Kind};
use crate::directory::inclusion::{Count, Fields, OPEN, Wrong, service, structure};
use relais_domain::digest::Digest;
use relais_domain::directory::{
    EntryKey, OPEN_DUMP_BYTES_MAX, OPEN_ENTRY_BYTES_MAX, OPEN_SERVICES_MAX, OPEN_SOURCES_MAX,
    OPEN_STRUCTURES_MAX,
};
use relais_domain::ledger_leaf::{Leaf, LeafKind};
use relais_domain::territory::Former;
use relais_domain::time::Day;
use relais_store::batch::{Batch, DocumentWrite};
use relais_store::{CommitError, StoreError};
use relais_wire::text::is_plain_line_of;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::OwnedMutexGuard;

/// Most remarks of one effect that are told one by one; the rest is counted.
const REMARKS_MAX: u32 = 1_000;
/// Longest name of a source, in characters.
pub(super) const SOURCE_CHARS_MAX: usize = 60;
/// Most bytes of one batch.
const BATCH_BYTES_MAX: usize = 131_072;
/// How much of a piece is read at once, in bytes: what is read takes ten times the room.
const FED_BYTES: usize = 16_384;
/// Under which name former communes are counted.
const FORMER_COMMUNE: &str = "former_commune";

/// What a remark is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Effect {
    /// The entry is not taken.
    Refused,
    /// The entry is taken, the field is cut, cleaned or left out.
    SetAside,
    /// The code of a former commune was read as the present one's.
    Replaced,
}

/// What is said of a remark.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Said {
    /// What is wrong.
    Wrong(Wrong),
    /// The former commune.
    Former(Former),
}

/// Something to be said about an entry of a dump.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remark {
    /// What became of the entry.
    pub effect: Effect,
    /// Which file of the dump, from 0.
    pub file: u32,
    /// The line it begins on, from 1.
    pub line: u64,
    /// Its place in its array, or among the lines of its file, from 0.
    pub index: u32,
    /// Its id; empty when it has none that can be read.
    pub id: String,
    /// The field, as data·inclusion names it; empty when it is about the whole.
    pub field: String,
    /// What is said.
    pub said: Said,
}

/// How far a run is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SeedProgress {
    /// Bytes read.
    pub bytes: u64,
    /// Structures taken.
    pub structures: u32,
    /// Services taken.
    pub services: u32,
    /// Objects refused.
    pub refused: u32,
}

/// What became of a dump.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SeedReport {
    /// How far it went.
    pub read: SeedProgress,
    /// Services that the source did not have before.
    pub created: u32,
    /// Services that it had: they were taken anew.
    pub again: u32,
    /// Services that it had and has no more.
    pub gone: u32,
    /// How many remarks of each effect there are, by reason.
    pub counts: BTreeMap<(Effect, &'static str), u64>,
}

/// Why a dump takes no one's place. What was held before is still held.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// Someone else is at it.
    #[error("open data are being seeded or read already: try again when that is done")]
    Busy,
    /// No name that a source can have.
    #[error("name the source: one line of at most {SOURCE_CHARS_MAX} characters")]
    SourceName,
    /// Nothing is held under this name; what is.
    #[error("no source is called this: {}", told(.0))]
    UnknownSource(Vec<String>),
    /// No room for one source more.
    #[error("{OPEN_SOURCES_MAX} sources are held already: seed one of those, or remove one first")]
    TooManySources,
    /// The dump is too long.
    #[error("the dump is longer than {OPEN_DUMP_BYTES_MAX} bytes: seed a part of it")]
    TooLong,
    /// The dump cannot be read.
    #[error("{0}; what was held before is still held")]
    Dump(String),
    /// It holds no service; what was refused first.
    #[error("the dump holds no service that can be taken{0}; what was held before is still held")]
    Empty(String),
    /// No file of this name.
    #[error("a piece came before the file it is of")]
    NoFile,
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn told(held: &[String]) -> String {
    if held.is_empty() { "none is held".to_owned() } else { format!("held are {}", held.join(", ")) }
}

impl From<CommitError> for SeedError {
    fn from(error: CommitError) -> Self {
        Self::Store(super::unavailable(error))
    }
}

impl From<DumpError> for SeedError {
    fn from(error: DumpError) -> Self {
        Self::Dump(error.to_string())
    }
}

/// One run.
pub(crate) struct Run {
    open: Arc<OpenData>,
    _working: OwnedMutexGuard<()>,
    generation: Generation,
    former: Option<u8>,
    name: String,
    dump: Option<Dump>,
    file: u32,
    progress: SeedProgress,
    structures: BTreeSet<EntryKey>,
    services: BTreeSet<EntryKey>,
    /// Structures that services name and that have not come.
    awaited: Awaited,
    /// Entries that may still be taken, beside those of other sources.
    room: (usize, usize),
    newest: Day,
    set_aside: u32,
    waiting: Vec<DocumentWrite>,
    waiting_bytes: usize,
    remarks: Vec<Remark>,
    counts: BTreeMap<(Effect, &'static str), u64>,
    told: BTreeMap<Effect, u32>,
    /// What was refused first, in words.
    first: Option<String>,
}

impl OpenData {
    /// Begins a run for a source: what was seeded under its name before is replaced when the run ends well.
    ///
    /// # Errors
    /// [`SeedError`].
    pub(crate) async fn seed(self: &Arc<Self>, name: &str) -> Result<Run, SeedError> {
        let name = name.trim();
        if !is_plain_line_of(name, SOURCE_CHARS_MAX) {
            return Err(SeedError::SourceName);
        }
        let working = self.work().await.ok_or(SeedError::Busy)?;
        if !self.is_current() {
            self.reload().await?;
        }
        self.clear_left().await?;
        let (source, former, room) = self
            .read(|index| {
                let known = index.source(name).map(|(source, header)| (source, Some(header.generation)));
                let (source, former) =
                    known.or_else(|| Some((index.free_source(self.sources_max())?, None)))?;
                let (structures, services) = index.counts_beside(source);
                let room = (
                    OPEN_STRUCTURES_MAX.saturating_sub(structures),
                    OPEN_SERVICES_MAX.saturating_sub(services),
                );
                Some((source, former, room))
            })
            .ok_or(SeedError::TooManySources)?;
        let number = former.map_or(0, |former| former.wrapping_add(1));
        let left = shelf::leave(source, &[number]);
        self.store.commit(Batch { documents: vec![left], ..Batch::default() }).await?;
        let generation = Generation { source, number };
        // Numbers come round: whatever a former run of this one has left would be read as this run's.
        generation.clear(&*self.store).await?;
        Ok(Run {
            open: Arc::clone(self),
            _working: working,
            generation,
            former,
            name: name.to_owned(),
            dump: None,
            file: 0,
            progress: SeedProgress::default(),
            structures: BTreeSet::new(),
            services: BTreeSet::new(),
            awaited: Awaited::default(),
            room,
            newest: Day(i32::MIN),
            set_aside: 0,
            waiting: Vec::new(),
            waiting_bytes: 0,
            remarks: Vec::new(),
            counts: BTreeMap::new(),
            told: BTreeMap::new(),
            first: None,
        })
    }
}

impl Run {
    /// Begins the next file of the dump.
    ///
    /// # Errors
    /// [`SeedError`] when the one before ends in the middle.
    pub(crate) async fn begin_file(&mut self) -> Result<(), SeedError> {
        if self.dump.is_some() {
            self.end_file().await?;
            self.file = self.file.saturating_add(1);
        }
        self.dump = Some(Dump::default());
        Ok(())
    }

    /// Takes in the next bytes of the file.
    ///
    /// # Errors
    /// [`SeedError`]: the run is over, and what was held before is still held.
    pub(crate) async fn take(&mut self, bytes: &[u8]) -> Result<(), SeedError> {
        self.progress.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if self.progress.bytes > OPEN_DUMP_BYTES_MAX {
            return Err(SeedError::TooLong);
        }
        for some in bytes.chunks(FED_BYTES) {
            let entries = self.dump.as_mut().ok_or(SeedError::NoFile)?.feed(some)?;
            self.take_entries(entries).await?;
        }
        Ok(())
    }

    async fn end_file(&mut self) -> Result<(), SeedError> {
        let Some(dump) = self.dump.take() else { return Ok(()) };
        self.take_entries(dump.end()?).await
    }

    async fn take_entries(&mut self, entries: Vec<Entry>) -> Result<(), SeedError> {
        for entry in entries {
            self.take_entry(entry);
            if self.waiting.len() >= BATCH_DOCUMENTS_MAX || self.waiting_bytes >= BATCH_BYTES_MAX {
                self.put().await?;
            }
        }
        Ok(())
    }

    async fn put(&mut self) -> Result<(), SeedError> {
        let documents = std::mem::take(&mut self.waiting);
        self.waiting_bytes = 0;
        if !documents.is_empty() {
            self.open.store.commit(Batch { documents, ..Batch::default() }).await?;
        }
        Ok(())
    }

    /// Bytes taken in so far.
    pub(crate) const fn bytes(&self) -> u64 {
        self.progress.bytes
    }

    /// How many remarks wait to be told.
    pub(crate) const fn remarks(&self) -> usize {
        self.remarks.len()
    }

    /// How far it is, and what is to be said since it was asked last.
    pub(crate) fn progress(&mut self) -> (SeedProgress, Vec<Remark>) {
        (self.progress.clone(), std::mem::take(&mut self.remarks))
    }

    /// Puts what was read in the place of what was held, for the whole dump has come.
    ///
    /// # Errors
    /// [`SeedError`]: what was held before is still held, unless the store broke off after it was told.
    pub(crate) async fn end(&mut self) -> Result<SeedReport, SeedError> {
        self.end_file().await?;
        if self.services.is_empty() {
            let first = self.first.as_ref().map(|first| format!(" ({first})"));
            return Err(SeedError::Empty(first.unwrap_or_default()));
        }
        self.put().await?;
        for (place, services) in self.awaited.missing() {
            self.set_aside(&place, "structure_id", Wrong::StructureMissing(services));
        }
        let (created, again, gone) = self.compare();
        let open = Arc::clone(&self.open);
        let header = self.header();
        let source = self.generation.source;
        let left: Vec<u8> = self.former.into_iter().collect();
        let subject =
            Digest::of_parts(&[b"open-data", header.name.as_bytes(), &header.seeded_ms.to_be_bytes()]);
        let leaf = Leaf { kind: LeafKind::Administrative, subject, salt: open.dice.bytes() };
        let documents = shelf::turn(source, Some(&header), &left);
        // While the new entries are read the former ones are found: they are cleared away after that, and what was known
        // of the new ones is let go before, for both are in memory.
        (self.structures, self.services) = Default::default();
        open.is_outdated();
        open.store.commit(Batch { documents, leaves: vec![leaf], ..Batch::default() }).await?;
        open.reload().await?;
        if let Err(error) = shelf::clear_left(&*open.store, source, Some(header.generation)).await {
            tracing::warn!(%error, "Former open data are not cleared away yet: the next seed or start does it");
        }
        tracing::info!(services = header.services, refused = header.refused, "Open data seeded");
        let counts = std::mem::take(&mut self.counts);
        Ok(SeedReport { read: self.progress.clone(), created, again, gone, counts })
    }

    fn header(&self) -> Header {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Header {
            name: self.name.clone(),
            generation: self.generation.number,
            seeded_ms: self.open.clock.now().0,
            structures: count(self.structures.len()),
            services: count(self.services.len()),
            refused: self.progress.refused,
            set_aside: self.set_aside,
            newest_day: self.newest.0,
        }
    }

    /// How many services are new, known and gone.
    fn compare(&self) -> (u32, u32, u32) {
        let source = self.generation.source;
        let (again, before) = self.open.read(|index| {
            let before = index.keys_of(source);
            (before.iter().filter(|key| self.services.contains(key)).count(), before.len())
        });
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        (count(self.services.len().saturating_sub(again)), count(again), count(before.saturating_sub(again)))
    }

    fn take_entry(&mut self, entry: Entry) {
        let place = Place { file: self.file, line: entry.line, index: entry.index, id: String::new() };
        match entry.read {
            Err(broken) => self.refuse(&place, vec![(String::new(), Wrong::Broken(broken))]),
            Ok((kind, object)) => self.take_object(place, kind, object),
        }
    }

    fn take_object(&mut self, place: Place, kind: Kind, dirty: Map<String, Value>) {
        let Cleaned { object, aside } = clean(kind, dirty);
        let mut fields = Fields::of_object(&object, &OPEN);
        let place = Place { id: fields.id(), ..place };
        let read = match kind {
            Kind::Structure => structure::read(&mut fields).map(|read| (read.id, read.updated_on, None)),
            Kind::Service => service::read(&mut fields).map(|read| {
                (read.service.id.to_string(), read.service.updated_on, Some(EntryKey::of(&read.structure)))
            }),
        };
        let (problems, replaced) = (fields.problems, fields.replaced);
        let Some((id, updated_on, structure)) = read.filter(|_| problems.is_empty()) else {
            return self.refuse(&place, problems);
        };
        let key = EntryKey::of(&id);
        let body = self.admit(kind, key).and_then(|()| {
            let most = OPEN_ENTRY_BYTES_MAX;
            body::encode(kind, &object).map_err(|given| Wrong::EntryTooBig(Count { given, most }))
        });
        let body = match body {
            Ok(body) => body,
            Err(wrong) => return self.refuse(&place, vec![("id".to_owned(), wrong)]),
        };
        for (field, wrong) in aside {
            self.set_aside(&place, field, wrong);
        }
        for (field, former) in replaced {
            self.remark(Effect::Replaced, &place, field, Said::Former(former));
        }
        // A date that is still to come says nothing of how new a dump is.
        if updated_on.0 <= self.open.clock.now().day().0 {
            self.newest = self.newest.max(updated_on);
        }
        match structure {
            None => self.awaited.came(key),
            Some(structure) if self.structures.contains(&structure) => {}
            Some(structure) => self.awaited.named(structure, &place),
        }
        self.keep(kind, key, body);
    }

    /// Whether an entry may be taken: there is room, and nobody has brought it yet.
    fn admit(&self, kind: Kind, key: EntryKey) -> Result<(), Wrong> {
        let (seen, room, most, twice) = match kind {
            Kind::Structure => (&self.structures, self.room.0, OPEN_STRUCTURES_MAX, Wrong::StructureTwice),
            Kind::Service => (&self.services, self.room.1, OPEN_SERVICES_MAX, Wrong::ServiceTwice),
        };
        if seen.contains(&key) {
            return Err(twice);
        }
        if seen.len() >= room {
            return Err(Wrong::TooManyEntries(most));
        }
        let other = match kind {
            Kind::Structure => None,
            Kind::Service => self.open.read(|index| index.source_of(key)),
        };
        match other {
            Some((source, name)) if source != self.generation.source => Err(Wrong::OtherSource(name)),
            Some(_) | None => Ok(()),
        }
    }

    fn keep(&mut self, kind: Kind, key: EntryKey, body: Vec<u8>) {
        let sequence = match kind {
            Kind::Structure => self.progress.structures,
            Kind::Service => self.progress.services,
        };
        match kind {
            Kind::Structure => {
                self.structures.insert(key);
                self.progress.structures = self.progress.structures.saturating_add(1);
            }
            Kind::Service => {
                self.services.insert(key);
                self.progress.services = self.progress.services.saturating_add(1);
            }
        }
        self.waiting_bytes += body.len();
        self.waiting.push(shelf::write(self.generation.key(kind, (sequence, key)), Some(body)));
    }

    fn refuse(&mut self, place: &Place, problems: Vec<(String, Wrong)>) {
        self.progress.refused = self.progress.refused.saturating_add(1);
        if let (None, Some((field, wrong))) = (&self.first, problems.first()) {
            let dot = if field.is_empty() { "" } else { ": " };
            self.first = Some(format!("line {}{dot}{field}: {wrong}", place.line));
        }
        for (field, wrong) in problems {
            self.remark(Effect::Refused, place, field, Said::Wrong(wrong));
        }
    }

    fn set_aside(&mut self, place: &Place, field: &str, wrong: Wrong) {
        self.set_aside = self.set_aside.saturating_add(1);
        self.remark(Effect::SetAside, place, field.to_owned(), Said::Wrong(wrong));
    }

    fn remark(&mut self, effect: Effect, place: &Place, field: String, said: Said) {
        let reason = match &said {
            Said::Wrong(wrong) => wrong.reason(),
            Said::Former(_) => FORMER_COMMUNE,
        };
        *self.counts.entry((effect, reason)).or_default() += 1;
        let told = self.told.entry(effect).or_default();
        if *told < REMARKS_MAX {
            *told += 1;
            let Place { file, line, index, id } = place.clone();
            self.remarks.push(Remark { effect, file, line, index, id, field, said });
        }
    }
}

#[cfg(test)]
mod tests;
