//! Checking paths that someone else made (RFC 9162 §2.1.3.2 and §2.1.4.2). Total: no input makes these panic.
//!
//! A path alone does not tell the size of its tree: one path can fit several sizes. So `size` must come from the same
//! signed checkpoint as the root.

use super::{empty_root, node_hash};
use crate::digest::Digest;

/// Whether `path` proves that `leaf` (a leaf hash) is leaf `index` of the tree of `size` leaves with this `root`.
pub fn verify_inclusion(leaf: Digest, index: u64, size: u64, path: &[Digest], root: Digest) -> bool {
    let Some(last) = size.checked_sub(1).filter(|last| index <= *last) else {
        return false;
    };
    let mut climb = Climb { at: index, last };
    let mut hash = leaf;
    for sibling in path {
        match climb.step() {
            Some(Side::Left) => hash = node_hash(*sibling, hash),
            Some(Side::Right) => hash = node_hash(hash, *sibling),
            None => return false,
        }
    }
    climb.last == 0 && hash == root
}

/// Whether `path` proves that the tree of `new` leaves with `new_root` begins with the `old` leaves of `old_root`.
///
/// From the empty tree every tree grows: then the path is empty and `new_root` is taken as it is.
pub fn verify_consistency(old: u64, old_root: Digest, new: u64, new_root: Digest, path: &[Digest]) -> bool {
    if old > new {
        return false;
    }
    if old == new {
        return path.is_empty() && old_root == new_root && (old > 0 || old_root == empty_root());
    }
    if old == 0 {
        return path.is_empty() && old_root == empty_root();
    }
    consistency_roots(old, new, old_root, path) == Some((old_root, new_root))
}

/// The two roots that `path` leads to, for `0 < old < new`; `None` when it has the wrong length.
fn consistency_roots(old: u64, new: u64, old_root: Digest, path: &[Digest]) -> Option<(Digest, Digest)> {
    let (first, rest) = if old.is_power_of_two() {
        if path.is_empty() {
            return None;
        }
        (old_root, path)
    } else {
        let (first, rest) = path.split_first()?;
        (*first, rest)
    };
    let complete = (old - 1).trailing_ones();
    let mut climb = Climb { at: (old - 1) >> complete, last: (new - 1) >> complete };
    let (mut old_hash, mut new_hash) = (first, first);
    for sibling in rest {
        match climb.step()? {
            Side::Left => {
                old_hash = node_hash(*sibling, old_hash);
                new_hash = node_hash(*sibling, new_hash);
            }
            Side::Right => new_hash = node_hash(new_hash, *sibling),
        }
    }
    (climb.last == 0).then_some((old_hash, new_hash))
}

/// On which side of the way up a sibling stands.
#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

/// A way up the tree: the node reached and the last node of its level (the RFC's `fn` and `sn`).
struct Climb {
    at: u64,
    last: u64,
}

impl Climb {
    /// Goes up past one sibling; `None` from the root.
    fn step(&mut self) -> Option<Side> {
        if self.last == 0 {
            return None;
        }
        let left = self.at & 1 == 1 || self.at == self.last;
        if left {
            // The last node of a level may have no sibling there: it stands unchanged on the levels above until it has.
            let alone = if self.at == 0 { 0 } else { self.at.trailing_zeros() };
            self.up(alone);
        }
        self.up(1);
        Some(if left { Side::Left } else { Side::Right })
    }

    fn up(&mut self, levels: u32) {
        self.at >>= levels;
        self.last >>= levels;
    }
}
