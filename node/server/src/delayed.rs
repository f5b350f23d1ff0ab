//! Acts that wait for a moment so that they can be taken back: durable, and decided on the facts of their own moment.
//!
//! No event exists before. The act keeps the request id it was asked with, and whatever becomes of it uses that id up in
//! the same transaction: done, taken back, or refused, it is one of them once, whatever crashes in between. One that is
//! refused when its moment comes is kept until the professional who asked for it has seen why: it is told twice, since the
//! first answer may have been lost on its way.

use crate::desk::{Access, act_asked};
use crate::engine::{Engine, EngineError, Request};
use crate::users::{UserError, Users};
use prost::Message as _;
use relais_domain::id::{ProfessionalId, ThreadId};
use relais_domain::time::{Span, Timestamp};
use relais_proto::desk::v1 as desk;
use relais_store::CommitError;
use relais_store::batch::{Batch, DocumentWrite, Expected};
use relais_store::rows::{Document, Shelf};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// Longest an act may wait.
pub const DELAY_MAX: Span = Span::seconds(10);
/// How long what could not be done is told.
pub const REFUSAL_KEPT: Span = Span::days(7);
/// How soon an act whose moment has come is tried again when the store cannot answer.
const RETRY: Duration = Duration::from_secs(1);
/// Longest sleep while an act waits: the clock may be set.
const WAIT_MAX: Duration = Duration::from_secs(1);
/// How often what was told long enough is looked for.
const PERIOD: Duration = Duration::from_secs(600);

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

/// Whether an act could be taken back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cancelled {
    /// It never happens.
    TakenBack,
    /// It is not waiting: it was done or taken back already.
    TooLate,
}

/// Whether an act was put to wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Put {
    /// It waits.
    Waits,
    /// Another one waits on the thread.
    Taken,
}

/// The acts that wait on this node.
#[derive(Clone, Debug)]
pub struct Delayed {
    engine: Arc<Engine>,
    woken: Arc<Notify>,
}

impl Delayed {
    /// The acts that wait in the engine's store.
    pub fn new(engine: Arc<Engine>) -> Self {
        Self { engine, woken: Arc::default() }
    }

    /// The act that waits on a thread, and its version.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn waiting(&self, thread: ThreadId) -> Result<Option<(Waiting, u64)>, EngineError> {
        let found = self.engine.store().document(Shelf::Delayed, thread.as_bytes()).await?;
        found.map(|document| Ok((read(&document)?, document.version))).transpose()
    }

    /// Lets an act wait, unless another one does.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn put(&self, thread: ThreadId, waiting: &Waiting) -> Result<Put, EngineError> {
        let write = put(thread.as_bytes().to_vec(), body(waiting));
        if self.commit(vec![write]).await? == Committed::No {
            return Ok(Put::Taken);
        }
        self.woken.notify_one();
        Ok(Put::Waits)
    }

    /// Takes an act back.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn cancel(&self, thread: ThreadId, id: [u8; 16]) -> Result<Cancelled, EngineError> {
        let Some((waiting, version)) = self.waiting(thread).await?.filter(|(waiting, _)| waiting.id == id)
        else {
            return Ok(Cancelled::TooLate);
        };
        let used = waiting.request().map(|request| self.engine.use_up(request, thread));
        let writes = [removal(thread.as_bytes().to_vec(), version)].into_iter().chain(used).collect();
        Ok(match self.commit(writes).await? {
            Committed::Yes => Cancelled::TakenBack,
            Committed::No => Cancelled::TooLate,
        })
    }

    /// What a professional asked for and could not be done, with its thread.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn refused(&self, author: ProfessionalId) -> Result<Vec<(ThreadId, Refused)>, EngineError> {
        let all = self.refusals(&[]).await?;
        let theirs = all.into_iter().filter(|(_, _, refused)| refused.author == *author.as_bytes());
        Ok(theirs.filter_map(|(key, _, refused)| Some((thread_of(&key)?, refused))).collect())
    }

    /// The same of one thread, told now. It is kept until the call after this one, which tells it for the last time: an
    /// answer that is lost on its way loses nothing.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn tell(&self, thread: ThreadId, author: ProfessionalId) -> Result<Vec<Refused>, EngineError> {
        let all = self.refusals(thread.as_bytes()).await?;
        let theirs = || all.iter().filter(|(_, _, refused)| refused.author == *author.as_bytes());
        let writes: Vec<_> = theirs()
            .map(|(key, version, refused)| match refused.told {
                Told::NotYet => told_once(key.clone(), *version, refused),
                Told::Once => removal(key.clone(), *version),
            })
            .collect();
        if !writes.is_empty() {
            self.commit(writes).await?;
        }
        Ok(theirs().map(|(_, _, refused)| refused.clone()).collect())
    }

    async fn refusals(&self, prefix: &[u8]) -> Result<Vec<(Vec<u8>, u64, Refused)>, EngineError> {
        let documents = self.engine.store().documents(Shelf::Delayed, prefix).await?;
        let refused = documents.into_iter().filter(|document| !is_waiting(&document.key));
        refused.map(|document| Ok((document.key.clone(), document.version, read(&document)?))).collect()
    }

    /// Does each act at its moment, for ever.
    pub async fn keep(self) {
        loop {
            let sleep = self.round().await.unwrap_or_else(|error| {
                tracing::warn!(%error, "Acts that wait could not be looked at");
                RETRY
            });
            tokio::select! {
                () = tokio::time::sleep(sleep) => {}
                () = self.woken.notified() => {}
            }
        }
    }

    /// Does what is due, forgets what was told long enough; how long there is nothing to do then.
    ///
    /// # Errors
    /// [`EngineError`] when the store cannot answer.
    pub async fn round(&self) -> Result<Duration, EngineError> {
        let mut sleep = PERIOD;
        for document in self.engine.store().documents(Shelf::Delayed, &[]).await? {
            let now = self.engine.clock().now();
            let looked_at = if is_waiting(&document.key) {
                self.look_at_waiting(&document, now).await
            } else {
                self.look_at_refused(&document, now).await
            };
            match looked_at {
                Ok(left) => sleep = sleep.min(left),
                Err(error) => {
                    tracing::warn!(%error, "An act that waits could not be looked at");
                    sleep = sleep.min(RETRY);
                }
            }
        }
        Ok(sleep)
    }

    async fn look_at_waiting(&self, document: &Document, now: Timestamp) -> Result<Duration, EngineError> {
        let waiting: Waiting = read(document)?;
        let left = Timestamp(waiting.at_ms).since(now);
        // Nothing waits for longer: a clock that went back keeps no act from being done.
        if left > Span(0) && left <= DELAY_MAX {
            let left = u64::try_from(left.0).unwrap_or(0);
            return Ok(Duration::from_millis(left).min(WAIT_MAX));
        }
        let thread = thread_of(&document.key).ok_or_else(corrupt)?;
        self.run(thread, &waiting, document.version, now).await?;
        Ok(PERIOD)
    }

    async fn look_at_refused(&self, document: &Document, now: Timestamp) -> Result<Duration, EngineError> {
        let refused: Refused = read(document)?;
        if now >= Timestamp(refused.at_ms).plus(REFUSAL_KEPT) {
            self.commit(vec![removal(document.key.clone(), document.version)]).await?;
        }
        Ok(PERIOD)
    }

    /// Does an act whose moment has come.
    async fn run(
        &self,
        thread: ThreadId,
        waiting: &Waiting,
        version: u64,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let asked = waiting.asked().ok_or_else(corrupt)?;
        let request = waiting.request().ok_or_else(corrupt)?;
        let may = self.may_act(waiting.author).await? || self.engine.is_done(request, thread).await?;
        let why = match asked.act.clone().map(act_asked) {
            None => "it was not said what is to be done".to_owned(),
            Some(Err(status)) => status.message().to_owned(),
            Some(Ok(_)) if !may => "the account is closed, or may not act any more".to_owned(),
            Some(Ok(act)) => match self.engine.act(thread, act, request).await {
                Ok(_) => {
                    let done = removal(thread.as_bytes().to_vec(), version);
                    return self.commit(vec![done]).await.map(|_| ());
                }
                Err(EngineError::Refused(refusal)) => refusal.to_string(),
                Err(error @ (EngineError::Store(_) | EngineError::Corrupt(_) | EngineError::Busy)) => {
                    return Err(error);
                }
            },
        };
        self.refuse(thread, waiting, version, why, now).await
    }

    /// Whether the account that asked for an act is open and may still act.
    async fn may_act(&self, author: [u8; 16]) -> Result<bool, EngineError> {
        let users = Users::new(Arc::clone(self.engine.store()), self.engine.dice().clone());
        let user = users.user(ProfessionalId::from_random(author)).await.map_err(user_error)?;
        Ok(user.is_some_and(|user| user.is_open() && user.roles.iter().any(|role| Access::Act.allows(*role))))
    }

    /// Keeps why an act was not done, and that its request is answered.
    async fn refuse(
        &self,
        thread: ThreadId,
        waiting: &Waiting,
        version: u64,
        why: String,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let asked = waiting.asked().ok_or_else(corrupt)?;
        let request = waiting.request().ok_or_else(corrupt)?;
        let act = asked.act.as_ref().map_or(0, |act| possible(act).into());
        let refused =
            Refused { id: waiting.id, author: waiting.author, at_ms: now.0, act, why, told: Told::NotYet };
        let writes = vec![
            removal(thread.as_bytes().to_vec(), version),
            put([thread.as_bytes().as_slice(), &waiting.id].concat(), body(&refused)),
            self.engine.use_up(request, thread),
        ];
        // A conflict: it was taken back in this very moment, and nobody waits for it.
        self.commit(writes).await.map(|_| ())
    }

    async fn commit(&self, documents: Vec<DocumentWrite>) -> Result<Committed, EngineError> {
        match self.engine.store().commit(Batch { documents, ..Batch::default() }).await {
            Ok(()) => Ok(Committed::Yes),
            Err(CommitError::Conflict) => Ok(Committed::No),
            Err(CommitError::Store(error)) => Err(error.into()),
        }
    }
}

/// Whether everything was as expected, and is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Committed {
    Yes,
    No,
}

fn put(key: Vec<u8>, body: Vec<u8>) -> DocumentWrite {
    DocumentWrite { shelf: Shelf::Delayed, key, expected_version: Expected::Absent, body: Some(body) }
}

fn told_once(key: Vec<u8>, version: u64, refused: &Refused) -> DocumentWrite {
    let body = Some(body(&Refused { told: Told::Once, ..refused.clone() }));
    DocumentWrite { shelf: Shelf::Delayed, key, expected_version: Expected::Version(version), body }
}

fn removal(key: Vec<u8>, version: u64) -> DocumentWrite {
    DocumentWrite { shelf: Shelf::Delayed, key, expected_version: Expected::Version(version), body: None }
}

fn body(document: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(document).unwrap_or_default()
}

fn read<T: for<'a> Deserialize<'a>>(document: &Document) -> Result<T, EngineError> {
    serde_json::from_slice(&document.body).map_err(|_| corrupt())
}

fn user_error(error: UserError) -> EngineError {
    match error {
        UserError::Commit(CommitError::Store(error)) => error.into(),
        UserError::Commit(CommitError::Conflict) => EngineError::Busy,
        UserError::Name
        | UserError::NoRole
        | UserError::Taken
        | UserError::TooMany
        | UserError::NotThere
        | UserError::LastAdmin
        | UserError::Corrupt => corrupt(),
    }
}

fn corrupt() -> EngineError {
    EngineError::Corrupt("delayed: not the document of an act that waits".to_owned())
}

/// The key of an act that waits is its thread alone: so there is one at most.
fn is_waiting(key: &[u8]) -> bool {
    ThreadId::from_slice(key).is_some()
}

fn thread_of(key: &[u8]) -> Option<ThreadId> {
    key.get(..16).and_then(ThreadId::from_slice)
}

/// The act by its name.
pub fn possible(act: &desk::act_request::Act) -> desk::Possible {
    use desk::act_request::Act;
    match act {
        Act::AskInfo(_) => desk::Possible::AskInfo,
        Act::GiveInfo(_) => desk::Possible::GiveInfo,
        Act::Accept(_) => desk::Possible::Accept,
        Act::Refuse(_) => desk::Possible::Refuse,
        Act::Waitlist(_) => desk::Possible::Waitlist,
        Act::Schedule(_) => desk::Possible::Schedule,
        Act::NoShow(_) => desk::Possible::NoShow,
        Act::Arrive(_) => desk::Possible::Arrive,
        Act::Close(_) => desk::Possible::Close,
        Act::Correct(_) => desk::Possible::Correct,
        Act::Release(_) => desk::Possible::Release,
        Act::Withdraw(_) => desk::Possible::Withdraw,
        Act::Note(_) => desk::Possible::WriteNote,
        Act::Void(_) => desk::Possible::Void,
        Act::StopConsent(_) => desk::Possible::StopConsent,
        Act::Renounce(_) => desk::Possible::Renounce,
        Act::MakeEffective(_) => desk::Possible::MakeEffective,
        Act::Cancel(_) => desk::Possible::Cancel,
    }
}
