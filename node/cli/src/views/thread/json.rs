//! Referrals and handovers for scripts.

use crate::codes;
use crate::ids;
use crate::views::content::{name_json, stage_one_json, stage_two_json};
use crate::views::{instant, maybe_id, maybe_instant, maybe_structure, maybe_text, timeline};
use relais_domain::consent::Standing;
use relais_domain::content::{ContentPart, FeedbackLevel, Urgency};
use relais_domain::decide::{Attention, DueKind, Owner};
use relais_domain::event::{EventKind, Side, ThreadKind};
use relais_domain::fold::{Label, Step};
use relais_proto::desk::v1::{
    Disclosure, Due, HandoverView, Possible, Settlement, Signing, ThreadSummary, ThreadView,
    WaitDeliveredResponse,
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
