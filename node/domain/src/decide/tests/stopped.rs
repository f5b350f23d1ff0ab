//! A consent ends: stopped, expired, replaced, invalid. Stopping is always possible and wins.

use super::fixtures::*;
use super::harness::*;
use super::referral::{accept, disclosed, not_allowed};
use crate::authority::Authenticated;
use crate::consent::Standing;
use crate::content::*;
use crate::decide::decide;
use crate::digest::Digest;
use crate::event::{Counts, EventKind, Side};
use crate::fold::Label;
use crate::refusal::Refusal;
use crate::thread::*;
use crate::time::Span;

use EventKind as K;
use Side::{Receiver, Sender};

/// Neither end holds what the consent covered, and each said so once for each part it had held.
pub(super) fn assert_gone(pair: &Pair) {
    for side in [Sender, Receiver] {
        let node = pair.node(side);
        assert_eq!(node.erasable_held(), [], "{side}");
        assert_eq!(node.thread().consent, None, "{side}");
        assert_eq!(node.thread().prepared, None, "{side}");
        let erased = pair.node(side.other()).state().erased_by(side);
        for part in ERASABLE.into_iter().filter(|part| node.ever_held.has(*part)) {
            assert!(erased.has(part), "{side} wrote no receipt for {part}");
        }
    }
}

#[test]
fn a_stop_at_either_end_erases_both_and_is_answered_by_receipts() {
    for stopping in [Sender, Receiver] {
        let mut pair = disclosed(FeedbackLevel::Outcome);
        pair.act(Receiver, Act::Arrive).unwrap();
        pair.settle();
        let stopped = pair.act(stopping, Act::StopConsent).unwrap();
        assert_eq!(kinds(&stopped), [K::ConsentEnded, K::Erased]);
        assert_eq!(stopped.standing, Standing::Stopped);
        let heard = pair.deliver(stopping).unwrap().unwrap();
        assert_eq!(kinds(&heard), [K::Erased], "at once, in the decision that stores the stop");
        assert_eq!(heard.standing, Standing::Stopped);
        pair.settle();
        assert_gone(&pair);
        assert_eq!(labels(&pair), (Some(Label::ConsentEnded), Some(Label::ConsentEnded)));
    }
}

#[test]
fn a_stop_can_be_written_by_both_ends_once_each() {
    let mut pair = disclosed(FeedbackLevel::Accepted);
    pair.act(Sender, Act::StopConsent).unwrap();
    pair.act(Receiver, Act::StopConsent).unwrap();
    let again = pair.act(Sender, Act::StopConsent).unwrap_err();
    assert_eq!(again, not_allowed(K::ConsentEnded, "this structure already wrote that the consent ended"));
    pair.settle();
    assert_gone(&pair);
}

#[test]
fn a_stop_still_passes_on_an_ended_thread_and_erases_what_was_kept() {
    let mut pair = disclosed(FeedbackLevel::Accepted);
    pair.act(Receiver, Act::Release { reason: Reason::Duplicate }).unwrap();
    pair.settle();
    pair.act(Sender, Act::StopConsent).unwrap();
    pair.settle();
    assert_gone(&pair);
    assert_eq!(labels(&pair), (Some(Label::Released), Some(Label::Released)), "it had ended before");
}

#[test]
fn a_stop_wins_the_race_against_a_closing() {
    let mut pair = disclosed(FeedbackLevel::Outcome);
    pair.act(Receiver, Act::Close { outcome: Outcome::NeedMet, account: None }).unwrap();
    pair.act(Sender, Act::StopConsent).unwrap();
    let late = pair.deliver(Receiver).unwrap().unwrap();
    assert_eq!(late.received, Some((Counts::Yes, Keep::Skeleton)), "its outcome is not kept");
    pair.settle();
    assert_gone(&pair);
    assert_eq!(labels(&pair), (Some(Label::ConsentEnded), Some(Label::ConsentEnded)));
}

#[test]
fn a_stop_before_disclosure_destroys_the_prepared_stage_two() {
    let mut pair = Pair::opened(referral(FeedbackLevel::Accepted));
    pair.settle();
    pair.act(Receiver, accept()).unwrap();
    pair.act(Sender, Act::StopConsent).unwrap();
    assert_eq!(pair.sender.thread().prepared, None);
    let stored = pair.deliver(Receiver).unwrap().unwrap();
    assert!(!kinds(&stored).contains(&K::Disclosed));
    pair.settle();
    assert!(!pair.receiver.ever_held.has(ContentPart::StageTwo));
    assert_gone(&pair);
}

#[test]
fn a_disclosure_under_way_when_the_receiver_stops_is_dropped_and_answered() {
    let mut pair = Pair::opened(referral(FeedbackLevel::Accepted));
    pair.settle();
    pair.act(Receiver, accept()).unwrap();
    pair.deliver(Receiver).unwrap();
    let stopped = pair.act(Receiver, Act::StopConsent).unwrap();
    assert_eq!(stopped.drafts[1].content.erasure.as_ref().unwrap().parts, [ContentPart::StageOne].into());
    let late = pair.deliver(Sender).unwrap().unwrap();
    assert_eq!(late.received, Some((Counts::Yes, Keep::Skeleton)));
    assert_eq!(late.drafts[0].content.erasure.as_ref().unwrap().parts, [ContentPart::StageTwo].into());
    pair.settle();
    assert!(!pair.receiver.ever_held.has(ContentPart::StageTwo));
    assert_gone(&pair);
}

#[test]
fn a_stop_before_delivery_means_nothing_is_ever_delivered() {
    let mut pair = Pair::opened(referral(FeedbackLevel::Accepted));
    pair.act(Sender, Act::StopConsent).unwrap();
    assert_eq!(pair.deliver(Sender).unwrap_err(), Refusal::ContentGone);
    assert!(Refusal::ContentGone.is_final());
    assert!(pair.receiver.thread.is_none());
    assert_eq!(pair.sender.erasable_held(), []);
}

#[test]
fn a_consent_expires_at_each_end_by_its_own_clock() {
    let mut pair = disclosed(FeedbackLevel::Accepted);
    let until = pair.sender.thread().valid_until;
    assert_eq!(pair.wake(Sender).wake_at, Some(until));
    pair.receiver.ahead = Span::minutes(4);
    pair.now = until.minus(Span::minutes(4));
    assert!(pair.wake(Sender).drafts.is_empty());
    let expired = pair.wake(Receiver);
    assert_eq!(kinds(&expired), [K::ConsentEnded, K::Erased]);
    assert_eq!(expired.drafts[0].content.reason(), Some(Reason::Expired));
    let heard = pair.deliver(Receiver).unwrap().unwrap();
    assert_eq!((kinds(&heard), heard.standing), (vec![K::Erased], Standing::Expired));
    pair.now = until;
    pair.settle();
    assert!(pair.wake(Sender).drafts.is_empty(), "it has seen the other's");
    assert_gone(&pair);
    assert_eq!(labels(&pair), (Some(Label::ConsentEnded), Some(Label::ConsentEnded)));
}

#[test]
fn both_ends_may_write_the_expiry_before_either_hears_of_it() {
    let mut pair = disclosed(FeedbackLevel::Accepted);
    pair.now = pair.sender.thread().valid_until;
    assert_eq!(kinds(&pair.wake(Sender)), [K::ConsentEnded, K::Erased]);
    assert_eq!(kinds(&pair.wake(Receiver)), [K::ConsentEnded, K::Erased]);
    pair.settle();
    assert_gone(&pair);
}

#[test]
fn nothing_expires_by_a_clock_that_may_be_wrong_but_nothing_leaves_either() {
    let mut pair = disclosed(FeedbackLevel::Accepted);
    pair.now = pair.sender.thread().valid_until;
    pair.receiver.disclosures = Disclosures::Held;
    assert!(pair.wake(Receiver).drafts.is_empty());
    let note = pair.act(Receiver, Act::Note { text: personal("comes on foot") }).unwrap_err();
    assert_eq!(note, Refusal::Consent(crate::consent::ConsentRefusal::Ended(Standing::Expired)));
    assert_eq!(kinds(&pair.act(Receiver, Act::StopConsent).unwrap()), [K::ConsentEnded, K::Erased]);
}

#[test]
fn a_consent_replaced_or_never_valid_ends_the_thread_and_says_why() {
    for (reason, standing) in [
        (Reason::Superseded, Standing::Superseded),
        (Reason::Invalidated, Standing::Invalidated),
        (Reason::Stopped, Standing::Stopped),
        (Reason::Expired, Standing::Expired),
    ] {
        let mut pair = disclosed(FeedbackLevel::Accepted);
        let course = Course { reason: Some(reason), ..Course::default() };
        let ended = forged(&pair, Sender, K::ConsentEnded, Content::at(pair.now).with_course(course));
        let heard = pair.bring(Receiver, ended).unwrap();
        assert_eq!((heard.standing, kinds(&heard)), (standing, vec![K::Erased]));
        assert_eq!(pair.receiver.thread().label(), Some(Label::ConsentEnded));
        assert_eq!(pair.receiver.erasable_held(), []);
    }
}

#[test]
fn a_stop_with_anything_more_in_it_stops_and_its_content_is_dropped() {
    let mut pair = disclosed(FeedbackLevel::Accepted);
    let told = [
        Content { note: Some(Note(personal("moved away"))), ..Content::at(pair.now) },
        Content::at(pair.now).with_course(Course { reason: Some(Reason::InEmployment), ..Course::default() }),
    ];
    for content in told {
        let mut pair = pair.clone();
        let ended = forged(&pair, Receiver, K::ConsentEnded, content);
        let heard = pair.bring(Sender, ended).unwrap();
        assert_eq!(heard.received, Some((Counts::Yes, Keep::Skeleton)));
        assert_eq!(heard.standing, Standing::Stopped);
        assert_eq!(pair.sender.erasable_held(), []);
    }
    pair.settle();
}

#[test]
fn a_reason_that_tells_of_the_person_never_rides_on_an_ending() {
    let mut pair = Pair::opened(referral(FeedbackLevel::Accepted));
    pair.settle();
    let course = Course { reason: Some(Reason::DidNotCome), ..Course::default() };
    let told = forged(&pair, Sender, K::Withdrawn, Content::at(pair.now).with_course(course));
    assert_eq!(pair.bring(Receiver, told).unwrap().received, Some((Counts::No, Keep::Skeleton)));
}

#[test]
fn a_suspended_partner_may_still_end_and_erase_and_nothing_else() {
    let mut pair = disclosed(FeedbackLevel::Accepted);
    pair.act(Sender, Act::StopConsent).unwrap();
    pair.receiver.trust = Some(Trust::Suspended);
    pair.settle();
    assert_gone(&pair);
    let mut pair = disclosed(FeedbackLevel::Accepted);
    pair.act(Sender, Act::Note { text: personal("prefers mornings") }).unwrap();
    pair.receiver.trust = Some(Trust::Suspended);
    let refusal = pair.deliver(Sender).unwrap_err();
    assert_eq!(refusal, Refusal::PeerSuspended);
    assert!(!refusal.is_final(), "it may be resumed: what it sent is not lost");
    pair.receiver.trust = Some(Trust::Removed);
    assert_eq!(pair.deliver(Sender).unwrap_err(), Refusal::UnknownPeer);
}

#[test]
fn to_a_suspended_partner_only_endings_leave() {
    let mut pair = Pair::opened(referral(FeedbackLevel::Accepted));
    pair.settle();
    pair.act(Receiver, accept()).unwrap();
    pair.deliver(Receiver).unwrap();
    pair.settle();
    pair.receiver.trust = Some(Trust::Suspended);
    let note = Act::Note { text: personal("comes on foot") };
    assert_eq!(pair.act(Receiver, note.clone()).unwrap_err(), Refusal::PeerSuspended);
    pair.receiver.trust = Some(Trust::Removed);
    assert_eq!(pair.act(Receiver, note.clone()).unwrap_err(), Refusal::UnknownPeer);
    pair.receiver.trust = None;
    assert_eq!(pair.act(Receiver, note).unwrap_err(), Refusal::UnknownPeer);
    assert_eq!(kinds(&pair.act(Receiver, Act::StopConsent).unwrap()), [K::ConsentEnded, K::Erased]);
}

#[test]
fn stage_two_never_leaves_to_a_suspended_partner() {
    let mut pair = Pair::opened(referral(FeedbackLevel::Accepted));
    pair.settle();
    pair.sender.disclosures = Disclosures::Held;
    pair.act(Receiver, accept()).unwrap();
    pair.deliver(Receiver).unwrap();
    pair.sender.disclosures = Disclosures::Open;
    pair.sender.trust = Some(Trust::Suspended);
    assert!(pair.wake(Sender).drafts.is_empty());
    pair.sender.trust = Some(Trust::Paired);
    assert_eq!(kinds(&pair.wake(Sender)), [K::Disclosed], "once it is resumed");
}

#[test]
fn a_frozen_thread_takes_a_stop_and_nothing_else() {
    let mut pair = disclosed(FeedbackLevel::Accepted);
    pair.receiver.thread.as_mut().unwrap().freeze = Freeze::Forked;
    let note = pair.act(Receiver, Act::Note { text: personal("comes on foot") }).unwrap_err();
    assert_eq!(note, Refusal::ThreadFrozen);
    pair.act(Sender, Act::StopConsent).unwrap();
    pair.settle();
    assert_gone(&pair);
    let mut pair = disclosed(FeedbackLevel::Accepted);
    pair.receiver.thread.as_mut().unwrap().freeze = Freeze::Forked;
    assert_eq!(kinds(&pair.act(Receiver, Act::StopConsent).unwrap()), [K::ConsentEnded, K::Erased]);
    pair.act(Sender, Act::Note { text: personal("prefers mornings") }).unwrap();
    assert_eq!(pair.deliver(Sender).unwrap_err(), Refusal::ThreadFrozen);
}

#[test]
fn a_frozen_thread_discloses_nothing_by_itself() {
    let mut pair = Pair::opened(referral(FeedbackLevel::Accepted));
    pair.settle();
    pair.sender.disclosures = Disclosures::Held;
    pair.act(Receiver, accept()).unwrap();
    pair.deliver(Receiver).unwrap();
    pair.sender.disclosures = Disclosures::Open;
    pair.sender.thread.as_mut().unwrap().freeze = Freeze::Forked;
    assert!(pair.wake(Sender).drafts.is_empty());
}

#[test]
fn what_is_stopped_takes_no_more() {
    let mut pair = disclosed(FeedbackLevel::Outcome);
    pair.act(Sender, Act::StopConsent).unwrap();
    pair.act(Receiver, Act::Arrive).unwrap();
    let late = pair.deliver(Receiver).unwrap().unwrap();
    assert_eq!(late.received, Some((Counts::Yes, Keep::Skeleton)));
    assert!(late.drafts.is_empty(), "nothing was held, so there is nothing to receipt");
    pair.settle();
    assert!(pair.act(Receiver, Act::Arrive).is_err());
    assert!(pair.act(Sender, Act::Note { text: personal("one more thing") }).is_err());
    assert_gone(&pair);
}

#[test]
fn a_duty_that_cannot_be_done_never_refuses_what_arrived() {
    let mut pair = disclosed(FeedbackLevel::Attended);
    pair.act(Sender, Act::Withdraw { reason: Reason::Other }).unwrap();
    pair.now = pair.sender.thread().valid_until;
    pair.receiver.disclosures = Disclosures::Held;
    let heard = pair.deliver(Sender).unwrap().unwrap();
    assert!(heard.drafts.is_empty(), "the consent is over: it waits for its end");
    pair.receiver.disclosures = Disclosures::Open;
    assert_eq!(kinds(&pair.wake(Receiver)), [K::ConsentEnded, K::Erased]);
    pair.settle();
    assert_gone(&pair);
}

#[test]
fn a_full_chain_still_hears_what_is_asked() {
    let mut pair = disclosed(FeedbackLevel::Attended);
    while pair.receiver.thread().receiver.len() < usize::try_from(crate::limits::CHAIN_EVENTS_MAX).unwrap() {
        pair.act(Receiver, Act::Note { text: personal("tried again") }).unwrap();
    }
    pair.act(Sender, Act::Withdraw { reason: Reason::Other }).unwrap();
    assert!(pair.deliver(Sender).unwrap().unwrap().drafts.is_empty());
}

#[test]
fn what_stands_before_a_stop_passes_a_suspension_bare_so_that_the_stop_arrives() {
    let mut pair = disclosed(FeedbackLevel::Accepted);
    pair.act(Sender, Act::Note { text: personal("prefers mornings") }).unwrap();
    pair.receiver.trust = Some(Trust::Suspended);
    assert_eq!(pair.deliver(Sender).unwrap_err(), Refusal::PeerSuspended);
    pair.act(Sender, Act::StopConsent).unwrap();
    let bare = pair.deliver(Sender).unwrap().unwrap();
    assert_eq!(bare.received, Some((Counts::Yes, Keep::Skeleton)), "the note was erased before it left");
    pair.settle();
    assert_gone(&pair);
    let mut opening = opening_delivery(referral(FeedbackLevel::Accepted));
    opening.content = None;
    let mut stranger = Pair::new();
    stranger.receiver.trust = Some(Trust::Suspended);
    assert_eq!(stranger.bring(Receiver, opening).unwrap_err(), Refusal::PeerSuspended, "nothing opens so");
}

#[test]
fn what_the_receiver_noted_before_the_person_came_goes_with_the_consent() {
    for (came, own) in [(false, true), (true, false)] {
        let mut pair = disclosed(FeedbackLevel::Accepted);
        let appointment = pair.now.plus(Span::days(2));
        pair.act(Receiver, Act::Schedule { appointment, place: None }).unwrap();
        if came {
            pair.act(Receiver, Act::Arrive).unwrap();
        }
        pair.act(Sender, Act::StopConsent).unwrap();
        let heard = pair.deliver(Sender).unwrap().unwrap();
        assert_eq!(heard.erase.has(ContentPart::Own), own, "came: {came}");
    }
}

#[test]
fn a_stop_that_has_no_place_in_its_chain_still_erases_by_our_own_word() {
    for stopping in [Sender, Receiver] {
        let mut pair = disclosed(FeedbackLevel::Outcome);
        let hearing = stopping.other();
        pair.node_mut(hearing).thread.as_mut().unwrap().freeze = Freeze::Forked;
        let heed_for = |reason, signer, pair: &Pair| {
            let command = Authenticated::vouched_by(
                signer,
                signer,
                Command::HeedStop { event: Digest::of(b"lost"), reason },
            );
            decide(&pair.node(hearing).facts(), command, pair.now)
        };
        let heed = |signer, pair: &Pair| heed_for(None, signer, pair);
        let peer = pair.node(hearing).peer;
        let expired = heed_for(Some(Reason::Expired), peer, &pair).unwrap();
        assert_eq!(expired.standing, Standing::Expired, "for the reason the partner gave");
        assert_eq!(heed(third_id(), &pair).unwrap_err(), Refusal::UnknownThread, "a stranger stops nothing");
        let decision = heed(peer, &pair).unwrap();
        assert_eq!(kinds(&decision), [K::ConsentEnded, K::Erased]);
        assert_eq!((decision.standing, decision.received), (Standing::Stopped, None));
        assert!(!decision.erase.is_empty());
        pair.node_mut(hearing).thread.as_mut().unwrap().freeze = Freeze::No;
        pair.act(hearing, Act::StopConsent).unwrap();
        let again = heed(peer, &pair).unwrap_err();
        assert_eq!(
            again,
            not_allowed(K::ConsentEnded, "this structure already wrote that the consent ended")
        );
    }
}
