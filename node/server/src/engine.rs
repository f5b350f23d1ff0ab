//! The engine: facts from the store, `decide()`, and what was decided back into the store as one transaction.

mod blank;
mod deliver;
pub mod follow_up;
mod offer;
mod rebuild;
mod rehearse;
mod request;
#[cfg(test)]
mod tests;
mod write;

pub use deliver::{DeliverError, Delivered};
pub use rebuild::rebuild;

use crate::clock::{Clock, Dice};
use crate::own::Own;
use crate::peers::Peers;
use follow_up::FollowUp;
use relais_domain::authority::{Authenticated, Committed};
use relais_domain::consent::{ConsentRefusal, Standing};
use relais_domain::content::check::FieldError;
use relais_domain::decide::decide;
use relais_domain::event::Link;
use relais_domain::id::{FollowUpId, MessageId, ThreadId};
use relais_domain::refusal::Refusal;
use relais_domain::structure_id::StructureId;
use relais_domain::thread::{Act, Command, Decision, Facts, Opening, Thread};
use relais_domain::time::Timestamp;
use relais_store::rows::{OutboxRow, Shelf, StoredThread};
use relais_store::{CommitError, Store, StoreError};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::broadcast;

/// How often a decision is made again on fresh facts before giving up.
pub const CONFLICT_RETRIES_MAX: u32 = 16;
/// How many changes may wait for a slow listener.
const CHANGES_KEPT: usize = 1_024;

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// An expected no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is stored contradicts itself.
    #[error("stored data contradicts itself: {0}")]
    Corrupt(String),
    /// Too many others acted at once.
    #[error("someone else is acting on this right now: try again")]
    Busy,
}

/// A change that was committed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Change {
    /// Which thread.
    pub thread: ThreadId,
    /// With whom.
    pub peer: StructureId,
}

/// Decides and commits.
pub struct Engine {
    store: Arc<dyn Store>,
    own: Arc<Own>,
    peers: Arc<Peers>,
    clock: Clock,
    dice: Dice,
    last_change: AtomicI64,
    changes: broadcast::Sender<Change>,
    /// Stops that came before what they follow.
    gaps: Mutex<BTreeSet<MessageId>>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine")
    }
}

/// What a thread holds beside its events: receipts held for ours.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The thread.
    pub thread: Thread,
    /// As stored.
    pub stored: StoredThread,
}

impl Engine {
    /// An engine over a store.
    pub fn new(store: Arc<dyn Store>, own: Arc<Own>, peers: Arc<Peers>, clock: Clock, dice: Dice) -> Self {
        let (changes, _) = broadcast::channel(CHANGES_KEPT);
        Self {
            store,
            own,
            peers,
            clock,
            dice,
            last_change: AtomicI64::new(0),
            changes,
            gaps: Mutex::default(),
        }
    }

    /// The store beneath.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// This structure.
    pub fn own(&self) -> &Arc<Own> {
        &self.own
    }

    /// The partners.
    pub fn peers(&self) -> &Arc<Peers> {
        &self.peers
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The dice.
    pub fn dice(&self) -> &Dice {
        &self.dice
    }

    /// Tells of every change committed.
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    /// Tells of something on a thread that is no decision: a receipt arrived.
    pub fn announce(&self, thread: ThreadId, peer: StructureId) {
        // Nobody listening is no fault.
        let _ = self.changes.send(Change { thread, peer });
    }

    /// Opens a thread on behalf of a professional of this structure.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn open(&self, opening: Opening) -> Result<Committed<ThreadId>, EngineError> {
        let thread = opening.thread;
        let peer = opening.recipient;
        self.decide_and_commit(thread, peer, &Command::Open(Box::new(opening)), None).await
    }

    /// Acts on a thread on behalf of a professional of this structure.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn act(
        &self,
        thread: ThreadId,
        act: Act,
        request: Request,
    ) -> Result<Committed<ThreadId>, EngineError> {
        let peer = self.peer_of(thread).await?;
        self.decide_and_commit(thread, peer, &Command::Act(act), Some(request)).await
    }

    /// Settles what the node itself owes on a thread.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn wake(&self, thread: ThreadId) -> Result<Committed<ThreadId>, EngineError> {
        let peer = self.peer_of(thread).await?;
        self.decide_and_commit(thread, peer, &Command::Wake, None).await
    }

    /// A thread with what is stored of it.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn load(&self, thread: ThreadId) -> Result<Option<Loaded>, EngineError> {
        let Some(stored) = self.store.thread(thread).await? else { return Ok(None) };
        let thread = rebuild(&stored).map_err(EngineError::Corrupt)?;
        Ok(Some(Loaded { thread, stored }))
    }

    async fn peer_of(&self, thread: ThreadId) -> Result<StructureId, EngineError> {
        let loaded = self.load(thread).await?.ok_or(Refusal::UnknownThread)?;
        Ok(loaded.thread.peer)
    }

    async fn decide_and_commit(
        &self,
        thread: ThreadId,
        peer: StructureId,
        command: &Command,
        request: Option<Request>,
    ) -> Result<Committed<ThreadId>, EngineError> {
        let own = self.own.structure();
        let job = write::Job { thread, peer, signer: own, carrier: own, command, envelope: None, request };
        Box::pin(self.run(&job)).await
    }

    /// Decides on fresh facts until the decision is committed.
    async fn run(&self, job: &write::Job<'_>) -> Result<Committed<ThreadId>, EngineError> {
        for _ in 0..CONFLICT_RETRIES_MAX {
            if self.done_before(job.request, job.thread).await? {
                break;
            }
            let (ground, decision, now) = match Box::pin(self.judge(job)).await {
                Ok(judged) => judged,
                // The same act may have been done meanwhile, by its own retry: that is no refusal.
                Err(EngineError::Refused(_)) if self.done_before(job.request, job.thread).await? => break,
                Err(error) => return Err(error),
            };
            let batch = self.batch(job, &ground, decision, now)?;
            match self.store.commit(batch).await {
                Ok(()) => {
                    self.announce(job.thread, job.peer);
                    return Ok(committed(job.thread));
                }
                Err(CommitError::Conflict) => {}
                Err(CommitError::Store(error)) => return Err(error.into()),
            }
        }
        if self.done_before(job.request, job.thread).await? {
            Ok(committed(job.thread))
        } else {
            Err(EngineError::Busy)
        }
    }

    /// Decides on the facts of now. Nothing is written.
    async fn judge(&self, job: &write::Job<'_>) -> Result<(Ground, Decision, Timestamp), EngineError> {
        let now = self.clock.now();
        let ground = self.gather(job, now).await?;
        self.check_ground(job, &ground).await?;
        let command = authenticated(job);
        let decision = decide(&ground.facts, command, now)?;
        Ok((ground, decision, now))
    }

    /// Whether an act with this request id is stored already: then it has had its one effect.
    async fn done_before(&self, request: Option<Request>, thread: ThreadId) -> Result<bool, EngineError> {
        let Some(request) = request else { return Ok(false) };
        let Some(done) = self.store.document(Shelf::Done, &request.0).await? else { return Ok(false) };
        // The instant after it says how long it is remembered.
        if done.body.starts_with(thread.as_bytes()) {
            return Ok(true);
        }
        let problem = "was used for something else: draw a fresh one for each act".to_owned();
        Err(Refusal::Field(FieldError { field: "request_id", problem }).into())
    }

    async fn gather(&self, job: &write::Job<'_>, now: Timestamp) -> Result<Ground, EngineError> {
        let loaded = self.load(job.thread).await?;
        let follow_up = match self.follow_up_of(job, loaded.as_ref()) {
            None => None,
            Some(id) => self.follow_up(id).await?,
        };
        let mut thread = loaded.as_ref().map(|loaded| loaded.thread.clone());
        if let Some(thread) = &mut thread {
            let held = follow_up.as_ref().is_some_and(|(follow_up, _)| follow_up.is_held());
            thread.follow_up = thread.follow_up.filter(|_| held);
        }
        let facts = Facts {
            own: self.own.structure(),
            thread,
            trust: self.peers.trust(job.peer),
            disclosures: self.peers.disclosures(job.peer, now),
            fresh_follow_up: FollowUpId::from_random(self.dice.bytes()),
        };
        let (acked, waiting) = match &loaded {
            None => (BTreeSet::new(), Vec::new()),
            Some(_) => {
                let acks = self.store.acks(job.thread).await?;
                let waiting = self.store.outbox_of(job.thread).await?;
                (acks.iter().map(|ack| ack.sequence).collect(), waiting)
            }
        };
        Ok(Ground { facts, loaded, follow_up, acked, waiting })
    }

    /// What must hold before anything is decided: a follow-up named is held here, and a consent that ended here opens
    /// nothing again, whoever sends it.
    async fn check_ground(&self, job: &write::Job<'_>, ground: &Ground) -> Result<(), EngineError> {
        let consent = match job.command {
            Command::Open(opening) => {
                let held = ground.follow_up.as_ref().is_some_and(|(follow_up, _)| follow_up.is_held());
                if opening.follow_up.is_some() && !held {
                    return Err(Refusal::FollowUpNotHeld.into());
                }
                opening.consent.digest
            }
            Command::Deliver(delivery) if ground.loaded.is_none() => {
                self.check_offer(delivery).await?;
                delivery.skeleton.consent
            }
            Command::Deliver(_) | Command::Act(_) | Command::HeedStop { .. } | Command::Wake => return Ok(()),
        };
        match self.store.document(Shelf::Done, consent.as_bytes()).await? {
            None => Ok(()),
            Some(_) => Err(Refusal::Consent(ConsentRefusal::Ended(Standing::Stopped)).into()),
        }
    }

    fn follow_up_of(&self, job: &write::Job<'_>, loaded: Option<&Loaded>) -> Option<FollowUpId> {
        match job.command {
            Command::Open(opening) => opening.follow_up,
            Command::Act(_) | Command::Deliver(_) | Command::HeedStop { .. } | Command::Wake => {
                loaded?.thread.follow_up
            }
        }
    }

    /// An instant later than every change committed before.
    fn change_instant(&self, now: Timestamp) -> Timestamp {
        let later = |last: i64| Some(now.0.max(last.saturating_add(1)));
        let last = self.last_change.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later);
        Timestamp(last.map_or(now.0, |last| now.0.max(last.saturating_add(1))))
    }
}

/// Who vouches: the signature was verified for an envelope, the session for a professional.
fn authenticated(job: &write::Job<'_>) -> Authenticated<Command> {
    Authenticated::vouched_by(job.signer, job.carrier, job.command.clone())
}

/// The answer that may be given because what it says is on disk.
fn committed(thread: ThreadId) -> Committed<ThreadId> {
    Committed::after_commit(thread)
}

/// The fresh id of one act of a professional; its retries bear the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Request(pub [u8; 16]);

/// What a decision is made on.
struct Ground {
    facts: Facts,
    loaded: Option<Loaded>,
    follow_up: Option<(FollowUp, u64)>,
    /// Our own events whose receipts are held, by sequence.
    acked: BTreeSet<u32>,
    /// Our own events that wait to leave.
    waiting: Vec<OutboxRow>,
}

/// The last event of our own chain.
fn own_head(thread: &Thread) -> Option<Link> {
    thread.head(thread.side)
}
