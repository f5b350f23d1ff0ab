//! Some functions have one caller, and every refusal has a test.

use super::repository::{Source, sources};
use super::scan::{is_word, skip_blank, skip_group};
use std::collections::BTreeSet;

/// Constructors named for their duty: who calls one takes that duty on, so there is exactly one who does.
const DUTIES: &[&str] = &["vouched_by", "after_commit"];

const REFUSALS: &str = "node/domain/src/refusal.rs";

/// Where the product names the function `name`: its definitions, and every other mention, which counts as a call.
struct Mentions {
    definitions: Vec<String>,
    calls: Vec<String>,
}

fn mentions(sources: &[Source], name: &str) -> Mentions {
    let mut found = Mentions { definitions: Vec::new(), calls: Vec::new() };
    for source in sources {
        let mut previous = "";
        for (offset, word) in source.scan.words() {
            if word == name && !source.in_test(offset) {
                let list = if previous == "fn" { &mut found.definitions } else { &mut found.calls };
                list.push(source.place(offset));
            }
            previous = word;
        }
    }
    found
}

/// The variants of `pub enum name`; `Err` says why they cannot be read.
fn variants(source: &Source, name: &str) -> Result<Vec<String>, String> {
    let code = source.scan.code.as_str();
    let bytes = code.as_bytes();
    let head = format!("pub enum {name}");
    let after = code.match_indices(&head).map(|(at, _)| skip_blank(bytes, at + head.len()));
    let mut bodies = after.filter(|at| bytes.get(*at) == Some(&b'{'));
    let open = bodies.next().ok_or_else(|| format!("{}: no `{head} {{`", source.path))?;
    let end = skip_group(bytes, open).ok_or_else(|| format!("{}: the enum never closes", source.path))?;
    let mut names = Vec::new();
    let mut at = open + 1;
    loop {
        at = skip_blank(bytes, at);
        match bytes[at] {
            b'}' if at + 1 == end => return Ok(names),
            b',' => at += 1,
            b'#' => at = skip_group(bytes, skip_blank(bytes, at + 1)).unwrap_or(end),
            byte if byte.is_ascii_uppercase() => {
                let word = (at..end).find(|at| !is_word(bytes[*at])).unwrap_or(end);
                names.push(code[at..word].to_owned());
                at = variant_end(bytes, word);
            }
            _ => return Err(format!("{}: a variant written plainly was expected", source.place(at))),
        }
    }
}

/// The offset of the `,` or `}` after a variant's name.
fn variant_end(bytes: &[u8], mut at: usize) -> usize {
    while !matches!(bytes.get(at), Some(b',' | b'}') | None) {
        at = match bytes[at] {
            b'(' | b'{' => skip_group(bytes, at).unwrap_or(bytes.len()),
            _ => at + 1,
        };
    }
    at
}

/// The `X` of every `name::X` in test code.
fn named_in_tests(sources: &[Source], name: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for source in sources {
        let bytes = source.scan.code.as_bytes();
        for (offset, word) in source.scan.words() {
            let colons = skip_blank(bytes, offset + word.len());
            if word != name || !source.in_test(offset) || !bytes[colons..].starts_with(b"::") {
                continue;
            }
            let start = skip_blank(bytes, colons + 2);
            let end = (start..bytes.len()).find(|at| !is_word(bytes[*at])).unwrap_or(bytes.len());
            found.insert(source.scan.code[start..end].to_owned());
        }
    }
    found
}

#[test]
fn each_duty_is_taken_in_exactly_one_place() {
    let mut wrong = Vec::new();
    for duty in DUTIES {
        let Mentions { definitions, calls } = mentions(sources(), duty);
        if definitions.len() != 1 || calls.len() != 1 {
            wrong.push(format!(
                "{duty}: defined at {definitions:?}, called at {calls:?}; each must be one place"
            ));
        }
    }
    super::none("duties", wrong);
}

#[test]
fn every_refusal_is_provoked_by_a_test() {
    let source =
        sources().iter().find(|source| source.path == REFUSALS).expect("the domain has its refusals");
    let variants = variants(source, "Refusal").expect("the refusals can be read");
    assert!(!variants.is_empty(), "{REFUSALS} has no variant");
    let tested = named_in_tests(sources(), "Refusal");
    let missing = variants.into_iter().filter(|variant| !tested.contains(variant));
    super::none("refusals no test names", missing.map(|variant| format!("Refusal::{variant}")).collect());
}

#[test]
fn a_second_call_is_seen_however_it_is_written() {
    let text = "\
/// Calls vouched_by(x).
pub fn vouched_by(x: u8) {}
fn a() { Authenticated::vouched_by(1); let s = \"vouched_by(\"; /* vouched_by( */ }
fn b() { list.map(Authenticated::vouched_by); not_vouched_by(); }
fn c() { Authenticated::<X>::vouched_by
    ::<Y>(1) }
#[cfg(test)]
mod tests { fn t() { vouched_by(1); } }
";
    let sources = [Source::of("node/domain/src/a.rs", text), Source::of("tests/src/lib.rs", text)];
    let Mentions { definitions, calls } = mentions(&sources, "vouched_by");
    assert_eq!(definitions, ["node/domain/src/a.rs:2"]);
    assert_eq!(calls, ["node/domain/src/a.rs:3", "node/domain/src/a.rs:4", "node/domain/src/a.rs:5"]);
}

#[test]
fn variants_are_read_with_payloads_docs_and_numbers() {
    let text = "
pub enum RefusalCode { No }
/// pub enum Refusal { Doc }
#[derive(Debug)]
pub enum Refusal {
    /// One, { two }.
    Plain,
    #[expect(x, reason = \"a, B\")]
    Tuple(Vec<u8>, Field),
    Struct { Field: u8, other: Option<(u8, u8)> },
    Numbered = 1 << 2,
    Last(u8)
}
pub enum Other { A }
";
    let source = Source::of("a/src/a.rs", text);
    let expected = ["Plain", "Tuple", "Struct", "Numbered", "Last"].map(str::to_owned).to_vec();
    assert_eq!(variants(&source, "Refusal"), Ok(expected));
    let of_macro = Source::of("a/src/a.rs", "pub enum Refusal { $($name),+ }");
    assert!(variants(&of_macro, "Refusal").is_err());
    assert!(variants(&of_macro, "Absent").is_err());
}

#[test]
fn only_test_code_provokes() {
    let product =
        "fn f() { Refusal::Product; }\n#[cfg(test)] mod t { fn g() { Refusal::Inside { a: 1 }; } }\n";
    let tests =
        "fn f() { OtherRefusal::Other; domain::Refusal::\nOutside; \"Refusal::Text\"; } // Refusal::Doc\n";
    let sources =
        [Source::of("node/domain/src/a.rs", product), Source::of("node/domain/src/a/tests.rs", tests)];
    let found: Vec<String> = named_in_tests(&sources, "Refusal").into_iter().collect();
    assert_eq!(found, ["Inside", "Outside"]);
}
