//! Where the ledger ends: its size and the complete subtrees that the next leaves join. The rest stays on disk.

use crate::fault::Fault;
use crate::sql::{ledger_leaf, ledger_node};
use relais_domain::digest::Digest;
use relais_domain::ledger_leaf::Leaf;
use relais_domain::merkle::{self, NodeAddress};
use sqlx::sqlite::SqliteConnection;
use std::collections::BTreeMap;

#[derive(Clone)]
pub(crate) struct LedgerEnd {
    size: u64,
    frontier: BTreeMap<NodeAddress, Digest>,
}

impl LedgerEnd {
    /// Reads where the ledger ends.
    pub(crate) async fn load(data: &mut SqliteConnection) -> Result<Self, Fault> {
        let size = ledger_leaf::size(data).await?;
        let addresses = merkle::frontier_addresses(size);
        let frontier =
            if addresses.is_empty() { BTreeMap::new() } else { ledger_node::find(data, &addresses).await? };
        match addresses.iter().find(|address| !frontier.contains_key(address)) {
            Some(missing) => Err(Fault::corrupt(format!("the ledger lacks node {missing}"))),
            None => Ok(Self { size, frontier }),
        }
    }

    /// Appends leaves and every node they complete. If the transaction is rolled back, so must this be.
    pub(super) async fn append(
        &mut self,
        data: &mut SqliteConnection,
        leaves: &[&Leaf],
    ) -> Result<(), Fault> {
        if leaves.is_empty() {
            return Ok(());
        }
        let hashes: Vec<Digest> = leaves.iter().map(|leaf| leaf.hash()).collect();
        let appended = merkle::append_all(self.size, &hashes, |address| self.frontier.get(&address).copied())
            .map_err(|error| Fault::corrupt(error.to_string()))?;
        let placed: Vec<(u64, &Leaf)> = (self.size..).zip(leaves.iter().copied()).collect();
        ledger_leaf::insert(data, &placed).await?;
        ledger_node::insert(data, &appended.nodes).await?;
        self.size = appended.size;
        self.frontier.extend(appended.nodes);
        let frontier = merkle::frontier_addresses(self.size);
        self.frontier.retain(|address, _| frontier.contains(address));
        Ok(())
    }
}
