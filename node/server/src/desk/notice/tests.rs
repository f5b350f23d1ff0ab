//! The notices against the rules of plain language: short sentences, one order, nothing made up.

use super::*;
use std::collections::BTreeSet;
use std::path::Path;

/// Most words of one sentence.
const SENTENCE_WORDS_MAX: usize = 12;
/// Most words of what is read aloud.
const SCRIPT_WORDS_MAX: usize = 90;
const PURPOSES: [Purpose; 2] = [Purpose::Referral, Purpose::Handover];
const LANGUAGES: [&str; 8] = ["fr", "en", "ar", "uk", "ru", "fa", "ps", "ti"];

/// The parts of a notice, in the order in which a person must hear them.
const ORDER_FR: [&str; 7] = [
    "Qui demande ?",
    "À qui ?",
    "Qu'est-ce que nous disons ?",
    "Qu'est-ce que nous ne disons pas ?",
    "Combien de temps ?",
    "Et si vous ne voulez pas ?",
    "Comment arrêter ?",
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
/// Where the person is told that no is an answer.
const MAY_REFUSE: usize = 5;

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
        (Purpose::Referral, "fr", "a75836c377507f8e6ca9e77350e852fc57fd04b3aea59dce00e9905447d65ca7"),
        (Purpose::Referral, "en", "f47459ea28a647ea4c2304d65721367cde1a43ed3ee822b45962908f0602320b"),
        (Purpose::Handover, "fr", "ea65a3bb21df2c9a1f05501816c826cc2e4b6e585d5fd7ac8457e8f81d2ad085"),
        (Purpose::Handover, "en", "ef96cfd3e6a6b72a42732fda2c585bb92d61a5661fec1cfa802838d1734e0533"),
    ];
    for (purpose, language, hash) in shown {
        let id = format!("{purpose}-1");
        let found = known(purpose, &id, language).unwrap_or_else(|| panic!("{id} {language} is known"));
        assert_eq!(found.notice.text, Digest::from_hex(hash).unwrap());
        assert_ne!(notice(purpose, language).unwrap().notice.id, id, "a better one is shown today");
    }
    assert!(known(Purpose::Referral, "referral-1", "ar").is_none(), "it was never translated");
    assert!(known(Purpose::Referral, "handover-1", "fr").is_none());
}

#[test]
fn a_notice_is_there_in_every_language_or_refused() {
    for purpose in PURPOSES {
        assert_eq!(languages(purpose), LANGUAGES);
        assert_eq!(notice(purpose, "").unwrap().notice.language, "fr");
        assert!(notice(purpose, "xx").is_none());
        for language in LANGUAGES {
            let shown = notice(purpose, language).unwrap();
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
    for purpose in PURPOSES {
        for shown in current(purpose) {
            assert_eq!(too_long(shown.text), None, "{} {}", shown.notice.id, shown.notice.language);
        }
    }
    let thirteen = "Nous lui disons ce qui est fait et ce qui reste à faire.";
    assert!(too_long(thirteen).is_some(), "the rule bites");
}

#[test]
fn every_notice_says_the_same_in_the_same_order() {
    for purpose in PURPOSES {
        let first = notice(purpose, "fr").unwrap();
        assert_eq!(headings(first.text), ORDER_FR);
        assert_eq!(headings(notice(purpose, "en").unwrap().text), ORDER_EN);
        let (_, may_refuse) = sections(first.text)[MAY_REFUSE];
        assert_eq!(may_refuse, "Vous pouvez dire non. Nous vous aidons quand même.");
        for shown in current(purpose) {
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
    for purpose in PURPOSES {
        for (language, teach_back, may_refuse) in checks {
            let script = notice(purpose, language).unwrap().script;
            let count = words(script);
            assert!(count <= SCRIPT_WORDS_MAX, "{purpose} {language}: {count} words");
            let last = script.trim_end().lines().last().unwrap();
            assert!(last.starts_with(teach_back) && last.ends_with('?'), "{last}");
            assert!(script.contains(may_refuse), "{purpose} {language}");
        }
    }
}
