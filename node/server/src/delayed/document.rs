//! What is kept of an act that waits, and of one that could not be done: documents of the shelf `Delayed`.
//!
//! The key of an act that waits is its thread alone, so there is one at most; that of one that could not be done is its
//! thread and its own id.

use crate::engine::{EngineError, Request};
use prost::Message as _;
use relais_domain::id::{ProfessionalId, ThreadId};
use relais_domain::time::Timestamp;
use relais_proto::desk::v1 as desk;
use relais_store::batch::{DocumentWrite, Expected};
use relais_store::rows::{Document, Shelf};
use serde::{Deserialize, Serialize};

/// An act that waits.
#[derive(Clone, Serialize, Deserialize)]
pub struct Waiting {
    /// Its own id.
    pub id: [u8; 16],
    /// The professional who asked for it.
    pub author: [u8; 16],
    /// When it is done, ms.
    pub at_ms: i64,
    /// The call that asked for it, as an `ActRequest`.
    asked: Vec<u8>,
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Waiting").field("at_ms", &self.at_ms).finish_non_exhaustive()
    }
}

impl Waiting {
    /// An act that is done at `at`.
    pub fn new(id: [u8; 16], author: ProfessionalId, at: Timestamp, asked: &desk::ActRequest) -> Self {
        Self { id, author: *author.as_bytes(), at_ms: at.0, asked: asked.encode_to_vec() }
    }

    /// The call that asked for it; `None` when it cannot be read.
    pub fn asked(&self) -> Option<desk::ActRequest> {
        desk::ActRequest::decode(self.asked.as_slice()).ok()
    }

    /// The call's id.
    pub fn request(&self) -> Option<Request> {
        self.asked()?.request_id.try_into().ok().map(Request)
    }
}

/// An act that could not be done when its moment came. It holds nothing of a person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refused {
    /// Its own id.
    pub id: [u8; 16],
    /// The professional who asked for it.
    pub author: [u8; 16],
    /// When it was refused, ms.
    pub at_ms: i64,
    /// What, as a number of `Possible`.
    pub act: i32,
    /// Why, in words.
    pub why: String,
    /// Whether an answer has told it.
    #[serde(default)]
    pub told: Told,
}

/// Whether an answer has told of a refused act.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// None yet.
    #[default]
    NotYet,
    /// One has, which may not have arrived.
    Once,
}

pub(super) fn put(key: Vec<u8>, body: Vec<u8>) -> DocumentWrite {
    DocumentWrite { shelf: Shelf::Delayed, key, expected_version: Expected::Absent, body: Some(body) }
}

pub(super) fn told_once(key: Vec<u8>, version: u64, refused: &Refused) -> DocumentWrite {
    let body = Some(body(&Refused { told: Told::Once, ..refused.clone() }));
    DocumentWrite { shelf: Shelf::Delayed, key, expected_version: Expected::Version(version), body }
}

pub(super) fn removal(key: Vec<u8>, version: u64) -> DocumentWrite {
    DocumentWrite { shelf: Shelf::Delayed, key, expected_version: Expected::Version(version), body: None }
}

pub(super) fn body(document: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(document).unwrap_or_default()
}

pub(super) fn read<T: for<'a> Deserialize<'a>>(document: &Document) -> Result<T, EngineError> {
    serde_json::from_slice(&document.body).map_err(|_| corrupt())
}

pub(super) fn corrupt() -> EngineError {
    EngineError::Corrupt("delayed: not the document of an act that waits".to_owned())
}

/// The key of an act that waits is its thread alone: so there is one at most.
pub(super) fn is_waiting(key: &[u8]) -> bool {
    ThreadId::from_slice(key).is_some()
}

pub(super) fn thread_of(key: &[u8]) -> Option<ThreadId> {
    key.get(..16).and_then(ThreadId::from_slice)
}
