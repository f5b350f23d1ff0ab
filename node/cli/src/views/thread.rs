//! Referrals and handovers.

use super::content::{
    name_json, name_line, stage_one_json, stage_one_lines, stage_two_json, stage_two_lines,
};
use super::{instant, maybe_id, maybe_instant, maybe_structure, maybe_text, theme, timeline};
use crate::answer::Answer;
use crate::codes;
use crate::ids;
use crate::lines::Lines;
use crate::when;
use relais_domain::consent::Standing;
use relais_domain::content::{ContentPart, FeedbackLevel, Urgency};
use relais_domain::decide::{Attention, DueKind, Owner};
use relais_domain::event::{EventKind, Side, ThreadKind};
use relais_domain::fold::{Label, Step};
use relais_proto::desk::v1::{
    Disclosure, Due, HandoverView, ListThreadsResponse, Possible, Settlement, Signing, ThreadSummary,
    ThreadView, WaitDeliveredResponse,
};
use serde_json::{Map, Value, json};

/// One thread of a list, for scripts.
pub(crate) fn summary_json(summary: &ThreadSummary) -> Value {
    json!({
        "thread_id": ids::text(&summary.thread_id),
        "kind": codes::json::<ThreadKind>(summary.kind),
        "side": codes::json::<Side>(summary.side),
        "peer_id": maybe_structure(&summary.peer_id),
        "peer_name": summary.peer_name,
        "step": codes::json::<Step>(summary.step),
        "label": codes::json::<Label>(summary.label),
        "settlement": codes::json::<Settlement>(summary.settlement),
        "consent": codes::json::<Standing>(summary.consent),
        "themes": summary.themes,
        "urgency": codes::json::<Urgency>(summary.urgency),
        "service_id": maybe_text(&summary.service_id),
        "name": summary.name.as_ref().map(name_json),
        "due": summary.due.as_ref().map(due_json),
        "attention": codes::json_list::<Attention>(&summary.attention),
        "undelivered": summary.undelivered,
        "opened": instant(summary.opened_ms),
        "changed": instant(summary.changed_ms),
        "latest_theirs": codes::json::<EventKind>(summary.latest_theirs),
        "latest_theirs_at": maybe_instant(summary.latest_theirs_ms),
        "reference": maybe_text(&summary.reference),
    })
}

fn due_json(due: &Due) -> Value {
    json!({
        "what": codes::json::<DueKind>(due.kind),
        "owner": codes::json::<Owner>(due.owner),
        "at": instant(due.at_ms),
    })
}

/// One thread, for scripts: the fields of a list's row and everything held.
pub(crate) fn view_json(view: &ThreadView) -> Value {
    let mut all = match summary_json(&view.summary.clone().unwrap_or_default()) {
        Value::Object(map) => map,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    };
    let rest = json!({
        "stage_one": view.stage_one.as_ref().map(stage_one_json),
        "stage_two": view.stage_two.as_ref().map(stage_two_json),
        "disclosure": codes::json::<Disclosure>(view.disclosure),
        "held": codes::json_list::<ContentPart>(&view.held),
        "erased_here": codes::json_list::<ContentPart>(&view.erased_here),
        "erased_there": codes::json_list::<ContentPart>(&view.erased_there),
        "feedback": codes::json::<FeedbackLevel>(view.feedback),
        "deadline": maybe_instant(view.deadline_ms),
        "consent_until": instant(view.consent_until_ms),
        "consent_digest": ids::hex(&view.consent_digest),
        "timeline": view.timeline.iter().map(timeline::json).collect::<Value>(),
        "other_settlement": codes::json::<Settlement>(view.other_settlement),
        "follow_up_id": maybe_id(&view.follow_up_id),
        "handover": view.handover.as_ref().map(handover_json),
        "possible": codes::json_list::<Possible>(&view.possible),
        "remarks": view.remarks,
    });
    if let Value::Object(rest) = rest {
        all.extend(rest);
    }
    Value::Object(all)
}

fn handover_json(handover: &HandoverView) -> Value {
    json!({
        "responsible": codes::json::<Side>(handover.responsible),
        "responsible_id": maybe_structure(&handover.responsible_id),
        "responsible_name": handover.responsible_name,
        "not_before": maybe_instant(handover.not_before_ms),
        "offer_until": maybe_instant(handover.offer_until_ms),
        "signing": codes::json::<Signing>(handover.signing),
        "confirmed": maybe_instant(handover.confirmed_ms),
        "sentence": handover.sentence,
    })
}

/// What is delivered, for scripts.
pub(crate) fn delivery_json(delivery: &WaitDeliveredResponse) -> Value {
    json!({
        "undelivered": delivery.undelivered,
        "receipted": maybe_instant(delivery.receipted_ms),
        "not_delivered_since": maybe_instant(delivery.not_delivered_since_ms),
    })
}

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
    let step = codes::word::<Step>(summary.step);
    if summary.label == 0 {
        return step;
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

/// One thread.
pub(crate) fn view(view: &ThreadView) -> Answer {
    Answer::new(view_json(view), view_text(view))
}

/// One thread, for humans.
pub(crate) fn view_text(view: &ThreadView) -> String {
    let summary = view.summary.clone().unwrap_or_default();
    let mut lines = Lines::new();
    lines.line(format!(
        "{} {} {}",
        codes::word::<ThreadKind>(summary.kind),
        arrow(&summary),
        ids::text(&summary.thread_id)
    ));
    lines.field("state", state_line(&summary));
    lines.field("reference", &summary.reference);
    lines.field("awaited", summary.due.as_ref().map(due_line).unwrap_or_default());
    lines.field("attention", warnings(&summary));
    let standing = codes::word::<Standing>(summary.consent);
    lines.field("consent", format!("{standing}, until {}", when::human(view.consent_until_ms)));
    lines.field("feedback", codes::word::<FeedbackLevel>(view.feedback));
    lines.field("deadline", view.deadline_ms.map(when::human).unwrap_or_default());
    handover_lines(&mut lines, view.handover.as_ref());
    content_lines(&mut lines, view);
    lines.gap();
    timeline::lines(&mut lines, &view.timeline, summary.side);
    remarks(&mut lines, view);
    possible_line(&mut lines, view, &summary);
    lines.done()
}

/// Adds what the node changed of what was asked.
pub(crate) fn remarks(lines: &mut Lines, view: &ThreadView) {
    for remark in &view.remarks {
        lines.line(format!("Note: {remark}"));
    }
}

fn handover_lines(lines: &mut Lines, handover: Option<&HandoverView>) {
    let Some(handover) = handover else { return };
    lines.field("responsible", &handover.responsible_name);
    lines.field("not before", handover.not_before_ms.map(when::human).unwrap_or_default());
    lines.field("offer until", handover.offer_until_ms.map(when::human).unwrap_or_default());
    lines.field("signing", codes::word::<Signing>(handover.signing));
    lines.field("confirmed", handover.confirmed_ms.map(when::human).unwrap_or_default());
    lines.field("now", &handover.sentence);
}

fn content_lines(lines: &mut Lines, view: &ThreadView) {
    if let Some(one) = &view.stage_one {
        stage_one_lines(lines, one);
    }
    if let Some(two) = &view.stage_two {
        stage_two_lines(lines, two);
    }
    if view.disclosure == i32::from(Disclosure::NotYet) {
        lines.field("disclosure", "name and contact have not left the sender");
    }
    lines.field("held here", codes::words::<ContentPart>(&view.held));
    lines.field("erased here", codes::words::<ContentPart>(&view.erased_here));
    lines.field("erased there", codes::words::<ContentPart>(&view.erased_there));
}

fn possible_line(lines: &mut Lines, view: &ThreadView, summary: &ThreadSummary) {
    let commands = view.possible.iter().filter_map(|number| codes::code::<Possible>(*number)).map(command);
    let commands: Vec<&str> = commands.collect();
    if !commands.is_empty() {
        let id = ids::short(&summary.thread_id);
        lines.gap().line(format!("Possible now: relais {} {id}", commands.join(" | ")));
    }
}

/// The command that does an act.
fn command(act: Possible) -> &'static str {
    match act {
        Possible::Unspecified => "show",
        Possible::AskInfo => "ask",
        Possible::GiveInfo => "answer",
        Possible::Accept => "accept",
        Possible::Refuse => "refuse",
        Possible::Waitlist => "waitlist",
        Possible::Schedule => "schedule",
        Possible::NoShow => "no-show",
        Possible::Arrive => "arrived",
        Possible::Close => "close",
        Possible::Correct => "correct",
        Possible::Release => "release",
        Possible::Withdraw => "withdraw",
        Possible::WriteNote => "note",
        Possible::Void => "void",
        Possible::StopConsent => "consent stop",
        Possible::Renounce => "handover renounce",
        Possible::MakeEffective => "handover effective",
        Possible::Cancel => "handover cancel",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        let text = view_text(&a_view());
        assert!(text.contains("an answer from us by 2026-11-22 12:00"), "{text}");
        assert!(text.contains("La Rochelle (17300)") && text.contains("soon"), "{text}");
        assert!(text.contains("Possible now: relais accept | refuse a1a1a1a1"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text:?}");
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
