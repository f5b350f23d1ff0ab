//! Floors: below which sequence a record about something is no longer taken, after the record that set it has ended.
//!
//! A withdrawal may end before an older record that it withdrew. Until no older record can still hold, its sequence is
//! kept, so that what was removed never comes back.

use super::{
    CAPACITY_LIFETIME_MAX, DirectoryRefusal, ENDORSEMENT_LIFETIME_MAX, LIFETIME_MAX, Load, Record, RecordKey,
};
use crate::structure_id::StructureId;
use crate::time::{Span, Timestamp};
use std::collections::BTreeMap;

/// A sequence below which no record is taken any more, and until when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Floor {
    /// The highest sequence seen.
    pub sequence: u64,
    /// From then on no record older than that one can hold any more.
    pub until: Timestamp,
}

impl Floor {
    /// The floor that a record sets.
    pub fn of(record: &Record) -> Self {
        Self { sequence: record.sequence, until: record.issued_at.plus(lifetime_max(&record.key())) }
    }
}

/// The floors of what is no longer held.
#[derive(Clone, Debug, Default)]
pub struct Floors {
    floors: BTreeMap<StructureId, BTreeMap<RecordKey, Floor>>,
    load: Load,
}

impl Floors {
    /// Sets a floor; one that is higher, or lasts longer, stays so.
    pub fn raise(&mut self, structure: StructureId, key: RecordKey, floor: Floor) {
        let floors = self.floors.entry(structure).or_default();
        if !floors.contains_key(&key) {
            self.load = self.load.plus(load_of_one(floors.len(), &key));
        }
        let held = floors.entry(key).or_insert(floor);
        held.sequence = held.sequence.max(floor.sequence);
        held.until = held.until.max(floor.until);
    }

    /// Refuses a record that is older than what set its floor. The same may come again: what was refused and is allowed
    /// again, or could not be read.
    ///
    /// # Errors
    /// [`DirectoryRefusal::Older`].
    pub fn judge(&self, record: &Record) -> Result<(), DirectoryRefusal> {
        match self.floor(record.structure, &record.key()) {
            Some(floor) if record.sequence < floor.sequence => {
                Err(DirectoryRefusal::Older { held: floor.sequence })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The floor of something, if it has one.
    pub fn floor(&self, structure: StructureId, key: &RecordKey) -> Option<Floor> {
        self.floors.get(&structure)?.get(key).copied()
    }

    /// Drops the floor of something that is held again: what is held is its own floor.
    pub fn remove(&mut self, structure: StructureId, key: &RecordKey) {
        let Some(floors) = self.floors.get_mut(&structure) else { return };
        if floors.remove(key).is_some() {
            self.load = self.load.minus(load_of_one(floors.len(), key));
        }
        if floors.is_empty() {
            self.floors.remove(&structure);
        }
    }

    /// Drops what needs no floor any more, and says what that was.
    pub fn sweep(&mut self, now: Timestamp) -> Vec<(StructureId, RecordKey)> {
        let all = self
            .floors
            .iter()
            .flat_map(|(structure, floors)| floors.iter().map(move |(key, floor)| (*structure, key, floor)));
        let ended = all.filter(|(_, _, floor)| floor.until <= now);
        let ended: Vec<_> = ended.map(|(structure, key, _)| (structure, key.clone())).collect();
        for (structure, key) in &ended {
            self.remove(*structure, key);
        }
        ended
    }

    /// What the floors of a structure are about.
    pub fn of(&self, structure: StructureId) -> impl Iterator<Item = &RecordKey> {
        self.floors.get(&structure).into_iter().flat_map(BTreeMap::keys)
    }

    /// Drops every floor of a structure, and says what they were about.
    pub fn forget(&mut self, structure: StructureId) -> Vec<RecordKey> {
        let keys: Vec<RecordKey> = self.of(structure).cloned().collect();
        for key in &keys {
            self.remove(structure, key);
        }
        keys
    }

    /// What the floors of a structure take.
    pub fn load_of(&self, structure: StructureId) -> Load {
        let Some(floors) = self.floors.get(&structure) else { return Load::NONE };
        floors.keys().map(Load::of_floor).fold(Load::OF_STRUCTURE, Load::plus)
    }

    /// What all floors take.
    pub const fn load(&self) -> Load {
        self.load
    }
}

/// What one more floor of a structure takes that has so many others.
fn load_of_one(others: usize, key: &RecordKey) -> Load {
    let of_structure = if others == 0 { Load::OF_STRUCTURE } else { Load::NONE };
    of_structure.plus(Load::of_floor(key))
}

/// For how long a record about this may hold.
pub const fn lifetime_max(key: &RecordKey) -> Span {
    match key {
        RecordKey::Structure | RecordKey::Service(_) => LIFETIME_MAX,
        RecordKey::Capacity(_) => CAPACITY_LIFETIME_MAX,
        RecordKey::Endorsement(_) => ENDORSEMENT_LIFETIME_MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::Body;
    use crate::id::ServiceId;

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    fn withdrawn(of: &[u8], sequence: u64, key: RecordKey) -> Record {
        let structure = StructureId::of_root_spki(of);
        let expires_at = NOW.plus(Span::days(30));
        Record { structure, manifest: 1, sequence, issued_at: NOW, expires_at, body: Body::Withdrawn(key) }
    }

    fn set(floors: &mut Floors, record: &Record) {
        floors.raise(record.structure, record.key(), Floor::of(record));
    }

    #[test]
    fn nothing_below_a_floor_comes_back_until_nothing_older_can_hold() {
        let mut floors = Floors::default();
        let at = |sequence| withdrawn(b"a", sequence, RecordKey::Structure);
        set(&mut floors, &at(3));
        set(&mut floors, &at(2));
        for (sequence, judged) in [(2, Err(DirectoryRefusal::Older { held: 3 })), (3, Ok(())), (4, Ok(()))] {
            assert_eq!(floors.judge(&at(sequence)), judged);
        }
        assert_eq!(floors.judge(&withdrawn(b"b", 1, RecordKey::Structure)), Ok(()));
        let last = NOW.plus(LIFETIME_MAX);
        assert_eq!(floors.sweep(last.minus(Span(1))), []);
        assert_eq!(floors.sweep(last).len(), 1);
        assert_eq!((floors.load(), floors.judge(&at(1))), (Load::NONE, Ok(())));
    }

    #[test]
    fn what_has_ended_and_is_not_swept_yet_is_still_the_newest() {
        let mut directory = crate::directory::Directory::default();
        let newer = withdrawn(b"a", 3, RecordKey::Structure);
        directory.admit(newer, crate::digest::Digest::of(b"3"), NOW).expect("a good record");
        let ended = NOW.plus(Span::days(30));
        let expires_at = NOW.plus(LIFETIME_MAX);
        for (sequence, older) in [(2, true), (3, true), (4, false)] {
            let record = Record { expires_at, ..withdrawn(b"a", sequence, RecordKey::Structure) };
            let judged = directory.judge(&record, crate::digest::Digest::of(b"other"), ended);
            assert_eq!(judged == Err(DirectoryRefusal::Older { held: 3 }), older, "{judged:?}");
        }
    }

    #[test]
    fn floors_are_counted_and_places_need_theirs_for_a_week() {
        let mut floors = Floors::default();
        let service = ServiceId::parse("s").expect("an id");
        let places = withdrawn(b"a", 1, RecordKey::Capacity(service.clone()));
        for record in [&places, &withdrawn(b"a", 1, RecordKey::Service(service)), &places] {
            set(&mut floors, record);
        }
        assert_eq!(floors.load().records, 2);
        assert_eq!(floors.load(), floors.load_of(places.structure));
        assert_eq!(floors.sweep(NOW.plus(CAPACITY_LIFETIME_MAX)), [(places.structure, places.key())]);
        floors.remove(places.structure, &places.key());
        assert_eq!(floors.load(), floors.load_of(places.structure));
        assert_eq!(floors.forget(places.structure).len(), 1);
        assert_eq!((floors.load(), floors.load_of(places.structure)), (Load::NONE, Load::NONE));
    }
}
