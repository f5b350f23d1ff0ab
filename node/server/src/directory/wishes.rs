//! What an admin of this node wishes of the directory: whose records it keeps, and whose it never takes.

use super::shelf::{Holds, document_key, root_key, write};
use super::{Directory, DirectoryError, Index, of_carried};
use relais_domain::digest::Digest;
use relais_domain::directory::{REFUSED_STRUCTURES_MAX, Record, Subscription};
use relais_domain::ledger_leaf::{Leaf, LeafKind};
use relais_domain::structure_id::StructureId;
use relais_domain::territory::DepartementCode;
use relais_store::batch::{Batch, DocumentWrite, Expected};
use relais_store::rows::Shelf;
use relais_store::{Store, StoreError};
use std::collections::BTreeSet;
use tokio::sync::watch;

/// The key of the subscription that an admin chose.
const SUBSCRIPTION: &[u8] = b"directory/subscription";
/// Before the id of a structure whose records an admin refuses.
const REFUSED: &[u8] = b"directory/refused/";
/// What stands for every département.
const FRANCE: &str = "france";

/// Who chose the départements that are kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChosenBy {
    /// An admin.
    Admin,
    /// Nobody: they are where this structure is at home.
    Nobody,
}

impl Index {
    /// The départements whose records are kept.
    pub(super) fn subscription(&self) -> Subscription {
        self.chosen.unwrap_or(self.home)
    }

    pub(super) async fn read_wishes(&mut self, store: &dyn Store) -> Result<(), StoreError> {
        let corrupt = |what: &str| StoreError::Corrupt(format!("setting: not {what}"));
        if let Some(document) = store.document(Shelf::Setting, SUBSCRIPTION).await? {
            let codes: Vec<String> =
                serde_json::from_slice(&document.body).map_err(|_| corrupt("a list of départements"))?;
            self.chosen = Some(subscription_of(&codes));
        }
        for document in store.documents(Shelf::Setting, REFUSED).await? {
            let id = document.key.get(REFUSED.len()..).and_then(StructureId::from_slice);
            let name = String::from_utf8(document.body).map_err(|_| corrupt("a structure's name"))?;
            self.refused.insert(id.ok_or_else(|| corrupt("a structure's id"))?, name);
        }
        Ok(())
    }
}

/// The subscription of stored codes. One that the present COG does not know any more stands for nothing.
fn subscription_of(codes: &[String]) -> Subscription {
    if codes.iter().any(|code| code == FRANCE) {
        return Subscription::FRANCE;
    }
    Subscription::of(codes.iter().filter_map(|code| DepartementCode::parse(code)))
}

/// The codes of a subscription: `france` alone for every département.
pub fn subscription_codes(subscription: Subscription) -> Vec<String> {
    if subscription.is_france() {
        return vec![FRANCE.to_owned()];
    }
    subscription.departements().map(|code| code.to_string()).collect()
}

impl Directory {
    /// Tells whenever what is wished may have changed.
    pub fn wishes(&self) -> watch::Receiver<u64> {
        self.wishes.subscribe()
    }

    /// The départements whose records are kept.
    pub fn subscription(&self) -> Subscription {
        self.read_index(Index::subscription)
    }

    /// Who chose them.
    pub fn chosen_by(&self) -> ChosenBy {
        match self.read_index(|index| index.chosen) {
            Some(_) => ChosenBy::Admin,
            None => ChosenBy::Nobody,
        }
    }

    /// Keeps the records of these départements from now on; of those where this structure is at home when `None`. What
    /// is held of others is dropped, but for the structures that `kept` names.
    ///
    /// # Errors
    /// [`DirectoryError::Store`].
    pub async fn subscribe(
        &self,
        chosen: Option<Subscription>,
        kept: impl Fn(StructureId) -> bool,
    ) -> Result<(), DirectoryError> {
        let writing = self.writing.lock().await;
        let body = chosen.map(|chosen| serde_json::to_vec(&subscription_codes(chosen)).unwrap_or_default());
        self.set(SUBSCRIPTION.to_vec(), body).await?;
        self.index.write().chosen = chosen;
        self.drop_unwanted(&kept).await?;
        drop(writing);
        self.wish();
        Ok(())
    }

    /// Takes nothing more of a structure, and forgets what is held of it.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub async fn refuse(&self, structure: StructureId) -> Result<(), DirectoryError> {
        if structure == self.own.structure() {
            return Err(DirectoryError::Own);
        }
        if self.refused().len() >= REFUSED_STRUCTURES_MAX && !self.is_refused(structure) {
            return Err(DirectoryError::TooManyRefused);
        }
        // Its name alone is kept: so that who refused it knows later whom.
        let name = self.states().remove(&structure).and_then(|state| state.name).unwrap_or_default();
        self.set([REFUSED, structure.as_bytes()].concat(), Some(name.clone().into_bytes())).await?;
        self.index.write().refused.insert(structure, name);
        self.forget(structure).await?;
        self.carried.forget(&[structure]).await.map_err(of_carried)?;
        tracing::info!(structure.id = %structure, "Nothing of a structure is taken any more");
        self.wish();
        Ok(())
    }

    /// Drops what is held of the structures that this partner was the first to bring, chains and floors among it, but for
    /// those that `kept` names; how many structures. It is as if they had never been heard of: whoever else holds
    /// something of them brings it again, and stands for it then.
    ///
    /// # Errors
    /// [`DirectoryError::Store`].
    pub async fn drop_brought_by(
        &self,
        carrier: StructureId,
        kept: impl Fn(StructureId) -> bool,
    ) -> Result<usize, DirectoryError> {
        let writing = self.writing.lock().await;
        let brought = self.carried.all().into_iter().filter(|(_, known)| known.carrier == carrier);
        let brought: Vec<StructureId> =
            brought.map(|(structure, _)| structure).filter(|structure| !kept(*structure)).collect();
        if brought.is_empty() {
            return Ok(0);
        }
        let now = self.clock.now();
        let spoken_for: BTreeSet<StructureId> = self.read_index(|index| {
            brought.iter().copied().filter(|one| index.is_spoken_for(*one, now)).collect()
        });
        let documents = self.read_index(|index| {
            let of_one = |structure: StructureId| {
                let held = index.records.of(structure).map(|held| held.record.key());
                // A floor may stand for a record that could not be read.
                let floors = index.floors.of(structure).cloned();
                let floors = floors.flat_map(|key| [(key.clone(), Holds::Floor), (key, Holds::Record)]);
                let all = held.map(|key| (key, Holds::Record)).chain(floors);
                let all = all.map(move |(key, holds)| document_key(structure, &key, holds));
                let root = (!spoken_for.contains(&structure)).then(|| root_key(structure));
                all.chain(root).map(|key| write(key, None))
            };
            brought.iter().flat_map(|structure| of_one(*structure)).collect()
        });
        self.store.commit(Batch { documents, ..Batch::default() }).await?;
        self.carried.forget(&brought).await.map_err(of_carried)?;
        {
            let mut index = self.index.write();
            for structure in &brought {
                index.records.forget(*structure);
                index.floors.forget(*structure);
                if !spoken_for.contains(structure) {
                    index.roots.remove(structure);
                }
            }
            index.generation += 1;
            index.count_shares(&self.carried);
        }
        tracing::info!(peer.id = %carrier, structures = brought.len(), "What a partner brought is dropped");
        drop(writing);
        self.wish();
        Ok(brought.len())
    }

    /// Takes records of a structure again.
    ///
    /// # Errors
    /// [`DirectoryError::Store`].
    pub async fn allow(&self, structure: StructureId) -> Result<(), DirectoryError> {
        self.set([REFUSED, structure.as_bytes()].concat(), None).await?;
        self.index.write().refused.remove(&structure);
        tracing::info!(structure.id = %structure, "Records of a structure are taken again");
        self.wish();
        Ok(())
    }

    /// The structures of which an admin takes nothing.
    pub fn refused(&self) -> BTreeSet<StructureId> {
        self.read_index(|index| index.refused.keys().copied().collect())
    }

    /// Whether an admin takes nothing of a structure.
    pub fn is_refused(&self, structure: StructureId) -> bool {
        self.read_index(|index| index.refused.contains_key(&structure))
    }

    /// Tells streams that what is wished has changed.
    pub(super) fn wish(&self) {
        self.forget_passed_over();
        self.wishes.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Writes a wish down; it is a leaf of the ledger.
    async fn set(&self, key: Vec<u8>, body: Option<Vec<u8>>) -> Result<(), DirectoryError> {
        let subject = Digest::of_parts(&[&key, body.as_deref().unwrap_or_default()]);
        let leaf = Leaf { kind: LeafKind::Administrative, subject, salt: self.dice.bytes() };
        let write = DocumentWrite { shelf: Shelf::Setting, key, expected_version: Expected::Any, body };
        let batch = Batch { documents: vec![write], leaves: vec![leaf], ..Batch::default() };
        Ok(self.store.commit(batch).await?)
    }

    /// Drops records that are not wanted any more. They leave no floor: nobody took them back.
    async fn drop_unwanted(&self, kept: &impl Fn(StructureId) -> bool) -> Result<(), DirectoryError> {
        let own = self.own.structure();
        let unwanted: Vec<Record> = self.read_index(|index| {
            let others = index.records.all().map(|held| &held.record);
            let others = others.filter(|record| record.structure != own && !kept(record.structure));
            let subscription = index.subscription();
            others.filter(|record| !subscription.wants(index.records.partitions(record))).cloned().collect()
        });
        let keys = unwanted.iter().map(|record| (record.structure, record.key()));
        let documents = keys.map(|(structure, key)| super::record_write(structure, &key, None)).collect();
        self.store.commit(Batch { documents, ..Batch::default() }).await?;
        let gone: Vec<_> = unwanted.iter().map(|record| (record.structure, record.key())).collect();
        let mut index = self.index.write();
        for (structure, key) in &gone {
            index.records.remove(*structure, key);
        }
        index.generation += 1;
        index.count_shares(&self.carried);
        Ok(())
    }
}
