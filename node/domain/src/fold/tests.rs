//! The rules of the fold, checked over every execution of a bounded length.
//!
//! Two honest ends, any delay of delivery: every world that up to seven events of a referral (eight of a handover) can
//! lead to is visited once. What dishonest ends can sign is drawn at random in [`disorder`].

mod disorder;
mod handover;
mod referral;
mod table;

use super::*;
use crate::content::{ContentPart, FeedbackLevel};
use crate::thread::part_of;
use crate::time::{Span, Timestamp};
use std::collections::HashSet;

/// The instant the opening event is made at.
const START: Timestamp = Timestamp(1_800_000_000_000);

/// Two chains and how much of each the other end has.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct World {
    kind: ThreadKind,
    sender: Vec<Mark>,
    receiver: Vec<Mark>,
    /// How many of the receiver's events the sender has.
    sender_has: usize,
    /// How many of the sender's events the receiver has.
    receiver_has: usize,
}

impl World {
    fn opened(kind: ThreadKind, opening: Mark) -> Self {
        Self { kind, sender: vec![opening], receiver: Vec::new(), sender_has: 0, receiver_has: 0 }
    }

    fn length(&self) -> usize {
        self.sender.len() + self.receiver.len()
    }

    fn whole(&self) -> Chains<'_> {
        Chains { sender: &self.sender, receiver: &self.receiver }
    }

    fn view(&self, side: Side) -> Chains<'_> {
        match side {
            Side::Sender => Chains { sender: &self.sender, receiver: &self.receiver[..self.sender_has] },
            Side::Receiver => Chains { sender: &self.sender[..self.receiver_has], receiver: &self.receiver },
        }
    }

    fn state(&self, side: Side) -> State {
        state(self.kind, self.view(side))
    }

    /// The world after `side` wrote `kind`, if its own view allows it.
    fn written(&self, side: Side, kind: EventKind, detail: Detail) -> Option<Self> {
        let seen = match side {
            Side::Sender => self.sender_has,
            Side::Receiver => self.receiver_has,
        };
        let mark = Mark { kind, seen: u32::try_from(seen).unwrap(), counts: Counts::Yes, detail };
        let counted = counts(self.kind, self.view(side), side, &mark) == Counts::Yes;
        counted.then(|| {
            let mut next = self.clone();
            match side {
                Side::Sender => next.sender.push(mark),
                Side::Receiver => next.receiver.push(mark),
            }
            next
        })
    }

    /// The worlds after one more event arrived at one end.
    fn delivered(&self) -> impl Iterator<Item = Self> {
        let to_sender = (self.sender_has < self.receiver.len())
            .then(|| Self { sender_has: self.sender_has + 1, ..self.clone() });
        let to_receiver = (self.receiver_has < self.sender.len())
            .then(|| Self { receiver_has: self.receiver_has + 1, ..self.clone() });
        to_sender.into_iter().chain(to_receiver)
    }
}

/// An event that an end may try to write.
type Candidate = (Side, EventKind, Detail);

/// Visits every world that honest ends reach from `opening` with at most `length` events.
fn visit(
    opening: World,
    candidates: &[Candidate],
    length: usize,
    mut check: impl FnMut(&World, &[World]),
) -> usize {
    let mut known = HashSet::from([opening.clone()]);
    let mut left = vec![opening];
    while let Some(world) = left.pop() {
        let mut next: Vec<World> = world.delivered().collect();
        if world.length() < length {
            let able = |side: Side| side == Side::Sender || world.receiver_has > 0;
            let tried = candidates.iter().filter(|(side, ..)| able(*side));
            next.extend(tried.filter_map(|(side, kind, detail)| world.written(*side, *kind, *detail)));
        }
        check(&world, &next);
        left.extend(next.into_iter().filter(|world| known.insert(world.clone())));
    }
    known.len()
}

/// What must hold of every world and of every step out of it, whatever the kind of thread.
fn check_world(world: &World, next: &[World]) {
    honest_events_count_everywhere(world);
    erased_ends_judge_alike(world);
    let whole = state(world.kind, world.whole());
    for side in [Side::Sender, Side::Receiver] {
        let seen = world.state(side);
        assert!(!seen.ended || whole.ended, "a view ended, the whole did not: {world:?}");
        assert!(!seen.disclosed || seen.accepted, "disclosed without acceptance: {world:?}");
        assert!(seen.label() <= whole.label(), "a view's label is above the whole's: {world:?}");
        assert_eq!(seen.ended, seen.label().is_some(), "{world:?}");
        for after in next {
            let later = after.state(side);
            assert!(!seen.ended || later.ended, "ended became live: {world:?} {after:?}");
            assert!(seen.label() <= later.label(), "a label fell: {world:?} {after:?}");
            assert!(!seen.accepted || later.accepted, "an acceptance vanished: {world:?}");
            assert!(!seen.effective || later.effective, "responsibility flipped back: {world:?}");
        }
    }
}

/// Each event has the verdict its author gave it, with however much of the other chain is at hand beyond what it names.
fn honest_events_count_everywhere(world: &World) {
    each_verdict(world, |chains, side, mark, _| {
        assert_eq!(counts(world.kind, chains, side, mark), Counts::Yes, "{side} {mark:?} in {world:?}");
    });
}

/// An end that erased what it held after the consent ended gives the same verdicts and reads the same end.
fn erased_ends_judge_alike(world: &World) {
    each_verdict(world, |chains, side, mark, arriving| {
        if !state(world.kind, chains).consent_ended() {
            return;
        }
        let (sender, receiver) = (erased(chains.sender), erased(chains.receiver));
        let left = Chains { sender: &sender, receiver: &receiver };
        for mark in [*mark, arriving] {
            assert_eq!(counts(world.kind, left, side, &mark), Counts::Yes, "{side} {mark:?} in {world:?}");
        }
        let (held, left) = (state(world.kind, chains), state(world.kind, left));
        assert_eq!((held.label(), held.responsible()), (left.label(), left.responsible()), "{world:?}");
    });
}

/// Calls `check` for every event and every length of the other chain with which it may arrive; its last argument is the
/// event as it arrives when its author erased its content before.
fn each_verdict(world: &World, mut check: impl FnMut(Chains<'_>, Side, &Mark, Mark)) {
    for side in [Side::Sender, Side::Receiver] {
        let (own, other) = (world.whole().of(side), world.whole().of(side.other()));
        for (index, mark) in own.iter().enumerate().filter(|(_, mark)| !mark.kind.opens()) {
            for length in usize::try_from(mark.seen).unwrap()..=other.len() {
                let (own, other) = (&own[..index], &other[..length]);
                let chains = match side {
                    Side::Sender => Chains { sender: own, receiver: other },
                    Side::Receiver => Chains { sender: other, receiver: own },
                };
                check(chains, side, mark, without_content(mark));
            }
        }
    }
}

fn erased(marks: &[Mark]) -> Vec<Mark> {
    marks.iter().map(without_content).collect()
}

/// The mark once its content is gone; evidence stays.
fn without_content(mark: &Mark) -> Mark {
    if part_of(mark.kind) == ContentPart::Evidence {
        *mark
    } else {
        Mark { detail: Detail::default(), ..*mark }
    }
}

fn at(created: Timestamp) -> Detail {
    Detail { created: Some(created), ..Detail::default() }
}

/// `Sent` with a deadline one day away.
fn sent(level: FeedbackLevel, walk_in: WalkIn) -> Mark {
    let detail =
        Detail { deadline: Some(START.plus(Span::days(1))), level: Some(level), walk_in, ..at(START) };
    Mark { kind: EventKind::Sent, seen: 0, counts: Counts::Yes, detail }
}

/// `Proposed` with an offer of ten days.
fn proposed() -> Mark {
    let detail = Detail { offer_until: Some(START.plus(Span::days(10))), ..at(START) };
    Mark { kind: EventKind::Proposed, seen: 0, counts: Counts::Yes, detail }
}
