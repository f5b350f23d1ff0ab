//! Who vouches for whom, as this node sees it, and what the sides of a talk show each other.

use super::{IntroduceError, Introductions};
use relais_domain::directory::{Backing, Claims, Pin, RecordKey, Vouched, Voucher};
use relais_domain::structure_id::StructureId;
use relais_domain::territory::Territory;
use relais_domain::thread::Trust;
use relais_store::{CommitError, StoreError};
use relais_wire::manifest::chain::Chain;
use relais_wire::pairing::ENDORSEMENTS_SHOWN_MAX;
use relais_wire::record::SignedRecord;
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::watch;

impl Introductions {
    /// The paired partners that vouch for the structure of these manifests here and now; nobody does for manifests that
    /// know nothing of a rotation that is known here.
    pub fn vouchers(&self, chain: &Chain) -> Vec<Voucher> {
        if self.directory.is_behind(chain) {
            return Vec::new();
        }
        let is_pinned =
            |pin: Pin| chain.at(pin.sequence).is_some_and(|manifest| manifest.identity() == pin.manifest);
        self.vouched(chain.structure(), is_pinned)
    }

    /// The paired partners that say something for a structure whose manifests are not here yet.
    pub fn recommended_by(&self, structure: StructureId) -> Vec<Voucher> {
        self.vouched(structure, |_| true)
    }

    /// Every structure for which a paired partner says something: those of which [`Self::recommended_by`] names someone.
    pub fn recommended(&self) -> BTreeSet<StructureId> {
        self.directory.spoken_for(&self.engine.peers().paired(), &self.ground())
    }

    /// Who a structure is to this one, by those that are recommended.
    pub(crate) fn backing(&self, structure: StructureId, recommended: &BTreeSet<StructureId>) -> Backing {
        if structure == self.engine.own().structure() {
            return Backing::Own;
        }
        match self.engine.peers().trust(structure) {
            Some(Trust::Paired) if self.engine.peers().is_paired(structure) => Backing::Partner,
            None if recommended.contains(&structure) => Backing::Endorsed,
            Some(Trust::Paired | Trust::Suspended | Trust::Removed) | None => Backing::Nobody,
        }
    }

    /// What the structures that are believed say of who they are.
    pub(crate) fn claims(&self) -> Claims {
        let recommended = self.recommended();
        self.directory.claims(|structure| self.backing(structure, &recommended))
    }

    /// The state of the directory and of the partners that claims are heard of.
    pub(crate) fn heard_of(&self) -> (u64, u64) {
        (self.directory.version(), self.engine.peers().version())
    }

    /// Tells of every change of trust.
    pub(crate) fn trust_changes(&self) -> watch::Receiver<u64> {
        self.engine.peers().changes()
    }

    fn vouched(&self, subject: StructureId, is_pinned: impl Fn(Pin) -> bool) -> Vec<Voucher> {
        let themes = BTreeSet::new();
        let is_partner = |by| self.engine.peers().is_paired(by);
        let mut found = BTreeMap::new();
        for territory in self.ground() {
            let asked = Vouched { subject, territory, themes: &themes };
            for voucher in self.directory.vouchers(asked, is_partner, &is_pinned) {
                found.insert(voucher.by, voucher);
            }
        }
        found.into_values().collect()
    }

    /// Where this structure works: a recommendation must be good for one of its sites. Who publishes none takes any.
    fn ground(&self) -> Vec<Option<Territory>> {
        let profile = self.directory.profile(self.engine.own().structure());
        let sites = profile.map(|profile| profile.sites).unwrap_or_default();
        let communes: Vec<Option<Territory>> = sites
            .into_iter()
            .filter_map(|site| site.commune)
            .map(|code| Some(Territory::Commune(code)))
            .collect();
        if communes.is_empty() { vec![None] } else { communes }
    }

    /// Takes in what a side shows that others say for it: only what a paired partner of this node signed about that very
    /// structure, and by the rules of the directory, so that nothing older takes the place of what is held.
    pub(crate) async fn heed(&self, subject: StructureId, shown: &[Vec<u8>]) {
        for bytes in shown {
            let Some(by) = author(bytes, subject) else { continue };
            if !self.engine.peers().is_paired(by) {
                continue;
            }
            let Some(chain) = self.engine.peers().chain(by) else { continue };
            if let Err(error) = self.directory.admit_from_peer(bytes, &chain).await {
                tracing::info!(peer.id = %by, %error, "A shown recommendation is not taken in");
            }
        }
    }

    /// The signed bytes of what others say for this structure, to be shown.
    pub(crate) async fn shown(&self) -> Result<Vec<Vec<u8>>, IntroduceError> {
        let own = self.engine.own().structure();
        let signed = self.directory.endorsements_signed(own, ENDORSEMENTS_SHOWN_MAX).await;
        signed.map_err(|error| CommitError::Store(StoreError::Unavailable(error.to_string())).into())
    }
}

/// Who signed an endorsement of `subject`; none for any other bytes.
fn author(bytes: &[u8], subject: StructureId) -> Option<StructureId> {
    let record = SignedRecord::read(bytes).ok()?.record;
    let about = RecordKey::Endorsement(subject);
    (record.key() == about).then_some(record.structure)
}
