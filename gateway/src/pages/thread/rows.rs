//! Referrals and handovers in lists: one line each, in words.

use super::state::is_ours;
use super::teller::{Nearness, Teller, joined, person, spelled};
use super::timeline::event;
use crate::hex;
use relais_proto::desk::v1::{Attention, DueKind, Label, Owner, Step, ThreadSummary};
use relais_proto::peer::v1::ThreadKind;

/// One line of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Row {
    /// Where it leads.
    pub(crate) address: String,
    /// What is to do, or what happened.
    pub(crate) what: String,
    /// Who the person is and what they need, as far as known.
    pub(crate) who: String,
    /// By when, or when.
    pub(crate) when: String,
    /// The mark of a date: empty for none.
    pub(crate) class: &'static str,
}

fn row(teller: &Teller<'_>, summary: &ThreadSummary, what: String, when: String, class: &'static str) -> Row {
    let slip = match summary.reference.as_str() {
        "" => String::new(),
        reference => teller.with("list-slip", &[("reference", reference)]),
    };
    let who = [person(summary.name.as_ref()), teller.themes(&summary.themes), slip];
    let address = format!("/orientations/{}", hex::encode(&summary.thread_id));
    let who = match joined(&who, " · ") {
        // Once what it said is erased, the day tells it apart.
        who if who.is_empty() => {
            let kind = if summary.kind() == ThreadKind::Handover { "handover" } else { "referral" };
            teller.with(&format!("list-{kind}-of"), &[("date", &teller.day(summary.opened_ms))])
        }
        who => who,
    };
    Row { address, what, who, when, class }
}

/// A line of what is to do.
pub(crate) fn to_do(teller: &Teller<'_>, summary: &ThreadSummary) -> Row {
    let due = summary.due.filter(|due| due.owner() == Owner::Us);
    let peer = [("peer", summary.peer_name.as_str())];
    match due {
        Some(due) => {
            let what = teller.with(&to_do_key(due.kind(), summary.kind()), &peer);
            let nearness = teller.nearness(due.at_ms);
            let key = match nearness {
                Nearness::Late => "to-do-late",
                Nearness::Soon | Nearness::Far => "to-do-by",
            };
            let when =
                teller.with(key, &[("date", &teller.day(due.at_ms)), ("apart", &teller.distance(due.at_ms))]);
            row(teller, summary, what, when, nearness.class())
        }
        None => {
            let told = summary.attention().find(|one| *one != Attention::Unspecified);
            let key = told.map_or_else(
                || "to-do-look".to_owned(),
                |one| format!("to-do-{}", spelled(one.as_str_name())),
            );
            row(teller, summary, teller.with(&key, &peer), teller.distance(summary.changed_ms), "when")
        }
    }
}

fn to_do_key(due: DueKind, kind: ThreadKind) -> String {
    match (due, kind) {
        (DueKind::Unspecified, _) => "to-do-look".to_owned(),
        (DueKind::Answer, ThreadKind::Handover) => "to-do-answer-handover".to_owned(),
        (
            DueKind::Answer
            | DueKind::Reply
            | DueKind::Disclosure
            | DueKind::Contact
            | DueKind::Review
            | DueKind::Appointment
            | DueKind::AfterAbsence
            | DueKind::Outcome
            | DueKind::Withdrawal
            | DueKind::Effective
            | DueKind::Arrival,
            _,
        ) => format!("to-do-{}", spelled(due.as_str_name().trim_start_matches("DUE_KIND_"))),
    }
}

/// A line of what the other structure did last.
pub(crate) fn news(teller: &Teller<'_>, summary: &ThreadSummary) -> Row {
    let what = event(teller, summary.latest_theirs(), &summary.peer_name);
    let when = teller.distance(summary.latest_theirs_ms.unwrap_or(summary.changed_ms));
    row(teller, summary, what, when, "when")
}

/// A line of the whole list: with whom, and how far it is.
pub(crate) fn any(teller: &Teller<'_>, summary: &ThreadSummary) -> Row {
    let side = if is_ours(summary) { "to" } else { "from" };
    let kind = if summary.kind() == ThreadKind::Handover { "handover" } else { "referral" };
    let what = teller.with(&format!("list-{kind}-{side}"), &[("peer", &summary.peer_name)]);
    let how_far = if summary.label() == Label::Unspecified {
        let comes = summary.due.is_some_and(|due| due.kind() == DueKind::Arrival);
        let step = if summary.step() == Step::Unspecified { Step::Sent } else { summary.step() };
        let step = spelled(step.as_str_name().trim_start_matches("STEP_"));
        if comes { teller.say("step-walk-in") } else { teller.say(&format!("step-{step}")) }
    } else {
        teller.code(summary.label().as_str_name())
    };
    let when = teller.with("list-when", &[("state", &how_far), ("date", &teller.day(summary.changed_ms))]);
    row(teller, summary, what, when, "when")
}
