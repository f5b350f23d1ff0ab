//! What is read of a file, beside what the JSON Schemas of data·inclusion accept: the same, but for differences that are
//! listed here with their reason, and each of them met.

use super::super::super::dump::Kind;
use super::super::super::inclusion::{Fields, OPEN, OWN, service, structure};
use super::super::body;
use super::super::clean::clean;
use relais_domain::theme::Theme;
use relais_domain::vocabulary::Vocabulary;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

fn schema(kind: Kind) -> Value {
    let text = match kind {
        Kind::Structure => include_str!("data-inclusion-v1/structure.json"),
        Kind::Service => include_str!("data-inclusion-v1/service.json"),
    };
    serde_json::from_str(text).unwrap()
}

/// Whether a value is valid. Formats of addresses are notes in a schema and are not judged; a keyword or a pattern that is
/// not known here stops the test.
fn is_valid(schema: &Value, root: &Value, value: &Value) -> bool {
    let length = value.as_str().map(|text| text.chars().count());
    let most = |argument: &Value| usize::try_from(argument.as_u64().unwrap()).unwrap();
    schema.as_object().unwrap().iter().all(|(keyword, argument)| match keyword.as_str() {
        "title" | "description" | "default" | "examples" | "$defs" => true,
        "$ref" => {
            let name = argument.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
            is_valid(&root["$defs"][name], root, value)
        }
        "anyOf" => argument.as_array().unwrap().iter().any(|one| is_valid(one, root, value)),
        "type" => is_of_type(argument.as_str().unwrap(), value),
        "enum" => argument.as_array().unwrap().contains(value),
        "const" => argument == value,
        "minLength" => length.is_none_or(|length| length >= most(argument)),
        "maxLength" => length.is_none_or(|length| length <= most(argument)),
        "pattern" => value.as_str().is_none_or(|text| matches(argument.as_str().unwrap(), text)),
        "format" if argument == "date" => value.as_str().is_none_or(is_date),
        "format" => matches!(argument.as_str(), Some("uri" | "email")),
        "minItems" => value.as_array().is_none_or(|entries| entries.len() >= most(argument)),
        "uniqueItems" => value.as_array().is_none_or(|entries| {
            entries.iter().enumerate().all(|(place, entry)| !entries[..place].contains(entry))
        }),
        "items" => {
            value.as_array().is_none_or(|entries| entries.iter().all(|one| is_valid(argument, root, one)))
        }
        "minimum" => value.as_f64().is_none_or(|number| number >= argument.as_f64().unwrap()),
        "required" => {
            argument.as_array().unwrap().iter().all(|name| value.get(name.as_str().unwrap()).is_some())
        }
        "properties" => {
            let held = value.as_object().unwrap().iter();
            held.filter_map(|(name, value)| Some((argument.get(name)?, value)))
                .all(|(schema, value)| is_valid(schema, root, value))
        }
        other => panic!("a keyword that no one has read: {other}"),
    })
}

fn is_of_type(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        other => panic!("a type that no one has read: {other}"),
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    let count = text.chars().count();
    let words = text.chars().all(|c| c.is_alphanumeric() || c == '_');
    let digits = text.chars().all(|c| c.is_ascii_digit());
    match pattern {
        r"^\w{5}$" => words && count == 5,
        r"^\w{2,3}$" => words && (2..=3).contains(&count),
        r"^\d{5}$" => digits && count == 5,
        r"^\d{9}$" => digits && count == 9,
        r"^\d{14}$" => digits && count == 14,
        r"^99[0-5]\d{2}$" => digits && count == 5 && text.starts_with("99") && text.as_bytes()[2] <= b'5',
        other => panic!("a pattern that no one has read: {other}"),
    }
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

/// Whether the reader of dumps takes an object.
fn is_seeded(kind: Kind, object: &Map<String, Value>) -> bool {
    let cleaned = clean(kind, object.clone());
    let mut fields = Fields::of_object(&cleaned.object, &OPEN);
    match kind {
        Kind::Structure => structure::read(&mut fields).is_some() && fields.problems.is_empty(),
        Kind::Service => service::read(&mut fields).is_some() && fields.problems.is_empty(),
    }
}

/// Whether the reader of this structure's own files takes an object.
fn is_imported(kind: Kind, object: &Map<String, Value>) -> bool {
    let mut fields = Fields::of_object(object, &OWN);
    match kind {
        Kind::Structure => structure::read(&mut fields).is_some() && fields.problems.is_empty(),
        Kind::Service => service::read(&mut fields).is_some() && fields.problems.is_empty(),
    }
}

fn base(kind: Kind) -> Map<String, Value> {
    let value = match kind {
        Kind::Structure => {
            json!({"source": "essai", "id": "essai--1", "nom": "Essai", "date_maj": "2026-09-01"})
        }
        Kind::Service => {
            json!({"source": "essai", "structure_id": "essai--1", "id": "essai--a", "nom": "Essai",
            "description": "Un essai.", "date_maj": "2026-09-01"})
        }
    };
    value.as_object().unwrap().clone()
}

/// Numbers, dates, places and texts.
fn plain() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(0),
        json!(1),
        json!(-1),
        json!(1.5),
        json!(1.0),
        json!(46.1),
        json!(91),
        json!(1_788_220_800_000_i64),
        json!({}),
        json!([]),
        json!([1]),
        json!([null]),
        json!(""),
        json!("   "),
        json!("     "),
        json!("x"),
        json!("a b"),
        json!("un\ndeux"),
        json!("abc\u{202e}def"),
        json!("2026-02-14"),
        json!("2026-2-14"),
        json!("2026-02-30"),
        json!("2026-02-14T00:00:00"),
        json!("14/02/2026"),
        json!("17000"),
        json!("17300"),
        json!("2A004"),
        json!("69381"),
        json!("99999"),
        json!("99100"),
    ]
}

/// Codes, addresses and lists of codes.
fn coded() -> Vec<Value> {
    vec![
        json!("france"),
        json!("17"),
        json!("1700"),
        json!("http://a.fr"),
        json!("ftp://a.fr"),
        json!("javascript:alert(1)"),
        json!("a@b.fr"),
        json!("a b@c"),
        json!("+33199000011"),
        json!("01 99 00 00 11 (accueil)"),
        json!("13003013300016"),
        json!("1300301330001"),
        json!("gratuit"),
        json!("accompagnement"),
        json!(["17300"]),
        json!(["17", "2A", "971"]),
        json!(["200041762"]),
        json!(["123456789"]),
        json!(["99100"]),
        json!(["99109"]),
        json!(["france"]),
        json!(["17300", "99999"]),
        json!(["17", "17"]),
        json!(["region:75"]),
        json!(["1"]),
        json!(["x"]),
        json!("200041762"),
    ]
}

/// Values of every kind that a field might hold, at the edges of what it may.
fn values() -> Vec<Value> {
    let long = |count: usize| json!("x".repeat(count));
    let link = |count: usize| json!(format!("https://a.fr/{}", "x".repeat(count - 13)));
    let mut values = [plain(), coded()].concat();
    values
        .extend([2, 3, 4, 5, 150, 151, 200, 201, 255, 256, 500, 501, 2_000, 2_001, 10_000, 10_001].map(long));
    values.extend([500, 501, 2_083, 2_084].map(link));
    for list in Vocabulary::ALL {
        let codes: Vec<&str> = list.values().iter().map(|value| value.code()).collect();
        values.extend([json!(codes[0]), json!([codes[0]]), json!([codes[0], codes[0]]), json!(codes)]);
        values.push(json!([codes[0], "nouveau"]));
    }
    let themes: Vec<&str> = Theme::all().map(Theme::code).collect();
    values.extend([
        json!([themes[0]]),
        json!(themes),
        json!([themes[0], "nouveau--theme"]),
        json!([themes[0], themes[0]]),
    ]);
    values
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn is_blank(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim().is_empty()) || value.as_array().is_some_and(Vec::is_empty)
}

/// Why a dump's reader may judge a value otherwise than the schema.
fn open_reason(field: &str, value: &Value) -> Option<&'static str> {
    const IDS: [&str; 3] = ["id", "structure_id", "source"];
    let required = ["nom", "description", "date_maj"].contains(&field) || IDS.contains(&field);
    Some(match field {
        _ if is_blank(value) && !required => "blank and empty say nothing",
        _ if is_blank(value) => "blanks are no name and no words",
        "id" | "structure_id" | "source" if text(value).chars().count() > 200 => "an id has a longest length",
        "id" if text(value).contains(char::is_whitespace) => "an id of a service holds no space",
        "date_maj" if value.is_i64() || text(value).contains('T') => "published dumps write dates so",
        "code_insee" if text(value).chars().count() == 5 => "a commune exists, or existed",
        "zone_eligibilite" if value.is_array() => "a zone of codes that name nothing is not everywhere",
        _ => return None,
    })
}

/// Why the reader of this structure's own files may judge a value otherwise.
fn own_reason(field: &str, value: &Value) -> Option<&'static str> {
    const LINKS: [&str; 4] = ["lien_mobilisation", "lien_source", "site_web", "accessibilite_lieu"];
    if field == "date_maj" {
        return None;
    }
    if let Some(reason) = open_reason(field, value) {
        return Some(reason);
    }
    let length = text(value).chars().count();
    Some(match field {
        "telephone" | "courriel" => "partners show numbers and addresses as what they are",
        _ if LINKS.contains(&field) => "partners open links to pages, at most 500 characters long",
        _ if text(value).contains(['\n', '\u{202e}']) => "a record holds plain texts",
        "id" if length > 160 => "a record of places stays small",
        "latitude" | "longitude" => "half a place is told",
        "publics" if value.as_array().is_some_and(|all| all.len() > 1) => "everyone beside others is told",
        _ if length > 255 || value.as_array().is_some_and(|all| all.len() > 16) => "a record has 16 KiB",
        _ => return None,
    })
}

type Reader = fn(Kind, &Map<String, Value>) -> bool;
type Reasons = fn(&str, &Value) -> Option<&'static str>;

/// Compares a reader with the schema, value by value; gives the reasons that were met.
fn compare(kind: Kind, reads: Reader, reason: Reasons) -> BTreeSet<&'static str> {
    let root = schema(kind);
    let properties: Vec<String> = root["properties"].as_object().unwrap().keys().cloned().collect();
    let mut met = BTreeSet::new();
    let mut unexplained = Vec::new();
    for field in properties {
        for value in values().into_iter().map(Some).chain([None]) {
            let mut object = base(kind);
            match &value {
                Some(value) => object.insert(field.clone(), value.clone()),
                None => object.remove(&field),
            };
            let valid = is_valid(&root, &root, &Value::Object(object.clone()));
            if reads(kind, &object) == valid {
                continue;
            }
            match reason(&field, &value.clone().unwrap_or_default()) {
                Some(reason) => {
                    met.insert(reason);
                }
                None => {
                    let shown: String = format!("{value:?}").chars().take(80).collect();
                    unexplained.push(format!("{kind:?} {field}: the schema says {valid} of {shown}"));
                }
            }
        }
    }
    assert!(unexplained.is_empty(), "{} differences\n{}", unexplained.len(), unexplained.join("\n"));
    met
}

#[test]
fn a_dump_is_read_as_the_schema_says_but_for_these() {
    let met: BTreeSet<_> = [Kind::Structure, Kind::Service]
        .into_iter()
        .flat_map(|kind| compare(kind, is_seeded, open_reason))
        .collect();
    let reasons = [
        "a commune exists, or existed",
        "a zone of codes that name nothing is not everywhere",
        "an id has a longest length",
        "an id of a service holds no space",
        "blank and empty say nothing",
        "blanks are no name and no words",
        "published dumps write dates so",
    ];
    assert_eq!(met.into_iter().collect::<Vec<_>>(), reasons);
}

#[test]
fn an_own_file_is_read_as_the_schema_says_but_for_these() {
    let met: BTreeSet<_> = [Kind::Structure, Kind::Service]
        .into_iter()
        .flat_map(|kind| compare(kind, is_imported, own_reason))
        .collect();
    let reasons = [
        "a commune exists, or existed",
        "a record has 16 KiB",
        "a record holds plain texts",
        "a record of places stays small",
        "a zone of codes that name nothing is not everywhere",
        "an id has a longest length",
        "an id of a service holds no space",
        "blank and empty say nothing",
        "blanks are no name and no words",
        "everyone beside others is told",
        "half a place is told",
        "partners open links to pages, at most 500 characters long",
        "partners show numbers and addresses as what they are",
    ];
    assert_eq!(met.into_iter().collect::<Vec<_>>(), reasons);
}

/// The value lists of the program are those of the schema, in its version or a later one.
#[test]
fn the_value_lists_are_those_of_the_schema() {
    let codes = |list: Vocabulary| -> BTreeSet<String> {
        list.values().iter().map(|value| value.code().to_owned()).collect()
    };
    let named = |kind: Kind, name: &str| -> BTreeSet<String> {
        let root = schema(kind);
        let values = root["$defs"][name]["enum"].as_array().unwrap();
        values.iter().map(|value| value.as_str().unwrap().to_owned()).collect()
    };
    let themes: BTreeSet<String> = Theme::all().map(|theme| theme.code().to_owned()).collect();
    assert_eq!(themes, named(Kind::Service, "Thematique"));
    for (list, name) in [
        (Vocabulary::Audiences, "Public"),
        (Vocabulary::Fees, "Frais"),
        (Vocabulary::ServiceTypes, "TypeService"),
        (Vocabulary::WelcomeModes, "ModeAccueil"),
        (Vocabulary::MobilisationModes, "ModeMobilisation"),
        (Vocabulary::Mobilisers, "PersonneMobilisatrice"),
    ] {
        assert_eq!(codes(list), named(Kind::Service, name), "{name}");
    }
    assert_eq!(codes(Vocabulary::Networks), named(Kind::Structure, "ReseauPorteur"));
}

#[test]
fn every_field_of_the_schema_is_kept_but_the_name_of_a_contact() {
    for kind in [Kind::Structure, Kind::Service] {
        let root = schema(kind);
        let mut wanted: BTreeSet<&str> =
            root["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        wanted.remove("contact_nom_prenom");
        assert_eq!(body::fields(kind).collect::<BTreeSet<_>>(), wanted, "{kind:?}");
    }
}
