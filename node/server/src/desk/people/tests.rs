//! The list of follow-ups: by name as people type it, one's own, and a coordinator's team.

use super::super::bench::{House, caller};
use super::super::session::By;
use super::*;
use crate::accounts::integrations::Scope;
use relais_domain::digest::Digest;
use relais_domain::ledger_leaf::LeafKind;
use relais_proto::peer::v1 as peer;
use relais_store::Store as _;
use relais_store::memory::{Fault, Faults};
use tonic::Code;

async fn open(desk: &Desk, caller: &Caller, given: &str) {
    open_whole(desk, caller, given, "Benali").await;
}

async fn open_whole(desk: &Desk, caller: &Caller, given: &str, family: &str) {
    let request = desk::OpenFollowUpRequest {
        request_id: desk.engine.dice().bytes::<16>().to_vec(),
        name: Some(peer::Name { given: given.to_owned(), family: family.to_owned() }),
        ..desk::OpenFollowUpRequest::default()
    };
    desk.open_follow_up(request, caller).await.unwrap();
}

async fn listed(
    desk: &Desk,
    caller: &Caller,
    name_prefix: &str,
    team: peer::YesNo,
) -> Result<Vec<String>, Status> {
    let request = desk::ListFollowUpsRequest {
        name_prefix: name_prefix.to_owned(),
        team: team.into(),
        ..desk::ListFollowUpsRequest::default()
    };
    let listed = desk.list_follow_ups(request, caller).await?;
    let mut names: Vec<String> =
        listed.follow_ups.into_iter().map(|one| one.name.unwrap_or_default().given).collect();
    names.sort();
    Ok(names)
}

#[tokio::test]
async fn a_person_is_found_by_the_beginning_of_the_first_name() {
    let desk = House::new("agency").desk().await;
    let nadia = caller(&desk, "nadia", Role::Counsellor).await;
    for given in ["Éloïse", "Eléonore", "Élodie", "Amina", "Анна", "E\u{301}lia", "Marie-Élise"] {
        open(&desk, &nadia, given).await;
    }
    let own = peer::YesNo::Unspecified;
    let decomposed = "E\u{301}lia";
    for typed in ["el", "ÉL", "Él", "E\u{301}l", " el "] {
        let found = listed(&desk, &nadia, typed, own).await.unwrap();
        assert_eq!(found, ["Eléonore", decomposed, "Élodie", "Éloïse"], "{typed}");
    }
    assert_eq!(listed(&desk, &nadia, "eloi", own).await.unwrap(), ["Éloïse"]);
    assert_eq!(listed(&desk, &nadia, "анн", own).await.unwrap(), ["Анна"]);
    assert_eq!(listed(&desk, &nadia, "marie el", own).await.unwrap(), ["Marie-Élise"]);
    assert!(listed(&desk, &nadia, "mina", own).await.unwrap().is_empty(), "the beginning, not the middle");
    assert!(listed(&desk, &nadia, "nali", own).await.unwrap().is_empty(), "nor of the family name");
    assert_eq!(listed(&desk, &nadia, "", own).await.unwrap().len(), 7);
    let refused = listed(&desk, &nadia, &"a".repeat(TEXT_CHARS_MAX + 1), own).await.unwrap_err();
    assert_eq!(refused.metadata().get("relais-field").unwrap(), "name_prefix");
}

#[tokio::test]
async fn a_person_is_found_by_the_beginning_of_the_family_name() {
    let desk = House::new("agency").desk().await;
    let nadia = caller(&desk, "nadia", Role::Counsellor).await;
    for (given, family) in [("Amina", "Élouard"), ("Élodie", "Benali"), ("Boris", "L."), ("Line", "Le Goff")]
    {
        open_whole(&desk, &nadia, given, family).await;
    }
    let own = peer::YesNo::Unspecified;
    let found = async |typed: &str| listed(&desk, &nadia, typed, own).await.unwrap();
    assert_eq!(found("ELO").await, ["Amina", "Élodie"], "either name, accents and case alike");
    assert_eq!(found("bena").await, ["Élodie"]);
    assert_eq!(found("le g").await, ["Line"]);
    for both in ["elodie ben", "Benali Élo", "BENALI"] {
        assert_eq!(found(both).await, ["Élodie"], "{both}");
    }
    assert_eq!(found("l b").await, ["Boris"], "an initial is found too");
    assert!(found("oris").await.is_empty(), "the beginning, not the middle");
}

#[tokio::test]
async fn the_teams_follow_ups_are_for_coordinators_who_ask() {
    let desk = House::new("agency").desk().await;
    let nadia = caller(&desk, "nadia", Role::Counsellor).await;
    let chief = caller(&desk, "chief", Role::Coordinator).await;
    open(&desk, &nadia, "Amina").await;
    open(&desk, &chief, "Boris").await;
    for own in [peer::YesNo::Unspecified, peer::YesNo::No] {
        assert_eq!(listed(&desk, &nadia, "", own).await.unwrap(), ["Amina"]);
        assert_eq!(listed(&desk, &chief, "", own).await.unwrap(), ["Boris"]);
    }
    assert_eq!(listed(&desk, &chief, "", peer::YesNo::Yes).await.unwrap(), ["Amina", "Boris"]);
    assert_eq!(listed(&desk, &chief, "am", peer::YesNo::Yes).await.unwrap(), ["Amina"]);
    let leaves = desk.engine.store().ledger_size().await.unwrap();
    let refused = listed(&desk, &nadia, "", peer::YesNo::Yes).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    assert_eq!(desk.engine.store().ledger_size().await.unwrap(), leaves + 1, "it is on record");
    let request = desk::ListFollowUpsRequest { team: 9, ..desk::ListFollowUpsRequest::default() };
    let refused = desk.list_follow_ups(request, &nadia).await.unwrap_err();
    assert_eq!(refused.metadata().get("relais-field").unwrap(), "team");
}

fn software(of: &Caller) -> Caller {
    let by = By::Integration { name: "agenda".to_owned(), scopes: [Scope::FollowUps].into() };
    Caller { by, ..of.clone() }
}

#[tokio::test]
async fn a_page_that_software_is_given_is_one_leaf_of_whom_it_names() {
    let house = House::new("agency");
    let desk = house.desk().await;
    let nadia = caller(&desk, "nadia", Role::Counsellor).await;
    for given in ["Amina", "Anissa", "Boris"] {
        open(&desk, &nadia, given).await;
    }
    let agenda = software(&nadia);
    let size = async || house.memory.ledger_size().await.unwrap();
    let before = size().await;
    let own = peer::YesNo::Unspecified;
    assert_eq!(listed(&desk, &nadia, "", own).await.unwrap().len(), 3);
    assert!(listed(&desk, &agenda, "zoé", own).await.unwrap().is_empty());
    assert_eq!(
        size().await,
        before,
        "no leaf for the professional's own list, nor for a page that names nobody"
    );
    let request = desk::ListFollowUpsRequest { page_size: 2, ..desk::ListFollowUpsRequest::default() };
    let page = desk.list_follow_ups(request, &agenda).await.unwrap();
    assert_eq!((page.follow_ups.len(), size().await), (2, before + 1), "one for the page");
    let ids: Vec<&[u8]> = page.follow_ups.iter().map(|one| one.follow_up_id.as_slice()).collect();
    let subject = Digest::of_parts(&[b"listing", ids[0], ids[1], b"nadia/integration agenda"]);
    assert_eq!(house.memory.ledger_find(subject).await.unwrap(), [before], "whom it names and who reads");
    assert_eq!(house.memory.ledger_leaf(before).await.unwrap().unwrap().kind, LeafKind::FileRead);
}

#[tokio::test]
async fn a_page_that_cannot_be_noted_is_not_given_to_software() {
    let mut house = House::new("agency");
    let desk = house.desk().await;
    let nadia = caller(&desk, "nadia", Role::Counsellor).await;
    open(&desk, &nadia, "Amina").await;
    drop(desk);
    house.memory = std::sync::Arc::new(house.memory.restart_with(Faults::at(1, Fault::Full)));
    let desk = house.desk().await;
    assert_eq!(house.memory.commits(), 0, "nothing was written yet");
    let agenda = software(&nadia);
    let own = peer::YesNo::Unspecified;
    let refused = listed(&desk, &agenda, "", own).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable);
    assert_eq!(listed(&desk, &agenda, "", own).await.unwrap(), ["Amina"], "with room again");
}
