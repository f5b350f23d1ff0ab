//! Appending leaves: which nodes are written, each once and for good.

use super::{LEAVES_MAX, MerkleError, NodeAddress, node_hash};
use crate::digest::Digest;

/// What appending leaves adds to a stored tree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Appended {
    /// Leaves in the tree afterwards.
    pub size: u64,
    /// The nodes to insert, all new: each leaf followed by the subtrees it completed.
    pub nodes: Vec<(NodeAddress, Digest)>,
}

/// The nodes to write when `leaf` (a leaf hash) is appended to a tree of `size` leaves.
///
/// `node` is asked for at most 63 nodes, all among [`frontier_addresses`](super::frontier_addresses) of `size`.
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
/// `node` is asked only for nodes among [`frontier_addresses`](super::frontier_addresses) of `size`; those made on the
/// way are reused.
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

const LEVELS: usize = 64;
