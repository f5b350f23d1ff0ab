//! Words that may not stand in the code.

use super::repository::{Room, Source, files, sources};

/// Macros that stop the program; never outside tests.
const STOPPING_MACROS: &[&str] = &["panic", "todo", "unimplemented"];

fn unwraps(source: &Source) -> Vec<String> {
    let words = source.scan.words().filter(|(offset, word)| *word == "unwrap" && !source.in_test(*offset));
    words.map(|(offset, _)| format!("{}: unwrap", source.place(offset))).collect()
}

fn stops(source: &Source) -> Vec<String> {
    let code = &source.scan.code;
    let is_macro = |offset: usize, word: &str| {
        let after = code[offset + word.len()..].trim_start();
        after.starts_with('!') && !after.starts_with("!=")
    };
    let words = source.scan.words().filter(|(_, word)| STOPPING_MACROS.contains(word));
    let product = words.filter(|(offset, word)| is_macro(*offset, word) && !source.in_test(*offset));
    product.map(|(offset, word)| format!("{}: {word}!", source.place(offset))).collect()
}

fn allows(source: &Source) -> Vec<String> {
    let is_allow = |text: &str| {
        let starts = text.match_indices("allow").filter(|(at, _)| {
            let before = text[..*at].chars().next_back();
            before.is_none_or(|c| !c.is_alphanumeric() && c != '_')
        });
        starts.into_iter().any(|(at, word)| text[at + word.len()..].trim_start().starts_with('('))
    };
    let attributes = source.scan.attributes().into_iter().filter(|(_, text)| is_allow(text));
    attributes.map(|(span, text)| format!("{}: {text}", source.place(span.start))).collect()
}

#[test]
fn no_file_is_named_mod_rs() {
    let named = files().iter().filter(|path| path.rsplit('/').next() == Some("mod.rs"));
    super::none("name it after its module", named.cloned().collect());
}

#[test]
fn no_lint_is_allowed_only_expected() {
    super::none("write #[expect(…, reason = …)]", sources().iter().flat_map(allows).collect());
}

#[test]
fn nothing_outside_tests_unwraps_or_stops() {
    let product = || sources().iter().filter(|source| source.room == Room::Product);
    let found = product().flat_map(unwraps).chain(product().flat_map(stops)).collect();
    super::none("the program may not stop here", found);
}

#[test]
fn forbidden_words_are_seen_and_others_are_not() {
    let text = "\
fn a() { x.unwrap(); y.map(Option::unwrap); z.unwrap_or(1); // .unwrap()
  panic!(\"no\"); std::todo! {}; unimplemented ![]; if panic != 1 {} \"panic!()\"; catch_panic!(); }
#[allow(dead_code)]
#[expect(dead_code, reason = \"allow(x)\")]
#[cfg_attr(x, allow (b))]
#[doc(allowed)]
#[cfg(test)]
mod tests { #[allow(x)] fn t() { x.unwrap(); panic!(); } }
";
    let source = Source::of("node/wire/src/a.rs", text);
    let places = |found: Vec<String>| -> Vec<String> {
        found.into_iter().map(|place| place.replace("node/wire/src/a.rs:", "")).collect()
    };
    assert_eq!(places(unwraps(&source)), ["1: unwrap", "1: unwrap"]);
    assert_eq!(places(stops(&source)), ["2: panic!", "2: todo!", "2: unimplemented!"]);
    assert_eq!(places(allows(&source)), ["3: allow(dead_code)", "5: cfg_attr(x, allow (b))", "8: allow(x)"]);
}
