//! After an acceptance: the steps of the course and its end, told as far as the feedback level lets them leave.

use super::{among, only};
use crate::content::{Content, Course, FeedbackLevel, Outcome, Reason};
use crate::decide::bench::Bench;
use crate::event::{EventKind, Side};
use crate::fold::step_follows;
use crate::personal::Personal;
use crate::refusal::Refusal;

fn level(bench: &Bench) -> FeedbackLevel {
    bench.state().level.unwrap_or(FeedbackLevel::Accepted)
}

/// A step of the course: an event if the feedback level lets it leave, else a note of our own.
pub(super) fn step(bench: &mut Bench, kind: EventKind, course: Course) -> Result<(), Refusal> {
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

pub(super) fn close(
    bench: &mut Bench,
    outcome: Outcome,
    account: Option<Personal<String>>,
) -> Result<(), Refusal> {
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

pub(super) fn release(bench: &mut Bench, reason: Reason) -> Result<(), Refusal> {
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
