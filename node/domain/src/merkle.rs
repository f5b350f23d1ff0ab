//! The ledger's Merkle tree (RFC 6962 §2.1, RFC 9162 §2.1): which nodes an append writes, and every proof.
//!
//! A store keeps the tree as its *complete* subtrees, one digest for each [`NodeAddress`]; nothing it wrote ever
//! changes. Appending reads and writes O(log n) nodes. This module holds no tree: it is handed a way to read nodes,
//! and a store that reads asynchronously asks first which nodes will be wanted (the `…_addresses` functions).

mod verify;

pub use verify::{verify_consistency, verify_inclusion};

use crate::digest::Digest;
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

/// What appending leaves adds to a stored tree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Appended {
    /// Leaves in the tree afterwards.
    pub size: u64,
    /// The nodes to insert, all new: each leaf followed by the subtrees it completed.
    pub nodes: Vec<(NodeAddress, Digest)>,
}

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

/// The nodes to write when `leaf` (a leaf hash) is appended to a tree of `size` leaves.
///
/// `node` is asked for at most 63 nodes, all among [`frontier_addresses`] of `size`.
///
/// # Errors
/// [`MerkleError::Missing`] when `node` lacks one; [`MerkleError::Full`] past [`LEAVES_MAX`].
pub fn append(
    size: u64,
    leaf: Digest,
    node: impl FnMut(NodeAddress) -> Option<Digest>,
) -> Result<Appended, MerkleError> {
    append_all(size, &[leaf], node)
}

/// The nodes to write when `leaves` (leaf hashes, in order) are appended to a tree of `size` leaves.
///
/// `node` is asked only for nodes among [`frontier_addresses`] of `size`; those made on the way are reused.
///
/// # Errors
/// As [`append`].
pub fn append_all(
    size: u64,
    leaves: &[Digest],
    mut node: impl FnMut(NodeAddress) -> Option<Digest>,
) -> Result<Appended, MerkleError> {
    let mut growth = Growth { nodes: Vec::with_capacity(2 * leaves.len()), waiting: [None; LEVELS] };
    let mut grown = size;
    for leaf in leaves {
        if grown >= LEAVES_MAX {
            return Err(MerkleError::Full);
        }
        growth.grow(grown, *leaf, &mut node)?;
        grown += 1;
    }
    Ok(Appended { size: grown, nodes: growth.nodes })
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

/// The path that proves leaf `index` to be in the tree of `size` leaves, leaf's sibling first (RFC 6962 §2.1.1).
///
/// # Errors
/// [`MerkleError::IndexOutside`]; [`MerkleError::Missing`] when `node` lacks one of [`inclusion_addresses`].
pub fn inclusion_path(
    index: u64,
    size: u64,
    node: impl FnMut(NodeAddress) -> Option<Digest>,
) -> Result<Vec<Digest>, MerkleError> {
    hash_each(inclusion_runs(index, size)?, node)
}

/// The nodes that [`inclusion_path`] reads.
///
/// # Errors
/// [`MerkleError::IndexOutside`].
pub fn inclusion_addresses(index: u64, size: u64) -> Result<Vec<NodeAddress>, MerkleError> {
    Ok(inclusion_runs(index, size)?.into_iter().flat_map(Run::cover).collect())
}

/// The path that proves the tree of `new` leaves to extend the one of `old` leaves (RFC 6962 §2.1.2). It is empty
/// when nothing is to be proven: `old` is 0 or equals `new`.
///
/// # Errors
/// [`MerkleError::OldLarger`]; [`MerkleError::Missing`] when `node` lacks one of [`consistency_addresses`].
pub fn consistency_path(
    old: u64,
    new: u64,
    node: impl FnMut(NodeAddress) -> Option<Digest>,
) -> Result<Vec<Digest>, MerkleError> {
    hash_each(consistency_runs(old, new)?, node)
}

/// The nodes that [`consistency_path`] reads.
///
/// # Errors
/// [`MerkleError::OldLarger`].
pub fn consistency_addresses(old: u64, new: u64) -> Result<Vec<NodeAddress>, MerkleError> {
    Ok(consistency_runs(old, new)?.into_iter().flat_map(Run::cover).collect())
}

const LEVELS: usize = 64;

/// What one [`append_all`] has made so far.
struct Growth {
    nodes: Vec<(NodeAddress, Digest)>,
    /// For each level, the left node made here whose right sibling is still to come.
    waiting: [Option<Digest>; LEVELS],
}

impl Growth {
    /// Adds one leaf at `index` and every subtree it completes.
    fn grow(
        &mut self,
        index: u64,
        leaf: Digest,
        node: &mut impl FnMut(NodeAddress) -> Option<Digest>,
    ) -> Result<(), MerkleError> {
        let mut address = NodeAddress { level: 0, index };
        let mut digest = leaf;
        loop {
            self.nodes.push((address, digest));
            let waiting = &mut self.waiting[usize::from(address.level)];
            if address.index.is_multiple_of(2) {
                *waiting = Some(digest);
                return Ok(());
            }
            let sibling = NodeAddress { index: address.index - 1, ..address };
            let left = waiting.take().or_else(|| node(sibling)).ok_or(MerkleError::Missing(sibling))?;
            digest = node_hash(left, digest);
            address = NodeAddress { level: address.level + 1, index: address.index / 2 };
        }
    }
}

/// A run of leaves that is one subtree of the RFC's recursion: `start` is a multiple of the smallest power of two
/// that is at least `leaves`, so the binary digits of `leaves` name its complete subtrees.
#[derive(Clone, Copy)]
struct Run {
    start: u64,
    leaves: u64,
}

impl Run {
    /// The complete subtrees of the run, from left to right.
    fn cover(self) -> impl Iterator<Item = NodeAddress> {
        let levels = (0..64u8).rev().filter(move |level| self.leaves >> level & 1 == 1);
        levels.map(move |level| {
            let larger = self.leaves >> level & !1;
            NodeAddress { level, index: (self.start >> level) + larger }
        })
    }

    /// The RFC's hash of the run; of no leaves, the root of the empty tree.
    fn hash(self, mut node: impl FnMut(NodeAddress) -> Option<Digest>) -> Result<Digest, MerkleError> {
        let read = |address| node(address).ok_or(MerkleError::Missing(address));
        let subtrees: Vec<Digest> = self.cover().map(read).collect::<Result<_, _>>()?;
        let joined = subtrees.into_iter().rev().reduce(|right, left| node_hash(left, right));
        Ok(joined.unwrap_or_else(empty_root))
    }

    /// The two children of a run of at least two leaves: the left one is the largest complete subtree that leaves
    /// something to the right.
    fn split(self) -> (Self, Self) {
        let left = 1 << (self.leaves - 1).ilog2();
        (
            Self { start: self.start, leaves: left },
            Self { start: self.start + left, leaves: self.leaves - left },
        )
    }
}

fn hash_each(
    runs: Vec<Run>,
    mut node: impl FnMut(NodeAddress) -> Option<Digest>,
) -> Result<Vec<Digest>, MerkleError> {
    runs.into_iter().map(|run| run.hash(&mut node)).collect()
}

/// PATH(m, D[n]) as runs: the siblings met on the way down to the leaf, deepest first.
fn inclusion_runs(index: u64, size: u64) -> Result<Vec<Run>, MerkleError> {
    if index >= size {
        return Err(MerkleError::IndexOutside { index, size });
    }
    let mut siblings = Vec::new();
    let mut at = Run { start: 0, leaves: size };
    while at.leaves > 1 {
        let (left, right) = at.split();
        let (next, sibling) = if index < right.start { (left, right) } else { (right, left) };
        siblings.push(sibling);
        at = next;
    }
    siblings.reverse();
    Ok(siblings)
}

/// PROOF(m, D[n]) as runs: the siblings met on the way down to where the old tree ends, deepest first, opened by the
/// subtree reached there unless that is the whole old tree, whose root the verifier knows.
fn consistency_runs(old: u64, new: u64) -> Result<Vec<Run>, MerkleError> {
    if old > new {
        return Err(MerkleError::OldLarger { old, new });
    }
    if old == 0 {
        return Ok(Vec::new());
    }
    let mut siblings = Vec::new();
    let mut at = Run { start: 0, leaves: new };
    while at.start + at.leaves != old {
        let (left, right) = at.split();
        let (next, sibling) = if old <= right.start { (left, right) } else { (right, left) };
        siblings.push(sibling);
        at = next;
    }
    if at.start > 0 {
        siblings.push(at);
    }
    siblings.reverse();
    Ok(siblings)
}

#[cfg(test)]
mod tests;
