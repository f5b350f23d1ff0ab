//! What routing needs to know of a service, in a few dozen bytes: a whole territory is kept in memory like this, the words
//! are fetched for the few that are shown.

use super::{Capacity, NameNeeded, Service, Week};
use crate::digest::Digest;
use crate::id::ServiceId;
use crate::structure_id::StructureId;
use crate::territory::{CommuneCode, Coverage, Level, Territory};
use crate::theme::Theme;
use crate::time::{Day, Timestamp};
use crate::vocabulary::{Value, Vocabulary};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Most areas that one listing stands under: what is open to more is looked at wherever one asks.
pub(super) const AREAS_MAX: usize = 24;

/// The audience that stands for everyone.
const EVERYONE: &str = "tous-publics";

/// Where a request for help can be brought: a service.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Door {
    /// One that its structure has signed.
    Published {
        /// The structure.
        structure: StructureId,
        /// The service.
        service: ServiceId,
    },
    /// One that nobody on the network vouches for: an entry of open data, by its number.
    Open(u32),
}

/// What is known of the price.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fees {
    /// Nothing.
    Unknown,
    /// It costs nothing.
    Free,
    /// It is not free.
    Paid,
}

/// A set of themes or of values of one list, a bit each.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Bits(u128);

impl Bits {
    fn of(places: impl Iterator<Item = usize>) -> Self {
        Self(places.fold(0, |bits, place| bits | 1 << place))
    }

    /// Whether nothing is in it.
    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the place is in it.
    pub(super) const fn has(self, place: usize) -> bool {
        self.0 >> place & 1 == 1
    }
}

/// What a structure says of the places of a service, and until when it is taken as true.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Room {
    pub(super) places: Option<u32>,
    pub(super) waiting_days: Option<u32>,
    pub(super) stated_at: Timestamp,
    pub(super) expires_at: Timestamp,
}

impl Room {
    pub(super) fn of(capacity: &Capacity, expires_at: Timestamp) -> Self {
        let Capacity { places, waiting_days, stated_at, .. } = *capacity;
        Self { places, waiting_days, stated_at, expires_at }
    }
}

/// Whom a service is open to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Extent {
    pub(super) coverage: Coverage,
    /// Where it is filed.
    pub(super) areas: Box<[Territory]>,
}

impl Extent {
    fn of(coverage: &Coverage) -> Self {
        Self { coverage: coverage.clone(), areas: areas(coverage).into_iter().collect() }
    }
}

/// A service, as far as it is searched and ranked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listing {
    /// Where it is asked.
    pub door: Door,
    /// When it is taken as true no more.
    pub expires_at: Timestamp,
    /// Its structure, for turns: the same on every node.
    pub(super) seed: u64,
    /// Itself, where nothing else tells two services apart.
    pub(super) tie: u64,
    pub(super) themes: Bits,
    /// Whom it is for; empty stands for everyone.
    pub(super) audiences: Bits,
    pub(super) fees: Fees,
    pub(super) in_person: bool,
    pub(super) remote: bool,
    /// Whether it is said how people are received.
    pub(super) says_how: bool,
    pub(super) name_needed: NameNeeded,
    /// Latitude and longitude in millionths of a degree: its own, or the centre of its commune.
    pub(super) place: Option<(i32, i32)>,
    pub(super) commune: Option<CommuneCode>,
    /// Whom it is open to.
    pub(super) extent: Arc<Extent>,
    /// ISO 639 codes, sorted; empty when nothing is said.
    pub(super) languages: Box<[Box<str>]>,
    /// When one may come without an appointment, as written.
    pub(super) walk_in: Option<Box<str>>,
    /// When it is open; `None` when nothing is said that can be compared.
    pub(super) week: Option<Arc<Week>>,
    pub(super) updated_on: Day,
    pub(super) room: Option<Room>,
}

impl Listing {
    /// What a structure published.
    pub fn published(structure: StructureId, service: &Service, expires_at: Timestamp) -> Self {
        let door = Door::Published { structure, service: service.id.clone() };
        Self::of(door, structure.as_bytes(), service, expires_at)
    }

    /// An entry of open data: `number` names it here, `structure` its structure everywhere.
    pub fn open(number: u32, structure: &str, service: &Service, expires_at: Timestamp) -> Self {
        Self::of(Door::Open(number), structure.as_bytes(), service, expires_at)
    }

    fn of(door: Door, structure: &[u8], service: &Service, expires_at: Timestamp) -> Self {
        let hours = service.opening_hours.as_deref();
        let hours = hours.or_else(|| service.walk_in.as_ref().map(|walk_in| walk_in.hours.as_str()));
        let everyone = service.audiences.iter().any(|value| value.code() == EVERYONE);
        Self {
            door,
            expires_at,
            seed: short(structure),
            tie: short(service.id.as_str().as_bytes()),
            themes: Bits::of(service.themes.iter().copied().filter_map(theme_place)),
            audiences: if everyone { Bits::default() } else { audiences(&service.audiences) },
            fees: match service.fees {
                None => Fees::Unknown,
                Some(_) if service.is_free() => Fees::Free,
                Some(_) => Fees::Paid,
            },
            in_person: service.is_in_person(),
            remote: service.is_remote(),
            says_how: !service.welcome_modes.is_empty(),
            name_needed: service.name_needed,
            place: service.place().map(e6),
            commune: service.commune,
            extent: Arc::new(Extent::of(&service.coverage)),
            languages: service.languages.iter().map(|code| code.as_str().into()).collect(),
            walk_in: service.walk_in.as_ref().map(|walk_in| walk_in.hours.as_str().into()),
            week: hours.and_then(Week::read).map(Arc::new),
            updated_on: service.updated_on,
            room: None,
        }
    }

    /// Whether people are received in person; so it is taken to be when nothing is said.
    pub fn is_in_person(&self) -> bool {
        self.in_person
    }

    /// Whether people are received at a distance.
    pub fn is_remote(&self) -> bool {
        self.remote
    }

    /// Whether it is said how people are received.
    pub(super) fn says_how(&self) -> bool {
        self.says_how
    }

    /// What it says of its places, unless that is too old.
    pub(super) fn room(&self, now: Timestamp) -> Option<Room> {
        self.room.filter(|room| room.expires_at > now)
    }
}

/// The areas that a listing stands under: the départements it is open to some of, a région it is open to whole (and then
/// none of its départements), France for what is open to all or to more areas than [`AREAS_MAX`].
pub(super) fn areas(coverage: &Coverage) -> BTreeSet<Territory> {
    let mut areas = BTreeSet::new();
    for territory in coverage.territories() {
        match territory {
            Territory::Commune(_) => areas.extend(territory.at_level(Level::Departement)),
            Territory::Epci(code) => areas.extend(code.epci().departements().map(Territory::Departement)),
            Territory::Departement(_) | Territory::Region(_) | Territory::France => {
                areas.insert(*territory);
            }
        }
    }
    let whole = areas.clone();
    areas.retain(|area| match area.at_level(Level::Region) {
        Some(region) => *area == region || !whole.contains(&region),
        None => true,
    });
    if areas.len() > AREAS_MAX { BTreeSet::from([Territory::France]) } else { areas }
}

/// The first 64 bits of a hash: the same on every node, and nothing that a name decides. Who searches for an id with a good
/// one gains a day: turns change.
fn short(bytes: &[u8]) -> u64 {
    let digest = Digest::of(bytes);
    digest.as_bytes().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

pub(super) fn theme_place(theme: Theme) -> Option<usize> {
    Theme::all().position(|one| one == theme)
}

/// The place of an audience in its list.
pub(super) fn audience_place(value: Value) -> Option<usize> {
    Vocabulary::Audiences.values().iter().position(|one| *one == value)
}

fn audiences(values: &[Value]) -> Bits {
    Bits::of(values.iter().copied().filter_map(audience_place))
}

/// Degrees in millionths.
pub(super) fn e6((latitude, longitude): (f64, f64)) -> (i32, i32) {
    // Within ±180 million: an i32 holds it.
    ((latitude * 1_000_000.0).round() as i32, (longitude * 1_000_000.0).round() as i32)
}
