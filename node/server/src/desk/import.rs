//! What became of a file of services: each refusal coded, for pages of any language, and in words, for the command line.

use crate::directory::{Broken, Count, ImportReport, OBJECT_BYTES_MAX, VALUES_SHOWN_MAX, Wrong, early};
use relais_domain::territory::{CommuneCode, TerritoryError};
use relais_domain::vocabulary::Vocabulary;
use relais_proto::desk::v1::{self as desk, ImportCode, ImportProblem, ImportProblemKind as Kind};
use relais_wire::record::RecordError;

/// The report, as it is answered.
pub(super) fn told(report: &ImportReport) -> desk::ImportServicesResponse {
    let refused = report.refused.iter().map(|refusal| desk::ImportRefusal {
        index: refusal.index,
        line: refusal.line,
        service_id: refusal.id.clone(),
        field: refusal.field.clone(),
        problem: refusal.problem.to_string(),
        coded: Some(coded(&refusal.problem)),
    });
    let replaced = report.replaced.iter().map(|code| desk::ImportReplaced {
        index: code.index,
        line: code.line,
        field: code.field.clone(),
        what: code.former.to_string(),
        former: Some(of_code(code.former.code(), code.former.name())),
        present: Some(present(code.former.present())),
    });
    desk::ImportServicesResponse {
        accepted: report.created,
        updated: report.updated,
        unchanged: report.unchanged,
        refused: refused.collect(),
        replaced: replaced.collect(),
    }
}

fn present(commune: CommuneCode) -> ImportCode {
    of_code(commune.as_str(), commune.name())
}

pub(super) fn coded(wrong: &Wrong) -> ImportProblem {
    match wrong {
        Wrong::NotAnObject => of(Kind::NotAnObject),
        Wrong::NotText => of(Kind::NotText),
        Wrong::NotList => of(Kind::NotAList),
        Wrong::NotNumber => of(Kind::NotANumber),
        Wrong::NotYesOrNo => of(Kind::NotYesOrNo),
        Wrong::Missing => of(Kind::Missing),
        Wrong::TooShort(least) => limited(Kind::TooShort, *least),
        Wrong::TooLong(count) => counted(Kind::TooLong, *count),
        Wrong::NotPlain => of(Kind::NotPlain),
        Wrong::NotPhone => of(Kind::NotAPhone),
        Wrong::NotEmail => of(Kind::NotAnEmail),
        Wrong::NotLink(most) => limited(Kind::NotALink, *most),
        Wrong::NotDate => of(Kind::NotADate),
        Wrong::Twice(value) => valued(Kind::Twice, value),
        Wrong::TooMany(count) => counted(Kind::TooMany, *count),
        Wrong::UnknownValue(value, list) => unknown_value(value, *list),
        Wrong::UnknownTheme(value, close) => {
            let choices = close.iter().map(|theme| of_code(theme.code(), theme.label())).collect();
            ImportProblem { choices, ..valued(Kind::UnknownTheme, value) }
        }
        Wrong::EveryoneBesideOthers => of(Kind::EveryoneBesideOthers),
        Wrong::Territory(value, error) => territory(value, error),
        Wrong::TooManyTerritories(count) => counted(Kind::TooManyTerritories, *count),
        Wrong::HalfPlace(beside) => valued(Kind::HalfAPlace, beside),
        Wrong::NotOnEarth => of(Kind::NotOnEarth),
        Wrong::NotPostcode => of(Kind::NotAPostcode),
        Wrong::AddressTooLong(most) => limited(Kind::AddressTooLong, *most),
        Wrong::OtherStructure { value, expected } => instead(Kind::OtherStructure, value, expected),
        Wrong::SecondStructure => of(Kind::SecondStructure),
        Wrong::NotServiceId(most) => limited(Kind::NotAServiceId, *most),
        Wrong::ServiceTwice => of(Kind::ServiceTwice),
        Wrong::NotSiret => of(Kind::NotASiret),
        Wrong::UnknownField(known) => ImportProblem { choices: codes(known), ..of(Kind::UnknownField) },
        Wrong::NotLanguage(value) => valued(Kind::NotALanguage, value),
        Wrong::NotBeforeTheAnswer(value) => {
            ImportProblem { choices: codes(&early()), ..valued(Kind::NotBeforeTheAnswer, value) }
        }
        Wrong::NotPlaces(most) => limited(Kind::NotPlaces, usize::try_from(*most).unwrap_or(usize::MAX)),
        Wrong::Record(error) => record(error),
        Wrong::NotWholeFrom(least) => {
            limited(Kind::NotWholeFrom, usize::try_from(*least).unwrap_or(usize::MAX))
        }
        Wrong::Negative => of(Kind::Negative),
        Wrong::NotSite => of(Kind::NotASite),
        Wrong::FormerVersion => of(Kind::FormerVersion),
        Wrong::Broken(broken) => of_broken(broken),
        Wrong::StructureTwice => of(Kind::StructureTwice),
        Wrong::OtherSource(name) => valued(Kind::OtherSource, name),
        Wrong::EntryTooBig(count) => counted(Kind::EntryTooBig, *count),
        Wrong::TooManyEntries(most) => limited(Kind::TooManyEntries, *most),
        Wrong::StructureMissing(services) => {
            let given = number(usize::try_from(*services).unwrap_or(usize::MAX));
            ImportProblem { given, ..of(Kind::StructureMissing) }
        }
        Wrong::NotOwnStructure { value, expected } => instead(Kind::NotOwnStructure, value, expected),
    }
}

fn of_broken(broken: &Broken) -> ImportProblem {
    match broken {
        Broken::Json => of(Kind::NotJson),
        Broken::NotAnObject => of(Kind::NotAnObject),
        Broken::TooLong => limited(Kind::ObjectTooLong, OBJECT_BYTES_MAX),
        Broken::NotUtf8 => of(Kind::NotUtf8),
        Broken::Quote => of(Kind::OpenQuote),
        Broken::Cells { given, most } => counted(Kind::Cells, Count { given: *given, most: *most }),
    }
}

fn unknown_value(value: &str, list: Vocabulary) -> ImportProblem {
    let values = list.values();
    let choices = values.iter().take(VALUES_SHOWN_MAX).map(|value| of_code(value.code(), value.label()));
    let (choices, given) = (choices.collect(), number(values.len()));
    ImportProblem { choices, given, ..valued(Kind::UnknownValue, value) }
}

fn territory(value: &str, error: &TerritoryError) -> ImportProblem {
    match error {
        TerritoryError::Shape => valued(Kind::NotATerritory, value),
        TerritoryError::Unknown { code } => valued(Kind::UnknownTerritory, code),
        TerritoryError::Postcode { postcode, communes } => {
            let communes = communes.iter().map(|commune| of_code(commune.code().as_str(), commune.name()));
            ImportProblem { choices: communes.collect(), ..valued(Kind::Postcode, postcode) }
        }
        TerritoryError::TooMany { given } => {
            let most = relais_domain::territory::COVERAGE_CODES_MAX;
            counted(Kind::TooManyTerritories, Count { given: *given, most })
        }
    }
}

fn record(error: &RecordError) -> ImportProblem {
    match error {
        RecordError::TooBig { bytes, bytes_max } => {
            counted(Kind::RecordTooBig, Count { given: *bytes, most: *bytes_max })
        }
        RecordError::Field(bad) if !bad.field.is_empty() => valued(Kind::NotAcceptable, &bad.field),
        RecordError::Field(_) | RecordError::Signed(_) | RecordError::WrongSigner | RecordError::Manifest => {
            valued(Kind::NotAcceptable, "record")
        }
    }
}

fn of(kind: Kind) -> ImportProblem {
    ImportProblem { kind: kind.into(), ..ImportProblem::default() }
}

/// A value in the place of another.
fn instead(kind: Kind, value: &str, expected: &str) -> ImportProblem {
    ImportProblem { choices: vec![of_code(expected, "")], ..valued(kind, value) }
}

fn valued(kind: Kind, value: &str) -> ImportProblem {
    ImportProblem { value: value.to_owned(), ..of(kind) }
}

fn counted(kind: Kind, Count { given, most }: Count) -> ImportProblem {
    ImportProblem { given: number(given), ..limited(kind, most) }
}

fn limited(kind: Kind, limit: usize) -> ImportProblem {
    ImportProblem { limit: number(limit), ..of(kind) }
}

fn number(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn codes(codes: &[&str]) -> Vec<ImportCode> {
    codes.iter().map(|code| of_code(code, "")).collect()
}

fn of_code(code: &str, name: &str) -> ImportCode {
    ImportCode { code: code.to_owned(), name: name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::{ImportRefusal, ReplacedCode};
    use relais_domain::territory;
    use relais_domain::theme::Theme;
    use relais_wire::dsse::DsseError;

    const COUNT: Count = Count { given: 17, most: 16 };

    fn of_territory(text: &str) -> Wrong {
        Wrong::Territory(text.to_owned(), territory::commune(text).unwrap_err())
    }

    /// One of each, in the order of the codes.
    fn all() -> Vec<Wrong> {
        let value = || "ici".to_owned();
        vec![
            Wrong::NotAnObject,
            Wrong::NotText,
            Wrong::NotList,
            Wrong::NotNumber,
            Wrong::NotYesOrNo,
            Wrong::Missing,
            Wrong::TooShort(3),
            Wrong::TooLong(COUNT),
            Wrong::NotPlain,
            Wrong::NotPhone,
            Wrong::NotEmail,
            Wrong::NotLink(500),
            Wrong::NotDate,
            Wrong::Twice(value()),
            Wrong::TooMany(COUNT),
            Wrong::UnknownValue(value(), Vocabulary::Audiences),
            Wrong::UnknownTheme(value(), Theme::closest("numerique internet", 2)),
            Wrong::EveryoneBesideOthers,
            of_territory("ici"),
            of_territory("99999"),
            of_territory("17000"),
            Wrong::TooManyTerritories(COUNT),
            Wrong::HalfPlace("latitude"),
            Wrong::NotOnEarth,
            Wrong::NotPostcode,
            Wrong::AddressTooLong(255),
            Wrong::OtherStructure { value: value(), expected: "essai--1".to_owned() },
            Wrong::SecondStructure,
            Wrong::NotServiceId(160),
            Wrong::ServiceTwice,
            Wrong::NotSiret,
            Wrong::UnknownField(&["languages", "needs"]),
            Wrong::NotLanguage(value()),
            Wrong::NotBeforeTheAnswer(value()),
            Wrong::NotPlaces(10_000),
            Wrong::Record(RecordError::TooBig { bytes: 17, bytes_max: 16 }),
            Wrong::Record(RecordError::WrongSigner),
            Wrong::NotWholeFrom(1),
            Wrong::Negative,
            Wrong::NotSite,
            Wrong::FormerVersion,
            Wrong::Broken(Broken::Json),
            Wrong::Broken(Broken::TooLong),
            Wrong::Broken(Broken::NotUtf8),
            Wrong::Broken(Broken::Quote),
            Wrong::Broken(Broken::Cells { given: 17, most: 16 }),
            Wrong::StructureTwice,
            Wrong::OtherSource(value()),
            Wrong::EntryTooBig(COUNT),
            Wrong::TooManyEntries(16),
            Wrong::StructureMissing(3),
            Wrong::NotOwnStructure { value: value(), expected: value() },
        ]
    }

    #[test]
    fn every_problem_has_a_code_of_its_own() {
        let kinds: Vec<i32> = all().iter().map(|wrong| coded(wrong).kind).collect();
        assert_eq!(kinds, (1..=52).collect::<Vec<_>>());
        assert!(Kind::try_from(53).is_err(), "a code that no problem has");
    }

    /// Reports of a dump count by a name: it is the code's.
    #[test]
    fn every_problem_is_counted_under_the_name_of_its_code() {
        for wrong in all() {
            let kind = coded(&wrong).kind().as_str_name().to_ascii_lowercase();
            assert_eq!(kind, format!("import_problem_kind_{}", wrong.reason()), "{wrong}");
        }
    }

    /// Whatever the sentence names stands in the code as well.
    #[test]
    fn every_problem_keeps_the_values_it_names() {
        for wrong in all() {
            let (sentence, coded) = (wrong.to_string(), coded(&wrong));
            for choice in &coded.choices {
                assert!(sentence.contains(&choice.code), "{} {sentence}", choice.code);
            }
            let values = [coded.value.clone(), coded.given.to_string(), coded.limit.to_string()];
            for name in ["ici", "99999", "500", "255", "160", "10000"] {
                let said = sentence.contains(&format!("`{name}`")) || sentence.contains(&format!(" {name} "));
                assert!(!said || values.iter().any(|value| value == name), "{name} of: {sentence}");
            }
        }
        for wrong in [Wrong::TooLong(COUNT), Wrong::TooMany(COUNT), Wrong::TooManyTerritories(COUNT)] {
            let coded = coded(&wrong);
            assert_eq!((coded.given, coded.limit), (17, 16), "{wrong}");
        }
        let places = coded(&Wrong::NotPlaces(10_000));
        assert_eq!(places.limit, 10_000);
        let postcode = coded(&of_territory("17000"));
        assert_eq!((postcode.value.as_str(), postcode.choices[0].code.as_str()), ("17000", "17300"));
        assert_eq!(postcode.choices[0].name, "La Rochelle");
        let audience = coded(&Wrong::UnknownValue("gens".to_owned(), Vocabulary::Audiences));
        assert_eq!(audience.choices[0], of_code("tous-publics", "Tous publics"));
        let count = u32::try_from(Vocabulary::Audiences.values().len()).unwrap();
        assert_eq!((audience.given, audience.choices.len() <= VALUES_SHOWN_MAX), (count, true));
        for list in Vocabulary::ALL.iter().copied() {
            let named = coded(&Wrong::UnknownValue("gens".to_owned(), list)).choices.len();
            assert_eq!(named, list.values().len().min(20), "{list:?}");
        }
    }

    #[test]
    fn each_refusal_and_each_former_commune_is_coded_beside_its_sentence() {
        let former = territory::commune("69381").unwrap().replaced().unwrap();
        let refusal = |problem| {
            let (id, field) = ("a".to_owned(), "nom".to_owned());
            ImportRefusal { index: 1, line: 3, id, field, problem }
        };
        let report = ImportReport {
            refused: vec![refusal(Wrong::Missing), refusal(Wrong::NotPlain)],
            replaced: vec![ReplacedCode { index: 2, line: 4, field: "code_insee".to_owned(), former }],
            ..ImportReport::default()
        };
        let told = told(&report);
        let kinds: Vec<Kind> = told.refused.iter().map(|one| one.coded.as_ref().unwrap().kind()).collect();
        assert_eq!(kinds, [Kind::Missing, Kind::NotPlain]);
        assert!(told.refused[1].problem.starts_with("holds line breaks"));
        let replaced = &told.replaced[0];
        assert_eq!(replaced.former, Some(of_code("69381", former.name())));
        assert_eq!(replaced.present, Some(of_code("69123", "Lyon")));
        assert_eq!(replaced.what, former.to_string());
    }

    #[test]
    fn a_field_that_no_partner_accepts_is_named() {
        let signed = coded(&Wrong::Record(RecordError::Signed(DsseError::Shape)));
        assert_eq!((signed.kind(), signed.value.as_str()), (Kind::NotAcceptable, "record"));
    }
}
