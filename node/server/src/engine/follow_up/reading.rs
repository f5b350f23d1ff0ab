//! Who read a person's file is a leaf of the ledger: what cannot be noted must not be shown.

use crate::engine::{Engine, EngineError};
use relais_domain::digest::Digest;
use relais_domain::id::FollowUpId;
use relais_domain::ledger_leaf::LeafKind;
use relais_store::CommitError;
use relais_store::batch::Batch;

impl Engine {
    /// Notes in the ledger that a professional read a person's file.
    ///
    /// # Errors
    /// [`EngineError`] when it cannot be noted: then the file must not be shown.
    pub async fn note_reading(&self, subject: &[u8; 16], reader: &str) -> Result<(), EngineError> {
        self.note_read(Digest::of_parts(&[b"reading", subject, reader.as_bytes()])).await
    }

    /// Notes in the ledger that a page of a list told who these persons are: one leaf a page, so that software that lists
    /// often does not fill the ledger.
    ///
    /// # Errors
    /// [`EngineError`] when it cannot be noted: then the page must not be shown.
    pub async fn note_listing(&self, persons: &[FollowUpId], reader: &str) -> Result<(), EngineError> {
        let ids = persons.iter().map(|id| id.as_bytes().as_slice());
        let parts: Vec<&[u8]> =
            [b"listing".as_slice()].into_iter().chain(ids).chain([reader.as_bytes()]).collect();
        self.note_read(Digest::of_parts(&parts)).await
    }

    async fn note_read(&self, subject: Digest) -> Result<(), EngineError> {
        let leaf = self.administrative(subject, LeafKind::FileRead);
        let batch = Batch { leaves: vec![leaf], ..Batch::default() };
        match self.store.commit(batch).await {
            Ok(()) => Ok(()),
            Err(CommitError::Conflict) => Err(EngineError::Busy),
            Err(CommitError::Store(error)) => Err(error.into()),
        }
    }
}
