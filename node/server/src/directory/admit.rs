//! Taking in a record that a partner brought: its own, or one of another structure.
//!
//! Whoever brings a record need not be believed: it is verified by the manifests of the structure that signed it, and
//! judged by the same rules on whatever way it came.

use super::churn::Taking;
use super::shelf::{Holds, document_key, write};
use super::stored::proof_until;
use super::{Conflict, Directory, DirectoryError, Index, is_news};
use relais_domain::directory::{
    Admitted, CARRIED_CONFLICTS_MAX, CONFLICTS_MAX, CONFLICTS_PER_STRUCTURE_MAX, DirectoryRefusal, Lack,
    Load, Record, Space,
};
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_store::StoreError;
use relais_store::batch::{Batch, RefusalWrite};
use relais_store::rows::Shelf;
use relais_wire::dsse::DsseError;
use relais_wire::keys::VerifyKey;
use relais_wire::manifest::chain::Chain;
use relais_wire::record::{RecordError, SignedRecord};
use std::collections::BTreeMap;

/// Under which code structures that signed two records with one sequence are counted.
const EQUIVOCATION: &str = "directory_equivocation";

/// Why a record that a partner brought is not taken in.
#[derive(Debug, thiserror::Error)]
pub enum AdmitError {
    /// Not a record, or not signed by its structure.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// Signed under a root that a rotation ended, whatever its sequence.
    #[error("the record was signed under a root that a rotation ended")]
    FormerRoot,
    /// Refused by the rules of the directory.
    #[error(transparent)]
    Refused(#[from] DirectoryRefusal),
    /// This structure publishes its own records itself.
    #[error("a record of this structure came from outside")]
    Own,
    /// Nothing of the structure that signed it is taken: an admin refused it, or removed it.
    #[error("nothing of this structure is taken here")]
    Declined,
    /// It belongs to no département that this node keeps.
    #[error("the record belongs to no département that is kept here")]
    Outside,
    /// As much is held already of what this partner was the first to bring as one partner may bring.
    #[error("no more records of structures that this partner brought are kept")]
    Share,
    /// Its structure has published too much of late.
    #[error("this structure has published too much of late: it is taken later")]
    Churn,
    /// The partner has brought too much of late.
    #[error("this partner has brought too much of late: it is taken later")]
    CarrierChurn,
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whose fault it is that a record is not taken in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Blame {
    /// Who brought it: no node that keeps the rules holds it.
    Carrier,
    /// Nobody: rules are kept at both ends, and it came too late, or is not wanted here.
    Nobody,
}

impl AdmitError {
    /// Under which code it is counted, and whose fault it is. `None` when it is this node's own.
    pub fn counted(&self) -> Option<(&'static str, Blame)> {
        use Blame::{Carrier, Nobody};
        Some(match self {
            Self::Record(RecordError::Signed(DsseError::Signature)) => ("directory_bad_signature", Carrier),
            Self::Record(RecordError::WrongSigner) => ("directory_foreign", Carrier),
            // What was brought may be kept no longer, or its structure have a manifest that has not come yet.
            Self::Record(RecordError::Manifest) => ("directory_no_manifest", Nobody),
            Self::Record(RecordError::TooBig { .. }) => ("directory_too_big", Carrier),
            Self::Record(RecordError::Signed(_) | RecordError::Field(_)) => ("directory_unreadable", Carrier),
            Self::Refused(DirectoryRefusal::Older { .. }) => ("directory_older", Nobody),
            Self::Refused(DirectoryRefusal::Equivocation { .. }) => ("directory_conflicting", Nobody),
            Self::Refused(DirectoryRefusal::Expired) => ("directory_expired", Nobody),
            Self::Refused(DirectoryRefusal::FromTheFuture) => ("directory_future", Nobody),
            Self::Refused(DirectoryRefusal::Lifetime) => ("directory_lifetime", Carrier),
            Self::Refused(DirectoryRefusal::Backdated) => ("directory_backdated", Carrier),
            Self::Refused(DirectoryRefusal::Full) => ("directory_full", Nobody),
            // Whoever brought it may not have heard of the rotation.
            Self::FormerRoot => ("directory_former_root", Nobody),
            Self::Own => ("directory_own", Nobody),
            Self::Declined => ("directory_declined", Nobody),
            Self::Outside => ("directory_outside", Nobody),
            Self::Share => ("directory_share", Nobody),
            Self::Churn => ("directory_churn", Nobody),
            Self::CarrierChurn => ("directory_carrier_churn", Nobody),
            Self::Store(_) => return None,
        })
    }

    /// Whether its structure signed two records with one sequence.
    pub(crate) fn is_equivocation(&self) -> bool {
        matches!(self, Self::Refused(DirectoryRefusal::Equivocation { .. }))
    }

    /// Whether it is refused for what is held, which may be what a thief signed before a rotation.
    pub(crate) fn is_for_what_is_held(&self) -> bool {
        match self {
            Self::Share | Self::Churn => true,
            Self::Refused(refusal) => match refusal {
                DirectoryRefusal::Older { .. }
                | DirectoryRefusal::Equivocation { .. }
                | DirectoryRefusal::Backdated
                | DirectoryRefusal::Full => true,
                DirectoryRefusal::Expired | DirectoryRefusal::FromTheFuture | DirectoryRefusal::Lifetime => {
                    false
                }
            },
            Self::Record(_)
            | Self::FormerRoot
            | Self::Own
            | Self::Declined
            | Self::Outside
            | Self::CarrierChurn
            | Self::Store(_) => false,
        }
    }
}

impl From<DirectoryError> for AdmitError {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Store(error) => Self::Store(error),
            DirectoryError::Record(error) => Self::Record(error),
            DirectoryError::Refused(error) => Self::Refused(error),
            DirectoryError::File(text) => Self::Store(StoreError::Unavailable(text)),
            DirectoryError::UnknownService(id) => Self::Store(StoreError::Unavailable(id.to_string())),
            DirectoryError::Changed | DirectoryError::Own | DirectoryError::TooManyRefused => {
                Self::Store(StoreError::Unavailable(error.to_string()))
            }
        }
    }
}

/// What the structure of a record is to this node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Publisher {
    /// A partner: what it publishes is kept, wherever it belongs.
    Partner,
    /// No partner: what it publishes is kept within the subscription and within limits.
    Third,
}

/// On which way a record came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Brought {
    /// The partner that brought it.
    pub by: StructureId,
    /// What the structure that signed it is to this node.
    pub of: Publisher,
}

/// Whose a record is, as far as it decides whether there is room for it.
#[derive(Clone, Copy)]
struct Claim {
    /// This structure.
    own: StructureId,
    /// What the structure that signed it is to this node.
    of: Publisher,
    /// The partner that was the first to bring its structure.
    carrier: StructureId,
}

impl Index {
    /// What would become of a record, its signature apart.
    fn judge(&self, signed: &SignedRecord, claim: Claim, now: Timestamp) -> Result<Admitted, AdmitError> {
        let record = &signed.record;
        if self.refused.contains_key(&record.structure) {
            return Err(AdmitError::Declined);
        }
        self.floors.judge(record)?;
        let admitted = self.records.judge(record, signed.identity, now)?;
        let wanted = || self.subscription().wants(self.records.partitions(record));
        match (claim.of, admitted) {
            (_, Admitted::Same) => {}
            (Publisher::Third, Admitted::New) if !wanted() => return Err(AdmitError::Outside),
            (Publisher::Partner | Publisher::Third, Admitted::New | Admitted::Newer) => {
                self.has_room(record, claim)?;
            }
        }
        Ok(admitted)
    }

    /// Whether what a record takes beyond what it replaces finds room.
    fn has_room(&self, record: &Record, claim: Claim) -> Result<(), AdmitError> {
        let growth = self.growth(record);
        if growth == Load::NONE {
            return Ok(());
        }
        let space = self.space(record.structure, growth, claim.own, claim.carrier);
        let room = match claim.of {
            Publisher::Partner => space.for_partner(),
            Publisher::Third => space.for_third(),
        };
        room.map_err(|lack| match lack {
            Lack::Full => DirectoryRefusal::Full.into(),
            Lack::Share => AdmitError::Share,
        })
    }

    /// What a record takes beyond the record, or the floor, that it takes the place of.
    pub(super) fn growth(&self, record: &Record) -> Load {
        let key = record.key();
        let floor = self.floors.floor(record.structure, &key).map_or(Load::NONE, |_| Load::of_floor(&key));
        self.records.growth(record).minus(floor)
    }

    /// What would be held with so much more of a structure.
    pub(super) fn space(
        &self,
        structure: StructureId,
        growth: Load,
        own: StructureId,
        carrier: StructureId,
    ) -> Space {
        let of_all = self.records.load().plus(self.floors.load());
        Space {
            of_structure: self.load_of(structure).plus(growth),
            of_carrier: self.shares.get(&carrier).copied().unwrap_or_default().plus(growth),
            of_others: of_all.minus(self.load_of(own)).plus(growth),
        }
    }

    /// What the records and floors of a structure take.
    pub(super) fn load_of(&self, structure: StructureId) -> Load {
        self.records.load_of(structure).plus(self.floors.load_of(structure))
    }
}

impl Directory {
    /// Takes in the bytes of a record that the partner of `chain` signed, and brought itself.
    ///
    /// # Errors
    /// [`AdmitError`]: nothing is kept but, when the structure signed two records with one sequence, the proof.
    pub async fn admit_from_peer(&self, bytes: &[u8], chain: &Chain) -> Result<Admitted, AdmitError> {
        if chain.structure() == self.own.structure() {
            return Err(AdmitError::Own);
        }
        let brought = Brought { by: chain.structure(), of: Publisher::Partner };
        self.admit(SignedRecord::read(bytes)?, chain, brought).await
    }

    /// What would become of a record if its signature is good; it is looked at in no time, before anything is verified.
    ///
    /// # Errors
    /// [`AdmitError`] as of [`Directory::admit`], but none of the signature.
    pub fn foresee(&self, signed: &SignedRecord, brought: Brought) -> Result<Admitted, AdmitError> {
        let structure = signed.record.structure;
        if structure == self.own.structure() {
            return Err(AdmitError::Own);
        }
        let carrier = self.carried.known(structure).map_or(brought.by, |known| known.carrier);
        let (claim, now) = (Claim { own: self.own.structure(), of: brought.of, carrier }, self.clock.now());
        let index = self.index.read();
        let admitted = index.judge(signed, claim, now)?;
        if is_news(admitted) {
            self.churn.judge(&Taking::of(&index, signed, brought), now)?;
        }
        Ok(admitted)
    }

    /// Takes in a record that the structure of `chain` signed with a key of a manifest still in use. No manifest of a root
    /// that a rotation ended is: what such a root signed is dropped when the rotation is first seen here.
    ///
    /// # Errors
    /// As [`Directory::admit_from_peer`].
    pub async fn admit(
        &self,
        signed: SignedRecord,
        chain: &Chain,
        brought: Brought,
    ) -> Result<Admitted, AdmitError> {
        self.turn_root(chain).await?;
        let named = signed.record.manifest;
        if chain.at(named).is_some() && !chain.is_of_current_root(named) {
            return Err(AdmitError::FormerRoot);
        }
        signed.verify(chain.structure(), |manifest| self.keys_of(chain, manifest))?;
        let _writing = self.writing.lock().await;
        if !self.is_present_root(chain) {
            return Err(AdmitError::FormerRoot);
        }
        match self.foresee(&signed, brought) {
            Ok(admitted) if is_news(admitted) => {
                let taking = self.read_index(|index| Taking::of(index, &signed, brought));
                self.keep_record(signed, brought).await?;
                self.churn.note(&taking, self.clock.now());
                Ok(admitted)
            }
            Ok(admitted) => Ok(admitted),
            Err(error) if error.is_equivocation() => {
                self.keep_conflict(signed, brought.of).await?;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    /// The keys by which a record is verified that names this manifest of a chain; `None` when it is not in use any more.
    pub(crate) fn keys_of(&self, chain: &Chain, manifest: u64) -> Option<Vec<VerifyKey>> {
        let usable = chain.is_current_or_recent(manifest, self.clock.now());
        usable.then(|| chain.signing_keys_at(manifest).map(<[_]>::to_vec)).flatten()
    }

    /// Counts what a partner brought and was refused.
    ///
    /// # Errors
    /// [`DirectoryError::Store`].
    pub(crate) async fn count_refusals(&self, refusals: Vec<RefusalWrite>) -> Result<(), DirectoryError> {
        Ok(self.store.commit(Batch { refusals, ..Batch::default() }).await?)
    }

    async fn keep_record(&self, signed: SignedRecord, brought: Brought) -> Result<(), AdmitError> {
        let (structure, key) = (signed.record.structure, signed.record.key());
        let mut documents =
            vec![write(document_key(structure, &key, Holds::Record), Some(signed.bytes.clone()))];
        // What is held is its own floor.
        if self.read_index(|index| index.floors.floor(structure, &key).is_some()) {
            documents.push(write(document_key(structure, &key, Holds::Floor), None));
        }
        let batch = Batch { documents, ..Batch::default() };
        self.store.commit(batch).await.map_err(DirectoryError::from)?;
        let news = {
            let mut index = self.index.write();
            let before = index.partitions_held(structure, &key);
            let growth = index.growth(&signed.record);
            let news = signed.clone();
            index.records.admit(signed.record, signed.identity, self.clock.now())?;
            index.floors.remove(structure, &key);
            index.generation += 1;
            if brought.of == Publisher::Third {
                let carrier = self.carried.known(structure).map_or(brought.by, |known| known.carrier);
                let share = index.shares.entry(carrier).or_default();
                *share = share.plus(growth);
            }
            (news, before.and(index.partitions_held(structure, &key)))
        };
        self.tell(news.0, news.1);
        Ok(())
    }

    /// Keeps the proof of two records with one sequence, one for each subject, and tells partners of it.
    async fn keep_conflict(&self, refused: SignedRecord, of: Publisher) -> Result<(), DirectoryError> {
        let (structure, subject) = (refused.record.structure, refused.record.key());
        let (of_it, of_all) = self.read_index(|index| {
            let all = index.conflicts.values().map(BTreeMap::len).sum::<usize>();
            (index.conflicts.get(&structure).map_or(0, BTreeMap::len), all)
        });
        let most = match of {
            Publisher::Partner => CONFLICTS_MAX,
            Publisher::Third => CARRIED_CONFLICTS_MAX,
        };
        if of_it >= CONFLICTS_PER_STRUCTURE_MAX || of_all >= most {
            return Ok(());
        }
        let held_key = document_key(structure, &subject, Holds::Record);
        let Some(held) = self.store.document(Shelf::Record, &held_key).await? else { return Ok(()) };
        let key = document_key(structure, &subject, Holds::Conflict);
        if self.store.document(Shelf::Record, &key).await?.is_some() {
            return Ok(());
        }
        tracing::error!(structure.id = %structure, subject = %subject, "A structure signed two records with one sequence");
        let proof = Conflict { held: held.body, refused: refused.bytes.clone() };
        let until = proof_until(&proof)?;
        let body = serde_json::to_vec(&proof).unwrap_or_default();
        let code = EQUIVOCATION.to_owned();
        let refusal = RefusalWrite { peer: Some(structure), code, count: 1, at: self.clock.now() };
        let documents = vec![write(key, Some(body))];
        self.store.commit(Batch { documents, refusals: vec![refusal], ..Batch::default() }).await?;
        let partitions = {
            let mut index = self.index.write();
            index.conflicts.entry(structure).or_default().insert(subject.clone(), until);
            index.partitions_held(structure, &subject)
        };
        // Whoever holds the other of the two finds the proof by it.
        self.tell(refused, partitions);
        Ok(())
    }
}
