//! A professional acts on a thread.

use super::bench::Bench;
use super::open::field;
use crate::consent::Standing;
use crate::content::{
    Answer, Content, Course, FeedbackLevel, Note, Outcome, Professional, Question, Reason, Suggestion, Times,
};
use crate::event::{EventKind, Side, ThreadKind};
use crate::fold::{Step, WalkIn, step_follows};
use crate::personal::Personal;
use crate::refusal::Refusal;
use crate::structure_id::StructureId;
use crate::thread::{Act, Facts, FollowUpChange, Freeze, reply_content};
use crate::time::Timestamp;

pub(super) fn act(facts: &Facts, signer: StructureId, act: Act, now: Timestamp) -> Result<Bench, Refusal> {
    let mut bench = Bench::resume(facts, now)?;
    if signer != facts.own {
        return Err(Refusal::WrongSigner);
    }
    if bench.thread.freeze == Freeze::Forked && !matches!(act, Act::StopConsent) {
        return Err(Refusal::ThreadFrozen);
    }
    perform(&mut bench, act)?;
    Ok(bench)
}

fn perform(bench: &mut Bench, act: Act) -> Result<(), Refusal> {
    let now = bench.now;
    match act {
        Act::AskInfo { question } => ask_info(bench, question),
        Act::GiveInfo { reply } => {
            let question = open_question(bench)
                .ok_or(Refusal::NotAllowed { kind: EventKind::InfoGiven, hint: "no question is open" })?;
            let content = reply_content(question, reply, now);
            bench.write(EventKind::InfoGiven, content, "no question is open")
        }
        Act::Accept { professional, not_before } => accept(bench, professional, not_before),
        Act::Refuse { reason, suggestions } => refuse(bench, reason, suggestions),
        Act::Waitlist { review } => {
            if review <= now {
                return Err(field("review", "is in the past: choose a later date"));
            }
            let course = Course { review: Some(review), ..Course::default() };
            step(bench, EventKind::Waitlisted, course)
        }
        Act::Schedule { appointment, place } => {
            if appointment <= now {
                return Err(field("appointment", "is in the past: choose a later instant"));
            }
            let course = Course { appointment: Some(appointment), place, ..Course::default() };
            step(bench, EventKind::Scheduled, course)
        }
        Act::NoShow => step(bench, EventKind::NoShow, Course::default()),
        Act::Arrive => step(bench, EventKind::Arrived, Course::default()),
        Act::Close { outcome, account } => close(bench, outcome, account),
        Act::Correct { outcome } => {
            let course = Course { outcome: Some(outcome), ..Course::default() };
            let hint = "only a closed referral whose outcome was told can be corrected";
            bench.write(EventKind::Corrected, Content::at(now).with_course(course), hint)
        }
        Act::Release { reason } => release(bench, reason),
        Act::Withdraw { reason } => withdraw(bench, reason),
        Act::Note { text } => {
            let content = Content { note: Some(Note(text)), ..Content::at(now) };
            bench.write(EventKind::Note, content, "it has ended")
        }
        Act::Void { sequence } => {
            not_the_open_question(bench, sequence)?;
            let course = Course { voids: Some(sequence), ..Course::default() };
            let hint = "only one of your own notes, questions or steps can be blanked";
            bench.write(EventKind::Voided, Content::at(now).with_course(course), hint)
        }
        Act::StopConsent => stop_consent(bench),
        Act::Renounce => {
            bench.write(EventKind::Renounced, Content::at(now), "only an accepted handover can be renounced")
        }
        Act::MakeEffective => make_effective(bench),
        Act::Cancel => {
            let course = Course { reason: Some(Reason::Withdrawn), ..Course::default() };
            only(bench, Side::Sender, EventKind::Cancelled)?;
            bench.write(EventKind::Cancelled, Content::at(now).with_course(course), "it has ended")
        }
    }
}

fn accept(
    bench: &mut Bench,
    professional: Professional,
    not_before: Option<Timestamp>,
) -> Result<(), Refusal> {
    only(bench, Side::Receiver, EventKind::Accepted)?;
    let times = Times { created: bench.now, deadline: None, not_before, offer_until: None };
    let content = Content { professional: Some(professional), times: Some(times), ..Content::default() };
    bench.write(EventKind::Accepted, content, "it was already answered, or has ended")
}

fn refuse(bench: &mut Bench, reason: Reason, suggestions: Vec<Suggestion>) -> Result<(), Refusal> {
    only(bench, Side::Receiver, EventKind::Refused)?;
    refusable(bench, reason)?;
    let course = Course { reason: Some(reason), suggestions, ..Course::default() };
    let hint = "it was already answered, or has ended; after accepting, release it";
    bench.write(EventKind::Refused, Content::at(bench.now).with_course(course), hint)
}

/// Why a receiver may refuse. A walk-in was promised: it may only be full, and only before the person came.
fn refusable(bench: &Bench, reason: Reason) -> Result<(), Refusal> {
    if bench.state().walk_in == WalkIn::No {
        return among("reason", reason, Reason::REFUSALS);
    }
    if bench.step() == Step::Arrived {
        let hint = "the person came; release or close it";
        return Err(Refusal::NotAllowed { kind: EventKind::Refused, hint });
    }
    among("reason", reason, &[Reason::Full])
}

fn only(bench: &Bench, side: Side, kind: EventKind) -> Result<(), Refusal> {
    let hint = match side {
        Side::Sender => "only the structure that opened it can do this",
        Side::Receiver => "only the structure that received it can do this",
    };
    if bench.side() == side { Ok(()) } else { Err(Refusal::NotAllowed { kind, hint }) }
}

fn among(name: &'static str, reason: Reason, allowed: &[Reason]) -> Result<(), Refusal> {
    if allowed.contains(&reason) {
        return Ok(());
    }
    let names: Vec<&str> = allowed.iter().map(|reason| reason.as_str()).collect();
    Err(field(name, format!("is not one of {}", names.join(", "))))
}

fn ask_info(bench: &mut Bench, question: Question) -> Result<(), Refusal> {
    only(bench, Side::Receiver, EventKind::InfoRequested)?;
    let answer = Answer { question, reply: None };
    let content = Content { answer: Some(answer), ..Content::at(bench.now) };
    bench.write(EventKind::InfoRequested, content, "a question is open already, or it was answered")
}

/// A question that waits for its answer is not blanked: it could neither be answered nor asked anew.
fn not_the_open_question(bench: &Bench, sequence: u32) -> Result<(), Refusal> {
    let asked =
        bench.thread.receiver.iter().rev().find(|event| event.skeleton.kind == EventKind::InfoRequested);
    let open = bench.side() == Side::Receiver && bench.state().question_open();
    if open && asked.is_some_and(|event| event.skeleton.sequence == sequence) {
        let hint = "the question waits for its answer; answer the referral instead, or wait";
        return Err(Refusal::NotAllowed { kind: EventKind::Voided, hint });
    }
    Ok(())
}

/// The question that waits for its answer, if its content is still there.
fn open_question(bench: &Bench) -> Option<Question> {
    let state = bench.state();
    if !state.question_open() {
        return None;
    }
    let asked =
        bench.thread.receiver.iter().rev().find(|event| event.skeleton.kind == EventKind::InfoRequested)?;
    asked.content.as_ref()?.answer.map(|answer| answer.question)
}

fn level(bench: &Bench) -> FeedbackLevel {
    bench.state().level.unwrap_or(FeedbackLevel::Accepted)
}

/// A step of the course: an event if the feedback level lets it leave, else a note of our own.
fn step(bench: &mut Bench, kind: EventKind, course: Course) -> Result<(), Refusal> {
    only(bench, Side::Receiver, kind)?;
    let content = Content::at(bench.now).with_course(course);
    let hint = step_hint(kind);
    let state = bench.state();
    // The step reached counts local steps too, which the fold does not see.
    if state.ended || !state.receiver_decides() || !step_follows(bench.step(), kind) {
        return Err(Refusal::NotAllowed { kind, hint });
    }
    if level(bench) >= FeedbackLevel::Attended || kind == EventKind::Waitlisted {
        return bench.write(kind, content, hint);
    }
    bench.note_local(kind, content)
}

fn step_hint(kind: EventKind) -> &'static str {
    match kind {
        EventKind::NoShow => "an appointment must be set first",
        EventKind::Waitlisted => "it must be accepted and nothing else begun",
        EventKind::Scheduled | EventKind::Arrived => {
            "it must be accepted, its contact received, and not ended"
        }
        EventKind::Sent
        | EventKind::Proposed
        | EventKind::InfoRequested
        | EventKind::InfoGiven
        | EventKind::Accepted
        | EventKind::Disclosed
        | EventKind::Closed
        | EventKind::Refused
        | EventKind::Released
        | EventKind::Withdrawn
        | EventKind::WithdrawalAsked
        | EventKind::Expired
        | EventKind::ConsentEnded
        | EventKind::Note
        | EventKind::Voided
        | EventKind::Corrected
        | EventKind::Erased
        | EventKind::Renounced
        | EventKind::Effective
        | EventKind::Cancelled => "not possible in this state",
    }
}

fn close(bench: &mut Bench, outcome: Outcome, account: Option<Personal<String>>) -> Result<(), Refusal> {
    only(bench, Side::Receiver, EventKind::Closed)?;
    let full = Course { outcome: Some(outcome), account, ..Course::default() };
    let now = bench.now;
    let told = if level(bench) >= FeedbackLevel::Outcome { full.clone() } else { Course::default() };
    let hint = "it must be accepted and its contact received, and not ended";
    let kept_back = told != full;
    bench.write(EventKind::Closed, Content::at(now).with_course(told), hint)?;
    if kept_back {
        bench.note_local(EventKind::Closed, Content::at(now).with_course(full))?;
    }
    Ok(())
}

fn release(bench: &mut Bench, reason: Reason) -> Result<(), Refusal> {
    among("reason", reason, Reason::RELEASES)?;
    only(bench, Side::Receiver, EventKind::Released)?;
    let now = bench.now;
    let told = reason.within(level(bench));
    let course = |reason| Course { reason: Some(reason), ..Course::default() };
    let hint = "it must be accepted first; before accepting, refuse it";
    bench.write(EventKind::Released, Content::at(now).with_course(course(told)), hint)?;
    if told != reason {
        bench.note_local(EventKind::Released, Content::at(now).with_course(course(reason)))?;
    }
    Ok(())
}

/// Before disclosure the sender ends it; afterwards it can only ask.
fn withdraw(bench: &mut Bench, reason: Reason) -> Result<(), Refusal> {
    among("reason", reason, Reason::WITHDRAWALS)?;
    only(bench, Side::Sender, EventKind::Withdrawn)?;
    let state = bench.state();
    let course = Course { reason: Some(reason), ..Course::default() };
    let content = Content::at(bench.now).with_course(course);
    match (bench.thread.kind, state.receiver_decides()) {
        (ThreadKind::Handover, _) => Err(Refusal::NotAllowed {
            kind: EventKind::Withdrawn,
            hint: "a handover is cancelled, not withdrawn",
        }),
        (ThreadKind::Referral, false) => bench.write(EventKind::Withdrawn, content, "it has ended"),
        (ThreadKind::Referral, true) if state.withdrawal_asked => Err(Refusal::NotAllowed {
            kind: EventKind::WithdrawalAsked,
            hint: "it was already asked; the other structure answers",
        }),
        (ThreadKind::Referral, true) => bench.write(EventKind::WithdrawalAsked, content, "it has ended"),
    }
}

/// Stopping is always possible and wins.
fn stop_consent(bench: &mut Bench) -> Result<(), Refusal> {
    end_consent(bench, Reason::Stopped)
}

/// Writes that the consent ended, and why.
pub(super) fn end_consent(bench: &mut Bench, reason: Reason) -> Result<(), Refusal> {
    // An ending carries one of its own four reasons, whatever another may have sent.
    let standing = Standing::ended_by(Some(reason));
    let reason = if standing == Standing::Stopped { Reason::Stopped } else { reason };
    let course = Course { reason: Some(reason), ..Course::default() };
    let content = Content::at(bench.now).with_course(course);
    bench.write(EventKind::ConsentEnded, content, "this structure already wrote that the consent ended")?;
    bench.set_standing(standing);
    Ok(())
}

fn make_effective(bench: &mut Bench) -> Result<(), Refusal> {
    only(bench, Side::Sender, EventKind::Effective)?;
    let follow_up = bench.thread.follow_up.ok_or(Refusal::FollowUpNotHeld)?;
    let hint = "it must be accepted, disclosed, not renounced, on or after its date and within the offer";
    bench.write(EventKind::Effective, Content::at(bench.now), hint)?;
    bench.decision.follow_up = Some(FollowUpChange::HandOver(follow_up));
    Ok(())
}

/// The holder's node signs by itself on the date.
pub(super) fn effective_by_itself(bench: &mut Bench) -> Result<(), Refusal> {
    make_effective(bench)
}
