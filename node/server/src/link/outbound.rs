//! What goes out on a link: the outbox, in order within a thread, windowed, sealed anew each time it leaves.

use crate::engine::Engine;
use relais_domain::digest::Digest;
use relais_domain::event::{EventKind, Link, Side};
use relais_domain::id::{MessageId, ThreadId};
use relais_domain::ledger_leaf::{Leaf, LeafKind};
use relais_domain::structure_id::StructureId;
use relais_domain::thread::{Disclosures, Trust};
use relais_domain::time::{Span, Timestamp};
use relais_proto::peer::v1 as proto;
use relais_store::batch::{Batch, OutboxChange};
use relais_store::rows::{AckRow, EventRow, OutboxRow, OutboxState};
use relais_wire::envelope::{self, DispatchError};
use relais_wire::frame::{CannotOpen, Finality, Frame, Rejected};
use relais_wire::receipt::Receipt;
use relais_wire::seal::SealError;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, mpsc};

/// How long a receipt may take before the envelope is sent again.
const RECEIPT_WAIT_MAX: Span = Span::seconds(30);
/// How long an envelope that was answered «later» rests at first; doubled each time.
const LATER: Span = Span::seconds(2);
/// How often that rest is doubled at most: 2 s × 2⁷ is about 4 minutes.
const LATER_DOUBLINGS_MAX: u32 = 7;
/// How long an envelope that may not leave rests.
const HELD: Span = Span::seconds(30);
/// Rows looked at at least, however small the partner's window.
const READ_AHEAD_MIN: u32 = 64;

#[derive(Clone, Copy, Debug)]
struct Flying {
    thread: ThreadId,
    sequence: u32,
    identity: Digest,
    kind: EventKind,
    attempts: u32,
    first_failed_at: Option<Timestamp>,
    since: Timestamp,
}

/// The sending half of a link.
pub(super) struct Outbound {
    engine: Arc<Engine>,
    peer: StructureId,
    frames: mpsc::Sender<proto::Frame>,
    window: usize,
    flying: Mutex<BTreeMap<MessageId, Flying>>,
    room: Notify,
}

impl Outbound {
    pub(super) fn new(
        engine: Arc<Engine>,
        peer: StructureId,
        frames: mpsc::Sender<proto::Frame>,
        window: u32,
    ) -> Self {
        let window = usize::try_from(window).unwrap_or(1);
        Self { engine, peer, frames, window, flying: Mutex::default(), room: Notify::new() }
    }

    fn flying<T>(&self, act: impl FnOnce(&mut BTreeMap<MessageId, Flying>) -> T) -> T {
        act(&mut self.flying.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until a receipt made room.
    pub(super) async fn room(&self) {
        self.room.notified().await;
    }

    /// The partner is back: everything for it may leave at once.
    pub(super) async fn hurry(&self) {
        let change = OutboxChange::Hurry { peer: self.peer, now: self.engine.clock().now() };
        self.change(change).await;
    }

    /// Changes the outbox; says whether it is changed.
    async fn change(&self, change: OutboxChange) -> bool {
        let batch = Batch { outbox: vec![change], ..Batch::default() };
        let changed = self.engine.store().commit(batch).await;
        if let Err(error) = &changed {
            tracing::warn!(peer.id = %self.peer, %error, "The outbox could not be changed");
        }
        changed.is_ok()
    }

    /// Sends what is ready, as far as the window goes.
    pub(super) async fn pump(&self) {
        let now = self.engine.clock().now();
        self.drop_silent(now).await;
        let window = u32::try_from(self.window).unwrap_or(u32::MAX);
        let limit = window.saturating_mul(2).max(READ_AHEAD_MIN);
        let ready = match self.engine.store().outbox_ready(self.peer, now, limit).await {
            Ok(ready) => ready,
            Err(error) => {
                tracing::warn!(peer.id = %self.peer, %error, "The outbox could not be read");
                return;
            }
        };
        let mut blocked = BTreeSet::new();
        for row in ready {
            if blocked.contains(&row.thread) || self.flying(|flying| flying.contains_key(&row.message)) {
                continue;
            }
            // What does not fit the window keeps what follows it in its thread waiting too.
            let full = self.flying(|flying| flying.len() >= self.window);
            let sent = if full { Sent::Full } else { self.send(&row, now).await };
            match sent {
                Sent::Yes => {}
                Sent::Full => {
                    blocked.insert(row.thread);
                }
                Sent::Held => {
                    blocked.insert(row.thread);
                    self.rest(&row, now.plus(HELD)).await;
                }
                Sent::Failed => {
                    blocked.insert(row.thread);
                    self.rest(&failed(row, now), now.plus(HELD)).await;
                }
                Sent::Never => {
                    blocked.insert(row.thread);
                    self.rest(&OutboxRow { state: OutboxState::Parked, ..failed(row, now) }, now).await;
                }
                Sent::Gone => return,
            }
        }
    }

    /// Envelopes whose receipt does not come are sent again, and professionals are told since when they wait.
    async fn drop_silent(&self, now: Timestamp) {
        let silent: Vec<(MessageId, Flying)> = self.flying(|flying| {
            flying.extract_if(.., |_, one| now.since(one.since) >= RECEIPT_WAIT_MAX).collect()
        });
        if silent.is_empty() {
            return;
        }
        let since = now.minus(RECEIPT_WAIT_MAX);
        self.change(OutboxChange::Undelivered { peer: self.peer, since }).await;
        for (message, mut one) in silent {
            // It rests, so that an envelope nobody answers leaves the window to others.
            one.first_failed_at.get_or_insert(since);
            self.retry(message, &one, OutboxState::Waiting, 0).await;
        }
    }

    /// A message that may not leave now makes room for others.
    async fn rest(&self, row: &OutboxRow, next_at: Timestamp) {
        self.change(OutboxChange::Retry {
            message: row.message,
            state: row.state,
            attempts: row.attempts,
            next_at,
            first_failed_at: row.first_failed_at,
            last_code: row.last_code,
        })
        .await;
    }

    async fn send(&self, row: &OutboxRow, now: Timestamp) -> Sent {
        let event = match self.event(row).await {
            Ok(Some(event)) => event,
            Ok(None) => {
                tracing::error!(thread.id = %row.thread, "An event that should leave is not there");
                return Sent::Never;
            }
            Err(error) => {
                tracing::warn!(thread.id = %row.thread, %error, "An event could not be read");
                return Sent::Failed;
            }
        };
        if !self.may_leave(&event, now) {
            return Sent::Held;
        }
        let bytes = match self.seal(&event) {
            Ok(bytes) => bytes,
            Err(unsent) => return unsent,
        };
        self.flying(|flying| {
            flying.insert(
                row.message,
                Flying {
                    thread: row.thread,
                    sequence: row.sequence,
                    identity: event.identity,
                    kind: event.kind,
                    attempts: row.attempts + 1,
                    first_failed_at: row.first_failed_at,
                    since: now,
                },
            )
        });
        match self.frames.send(Frame::Envelope(bytes).into_proto()).await {
            Ok(()) => Sent::Yes,
            Err(_) => Sent::Gone,
        }
    }

    async fn event(&self, row: &OutboxRow) -> Result<Option<EventRow>, relais_store::StoreError> {
        for side in [Side::Sender, Side::Receiver] {
            let event = self.engine.store().event(row.thread, side, row.sequence).await?;
            if let Some(event) = event.filter(|event| event.message == row.message) {
                return Ok(Some(event));
            }
        }
        Ok(None)
    }

    /// Endings and erasures always leave; what still holds content waits while the partner is suspended or the clocks
    /// are apart.
    fn may_leave(&self, event: &EventRow, now: Timestamp) -> bool {
        let bare = event.content.is_none();
        let ending = matches!(event.kind, EventKind::ConsentEnded | EventKind::Erased);
        let discloses = matches!(event.kind, EventKind::Sent | EventKind::Proposed | EventKind::Disclosed);
        match self.engine.peers().trust(self.peer) {
            Some(Trust::Paired) => {
                let held = self.engine.peers().disclosures(self.peer, now) == Disclosures::Held;
                bare || !held || !(discloses || event.kind == EventKind::Expired)
            }
            Some(Trust::Suspended) => bare || ending,
            Some(Trust::Removed) | None => false,
        }
    }

    /// The envelope of an event, or what becomes of one that cannot be made: another key of the partner may help, but
    /// nothing makes content that is too big smaller.
    fn seal(&self, event: &EventRow) -> Result<Vec<u8>, Sent> {
        let chain = self.engine.peers().chain(self.peer).ok_or(Sent::Failed)?;
        let key = chain.seal_key().ok_or(Sent::Failed)?;
        let parts = event.content.as_ref().map(|content| content.expose().as_slice());
        let mut generator = self.engine.dice().generator();
        match envelope::dispatch(&event.payload, &event.signature, parts, &key, &mut generator) {
            Ok(bytes) => Ok(bytes),
            Err(error @ DispatchError::Seal(SealError::Key(_))) => {
                tracing::warn!(message.id = %event.message, %error, "An envelope could not be sealed");
                Err(Sent::Failed)
            }
            Err(error @ (DispatchError::Corrupt | DispatchError::TooBig | DispatchError::Seal(_))) => {
                tracing::error!(message.id = %event.message, %error, "An envelope can never be sealed: set aside");
                Err(Sent::Never)
            }
        }
    }

    /// A verified receipt: the message leaves the outbox for good, with the receipt as proof.
    pub(super) async fn receipted(&self, identity: Digest, receipt: &Receipt, bytes: &[u8]) {
        let message = receipt.message;
        let Some(flying) = self.flying(|flying| flying.get(&message).copied()) else { return };
        if flying.identity != receipt.envelope || flying.thread != receipt.thread {
            tracing::warn!(peer.id = %self.peer, message.id = %message, "A receipt is for something else");
            return;
        }
        let leaf =
            Leaf { kind: LeafKind::ReceiptReceived, subject: identity, salt: self.engine.dice().bytes() };
        let ack = AckRow {
            message,
            thread: flying.thread,
            sequence: flying.sequence,
            receipt: bytes.to_vec(),
            names: receipt.latest.map(|latest| Link { sequence: latest.sequence, hash: latest.hash }),
            stored_at: self.engine.clock().now(),
        };
        let batch = Batch { acks: vec![ack], leaves: vec![leaf], ..Batch::default() };
        if let Err(error) = self.engine.store().commit(batch).await {
            tracing::warn!(message.id = %message, %error, "A receipt could not be stored; it is asked for again");
            return;
        }
        self.landed(message, &flying).await;
    }

    async fn landed(&self, message: MessageId, flying: &Flying) {
        self.flying(|all| all.remove(&message));
        self.room.notify_one();
        self.engine.announce(flying.thread, self.peer);
        // What a receipt confirms is shown: the handover, and whether an erasure is owed.
        let confirms = matches!(flying.kind, EventKind::Effective | EventKind::ConsentEnded);
        let late = flying.kind.opens() && self.was_stopped(flying.thread).await;
        if (confirms || late)
            && let Err(error) = self.engine.wake(flying.thread).await
        {
            tracing::warn!(thread.id = %flying.thread, %error, "A confirmation is noted later");
        }
    }

    /// The partner refused: again later, or parked so that the queue goes on and someone is told.
    pub(super) async fn rejected(&self, rejected: Rejected) {
        let Some(flying) = self.flying(|flying| flying.get(&rejected.message).copied()) else { return };
        let last = rejected.code.finality() == Finality::Final;
        let state = if last { OutboxState::Parked } else { OutboxState::Waiting };
        tracing::warn!(
            peer.id = %self.peer, thread.id = %flying.thread, code = ?rejected.code, ?state, "Envelope not taken"
        );
        if last && flying.kind.opens() && self.was_stopped(flying.thread).await {
            // The person stopped before anything arrived: there is nothing to deliver and nothing to erase there.
            self.change(OutboxChange::Drop { thread: flying.thread }).await;
            self.flying(|all| all.remove(&rejected.message));
            self.engine.announce(flying.thread, self.peer);
            return;
        }
        self.retry(rejected.message, &flying, state, rejected.code.number()).await;
        self.engine.announce(flying.thread, self.peer);
    }

    async fn was_stopped(&self, thread: ThreadId) -> bool {
        let loaded = self.engine.load(thread).await;
        loaded.ok().flatten().is_some_and(|loaded| loaded.thread.state().consent_ended())
    }

    /// The partner has another key: its manifest comes over `Sync`, and the content is sealed anew.
    pub(super) async fn cannot_open(&self, cannot: CannotOpen) {
        let Some(flying) = self.flying(|flying| flying.get(&cannot.message).copied()) else { return };
        self.retry(cannot.message, &flying, OutboxState::Waiting, 0).await;
    }

    /// Where it cannot be noted when to try again, it counts as under way until it is given up: no knocking without end.
    async fn retry(&self, message: MessageId, flying: &Flying, state: OutboxState, last_code: u32) {
        let now = self.engine.clock().now();
        let change = OutboxChange::Retry {
            message,
            state,
            attempts: flying.attempts,
            next_at: now.plus(rest_after(flying.attempts)),
            first_failed_at: flying.first_failed_at.or(Some(now)),
            last_code,
        };
        if self.change(change).await {
            self.flying(|all| all.remove(&message));
        }
        self.room.notify_one();
    }
}

/// How long to rest after this many tries.
fn rest_after(attempts: u32) -> Span {
    Span(LATER.0 << attempts.saturating_sub(1).min(LATER_DOUBLINGS_MAX))
}

/// A row that failed, now if it never did before.
fn failed(row: OutboxRow, now: Timestamp) -> OutboxRow {
    OutboxRow { first_failed_at: row.first_failed_at.or(Some(now)), ..row }
}

/// What became of an envelope that should leave.
enum Sent {
    /// It left.
    Yes,
    /// The window is full.
    Full,
    /// It may not leave yet.
    Held,
    /// It could not be made now; whoever waits for it is told.
    Failed,
    /// It can never be made; it is set aside and someone is told.
    Never,
    /// The link is down.
    Gone,
}
