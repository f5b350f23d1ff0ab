//! What is made harmless of a dump.

use super::super::super::dump::Kind;
use super::super::clean::clean;
use serde_json::{Map, Value, json};

fn cleaned(value: Value) -> (Value, Vec<String>) {
    let object: Map<String, Value> = value.as_object().unwrap().clone();
    let cleaned = clean(Kind::Service, object);
    let aside = cleaned.aside.iter().map(|(field, wrong)| format!("{field}: {}", wrong.reason()));
    (Value::Object(cleaned.object), aside.collect())
}

#[test]
fn texts_are_inert() {
    let (object, aside) = cleaned(json!({
        "nom": "Bonjour\u{202e}\u{200b}\nle\tmonde\u{7}", "description": " Un\r\ndeux\u{1b}[31m ", "adresse": "x".repeat(1_001),
        "conditions_acces": "y".repeat(10_001), "source": "",
    }));
    assert_eq!(object["nom"], "Bonjour le monde");
    assert_eq!(object["description"], "Un \ndeux[31m");
    assert_eq!(object["adresse"].as_str().unwrap().len(), 1_000);
    assert_eq!(object["conditions_acces"].as_str().unwrap().len(), 10_000);
    assert!(object.get("source").is_none());
    let wanted =
        ["nom: not_plain", "description: not_plain", "conditions_acces: too_long", "adresse: too_long"];
    assert_eq!(aside, wanted);
}

#[test]
fn what_cannot_be_used_is_set_aside_and_said() {
    for (field, value, reason) in [
        ("telephone", json!("demander à l’accueil"), "not_a_phone"),
        ("courriel", json!("accueil at exemple"), "not_an_email"),
        ("lien_source", json!("javascript:alert(1)"), "not_a_link"),
        ("lien_mobilisation", json!("ftp://exemple.fr"), "not_a_link"),
        ("latitude", json!(46.1), "half_a_place"),
    ] {
        let (object, aside) = cleaned(json!({ field: value }));
        assert_eq!((object, aside), (json!({}), vec![format!("{field}: {reason}")]));
    }
    let (object, aside) = cleaned(json!({ "latitude": 146.1, "longitude": -1.1 }));
    assert_eq!((object, aside), (json!({}), vec!["latitude: not_on_earth".to_owned()]));
}

#[test]
fn a_zone_loses_what_names_nothing_unless_that_is_all_of_it() {
    let zone = |codes: Value| {
        let (object, aside) = cleaned(json!({ "zone_eligibilite": codes }));
        (object["zone_eligibilite"].clone(), aside.len())
    };
    assert_eq!(zone(json!(["17", "99109", "99999"])), (json!(["17"]), 2));
    assert_eq!(zone(json!(["99999"])), (json!(["99999"]), 0), "the reader refuses it");
    assert_eq!(zone(json!(["17", "2A"])), (json!(["17", "2A"]), 0));
}

#[test]
fn dates_are_read_as_published_dumps_write_them() {
    for value in
        [json!(1_788_220_800_000_i64), json!("2026-09-01T00:00:00"), json!("2026-09-01T00:00:00.000Z")]
    {
        assert_eq!(cleaned(json!({ "date_maj": value })).0, json!({ "date_maj": "2026-09-01" }), "{value}");
    }
    assert_eq!(cleaned(json!({ "date_maj": "01/09/2026" })).0, json!({ "date_maj": "01/09/2026" }));
}

#[test]
fn what_relais_adds_is_not_taken_from_a_dump() {
    let (object, _) = cleaned(json!({ "relais": { "walk_in": { "hours": "Mo" } }, "score_qualite": 1 }));
    assert_eq!(object, json!({ "score_qualite": 1 }));
}
