//! Removing a source: one small batch says that it is held no more, then its entries leave memory, then the store.

use super::seed::{SOURCE_CHARS_MAX, SeedError};
use super::shelf;
use super::{OpenData, OpenSource};
use relais_domain::digest::Digest;
use relais_domain::ledger_leaf::{Leaf, LeafKind};
use relais_store::batch::Batch;
use relais_wire::text::is_plain_line_of;

impl OpenData {
    /// Removes a source with all of its entries; what it was. Whatever breaks before the first write leaves it as it was;
    /// whatever breaks later leaves nothing that is found, and the rest is cleared away at the next start or seed.
    ///
    /// # Errors
    /// [`SeedError`]: the name is none, nothing is held under it, someone is at it, or the store cannot.
    pub(crate) async fn remove(&self, name: &str) -> Result<OpenSource, SeedError> {
        let name = name.trim();
        if !is_plain_line_of(name, SOURCE_CHARS_MAX) {
            return Err(SeedError::SourceName);
        }
        let _working = self.work().await.ok_or(SeedError::Busy)?;
        if !self.is_current() {
            self.reload().await?;
        }
        self.clear_left().await?;
        let held = self.read(|index| index.source(name).map(|(number, header)| (number, header.generation)));
        let status = self.status().sources;
        let removed = status.iter().find(|source| source.name == name).cloned();
        let Some(((number, generation), removed)) = held.zip(removed) else {
            return Err(SeedError::UnknownSource(status.into_iter().map(|source| source.name).collect()));
        };
        let subject =
            Digest::of_parts(&[b"open-data-removed", name.as_bytes(), &removed.seeded_at.0.to_be_bytes()]);
        let leaf = Leaf { kind: LeafKind::Administrative, subject, salt: self.dice.bytes() };
        let documents = shelf::turn(number, None, &[generation]);
        self.is_outdated();
        self.store.commit(Batch { documents, leaves: vec![leaf], ..Batch::default() }).await?;
        // Memory first: nobody finds an entry whose words are gone.
        self.reload().await?;
        if let Err(error) = shelf::clear_left(&*self.store, number, None).await {
            tracing::warn!(%error, "Removed open data are not cleared away yet: the next seed or start does it");
        }
        tracing::info!(services = removed.services, "Open data removed");
        Ok(removed)
    }
}
