//! Endorsing: what this structure says for another one, what others say for it, and who vouches for whom.
//!
//! An endorsement that ends early or is taken back stays in the way of its older versions until the last of them is over.

use super::endorsed::{shown, standing_of};
use super::publish::Words;
use super::{
    Directory, DirectoryError, EndorseError, EndorsementStanding, Holds, Published, ShownEndorsement,
    document_key,
};
use relais_domain::directory::{
    Body, ENDORSEMENT_LIFETIME_MAX, ENDORSEMENT_LIFETIME_MIN, Endorsement, Held, Pin, RecordKey,
    SCOPE_ENTRIES_MAX, Vouched, Voucher,
};
use relais_domain::structure_id::StructureId;
use relais_domain::territory::Territory;
use relais_domain::time::Timestamp;
use relais_store::rows::Shelf;
use relais_wire::record::{RecordError, SignedRecord};
use std::collections::BTreeSet;

impl Directory {
    /// Recommends another structure until an instant; said anew, it takes the place of what was said before.
    ///
    /// # Errors
    /// [`EndorseError`].
    pub async fn endorse(
        &self,
        endorsement: Endorsement,
        until: Timestamp,
    ) -> Result<Published, EndorseError> {
        let _writing = self.writing.lock().await;
        let (own, now) = (self.own.structure(), self.clock.now());
        let (subject, scope) = (endorsement.subject, &endorsement.scope);
        if subject == own {
            return Err(EndorseError::Ourselves);
        }
        let entries = scope.territories.territories().len().max(scope.themes.len());
        if entries > SCOPE_ENTRIES_MAX {
            return Err(EndorseError::Scope);
        }
        let held = self.read(|records| records.held(own, &RecordKey::Endorsement(subject)).cloned());
        let body = Body::Endorsement(Box::new(endorsement));
        let same = held.as_ref().is_some_and(|held| {
            let Held { record, .. } = held;
            record.body == body && record.expires_at == until && record.manifest == self.own.manifest()
        });
        if same {
            return Ok(Published::Unchanged);
        }
        let issued_at = not_before(held.as_ref(), now);
        if !(ENDORSEMENT_LIFETIME_MIN..=ENDORSEMENT_LIFETIME_MAX).contains(&until.since(issued_at)) {
            return Err(EndorseError::Lifetime);
        }
        let signed = self.sign_between(body, issued_at, until).map_err(DirectoryError::from)?;
        self.commit_own(vec![signed], Words::Said).await?;
        let updates = held.is_some_and(|held| standing_of(&held, now) == EndorsementStanding::Holds);
        Ok(if updates { Published::Updated } else { Published::Created })
    }

    /// Takes a recommendation back. For partners that are away it is remembered for as long as it could last.
    ///
    /// # Errors
    /// [`EndorseError::NotEndorsed`].
    pub async fn withdraw_endorsement(&self, subject: StructureId) -> Result<(), EndorseError> {
        let _writing = self.writing.lock().await;
        let (own, now) = (self.own.structure(), self.clock.now());
        let held = self.read(|records| records.held(own, &RecordKey::Endorsement(subject)).cloned());
        let held = held.filter(|held| standing_of(held, now) == EndorsementStanding::Holds);
        let held = held.ok_or(EndorseError::NotEndorsed)?;
        let signed = self.sign_withdrawal(&held, now).map_err(DirectoryError::from)?;
        Ok(self.commit_own(vec![signed], Words::Said).await?)
    }

    /// What this structure says or said for others, by whom it is about.
    pub fn endorsements_given(&self) -> Vec<ShownEndorsement> {
        let (own, now) = (self.own.structure(), self.clock.now());
        self.read(|records| records.of(own).filter_map(|held| shown(held, now)).collect())
    }

    /// What anyone in the directory says now for a structure, by who says it. Whether that counts is another question.
    pub fn endorsements_of(&self, subject: StructureId) -> Vec<Voucher> {
        let now = self.clock.now();
        self.read(|records| records.endorsements_of(subject, now).collect())
    }

    /// The structures for which one of these says something that is good for one of these places.
    pub fn spoken_for(&self, by: &[StructureId], grounds: &[Option<Territory>]) -> BTreeSet<StructureId> {
        let now = self.clock.now();
        self.read(|records| records.spoken_for(by, grounds, now))
    }

    /// The partners that vouch for a structure now, whose manifests say `is_pinned`.
    pub fn vouchers(
        &self,
        asked: Vouched<'_>,
        is_partner: impl Fn(StructureId) -> bool,
        is_pinned: impl Fn(Pin) -> bool,
    ) -> Vec<Voucher> {
        let now = self.clock.now();
        self.read(|records| records.vouchers(asked, now, is_partner, is_pinned))
    }

    /// The signed bytes of what others say for a structure, the latest first, `most` of them.
    ///
    /// # Errors
    /// [`DirectoryError::Store`].
    pub async fn endorsements_signed(
        &self,
        subject: StructureId,
        most: usize,
    ) -> Result<Vec<Vec<u8>>, DirectoryError> {
        let mut found = self.endorsements_of(subject);
        found.sort_by_key(|voucher| (std::cmp::Reverse(voucher.issued_at), voucher.by));
        let mut signed = Vec::new();
        for voucher in found.into_iter().take(most) {
            let key = document_key(voucher.by, &RecordKey::Endorsement(subject), Holds::Record);
            signed.extend(self.store.document(Shelf::Record, &key).await?.map(|document| document.body));
        }
        Ok(signed)
    }

    /// Own endorsements to be signed anew: those under a former manifest, as they stand; and, as taken back, those that
    /// ended in the place of a version that may have lasted longer.
    pub(super) fn endorsements_renewed(&self, now: Timestamp) -> Result<Vec<SignedRecord>, RecordError> {
        let (own, manifest) = (self.own.structure(), self.own.manifest());
        let of_others = |held: &&Held| matches!(held.record.key(), RecordKey::Endorsement(_));
        let held: Vec<Held> = self.read(|records| records.of(own).filter(of_others).cloned().collect());
        let renewed = held.into_iter().filter_map(|held| match standing_of(&held, now) {
            EndorsementStanding::Ended if held.record.sequence > 1 => Some(self.sign_withdrawal(&held, now)),
            EndorsementStanding::Ended => None,
            EndorsementStanding::Holds | EndorsementStanding::Withdrawn => {
                let Held { record, .. } = held;
                let due = record.manifest != manifest && record.expires_at > now;
                due.then(|| self.sign_between(record.body, record.issued_at, record.expires_at))
            }
        });
        renewed.collect()
    }

    fn sign_withdrawal(&self, held: &Held, now: Timestamp) -> Result<SignedRecord, RecordError> {
        let issued_at = not_before(Some(held), now);
        let until = issued_at.plus(ENDORSEMENT_LIFETIME_MAX);
        self.sign_between(Body::Withdrawn(held.record.key()), issued_at, until)
    }
}

/// When what follows `held` is signed: a clock that was set back does not make it older than what it replaces.
fn not_before(held: Option<&Held>, now: Timestamp) -> Timestamp {
    held.map_or(now, |held| held.record.issued_at.max(now))
}
