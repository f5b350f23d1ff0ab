//! Messages that wait to leave, the receipts this node gave, and those it holds.

use relais_domain::digest::Digest;
use relais_domain::event::Link;
use relais_domain::id::{MessageId, ThreadId};
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;

/// Where a message that waits to leave stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OutboxState {
    /// It is tried until receipted.
    Waiting,
    /// It failed for good or too often; the queue goes on and someone is told.
    Parked,
}

/// A message that waits to leave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutboxRow {
    /// Its id.
    pub message: MessageId,
    /// For whom.
    pub peer: StructureId,
    /// Its thread.
    pub thread: ThreadId,
    /// Which of our events, by sequence.
    pub sequence: u32,
    /// Where it stands.
    pub state: OutboxState,
    /// How often it was tried.
    pub attempts: u32,
    /// Not before.
    pub next_at: Timestamp,
    /// When it was put here.
    pub enqueued_at: Timestamp,
    /// When it first failed to be delivered.
    pub first_failed_at: Option<Timestamp>,
    /// The last code the peer answered, 0 for none.
    pub last_code: u32,
}

/// What waits for one peer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// For whom.
    pub peer: StructureId,
    /// How many are tried.
    pub waiting: u32,
    /// How many are parked.
    pub parked: u32,
    /// The earliest `enqueued_at`.
    pub oldest: Timestamp,
    /// The earliest `first_failed_at`.
    pub first_failed_at: Option<Timestamp>,
}

/// The receipt this node issued for a message; byte-identical on every retry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InboxRow {
    /// The message.
    pub message: MessageId,
    /// Who sent it.
    pub peer: StructureId,
    /// Its thread.
    pub thread: ThreadId,
    /// Its identity: the same id with another identity is refused.
    pub identity: Digest,
    /// The signed receipt.
    pub receipt: Vec<u8>,
    /// When it was stored.
    pub stored_at: Timestamp,
}

/// The receipt this node holds for one of its own events.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AckRow {
    /// The message.
    pub message: MessageId,
    /// Its thread.
    pub thread: ThreadId,
    /// Which of our events.
    pub sequence: u32,
    /// The signed receipt.
    pub receipt: Vec<u8>,
    /// The recipient's own latest event then.
    pub names: Option<Link>,
    /// When it was stored.
    pub stored_at: Timestamp,
}
