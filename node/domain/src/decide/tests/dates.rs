//! What is awaited, by whom, by when; and what someone must be told.

use super::fixtures::*;
use super::harness::*;
use super::referral::{accept, disclosed};
use crate::content::*;
use crate::decide::{Attention, Confirmation, DueKind, Owner, attention, due};
use crate::event::{EventKind, Side};
use crate::thread::*;
use crate::time::{Span, Timestamp};

use Side::{Receiver, Sender};

/// The act awaited, the same at both ends but for who owes it.
fn awaited(pair: &Pair) -> (DueKind, Side, Timestamp) {
    let ours = due(pair.sender.thread()).unwrap();
    let theirs = due(pair.receiver.thread()).unwrap();
    assert_eq!((ours.kind, ours.at), (theirs.kind, theirs.at));
    assert_ne!(ours.owner, theirs.owner);
    (ours.kind, if ours.owner == Owner::Us { Sender } else { Receiver }, ours.at)
}

#[test]
fn urgency_picks_the_default_deadline() {
    for (urgency, wait) in
        [(Urgency::Now, Span::hours(24)), (Urgency::Soon, Span::hours(72)), (Urgency::Normal, Span::days(14))]
    {
        let mut opening = referral(FeedbackLevel::Accepted);
        opening.stage_one.need.as_mut().unwrap().urgency = urgency;
        let mut pair = Pair::opened(opening);
        pair.settle();
        assert_eq!(awaited(&pair), (DueKind::Answer, Receiver, START.plus(wait)));
    }
}

#[test]
fn an_open_question_is_owed_by_the_sender() {
    let mut pair = Pair::opened(referral(FeedbackLevel::Accepted));
    pair.settle();
    pair.act(Receiver, Act::AskInfo { question: Question::HasDevice }).unwrap();
    pair.settle();
    assert_eq!(awaited(&pair), (DueKind::Reply, Sender, START.plus(Span::hours(72))));
}

#[test]
fn each_step_has_its_next_date() {
    let mut pair = disclosed(FeedbackLevel::Outcome);
    assert_eq!(awaited(&pair), (DueKind::Contact, Receiver, START.plus(Span::days(14))), "ten working days");
    let review = START.plus(Span::days(20));
    pair.act(Receiver, Act::Waitlist { review }).unwrap();
    pair.settle();
    assert_eq!(awaited(&pair), (DueKind::Review, Receiver, review));
    let appointment = START.plus(Span::days(25));
    pair.act(Receiver, Act::Schedule { appointment, place: None }).unwrap();
    pair.settle();
    assert_eq!(awaited(&pair), (DueKind::Appointment, Receiver, appointment.plus(Span::days(2))));
    pair.pass(Span::days(26));
    pair.act(Receiver, Act::NoShow).unwrap();
    pair.settle();
    assert_eq!(awaited(&pair), (DueKind::AfterAbsence, Receiver, pair.now.plus(Span::days(10))));
    pair.act(Receiver, Act::Arrive).unwrap();
    pair.settle();
    let limit = pair.sender.thread().valid_until;
    assert_eq!(awaited(&pair), (DueKind::Outcome, Receiver, limit), "at the latest with its consent");
    pair.act(Receiver, Act::Close { outcome: Outcome::NeedMet, account: None }).unwrap();
    pair.settle();
    assert_eq!((due(pair.sender.thread()), due(pair.receiver.thread())), (None, None));
}

#[test]
fn arrived_is_due_after_ninety_days() {
    let mut opening = referral(FeedbackLevel::Outcome);
    let mut long = opening.consent.consent.clone();
    long.valid_until = START.plus(Span::days(300));
    opening.consent = signed(long);
    let mut pair = Pair::opened(opening);
    pair.settle();
    pair.act(Receiver, accept()).unwrap();
    pair.settle();
    pair.act(Receiver, Act::Arrive).unwrap();
    pair.settle();
    assert_eq!(awaited(&pair), (DueKind::Outcome, Receiver, START.plus(Span::days(90))));
}

#[test]
fn a_note_moves_no_date() {
    let mut pair = disclosed(FeedbackLevel::Outcome);
    pair.pass(Span::days(5));
    pair.act(Receiver, Act::Note { text: personal("tried twice") }).unwrap();
    pair.act(Sender, Act::Note { text: personal("prefers mornings") }).unwrap();
    pair.settle();
    assert_eq!(awaited(&pair), (DueKind::Contact, Receiver, START.plus(Span::days(14))));
    pair.act(Receiver, Act::Arrive).unwrap();
    pair.act(Sender, Act::Withdraw { reason: Reason::Other }).unwrap();
    pair.settle();
    let asked = awaited(&pair);
    pair.pass(Span::days(5));
    pair.act(Sender, Act::Note { text: personal("please answer") }).unwrap();
    pair.settle();
    assert_eq!(awaited(&pair), asked, "asking again gives no more time");
    assert_eq!(asked.0, DueKind::Withdrawal);
}

#[test]
fn local_steps_have_their_dates_at_the_receiver() {
    let mut pair = disclosed(FeedbackLevel::Accepted);
    let appointment = START.plus(Span::days(3));
    pair.act(Receiver, Act::Schedule { appointment, place: None }).unwrap();
    let next = due(pair.receiver.thread()).unwrap();
    assert_eq!(
        (next.kind, next.owner, next.at),
        (DueKind::Appointment, Owner::Us, START.plus(Span::days(5)))
    );
    assert_eq!(due(pair.sender.thread()).unwrap().kind, DueKind::Contact);
}

#[test]
fn a_handover_awaits_its_answer_then_its_date() {
    let mut pair = Pair::opened(handover());
    pair.settle();
    assert_eq!(awaited(&pair), (DueKind::Answer, Receiver, START.plus(Span::days(30))));
    let date = START.plus(Span::days(10));
    pair.act(Receiver, Act::Accept { professional: professional(), not_before: Some(date) }).unwrap();
    let promised = due(pair.receiver.thread()).unwrap();
    assert_eq!((promised.kind, promised.owner), (DueKind::Disclosure, Owner::Them));
    pair.settle();
    assert_eq!(awaited(&pair), (DueKind::Effective, Sender, date));
}

fn told(pair: &Pair, side: Side) -> Vec<Attention> {
    attention(pair.node(side).thread(), Confirmation::Held, pair.now)
}

#[test]
fn a_quiet_thread_needs_no_attention() {
    let pair = disclosed(FeedbackLevel::Outcome);
    assert_eq!((told(&pair, Sender), told(&pair, Receiver)), (vec![], vec![]));
}

#[test]
fn a_missing_erasure_receipt_alarms_until_it_comes() {
    let mut pair = disclosed(FeedbackLevel::Outcome);
    pair.act(Sender, Act::StopConsent).unwrap();
    assert_eq!(told(&pair, Sender), [Attention::ErasureReceiptMissing]);
    pair.deliver(Sender).unwrap();
    assert_eq!(told(&pair, Receiver), [Attention::ErasureReceiptMissing]);
    pair.settle();
    assert_eq!((told(&pair, Sender), told(&pair, Receiver)), (vec![], vec![]));
}

#[test]
fn the_sender_waits_for_the_receipt_of_stage_two_as_well() {
    let mut pair = Pair::opened(referral(FeedbackLevel::Accepted));
    pair.settle();
    pair.act(Receiver, accept()).unwrap();
    pair.deliver(Receiver).unwrap();
    pair.act(Receiver, Act::StopConsent).unwrap();
    while pair.deliver(Receiver).unwrap().is_some() {}
    assert_eq!(told(&pair, Sender), [Attention::ErasureReceiptMissing], "stage 2 is still under way");
    pair.settle();
    assert_eq!(told(&pair, Sender), []);
}

#[test]
fn what_has_no_effect_is_reported() {
    let mut pair = disclosed(FeedbackLevel::Outcome);
    let senseless = forged(&pair, Sender, EventKind::Withdrawn, Content::at(pair.now));
    pair.bring(Receiver, senseless).unwrap();
    assert_eq!(told(&pair, Receiver), [Attention::EventWithoutEffect]);
}

#[test]
fn a_fork_an_unconfirmed_handover_and_a_held_disclosure_are_told() {
    let mut forked = disclosed(FeedbackLevel::Outcome);
    forked.receiver.thread.as_mut().unwrap().freeze = Freeze::Forked;
    assert_eq!(told(&forked, Receiver), [Attention::Forked]);

    let mut handed = Pair::opened(handover());
    handed.settle();
    handed.act(Receiver, accept()).unwrap();
    handed.settle();
    let thread = handed.sender.thread();
    assert_eq!(attention(thread, Confirmation::Missing, handed.now), [Attention::HandoverUnconfirmed]);
    assert_eq!(told(&handed, Sender), []);

    let mut held = Pair::opened(referral(FeedbackLevel::Accepted));
    held.settle();
    held.sender.disclosures = Disclosures::Held;
    held.act(Receiver, accept()).unwrap();
    held.settle();
    assert_eq!(told(&held, Sender), [Attention::DisclosureHeld]);
    assert_eq!(told(&held, Receiver), [], "only the sender can do something");
}

#[test]
fn who_comes_with_a_slip_is_awaited_by_nobody() {
    let mut pair = Pair::opened(walk_in(FeedbackLevel::Outcome));
    pair.settle();
    for thread in [pair.sender.thread(), pair.receiver.thread()] {
        let next = due(thread).unwrap();
        assert_eq!(
            (next.kind, next.owner, next.at),
            (DueKind::Arrival, Owner::Person, START.plus(Span::hours(72)))
        );
    }
    pair.act(Receiver, Act::Arrive).unwrap();
    pair.settle();
    assert_eq!(awaited(&pair).0, DueKind::Outcome, "once they came, someone owes the outcome");
}
