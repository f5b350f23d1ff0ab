//! The ledger (*registre*): what this node did, as a Merkle tree that only grows; its signed checkpoints; proofs; and
//! what is known of the partners' ledgers.

mod check;
mod error;
mod partner;

pub use check::Checked;
pub use error::{Contradiction, LedgerError};
pub use partner::{PeerLedger, Unproven};

use crate::own::Own;
use relais_domain::digest::Digest;
use relais_domain::merkle::{self, NodeAddress};
use relais_store::Store;
use relais_store::batch::{Batch, DocumentWrite, Expected};
use relais_store::rows::Shelf;
use relais_wire::ledger::{Checkpoint, ProofFile, open_checkpoint, sign_checkpoint, write};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where the latest checkpoint is kept, beside those of every size signed.
const LATEST: &[u8] = b"ledger/latest-checkpoint";

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
}

#[cfg(test)]
mod tests;
