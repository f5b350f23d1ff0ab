//! What tells entries apart, in memory: 40 bytes a service, 56 a structure. An index is made beside the one that is shown
//! and is changed no more once it is shown itself.

use super::shelf::{Generation, Header};
use super::{OpenSource, OpenStatus};
use relais_domain::directory::{Claims, EntryKey, OPEN_SERVICES_MAX, Siret, Subject};
use relais_domain::id::SiteId;
use relais_domain::time::{Day, Timestamp};

/// The entries of all sources, by number: each source's in the order in which they were written.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// The number of the first service: no number is that of another entry in the reading before.
    first: u32,
    sources: Vec<Source>,
    /// Each source's structures, by site once they are all there.
    structures: Vec<Structure>,
    services: Vec<Line>,
    /// The places of services, by key, once they are all there.
    by_key: Vec<u32>,
}

/// In whose place signed records stand, a bit each.
#[derive(Debug, Default)]
pub(super) struct Hidden(Vec<u64>);

impl Hidden {
    fn has(&self, place: usize) -> bool {
        self.0.get(place / 64).is_some_and(|bits| bits >> (place % 64) & 1 == 1)
    }
}

#[derive(Debug)]
struct Source {
    number: u8,
    header: Header,
    /// Where its structures and services begin.
    structures: usize,
    services: usize,
    /// Services that can be read no more.
    unreadable: u32,
}

#[derive(Clone, Copy, Debug)]
struct Line {
    key: EntryKey,
    /// The site of its structure, which the dump may not have.
    site: SiteId,
    /// Which of its generation it is.
    sequence: u32,
}

/// A structure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Structure {
    pub(super) key: EntryKey,
    /// The site that it would sign.
    pub(super) site: SiteId,
    pub(super) siret: Option<Siret>,
    /// Which of its generation it is.
    pub(super) sequence: u32,
}

/// Where an entry is to be found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Place {
    pub(super) generation: Generation,
    pub(super) service: (u32, EntryKey),
    /// Its structure, if the dump has it.
    pub(super) structure: Option<(u32, EntryKey)>,
    pub(super) source: String,
    pub(super) seeded_at: Timestamp,
}

impl Index {
    /// An empty one, whose numbers follow those of the one before. After 42,000 readings they begin anew.
    pub(super) fn after(former: &Self) -> Self {
        let next = former.first.checked_add(count_of(former.services.len()));
        let room = u32::MAX - count_of(OPEN_SERVICES_MAX);
        Self { first: next.filter(|first| *first <= room).unwrap_or_default(), ..Self::default() }
    }

    /// From now on what is added is of this source.
    pub(super) fn begin_source(&mut self, number: u8, header: Header) {
        let (structures, services) = (self.structures.len(), self.services.len());
        self.structures.reserve_exact(usize::try_from(header.structures).unwrap_or_default());
        self.services.reserve_exact(usize::try_from(header.services).unwrap_or_default());
        self.sources.push(Source { number, header, structures, services, unreadable: 0 });
    }

    /// Adds structures.
    pub(super) fn add_structures(&mut self, read: &[Structure]) {
        self.structures.extend_from_slice(read);
    }

    /// Every structure of the source is there.
    pub(super) fn end_structures(&mut self) {
        let begin = self.sources.last().map_or(0, |source| source.structures);
        self.structures.get_mut(begin..).unwrap_or_default().sort_unstable_by_key(|one| one.site);
    }

    /// Adds a service; gives its number.
    pub(super) fn add_service(&mut self, key: EntryKey, site: SiteId, sequence: u32) -> Option<u32> {
        let number = self.first.checked_add(u32::try_from(self.services.len()).ok()?)?;
        self.services.push(Line { key, site, sequence });
        Some(number)
    }

    /// Notes a service that can be read no more.
    pub(super) fn add_unreadable(&mut self) {
        if let Some(source) = self.sources.last_mut() {
            source.unreadable = source.unreadable.saturating_add(1);
        }
    }

    /// Everything is read.
    pub(super) fn end(&mut self) {
        let services = &self.services;
        let key = |place: &u32| services.get(usize_of(*place)).map(|line| line.key);
        let mut by_key: Vec<u32> = (0..count_of(services.len())).collect();
        by_key.sort_unstable_by_key(key);
        self.by_key = by_key;
    }

    /// The entries in whose place signed records stand.
    pub(super) fn judge(&self, claims: &Claims) -> Hidden {
        let mut hidden = vec![0_u64; self.services.len().div_ceil(64)];
        for (place, line) in self.services.iter().enumerate() {
            let siret = self.structure(place, line.site).and_then(|structure| structure.siret);
            let subject = Subject { service: line.key, site: line.site, siret };
            if claims.take_the_place_of(subject)
                && let Some(bits) = hidden.get_mut(place / 64)
            {
                *bits |= 1 << (place % 64);
            }
        }
        Hidden(hidden)
    }

    /// The structure of the service at a place.
    fn structure(&self, place: usize, site: SiteId) -> Option<&Structure> {
        let source = self.sources.iter().rposition(|source| source.services <= place)?;
        let begin = self.sources.get(source)?.structures;
        let end = self.sources.get(source + 1).map_or(self.structures.len(), |next| next.structures);
        let own = self.structures.get(begin..end)?;
        own.get(own.binary_search_by_key(&site, |one| one.site).ok()?)
    }

    fn place(&self, number: u32) -> Option<usize> {
        number.checked_sub(self.first).map(usize_of).filter(|place| *place < self.services.len())
    }

    /// Whether an entry is not to be shown: it is hidden, or of another reading.
    pub(super) fn is_hidden(&self, hidden: &Hidden, number: u32) -> bool {
        self.place(number).is_none_or(|place| hidden.has(place))
    }

    /// Where the entry of a number is to be found.
    pub(super) fn at(&self, number: u32) -> Option<Place> {
        let place = self.place(number)?;
        let source = self.sources.iter().rev().find(|source| source.services <= place)?;
        let line = self.services.get(place)?;
        let structure = self.structure(place, line.site);
        Some(Place {
            generation: source.generation(),
            service: (line.sequence, line.key),
            structure: structure.map(|structure| (structure.sequence, structure.key)),
            source: source.header.name.clone(),
            seeded_at: Timestamp(source.header.seeded_ms),
        })
    }

    /// The number of the entry of a key.
    pub(super) fn find(&self, key: EntryKey) -> Option<u32> {
        let of = |place: &u32| self.services.get(usize_of(*place)).map(|line| line.key);
        let place = self.by_key.binary_search_by_key(&Some(key), of).ok()?;
        self.first.checked_add(*self.by_key.get(place)?)
    }

    /// The numbers of all services.
    #[cfg(test)]
    pub(super) fn numbers(&self) -> std::ops::Range<u32> {
        self.first..self.first + count_of(self.services.len())
    }

    /// The keys of a source's services.
    pub(super) fn keys_of(&self, number: u8) -> Vec<EntryKey> {
        let place = self.sources.iter().position(|source| source.number == number);
        let Some(place) = place else { return Vec::new() };
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
    pub(super) fn sources(&self) -> impl Iterator<Item = (Generation, &Header)> {
        self.sources.iter().map(|source| (source.generation(), &source.header))
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
            (structures + usize_of(source.header.structures), services + usize_of(source.header.services))
        })
    }

    /// How it stands, with what is hidden of it.
    pub(super) fn status(&self, hidden: &Hidden) -> OpenStatus {
        let sources = self.sources.iter().map(|Source { header, unreadable, .. }| OpenSource {
            name: header.name.clone(),
            seeded_at: Timestamp(header.seeded_ms),
            structures: header.structures,
            services: header.services,
            refused: header.refused,
            set_aside: header.set_aside,
            newest: Day(header.newest_day),
            unreadable: *unreadable,
        });
        OpenStatus {
            sources: sources.collect(),
            loaded: count_of(self.services.len()),
            hidden: hidden.0.iter().map(|bits| bits.count_ones()).sum(),
            loading: false,
        }
    }
}

/// Entries are counted in 32 bits to keep them small.
const fn usize_of(number: u32) -> usize {
    number as usize
}

fn count_of(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl Source {
    fn generation(&self) -> Generation {
        Generation { source: self.number, number: self.header.generation }
    }
}
