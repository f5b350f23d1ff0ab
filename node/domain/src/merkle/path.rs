//! The paths that prove: a leaf to lie in a tree (RFC 6962 §2.1.1), a tree to extend another (§2.1.2).

use super::run::Run;
use super::{MerkleError, NodeAddress};
use crate::digest::Digest;

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

fn hash_each(
    runs: Vec<Run>,
    mut node: impl FnMut(NodeAddress) -> Option<Digest>,
) -> Result<Vec<Digest>, MerkleError> {
    runs.into_iter().map(|run| run.hash(&mut node)).collect()
}
