//! Introductions.

use super::endorsement::{endorsement_json, named};
use super::{instant, maybe_instant, maybe_text};
use crate::answer::Answer;
use crate::codes;
use crate::ids;
use crate::lines::Lines;
use crate::when;
use relais_proto::desk::v1::{
    EndorsementView, IntroductionSide, IntroductionStanding, IntroductionTrouble, IntroductionView,
    ListIntroductionsResponse, PeerView,
};
use serde_json::{Value, json};

fn introduction_json(view: &IntroductionView) -> Value {
    json!({
        "structure_id": ids::structure(&view.structure_id),
        "name": maybe_text(&view.name),
        "side": codes::json::<IntroductionSide>(view.side),
        "standing": codes::json::<IntroductionStanding>(view.standing),
        "begun": instant(view.begun_ms),
        "expires": instant(view.expires_ms),
        "vouchers": view.vouchers.iter().map(endorsement_json).collect::<Value>(),
        "tries": view.tries,
        "next_try": maybe_instant(view.next_try_ms),
        "trouble": codes::json::<IntroductionTrouble>(view.trouble),
        "endpoints": view.endpoints,
    })
}

/// Who vouches, in words.
fn vouchers(view: &IntroductionView) -> String {
    let one = |voucher: &EndorsementView| {
        format!("{} until {}", named(&voucher.by_name, &voucher.by_id), when::human(voucher.until_ms))
    };
    view.vouchers.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// What comes next, in words.
fn next(view: &IntroductionView) -> String {
    let short = ids::structure_short(&view.structure_id);
    match view.standing() {
        IntroductionStanding::Asking => {
            let tried = codes::word::<IntroductionTrouble>(view.trouble);
            let why = if tried.is_empty() { String::new() } else { format!(" ({tried})") };
            let again = view.next_try_ms.map(|at| format!(" It is asked again after {}.", when::human(at)));
            format!("It has not agreed to talk yet{why}.{}", again.unwrap_or_default())
        }
        IntroductionStanding::AwaitsUs => {
            format!(
                "Call them. When both read the same phrase, both run `relais peers confirm {short}` (theirs names you)."
            )
        }
        IntroductionStanding::Confirmed => {
            "Confirmed here. Letters pass once their admin has confirmed too.".to_owned()
        }
        IntroductionStanding::RefusedHere => "You said no.".to_owned(),
        IntroductionStanding::RefusedThere => "They said no.".to_owned(),
        IntroductionStanding::Lapsed => "No partner of yours recommends them any more.".to_owned(),
        IntroductionStanding::Expired => "Its time is over.".to_owned(),
        IntroductionStanding::Unspecified => String::new(),
    }
}

/// One introduction.
pub(crate) fn introduction(view: &IntroductionView) -> Answer {
    let mut lines = Lines::new();
    lines.line(format!("introduction to {}", named(&view.name, &view.structure_id)));
    lines.field("id", ids::structure(&view.structure_id));
    lines.field("state", codes::word::<IntroductionStanding>(view.standing));
    lines.field("recommended by", vouchers(view));
    lines.field("until", when::human(view.expires_ms)).line(next(view));
    Answer::new(json!({ "introduction": introduction_json(view) }), lines.done())
}

/// The introductions.
pub(crate) fn introductions(found: &ListIntroductionsResponse) -> Answer {
    let rows = found.introductions.iter().map(|view| {
        [
            named(&view.name, &view.structure_id),
            codes::word::<IntroductionSide>(view.side),
            codes::word::<IntroductionStanding>(view.standing),
            vouchers(view),
            when::human(view.expires_ms),
            codes::word::<IntroductionTrouble>(view.trouble),
        ]
    });
    let mut lines = Lines::new();
    let otherwise = "no introduction; `relais introduce ID` asks for one";
    let heads = ["structure", "side", "state", "recommended by", "until", "trouble"];
    lines.table(heads, rows.collect(), otherwise);
    let json: Value = found.introductions.iter().map(introduction_json).collect();
    Answer::new(json!({ "introductions": json }), lines.done())
}

/// The structures of introductions, to find one by what was typed.
pub(crate) fn structures(found: &ListIntroductionsResponse) -> Vec<PeerView> {
    let structure = |view: &IntroductionView| PeerView {
        peer_id: view.structure_id.clone(),
        name: view.name.clone(),
        ..PeerView::default()
    };
    found.introductions.iter().map(structure).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use relais_proto::desk::v1::EndorsementStanding;

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
    fn who_asks_who_vouches_and_what_comes_next_is_told() {
        let waiting = IntroductionView {
            structure_id: vec![7; 32],
            name: "Lire".to_owned(),
            side: IntroductionSide::AskedOfUs.into(),
            standing: IntroductionStanding::AwaitsUs.into(),
            vouchers: vec![voucher()],
            ..IntroductionView::default()
        };
        let told = introduction(&waiting).text;
        for word in ["Lire", "awaits_us", "Emmaüs Connect until 2026-11-22", "relais peers confirm"] {
            assert!(told.contains(word), "{word}: {told}");
        }
        let asking = IntroductionView {
            standing: IntroductionStanding::Asking.into(),
            trouble: IntroductionTrouble::Unreachable.into(),
            next_try_ms: Some(1_795_305_600_000),
            ..waiting
        };
        let told = introduction(&asking).text;
        assert!(told.contains("(unreachable)") && told.contains("asked again after"), "{told}");
        let found = ListIntroductionsResponse { introductions: vec![asking] };
        assert!(introductions(&found).text.contains("unreachable"));
        assert_eq!(structures(&found)[0].name, "Lire");
    }
}
