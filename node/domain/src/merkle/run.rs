//! Runs of leaves: the subtrees of the RFC's recursion, each covered by complete ones.

use super::{MerkleError, NodeAddress, empty_root, node_hash};
use crate::digest::Digest;

/// A run of leaves that is one subtree of the RFC's recursion: `start` is a multiple of the smallest power of two
/// that is at least `leaves`, so the binary digits of `leaves` name its complete subtrees.
#[derive(Clone, Copy)]
pub(super) struct Run {
    pub(super) start: u64,
    pub(super) leaves: u64,
}

impl Run {
    /// The complete subtrees of the run, from left to right.
    pub(super) fn cover(self) -> impl Iterator<Item = NodeAddress> {
        let levels = (0..64u8).rev().filter(move |level| self.leaves >> level & 1 == 1);
        levels.map(move |level| {
            let larger = self.leaves >> level & !1;
            NodeAddress { level, index: (self.start >> level) + larger }
        })
    }

    /// The RFC's hash of the run; of no leaves, the root of the empty tree.
    pub(super) fn hash(
        self,
        mut node: impl FnMut(NodeAddress) -> Option<Digest>,
    ) -> Result<Digest, MerkleError> {
        let read = |address| node(address).ok_or(MerkleError::Missing(address));
        let subtrees: Vec<Digest> = self.cover().map(read).collect::<Result<_, _>>()?;
        let joined = subtrees.into_iter().rev().reduce(|right, left| node_hash(left, right));
        Ok(joined.unwrap_or_else(empty_root))
    }

    /// The two children of a run of at least two leaves: the left one is the largest complete subtree that leaves
    /// something to the right.
    pub(super) fn split(self) -> (Self, Self) {
        let left = 1 << (self.leaves - 1).ilog2();
        (
            Self { start: self.start, leaves: left },
            Self { start: self.start + left, leaves: self.leaves - left },
        )
    }
}
