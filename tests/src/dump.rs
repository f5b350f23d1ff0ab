//! Dumps of data·inclusion v1 that look like the published ones and are the same every time: services spread over the
//! communes by their inhabitants, a few of them open to everyone, with descriptions of about 500 characters.

use anyhow::Result;
use relais_domain::territory::{Commune, communes_named};
use relais_domain::theme::Theme;
use relais_domain::vocabulary::{Value as Listed, Vocabulary};
use serde_json::{Map, Value, json};
use std::io::Write;

/// Services of one structure.
const SERVICES_A_STRUCTURE: u32 = 3;
/// Characters of a description, about.
const DESCRIPTION_CHARS: usize = 500;
/// What descriptions are made of.
const SENTENCES: [&str; 8] = [
    "Un accueil sans jugement, à votre rythme, par des professionnels formés.",
    "Nous aidons à remplir les dossiers, à préparer les rendez-vous et à comprendre les courriers reçus.",
    "L’accompagnement est individuel ou en petit groupe ; il commence par un premier entretien d’une heure.",
    "Les personnes qui lisent ou parlent peu le français sont les bienvenues, avec un interprète si besoin.",
    "Le matériel est prêté sur place, et une garde d’enfants est possible certains jours.",
    "Merci d’apporter une pièce d’identité et, si vous en avez une, une attestation récente.",
    "Une orientation vers d’autres partenaires du territoire est proposée à la fin du parcours.",
    "Les places sont limitées : il vaut mieux appeler avant de venir, surtout en fin de mois.",
];
/// Producers, as data·inclusion names them.
const SOURCES: [&str; 5] =
    ["dora", "mediation-numerique", "reseau-alpha", "emplois-de-linclusion", "monenfant"];
/// What opening hours look like.
const HOURS: [&str; 3] =
    ["Mo-Fr 09:00-12:00,14:00-17:00", "Tu,Th 14:00-18:00", "Mo-Fr 08:30-12:30; Sa 09:00-12:00; PH off"];

/// Numbers that look like chance and are the same every time (a linear congruential generator).
#[derive(Clone, Debug)]
struct Chance(u64);

impl Chance {
    fn of(what: u64, number: u32) -> Self {
        let mut chance = Self(what ^ (u64::from(number) << 20));
        chance.below(2);
        chance
    }

    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % most.max(1)
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> Option<T> {
        of.get(self.below(of.len())).copied()
    }
}

/// A dump of so many services.
#[derive(Debug)]
pub struct Dump {
    services: u32,
    /// Every commune, as often as it has thousands of inhabitants.
    people: Vec<Commune>,
    themes: Vec<Theme>,
}

impl Dump {
    /// A dump of so many services, and a third as many structures.
    pub fn of(services: u32) -> Self {
        let mut communes: Vec<Commune> =
            ('a'..='z').flat_map(|letter| communes_named(&letter.to_string(), usize::MAX)).collect();
        communes.sort();
        communes.dedup();
        let people = communes.into_iter().flat_map(|commune| {
            let thousands = commune.population().unwrap_or(0) / 1_000 + 1;
            std::iter::repeat_n(commune, usize::try_from(thousands).unwrap_or(1))
        });
        Self { services, people: people.collect(), themes: Theme::all().collect() }
    }

    /// How many structures it has.
    pub fn structures(&self) -> u32 {
        self.services.div_ceil(SERVICES_A_STRUCTURE)
    }

    /// A structure.
    pub fn structure(&self, number: u32) -> Value {
        let mut chance = Chance::of(1, number);
        let source = SOURCES[usize::try_from(number).unwrap_or(0) % SOURCES.len()];
        let mut object = json!({
            "id": structure_id(number), "source": source, "nom": format!("Structure {number}"),
            "siret": format!("9{number:013}"), "date_maj": "2026-09-01", "telephone": phone(number),
            "courriel": format!("accueil{number}@exemple.fr"), "site_web": format!("https://s{number}.exemple.fr/"),
            "description": description(&mut chance), "horaires_accueil": chance.one(&HOURS),
            "accessibilite_lieu": null, "lien_source": format!("https://exemple.fr/structures/{number}"),
            "reseaux_porteurs": null,
        });
        self.place(&mut object, number, &mut chance);
        object
    }

    /// A service.
    pub fn service(&self, number: u32) -> Value {
        let mut chance = Chance::of(2, number);
        let structure = number / SERVICES_A_STRUCTURE;
        let source = SOURCES[usize::try_from(structure).unwrap_or(0) % SOURCES.len()];
        let themes: Vec<Theme> = (0..=chance.below(3)).filter_map(|_| chance.one(&self.themes)).collect();
        let mut codes: Vec<&str> = themes.iter().map(|theme| theme.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        let label = themes.first().map_or("Accueil", |theme| theme.label());
        let mut object = json!({
            "id": format!("{source}--service-{number}"), "structure_id": structure_id(structure), "source": source,
            "nom": label.chars().take(140).collect::<String>(), "description": description(&mut chance),
            "date_maj": format!("2026-{:02}-{:02}", 1 + chance.below(11), 1 + chance.below(28)),
            "type": code(Vocabulary::ServiceTypes, &mut chance), "thematiques": codes,
            "frais": code(Vocabulary::Fees, &mut chance), "frais_precisions": null,
            "publics": list(Vocabulary::Audiences, &mut chance), "publics_precisions": null,
            "conditions_acces": (chance.below(3) == 0).then_some("Sur prescription d’un travailleur social."),
            "modes_accueil": list(Vocabulary::WelcomeModes, &mut chance),
            "modes_mobilisation": list(Vocabulary::MobilisationModes, &mut chance),
            "mobilisable_par": list(Vocabulary::Mobilisers, &mut chance), "mobilisation_precisions": null,
            "lien_mobilisation": null, "lien_source": format!("https://exemple.fr/services/{number}"),
            "telephone": (chance.below(2) == 0).then(|| phone(number)), "courriel": null,
            "contact_nom_prenom": "Jeanne Exemple",
            "horaires_accueil": chance.one(&HOURS).filter(|_| chance.below(2) == 0),
            "nombre_semaines": null, "volume_horaire_hebdomadaire": null, "score_qualite": 0.7,
        });
        let commune = self.place(&mut object, structure, &mut chance);
        object["zone_eligibilite"] = match (chance.below(20), commune) {
            (0..=2, _) | (_, None) => Value::Null,
            (3, Some(_)) => json!(["france"]),
            (4..=13, Some(commune)) => json!([commune.departement().to_string()]),
            (14..=16, Some(commune)) => {
                json!([commune.epci().map_or_else(|| commune.code().to_string(), |epci| epci.to_string())])
            }
            (_, Some(commune)) => json!([commune.code().as_str()]),
        };
        object
    }

    /// Where it is: in the commune of its structure.
    fn place(&self, object: &mut Value, structure: u32, chance: &mut Chance) -> Option<Commune> {
        let commune = Chance::of(3, structure).one(&self.people)?;
        object["commune"] = json!(commune.name());
        object["code_insee"] = json!(commune.code().as_str());
        object["code_postal"] = json!(
            format!("{}000", commune.code().as_str().get(..2).unwrap_or("00")).replace(['A', 'B'], "0")
        );
        object["adresse"] = json!(format!("{} rue de l’Essai", 1 + chance.below(200)));
        object["complement_adresse"] = Value::Null;
        let near = |degrees: f64, chance: &mut Chance| {
            degrees + f64::from(u32::try_from(chance.below(100)).unwrap_or(0)) / 2_000.0
        };
        if let Some((latitude, longitude)) = commune.centre().filter(|_| chance.below(5) > 0) {
            object["latitude"] = json!(near(latitude, chance));
            object["longitude"] = json!(near(longitude, chance));
        }
        Some(commune)
    }

    /// Writes it as one JSON object, without ever holding it.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write_json(&self, out: &mut impl Write) -> Result<()> {
        out.write_all(b"{\"structures\": [\n")?;
        separated(out, (0..self.structures()).map(|number| self.structure(number)))?;
        out.write_all(b"],\n\"services\": [\n")?;
        separated(out, (0..self.services).map(|number| self.service(number)))?;
        out.write_all(b"]}\n")?;
        Ok(())
    }

    /// Writes its services, or its structures, as published tables are written: lists as Python writes them.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write_csv(&self, which: Which, out: &mut impl Write) -> Result<()> {
        let objects: Box<dyn Iterator<Item = Value>> = match which {
            Which::Structures => Box::new((0..self.structures()).map(|number| self.structure(number))),
            Which::Services => Box::new((0..self.services).map(|number| self.service(number))),
        };
        let mut columns: Vec<String> = Vec::new();
        for object in objects {
            let Value::Object(object) = object else { continue };
            if columns.is_empty() {
                columns = object.keys().cloned().collect();
                columns.extend(["latitude", "longitude"].map(str::to_owned));
                columns.sort();
                columns.dedup();
                writeln!(out, "{}", columns.join(","))?;
            }
            let cells: Vec<String> = columns.iter().map(|column| cell(&object, column)).collect();
            writeln!(out, "{}", cells.join(","))?;
        }
        Ok(())
    }
}

/// Which objects of a dump.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    /// The structures.
    Structures,
    /// The services.
    Services,
}

fn separated(out: &mut impl Write, objects: impl Iterator<Item = Value>) -> Result<()> {
    for (place, object) in objects.enumerate() {
        if place > 0 {
            out.write_all(b",\n")?;
        }
        serde_json::to_writer(&mut *out, &object)?;
    }
    Ok(())
}

fn cell(object: &Map<String, Value>, column: &str) -> String {
    let text = match object.get(column) {
        None | Some(Value::Null) => return String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(entries)) => {
            let entries: Vec<String> =
                entries.iter().map(|entry| format!("'{}'", entry.as_str().unwrap_or_default())).collect();
            format!("[{}]", entries.join(", "))
        }
        Some(value) => value.to_string(),
    };
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn structure_id(number: u32) -> String {
    format!("{}--structure-{number}", SOURCES[usize::try_from(number).unwrap_or(0) % SOURCES.len()])
}

fn phone(number: u32) -> String {
    format!("+331990{:05}", number % 100_000)
}

fn description(chance: &mut Chance) -> String {
    let mut text = String::new();
    while text.chars().count() < DESCRIPTION_CHARS {
        text.push_str(chance.one(&SENTENCES).unwrap_or_default());
        text.push(' ');
    }
    text.trim_end().to_owned()
}

fn code(list: Vocabulary, chance: &mut Chance) -> Option<&'static str> {
    chance.one(list.values()).filter(|_| chance.below(3) > 0).map(Listed::code)
}

fn list(list: Vocabulary, chance: &mut Chance) -> Option<Vec<&'static str>> {
    let first = chance.below(list.values().len());
    let many = chance.below(3);
    let values: Vec<&str> = list.values().iter().skip(first).take(many).map(|value| value.code()).collect();
    (!values.is_empty()).then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_is_the_same_every_time_and_looks_like_one() {
        let written = || {
            let mut bytes = Vec::new();
            Dump::of(300).write_json(&mut bytes).unwrap();
            bytes
        };
        let bytes = written();
        assert_eq!(bytes, written());
        let dump: Value = serde_json::from_slice(&bytes).unwrap();
        let services = dump["services"].as_array().unwrap();
        assert_eq!((services.len(), dump["structures"].as_array().unwrap().len()), (300, 100));
        let of = |field: &str| services.iter().filter(|service| !service[field].is_null()).count();
        assert!(of("zone_eligibilite") > 200 && of("zone_eligibilite") < 300, "some are open to everyone");
        let long = services
            .iter()
            .all(|one| (450..700).contains(&one["description"].as_str().unwrap().chars().count()));
        assert!(long);
        let communes: std::collections::BTreeSet<&str> =
            services.iter().filter_map(|service| service["code_insee"].as_str()).collect();
        assert!(communes.len() > 50, "{}", communes.len());
    }
}
