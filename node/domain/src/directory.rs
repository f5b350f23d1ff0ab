//! The directory: what structures publish of themselves, their services and their places, and finding a service in it.
//!
//! Records come in already verified; here is decided which of them holds, by sequence and time, and which service
//! answers a need. Nothing of a person enters but a theme and a commune, and neither leaves the node.

mod asked;
mod catalogue;
mod compass;
mod endorsement;
mod filters;
mod find;
mod floor;
mod identities;
mod index;
mod laid_out;
mod listing;
mod load;
mod open;
mod partition;
mod rank;
mod reason;
mod service;
mod week;

#[cfg(test)]
pub(crate) mod tests;

pub use asked::AskedDoor;
pub use endorsement::{
    ENDORSEMENT_LIFETIME_MAX, ENDORSEMENT_LIFETIME_MIN, Endorsement, Pin, SCOPE_ENTRIES_MAX, Scope, Vouched,
    Voucher,
};
pub(crate) use filters::SPOKEN_EVERYWHERE;
pub use filters::{Doors, Filter, Filters, Hours, Mode, Price, Reach};
pub use find::{Found, History, IN_PERSON_METRES_MAX, Outcome, Question, ShutOut, Standing};
pub use floor::{Floor, Floors, lifetime_max};
pub use index::{Admitted, Directory, DirectoryRefusal, Held};
pub use laid_out::LaidOut;
pub use listing::{Door, Listing};
pub use load::{LOAD_PER_STRUCTURE_MAX, Lack, Load, Space};
pub use open::{
    Backing, Claims, EntryKey, OPEN_DUMP_BYTES_MAX, OPEN_ENTRY_BYTES_MAX, OPEN_SERVICES_MAX,
    OPEN_SOURCES_MAX, OPEN_STRUCTURES_MAX, Siret, Subject,
};
pub use partition::{Partitions, Subscription};
pub use rank::Rank;
pub use reason::Reason;
pub use service::{
    Capacity, Coordinates, FROM_CENTRE_METRES_MAX, NameNeeded, Profile, Service, Site, WalkIn,
};
pub use week::Week;

use crate::id::ServiceId;
use crate::structure_id::StructureId;
use crate::time::{Span, Timestamp};
use std::fmt;

/// Shortest time for which a structure or a service is published.
pub const LIFETIME_MIN: Span = Span::days(30);
/// Longest time for which a structure or a service is published.
pub const LIFETIME_MAX: Span = Span::days(90);
/// Shortest time for which places are taken as true: what ends at once would leave floors without end.
pub const CAPACITY_LIFETIME_MIN: Span = Span::days(1);
/// Longest time for which places are taken as true.
pub const CAPACITY_LIFETIME_MAX: Span = Span::days(7);

// How much is kept, counted and weighed as [`Load`] does, floors among the records. A record takes about 1,600 bytes and
// is weighed at 2,000, places and structures among them; a node must do with 120 MB: `tests/replication_memory` fills
// directories with that, and with the worst. From the top down: what is this structure's own; what is left for each
// partner; for partners; for all.

const MEBIBYTE: usize = 1_024 * 1_024;
/// Most records of one structure that are kept.
pub const RECORDS_PER_STRUCTURE_MAX: usize = 4_000;
/// Most bytes of one structure.
pub const BYTES_PER_STRUCTURE_MAX: usize = 12 * MEBIBYTE;
/// Most records of all structures that are kept.
pub const RECORDS_MAX: usize = 50_000;
/// Most bytes of all structures.
pub const BYTES_MAX: usize = 76 * MEBIBYTE;
/// Most records that are kept of others: this structure's own find room in any case.
pub const OTHERS_RECORDS_MAX: usize = RECORDS_MAX - RECORDS_PER_STRUCTURE_MAX;
/// Most bytes of others.
pub const OTHERS_BYTES_MAX: usize = BYTES_MAX - BYTES_PER_STRUCTURE_MAX;
/// So many records of each partner find room when those of others do not: 25 partners at least can rely on it.
pub const THEIRS_IN_ANY_CASE: usize = 200;
/// So many bytes of each partner find room when those of others do not.
pub const THEIRS_BYTES_IN_ANY_CASE: usize = 8 * MEBIBYTE / 25;
/// Most records of others that are kept before partners find room for [`THEIRS_IN_ANY_CASE`] only.
pub const PARTNERS_RECORDS_MAX: usize = OTHERS_RECORDS_MAX - 25 * THEIRS_IN_ANY_CASE;
/// Most bytes of others before that.
pub const PARTNERS_BYTES_MAX: usize = OTHERS_BYTES_MAX - 25 * THEIRS_BYTES_IN_ANY_CASE;
/// Most records of others that are kept before those of structures that are no partners find no room.
pub const CARRIED_RECORDS_MAX: usize = PARTNERS_RECORDS_MAX - 5_000;
/// Most bytes of others before that.
pub const CARRIED_BYTES_MAX: usize = PARTNERS_BYTES_MAX - 12 * MEBIBYTE;
/// Most records that are kept of the structures that one partner was the first to bring.
pub const RECORDS_PER_CARRIER_MAX: usize = CARRIED_RECORDS_MAX / 2;
/// Most bytes of what one partner was the first to bring.
pub const BYTES_PER_CARRIER_MAX: usize = CARRIED_BYTES_MAX / 2;
/// Most records that are kept of one structure that is no partner: 200 services with their places.
pub const RECORDS_PER_THIRD_MAX: usize = 400;
/// Most bytes of one structure that is no partner.
pub const BYTES_PER_THIRD_MAX: usize = 2 * MEBIBYTE;
/// Most proofs that are kept of one structure's having signed two records with one sequence.
pub const CONFLICTS_PER_STRUCTURE_MAX: usize = 16;
/// Most such proofs of all structures.
pub const CONFLICTS_MAX: usize = 1_000;
/// Most such proofs before those of structures that are no partners find no room.
pub const CARRIED_CONFLICTS_MAX: usize = 800;
/// How long such a proof is kept, from when the record was signed that was refused.
pub const CONFLICT_KEPT: Span = Span::days(366);
/// Most structures of which an admin may refuse everything.
pub const REFUSED_STRUCTURES_MAX: usize = 1_000;

/// What a record of one structure is about; records about the same replace each other.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RecordKey {
    /// The structure itself.
    Structure,
    /// A service.
    Service(ServiceId),
    /// The places of a service.
    Capacity(ServiceId),
    /// That the structure recommends this one.
    Endorsement(StructureId),
}

impl fmt::Display for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Structure => f.write_str("the structure"),
            Self::Service(id) => write!(f, "service {id}"),
            Self::Capacity(id) => write!(f, "places of {id}"),
            Self::Endorsement(subject) => write!(f, "endorsement of {subject}"),
        }
    }
}

/// What a record says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Body {
    /// The structure and its sites.
    Structure(Box<Profile>),
    /// A service.
    Service(Box<Service>),
    /// The places of a service.
    Capacity(Capacity),
    /// That another structure is recommended.
    Endorsement(Box<Endorsement>),
    /// What was published is taken back.
    Withdrawn(RecordKey),
}

impl Body {
    /// What the record is about.
    pub fn key(&self) -> RecordKey {
        match self {
            Self::Structure(_) => RecordKey::Structure,
            Self::Service(service) => RecordKey::Service(service.id.clone()),
            Self::Capacity(capacity) => RecordKey::Capacity(capacity.service.clone()),
            Self::Endorsement(endorsement) => RecordKey::Endorsement(endorsement.subject),
            Self::Withdrawn(key) => key.clone(),
        }
    }
}

/// One record, its signature verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// Who publishes.
    pub structure: StructureId,
    /// The manifest whose key signed.
    pub manifest: u64,
    /// Grows with each record about the same; from 1.
    pub sequence: u64,
    /// When it was signed.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// What it says.
    pub body: Body,
}

impl Record {
    /// What it is about.
    pub fn key(&self) -> RecordKey {
        self.body.key()
    }
}
