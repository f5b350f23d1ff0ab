//! Manifests of third structures, as a partner brings them: a run from the first, offered once a record asks for it.

use super::SyncContext;
use crate::carried::{CHAIN_BYTES_MAX, CarriedError};
use crate::directory::Blame;
use relais_domain::structure_id::StructureId;
use relais_store::StoreError;
use relais_wire::frame::CarriedManifest;
use relais_wire::manifest::chain::Chain;
use relais_wire::manifest::{Manifest, ManifestError};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Why a run of manifests is of no use; its code, and whose fault it is.
pub(super) type Useless = (&'static str, Blame);

/// The run that is coming in.
#[derive(Default)]
pub(super) struct Incoming {
    run: Vec<Manifest>,
    bytes: usize,
}

impl Incoming {
    /// Takes in one manifest. A run begins with the first, and each continues the one before.
    pub(super) fn take(&mut self, carried: &CarriedManifest) -> Result<(), Useless> {
        let useless = ("directory_bad_manifest", Blame::Carrier);
        let manifest = Manifest::admit(&carried.manifest).map_err(|_| useless)?;
        if manifest.structure() != carried.structure {
            return Err(useless);
        }
        let continues = self.run.last().is_some_and(|last| {
            last.structure() == manifest.structure() && last.sequence() + 1 == manifest.sequence()
        });
        if !continues {
            *self = Self::default();
            if manifest.sequence() != 1 {
                return Err(useless);
            }
        }
        self.bytes += carried.manifest.len();
        if self.bytes > CHAIN_BYTES_MAX {
            *self = Self::default();
            return Err(("directory_long_chain", Blame::Nobody));
        }
        self.run.push(manifest);
        Ok(())
    }

    /// The run of this structure, if it is the one that came in.
    fn of(&mut self, structure: StructureId) -> Option<Vec<Manifest>> {
        let is_it = self.run.first().is_some_and(|first| first.structure() == structure);
        is_it.then(|| std::mem::take(self).run)
    }
}

/// Most structures remembered of which one partner has the manifests.
const TOLD_MAX: usize = 20_000;

/// The manifests that each partner has, as far as it was told them or brought what they signed; over all its streams.
#[derive(Clone, Debug, Default)]
pub(super) struct ChainsTold(Arc<Mutex<BTreeMap<StructureId, BTreeMap<StructureId, u64>>>>);

impl ChainsTold {
    /// Whether a partner has a structure's manifests up to this one.
    pub(super) fn knows(&self, peer: StructureId, structure: StructureId, sequence: u64) -> bool {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.get(&peer).and_then(|told| told.get(&structure)).is_some_and(|known| *known >= sequence)
    }

    /// Notes that a partner has a structure's manifests up to this one.
    pub(super) fn tell(&self, peer: StructureId, structure: StructureId, sequence: u64) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let told = told.entry(peer).or_default();
        // What is forgotten is sent once more.
        if told.len() >= TOLD_MAX && !told.contains_key(&structure) {
            told.clear();
        }
        let up_to = told.entry(structure).or_insert(sequence);
        *up_to = sequence.max(*up_to);
    }
}

/// Why there is no chain to verify by.
pub(super) enum NoChain {
    /// What came is of no use.
    Useless(Useless),
    /// The store could not.
    Store(StoreError),
}

impl SyncContext {
    /// The chain to verify a record by that names this manifest. A partner's is the one that is pinned; when it does not
    /// reach so far, a longer one that continues it may have been carried. Nothing is ever pinned by what is carried.
    pub(super) async fn chain_of(
        &self,
        structure: StructureId,
        manifest: u64,
        carrier: StructureId,
        incoming: &mut Incoming,
    ) -> Result<Option<Arc<Chain>>, NoChain> {
        let pinned = self.peers.chain(structure);
        if let Some(run) = incoming.of(structure) {
            self.offer(run, pinned.as_deref(), carrier).await?;
        }
        match pinned.filter(|chain| chain.at(manifest).is_some()) {
            Some(chain) => Ok(Some(chain)),
            None => self.directory.carried().chain(structure).await.map_err(NoChain::Store),
        }
    }

    /// The chain of a structure, to be carried on.
    pub(super) async fn chain_to_carry(
        &self,
        structure: StructureId,
    ) -> Result<Option<Arc<Chain>>, StoreError> {
        let pinned = self.peers.chain(structure);
        let carried = self.directory.carried().chain(structure).await?;
        let length = |chain: &Arc<Chain>| chain.current().sequence();
        Ok(match (pinned, carried) {
            (Some(pinned), Some(carried)) if length(&carried) > length(&pinned) => Some(carried),
            (Some(pinned), _) => Some(pinned),
            (None, carried) => carried,
        })
    }

    async fn offer(
        &self,
        run: Vec<Manifest>,
        pinned: Option<&Chain>,
        carrier: StructureId,
    ) -> Result<(), NoChain> {
        if let Some(pinned) = pinned {
            match pinned.accept_run(run.clone()) {
                // Of what is pinned already nothing is learnt.
                Ok(accepted) if accepted.chain == *pinned => return Ok(()),
                Ok(_) => {}
                Err(error) => return Err(NoChain::Useless(of_manifest(&error))),
            }
        }
        match self.directory.carried().take(run, carrier).await {
            Ok(_) => Ok(()),
            Err(CarriedError::Store(error)) => Err(NoChain::Store(error)),
            Err(CarriedError::Manifest(error)) => Err(NoChain::Useless(of_manifest(&error))),
            Err(CarriedError::Own) => Err(NoChain::Useless(("directory_own", Blame::Nobody))),
            Err(CarriedError::TooLong) => Err(NoChain::Useless(("directory_long_chain", Blame::Nobody))),
            Err(CarriedError::Full) => Err(NoChain::Useless(("directory_chains_full", Blame::Nobody))),
        }
    }
}

/// Two chains of one structure that exclude each other are its fault, or a thief's; anything else is no chain.
fn of_manifest(error: &ManifestError) -> Useless {
    if matches!(error, ManifestError::Equivocation(_)) {
        tracing::error!(%error, "A structure signed two manifests that exclude each other");
        return ("directory_manifest_conflict", Blame::Nobody);
    }
    if matches!(error, ManifestError::Superseded) {
        return ("directory_old_manifest", Blame::Nobody);
    }
    ("directory_bad_manifest", Blame::Carrier)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: usize) -> StructureId {
        StructureId::of_root_spki(&number.to_be_bytes())
    }

    #[test]
    fn who_was_told_is_remembered_by_partner_and_manifest_and_not_without_end() {
        let told = ChainsTold::default();
        assert!(!told.knows(id(1), id(2), 3));
        told.tell(id(1), id(2), 3);
        told.tell(id(1), id(2), 1);
        assert!(told.knows(id(1), id(2), 3) && told.knows(id(1), id(2), 1));
        assert!(!told.knows(id(1), id(2), 4) && !told.knows(id(3), id(2), 3));
        for number in 0..=TOLD_MAX {
            told.tell(id(1), id(10 + number), 1);
        }
        assert!(told.0.lock().unwrap()[&id(1)].len() <= TOLD_MAX);
        assert!(!told.knows(id(1), id(2), 3), "it is sent once more");
    }
}
