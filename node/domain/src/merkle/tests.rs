//! The tree against the certificate-transparency vectors, a naive reading of the RFC, and tampering.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Largest tree compared with the naive reading of the RFC, for every size and every pair of sizes.
const SIZE_MAX: u64 = 130;

type Nodes = BTreeMap<NodeAddress, Digest>;

fn leaves(count: u64) -> Vec<Digest> {
    (0..count).map(|index| leaf_hash(&index.to_be_bytes())).collect()
}

fn stored(leaves: &[Digest]) -> Nodes {
    let mut nodes = Nodes::new();
    for (size, leaf) in (0u64..).zip(leaves) {
        let appended =
            append(size, *leaf, |address| nodes.get(&address).copied()).expect("the tree is whole");
        assert_eq!(appended.size, size + 1);
        for (address, digest) in appended.nodes {
            assert_eq!(nodes.insert(address, digest), None, "{address} was written twice");
        }
    }
    nodes
}

fn read(nodes: &Nodes) -> impl FnMut(NodeAddress) -> Option<Digest> {
    |address| nodes.get(&address).copied()
}

fn naive_split(leaves: &[Digest]) -> (&[Digest], &[Digest]) {
    let mut k = 1;
    while k * 2 < leaves.len() {
        k *= 2;
    }
    leaves.split_at(k)
}

fn naive_root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => Digest::of(b""),
        [leaf] => *leaf,
        more => {
            let (left, right) = naive_split(more);
            node_hash(naive_root(left), naive_root(right))
        }
    }
}

fn naive_path(m: usize, leaves: &[Digest]) -> Vec<Digest> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = naive_split(leaves);
    if m < left.len() {
        [naive_path(m, left), vec![naive_root(right)]].concat()
    } else {
        [naive_path(m - left.len(), right), vec![naive_root(left)]].concat()
    }
}

fn naive_subproof(m: usize, leaves: &[Digest], known: &[Digest]) -> Vec<Digest> {
    if m == leaves.len() {
        return if leaves == known { Vec::new() } else { vec![naive_root(leaves)] };
    }
    let (left, right) = naive_split(leaves);
    if m <= left.len() {
        [naive_subproof(m, left, known), vec![naive_root(right)]].concat()
    } else {
        [naive_subproof(m - left.len(), right, known), vec![naive_root(left)]].concat()
    }
}

/// A small size or index as a position in a slice.
fn slot(number: u64) -> usize {
    usize::try_from(number).expect("the tests' trees are small")
}

fn digest(hex: &str) -> Digest {
    Digest::from_hex(hex).expect("the vectors are hexadecimal")
}

fn digests(hex: &[&str]) -> Vec<Digest> {
    hex.iter().copied().map(digest).collect()
}

/// The eight leaves of the merkle tree tests of google/certificate-transparency.
const CT_LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];

/// Their roots, by size.
const CT_ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

const LEAF_0: &str = CT_ROOTS[1];
const LEAF_1: &str = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
const LEAF_4: &str = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
const NODE_0_1: &str = CT_ROOTS[2];
const NODE_2_3: &str = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
const NODE_4_5: &str = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
const NODE_6_7: &str = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
const NODE_0_3: &str = CT_ROOTS[4];
const NODE_4_7: &str = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";

fn ct_leaves() -> Vec<Digest> {
    CT_LEAVES.iter().map(|bytes| leaf_hash(bytes)).collect()
}

#[test]
fn roots_are_those_of_certificate_transparency() {
    let nodes = stored(&ct_leaves());
    for (size, expected) in (0u64..).zip(CT_ROOTS) {
        assert_eq!(root(size, read(&nodes)), Ok(digest(expected)), "size {size}");
    }
}

#[test]
fn inclusion_paths_are_those_of_certificate_transparency() {
    let leaves = ct_leaves();
    let nodes = stored(&leaves);
    let vectors: [(u64, u64, &[&str]); 5] = [
        (0, 1, &[]),
        (0, 8, &[LEAF_1, NODE_2_3, NODE_4_7]),
        (5, 8, &[LEAF_4, NODE_6_7, NODE_0_3]),
        (2, 3, &[NODE_0_1]),
        (1, 5, &[LEAF_0, NODE_2_3, LEAF_4]),
    ];
    for (index, size, expected) in vectors {
        let path = inclusion_path(index, size, read(&nodes)).expect("the tree is whole");
        assert_eq!(path, digests(expected), "leaf {index} of {size}");
        let leaf = leaves[slot(index)];
        let root = digest(CT_ROOTS[slot(size)]);
        assert!(verify_inclusion(leaf, index, size, &path, root), "leaf {index} of {size}");
    }
}

#[test]
fn consistency_paths_are_those_of_certificate_transparency() {
    let nodes = stored(&ct_leaves());
    let vectors: [(u64, u64, &[&str]); 4] = [
        (1, 1, &[]),
        (1, 8, &[LEAF_1, NODE_2_3, NODE_4_7]),
        (6, 8, &[NODE_4_5, NODE_6_7, NODE_0_3]),
        (2, 5, &[NODE_2_3, LEAF_4]),
    ];
    for (old, new, expected) in vectors {
        let path = consistency_path(old, new, read(&nodes)).expect("the tree is whole");
        assert_eq!(path, digests(expected), "{old} to {new}");
        let [old_root, new_root] = [old, new].map(|size| digest(CT_ROOTS[slot(size)]));
        assert!(verify_consistency(old, old_root, new, new_root, &path), "{old} to {new}");
    }
}

#[test]
fn every_small_tree_is_that_of_the_rfc() {
    let leaves = leaves(SIZE_MAX);
    let nodes = stored(&leaves);
    for size in 0..=SIZE_MAX {
        let tree = &leaves[..slot(size)];
        let head = naive_root(tree);
        assert_eq!(root(size, read(&nodes)), Ok(head), "size {size}");
        for (index, leaf) in (0..).zip(tree) {
            let path = inclusion_path(index, size, read(&nodes)).expect("the tree is whole");
            assert_eq!(path, naive_path(slot(index), tree), "leaf {index} of {size}");
            assert!(verify_inclusion(*leaf, index, size, &path, head), "leaf {index} of {size}");
        }
    }
}

#[test]
fn every_growth_of_a_small_tree_is_that_of_the_rfc() {
    let leaves = leaves(SIZE_MAX);
    let nodes = stored(&leaves);
    let roots: Vec<Digest> = (0..=leaves.len()).map(|size| naive_root(&leaves[..size])).collect();
    for new in 0..=leaves.len() {
        for old in 0..=new {
            let (m, n) = (old as u64, new as u64);
            let path = consistency_path(m, n, read(&nodes)).expect("the tree is whole");
            if old > 0 {
                assert_eq!(path, naive_subproof(old, &leaves[..new], &leaves[..old]), "{old} to {new}");
            }
            assert!(path.len() <= PATH_MAX);
            assert!(verify_consistency(m, roots[old], n, roots[new], &path), "{old} to {new}");
        }
    }
}

#[test]
fn appending_together_is_appending_one_by_one() {
    let leaves = leaves(70);
    let one_by_one = stored(&leaves);
    for first in 0..leaves.len() {
        let (before, after) = leaves.split_at(first);
        let mut nodes = stored(before);
        let size = first as u64;
        let frontier = frontier_addresses(size);
        let appended = append_all(size, after, |address| {
            assert!(frontier.contains(&address), "{address} is no part of the frontier of {size}");
            nodes.get(&address).copied()
        })
        .expect("the tree is whole");
        assert_eq!(appended.size, 70);
        nodes.extend(appended.nodes);
        assert_eq!(nodes, one_by_one);
    }
}

#[test]
fn appending_reads_and_writes_few_nodes() {
    let some = Digest::of(b"some");
    let size = (1 << 40) - 1;
    let mut reads = 0;
    let appended = append(size, some, |_| {
        reads += 1;
        Some(some)
    })
    .expect("the tree is whole");
    assert_eq!((reads, appended.nodes.len()), (40, 41));
    assert_eq!(append_all(7, &[], |_| None), Ok(Appended { size: 7, nodes: Vec::new() }));
}

#[test]
fn the_frontier_is_the_binary_digits_of_the_size() {
    let shown = |size| frontier_addresses(size).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    assert_eq!(shown(0), "");
    assert_eq!(shown(1), "0/0");
    assert_eq!(shown(8), "3/0");
    assert_eq!(shown(13), "3/0 2/2 0/12");
    assert_eq!(frontier_addresses(u64::MAX).len(), 64);
}

#[test]
fn paths_read_exactly_the_nodes_announced() {
    let nodes = stored(&leaves(40));
    for size in 1..=40 {
        for index in 0..size {
            let mut asked = Vec::new();
            inclusion_path(index, size, |address| {
                asked.push(address);
                nodes.get(&address).copied()
            })
            .expect("the tree is whole");
            assert_eq!(inclusion_addresses(index, size).expect("the tree is whole"), asked);
            asked.clear();
            consistency_path(index, size, |address| {
                asked.push(address);
                nodes.get(&address).copied()
            })
            .expect("the tree is whole");
            assert_eq!(consistency_addresses(index, size).expect("the tree is whole"), asked);
        }
    }
}

#[test]
fn a_missing_node_is_named() {
    let mut nodes = stored(&leaves(7));
    let lost = NodeAddress { level: 1, index: 2 };
    nodes.remove(&lost);
    assert_eq!(root(7, read(&nodes)), Err(MerkleError::Missing(lost)));
    assert_eq!(inclusion_path(0, 7, read(&nodes)), Err(MerkleError::Missing(lost)));
    assert_eq!(consistency_path(6, 7, read(&nodes)), Err(MerkleError::Missing(lost)));
    assert_eq!(append(7, Digest::of(b"leaf"), read(&nodes)), Err(MerkleError::Missing(lost)));
    assert!(root(4, read(&nodes)).is_ok());
}

#[test]
fn a_full_tree_takes_no_leaf() {
    let some = Digest::of(b"some");
    for size in [LEAVES_MAX, LEAVES_MAX + 1, u64::MAX] {
        assert_eq!(append(size, some, |_| Some(some)), Err(MerkleError::Full));
    }
    assert_eq!(append(LEAVES_MAX - 1, some, |_| Some(some)).map(|appended| appended.size), Ok(LEAVES_MAX));
    assert_eq!(append_all(LEAVES_MAX - 1, &[some, some], |_| Some(some)), Err(MerkleError::Full));
}

#[test]
fn what_is_outside_the_tree_is_refused() {
    for (index, size) in [(0, 0), (5, 5), (6, 5), (u64::MAX, u64::MAX)] {
        let outside = MerkleError::IndexOutside { index, size };
        assert_eq!(inclusion_path(index, size, |_| None), Err(outside));
        assert_eq!(inclusion_addresses(index, size), Err(outside));
    }
    for (old, new) in [(1, 0), (6, 5), (u64::MAX, 1)] {
        let larger = MerkleError::OldLarger { old, new };
        assert_eq!(consistency_path(old, new, |_| None), Err(larger));
        assert_eq!(consistency_addresses(old, new), Err(larger));
    }
}

/// Every path that differs from `path` in one byte, lacks an end, repeats one, or is reversed.
fn tampered(path: &[Digest]) -> Vec<Vec<Digest>> {
    let mut others = vec![[path, &[Digest::of(b"more")]].concat(), [&[Digest::of(b"more")], path].concat()];
    for (position, digest) in path.iter().enumerate() {
        others.extend(flipped(*digest).map(|other| {
            let mut path = path.to_vec();
            path[position] = other;
            path
        }));
    }
    if let [rest @ .., last] = path {
        others.push(rest.to_vec());
        others.push(path[1..].to_vec());
        others.push([path, &[*last]].concat());
    }
    if path.len() > 1 {
        others.push(path.iter().rev().copied().collect());
    }
    others
}

/// Every digest that differs from `digest` in one byte.
fn flipped(digest: Digest) -> impl Iterator<Item = Digest> {
    (0..32).map(move |position| {
        let mut bytes = digest.0;
        bytes[position] ^= 1 << (position % 8);
        Digest(bytes)
    })
}

#[test]
fn a_tampered_inclusion_is_refused() {
    let leaves = leaves(20);
    let nodes = stored(&leaves);
    for size in 1..=20 {
        let head = root(size, read(&nodes)).expect("the tree is whole");
        for (index, leaf) in (0..size).zip(leaves.iter().copied()) {
            let path = inclusion_path(index, size, read(&nodes)).expect("the tree is whole");
            for other in tampered(&path) {
                assert!(!verify_inclusion(leaf, index, size, &other, head), "path of leaf {index} of {size}");
            }
            for other in flipped(leaf) {
                assert!(!verify_inclusion(other, index, size, &path, head), "leaf {index} of {size}");
            }
            for other in flipped(head) {
                assert!(!verify_inclusion(leaf, index, size, &path, other), "root of {size}");
            }
            for other in (0..size + 2).chain([u64::MAX]).filter(|other| *other != index) {
                assert!(
                    !verify_inclusion(leaf, other, size, &path, head),
                    "leaf {index} as {other} of {size}"
                );
            }
            assert!(!verify_inclusion(leaf, index, index, &path, head), "size {index}");
        }
    }
}

#[test]
fn a_tampered_consistency_is_refused() {
    let nodes = stored(&leaves(20));
    let roots: Vec<Digest> =
        (0..=20).map(|size| root(size, read(&nodes)).expect("the tree is whole")).collect();
    for new in 1..=20u64 {
        for old in 1..=new {
            let [old_root, new_root] = [old, new].map(|size| roots[slot(size)]);
            let path = consistency_path(old, new, read(&nodes)).expect("the tree is whole");
            for other in tampered(&path) {
                assert!(!verify_consistency(old, old_root, new, new_root, &other), "path {old} to {new}");
            }
            for other in flipped(old_root) {
                assert!(!verify_consistency(old, other, new, new_root, &path), "old root {old} to {new}");
            }
            for other in flipped(new_root) {
                assert!(!verify_consistency(old, old_root, new, other, &path), "new root {old} to {new}");
            }
            if old < new {
                assert!(!verify_consistency(new, new_root, old, old_root, &path), "{new} back to {old}");
            }
        }
    }
}

/// Every size below `end` with every two larger ones.
fn triples(end: u64) -> impl Iterator<Item = (u64, u64, u64)> {
    let pairs =
        move |old: u64| (old + 1..end).flat_map(move |new| (old + 1..end).map(move |other| (new, other)));
    (1..end).flat_map(move |old| pairs(old).map(move |(new, other)| (old, new, other)))
}

#[test]
fn a_path_of_another_tree_is_refused_when_its_length_tells() {
    let leaves = leaves(20);
    let nodes = stored(&leaves);
    let root_of = |size| root(size, read(&nodes)).expect("the tree is whole");
    for (old, new, other) in triples(20) {
        let [path, expected] =
            [new, other].map(|size| consistency_path(old, size, read(&nodes)).expect("the tree is whole"));
        if path.len() != expected.len() {
            let passed = verify_consistency(old, root_of(old), other, root_of(new), &path);
            assert!(!passed, "{old} to {new}, said to be {other}");
        }
        let [path, expected] =
            [new, other].map(|size| inclusion_path(old, size, read(&nodes)).expect("the tree is whole"));
        if path.len() != expected.len() {
            let passed = verify_inclusion(leaves[slot(old)], old, other, &path, root_of(new));
            assert!(!passed, "leaf {old} of {new}, said to be {other}");
        }
    }
}

#[test]
fn a_rewritten_leaf_breaks_consistency() {
    let honest = leaves(12);
    let mut forked = leaves(16);
    forked[3] = leaf_hash(b"rewritten");
    let (old, new) = (stored(&honest), stored(&forked));
    let path = consistency_path(12, 16, read(&new)).expect("the tree is whole");
    let old_root = root(12, read(&old)).expect("the tree is whole");
    assert!(!verify_consistency(12, old_root, 16, root(16, read(&new)).expect("the tree is whole"), &path));
}

#[test]
fn from_the_empty_tree_only_its_own_root_and_no_path_hold() {
    let any = Digest::of(b"any");
    assert!(verify_consistency(0, empty_root(), 5, any, &[]));
    assert!(verify_consistency(0, empty_root(), 0, empty_root(), &[]));
    assert!(!verify_consistency(0, any, 5, any, &[]));
    assert!(!verify_consistency(0, any, 0, any, &[]));
    assert!(!verify_consistency(0, empty_root(), 0, any, &[]));
    assert!(!verify_consistency(0, empty_root(), 5, any, &[any]));
}

proptest! {
    #[test]
    fn no_input_panics(
        numbers in any::<[u64; 3]>(),
        shifts in proptest::array::uniform3(0u32..64),
        path in proptest::collection::vec(any::<[u8; 32]>().prop_map(Digest), 0..70),
    ) {
        let [a, b, c] = [0, 1, 2].map(|at: usize| numbers[at] >> shifts[at]);
        let some = Digest::of(b"some");
        for node in [None, Some(some)] {
            let _ = append(a, some, |_| node);
            let _ = root(a, |_| node);
            for (small, large) in [(a, b), (b, c), (a, a), (a, a.saturating_add(1)), (a, u64::MAX)] {
                if let Ok(path) = inclusion_path(small, large, |_| node) {
                    prop_assert!(path.len() <= PATH_MAX);
                }
                if let Ok(path) = consistency_path(small, large, |_| node) {
                    prop_assert!(path.len() <= PATH_MAX + 1);
                }
                prop_assert!(!verify_inclusion(some, small, large, &path, some) || path.is_empty());
                let _ = verify_consistency(small, some, large, some, &path);
            }
        }
    }

    #[test]
    fn large_trees_prove_themselves(size in 1u64..LEAVES_MAX, place in any::<u64>()) {
        // Every leaf is the same, so a complete subtree depends on its level alone.
        let mut levels = vec![leaf_hash(b"same")];
        for level in 1..64 {
            let below: Digest = levels[level - 1];
            levels.push(node_hash(below, below));
        }
        let node = |address: NodeAddress| levels.get(usize::from(address.level)).copied();
        let head = root(size, node).expect("the tree is whole");
        let index = place % size;
        let path = inclusion_path(index, size, node).expect("the tree is whole");
        prop_assert!(path.len() <= PATH_MAX);
        prop_assert!(verify_inclusion(levels[0], index, size, &path, head));
        let old = index + 1;
        let path = consistency_path(old, size, node).expect("the tree is whole");
        prop_assert!(path.len() <= PATH_MAX);
        prop_assert!(verify_consistency(old, root(old, node).expect("the tree is whole"), size, head, &path));
    }
}
