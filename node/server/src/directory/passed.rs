//! What was refused and is not asked for again: for good, for a while, or until there is room.
//!
//! A comparison names records by identity alone, so what is not wanted here would be asked for each time.

use super::{AdmitError, Brought, Directory, Index, Publisher};
use relais_domain::digest::Digest;
use relais_domain::directory::{DirectoryRefusal, Load, RECORDS_MAX, RecordKey};
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Span, Timestamp};
use relais_wire::record::SignedRecord;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

/// Most identities remembered that are not wanted, and most that are not taken now.
const PASSED_OVER_MAX: usize = 8_192;
/// Most identities remembered that found no room: as many as a partner can hold.
const NO_ROOM_MAX: usize = RECORDS_MAX;
/// For how long a record is not asked for again whose structure has changed too much of late.
const CHURN_WAIT: Span = Span::minutes(15);
/// What must be free before what found no room is asked for again: more than the largest record takes.
const ROOM_AGAIN: Load = Load { records: 4, bytes: 64 * 1_024 };

/// Whose record found no room: its structure, who was the first to bring that, and what it is to this node.
type Roomless = (StructureId, StructureId, Publisher);

/// Whether a record that was refused is to come again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Again {
    /// It is asked for again by the next comparison: what it needs may come meanwhile.
    Soon,
    /// It is not asked for again, of anyone.
    No,
    /// It is not asked for again of who brought it: everyone else who holds it must be told what took its place, or may
    /// have room for it.
    NotOfThisPartner,
}

/// Identities of what was refused.
#[derive(Debug, Default)]
pub(super) struct PassedOver {
    /// What is not wanted here, until what is wished changes.
    unwanted: BTreeSet<Digest>,
    /// What is not taken before then.
    later: BTreeMap<Digest, Timestamp>,
    no_room: BTreeMap<Roomless, BTreeSet<Digest>>,
    /// All of those.
    roomless: BTreeSet<Digest>,
}

impl PassedOver {
    fn is_wanted(&self, identity: &Digest, now: Timestamp) -> bool {
        !self.unwanted.contains(identity)
            && self.later.get(identity).is_none_or(|until| *until <= now)
            && !self.roomless.contains(identity)
    }

    fn no_room(&mut self, whose: Roomless, identity: Digest) {
        // What is forgotten is asked for once more.
        if self.roomless.len() >= NO_ROOM_MAX {
            self.no_room.clear();
            self.roomless.clear();
        }
        if self.roomless.insert(identity) {
            self.no_room.entry(whose).or_default().insert(identity);
        }
    }
}

impl Index {
    /// Whether so much is free that asking is worth it.
    fn has_room_again(&self, (structure, carrier, of): Roomless, own: StructureId) -> bool {
        let space = self.space(structure, ROOM_AGAIN, own, carrier);
        match of {
            Publisher::Partner => space.for_partner().is_ok(),
            Publisher::Third => space.for_third().is_ok(),
        }
    }
}

impl Directory {
    /// Remembers what is not to be asked for again of what a partner brought and was refused.
    pub fn pass_over(&self, signed: &SignedRecord, brought: Brought, error: &AdmitError) -> Again {
        let identity = signed.identity;
        match error {
            // Its service may come behind it.
            AdmitError::Outside if matches!(signed.record.key(), RecordKey::Capacity(_)) => Again::Soon,
            AdmitError::FormerRoot | AdmitError::Own | AdmitError::Declined | AdmitError::Outside => {
                self.unwanted(identity)
            }
            AdmitError::Refused(refusal) => match refusal {
                DirectoryRefusal::Older { .. } => Again::NotOfThisPartner,
                DirectoryRefusal::Equivocation { .. }
                | DirectoryRefusal::Expired
                | DirectoryRefusal::Lifetime
                | DirectoryRefusal::Backdated => self.unwanted(identity),
                DirectoryRefusal::FromTheFuture => Again::Soon,
                DirectoryRefusal::Full => self.no_room(signed, brought),
            },
            // Another partner that brings it may have room.
            AdmitError::Share if self.carried.known(signed.record.structure).is_none() => {
                Again::NotOfThisPartner
            }
            AdmitError::Share => self.no_room(signed, brought),
            AdmitError::Churn | AdmitError::CarrierChurn => {
                let until = self.clock.now().plus(CHURN_WAIT);
                let mut passed_over = self.passed_over.lock().unwrap_or_else(PoisonError::into_inner);
                if passed_over.later.len() >= PASSED_OVER_MAX {
                    passed_over.later.clear();
                }
                passed_over.later.insert(identity, until);
                Again::No
            }
            AdmitError::Record(_) | AdmitError::Store(_) => Again::Soon,
        }
    }

    fn unwanted(&self, identity: Digest) -> Again {
        let mut passed_over = self.passed_over.lock().unwrap_or_else(PoisonError::into_inner);
        if passed_over.unwanted.len() < PASSED_OVER_MAX {
            passed_over.unwanted.insert(identity);
        }
        Again::No
    }

    fn no_room(&self, signed: &SignedRecord, brought: Brought) -> Again {
        let structure = signed.record.structure;
        let carrier = self.carried.known(structure).map_or(brought.by, |known| known.carrier);
        let mut passed_over = self.passed_over.lock().unwrap_or_else(PoisonError::into_inner);
        passed_over.no_room((structure, carrier, brought.of), signed.identity);
        Again::No
    }

    /// Remembers not to ask again for a record that this version cannot read.
    pub fn pass_over_unread(&self, identity: Digest) {
        self.unwanted(identity);
    }

    /// Those of these identities that are to be asked for, each once.
    pub fn still_wanted(&self, identities: Vec<Digest>) -> Vec<Digest> {
        let now = self.clock.now();
        let mut passed_over = self.passed_over.lock().unwrap_or_else(PoisonError::into_inner);
        let own = self.own.structure();
        let PassedOver { no_room, roomless, .. } = &mut *passed_over;
        self.read_index(|index| {
            no_room.retain(|whose, identities| {
                let has_room = index.has_room_again(*whose, own);
                if has_room {
                    for identity in &*identities {
                        roomless.remove(identity);
                    }
                }
                !has_room
            });
        });
        let wanted: BTreeSet<Digest> =
            identities.into_iter().filter(|identity| passed_over.is_wanted(identity, now)).collect();
        wanted.into_iter().collect()
    }

    /// Asks again for what was not wanted: it may be now.
    pub(super) fn forget_passed_over(&self) {
        let now = self.clock.now();
        self.churn.sweep(now);
        let mut passed_over = self.passed_over.lock().unwrap_or_else(PoisonError::into_inner);
        passed_over.unwanted.clear();
        passed_over.later.retain(|_, until| *until > now);
    }
}
