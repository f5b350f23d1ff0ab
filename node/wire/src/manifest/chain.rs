//! The chain of a structure's manifests, kept from sequence 1, and the rules by which it grows.
//!
//! Threat: a thief holds the root key and signs what he likes. Every manifest repeats the hash of the next root key;
//! it changes only in a manifest signed by the key it announced, which the thief does not have. Such a rotation
//! supersedes every manifest of the former root with its sequence or a higher one, whenever it arrives. Two manifests
//! of one root that exclude each other are proof of a theft or a lie, and are handed out, never chosen between.

use super::{Claims, Equivocation, Link, Manifest, ManifestError, Validity};
use crate::{
    dsse::Signed,
    keys::{SealKey, SigningSecret, VerifyKey},
};
use relais_domain::{
    digest::Digest,
    structure_id::StructureId,
    time::{Span, Timestamp},
};
use std::{iter, sync::Arc};

/// Most manifests in a chain: one a fortnight for twenty years.
pub const CHAIN_MANIFESTS_MAX: usize = 512;
/// How long after its successor's first instant a manifest may still be named by a new message.
pub const SUPERSEDED_GRACE: Span = Span::days(30);
/// How long after the first instant of the manifest that replaced it a TLS CA is still accepted.
pub const TLS_CA_OVERLAP: Span = Span::days(7);

/// A structure's manifests from sequence 1 to the current one; never empty.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chain {
    first: Arc<Manifest>,
    rest: Vec<Arc<Manifest>>,
}

/// A chain after it was offered manifests.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Accepted {
    /// The chain that holds from now on; the same as before when nothing was new.
    pub chain: Chain,
    /// Manifests of a former root that a rotation superseded: evidence of what the former root signed.
    pub superseded: Vec<Signed>,
}

impl Chain {
    /// Begins a chain with the first manifest.
    ///
    /// # Errors
    /// [`ManifestError::Gap`] when the manifest is not the first.
    pub fn found(first: Manifest) -> Result<Self, ManifestError> {
        match first.sequence() {
            1 => Ok(Self { first: Arc::new(first), rest: Vec::new() }),
            offered => Err(ManifestError::Gap { expected: 1, offered }),
        }
    }

    /// Reads a chain from its manifests in sequence, from 1.
    ///
    /// # Errors
    /// [`ManifestError`] of the first manifest that does not fit.
    pub fn from_manifests(manifests: impl IntoIterator<Item = Manifest>) -> Result<Self, ManifestError> {
        let mut manifests = manifests.into_iter();
        let first = manifests.next().ok_or(ManifestError::ChainLength(CHAIN_MANIFESTS_MAX))?;
        manifests.try_fold(Self::found(first)?, Self::followed_by)
    }

    /// Takes in the next manifest, or a rotation of any sequence.
    ///
    /// # Errors
    /// [`ManifestError`]: the chain stays as it is. [`ManifestError::Equivocation`] carries the proof. After
    /// [`ManifestError::BrokenLink`] or [`ManifestError::Gap`] the whole chain may be asked for and offered to
    /// [`Chain::accept_run`].
    pub fn accept(&self, next: Manifest) -> Result<Accepted, ManifestError> {
        self.accept_run(vec![next])
    }

    /// Takes in manifests in sequence; they may begin anywhere in the chain, or at 1 to offer another whole chain.
    ///
    /// # Errors
    /// As [`Chain::accept`].
    pub fn accept_run(&self, run: Vec<Manifest>) -> Result<Accepted, ManifestError> {
        let start = run.first().ok_or(ManifestError::ChainLength(CHAIN_MANIFESTS_MAX))?.sequence();
        if run.iter().any(|manifest| manifest.structure() != self.structure()) {
            return Err(ManifestError::WrongStructure);
        }
        if start > self.current().sequence() + 1 {
            return Err(ManifestError::Gap { expected: self.current().sequence() + 1, offered: start });
        }
        match self.branch(start, run.clone()) {
            Ok(candidate) => self.merge(candidate),
            Err(error) => Err(run.iter().find_map(|offered| self.conflict(offered)).unwrap_or(error)),
        }
    }

    /// Makes the manifest that follows, with the same root.
    ///
    /// # Errors
    /// [`ManifestError`] when the claims are out of bounds or `root` is not the current root.
    pub fn next(&self, claims: &Claims, root: &SigningSecret) -> Result<Manifest, ManifestError> {
        if root.verify_key() != *self.current().root() {
            return Err(ManifestError::WrongRoot);
        }
        Manifest::sign(self.next_link(self.current().link().next_root), claims, root)
    }

    /// Makes the rotation that follows, signed by the announced root, which announces the hash of the root after it.
    ///
    /// # Errors
    /// [`ManifestError`] when the claims are out of bounds or `root` is not the announced root.
    pub fn rotation(
        &self,
        claims: &Claims,
        root: &SigningSecret,
        next_root: Digest,
    ) -> Result<Manifest, ManifestError> {
        if root.verify_key().spki_hash() != self.current().link().next_root {
            return Err(ManifestError::WrongRoot);
        }
        let rotation = Manifest::sign(self.next_link(next_root), claims, root)?;
        self.clone().followed_by(rotation.clone())?;
        Ok(rotation)
    }

    /// The structure.
    pub fn structure(&self) -> StructureId {
        self.first.structure()
    }

    /// The current manifest.
    pub fn current(&self) -> &Manifest {
        self.rest.last().unwrap_or(&self.first)
    }

    /// The manifests from sequence 1.
    pub fn manifests(&self) -> impl Iterator<Item = &Manifest> {
        iter::once(&self.first).chain(&self.rest).map(AsRef::as_ref)
    }

    /// The manifest of this sequence.
    pub fn at(&self, sequence: u64) -> Option<&Manifest> {
        let index = usize::try_from(sequence.checked_sub(1)?).ok()?;
        self.manifests().nth(index)
    }

    /// The signing keys of the manifest of this sequence: for later proof, whatever its age.
    pub fn signing_keys_at(&self, sequence: u64) -> Option<&[VerifyKey]> {
        self.at(sequence).map(|manifest| manifest.claims().signing_keys.as_slice())
    }

    /// Whether a message received first at `now` may name this manifest: the current one, or one whose successor began
    /// at most [`SUPERSEDED_GRACE`] ago.
    pub fn is_current_or_recent(&self, sequence: u64, now: Timestamp) -> bool {
        let successor = sequence.checked_add(1).and_then(|next| self.at(next));
        match (self.at(sequence), successor) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(_), Some(successor)) => now.since(successor.claims().valid_from) <= SUPERSEDED_GRACE,
        }
    }

    /// Whether the manifest of this sequence is signed by the root that signs now: by none that a rotation ended.
    pub fn is_of_current_root(&self, sequence: u64) -> bool {
        self.at(sequence).is_some_and(|manifest| manifest.root() == self.current().root())
    }

    /// Whether the key of which this is the hash (SHA-256 of its SPKI) signs, or once signed, manifests of this chain.
    pub fn names_root(&self, root: Digest) -> bool {
        self.manifests().any(|manifest| manifest.root().spki_hash() == root)
    }

    /// Whether another chain of this structure counts instead of this one: it goes on from here, or from a rotation that
    /// supersedes what stands here.
    pub fn gives_way_to(&self, other: &Self) -> bool {
        self.structure() == other.structure()
            && self.merge(other.clone()).is_ok_and(|accepted| accepted.chain != *self)
    }

    /// How the current manifest stands at `now`.
    pub fn validity_at(&self, now: Timestamp) -> Validity {
        self.current().validity_at(now)
    }

    /// The key to seal content to now; `None` when the structure publishes none of a suite this program knows.
    pub fn seal_key(&self) -> Option<SealKey> {
        self.current().seal_key()
    }

    /// The current TLS CA certificate, DER.
    pub fn tls_ca(&self) -> &[u8] {
        &self.current().claims().tls_ca_der
    }

    /// The last manifest that named another TLS CA than the current one, and the manifest that replaced it.
    pub fn tls_ca_replacement(&self) -> Option<(&Manifest, &Manifest)> {
        let pairs = self.manifests().zip(self.manifests().skip(1));
        pairs.filter(|(before, after)| before.claims().tls_ca_der != after.claims().tls_ca_der).last()
    }

    /// The TLS CA certificate (DER) that is accepted beside the current one, and until when. After a rotation there is
    /// none: what a thief of the former root may hold ends at once.
    pub fn former_tls_ca(&self) -> Option<(&[u8], Timestamp)> {
        let (before, after) = self.tls_ca_replacement()?;
        let until = after.claims().valid_from.plus(TLS_CA_OVERLAP);
        (before.root() == self.current().root()).then(|| (before.claims().tls_ca_der.as_slice(), until))
    }

    fn next_link(&self, next_root: Digest) -> Link {
        let current = self.current();
        Link {
            structure: self.structure(),
            sequence: current.sequence() + 1,
            previous: Some(current.identity()),
            next_root,
        }
    }

    /// This chain with one manifest more.
    fn followed_by(mut self, next: Manifest) -> Result<Self, ManifestError> {
        let last = self.current();
        if next.structure() != last.structure() {
            return Err(ManifestError::WrongStructure);
        }
        if next.sequence() != last.sequence() + 1 {
            return Err(ManifestError::Gap { expected: last.sequence() + 1, offered: next.sequence() });
        }
        if self.rest.len() + 1 >= CHAIN_MANIFESTS_MAX {
            return Err(ManifestError::ChainLength(CHAIN_MANIFESTS_MAX));
        }
        self.check_root(last, &next)?;
        if next.link().previous != Some(last.identity()) {
            return Err(ManifestError::BrokenLink);
        }
        self.rest.push(Arc::new(next));
        Ok(self)
    }

    /// The current root must repeat the announced successor; the announced successor may announce another, never one
    /// that was a root before.
    fn check_root(&self, last: &Manifest, next: &Manifest) -> Result<(), ManifestError> {
        let announced = last.link().next_root;
        if next.root() == last.root() {
            let repeats = next.link().next_root == announced;
            return if repeats { Ok(()) } else { Err(ManifestError::SuccessorChanged) };
        }
        if next.root().spki_hash() != announced {
            let former = self.manifests().any(|manifest| manifest.root() == next.root());
            return Err(if former { ManifestError::Superseded } else { ManifestError::WrongRoot });
        }
        let used = self.manifests().any(|manifest| manifest.root().spki_hash() == next.link().next_root);
        if used { Err(ManifestError::UsedSuccessor) } else { Ok(()) }
    }

    /// The chain up to before `start`, then `run`.
    fn branch(&self, start: u64, run: Vec<Manifest>) -> Result<Self, ManifestError> {
        let kept = usize::try_from(start.saturating_sub(2)).unwrap_or(usize::MAX);
        if start <= 1 {
            return Self::from_manifests(run);
        }
        let base = Self { first: self.first.clone(), rest: self.rest.iter().take(kept).cloned().collect() };
        run.into_iter().try_fold(base, Self::followed_by)
    }

    /// Chooses between this chain and another valid one: the longer of two that agree; where they part, the one that
    /// goes on to a rotation by the key both announce.
    fn merge(&self, candidate: Self) -> Result<Accepted, ManifestError> {
        let parted = self.manifests().zip(candidate.manifests()).position(|(held, offered)| held != offered);
        let Some(parted) = parted else {
            let longer = candidate.rest.len() > self.rest.len();
            let chain = if longer { candidate } else { self.clone() };
            return Ok(Accepted { chain, superseded: Vec::new() });
        };
        match (self.rotation_from(parted), candidate.rotation_from(parted)) {
            (None, Some(_)) => {
                let superseded =
                    self.manifests().skip(parted).map(|manifest| manifest.signed().clone()).collect();
                Ok(Accepted { chain: candidate, superseded })
            }
            (Some(_), None) => Err(ManifestError::Superseded),
            (Some(held), Some(offered)) => Err(equivocation(held, offered)),
            (None, None) => {
                let pair = self.manifests().nth(parted).zip(candidate.manifests().nth(parted));
                Err(pair.map_or(ManifestError::BrokenLink, |(held, offered)| equivocation(held, offered)))
            }
        }
    }

    /// The first manifest at or after `index` that is signed by another root than the manifest before `index`. From
    /// index 0 there is none: nothing that both chains share announces a key.
    fn rotation_from(&self, index: usize) -> Option<&Manifest> {
        let former = self.manifests().nth(index.checked_sub(1)?)?.root();
        self.manifests().skip(index).find(|manifest| manifest.root() != former)
    }

    /// Why an offered manifest that fits nowhere contradicts the chain held, if it does.
    fn conflict(&self, offered: &Manifest) -> Option<ManifestError> {
        let held = self.at(offered.sequence())?;
        let former = offered.root() != self.current().root();
        let same_root = held.root() == offered.root() && held != offered;
        match (same_root, former) {
            (true, false) => Some(equivocation(held, offered)),
            (true, true) => Some(ManifestError::Superseded),
            (false, _) => None,
        }
    }
}

fn equivocation(held: &Manifest, offered: &Manifest) -> ManifestError {
    let (held, offered) = (held.signed().clone(), offered.signed().clone());
    ManifestError::Equivocation(Box::new(Equivocation { held, offered }))
}
