//! Why the ledger could not answer, and how what is stored contradicts what was signed.

use relais_domain::merkle::MerkleError;
use relais_store::{CommitError, StoreError};
use relais_wire::ledger::{CheckpointError, ProofFileError};

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
