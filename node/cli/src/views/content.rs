//! What events carry, class by class.

use super::{maybe_id, maybe_instant, maybe_structure, maybe_text, territory, theme};
use crate::codes::{self, words};
use crate::ids;
use crate::lines::Lines;
use crate::when;
use relais_domain::content::{
    Caution, Connection, Constraint, ContentPart, Equipment, FeedbackLevel, KeptBasis, Outcome, Question,
    Reach, Reason, Reply, Statement, Urgency, YesNo,
};
use relais_proto::desk::v1::{StageOne, StageTwo};
use relais_proto::peer::v1 as peer;
use serde_json::{Map, Value, json};

/// Stage 1, for scripts; `null` for a class that is not there.
pub(crate) fn stage_one_json(one: &StageOne) -> Value {
    json!({
        "need": one.need.as_ref().map(need_json),
        "constraints": one.constraints.as_ref().map(|held| codes::json_list::<Constraint>(&held.constraints)),
        "level": one.level.as_ref().map(level_json),
        "eligibility": one.eligibility.as_ref().map(eligibility_json),
        "note": one.note.as_ref().map(|note| &note.text),
        "name": one.name.as_ref().map(name_json),
    })
}

fn need_json(need: &peer::Need) -> Value {
    json!({
        "themes": need.themes,
        "urgency": codes::json::<Urgency>(need.urgency),
        "territory": need.territory,
        "service_id": need.service_id,
        "site_id": maybe_id(&need.site_id),
        "feedback": codes::json::<FeedbackLevel>(need.feedback),
    })
}

fn level_json(level: &peer::Level) -> Value {
    json!({
        "digital_autonomy": level.digital_autonomy,
        "equipment": codes::json_list::<Equipment>(&level.equipment),
        "connection": level.connection.map(codes::json::<Connection>),
        "french_spoken": level.french_spoken,
        "french_read": level.french_read,
        "languages": level.languages,
    })
}

fn eligibility_json(eligibility: &peer::Eligibility) -> Value {
    let pairs = eligibility.statements.iter();
    let pairs =
        pairs.map(|said| (codes::word::<Statement>(said.statement), codes::json::<YesNo>(said.value)));
    Value::Object(pairs.collect::<Map<_, _>>())
}

/// Stage 2, for scripts.
pub(crate) fn stage_two_json(two: &StageTwo) -> Value {
    json!({
        "name": two.name.as_ref().map(name_json),
        "contact": two.contact.as_ref().map(contact_json),
        "handover": two.handover.as_ref().map(handover_json),
        "documents": two.documents.as_ref().map(|documents| &documents.titles),
        "sensitive": two.sensitive.as_ref().map(|sensitive| &sensitive.text),
    })
}

/// A name, for scripts.
pub(crate) fn name_json(name: &peer::Name) -> Value {
    json!({ "given": name.given, "family": name.family })
}

/// How to reach someone, for scripts.
pub(crate) fn contact_json(contact: &peer::Contact) -> Value {
    json!({
        "reach": codes::json::<Reach>(contact.reach),
        "detail": contact.detail,
        "language": contact.language,
        "cautions": codes::json_list::<Caution>(&contact.cautions),
    })
}

fn handover_json(handover: &peer::Handover) -> Value {
    let deadlines = handover.deadlines.iter();
    let deadlines = deadlines.map(|due| json!({ "day": when::day(due.day), "what": due.what }));
    json!({
        "done": handover.done,
        "pending": handover.pending,
        "deadlines": deadlines.collect::<Value>(),
        "goals": handover.goals,
    })
}

/// A coded question and answer, for scripts.
pub(crate) fn answer_json(answer: &peer::Answer) -> Value {
    json!({
        "question": codes::json::<Question>(answer.question),
        "reply": answer.reply.map(codes::json::<Reply>),
    })
}

/// A member of staff, for scripts.
pub(crate) fn professional_json(professional: &peer::Professional) -> Value {
    json!({ "name": professional.name, "contact": professional.contact })
}

/// What happened, for scripts.
pub(crate) fn course_json(course: &peer::Course) -> Value {
    let suggestions = course.suggestions.iter().map(|suggestion| {
        json!({
            "structure_id": maybe_structure(&suggestion.structure_id),
            "service_id": suggestion.service_id,
        })
    });
    json!({
        "appointment": maybe_instant(course.appointment_ms),
        "place": course.place,
        "review": maybe_instant(course.review_ms),
        "reason": course.reason.map(codes::json::<Reason>),
        "outcome": course.outcome.map(codes::json::<Outcome>),
        "account": course.account,
        "suggestions": suggestions.collect::<Value>(),
        "voids_sequence": course.voids_sequence,
    })
}

/// An erasure receipt, for scripts.
pub(crate) fn erasure_json(erasure: &peer::Erasure) -> Value {
    let kept = erasure.kept.iter().map(|kept| {
        json!({
            "part": codes::json::<ContentPart>(kept.part),
            "basis": codes::json::<KeptBasis>(kept.basis),
            "until": when::day(kept.until_day),
        })
    });
    json!({
        "parts": codes::json_list::<ContentPart>(&erasure.parts),
        "kept": kept.collect::<Value>(),
        "erased_at": super::instant(erasure.erased_at_ms),
        "backup_horizon": super::instant(erasure.backup_horizon_ms),
    })
}

/// Stage 1, for humans.
pub(crate) fn stage_one_lines(lines: &mut Lines, one: &StageOne) {
    if let Some(need) = &one.need {
        let themes: Vec<String> = need.themes.iter().map(|code| theme(code)).collect();
        lines.field("need", themes.join("; "));
        lines.field("urgency", codes::word::<Urgency>(need.urgency));
        lines.field("where", territory(&need.territory));
        lines.field("service", &need.service_id);
    }
    if let Some(held) = &one.constraints {
        lines.field("constraints", words::<Constraint>(&held.constraints));
    }
    if let Some(level) = &one.level {
        lines.field("level", level_line(level));
    }
    if let Some(eligibility) = &one.eligibility {
        let said = eligibility.statements.iter().map(|said| {
            format!("{}: {}", codes::word::<Statement>(said.statement), codes::word::<YesNo>(said.value))
        });
        lines.field("eligibility", said.collect::<Vec<_>>().join(", "));
    }
    if let Some(note) = &one.note {
        lines.field("note", &note.text);
    }
    if let Some(name) = &one.name {
        lines.field("name", name_line(name));
    }
}

fn level_line(level: &peer::Level) -> String {
    let scale = |label: &str, value: Option<u32>| value.map(|value| format!("{label} {value}/5"));
    let listed = |label: &str, values: String| (!values.is_empty()).then(|| format!("{label}: {values}"));
    let parts = [
        scale("digital autonomy", level.digital_autonomy),
        listed("equipment", words::<Equipment>(&level.equipment)),
        listed("connection", level.connection.map(codes::word::<Connection>).unwrap_or_default()),
        scale("French spoken", level.french_spoken),
        scale("French read", level.french_read),
        listed("languages", level.languages.join(", ")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// Stage 2, for humans.
pub(crate) fn stage_two_lines(lines: &mut Lines, two: &StageTwo) {
    if let Some(name) = &two.name {
        lines.field("name", name_line(name));
    }
    if let Some(contact) = &two.contact {
        lines.field("contact", contact_line(contact));
    }
    if let Some(handover) = &two.handover {
        lines.fields("done", &handover.done);
        lines.fields("pending", &handover.pending);
        for due in &handover.deadlines {
            lines.field("deadline", format!("{}: {}", when::day(due.day), due.what));
        }
        lines.fields("goal", &handover.goals);
    }
    if let Some(documents) = &two.documents {
        lines.field("documents", documents.titles.join("; "));
    }
    if let Some(sensitive) = &two.sensitive {
        lines.field("sensitive", &sensitive.text);
    }
}

/// A name, for humans.
pub(crate) fn name_line(name: &peer::Name) -> String {
    format!("{} {}", name.given, name.family).trim().to_owned()
}

/// How to reach someone, for humans.
pub(crate) fn contact_line(contact: &peer::Contact) -> String {
    let reach = codes::word::<Reach>(contact.reach);
    let detail = contact.detail.as_deref().map(|detail| format!(" {detail}")).unwrap_or_default();
    let language = contact.language.as_deref().map(|code| format!("; speak {code}")).unwrap_or_default();
    let cautions = words::<Caution>(&contact.cautions);
    let cautions = if cautions.is_empty() { cautions } else { format!("; {cautions}") };
    format!("{reach}{detail}{language}{cautions}")
}

/// A coded question and answer, for humans.
pub(crate) fn answer_line(answer: &peer::Answer) -> String {
    let question = codes::word::<Question>(answer.question);
    match answer.reply {
        Some(reply) => format!("{question}: {}", codes::word::<Reply>(reply)),
        None => format!("{question}?"),
    }
}

/// What happened, for humans.
pub(crate) fn course_line(course: &peer::Course) -> String {
    let suggestions = course.suggestions.iter();
    let suggestions = suggestions
        .map(|door| format!("try {} of {}", door.service_id, ids::structure_short(&door.structure_id)));
    let parts = [
        course.reason.map(codes::word::<Reason>),
        course.outcome.map(codes::word::<Outcome>),
        course.appointment_ms.map(when::human),
        course.place.clone(),
        course.review_ms.map(|at| format!("looked at again {}", when::human(at))),
        course.account.as_ref().map(|account| format!("«{account}»")),
        course.voids_sequence.map(|sequence| format!("blanks event {sequence}")),
    ];
    parts.into_iter().flatten().chain(suggestions).collect::<Vec<_>>().join(", ")
}

/// An erasure receipt, for humans.
pub(crate) fn erasure_line(erasure: &peer::Erasure) -> String {
    let kept = erasure.kept.iter().map(|kept| {
        let (part, basis) = (codes::word::<ContentPart>(kept.part), codes::word::<KeptBasis>(kept.basis));
        format!("keeps {part} ({basis}) until {}", when::day(kept.until_day))
    });
    let erased = format!(
        "erased {} at {}; no backup holds it from {}",
        words::<ContentPart>(&erasure.parts),
        when::human(erasure.erased_at_ms),
        when::human(erasure.backup_horizon_ms),
    );
    std::iter::once(erased).chain(kept).collect::<Vec<_>>().join("; ")
}

/// A member of staff, for humans.
pub(crate) fn professional_line(professional: &peer::Professional) -> String {
    let parts = [maybe_text(&professional.name), maybe_text(&professional.contact)];
    let parts: Vec<&str> = parts.iter().filter_map(Value::as_str).collect();
    parts.join(", ")
}
