//! A structure of data·inclusion v1: one legal person with the place the file gives it.

use super::fields::{Fields, OWN, Shape, Whose};
use super::service::{ID_CHARS_MAX, NAME_CHARS_MIN};
use super::wrong::Wrong;
use relais_domain::digest::Digest;
use relais_domain::directory::{Profile, Site};
use relais_domain::id::SiteId;
use relais_domain::time::Day;
use relais_domain::vocabulary::Vocabulary;
use relais_wire::record::{NAME_CHARS_MAX, is_siret};

/// Shortest description in data·inclusion, in characters.
const DESCRIPTION_CHARS_MIN: usize = 5;
/// What the `relais` object may hold.
const RELAIS_FIELDS: [&str; 1] = ["site_id"];

/// A structure, and what a file says of where it comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::directory) struct Described {
    /// The structure, with one site.
    pub(in crate::directory) profile: Profile,
    /// Its id, as the file gives it.
    pub(in crate::directory) id: String,
    /// When it was last changed.
    pub(in crate::directory) updated_on: Day,
}

/// The structure, as far as it can be read; what is wrong is in `fields`.
pub(in crate::directory) fn read(fields: &mut Fields<'_>) -> Option<Described> {
    if !fields.is_object() || !fields.is_first_version() {
        return None;
    }
    let id = fields.required("id", 1, &Shape::Line(ID_CHARS_MAX));
    fields.required("source", 1, &Shape::Line(ID_CHARS_MAX));
    let bounds = fields.bounds();
    let updated_on = fields.day("date_maj");
    fields.codes("reseaux_porteurs", Vocabulary::Networks);
    fields.text_of("description", DESCRIPTION_CHARS_MIN, &Shape::Text(bounds.description));
    fields.link("accessibilite_lieu");
    let name = fields.required("nom", NAME_CHARS_MIN, &Shape::Line(NAME_CHARS_MAX));
    let siret = fields.string("siret").map(str::to_owned);
    if siret.as_ref().is_some_and(|siret| !is_siret(siret)) {
        fields.problem("siret", Wrong::NotSiret);
    }
    let website = fields.link("site_web");
    let source_link = fields.link("lien_source");
    let site = Site {
        id: added_site(fields).unwrap_or_else(|| site_id(id.as_deref().unwrap_or_default())),
        name: name.clone().unwrap_or_default(),
        commune: fields.commune("code_insee"),
        address: fields.address(),
        phone: fields.phone("telephone"),
        email: fields.email("courriel"),
        opening_hours: fields.line("horaires_accueil"),
        coordinates: fields.coordinates(),
    };
    let link = website.or(source_link.filter(|_| bounds.whose == Whose::Dump));
    let profile = Profile { name: name?, siret, sites: vec![site], link };
    Some(Described { profile, id: id?, updated_on: updated_on? })
}

/// The site an export of this structure named, so that it stays the same one.
fn added_site(fields: &mut Fields<'_>) -> Option<SiteId> {
    let value = fields.value("relais")?;
    let mut inner = Fields::of(value, &OWN);
    for name in value.as_object().into_iter().flat_map(serde_json::Map::keys) {
        if !RELAIS_FIELDS.contains(&name.as_str()) {
            inner.problem(name, Wrong::UnknownField(&RELAIS_FIELDS));
        }
    }
    let text = inner.string("site_id");
    let site = text.and_then(SiteId::parse);
    if text.is_some() && site.is_none() {
        inner.problem("site_id", Wrong::NotSite);
    }
    for (field, wrong) in inner.problems {
        let dot = if field.is_empty() { "" } else { "." };
        fields.problem(&format!("relais{dot}{field}"), wrong);
    }
    site
}

/// The same site id for the same structure of a file, every time.
pub(in crate::directory) fn site_id(structure: &str) -> SiteId {
    let digest = Digest::of_parts(&[b"relais/site/", structure.as_bytes()]);
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest.as_bytes()).for_each(|(to, from)| *to = *from);
    SiteId::from_random(bytes)
}
