//! Consents and notices.

use super::content::{erasure_json, erasure_line};
use super::{instant, maybe_id, maybe_instant, maybe_structure, theme};
use crate::answer::Answer;
use crate::codes;
use crate::ids;
use crate::lines::Lines;
use crate::when;
use relais_domain::class::DataClass;
use relais_domain::consent::{GivenHow, Interpreter, LegalBasis, Presence, Standing, TeachBack};
use relais_domain::content::{FeedbackLevel, Reason};
use relais_domain::decide::Attention;
use relais_domain::event::Side;
use relais_proto::desk::v1::{ConsentView, NoticeView};
use relais_proto::peer::v1::{Consent, ConsentGiven, ConsentParty, Stage, YesNo};
use serde_json::{Value, json};

fn party_json(party: Option<&ConsentParty>) -> Value {
    party.map_or(Value::Null, |party| {
        json!({ "structure_id": maybe_structure(&party.structure_id), "site_id": maybe_id(&party.site_id) })
    })
}

fn given_json(given: &ConsentGiven) -> Value {
    json!({
        "how": codes::json::<GivenHow>(given.how),
        "language": given.language,
        "interpreter": codes::json::<Interpreter>(given.interpreter),
        "teach_back": codes::json::<TeachBack>(given.teach_back),
        "presence": codes::json::<Presence>(given.presence),
    })
}

fn consent_json(consent: &Consent) -> Value {
    let notice = consent.notice.as_ref();
    let notice = notice.map(|notice| {
        json!({ "id": notice.notice_id, "language": notice.language, "sha256": ids::hex(&notice.text_hash) })
    });
    json!({
        "consent_id": maybe_id(&consent.consent_id),
        "version": consent.version,
        "collected_by": party_json(consent.collected_by.as_ref()),
        "recipient": party_json(consent.recipient.as_ref()),
        "themes": consent.themes,
        "classes": codes::json_list::<DataClass>(&consent.classes),
        "name_stage": codes::json::<Stage>(consent.name_stage),
        "feedback": codes::json::<FeedbackLevel>(consent.feedback),
        "onward": consent.onward.iter().map(|id| maybe_structure(id)).collect::<Value>(),
        "valid_from": instant(consent.valid_from_ms),
        "valid_until": instant(consent.valid_until_ms),
        "collector_basis": codes::json::<LegalBasis>(consent.collector_basis),
        "recipient_basis": codes::json::<LegalBasis>(consent.recipient_basis),
        "given": consent.given.as_ref().map(given_json),
        "notice": notice,
    })
}

/// A consent for scripts.
pub(crate) fn view_json(view: &ConsentView) -> Value {
    let erasures = view.erasures.iter().map(|erasure| {
        json!({
            "side": codes::json::<Side>(erasure.side),
            "erasure": erasure.erasure.as_ref().map(erasure_json),
        })
    });
    json!({
        "thread_id": ids::text(&view.thread_id),
        "digest": ids::hex(&view.digest),
        "standing": codes::json::<Standing>(view.standing),
        "valid_until": instant(view.valid_until_ms),
        "consent": view.consent.as_ref().map(consent_json),
        "ended": maybe_instant(view.ended_ms),
        "ended_by": codes::json::<Side>(view.ended_by),
        "reason": codes::json::<Reason>(view.reason),
        "erasures": erasures.collect::<Value>(),
        "attention": codes::json_list::<Attention>(&view.attention),
    })
}

/// A consent and what became of it.
pub(crate) fn view(view: &ConsentView) -> Answer {
    let mut lines = Lines::new();
    let standing = codes::word::<Standing>(view.standing);
    lines.line(format!("consent of {}: {standing}", ids::text(&view.thread_id)));
    lines.field("digest", ids::hex(&view.digest));
    lines.field("until", when::human(view.valid_until_ms));
    match &view.consent {
        Some(consent) => consent_lines(&mut lines, consent),
        None => {
            lines.field("content", "erased: only the digest remains");
        }
    }
    if let Some(ended) = view.ended_ms {
        let (reason, by) = (codes::word::<Reason>(view.reason), codes::word::<Side>(view.ended_by));
        lines.field("ended", format!("{} {reason}, by the {by}", when::human(ended)));
    }
    for erasure in &view.erasures {
        let said = erasure.erasure.as_ref().map_or_else(|| "signed".to_owned(), erasure_line);
        lines.field(&codes::word::<Side>(erasure.side), said);
    }
    lines.field("attention", codes::words::<Attention>(&view.attention));
    Answer::new(view_json(view), lines.done())
}

fn consent_lines(lines: &mut Lines, consent: &Consent) {
    let parties = [consent.collected_by.as_ref(), consent.recipient.as_ref()];
    let [from, to] =
        parties.map(|party| party.map(|party| ids::structure(&party.structure_id)).unwrap_or_default());
    lines.field("collected by", from).field("for", to);
    lines.field("needs", consent.themes.iter().map(|code| theme(code)).collect::<Vec<_>>().join("; "));
    lines.field("told", codes::words::<DataClass>(&consent.classes));
    lines.field("told back", codes::word::<FeedbackLevel>(consent.feedback));
    lines.field(
        "onward",
        consent.onward.iter().map(|id| ids::structure_short(id)).collect::<Vec<_>>().join(", "),
    );
    if let Some(given) = &consent.given {
        let parts = [
            codes::word::<GivenHow>(given.how),
            format!("in {}", given.language),
            format!("interpreter: {}", codes::word::<Interpreter>(given.interpreter)),
            format!("said back: {}", codes::word::<TeachBack>(given.teach_back)),
            format!("beside: {}", codes::word::<Presence>(given.presence)),
        ];
        lines.field("given", parts.join("; "));
    }
    if let Some(notice) = &consent.notice {
        lines.field("notice", format!("{} ({})", notice.notice_id, notice.language));
    }
}

/// A notice, as it is read to the person.
pub(crate) fn notice(notice: &NoticeView) -> Answer {
    let reviewed = notice.reviewed() == YesNo::Yes;
    let json = json!({
        "notice_id": notice.notice_id,
        "language": notice.language,
        "text": notice.text,
        "sha256": ids::hex(&notice.text_hash),
        "reviewed": reviewed,
        "script": notice.script,
    });
    let warning = "Nobody who speaks this language has reviewed this text yet.";
    let text = if reviewed { notice.text.clone() } else { format!("{warning}\n\n{}", notice.text) };
    Answer::new(json, text)
}
