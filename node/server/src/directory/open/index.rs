//! What tells entries apart, in memory: 32 bytes a service, 32 a structure.

use super::shelf::{Generation, Header};
use super::{OpenSource, OpenStatus};
use relais_domain::directory::{Claims, EntryKey, Siret, Subject};
use relais_domain::time::{Day, Timestamp};

/// The entries of all sources, each source's by key.
#[derive(Debug, Default)]
pub(super) struct Index {
    sources: Vec<Source>,
    structures: Vec<(EntryKey, Option<Siret>)>,
    services: Vec<Line>,
    hidden: Vec<u64>,
    loading: bool,
}

#[derive(Debug)]
struct Source {
    number: u8,
    header: Header,
    /// Where its structures and services begin.
    structures: usize,
    services: usize,
}

#[derive(Clone, Copy, Debug)]
struct Line {
    key: EntryKey,
    /// Its structure, which the dump may not have.
    structure: EntryKey,
}

/// Where an entry is to be found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Place {
    pub(super) generation: Generation,
    pub(super) service: EntryKey,
    pub(super) source: String,
    pub(super) seeded_at: Timestamp,
}

impl Index {
    /// Forgets everything: it is read anew.
    pub(super) fn begin(&mut self) {
        *self = Self { loading: true, ..Self::default() };
    }

    /// From now on what is added is of this source.
    pub(super) fn begin_source(&mut self, number: u8, header: Header) {
        let (structures, services) = (self.structures.len(), self.services.len());
        self.structures.reserve_exact(usize::try_from(header.structures).unwrap_or_default());
        self.services.reserve_exact(usize::try_from(header.services).unwrap_or_default());
        self.sources.push(Source { number, header, structures, services });
    }

    /// Adds structures, in the order of their keys.
    pub(super) fn add_structures(&mut self, read: &[(EntryKey, Option<String>)]) {
        let siret = |text: &Option<String>| text.as_deref().and_then(Siret::parse);
        self.structures.extend(read.iter().map(|(key, text)| (*key, siret(text))));
    }

    /// Adds a service, in the order of keys; gives its number.
    pub(super) fn add_service(&mut self, key: EntryKey, structure: EntryKey) -> Option<u32> {
        let number = u32::try_from(self.services.len()).ok()?;
        self.services.push(Line { key, structure });
        Some(number)
    }

    /// Everything is read.
    pub(super) fn end(&mut self) {
        self.loading = false;
    }

    /// Hides the entries in whose place signed records stand.
    pub(super) fn judge(&mut self, claims: &Claims) {
        let mut hidden = vec![0_u64; self.services.len().div_ceil(64)];
        for (place, line) in self.services.iter().enumerate() {
            let siret = self.siret(place, line.structure);
            let subject = Subject { service: line.key, structure: line.structure, siret };
            if claims.take_the_place_of(subject)
                && let Some(bits) = hidden.get_mut(place / 64)
            {
                *bits |= 1 << (place % 64);
            }
        }
        self.hidden = hidden;
    }

    /// The SIRET of the structure of the service at a place.
    fn siret(&self, place: usize, structure: EntryKey) -> Option<Siret> {
        let source = self.sources.iter().rposition(|source| source.services <= place)?;
        let begin = self.sources.get(source)?.structures;
        let end = self.sources.get(source + 1).map_or(self.structures.len(), |next| next.structures);
        let own = self.structures.get(begin..end)?;
        let found = own.binary_search_by(|(key, _)| key.cmp(&structure)).ok()?;
        own.get(found)?.1
    }

    pub(super) fn is_hidden(&self, number: u32) -> bool {
        let place = usize::try_from(number).unwrap_or(usize::MAX);
        self.hidden.get(place / 64).is_some_and(|bits| bits >> (place % 64) & 1 == 1)
    }

    /// Where the entry of a number is to be found.
    pub(super) fn at(&self, number: u32) -> Option<Place> {
        let place = usize::try_from(number).ok()?;
        let source = self.sources.iter().rev().find(|source| source.services <= place)?;
        Some(source.place(self.services.get(place)?.key))
    }

    /// The number of the entry of a key.
    pub(super) fn find(&self, key: EntryKey) -> Option<u32> {
        let mut end = self.services.len();
        for source in self.sources.iter().rev() {
            let own = self.services.get(source.services..end).unwrap_or_default();
            if let Ok(place) = own.binary_search_by(|line| line.key.cmp(&key)) {
                return u32::try_from(source.services + place).ok();
            }
            end = source.services;
        }
        None
    }

    /// The keys of a source's services.
    pub(super) fn keys_of(&self, number: u8) -> Vec<EntryKey> {
        let Some(place) = self.sources.iter().position(|source| source.number == number) else {
            return Vec::new();
        };
        let begin = self.sources.get(place).map_or(0, |source| source.services);
        let end = self.sources.get(place + 1).map_or(self.services.len(), |next| next.services);
        self.services.get(begin..end).unwrap_or_default().iter().map(|line| line.key).collect()
    }

    /// The source that holds an entry.
    pub(super) fn source_of(&self, key: EntryKey) -> Option<(u8, String)> {
        let place = self.at(self.find(key)?)?;
        Some((place.generation.source, place.source))
    }

    /// Every source, by number.
    pub(super) fn sources(&self) -> impl Iterator<Item = (u8, &Header)> {
        self.sources.iter().map(|source| (source.number, &source.header))
    }

    /// What is known of a source by its name, and its number.
    pub(super) fn source(&self, name: &str) -> Option<(u8, &Header)> {
        let found = self.sources.iter().find(|source| source.header.name == name);
        found.map(|source| (source.number, &source.header))
    }

    /// A number that no source has.
    pub(super) fn free_source(&self, most: u8) -> Option<u8> {
        (0..most).find(|number| self.sources.iter().all(|source| source.number != *number))
    }

    /// The structures and services of every source but one.
    pub(super) fn counts_beside(&self, number: u8) -> (usize, usize) {
        let others = self.sources.iter().filter(|source| source.number != number);
        others.fold((0, 0), |(structures, services), source| {
            let count = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
            (structures + count(source.header.structures), services + count(source.header.services))
        })
    }

    pub(super) fn status(&self) -> OpenStatus {
        let sources = self.sources.iter().map(|Source { header, .. }| OpenSource {
            name: header.name.clone(),
            seeded_at: Timestamp(header.seeded_ms),
            structures: header.structures,
            services: header.services,
            refused: header.refused,
            set_aside: header.set_aside,
            newest: Day(header.newest_day),
        });
        OpenStatus {
            sources: sources.collect(),
            loaded: u32::try_from(self.services.len()).unwrap_or(u32::MAX),
            hidden: self.hidden.iter().map(|bits| bits.count_ones()).sum(),
            loading: self.loading,
        }
    }
}

impl Source {
    fn place(&self, service: EntryKey) -> Place {
        Place {
            generation: Generation { source: self.number, number: self.header.generation },
            service,
            source: self.header.name.clone(),
            seeded_at: Timestamp(self.header.seeded_ms),
        }
    }
}
