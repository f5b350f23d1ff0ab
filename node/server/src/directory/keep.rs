//! Keeping the directory: read from the store at start, signed anew before it ends, and what has ended dropped.

use super::churn::Churn;
use super::news::NEWS_KEPT;
use super::shelf::{Holds, document_key, encode_floor, root_key, write};
use super::stored::TakingUp;
use super::{Directory, DirectoryError, Index, told};
use crate::carried::Carried;
use crate::clock::{Clock, Dice};
use crate::own::Own;
use crate::shared::Shared;
use relais_domain::directory::{Floor, LIFETIME_MAX, Load, Record, RecordKey, Subscription};
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_store::Store;
use relais_store::batch::{Batch, DocumentWrite};
use relais_store::rows::Shelf;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{broadcast, watch};

/// How often records are renewed and expired ones dropped.
const KEEP_PERIOD: Duration = Duration::from_secs(3_600);

impl Index {
    /// Leaves a floor where a record was that is no longer held; what is to be written.
    pub(super) fn end(&mut self, record: &Record, now: Timestamp) -> Vec<DocumentWrite> {
        let (structure, key, floor) = (record.structure, record.key(), Floor::of(record));
        let mut documents = vec![write(document_key(structure, &key, Holds::Record), None)];
        if floor.until > now {
            let body = Some(encode_floor(floor));
            documents.push(write(document_key(structure, &key, Holds::Floor), body));
            self.floors.raise(structure, key, floor);
        }
        documents
    }

    /// Drops a structure's records, and leaves their floors; what is to be written.
    pub(super) fn forget(&mut self, structure: StructureId, now: Timestamp) -> Vec<DocumentWrite> {
        let held: Vec<Record> = self.records.of(structure).map(|held| held.record.clone()).collect();
        self.records.forget(structure);
        self.generation += 1;
        held.iter().flat_map(|record| self.end(record, now)).collect()
    }

    /// Drops what has ended; what is to be written. This structure's own stay in the store, for their sequences.
    fn sweep(&mut self, own: StructureId, now: Timestamp) -> Vec<DocumentWrite> {
        let ended = self.records.all().map(|held| &held.record).filter(|record| record.expires_at <= now);
        let ended: Vec<Record> = ended.filter(|record| record.structure != own).cloned().collect();
        if !self.records.sweep(now).is_empty() {
            self.generation += 1;
        }
        let fallen = self.floors.sweep(now);
        // Where a record could not be read its floor stood for it.
        let mut documents: Vec<DocumentWrite> = fallen
            .iter()
            .flat_map(|(structure, key): &(StructureId, RecordKey)| {
                [Holds::Floor, Holds::Record].map(|holds| write(document_key(*structure, key, holds), None))
            })
            .collect();
        for (structure, key) in self.outdated_conflicts(now) {
            documents.push(write(document_key(structure, &key, Holds::Conflict), None));
        }
        documents.extend(ended.iter().flat_map(|record| self.end(record, now)));
        documents
    }

    /// Drops proofs that were kept long enough, and says what they were about.
    fn outdated_conflicts(&mut self, now: Timestamp) -> Vec<(StructureId, RecordKey)> {
        let mut outdated = Vec::new();
        for (structure, proofs) in &mut self.conflicts {
            let of_it = proofs.extract_if(.., |_, until| *until <= now);
            outdated.extend(of_it.map(|(key, _)| (*structure, key)));
        }
        self.conflicts.retain(|_, proofs| !proofs.is_empty());
        outdated
    }

    /// Counts anew what is held of the structures that each partner was the first to bring.
    pub(super) fn count_shares(&mut self, carried: &Carried) {
        let mut shares = BTreeMap::new();
        for (structure, known) in carried.all() {
            let load = self.load_of(structure);
            if load != Load::NONE {
                let share: &mut Load = shares.entry(known.carrier).or_default();
                *share = share.plus(load);
            }
        }
        self.shares = shares;
    }

    /// Looks anew where this structure is at home.
    pub(super) fn look_home(&mut self, own: StructureId) {
        self.home = Subscription::at_home(self.records.of(own).map(|held| &held.record.body));
    }
}

impl Directory {
    /// Reads the directory from the store.
    ///
    /// # Errors
    /// [`DirectoryError::Store`] when the store cannot answer or a record cannot be read.
    pub async fn load(
        store: Arc<dyn Store>,
        own: Arc<Own>,
        clock: Clock,
        dice: Dice,
    ) -> Result<Self, DirectoryError> {
        let (mut index, now) = (Index::default(), clock.now());
        let mut taking_up = TakingUp::new(&mut index, own.structure(), now);
        // What is this structure's own comes first: it finds room in any case.
        let prefix = *own.structure().as_bytes();
        for document in store.documents(Shelf::Record, &prefix).await? {
            taking_up.take(&document)?;
        }
        relais_store::each_document(&*store, Shelf::Record, &[], |document| {
            if document.key.starts_with(&prefix) { Ok(()) } else { taking_up.take(&document) }
        })
        .await?;
        taking_up.told();
        let documents = taking_up.documents;
        if !documents.is_empty() {
            store.commit(Batch { documents, ..Batch::default() }).await?;
        }
        index.read_wishes(&*store).await?;
        index.look_home(own.structure());
        let carried = Carried::load(Arc::clone(&store), own.structure(), clock.clone()).await?;
        index.count_shares(&carried);
        let (changed, _) = watch::channel(0);
        let (wishes, _) = watch::channel(0);
        let (news, _) = broadcast::channel(NEWS_KEPT);
        Ok(Self {
            store,
            own,
            clock,
            dice,
            index: Shared::new(index),
            carried,
            writing: tokio::sync::Mutex::new(()),
            changed,
            wishes,
            news,
            ready: Mutex::default(),
            passed_over: Mutex::default(),
            churn: Churn::default(),
            compared: Mutex::default(),
            histories: Shared::default(),
        })
    }

    /// Keeps the directory fresh for ever: signs anew what ends soon, drops what has ended, reckons who answered.
    pub async fn keep(self: Arc<Self>) {
        let mut tick = tokio::time::interval(KEEP_PERIOD);
        loop {
            tick.tick().await;
            told(self.renew().await, "The directory's own records could not be renewed");
            told(self.sweep().await, "Expired directory records could not be dropped");
            told(self.recall().await, "How partners answered could not be reckoned");
        }
    }

    /// Drops what has ended, from memory and from the store: records, floors, and chains of structures of which nothing
    /// was held for as long as a record may hold.
    ///
    /// # Errors
    /// [`DirectoryError::Store`].
    pub async fn sweep(&self) -> Result<(), DirectoryError> {
        let _writing = self.writing.lock().await;
        let (own, now) = (self.own.structure(), self.clock.now());
        let documents = self.index.write().sweep(own, now);
        if !documents.is_empty() {
            self.store.commit(Batch { documents, ..Batch::default() }).await?;
        }
        let old = |since: Timestamp| now.since(since) >= LIFETIME_MAX;
        let idle = self.carried.all().into_iter().filter(|(_, known)| old(known.since));
        let idle: Vec<StructureId> = idle
            .map(|(structure, _)| structure)
            .filter(|structure| self.read_index(|index| index.load_of(*structure) == Load::NONE))
            .collect();
        self.carried.forget(&idle).await.map_err(super::of_carried)?;
        // A chain that comes again tells its rotations itself.
        let gone: Vec<StructureId> = self.read_index(|index| {
            let unknown = |structure: &&StructureId| {
                index.load_of(**structure) == Load::NONE
                    && self.carried.known(**structure).is_none()
                    && !index.is_spoken_for(**structure, now)
            };
            index.roots.keys().filter(unknown).copied().collect()
        });
        let documents: Vec<_> = gone.iter().map(|structure| write(root_key(*structure), None)).collect();
        if !documents.is_empty() {
            self.store.commit(Batch { documents, ..Batch::default() }).await?;
        }
        let mut index = self.index.write();
        for structure in &gone {
            index.roots.remove(structure);
        }
        index.count_shares(&self.carried);
        drop(index);
        self.forget_passed_over();
        Ok(())
    }

    /// Forgets every record of a structure, its conflicts apart; what it published does not come back in an older form.
    ///
    /// # Errors
    /// [`DirectoryError::Store`].
    pub async fn forget(&self, structure: StructureId) -> Result<(), DirectoryError> {
        let _writing = self.writing.lock().await;
        let now = self.clock.now();
        let documents = self.index.write().forget(structure, now);
        if !documents.is_empty() {
            self.store.commit(Batch { documents, ..Batch::default() }).await?;
        }
        self.index.write().count_shares(&self.carried);
        Ok(())
    }
}
