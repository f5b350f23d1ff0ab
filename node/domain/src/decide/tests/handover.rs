//! A handover: a promise, a date, and exactly one responsible.

use super::fixtures::*;
use super::harness::*;
use super::referral::not_allowed;
use super::stopped::assert_gone;
use crate::content::*;
use crate::event::{Counts, EventKind, Side};
use crate::fold::Label;
use crate::id::FollowUpId;
use crate::refusal::Refusal;
use crate::thread::*;
use crate::time::{Span, Timestamp};

use EventKind as K;
use Side::{Receiver, Sender};

const OFFER_UNTIL: Timestamp = START.plus(Span::days(30));
const DATE: Timestamp = START.plus(Span::days(10));

fn accept(not_before: Option<Timestamp>) -> Act {
    Act::Accept { professional: professional(), not_before }
}

/// A handover promised from a date on, disclosed, everything delivered.
fn promised(signing: Signing) -> Pair {
    let mut pair = Pair::opened(Opening { signing, ..handover() });
    pair.settle();
    pair.act(Receiver, accept(Some(DATE))).unwrap();
    pair.settle();
    assert!(pair.receiver.state().disclosed);
    pair
}

fn responsible(pair: &Pair) -> [Side; 2] {
    [pair.sender.state().responsible(), pair.receiver.state().responsible()]
}

#[test]
fn the_holders_node_signs_on_the_date_and_the_follow_up_moves() {
    let mut pair = promised(Signing::ByItself);
    assert_eq!(responsible(&pair), [Sender, Sender], "a promise moves nothing");
    assert!(pair.receiver.ever_held.has(ContentPart::StageTwo));
    assert_eq!(pair.sender.wake_at, Some(DATE));
    pair.now = DATE.minus(Span(1));
    assert!(pair.wake(Sender).drafts.is_empty(), "never before the date");
    pair.now = DATE;
    let signed = pair.wake(Sender);
    assert_eq!(kinds(&signed), [K::Effective]);
    assert_eq!(signed.follow_up, Some(FollowUpChange::HandOver(follow_up())));
    assert_eq!(responsible(&pair), [Receiver, Sender], "not yet confirmed: the holder keeps following");
    let heard = pair.deliver(Sender).unwrap().unwrap();
    assert_eq!(heard.follow_up, Some(FollowUpChange::Open(FollowUpId::from_random([9; 16]))));
    assert_eq!(responsible(&pair), [Receiver, Receiver]);
    assert_eq!(labels(&pair), (Some(Label::Effective), Some(Label::Effective)));
}

#[test]
fn without_a_date_it_is_effective_with_the_disclosure() {
    let mut pair = Pair::opened(handover());
    pair.settle();
    pair.act(Receiver, accept(None)).unwrap();
    let stored = pair.deliver(Receiver).unwrap().unwrap();
    assert_eq!(kinds(&stored), [K::Disclosed, K::Effective]);
}

#[test]
fn a_professional_who_wants_to_be_asked_is_asked() {
    let mut pair = promised(Signing::Asks);
    let early = pair.act(Sender, Act::MakeEffective).unwrap_err();
    let hint = "it must be accepted, disclosed, not renounced, on or after its date and within the offer";
    assert_eq!(early, not_allowed(K::Effective, hint));
    pair.now = DATE;
    assert!(pair.wake(Sender).drafts.is_empty());
    let signed = pair.act(Sender, Act::MakeEffective).unwrap();
    assert_eq!(kinds(&signed), [K::Effective]);
    assert_eq!(signed.follow_up, Some(FollowUpChange::HandOver(follow_up())));
    let other = pair.act(Receiver, Act::MakeEffective).unwrap_err();
    assert_eq!(other, not_allowed(K::Effective, "only the structure that opened it can do this"));
}

#[test]
fn undecided_when_the_offer_ends_it_is_cancelled() {
    let mut pair = promised(Signing::Asks);
    pair.now = OFFER_UNTIL;
    assert!(pair.wake(Sender).drafts.is_empty(), "the last instant is still good");
    assert_eq!(pair.wake(Sender).wake_at, Some(OFFER_UNTIL.plus(Span(1))));
    pair.pass(Span(1));
    let refused = pair.act(Sender, Act::MakeEffective).unwrap_err();
    assert!(matches!(refused, Refusal::NotAllowed { kind: K::Effective, .. }), "never after the offer");
    let cancelled = pair.wake(Sender);
    assert_eq!(kinds(&cancelled), [K::Cancelled]);
    assert_eq!(cancelled.drafts[0].content.reason(), Some(Reason::Expired));
    pair.settle();
    assert_eq!(responsible(&pair), [Sender, Sender]);
    assert_eq!(labels(&pair), (Some(Label::Cancelled), Some(Label::Cancelled)));
}

#[test]
fn a_proposal_is_refused_or_taken_back() {
    let mut pair = Pair::opened(handover());
    pair.settle();
    let mut refused = pair.clone();
    refused.act(Receiver, Act::Refuse { reason: Reason::Full, suggestions: Vec::new() }).unwrap();
    refused.settle();
    assert_eq!(labels(&refused), (Some(Label::Refused), Some(Label::Refused)));
    let withdraw = pair.act(Sender, Act::Withdraw { reason: Reason::Other }).unwrap_err();
    assert_eq!(withdraw, not_allowed(K::Withdrawn, "a handover is cancelled, not withdrawn"));
    pair.act(Sender, Act::Cancel).unwrap();
    pair.settle();
    assert_eq!(labels(&pair), (Some(Label::Cancelled), Some(Label::Cancelled)));
    assert!(!pair.receiver.ever_held.has(ContentPart::StageTwo));
}

#[test]
fn after_accepting_the_receiver_asks_to_be_let_off_and_the_holders_node_answers() {
    let mut pair = promised(Signing::ByItself);
    pair.act(Receiver, Act::Renounce).unwrap();
    assert!(!pair.receiver.state().ended, "it only asks");
    let answered = pair.deliver(Receiver).unwrap().unwrap();
    assert_eq!(kinds(&answered), [K::Cancelled]);
    assert_eq!(answered.drafts[0].content.reason(), Some(Reason::Renounced));
    pair.settle();
    assert_eq!(responsible(&pair), [Sender, Sender]);
    let late = pair.act(Receiver, Act::Renounce).unwrap_err();
    assert_eq!(late, not_allowed(K::Renounced, "only an accepted handover can be renounced"));
}

#[test]
fn renouncing_after_effective_was_signed_changes_nothing() {
    let mut pair = promised(Signing::ByItself);
    pair.now = DATE;
    pair.wake(Sender);
    pair.act(Receiver, Act::Renounce).unwrap();
    let heard = pair.deliver(Receiver).unwrap().unwrap();
    assert!(heard.drafts.is_empty(), "going back is a new handover");
    pair.settle();
    assert_eq!(responsible(&pair), [Receiver, Receiver]);
}

#[test]
fn a_stop_and_effective_crossing_leave_the_receiver_responsible_and_nothing_kept() {
    let mut pair = promised(Signing::ByItself);
    pair.now = DATE;
    pair.wake(Sender);
    pair.act(Receiver, Act::StopConsent).unwrap();
    let heard = pair.deliver(Sender).unwrap().unwrap();
    assert_eq!(
        heard.received,
        Some((Counts::Yes, Keep::Everything)),
        "it counts although the offer is erased"
    );
    assert!(matches!(heard.follow_up, Some(FollowUpChange::Open(_))));
    pair.settle();
    assert_eq!(responsible(&pair), [Receiver, Receiver]);
    assert_gone(&pair);
}

#[test]
fn a_stop_before_effective_cancels_it_and_one_after_it_erases() {
    let mut before = promised(Signing::ByItself);
    before.act(Receiver, Act::StopConsent).unwrap();
    before.settle();
    before.now = DATE;
    assert!(before.wake(Sender).drafts.is_empty());
    assert_eq!(responsible(&before), [Sender, Sender]);
    assert_gone(&before);

    let mut after = promised(Signing::ByItself);
    after.now = DATE;
    after.wake(Sender);
    after.settle();
    after.act(Sender, Act::StopConsent).unwrap();
    after.settle();
    assert_eq!(responsible(&after), [Receiver, Receiver]);
    assert_gone(&after);
}

#[test]
fn a_handover_waits_while_clocks_are_apart_or_the_partner_is_suspended() {
    let mut pair = promised(Signing::ByItself);
    pair.now = DATE;
    pair.sender.disclosures = Disclosures::Held;
    let held = pair.wake(Sender);
    assert!(held.drafts.is_empty());
    assert_eq!(held.wake_at, Some(DATE.plus(Span::minutes(1))), "it looks again");
    pair.sender.disclosures = Disclosures::Open;
    pair.sender.trust = Some(Trust::Suspended);
    assert!(pair.wake(Sender).drafts.is_empty());
    assert_eq!(pair.act(Sender, Act::MakeEffective).unwrap_err(), Refusal::PeerSuspended);
    pair.sender.trust = Some(Trust::Paired);
    assert_eq!(kinds(&pair.wake(Sender)), [K::Effective]);
}

#[test]
fn a_handover_needs_its_follow_up_and_its_content_and_no_walk_in() {
    let refused = |opening: Opening| {
        let mut pair = Pair::new();
        pair.command(Sender, Command::Open(Box::new(opening))).unwrap_err()
    };
    let none = refused(Opening { follow_up: None, ..handover() });
    assert_eq!(none.to_string(), "follow_up: a handover needs the follow-up that is handed over");
    let empty = refused(Opening { stage_two: stage_two(), ..handover() });
    assert_eq!(empty, Refusal::Missing(crate::class::DataClass::Handover));
    let mut walk_in = handover();
    walk_in.stage_one.need.as_mut().unwrap().walk_in = Some(crate::digest::Digest::of(b"offer"));
    assert_eq!(refused(walk_in).to_string(), "need.walk_in: a handover has no walk-in: leave it out");
}

#[test]
fn a_holder_whose_follow_up_is_gone_cannot_make_it_effective() {
    let mut pair = promised(Signing::Asks);
    pair.now = DATE;
    pair.sender.thread.as_mut().unwrap().follow_up = None;
    assert_eq!(pair.act(Sender, Act::MakeEffective).unwrap_err(), Refusal::FollowUpNotHeld);
}

#[test]
fn an_effective_out_of_time_or_undisclosed_has_no_effect() {
    let pair = promised(Signing::Asks);
    for created in [DATE.minus(Span(1)), OFFER_UNTIL.plus(Span(1))] {
        let mut pair = pair.clone();
        pair.now = created;
        let lying = forged(&pair, Sender, K::Effective, Content::at(created));
        let heard = pair.bring(Receiver, lying).unwrap();
        assert_eq!(heard.received, Some((Counts::No, Keep::Skeleton)));
        assert_eq!((heard.follow_up, pair.receiver.state().responsible()), (None, Sender));
    }
    let mut undisclosed = Pair::opened(handover());
    undisclosed.settle();
    let lying = forged(&undisclosed, Sender, K::Effective, Content::at(undisclosed.now));
    assert_eq!(undisclosed.bring(Receiver, lying).unwrap().received, Some((Counts::No, Keep::Skeleton)));
}

#[test]
fn responsibility_never_moves_by_a_clock_that_is_ahead() {
    let mut pair = promised(Signing::Asks);
    pair.sender.ahead = DATE.since(pair.now);
    pair.act(Sender, Act::MakeEffective).unwrap();
    assert_eq!(pair.deliver(Sender).unwrap_err(), Refusal::FromTheFuture);
    assert_eq!(pair.receiver.state().responsible(), Sender);
    pair.now = DATE;
    pair.sender.ahead = Span::ZERO;
    pair.deliver(Sender).unwrap();
    assert_eq!(pair.receiver.state().responsible(), Receiver);
}
