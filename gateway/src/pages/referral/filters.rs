//! What is asked of a door beside the need. It is kept in the draft: what a person needs is nothing for an address.

use super::draft::Draft;
use super::{seen, service};
use crate::form::Form;
use crate::page::{self, Mistakes};
use crate::pages::languages;
use crate::pages::writing::{Stage, Writing};
use crate::tongue::Tongue;
use crate::trouble::Trouble;
use axum::extract::Path;
use axum::response::Response;
use relais_proto::desk::v1::{
    FindDoors, FindFilter, FindHours, FindMode, FindPrice, FindServicesRequest, ShutOut,
};

/// The fields of the form.
const LANGUAGE: &str = "filtre-langue";
const AUDIENCE: &str = "filtre-public";
const PRICE: &str = "filtre-prix";
const MODE: &str = "filtre-accueil";
const REACH: &str = "filtre-distance";
const HOURS: &str = "filtre-horaire";
const DOORS: &str = "filtre-portes";
const ALL: [&str; 7] = [LANGUAGE, AUDIENCE, PRICE, MODE, REACH, HOURS, DOORS];
/// The field of the button that takes one filter away.
const WITHOUT: &str = "sans";

/// Whom a service may be for, as data·inclusion codes; «everyone» is no choice.
pub(super) const AUDIENCES: [&str; 13] = [
    "actifs",
    "beneficiaires-des-minimas-sociaux",
    "demandeurs-emploi",
    "etudiants",
    "familles",
    "femmes",
    "jeunes",
    "personnes-en-situation-de-handicap",
    "personnes-en-situation-durgence",
    "personnes-en-situation-juridique-specifique",
    "personnes-exilees",
    "residents-qpv-frr",
    "seniors",
];
const MODES: [&str; 2] = ["sur-place", "a-distance"];
/// How far someone goes on foot, with public transport, by car: metres.
const REACHES: [(&str, u32); 4] =
    [("domicile", 0), ("pied", 2_000), ("transports", 10_000), ("voiture", 30_000)];
const TIMES: [&str; 4] = ["matin", "apres-midi", "soir", "samedi"];

/// One choice among several.
pub(super) struct Choice {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) options: Vec<(String, String, bool)>,
}

/// The form of the filters.
pub(super) struct Shown {
    pub(super) language: String,
    pub(super) choices: Vec<Choice>,
    pub(super) free: bool,
    pub(super) partners: bool,
    /// What is asked now, in words; none when nothing is.
    pub(super) asked: Vec<String>,
}

/// What one filter shuts out, and the button that takes it away.
pub(super) struct Beyond {
    pub(super) words: String,
    /// The field that is taken away; empty where nothing can be.
    pub(super) without: &'static str,
}

/// Asks what the draft says.
pub(super) fn ask(form: &Form, request: FindServicesRequest) -> FindServicesRequest {
    let mode = match form.text(MODE) {
        "sur-place" => FindMode::InPerson,
        "a-distance" => FindMode::Remote,
        _ => FindMode::Unspecified,
    };
    let hours = match form.text(HOURS) {
        "matin" => FindHours::Morning,
        "apres-midi" => FindHours::Afternoon,
        "soir" => FindHours::Evening,
        "samedi" => FindHours::Saturday,
        _ => FindHours::Unspecified,
    };
    let price = if form.has(PRICE, "gratuit") { FindPrice::Free } else { FindPrice::Unspecified };
    let doors = if form.has(DOORS, "partenaires") { FindDoors::Unspecified } else { FindDoors::All };
    FindServicesRequest {
        language: languages::one(form.text(LANGUAGE)).unwrap_or_default(),
        audience: AUDIENCES
            .iter()
            .find(|one| form.text(AUDIENCE) == **one)
            .copied()
            .unwrap_or_default()
            .to_owned(),
        price: price.into(),
        mode: mode.into(),
        reach_m: REACHES.iter().find(|(code, _)| form.text(REACH) == *code).map(|(_, metres)| *metres),
        hours: hours.into(),
        doors: doors.into(),
        ..request
    }
}

/// The form, as it was filled in.
pub(super) fn shown(tongue: Tongue, form: &Form) -> Shown {
    let choice = |name: &'static str, label: String, words: Vec<(&str, String)>| Choice {
        name,
        label,
        options: words
            .into_iter()
            .map(|(code, words)| (code.to_owned(), words, form.text(name) == code))
            .collect(),
    };
    let said = |codes: &[&'static str], key: fn(&str) -> String| -> Vec<(&str, String)> {
        codes.iter().map(|code| (*code, tongue.say(&key(code)))).collect()
    };
    let reaches = said(&REACHES.map(|(code, _)| code), |code| format!("filter-reach-{code}"));
    let modes = said(&MODES, |code| format!("filter-mode-{code}"));
    let times = said(&TIMES, |code| format!("filter-hours-{code}"));
    let audiences = said(&AUDIENCES, |code| format!("filter-audience-{code}"));
    let choices = vec![
        choice(REACH, tongue.say("filter-reach"), reaches),
        choice(MODE, tongue.say("filter-mode"), modes),
        choice(HOURS, tongue.say("filter-hours"), times),
        choice(AUDIENCE, tongue.say("filter-audience"), audiences),
    ];
    let chosen = choices.iter().flat_map(|choice| &choice.options).filter(|(_, _, chosen)| *chosen);
    let mut asked: Vec<String> = chosen.map(|(_, words, _)| words.clone()).collect();
    let language = form.text(LANGUAGE).to_owned();
    if let Some(code) = languages::one(&language) {
        asked.push(seen::language(tongue, &code));
    }
    let (free, partners) = (form.has(PRICE, "gratuit"), form.has(DOORS, "partenaires"));
    asked.extend(free.then(|| tongue.say("filter-free")));
    asked.extend(partners.then(|| tongue.say("filter-partners")));
    Shown { language, choices, free, partners, asked }
}

/// What taking one filter away would bring, in words.
pub(super) fn beyond(tongue: Tongue, shut: &ShutOut) -> Option<Beyond> {
    let (key, without) = match shut.filter() {
        FindFilter::Unspecified => return None,
        FindFilter::Language => ("beyond-language", LANGUAGE),
        FindFilter::Audience => ("beyond-audience", AUDIENCE),
        FindFilter::Price => ("beyond-price", PRICE),
        FindFilter::Mode => ("beyond-mode", MODE),
        FindFilter::Reach => ("beyond-reach", REACH),
        FindFilter::Hours => ("beyond-hours", HOURS),
        FindFilter::Doors => ("beyond-doors", DOORS),
        FindFilter::Territory => ("beyond-territory", ""),
    };
    let count = tongue.count("beyond-count", shut.count.into());
    let first = match shut.distance_m {
        Some(metres) => tongue.with(
            "beyond-first-at",
            &[("name", &shut.name), ("km", &super::reason::kilometres(tongue, metres))],
        ),
        None => tongue.with("beyond-first", &[("name", &shut.name)]),
    };
    let words = tongue.with(key, &[("count", &count), ("first", &first)]);
    Some(Beyond { words, without })
}

/// Takes the filters, or takes one away, and shows the doors again.
pub(crate) async fn choose(Path(id): Path<String>, writing: Writing) -> Result<Response, Trouble> {
    let Writing { session, form, stage } = writing;
    let mut draft = Draft::load(&session, &id).await?;
    if let Some(sent) = draft.became() {
        return Ok(page::lead(&sent));
    }
    if stage == Stage::Resumed {
        return service::doors(&session, draft, "", Mistakes::default()).await;
    }
    match form.text(WITHOUT) {
        "" => {
            for field in ALL {
                draft.form.set(field, form.text(field));
            }
            let typed = draft.form.text(LANGUAGE);
            if !typed.is_empty() && languages::one(typed).is_none() {
                let mut mistakes = Mistakes::default();
                mistakes.add(LANGUAGE, session.tongue().say("filter-language-unknown"));
                // Nothing is kept, and the rest is looked for: what was typed stands in the form.
                return service::doors(&session, draft, "", mistakes).await;
            }
        }
        without => {
            for field in ALL.into_iter().filter(|field| without == *field || without == "tout") {
                draft.form.remove(field);
            }
        }
    }
    draft.save(&session).await?;
    Ok(page::lead(&draft.address("service")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tongue::Language;

    fn form(text: &str) -> Form {
        Form::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn nothing_asked_is_everyone_anywhere() {
        let asked = ask(&Form::default(), FindServicesRequest::default());
        assert_eq!(asked, FindServicesRequest { doors: FindDoors::All.into(), ..Default::default() });
        assert!(shown(Tongue(Language::French), &Form::default()).asked.is_empty());
    }

    #[test]
    fn each_filter_is_asked_and_said() {
        let filled = form(
            "filtre-langue=Arabe&filtre-public=jeunes&filtre-prix=gratuit&filtre-accueil=sur-place&filtre-distance=pied\
             &filtre-horaire=samedi&filtre-portes=partenaires",
        );
        let asked = ask(&filled, FindServicesRequest::default());
        assert_eq!((asked.language.as_str(), asked.audience.as_str()), ("ar", "jeunes"));
        assert_eq!((asked.price(), asked.mode()), (FindPrice::Free, FindMode::InPerson));
        assert_eq!((asked.reach_m, asked.hours()), (Some(2_000), FindHours::Saturday));
        assert_eq!(asked.doors(), FindDoors::Unspecified);
        for language in [Language::French, Language::English] {
            let shown = shown(Tongue(language), &filled);
            assert_eq!(shown.asked.len(), 7, "{:?}", shown.asked);
            assert!(shown.free && shown.partners && shown.language == "Arabe");
        }
        let odd = ask(
            &form("filtre-public=tous&filtre-distance=1&filtre-accueil=x"),
            FindServicesRequest::default(),
        );
        assert_eq!((odd.audience.as_str(), odd.reach_m, odd.mode()), ("", None, FindMode::Unspecified));
    }

    #[test]
    fn every_filter_says_what_it_shuts_out() {
        for filter in (1..=8).map(|number| FindFilter::try_from(number).unwrap()) {
            let shut = ShutOut {
                filter: filter.into(),
                count: 2,
                name: "Lecture".to_owned(),
                distance_m: Some(12_340),
                ..Default::default()
            };
            let french = beyond(Tongue(Language::French), &shut).unwrap();
            let english = beyond(Tongue(Language::English), &shut).unwrap();
            assert!(french.words.contains("12,3") && english.words.contains("12.3"), "{}", french.words);
            assert!(french.words.contains("Lecture") && french.words != english.words);
            assert_eq!(french.without.is_empty(), filter == FindFilter::Territory);
        }
    }
}
