//! Structures that services of a dump name and that have not come yet: a dump may bring its services first.

use relais_domain::directory::EntryKey;
use std::collections::BTreeMap;

/// Where a service stands in a dump, and its id.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Place {
    /// Which file of the dump, from 0.
    pub(super) file: u32,
    /// The line it begins on, from 1.
    pub(super) line: u64,
    /// Its place in its array, or among the lines of its file, from 0.
    pub(super) index: u32,
    /// Its id; empty when it has none that can be read.
    pub(super) id: String,
}

/// The structures that are awaited. Each was named by a service that was taken, so there are no more than services.
#[derive(Default, Debug)]
pub(super) struct Awaited(BTreeMap<EntryKey, Named>);

/// Who names a structure.
#[derive(Debug)]
struct Named {
    first: Place,
    services: u32,
}

impl Awaited {
    /// A service at `place` names a structure that has not come.
    pub(super) fn named(&mut self, structure: EntryKey, place: &Place) {
        let named = self.0.entry(structure).or_insert_with(|| Named { first: place.clone(), services: 0 });
        named.services = named.services.saturating_add(1);
    }

    /// The structure has come.
    pub(super) fn came(&mut self, structure: EntryKey) {
        self.0.remove(&structure);
    }

    /// Those that never came, as they were named: where first, and by how many services.
    pub(super) fn missing(&mut self) -> Vec<(Place, u32)> {
        let left = std::mem::take(&mut self.0).into_values();
        let mut left: Vec<_> = left.map(|named| (named.first, named.services)).collect();
        left.sort_unstable();
        left
    }
}
