//! Acts whose moment has come: each is decided on the facts of now, done or refused, once.

use super::document::{Refused, Told, Waiting, body, corrupt, is_waiting, put, read, removal, thread_of};
use super::{DELAY_MAX, Delayed, REFUSAL_KEPT, possible};
use crate::desk::{Access, act_asked};
use crate::engine::EngineError;
use crate::users::{UserError, Users};
use relais_domain::id::{ProfessionalId, ThreadId};
use relais_domain::time::{Span, Timestamp};
use relais_store::CommitError;
use relais_store::rows::{Document, Shelf};
use std::sync::Arc;
use std::time::Duration;

/// How soon an act whose moment has come is tried again when the store cannot answer.
const RETRY: Duration = Duration::from_secs(1);
/// Longest sleep while an act waits: the clock may be set.
const WAIT_MAX: Duration = Duration::from_secs(1);
/// How often what was told long enough is looked for.
const PERIOD: Duration = Duration::from_secs(600);

impl Delayed {
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
