//! Making erased content unreadable: after its rows are deleted, its keys are destroyed and both logs truncated. What
//! is blanked, and the tally rows of a closed quarter, have no key to destroy: for them the logs are truncated.
//!
//! A log cannot be truncated while someone reads. Reads are short, so it is tried again; if it stays busy someone is
//! told, and it goes on in the background: the keys, where there are some, are destroyed by then.

use super::{Verdict, Writer};
use crate::fault::Fault;
use crate::sql::session::Checkpoint;
use crate::sql::{data_key, doomed, session};
use relais_store::{CommitError, StoreError};
use tokio::time::{Duration, sleep};

/// How often a busy log is tried again before its caller is answered.
const CHECKPOINT_ATTEMPTS: u32 = 8;
/// What is waited between two attempts.
const CHECKPOINT_PAUSE: Duration = Duration::from_millis(20);

/// What committed erasures still owe.
#[derive(Default)]
pub(super) struct Owed {
    /// Keys to destroy: their rows are deleted.
    pub(super) doomed: Vec<i64>,
    /// Keys destroyed, still noted as doomed.
    pub(super) destroyed: Vec<i64>,
    log: Log,
}

/// What the logs may hold.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Log {
    /// Nothing erased.
    #[default]
    Clean,
    /// What was erased.
    Stale,
}

impl Owed {
    /// Notes that the logs may hold rows that are gone.
    pub(super) fn stale_log(&mut self) {
        self.log = Log::Stale;
    }

    pub(super) fn anything(&self) -> bool {
        !self.doomed.is_empty() || self.log == Log::Stale
    }
}

impl Writer {
    /// Settles what the erasing batches of a round owe, and says what they are told.
    pub(super) async fn settle(&mut self, erasing: Vec<Verdict>) -> Vec<Verdict> {
        let destroyed = self.destroy_doomed().await.map_err(StoreError::from);
        self.truncate(CHECKPOINT_ATTEMPTS).await;
        let Err(error) = destroyed else { return erasing };
        tracing::error!(%error, "Keys of erased content are not destroyed yet: trying on");
        let undone = |index| (index, Err(CommitError::Store(again(&error))));
        let told = erasing.into_iter();
        told.map(|(index, result)| if result.is_ok() { undone(index) } else { (index, result) }).collect()
    }

    /// Tries once more what is owed.
    pub(super) async fn settle_again(&mut self) {
        match self.destroy_doomed().await {
            Ok(()) => self.truncate(1).await,
            Err(fault) => tracing::error!(error = ?fault, "Keys of erased content are not destroyed yet"),
        }
    }

    /// Settles everything and empties both logs.
    pub(super) async fn settle_for_good(&mut self) -> Result<(), StoreError> {
        self.destroy_doomed().await?;
        doomed::remove(&mut self.files.data, &self.owed.destroyed).await?;
        self.owed.destroyed.clear();
        self.owed.log = Log::Stale;
        self.truncate(CHECKPOINT_ATTEMPTS).await;
        Ok(())
    }

    /// Destroys the keys whose rows are deleted.
    pub(super) async fn destroy_doomed(&mut self) -> Result<(), Fault> {
        if self.owed.doomed.is_empty() {
            return Ok(());
        }
        data_key::destroy(&mut self.files.keys, &self.owed.doomed).await?;
        self.owed.destroyed.append(&mut self.owed.doomed);
        self.owed.log = Log::Stale;
        Ok(())
    }

    /// Truncates both logs, if something erased may be in them.
    async fn truncate(&mut self, attempts: u32) {
        for attempt in 0..attempts {
            if self.owed.log == Log::Clean {
                return;
            }
            if attempt > 0 {
                sleep(CHECKPOINT_PAUSE).await;
            }
            match self.checkpoint().await {
                Ok(Checkpoint::Truncated) => self.owed.log = Log::Clean,
                Ok(Checkpoint::Busy) => {}
                Err(fault) => tracing::warn!(error = ?fault, "A checkpoint failed"),
            }
        }
        if self.owed.log == Log::Stale {
            tracing::error!("Erased rows are still in the log: trying on");
        }
    }

    async fn checkpoint(&mut self) -> Result<Checkpoint, Fault> {
        let keys = session::checkpoint(&mut self.files.keys).await?;
        let data = session::checkpoint(&mut self.files.data).await?;
        Ok(if data == Checkpoint::Truncated { keys } else { data })
    }
}

/// The same error once more, for the next caller.
fn again(error: &StoreError) -> StoreError {
    match error {
        StoreError::Full => StoreError::Full,
        StoreError::Unavailable(what) => StoreError::Unavailable(what.clone()),
        StoreError::Corrupt(what) => StoreError::Corrupt(what.clone()),
    }
}
