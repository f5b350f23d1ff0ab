//! What is read from and written to the shelf, row by row.

use relais_domain::consent::Standing;
use relais_domain::content::{ContentPart, Outcome};
use relais_domain::decide::{DueKind, Owner};
use relais_domain::digest::Digest;
use relais_domain::event::{Counts, EventKind, Link, Side, ThreadKind};
use relais_domain::fold::{Label, Step};
use relais_domain::id::{FollowUpId, MessageId, ThreadId};
use relais_domain::personal::Personal;
use relais_domain::structure_id::StructureId;
use relais_domain::territory::Territory;
use relais_domain::theme::Theme;
use relais_domain::thread::{Freeze, Signing};
use relais_domain::time::{Quarter, Timestamp};

/// A thread without its events. Nothing personal, so it survives erasure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ThreadRow {
    /// Its id.
    pub id: ThreadId,
    /// Referral or handover.
    pub kind: ThreadKind,
    /// Our end.
    pub side: Side,
    /// The other structure.
    pub peer: StructureId,
    /// The consent's digest.
    pub consent: Digest,
    /// Until when the consent holds.
    pub valid_until: Timestamp,
    /// Where the consent stands.
    pub standing: Standing,
    /// Handover: how `Effective` is signed.
    pub signing: Signing,
    /// Frozen or not.
    pub freeze: Freeze,
    /// The follow-up it belongs to.
    pub follow_up: Option<FollowUpId>,
    /// Grows by one with every decision; 1 for the first.
    pub version: u64,
    /// When it was stored first.
    pub opened_at: Timestamp,
    /// When it changed last; strictly grows from one commit of this node to the next.
    pub changed_at: Timestamp,
    /// When the node must look at it again.
    pub wake_at: Option<Timestamp>,
    /// How it ended, once it has.
    pub label: Option<Label>,
    /// How far the receiver is, local steps included.
    pub step: Step,
    /// The next act awaited, by whom and when.
    pub due: Option<(DueKind, Owner, Timestamp)>,
    /// What someone must be told: bit n set for the attention with number n.
    pub attention: u32,
}

/// One event of a thread.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventRow {
    /// The thread.
    pub thread: ThreadId,
    /// Whose chain.
    pub side: Side,
    /// From 1.
    pub sequence: u32,
    /// Random id; unique over the whole store.
    pub message: MessageId,
    /// What happened.
    pub kind: EventKind,
    /// SHA-256 of the pre-authentication encoding.
    pub identity: Digest,
    /// The signed bytes, as sent or received.
    pub payload: Vec<u8>,
    /// Their Ed25519 signature.
    pub signature: [u8; 64],
    /// Whether it counts.
    pub counts: Counts,
    /// When it was stored.
    pub stored_at: Timestamp,
    /// The part its content belongs to.
    pub part: ContentPart,
    /// The encoded parts (salts and bytes), plain here, sealed at rest; `None` when erased or never kept.
    pub content: Option<Personal<Vec<u8>>>,
}

/// A step kept local.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StepRow {
    /// What happened.
    pub kind: EventKind,
    /// How many events our chain held then.
    pub after: u32,
    /// The encoded content, sealed at rest (part `own`).
    pub content: Personal<Vec<u8>>,
}

/// A thread with everything this node holds of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredThread {
    /// The thread.
    pub row: ThreadRow,
    /// Both chains, by side and sequence.
    pub events: Vec<EventRow>,
    /// Steps kept local, in order.
    pub steps: Vec<StepRow>,
    /// Stage 2 kept until the acceptance (part `stage-2`).
    pub prepared: Option<Personal<Vec<u8>>>,
}

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

/// A shelf of small versioned documents. Numbers are stored and never change.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Shelf {
    /// Partners: trust, pin, agreement. Key: structure id.
    Peer,
    /// Signed manifests. Key: structure id ‖ sequence (8 bytes, big-endian).
    Manifest,
    /// Invitations. Key: invitation id.
    Invitation,
    /// Professionals of this structure. Key: professional id.
    User,
    /// Signed directory records. Key: structure id ‖ kind ‖ key.
    Record,
    /// The last checkpoint of each partner, and any that contradicts it. Key: structure id ‖ size.
    PeerCheckpoint,
    /// This node's own signed checkpoints. Key: size (8 bytes, big-endian).
    Checkpoint,
    /// Follow-ups. Personal: the body is sealed at rest under a key of its own. Key: follow-up id.
    FollowUp,
    /// Answers to commands already done, by idempotency key.
    Done,
    /// Settings of this node.
    Setting,
    /// Open sessions: who, since when, used when. Key: SHA-256 of the token.
    Session,
    /// Passwords, authenticators and sign-in links. Sealed at rest like what is personal. Key: professional id.
    Credential,
    /// Keys of the structure's own software. Key: integration id.
    Integration,
    /// Forms that a professional has begun. Personal. Key: professional id ‖ draft id.
    Draft,
    /// Acts that wait so that they can be taken back, and those that could not be done. Personal. Key: thread id, then the
    /// act's id for one that could not be done.
    Delayed,
    /// Signed manifests of structures that are no partners. Key: structure id ‖ sequence (8 bytes, big-endian); at
    /// sequence 0 who first brought them.
    CarriedManifest,
    /// Entries of open data, and what is known of each source. Key: 0 ‖ source, or 1 (structure) or 2 (service) ‖ source ‖
    /// generation ‖ its place in it ‖ the entry’s key.
    OpenData,
    /// Inquiries, ours and partners'. Nothing of a person. Key: 1 ‖ inquiry id, or 2 ‖ structure id ‖ inquiry id.
    Inquiry,
    /// Introductions asked by this structure or of it. Key: the other structure's id.
    Introduction,
}

impl Shelf {
    /// Every shelf.
    pub const ALL: &'static [Self] = &[
        Self::Peer,
        Self::Manifest,
        Self::Invitation,
        Self::User,
        Self::Record,
        Self::PeerCheckpoint,
        Self::Checkpoint,
        Self::FollowUp,
        Self::Done,
        Self::Setting,
        Self::Session,
        Self::Credential,
        Self::Integration,
        Self::Draft,
        Self::Delayed,
        Self::CarriedManifest,
        Self::OpenData,
        Self::Inquiry,
        Self::Introduction,
    ];

    /// The stored number.
    pub const fn number(self) -> i64 {
        match self {
            Self::Peer => 1,
            Self::Manifest => 2,
            Self::Invitation => 3,
            Self::User => 4,
            Self::Record => 5,
            Self::PeerCheckpoint => 6,
            Self::Checkpoint => 7,
            Self::FollowUp => 8,
            Self::Done => 9,
            Self::Setting => 10,
            Self::Session => 11,
            Self::Credential => 12,
            Self::Integration => 13,
            Self::Draft => 14,
            Self::Delayed => 15,
            Self::CarriedManifest => 16,
            Self::OpenData => 17,
            Self::Inquiry => 18,
            Self::Introduction => 19,
        }
    }

    /// Whether bodies are sealed at rest, each under a key of its own.
    pub const fn is_personal(self) -> bool {
        matches!(self, Self::FollowUp | Self::Credential | Self::Draft | Self::Delayed)
    }
}

/// A small versioned document.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    /// Its key on the shelf.
    pub key: Vec<u8>,
    /// 1 for the first; grows by one with every write.
    pub version: u64,
    /// Its body.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document").field("version", &self.version).finish_non_exhaustive()
    }
}

/// The content-free row that flows are counted from; one a thread, until its quarter closes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TallyRow {
    /// The thread.
    pub thread: ThreadId,
    /// Our end.
    pub side: Side,
    /// Referral or handover.
    pub kind: ThreadKind,
    /// The other structure.
    pub peer: StructureId,
    /// When it opened.
    pub opened_at: Timestamp,
    /// The territory of the need.
    pub territory: Territory,
    /// Its first theme.
    pub theme: Theme,
    /// How it ended, once it has.
    pub label: Option<Label>,
    /// The outcome, if told.
    pub outcome: Option<Outcome>,
}

impl TallyRow {
    /// The cell that the row is counted in.
    pub fn cell(&self) -> Cell {
        Cell {
            quarter: self.opened_at.quarter(),
            side: self.side,
            kind: self.kind,
            peer: self.peer,
            territory: self.territory,
            theme: self.theme,
            label: self.label,
            outcome: self.outcome,
        }
    }
}

/// What threads of one quarter have in common. It names none of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Cell {
    /// When they opened.
    pub quarter: Quarter,
    /// Our end.
    pub side: Side,
    /// Referral or handover.
    pub kind: ThreadKind,
    /// The other structure.
    pub peer: StructureId,
    /// The territory of the need.
    pub territory: Territory,
    /// Its first theme.
    pub theme: Theme,
    /// How they ended, if they had when the quarter closed.
    pub label: Option<Label>,
    /// The outcome, if told by then.
    pub outcome: Option<Outcome>,
}

/// How many threads of a closed quarter fell into one cell.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct CellRow {
    /// The cell.
    pub cell: Cell,
    /// How many; never 0.
    pub count: u64,
}

/// How many refusals of one code one peer met.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefusalCount {
    /// The peer; `None` for an unverified one.
    pub peer: Option<StructureId>,
    /// The code.
    pub code: String,
    /// How many.
    pub count: u64,
    /// When last.
    pub last_at: Timestamp,
}
