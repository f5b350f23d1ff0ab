//! The ledger's leaves and the complete subtrees above them.

use crate::StoreError;
use relais_domain::digest::Digest;
use relais_domain::ledger_leaf::Leaf;
use relais_domain::merkle::{Appended, NodeAddress, append_all};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    leaves: Vec<Leaf>,
    nodes: BTreeMap<NodeAddress, Digest>,
    subjects: BTreeMap<Digest, Vec<u64>>,
}

impl Ledger {
    pub(super) fn size(&self) -> u64 {
        u64::try_from(self.leaves.len()).unwrap_or(u64::MAX)
    }

    pub(super) fn nodes(&self, addresses: &[NodeAddress]) -> Result<Vec<Digest>, StoreError> {
        let missing = |address| StoreError::Corrupt(format!("the ledger lacks node {address}"));
        addresses
            .iter()
            .map(|address| self.nodes.get(address).copied().ok_or_else(|| missing(address)))
            .collect()
    }

    pub(super) fn leaf(&self, index: u64) -> Option<Leaf> {
        self.leaves.get(usize::try_from(index).ok()?).copied()
    }

    pub(super) fn find(&self, subject: Digest) -> Vec<u64> {
        self.subjects.get(&subject).cloned().unwrap_or_default()
    }

    /// What appending `leaves` will write.
    pub(super) fn growth(&self, leaves: &[Leaf]) -> Result<Appended, StoreError> {
        let hashes: Vec<Digest> = leaves.iter().map(Leaf::hash).collect();
        append_all(self.size(), &hashes, |address| self.nodes.get(&address).copied())
            .map_err(|error| StoreError::Corrupt(error.to_string()))
    }

    /// Writes `leaves` and their `growth`.
    pub(super) fn append(&mut self, leaves: Vec<Leaf>, growth: Appended) {
        for (index, leaf) in (self.size()..).zip(&leaves) {
            self.subjects.entry(leaf.subject).or_default().push(index);
        }
        self.leaves.extend(leaves);
        self.nodes.extend(growth.nodes);
    }
}
