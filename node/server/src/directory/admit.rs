//! Taking in a record of a partner.

use super::{CONFLICT, Conflict, Directory, DirectoryError, document_key, is_news, write};
use relais_domain::directory::{Admitted, DirectoryRefusal};
use relais_domain::structure_id::StructureId;
use relais_store::StoreError;
use relais_store::batch::{Batch, RefusalWrite};
use relais_store::rows::Shelf;
use relais_wire::manifest::chain::Chain;
use relais_wire::record::{RecordError, SignedRecord};
use std::sync::PoisonError;

/// Under which code refused records are counted.
const EQUIVOCATION: &str = "directory_equivocation";

/// Why a partner's record is not taken in.
#[derive(Debug, thiserror::Error)]
pub enum AdmitError {
    /// Not a record, or not signed by its structure.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// Refused by the rules of the directory.
    #[error(transparent)]
    Refused(#[from] DirectoryRefusal),
    /// This structure publishes its own records itself.
    #[error("a record of this structure came from outside")]
    Own,
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<DirectoryError> for AdmitError {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Store(error) => Self::Store(error),
            DirectoryError::Record(error) => Self::Record(error),
            DirectoryError::Refused(error) => Self::Refused(error),
            DirectoryError::File(text) => Self::Store(StoreError::Unavailable(text)),
            DirectoryError::UnknownService(id) => Self::Store(StoreError::Unavailable(id.to_string())),
            DirectoryError::Changed => Self::Store(StoreError::Unavailable(error.to_string())),
        }
    }
}

impl Directory {
    /// Takes in the bytes of a record that the structure of `chain` signed with a key of a manifest still in use.
    ///
    /// # Errors
    /// [`AdmitError`]: nothing is kept but, when the structure signed two records with one sequence, the proof.
    pub async fn admit_from_peer(&self, bytes: &[u8], chain: &Chain) -> Result<Admitted, AdmitError> {
        let now = self.clock.now();
        if chain.structure() == self.own.structure() {
            return Err(AdmitError::Own);
        }
        let signed = SignedRecord::open(bytes, chain.structure(), |manifest| {
            let usable = chain.is_current_or_recent(manifest, now);
            usable.then(|| chain.signing_keys_at(manifest).map(<[_]>::to_vec)).flatten()
        })?;
        let _writing = self.writing.lock().await;
        let admitted = match self.read(|records| records.judge(&signed.record, signed.identity, now)) {
            Ok(admitted) if is_news(admitted) => admitted,
            Ok(admitted) => return Ok(admitted),
            Err(refusal @ DirectoryRefusal::Equivocation { .. }) => {
                self.keep_conflict(&signed).await?;
                return Err(refusal.into());
            }
            Err(refusal) => return Err(refusal.into()),
        };
        let SignedRecord { record, identity, bytes } = signed;
        let documents = vec![write(document_key(record.structure, &record.key(), 0), Some(bytes))];
        let batch = Batch { documents, ..Batch::default() };
        self.store.commit(batch).await.map_err(DirectoryError::from)?;
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        index.records.admit(record, identity, now)?;
        Ok(admitted)
    }

    /// Keeps the proof of two records with one sequence; one for each subject.
    async fn keep_conflict(&self, refused: &SignedRecord) -> Result<(), DirectoryError> {
        let (structure, subject) = (refused.record.structure, refused.record.key());
        tracing::error!(structure.id = %structure, subject = %subject, "A structure signed two records with one sequence");
        let Some(held) = self.store.document(Shelf::Record, &document_key(structure, &subject, 0)).await?
        else {
            return Ok(());
        };
        let key = document_key(structure, &subject, CONFLICT);
        if self.store.document(Shelf::Record, &key).await?.is_some() {
            return Ok(());
        }
        let proof = Conflict { held: held.body, refused: refused.bytes.clone() };
        let body = serde_json::to_vec(&proof).unwrap_or_default();
        let refusal = RefusalWrite {
            peer: Some(structure),
            code: EQUIVOCATION.to_owned(),
            count: 1,
            at: self.clock.now(),
        };
        let documents = vec![write(key, Some(body))];
        self.store.commit(Batch { documents, refusals: vec![refusal], ..Batch::default() }).await?;
        Ok(())
    }

    /// Forgets every record of a structure, its conflicts apart: it is no partner any more.
    ///
    /// # Errors
    /// [`DirectoryError::Store`].
    pub async fn forget(&self, structure: StructureId) -> Result<(), DirectoryError> {
        let _writing = self.writing.lock().await;
        let keys = self.index.write().unwrap_or_else(PoisonError::into_inner).records.forget(structure);
        let documents: Vec<_> = keys.iter().map(|key| write(document_key(structure, key, 0), None)).collect();
        if !documents.is_empty() {
            self.store.commit(Batch { documents, ..Batch::default() }).await?;
        }
        Ok(())
    }
}
