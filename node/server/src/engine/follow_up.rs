//! Follow-ups: this structure's own commitments to persons. Personal, sealed at rest, never sent.

mod document;
mod reading;

pub use document::{FollowUp, FollowUpStanding};

use super::{Engine, EngineError};
use relais_domain::class::Stage;
use relais_domain::consent::Purpose;
use relais_domain::content::check::{self, FieldError};
use relais_domain::content::{Contact, Content, Name};
use relais_domain::digest::Digest;
use relais_domain::id::FollowUpId;
use relais_domain::ledger_leaf::{Leaf, LeafKind};
use relais_domain::limits;
use relais_domain::personal::Personal;
use relais_domain::refusal::Refusal;
use relais_store::CommitError;
use relais_store::batch::{Batch, DocumentWrite, Expected};
use relais_store::rows::Shelf;

/// What a professional opens a follow-up with.
#[derive(Debug)]
pub struct NewFollowUp {
    /// Fresh id of this call: repeated with the same one, it opens nothing twice.
    pub request: [u8; 16],
    /// Who is followed.
    pub name: Name,
    /// How to reach them.
    pub contact: Option<Contact>,
    /// Notes for this structure alone.
    pub notes: Vec<Personal<String>>,
    /// The professional in charge.
    pub referent: String,
}

impl Engine {
    /// Opens a follow-up.
    ///
    /// # Errors
    /// [`EngineError::Refused`] names the field that is wrong.
    pub async fn open_follow_up(&self, new: NewFollowUp) -> Result<FollowUpId, EngineError> {
        check_new(&new).map_err(|error| EngineError::Refused(Refusal::Field(error)))?;
        let id = FollowUpId::from_random(new.request);
        if self.follow_up(id).await?.is_some() {
            return Ok(id);
        }
        let now = self.clock.now();
        let follow_up = FollowUp {
            standing: FollowUpStanding::Held,
            name: new.name,
            contact: new.contact,
            notes: new.notes,
            referent: new.referent,
            opened_at: now,
            changed_at: now,
            thread: None,
        };
        let write = DocumentWrite {
            shelf: Shelf::FollowUp,
            key: id.as_bytes().to_vec(),
            expected_version: Expected::Absent,
            body: Some(follow_up.encode()),
        };
        let leaf = self.administrative(Digest::of(id.as_bytes()), LeafKind::Administrative);
        let batch = Batch { documents: vec![write], leaves: vec![leaf], ..Batch::default() };
        match self.store.commit(batch).await {
            Ok(()) => Ok(id),
            Err(CommitError::Conflict) => Err(EngineError::Busy),
            Err(CommitError::Store(error)) => Err(error.into()),
        }
    }

    /// One follow-up and its version. Reading one on behalf of a professional is a leaf: see [`Engine::note_reading`].
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn follow_up(&self, id: FollowUpId) -> Result<Option<(FollowUp, u64)>, EngineError> {
        let Some(document) = self.store.document(Shelf::FollowUp, id.as_bytes()).await? else {
            return Ok(None);
        };
        let follow_up = FollowUp::decode(&document.body)
            .ok_or_else(|| EngineError::Corrupt("follow_up: not a follow-up's document".to_owned()))?;
        Ok(Some((follow_up, document.version)))
    }

    /// Every follow-up.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn follow_ups(&self) -> Result<Vec<(FollowUpId, FollowUp)>, EngineError> {
        let corrupt = || EngineError::Corrupt("follow_up: not a follow-up's document".to_owned());
        let documents = self.store.documents(Shelf::FollowUp, &[]).await?;
        let read = |document: relais_store::rows::Document| {
            let id = FollowUpId::from_slice(&document.key).ok_or_else(corrupt)?;
            Ok((id, FollowUp::decode(&document.body).ok_or_else(corrupt)?))
        };
        documents.into_iter().map(read).collect()
    }

    fn administrative(&self, subject: Digest, kind: LeafKind) -> Leaf {
        Leaf { kind, subject, salt: self.dice.bytes() }
    }
}

fn check_new(new: &NewFollowUp) -> Result<(), FieldError> {
    let content =
        Content { name: Some(new.name.clone()), contact: new.contact.clone(), ..Content::default() };
    content.check(Purpose::Handover)?;
    if new.notes.len() > limits::LIST_ENTRIES_MAX {
        let problem = format!("{} at most", limits::LIST_ENTRIES_MAX);
        return Err(FieldError { field: "follow_up.notes", problem });
    }
    let note = |note| check::text("follow_up.notes", note, limits::NOTE_CHARS_MAX, Stage::Two);
    new.notes.iter().try_for_each(note)
}
