//! One transaction's worth of writes.

use crate::rows::{AckRow, EventRow, InboxRow, OutboxRow, OutboxState, Shelf, StepRow, TallyRow, ThreadRow};
use relais_domain::content::Outcome;
use relais_domain::event::Side;
use relais_domain::fold::{Label, Parts};
use relais_domain::id::{MessageId, ThreadId};
use relais_domain::ledger_leaf::Leaf;
use relais_domain::personal::Personal;
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Quarter, Timestamp};
use std::collections::BTreeMap;

/// Everything one decision writes. Committed whole, or not at all.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// What happens to a thread.
    pub thread: Option<ThreadWrite>,
    /// Documents written or removed.
    pub documents: Vec<DocumentWrite>,
    /// The receipt issued for a message; a second one for the same message is a conflict.
    pub inbox: Option<InboxRow>,
    /// Receipts got; each also removes its outbox row.
    pub acks: Vec<AckRow>,
    /// What becomes of messages that were tried.
    pub outbox: Vec<OutboxChange>,
    /// Leaves appended to the ledger, in order.
    pub leaves: Vec<Leaf>,
    /// Refusals counted.
    pub refusals: Vec<RefusalWrite>,
    /// The quarter that closes, after everything else: its tally rows are added to its cells and deleted. Closing again
    /// adds what was opened since.
    pub closing: Option<Quarter>,
}

/// What happens to a thread.
#[derive(Clone, Debug)]
pub struct ThreadWrite {
    /// The version the decision rests on; `None` when the thread must not exist yet. Otherwise: conflict.
    pub expected_version: Option<u64>,
    /// The whole new row, its version one higher than expected.
    pub row: ThreadRow,
    /// New events.
    pub events: Vec<EventRow>,
    /// New local steps.
    pub steps: Vec<StepRow>,
    /// What becomes of the prepared stage 2.
    pub prepared: Prepared,
    /// Events whose content is replaced by what remains of it, after the events of this batch are inserted: a `Voided`
    /// blanked them. Of two words on one event the last holds; one that does not exist is `Corrupt`.
    pub blank: Vec<Blank>,
    /// Parts whose content is deleted and whose keys are destroyed, after the events of this batch are inserted.
    pub erase: Parts,
    /// Messages that must leave.
    pub outbox: Vec<OutboxRow>,
    /// The tally row, inserted when the thread opens.
    pub tally: Option<TallyRow>,
    /// The tally row moved. One that its quarter's closing has folded is not there any more: then nothing moves, for a
    /// closed quarter is never recomputed.
    pub tally_moved: Option<TallyMove>,
}

impl ThreadWrite {
    /// What remains of each blanked event.
    pub fn blanked(&self) -> BTreeMap<(Side, u32), Option<&Personal<Vec<u8>>>> {
        self.blank.iter().map(|blank| ((blank.side, blank.sequence), blank.remains.as_ref())).collect()
    }
}

/// An event stored before whose content is blanked. Its skeleton stays. One that holds no content stays as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Blank {
    /// Whose chain.
    pub side: Side,
    /// From 1.
    pub sequence: u32,
    /// What remains, encoded as the parts were; `None` when nothing does.
    pub remains: Option<Personal<Vec<u8>>>,
}

/// What becomes of the prepared stage 2.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Prepared {
    /// It stays as it is.
    Unchanged,
    /// It is kept from now on.
    Put(Personal<Vec<u8>>),
    /// It is no longer kept.
    Gone,
}

/// How the tally row of a thread moves. Absent values leave what is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TallyMove {
    /// The label.
    pub label: Option<Label>,
    /// The outcome.
    pub outcome: Option<Outcome>,
}

/// A document written or removed.
#[derive(Clone)]
pub struct DocumentWrite {
    /// Which shelf.
    pub shelf: Shelf,
    /// Its key.
    pub key: Vec<u8>,
    /// The version it must have now; `None` when it must not exist. Otherwise: conflict.
    pub expected_version: Expected,
    /// The new body; `None` removes the document (and destroys its key on a personal shelf).
    pub body: Option<Vec<u8>>,
}

impl std::fmt::Debug for DocumentWrite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DocumentWrite").field("shelf", &self.shelf).finish_non_exhaustive()
    }
}

/// What a document's version must be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expected {
    /// It must not exist.
    Absent,
    /// It must have this version.
    Version(u64),
    /// Whatever it is.
    Any,
}

/// What becomes of a message that was tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OutboxChange {
    /// It is tried again later, or parked.
    Retry {
        /// Which.
        message: MessageId,
        /// Where it stands.
        state: OutboxState,
        /// How often it was tried.
        attempts: u32,
        /// Not before.
        next_at: Timestamp,
        /// When it first failed.
        first_failed_at: Option<Timestamp>,
        /// The last code the peer answered, 0 for none.
        last_code: u32,
    },
    /// Everything for this peer may be tried at once: it is back.
    Hurry {
        /// The peer.
        peer: StructureId,
        /// From now on.
        now: Timestamp,
    },
    /// A message first failed: noted on every waiting row of the peer that has no such note.
    Undelivered {
        /// The peer.
        peer: StructureId,
        /// Since when.
        since: Timestamp,
    },
    /// Everything of a thread leaves the outbox: its opening was refused for good.
    Drop {
        /// The thread.
        thread: ThreadId,
    },
}

/// Refusals of one code, counted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefusalWrite {
    /// The peer; `None` for an unverified one.
    pub peer: Option<StructureId>,
    /// The code.
    pub code: String,
    /// How many, at least one.
    pub count: u64,
    /// When, or when the last of them was.
    pub at: Timestamp,
}
