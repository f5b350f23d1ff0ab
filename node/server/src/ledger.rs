//! The ledger (*registre*): what this node did, as a Merkle tree that only grows; its signed checkpoints; proofs; and
//! what is known of the partners' ledgers.

use crate::own::Own;
use relais_domain::digest::Digest;
use relais_domain::merkle::{self, MerkleError, NodeAddress};
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_store::batch::{Batch, DocumentWrite, Expected};
use relais_store::rows::Shelf;
use relais_store::{CommitError, Store, StoreError};
use relais_wire::ledger::{
    Checkpoint, CheckpointError, ProofFile, ProofFileError, open_checkpoint, sign_checkpoint, write,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many leaves are read at a time when the whole tree is checked.
const CHECK_LEAVES: u64 = 256;

/// Where the latest checkpoint is kept, beside those of every size signed.
const LATEST: &[u8] = b"ledger/latest-checkpoint";

/// Why the ledger could not answer.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A write could not be made.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The tree lacks a node, or the question lies outside it.
    #[error("the tree of the ledger is not whole: {0}")]
    Tree(#[from] MerkleError),
    /// A stored checkpoint is no good.
    #[error("a stored checkpoint is no good: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// A proof could not be written.
    #[error("the proof could not be written: {0}")]
    Proof(#[from] ProofFileError),
    /// What is stored contradicts what was signed.
    #[error(transparent)]
    Contradiction(#[from] Contradiction),
}

/// How what is stored contradicts what was signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Contradiction {
    /// The ledger is shorter than a checkpoint.
    #[error("{signed} leaves were signed, {held} are there: leaves are missing")]
    LeavesMissing {
        /// Leaves under the checkpoint.
        signed: u64,
        /// Leaves that are there.
        held: u64,
    },
    /// The first so many leaves were signed as others.
    #[error("the first {0} leaves are not those that were signed")]
    NotAsSigned(u64),
    /// There is no leaf at this place, from 0, though later ones are counted.
    #[error("leaf {0} is missing")]
    LeafMissing(u64),
    /// The leaves give another tree.
    #[error("the leaves do not give the tree that is stored")]
    OtherTree,
}

/// A signed checkpoint.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The C2SP signed note.
    pub note: String,
    /// What it says.
    pub checkpoint: Checkpoint,
}

/// A proof that a leaf lies in the ledger.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The proof file.
    pub text: String,
    /// The leaf's place, from 0.
    pub index: u64,
    /// Leaves under the checkpoint.
    pub size: u64,
}

/// What the self-check found.
#[derive(Clone, Copy, Debug)]
pub struct Checked {
    /// The tree's root.
    pub root: Digest,
    /// Leaves under the latest checkpoint.
    pub checkpoint_size: u64,
}

/// What is known of a partner's ledger.
#[derive(Clone, Debug)]
pub struct PeerLedger {
    /// Leaves under its last checkpoint.
    pub size: u64,
    /// Its root.
    pub root: Digest,
    /// The signed note.
    pub note: String,
    /// When it came.
    pub seen_at: Timestamp,
    /// A checkpoint that contradicts it, also signed: proof of a fork or a rewind.
    pub contradiction: Option<String>,
    /// That the partner was asked for a proof and gave none.
    pub unproven: Option<Unproven>,
}

/// That a partner does not prove its ledger to be in one line with the last checkpoint kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unproven {
    /// The checkpoint it showed and did not prove, a signed note; `None` when it shows none any more.
    pub note: Option<String>,
    /// Since when.
    pub since: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct StoredPeer {
    size: u64,
    root: String,
    note: String,
    seen_at: i64,
    contradiction: Option<String>,
    #[serde(default)]
    unproven: Option<StoredUnproven>,
}

#[derive(Serialize, Deserialize)]
struct StoredUnproven {
    note: Option<String>,
    since: i64,
}

/// The ledger of this node.
pub struct Ledger {
    store: Arc<dyn Store>,
    own: Arc<Own>,
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ledger")
    }
}

impl Ledger {
    /// The ledger kept in `store`.
    pub fn new(store: Arc<dyn Store>, own: Arc<Own>) -> Self {
        Self { store, own }
    }

    /// The checkpoint of the tree as it is now: signed anew only when it has grown.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn checkpoint(&self) -> Result<Signed, LedgerError> {
        let size = self.store.ledger_size().await?;
        let key = size.to_be_bytes();
        if let Some(document) = self.store.document(Shelf::Checkpoint, &key).await? {
            let note = String::from_utf8_lossy(&document.body).into_owned();
            let checkpoint = self.open(&note)?;
            return Ok(Signed { note, checkpoint });
        }
        let root = self.root(size).await?;
        let checkpoint = Checkpoint { ledger: self.own.structure(), size, root };
        let note = sign_checkpoint(&checkpoint, self.own.signing());
        let write = |shelf, key: &[u8]| DocumentWrite {
            shelf,
            key: key.to_vec(),
            expected_version: Expected::Any,
            body: Some(note.clone().into_bytes()),
        };
        let documents = vec![write(Shelf::Checkpoint, &key), write(Shelf::Setting, LATEST)];
        self.store.commit(Batch { documents, ..Batch::default() }).await?;
        Ok(Signed { note, checkpoint })
    }

    /// Opens one of our own notes with any key we ever signed with.
    fn open(&self, note: &str) -> Result<Checkpoint, LedgerError> {
        let structure = self.own.structure();
        let chain = self.own.chain();
        let keys = chain.manifests().flat_map(|manifest| &manifest.claims().witness_keys);
        let mut last = open_checkpoint(note, &structure, &self.own.signing().verify_key());
        for key in keys {
            if last.is_ok() {
                break;
            }
            last = open_checkpoint(note, &structure, key);
        }
        Ok(last?)
    }

    async fn nodes(&self, addresses: Vec<NodeAddress>) -> Result<BTreeMap<NodeAddress, Digest>, LedgerError> {
        let digests = self.store.ledger_nodes(addresses.clone()).await?;
        Ok(addresses.into_iter().zip(digests).collect())
    }

    async fn root(&self, size: u64) -> Result<Digest, LedgerError> {
        let nodes = self.nodes(merkle::frontier_addresses(size)).await?;
        Ok(merkle::root(size, |address| nodes.get(&address).copied())?)
    }

    /// The path that shows that the tree of `new` leaves continues the tree of `old` leaves.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn consistency(&self, old: u64, new: u64) -> Result<Vec<Digest>, LedgerError> {
        let nodes = self.nodes(merkle::consistency_addresses(old, new)?).await?;
        Ok(merkle::consistency_path(old, new, |address| nodes.get(&address).copied())?)
    }

    /// A file that proves to anyone that the first leaf about `subject` lies in the ledger; `None` when there is none.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn prove(&self, subject: Digest) -> Result<Option<Proof>, LedgerError> {
        let Some(index) = self.store.ledger_find(subject).await?.first().copied() else { return Ok(None) };
        let Some(leaf) = self.store.ledger_leaf(index).await? else { return Ok(None) };
        let signed = self.checkpoint().await?;
        let size = signed.checkpoint.size;
        let nodes = self.nodes(merkle::inclusion_addresses(index, size)?).await?;
        let path = merkle::inclusion_path(index, size, |address| nodes.get(&address).copied())?;
        let manifests = self.own.chain().manifests().map(|manifest| manifest.signed().encode()).collect();
        let text = write(&ProofFile { leaf, index, path, checkpoint: signed.note, manifests })?;
        Ok(Some(Proof { text, index, size }))
    }

    /// Compares the tree with the latest checkpoint signed, in O(log n): what a node does at each start.
    ///
    /// # Errors
    /// [`LedgerError::Contradiction`] when leaves are missing or the tree is another one.
    pub async fn glance(&self) -> Result<(), LedgerError> {
        let Some(document) = self.store.document(Shelf::Setting, LATEST).await? else { return Ok(()) };
        let signed = self.open(&String::from_utf8_lossy(&document.body))?;
        let size = self.store.ledger_size().await?;
        if signed.size > size {
            return Err(Contradiction::LeavesMissing { signed: signed.size, held: size }.into());
        }
        if self.root(signed.size).await? != signed.root {
            return Err(Contradiction::NotAsSigned(signed.size).into());
        }
        Ok(())
    }

    /// Recomputes the tree from its leaves and compares it with what is stored and with every checkpoint signed.
    ///
    /// # Errors
    /// [`LedgerError::Contradiction`] when the database was edited or truncated.
    pub async fn check(&self) -> Result<Checked, LedgerError> {
        let size = self.store.ledger_size().await?;
        let signed = self.signed_roots().await?;
        if let Some((largest, _)) = signed.last_key_value()
            && *largest > size
        {
            return Err(Contradiction::LeavesMissing { signed: *largest, held: size }.into());
        }
        let mut nodes: BTreeMap<NodeAddress, Digest> = BTreeMap::new();
        let mut done = 0;
        while done < size {
            let upto = size.min(done + CHECK_LEAVES);
            let mut hashes = Vec::new();
            for index in done..upto {
                let leaf = self.store.ledger_leaf(index).await?;
                hashes.push(leaf.ok_or(Contradiction::LeafMissing(index))?.hash());
            }
            done = self.grow(done, &hashes, &mut nodes, &signed).await?;
        }
        let root = merkle::root(size, |address| nodes.get(&address).copied())?;
        if size > 0 && root != self.root(size).await? {
            return Err(Contradiction::OtherTree.into());
        }
        Ok(Checked { root, checkpoint_size: signed.last_key_value().map_or(0, |(size, _)| *size) })
    }

    /// Appends leaves one by one, comparing each signed size passed on the way.
    async fn grow(
        &self,
        from: u64,
        hashes: &[Digest],
        nodes: &mut BTreeMap<NodeAddress, Digest>,
        signed: &BTreeMap<u64, Digest>,
    ) -> Result<u64, LedgerError> {
        let mut size = from;
        for hash in hashes {
            let grown = merkle::append(size, *hash, |address| nodes.get(&address).copied())?;
            nodes.extend(grown.nodes);
            size = grown.size;
            let kept = merkle::frontier_addresses(size);
            if let Some(root) = signed.get(&size)
                && *root != merkle::root(size, |address| nodes.get(&address).copied())?
            {
                return Err(Contradiction::NotAsSigned(size).into());
            }
            nodes.retain(|address, _| kept.contains(address));
        }
        Ok(size)
    }

    async fn signed_roots(&self) -> Result<BTreeMap<u64, Digest>, LedgerError> {
        let mut roots = BTreeMap::new();
        for document in self.store.documents(Shelf::Checkpoint, &[]).await? {
            let checkpoint = self.open(&String::from_utf8_lossy(&document.body))?;
            roots.insert(checkpoint.size, checkpoint.root);
        }
        Ok(roots)
    }

    /// What is known of a partner's ledger.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn of_peer(&self, peer: StructureId) -> Result<Option<PeerLedger>, LedgerError> {
        let Some(document) = self.store.document(Shelf::PeerCheckpoint, peer.as_bytes()).await? else {
            return Ok(None);
        };
        let corrupt = || StoreError::Corrupt("peer_checkpoint".to_owned());
        let stored: StoredPeer = serde_json::from_slice(&document.body).map_err(|_| corrupt())?;
        Ok(Some(PeerLedger {
            size: stored.size,
            root: Digest::from_hex(&stored.root).ok_or_else(corrupt)?,
            note: stored.note,
            seen_at: Timestamp(stored.seen_at),
            contradiction: stored.contradiction,
            unproven: stored
                .unproven
                .map(|StoredUnproven { note, since }| Unproven { note, since: Timestamp(since) }),
        }))
    }

    /// Keeps what is known of a partner's ledger.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn keep_peer(&self, peer: StructureId, known: &PeerLedger) -> Result<(), LedgerError> {
        let stored = StoredPeer {
            size: known.size,
            root: known.root.to_string(),
            note: known.note.clone(),
            seen_at: known.seen_at.0,
            contradiction: known.contradiction.clone(),
            unproven: known
                .unproven
                .clone()
                .map(|Unproven { note, since }| StoredUnproven { note, since: since.0 }),
        };
        let write = DocumentWrite {
            shelf: Shelf::PeerCheckpoint,
            key: peer.as_bytes().to_vec(),
            expected_version: Expected::Any,
            body: Some(serde_json::to_vec(&stored).unwrap_or_default()),
        };
        self.store.commit(Batch { documents: vec![write], ..Batch::default() }).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
