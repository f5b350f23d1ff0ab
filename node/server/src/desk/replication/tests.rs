//! What an admin is told of the directory, and may wish of it.

use super::super::bench::{House, hears, meets, word_of_one};
use super::*;
use relais_domain::digest::Digest;
use relais_domain::directory::{Endorsement, Pin, Scope};
use relais_domain::structure_id::StructureId;
use relais_domain::territory::Coverage;
use relais_domain::time::{Span, Timestamp};
use relais_store::batch::{Batch, RefusalWrite};
use tonic::Code;

fn subscribe(codes: &[&str]) -> desk::SubscribeDirectoryRequest {
    desk::SubscribeDirectoryRequest { departements: codes.iter().map(|code| (*code).to_owned()).collect() }
}

#[tokio::test]
async fn the_departements_that_are_kept_are_chosen_and_told() {
    let desk = House::new("us").desk().await;
    for (typed, told, chosen) in [
        (vec!["17", "2a"], vec!["17", "2A"], peer::YesNo::Yes),
        (vec!["France"], vec!["france"], peer::YesNo::Yes),
        (vec![], vec![], peer::YesNo::No),
    ] {
        let view = desk.subscribe_directory(&subscribe(&typed)).await.unwrap();
        assert_eq!(
            (view.departements, view.chosen),
            (told.iter().map(|&c| c.to_owned()).collect(), chosen.into())
        );
    }
    for wrong in [vec!["20"], vec!["france", "17"], vec!["17"; DEPARTEMENTS_MAX + 1]] {
        let refused = desk.subscribe_directory(&subscribe(&wrong)).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert_eq!(refused.metadata().get("relais-field").unwrap(), "departements");
    }
}

#[tokio::test]
async fn a_structure_is_refused_and_allowed_again_and_both_are_on_record() {
    let desk = House::new("us").desk().await;
    let id = StructureId::of_root_spki(b"another").as_bytes().to_vec();
    let leaves = desk.engine.store().ledger_size().await.unwrap();
    let refuse = desk::RefuseStructureRequest { structure_id: id.clone() };
    let refused = desk.refuse_structure(&refuse).await.unwrap();
    assert_eq!(refused.standing(), desk::DirectoryStanding::Refused);
    let view = desk.show_directory(&desk::ShowDirectoryRequest::default()).await.unwrap();
    let standing = |view: &desk::DirectoryView| {
        view.structures.iter().find(|one| one.structure_id == id).map(|one| one.standing())
    };
    assert_eq!(standing(&view), Some(desk::DirectoryStanding::Refused));
    let allow = desk::AllowStructureRequest { structure_id: id.clone() };
    assert_eq!(desk.allow_structure(&allow).await.unwrap().standing(), desk::DirectoryStanding::Third);
    assert_eq!(desk.engine.store().ledger_size().await.unwrap(), leaves + 2);
    let own = desk.engine.own().structure().as_bytes().to_vec();
    let own = desk.refuse_structure(&desk::RefuseStructureRequest { structure_id: own }).await.unwrap_err();
    assert_eq!(own.code(), Code::InvalidArgument);
    let none =
        desk.allow_structure(&desk::AllowStructureRequest { structure_id: vec![1] }).await.unwrap_err();
    assert_eq!(none.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn pages_hold_every_structure_once() {
    let desk = House::new("us").desk().await;
    for number in 0..5u8 {
        desk.directory.refuse(StructureId::of_root_spki(&[number])).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = desk::ShowDirectoryRequest { page_size: 2, page_token, ..Default::default() };
        let view = desk.show_directory(&request).await.unwrap();
        assert_eq!(view.structures_known, 5);
        seen.extend(view.structures.into_iter().map(|one| one.structure_id));
        page_token = view.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5);
    let too_many = desk::ShowDirectoryRequest { page_size: 101, ..Default::default() };
    assert_eq!(desk.show_directory(&too_many).await.unwrap_err().code(), Code::InvalidArgument);
    let no_page = desk::ShowDirectoryRequest { page_token: "x".to_owned(), ..Default::default() };
    assert_eq!(desk.show_directory(&no_page).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn never_more_than_a_page_is_told_and_parts_of_it_are_asked_for() {
    let desk = House::new("Lire à Saint-Étienne").desk().await;
    for number in 0..120u8 {
        desk.directory.refuse(StructureId::of_root_spki(&[number])).await.unwrap();
    }
    let service = serde_json::json!([{
        "source": "essai", "structure_id": "essai--1", "id": "essai--lire", "nom": "Lire", "description": "Apprendre à lire.",
        "date_maj": "2026-09-01", "thematiques": [], "code_insee": "17300", "zone_eligibilite": ["17"]
    }]);
    let report = desk.directory.import(service.to_string().as_bytes()).await.unwrap();
    assert_eq!(report.refused, []);
    let show = async |request: desk::ShowDirectoryRequest| desk.show_directory(&request).await;
    let all = show(desk::ShowDirectoryRequest::default()).await.unwrap();
    assert_eq!((all.structures.len(), all.structures_found, all.structures_known), (50, 121, 121));
    assert_eq!((all.next_page_token.as_str(), all.refused, all.conflicting), ("50", 120, 0));
    assert_eq!((all.services_known, all.comparisons.len()), (1, 0));
    assert_eq!(
        (all.departements, all.departement_names),
        (vec!["17".into()], vec!["Charente-Maritime".into()])
    );
    let named = |name: &str| desk::ShowDirectoryRequest { name: name.to_owned(), ..Default::default() };
    for name in ["saint etienne", "ÉTIENNE", "lire à", " lire "] {
        let found = show(named(name)).await.unwrap();
        assert_eq!((found.structures_found, found.structures_known), (1, 121), "{name}");
        let own = &found.structures[0];
        assert_eq!((own.standing(), own.services), (desk::DirectoryStanding::Own, 1));
        assert_eq!((own.commune_code.as_str(), own.commune_name.as_str()), ("17300", "La Rochelle"));
        assert!(own.expires_ms > own.fresh_ms && own.fresh_ms.is_some() && own.vouchers.is_empty());
    }
    assert_eq!(show(named("personne")).await.unwrap().structures_found, 0);
    assert_eq!(show(named(&"é".repeat(100))).await.unwrap().structures_found, 0);
    let part = |part: i32| desk::ShowDirectoryRequest { part, ..Default::default() };
    assert_eq!(show(part(desk::DirectoryPart::Refused.into())).await.unwrap().structures_found, 120);
    assert_eq!(show(part(desk::DirectoryPart::Conflicting.into())).await.unwrap().structures_found, 0);
    let one = |id: &[u8]| desk::ShowDirectoryRequest { structure_id: id.to_vec(), ..Default::default() };
    let id = StructureId::of_root_spki(&[7]);
    let found = show(one(id.as_bytes())).await.unwrap();
    assert_eq!((found.structures_found, &found.structures[0].structure_id[..]), (1, &id.as_bytes()[..]));
    assert_eq!(show(one(&[9; 32])).await.unwrap().structures_found, 0);
    for (wrong, field) in
        [(named(&"é".repeat(101)), "name"), (part(99), "part"), (one(&[9; 31]), "structure_id")]
    {
        let refused = show(wrong).await.unwrap_err();
        assert_eq!(refused.metadata().get("relais-field").unwrap(), field);
    }
}

#[tokio::test]
async fn what_a_partner_brought_in_vain_is_told_by_code() {
    let desk = House::new("us").desk().await;
    let peer = Some(StructureId::of_root_spki(b"carrier"));
    let refusal =
        |peer, code: &str, count| RefusalWrite { peer, code: code.to_owned(), count, at: Timestamp(7) };
    let refusals = vec![
        refusal(peer, "directory_older", 40),
        refusal(peer, "directory_bad_signature", 1),
        refusal(peer, "bad_signature", 9),
        refusal(None, "directory_older", 3),
    ];
    desk.engine.store().commit(Batch { refusals, ..Batch::default() }).await.unwrap();
    let view = desk.show_directory(&desk::ShowDirectoryRequest::default()).await.unwrap();
    assert_eq!(view.carriers.len(), 1);
    let told: Vec<(&str, u64, i64)> =
        view.carriers[0].refusals.iter().map(|one| (one.code.as_str(), one.count, one.last_ms)).collect();
    assert_eq!(told, [("directory_bad_signature", 1, 7), ("directory_older", 40, 7)]);
}

#[tokio::test]
async fn so_many_partners_are_named_that_recommend_a_structure() {
    let desk = House::new("us").desk().await;
    let subject = StructureId::of_root_spki(b"third");
    let pin = Pin { sequence: 1, manifest: Digest::of(b"a manifest") };
    let scope = Scope { territories: Coverage::national(), themes: [].into() };
    for number in 0..17 {
        let partner = House::new(&format!("partner {number}"));
        let endorsement = Endorsement { subject, pin, scope: scope.clone() };
        let until = partner.clock.now().plus(Span::days(40));
        partner.desk().await.directory.endorse(endorsement, until).await.unwrap();
        word_of_one(&desk, &partner).await;
        meets(&desk, &partner).await;
        hears(&desk, &partner).await;
    }
    assert_eq!(desk.introductions.recommended_by(subject).len(), 17);
    assert_eq!(desk.structure_now(subject).vouchers.len(), 16);
}
