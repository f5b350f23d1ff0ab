//! Before the receiver has answered: coded questions, the acceptance, the refusal.

use super::{among, only};
use crate::content::{Answer, Content, Course, Professional, Question, Reason, Suggestion, Times};
use crate::decide::bench::Bench;
use crate::event::{EventKind, Side};
use crate::fold::{Step, WalkIn};
use crate::refusal::Refusal;
use crate::time::Timestamp;

pub(super) fn accept(
    bench: &mut Bench,
    professional: Professional,
    not_before: Option<Timestamp>,
) -> Result<(), Refusal> {
    only(bench, Side::Receiver, EventKind::Accepted)?;
    let times = Times { created: bench.now, deadline: None, not_before, offer_until: None };
    let content = Content { professional: Some(professional), times: Some(times), ..Content::default() };
    bench.write(EventKind::Accepted, content, "it was already answered, or has ended")
}

pub(super) fn refuse(bench: &mut Bench, reason: Reason, suggestions: Vec<Suggestion>) -> Result<(), Refusal> {
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

pub(super) fn ask_info(bench: &mut Bench, question: Question) -> Result<(), Refusal> {
    only(bench, Side::Receiver, EventKind::InfoRequested)?;
    let answer = Answer { question, reply: None };
    let content = Content { answer: Some(answer), ..Content::at(bench.now) };
    bench.write(EventKind::InfoRequested, content, "a question is open already, or it was answered")
}

/// A question that waits for its answer is not blanked: it could neither be answered nor asked anew.
pub(super) fn not_the_open_question(bench: &Bench, sequence: u32) -> Result<(), Refusal> {
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
pub(super) fn open_question(bench: &Bench) -> Option<Question> {
    let state = bench.state();
    if !state.question_open() {
        return None;
    }
    let asked =
        bench.thread.receiver.iter().rev().find(|event| event.skeleton.kind == EventKind::InfoRequested)?;
    asked.content.as_ref()?.answer.map(|answer| answer.question)
}
