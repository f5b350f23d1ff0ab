//! Open sessions: in memory for every call, in the store for the next start. A token is found by its hash.

use super::AccountError;
use super::token::Token;
use relais_domain::digest::Digest;
use relais_domain::id::ProfessionalId;
use relais_domain::time::{Span, Timestamp};
use relais_store::batch::{DocumentWrite, Expected};
use relais_store::rows::Shelf;
use relais_store::{Store, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// A session ends when it was not used for so long.
pub const IDLE_MAX: Span = Span::minutes(30);
/// A session ends so long after it was opened, used or not.
pub const AGE_MAX: Span = Span::hours(8);
/// Most sessions of one user; one more ends the oldest.
pub const SESSIONS_PER_USER_MAX: usize = 20;
/// Longest text kept of what the browser calls itself, in bytes.
pub const AGENT_BYTES_MAX: usize = 200;
/// How often the last use of a session is written.
const NOTED_EVERY: Span = Span::minutes(1);

/// How a session was opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenedBy {
    /// With the password, or by setting one.
    Password,
    /// With a link that an admin made.
    Link,
}

/// What a session is good for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// For all that its user may do.
    Whole,
    /// For setting a password: a link opened it.
    PasswordNeeded,
}

/// One open session.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Session {
    /// Its id: not its token.
    pub id: [u8; 16],
    user: [u8; 16],
    opened_ms: i64,
    used_ms: i64,
    /// What the browser called itself.
    pub agent: String,
    /// How it was opened.
    pub opened_by: OpenedBy,
    /// What it is good for.
    pub standing: Standing,
}

impl Session {
    /// A session that opens now.
    pub(super) fn new(id: [u8; 16], user: ProfessionalId, opening: Opening, now: Timestamp) -> Self {
        let mut agent: String = opening.agent.chars().filter(|c| !c.is_control()).collect();
        agent.truncate(agent.floor_char_boundary(AGENT_BYTES_MAX));
        Self {
            id,
            user: *user.as_bytes(),
            opened_ms: now.0,
            used_ms: now.0,
            agent,
            opened_by: opening.opened_by,
            standing: opening.standing,
        }
    }

    /// Whose it is.
    pub fn user(&self) -> ProfessionalId {
        ProfessionalId::from_random(self.user)
    }

    /// When it was opened.
    pub fn opened(&self) -> Timestamp {
        Timestamp(self.opened_ms)
    }

    /// When it was used last.
    pub fn used(&self) -> Timestamp {
        Timestamp(self.used_ms)
    }

    /// When it ends at the latest.
    pub fn ends(&self) -> Timestamp {
        self.opened().plus(AGE_MAX)
    }

    /// When it ends if it is not used.
    pub fn expires(&self) -> Timestamp {
        self.ends().min(self.used().plus(IDLE_MAX))
    }

    fn is_over(&self, now: Timestamp) -> bool {
        now >= self.expires()
    }

    /// The write that keeps it.
    pub(super) fn write(&self, token: Digest) -> Result<DocumentWrite, AccountError> {
        let body = serde_json::to_vec(self).map_err(|_| AccountError::Corrupt)?;
        Ok(write(token, Some(body)))
    }
}

/// What a session is opened with.
#[derive(Clone, Debug)]
pub(super) struct Opening {
    pub(super) agent: String,
    pub(super) opened_by: OpenedBy,
    pub(super) standing: Standing,
}

/// The write that forgets a session.
pub(super) fn forget(token: Digest) -> DocumentWrite {
    write(token, None)
}

fn write(token: Digest, body: Option<Vec<u8>>) -> DocumentWrite {
    DocumentWrite {
        shelf: Shelf::Session,
        key: token.as_bytes().to_vec(),
        expected_version: Expected::Any,
        body,
    }
}

struct Held {
    session: Session,
    noted: Timestamp,
}

/// Every open session, by the hash of its token.
pub(super) struct Sessions {
    held: Mutex<BTreeMap<Digest, Held>>,
}

/// A session that was found, and whether its use is to be written.
pub(super) struct Found {
    pub(super) session: Session,
    pub(super) to_note: Option<Digest>,
}

impl Sessions {
    /// Reads what is open from the store. A session that cannot be read is none.
    pub(super) async fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let mut held = BTreeMap::new();
        for document in store.documents(Shelf::Session, &[]).await? {
            let read: Option<Session> = serde_json::from_slice(&document.body).ok();
            if let Some((token, session)) = Digest::from_slice(&document.key).zip(read) {
                held.insert(token, Held { noted: session.used(), session });
            }
        }
        Ok(Self { held: Mutex::new(held) })
    }

    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<Digest, Held>) -> T) -> T {
        act(&mut self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The session of a token, used now.
    pub(super) fn used(&self, token: &Token, now: Timestamp) -> Option<Found> {
        let digest = token.digest();
        self.with(|held| {
            let one = held.get_mut(&digest).filter(|one| !one.session.is_over(now))?;
            one.session.used_ms = one.session.used_ms.max(now.0);
            let mut to_note = None;
            if now.since(one.noted) >= NOTED_EVERY {
                one.noted = now;
                to_note = Some(digest);
            }
            Some(Found { session: one.session.clone(), to_note })
        })
    }

    /// The open sessions of a user, the newest first, with the hashes of their tokens.
    pub(super) fn of(&self, user: ProfessionalId, now: Timestamp) -> Vec<(Digest, Session)> {
        let mut sessions: Vec<(Digest, Session)> = self.with(|held| {
            let theirs =
                held.iter().filter(|(_, one)| one.session.user() == user && !one.session.is_over(now));
            theirs.map(|(token, one)| (*token, one.session.clone())).collect()
        });
        sessions.sort_by_key(|(_, session)| std::cmp::Reverse(session.opened_ms));
        sessions
    }

    /// Sessions that are over and can be forgotten.
    pub(super) fn over(&self, now: Timestamp) -> Vec<Digest> {
        self.with(|held| {
            held.iter().filter(|(_, one)| one.session.is_over(now)).map(|(token, _)| *token).collect()
        })
    }

    /// The session of this token as it stands, if it is still held.
    pub(super) fn held(&self, token: Digest) -> Option<Session> {
        self.with(|held| held.get(&token).map(|one| one.session.clone()))
    }

    /// Takes up a session that was written.
    pub(super) fn insert(&self, token: Digest, session: Session) {
        self.with(|held| held.insert(token, Held { noted: session.used(), session }));
    }

    /// Forgets sessions.
    pub(super) fn remove(&self, tokens: &[Digest]) {
        self.with(|held| held.retain(|token, _| !tokens.contains(token)));
    }
}
