//! Data keys in the writer's hands. A key is durable in `keys.db` before anything is sealed with it.

use crate::fault::Fault;
use crate::sql::data_key::{self, WrappedKey};
use relais_store::vault::{DataKey, NodeKey, Subject};
use sqlx::sqlite::SqliteConnection;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Most data keys kept in memory.
const KEYS_KEPT_MAX: usize = 4_096;

/// A data key and its number in `keys.db`.
#[derive(Clone)]
pub(super) struct NumberedKey {
    pub(super) number: i64,
    pub(super) key: Arc<DataKey>,
}

pub(super) struct Keyring {
    node_key: Arc<NodeKey>,
    kept: BTreeMap<Subject, NumberedKey>,
}

impl Keyring {
    pub(super) fn new(node_key: Arc<NodeKey>) -> Self {
        Self { node_key, kept: BTreeMap::new() }
    }

    /// The key of each subject, made now if there is none.
    pub(super) async fn ensure(
        &mut self,
        keys: &mut SqliteConnection,
        subjects: BTreeSet<Subject>,
    ) -> Result<BTreeMap<Subject, NumberedKey>, Fault> {
        if self.kept.len() + subjects.len() > KEYS_KEPT_MAX {
            self.kept.clear();
        }
        let unknown = self.look_up(keys, &subjects).await?;
        if !unknown.is_empty() {
            self.make(keys, unknown).await?;
        }
        let key = |subject: Subject| {
            let key = self.kept.get(&subject).cloned();
            let key = key.ok_or_else(|| Fault::corrupt("data_key: a key was kept for another subject"))?;
            Ok((subject, key))
        };
        subjects.into_iter().map(key).collect()
    }

    /// The numbers of the keys of those subjects that have one.
    pub(super) async fn numbers(
        &mut self,
        keys: &mut SqliteConnection,
        subjects: &BTreeSet<Subject>,
    ) -> Result<Vec<i64>, Fault> {
        self.look_up(keys, subjects).await?;
        Ok(subjects.iter().filter_map(|subject| self.kept.get(subject)).map(|key| key.number).collect())
    }

    /// Forgets the keys of those numbers.
    pub(super) fn forget(&mut self, numbers: &[i64]) {
        self.kept.retain(|_, key| !numbers.contains(&key.number));
    }

    /// Loads keys that are not in memory; returns the subjects that have none.
    async fn look_up(
        &mut self,
        keys: &mut SqliteConnection,
        subjects: &BTreeSet<Subject>,
    ) -> Result<Vec<Subject>, Fault> {
        let unknown: Vec<Subject> =
            subjects.iter().filter(|subject| !self.kept.contains_key(subject)).cloned().collect();
        if unknown.is_empty() {
            return Ok(unknown);
        }
        let found = data_key::find(keys, &unknown).await?;
        self.keep(found)?;
        Ok(unknown.into_iter().filter(|subject| !self.kept.contains_key(subject)).collect())
    }

    async fn make(&mut self, keys: &mut SqliteConnection, subjects: Vec<Subject>) -> Result<(), Fault> {
        let wrap = |subject: Subject| {
            let wrapped = self.node_key.wrap(&subject, &DataKey::fresh()?)?;
            Ok::<_, Fault>((subject, wrapped))
        };
        let fresh: Vec<(Subject, Vec<u8>)> = subjects.into_iter().map(wrap).collect::<Result<_, _>>()?;
        let kept = data_key::insert(keys, &fresh).await?;
        self.keep(kept)
    }

    fn keep(&mut self, wrapped: Vec<WrappedKey>) -> Result<(), Fault> {
        for WrappedKey { number, subject, wrapped } in wrapped {
            let key = Arc::new(self.node_key.unwrap_key(&subject, &wrapped)?);
            self.kept.insert(subject, NumberedKey { number, key });
        }
        Ok(())
    }
}
