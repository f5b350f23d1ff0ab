//! The one writer: it takes what callers ask for in groups and commits each group at once.
//!
//! Callers only wait for its answer, so a caller that goes away never leaves half a write, nor undoes a whole one.

mod check;
mod erasure;
mod keyring;
mod ledger;
mod plan;
mod round;
mod seal;
mod segment;

use crate::open::Lock;
use erasure::Owed;
use keyring::Keyring;
pub(crate) use ledger::LedgerEnd;
use relais_store::batch::Batch;
use relais_store::vault::NodeKey;
use relais_store::{CommitError, GROUP_MAX, StoreError};
use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Duration, MissedTickBehavior, interval};

/// Most requests that wait for the writer; further callers wait to ask.
pub(crate) const QUEUE_MAX: usize = 1_024;
/// How often what an erasure still owes is tried again.
const OWED_RETRY: Duration = Duration::from_secs(1);

/// What a caller asks of the writer.
pub(crate) enum Request {
    /// To commit a batch.
    Commit(Box<Batch>, oneshot::Sender<Result<(), CommitError>>),
    /// To finish what came before, close the files and let go of them.
    Close(oneshot::Sender<Result<(), StoreError>>),
}

/// The two files as the writer holds them.
pub(crate) struct Files {
    pub(crate) data: SqliteConnection,
    pub(crate) keys: SqliteConnection,
    /// Let go of last.
    pub(crate) lock: Lock,
}

pub(crate) struct Writer {
    files: Files,
    keyring: Keyring,
    ledger: LedgerEnd,
    owed: Owed,
}

/// A batch and who waits for it.
struct Waiting {
    batch: Box<Batch>,
    answer: oneshot::Sender<Result<(), CommitError>>,
}

impl Writer {
    pub(crate) fn new(files: Files, node_key: Arc<NodeKey>, ledger: LedgerEnd) -> Self {
        Self { files, keyring: Keyring::new(node_key), ledger, owed: Owed::default() }
    }

    /// Serves requests until asked to close, or until nobody is left to ask.
    pub(crate) async fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let mut retry = interval(OWED_RETRY);
        retry.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut received = Vec::with_capacity(GROUP_MAX);
        let closing = loop {
            tokio::select! {
                _ = retry.tick(), if self.owed.anything() => self.settle_again().await,
                count = requests.recv_many(&mut received, GROUP_MAX) => {
                    let closing = self.serve(received.drain(..)).await;
                    if count == 0 || closing.is_some() {
                        break closing;
                    }
                }
            }
        };
        drop(requests);
        let closed = self.close().await;
        match closing {
            Some(answer) => drop(answer.send(closed)),
            None => drop(closed),
        }
    }

    /// Serves what was received together; returns who asked to close, if someone did.
    async fn serve(
        &mut self,
        received: impl Iterator<Item = Request>,
    ) -> Option<oneshot::Sender<Result<(), StoreError>>> {
        let mut group = Vec::new();
        let mut closing = None;
        for request in received {
            match request {
                Request::Commit(batch, answer) if closing.is_none() => group.push(Waiting { batch, answer }),
                // Dropped, the answer tells that the store is closed.
                Request::Commit(_, answer) => drop(answer),
                Request::Close(answer) => closing = Some(answer),
            }
        }
        self.commit(group).await;
        closing
    }

    /// Commits a group and answers each of its callers.
    async fn commit(&mut self, group: Vec<Waiting>) {
        let (batches, answers): (Vec<_>, Vec<_>) =
            group.into_iter().map(|waiting| (waiting.batch, Some(waiting.answer))).unzip();
        let batches: Vec<&Batch> = batches.iter().map(Box::as_ref).collect();
        let mut answers = answers;
        for round in plan::rounds(&batches) {
            let verdicts = Box::pin(self.write(&batches, &round)).await;
            let (erasing, others): (Vec<_>, Vec<_>) = verdicts
                .into_iter()
                .partition(|(index, _)| batches.get(*index).is_some_and(|batch| plan::is_erasing(batch)));
            answer_each(&mut answers, others);
            if !erasing.is_empty() {
                let erasing = self.settle(erasing).await;
                answer_each(&mut answers, erasing);
            }
        }
    }

    /// Moves everything into the main files and lets go of them.
    async fn close(mut self) -> Result<(), StoreError> {
        let settled = self.settle_for_good().await;
        let Files { data, keys, lock } = self.files;
        let closed = data.close().await.and(keys.close().await);
        drop(lock);
        settled?;
        closed.map_err(|error| StoreError::Unavailable(error.to_string()))
    }
}

/// What became of a batch, by its place in the group.
type Verdict = (usize, Result<(), CommitError>);

/// Tells callers what became of their batches; some may have gone away.
fn answer_each(answers: &mut [Option<oneshot::Sender<Result<(), CommitError>>>], verdicts: Vec<Verdict>) {
    for (index, result) in verdicts {
        if let Some(answer) = answers.get_mut(index).and_then(Option::take) {
            drop(answer.send(result));
        }
    }
}
