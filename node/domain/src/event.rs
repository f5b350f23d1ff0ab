//! Events of a thread: two signed chains, the sender's and the receiver's.
//!
//! The signed skeleton is what survives erasure, so nothing personal is in it.

use crate::code::codes;
use crate::content::Content;
use crate::digest::Digest;
use crate::id::{MessageId, ThreadId};
use crate::structure_id::StructureId;
use crate::time::Day;

codes! {
    /// Referral or handover.
    ThreadKind {
        /// Asks another structure to do something; responsibility does not move.
        Referral = 1 "referral",
        /// Responsibility moves.
        Handover = 2 "handover",
    }

    /// The two ends of a thread. In a handover the sender is the holder.
    Side {
        /// The one who opened the thread.
        Sender = 1 "sender",
        /// The other.
        Receiver = 2 "receiver",
    }

    /// What happened. States are past facts.
    EventKind {
        /// A referral was sent.
        Sent = 1 "sent",
        /// The receiver asked a coded question.
        InfoRequested = 2 "info_requested",
        /// The sender answered it.
        InfoGiven = 3 "info_given",
        /// The receiver takes contact ("nous prenons contact").
        Accepted = 4 "accepted",
        /// Stage 2 was disclosed.
        Disclosed = 5 "disclosed",
        /// On a waiting list, with a review date.
        Waitlisted = 6 "waitlisted",
        /// An appointment was set.
        Scheduled = 7 "scheduled",
        /// The person did not come.
        NoShow = 8 "no_show",
        /// The person came.
        Arrived = 9 "arrived",
        /// The receiver closed.
        Closed = 10 "closed",
        /// The receiver refused.
        Refused = 11 "refused",
        /// The receiver let go after accepting.
        Released = 12 "released",
        /// The sender took it back before disclosure.
        Withdrawn = 13 "withdrawn",
        /// The sender asks for it back after disclosure.
        WithdrawalAsked = 14 "withdrawal_asked",
        /// No answer in time.
        Expired = 15 "expired",
        /// The consent ended.
        ConsentEnded = 16 "consent_ended",
        /// A note.
        Note = 17 "note",
        /// An author blanked the content of one of its own events.
        Voided = 18 "voided",
        /// The receiver corrected the outcome.
        Corrected = 19 "corrected",
        /// A node erased content: the erasure receipt.
        Erased = 20 "erased",
        /// A handover was proposed.
        Proposed = 30 "proposed",
        /// The receiver asks to be let off after accepting a handover.
        Renounced = 31 "renounced",
        /// Responsibility moved.
        Effective = 32 "effective",
        /// The holder cancelled the handover.
        Cancelled = 33 "cancelled",
    }
}

impl Side {
    /// The other end.
    pub const fn other(self) -> Self {
        match self {
            Self::Sender => Self::Receiver,
            Self::Receiver => Self::Sender,
        }
    }
}

impl EventKind {
    /// Whether the event opens a thread.
    pub const fn opens(self) -> bool {
        matches!(self, Self::Sent | Self::Proposed)
    }
}

/// A place in a chain: sequence from 1, and the identity of the event there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Link {
    /// Counted from 1.
    pub sequence: u32,
    /// SHA-256 of the event's pre-authentication encoding.
    pub hash: Digest,
}

/// The signed skeleton, all that survives erasure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Skeleton {
    /// Referral or handover.
    pub thread_kind: ThreadKind,
    /// What happened.
    pub kind: EventKind,
    /// Who signed.
    pub author: StructureId,
    /// The manifest whose key signed.
    pub manifest: u64,
    /// The only structure it is for.
    pub recipient: StructureId,
    /// Random id of the message.
    pub message: MessageId,
    /// Random id of the thread.
    pub thread: ThreadId,
    /// The author's day.
    pub day: Day,
    /// The author's sequence in the thread, from 1.
    pub sequence: u32,
    /// The author's previous event in the thread.
    pub previous: Option<Digest>,
    /// The last event of the counterpart that the author had seen.
    pub seen: Option<Link>,
    /// The consent it rests on.
    pub consent: Digest,
    /// One salted commitment per part carried: (wire number of the part, HMAC-SHA-256).
    pub commitments: Vec<(u32, Digest)>,
}

/// An event as a node holds it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// The signed skeleton.
    pub skeleton: Skeleton,
    /// SHA-256 of the pre-authentication encoding of the signed bytes.
    pub identity: Digest,
    /// What it carries; `None` when erased, dropped or never received.
    pub content: Option<Content>,
    /// Whether it counts; settled when stored, never changes.
    pub counts: Counts,
}

/// Whether an event has an effect.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Counts {
    /// It does.
    Yes,
    /// It was not allowed in its past, or not covered by the consent: only its skeleton is kept.
    No,
}

impl Event {
    /// The event's place in its author's chain.
    pub fn link(&self) -> Link {
        Link { sequence: self.skeleton.sequence, hash: self.identity }
    }
}
