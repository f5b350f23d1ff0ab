//! An entry as it is stored: the fields of the schema that say something, under names of two letters. What a dump adds to
//! the schema is not kept, and nor is the name of a contact: the directory names no member of staff.

use crate::directory::dump::Kind;
use relais_domain::directory::OPEN_ENTRY_BYTES_MAX;
use serde_json::{Map, Value};

/// The stored name of each field of a structure. They never change.
const STRUCTURE: [(&str, &str); 20] = [
    ("source", "so"),
    ("id", "id"),
    ("nom", "no"),
    ("date_maj", "dm"),
    ("description", "de"),
    ("siret", "si"),
    ("code_insee", "ci"),
    ("code_postal", "cp"),
    ("commune", "co"),
    ("adresse", "ad"),
    ("complement_adresse", "ca"),
    ("latitude", "la"),
    ("longitude", "lo"),
    ("telephone", "te"),
    ("courriel", "em"),
    ("site_web", "sw"),
    ("horaires_accueil", "ha"),
    ("accessibilite_lieu", "al"),
    ("lien_source", "ls"),
    ("reseaux_porteurs", "rp"),
];

/// The stored name of each field of a service. They never change.
const SERVICE: [(&str, &str); 32] = [
    ("source", "so"),
    ("structure_id", "st"),
    ("id", "id"),
    ("nom", "no"),
    ("description", "de"),
    ("date_maj", "dm"),
    ("thematiques", "th"),
    ("publics", "pu"),
    ("publics_precisions", "pp"),
    ("frais", "fr"),
    ("frais_precisions", "fp"),
    ("modes_accueil", "ma"),
    ("type", "ty"),
    ("zone_eligibilite", "ze"),
    ("conditions_acces", "cc"),
    ("code_insee", "ci"),
    ("code_postal", "cp"),
    ("commune", "co"),
    ("adresse", "ad"),
    ("complement_adresse", "ca"),
    ("latitude", "la"),
    ("longitude", "lo"),
    ("telephone", "te"),
    ("courriel", "em"),
    ("horaires_accueil", "ha"),
    ("modes_mobilisation", "mm"),
    ("mobilisable_par", "mp"),
    ("mobilisation_precisions", "mc"),
    ("lien_mobilisation", "lm"),
    ("lien_source", "ls"),
    ("nombre_semaines", "ns"),
    ("volume_horaire_hebdomadaire", "vh"),
];

/// The fields of an object that are kept.
pub(in crate::directory) fn fields(kind: Kind) -> impl Iterator<Item = &'static str> {
    names(kind).iter().map(|(field, _)| *field)
}

/// The stored form of an object; how long it is when it is longer than an entry may be.
pub(super) fn encode(kind: Kind, object: &Map<String, Value>) -> Result<Vec<u8>, usize> {
    let kept = names(kind)
        .iter()
        .filter_map(|(field, short)| Some(((*short).to_owned(), object.get(*field)?.clone())));
    let body = Value::Object(kept.collect()).to_string().into_bytes();
    if body.len() > OPEN_ENTRY_BYTES_MAX { Err(body.len()) } else { Ok(body) }
}

/// The object of a stored form; `None` when it is none.
pub(super) fn decode(kind: Kind, body: &[u8]) -> Option<Map<String, Value>> {
    let Ok(Value::Object(stored)) = serde_json::from_slice(body) else { return None };
    let named = stored.into_iter().map(|(short, value)| {
        let field = names(kind).iter().find(|(_, name)| *name == short)?.0;
        Some((field.to_owned(), value))
    });
    named.collect()
}

fn names(kind: Kind) -> &'static [(&'static str, &'static str)] {
    match kind {
        Kind::Structure => &STRUCTURE,
        Kind::Service => &SERVICE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::BTreeSet;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn what_is_stored_is_read_back_and_nothing_else_is_stored() {
        let whole = object(json!({"id": "a", "nom": "Été", "publics": ["femmes"], "latitude": 1.5,
            "contact_nom_prenom": "Jeanne Exemple", "score_qualite": 0.9, "relais": {"languages": ["ar"]}}));
        let body = encode(Kind::Service, &whole).unwrap();
        assert_eq!(
            String::from_utf8(body.clone()).unwrap(),
            r#"{"id":"a","la":1.5,"no":"Été","pu":["femmes"]}"#
        );
        let kept = object(json!({"id": "a", "nom": "Été", "publics": ["femmes"], "latitude": 1.5}));
        assert_eq!(decode(Kind::Service, &body), Some(kept));
        for bad in [&b"[]"[..], b"{", b"{\"zz\":1}", b""] {
            assert_eq!(decode(Kind::Service, bad), None);
        }
    }

    #[test]
    fn an_entry_has_room_for_so_much() {
        let long = |count: usize| object(json!({"de": "", "description": "x".repeat(count)}));
        assert!(encode(Kind::Service, &long(OPEN_ENTRY_BYTES_MAX - 9)).is_ok());
        assert_eq!(encode(Kind::Service, &long(OPEN_ENTRY_BYTES_MAX - 8)), Err(OPEN_ENTRY_BYTES_MAX + 1));
    }

    #[test]
    fn every_field_has_a_stored_name_of_its_own() {
        for kind in [Kind::Structure, Kind::Service] {
            let (fields, shorts): (BTreeSet<_>, BTreeSet<_>) = names(kind).iter().copied().unzip();
            assert_eq!((fields.len(), shorts.len()), (names(kind).len(), names(kind).len()), "{kind:?}");
        }
    }
}
