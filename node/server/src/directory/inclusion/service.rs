//! A service of data·inclusion v1, with the fields Relais adds under `relais`. The contact's name is read and let go: the
//! directory names no member of staff.

use super::added::Added;
use super::fields::{Fields, Shape, Whose};
use super::wrong::{Count, Wrong, shown};
use relais_domain::directory::Service;
use relais_domain::id::ServiceId;
use relais_domain::territory::{self, COVERAGE_CODES_MAX, Coverage, Territory, TerritoryError};
use relais_domain::theme::Theme;
use relais_domain::vocabulary::{Value as Listed, Vocabulary};
use relais_wire::record::NAME_CHARS_MAX;
use std::collections::BTreeSet;

/// Shortest name and description in data·inclusion, in characters.
pub(super) const NAME_CHARS_MIN: usize = 3;
const DESCRIPTION_CHARS_MIN: usize = 5;
/// Longest id of a structure or a source, in characters.
pub(super) const ID_CHARS_MAX: usize = 200;
/// Themes proposed for one that is unknown.
const THEMES_PROPOSED_MAX: usize = 2;
/// The audience that stands alone.
const EVERYONE: &str = "tous-publics";
/// Texts that the schema has and the directory does not keep.
const LET_GO: [&str; 3] = ["publics_precisions", "mobilisation_precisions", "contact_nom_prenom"];

/// A service, and what a file says of where it comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::directory) struct Offered {
    /// The service.
    pub(in crate::directory) service: Service,
    /// The id of its structure, as the file gives it.
    pub(in crate::directory) structure: String,
}

/// The service, as far as it can be read; what is wrong is in `fields`.
pub(in crate::directory) fn read(fields: &mut Fields<'_>) -> Option<Offered> {
    if !fields.is_object() || !fields.is_first_version() {
        return None;
    }
    let id = id(fields);
    fields.required("source", 1, &Shape::Line(ID_CHARS_MAX));
    let structure = fields.required("structure_id", 1, &Shape::Line(ID_CHARS_MAX));
    let bounds = fields.bounds();
    let updated_on = fields.day("date_maj");
    let name = fields.required("nom", NAME_CHARS_MIN, &Shape::Line(NAME_CHARS_MAX));
    let description = fields.required("description", DESCRIPTION_CHARS_MIN, &Shape::Text(bounds.description));
    let added = Added::read(fields);
    let mobilisation_link = fields.link("lien_mobilisation");
    let source_link = fields.link("lien_source");
    for text in LET_GO {
        fields.string(text);
    }
    fields.whole_from("nombre_semaines", 1);
    fields.not_negative("volume_horaire_hebdomadaire");
    // The fields that must be there come last: by then every other one was looked at.
    let service = Service {
        themes: themes(fields),
        audiences: audiences(fields),
        fees: fields.code("frais", Vocabulary::Fees),
        fees_note: fields.text("frais_precisions", &Shape::Text(bounds.fees_note)),
        welcome_modes: fields.codes("modes_accueil", Vocabulary::WelcomeModes),
        service_type: fields.code("type", Vocabulary::ServiceTypes),
        coverage: coverage(fields),
        conditions: fields.text("conditions_acces", &Shape::Text(bounds.conditions)),
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
    Some(Offered { service, structure: structure? })
}

fn id(fields: &mut Fields<'_>) -> Option<ServiceId> {
    let text = fields.required("id", 1, &Shape::Line(ID_CHARS_MAX))?;
    let most = fields.bounds().id_bytes;
    let id = ServiceId::parse(&text).filter(|id| id.as_str().len() <= most);
    if id.is_none() {
        fields.problem("id", Wrong::NotServiceId(most));
    }
    id
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
    let own = fields.bounds().whose == Whose::Own;
    if own && audiences.len() > 1 && audiences.iter().any(|value| value.code() == EVERYONE) {
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
        match territory_of(code) {
            Ok(_) => {
                let former = territory::commune(code).ok().and_then(|found| found.replaced());
                fields.note_replaced(FIELD, former);
            }
            Err(error) => fields.problem(FIELD, Wrong::Territory(shown(code), error)),
        }
    }
    Coverage::parse(&codes).unwrap_or_else(|_| Coverage::national())
}

/// The coverage of one code, if the schema has codes of its kind: of a région it lists the départements.
pub(in crate::directory) fn territory_of(code: &str) -> Result<Coverage, TerritoryError> {
    let coverage = Coverage::parse(&[code])?;
    let is_region = |territory: &Territory| matches!(territory, Territory::Region(_));
    if coverage.territories().iter().any(is_region) { Err(TerritoryError::Shape) } else { Ok(coverage) }
}
