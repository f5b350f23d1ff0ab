//! A service and a structure as objects of data·inclusion v1, with what Relais adds under `relais` and, in an export of
//! several structures, under `extra`.

use relais_domain::directory::{Backing, Coordinates, NameNeeded, Profile, Service};
use relais_domain::structure_id::StructureId;
use relais_domain::territory::{Coverage, Territory, departements_of};
use relais_domain::time::{Day, Timestamp};
use relais_domain::vocabulary::Value as Listed;
use serde_json::{Map, Value, json};

/// The producer that data·inclusion is told.
const SOURCE: &str = "relais";
/// The way of asking for which the web address is.
const BY_LINK: &str = "utiliser-lien-mobilisation";
/// Digits of a postcode.
const POSTCODE_DIGITS: usize = 5;

/// What is said of an entry beside the schema.
#[derive(Clone, Copy, Debug)]
pub(super) enum Standing<'a> {
    /// This structure's own: nothing is.
    Own,
    /// Signed by a structure.
    Signed {
        /// Who signed it.
        structure: StructureId,
        /// Who that is to this one.
        voucher: Backing,
        /// When it was signed.
        signed_at: Timestamp,
    },
    /// Signed by nobody.
    Unverified {
        /// The source it was seeded from.
        source: &'a str,
        /// When that was.
        seeded_at: Timestamp,
    },
}

impl Standing<'_> {
    /// The `extra` of an object.
    pub(super) fn extra(self) -> Option<Value> {
        match self {
            Self::Own => None,
            Self::Signed { structure, voucher, signed_at } => {
                let known = match voucher {
                    Backing::Own => "own",
                    Backing::Partner => "partner",
                    Backing::Endorsed => "endorsed",
                    Backing::Nobody => "stranger",
                };
                let (structure, signed) = (structure.to_string(), signed_at.day().to_string());
                Some(json!({ "standing": "signed", "by": structure, "known_as": known, "signed": signed }))
            }
            Self::Unverified { source, seeded_at } => {
                let seeded = seeded_at.day().to_string();
                Some(json!({ "standing": "unverified", "source": source, "seeded": seeded }))
            }
        }
    }
}

/// An object that grows.
struct Object(Map<String, Value>);

impl Object {
    fn put(&mut self, field: &str, value: impl Into<Value>) -> &mut Self {
        self.0.insert(field.to_owned(), value.into());
        self
    }

    fn maybe(&mut self, field: &str, value: Option<impl Into<Value>>) -> &mut Self {
        if let Some(value) = value {
            self.put(field, value);
        }
        self
    }

    fn list(&mut self, field: &str, values: impl IntoIterator<Item = String>) -> &mut Self {
        let values: Vec<Value> = values.into_iter().map(Value::String).collect();
        if !values.is_empty() {
            self.put(field, values);
        }
        self
    }

    /// An address of one line, in its parts where it has them.
    fn address(&mut self, address: Option<&str>) -> &mut Self {
        let Some(address) = address else { return self };
        match parts(address) {
            Some((street, postcode, town)) => {
                self.put("adresse", street).put("code_postal", postcode).put("commune", town)
            }
            None => self.put("adresse", address),
        }
    }

    fn place(&mut self, place: Option<Coordinates>) -> &mut Self {
        if let Some((latitude, longitude)) = place.map(|place| place.degrees()) {
            self.put("latitude", latitude).put("longitude", longitude);
        }
        self
    }
}

/// Street, postcode and town of an address, if reading them again gives the same one.
fn parts(address: &str) -> Option<(&str, &str, &str)> {
    let (street, rest) = address.rsplit_once(", ")?;
    let (postcode, town) = rest.split_once(' ')?;
    let shaped = postcode.len() == POSTCODE_DIGITS && postcode.bytes().all(|byte| byte.is_ascii_digit());
    let whole = [street, town].iter().all(|part| !part.is_empty() && part.trim() == *part);
    (shaped && whole).then_some((street, postcode, town))
}

/// A service; `structure_id` is the id of its structure in the same export.
pub(super) fn service(service: &Service, structure_id: &str, standing: Standing<'_>) -> Map<String, Value> {
    let codes =
        |values: &[Listed]| -> Vec<String> { values.iter().map(|value| value.code().to_owned()).collect() };
    let by_link = service.mobilisation_modes.iter().any(|mode| mode.code() == BY_LINK);
    let link = if by_link { "lien_mobilisation" } else { "lien_source" };
    let mut object = Object(Map::new());
    object
        .put("source", SOURCE)
        .put("structure_id", structure_id)
        .put("id", service.id.as_str())
        .put("nom", service.name.as_str())
        .put("description", service.description.as_str())
        .put("date_maj", service.updated_on.to_string())
        .list("thematiques", service.themes.iter().map(|theme| theme.code().to_owned()))
        .list("publics", codes(&service.audiences))
        .maybe("frais", service.fees.map(Listed::code))
        .maybe("frais_precisions", service.fees_note.as_deref())
        .list("modes_accueil", codes(&service.welcome_modes))
        .maybe("type", service.service_type.map(Listed::code))
        .list("zone_eligibilite", zone(&service.coverage))
        .maybe("conditions_acces", service.conditions.as_deref())
        .maybe("code_insee", service.commune.map(|commune| commune.as_str().to_owned()))
        .address(service.address.as_deref())
        .place(service.coordinates)
        .maybe("telephone", service.phone.as_deref())
        .maybe("courriel", service.email.as_deref())
        .maybe("horaires_accueil", service.opening_hours.as_deref())
        .list("modes_mobilisation", codes(&service.mobilisation_modes))
        .list("mobilisable_par", codes(&service.mobilisers))
        .maybe(link, service.link.as_deref())
        .maybe("relais", added(service))
        .maybe("extra", standing.extra());
    object.0
}

/// What Relais adds to a service; `None` when that is nothing.
fn added(service: &Service) -> Option<Value> {
    let mut object = Object(Map::new());
    object
        .list("languages", service.languages.iter().cloned())
        .list("needs", service.needs.iter().map(|class| class.as_str().to_owned()));
    if service.name_needed == NameNeeded::Yes {
        object.put("must_know_name", true);
    }
    if let Some(walk_in) = &service.walk_in {
        let mut offer = Object(Map::new());
        offer.put("hours", walk_in.hours.as_str()).maybe("places_a_week", walk_in.places_a_week);
        object.put("walk_in", offer.0);
    }
    (!object.0.is_empty()).then_some(Value::Object(object.0))
}

/// The codes of a zone; of a région, its départements.
fn zone(coverage: &Coverage) -> Vec<String> {
    let codes = coverage.territories().iter().flat_map(|territory| match territory {
        Territory::Region(code) => departements_of(*code).map(|code| code.to_string()).collect(),
        Territory::Commune(_) | Territory::Epci(_) | Territory::Departement(_) | Territory::France => {
            vec![territory.to_string()]
        }
    });
    codes.collect()
}

/// A structure, with its first place.
pub(super) fn structure(
    profile: &Profile,
    id: &str,
    changed_on: Day,
    standing: Standing<'_>,
) -> Map<String, Value> {
    let mut object = Object(Map::new());
    object
        .put("source", SOURCE)
        .put("id", id)
        .put("nom", profile.name.as_str())
        .put("date_maj", changed_on.to_string())
        .maybe("siret", profile.siret.as_deref())
        .maybe("site_web", profile.link.as_deref());
    if let Some(site) = profile.sites.first() {
        object
            .maybe("code_insee", site.commune.map(|commune| commune.as_str().to_owned()))
            .address(site.address.as_deref())
            .place(site.coordinates)
            .maybe("telephone", site.phone.as_deref())
            .maybe("courriel", site.email.as_deref())
            .maybe("horaires_accueil", site.opening_hours.as_deref())
            .put("relais", json!({ "site_id": site.id.to_string() }));
    }
    object.maybe("extra", standing.extra());
    object.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_parted_only_if_it_is_the_same_put_together() {
        assert_eq!(
            parts("1 rue de l’Essai, 17000 La Rochelle"),
            Some(("1 rue de l’Essai", "17000", "La Rochelle"))
        );
        assert_eq!(
            parts("Bât. B, 1 rue X, 17000 La Rochelle"),
            Some(("Bât. B, 1 rue X", "17000", "La Rochelle"))
        );
        for whole in
            ["17000 La Rochelle", "1 rue X, 1700 La Rochelle", "1 rue X,17000 Y", "1 rue X, 17000", ""]
        {
            assert_eq!(parts(whole), None, "{whole}");
        }
    }

    #[test]
    fn a_region_is_written_as_its_departements() {
        let coverage = Coverage::parse(&["region:75", "35"]).unwrap();
        let codes = zone(&coverage);
        assert_eq!(codes.len(), 13, "{codes:?}");
        assert!(codes.contains(&"17".to_owned()) && codes.contains(&"35".to_owned()));
        assert_eq!(zone(&Coverage::national()), ["france"]);
    }
}
