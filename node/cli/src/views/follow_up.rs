//! Follow-ups.

use super::content::{contact_json, contact_line, name_json, name_line};
use super::thread::{state_line, summary_json};
use super::{instant, maybe_instant, maybe_text};
use crate::answer::Answer;
use crate::codes;
use crate::ids;
use crate::lines::Lines;
use crate::when;
use relais_proto::desk::v1::{FollowUpStanding, FollowUpView, ListFollowUpsResponse};
use serde_json::{Value, json};

/// A follow-up, for scripts.
pub(crate) fn json(view: &FollowUpView) -> Value {
    json!({
        "follow_up_id": ids::text(&view.follow_up_id),
        "name": view.name.as_ref().map(name_json),
        "contact": view.contact.as_ref().map(contact_json),
        "notes": view.notes,
        "referent": maybe_text(&view.referent),
        "standing": codes::json::<FollowUpStanding>(view.standing),
        "opened": instant(view.opened_ms),
        "ended": maybe_instant(view.ended_ms),
        "threads": view.threads.iter().map(summary_json).collect::<Value>(),
    })
}

/// Follow-ups, newest first.
pub(crate) fn list(found: &ListFollowUpsResponse) -> Answer {
    let rows = found.follow_ups.iter().map(|view| {
        [
            ids::short(&view.follow_up_id),
            view.name.as_ref().map(name_line).unwrap_or_default(),
            codes::word::<FollowUpStanding>(view.standing),
            view.referent.clone(),
            when::human(view.opened_ms),
        ]
    });
    let mut lines = Lines::new();
    let otherwise = "no follow-up; open one with `relais follow-up open`";
    lines.table(["id", "person", "standing", "référent", "opened"], rows.collect(), otherwise);
    if !found.next_page_token.is_empty() {
        lines.line(format!("There are more: --page {}", found.next_page_token));
    }
    let all: Value = found.follow_ups.iter().map(json).collect();
    Answer::new(json!({ "follow_ups": all, "next_page": maybe_text(&found.next_page_token) }), lines.done())
}

/// One follow-up.
pub(crate) fn view(view: &FollowUpView) -> Answer {
    let mut lines = Lines::new();
    lines.line(format!("follow-up {}", ids::text(&view.follow_up_id)));
    lines.field("person", view.name.as_ref().map(name_line).unwrap_or_default());
    lines.field("contact", view.contact.as_ref().map(contact_line).unwrap_or_default());
    lines.field("standing", codes::word::<FollowUpStanding>(view.standing));
    lines.field("référent", &view.referent);
    lines.field("opened", when::human(view.opened_ms));
    lines.field("ended", view.ended_ms.map(when::human).unwrap_or_default());
    lines.fields("note", &view.notes);
    let rows = view
        .threads
        .iter()
        .map(|summary| [ids::short(&summary.thread_id), summary.peer_name.clone(), state_line(summary)]);
    if !view.threads.is_empty() {
        lines.gap().table(["id", "partner", "state"], rows.collect(), "");
    }
    Answer::new(json(view), lines.done())
}
