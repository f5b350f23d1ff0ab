//! Two nodes in one test: each holds its thread, applies decisions as a store would, and hands events to the other.

use super::fixtures::*;
use crate::authority::Authenticated;
use crate::class::DataClass;
use crate::content::{Content, ContentPart};
use crate::decide::decide;
use crate::digest::Digest;
use crate::event::{Counts, Event, EventKind, Side, Skeleton};
use crate::fold::{Label, Parts, State};
use crate::id::{FollowUpId, MessageId};
use crate::refusal::Refusal;
use crate::structure_id::StructureId;
use crate::thread::*;
use crate::time::{Span, Timestamp};

/// The parts that are erased when the consent is gone.
pub(crate) const ERASABLE: [ContentPart; 3] =
    [ContentPart::StageOne, ContentPart::StageTwo, ContentPart::Course];

/// One end.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) side: Side,
    pub(crate) id: StructureId,
    pub(crate) peer: StructureId,
    pub(crate) thread: Option<Thread>,
    pub(crate) trust: Option<Trust>,
    pub(crate) disclosures: Disclosures,
    /// How far its clock is ahead.
    pub(crate) ahead: Span,
    /// Every part of content it ever held.
    pub(crate) ever_held: Parts,
    pub(crate) follow_ups: Vec<FollowUpChange>,
    pub(crate) wake_at: Option<Timestamp>,
    /// How many of its events the other end has.
    delivered: usize,
    /// Its opening was refused for good.
    pub(crate) refused: bool,
}

impl Node {
    fn new(side: Side, id: StructureId, peer: StructureId) -> Self {
        Self {
            side,
            id,
            peer,
            thread: None,
            trust: Some(Trust::Paired),
            disclosures: Disclosures::Open,
            ahead: Span::ZERO,
            ever_held: Parts::default(),
            follow_ups: Vec::new(),
            wake_at: None,
            delivered: 0,
            refused: false,
        }
    }

    pub(crate) fn thread(&self) -> &Thread {
        self.thread.as_ref().expect("the thread is there")
    }

    pub(crate) fn state(&self) -> State {
        self.thread().state()
    }

    pub(crate) fn facts(&self) -> Facts {
        Facts {
            own: self.id,
            thread: self.thread.clone(),
            trust: self.trust,
            disclosures: self.disclosures,
            fresh_follow_up: FollowUpId::from_random([9; 16]),
        }
    }

    /// The parts it holds that a gone consent leaves to no one.
    pub(crate) fn erasable_held(&self) -> Vec<ContentPart> {
        let held = self.thread().parts_held();
        ERASABLE.into_iter().filter(|part| held.has(*part)).collect()
    }
}

/// Two ends and the true time.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) sender: Node,
    pub(crate) receiver: Node,
    pub(crate) now: Timestamp,
    messages: u64,
}

impl Pair {
    pub(crate) fn new() -> Self {
        Self {
            sender: Node::new(Side::Sender, sender_id(), receiver_id()),
            receiver: Node::new(Side::Receiver, receiver_id(), sender_id()),
            now: START,
            messages: 0,
        }
    }

    /// A pair with this thread opened at the sender, nothing delivered yet.
    pub(crate) fn opened(opening: Opening) -> Self {
        let mut pair = Self::new();
        pair.command(Side::Sender, Command::Open(Box::new(opening))).expect("the opening is good");
        pair
    }

    pub(crate) fn node(&self, side: Side) -> &Node {
        match side {
            Side::Sender => &self.sender,
            Side::Receiver => &self.receiver,
        }
    }

    pub(crate) fn node_mut(&mut self, side: Side) -> &mut Node {
        match side {
            Side::Sender => &mut self.sender,
            Side::Receiver => &mut self.receiver,
        }
    }

    pub(crate) fn clock(&self, side: Side) -> Timestamp {
        self.now.plus(self.node(side).ahead)
    }

    pub(crate) fn pass(&mut self, span: Span) {
        self.now = self.now.plus(span);
    }

    /// A command of the node's own professionals or timers.
    pub(crate) fn command(&mut self, side: Side, command: Command) -> Result<Decision, Refusal> {
        let node = self.node(side);
        let command = Authenticated::vouched_by(node.id, node.id, command);
        let decision = decide(&node.facts(), command, self.clock(side))?;
        self.apply(side, &decision, None);
        Ok(decision)
    }

    pub(crate) fn act(&mut self, side: Side, act: Act) -> Result<Decision, Refusal> {
        self.command(side, Command::Act(act))
    }

    pub(crate) fn wake(&mut self, side: Side) -> Decision {
        self.command(side, Command::Wake).expect("waking is never refused")
    }

    /// The event of `side` that the other end awaits, as its envelope brings it now.
    pub(crate) fn next_of(&self, side: Side) -> Option<Delivery> {
        let node = self.node(side);
        let event = node.thread.as_ref()?.chain(side).get(node.delivered)?;
        let content = event.content.clone();
        Some(Delivery { skeleton: event.skeleton.clone(), identity: event.identity, content })
    }

    /// Brings the next event of `side` to the other end.
    pub(crate) fn deliver(&mut self, side: Side) -> Result<Option<Decision>, Refusal> {
        let Some(delivery) = self.next_of(side).filter(|_| !self.node(side).refused) else { return Ok(None) };
        let opens = delivery.skeleton.kind.opens();
        let result = self.bring(side.other(), delivery);
        match &result {
            Ok(_) => self.node_mut(side).delivered += 1,
            Err(refusal) => self.node_mut(side).refused = opens && refusal.is_final(),
        }
        result.map(Some)
    }

    /// Brings a delivery to `side`, whoever made it.
    pub(crate) fn bring(&mut self, side: Side, delivery: Delivery) -> Result<Decision, Refusal> {
        let signer = delivery.skeleton.author;
        self.bring_signed(side, delivery, signer)
    }

    pub(crate) fn bring_signed(
        &mut self,
        side: Side,
        delivery: Delivery,
        signer: StructureId,
    ) -> Result<Decision, Refusal> {
        let node = self.node(side);
        let command = Command::Deliver(Box::new(delivery.clone()));
        let decision =
            decide(&node.facts(), Authenticated::vouched_by(signer, signer, command), self.clock(side))?;
        self.apply(side, &decision, Some(delivery));
        Ok(decision)
    }

    /// Delivers both ways until nothing is under way.
    pub(crate) fn settle(&mut self) {
        loop {
            let one = self.deliver(Side::Sender).expect("an honest event is taken").is_some();
            let other = self.deliver(Side::Receiver).expect("an honest event is taken").is_some();
            if !one && !other {
                return;
            }
        }
    }

    /// Applies a decision as a store would, checking what must hold of every decision.
    fn apply(&mut self, side: Side, decision: &Decision, delivery: Option<Delivery>) {
        let now = self.clock(side);
        assert_eq!(decision.received.is_some(), delivery.is_some());
        assert!(decision.wake_at.is_none_or(|at| at > now), "a wake in the past turns in circles");
        let mut thread = match &decision.opens {
            Some(opens) => opened(decision, opens, delivery.as_ref()),
            None => self.node(side).thread.clone().expect("only an opening makes a thread"),
        };
        assert_eq!(decision.expected_version, decision.opens.is_none().then_some(thread.version));
        thread.version += 1;
        if let (Some(delivery), Some((counts, keep))) = (delivery, decision.received) {
            receive(&mut thread, delivery, counts, keep);
        }
        for draft in &decision.drafts {
            self.messages += 1;
            write(&mut thread, self.node(side), draft, self.messages);
        }
        thread.steps.extend(decision.steps.iter().cloned());
        if decision.drafts.iter().any(|draft| draft.kind == EventKind::Disclosed) {
            thread.prepared = None;
        }
        thread.prepared = decision.prepared.clone().or(thread.prepared);
        let held = self.node(side).ever_held.with(thread.parts_held());
        erase(&mut thread, decision.erase);
        thread.standing = decision.standing;
        thread.freeze = decision.freeze;
        let node = self.node_mut(side);
        node.ever_held = held;
        node.follow_ups.extend(decision.follow_up);
        node.wake_at = decision.wake_at;
        node.thread = Some(thread);
    }
}

fn opened(decision: &Decision, opens: &Opens, delivery: Option<&Delivery>) -> Thread {
    let drafted = decision.drafts.first().map(|draft| &draft.content);
    let content = delivery.and_then(|delivery| delivery.content.as_ref()).or(drafted);
    let consent = content.and_then(|content| content.consent.clone()).expect("an opening has its consent");
    assert_eq!(consent.digest, opens.consent);
    Thread {
        id: decision.thread,
        kind: opens.kind,
        side: opens.side,
        peer: opens.peer,
        sender: Vec::new(),
        receiver: Vec::new(),
        consent_digest: opens.consent,
        consent: Some(consent),
        standing: decision.standing,
        valid_until: opens.valid_until,
        steps: Vec::new(),
        prepared: None,
        follow_up: opens.follow_up,
        signing: opens.signing,
        freeze: decision.freeze,
        version: 0,
    }
}

fn chain(thread: &mut Thread, side: Side) -> &mut Vec<Event> {
    match side {
        Side::Sender => &mut thread.sender,
        Side::Receiver => &mut thread.receiver,
    }
}

fn receive(thread: &mut Thread, delivery: Delivery, counts: Counts, keep: Keep) {
    let kind = delivery.skeleton.kind;
    assert!(counts == Counts::Yes || keep == Keep::Skeleton, "content without effect is dropped");
    let kept = keep == Keep::Everything;
    if kept && delivery.content.as_ref().is_some_and(Content::has_stage_two) {
        let state = thread.state();
        assert!(state.accepted && !state.ended && !state.consent_ended(), "stage 2 kept on {state:?}");
    }
    let content = delivery.content.filter(|_| kept);
    let voids = content.as_ref().and_then(|content| content.course.as_ref()?.voids);
    let side = thread.side.other();
    chain(thread, side).push(Event {
        skeleton: delivery.skeleton,
        identity: delivery.identity,
        content,
        counts,
    });
    if kind == EventKind::Voided && counts == Counts::Yes {
        blank(thread, side, voids);
    }
}

fn blank(thread: &mut Thread, side: Side, voids: Option<u32>) {
    let target =
        voids.and_then(|sequence| chain(thread, side).get_mut(usize::try_from(sequence).unwrap() - 1));
    target.into_iter().for_each(|event| event.content = None);
}

/// Signs a draft, checking that it may leave.
fn write(thread: &mut Thread, node: &Node, draft: &Draft, number: u64) {
    let side = thread.side;
    assert!(draft.permit.covers(&draft.content), "{}: not covered", draft.kind);
    assert_eq!(draft.permit.recipient(), node.peer);
    assert_eq!(draft.permit.consent(), thread.consent_digest);
    assert_eq!(draft.seen, thread.head(side.other()), "an author names the last it has");
    if draft.content.has_stage_two() {
        let state = thread.state();
        assert!(draft.kind == EventKind::Disclosed && state.accepted && !state.ended, "{state:?}");
        let consent = thread.consent.as_ref().expect("stage 2 needs its consent");
        let classes = draft.content.classes();
        assert!(
            classes.iter().all(|class| *class == DataClass::Times || consent.consent.classes.contains(class))
        );
    }
    let skeleton = skeleton(thread, node, draft, number);
    let identity = identity(&skeleton);
    let content = Some(draft.content.clone());
    chain(thread, side).push(Event { skeleton, identity, content, counts: Counts::Yes });
    if draft.kind == EventKind::Voided {
        blank(thread, side, draft.content.course.as_ref().and_then(|course| course.voids));
    }
}

fn skeleton(thread: &Thread, node: &Node, draft: &Draft, number: u64) -> Skeleton {
    let own = thread.chain(thread.side);
    let mut message = [0; 16];
    message[..8].copy_from_slice(&number.to_be_bytes());
    let classes = draft.content.classes();
    let commitments =
        classes.iter().map(|class| (class.number(), Digest::of(class.as_str().as_bytes()))).collect();
    Skeleton {
        thread_kind: thread.kind,
        kind: draft.kind,
        author: node.id,
        manifest: 1,
        recipient: node.peer,
        message: MessageId::from_random(message),
        thread: thread.id,
        day: draft.content.times.expect("every event has its instant").created.day(),
        sequence: u32::try_from(own.len()).unwrap() + 1,
        previous: own.last().map(|event| event.identity),
        seen: draft.seen,
        consent: thread.consent_digest,
        commitments,
    }
}

pub(crate) fn identity(skeleton: &Skeleton) -> Digest {
    Digest::of(format!("{skeleton:?}").as_bytes())
}

fn erase(thread: &mut Thread, parts: Parts) {
    for side in [Side::Sender, Side::Receiver] {
        for event in chain(thread, side).iter_mut().filter(|event| parts.has(part_of(event.skeleton.kind))) {
            event.content = None;
        }
    }
    if parts.has(ContentPart::StageOne) {
        thread.consent = None;
    }
    if parts.has(ContentPart::StageTwo) {
        thread.prepared = None;
    }
}

/// A delivery that `side` could forge: the next of its chain, of this kind and content.
pub(crate) fn forged(pair: &Pair, side: Side, kind: EventKind, content: Content) -> Delivery {
    let held = pair.node(side.other()).thread();
    let author = pair.node(side);
    let theirs = held.chain(side);
    let skeleton = Skeleton {
        thread_kind: held.kind,
        kind,
        author: author.id,
        manifest: 1,
        recipient: author.peer,
        message: MessageId::from_random([77; 16]),
        thread: held.id,
        day: pair.now.day(),
        sequence: u32::try_from(theirs.len()).unwrap() + 1,
        previous: theirs.last().map(|event| event.identity),
        seen: held.head(side.other()),
        consent: held.consent_digest,
        commitments: Vec::new(),
    };
    Delivery { identity: identity(&skeleton), skeleton, content: Some(content) }
}

/// The first event of a thread as its receiver gets it, to be tampered with.
pub(crate) fn opening_delivery(opening: Opening) -> Delivery {
    Pair::opened(opening).next_of(Side::Sender).expect("an opening writes its first event")
}

/// The kinds a decision writes.
pub(crate) fn kinds(decision: &Decision) -> Vec<EventKind> {
    decision.drafts.iter().map(|draft| draft.kind).collect()
}

/// The kinds of one end's chain.
pub(crate) fn written(node: &Node) -> Vec<EventKind> {
    node.thread().chain(node.side).iter().map(|event| event.skeleton.kind).collect()
}

pub(crate) fn labels(pair: &Pair) -> (Option<Label>, Option<Label>) {
    (pair.sender.thread().label(), pair.receiver.thread().label())
}
