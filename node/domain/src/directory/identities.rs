//! Which structure signed what has an identity: so that asking for a record costs a look at what one structure published,
//! not at all that is held.

use super::Held;
use crate::digest::Digest;
use crate::structure_id::StructureId;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// By the first eight bytes of each identity the first eight of the structure: little is kept for each record. Whoever makes
/// two that begin alike may hide one of his own, no more.
#[derive(Clone, Debug, Default)]
pub(super) struct Identities(BTreeSet<(u64, u64)>);

impl Identities {
    /// Notes a record.
    pub(super) fn insert(&mut self, held: &Held) {
        self.0.insert(entry(held));
    }

    /// Drops a record.
    pub(super) fn remove(&mut self, held: &Held) {
        self.0.remove(&entry(held));
    }

    /// Between which ids the structures lie that may have signed what has this identity; one, but for accidents.
    pub(super) fn structures(&self, identity: &Digest) -> impl Iterator<Item = RangeInclusive<StructureId>> {
        let beginning = beginning(identity.as_bytes());
        let alike = self.0.range((beginning, 0)..=(beginning, u64::MAX));
        alike.filter_map(|(_, structure)| Some(id(*structure, 0)?..=id(*structure, u8::MAX)?))
    }
}

/// The id that begins like this, and goes on with this byte.
fn id(beginning: u64, rest: u8) -> Option<StructureId> {
    StructureId::from_slice(&[&beginning.to_be_bytes()[..], &[rest; 24]].concat())
}

fn entry(held: &Held) -> (u64, u64) {
    (beginning(held.identity.as_bytes()), beginning(held.record.structure.as_bytes()))
}

fn beginning(bytes: &[u8; 32]) -> u64 {
    bytes.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}
