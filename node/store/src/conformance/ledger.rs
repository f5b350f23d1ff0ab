//! The ledger, held against a tree computed the plain way.

use super::failure::{equal, there};
use super::{Backend, Failure, sample};
use crate::batch::Batch;
use crate::{Store, StoreError};
use relais_domain::digest::Digest;
use relais_domain::ledger_leaf::Leaf;
use relais_domain::merkle::{self, NodeAddress};
use std::collections::BTreeMap;

const BATCHES: [u64; 13] = [1, 2, 3, 0, 1, 5, 8, 1, 1, 13, 21, 7, 64];

/// MTH of RFC 6962 §2.1, word for word.
fn tree_hash(leaves: &[Leaf]) -> Digest {
    match leaves {
        [] => merkle::empty_root(),
        [leaf] => leaf.hash(),
        many => {
            let (left, right) = many.split_at(many.len().next_power_of_two() / 2);
            merkle::node_hash(tree_hash(left), tree_hash(right))
        }
    }
}

fn leaves(from: u64, count: u64) -> Vec<Leaf> {
    (from..from + count).map(sample::leaf).collect()
}

fn appending(leaves: Vec<Leaf>) -> Batch {
    Batch { leaves, ..Batch::default() }
}

type Nodes = BTreeMap<NodeAddress, Digest>;

async fn nodes(store: &dyn Store, addresses: Vec<NodeAddress>) -> Result<Nodes, Failure> {
    let digests = store.ledger_nodes(addresses.clone()).await?;
    equal(digests.len(), addresses.len())?;
    Ok(addresses.into_iter().zip(digests).collect())
}

fn computed<T>(result: Result<T, merkle::MerkleError>) -> Result<T, Failure> {
    result.map_err(|error| Failure::new(error.to_string()))
}

async fn root(store: &dyn Store, size: u64) -> Result<Digest, Failure> {
    let nodes = nodes(store, merkle::frontier_addresses(size)).await?;
    computed(merkle::root(size, |address| nodes.get(&address).copied()))
}

/// Appends every batch of [`BATCHES`]; all leaves.
async fn grow(store: &dyn Store) -> Result<Vec<Leaf>, Failure> {
    let mut all = Vec::new();
    for count in BATCHES {
        let size = store.ledger_size().await?;
        let more = leaves(size, count);
        store.commit(appending(more.clone())).await?;
        all.extend(more);
    }
    Ok(all)
}

pub(super) async fn the_ledger_is_the_tree_of_its_leaves(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    equal(store.ledger_size().await?, 0)?;
    equal(store.ledger_leaf(0).await?, None)?;
    let (mut all, mut size) = (Vec::new(), 0);
    for count in BATCHES {
        all.extend(leaves(size, count));
        store.commit(appending(leaves(size, count))).await?;
        size += count;
        equal(store.ledger_size().await?, size)?;
        equal(root(&*store, size).await?, tree_hash(&all))?;
        equal(store.ledger_leaf(size).await?, None)?;
    }
    for (index, leaf) in (0..).zip(&all) {
        equal(store.ledger_leaf(index).await?, Some(*leaf))?;
    }
    Ok(())
}

pub(super) async fn every_leaf_is_proven_from_stored_nodes(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    let all = grow(&*store).await?;
    let size = store.ledger_size().await?;
    let root = tree_hash(&all);
    for (index, leaf) in (0..).zip(&all) {
        let nodes = nodes(&*store, computed(merkle::inclusion_addresses(index, size))?).await?;
        let path = computed(merkle::inclusion_path(index, size, |address| nodes.get(&address).copied()))?;
        equal(merkle::verify_inclusion(leaf.hash(), index, size, &path, root), true)?;
    }
    Ok(())
}

pub(super) async fn every_former_tree_is_proven_to_have_grown(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    let all = grow(&*store).await?;
    let size = store.ledger_size().await?;
    for old in 1..=size {
        let nodes = nodes(&*store, computed(merkle::consistency_addresses(old, size))?).await?;
        let path = computed(merkle::consistency_path(old, size, |address| nodes.get(&address).copied()))?;
        let before = all.get(..usize::try_from(old).unwrap_or(0)).unwrap_or_default();
        let proven = merkle::verify_consistency(old, tree_hash(before), size, tree_hash(&all), &path);
        equal(proven, true)?;
    }
    Ok(())
}

pub(super) async fn nodes_come_in_the_order_asked(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(appending(leaves(0, 5))).await?;
    let asked = [(0, 4), (2, 0), (0, 1), (1, 1), (0, 0)].map(|(level, index)| NodeAddress { level, index });
    let runs = [(4, 1), (0, 4), (1, 1), (2, 2), (0, 1)];
    let promised = runs.map(|(from, count)| tree_hash(&leaves(from, count))).to_vec();
    equal(store.ledger_nodes(asked.to_vec()).await?, promised)?;
    equal(store.ledger_nodes(Vec::new()).await?, Vec::new())
}

pub(super) async fn a_node_that_is_not_there_is_a_contradiction(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(appending(leaves(0, 3))).await?;
    for (level, index) in [(0, 3), (1, 1), (2, 0), (63, 0), (0, merkle::LEAVES_MAX - 1)] {
        let asked = vec![NodeAddress { level: 0, index: 0 }, NodeAddress { level, index }];
        match store.ledger_nodes(asked).await {
            Err(StoreError::Corrupt(_)) => {}
            other => return Err(Failure::new(format!("node {level}/{index}: {other:?}"))),
        }
    }
    Ok(())
}

pub(super) async fn leaves_are_found_by_subject(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    let about = |seed| Leaf { subject: sample::digest("shared", 1), ..sample::leaf(seed) };
    store.commit(appending(vec![about(0), sample::leaf(1), about(2)])).await?;
    store.commit(appending(vec![sample::leaf(3), about(4)])).await?;
    equal(store.ledger_find(sample::digest("shared", 1)).await?, vec![0, 2, 4])?;
    equal(store.ledger_find(sample::leaf(3).subject).await?, vec![3])?;
    equal(store.ledger_find(sample::digest("nothing", 1)).await?, Vec::new())
}

pub(super) async fn a_leaf_may_come_twice(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(appending(vec![sample::leaf(1), sample::leaf(1)])).await?;
    store.commit(appending(vec![sample::leaf(1)])).await?;
    equal(store.ledger_find(sample::leaf(1).subject).await?, vec![0, 1, 2])?;
    equal(root(&*store, 3).await?, tree_hash(&[sample::leaf(1); 3]))
}

pub(super) async fn the_ledger_goes_on_after_reopening(backend: &mut dyn Backend) -> Result<(), Failure> {
    let mut all = grow(&*backend.store()).await?;
    backend.reopen().await;
    let store = backend.store();
    equal(store.ledger_size().await?, BATCHES.iter().sum())?;
    let more = leaves(store.ledger_size().await?, 6);
    store.commit(appending(more.clone())).await?;
    all.extend(more);
    let size = store.ledger_size().await?;
    equal(root(&*store, size).await?, tree_hash(&all))?;
    let last = there(size.checked_sub(1))?;
    equal(store.ledger_leaf(last).await?, all.last().copied())
}
