//! Every execution of a handover.

use super::*;

fn candidates() -> Vec<Candidate> {
    use EventKind::*;
    let now = START.plus(Span::days(2));
    let mut all: Vec<Candidate> = [Disclosed, Cancelled, ConsentEnded]
        .map(|kind| (Side::Sender, kind, at(now)))
        .into_iter()
        .chain([Refused, Renounced, ConsentEnded].map(|kind| (Side::Receiver, kind, at(now))))
        .collect();
    for day in [0, 2, 11] {
        all.push((Side::Sender, Effective, at(START.plus(Span::days(day)))));
    }
    let not_before = Some(START.plus(Span::days(1)));
    all.push((Side::Receiver, Accepted, at(now)));
    all.push((Side::Receiver, Accepted, Detail { not_before, ..at(now) }));
    all
}

#[test]
fn a_handover_of_eight_events_has_one_responsible() {
    let opening = World::opened(ThreadKind::Handover, proposed());
    let worlds = visit(opening, &candidates(), 8, |world, next| {
        check_world(world, next);
        never_two(world);
        one_conclusion(world);
    });
    assert!(worlds > 1_000, "{worlds} worlds");
}

/// The holder claims until it signed `Effective`; the receiver from when it has it.
fn never_two(world: &World) {
    let (holder, receiver) = (world.state(Side::Sender), world.state(Side::Receiver));
    let whole = state(world.kind, world.whole());
    let holder_claims = holder.responsible() == Side::Sender;
    let receiver_claims = receiver.responsible() == Side::Receiver;
    assert!(!(holder_claims && receiver_claims), "two responsible: {world:?}");
    assert_eq!(whole.responsible(), holder.responsible(), "not a function of the holder's chain: {world:?}");
    let signed = world.sender.iter().any(|mark| mark.kind == EventKind::Effective);
    assert_eq!(signed, whole.effective, "{world:?}");
}

/// The holder writes at most one of `Effective` and `Cancelled`, never out of time, never after `Renounced` was seen.
fn one_conclusion(world: &World) {
    let concluded = |mark: &&Mark| matches!(mark.kind, EventKind::Effective | EventKind::Cancelled);
    assert!(world.sender.iter().filter(concluded).count() <= 1, "{world:?}");
    for mark in world.sender.iter().filter(|mark| mark.kind == EventKind::Effective) {
        let seen = &world.receiver[..usize::try_from(mark.seen).unwrap()];
        assert!(!seen.iter().any(|mark| mark.kind == EventKind::Renounced), "{world:?}");
        let accepted = seen.iter().find(|mark| mark.kind == EventKind::Accepted).expect("accepted before");
        let created = mark.detail.created.unwrap();
        assert!(accepted.detail.not_before.is_none_or(|date| created >= date), "too early: {world:?}");
        assert!(created <= START.plus(Span::days(10)), "too late: {world:?}");
        assert!(world.sender.iter().any(|mark| mark.kind == EventKind::Disclosed), "{world:?}");
    }
}

#[test]
fn effective_and_a_concurrent_stop_both_count_and_the_receiver_is_responsible() {
    let mark =
        |kind, seen, day| Mark { kind, seen, counts: Counts::Yes, detail: at(START.plus(Span::days(day))) };
    let holder = [proposed(), mark(EventKind::Disclosed, 1, 1), mark(EventKind::Effective, 1, 2)];
    let receiver = [mark(EventKind::Accepted, 1, 1), mark(EventKind::ConsentEnded, 2, 2)];
    let chains = Chains { sender: &holder[..2], receiver: &receiver };
    assert_eq!(counts(ThreadKind::Handover, chains, Side::Sender, &holder[2]), Counts::Yes);
    let whole = state(ThreadKind::Handover, Chains { sender: &holder, receiver: &receiver });
    assert!(whole.consent_ended_by(Side::Receiver));
    assert_eq!(whole.responsible(), Side::Receiver);
    assert_eq!(whole.label(), Some(Label::Effective));
}

#[test]
fn a_receiver_that_erased_the_offer_still_learns_that_it_is_responsible() {
    let mark = |kind, seen| Mark { kind, seen, counts: Counts::Yes, detail: at(START) };
    let holder = [proposed(), mark(EventKind::Disclosed, 1)];
    let receiver = [mark(EventKind::Accepted, 1), mark(EventKind::ConsentEnded, 2)];
    let (holder, receiver) = (erased(&holder), erased(&receiver));
    let chains = Chains { sender: &holder, receiver: &receiver };
    let effective = mark(EventKind::Effective, 1);
    assert_eq!(counts(ThreadKind::Handover, chains, Side::Sender, &effective), Counts::Yes);
}
