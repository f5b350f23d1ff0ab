//! The ledger's Merkle tree (RFC 6962 §2.1, RFC 9162 §2.1): which nodes an append writes, and every proof.
//!
//! A store keeps the tree as its *complete* subtrees, one digest for each [`NodeAddress`]; nothing it wrote ever
//! changes. Appending reads and writes O(log n) nodes. This module holds no tree: it is handed a way to read nodes,
//! and a store that reads asynchronously asks first which nodes will be wanted (the `…_addresses` functions).

mod append;
mod path;
mod run;
mod verify;

pub use append::{Appended, append, append_all};
pub use path::{consistency_addresses, consistency_path, inclusion_addresses, inclusion_path};
pub use verify::{verify_consistency, verify_inclusion};

use crate::digest::Digest;
use run::Run;
use std::fmt;

/// Most leaves a ledger holds: sizes and indexes fit a signed 64-bit column.
pub const LEAVES_MAX: u64 = u64::MAX >> 1;
/// Longest inclusion or consistency path of a tree of at most [`LEAVES_MAX`] leaves, in digests.
pub const PATH_MAX: usize = 64;

const LEAF_PREFIX: &[u8] = &[0x00];
const NODE_PREFIX: &[u8] = &[0x01];

/// Where a complete subtree stands: it covers the `2^level` leaves from `index × 2^level` on. Level 0 holds leaf hashes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeAddress {
    /// Height above the leaves, 0 to 63.
    pub level: u8,
    /// Position within the level, from the left, counted from 0.
    pub index: u64,
}

impl fmt::Display for NodeAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.level, self.index)
    }
}

/// Why a node, a root or a path cannot be computed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MerkleError {
    /// The store does not hold a node that a tree of this size must have: the ledger was truncated or edited.
    Missing(NodeAddress),
    /// The tree would hold more than [`LEAVES_MAX`] leaves.
    Full,
    /// The leaf is not in the tree.
    IndexOutside {
        /// The leaf asked for.
        index: u64,
        /// Leaves in the tree.
        size: u64,
    },
    /// A consistency path leads from a smaller tree to a larger one.
    OldLarger {
        /// Leaves in the tree called old.
        old: u64,
        /// Leaves in the tree called new.
        new: u64,
    },
}

impl fmt::Display for MerkleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(address) => write!(f, "the ledger lacks node {address}"),
            Self::Full => write!(f, "a ledger holds at most {LEAVES_MAX} leaves"),
            Self::IndexOutside { index, size } => {
                write!(f, "the ledger has {size} leaves, counted from 0: there is no leaf {index}")
            }
            Self::OldLarger { old, new } => {
                write!(f, "a ledger of {old} leaves cannot have grown into one of {new}")
            }
        }
    }
}

impl std::error::Error for MerkleError {}

/// The hash of a leaf: SHA-256 of `0x00` and the leaf's bytes.
pub fn leaf_hash(bytes: &[u8]) -> Digest {
    Digest::of_parts(&[LEAF_PREFIX, bytes])
}

/// The hash of a node: SHA-256 of `0x01`, its left child and its right child.
pub fn node_hash(left: Digest, right: Digest) -> Digest {
    Digest::of_parts(&[NODE_PREFIX, left.as_bytes(), right.as_bytes()])
}

/// The root of the tree without leaves: SHA-256 of nothing.
pub fn empty_root() -> Digest {
    Digest::of(&[])
}

/// The complete subtrees that make up a tree of `size` leaves, from left to right.
pub fn frontier_addresses(size: u64) -> Vec<NodeAddress> {
    Run { start: 0, leaves: size }.cover().collect()
}

/// The root of a tree of `size` leaves, from the nodes of [`frontier_addresses`].
///
/// # Errors
/// [`MerkleError::Missing`] when `node` lacks one.
pub fn root(size: u64, node: impl FnMut(NodeAddress) -> Option<Digest>) -> Result<Digest, MerkleError> {
    Run { start: 0, leaves: size }.hash(node)
}

#[cfg(test)]
mod tests;
