//! What the node owes without being asked, settled in the same decision.

use super::act::effective_by_itself;
use super::bench::Bench;
use crate::consent::Standing;
use crate::content::{Content, ContentPart, Course, Erasure, FeedbackLevel, Kept, KeptBasis, Reason};
use crate::event::{EventKind, Side, ThreadKind};
use crate::fold::{Parts, State, Step, WalkIn, expiry};
use crate::limits;
use crate::refusal::Refusal;
use crate::thread::{Disclosures, Freeze, Keep, Signing};
use crate::time::Timestamp;

/// Duties settled one after another; each may bring the next. Bounded by the number of duties.
const ROUNDS_MAX: usize = 8;

/// Writes what this node owes now.
pub(super) fn settle(bench: &mut Bench) -> Result<(), Refusal> {
    for _ in 0..ROUNDS_MAX {
        let before = bench.decision.drafts.len();
        let state = bench.state();
        end_consent(bench, &state)?;
        if bench.thread.freeze == Freeze::No {
            duties(bench)?;
        }
        erase(bench)?;
        if bench.decision.drafts.len() == before {
            return Ok(());
        }
    }
    Ok(())
}

fn duties(bench: &mut Bench) -> Result<(), Refusal> {
    let state = bench.state();
    match (bench.side(), bench.thread.kind) {
        (Side::Sender, ThreadKind::Referral) => {
            answer_acceptance(bench, &state)?;
            expire(bench)
        }
        (Side::Receiver, ThreadKind::Referral) => {
            answer_withdrawal(bench, &state);
            release_walk_in(bench);
            Ok(())
        }
        (Side::Sender, ThreadKind::Handover) => {
            answer_acceptance(bench, &state)?;
            conclude_handover(bench)
        }
        (Side::Receiver, ThreadKind::Handover) => Ok(()),
    }
}

/// Lets go if that can be written now; else the consent ends the thread soon. What was asked is never refused for it.
fn let_go(bench: &mut Bench, reason: Reason) {
    let content = coded(bench, reason);
    bench.write(EventKind::Released, content, "it was not accepted, or has ended").unwrap_or(());
}

fn coded(bench: &Bench, reason: Reason) -> Content {
    Content::at(bench.now).with_course(Course { reason: Some(reason), ..Course::default() })
}

/// At *valid until* each node writes the end by its own clock, unless it has seen the other's.
fn end_consent(bench: &mut Bench, state: &State) -> Result<(), Refusal> {
    let standing = bench.standing();
    if standing == Standing::Expired && !state.consent_ended() && bench.disclosures != Disclosures::Held {
        let content = coded(bench, Reason::Expired);
        bench.write(EventKind::ConsentEnded, content, "the consent ended already")?;
        bench.set_standing(Standing::Expired);
    }
    Ok(())
}

/// Each acceptance seen on a live thread is answered once by the sender's node.
fn answer_acceptance(bench: &mut Bench, state: &State) -> Result<(), Refusal> {
    let waits = bench.disclosures != Disclosures::Open || bench.check_partner(EventKind::Disclosed).is_err();
    if state.ended || !state.accepted || state.disclosed || waits {
        return Ok(());
    }
    if bench.thread.kind == ThreadKind::Handover && bench.thread.follow_up.is_none() {
        // There is nothing left to hand over: nobody learns the name for it.
        return lapse(bench);
    }
    let prepared = bench.thread.prepared.clone().unwrap_or_default();
    let content = Content { times: Content::at(bench.now).times, ..prepared };
    match bench.write(EventKind::Disclosed, content, "no acceptance was seen") {
        Ok(()) => {
            bench.thread.prepared = None;
            Ok(())
        }
        Err(_) => lapse(bench),
    }
}

/// The consent is active but no longer covers what was promised.
fn lapse(bench: &mut Bench) -> Result<(), Refusal> {
    match bench.thread.kind {
        ThreadKind::Referral => {
            let content = coded(bench, Reason::ConsentLapsed);
            bench.write(EventKind::Withdrawn, content, "it has ended")
        }
        ThreadKind::Handover => {
            let content = coded(bench, Reason::Withdrawn);
            bench.write(EventKind::Cancelled, content, "it has ended")
        }
    }
}

fn expire(bench: &mut Bench) -> Result<(), Refusal> {
    if bench.disclosures == Disclosures::Held {
        return Ok(());
    }
    let content = coded(bench, Reason::Expired);
    if bench.may_write(EventKind::Expired, &content) {
        bench.write(EventKind::Expired, content, "the deadline has not passed")?;
    }
    Ok(())
}

/// After `WithdrawalAsked` the receiver's node lets go by itself, unless the person has arrived. Below *attended* its
/// professional answers in every case, so that the delay tells nothing.
fn answer_withdrawal(bench: &mut Bench, state: &State) {
    let told = state.level.unwrap_or(FeedbackLevel::Accepted) >= FeedbackLevel::Attended;
    let asked = state.withdrawal_asked && !state.ended;
    if asked && told && bench.step() != Step::Arrived {
        let_go(bench, Reason::WithdrawnBySender);
    }
}

/// A walk-in referral nobody came for ends at its deadline by the receiver's clock.
fn release_walk_in(bench: &mut Bench) {
    let state = bench.state();
    let due = state.deadline.is_some_and(|deadline| bench.now >= deadline);
    let waiting = state.walk_in == WalkIn::Yes && !state.ended && bench.step() != Step::Arrived;
    if waiting && due {
        let level = state.level.unwrap_or(FeedbackLevel::Accepted);
        let_go(bench, Reason::DidNotCome.within(level));
    }
}

/// The holder writes exactly one of `Effective`, `Cancelled`.
fn conclude_handover(bench: &mut Bench) -> Result<(), Refusal> {
    let state = bench.state();
    if state.ended {
        return Ok(());
    }
    if state.renounced {
        let content = coded(bench, Reason::Renounced);
        return bench.write(EventKind::Cancelled, content, "it has ended");
    }
    if bench.thread.follow_up.is_none() {
        // Another proposal became effective first, or the follow-up was closed: there is nothing left to hand over.
        return lapse(bench);
    }
    if bench.disclosures == Disclosures::Held {
        return Ok(());
    }
    if state.offer_until.is_some_and(|until| bench.now > until) {
        let content = coded(bench, Reason::Expired);
        return bench.write(EventKind::Cancelled, content, "it has ended");
    }
    let partner = bench.check_partner(EventKind::Effective).is_ok() && bench.disclosures == Disclosures::Open;
    let signs = bench.thread.signing == Signing::ByItself && partner;
    if signs && bench.may_write(EventKind::Effective, &Content::at(bench.now)) {
        effective_by_itself(bench)?;
    }
    Ok(())
}

/// What was got or kept under a consent that is gone is erased, and the receipt written once for each part.
fn erase(bench: &mut Bench) -> Result<(), Refusal> {
    let state = bench.state();
    let gone = bench.standing() != Standing::Active && state.consent_ended();
    let late = late_disclosure(bench, &state);
    if !gone && !late {
        return Ok(());
    }
    let erasable = Parts::of([ContentPart::StageOne, ContentPart::StageTwo, ContentPart::Course]);
    let owed = if late { Parts::of([ContentPart::StageTwo]) } else { Parts::default() };
    let held = if gone { bench.held() } else { Parts::default() };
    let done = state.erased_by(bench.side());
    let due =
        Parts::of(erasable.iter().filter(|part| (held.has(*part) || owed.has(*part)) && !done.has(*part)));
    if !due.is_empty() {
        let erasure = Erasure {
            parts: due.iter().collect(),
            kept: kept(bench, &state),
            erased_at: bench.now,
            backup_horizon: bench.now,
        };
        let content = Content { erasure: Some(erasure), ..Content::at(bench.now) };
        bench.write(EventKind::Erased, content, "it was erased already")?;
    }
    if gone {
        let held = bench.held();
        bench.forget(Parts::of(erasable.iter().filter(|part| held.has(*part))));
        if bench.holds_own_steps() && !bench.has_arrived() {
            // Before the person came, what was noted here rests on the same consent.
            bench.forget(Parts::of([ContentPart::Own]));
        }
    }
    Ok(())
}

/// A receiver that became responsible keeps what it needs to follow the person, as its own file, and says so.
fn kept(bench: &Bench, state: &State) -> Vec<Kept> {
    let own_file = bench.side() == Side::Receiver && state.effective && state.disclosed;
    let until = bench.now.plus(limits::OWN_FILE_MAX).day();
    let kept = Kept { part: ContentPart::StageTwo, basis: KeptBasis::OwnFile, until };
    if own_file { vec![kept] } else { Vec::new() }
}

/// A disclosure that came to an ended thread was dropped unopened; the sender is told so.
fn late_disclosure(bench: &Bench, state: &State) -> bool {
    let dropped = matches!(bench.decision.received, Some((_, Keep::Skeleton)));
    let last = bench.chains().of(bench.side().other()).last();
    let disclosed = last.is_some_and(|mark| mark.kind == EventKind::Disclosed);
    dropped && disclosed && (state.ended || bench.standing() != Standing::Active)
}

/// When the sender's node may write `Expired` if nothing more happens: an open question is given its longest time.
pub(super) fn expires_at(bench: &Bench, state: &State) -> Option<Timestamp> {
    expiry(state, bench.chains(), Some(bench.now.plus(limits::QUESTION_TIME_MAX)))
}
