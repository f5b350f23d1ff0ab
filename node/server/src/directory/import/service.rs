//! A service of a data·inclusion v1 file, with the fields Relais adds under `relais`. The contact's name is not
//! published: the directory names no member of staff.

use super::Reading;
use super::fields::{Fields, Shape};
use super::wrong::{Count, Wrong, shown};
use relais_domain::class::{DataClass, Stage};
use relais_domain::directory::{NameNeeded, Service, WalkIn};
use relais_domain::id::ServiceId;
use relais_domain::territory::{self, COVERAGE_CODES_MAX, Coverage};
use relais_domain::theme::Theme;
use relais_domain::vocabulary::{Value as Listed, Vocabulary};
use relais_wire::record::{
    CONDITIONS_CHARS_MAX, DESCRIPTION_CHARS_MAX, FEES_NOTE_CHARS_MAX, LINE_CHARS_MAX, NAME_CHARS_MAX,
    PLACES_MAX,
};
use serde_json::Value;
use std::collections::BTreeSet;

/// Shortest name and description in data·inclusion, in characters.
const NAME_CHARS_MIN: usize = 3;
const DESCRIPTION_CHARS_MIN: usize = 5;
/// Longest id of a structure or a source, in characters.
const ID_CHARS_MAX: usize = 200;
/// Longest id of a service, so that a record of its places stays small, in bytes.
const SERVICE_ID_BYTES_MAX: usize = 160;
/// Themes proposed for one that is unknown.
const THEMES_PROPOSED_MAX: usize = 2;
/// The audience that stands alone.
const EVERYONE: &str = "tous-publics";
/// What the `relais` object may hold.
const RELAIS_FIELDS: [&str; 4] = ["languages", "needs", "must_know_name", "walk_in"];

/// The service, as far as it can be read; what is wrong is in `fields`.
pub(super) fn read(fields: &mut Fields<'_>, reading: &mut Reading) -> Option<Service> {
    if !fields.is_object() {
        return None;
    }
    let id = id(fields, reading);
    fields.required("source", 1, &Shape::Line(ID_CHARS_MAX));
    let structure = fields.required("structure_id", 1, &Shape::Line(ID_CHARS_MAX));
    reading.one_structure(fields, "structure_id", structure.as_ref());
    let updated_on = fields.day("date_maj");
    let name = fields.required("nom", NAME_CHARS_MIN, &Shape::Line(NAME_CHARS_MAX));
    let description =
        fields.required("description", DESCRIPTION_CHARS_MIN, &Shape::Text(DESCRIPTION_CHARS_MAX));
    let added = Added::read(fields);
    let mobilisation_link = fields.link("lien_mobilisation");
    let source_link = fields.link("lien_source");
    // The fields that must be there come last: by then every other one was looked at.
    let service = Service {
        themes: themes(fields),
        audiences: audiences(fields),
        fees: fields.code("frais", Vocabulary::Fees),
        fees_note: fields.text("frais_precisions", &Shape::Text(FEES_NOTE_CHARS_MAX)),
        welcome_modes: fields.codes("modes_accueil", Vocabulary::WelcomeModes),
        service_type: fields.code("type", Vocabulary::ServiceTypes),
        coverage: coverage(fields),
        conditions: fields.text("conditions_acces", &Shape::Text(CONDITIONS_CHARS_MAX)),
        site: None,
        commune: fields.commune("code_insee"),
        address: fields.address(),
        coordinates: fields.coordinates(),
        phone: fields.phone("telephone"),
        email: fields.email("courriel"),
        opening_hours: fields.line("horaires_accueil"),
        mobilisation_modes: fields.codes("modes_mobilisation", Vocabulary::MobilisationModes),
        mobilisers: fields.codes("mobilisable_par", Vocabulary::Mobilisers),
        link: mobilisation_link.or(source_link),
        languages: added.languages,
        needs: added.needs,
        name_needed: added.name_needed,
        walk_in: added.walk_in,
        id: id?,
        name: name?,
        description: description?,
        updated_on: updated_on?,
    };
    Some(service)
}

fn id(fields: &mut Fields<'_>, reading: &mut Reading) -> Option<ServiceId> {
    let text = fields.required("id", 1, &Shape::Line(ID_CHARS_MAX))?;
    let Some(id) = ServiceId::parse(&text).filter(|id| id.as_str().len() <= SERVICE_ID_BYTES_MAX) else {
        fields.problem("id", Wrong::NotServiceId(SERVICE_ID_BYTES_MAX));
        return None;
    };
    if reading.ids.insert(id.clone()) {
        return Some(id);
    }
    fields.problem("id", Wrong::ServiceTwice);
    None
}

fn themes(fields: &mut Fields<'_>) -> BTreeSet<Theme> {
    let mut themes = BTreeSet::new();
    for code in fields.unique("thematiques") {
        match Theme::parse(code) {
            Some(theme) => {
                themes.insert(theme);
            }
            None => {
                let close = Theme::closest(code, THEMES_PROPOSED_MAX);
                fields.problem("thematiques", Wrong::UnknownTheme(shown(code), close));
            }
        }
    }
    themes
}

fn audiences(fields: &mut Fields<'_>) -> Vec<Listed> {
    let audiences = fields.codes("publics", Vocabulary::Audiences);
    if audiences.len() > 1 && audiences.iter().any(|value| value.code() == EVERYONE) {
        fields.problem("publics", Wrong::EveryoneBesideOthers);
    }
    audiences
}

/// The territories of `zone_eligibilite`; each code that names nothing is told.
fn coverage(fields: &mut Fields<'_>) -> Coverage {
    const FIELD: &str = "zone_eligibilite";
    let codes = fields.list(FIELD);
    if codes.len() > COVERAGE_CODES_MAX {
        fields.problem(
            FIELD,
            Wrong::TooManyTerritories(Count { given: codes.len(), most: COVERAGE_CODES_MAX }),
        );
        return Coverage::national();
    }
    for code in &codes {
        match Coverage::parse(&[code]) {
            Ok(_) => {
                let former = territory::commune(code).ok().and_then(|found| found.replaced());
                fields.note_replaced(FIELD, former);
            }
            Err(error) => fields.problem(FIELD, Wrong::Territory(shown(code), error)),
        }
    }
    Coverage::parse(&codes).unwrap_or_else(|_| Coverage::national())
}

/// What Relais adds to data·inclusion.
#[derive(Default)]
struct Added {
    languages: BTreeSet<String>,
    needs: BTreeSet<DataClass>,
    name_needed: NameNeeded,
    walk_in: Option<WalkIn>,
}

impl Added {
    fn read(fields: &mut Fields<'_>) -> Self {
        let Some(value) = fields.value("relais") else { return Self::default() };
        let mut inner = Fields::of(value);
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
    let mut inner = Fields::of(fields.value("walk_in")?);
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
