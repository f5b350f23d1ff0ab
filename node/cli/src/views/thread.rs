//! Referrals and handovers in a few words each: lists, states, what is awaited, what is delivered.

mod json;
mod whole;

pub(crate) use json::{delivery_json, summary_json, view_json};
pub(crate) use whole::{remarks, view};

use super::content::name_line;
use super::{maybe_text, theme};
use crate::answer::Answer;
use crate::codes;
use crate::ids;
use crate::lines::Lines;
use crate::when;
use relais_domain::decide::{Attention, DueKind, Owner};
use relais_domain::event::{Side, ThreadKind};
use relais_domain::fold::{Label, Step};
use relais_proto::desk::v1::{Due, ListThreadsResponse, Settlement, ThreadSummary, WaitDeliveredResponse};
use serde_json::{Value, json};

/// What is delivered, for humans.
pub(crate) fn delivery_line(delivery: &WaitDeliveredResponse, peer: &str) -> String {
    match (delivery.undelivered, delivery.not_delivered_since_ms, delivery.receipted_ms) {
        (0, _, Some(at)) => format!("{peer} signed for it at {}", when::human_seconds(at)),
        (0, _, None) => String::new(),
        (_, Some(since), _) => {
            format!(
                "not delivered since {}: it leaves by itself as soon as {peer} answers",
                when::human(since)
            )
        }
        (_, None, _) => format!("on its way to {peer}: `relais show` tells when it is delivered"),
    }
}

/// A list.
pub(crate) fn list(found: &ListThreadsResponse, otherwise: &str) -> Answer {
    let rows = found.threads.iter().map(|summary| {
        let name = summary.name.as_ref().map(name_line).unwrap_or_default();
        [
            ids::short(&summary.thread_id),
            format!("{} {}", codes::word::<ThreadKind>(summary.kind), arrow(summary)),
            name,
            summary.themes.first().map(|code| theme(code)).unwrap_or_default(),
            state_line(summary),
            summary.due.as_ref().map(due_line).unwrap_or_default(),
            warnings(summary),
        ]
    });
    let mut lines = Lines::new();
    lines.table(
        ["id", "thread", "person", "need", "state", "awaited", "attention"],
        rows.collect(),
        otherwise,
    );
    if !found.next_page_token.is_empty() {
        lines.line(format!("There are more: --page {}", found.next_page_token));
    }
    let threads: Value = found.threads.iter().map(summary_json).collect();
    Answer::new(json!({ "threads": threads, "next_page": maybe_text(&found.next_page_token) }), lines.done())
}

fn arrow(summary: &ThreadSummary) -> String {
    match codes::code::<Side>(summary.side) {
        Some(Side::Sender) => format!("to {}", summary.peer_name),
        Some(Side::Receiver) | None => format!("from {}", summary.peer_name),
    }
}

fn warnings(summary: &ThreadSummary) -> String {
    let waiting = (summary.undelivered > 0).then(|| format!("{} not delivered", summary.undelivered));
    let attention = codes::words::<Attention>(&summary.attention);
    waiting.into_iter().chain((!attention.is_empty()).then_some(attention)).collect::<Vec<_>>().join(", ")
}

/// How far a thread is, in a few words.
pub(crate) fn state_line(summary: &ThreadSummary) -> String {
    if summary.label == 0 {
        // Between the acceptance and the name no step is made: only what is awaited tells it from one that was just sent.
        let due = summary.due.as_ref().and_then(|due| codes::code::<DueKind>(due.kind));
        return match due {
            Some(DueKind::Disclosure) => "accepted, name and contact to come".to_owned(),
            Some(_) | None => codes::word::<Step>(summary.step),
        };
    }
    let label = codes::word::<Label>(summary.label);
    let settled = summary.settlement == i32::from(Settlement::Settled);
    if settled { format!("ended: {label}") } else { format!("ended: {label} (not final yet)") }
}

/// What is awaited, in a few words.
pub(crate) fn due_line(due: &Due) -> String {
    let what = match codes::code::<DueKind>(due.kind) {
        Some(DueKind::Answer) => "an answer",
        Some(DueKind::Reply) => "the answer to a question",
        Some(DueKind::Disclosure) => "name and contact",
        Some(DueKind::Contact) => "first contact",
        Some(DueKind::Review) => "a look at the waiting list",
        Some(DueKind::Appointment) => "what came of the appointment",
        Some(DueKind::AfterAbsence) => "a new appointment",
        Some(DueKind::Outcome) => "the outcome",
        Some(DueKind::Withdrawal) => "the answer to the withdrawal",
        Some(DueKind::Effective) => "the change of responsibility",
        Some(DueKind::Arrival) => "the person, who comes by themselves",
        None => "something",
    };
    let owner = match codes::code::<Owner>(due.owner) {
        Some(Owner::Us) => "us",
        Some(Owner::Person) => "the person",
        Some(Owner::Them) | None => "them",
    };
    format!("{what} from {owner} by {}", when::human(due.at_ms))
}

#[cfg(test)]
mod tests {
    use super::*;
    use relais_proto::desk::v1::{Possible, ThreadView};
    use relais_proto::peer::v1 as peer;

    fn a_view() -> ThreadView {
        let summary = ThreadSummary {
            thread_id: vec![0xa1; 16],
            kind: ThreadKind::Referral.number() as i32,
            side: Side::Receiver.number() as i32,
            peer_name: "Agence\n\u{1b}[31m".to_owned(),
            step: Step::Sent.number() as i32,
            due: Some(Due { kind: 1, owner: 1, at_ms: 1_795_345_200_000 }),
            ..ThreadSummary::default()
        };
        let need = peer::Need { territory: "17300".to_owned(), urgency: 2, ..peer::Need::default() };
        ThreadView {
            summary: Some(summary),
            stage_one: Some(relais_proto::desk::v1::StageOne { need: Some(need), ..Default::default() }),
            possible: vec![Possible::Accept.into(), Possible::Refuse.into()],
            ..ThreadView::default()
        }
    }

    #[test]
    fn a_thread_is_told_in_words() {
        let text = whole::view_text(&a_view());
        assert!(text.contains("an answer from us by 2026-11-22 12:00"), "{text}");
        assert!(text.contains("La Rochelle (17300)") && text.contains("soon"), "{text}");
        assert!(text.contains("Possible now: relais accept | refuse a1a1a1a1"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text:?}");
    }

    #[test]
    fn one_that_was_accepted_is_not_called_sent() {
        let mut summary = a_view().summary.expect("a summary");
        assert_eq!(state_line(&summary), "sent");
        let kind = DueKind::Disclosure.number() as i32;
        summary.due = Some(Due { kind, owner: 2, at_ms: 1_795_345_200_000 });
        assert_eq!(state_line(&summary), "accepted, name and contact to come");
        assert_eq!(summary_json(&summary)["step"], "sent");
        summary.due =
            Some(Due { kind: DueKind::Contact.number() as i32, owner: 1, at_ms: 1_795_345_200_000 });
        summary.step = Step::Accepted.number() as i32;
        assert_eq!(state_line(&summary), "accepted");
    }

    #[test]
    fn scripts_get_the_words_and_whole_ids() {
        let json = view_json(&a_view());
        assert_eq!(json["thread_id"], "a1a1a1a1-a1a1-a1a1-a1a1-a1a1a1a1a1a1");
        assert_eq!((&json["label"], &json["step"]), (&Value::Null, &json!("sent")));
        assert_eq!(json["stage_one"]["need"]["urgency"], "soon");
        assert_eq!(json["due"]["at"], "2026-11-22T11:00:00.000Z");
        assert_eq!(json["possible"], json!(["accept", "refuse"]));
    }

    #[test]
    fn what_is_not_delivered_says_since_when() {
        let delivery = WaitDeliveredResponse {
            undelivered: 1,
            not_delivered_since_ms: Some(1_795_345_200_000),
            ..WaitDeliveredResponse::default()
        };
        assert!(delivery_line(&delivery, "Lire").starts_with("not delivered since 2026-11-22 12:00"));
    }
}
