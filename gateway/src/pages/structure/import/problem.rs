//! What is wrong with a line of a file, in the words of the page.

use super::Said;
use crate::tongue::Tongue;
use relais_proto::desk::v1::{ImportCode, ImportProblem, ImportProblemKind as Kind, ImportReplaced};

/// A refusal in words. One that this version does not know, or that a former node did not code, is told as the node says
/// it.
pub(super) fn said(tongue: Tongue, coded: Option<&ImportProblem>, sentence: String) -> Said {
    coded.and_then(|coded| in_words(tongue, coded)).map_or(Said::Sentence(sentence), Said::Here)
}

/// A former commune in words, and the one it is part of.
pub(super) fn replaced(tongue: Tongue, one: ImportReplaced) -> Said {
    let (Some(former), Some(present)) = (&one.former, &one.present) else { return Said::Sentence(one.what) };
    let (former, present) = (named(former), named(present));
    Said::Here(tongue.with("remark-former-commune", &[("from", &former), ("to", &present)]))
}

fn in_words(tongue: Tongue, problem: &ImportProblem) -> Option<String> {
    let key = key(problem)?;
    let values = [
        ("value", problem.value.as_str()),
        ("choices", &choices(problem)),
        ("given", &problem.given.to_string()),
        ("limit", &problem.limit.to_string()),
    ];
    Some(tongue.with(key, &values))
}

/// What says a problem; `None` for one that this version does not know.
fn key(problem: &ImportProblem) -> Option<&'static str> {
    let key = match problem.kind() {
        Kind::Unspecified => return None,
        Kind::NotAnObject => "import-not-an-object",
        Kind::NotText => "import-not-text",
        Kind::NotAList => "import-not-a-list",
        Kind::NotANumber => "import-not-a-number",
        Kind::NotYesOrNo => "import-not-yes-or-no",
        Kind::Missing => "import-missing",
        Kind::TooShort => "import-too-short",
        Kind::TooLong => "import-too-long",
        Kind::NotPlain => "import-not-plain",
        Kind::NotAPhone => "import-not-a-phone",
        Kind::NotAnEmail => "import-not-an-email",
        Kind::NotALink => "import-not-a-link",
        Kind::NotADate => "import-not-a-date",
        Kind::Twice => "import-twice",
        Kind::TooMany => "import-too-many",
        Kind::UnknownValue => "import-unknown-value",
        Kind::UnknownTheme if problem.choices.is_empty() => "import-unknown-theme",
        Kind::UnknownTheme => "import-unknown-theme-close",
        Kind::EveryoneBesideOthers => "import-everyone-beside-others",
        Kind::NotATerritory => "import-not-a-territory",
        Kind::UnknownTerritory => "import-unknown-territory",
        Kind::Postcode => "import-postcode",
        Kind::TooManyTerritories => "import-too-many-territories",
        Kind::HalfAPlace => "import-half-a-place",
        Kind::NotOnEarth => "import-not-on-earth",
        Kind::NotAPostcode => "import-not-a-postcode",
        Kind::AddressTooLong => "import-address-too-long",
        Kind::OtherStructure => "import-other-structure",
        Kind::SecondStructure => "import-second-structure",
        Kind::NotAServiceId => "import-not-a-service-id",
        Kind::ServiceTwice => "import-service-twice",
        Kind::NotASiret => "import-not-a-siret",
        Kind::UnknownField => "import-unknown-field",
        Kind::NotALanguage => "import-not-a-language",
        Kind::NotBeforeTheAnswer => "import-not-before-the-answer",
        Kind::NotPlaces => "import-not-places",
        Kind::RecordTooBig => "import-record-too-big",
        Kind::NotAcceptable => "import-not-acceptable",
        Kind::NotWholeFrom => "import-not-whole-from",
        Kind::Negative => "import-negative",
        Kind::NotASite => "import-not-a-site",
        Kind::FormerVersion => "import-former-version",
        Kind::NotJson => "import-not-json",
        Kind::ObjectTooLong => "import-object-too-long",
        Kind::NotUtf8 => "import-not-utf8",
        Kind::OpenQuote => "import-open-quote",
        Kind::Cells => "import-cells",
        Kind::StructureTwice => "import-structure-twice",
        Kind::OtherSource => "import-other-source",
        Kind::EntryTooBig => "import-entry-too-big",
        Kind::TooManyEntries => "import-too-many-entries",
        Kind::StructureMissing => "import-structure-missing",
        Kind::NotOwnStructure => "import-not-own-structure",
    };
    Some(key)
}

/// The codes to choose from: a commune with its name, for nobody knows it by its code; of a list that goes on, its beginning.
fn choices(problem: &ImportProblem) -> String {
    let kind = problem.kind();
    let said = |choice: &ImportCode| if kind == Kind::Postcode { named(choice) } else { choice.code.clone() };
    let mut said: Vec<String> = problem.choices.iter().map(said).collect();
    let more = kind == Kind::UnknownValue
        && usize::try_from(problem.given).is_ok_and(|given| given > problem.choices.len());
    said.extend(more.then(|| "…".to_owned()));
    said.join(", ")
}

fn named(code: &ImportCode) -> String {
    if code.name.is_empty() { code.code.clone() } else { format!("{} ({})", code.name, code.code) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tongue::Language;

    /// Problems from the first that is coded to the last; the next number is none.
    const KINDS: std::ops::RangeInclusive<i32> = 1..=52;

    fn of_code(code: &str, name: &str) -> ImportCode {
        ImportCode { code: code.to_owned(), name: name.to_owned() }
    }

    fn problem(kind: i32) -> ImportProblem {
        let choices = vec![of_code("17300", "La Rochelle"), of_code("17028", "Aytré")];
        ImportProblem { kind, value: "ici".to_owned(), choices, given: 17, limit: 16 }
    }

    fn words(language: Language, problem: &ImportProblem) -> Said {
        said(Tongue(language), Some(problem), "as the node says".to_owned())
    }

    fn here(language: Language, problem: &ImportProblem) -> String {
        let Said::Here(words) = words(language, problem) else { panic!("no words for {}", problem.kind) };
        words
    }

    #[test]
    fn every_problem_is_said_in_both_languages() {
        for kind in KINDS {
            for problem in [problem(kind), ImportProblem { choices: Vec::new(), ..problem(kind) }] {
                let (french, english) = (here(Language::French, &problem), here(Language::English, &problem));
                assert_ne!(french, english, "{kind}");
                for words in [french, english] {
                    assert!(!words.contains("Unknown") && !words.contains('$'), "{kind}: {words}");
                }
            }
        }
        assert!(Kind::try_from(KINDS.end() + 1).is_err(), "a problem that no test goes through");
    }

    #[test]
    fn what_is_not_coded_or_not_known_is_said_as_the_node_says_it() {
        let sentence = Said::Sentence("as the node says".to_owned());
        for kind in [0, 99] {
            assert_eq!(words(Language::French, &problem(kind)), sentence);
        }
        assert_eq!(said(Tongue(Language::French), None, "as the node says".to_owned()), sentence);
        let former = ImportReplaced { what: "as the node says".to_owned(), ..ImportReplaced::default() };
        assert_eq!(replaced(Tongue(Language::French), former), sentence);
    }

    #[test]
    fn the_values_are_named() {
        let french = |kind: Kind| here(Language::French, &problem(kind.into()));
        assert_eq!(french(Kind::TooLong), "Il y a 17 caractères, 16 au plus. Raccourcissez.");
        assert!(french(Kind::Postcode).ends_with("La Rochelle (17300), Aytré (17028)."));
        assert!(
            french(Kind::UnknownTheme).contains("ici") && french(Kind::UnknownTheme).contains("17300, 17028")
        );
        assert!(french(Kind::UnknownValue).ends_with("17300, 17028, …"), "the list goes on");
        let whole = ImportProblem { given: 2, ..problem(Kind::UnknownValue.into()) };
        assert!(here(Language::English, &whole).ends_with("17300, 17028"));
        let (former, present) = (Some(of_code("69381", "Lyon 1er")), Some(of_code("69123", "Lyon")));
        let one = ImportReplaced { former, present, ..ImportReplaced::default() };
        let words = "Lyon 1er (69381) fait maintenant partie de Lyon (69123).";
        assert_eq!(replaced(Tongue(Language::French), one), Said::Here(words.to_owned()));
    }
}
