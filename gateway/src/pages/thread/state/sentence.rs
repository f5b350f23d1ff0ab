//! Where it stands, in one sentence or two: the date that matters, why it ended, what came of it.

use super::situation::{Situation, Words};
use super::{entries, is_ours};
use crate::pages::thread::teller::{Nearness, Teller, joined};
use relais_proto::desk::v1::{ConsentStanding, Label, Step, ThreadSummary, ThreadView};
use relais_proto::peer::v1::{EventKind, Outcome, Reason, ThreadKind};

/// Where it stands, in one sentence or two.
pub(in crate::pages::thread) fn state(teller: &Teller<'_>, view: &ThreadView) -> String {
    let summary = view.summary.clone().unwrap_or_default();
    let situation = Situation::of(view);
    let (stem, words) = situation.stem();
    let key = format!("state-{}-{stem}", party(&summary, words));
    let date = date(teller, view, &summary, situation);
    let first = teller.with(&key, &[("peer", &summary.peer_name), ("date", &date)]);
    joined(&[first, more(teller, view, &summary, situation)], " ")
}

/// Whose words are meant: those of who sent or received a referral, or of who gives or is offered a handover.
fn party(summary: &ThreadSummary, words: Words) -> &'static str {
    let handover = match words {
        Words::Shared => false,
        Words::Own => summary.kind() == ThreadKind::Handover,
        Words::HandoverOnly => true,
    };
    match (handover, is_ours(summary)) {
        (false, true) => "sent",
        (false, false) => "received",
        (true, true) => "given",
        (true, false) => "offered",
    }
}

/// The date that the sentence names.
fn date(teller: &Teller<'_>, view: &ThreadView, summary: &ThreadSummary, situation: Situation) -> String {
    let due = summary.due.map(|due| due.at_ms).or(view.deadline_ms).unwrap_or(view.consent_until_ms);
    let course = |kind: EventKind| entries(view, kind).find_map(|entry| entry.course.as_ref());
    match situation {
        // The hour matters once it is near.
        Situation::Answer | Situation::Question if teller.nearness(due) == Nearness::Far => teller.day(due),
        Situation::Answer | Situation::Question => teller.instant(due),
        Situation::Disclosure | Situation::Withdrawal | Situation::Effective | Situation::WalkIn => {
            teller.day(due)
        }
        Situation::At(Step::Scheduled) => {
            let appointment = course(EventKind::Scheduled).and_then(|course| course.appointment_ms);
            appointment.map_or_else(|| teller.day(due), |at| teller.instant(at))
        }
        Situation::At(Step::Waitlisted) => {
            let review = course(EventKind::Waitlisted).and_then(|course| course.review_ms);
            teller.day(review.unwrap_or(due))
        }
        Situation::At(Step::Unspecified | Step::Sent | Step::Accepted | Step::NoShow | Step::Arrived) => {
            teller.day(due)
        }
        Situation::Ended(label) => teller.day(ended_ms(view, label).unwrap_or(summary.changed_ms)),
    }
}

/// The event that a label stands for.
fn end_kind(label: Label) -> EventKind {
    match label {
        Label::Unspecified | Label::ConsentEnded => EventKind::ConsentEnded,
        Label::Expired => EventKind::Expired,
        Label::Withdrawn => EventKind::Withdrawn,
        Label::Cancelled => EventKind::Cancelled,
        Label::Refused => EventKind::Refused,
        Label::Released => EventKind::Released,
        Label::Closed => EventKind::Closed,
        Label::Effective => EventKind::Effective,
    }
}

fn ended_ms(view: &ThreadView, label: Label) -> Option<i64> {
    let entry = entries(view, end_kind(label)).next()?;
    Some(entry.created_ms.unwrap_or(entry.stored_ms))
}

/// Why it ended, or what came of it.
fn more(teller: &Teller<'_>, view: &ThreadView, summary: &ThreadSummary, situation: Situation) -> String {
    let Situation::Ended(label) = situation else { return String::new() };
    if label == Label::ConsentEnded {
        return standing(teller, summary);
    }
    let corrected = entries(view, EventKind::Corrected).filter(|_| label == Label::Closed);
    let ends = corrected.chain(entries(view, end_kind(label)));
    let courses: Vec<_> = ends.filter_map(|entry| entry.course.as_ref()).collect();
    let outcome =
        courses.iter().map(|course| course.outcome()).find(|outcome| *outcome != Outcome::Unspecified);
    let reason = courses.iter().map(|course| course.reason()).find(|reason| *reason != Reason::Unspecified);
    let outcome = outcome.map(|outcome| teller.code(outcome.as_str_name())).unwrap_or_default();
    let reason =
        reason.map(|reason| teller.with("state-why", &[("why", &teller.code(reason.as_str_name()))]));
    let outcome = if outcome.is_empty() { outcome } else { teller.with("state-what", &[("what", &outcome)]) };
    joined(&[reason.unwrap_or_default(), outcome], " ")
}

fn standing(teller: &Teller<'_>, summary: &ThreadSummary) -> String {
    match summary.consent() {
        ConsentStanding::Unspecified | ConsentStanding::Active => String::new(),
        ConsentStanding::Superseded
        | ConsentStanding::Expired
        | ConsentStanding::Stopped
        | ConsentStanding::Invalidated => teller.code(summary.consent().as_str_name()),
    }
}
