//! Inquiries and their answers.

use super::directory::service_json;
use super::{instant, maybe_instant, maybe_text, territory, theme};
use crate::answer::Answer;
use crate::codes;
use crate::ids;
use crate::lines::{Lines, counted};
use crate::when;
use relais_domain::content::{Constraint, Urgency, YesNo};
use relais_domain::inquiry::AnswerKind;
use relais_proto::desk::v1::{
    InquiryAnswerView, InquiryAnswersView, InquiryPartner, InquiryStanding, InquiryView,
    ListInquiriesResponse, ReceivedInquiryView,
};
use relais_proto::peer::v1::InquiryConstraints;
use serde_json::{Value, json};

/// What stands beside every answer.
const NO_COMMITMENT: &str = "An answer is no commitment.";

fn constraints_json(constraints: Option<&InquiryConstraints>) -> Value {
    let wanted = constraints.cloned().unwrap_or_default();
    json!({
        "urgency": codes::json::<Urgency>(wanted.urgency.unwrap_or(0)),
        "languages": wanted.languages,
        "mobility": codes::json_list::<Constraint>(&wanted.mobility),
        "mode": wanted.mode,
        "audiences": wanted.audiences,
    })
}

fn constraints_line(constraints: Option<&InquiryConstraints>) -> String {
    let wanted = constraints.cloned().unwrap_or_default();
    let urgency = codes::word::<Urgency>(wanted.urgency.unwrap_or(0));
    let mobility = codes::words::<Constraint>(&wanted.mobility);
    let parts = [urgency, wanted.languages.join(", "), mobility, wanted.mode.unwrap_or_default()];
    let said = parts.into_iter().chain(wanted.audiences).filter(|part| !part.is_empty());
    said.collect::<Vec<_>>().join("; ")
}

fn answer_json(answer: &InquiryAnswerView) -> Value {
    json!({
        "kind": codes::json::<AnswerKind>(answer.kind),
        "places": answer.places,
        "waiting_days": answer.waiting_days,
        "service_id": maybe_text(&answer.service_id),
        "automatic": codes::json::<YesNo>(answer.automatic),
        "answered": instant(answer.answered_ms),
    })
}

fn answer_line(answer: &InquiryAnswerView) -> String {
    let kind = match codes::code::<AnswerKind>(answer.kind) {
        Some(AnswerKind::CanTake) => "can take".to_owned(),
        Some(AnswerKind::WaitingList) => "waiting list".to_owned(),
        Some(AnswerKind::Cannot) => "cannot".to_owned(),
        None => codes::word::<AnswerKind>(answer.kind),
    };
    let places = answer.places.map(|places| format!(" {places}")).unwrap_or_default();
    let days =
        answer.waiting_days.map(|days| format!(", within {}", counted(days, "day"))).unwrap_or_default();
    let by_itself = codes::code::<YesNo>(answer.automatic) == Some(YesNo::Yes);
    format!("{kind}{places}{days}{}", if by_itself { " (by the node)" } else { "" })
}

fn standing_word(partner: &InquiryPartner) -> &'static str {
    match partner.standing() {
        InquiryStanding::NotReached => "not_reached",
        InquiryStanding::Asked => "asked",
        InquiryStanding::Answered => "answered",
        InquiryStanding::NoAnswer => "no_answer",
        InquiryStanding::Unspecified => "unknown",
    }
}

fn standing_line(partner: &InquiryPartner) -> String {
    match (&partner.answer, partner.standing()) {
        (Some(answer), _) => answer_line(answer),
        (None, _) if partner.taken_back_ms.is_some() => "took its answer back".to_owned(),
        (None, InquiryStanding::NotReached) => "not reached yet".to_owned(),
        (None, InquiryStanding::NoAnswer) => "no answer".to_owned(),
        (None, _) => "asked".to_owned(),
    }
}

fn partner_json(partner: &InquiryPartner) -> Value {
    json!({
        "peer_id": ids::structure(&partner.peer_id),
        "name": partner.name,
        "standing": standing_word(partner),
        "answer": partner.answer.as_ref().map(answer_json),
        "taken_back": maybe_instant(partner.taken_back_ms),
        "service": partner.service.as_ref().map(service_json),
    })
}

fn ours_json(view: &InquiryView) -> Value {
    json!({
        "inquiry_id": ids::text(&view.inquiry_id),
        "theme": view.theme,
        "commune_code": view.commune_code,
        "territory": view.territory,
        "territory_name": view.territory_name,
        "constraints": constraints_json(view.constraints.as_ref()),
        "asked": instant(view.asked_ms),
        "expires": instant(view.expires_ms),
        "open": codes::json::<YesNo>(view.open),
        "asked_by": maybe_text(&view.asked_by),
        "partners": view.partners.iter().map(partner_json).collect::<Value>(),
        "partners_asked": view.asked,
        "answered": view.answered,
        "can_take": view.can_take,
        "left_out": view.left_out,
        "beyond": view.beyond,
    })
}

fn theirs_json(view: &ReceivedInquiryView) -> Value {
    json!({
        "peer_id": ids::structure(&view.peer_id),
        "name": view.name,
        "inquiry_id": ids::text(&view.inquiry_id),
        "theme": view.theme,
        "territory": view.territory,
        "territory_name": view.territory_name,
        "constraints": constraints_json(view.constraints.as_ref()),
        "received": instant(view.received_ms),
        "expires": instant(view.expires_ms),
        "answer": view.answer.as_ref().map(answer_json),
        "answered_by": maybe_text(&view.answered_by),
        "doors": view.doors.iter().map(|door| json!({ "service_id": door.service_id, "name": door.name }))
            .collect::<Value>(),
    })
}

/// One of this structure's inquiries, with every partner.
pub(crate) fn ours(view: &InquiryView) -> Answer {
    let mut lines = Lines::new();
    lines.line(format!("Inquiry {}: {}", ids::short(&view.inquiry_id), theme(&view.theme)));
    lines.field("where", territory(&view.territory));
    lines.field("wanted", constraints_line(view.constraints.as_ref()));
    lines.field("until", when::human(view.expires_ms));
    let rows = view.partners.iter().map(|partner| {
        let service = partner.service.as_ref().map(|service| service.service_id.clone());
        [partner.name.clone(), standing_line(partner), service.unwrap_or_default()]
    });
    lines.gap().table(["partner", "answer", "service"], rows.collect(), "nobody was asked");
    if view.left_out > 0 {
        lines.line(format!("Left out, asked too often lately: {}", view.left_out));
    }
    if view.beyond > 0 {
        lines.line(format!("Not asked, further away than those: {}", view.beyond));
    }
    if codes::code::<YesNo>(view.open) == Some(YesNo::Yes) && view.answered < view.asked {
        let id = ids::short(&view.inquiry_id);
        lines.line(format!("Not all have answered yet. Look again later: relais inquiries show {id}"));
    }
    lines.line(NO_COMMITMENT);
    Answer::new(json!({ "inquiry": ours_json(view) }), lines.done())
}

/// One of a partner's inquiries.
pub(crate) fn theirs(view: &ReceivedInquiryView) -> Answer {
    let mut lines = Lines::new();
    let answer = view.answer.as_ref().map_or_else(|| "no answer yet".to_owned(), answer_line);
    lines.line(format!("{} asks about {}: {answer}", view.name, theme(&view.theme)));
    lines.line(NO_COMMITMENT);
    Answer::new(json!({ "inquiry": theirs_json(view) }), lines.done())
}

/// Whether the node answers by itself.
pub(crate) fn setting(view: &InquiryAnswersView) -> Answer {
    let automatic = codes::code::<YesNo>(view.automatic) == Some(YesNo::Yes);
    let text = if automatic {
        "The node answers partners' inquiries by itself, from published places that have not expired."
    } else {
        "Professionals answer partners' inquiries; the node does not."
    };
    let json =
        json!({ "automatic": codes::json::<YesNo>(view.automatic), "set": maybe_instant(view.set_ms) });
    Answer::new(json, text)
}

/// Ours with their counts, and partners' to answer.
pub(crate) fn list(of_ours: &ListInquiriesResponse, of_partners: &ListInquiriesResponse) -> Answer {
    let mut lines = Lines::new();
    let rows = of_partners.theirs.iter().map(|view| {
        let answer = view.answer.as_ref().map_or_else(|| "to answer".to_owned(), answer_line);
        [
            ids::short(&view.inquiry_id),
            view.name.clone(),
            theme(&view.theme),
            territory(&view.territory),
            constraints_line(view.constraints.as_ref()),
            when::human(view.expires_ms),
            answer,
        ]
    });
    lines.line("Of partners:");
    let header = ["id", "partner", "need", "where", "wanted", "until", "answer"];
    lines.table(header, rows.collect(), "no partner asks");
    let rows = of_ours.ours.iter().map(|view| {
        let open = codes::code::<YesNo>(view.open) == Some(YesNo::Yes);
        let until = if open { when::human(view.expires_ms) } else { "over".to_owned() };
        [
            ids::short(&view.inquiry_id),
            theme(&view.theme),
            territory(&view.territory),
            until,
            format!("{} of {}", view.answered, view.asked),
            view.can_take.to_string(),
        ]
    });
    lines.gap().line("Of this structure:");
    let header = ["id", "need", "where", "until", "answered", "can take"];
    lines.table(header, rows.collect(), "nothing was asked; begin with `relais inquire`");
    if !of_ours.next_page_token.is_empty() {
        lines.line(format!("There are more: --page {}", of_ours.next_page_token));
    }
    let json = json!({
        "ours": of_ours.ours.iter().map(ours_json).collect::<Value>(),
        "next_page": maybe_text(&of_ours.next_page_token),
        "theirs": of_partners.theirs.iter().map(theirs_json).collect::<Value>(),
        "to_answer": of_partners.to_answer,
    });
    Answer::new(json, lines.done())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(kind: AnswerKind) -> InquiryAnswerView {
        let automatic = codes::Code::wire(YesNo::No);
        InquiryAnswerView { kind: codes::Code::wire(kind), automatic, ..InquiryAnswerView::default() }
    }

    #[test]
    fn answers_are_told_in_a_few_words() {
        let can = InquiryAnswerView { places: Some(3), waiting_days: Some(1), ..answer(AnswerKind::CanTake) };
        assert_eq!(answer_line(&can), "can take 3, within 1 day");
        let list = InquiryAnswerView { waiting_days: Some(10), ..answer(AnswerKind::WaitingList) };
        assert_eq!(answer_line(&list), "waiting list, within 10 days");
        let by_itself = codes::Code::wire(YesNo::Yes);
        let node = InquiryAnswerView { automatic: by_itself, ..answer(AnswerKind::CanTake) };
        assert_eq!(answer_line(&node), "can take (by the node)");
        assert_eq!(answer_line(&answer(AnswerKind::Cannot)), "cannot");
    }

    #[test]
    fn an_inquiry_says_who_answered_what_and_that_it_is_no_commitment() {
        let partner = |name: &str, standing: InquiryStanding, answer| InquiryPartner {
            name: name.to_owned(),
            standing: standing.into(),
            answer,
            ..InquiryPartner::default()
        };
        let view = InquiryView {
            theme: "numerique--acceder-a-une-connexion-internet".to_owned(),
            territory: "17300".to_owned(),
            constraints: Some(InquiryConstraints { languages: vec!["ar".to_owned()], ..Default::default() }),
            partners: vec![
                partner("Lire", InquiryStanding::Answered, Some(answer(AnswerKind::Cannot))),
                partner("Relier", InquiryStanding::NotReached, None),
                partner("Accueillir", InquiryStanding::NoAnswer, None),
                InquiryPartner { taken_back_ms: Some(1), ..partner("Loger", InquiryStanding::Asked, None) },
            ],
            beyond: 12,
            inquiry_id: vec![0x3f; 16],
            open: codes::Code::wire(YesNo::Yes),
            asked: 4,
            answered: 1,
            ..InquiryView::default()
        };
        let shown = ours(&view);
        for words in [
            "Lire",
            "cannot",
            "not reached yet",
            "no answer",
            "took its answer back",
            "Look again later: relais inquiries show 3f3f",
            "La Rochelle",
            "ar",
            "further away than those: 12",
            NO_COMMITMENT,
        ] {
            assert!(shown.text.contains(words), "{words}: {}", shown.text);
        }
        let over = ours(&InquiryView { open: codes::Code::wire(YesNo::No), ..view.clone() });
        let whole = ours(&InquiryView { answered: 4, ..view });
        assert!(!over.text.contains("Look again") && !whole.text.contains("Look again"));
        assert_eq!(shown.json["inquiry"]["partners"][1]["standing"], "not_reached");
        assert_eq!(shown.json["inquiry"]["partners"][0]["answer"]["kind"], "cannot");
    }
}
