//! What happened in a thread, event by event.

use super::content::{
    answer_json, answer_line, course_json, course_line, erasure_json, erasure_line, professional_json,
    professional_line,
};
use super::{instant, maybe_id, maybe_instant};
use crate::codes;
use crate::lines::Lines;
use crate::when;
use relais_domain::event::{EventKind, Side};
use relais_proto::desk::v1::{Effect, TimelineEntry};
use serde_json::{Value, json};

/// One entry, for scripts.
pub(super) fn json(entry: &TimelineEntry) -> Value {
    json!({
        "by": codes::json::<Side>(entry.side),
        "structure": entry.structure_name,
        "event": codes::json::<EventKind>(entry.kind),
        "sequence": (entry.sequence > 0).then_some(entry.sequence),
        "message_id": maybe_id(&entry.message_id),
        "day": when::day(entry.day),
        "created": maybe_instant(entry.created_ms),
        "stored": instant(entry.stored_ms),
        "receipted": maybe_instant(entry.receipted_ms),
        "effect": codes::json::<Effect>(entry.effect),
        "answer": entry.answer.as_ref().map(answer_json),
        "professional": entry.professional.as_ref().map(professional_json),
        "course": entry.course.as_ref().map(course_json),
        "note": entry.note.as_ref().map(|note| &note.text),
        "erasure": entry.erasure.as_ref().map(erasure_json),
    })
}

/// Every entry as a table, for humans; `own` is this structure's end.
pub(super) fn lines(lines: &mut Lines, timeline: &[TimelineEntry], own: i32) {
    let rows = timeline.iter().map(|entry| {
        let place = if entry.sequence > 0 { entry.sequence.to_string() } else { String::new() };
        [
            when::human_seconds(entry.created_ms.unwrap_or(entry.stored_ms)),
            entry.structure_name.clone(),
            place,
            codes::word::<EventKind>(entry.kind),
            detail(entry),
            receipt(entry, own),
        ]
    });
    lines.table(["when", "who", "no", "what", "detail", "receipt"], rows.collect(), "  nothing happened yet");
}

fn detail(entry: &TimelineEntry) -> String {
    let note = entry.note.as_ref().map(|note| format!("«{}»", note.text));
    let parts = [
        entry.answer.as_ref().map(answer_line),
        entry.professional.as_ref().map(professional_line),
        entry.course.as_ref().map(course_line),
        note,
        entry.erasure.as_ref().map(erasure_line),
    ];
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}

/// What stands in the last column: whether an own event is receipted, and whether any has an effect.
fn receipt(entry: &TimelineEntry, own: i32) -> String {
    if entry.effect == i32::from(Effect::None) {
        return "no effect".to_owned();
    }
    if entry.effect == i32::from(Effect::Local) {
        return "kept here".to_owned();
    }
    match entry.receipted_ms {
        Some(at) => format!("signed after {}", when::span(at - entry.stored_ms)),
        None if entry.side == own => "awaited".to_owned(),
        None => String::new(),
    }
}
