//! What is asked of a thread: by a professional, by an envelope that arrived, by a timer.

use super::Signing;
use crate::consent::SignedConsent;
use crate::content::{Content, Outcome, Professional, Question, Reason, Reply, Suggestion};
use crate::digest::Digest;
use crate::event::{Skeleton, ThreadKind};
use crate::id::{FollowUpId, ThreadId};
use crate::personal::Personal;
use crate::structure_id::StructureId;
use crate::time::Timestamp;

/// What is asked of a thread.
#[derive(Clone, Debug)]
pub enum Command {
    /// A professional opens a thread.
    Open(Box<Opening>),
    /// A professional acts on a thread.
    Act(Act),
    /// An envelope arrived from the other structure.
    Deliver(Box<Delivery>),
    /// The partner signed that the consent ended, in an event that cannot be placed in its chain.
    HeedStop {
        /// The event's identity: what remains of the partner's word.
        event: Digest,
        /// Why it ended, as far as the partner said so.
        reason: Option<Reason>,
    },
    /// A timer is due.
    Wake,
}

/// What a professional opens a thread with.
#[derive(Clone, Debug)]
pub struct Opening {
    /// A fresh id.
    pub thread: ThreadId,
    /// Referral or handover.
    pub kind: ThreadKind,
    /// To whom.
    pub recipient: StructureId,
    /// The consent, signed by this structure.
    pub consent: SignedConsent,
    /// What leaves now. Its `times` and `consent` are filled in here.
    pub stage_one: Content,
    /// What leaves after acceptance.
    pub stage_two: Content,
    /// Until when an answer is awaited (referral), or the offer stands (handover); default by urgency.
    pub deadline: Option<Timestamp>,
    /// The follow-up it belongs to; a handover needs one.
    pub follow_up: Option<FollowUpId>,
    /// Handover: how `Effective` is signed.
    pub signing: Signing,
}

/// What a professional does.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "fields are documented by their types")]
pub enum Act {
    /// Asks a coded question before answering.
    AskInfo { question: Question },
    /// Answers it.
    GiveInfo { reply: Reply },
    /// Takes contact; names the professional. In a handover, not before `not_before`.
    Accept { professional: Professional, not_before: Option<Timestamp> },
    /// Says no, with better doors if known.
    Refuse { reason: Reason, suggestions: Vec<Suggestion> },
    /// Puts on a waiting list until a review date.
    Waitlist { review: Timestamp },
    /// Sets an appointment.
    Schedule { appointment: Timestamp, place: Option<Personal<String>> },
    /// Notes that the person did not come.
    NoShow,
    /// Notes that the person came.
    Arrive,
    /// Closes with an outcome.
    Close { outcome: Outcome, account: Option<Personal<String>> },
    /// Corrects the outcome.
    Correct { outcome: Outcome },
    /// Lets go after accepting.
    Release { reason: Reason },
    /// Takes a referral back, or asks for it back once disclosed.
    Withdraw { reason: Reason },
    /// Adds a note.
    Note { text: Personal<String> },
    /// Blanks one of its own events.
    Void { sequence: u32 },
    /// The person stops the consent.
    StopConsent,
    /// Asks to be let off an accepted handover.
    Renounce,
    /// Signs that responsibility moves.
    MakeEffective,
    /// Cancels a handover.
    Cancel,
}

/// What came in an envelope.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The signed skeleton.
    pub skeleton: Skeleton,
    /// Its identity.
    pub identity: Digest,
    /// The opened content; `None` when the envelope had no sealed part.
    pub content: Option<Content>,
}
