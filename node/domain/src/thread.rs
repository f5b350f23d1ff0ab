//! A thread as one end holds it, and what decides about it: facts in, decision out.

use crate::consent::{Permit, SignedConsent, Standing};
use crate::content::Question;
use crate::content::{Answer, Content, ContentPart, Outcome, Professional, Reason, Reply, Suggestion};
use crate::digest::Digest;
use crate::event::{Counts, Event, EventKind, Link, Side, Skeleton, ThreadKind};
use crate::fold::{self, Chains, Label, Mark, Parts, State, Step};
use crate::id::{FollowUpId, ThreadId};
use crate::personal::Personal;
use crate::structure_id::StructureId;
use crate::territory::Territory;
use crate::theme::Theme;
use crate::time::Timestamp;

/// A step the receiver keeps for itself because the feedback level does not let it leave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LocalStep {
    /// What happened.
    pub kind: EventKind,
    /// How many events its own chain held then.
    pub after: u32,
    /// What was noted.
    pub content: Content,
}

/// Whether the holder's node signs `Effective` by itself on the date.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Signing {
    /// On the date, by itself.
    #[default]
    ByItself,
    /// A professional is asked.
    Asks,
}

/// Whether the thread goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Freeze {
    /// It does.
    #[default]
    No,
    /// The counterpart signed two events with one number: nothing more is taken, someone is told.
    Forked,
}

/// A thread as one end holds it.
#[derive(Clone, Debug)]
pub struct Thread {
    /// Its id.
    pub id: ThreadId,
    /// Referral or handover.
    pub kind: ThreadKind,
    /// Our end.
    pub side: Side,
    /// The other structure.
    pub peer: StructureId,
    /// The sender's chain.
    pub sender: Vec<Event>,
    /// The receiver's chain.
    pub receiver: Vec<Event>,
    /// The consent's digest.
    pub consent_digest: Digest,
    /// The consent; `None` once erased.
    pub consent: Option<SignedConsent>,
    /// Where the consent stands for this node.
    pub standing: Standing,
    /// Until when the consent holds.
    pub valid_until: Timestamp,
    /// Steps kept local.
    pub steps: Vec<LocalStep>,
    /// The sender's: stage 2, kept until the acceptance.
    pub prepared: Option<Content>,
    /// The follow-up it belongs to, if any.
    pub follow_up: Option<FollowUpId>,
    /// Handover: how `Effective` is signed.
    pub signing: Signing,
    /// Frozen or not.
    pub freeze: Freeze,
    /// Grows by one with every decision stored.
    pub version: u64,
}

impl Thread {
    /// The chain of one side.
    pub fn chain(&self, side: Side) -> &[Event] {
        match side {
            Side::Sender => &self.sender,
            Side::Receiver => &self.receiver,
        }
    }

    /// The events of one side as the fold sees them.
    pub fn marks(&self, side: Side) -> Vec<Mark> {
        self.chain(side).iter().map(Mark::from).collect()
    }

    /// The state that follows from everything this end knows.
    pub fn state(&self) -> State {
        let (sender, receiver) = (self.marks(Side::Sender), self.marks(Side::Receiver));
        fold::state(self.kind, Chains { sender: &sender, receiver: &receiver })
    }

    /// The last event of one side.
    pub fn head(&self, side: Side) -> Option<Link> {
        self.chain(side).last().map(Event::link)
    }

    /// The content of the opening event, while it is there.
    pub fn opening(&self) -> Option<&Content> {
        self.sender.first().and_then(|event| event.content.as_ref())
    }

    /// Which parts of content this end still holds.
    pub fn parts_held(&self) -> Parts {
        let events = self.sender.iter().chain(&self.receiver);
        let held = events.filter(|event| event.content.is_some()).map(|event| part_of(event.skeleton.kind));
        let prepared = self.prepared.as_ref().map(|_| ContentPart::StageTwo);
        Parts::of(held.chain(prepared))
    }

    /// How far the receiver is, its local steps included.
    pub fn step(&self) -> Step {
        let state = self.state();
        let last_event = self
            .chain(Side::Receiver)
            .iter()
            .filter(|event| event.counts == Counts::Yes && step_of(event.skeleton.kind).is_some())
            .map(|event| event.skeleton.sequence)
            .max()
            .unwrap_or(0);
        match self.steps.iter().rev().find_map(|local| step_of(local.kind).map(|step| (step, local.after))) {
            Some((step, after)) if after >= last_event && !state.ended => step,
            Some(_) | None => state.step,
        }
    }

    /// How the thread ended and whether that is settled at this end: an end-event is seen, our latest event has its
    /// receipt, and every event that receipt names is here.
    pub fn label(&self) -> Option<Label> {
        self.state().label()
    }
}

pub(crate) fn step_of(kind: EventKind) -> Option<Step> {
    match kind {
        EventKind::Waitlisted => Some(Step::Waitlisted),
        EventKind::Scheduled => Some(Step::Scheduled),
        EventKind::NoShow => Some(Step::NoShow),
        EventKind::Arrived => Some(Step::Arrived),
        EventKind::Sent
        | EventKind::Proposed
        | EventKind::InfoRequested
        | EventKind::InfoGiven
        | EventKind::Accepted
        | EventKind::Disclosed
        | EventKind::Closed
        | EventKind::Refused
        | EventKind::Released
        | EventKind::Withdrawn
        | EventKind::WithdrawalAsked
        | EventKind::Expired
        | EventKind::ConsentEnded
        | EventKind::Note
        | EventKind::Voided
        | EventKind::Corrected
        | EventKind::Erased
        | EventKind::Renounced
        | EventKind::Effective
        | EventKind::Cancelled => None,
    }
}

/// The part that the content of an event of this kind belongs to.
pub fn part_of(kind: EventKind) -> ContentPart {
    match kind {
        EventKind::Sent
        | EventKind::Proposed
        | EventKind::InfoRequested
        | EventKind::InfoGiven
        | EventKind::Accepted => ContentPart::StageOne,
        EventKind::Disclosed => ContentPart::StageTwo,
        EventKind::Waitlisted
        | EventKind::Scheduled
        | EventKind::NoShow
        | EventKind::Arrived
        | EventKind::Closed
        | EventKind::Corrected
        | EventKind::Refused
        | EventKind::Released
        | EventKind::WithdrawalAsked
        | EventKind::Note
        | EventKind::Voided => ContentPart::Course,
        EventKind::Withdrawn
        | EventKind::Expired
        | EventKind::ConsentEnded
        | EventKind::Erased
        | EventKind::Renounced
        | EventKind::Effective
        | EventKind::Cancelled => ContentPart::Evidence,
    }
}

/// How this node stands with the other structure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trust {
    /// Paired.
    Paired,
    /// Suspended by our admin: only endings, erasures, manifests and receipts pass.
    Suspended,
    /// Removed by our admin, for good.
    Removed,
}

/// Whether new disclosures and expiries may happen now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Disclosures {
    /// Yes.
    Open,
    /// The clocks are apart: nothing leaves and nothing expires, for either may be wrong.
    Held,
    /// The partner's manifest has expired: nothing leaves, but what expires by our clock does.
    Unverified,
}

/// What a decision rests on.
#[derive(Clone, Debug)]
pub struct Facts {
    /// This structure.
    pub own: StructureId,
    /// The thread, if there is one.
    pub thread: Option<Thread>,
    /// The other structure's standing; `None` when it is no partner.
    pub trust: Option<Trust>,
    /// Whether disclosures are open with it.
    pub disclosures: Disclosures,
    /// A fresh id, used if a follow-up opens.
    pub fresh_follow_up: FollowUpId,
}

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
