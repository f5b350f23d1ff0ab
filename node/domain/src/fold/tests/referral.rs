//! Every execution of a referral.

use super::*;
use std::collections::BTreeSet;

/// Late enough for `Expired`, whatever questions were asked.
const LATE: Timestamp = START.plus(Span::days(60));

fn course() -> Vec<Candidate> {
    use EventKind::*;
    let sender = [InfoGiven, Disclosed, Withdrawn, Expired, WithdrawalAsked, ConsentEnded];
    let receiver = [
        InfoRequested,
        Accepted,
        Refused,
        Released,
        Waitlisted,
        Scheduled,
        NoShow,
        Arrived,
        Closed,
        ConsentEnded,
    ];
    let sender = sender.map(|kind| (Side::Sender, kind, at(LATE)));
    let receiver = receiver.map(|kind| (Side::Receiver, kind, at(LATE)));
    sender.into_iter().chain(receiver).collect()
}

fn course_and_correction() -> Vec<Candidate> {
    course().into_iter().chain([(Side::Receiver, EventKind::Corrected, at(LATE))]).collect()
}

fn everything() -> Vec<Candidate> {
    let erases = |part| Detail { erases: Parts::of([part]), ..at(LATE) };
    let mut all = course_and_correction();
    for side in [Side::Sender, Side::Receiver] {
        all.push((side, EventKind::Note, at(LATE)));
        all.push((side, EventKind::Voided, Detail { voids: Some(2), ..at(LATE) }));
        all.push((side, EventKind::Erased, erases(ContentPart::StageOne)));
        all.push((side, EventKind::Erased, erases(ContentPart::StageTwo)));
    }
    all
}

#[test]
fn a_referral_of_seven_events_keeps_its_promises() {
    let opening = World::opened(ThreadKind::Referral, sent(FeedbackLevel::Accepted, WalkIn::No));
    let mut risen = BTreeSet::new();
    let worlds = visit(opening, &course(), 7, |world, next| {
        check_world(world, next);
        one_arbiter_a_phase(world);
        let whole = state(world.kind, world.whole());
        for side in [Side::Sender, Side::Receiver] {
            if let Some(label) = world.state(side).label().filter(|label| Some(*label) != whole.label()) {
                risen.insert((side, label, whole.label().unwrap()));
            }
        }
    });
    assert!(worlds > 10_000, "{worlds} worlds: the search is not what it was");
    assert_eq!(risen, expected_rises());
}

/// Which labels an end can still see rise: only by an event that was under way.
fn expected_rises() -> BTreeSet<(Side, Label, Label)> {
    use Label::*;
    let mut all = BTreeSet::new();
    for low in [Expired, Withdrawn] {
        for high in [Refused, Released, ConsentEnded] {
            all.insert((Side::Sender, low, high));
        }
    }
    for low in [Refused, Released, Closed] {
        all.insert((Side::Receiver, low, ConsentEnded));
    }
    all
}

/// Until `Disclosed` the sender's end wins, whatever acceptance travels; after it no event of the sender ends the thread
/// but the end of the consent.
fn one_arbiter_a_phase(world: &World) {
    let whole = state(world.kind, world.whole());
    let wrote = |kind: EventKind| world.sender.iter().any(|mark| mark.kind == kind);
    let took_back = wrote(EventKind::Withdrawn) || wrote(EventKind::Expired);
    assert!(!(took_back && whole.disclosed), "taken back and disclosed: {world:?}");
    assert!(!took_back || whole.ended, "{world:?}");
    let ended_by_receiver = matches!(whole.label(), Some(Label::Released | Label::Closed | Label::Refused));
    if whole.disclosed && whole.ended && !whole.consent_ended() {
        assert!(ended_by_receiver, "{world:?}");
    }
}

#[test]
fn notes_voids_corrections_and_erasures_change_no_end() {
    let opening = World::opened(ThreadKind::Referral, sent(FeedbackLevel::Outcome, WalkIn::No));
    let worlds = visit(opening, &everything(), 5, |world, next| {
        check_world(world, next);
        for after in next.iter().filter(|after| after.length() > world.length()) {
            let before = state(world.kind, world.whole());
            let later = state(after.kind, after.whole());
            let last = [after.sender.last(), after.receiver.last()].map(|mark| mark.map(|mark| mark.kind));
            let quiet = [EventKind::Note, EventKind::Voided, EventKind::Corrected, EventKind::Erased];
            if before.label() != later.label() {
                assert!(!last.iter().all(|kind| kind.is_none_or(|kind| quiet.contains(&kind))), "{after:?}");
            }
        }
    });
    assert!(worlds > 5_000, "{worlds} worlds");
}

#[test]
fn a_walk_in_referral_knows_no_acceptance_no_disclosure_and_no_expiry() {
    let opening = World::opened(ThreadKind::Referral, sent(FeedbackLevel::Outcome, WalkIn::Yes));
    let never = [
        EventKind::Accepted,
        EventKind::Disclosed,
        EventKind::InfoRequested,
        EventKind::InfoGiven,
        EventKind::Withdrawn,
        EventKind::Expired,
    ];
    let worlds = visit(opening, &course_and_correction(), 6, |world, next| {
        check_world(world, next);
        let written = world.sender.iter().chain(&world.receiver);
        assert!(!written.into_iter().any(|mark| never.contains(&mark.kind)), "{world:?}");
    });
    assert!(worlds > 5_000, "{worlds} worlds");
}
