//! A professional acts on a thread: which act, by whom, in which state.

mod answer;
mod course;
mod ending;

pub(super) use ending::{effective_by_itself, end_consent};

use super::bench::Bench;
use super::open::field;
use crate::content::{Content, Course, Note, Reason};
use crate::event::{EventKind, Side};
use crate::refusal::Refusal;
use crate::structure_id::StructureId;
use crate::thread::{Act, Facts, Freeze, reply_content};
use crate::time::Timestamp;
use answer::{accept, ask_info, not_the_open_question, open_question, refuse};
use course::{close, release, step};
use ending::{make_effective, stop_consent, withdraw};

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
