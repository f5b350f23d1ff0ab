//! Acts that wait for a moment so that they can be taken back: durable, and decided on the facts of their own moment.
//!
//! No event exists before. The act keeps the request id it was asked with, and whatever becomes of it uses that id up in
//! the same transaction: done, taken back, or refused, it is one of them once, whatever crashes in between. One that is
//! refused when its moment comes is kept until the professional who asked for it has seen why: it is told twice, since the
//! first answer may have been lost on its way.

mod document;
mod due;

pub use document::{Refused, Told, Waiting};

use crate::engine::{Engine, EngineError};
use document::{body, is_waiting, put, read, removal, thread_of, told_once};
use relais_domain::id::{ProfessionalId, ThreadId};
use relais_domain::time::Span;
use relais_proto::desk::v1 as desk;
use relais_store::CommitError;
use relais_store::batch::{Batch, DocumentWrite};
use relais_store::rows::Shelf;
use std::sync::Arc;
use tokio::sync::Notify;

/// Longest an act may wait.
pub const DELAY_MAX: Span = Span::seconds(10);
/// How long what could not be done is told.
pub const REFUSAL_KEPT: Span = Span::days(7);

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
