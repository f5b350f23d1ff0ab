//! A referral from the first click to the last, told from both ends.

use super::fixtures::*;
use super::harness::*;
use crate::authority::Authenticated;
use crate::consent::Standing;
use crate::content::*;
use crate::decide::{DueKind, Owner, decide, due};
use crate::event::{Counts, EventKind, Side};
use crate::fold::{Label, Step};
use crate::refusal::Refusal;
use crate::territory::Territory;
use crate::thread::*;
use crate::time::{Span, Timestamp};

use EventKind as K;
use Side::{Receiver, Sender};

pub(super) fn accept() -> Act {
    Act::Accept { professional: professional(), not_before: None }
}

/// A referral that was accepted and disclosed, everything delivered.
pub(super) fn disclosed(level: FeedbackLevel) -> Pair {
    let mut pair = Pair::opened(referral(level));
    pair.settle();
    pair.act(Receiver, accept()).unwrap();
    pair.settle();
    assert!(pair.receiver.state().disclosed);
    pair
}

fn schedule(pair: &Pair) -> Act {
    Act::Schedule { appointment: pair.now.plus(Span::days(3)), place: Some(personal("Hub, ground floor")) }
}

fn close() -> Act {
    Act::Close { outcome: Outcome::NeedMet, account: Some(personal("I can read my mail now")) }
}

fn last_content(pair: &Pair, side: Side, at: Side) -> Content {
    pair.node(at).thread().chain(side).last().unwrap().content.clone().unwrap()
}

#[test]
fn a_referral_at_level_outcome_tells_its_whole_story() {
    let mut pair = Pair::opened(referral(FeedbackLevel::Outcome));
    assert_eq!(pair.sender.thread().prepared, Some(stage_two()), "stage 2 waits at home");
    let received = pair.deliver(Sender).unwrap().unwrap();
    assert_eq!(received.received, Some((Counts::Yes, Keep::Everything)));
    assert!(matches!(received.tally[..], [Tally::Opened { .. }]));
    assert!(!pair.receiver.thread().opening().unwrap().has_stage_two());

    pair.act(Receiver, accept()).unwrap();
    let stored = pair.deliver(Receiver).unwrap().unwrap();
    assert_eq!(kinds(&stored), [K::Disclosed], "disclosed in the decision that stores the acceptance");
    assert_eq!(stored.drafts[0].content.name, Some(name()));
    assert_eq!(pair.sender.thread().prepared, None);
    pair.settle();

    let appointment = schedule(&pair);
    pair.act(Receiver, appointment).unwrap();
    pair.pass(Span::days(4));
    pair.act(Receiver, Act::NoShow).unwrap();
    let again = schedule(&pair);
    pair.act(Receiver, again).unwrap();
    pair.act(Receiver, Act::Arrive).unwrap();
    pair.settle();
    assert_eq!(pair.sender.thread().step(), Step::Arrived);

    let closed = pair.act(Receiver, close()).unwrap();
    assert!(closed.steps.is_empty(), "everything may be told");
    let told = pair.deliver(Receiver).unwrap().unwrap();
    let outcome = Some(Outcome::NeedMet);
    assert!(told.tally.iter().any(|tally| matches!(tally, Tally::Moved { outcome: o, .. } if *o == outcome)));
    assert_eq!(labels(&pair), (Some(Label::Closed), Some(Label::Closed)));
    let chain = [K::Accepted, K::Scheduled, K::NoShow, K::Scheduled, K::Arrived, K::Closed];
    assert_eq!(written(&pair.receiver), chain);
    let course = last_content(&pair, Receiver, Sender).course.unwrap();
    assert_eq!((course.outcome, course.account), (outcome, Some(personal("I can read my mail now"))));
}

#[test]
fn at_level_accepted_steps_stay_local_and_the_outcome_is_stripped() {
    let mut pair = disclosed(FeedbackLevel::Accepted);
    let appointment = schedule(&pair);
    let decided = pair.act(Receiver, appointment).unwrap();
    assert!(decided.drafts.is_empty(), "no number, no envelope");
    assert_eq!(decided.steps[0].kind, K::Scheduled);
    pair.act(Receiver, Act::NoShow).unwrap();
    assert_eq!(
        pair.act(Receiver, Act::NoShow).unwrap_err(),
        not_allowed(K::NoShow, "an appointment must be set first")
    );
    assert_eq!(pair.receiver.thread().step(), Step::NoShow);
    pair.act(Receiver, Act::Arrive).unwrap();
    assert_eq!(pair.receiver.thread().step(), Step::Arrived);
    pair.settle();
    assert_eq!(pair.sender.thread().step(), Step::Accepted, "the sender learns nothing");

    let decided = pair.act(Receiver, close()).unwrap();
    assert_eq!(decided.drafts[0].content.course, Some(Course::default()));
    assert_eq!(decided.steps[0].content.course.as_ref().unwrap().outcome, Some(Outcome::NeedMet));
    assert!(decided.tally.iter().any(|tally| matches!(tally, Tally::Moved { outcome: Some(_), .. })));
    pair.settle();
    assert_eq!(last_content(&pair, Receiver, Sender).course, Some(Course::default()));
}

#[test]
fn a_local_step_is_behind_even_if_the_chain_does_not_know() {
    let mut pair = disclosed(FeedbackLevel::Accepted);
    let appointment = schedule(&pair);
    pair.act(Receiver, appointment).unwrap();
    let waitlist = Act::Waitlist { review: pair.now.plus(Span::days(10)) };
    let refusal = pair.act(Receiver, waitlist).unwrap_err();
    assert_eq!(refusal, not_allowed(K::Waitlisted, "it must be accepted and nothing else begun"));
}

#[test]
fn at_level_attended_the_meeting_is_told_and_the_outcome_is_not() {
    let mut pair = disclosed(FeedbackLevel::Attended);
    pair.act(Receiver, Act::Arrive).unwrap();
    let decided = pair.act(Receiver, close()).unwrap();
    assert_eq!(decided.drafts[0].content.course, Some(Course::default()));
    pair.settle();
    assert_eq!(pair.sender.thread().step(), Step::Arrived);
}

#[test]
fn a_reason_above_the_level_leaves_as_other() {
    let cases = [
        (FeedbackLevel::Accepted, Reason::DidNotCome, Reason::Other, 1),
        (FeedbackLevel::Attended, Reason::DidNotCome, Reason::DidNotCome, 0),
        (FeedbackLevel::Attended, Reason::InEmployment, Reason::Other, 1),
        (FeedbackLevel::Outcome, Reason::InEmployment, Reason::InEmployment, 0),
        (FeedbackLevel::Accepted, Reason::Duplicate, Reason::Duplicate, 0),
    ];
    for (level, reason, told, kept) in cases {
        let mut pair = disclosed(level);
        let decided = pair.act(Receiver, Act::Release { reason }).unwrap();
        assert_eq!(decided.drafts[0].content.reason(), Some(told), "{reason} at {level}");
        assert_eq!(decided.steps.len(), kept, "{reason} at {level}");
        pair.settle();
        assert_eq!(labels(&pair), (Some(Label::Released), Some(Label::Released)));
    }
}

#[test]
fn a_refusal_carries_its_reason_and_better_doors_and_no_name_was_told() {
    let mut pair = Pair::opened(referral(FeedbackLevel::Accepted));
    pair.settle();
    let service = crate::id::ServiceId::parse("third--counter").unwrap();
    let suggestions = vec![Suggestion { structure: third_id(), service }];
    pair.act(Receiver, Act::Refuse { reason: Reason::Full, suggestions: suggestions.clone() }).unwrap();
    pair.settle();
    assert_eq!(last_content(&pair, Receiver, Sender).course.unwrap().suggestions, suggestions);
    assert_eq!(labels(&pair), (Some(Label::Refused), Some(Label::Refused)));
    assert!(!pair.receiver.ever_held.has(ContentPart::StageTwo));
}

#[test]
fn a_question_is_asked_answered_and_asked_again() {
    let mut pair = Pair::opened(referral(FeedbackLevel::Accepted));
    pair.settle();
    let ask = || Act::AskInfo { question: Question::HasDevice };
    pair.act(Receiver, ask()).unwrap();
    let twice = pair.act(Receiver, ask()).unwrap_err();
    assert_eq!(twice, not_allowed(K::InfoRequested, "a question is open already, or it was answered"));
    pair.settle();
    pair.act(Sender, Act::GiveInfo { reply: Reply::No }).unwrap();
    pair.settle();
    let answer = last_content(&pair, Sender, Receiver).answer.unwrap();
    assert_eq!(answer, Answer { question: Question::HasDevice, reply: Some(Reply::No) });
    let again = pair.act(Sender, Act::GiveInfo { reply: Reply::Yes }).unwrap_err();
    assert_eq!(again, not_allowed(K::InfoGiven, "no question is open"));
    pair.act(Receiver, ask()).unwrap();
}

#[test]
fn before_disclosure_the_sender_takes_it_back() {
    let mut pair = Pair::opened(referral(FeedbackLevel::Accepted));
    pair.settle();
    let decided = pair.act(Sender, Act::Withdraw { reason: Reason::NoLongerNeeded }).unwrap();
    assert_eq!(kinds(&decided), [K::Withdrawn]);
    pair.settle();
    assert_eq!(labels(&pair), (Some(Label::Withdrawn), Some(Label::Withdrawn)));
}

#[test]
fn an_acceptance_under_way_when_it_was_taken_back_comes_too_late() {
    let mut pair = Pair::opened(referral(FeedbackLevel::Accepted));
    pair.settle();
    pair.act(Sender, Act::Withdraw { reason: Reason::EnteredInError }).unwrap();
    pair.act(Receiver, accept()).unwrap();
    let stored = pair.deliver(Receiver).unwrap().unwrap();
    assert_eq!(stored.received, Some((Counts::Yes, Keep::Everything)), "it counts, and changes nothing");
    assert!(stored.drafts.is_empty(), "nothing is disclosed");
    pair.settle();
    assert_eq!(labels(&pair), (Some(Label::Withdrawn), Some(Label::Withdrawn)));
    assert!(pair.receiver.state().accepted && !pair.receiver.state().disclosed);
    let refusal = pair.act(Receiver, Act::Arrive).unwrap_err();
    assert!(matches!(refusal, Refusal::NotAllowed { kind: K::Arrived, .. }));
}

#[test]
fn after_disclosure_the_sender_asks_and_the_receivers_node_answers() {
    let mut pair = disclosed(FeedbackLevel::Attended);
    let decided = pair.act(Sender, Act::Withdraw { reason: Reason::NoLongerNeeded }).unwrap();
    assert_eq!(kinds(&decided), [K::WithdrawalAsked]);
    let twice = pair.act(Sender, Act::Withdraw { reason: Reason::NoLongerNeeded }).unwrap_err();
    let hint = "it was already asked; the other structure answers";
    assert_eq!(twice, not_allowed(K::WithdrawalAsked, hint));
    let answered = pair.deliver(Sender).unwrap().unwrap();
    assert_eq!(kinds(&answered), [K::Released]);
    assert_eq!(answered.drafts[0].content.reason(), Some(Reason::WithdrawnBySender));
    pair.settle();
    assert_eq!(labels(&pair), (Some(Label::Released), Some(Label::Released)));
}

#[test]
fn once_the_person_arrived_a_professional_answers() {
    let mut pair = disclosed(FeedbackLevel::Attended);
    pair.act(Receiver, Act::Arrive).unwrap();
    pair.act(Sender, Act::Withdraw { reason: Reason::NoLongerNeeded }).unwrap();
    let answered = pair.deliver(Sender).unwrap().unwrap();
    assert!(answered.drafts.is_empty());
    let due = due(pair.receiver.thread()).unwrap();
    assert_eq!((due.kind, due.owner), (DueKind::Withdrawal, Owner::Us));
    assert_eq!(due.at, START.plus(Span::days(14)), "ten working days");
}

#[test]
fn below_attended_a_professional_answers_in_every_case_so_that_delay_tells_nothing() {
    let mut pair = disclosed(FeedbackLevel::Accepted);
    pair.act(Sender, Act::Withdraw { reason: Reason::NoLongerNeeded }).unwrap();
    assert!(pair.deliver(Sender).unwrap().unwrap().drafts.is_empty());
    pair.act(Receiver, Act::Release { reason: Reason::WithdrawnBySender }).unwrap();
    pair.settle();
    assert_eq!(labels(&pair), (Some(Label::Released), Some(Label::Released)));
}

/// The deadline of an urgent-soon referral sent at the start.
const DEADLINE: Timestamp = START.plus(Span::hours(72));

#[test]
fn unanswered_it_expires_a_quarter_of_an_hour_after_the_deadline_and_not_before() {
    let mut pair = Pair::opened(referral(FeedbackLevel::Accepted));
    assert_eq!(pair.sender.wake_at, Some(DEADLINE.plus(Span::minutes(15))));
    pair.settle();
    pair.now = DEADLINE.plus(Span::minutes(15)).minus(Span(1));
    assert!(pair.wake(Sender).drafts.is_empty());
    assert!(pair.wake(Receiver).drafts.is_empty(), "only the sender's node judges it");
    pair.pass(Span(1));
    assert_eq!(kinds(&pair.wake(Sender)), [K::Expired]);
    pair.settle();
    assert_eq!(labels(&pair), (Some(Label::Expired), Some(Label::Expired)));
}

#[test]
fn the_time_the_sender_let_a_question_wait_is_given_back() {
    let mut pair = Pair::opened(referral(FeedbackLevel::Accepted));
    pair.settle();
    pair.act(Receiver, Act::AskInfo { question: Question::HasDevice }).unwrap();
    pair.settle();
    pair.pass(Span::days(2));
    pair.act(Sender, Act::GiveInfo { reply: Reply::Yes }).unwrap();
    pair.settle();
    let due = DEADLINE.plus(Span::minutes(15)).plus(Span::days(2));
    assert_eq!(pair.sender.wake_at, Some(due));
    pair.now = due.minus(Span(1));
    assert!(pair.wake(Sender).drafts.is_empty());
    pair.pass(Span(1));
    assert_eq!(kinds(&pair.wake(Sender)), [K::Expired]);
}

#[test]
fn an_open_question_gives_seven_days_at_most_and_one_wake() {
    let mut pair = Pair::opened(referral(FeedbackLevel::Accepted));
    pair.settle();
    pair.act(Receiver, Act::AskInfo { question: Question::HasDevice }).unwrap();
    pair.settle();
    let due = DEADLINE.plus(Span::minutes(15)).plus(Span::days(7));
    assert_eq!(pair.sender.wake_at, Some(due));
    pair.now = due.minus(Span(1));
    assert!(pair.wake(Sender).drafts.is_empty());
    pair.pass(Span(1));
    assert_eq!(kinds(&pair.wake(Sender)), [K::Expired]);
}

#[test]
fn nothing_expires_while_clocks_are_apart() {
    let mut pair = Pair::opened(referral(FeedbackLevel::Accepted));
    pair.settle();
    pair.sender.disclosures = Disclosures::Held;
    pair.now = DEADLINE.plus(Span::days(1));
    let held = pair.wake(Sender);
    assert!(held.drafts.is_empty());
    assert_eq!(held.wake_at, Some(pair.now.plus(Span::minutes(1))), "it looks again");
    pair.sender.disclosures = Disclosures::Open;
    assert_eq!(kinds(&pair.wake(Sender)), [K::Expired]);
}

#[test]
fn a_held_disclosure_waits_and_leaves_when_clocks_agree() {
    let mut pair = Pair::opened(referral(FeedbackLevel::Accepted));
    pair.settle();
    pair.sender.disclosures = Disclosures::Held;
    pair.act(Receiver, accept()).unwrap();
    let held = pair.deliver(Receiver).unwrap().unwrap();
    assert!(held.drafts.is_empty());
    assert_eq!(held.wake_at, Some(pair.now.plus(Span::minutes(1))));
    pair.sender.disclosures = Disclosures::Open;
    assert_eq!(kinds(&pair.wake(Sender)), [K::Disclosed]);
}

#[test]
fn while_disclosure_is_held_a_professional_may_take_it_back() {
    let mut pair = Pair::opened(referral(FeedbackLevel::Accepted));
    pair.settle();
    pair.sender.disclosures = Disclosures::Held;
    pair.act(Receiver, accept()).unwrap();
    pair.deliver(Receiver).unwrap();
    let decided = pair.act(Sender, Act::Withdraw { reason: Reason::Other }).unwrap();
    assert_eq!(kinds(&decided), [K::Withdrawn]);
    pair.sender.disclosures = Disclosures::Open;
    assert!(pair.wake(Sender).drafts.is_empty(), "nothing leaves afterwards");
    pair.settle();
    assert_eq!(labels(&pair), (Some(Label::Withdrawn), Some(Label::Withdrawn)));
}

#[test]
fn an_acceptance_under_a_consent_that_no_longer_covers_is_answered_by_a_withdrawal() {
    let mut pair = Pair::opened(referral(FeedbackLevel::Accepted));
    pair.settle();
    let consent = &mut pair.sender.thread.as_mut().unwrap().consent;
    consent.as_mut().unwrap().consent.classes.remove(&crate::class::DataClass::Contact);
    pair.act(Receiver, accept()).unwrap();
    let answered = pair.deliver(Receiver).unwrap().unwrap();
    assert_eq!(kinds(&answered), [K::Withdrawn]);
    assert_eq!(answered.drafts[0].content.reason(), Some(Reason::ConsentLapsed));
    pair.settle();
    assert_eq!(labels(&pair), (Some(Label::Withdrawn), Some(Label::Withdrawn)));
    assert!(!pair.receiver.ever_held.has(ContentPart::StageTwo));
}

#[test]
fn a_waiting_list_needs_a_review_in_the_future() {
    let mut pair = disclosed(FeedbackLevel::Accepted);
    let past = pair.act(Receiver, Act::Waitlist { review: pair.now }).unwrap_err();
    assert_eq!(past.to_string(), "review: is in the past: choose a later date");
    let review = pair.now.plus(Span::days(20));
    let decided = pair.act(Receiver, Act::Waitlist { review }).unwrap();
    assert_eq!(kinds(&decided), [K::Waitlisted], "a waiting list may be told at every level");
    pair.settle();
    assert_eq!(pair.sender.thread().step(), Step::Waitlisted);
    let appointment = Act::Schedule { appointment: pair.now, place: None };
    assert_eq!(
        pair.act(Receiver, appointment).unwrap_err().to_string(),
        "appointment: is in the past: choose a later instant"
    );
}

#[test]
fn a_note_is_blanked_by_its_author_alone() {
    let mut pair = disclosed(FeedbackLevel::Accepted);
    pair.act(Sender, Act::Note { text: personal("prefers mornings") }).unwrap();
    pair.settle();
    let refusal = pair.act(Receiver, Act::Void { sequence: 3 }).unwrap_err();
    let hint = "only one of your own notes, questions or steps can be blanked";
    assert_eq!(refusal, not_allowed(K::Voided, hint));
    pair.act(Sender, Act::Void { sequence: 3 }).unwrap();
    pair.settle();
    for side in [Sender, Receiver] {
        let note = &pair.node(side).thread().sender[2];
        assert_eq!((note.skeleton.kind, &note.content), (K::Note, &None));
    }
    assert_eq!(pair.sender.state(), pair.receiver.state(), "the state is untouched");
}

#[test]
fn an_outcome_is_corrected_under_the_same_label() {
    let mut pair = disclosed(FeedbackLevel::Outcome);
    pair.act(Receiver, close()).unwrap();
    let correct = || Act::Correct { outcome: Outcome::NeedPartlyMet };
    assert!(matches!(pair.act(Sender, correct()).unwrap_err(), Refusal::NotAllowed { .. }));
    pair.act(Receiver, correct()).unwrap();
    pair.settle();
    let told = last_content(&pair, Receiver, Sender).course.unwrap().outcome;
    assert_eq!(told, Some(Outcome::NeedPartlyMet));
    assert_eq!(labels(&pair), (Some(Label::Closed), Some(Label::Closed)));
}

#[test]
fn below_outcome_nothing_can_be_corrected_because_nothing_was_told() {
    let mut pair = disclosed(FeedbackLevel::Attended);
    pair.act(Receiver, close()).unwrap();
    let refusal = pair.act(Receiver, Act::Correct { outcome: Outcome::NeedNotMet }).unwrap_err();
    assert!(matches!(refusal, Refusal::NotAllowed { kind: K::Corrected, .. }));
}

#[test]
fn a_disclosure_that_comes_after_the_end_is_dropped_unopened_and_answered_by_a_receipt() {
    let mut pair = Pair::opened(referral(FeedbackLevel::Accepted));
    pair.settle();
    pair.act(Receiver, accept()).unwrap();
    pair.deliver(Receiver).unwrap();
    pair.act(Receiver, Act::Release { reason: Reason::Duplicate }).unwrap();
    let late = pair.deliver(Sender).unwrap().unwrap();
    assert_eq!(late.received, Some((Counts::Yes, Keep::Skeleton)));
    assert_eq!(kinds(&late), [K::Erased]);
    let erasure = late.drafts[0].content.erasure.clone().unwrap();
    assert_eq!(erasure.parts, [ContentPart::StageTwo].into());
    pair.settle();
    assert!(!pair.receiver.ever_held.has(ContentPart::StageTwo));
    assert!(pair.sender.state().erased_by(Receiver).has(ContentPart::StageTwo));
    assert_eq!(labels(&pair), (Some(Label::Released), Some(Label::Released)));
}

#[test]
fn a_walk_in_sends_no_stage_two_and_closes_like_another() {
    let mut pair = Pair::opened(walk_in(FeedbackLevel::Outcome));
    pair.settle();
    assert_eq!(pair.receiver.thread().step(), Step::Accepted, "the offer is the acceptance");
    let refusal = pair.act(Receiver, accept()).unwrap_err();
    assert!(matches!(refusal, Refusal::NotAllowed { kind: K::Accepted, .. }));
    pair.act(Receiver, Act::Arrive).unwrap();
    pair.act(Receiver, close()).unwrap();
    pair.settle();
    assert_eq!(labels(&pair), (Some(Label::Closed), Some(Label::Closed)));
    assert!(!pair.receiver.ever_held.has(ContentPart::StageTwo));
}

#[test]
fn a_walk_in_nobody_came_for_is_released_by_the_receivers_node_at_its_deadline() {
    for (level, told) in
        [(FeedbackLevel::Accepted, Reason::Other), (FeedbackLevel::Attended, Reason::DidNotCome)]
    {
        let mut pair = Pair::opened(walk_in(level));
        pair.settle();
        assert_eq!(pair.receiver.wake_at, Some(DEADLINE));
        pair.now = DEADLINE.minus(Span(1));
        assert!(pair.wake(Receiver).drafts.is_empty());
        pair.now = DEADLINE.plus(Span::minutes(20));
        assert!(pair.wake(Sender).drafts.is_empty(), "the sender's clock does not judge a walk-in");
        let released = pair.wake(Receiver);
        assert_eq!(kinds(&released), [K::Released]);
        assert_eq!(released.drafts[0].content.reason(), Some(told));
        pair.settle();
        assert_eq!(labels(&pair), (Some(Label::Released), Some(Label::Released)));
    }
}

#[test]
fn a_walk_in_is_refused_as_full_only_and_only_before_the_person_came() {
    let refuse = |reason| Act::Refuse { reason, suggestions: Vec::new() };
    let mut pair = Pair::opened(walk_in(FeedbackLevel::Accepted));
    pair.settle();
    let other = pair.act(Receiver, refuse(Reason::NotEligible)).unwrap_err();
    assert_eq!(other.to_string(), "reason: is not one of full");
    let mut came = pair.clone();
    came.act(Receiver, Act::Arrive).unwrap();
    let hint = "the person came; release or close it";
    assert_eq!(came.act(Receiver, refuse(Reason::Full)).unwrap_err(), not_allowed(K::Refused, hint));
    came.now = DEADLINE.plus(Span::days(1));
    assert!(came.wake(Receiver).drafts.is_empty(), "a local arrival keeps it open");
    pair.act(Receiver, refuse(Reason::Full)).unwrap();
    pair.settle();
    assert_eq!(labels(&pair), (Some(Label::Refused), Some(Label::Refused)));
}

#[test]
fn a_walk_in_holds_nothing_for_later() {
    let refused = |opening: Opening| {
        let mut pair = Pair::new();
        pair.command(Sender, Command::Open(Box::new(opening))).unwrap_err().to_string()
    };
    let later = Opening { stage_two: stage_two(), ..walk_in(FeedbackLevel::Accepted) };
    let words = "stage_two: nothing leaves after a walk-in referral: the person comes by themselves";
    assert_eq!(refused(later), words);
    let wide =
        Opening { consent: referral(FeedbackLevel::Accepted).consent, ..walk_in(FeedbackLevel::Accepted) };
    assert_eq!(refused(wide), "name: leaves only after the other structure accepted");
}

#[test]
fn a_small_commune_leaves_as_its_epci() {
    let mut opening = referral(FeedbackLevel::Accepted);
    let small = Territory::parse("17019").unwrap();
    assert!(matches!(small, Territory::Commune(_)));
    opening.stage_one.need.as_mut().unwrap().territory = small;
    let pair = Pair::opened(opening);
    let told = pair.sender.thread().opening().unwrap().need.as_ref().unwrap().territory;
    assert!(matches!(told, Territory::Epci(_)), "{told:?}");
}

#[test]
fn the_level_is_fixed_in_sent_below_what_the_consent_allows() {
    let mut opening = referral(FeedbackLevel::Outcome);
    opening.stage_one.need.as_mut().unwrap().feedback = FeedbackLevel::Accepted;
    let mut pair = Pair::opened(opening);
    pair.settle();
    pair.act(Receiver, accept()).unwrap();
    pair.settle();
    assert_eq!(pair.act(Receiver, Act::Arrive).unwrap().drafts.len(), 0);
    let course = Course { appointment: Some(pair.now), ..Course::default() };
    let told = forged(&pair, Receiver, K::Scheduled, Content::at(pair.now).with_course(course));
    let stored = pair.bring(Sender, told).unwrap();
    assert_eq!(stored.received, Some((Counts::No, Keep::Skeleton)));
}

#[test]
fn a_name_is_told_before_the_answer_only_to_a_service_that_must_know_it() {
    let mut opening = referral(FeedbackLevel::Accepted);
    let mut early = opening.consent.consent.clone();
    early.name_stage = crate::class::Stage::One;
    opening.consent = signed(early);
    opening.stage_one.name = Some(name());
    let command = Authenticated::vouched_by(sender_id(), sender_id(), Command::Open(Box::new(opening)));
    let decided = decide(&Pair::new().sender.facts(), command, START).unwrap();
    assert!(decided.drafts[0].content.name.is_some() && decided.drafts[0].content.contact.is_none());
}

pub(super) fn not_allowed(kind: EventKind, hint: &'static str) -> Refusal {
    Refusal::NotAllowed { kind, hint }
}

#[test]
fn standing_is_active_as_long_as_nobody_ended_it() {
    let pair = disclosed(FeedbackLevel::Accepted);
    assert_eq!(pair.sender.thread().standing, Standing::Active);
    assert_eq!(pair.receiver.thread().standing, Standing::Active);
}

#[test]
fn a_question_that_waits_for_its_answer_is_not_blanked() {
    let mut pair = Pair::opened(referral(FeedbackLevel::Accepted));
    pair.settle();
    pair.act(Receiver, Act::AskInfo { question: Question::HasDevice }).unwrap();
    let refused = pair.act(Receiver, Act::Void { sequence: 1 }).unwrap_err();
    let hint = "the question waits for its answer; answer the referral instead, or wait";
    assert_eq!(refused, not_allowed(K::Voided, hint));
    pair.settle();
    pair.act(Sender, Act::GiveInfo { reply: Reply::Yes }).unwrap();
    pair.settle();
    pair.act(Receiver, Act::Void { sequence: 1 }).unwrap();
}
