//! Whether the node answers by itself. It does not unless an admin says so.

use super::{Inquiries, InquiryError};
use relais_domain::digest::Digest;
use relais_domain::inquiry::Automatic;
use relais_domain::ledger_leaf::{Leaf, LeafKind};
use relais_domain::time::Timestamp;
use relais_store::batch::{Batch, DocumentWrite, Expected};
use relais_store::rows::Shelf;
use relais_store::{Store, StoreError};
use serde::{Deserialize, Serialize};

/// Where the setting is kept.
const KEY: &[u8] = b"inquiry-answers";

/// The setting, and since when it is so.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Setting {
    /// Whether the node answers by itself.
    pub automatic: Automatic,
    /// Since when; `None` when it was never set.
    pub set_at: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    automatic: bool,
    set_ms: i64,
}

impl Setting {
    pub(super) async fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let Some(document) = store.document(Shelf::Setting, KEY).await? else { return Ok(Self::default()) };
        let stored: Stored = serde_json::from_slice(&document.body)
            .map_err(|_| StoreError::Corrupt("setting: not that of inquiries".to_owned()))?;
        let automatic = if stored.automatic { Automatic::Yes } else { Automatic::No };
        Ok(Self { automatic, set_at: Some(Timestamp(stored.set_ms)) })
    }

    fn encode(self) -> Vec<u8> {
        let automatic = self.automatic == Automatic::Yes;
        let stored = Stored { automatic, set_ms: self.set_at.map_or(0, |at| at.0) };
        serde_json::to_vec(&stored).unwrap_or_default()
    }
}

impl Inquiries {
    /// Whether the node answers by itself.
    pub fn setting(&self) -> Setting {
        self.read(|held| held.setting)
    }

    /// Sets whether it does; what waits is answered then, if it can be. A leaf of the ledger; none when it is so already.
    ///
    /// # Errors
    /// [`InquiryError::Store`].
    pub async fn set(&self, automatic: Automatic) -> Result<Setting, InquiryError> {
        let writing = self.writing.lock().await;
        let present = self.setting();
        if present.automatic == automatic && present.set_at.is_some() {
            return Ok(present);
        }
        let setting = Setting { automatic, set_at: Some(self.now()) };
        let body = setting.encode();
        let leaf = Leaf {
            kind: LeafKind::Administrative,
            subject: Digest::of_parts(&[KEY, &body]),
            salt: self.engine.dice().bytes(),
        };
        let write = DocumentWrite {
            shelf: Shelf::Setting,
            key: KEY.to_vec(),
            expected_version: Expected::Any,
            body: Some(body),
        };
        let batch = Batch { documents: vec![write], leaves: vec![leaf], ..Batch::default() };
        self.engine.store().commit(batch).await?;
        self.change(|held| held.setting = setting);
        drop(writing);
        self.review().await?;
        Ok(setting)
    }
}
