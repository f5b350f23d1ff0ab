//! What Relais adds to a service of data·inclusion, under `relais`.

use super::fields::{Fields, OWN, Shape};
use super::wrong::{Wrong, shown};
use relais_domain::class::{DataClass, Stage};
use relais_domain::directory::{NameNeeded, WalkIn};
use relais_wire::record::{LINE_CHARS_MAX, PLACES_MAX};
use serde_json::Value;
use std::collections::BTreeSet;

/// What the `relais` object may hold.
const RELAIS_FIELDS: [&str; 4] = ["languages", "needs", "must_know_name", "walk_in"];

/// What Relais adds to data·inclusion.
#[derive(Default)]
pub(super) struct Added {
    pub(super) languages: BTreeSet<String>,
    pub(super) needs: BTreeSet<DataClass>,
    pub(super) name_needed: NameNeeded,
    pub(super) walk_in: Option<WalkIn>,
}

impl Added {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        let Some(value) = fields.value("relais") else { return Self::default() };
        let mut inner = Fields::of(value, &OWN);
        for name in value.as_object().into_iter().flat_map(serde_json::Map::keys) {
            if !RELAIS_FIELDS.contains(&name.as_str()) {
                inner.problem(name, Wrong::UnknownField(&RELAIS_FIELDS));
            }
        }
        let added = Self {
            languages: languages(&mut inner),
            needs: needs(&mut inner),
            name_needed: name_needed(&mut inner),
            walk_in: walk_in(&mut inner),
        };
        for (field, wrong) in inner.problems {
            fields.problem(&dotted("relais", &field), wrong);
        }
        added
    }
}

fn dotted(outer: &str, inner: &str) -> String {
    if inner.is_empty() { outer.to_owned() } else { format!("{outer}.{inner}") }
}

fn languages(fields: &mut Fields<'_>) -> BTreeSet<String> {
    let mut languages = BTreeSet::new();
    for code in fields.unique("languages") {
        if (2..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_lowercase()) {
            languages.insert(code.to_owned());
        } else {
            fields.problem("languages", Wrong::NotLanguage(shown(code)));
        }
    }
    languages
}

fn needs(fields: &mut Fields<'_>) -> BTreeSet<DataClass> {
    let mut needs = BTreeSet::new();
    for name in fields.unique("needs") {
        match DataClass::parse(name).filter(|class| class.stage() == Stage::One) {
            Some(class) => {
                needs.insert(class);
            }
            None => {
                fields.problem("needs", Wrong::NotBeforeTheAnswer(shown(name)));
            }
        }
    }
    needs
}

fn name_needed(fields: &mut Fields<'_>) -> NameNeeded {
    match fields.value("must_know_name") {
        None | Some(Value::Bool(false)) => NameNeeded::No,
        Some(Value::Bool(true)) => NameNeeded::Yes,
        Some(_) => {
            fields.problem("must_know_name", Wrong::NotYesOrNo);
            NameNeeded::No
        }
    }
}

fn walk_in(fields: &mut Fields<'_>) -> Option<WalkIn> {
    let mut inner = Fields::of(fields.value("walk_in")?, &OWN);
    let hours = inner.required("hours", 1, &Shape::Line(LINE_CHARS_MAX));
    let places = inner.value("places_a_week").map(|value| {
        value.as_u64().and_then(|places| u32::try_from(places).ok()).filter(|places| *places <= PLACES_MAX)
    });
    if places == Some(None) {
        inner.problem("places_a_week", Wrong::NotPlaces(PLACES_MAX));
    }
    for (field, wrong) in inner.problems {
        fields.problem(&dotted("walk_in", &field), wrong);
    }
    Some(WalkIn { hours: hours?, places_a_week: places.flatten() })
}
