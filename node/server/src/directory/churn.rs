//! How much is taken in an hour of what one structure signs, and of what one partner brings, on whatever ways it comes.
//!
//! Every record that is taken is told to every partner. Who signs one record anew without end would use up what each of
//! them may be sent, and so keep everybody else's records from them. What is over is not taken now, and is nobody's fault:
//! a later comparison finds the last version.

use super::{AdmitError, Brought, Directory, Index, Publisher};
use relais_domain::directory::RECORDS_PER_STRUCTURE_MAX;
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Span, Timestamp};
use relais_wire::record::SignedRecord;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// In how long what was used up is given back, little by little.
pub(super) const GIVEN_BACK_IN: Span = Span::hours(1);
/// Of one structure, records about something of which nothing was held: all that it may publish, at once.
const FIRST_OF_STRUCTURE: Allowance =
    Allowance { records: RECORDS_PER_STRUCTURE_MAX as u64, bytes: 8 * 1024 * 1024 };
/// Of one structure, records in the place of others.
const CHANGES_OF_STRUCTURE: Allowance = Allowance { records: 1_000, bytes: 2 * 1024 * 1024 };
/// Of the third structures that one partner brings, records about something of which nothing was held. With the changes,
/// and used up twice within an hour, it is less than any partner may be sent in one.
const FIRST_OF_CARRIER: Allowance = Allowance { records: 20_000, bytes: 20 * 1024 * 1024 };
/// Of the third structures that one partner brings, records in the place of others.
const CHANGES_OF_CARRIER: Allowance = Allowance { records: 8_000, bytes: 8 * 1024 * 1024 };

/// How much is taken at once, and given back within [`GIVEN_BACK_IN`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Allowance {
    records: u64,
    bytes: u64,
}

/// What is used up of an allowance; each number times the milliseconds of [`GIVEN_BACK_IN`], so that nothing is lost to
/// rounding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Used {
    at: Timestamp,
    records: u64,
    bytes: u64,
}

/// What part of it a record is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Kind {
    /// Nothing was held about its subject.
    First,
    /// Something was.
    Change,
}

/// Who uses it up.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum By {
    Structure(StructureId),
    Carrier(StructureId),
}

/// A record that would be taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taking {
    structure: StructureId,
    /// Who brings it, if another than a partner signed it.
    carrier: Option<StructureId>,
    kind: Kind,
    bytes: u64,
}

/// What is used up, by whom.
#[derive(Debug, Default)]
pub(super) struct Churn(Mutex<BTreeMap<(By, Kind), Used>>);

impl By {
    const fn allowance(self, kind: Kind) -> Allowance {
        match (self, kind) {
            (Self::Structure(_), Kind::First) => FIRST_OF_STRUCTURE,
            (Self::Structure(_), Kind::Change) => CHANGES_OF_STRUCTURE,
            (Self::Carrier(_), Kind::First) => FIRST_OF_CARRIER,
            (Self::Carrier(_), Kind::Change) => CHANGES_OF_CARRIER,
        }
    }
}

/// The milliseconds of [`GIVEN_BACK_IN`].
const PARTS: u64 = GIVEN_BACK_IN.0.unsigned_abs();

impl Used {
    const fn nothing(at: Timestamp) -> Self {
        Self { at, records: 0, bytes: 0 }
    }

    /// What is still used up by now. A clock that was turned back gives nothing back, and takes nothing.
    fn by(self, now: Timestamp, allowance: Allowance) -> Self {
        let passed = u64::try_from(now.since(self.at).0).unwrap_or(0).min(PARTS);
        Self {
            at: now,
            records: self.records.saturating_sub(passed * allowance.records),
            bytes: self.bytes.saturating_sub(passed * allowance.bytes),
        }
    }

    const fn is_nothing(self) -> bool {
        self.records == 0 && self.bytes == 0
    }

    const fn and(self, bytes: u64) -> Self {
        let records = self.records.saturating_add(PARTS);
        Self { at: self.at, records, bytes: self.bytes.saturating_add(bytes.saturating_mul(PARTS)) }
    }

    const fn is_within(self, allowance: Allowance) -> bool {
        self.records <= allowance.records * PARTS && self.bytes <= allowance.bytes * PARTS
    }
}

impl Taking {
    /// What taking a record would use up.
    pub(super) fn of(index: &Index, signed: &SignedRecord, brought: Brought) -> Self {
        let (structure, key) = (signed.record.structure, signed.record.key());
        let was_held = index.records.held(structure, &key).is_some();
        let kind = if was_held || index.floors.floor(structure, &key).is_some() {
            Kind::Change
        } else {
            Kind::First
        };
        let carrier = match brought.of {
            Publisher::Partner => None,
            Publisher::Third => Some(brought.by),
        };
        let bytes = u64::try_from(signed.bytes.len()).unwrap_or(u64::MAX);
        Self { structure, carrier, kind, bytes }
    }

    fn by(&self) -> impl Iterator<Item = By> {
        [Some(By::Structure(self.structure)), self.carrier.map(By::Carrier)].into_iter().flatten()
    }
}

impl Churn {
    /// Whether a record may be taken now.
    ///
    /// # Errors
    /// [`AdmitError::Churn`], [`AdmitError::CarrierChurn`].
    pub(super) fn judge(&self, taking: &Taking, now: Timestamp) -> Result<(), AdmitError> {
        for by in taking.by() {
            if !self.used(by, taking.kind, now).and(taking.bytes).is_within(by.allowance(taking.kind)) {
                return Err(match by {
                    By::Structure(_) => AdmitError::Churn,
                    By::Carrier(_) => AdmitError::CarrierChurn,
                });
            }
        }
        Ok(())
    }

    /// Notes that a record is taken.
    pub(super) fn note(&self, taking: &Taking, now: Timestamp) {
        for by in taking.by() {
            let used = self.used(by, taking.kind, now).and(taking.bytes);
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert((by, taking.kind), used);
        }
    }

    /// Whether a record of this size that a partner brings could be taken now, whatever it is about.
    fn may_bring(&self, carrier: StructureId, bytes: u64, now: Timestamp) -> bool {
        let by = By::Carrier(carrier);
        [Kind::First, Kind::Change]
            .into_iter()
            .all(|kind| self.used(by, kind, now).and(bytes).is_within(by.allowance(kind)))
    }

    fn used(&self, by: By, kind: Kind, now: Timestamp) -> Used {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let used = all.get(&(by, kind)).copied().unwrap_or(Used::nothing(now));
        used.by(now, by.allowance(kind))
    }

    /// Forgets what a structure has used up: whoever signs for it is another.
    pub(super) fn forget(&self, structure: StructureId) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(by, _), _| *by != By::Structure(structure));
    }

    /// Forgets who has used up nothing any more.
    pub(super) fn sweep(&self, now: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(by, kind), used| !used.by(now, by.allowance(*kind)).is_nothing());
    }
}

impl Directory {
    /// Whether records of third structures that a partner brings are taken now; they are not asked for otherwise.
    pub fn may_bring(&self, partner: StructureId) -> bool {
        const LARGEST: u64 = relais_wire::frame::RECORD_BYTES_MAX as u64;
        self.churn.may_bring(partner, LARGEST, self.clock.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    fn taking(structure: &[u8], carrier: Option<&[u8]>, kind: Kind, bytes: u64) -> Taking {
        let id = StructureId::of_root_spki;
        Taking { structure: id(structure), carrier: carrier.map(id), kind, bytes }
    }

    /// How many of these are taken one after the other.
    fn taken(churn: &Churn, taking: &Taking, now: Timestamp) -> u64 {
        let mut count = 0;
        while churn.judge(taking, now).is_ok() {
            churn.note(taking, now);
            count += 1;
        }
        count
    }

    #[test]
    fn so_many_records_of_a_structure_are_taken_and_more_when_they_are_the_first() {
        let churn = Churn::default();
        for (kind, of) in [(Kind::First, FIRST_OF_STRUCTURE), (Kind::Change, CHANGES_OF_STRUCTURE)] {
            assert_eq!(taken(&churn, &taking(b"a", None, kind, 1), NOW), of.records);
            assert_eq!(taken(&churn, &taking(b"b", None, kind, of.bytes / 100), NOW), 100);
            let more = taking(b"b", None, kind, of.bytes % 100 + 1);
            assert!(matches!(churn.judge(&more, NOW), Err(AdmitError::Churn)));
            // Little by little it is given back, to the last.
            let a_tenth = NOW.plus(Span(GIVEN_BACK_IN.0 / 10));
            assert_eq!(taken(&churn, &taking(b"a", None, kind, 1), a_tenth), of.records / 10);
            let later = a_tenth.plus(GIVEN_BACK_IN);
            assert_eq!(taken(&churn, &taking(b"a", None, kind, 1), later), of.records);
            assert_eq!(taken(&churn, &taking(b"a", None, kind, 1), NOW), 0, "a clock turned back");
        }
        const { assert!(FIRST_OF_STRUCTURE.bytes > CHANGES_OF_STRUCTURE.bytes) };
    }

    #[test]
    fn so_much_is_taken_of_what_a_partner_brings_whoever_signed_it() {
        for (kind, of) in [(Kind::First, FIRST_OF_CARRIER), (Kind::Change, CHANGES_OF_CARRIER)] {
            let churn = Churn::default();
            let size = 16 * 1024;
            let mut count = 0;
            for number in 0..of.bytes / size + 10 {
                let taking = taking(&number.to_be_bytes(), Some(b"carrier"), kind, size);
                match churn.judge(&taking, NOW) {
                    Ok(()) => churn.note(&taking, NOW),
                    Err(error) => {
                        assert!(matches!(error, AdmitError::CarrierChurn));
                        continue;
                    }
                }
                count += 1;
            }
            assert_eq!(count, of.bytes / size);
            let (carrier, other) =
                (StructureId::of_root_spki(b"carrier"), StructureId::of_root_spki(b"other"));
            assert!(!churn.may_bring(carrier, size, NOW) && churn.may_bring(other, size, NOW));
            assert!(churn.judge(&taking(b"new", None, kind, size), NOW).is_ok(), "of a partner");
            churn.sweep(NOW.plus(GIVEN_BACK_IN).minus(Span(1)));
            assert!(!churn.0.lock().unwrap().is_empty());
            churn.sweep(NOW.plus(GIVEN_BACK_IN));
            assert!(churn.0.lock().unwrap().is_empty() && churn.may_bring(carrier, size, NOW));
        }
        const HOUR_BYTES_MAX: u64 = 64 * 1024 * 1024;
        const { assert!(2 * (FIRST_OF_CARRIER.bytes + CHANGES_OF_CARRIER.bytes) < HOUR_BYTES_MAX) };
    }
}
