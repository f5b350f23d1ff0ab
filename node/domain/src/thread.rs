//! A thread as one end holds it; what decides about it stands below: facts in, decision out.

mod command;
mod decision;
mod facts;
mod kind;

pub use command::{Act, Command, Delivery, Opening};
pub(crate) use decision::reply_content;
pub use decision::{Decision, Draft, FollowUpChange, Keep, Opens, Tally};
pub use facts::{Disclosures, Facts, Trust};
pub use kind::part_of;
pub(crate) use kind::step_of;

use crate::consent::{SignedConsent, Standing};
use crate::content::{Content, ContentPart};
use crate::digest::Digest;
use crate::event::{Counts, Event, EventKind, Link, Side, ThreadKind};
use crate::fold::{self, Chains, Label, Mark, Parts, State, Step};
use crate::id::{FollowUpId, ThreadId};
use crate::structure_id::StructureId;
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
