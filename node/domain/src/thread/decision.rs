//! What is decided of a thread: data, committed as one.

use super::{Freeze, LocalStep, Signing};
use crate::consent::{Permit, Standing};
use crate::content::{Answer, Content, Outcome, Question, Reply};
use crate::digest::Digest;
use crate::event::{Counts, EventKind, Link, Side, ThreadKind};
use crate::fold::{Label, Parts};
use crate::id::{FollowUpId, ThreadId};
use crate::structure_id::StructureId;
use crate::territory::Territory;
use crate::theme::Theme;
use crate::time::Timestamp;

/// An event to be signed, in the author's order.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What happened.
    pub kind: EventKind,
    /// The counterpart's last event seen.
    pub seen: Option<Link>,
    /// What it carries.
    pub content: Content,
    /// The proof that it may leave.
    pub permit: Permit,
}

/// What becomes of an event that arrived.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keep {
    /// Skeleton and content.
    Everything,
    /// The skeleton alone: no effect, or the consent is gone.
    Skeleton,
}

/// What happens to the follow-up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FollowUpChange {
    /// The holder's closes as handed over; refused if it is no longer held.
    HandOver(FollowUpId),
    /// The receiver's own opens.
    Open(FollowUpId),
}

/// The content-free row that flows are counted from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tally {
    /// A thread was opened.
    Opened {
        /// The territory of the need.
        territory: Territory,
        /// Its first theme.
        theme: Theme,
    },
    /// Its label or outcome changed.
    Moved {
        /// The label, once ended.
        label: Option<Label>,
        /// The outcome, if told.
        outcome: Option<Outcome>,
    },
}

/// What is decided: data, committed as one.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The thread.
    pub thread: ThreadId,
    /// Set when the thread is new.
    pub opens: Option<Opens>,
    /// The version the facts had; `None` when the thread is new.
    pub expected_version: Option<u64>,
    /// What becomes of the event that arrived, if one did.
    pub received: Option<(Counts, Keep)>,
    /// Own events to sign and send, in order.
    pub drafts: Vec<Draft>,
    /// Steps kept local.
    pub steps: Vec<LocalStep>,
    /// Stage 2 to keep until the acceptance.
    pub prepared: Option<Content>,
    /// Parts whose content and keys are destroyed.
    pub erase: Parts,
    /// Where the consent stands now.
    pub standing: Standing,
    /// Frozen or not.
    pub freeze: Freeze,
    /// When this thread must be looked at again by the node itself.
    pub wake_at: Option<Timestamp>,
    /// What happens to the follow-up.
    pub follow_up: Option<FollowUpChange>,
    /// What is counted.
    pub tally: Vec<Tally>,
}

/// The facts of a new thread.
#[derive(Clone, Debug)]
pub struct Opens {
    /// Referral or handover.
    pub kind: ThreadKind,
    /// Our end.
    pub side: Side,
    /// The other structure.
    pub peer: StructureId,
    /// The consent's digest.
    pub consent: Digest,
    /// Until when it holds.
    pub valid_until: Timestamp,
    /// The follow-up it belongs to.
    pub follow_up: Option<FollowUpId>,
    /// How `Effective` is signed.
    pub signing: Signing,
}

/// The content of an answer to an open question.
pub(crate) fn reply_content(question: Question, reply: Reply, now: Timestamp) -> Content {
    Content { answer: Some(Answer { question, reply: Some(reply) }), ..Content::at(now) }
}
