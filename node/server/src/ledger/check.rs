//! The ledger compared with what was signed: at each start with the latest checkpoint, whole with all of them.

use super::error::{Contradiction, LedgerError};
use super::{LATEST, Ledger};
use relais_domain::digest::Digest;
use relais_domain::merkle::{self, NodeAddress};
use relais_store::rows::Shelf;
use std::collections::BTreeMap;

/// How many leaves are read at a time when the whole tree is checked.
const CHECK_LEAVES: u64 = 256;

/// What the self-check found.
#[derive(Clone, Copy, Debug)]
pub struct Checked {
    /// The tree's root.
    pub root: Digest,
    /// Leaves under the latest checkpoint.
    pub checkpoint_size: u64,
}

impl Ledger {
    /// Compares the tree with the latest checkpoint signed, in O(log n): what a node does at each start.
    ///
    /// # Errors
    /// [`LedgerError::Contradiction`] when leaves are missing or the tree is another one.
    pub async fn glance(&self) -> Result<(), LedgerError> {
        let Some(document) = self.store.document(Shelf::Setting, LATEST).await? else { return Ok(()) };
        let signed = self.open(&String::from_utf8_lossy(&document.body))?;
        let size = self.store.ledger_size().await?;
        if signed.size > size {
            return Err(Contradiction::LeavesMissing { signed: signed.size, held: size }.into());
        }
        if self.root(signed.size).await? != signed.root {
            return Err(Contradiction::NotAsSigned(signed.size).into());
        }
        Ok(())
    }

    /// Recomputes the tree from its leaves and compares it with what is stored and with every checkpoint signed.
    ///
    /// # Errors
    /// [`LedgerError::Contradiction`] when the database was edited or truncated.
    pub async fn check(&self) -> Result<Checked, LedgerError> {
        let size = self.store.ledger_size().await?;
        let signed = self.signed_roots().await?;
        if let Some((largest, _)) = signed.last_key_value()
            && *largest > size
        {
            return Err(Contradiction::LeavesMissing { signed: *largest, held: size }.into());
        }
        let mut nodes: BTreeMap<NodeAddress, Digest> = BTreeMap::new();
        let mut done = 0;
        while done < size {
            let upto = size.min(done + CHECK_LEAVES);
            let mut hashes = Vec::new();
            for index in done..upto {
                let leaf = self.store.ledger_leaf(index).await?;
                hashes.push(leaf.ok_or(Contradiction::LeafMissing(index))?.hash());
            }
            done = self.grow(done, &hashes, &mut nodes, &signed).await?;
        }
        let root = merkle::root(size, |address| nodes.get(&address).copied())?;
        if size > 0 && root != self.root(size).await? {
            return Err(Contradiction::OtherTree.into());
        }
        Ok(Checked { root, checkpoint_size: signed.last_key_value().map_or(0, |(size, _)| *size) })
    }

    /// Appends leaves one by one, comparing each signed size passed on the way.
    async fn grow(
        &self,
        from: u64,
        hashes: &[Digest],
        nodes: &mut BTreeMap<NodeAddress, Digest>,
        signed: &BTreeMap<u64, Digest>,
    ) -> Result<u64, LedgerError> {
        let mut size = from;
        for hash in hashes {
            let grown = merkle::append(size, *hash, |address| nodes.get(&address).copied())?;
            nodes.extend(grown.nodes);
            size = grown.size;
            let kept = merkle::frontier_addresses(size);
            if let Some(root) = signed.get(&size)
                && *root != merkle::root(size, |address| nodes.get(&address).copied())?
            {
                return Err(Contradiction::NotAsSigned(size).into());
            }
            nodes.retain(|address, _| kept.contains(address));
        }
        Ok(size)
    }

    async fn signed_roots(&self) -> Result<BTreeMap<u64, Digest>, LedgerError> {
        let mut roots = BTreeMap::new();
        for document in self.store.documents(Shelf::Checkpoint, &[]).await? {
            let checkpoint = self.open(&String::from_utf8_lossy(&document.body))?;
            roots.insert(checkpoint.size, checkpoint.root);
        }
        Ok(roots)
    }
}
