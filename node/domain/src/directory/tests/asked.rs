//! Who is asked.

use super::*;
use crate::inquiry::{Addressees, PARTNERS_ASKED_MAX, partners_of};
use crate::territory::CommuneCode;

fn at(name: &str, commune: &str) -> Service {
    Service { commune: CommuneCode::parse(commune), ..service(name) }
}

fn asked(directory: &Directory, commune: &str) -> Vec<StructureId> {
    let Question { theme, commune, .. } = question(commune);
    partners_of(&directory.doors(theme, commune, NOW, |_| true))
}

#[test]
fn the_nearest_are_asked_first_and_each_structure_once() {
    let mut directory = Directory::default();
    for (of, name, commune) in
        [("far", "f", "75056"), ("near", "n", "17300"), ("near", "n-2", "17274"), ("between", "b", "17274")]
    {
        admit(&mut directory, published(of, 1, at(name, commune)));
    }
    admit(&mut directory, published("nowhere", 1, service("w")));
    let order = ["near", "between", "far", "nowhere"].map(structure);
    assert_eq!(asked(&directory, "17300"), order);
}

#[test]
fn only_who_has_a_door_of_this_need_for_this_place_is_asked() {
    let mut directory = Directory::default();
    let other = Theme::parse("numerique--acquerir-un-equipement").expect("a theme");
    let themes = BTreeSet::from([other]);
    admit(&mut directory, published("other-theme", 1, Service { themes, ..service("t") }));
    let elsewhere = Coverage::parse(&["75"]).expect("a coverage");
    admit(&mut directory, published("elsewhere", 1, Service { coverage: elsewhere, ..service("e") }));
    admit(&mut directory, published("door", 1, service("d")));
    admit(&mut directory, published("suspended", 1, service("s")));
    let Question { theme, commune, .. } = question("17300");
    let doors = directory.doors(theme, commune, NOW, |id| id != structure("suspended"));
    assert_eq!(partners_of(&doors), [structure("door")]);
    let later = NOW.plus(Span::days(61));
    assert!(directory.doors(theme, commune, later, |_| true).is_empty(), "what has expired is no door");
}

#[test]
fn no_more_partners_are_asked_than_there_may_be() {
    let mut directory = Directory::default();
    for number in 0..PARTNERS_ASKED_MAX + 5 {
        admit(&mut directory, published(&format!("s{number}"), 1, service("d")));
    }
    let doors = asked(&directory, "17300");
    let chosen = Addressees::among(&doors, |_| true);
    assert_eq!((chosen.asked.len(), chosen.left_out, chosen.beyond), (PARTNERS_ASKED_MAX, 0, 5));
    assert_eq!(chosen.asked, doors[..PARTNERS_ASKED_MAX]);
    // Who was asked too often gives way to the next.
    let chosen = Addressees::among(&doors, |partner| partner != doors[0] && partner != doors[3]);
    assert_eq!((chosen.asked.len(), chosen.left_out, chosen.beyond), (PARTNERS_ASKED_MAX, 2, 3));
    assert_eq!(chosen.asked[0], doors[1]);
}

#[test]
fn one_door_is_open_to_whom_it_is_among_the_doors_of() {
    let mut directory = Directory::default();
    let own = Coverage::parse(&["17274"]).expect("a coverage");
    admit(&mut directory, published("one", 1, Service { coverage: own, ..service("s") }));
    admit(&mut directory, published("one", 1, service("everywhere")));
    let other = Theme::parse("numerique--acquerir-un-equipement").expect("a theme");
    for commune in ["17300", "17274"] {
        let Question { theme, commune, .. } = question(commune);
        for theme in [theme, other] {
            for id in ["s", "everywhere", "nothing"].map(|id| ServiceId::parse(id).expect("an id")) {
                let doors = directory.doors(theme, commune, NOW, |_| true);
                let listed = doors.iter().any(|door| door.service.id == id);
                let open = directory.open_door(structure("one"), &id, theme, commune, NOW);
                assert_eq!(open.is_some(), listed, "{id}");
                assert!(directory.open_door(structure("two"), &id, theme, commune, NOW).is_none());
            }
        }
    }
}
