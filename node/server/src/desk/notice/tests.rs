//! The notices against the rules of plain language: short sentences, one order, nothing made up.

use super::*;
use std::collections::BTreeSet;
use std::path::Path;

/// Most words of one sentence.
const SENTENCE_WORDS_MAX: usize = 12;
/// Most words of what is read aloud.
const SCRIPT_WORDS_MAX: usize = 90;
const OCCASIONS: [Occasion; 3] = [Occasion::Referral, Occasion::WalkIn, Occasion::Handover];
const LANGUAGES: [&str; 8] = ["fr", "en", "ar", "uk", "ru", "fa", "ps", "ti"];

/// The parts of a notice, in the order in which a person must hear them.
const ORDER_FR: [&str; 7] = [
    "Qui demande\u{202f}?",
    "À qui\u{202f}?",
    "Qu’est-ce que nous disons\u{202f}?",
    "Qu’est-ce que nous ne disons pas\u{202f}?",
    "Combien de temps\u{202f}?",
    "Et si vous ne voulez pas\u{202f}?",
    "Comment arrêter\u{202f}?",
];
const ORDER_EN: [&str; 7] = [
    "Who is asking?",
    "Who do we ask?",
    "What do we tell them?",
    "What do we not tell them?",
    "For how long?",
    "What if you do not want this?",
    "How can you stop?",
];
/// What stands for the second of them in English when nobody is asked.
const TOLD_EN: &str = "Who do we tell?";
/// Where the person is told that no is an answer.
const MAY_REFUSE: usize = 5;
/// Where they are told what is told, and what is not.
const TOLD: usize = 2;
const NOT_TOLD: usize = 3;

fn words(text: &str) -> usize {
    text.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count()
}

/// The longest sentence of a text that has too many words.
fn too_long(text: &str) -> Option<&str> {
    let sentences = text.split(['.', '\n', '?', '!', ':', '\u{61f}', '\u{6d4}', '\u{1362}']);
    sentences.filter(|sentence| words(sentence) > SENTENCE_WORDS_MAX).max_by_key(|sentence| words(sentence))
}

fn sections(text: &str) -> Vec<(&str, &str)> {
    text.trim_end().split("\n\n").filter_map(|section| section.split_once('\n')).collect()
}

fn headings(text: &str) -> Vec<&str> {
    sections(text).iter().map(|(heading, _)| *heading).collect()
}

#[test]
fn the_manifest_names_every_file_once_and_its_hash() {
    let entries = entries();
    let files = entries.iter().flat_map(|entry| [Some(&entry.file), entry.script.as_ref()]).flatten();
    let named: Vec<&str> = files.map(String::as_str).collect();
    let once: BTreeSet<&str> = named.iter().copied().collect();
    assert_eq!(named.len(), once.len(), "no file twice");
    let built: BTreeSet<&str> = FILES.iter().map(|(name, _)| *name).collect();
    assert_eq!(once, built);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/notices");
    let there = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let there: BTreeSet<String> = there.map(|name| name.into_string().unwrap()).collect();
    let known: BTreeSet<String> =
        built.iter().map(|name| (*name).to_owned()).chain(["manifest.json".to_owned()]).collect();
    assert_eq!(there, known);
    assert_eq!(NOTICES.len(), entries.len(), "every hash fits its file");
    let ids: BTreeSet<(&str, &str)> =
        NOTICES.iter().map(|one| (one.notice.id.as_str(), one.notice.language.as_str())).collect();
    assert_eq!(ids.len(), NOTICES.len(), "no notice twice");
    assert!(text("referral-2.fr.txt", &"0".repeat(64)).is_none(), "another text is no text");
}

#[test]
fn what_was_shown_once_stays_as_it_was() {
    let shown = [
        ("referral-1", "fr", "a75836c377507f8e6ca9e77350e852fc57fd04b3aea59dce00e9905447d65ca7"),
        ("referral-1", "en", "f47459ea28a647ea4c2304d65721367cde1a43ed3ee822b45962908f0602320b"),
        ("referral-2", "fr", "ed6b69c42358d0208e8132150dbebc62004c1d012bba5a2b0f3eaef860ca0fb0"),
        ("referral-2", "en", "a1fb2955539967bb33e8fa04c5127fa3dda4cb4075f4dc78c2db5685a3f1cba3"),
        ("referral-2", "ar", "e2c40c723aae460bfafb684fedd772abcb09e6041ab29c5dbc00a2ff5ccca84b"),
        ("handover-1", "fr", "ea65a3bb21df2c9a1f05501816c826cc2e4b6e585d5fd7ac8457e8f81d2ad085"),
        ("handover-1", "en", "ef96cfd3e6a6b72a42732fda2c585bb92d61a5661fec1cfa802838d1734e0533"),
        ("handover-2", "fr", "dd0d304a8805ac389599144ba32336199544b90f4060f17546fb7b2dac941378"),
        ("handover-2", "en", "105bf555bf368fb7c7bbec8b750fd207ca258af7ec49b16e510c0823bc368626"),
        ("handover-2", "ar", "5b3e1e5be640994d7c68fb7d630a0018bcf3ca83762a74a753c5df588bf652d3"),
    ];
    for (id, language, hash) in shown {
        let hash = Digest::from_hex(hash).unwrap();
        let occasion = if id.starts_with("referral") { Occasion::Referral } else { Occasion::Handover };
        let found = known(occasion, id, language).unwrap_or_else(|| panic!("{id} {language} is known"));
        assert_eq!(found.notice.text, hash);
        assert_eq!(of_text(hash.as_bytes()).unwrap().text, found.text, "{id} {language}");
        assert_ne!(notice(occasion, language).unwrap().notice.id, id, "a better one is shown today");
    }
    assert!(known(Occasion::Referral, "referral-1", "ar").is_none(), "it was never translated");
    assert!(known(Occasion::Referral, "handover-1", "fr").is_none());
    assert!(known(Occasion::Referral, "walk-in-1", "fr").is_none(), "it says that no name leaves");
    assert!(known(Occasion::WalkIn, "referral-2", "fr").is_some(), "it was read before there was another");
}

#[test]
fn a_consent_finds_the_very_text_it_names() {
    let asked = |request: desk::ShowNoticeRequest| Desk::show_notice(&request);
    for old in NOTICES.iter() {
        let hash = old.notice.text.as_bytes().to_vec();
        let request = desk::ShowNoticeRequest { text_hash: hash.clone(), ..Default::default() };
        let told = asked(request).unwrap();
        assert_eq!((told.text.as_str(), told.text_hash), (old.text, hash));
        let (notice_id, language) = (old.notice.id.clone(), old.notice.language.clone());
        let named = desk::ShowNoticeRequest { notice_id, language, ..Default::default() };
        assert_eq!(asked(named).unwrap().text, old.text);
    }
    let other = Digest::of(b"another text").as_bytes().to_vec();
    let unknown = [
        desk::ShowNoticeRequest { text_hash: other, purpose: 1, ..Default::default() },
        desk::ShowNoticeRequest { notice_id: "referral-99".to_owned(), purpose: 1, ..Default::default() },
    ];
    for request in unknown {
        assert_eq!(asked(request).unwrap_err().code(), tonic::Code::NotFound, "nothing stands for it");
    }
    let today = |purpose: peer::Purpose, walk_in: peer::YesNo| {
        let (purpose, walk_in) = (purpose.into(), walk_in.into());
        asked(desk::ShowNoticeRequest { purpose, walk_in, ..Default::default() }).unwrap().notice_id
    };
    assert_eq!(today(peer::Purpose::Referral, peer::YesNo::Unspecified), "referral-3");
    assert_eq!(today(peer::Purpose::Referral, peer::YesNo::Yes), "walk-in-1");
    assert_eq!(today(peer::Purpose::Handover, peer::YesNo::No), "handover-3");
    assert!(asked(desk::ShowNoticeRequest::default()).is_err(), "of what?");
}

#[test]
fn a_notice_is_there_in_every_language_or_refused() {
    for occasion in OCCASIONS {
        assert_eq!(languages(occasion), LANGUAGES);
        assert_eq!(notice(occasion, "").unwrap().notice.language, "fr");
        assert!(notice(occasion, "xx").is_none());
        for language in LANGUAGES {
            let shown = notice(occasion, language).unwrap();
            let by_a_human = matches!(language, "fr" | "en");
            assert_eq!(shown.reviewed == YesNo::Yes, by_a_human, "{language}");
            assert_eq!(shown.script.is_empty(), !by_a_human, "{language}");
        }
    }
    let manifest: Vec<serde_json::Value> = serde_json::from_str(MANIFEST).unwrap();
    for entry in manifest {
        let right_to_left = ["ar", "fa", "ps"].contains(&entry["language"].as_str().unwrap());
        assert_eq!(entry["direction"], if right_to_left { "rtl" } else { "ltr" });
    }
}

#[test]
fn no_sentence_is_long() {
    for occasion in OCCASIONS {
        for shown in current(occasion) {
            for text in [shown.text, shown.script] {
                assert_eq!(too_long(text), None, "{} {}", shown.notice.id, shown.notice.language);
            }
        }
    }
    let thirteen = "Nous lui disons ce qui est fait et ce qui reste à faire.";
    assert!(too_long(thirteen).is_some(), "the rule bites");
}

#[test]
fn every_notice_says_the_same_in_the_same_order() {
    for occasion in OCCASIONS {
        let first = notice(occasion, "fr").unwrap();
        assert_eq!(headings(first.text), ORDER_FR);
        let mut order = ORDER_EN;
        if occasion == Occasion::WalkIn {
            order[1] = TOLD_EN;
        }
        assert_eq!(headings(notice(occasion, "en").unwrap().text), order);
        let (_, may_refuse) = sections(first.text)[MAY_REFUSE];
        assert_eq!(may_refuse, "Vous pouvez dire non. Nous vous aidons quand même.");
        for shown in current(occasion) {
            let told = format!("{} {}", shown.notice.id, shown.notice.language);
            let count =
                |text| sections(text).iter().map(|(_, body)| body.lines().count()).collect::<Vec<_>>();
            assert_eq!(count(shown.text), count(first.text), "{told}: sentence by sentence");
            let asks = |heading: &&str| heading.ends_with(['?', '\u{61f}', '\u{1367}']);
            let headings = headings(shown.text);
            assert!(headings.iter().all(|heading| asks(heading) || shown.notice.language == "ti"), "{told}");
            assert!(!shown.text.contains("\n\n\n") && shown.text.ends_with('\n'), "{told}");
            // Dates stand beside the text: it is the same for everyone, so its hash says what was read.
            assert!(!shown.text.chars().any(char::is_numeric), "{told}");
        }
    }
}

#[test]
fn what_is_read_aloud_is_short_and_ends_with_a_question() {
    let checks =
        [("fr", "Avec vos mots", "Vous pouvez dire non."), ("en", "In your own words", "You can say no.")];
    for occasion in OCCASIONS {
        let lines = |language| notice(occasion, language).unwrap().script.lines().count();
        assert_eq!(lines("fr"), lines("en"), "{occasion:?}: sentence by sentence");
        for (language, teach_back, may_refuse) in checks {
            let script = notice(occasion, language).unwrap().script;
            let count = words(script);
            assert!(count <= SCRIPT_WORDS_MAX, "{occasion:?} {language}: {count} words");
            let last = script.trim_end().lines().last().unwrap();
            assert!(last.starts_with(teach_back) && last.ends_with('?'), "{last}");
            assert!(script.contains(may_refuse), "{occasion:?} {language}");
        }
    }
}

/// What the forms of this node send: a notice that says less is untrue.
#[test]
fn a_notice_tells_what_leaves_and_promises_nothing_more() {
    for occasion in OCCASIONS {
        let shown = notice(occasion, "fr").unwrap();
        let told: Vec<&str> = sections(shown.text).into_iter().map(|(_, body)| body).collect();
        assert!(told[TOLD].contains("commune") && told[TOLD].ends_with("est écrit à côté."), "{occasion:?}");
        assert!(shown.script.contains("votre commune") && shown.script.contains("tout ce que je dis"));
        for text in [shown.text, shown.script, notice(occasion, "en").unwrap().text] {
            assert!(!text.contains("rien d’autre") && !text.contains("nothing else"), "{occasion:?}");
        }
        assert_eq!(told[TOLD].contains("prénom"), occasion == Occasion::Referral);
        assert_eq!(told[TOLD].contains("objectifs"), occasion == Occasion::Handover);
        assert_eq!(told[NOT_TOLD].contains("votre nom.\n"), occasion == Occasion::WalkIn);
        assert!(shown.text.trim_end().ends_with("elle garde son propre dossier."), "{occasion:?}");
    }
}

#[test]
fn french_is_set_as_french_is() {
    for shown in OCCASIONS.map(|occasion| notice(occasion, "fr").unwrap()) {
        for text in [shown.text, shown.script] {
            assert!(!text.contains(['\'', '"']), "{}", shown.notice.id);
            assert!(!text.contains(" ?") && !text.contains(" :"), "{}", shown.notice.id);
        }
    }
}
