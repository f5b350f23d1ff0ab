//! A thread as the shelf keeps it: its row, its events, its local steps.

use relais_domain::consent::Standing;
use relais_domain::content::ContentPart;
use relais_domain::decide::{DueKind, Owner};
use relais_domain::digest::Digest;
use relais_domain::event::{Counts, EventKind, Side, ThreadKind};
use relais_domain::fold::{Label, Step};
use relais_domain::id::{FollowUpId, MessageId, ThreadId};
use relais_domain::personal::Personal;
use relais_domain::structure_id::StructureId;
use relais_domain::thread::{Freeze, Signing};
use relais_domain::time::Timestamp;

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
