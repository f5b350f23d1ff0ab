//! Manifests of third structures, as a partner brings them: a run from the first, offered once a record asks for it.

use super::SyncContext;
use crate::carried::{CHAIN_BYTES_MAX, CarriedError};
use crate::directory::{AdmitError, Blame, Brought};
use relais_domain::digest::Digest;
use relais_domain::directory::Record;
use relais_domain::structure_id::StructureId;
use relais_store::StoreError;
use relais_wire::frame::CarriedManifest;
use relais_wire::manifest::chain::Chain;
use relais_wire::manifest::{Manifest, ManifestError};
use relais_wire::record::SignedRecord;
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

    /// Whether it is this structure's.
    pub(super) fn is_of(&self, structure: StructureId) -> bool {
        self.run.first().is_some_and(|first| first.structure() == structure)
    }

    /// The run of this structure, if it is the one that came in. It stays until something was verified by it, so that
    /// whoever brings what its structure did not sign is to blame each time.
    fn of(&self, structure: StructureId) -> Option<Vec<Manifest>> {
        self.is_of(structure).then(|| self.run.clone())
    }

    /// Forgets the run: it is kept, or of no use.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}

/// Most structures remembered of which one partner has the manifests.
const TOLD_MAX: usize = 20_000;

/// How far one has a structure's manifests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Told {
    /// SHA-256 of the SPKI of the root that signed the last: after a rotation, manifests of one sequence may be two.
    root: Digest,
    /// The sequence of the last.
    sequence: u64,
}

impl Told {
    /// Up to this manifest of a chain.
    pub(super) fn of(chain: &Chain, sequence: u64) -> Self {
        Self { root: chain.current().root().spki_hash(), sequence }
    }

    /// Whether who has them so far has those as well.
    fn reaches(self, other: Self) -> bool {
        self.root == other.root && self.sequence >= other.sequence
    }
}

/// The manifests that each partner has, as far as it was told them or brought what they signed; over all its streams.
#[derive(Clone, Debug, Default)]
pub(super) struct ChainsTold(Arc<Mutex<BTreeMap<StructureId, BTreeMap<StructureId, Told>>>>);

impl ChainsTold {
    /// Whether a partner has a structure's manifests so far.
    pub(super) fn knows(&self, peer: StructureId, structure: StructureId, news: Told) -> bool {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.get(&peer).and_then(|told| told.get(&structure)).is_some_and(|known| known.reaches(news))
    }

    /// Notes that a partner has a structure's manifests so far.
    pub(super) fn tell(&self, peer: StructureId, structure: StructureId, news: Told) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let told = told.entry(peer).or_default();
        // What is forgotten is sent once more.
        if told.len() >= TOLD_MAX && !told.contains_key(&structure) {
            told.clear();
        }
        if !told.get(&structure).is_some_and(|known| known.reaches(news)) {
            told.insert(structure, news);
        }
    }
}

/// Why there is no chain to verify by.
pub(super) enum NoChain {
    /// What came is of no use.
    Useless(Useless),
    /// The store could not.
    Store(StoreError),
}

/// A chain to verify by.
pub(super) struct Found {
    pub(super) chain: Arc<Chain>,
    /// The run that made it, to be kept once something was verified by it.
    pub(super) brought: Option<Vec<Manifest>>,
}

impl SyncContext {
    /// The chain to verify a record by. A partner's is the one that is pinned, unless what is carried goes on from it, or from
    /// a rotation that supersedes it. Nothing is ever pinned by what is carried, nor kept before it has verified something.
    pub(super) async fn chain_of(
        &self,
        structure: StructureId,
        carrier: StructureId,
        incoming: &mut Incoming,
    ) -> Result<Option<Found>, NoChain> {
        let pinned = self.peers.chain(structure);
        let offered = match incoming.of(structure) {
            Some(run) => match self.offer(structure, run, pinned.as_deref(), carrier).await {
                Ok(offered) => offered,
                Err(useless) => {
                    incoming.forget();
                    return Err(useless);
                }
            },
            None => None,
        };
        let found = |(chain, run)| Found { chain, brought: Some(run) };
        match (pinned, offered) {
            (Some(pinned), Some((chain, _))) if !pinned.gives_way_to(&chain) => {
                Ok(Some(Found { chain: pinned, brought: None }))
            }
            (_, Some(offered)) => Ok(Some(found(offered))),
            (_, None) => {
                let chain = self.chain_to_carry(structure).await.map_err(NoChain::Store)?;
                Ok(chain.map(|chain| Found { chain, brought: None }))
            }
        }
    }

    /// Whether manifests of a structure that is known came before a record, or must be asked for.
    pub(super) fn may_rotate(&self, came: &Incoming, record: &Record) -> bool {
        let structure = record.structure;
        let pinned = self.peers.chain(structure).map(|chain| chain.current().sequence());
        let carried = self.directory.carried().known(structure).map(|known| known.sequence);
        came.is_of(structure) || pinned.max(carried).is_some_and(|last| last < record.manifest)
    }

    /// Keeps the manifests that a partner brought, once a record was verified by the chain they make, and finds room. Of a
    /// structure of which nothing else is known nothing is kept, not even by which root it signs; and whoever brought the
    /// first of one stands for it.
    pub(super) async fn keep_run(
        &self,
        run: Vec<Manifest>,
        chain: &Chain,
        signed: &SignedRecord,
        brought: Brought,
    ) -> Result<Result<(), AdmitError>, NoChain> {
        let (directory, structure) = (&self.directory, chain.structure());
        if let Err(error) = signed.verify(structure, |manifest| directory.keys_of(chain, manifest)) {
            return Ok(Err(error.into()));
        }
        let is_new = directory.carried().known(structure).is_none();
        let lacks_room = || directory.foresee(signed, brought).err().filter(|error| !error.is_equivocation());
        if let Some(error) = lacks_room().filter(|_| is_new && !directory.knows_of(structure)) {
            return Ok(Err(error));
        }
        // Before the chain is kept, so that nothing it does not vouch for is held beside it.
        if let Err(error) = directory.turn_root(chain).await {
            return Ok(Err(error.into()));
        }
        if let Some(error) = lacks_room().filter(|_| is_new) {
            return Ok(Err(error));
        }
        let kept = directory.carried().take(run, brought.by).await;
        kept.map(|_| Ok(())).map_err(|error| of_carried(structure, error))
    }

    /// The chain of a structure, to be carried on. A partner's is the one that is pinned, unless one was carried that goes
    /// on from it, or from a rotation that supersedes it: no other counts beside it.
    pub(super) async fn chain_to_carry(
        &self,
        structure: StructureId,
    ) -> Result<Option<Arc<Chain>>, StoreError> {
        let pinned = self.peers.chain(structure);
        let carried = self.directory.carried().chain(structure).await?;
        Ok(match (pinned, carried) {
            (Some(pinned), Some(carried)) if pinned.gives_way_to(&carried) => Some(carried),
            (Some(pinned), _) => Some(pinned),
            (None, carried) => carried,
        })
    }

    /// What a run makes of the chain that is carried; none when nothing is learnt from it.
    async fn offer(
        &self,
        structure: StructureId,
        run: Vec<Manifest>,
        pinned: Option<&Chain>,
        carrier: StructureId,
    ) -> Result<Option<(Arc<Chain>, Vec<Manifest>)>, NoChain> {
        if let Some(pinned) = pinned {
            match pinned.accept_run(run.clone()) {
                // Of what is pinned already nothing is learnt.
                Ok(accepted) if accepted.chain == *pinned => return Ok(None),
                Ok(_) => {}
                Err(error) => return Err(NoChain::Useless(of_manifest(structure, &error))),
            }
        }
        let judged = self.directory.carried().judge(run.clone(), carrier).await;
        let chain = judged.map_err(|error| of_carried(structure, error))?;
        Ok(Some((chain, run)))
    }
}

fn of_carried(structure: StructureId, error: CarriedError) -> NoChain {
    NoChain::Useless(match error {
        CarriedError::Store(error) => return NoChain::Store(error),
        CarriedError::Manifest(error) => of_manifest(structure, &error),
        CarriedError::Own => ("directory_own", Blame::Nobody),
        CarriedError::TooLong => ("directory_long_chain", Blame::Nobody),
        CarriedError::Full => ("directory_chains_full", Blame::Nobody),
    })
}

/// Two chains of one structure that exclude each other are its fault, or a thief's; anything else is no chain.
fn of_manifest(structure: StructureId, error: &ManifestError) -> Useless {
    if matches!(error, ManifestError::Equivocation(_)) {
        tracing::error!(structure.id = %structure, %error, "A structure signed two manifests that exclude each other");
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
        let by = |root: &[u8], sequence| Told { root: Digest::of(root), sequence };
        let up_to = |sequence| by(b"root", sequence);
        assert!(!told.knows(id(1), id(2), up_to(3)));
        told.tell(id(1), id(2), up_to(3));
        told.tell(id(1), id(2), up_to(1));
        assert!(told.knows(id(1), id(2), up_to(3)) && told.knows(id(1), id(2), up_to(1)));
        assert!(!told.knows(id(1), id(2), up_to(4)) && !told.knows(id(3), id(2), up_to(3)));
        // A rotation may end earlier than what it supersedes.
        assert!(!told.knows(id(1), id(2), by(b"next", 2)));
        told.tell(id(1), id(2), by(b"next", 2));
        assert!(told.knows(id(1), id(2), by(b"next", 2)));
        for number in 0..=TOLD_MAX {
            told.tell(id(1), id(10 + number), up_to(1));
        }
        assert!(told.0.lock().unwrap()[&id(1)].len() <= TOLD_MAX);
        assert!(!told.knows(id(1), id(2), by(b"next", 2)), "it is sent once more");
    }
}
