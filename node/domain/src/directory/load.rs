//! What the directory takes of a node's memory: records are counted, and weighed, for a small number of large ones may
//! fill a node as well.
//!
//! A weight is what a record takes in memory, never less: its texts and lists with what the allocator and the maps
//! around them add, its listing, and where that is filed. It is not the length of what was signed: one commune is seven
//! bytes there and ten here, and a site of a few letters is a whole entry of a list.

use super::index::Filed;
use super::listing::{AREAS_MAX, Listing, areas};
use super::{
    BYTES_MAX, BYTES_PER_CARRIER_MAX, BYTES_PER_STRUCTURE_MAX, BYTES_PER_THIRD_MAX, Body, CARRIED_BYTES_MAX,
    CARRIED_RECORDS_MAX, Endorsement, Floor, OTHERS_BYTES_MAX, OTHERS_RECORDS_MAX, PARTNERS_BYTES_MAX,
    PARTNERS_RECORDS_MAX, Profile, RECORDS_MAX, RECORDS_PER_CARRIER_MAX, RECORDS_PER_STRUCTURE_MAX,
    RECORDS_PER_THIRD_MAX, Record, RecordKey, Service, Site, THEIRS_BYTES_IN_ANY_CASE, THEIRS_IN_ANY_CASE,
    Week,
};
use crate::class::DataClass;
use crate::territory::{Coverage, Territory};
use crate::theme::Theme;
use crate::vocabulary::Value;
use std::mem::{size_of, size_of_val};

/// What the allocator adds to each piece.
const PIECE: usize = 16;
/// The smallest piece it gives.
const PIECE_MIN: usize = 32;
/// Entries that a leaf of a map has room for, and how many it holds at least once it was split.
const LEAF: usize = 11;
const LEAF_FILLED: usize = 5;
/// What stands beside the entries of a leaf.
const LEAF_HEAD: usize = 32;
/// What the first record of a structure takes beside itself: leaves of its own, and its place among the structures.
const STRUCTURE: usize = 1_024;

/// Records, floors among them, and the bytes of memory that they take.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Load {
    /// How many.
    pub records: usize,
    /// Bytes of memory.
    pub bytes: usize,
}

impl Load {
    /// Nothing.
    pub const NONE: Self = Self { records: 0, bytes: 0 };
    /// What the first record or floor of a structure takes beside itself.
    pub(super) const OF_STRUCTURE: Self = Self { records: 0, bytes: STRUCTURE };

    /// What a record takes.
    pub fn of(record: &Record) -> Self {
        let held = piece(size_of::<Filed>())
            + entry::<(RecordKey, Box<Filed>)>()
            + entry::<(u64, u64)>()
            + subject(&record.key());
        let body = match &record.body {
            Body::Structure(profile) => of_profile(profile),
            Body::Service(service) => of_service(service),
            Body::Capacity(capacity) => text(capacity.service.as_str()),
            Body::Endorsement(endorsement) => of_endorsement(endorsement),
            Body::Withdrawn(key) => subject(key),
        };
        Self { records: 1, bytes: held + body }
    }

    /// What the floor about something takes.
    pub fn of_floor(key: &RecordKey) -> Self {
        Self { records: 1, bytes: entry::<(RecordKey, Floor)>() + subject(key) }
    }

    /// Both.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            records: self.records.saturating_add(other.records),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }

    /// What is left without the other.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self {
            records: self.records.saturating_sub(other.records),
            bytes: self.bytes.saturating_sub(other.bytes),
        }
    }

    /// Whether it is within this much.
    pub const fn fits(self, most: Self) -> bool {
        self.records <= most.records && self.bytes <= most.bytes
    }

    const fn new(records: usize, bytes: usize) -> Self {
        Self { records, bytes }
    }
}

/// Most that is kept of all structures.
pub(super) const LOAD_MAX: Load = Load::new(RECORDS_MAX, BYTES_MAX);
/// Most that is kept of one structure.
pub const LOAD_PER_STRUCTURE_MAX: Load = Load::new(RECORDS_PER_STRUCTURE_MAX, BYTES_PER_STRUCTURE_MAX);
const OTHERS: Load = Load::new(OTHERS_RECORDS_MAX, OTHERS_BYTES_MAX);
const PARTNERS: Load = Load::new(PARTNERS_RECORDS_MAX, PARTNERS_BYTES_MAX);
const IN_ANY_CASE: Load = Load::new(THEIRS_IN_ANY_CASE, THEIRS_BYTES_IN_ANY_CASE);
const CARRIED: Load = Load::new(CARRIED_RECORDS_MAX, CARRIED_BYTES_MAX);
const CARRIERS: Load = Load::new(RECORDS_PER_CARRIER_MAX, BYTES_PER_CARRIER_MAX);
const THIRDS: Load = Load::new(RECORDS_PER_THIRD_MAX, BYTES_PER_THIRD_MAX);

/// What would be held with one more record, floors among it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Space {
    /// Of its structure.
    pub of_structure: Load,
    /// Of the structures that the same partner was the first to bring.
    pub of_carrier: Load,
    /// Of every structure but this one.
    pub of_others: Load,
}

/// What there would be too much of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lack {
    /// Records of its structure, or of all.
    Full,
    /// Records of the structures that the same partner was the first to bring.
    Share,
}

impl Space {
    /// Whether whatever was kept before a limit sank may be kept on, when nobody is known yet.
    ///
    /// # Errors
    /// [`Lack::Full`].
    pub const fn for_stored(self) -> Result<(), Lack> {
        let fits = self.of_structure.fits(LOAD_PER_STRUCTURE_MAX) && self.of_others.fits(OTHERS);
        if fits { Ok(()) } else { Err(Lack::Full) }
    }

    /// Whether there is room for a partner. However full it is, a partner's first [`THEIRS_IN_ANY_CASE`] records find
    /// some: what is kept for that no partner fills alone.
    ///
    /// # Errors
    /// [`Lack::Full`].
    pub const fn for_partner(self) -> Result<(), Lack> {
        let first = self.of_structure.fits(IN_ANY_CASE) && self.of_others.fits(OTHERS);
        let more = self.of_structure.fits(LOAD_PER_STRUCTURE_MAX) && self.of_others.fits(PARTNERS);
        if first || more { Ok(()) } else { Err(Lack::Full) }
    }

    /// Whether there is room for a structure that is no partner.
    ///
    /// # Errors
    /// [`Lack`].
    pub const fn for_third(self) -> Result<(), Lack> {
        if !self.of_structure.fits(THIRDS) || !self.of_others.fits(CARRIED) {
            return Err(Lack::Full);
        }
        if self.of_carrier.fits(CARRIERS) { Ok(()) } else { Err(Lack::Share) }
    }
}

fn of_profile(profile: &Profile) -> usize {
    let Profile { name, siret, sites, link } = profile;
    let texts = text(name) + optional(siret.as_ref()) + optional(link.as_ref());
    let of_sites: usize = sites.iter().map(of_site).sum();
    piece(size_of::<Profile>()) + texts + list::<Site>(sites.len()) + of_sites
}

fn of_site(site: &Site) -> usize {
    let Site { id: _, name, commune: _, address, phone, email, opening_hours, coordinates: _ } = site;
    let optional_texts = [address, phone, email, opening_hours];
    text(name) + optional_texts.map(|text| optional(text.as_ref())).iter().sum::<usize>()
}

fn of_service(service: &Service) -> usize {
    let walk_in = service.walk_in.as_ref().map(|walk_in| &walk_in.hours);
    let texts = [
        service.fees_note.as_ref(),
        service.conditions.as_ref(),
        service.address.as_ref(),
        service.phone.as_ref(),
        service.email.as_ref(),
        service.opening_hours.as_ref(),
        service.link.as_ref(),
        walk_in,
    ];
    let values =
        [&service.audiences, &service.welcome_modes, &service.mobilisation_modes, &service.mobilisers];
    let languages: usize = service.languages.iter().map(|code| text(code)).sum();
    piece(size_of::<Service>())
        + 2 * text(service.id.as_str())
        + text(&service.name)
        + text(&service.description)
        + texts.map(optional).iter().sum::<usize>()
        + values.map(|values| list::<Value>(values.len())).iter().sum::<usize>()
        + set::<Theme>(service.themes.len())
        + set::<String>(service.languages.len())
        + languages
        + set::<DataClass>(service.needs.len())
        + of_coverage(&service.coverage)
        + of_listing(service)
}

/// What makes a service be found: the coverage is the record's own.
fn of_listing(service: &Service) -> usize {
    let listed = service.coverage.territories().len();
    // Of a few territories it is reckoned, of many taken to be the most.
    let areas = if listed > AREAS_MAX { AREAS_MAX } else { areas(&service.coverage).len() };
    let walk_in = service.walk_in.as_ref().map(|walk_in| &walk_in.hours);
    let languages: usize = service.languages.iter().map(|code| text(code)).sum();
    size_of::<Listing>()
        + entry::<(super::Door, u32)>()
        + text(service.id.as_str())
        + optional(walk_in)
        + piece(size_of::<Week>())
        + list::<Box<str>>(service.languages.len())
        + languages
        + list::<Territory>(areas)
        + service.themes.len() * areas * entry::<u32>()
}

fn of_endorsement(endorsement: &Endorsement) -> usize {
    let Endorsement { subject: _, pin: _, scope } = endorsement;
    let themes = set::<Theme>(scope.themes.len());
    piece(size_of::<Endorsement>()) + of_coverage(&scope.territories) + themes
}

/// It is held once, by the record and by what is found of it.
fn of_coverage(coverage: &Coverage) -> usize {
    // Two counters stand before the codes.
    piece(2 * size_of::<usize>() + size_of_val(coverage.territories()))
}

fn subject(key: &RecordKey) -> usize {
    match key {
        RecordKey::Structure | RecordKey::Endorsement(_) => 0,
        RecordKey::Service(id) | RecordKey::Capacity(id) => text(id.as_str()),
    }
}

fn piece(bytes: usize) -> usize {
    if bytes == 0 { 0 } else { (bytes + PIECE).max(PIECE_MIN) }
}

fn text(text: &str) -> usize {
    piece(text.len())
}

fn optional(of: Option<&String>) -> usize {
    of.map_or(0, |of| text(of))
}

/// A list, which has grown by doubling.
fn list<T>(count: usize) -> usize {
    if count == 0 { 0 } else { piece(count.next_power_of_two().max(4) * size_of::<T>()) }
}

/// One entry of a large map or set.
const fn entry<T>() -> usize {
    (LEAF * size_of::<T>() + LEAF_HEAD).div_ceil(LEAF_FILLED)
}

/// A small set of its own.
fn set<T>(count: usize) -> usize {
    let leaves = if count <= LEAF { count.min(1) } else { count.div_ceil(LEAF_FILLED) };
    leaves * piece(LEAF * size_of::<T>() + LEAF_HEAD)
}
