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
    ListIntroductionsResponse, PairingView, PeerView,
};
use serde_json::{Value, json};

/// The phrase that both compare, of the talk that waits.
fn phrase<'p>(view: &IntroductionView, waiting: &'p [PairingView]) -> &'p str {
    let of_it = waiting.iter().find(|pairing| pairing.peer_id == view.structure_id);
    of_it.map(|pairing| pairing.comparison_phrase.as_str()).unwrap_or_default()
}

/// How it stands, in words.
const fn standing(view: IntroductionStanding) -> &'static str {
    match view {
        IntroductionStanding::Unspecified => "",
        IntroductionStanding::Asking => "you asked, no talk yet",
        IntroductionStanding::AwaitsUs => "waits for you: compare the phrase",
        IntroductionStanding::Confirmed => "confirmed here",
        IntroductionStanding::RefusedHere => "you said no",
        IntroductionStanding::RefusedThere => "they said no",
        IntroductionStanding::Lapsed => "nobody recommends them any more",
        IntroductionStanding::Expired => "its time is over",
    }
}

const fn side(side: IntroductionSide) -> &'static str {
    match side {
        IntroductionSide::Unspecified => "",
        IntroductionSide::AskedByUs => "you",
        IntroductionSide::AskedOfUs => "they",
    }
}

/// What went wrong last, in words.
const fn trouble(trouble: IntroductionTrouble) -> &'static str {
    match trouble {
        IntroductionTrouble::Unspecified => "",
        IntroductionTrouble::Unreachable => "unreachable",
        IntroductionTrouble::NotVouchedThere => "nobody recommends you to them",
        IntroductionTrouble::Full => "they take no more now",
        IntroductionTrouble::Agreement => "the two propose different agreements",
        IntroductionTrouble::Known => "they hold you as a partner already",
        IntroductionTrouble::NotBelieved => "not believed, or their program is too old",
        IntroductionTrouble::Unknown => "they gave no reason",
    }
}

fn introduction_json(view: &IntroductionView, waiting: &[PairingView]) -> Value {
    json!({
        "comparison_phrase": maybe_text(phrase(view, waiting)),
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
            let tried = trouble(view.trouble());
            let why = if tried.is_empty() { String::new() } else { format!(" ({tried})") };
            let again = view.next_try_ms.map(|at| format!(" It is asked again after {}.", when::human(at)));
            format!("It has not agreed to talk yet{why}.{}", again.unwrap_or_default())
        }
        IntroductionStanding::AwaitsUs => {
            format!(
                "Call them. When both read the same phrase, both run `relais introductions confirm {short}` (theirs names you)."
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
pub(crate) fn introduction(view: &IntroductionView, waiting: &[PairingView]) -> Answer {
    let mut lines = Lines::new();
    lines.line(format!("introduction to {}", named(&view.name, &view.structure_id)));
    lines.field("id", ids::structure(&view.structure_id));
    lines.field("state", standing(view.standing()));
    lines.field("phrase", phrase(view, waiting));
    lines.field("recommended by", vouchers(view));
    lines.field("until", when::human(view.expires_ms)).line(next(view));
    Answer::new(json!({ "introduction": introduction_json(view, waiting) }), lines.done())
}

/// The introductions.
pub(crate) fn introductions(found: &ListIntroductionsResponse, waiting: &[PairingView]) -> Answer {
    let rows = found.introductions.iter().map(|view| {
        [
            named(&view.name, &view.structure_id),
            ids::structure_short(&view.structure_id),
            side(view.side()).to_owned(),
            standing(view.standing()).to_owned(),
            vouchers(view),
            when::human(view.expires_ms),
            trouble(view.trouble()).to_owned(),
        ]
    });
    let mut lines = Lines::new();
    let otherwise = "no introduction; `relais introduce STRUCTURE` asks for one";
    let heads = ["structure", "id", "asked by", "state", "recommended by", "until", "trouble"];
    lines.table(heads, rows.collect(), otherwise);
    for view in &found.introductions {
        let words = phrase(view, waiting);
        if !words.is_empty() {
            lines.gap().line(format!("{}: {}", named(&view.name, &view.structure_id), next(view)));
            lines.field("phrase", words);
        }
    }
    let json: Value = found.introductions.iter().map(|view| introduction_json(view, waiting)).collect();
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
        let talk = PairingView {
            peer_id: vec![7; 32],
            comparison_phrase: "deux mots".to_owned(),
            ..PairingView::default()
        };
        let shown = introduction(&waiting, std::slice::from_ref(&talk));
        for word in [
            "Lire",
            "waits for you",
            "recommended by Emmaüs Connect until 2026-11-22",
            "relais introductions confirm",
        ] {
            assert!(shown.text.contains(word), "{word}: {}", shown.text);
        }
        assert!(shown.text.contains("phrase        deux mots"), "{}", shown.text);
        assert_eq!(shown.json["introduction"]["comparison_phrase"], "deux mots");
        assert_eq!(shown.json["introduction"]["standing"], "awaits_us");
        let one = ListIntroductionsResponse { introductions: vec![waiting.clone()] };
        let listed = introductions(&one, &[talk]).text;
        assert!(listed.contains("deux mots") && listed.contains("waits for you"), "{listed}");
        assert!(
            !listed.contains("awaits_us") && listed.contains(&ids::structure_short(&[7; 32])),
            "{listed}"
        );
        let asking = IntroductionView {
            standing: IntroductionStanding::Asking.into(),
            trouble: IntroductionTrouble::Unreachable.into(),
            next_try_ms: Some(1_795_305_600_000),
            ..waiting
        };
        let told = introduction(&asking, &[]).text;
        assert!(told.contains("(unreachable)") && told.contains("asked again after"), "{told}");
        let found = ListIntroductionsResponse { introductions: vec![asking] };
        assert!(introductions(&found, &[]).text.contains("unreachable"));
        assert_eq!(structures(&found)[0].name, "Lire");
    }
}
