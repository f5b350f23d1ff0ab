use super::*;
use crate::limits::COMMUNE_INHABITANTS_MIN;
use std::collections::BTreeMap;

fn place(code: &str) -> Commune {
    commune(code).unwrap().commune()
}

fn territory(code: &str) -> Territory {
    Territory::parse(code).unwrap()
}

fn every_commune() -> impl Iterator<Item = Commune> {
    table::COMMUNES.lines().map(|row| place(table::field(row, 0)))
}

#[test]
fn la_rochelle_is_known() {
    let found = commune("17300").unwrap();
    let rochelle = found.commune();
    assert_eq!(found.replaced(), None);
    assert_eq!(rochelle.name(), "La Rochelle");
    assert_eq!(rochelle.population(), Some(79_851));
    assert_eq!(rochelle.centre(), Some((46.16205, -1.17647)));
    assert_eq!(rochelle.epci().unwrap().as_str(), "241700434");
    assert_eq!(rochelle.departement().name(), "Charente-Maritime");
    assert_eq!(rochelle.region().name(), "Nouvelle-Aquitaine");
    assert_eq!(format!("{:?} {}", rochelle.code(), rochelle.code()), "17300 17300");
    assert_eq!(place(" 2a004 ").name(), "Ajaccio");
}

#[test]
fn a_former_code_gives_the_present_commune_and_says_so() {
    let found = commune("01039").unwrap();
    assert_eq!(found.commune().code().as_str(), "01138");
    assert_eq!(found.replaced().unwrap().to_string(), "01039 (Béon) is part of Culoz-Béon (01138)");
    let paris = commune("75101").unwrap();
    assert_eq!(paris.commune().name(), "Paris");
    assert_eq!(paris.replaced().unwrap().code(), "75101");
    assert_eq!(CommuneCode::parse("01039"), None);
}

#[test]
fn every_former_code_leads_to_a_present_commune() {
    for row in table::FORMER.lines() {
        let found = commune(table::field(row, 0)).unwrap();
        assert_eq!(found.replaced().unwrap().name(), table::field(row, 1));
        assert_eq!(found.commune().code().as_str(), table::field(row, 2));
    }
}

#[test]
fn a_postcode_is_told_from_a_commune_code() {
    let refused = commune("17000").unwrap_err();
    assert_eq!(refused.to_string(), "17000 is a postcode; the commune code of La Rochelle is 17300");
    let TerritoryError::Postcode { communes, .. } = commune("01480").unwrap_err() else {
        panic!("a postcode")
    };
    assert_eq!(communes.len(), HINTS_MAX);
    assert!(communes.iter().is_sorted_by_key(|c| std::cmp::Reverse(c.population())));
    assert_eq!(Territory::parse("17000").unwrap_err(), refused);
    assert_eq!(Coverage::parse(&["17300", "17000"]).unwrap_err(), refused);
}

#[test]
fn what_is_no_code_is_refused() {
    assert_eq!(commune("99999").unwrap_err(), TerritoryError::Unknown { code: "99999".into() });
    for text in ["", "1730", "173000", "La Rochelle", "ééa", "17é00"] {
        assert!(commune(text).is_err(), "{text}");
    }
    for text in
        ["", "0", "zz", "96", "123456789", "region:99", "region:", "region:é", "region:17300", "FRANC"]
    {
        assert!(Territory::parse(text).is_err(), "{text}");
    }
    assert_eq!(Territory::parse("ét").unwrap_err(), TerritoryError::Shape);
    assert_eq!(Territory::parse("x;y;z").unwrap_err(), TerritoryError::Shape);
}

#[test]
fn errors_say_how_to_mend() {
    assert!(TerritoryError::Shape.to_string().contains("commune code (17300)"));
    assert!(commune("99999").unwrap_err().to_string().contains("99999"));
    assert!(
        TerritoryError::TooMany { given: 3_000 }.to_string().starts_with("3000 codes given, at most 1000")
    );
}

#[test]
fn every_commune_has_its_places() {
    for commune in every_commune() {
        assert!(departement(commune.departement().as_str()).is_some(), "{commune:?}");
        assert!(region(commune.region().as_str()).is_some(), "{commune:?}");
        if let Some(code) = commune.epci() {
            let group = epci(code.as_str()).unwrap();
            assert!(group.departements().any(|d| d == commune.departement()), "{commune:?}");
        }
        let here = Territory::Commune(commune.code());
        assert_eq!(Territory::parse(&here.to_string()), Ok(here));
    }
    assert_eq!(every_commune().filter(|c| c.population().is_none()).count(), 6);
    assert_eq!(every_commune().filter(|c| c.centre().is_none()).count(), 102);
}

#[test]
fn an_epci_is_counted_where_most_of_its_inhabitants_live() {
    let mut inhabitants: BTreeMap<EpciCode, BTreeMap<DepartementCode, u32>> = BTreeMap::new();
    for commune in every_commune() {
        if let Some(code) = commune.epci() {
            let entry = inhabitants.entry(code).or_default().entry(commune.departement()).or_default();
            *entry += commune.population().unwrap_or(0);
        }
    }
    assert_eq!(inhabitants.values().filter(|departements| departements.len() > 1).count(), 89);
    for (code, departements) in inhabitants {
        let most = departements.values().max();
        let first = code.epci().departement().unwrap();
        assert_eq!(departements.get(&first), most, "{code}");
        assert_eq!(code.epci().departements().count(), departements.len());
        assert_eq!(Territory::Epci(code).at_level(Level::Departement), Some(Territory::Departement(first)));
    }
}

#[test]
fn each_territory_is_written_as_it_is_read() {
    let tables = [(table::EPCI, ""), (table::DEPARTEMENTS, ""), (table::REGIONS, "region:")];
    for (table, prefix) in tables {
        for row in table.lines() {
            let text = format!("{prefix}{}", table::field(row, 0));
            assert_eq!(territory(&text).to_string(), text);
            assert_eq!(territory(&text).name(), table::field(row, 1));
            assert_eq!(territory(&text).at_level(Level::France), Some(Territory::France));
        }
    }
    assert_eq!(territory(" France "), Territory::France);
    assert_eq!(territory("01").level(), Level::Departement);
    assert_eq!(territory("2a").name(), "Corse-du-Sud");
}

#[test]
fn a_commune_is_counted_up_to_france() {
    let rochelle = territory("17300");
    let up: Vec<String> =
        Level::ALL.iter().filter_map(|level| rochelle.at_level(*level)).map(|t| t.to_string()).collect();
    assert_eq!(up, ["17300", "241700434", "17", "region:75", "france"]);
    assert_eq!(territory("29155").at_level(Level::Epci), None);
    assert_eq!(territory("17").at_level(Level::Commune), None);
    assert_eq!(Territory::France.at_level(Level::Region), None);
    for level in Level::ALL {
        assert_eq!(Level::parse(level.as_str()), Some(level));
    }
    assert_eq!(Level::parse("canton"), None);
}

#[test]
fn contains_follows_the_count() {
    for (outer, inner, holds) in [
        ("17", "17300", true),
        ("17300", "17300", true),
        ("france", "2A004", true),
        ("region:75", "241700434", true),
        ("241700434", "17300", true),
        ("17300", "17", false),
        ("16", "17300", false),
        ("241700434", "17415", false),
    ] {
        assert_eq!(territory(outer).contains(&territory(inner)), holds, "{outer} contains {inner}");
    }
}

#[test]
fn a_small_commune_is_replaced_by_its_epci() {
    assert_eq!(needed_territory(place("17300")), territory("17300"));
    assert_eq!(needed_territory(place("01001")), territory("200069193"));
    assert_eq!(needed_territory(place("29155")), territory("29"), "Ouessant is in no EPCI");
    assert_eq!(needed_territory(place("98411")), territory("984"), "nobody counts the inhabitants");
    for commune in every_commune() {
        let large = commune.population() >= Some(COMMUNE_INHABITANTS_MIN);
        assert_eq!(needed_territory(commune).level() == Level::Commune, large, "{commune:?}");
    }
}

#[test]
fn coverage_holds_where_ground_is_shared() {
    for (listed, asked, covered) in [
        (&[][..], "17300", true),
        (&["france"][..], "97105", true),
        (&["99100", "17"][..], "33063", true),
        (&["17"][..], "17300", true),
        (&["17"][..], "16015", false),
        (&["241700434"][..], "17300", true),
        (&["241700434"][..], "17415", false),
        (&["17300"][..], "241700434", true),
        (&["17300"][..], "17", true),
        (&["17300"][..], "16", false),
        (&["17300", "16"][..], "16015", true),
        (&["75101"][..], "75056", true),
        (&["17300"][..], "france", true),
    ] {
        let coverage = Coverage::parse(listed).unwrap();
        assert_eq!(coverage.covers(&territory(asked)), covered, "{listed:?} covers {asked}");
    }
}

#[test]
fn an_epci_across_two_departements_is_covered_by_either() {
    let across = table::EPCI.lines().find(|row| row.contains('|')).unwrap();
    let group = epci(table::field(across, 0)).unwrap();
    for departement in group.departements() {
        let coverage = Coverage::parse(&[departement.as_str()]).unwrap();
        assert!(coverage.covers(&Territory::Epci(group.code())), "{group:?} from {departement}");
        let listed = Coverage::parse(&[group.code().as_str()]).unwrap();
        assert!(listed.covers(&Territory::Departement(departement)), "{departement} from {group:?}");
        let region = Territory::Region(departement.departement().region());
        assert!(region.overlaps(&Territory::Epci(group.code())));
    }
}

#[test]
fn all_of_a_place_is_covered_only_where_nothing_of_it_lies_outside() {
    for (listed, asked, covered) in [
        (&[][..], "france", true),
        (&["17"][..], "17300", true),
        (&["17300"][..], "17300", true),
        (&["17274"][..], "17300", false),
        (&["241700434"][..], "241700434", true),
        (&["17"][..], "241700434", true),
        (&["region:75"][..], "241700434", true),
        (&["17300"][..], "241700434", false),
        (&["17300"][..], "17", false),
        (&["17300", "16"][..], "17", false),
        (&["region:75"][..], "17", true),
        (&["17"][..], "france", false),
    ] {
        let coverage = Coverage::parse(listed).unwrap();
        assert_eq!(coverage.covers_all_of(&territory(asked)), covered, "{listed:?} covers all of {asked}");
    }
    // Of an EPCI on both sides of a border, no side is all of it.
    let mut across = 0;
    for row in table::EPCI.lines() {
        let asked = territory(table::field(row, 0));
        let Territory::Epci(code) = asked else { unreachable!("an EPCI") };
        let departements: Vec<_> = code.epci().departements().map(|one| one.to_string()).collect();
        let all: Vec<&str> = departements.iter().map(String::as_str).collect();
        assert!(!all.is_empty() && Coverage::parse(&all).unwrap().covers_all_of(&asked), "{asked}");
        if all.len() > 1 {
            across += 1;
            for one in &all {
                assert!(!Coverage::parse(&[one]).unwrap().covers_all_of(&asked), "{asked} from {one}");
            }
        }
    }
    assert!(across > 50, "{across}");
}

#[test]
fn coverage_is_kept_sorted_once_and_bounded() {
    let coverage = Coverage::parse(&["17", "17300", "75101", "75056", "17300"]).unwrap();
    assert_eq!(coverage.to_string(), "17300, 75056, 17");
    assert_eq!(Coverage::parse(&[]).unwrap(), Coverage::national());
    assert_eq!(Coverage::national().territories(), [Territory::France]);
    let long = vec!["17300"; COVERAGE_CODES_MAX + 1];
    assert_eq!(Coverage::parse(&long), Err(TerritoryError::TooMany { given: COVERAGE_CODES_MAX + 1 }));
    assert!(Coverage::parse(&long[1..]).is_ok());
    assert!(Coverage::parse(&["99109"]).is_err(), "a country other than France");
}

#[test]
fn names_are_found_however_typed() {
    let first = |text: &str| communes_named(text, 5).first().map(Commune::name);
    for text in ["La Rochelle", "la-rochelle", "LA ROCHELLE", "rochelle", "La Rochell"] {
        assert_eq!(first(text), Some("La Rochelle"), "{text}");
    }
    assert_eq!(first("saint etienne"), Some("Saint-Étienne"));
    assert_eq!(first("St-Etienne"), Some("Saint-Étienne"));
    assert_eq!(first("l hay les roses"), Some("L'Haÿ-les-Roses"));
    assert_eq!(first("paris"), Some("Paris"));
    assert_eq!(first("y"), Some("Y"), "the exact name comes first");
    assert_eq!(communes_named("saint", 7).len(), 7);
    assert!(communes_named("sain", 50).iter().is_sorted_by_key(|c| std::cmp::Reverse(c.population())));
    assert!(communes_named("", 5).is_empty() && communes_named("- '", 5).is_empty());
    assert!(communes_named("Nowhere-sur-Rien", 5).is_empty());
}

#[test]
fn distances_are_those_of_the_map() {
    let centre = |code: &str| place(code).centre().unwrap();
    let (paris, rochelle) = (centre("75056"), centre("17300"));
    let distance = distance_km(paris, rochelle);
    assert!((395.0..405.0).contains(&distance), "{distance}");
    assert!((distance - distance_km(rochelle, paris)).abs() < 1e-9);
    assert!(distance_km(paris, paris) < 1e-9);
    assert!((distance_km((0.0, 0.0), (0.0, 180.0)) - 20_015.0).abs() < 1.0);
}
