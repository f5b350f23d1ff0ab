//! Which record holds: the newest of each structure, kind and service, while it has not expired.

use super::catalogue::{Catalogue, Home};
use super::identities::Identities;
use super::laid_out::LaidOut;
use super::listing::Room;
use super::{
    Body, CAPACITY_LIFETIME_MAX, CAPACITY_LIFETIME_MIN, Capacity, Door, ENDORSEMENT_LIFETIME_MAX,
    ENDORSEMENT_LIFETIME_MIN, LIFETIME_MAX, LIFETIME_MIN, Listing, Load, Partitions, Profile, Record,
    RecordKey, Service, load,
};
use crate::digest::Digest;
use crate::id::ServiceId;
use crate::limits::CLOCK_TOLERANCE;
use crate::structure_id::StructureId;
use crate::theme::Theme;
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The records that hold, in memory.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    records: BTreeMap<StructureId, Of>,
    identities: Identities,
    catalogue: Catalogue,
    open: LaidOut,
    load: Load,
    version: u64,
}

/// The records of one structure, by subject, and what they take.
#[derive(Clone, Debug, Default)]
struct Of {
    records: BTreeMap<RecordKey, Box<Filed>>,
    load: Load,
}

/// A record that holds, and its identity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Held {
    /// The record.
    pub record: Record,
    /// SHA-256 of what was signed.
    pub identity: Digest,
}

/// A record that holds, and where it belongs.
#[derive(Clone, Debug)]
pub(super) struct Filed {
    held: Held,
    partitions: Partitions,
}

/// What became of a record that was admitted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Admitted {
    /// The first about its subject.
    New,
    /// It took the place of an older one.
    Newer,
    /// It was held already.
    Same,
}

/// Why a record is not admitted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DirectoryRefusal {
    /// A newer one is held.
    Older {
        /// The sequence held.
        held: u64,
    },
    /// Another one with the same sequence is held: its structure signed both, which is proof of a lie.
    Equivocation {
        /// Identity of the one held.
        held: Digest,
    },
    /// It has expired.
    Expired,
    /// It lies further in the future than clocks may be apart.
    FromTheFuture,
    /// It would be published for too short or too long.
    Lifetime,
    /// It takes the place of an endorsement that was signed after it: its end would then not be the last one.
    Backdated,
    /// The directory keeps no more of this structure, or none at all: neither in number nor in bytes.
    Full,
}

impl fmt::Display for DirectoryRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Older { held } => write!(f, "a newer record is held, with sequence {held}"),
            Self::Equivocation { .. } => {
                f.write_str("another record with the same sequence is held: its structure signed both")
            }
            Self::Expired => f.write_str("the record has expired"),
            Self::FromTheFuture => f.write_str("the record was signed in the future: compare the clocks"),
            Self::Lifetime => f.write_str("the record's lifetime is out of bounds"),
            Self::Backdated => f.write_str("the record was signed before the one that it replaces"),
            Self::Full => f.write_str("the directory is full"),
        }
    }
}

impl std::error::Error for DirectoryRefusal {}

impl Directory {
    /// Takes in a verified record.
    ///
    /// # Errors
    /// [`DirectoryRefusal`]: the directory stays as it is.
    pub fn admit(
        &mut self,
        record: Record,
        identity: Digest,
        now: Timestamp,
    ) -> Result<Admitted, DirectoryRefusal> {
        let admitted = self.judge(&record, identity, now)?;
        if admitted != Admitted::Same {
            self.put(record, identity);
        }
        Ok(admitted)
    }

    /// What would become of a record, without taking it in.
    ///
    /// # Errors
    /// As [`Directory::admit`].
    pub fn judge(
        &self,
        record: &Record,
        identity: Digest,
        now: Timestamp,
    ) -> Result<Admitted, DirectoryRefusal> {
        within_time(record, now)?;
        let held = self.held(record.structure, &record.key());
        // What has ended and is not swept yet is still the newest there was.
        if let Some(ended) = held.filter(|held| kept_until(&held.record) <= now)
            && record.sequence <= ended.record.sequence
        {
            return Err(DirectoryRefusal::Older { held: ended.record.sequence });
        }
        let Some(held) = held.filter(|held| kept_until(&held.record) > now) else {
            self.has_room(record)?;
            return Ok(Admitted::New);
        };
        match record.sequence.cmp(&held.record.sequence) {
            std::cmp::Ordering::Less => Err(DirectoryRefusal::Older { held: held.record.sequence }),
            std::cmp::Ordering::Equal if held.identity == identity => Ok(Admitted::Same),
            std::cmp::Ordering::Equal => Err(DirectoryRefusal::Equivocation { held: held.identity }),
            std::cmp::Ordering::Greater if is_backdated(record, &held.record) => {
                Err(DirectoryRefusal::Backdated)
            }
            std::cmp::Ordering::Greater => {
                self.has_room(record)?;
                Ok(Admitted::Newer)
            }
        }
    }

    /// What a record would take beyond what it takes the place of.
    pub fn growth(&self, record: &Record) -> Load {
        let held = self.held(record.structure, &record.key());
        let of_structure =
            if self.records.contains_key(&record.structure) { Load::NONE } else { Load::OF_STRUCTURE };
        Load::of(record).plus(of_structure).minus(held.map_or(Load::NONE, |held| Load::of(&held.record)))
    }

    fn has_room(&self, record: &Record) -> Result<(), DirectoryRefusal> {
        let growth = self.growth(record);
        let of_structure = self.load_of(record.structure).plus(growth);
        let fits =
            of_structure.fits(load::LOAD_PER_STRUCTURE_MAX) && self.load.plus(growth).fits(load::LOAD_MAX);
        if fits || growth == Load::NONE { Ok(()) } else { Err(DirectoryRefusal::Full) }
    }

    fn put(&mut self, record: Record, identity: Digest) {
        let (structure, key) = (record.structure, record.key());
        self.remove(structure, &key);
        self.list(&record);
        let growth = self.growth(&record);
        let filed = Filed { held: Held { record, identity }, partitions: Partitions::NONE };
        self.identities.insert(&filed.held);
        let of = self.records.entry(structure).or_default();
        of.records.insert(key.clone(), Box::new(filed));
        of.load = of.load.plus(growth);
        self.load = self.load.plus(growth);
        self.version = self.version.wrapping_add(1);
        self.place(structure, &key);
    }

    /// Notes where a record belongs; the places of a service belong where it does.
    fn place(&mut self, structure: StructureId, key: &RecordKey) {
        let places = match key {
            RecordKey::Service(id) => Some(RecordKey::Capacity(id.clone())),
            RecordKey::Structure | RecordKey::Capacity(_) | RecordKey::Endorsement(_) => None,
        };
        for key in [Some(key), places.as_ref()].into_iter().flatten() {
            let Some(partitions) = self.held(structure, key).map(|held| self.partitions(&held.record)) else {
                continue;
            };
            if let Some(filed) = self.records.get_mut(&structure).and_then(|of| of.records.get_mut(key)) {
                filed.partitions = partitions;
            }
        }
    }

    /// Another one after every change of the records held.
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// Lets a service, or what is said of its places, be found.
    fn list(&mut self, record: &Record) {
        let structure = record.structure;
        match &record.body {
            Body::Service(service) => {
                self.catalogue.put(Listing::published(structure, service, record.expires_at));
                let places = RecordKey::Capacity(service.id.clone());
                let held = self.held(structure, &places).map(|held| held.record.clone());
                if let Some(record) = held {
                    self.list(&record);
                }
            }
            Body::Capacity(capacity) => {
                let door = Door::Published { structure, service: capacity.service.clone() };
                self.catalogue.set_room(&door, Some(Room::of(capacity, record.expires_at)));
            }
            Body::Structure(_) | Body::Endorsement(_) | Body::Withdrawn(_) => {}
        }
    }

    /// Lets these entries of open data be found instead of those that were before, and gives those back: to let go of so
    /// many takes a while, and nobody shall wait for it.
    pub fn replace_open(&mut self, open: LaidOut) -> LaidOut {
        std::mem::replace(&mut self.open, open)
    }

    /// What answers a theme for people of a commune, signed or not, each once.
    pub(super) fn open_to<'a>(&'a self, theme: Theme, home: &'a Home) -> impl Iterator<Item = &'a Listing> {
        self.catalogue.open_to(theme, home).chain(self.open.open_to(theme, home))
    }

    /// Whatever answers a theme, wherever it is open to, signed or not, each once.
    pub(super) fn anywhere(&self, theme: Theme) -> impl Iterator<Item = &Listing> {
        self.catalogue.anywhere(theme).chain(self.open.anywhere(theme))
    }

    /// What is signed and can be searched.
    pub(super) const fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Drops a record, and leaves nothing in its place.
    pub fn remove(&mut self, structure: StructureId, key: &RecordKey) {
        let Some(of) = self.records.get_mut(&structure) else { return };
        let Some(filed) = of.records.remove(key) else { return };
        let held = filed.held;
        self.version = self.version.wrapping_add(1);
        let mut load = Load::of(&held.record);
        of.load = of.load.minus(load);
        if of.records.is_empty() {
            load = load.plus(of.load);
            self.records.remove(&structure);
        }
        self.load = self.load.minus(load);
        self.identities.remove(&held);
        self.place(structure, key);
        match held.record.body {
            Body::Service(service) => {
                self.catalogue.remove(&Door::Published { structure, service: service.id });
            }
            Body::Capacity(capacity) => {
                self.catalogue.set_room(&Door::Published { structure, service: capacity.service }, None);
            }
            Body::Structure(_) | Body::Endorsement(_) | Body::Withdrawn(_) => {}
        }
    }

    /// Puts back a record that was admitted before and is kept although it has ended.
    ///
    /// # Errors
    /// [`DirectoryRefusal::Expired`] when it is kept no more.
    pub fn restore(
        &mut self,
        record: Record,
        identity: Digest,
        now: Timestamp,
    ) -> Result<(), DirectoryRefusal> {
        if kept_until(&record) <= now {
            return Err(DirectoryRefusal::Expired);
        }
        self.put(record, identity);
        Ok(())
    }

    /// Drops what is kept no more, and says what that was.
    pub fn sweep(&mut self, now: Timestamp) -> Vec<(StructureId, RecordKey)> {
        let expired: Vec<(StructureId, RecordKey)> = self
            .all()
            .filter(|held| kept_until(&held.record) <= now)
            .map(|held| (held.record.structure, held.record.key()))
            .collect();
        for (structure, key) in &expired {
            self.remove(*structure, key);
        }
        expired
    }

    /// Drops every record of a structure, and says what they were about.
    pub fn forget(&mut self, structure: StructureId) -> Vec<RecordKey> {
        let keys: Vec<RecordKey> = self.of(structure).map(|held| held.record.key()).collect();
        for key in &keys {
            self.remove(structure, key);
        }
        keys
    }

    /// How many records are held, withdrawn and expired ones included.
    pub const fn count(&self) -> usize {
        self.load.records
    }

    /// What all records take.
    pub const fn load(&self) -> Load {
        self.load
    }

    /// What the records of a structure take.
    pub fn load_of(&self, structure: StructureId) -> Load {
        self.records.get(&structure).map_or(Load::NONE, |of| of.load)
    }

    /// Every record held, withdrawn and expired ones included, by structure and subject.
    pub fn all(&self) -> impl Iterator<Item = &Held> {
        self.records.values().flat_map(|of| of.records.values()).map(|filed| &filed.held)
    }

    /// What each structure's record about this is.
    pub(super) fn of_each(&self, key: RecordKey) -> impl Iterator<Item = &Held> + use<'_> {
        self.records.values().filter_map(move |of| of.records.get(&key)).map(|filed| &filed.held)
    }

    /// The records of a structure, withdrawn and expired ones included, by subject.
    pub fn of(&self, structure: StructureId) -> impl Iterator<Item = &Held> {
        let filed = self.records.get(&structure).into_iter().flat_map(|of| of.records.values());
        filed.map(|filed| &filed.held)
    }

    /// The record held about a subject, withdrawn and expired ones included.
    pub fn held(&self, structure: StructureId, key: &RecordKey) -> Option<&Held> {
        self.records.get(&structure)?.records.get(key).map(|filed| &filed.held)
    }

    /// The records with these identities, withdrawn and expired ones included.
    pub fn with_identities(&self, identities: &BTreeSet<Digest>) -> Vec<&Held> {
        let ranges = identities.iter().flat_map(|identity| self.identities.structures(identity));
        let structures = ranges.flat_map(|range| self.records.range(range).map(|(structure, _)| *structure));
        let structures: BTreeSet<StructureId> = structures.collect();
        let of_them = structures.into_iter().flat_map(|structure| self.of(structure));
        of_them.filter(|held| identities.contains(&held.identity)).collect()
    }

    /// When each record was signed that has not expired, its identity, and where it belongs.
    pub fn placed(&self, now: Timestamp) -> impl Iterator<Item = (Timestamp, Digest, Partitions)> {
        let filed = self.records.values().flat_map(|of| of.records.values());
        let current = filed.filter(move |filed| filed.held.record.expires_at > now);
        current.map(|filed| (filed.held.record.issued_at, filed.held.identity, filed.partitions))
    }

    fn current(&self, structure: StructureId, key: &RecordKey, now: Timestamp) -> Option<&Record> {
        self.held(structure, key).map(|held| &held.record).filter(|record| record.expires_at > now)
    }

    /// What a structure says of itself.
    pub fn profile(&self, structure: StructureId, now: Timestamp) -> Option<&Profile> {
        match &self.current(structure, &RecordKey::Structure, now)?.body {
            Body::Structure(profile) => Some(profile),
            Body::Service(_) | Body::Capacity(_) | Body::Endorsement(_) | Body::Withdrawn(_) => None,
        }
    }

    /// A service, and when this version was signed.
    pub fn service(
        &self,
        structure: StructureId,
        id: &ServiceId,
        now: Timestamp,
    ) -> Option<(&Service, Timestamp)> {
        let record = self.current(structure, &RecordKey::Service(id.clone()), now)?;
        match &record.body {
            Body::Service(service) => Some((service, record.issued_at)),
            Body::Structure(_) | Body::Capacity(_) | Body::Endorsement(_) | Body::Withdrawn(_) => None,
        }
    }

    /// The places of a service, and until when they are taken as true.
    pub fn capacity(
        &self,
        structure: StructureId,
        id: &ServiceId,
        now: Timestamp,
    ) -> Option<(&Capacity, Timestamp)> {
        let record = self.current(structure, &RecordKey::Capacity(id.clone()), now)?;
        match &record.body {
            Body::Capacity(capacity) => Some((capacity, record.expires_at)),
            Body::Structure(_) | Body::Service(_) | Body::Endorsement(_) | Body::Withdrawn(_) => None,
        }
    }
}

/// Refuses what is not within its time.
fn within_time(record: &Record, now: Timestamp) -> Result<(), DirectoryRefusal> {
    if record.issued_at > now.plus(CLOCK_TOLERANCE) {
        return Err(DirectoryRefusal::FromTheFuture);
    }
    if record.expires_at <= now {
        return Err(DirectoryRefusal::Expired);
    }
    let (shortest, longest) = match (record.key(), &record.body) {
        (RecordKey::Structure | RecordKey::Service(_), _) => (LIFETIME_MIN, LIFETIME_MAX),
        (RecordKey::Capacity(_), _) => (CAPACITY_LIFETIME_MIN, CAPACITY_LIFETIME_MAX),
        // Shorter, it could end before a version that it takes back.
        (RecordKey::Endorsement(_), Body::Withdrawn(_)) => {
            (ENDORSEMENT_LIFETIME_MAX, ENDORSEMENT_LIFETIME_MAX)
        }
        (RecordKey::Endorsement(_), _) => (ENDORSEMENT_LIFETIME_MIN, ENDORSEMENT_LIFETIME_MAX),
    };
    let lifetime = record.expires_at.since(record.issued_at);
    if (shortest..=longest).contains(&lifetime) { Ok(()) } else { Err(DirectoryRefusal::Lifetime) }
}

/// Until when a record stands in the way of older ones about the same. An endorsement does so beyond its own end, for as
/// long as any older version could last: one that was shortened or taken back never comes to life again.
fn kept_until(record: &Record) -> Timestamp {
    match record.key() {
        RecordKey::Structure | RecordKey::Service(_) | RecordKey::Capacity(_) => record.expires_at,
        RecordKey::Endorsement(_) => record.issued_at.plus(ENDORSEMENT_LIFETIME_MAX),
    }
}

/// Whether an endorsement would be kept for less long than the one that it replaces.
fn is_backdated(record: &Record, held: &Record) -> bool {
    kept_until(record) < kept_until(held) && matches!(record.key(), RecordKey::Endorsement(_))
}
