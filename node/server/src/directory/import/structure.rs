//! A structure of a data·inclusion v1 file: one legal person with the place the file gives it.

use super::Reading;
use super::fields::{Fields, Shape};
use super::wrong::Wrong;
use relais_domain::digest::Digest;
use relais_domain::directory::{Profile, Site};
use relais_domain::id::SiteId;
use relais_domain::vocabulary::Vocabulary;
use relais_wire::record::{NAME_CHARS_MAX, is_siret};

/// Shortest name in data·inclusion, in characters.
const NAME_CHARS_MIN: usize = 3;
/// Longest id, in characters.
const ID_CHARS_MAX: usize = 200;

/// The structure, as far as it can be read; what is wrong is in `fields`.
pub(super) fn read(fields: &mut Fields<'_>, index: usize, reading: &mut Reading) -> Option<Profile> {
    if !fields.is_object() {
        return None;
    }
    let id = fields.required("id", 1, &Shape::Line(ID_CHARS_MAX));
    if index > 0 {
        fields.problem("", Wrong::SecondStructure);
    }
    reading.one_structure(fields, "id", id.as_ref());
    fields.required("source", 1, &Shape::Line(ID_CHARS_MAX));
    fields.day("date_maj");
    fields.codes("reseaux_porteurs", Vocabulary::Networks);
    let name = fields.required("nom", NAME_CHARS_MIN, &Shape::Line(NAME_CHARS_MAX));
    let siret = fields.string("siret").map(str::to_owned);
    if siret.as_ref().is_some_and(|siret| !is_siret(siret)) {
        fields.problem("siret", Wrong::NotSiret);
    }
    let link = fields.link("site_web");
    let site = Site {
        id: site_id(id.as_deref().unwrap_or_default()),
        name: name.clone().unwrap_or_default(),
        commune: fields.commune("code_insee"),
        address: fields.address(),
        phone: fields.phone("telephone"),
        email: fields.email("courriel"),
        opening_hours: fields.line("horaires_accueil"),
        coordinates: fields.coordinates(),
    };
    Some(Profile { name: name?, siret, sites: vec![site], link })
}

/// The same site id for the same structure of a file, every time.
fn site_id(structure: &str) -> SiteId {
    let digest = Digest::of_parts(&[b"relais/site/", structure.as_bytes()]);
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest.as_bytes()).for_each(|(to, from)| *to = *from);
    SiteId::from_random(bytes)
}
