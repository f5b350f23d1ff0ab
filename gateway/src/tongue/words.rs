//! The words: both languages say the same keys with the same places, every key that is asked for is there, and every key
//! that is there is asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn room(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
    found
}

/// Each key with the places its text has.
fn words(language: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut words: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files(&room("locales").join(language), "ftl") {
        let text = fs::read_to_string(&file).unwrap();
        let mut key = String::new();
        for line in text.lines() {
            let begins = line.starts_with(|letter: char| letter.is_ascii_lowercase());
            if let Some((name, _)) = line.split_once('=').filter(|_| begins) {
                key = name.trim().to_owned();
                assert!(
                    words.insert(key.clone(), BTreeSet::new()).is_none(),
                    "{key} twice, {}",
                    file.display()
                );
            }
            if line.starts_with('#') {
                continue;
            }
            for place in line.split('$').skip(1) {
                let name: String = place
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
                    .collect();
                words.get_mut(&key).unwrap().insert(name);
            }
        }
    }
    words
}

/// Every text between quotes in the sources and the templates.
fn quoted() -> BTreeSet<String> {
    let sources = files(&room("src"), "rs").into_iter().chain(files(&room("templates"), "html"));
    let mut quoted = BTreeSet::new();
    for source in sources {
        let text = fs::read_to_string(source).unwrap();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            quoted.extend(line.split('"').skip(1).map(str::to_owned));
        }
    }
    quoted
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

#[test]
fn both_languages_say_the_same_keys_with_the_same_places() {
    let (french, english) = (words("fr"), words("en"));
    let keys = |words: &BTreeMap<String, BTreeSet<String>>| words.keys().cloned().collect::<BTreeSet<_>>();
    let differ: Vec<String> = keys(&french).symmetric_difference(&keys(&english)).cloned().collect();
    assert!(differ.is_empty(), "in one language only: {differ:?}");
    for (key, places) in &french {
        assert_eq!(Some(places), english.get(key), "places of {key}");
    }
    assert!(french.len() > 300, "{}", french.len());
}

/// Codes of the API whose whole name is the key: `EVENT_KIND_SENT` is said by `event-kind-sent`.
const CODES: [&str; 19] = [
    "attention-",
    "consent-standing-",
    "directory-compared-",
    "due-kind-",
    "endorsement-refused-",
    "event-kind-",
    "introduction-standing-",
    "introduction-trouble-",
    "kept-basis-",
    "label-",
    "outcome-",
    "peer-change-reason-",
    "possible-",
    "question-",
    "reason-",
    "reply-",
    "scope-",
    "structure-kind-",
    "thread-part-",
];

/// The beginnings of keys that are put together, like `theme-{code}`.
fn families(quoted: &BTreeSet<String>) -> BTreeSet<String> {
    let begun = quoted.iter().filter_map(|text| text.split_once('{')).map(|(begin, _)| begin.to_owned());
    let begun = begun.filter(|begin| begin.len() > 2 && begin.ends_with('-') && is_key(begin));
    begun.chain(CODES.map(str::to_owned)).collect()
}

#[test]
fn every_key_is_asked_for() {
    let quoted = quoted();
    let families = families(&quoted);
    let french = words("fr");
    let asked = |key: &String| {
        // `a-what`, `a-usual`: put together from a key that is asked for.
        let stem = key.rsplit_once('-').map(|(stem, _)| stem.to_owned());
        quoted.contains(key)
            || families.iter().any(|family| key.starts_with(family.as_str()))
            || stem.is_some_and(|stem| quoted.contains(&stem))
    };
    let unused: Vec<&String> = french.keys().filter(|key| !asked(key)).collect();
    assert!(unused.is_empty(), "never asked for: {unused:?}");
}

#[test]
fn every_key_that_is_asked_for_is_there() {
    let french = words("fr");
    let sources = files(&room("src"), "rs").into_iter().chain(files(&room("templates"), "html"));
    let mut missing = BTreeSet::new();
    for source in sources {
        let text = fs::read_to_string(&source).unwrap();
        for verb in [".say(", ".with(", ".count(", ".maybe("] {
            for call in text.split(verb).skip(1) {
                let Some(key) = call.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next())
                else {
                    continue;
                };
                if is_key(key) && !french.contains_key(key) {
                    missing.insert(key.to_owned());
                }
            }
        }
    }
    assert!(missing.is_empty(), "nothing is said for: {missing:?}");
}

/// Words are escaped when they are written: markup would be read out.
#[test]
fn no_word_holds_markup() {
    for language in ["fr", "en"] {
        for file in files(&room("locales").join(language), "ftl") {
            let text = fs::read_to_string(&file).unwrap();
            assert!(!text.contains('<') && !text.contains("&nbsp"), "{}", file.display());
        }
    }
}
