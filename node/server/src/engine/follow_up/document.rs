//! One follow-up, and the document it is stored as.

use prost::Message as _;
use relais_domain::content::{Contact, Name};
use relais_domain::id::ThreadId;
use relais_domain::personal::Personal;
use relais_domain::thread::Thread;
use relais_domain::time::Timestamp;
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
