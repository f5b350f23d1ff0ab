//! Follow-ups: this structure's own commitments to persons. Personal, sealed at rest, never sent.

use super::{Engine, EngineError};
use prost::Message as _;
use relais_domain::class::Stage;
use relais_domain::consent::Purpose;
use relais_domain::content::check::{self, FieldError};
use relais_domain::content::{Contact, Content, Name};
use relais_domain::digest::Digest;
use relais_domain::id::{FollowUpId, ThreadId};
use relais_domain::ledger_leaf::{Leaf, LeafKind};
use relais_domain::limits;
use relais_domain::personal::Personal;
use relais_domain::refusal::Refusal;
use relais_domain::thread::Thread;
use relais_domain::time::Timestamp;
use relais_store::CommitError;
use relais_store::batch::{Batch, DocumentWrite, Expected};
use relais_store::rows::Shelf;
use relais_wire::content;
use serde::{Deserialize, Serialize};

/// Where a follow-up stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FollowUpStanding {
    /// This structure is responsible.
    Held,
    /// It was handed over.
    HandedOver,
    /// It was closed.
    Closed,
}

/// One follow-up.
#[derive(Clone)]
pub struct FollowUp {
    /// Where it stands.
    pub standing: FollowUpStanding,
    /// Who is followed.
    pub name: Name,
    /// How to reach them.
    pub contact: Option<Contact>,
    /// Notes for this structure alone.
    pub notes: Vec<Personal<String>>,
    /// The professional in charge, by account name; empty when nobody.
    pub referent: String,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it changed last.
    pub changed_at: Timestamp,
    /// The handover it came by or left by.
    pub thread: Option<ThreadId>,
}

impl std::fmt::Debug for FollowUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FollowUp").field("standing", &self.standing).finish_non_exhaustive()
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    standing: FollowUpStanding,
    given: String,
    family: String,
    contact: Option<Vec<u8>>,
    notes: Vec<String>,
    referent: String,
    opened_at: i64,
    changed_at: i64,
    thread: Option<String>,
}

impl FollowUp {
    /// Whether this structure is responsible.
    pub fn is_held(&self) -> bool {
        self.standing == FollowUpStanding::Held
    }

    /// The follow-up after it was handed over.
    pub fn handed_over(self, thread: ThreadId, now: Timestamp) -> Self {
        Self { standing: FollowUpStanding::HandedOver, thread: Some(thread), changed_at: now, ..self }
    }

    /// The receiver's own follow-up, from what was disclosed.
    pub fn received(thread: &Thread, now: Timestamp) -> Self {
        let disclosed = thread.sender.iter().filter_map(|event| event.content.as_ref());
        let name = disclosed.clone().filter_map(|content| content.name.clone()).next_back();
        let contact = disclosed.filter_map(|content| content.contact.clone()).next_back();
        let unknown = || Name { given: Personal::new(String::new()), family: Personal::new(String::new()) };
        Self {
            standing: FollowUpStanding::Held,
            name: name.unwrap_or_else(unknown),
            contact,
            notes: Vec::new(),
            referent: String::new(),
            opened_at: now,
            changed_at: now,
            thread: Some(thread.id),
        }
    }

    /// The document's body.
    pub fn encode(&self) -> Vec<u8> {
        let contact = self.contact.as_ref().map(|contact| content::contact_to_proto(contact).encode_to_vec());
        let stored = Stored {
            standing: self.standing,
            given: self.name.given.expose().clone(),
            family: self.name.family.expose().clone(),
            contact,
            notes: self.notes.iter().map(|note| note.expose().clone()).collect(),
            referent: self.referent.clone(),
            opened_at: self.opened_at.0,
            changed_at: self.changed_at.0,
            thread: self.thread.map(|thread| thread.to_string()),
        };
        serde_json::to_vec(&stored).unwrap_or_default()
    }

    /// Reads the document's body; `None` when it is none.
    pub fn decode(body: &[u8]) -> Option<Self> {
        let stored: Stored = serde_json::from_slice(body).ok()?;
        let thread = match stored.thread {
            None => None,
            Some(text) => Some(ThreadId::parse(&text)?),
        };
        let contact = match stored.contact {
            None => None,
            Some(bytes) => {
                let message = relais_proto::peer::v1::Contact::decode(bytes.as_slice()).ok()?;
                Some(content::contact_from_proto(message).ok()?)
            }
        };
        let name = Name { given: Personal::new(stored.given), family: Personal::new(stored.family) };
        Some(Self {
            standing: stored.standing,
            name,
            contact,
            notes: stored.notes.into_iter().map(Personal::new).collect(),
            referent: stored.referent,
            opened_at: Timestamp(stored.opened_at),
            changed_at: Timestamp(stored.changed_at),
            thread,
        })
    }
}

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
