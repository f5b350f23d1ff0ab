//! The proof proper: a leaf that lies under a signed checkpoint.

use super::ProofFile;
use crate::keys::VerifyKey;
use crate::ledger::{Checkpoint, CheckpointError, open_checkpoint};
use relais_domain::ledger_leaf::Leaf;
use relais_domain::merkle;

/// Why a well-formed proof does not hold.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ProofRejected {
    /// The checkpoint is not the structure's.
    #[error("the checkpoint does not hold: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The leaf would stand beyond the end of the ledger.
    #[error("the proof is of leaf {index}, counted from 0, but the checkpoint covers {size} leaves")]
    IndexOutside {
        /// The leaf's place.
        index: u64,
        /// Leaves under the checkpoint.
        size: u64,
    },
    /// The path does not lead from the leaf to the root.
    #[error(
        "the path does not lead from the leaf to the checkpoint's root: leaf, index or path were altered"
    )]
    NotIncluded,
}

/// A leaf proven to lie under a signed checkpoint. Only [`verify`] makes one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verified {
    checkpoint: Checkpoint,
    leaf: Leaf,
    index: u64,
}

impl Verified {
    /// The checkpoint under which the leaf lies; it names the structure.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The leaf.
    pub fn leaf(&self) -> &Leaf {
        &self.leaf
    }

    /// The leaf's place in the ledger, counted from 0.
    pub fn index(&self) -> u64 {
        self.index
    }
}

/// Verifies a proof with the key of the structure that [`ProofFile::claimed_ledger`] names.
///
/// # Errors
/// [`ProofRejected`] says what does not hold.
pub fn verify(proof: &ProofFile, key: &VerifyKey) -> Result<Verified, ProofRejected> {
    let checkpoint = open_checkpoint(&proof.checkpoint, &proof.claimed_ledger()?, key)?;
    let (index, size) = (proof.index, checkpoint.size);
    if index >= size {
        return Err(ProofRejected::IndexOutside { index, size });
    }
    if !merkle::verify_inclusion(proof.leaf.hash(), index, size, &proof.path, checkpoint.root) {
        return Err(ProofRejected::NotIncluded);
    }
    Ok(Verified { checkpoint, leaf: proof.leaf, index })
}
