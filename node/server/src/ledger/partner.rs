//! What is known of the partners' ledgers: the last checkpoint, and what contradicts it or is not proven.

use super::Ledger;
use super::error::LedgerError;
use relais_domain::digest::Digest;
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_store::StoreError;
use relais_store::batch::{Batch, DocumentWrite, Expected};
use relais_store::rows::Shelf;
use serde::{Deserialize, Serialize};

/// What is known of a partner's ledger.
#[derive(Clone, Debug)]
pub struct PeerLedger {
    /// Leaves under its last checkpoint.
    pub size: u64,
    /// Its root.
    pub root: Digest,
    /// The signed note.
    pub note: String,
    /// When it came.
    pub seen_at: Timestamp,
    /// A checkpoint that contradicts it, also signed: proof of a fork or a rewind.
    pub contradiction: Option<String>,
    /// That the partner was asked for a proof and gave none.
    pub unproven: Option<Unproven>,
}

/// That a partner does not prove its ledger to be in one line with the last checkpoint kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unproven {
    /// The checkpoint it showed and did not prove, a signed note; `None` when it shows none any more.
    pub note: Option<String>,
    /// Since when.
    pub since: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct StoredPeer {
    size: u64,
    root: String,
    note: String,
    seen_at: i64,
    contradiction: Option<String>,
    #[serde(default)]
    unproven: Option<StoredUnproven>,
}

#[derive(Serialize, Deserialize)]
struct StoredUnproven {
    note: Option<String>,
    since: i64,
}

impl Ledger {
    /// What is known of a partner's ledger.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn of_peer(&self, peer: StructureId) -> Result<Option<PeerLedger>, LedgerError> {
        let Some(document) = self.store.document(Shelf::PeerCheckpoint, peer.as_bytes()).await? else {
            return Ok(None);
        };
        let corrupt = || StoreError::Corrupt("peer_checkpoint".to_owned());
        let stored: StoredPeer = serde_json::from_slice(&document.body).map_err(|_| corrupt())?;
        Ok(Some(PeerLedger {
            size: stored.size,
            root: Digest::from_hex(&stored.root).ok_or_else(corrupt)?,
            note: stored.note,
            seen_at: Timestamp(stored.seen_at),
            contradiction: stored.contradiction,
            unproven: stored
                .unproven
                .map(|StoredUnproven { note, since }| Unproven { note, since: Timestamp(since) }),
        }))
    }

    /// Keeps what is known of a partner's ledger.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn keep_peer(&self, peer: StructureId, known: &PeerLedger) -> Result<(), LedgerError> {
        let stored = StoredPeer {
            size: known.size,
            root: known.root.to_string(),
            note: known.note.clone(),
            seen_at: known.seen_at.0,
            contradiction: known.contradiction.clone(),
            unproven: known
                .unproven
                .clone()
                .map(|Unproven { note, since }| StoredUnproven { note, since: since.0 }),
        };
        let write = DocumentWrite {
            shelf: Shelf::PeerCheckpoint,
            key: peer.as_bytes().to_vec(),
            expected_version: Expected::Any,
            body: Some(serde_json::to_vec(&stored).unwrap_or_default()),
        };
        self.store.commit(Batch { documents: vec![write], ..Batch::default() }).await?;
        Ok(())
    }
}
