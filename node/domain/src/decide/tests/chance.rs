//! Two honest nodes, any acts, any delay, duplicates, clocks apart, stops: what must hold holds after every step.

use super::fixtures::*;
use super::harness::*;
use super::stopped::assert_gone;
use crate::content::*;
use crate::decide::{Confirmation, attention, due};
use crate::event::{EventKind, Side};
use crate::fold::{Label, State};
use crate::refusal::Refusal;
use crate::thread::*;
use crate::time::Span;
use proptest::prelude::*;

use Side::{Receiver, Sender};

#[derive(Clone, Debug)]
enum Move {
    Act(Side, Choice),
    Deliver(Side),
    Again(Side, prop::sample::Index),
    Wake(Side),
    Pass(Span),
    Clocks(Side, Disclosures),
    Partner(Side, Trust),
}

#[derive(Clone, Copy, Debug)]
enum Choice {
    Ask,
    Give,
    Accept,
    AcceptLater,
    Refuse(Reason),
    Waitlist,
    Schedule,
    NoShow,
    Arrive,
    Close(Outcome),
    Correct,
    Release(Reason),
    Withdraw,
    Note,
    Void(u32),
    Stop,
    Renounce,
    MakeEffective,
    Cancel,
}

fn act(choice: Choice, pair: &Pair) -> Act {
    let soon = |days| pair.now.plus(Span::days(days));
    match choice {
        Choice::Ask => Act::AskInfo { question: Question::HasDevice },
        Choice::Give => Act::GiveInfo { reply: Reply::Yes },
        Choice::Accept => Act::Accept { professional: professional(), not_before: None },
        Choice::AcceptLater => Act::Accept { professional: professional(), not_before: Some(soon(3)) },
        Choice::Refuse(reason) => Act::Refuse { reason, suggestions: Vec::new() },
        Choice::Waitlist => Act::Waitlist { review: soon(20) },
        Choice::Schedule => Act::Schedule { appointment: soon(2), place: Some(personal("Hub")) },
        Choice::NoShow => Act::NoShow,
        Choice::Arrive => Act::Arrive,
        Choice::Close(outcome) => Act::Close { outcome, account: Some(personal("it went well")) },
        Choice::Correct => Act::Correct { outcome: Outcome::NeedNotMet },
        Choice::Release(reason) => Act::Release { reason },
        Choice::Withdraw => Act::Withdraw { reason: Reason::NoLongerNeeded },
        Choice::Note => Act::Note { text: personal("prefers mornings") },
        Choice::Void(sequence) => Act::Void { sequence },
        Choice::Stop => Act::StopConsent,
        Choice::Renounce => Act::Renounce,
        Choice::MakeEffective => Act::MakeEffective,
        Choice::Cancel => Act::Cancel,
    }
}

fn any_side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Sender), Just(Receiver)]
}

/// Acts, mostly of the side that can do them: the tables refuse the rest.
fn any_act() -> impl Strategy<Value = Move> {
    let receiver = prop_oneof![
        6 => Just(Choice::Accept),
        2 => Just(Choice::AcceptLater),
        6 => Just(Choice::Ask),
        1 => prop::sample::select(Reason::REFUSALS).prop_map(Choice::Refuse),
        2 => Just(Choice::Waitlist),
        2 => Just(Choice::Renounce),
        4 => Just(Choice::NoShow),
        8 => Just(Choice::Schedule),
        3 => Just(Choice::Arrive),
        1 => prop::sample::select(Outcome::ALL).prop_map(Choice::Close),
        4 => Just(Choice::Correct),
        1 => prop::sample::select(Reason::RELEASES).prop_map(Choice::Release),
    ];
    let sender = prop_oneof![
        8 => Just(Choice::Give),
        1 => Just(Choice::Withdraw),
        2 => Just(Choice::MakeEffective),
        1 => Just(Choice::Cancel),
    ];
    let either = prop_oneof![
        5 => Just(Choice::Note),
        4 => (1u32..6).prop_map(Choice::Void),
        1 => Just(Choice::Stop),
    ];
    prop_oneof![
        6 => receiver.prop_map(|choice| Move::Act(Receiver, choice)),
        2 => sender.prop_map(|choice| Move::Act(Sender, choice)),
        2 => (any_side(), either).prop_map(|(side, choice)| Move::Act(side, choice)),
    ]
}

fn any_move() -> impl Strategy<Value = Move> {
    let spans = [Span::minutes(1), Span::hours(7), Span::days(1), Span::days(4), Span::days(40)];
    prop_oneof![
        8 => any_act(),
        10 => any_side().prop_map(Move::Deliver),
        2 => (any_side(), any::<prop::sample::Index>()).prop_map(|(side, index)| Move::Again(side, index)),
        3 => any_side().prop_map(Move::Wake),
        2 => prop::sample::select(spans.to_vec()).prop_map(Move::Pass),
        1 => (any_side(), prop_oneof![Just(Disclosures::Open), Just(Disclosures::Held)])
            .prop_map(|(side, held)| Move::Clocks(side, held)),
        1 => (any_side(), prop_oneof![3 => Just(Trust::Paired), 1 => Just(Trust::Suspended)])
            .prop_map(|(side, trust)| Move::Partner(side, trust)),
    ]
}

fn any_opening() -> impl Strategy<Value = Opening> {
    let level = || prop::sample::select(FeedbackLevel::ALL);
    prop_oneof![
        4 => level().prop_map(referral),
        1 => level().prop_map(walk_in),
        2 => prop_oneof![Just(Signing::ByItself), Just(Signing::Asks)]
            .prop_map(|signing| Opening { signing, ..handover() }),
    ]
}

/// What an end knew before a move, that no move may take back.
#[derive(Clone, Copy)]
struct Known {
    ended: bool,
    label: Option<Label>,
    effective: bool,
}

fn known(node: &Node) -> Option<Known> {
    let state = node.thread.as_ref()?.state();
    Some(Known { ended: state.ended, label: state.label(), effective: state.effective })
}

fn make(pair: &mut Pair, next: &Move) {
    match next {
        Move::Act(side, choice) => {
            let act = act(*choice, pair);
            let before = pair.node(*side).thread.as_ref().map(|thread| thread.version);
            if pair.act(*side, act).is_err() {
                assert_eq!(pair.node(*side).thread.as_ref().map(|thread| thread.version), before);
            }
        }
        Move::Deliver(side) => match pair.deliver(*side) {
            Ok(_) => {}
            Err(refusal) => assert_undeliverable(pair, *side, &refusal),
        },
        Move::Again(side, index) => again(pair, *side, *index),
        Move::Wake(side) => {
            if pair.node(*side).thread.is_some() {
                pair.wake(*side);
            }
        }
        Move::Pass(span) => pair.pass(*span),
        Move::Clocks(side, held) => pair.node_mut(*side).disclosures = *held,
        Move::Partner(side, trust) => pair.node_mut(*side).trust = Some(*trust),
    }
}

/// Between honest nodes few refusals are possible: an opening that came too late, what a clock that is ahead opened or
/// made effective, and a partnership that rests; the last two pass.
fn assert_undeliverable(pair: &Pair, side: Side, refusal: &Refusal) {
    let opens = pair.node(side.other()).thread.is_none();
    let too_late = matches!(refusal, Refusal::ContentGone | Refusal::Consent(_) | Refusal::Field(_));
    assert!(
        (opens && too_late) || matches!(refusal, Refusal::FromTheFuture | Refusal::PeerSuspended),
        "{refusal:?}"
    );
}

/// A duplicate bears an identity that is held: it is answered by the same receipt and never decided again.
fn again(pair: &Pair, side: Side, index: prop::sample::Index) {
    let Some(thread) = &pair.node(side.other()).thread else { return };
    let held = thread.chain(side);
    if !held.is_empty() {
        let twice = &pair.node(side).thread().chain(side)[index.index(held.len())];
        assert!(held.iter().any(|event| event.identity == twice.identity));
    }
}

fn check(pair: &Pair, before: [Option<Known>; 2]) {
    for (node, before) in [&pair.sender, &pair.receiver].into_iter().zip(before) {
        let (Some(thread), Some(before)) = (&node.thread, before) else { continue };
        let state = thread.state();
        assert!(!before.ended || state.ended, "ended became live");
        assert!(before.label <= state.label(), "a label fell");
        assert!(!before.effective || state.effective, "responsibility flipped back");
        assert!(!state.disclosed || state.accepted, "disclosed without acceptance");
        assert_eq!(due(thread).is_some(), !state.ended, "a live step has a date and an owner");
        attention(thread, Confirmation::Missing, pair.now);
        if state.consent_ended() {
            assert_eq!(node.erasable_held(), []);
        }
    }
    let (sender, receiver) = (pair.sender.state(), pair.receiver.thread.as_ref().map(Thread::state));
    let sender_claims = sender.responsible() == Sender;
    let receiver_claims = receiver.as_ref().is_some_and(|state| state.responsible() == Receiver);
    assert!(!(sender_claims && receiver_claims), "two responsible");
    if receiver.is_some_and(|state| !state.accepted) {
        assert!(!pair.receiver.ever_held.has(ContentPart::StageTwo), "stage 2 before acceptance");
    }
}

/// Delivers and wakes until nothing more happens.
fn heal(pair: &mut Pair) {
    pair.sender.disclosures = Disclosures::Open;
    pair.receiver.disclosures = Disclosures::Open;
    (pair.sender.trust, pair.receiver.trust) = (Some(Trust::Paired), Some(Trust::Paired));
    for _ in 0..20 {
        let versions = (pair.sender.thread().chain(Sender).len(), written_by_receiver(pair));
        for side in [Sender, Receiver] {
            loop {
                match pair.deliver(side) {
                    Ok(Some(_)) => {}
                    Ok(None) => break,
                    Err(Refusal::FromTheFuture) => pair.pass(Span::minutes(10)),
                    Err(refusal) => {
                        assert_undeliverable(pair, side, &refusal);
                        break;
                    }
                }
            }
            make(pair, &Move::Wake(side));
        }
        if versions == (pair.sender.thread().chain(Sender).len(), written_by_receiver(pair)) {
            return;
        }
    }
    panic!("two nodes keep answering each other");
}

fn written_by_receiver(pair: &Pair) -> usize {
    pair.receiver.thread.as_ref().map_or(0, |thread| thread.receiver.len())
}

/// What both ends must agree on, erased or not.
fn common(state: &State) -> impl PartialEq + std::fmt::Debug + use<> {
    let erased = [state.erased_by(Sender), state.erased_by(Receiver)];
    let consent = [state.consent_ended_by(Sender), state.consent_ended_by(Receiver)];
    let answers = (state.questions, state.answers, state.withdrawal_asked, state.renounced);
    let course = (state.accepted, state.disclosed, state.effective, state.closed);
    (state.ended, state.label(), course, answers, consent, erased)
}

fn assert_same(pair: &Pair) {
    let (sender, receiver) = (pair.sender.thread(), pair.receiver.thread());
    for side in [Sender, Receiver] {
        let verdicts = |thread: &Thread| -> Vec<_> {
            thread
                .chain(side)
                .iter()
                .map(|event| (event.skeleton.kind, event.identity, event.counts))
                .collect()
        };
        assert_eq!(verdicts(sender), verdicts(receiver));
        assert!(sender.chain(side).iter().all(|event| event.counts == crate::event::Counts::Yes));
    }
    assert_eq!(common(&sender.state()), common(&receiver.state()));
    if !sender.state().consent_ended() {
        assert_eq!(sender.state(), receiver.state());
    }
}

/// How far the thread is before chance takes over.
#[derive(Clone, Copy, Debug)]
enum Prologue {
    Opened,
    Received,
    Accepted,
}

fn any_prologue() -> impl Strategy<Value = Prologue> {
    prop::sample::select(vec![Prologue::Opened, Prologue::Received, Prologue::Accepted])
}

fn begun(opening: Opening, prologue: Prologue, ahead: i64) -> Pair {
    let mut pair = Pair::opened(opening);
    pair.receiver.ahead = Span::minutes(ahead);
    if !matches!(prologue, Prologue::Opened) {
        pair.deliver(Sender).unwrap();
    }
    if matches!(prologue, Prologue::Accepted) {
        make(&mut pair, &Move::Act(Receiver, Choice::AcceptLater));
        pair.deliver(Receiver).unwrap();
    }
    pair
}

fn run(mut pair: Pair, moves: &[Move]) {
    for next in moves {
        let before = [known(&pair.sender), known(&pair.receiver)];
        make(&mut pair, next);
        check(&pair, before);
    }
    heal(&mut pair);
    if pair.receiver.thread.is_some() {
        assert_same(&pair);
    }
    pair.now = pair.now.max(pair.sender.thread().valid_until).plus(Span::hours(1));
    let before = [known(&pair.sender), known(&pair.receiver)];
    heal(&mut pair);
    check(&pair, before);
    assert!(pair.sender.state().ended, "a thread ends at the latest with its consent");
    if pair.receiver.thread.is_some() {
        assert_same(&pair);
        assert_gone(&pair);
        no_answer_was_owed(&pair);
    }
}

/// Each acceptance that the sender saw on a live thread was answered once.
fn no_answer_was_owed(pair: &Pair) {
    let disclosed = written(&pair.sender).into_iter().filter(|kind| *kind == EventKind::Disclosed).count();
    assert!(disclosed <= 1);
    assert_eq!(crate::decide::due(pair.sender.thread()), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn two_nodes_agree_whatever_happens(
        opening in any_opening(),
        prologue in any_prologue(),
        ahead in -4i64..=4,
        moves in prop::collection::vec(any_move(), 1..60),
    ) {
        run(begun(opening, prologue, ahead), &moves);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn two_nodes_agree_after_a_long_time_too(
        opening in any_opening(),
        prologue in any_prologue(),
        ahead in -4i64..=4,
        moves in prop::collection::vec(any_move(), 200..300),
    ) {
        run(begun(opening, prologue, ahead), &moves);
    }
}
