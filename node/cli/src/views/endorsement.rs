//! Recommendations.

use super::{instant, maybe_text, territory, theme};
use crate::answer::Answer;
use crate::codes;
use crate::ids;
use crate::lines::Lines;
use crate::when;
use relais_proto::desk::v1::{EndorsementStanding, EndorsementView, ListEndorsementsResponse};
use serde_json::{Value, json};

/// For scripts.
pub(super) fn endorsement_json(view: &EndorsementView) -> Value {
    json!({
        "by_id": ids::structure(&view.by_id),
        "by_name": maybe_text(&view.by_name),
        "subject_id": ids::structure(&view.subject_id),
        "subject_name": maybe_text(&view.subject_name),
        "territories": view.territories,
        "themes": view.themes,
        "since": instant(view.since_ms),
        "until": instant(view.until_ms),
        "standing": codes::json::<EndorsementStanding>(view.standing),
    })
}

/// A name, or the beginning of an id where there is none.
pub(super) fn named(name: &str, id: &[u8]) -> String {
    if name.is_empty() { ids::structure_short(id) } else { name.to_owned() }
}

/// Where and for what, in words.
fn scope(view: &EndorsementView) -> String {
    let places: Vec<String> = view.territories.iter().map(|code| territory(code)).collect();
    let needs: Vec<String> = view.themes.iter().map(|code| theme(code)).collect();
    let needs = if needs.is_empty() { "every need".to_owned() } else { needs.join(", ") };
    if places.is_empty() { String::new() } else { format!("{}; {needs}", places.join(", ")) }
}

/// One recommendation.
pub(crate) fn endorsement(view: &EndorsementView) -> Answer {
    let subject = named(&view.subject_name, &view.subject_id);
    let text = match view.standing() {
        EndorsementStanding::Withdrawn => format!("you do not recommend {subject} any more"),
        EndorsementStanding::Holds | EndorsementStanding::Ended | EndorsementStanding::Unspecified => {
            format!("you recommend {subject} until {} ({})", when::human(view.until_ms), scope(view))
        }
    };
    Answer::new(json!({ "endorsement": endorsement_json(view) }), text)
}

/// What this structure says for others, and others for it.
pub(crate) fn endorsements(found: &ListEndorsementsResponse) -> Answer {
    let row = |name: String, view: &EndorsementView| {
        [name, codes::word::<EndorsementStanding>(view.standing), when::human(view.until_ms), scope(view)]
    };
    let given = found.given.iter().map(|view| row(named(&view.subject_name, &view.subject_id), view));
    let received = found.received.iter().map(|view| row(named(&view.by_name, &view.by_id), view));
    let mut lines = Lines::new();
    let otherwise = "you recommend nobody; `relais endorse PARTNER --territory 17`";
    lines.table(["you recommend", "state", "until", "for"], given.collect(), otherwise).gap();
    let otherwise = "nobody you know of recommends you";
    lines.table(["recommended by", "state", "until", "for"], received.collect(), otherwise);
    let json = json!({
        "given": found.given.iter().map(endorsement_json).collect::<Value>(),
        "received": found.received.iter().map(endorsement_json).collect::<Value>(),
    });
    Answer::new(json, lines.done())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voucher() -> EndorsementView {
        EndorsementView {
            by_id: vec![2; 32],
            by_name: "Emmaüs Connect".to_owned(),
            subject_id: vec![7; 32],
            territories: vec!["17".to_owned()],
            standing: EndorsementStanding::Holds.into(),
            until_ms: 1_795_305_600_000,
            ..EndorsementView::default()
        }
    }

    #[test]
    fn a_recommendation_says_where_for_what_and_until_when() {
        let given = EndorsementView { subject_name: "Lire".to_owned(), ..voucher() };
        assert!(endorsement(&given).text.starts_with("you recommend Lire until 2026-11-22"));
        assert!(endorsement(&given).text.ends_with("(17; every need)"));
        let withdrawn = EndorsementView { standing: EndorsementStanding::Withdrawn.into(), ..given.clone() };
        assert_eq!(endorsement(&withdrawn).text, "you do not recommend Lire any more");
        let found = ListEndorsementsResponse { given: vec![given], received: vec![voucher()] };
        let told = endorsements(&found).text;
        assert!(told.contains("Lire") && told.contains("Emmaüs Connect"), "{told}");
    }
}
