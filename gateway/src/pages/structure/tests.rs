//! The structure's pages over hand-made answers of the node: for each role, every act, every no.

mod directory;
mod introductions;

use super::{colleagues, withdrawal};
use crate::bench::{Bench, STRUCTURE, french};
use crate::hex;
use crate::tongue::Language;
use axum::http::StatusCode;
use relais_proto::desk::v1 as desk;
use relais_proto::desk::v1::Role;
use relais_proto::peer::v1 as peer;
use tonic::Code;

const HUB: [u8; 32] = [6; 32];
const NEW: [u8; 32] = [9; 32];
const KEY: [u8; 16] = [4; 16];
const HOSTILE: &str = "<script>alert(1)</script>\u{202e}\"'><b>";
const SECRET: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ0123456789ABCDEFGHJK";
const NOW: i64 = 1_795_000_000_000;

fn user(name: &str, roles: &[Role]) -> desk::UserView {
    desk::UserView {
        name: name.to_owned(),
        roles: roles.iter().map(|role| i32::from(*role)).collect(),
        professional: Some(peer::Professional {
            name: "Claire M.".to_owned(),
            contact: "05 46 00 00 00".to_owned(),
        }),
        closed: peer::YesNo::No.into(),
        added_ms: NOW,
        uid: None,
    }
}

fn partner(trust: peer::PeerTrust) -> desk::PeerView {
    desk::PeerView {
        peer_id: HUB.to_vec(),
        name: "Emmaüs Connect".to_owned(),
        kind: peer::StructureKind::DigitalHub.into(),
        trust: trust.into(),
        since_ms: NOW,
        endpoints: vec!["hub.example:7443".to_owned()],
        ..Default::default()
    }
}

fn pairing(state: desk::PairingState) -> desk::PairingView {
    desk::PairingView {
        peer_id: NEW.to_vec(),
        name: "Mission locale".to_owned(),
        kind: peer::StructureKind::MissionLocale.into(),
        comparison_phrase: "pomme rivière tambour".to_owned(),
        agreement_text: "Article 1.\n\nChacun garde ses secrets.".to_owned(),
        agreement_hash: vec![2; 32],
        state: state.into(),
        expires_ms: NOW,
    }
}

fn service(places: Option<u32>) -> desk::ServiceView {
    desk::ServiceView {
        structure_id: STRUCTURE.to_vec(),
        service_id: "atelier-1".to_owned(),
        name: "Atelier numérique".to_owned(),
        themes: vec!["numerique--acquerir-un-equipement".to_owned()],
        commune_name: "La Rochelle".to_owned(),
        capacity: Some(desk::Capacity { places, waiting_days: Some(5), stated_ms: NOW, expires_ms: NOW }),
        walk_in: Some(desk::WalkInOffer { hours: "Mo-Fr 09:00-12:00".to_owned(), ..Default::default() }),
        ..Default::default()
    }
}

fn status() -> desk::StatusResponse {
    desk::StatusResponse {
        structure_id: STRUCTURE.to_vec(),
        structure_name: "Agence du Port".to_owned(),
        kind: peer::StructureKind::EmploymentService.into(),
        version: "0.1.0".to_owned(),
        started_ms: NOW,
        peers: vec![desk::PeerStatus {
            peer_id: HUB.to_vec(),
            name: "Emmaüs Connect".to_owned(),
            trust: peer::PeerTrust::Paired.into(),
            link: desk::LinkState::Closed.into(),
            waiting: 2,
            not_delivered_since_ms: Some(NOW),
            clock_difference_ms: Some(600_000),
            ..Default::default()
        }],
        alarms: vec![desk::Alarm {
            code: "handover-unconfirmed".to_owned(),
            peer_id: HUB.to_vec(),
            thread_id: vec![5; 16],
            phone: "05 46 11 11 11".to_owned(),
            since_ms: NOW,
            ..Default::default()
        }],
        ..Default::default()
    }
}

fn integration() -> desk::IntegrationView {
    desk::IntegrationView {
        integration_id: KEY.to_vec(),
        name: "Logiciel métier".to_owned(),
        scopes: vec![desk::Scope::ServicesRead.into()],
        user: "claire".to_owned(),
        expires_ms: NOW,
        ..Default::default()
    }
}

fn bench(roles: &[Role]) -> Bench {
    let cells = vec![desk::FlowCell {
        territory: "17".to_owned(),
        territory_name: "Charente-Maritime".to_owned(),
        side: desk::Side::Sender.into(),
        category: "numerique".to_owned(),
        category_label: "Numérique".to_owned(),
        label: desk::Label::Closed.into(),
        outcome: peer::Outcome::NeedMet.into(),
        count: None,
    }];
    let ledger = desk::LedgerStatusResponse {
        size: 12,
        root: vec![7; 32],
        checkpoint_size: 12,
        check: desk::LedgerCheck::Holds.into(),
        ..Default::default()
    };
    published(Bench::of(roles))
        .answers("Status", &status())
        .answers("ShowDirectory", &directory::view())
        .answers("OpenDataStatus", &directory::open_data())
        .answers(
            "ListUsers",
            &desk::ListUsersResponse {
                users: vec![user("claire", &[Role::Admin]), user("samir", &[Role::Counsellor])],
            },
        )
        .answers("ListIntegrations", &desk::ListIntegrationsResponse { integrations: vec![integration()] })
        .answers("Flows", &desk::FlowsResponse { year: 2026, quarter: 4, cells, ..Default::default() })
        .answers("LedgerStatus", &ledger)
        .answers(
            "LedgerCheckpoint",
            &desk::LedgerCheckpointResponse { checkpoint: "agence\n12\nabc=".to_owned(), size: 12 },
        )
        .answers("ShowPage", &desk::PageView::default())
        .answers("ListInvitations", &desk::ListInvitationsResponse::default())
        .answers("ListIntroductions", &desk::ListIntroductionsResponse::default())
}

fn published(bench: Bench) -> Bench {
    bench
        .answers(
            "ListServices",
            &desk::ListServicesResponse { services: vec![service(Some(3))], ..Default::default() },
        )
        .answers("SetCapacity", &service(Some(2)))
        .answers("SetWalkIn", &service(Some(2)))
        .answers("WithdrawService", &desk::WithdrawnService::default())
        .answers("ListEndorsements", &desk::ListEndorsementsResponse::default())
        .answers(
            "ListPeers",
            &desk::ListPeersResponse {
                peers: vec![partner(peer::PeerTrust::Paired)],
                pairings: vec![pairing(desk::PairingState::AwaitsUs)],
            },
        )
}

fn admin() -> Bench {
    bench(&[Role::Admin])
}

fn peer_page(id: &[u8], rest: &str) -> String {
    format!("/structure/partenaires/{}{rest}", hex::encode(id))
}

fn samir() -> String {
    colleagues::address("samir")
}

/// Every page, and who may open it.
fn pages() -> Vec<(String, &'static [Role])> {
    const ALL: &[Role] = &[Role::Counsellor, Role::Coordinator, Role::Admin, Role::Auditor];
    const INSIDE: &[Role] = &[Role::Admin, Role::Auditor];
    let fixed = [
        ("/structure", ALL),
        ("/structure/services", ALL),
        ("/structure/services/import", &[Role::Admin, Role::Coordinator]),
        ("/structure/partenaires", ALL),
        ("/structure/sante", ALL),
        ("/structure/flux?niveau=france&trimestre=2026-4", ALL),
        ("/structure/collegues", INSIDE),
        ("/structure/logiciels", INSIDE),
        ("/structure/registre", INSIDE),
        ("/structure/annuaire", INSIDE),
    ];
    let fixed = fixed.map(|(address, roles)| (address.to_owned(), roles));
    let more: [(String, &'static [Role]); 9] = [
        (withdrawal::address("atelier-1"), &[Role::Admin, Role::Coordinator]),
        (peer_page(&HUB, ""), ALL),
        (peer_page(&NEW, ""), ALL),
        (peer_page(&HUB, "/suspendre"), &[Role::Admin]),
        (peer_page(&HUB, "/retirer"), &[Role::Admin]),
        (samir(), INSIDE),
        (directory::page(&NEW, ""), INSIDE),
        (directory::page(&NEW, "/refuser"), &[Role::Admin]),
        (directory::page(&directory::GHOST, "/reprendre"), &[Role::Admin]),
    ];
    fixed.into_iter().chain(more).collect()
}

/// Every act, and what it posts.
fn acts() -> Vec<(String, Vec<(&'static str, &'static str)>)> {
    let named =
        |address: &str, fields: &[(&'static str, &'static str)]| (address.to_owned(), fields.to_vec());
    vec![
        named("/structure/services", &[("service", "atelier-1"), ("places", "2")]),
        named("/structure/services/accueil", &[("service", "atelier-1"), ("heures", "Mo 09:00-12:00")]),
        named("/structure/services/retrait", &[("service", "atelier-1")]),
        named("/structure/partenaires/invitation", &[]),
        named("/structure/partenaires/rejoindre", &[("invitation", "relais:x")]),
        named(&peer_page(&NEW, "/accord"), &[("phrase", "autre")]),
        named("/structure/partenaires/presentation", &[("numero", "x")]),
        named(&peer_page(&NEW, "/refus"), &[]),
        named(&peer_page(&HUB, "/recommandation"), &[("lieu", "17")]),
        named(&peer_page(&HUB, "/suspendre"), &[("raison", "2")]),
        named(&peer_page(&HUB, "/retirer"), &[("raison", "2")]),
        named("/structure/annuaire/departements", &[("choix", "france")]),
        named(&directory::page(&NEW, "/refuser"), &[]),
        named(&directory::page(&directory::GHOST, "/reprendre"), &[]),
        named("/structure/collegues", &[("nom", "nora"), ("role", "counsellor")]),
        named(&samir(), &[("role", "counsellor")]),
        named(&format!("{}/lien", samir()), &[]),
        named(&format!("{}/code", samir()), &[]),
        named(&format!("{}/compte", samir()), &[("acte", "fermer")]),
        named("/structure/logiciels", &[("nom", "x"), ("droit", "4")]),
        named("/structure/logiciels/revoquer", &[("cle", "04040404040404040404040404040404")]),
    ]
}

#[tokio::test]
async fn each_page_is_whole_for_whom_it_is_open_and_not_there_for_others() {
    for role in [Role::Counsellor, Role::Coordinator, Role::Admin, Role::Auditor] {
        for language in [Language::French, Language::English] {
            let bench = bench(&[role]).reading(language);
            for (address, open_to) in pages() {
                let page = bench.get(&address).await;
                if open_to.contains(&role) {
                    assert_eq!(page.status, StatusCode::OK, "{address} {role:?}");
                    page.is_whole();
                } else {
                    assert_eq!(page.status, StatusCode::NOT_FOUND, "{address} {role:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn no_door_is_shown_that_is_closed() {
    for role in [Role::Counsellor, Role::Coordinator, Role::Admin, Role::Auditor] {
        let bench = bench(&[role]);
        for (address, _) in pages().into_iter().filter(|(_, open_to)| open_to.contains(&role)) {
            let page = bench.get(&address).await;
            for (closed, _) in pages().into_iter().filter(|(_, open_to)| !open_to.contains(&role)) {
                assert!(!page.has(&format!("href=\"{closed}\"")), "{role:?}: {address} leads to {closed}");
            }
            if role == Role::Counsellor || role == Role::Auditor {
                assert!(
                    !page.has("action=\"/structure") || page.has("method=\"get\""),
                    "{role:?}: {address}"
                );
            }
        }
    }
}

#[tokio::test]
async fn nobody_acts_without_the_role() {
    for role in [Role::Counsellor, Role::Auditor] {
        let bench = bench(&[role]);
        for (address, fields) in acts() {
            assert_eq!(
                bench.post(&address, &fields).await.status,
                StatusCode::NOT_FOUND,
                "{address} {role:?}"
            );
        }
        for rpc in ["ListInvitations", "SetCapacity"] {
            assert!(bench.times_asked(rpc) > 0, "{rpc} {role:?}: the node puts them on record");
        }
    }
    let coordinator = bench(&[Role::Coordinator]);
    for (address, fields) in acts().into_iter().filter(|(address, _)| !address.contains("/services")) {
        assert_eq!(coordinator.post(&address, &fields).await.status, StatusCode::NOT_FOUND, "{address}");
    }
}

#[tokio::test]
async fn nobody_is_shown_anything_without_signing_in_and_a_foreign_form_does_nothing() {
    let bench = admin();
    for (address, _) in pages() {
        let page = bench.get_as_nobody(&address).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{address}");
        assert!(page.leads_to().starts_with("/connexion"), "{address}");
    }
    for (address, fields) in acts() {
        let page = bench.post_as_is(&address, &fields).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{address}");
    }
    const ACTS: [&str; 8] = [
        "SetCapacity",
        "CreateInvitation",
        "AddUser",
        "CreateSignInLink",
        "RemovePeer",
        "SubscribeDirectory",
        "RefuseStructure",
        "AllowStructure",
    ];
    for rpc in ACTS {
        assert_eq!(bench.times_asked(rpc), 0, "{rpc}");
    }
}

#[tokio::test]
async fn what_is_no_id_is_not_there() {
    let bench = admin();
    let (short, other) = (peer_page(&[1; 4], ""), peer_page(&[8; 32], ""));
    for address in [
        "/structure/partenaires/xyz",
        &short,
        &other,
        &peer_page(&HUB, "/vendre"),
        "/structure/collegues/claire",
        "/structure/collegues/00",
        "/structure/x",
    ] {
        assert_eq!(bench.get(address).await.status, StatusCode::NOT_FOUND, "{address}");
    }
}

fn hostile_peers() -> desk::ListPeersResponse {
    desk::ListPeersResponse {
        peers: vec![desk::PeerView {
            name: HOSTILE.to_owned(),
            endpoints: vec![HOSTILE.to_owned()],
            ..partner(peer::PeerTrust::Paired)
        }],
        pairings: vec![desk::PairingView {
            name: HOSTILE.to_owned(),
            comparison_phrase: HOSTILE.to_owned(),
            agreement_text: HOSTILE.to_owned(),
            ..pairing(desk::PairingState::AwaitsUs)
        }],
    }
}

#[tokio::test]
async fn hostile_text_is_shown_and_does_nothing() {
    let hostile = desk::ServiceView {
        name: HOSTILE.to_owned(),
        service_id: HOSTILE.to_owned(),
        commune_name: HOSTILE.to_owned(),
        themes: vec![HOSTILE.to_owned()],
        walk_in: Some(desk::WalkInOffer { hours: HOSTILE.to_owned(), ..Default::default() }),
        ..service(None)
    };
    let mut told = status();
    told.peers[0].name = HOSTILE.to_owned();
    told.alarms[0].phone = HOSTILE.to_owned();
    told.alarms.push(desk::Alarm {
        sentence: HOSTILE.to_owned(),
        code: HOSTILE.to_owned(),
        ..Default::default()
    });
    let key = desk::IntegrationView { name: HOSTILE.to_owned(), user: HOSTILE.to_owned(), ..integration() };
    let cells = vec![desk::FlowCell {
        territory_name: HOSTILE.to_owned(),
        category: HOSTILE.to_owned(),
        category_label: HOSTILE.to_owned(),
        ..Default::default()
    }];
    let bench = admin()
        .answers(
            "ListServices",
            &desk::ListServicesResponse { services: vec![hostile], ..Default::default() },
        )
        .answers("ListPeers", &hostile_peers())
        .answers("ListIntroductions", &introductions::hostile())
        .answers("ShowDirectory", &directory::hostile())
        .answers("OpenDataStatus", &directory::hostile_data())
        .answers("ListEndorsements", &introductions::hostile_words())
        .answers("Status", &told)
        .answers("ListUsers", &desk::ListUsersResponse { users: vec![user(HOSTILE, &[Role::Admin])] })
        .answers("ListIntegrations", &desk::ListIntegrationsResponse { integrations: vec![key] })
        .answers("Flows", &desk::FlowsResponse { year: 2026, quarter: 4, cells, ..Default::default() })
        .answers(
            "LedgerCheckpoint",
            &desk::LedgerCheckpointResponse { checkpoint: HOSTILE.to_owned(), size: 1 },
        );
    let of_theirs = [samir(), withdrawal::address("atelier-1")];
    let addresses = pages().into_iter().map(|(address, _)| address);
    let addresses = addresses.filter(|address| !of_theirs.contains(address));
    for address in addresses.chain([withdrawal::address(HOSTILE)]) {
        let page = bench.get(&address).await;
        page.is_whole();
        assert!(!page.has("<script>alert") && !page.has("\"'><b>"), "{address}");
    }
    let page = bench.get(&colleagues::address(HOSTILE)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.has("<script>alert"));
}

#[tokio::test]
async fn an_admin_is_told_what_is_left_to_do() {
    let page = admin().get("/structure").await;
    for address in ["/structure/pages/mentions-legales", "/structure/pages/accessibilite"] {
        assert!(page.has(address), "{address}");
    }
    assert!(page.has(&french("tasks-title")) && page.has(&peer_page(&NEW, "")));
    let completed = desk::PageView { text: "Fait.".to_owned(), ..Default::default() };
    let known = desk::ListPeersResponse { peers: vec![partner(peer::PeerTrust::Paired)], pairings: vec![] };
    let done = admin().answers("ShowPage", &completed).answers("ListPeers", &known).get("/structure").await;
    assert!(!done.has(&french("tasks-title")), "gone when done");
    let page = bench(&[Role::Auditor]).get("/structure").await;
    assert!(!page.has(&french("tasks-title")) && !page.has("/structure/pages/"));
}

#[tokio::test]
async fn places_are_said_in_one_tap_and_the_waiting_days_stay() {
    let bench = admin();
    let page = bench.get("/structure/services").await;
    for value in ["2", "4", "0"] {
        assert!(page.has(&format!("name=\"places\" value=\"{value}\"")), "{value}");
    }
    assert!(page.has("name=\"jours\" value=\"5\""));
    let fields = [("service", "atelier-1"), ("places", "0"), ("jours", "5"), ("rang", "1")];
    let done = bench.post("/structure/services", &fields).await;
    assert_eq!(done.leads_to(), "/structure/services?fait=places&page=#service-1");
    let asked: desk::SetCapacityRequest = bench.asked("SetCapacity").unwrap();
    assert_eq!((asked.places, asked.waiting_days), (Some(0), Some(5)));
    let full = desk::ListServicesResponse { services: vec![service(Some(0))], ..Default::default() };
    let page = admin().answers("ListServices", &full).get("/structure/services?fait=places").await;
    assert!(!page.has("value=\"-1\"") && page.has(&french("services-done-places")));
    let page = admin().get("/structure/services?fait=%3Cb%3E").await;
    assert!(!page.has("class=\"done\""), "nothing is said that was not done");
}

#[tokio::test]
async fn what_is_no_number_is_said_beside_its_field() {
    for (address, fields, field) in [
        ("/structure/services", [("places", "beaucoup"), ("jours", "2")], "places"),
        ("/structure/services", [("places", "2"), ("jours", "-1")], "jours"),
        ("/structure/services/accueil", [("heures", "Mo 09:00-10:00"), ("semaine", "x")], "semaine"),
        ("/structure/services/accueil", [("heures", " "), ("semaine", "")], "heures"),
    ] {
        let bench = admin();
        let fields: Vec<_> = fields.into_iter().chain([("service", "atelier-1")]).collect();
        let page = bench.post(address, &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        page.is_whole();
        assert!(page.has(&format!("href=\"#champ-{field}\"")) && page.has(&format!("id=\"champ-{field}\"")));
        assert!(page.has("<title>Erreur") && page.has("<details class=\"whole\" open>"));
        assert_eq!(bench.times_asked("SetCapacity") + bench.times_asked("SetWalkIn"), 0);
    }
    let bench = admin().refuses("SetWalkIn", Code::InvalidArgument, "directory", "");
    let fields = [("service", "atelier-1"), ("heures", "jamais")];
    let page = bench.post("/structure/services/accueil", &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has("value=\"jamais\"") && page.has(&french("services-hours-refused")));
    assert!(
        page.has("rendez-vous\u{a0}: du lundi au vendredi, de 9\u{a0}h à 12\u{a0}h"),
        "what is published is told apart from what was typed"
    );
}

#[tokio::test]
async fn an_offer_is_taken_back_whatever_stands_in_the_fields() {
    let bench = admin();
    let fields = [("service", "atelier-1"), ("heures", "Mo"), ("semaine", "3"), ("acte", "retirer")];
    bench.post("/structure/services/accueil", &fields).await;
    let asked: desk::SetWalkInRequest = bench.asked("SetWalkIn").unwrap();
    assert_eq!((asked.hours.as_str(), asked.places_a_week), ("", None));
}

#[tokio::test]
async fn what_changed_since_the_page_was_shown_is_said_and_what_was_typed_is_kept() {
    let page = admin().get("/structure/services").await;
    assert_eq!(
        page.text.matches(&format!("name=\"vu\" value=\"{NOW}\"")).count(),
        2,
        "the taps and the numbers"
    );
    assert!(page.has("name=\"vu-heures\" value=\"Mo-Fr 09:00-12:00\""));
    let seen = NOW.to_string();
    let places = [("service", "atelier-1"), ("places", "2"), ("jours", "5"), ("vu", seen.as_str())];
    let offer = [("service", "atelier-1"), ("heures", "Fr"), ("vu-heures", "Mo"), ("vu-semaine", "3")];
    type Fields<'a> = &'a [(&'a str, &'a str)];
    let forms: [(&str, &str, Fields<'_>, &str, &str); 2] = [
        ("/structure/services", "SetCapacity", &places, "places", "Maintenant\u{a0}: 3 places"),
        (
            "/structure/services/accueil",
            "SetWalkIn",
            &offer,
            "heures",
            "Maintenant\u{a0}: du lundi au vendredi",
        ),
    ];
    for (address, rpc, fields, field, now) in forms {
        let bench = admin().refuses(rpc, Code::FailedPrecondition, "changed", "");
        let page = bench.post(address, fields).await;
        assert_eq!(page.status, StatusCode::CONFLICT, "{address}");
        page.is_whole();
        assert!(page.has(&format!("href=\"#champ-{field}\"")) && page.has(&format!("id=\"champ-{field}\"")));
        let (_, error) = page.text.split_once(&format!("id=\"erreur-{field}\"")).unwrap();
        assert!(error.split_once("</p>").unwrap().0.contains(now), "{error}");
        let typed = fields[1].1;
        assert!(page.has(&format!("value=\"{typed}\"")), "what was typed is kept");
        assert!(page.has(&format!("name=\"vu\" value=\"{NOW}\"")), "what is shown now may be replaced");
        match rpc {
            "SetCapacity" => {
                let asked: desk::SetCapacityRequest = bench.asked(rpc).unwrap();
                assert_eq!(asked.seen_stated_ms, Some(NOW));
            }
            _ => {
                let seen = bench.asked::<desk::SetWalkInRequest>(rpc).unwrap().seen.unwrap();
                assert_eq!((seen.hours.as_str(), seen.places_a_week), ("Mo", Some(3)));
            }
        }
    }
}

#[tokio::test]
async fn a_public_page_that_someone_completed_meanwhile_is_not_lost() {
    let address = "/structure/pages/mentions-legales";
    let kept = desk::PageView { text: "Leur texte.".to_owned(), saved_ms: Some(NOW), ..Default::default() };
    let bench = admin().answers("ShowPage", &kept);
    assert!(bench.get(address).await.has(&format!("name=\"vu\" value=\"{NOW}\"")));
    let bench = bench.refuses("SavePage", Code::FailedPrecondition, "changed", "");
    let page = bench.post(address, &[("texte", "Mon texte."), ("vu", "7")]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    page.is_whole();
    assert!(page.has("Leur texte.") && page.has("Mon texte.") && page.has(&french("about-changed")));
    assert!(page.has(&format!("name=\"vu\" value=\"{NOW}\"")));
    assert_eq!(bench.asked::<desk::SavePageRequest>("SavePage").unwrap().seen_saved_ms, Some(7));
}

#[tokio::test]
async fn an_account_that_someone_changed_meanwhile_is_not_changed_back() {
    let bench = admin().answers("ChangeUser", &user("samir", &[Role::Counsellor]));
    let page = bench.get(&samir()).await;
    let (_, seen) = page.text.split_once("name=\"vu\" value=\"").unwrap();
    let seen = seen.split_once('"').unwrap().0.to_owned();
    let work = [("nom-travail", "Claire M."), ("contact", "05 46 00 00 00")];
    let fields = |role: &'static str| {
        let own = [("role", role), ("vu", seen.as_str())];
        own.into_iter().chain(work).collect::<Vec<_>>()
    };
    // Meanwhile another admin made a coordinator of him.
    let users = vec![user("claire", &[Role::Admin]), user("samir", &[Role::Coordinator])];
    let changed = desk::ListUsersResponse { users };
    let bench = bench.answers("ListUsers", &changed);
    let page = bench.post(&samir(), &fields("auditor")).await;
    assert_eq!((page.status, bench.times_asked("ChangeUser")), (StatusCode::CONFLICT, 0));
    page.is_whole();
    assert!(
        page.has("href=\"#champ-role\"") && page.has("value=\"auditor\" checked"),
        "what was ticked is kept"
    );
    assert!(page.has(&format!("{} · Claire M.", french("role-coordinator"))), "and what it is now is said");
    let same = bench.post(&samir(), &fields("coordinator")).await;
    assert_eq!(same.status, StatusCode::SEE_OTHER, "sent twice, it says the same");
}

/// A form with a file, as a browser sends it.
fn upload(csrf: &str, file: &[u8]) -> Vec<u8> {
    let field = |name: &str, more: &str| {
        format!("--fin\r\ncontent-disposition: form-data; name=\"{name}\"{more}\r\n\r\n").into_bytes()
    };
    let file_head = field("fichier", "; filename=\"services.json\"\r\ncontent-type: application/json");
    [
        field("jeton", ""),
        csrf.as_bytes().to_vec(),
        b"\r\n".to_vec(),
        file_head,
        file.to_vec(),
        b"\r\n--fin--\r\n".to_vec(),
    ]
    .concat()
}

const MULTIPART: &str = "multipart/form-data; boundary=fin";
const IMPORT: &str = "/structure/services/import";

#[tokio::test]
async fn a_file_is_published_and_what_was_refused_is_told() {
    let refusal = |index, coded| desk::ImportRefusal {
        index,
        service_id: HOSTILE.to_owned(),
        field: "thematiques".to_owned(),
        problem: "no such theme".to_owned(),
        coded,
        line: u64::from(index) * 10,
    };
    let kind = desk::ImportProblemKind::UnknownTheme.into();
    let coded = desk::ImportProblem { kind, value: HOSTILE.to_owned(), ..Default::default() };
    let of_code =
        |code: &str, name: &str| Some(desk::ImportCode { code: code.to_owned(), name: name.to_owned() });
    let replaced = desk::ImportReplaced {
        what: "is part of".to_owned(),
        former: of_code("69381", "Lyon 1er"),
        present: of_code("69123", "Lyon"),
        ..Default::default()
    };
    let done = desk::ImportServicesResponse {
        accepted: 2,
        refused: vec![refusal(2, None), refusal(3, Some(coded))],
        replaced: vec![replaced],
        ..Default::default()
    };
    let bench = admin().answers("ImportServices", &done);
    let page = bench.post_body(IMPORT, MULTIPART, upload(&Bench::csrf(), b"[{}]")).await;
    assert_eq!(page.status, StatusCode::OK);
    page.is_whole();
    assert!(page.has("<th scope=\"row\">3</th><td>20</td>") && page.has("thematiques"));
    assert!(page.has("<td lang=\"en\">no such theme</td>"), "of a former node");
    assert!(page.has("n’est pas une thématique.</td>"), "in the language of the page");
    assert_eq!(page.text.matches("<td lang=\"en\"").count(), 1, "nothing else is English");
    assert!(page.has("<li>Lyon 1er (69381) fait maintenant partie de Lyon (69123).</li>"));
    assert_eq!(bench.asked::<desk::ImportServicesRequest>("ImportServices").unwrap().json, b"[{}]");
}

#[tokio::test]
async fn what_is_published_can_be_kept_as_a_file() {
    let piece = desk::ExportPiece { data: b"{\"services\": []}".to_vec() };
    for (name, kind, format) in [
        ("services.json", "application/json", desk::ExportFormat::Json),
        ("services.csv", "text/csv; charset=utf-8", desk::ExportFormat::ServicesCsv),
        ("structure.csv", "text/csv; charset=utf-8", desk::ExportFormat::StructuresCsv),
    ] {
        let bench = admin().answers("ExportServices", &piece);
        let file = bench.get(&format!("/structure/services/export/{name}")).await;
        assert_eq!((file.status, file.text.as_str()), (StatusCode::OK, "{\"services\": []}"));
        assert_eq!(file.headers["content-type"], kind);
        assert_eq!(file.headers["content-disposition"], format!("attachment; filename=\"{name}\""));
        assert_eq!(file.headers["cache-control"], "no-store");
        let asked: desk::ExportServicesRequest = bench.asked("ExportServices").unwrap();
        assert_eq!((asked.format(), asked.territory.as_str()), (format, ""));
    }
    let bench = admin();
    let none = bench.get("/structure/services/export/autre.exe").await;
    assert_eq!((none.status, bench.times_asked("ExportServices")), (StatusCode::NOT_FOUND, 0));
    let away = admin().refuses("ExportServices", Code::Unavailable, "store", "");
    let page = away.get("/structure/services/export/services.json").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.headers.get("content-disposition").is_none());
    let page = admin().get(IMPORT).await;
    assert!(page.has("href=\"/structure/services/export/services.csv\""));
}

#[tokio::test]
async fn a_file_that_is_none_publishes_nothing() {
    let csrf = Bench::csrf();
    let bench = admin().refuses("ImportServices", Code::InvalidArgument, "directory", "");
    let page = bench.post_body(IMPORT, MULTIPART, upload(&csrf, b"")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has(&french("import-no-file")));
    let page = bench.post_body(IMPORT, MULTIPART, upload(&csrf, b"not json")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has(&french("import-unreadable")));
    let bench = admin();
    assert_eq!(bench.post_body(IMPORT, MULTIPART, upload("AAAA", b"[]")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(bench.post_body(IMPORT, MULTIPART, b"--fin".to_vec()).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(bench.post_body(IMPORT, "text/plain", b"x".to_vec()).await.status, StatusCode::BAD_REQUEST);
    let big = upload(&csrf, &vec![b' '; (1 << 20) + 1]);
    assert_eq!(bench.post_body(IMPORT, MULTIPART, big).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(bench.times_asked("ImportServices"), 0);
    let counsellor = self::bench(&[Role::Counsellor]);
    let page = counsellor.post_body(IMPORT, MULTIPART, upload(&csrf, b"[]")).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert_eq!(counsellor.times_asked("ImportServices"), 0);
}

#[tokio::test]
async fn a_colleague_is_added_without_a_system_account() {
    let bench = admin().answers("AddUser", &user("nora", &[Role::Counsellor]));
    let fields = [
        ("nom", "nora"),
        ("role", "counsellor"),
        ("role", "coordinator"),
        ("nom-travail", "Nora K."),
        ("contact", "05 46"),
    ];
    let page = bench.post("/structure/collegues", &fields).await;
    assert_eq!(page.leads_to(), format!("{}?fait=ajoute", colleagues::address("nora")));
    assert!(!page.leads_to().contains("nora"));
    let asked: desk::AddUserRequest = bench.asked("AddUser").unwrap();
    assert_eq!(asked.uid, None);
    assert_eq!(asked.roles, [i32::from(Role::Counsellor), i32::from(Role::Coordinator)]);
    let page = admin().post("/structure/collegues", &[("contact", "05 46")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for field in ["nom", "role", "nom-travail"] {
        assert!(page.has(&format!("href=\"#champ-{field}\"")), "{field}");
    }
    assert!(page.has("value=\"05 46\""));
    let bench = admin().refuses("AddUser", Code::AlreadyExists, "field", "name");
    let page = bench.post("/structure/collegues", &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has(&french("colleagues-refused-name")));
}

#[tokio::test]
async fn a_sign_in_link_is_shown_once_and_leads_to_this_gateway() {
    let made = desk::SignInLink { token: SECRET.to_owned(), expires_ms: NOW };
    let bench = admin().answers("CreateSignInLink", &made);
    let page = bench.post(&format!("{}/lien", samir()), &[]).await;
    assert_eq!(page.status, StatusCode::OK);
    page.is_whole();
    assert!(page.has(&format!("http://relais.example/lien/{SECRET}")) && page.has("<svg"));
    assert_eq!(page.headers["cache-control"], "no-store");
    assert_eq!(bench.asked::<desk::CreateSignInLinkRequest>("CreateSignInLink").unwrap().name, "samir");
    assert!(!bench.get(&samir()).await.has(SECRET));
}

#[tokio::test]
async fn the_last_admin_stays_one_and_what_was_ticked_is_kept() {
    let bench = admin().refuses("ChangeUser", Code::FailedPrecondition, "last_admin", "");
    let page =
        bench.post(&samir(), &[("role", "auditor"), ("nom-travail", "Samir B."), ("contact", "05")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has(&french("refusal-last-admin")) && page.has("value=\"Samir B.\""));
    assert!(page.has("value=\"auditor\" checked") && !page.has("value=\"counsellor\" checked"));
    let page = bench.post(&format!("{}/compte", samir()), &[("acte", "fermer")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has("value=\"counsellor\" checked"), "the roles that are kept");
    let bench = admin();
    assert_eq!(
        bench.post(&format!("{}/compte", samir()), &[("acte", "vendre")]).await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(bench.post(&samir(), &[]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(bench.times_asked("ChangeUser"), 0);
}

#[tokio::test]
async fn who_gives_up_their_own_rights_is_led_out() {
    let own = colleagues::address("claire");
    let changed = |roles: &[Role], closed: peer::YesNo| {
        admin().answers("ChangeUser", &desk::UserView { closed: closed.into(), ..user("claire", roles) })
    };
    let bench = changed(&[Role::Counsellor], peer::YesNo::No);
    assert_eq!(bench.post(&own, &[("role", "counsellor")]).await.leads_to(), "/structure");
    let bench = changed(&[Role::Auditor], peer::YesNo::No);
    assert_eq!(bench.post(&own, &[("role", "auditor")]).await.leads_to(), format!("{own}?fait=change"));
    let bench = changed(&[Role::Admin], peer::YesNo::Yes);
    assert_eq!(bench.post(&format!("{own}/compte"), &[("acte", "fermer")]).await.leads_to(), "/connexion");
}

#[tokio::test]
async fn an_account_is_closed_and_nothing_else_of_it_changes() {
    let bench = admin().answers("ChangeUser", &user("samir", &[Role::Counsellor]));
    let page = bench.post(&format!("{}/compte", samir()), &[("acte", "fermer")]).await;
    assert_eq!(page.leads_to(), format!("{}?fait=ferme", samir()));
    let asked: desk::ChangeUserRequest = bench.asked("ChangeUser").unwrap();
    assert_eq!((asked.closed(), asked.roles.len()), (peer::YesNo::Yes, 0));
    assert!(asked.professional.is_none());
}

#[tokio::test]
async fn ones_own_second_factor_is_not_removed_without_the_password() {
    let bench = admin().answers("RemoveTotp", &desk::AccountView::default());
    let own = colleagues::address("claire");
    assert_eq!(bench.post(&format!("{own}/code"), &[]).await.leads_to(), "/compte");
    assert_eq!(bench.times_asked("RemoveTotp"), 0);
    assert!(!bench.get(&own).await.has(&format!("{own}/code")));
    let page = bench.post(&format!("{}/code", samir()), &[]).await;
    assert_eq!(page.leads_to(), format!("{}?fait=code", samir()));
}

#[tokio::test]
async fn an_invitation_is_shown_once() {
    let link = "relais:invitation-secret";
    let made = desk::CreateInvitationResponse { link: link.to_owned(), expires_ms: NOW };
    let bench = admin().answers("CreateInvitation", &made);
    let page = bench.post("/structure/partenaires/invitation", &[("demande", &"05".repeat(16))]).await;
    assert_eq!(page.status, StatusCode::OK);
    page.is_whole();
    assert!(page.has(link) && page.has("<svg") && !page.has("name=\"demande\""));
    let bench = admin();
    let page = bench.get("/structure/partenaires/invitation").await;
    assert_eq!(page.leads_to(), "/structure/partenaires");
    assert_eq!(bench.times_asked("CreateInvitation"), 0);
}

/// One who makes several knows which link is whose. The name leaves to no one: it stands on the page alone.
#[tokio::test]
async fn an_invitation_says_for_whom_it_was_made() {
    let invite = "/structure/partenaires/invitation";
    let made = |link: &str| desk::CreateInvitationResponse { link: link.to_owned(), expires_ms: NOW };
    let id = "05".repeat(16);
    let bench = admin().answers("CreateInvitation", &made("relais:invitation-secret"));
    let page = bench.post(invite, &[("demande", &id), ("structure", "Maison du lac")]).await;
    assert!(page.is_whole().has("Pour Maison du lac."), "{}", page.text);
    let unnamed = bench.post(invite, &[("demande", &id)]).await;
    assert!(!unnamed.has("<p class=\"lead\">"), "{}", unnamed.text);
    // Pressed again, the other one is for the same structure.
    let again = admin().answers("CreateInvitation", &made(""));
    let page = again.post(invite, &[("demande", &id), ("structure", HOSTILE)]).await;
    page.is_whole();
    assert!(!page.has("<script>alert") && !page.has("\"'><b>"), "{}", page.text);
    assert!(page.has("name=\"structure\" value=\"&#60;script"), "{}", page.text);
    let long = "é".repeat(4_000);
    let page = bench.post(invite, &[("demande", &id), ("structure", &long)]).await;
    assert!(page.has(&"é".repeat(200)) && !page.has(&"é".repeat(201)), "it is a name");
}

#[tokio::test]
async fn an_invitation_pressed_twice_is_one_and_says_so() {
    let bench = admin().answers(
        "CreateInvitation",
        &desk::CreateInvitationResponse { link: String::new(), expires_ms: NOW },
    );
    let page = bench.get("/structure/partenaires").await;
    let (_, request) = page.text.split_once("name=\"demande\" value=\"").unwrap();
    let request = request.split_once('"').unwrap().0;
    let page = bench.post("/structure/partenaires/invitation", &[("demande", request)]).await;
    assert_eq!(page.status, StatusCode::OK);
    page.is_whole();
    assert!(page.has(&french("invitation-made")) && !page.has("id=\"une-fois\""));
    let asked: desk::CreateInvitationRequest = bench.asked("CreateInvitation").unwrap();
    assert_eq!(hex::encode(&asked.request_id), request);
    // Another one is a press away, and is another one.
    let (_, form) = page.text.split_once("action=\"/structure/partenaires/invitation\"").unwrap();
    let (_, other) = form.split_once("name=\"demande\" value=\"").unwrap();
    let other = other.split_once('"').unwrap().0;
    assert!(other != request && page.has(&french("invitation-another")), "{}", page.text);
    bench.post("/structure/partenaires/invitation", &[("demande", other)]).await;
    let asked: desk::CreateInvitationRequest = bench.asked("CreateInvitation").unwrap();
    assert_eq!(hex::encode(&asked.request_id), other);
}

#[tokio::test]
async fn an_open_invitation_is_taken_back_by_a_press() {
    let of = |standing: desk::InvitationStanding, number: u8| desk::InvitationView {
        number: vec![number; 8],
        standing: standing.into(),
        ..Default::default()
    };
    let invitations =
        vec![of(desk::InvitationStanding::Open, 0x5a), of(desk::InvitationStanding::Used, 0x6b)];
    let bench = admin()
        .answers("ListInvitations", &desk::ListInvitationsResponse { invitations })
        .answers("WithdrawInvitation", &desk::InvitationView::default());
    let page = bench.get("/structure/partenaires").await;
    page.is_whole();
    let number = "5a".repeat(8);
    assert!(page.has(&format!("value=\"{number}\"")) && !page.has(&"6b".repeat(8)));
    let withdraw = "/structure/partenaires/invitation/retrait";
    let done = bench.post(withdraw, &[("numero", &number)]).await;
    assert_eq!(done.leads_to(), "/structure/partenaires?fait=retiree");
    let asked: desk::WithdrawInvitationRequest = bench.asked("WithdrawInvitation").unwrap();
    assert_eq!(asked.number, [0x5a; 8]);
    assert_eq!(bench.post(withdraw, &[]).await.status, StatusCode::BAD_REQUEST);
    let twice = admin().refuses("WithdrawInvitation", Code::NotFound, "not_there", "");
    let done = twice.post(withdraw, &[("numero", &number)]).await;
    assert_eq!(done.leads_to(), "/structure/partenaires?fait=retiree");
}

#[tokio::test]
async fn an_invitation_without_the_id_of_its_press_is_not_made() {
    let bench = admin().answers("CreateInvitation", &desk::CreateInvitationResponse::default());
    let long = "05".repeat(17);
    for bad in ["", "05", &long, &"zz".repeat(16)] {
        let page = bench.post("/structure/partenaires/invitation", &[("demande", bad)]).await;
        assert!(page.status == StatusCode::BAD_REQUEST && page.has(&french("trouble-bad-form")), "{bad}");
    }
    assert_eq!(bench.post("/structure/partenaires/invitation", &[]).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(bench.times_asked("CreateInvitation"), 0);
}

#[tokio::test]
async fn joining_leads_to_the_phrase_or_says_what_is_wrong() {
    let join = "/structure/partenaires/rejoindre";
    let bench = admin().answers("JoinInvitation", &pairing(desk::PairingState::AwaitsUs));
    let page = bench.post(join, &[("invitation", " relais:x ")]).await;
    assert_eq!(page.leads_to(), peer_page(&NEW, ""));
    for (code, name, key) in [
        (Code::Unavailable, "invitation", "partners-join-unreachable"),
        (Code::FailedPrecondition, "invitation", "partners-join-refused"),
        (Code::InvalidArgument, "field", "refusal-field-link"),
    ] {
        let bench = admin().refuses("JoinInvitation", code, name, "link");
        let page = bench.post(join, &[("invitation", "relais:x")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{key}");
        assert!(page.has(&french(key)) && page.has(">relais:x</textarea>"), "{key}");
    }
    let away = admin().refuses("JoinInvitation", Code::Unavailable, "store", "");
    let page = away.post(join, &[("invitation", "relais:x")]).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "it is this node that does not answer");
    assert_eq!(admin().post(join, &[]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_partner_is_confirmed_only_after_the_agreement_was_read() {
    let bench = admin().answers("ConfirmPairing", &pairing(desk::PairingState::Paired));
    let address = peer_page(&NEW, "");
    let accord = peer_page(&NEW, "/accord");
    assert_eq!(bench.get(&accord).await.leads_to(), address, "after signing in again");
    let shown = bench.get(&address).await;
    assert!(shown.has("pomme rivière tambour") && shown.has("Chacun garde ses secrets."));
    assert!(!shown.has("value=\"oui\" checked"));
    let hash = hex::encode(&[2; 32]);
    let page = bench.post(&accord, &[("phrase", "meme"), ("accord", &hash)]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has("href=\"#champ-lu\"") && page.has("pomme rivière tambour"));
    assert_eq!(bench.times_asked("ConfirmPairing"), 0);
    assert!(page.has("name=\"mots\" value=\"pomme rivière tambour\""));
    let words = ("mots", "pomme rivière tambour");
    let page = bench.post(&accord, &[("phrase", "meme"), ("lu", "oui"), ("accord", &hash), words]).await;
    assert_eq!(page.leads_to(), format!("{address}?fait=partenaire"));
    let asked: desk::ConfirmPairingRequest = bench.asked("ConfirmPairing").unwrap();
    assert_eq!(asked.comparison_phrase, words.1, "the words that were seen");
    assert_eq!((asked.comparison(), asked.agreement_hash), (desk::PhraseComparison::Matches, vec![2; 32]));
    let page = bench.post(&accord, &[("phrase", "autre"), ("accord", &hash)]).await;
    assert_eq!(page.leads_to(), "/structure/partenaires?fait=refuse");
    let asked: desk::ConfirmPairingRequest = bench.asked("ConfirmPairing").unwrap();
    assert_eq!(asked.comparison(), desk::PhraseComparison::Differs);
    assert_eq!(bench.post(&accord, &[("lu", "oui")]).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn other_words_or_another_agreement_confirm_nobody() {
    let accord = peer_page(&NEW, "/accord");
    for (code, name, field, key) in [
        (Code::InvalidArgument, "field", "comparison_phrase", "refusal-field-comparison-phrase"),
        (Code::FailedPrecondition, "agreement_changed", "", "refusal-agreement-changed"),
    ] {
        let bench = admin().refuses("ConfirmPairing", code, name, field);
        let page = bench.post(&accord, &[("phrase", "meme"), ("lu", "oui"), ("mots", "autres mots")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has(&french(key)) && page.has("pomme rivière tambour"), "{key}");
    }
    let none = desk::PairingView { agreement_text: String::new(), ..pairing(desk::PairingState::AwaitsUs) };
    let known = desk::ListPeersResponse { peers: Vec::new(), pairings: vec![none] };
    let page = admin().answers("ListPeers", &known).get(&peer_page(&NEW, "")).await;
    page.is_whole();
    assert!(page.has(&french("pairing-agreement-changed")) && !page.has("value=\"meme\""));
    assert!(page.has("value=\"autre\""), "it can be given up");
}

#[tokio::test]
async fn a_pairing_that_waits_for_the_other_or_was_settled_asks_nothing() {
    let known = |pairings: Vec<desk::PairingView>| desk::ListPeersResponse {
        peers: vec![partner(peer::PeerTrust::Paired)],
        pairings,
    };
    let theirs = admin().answers("ListPeers", &known(vec![pairing(desk::PairingState::AwaitsThem)]));
    let page = theirs.get(&peer_page(&NEW, "")).await;
    assert!(!page.has("name=\"phrase\"") && !page.has("pomme rivière tambour"));
    let settled = admin().answers("ListPeers", &known(vec![]));
    let page = settled.post(&peer_page(&HUB, "/accord"), &[("phrase", "meme"), ("lu", "oui")]).await;
    assert_eq!(page.leads_to(), peer_page(&HUB, ""));
    let counsellor = bench(&[Role::Counsellor]).get(&peer_page(&NEW, "")).await;
    assert!(!counsellor.has("pomme rivière tambour"), "the phrase is for who compares it");
}

#[tokio::test]
async fn a_partner_is_changed_only_from_where_it_can_be_and_with_a_reason() {
    let bench = admin().answers("SuspendPeer", &partner(peer::PeerTrust::Suspended));
    let suspend = peer_page(&HUB, "/suspendre");
    let page = bench.post(&suspend, &[]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has(&french("partner-reason-empty")));
    assert_eq!(bench.post(&suspend, &[("raison", "1")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(bench.times_asked("SuspendPeer"), 0);
    let page = bench.post(&suspend, &[("raison", "2")]).await;
    assert_eq!(page.leads_to(), format!("{}?fait=suspendre", peer_page(&HUB, "")));
    let asked: desk::SuspendPeerRequest = bench.asked("SuspendPeer").unwrap();
    assert_eq!(asked.reason(), peer::PeerChangeReason::PartnershipEnded);
    assert_eq!(bench.get(&peer_page(&HUB, "/reprendre")).await.leads_to(), peer_page(&HUB, ""));
    for (trust, offered) in [
        (peer::PeerTrust::Paired, ["suspendre", "retirer"].as_slice()),
        (peer::PeerTrust::Suspended, &["reprendre", "retirer"]),
        (peer::PeerTrust::Removed, &[]),
    ] {
        let known = desk::ListPeersResponse { peers: vec![partner(trust)], pairings: vec![] };
        let page = admin().answers("ListPeers", &known).get(&peer_page(&HUB, "")).await;
        for slug in ["suspendre", "reprendre", "retirer"] {
            let link = peer_page(&HUB, &format!("/{slug}"));
            assert_eq!(page.has(&link), offered.contains(&slug), "{trust:?} {slug}");
        }
    }
}

#[tokio::test]
async fn a_key_is_shown_once_and_ended_at_once() {
    let made = desk::CreatedIntegration { integration: Some(integration()), token: SECRET.to_owned() };
    let bench = admin()
        .answers("CreateIntegration", &made)
        .answers("RevokeIntegration", &desk::RevokeIntegrationResponse {});
    let fields =
        [("nom", "Logiciel métier"), ("droit", "4"), ("droit", "99"), ("compte", "claire"), ("jours", "30")];
    let page = bench.post("/structure/logiciels", &fields).await;
    assert_eq!(page.status, StatusCode::OK);
    page.is_whole();
    assert!(page.has(SECRET) && !bench.get("/structure/logiciels").await.has(SECRET));
    let asked: desk::CreateIntegrationRequest = bench.asked("CreateIntegration").unwrap();
    assert_eq!((asked.scopes.as_slice(), asked.validity_days), ([4].as_slice(), 30));
    let key = hex::encode(&KEY);
    let page = bench.post("/structure/logiciels/revoquer", &[("cle", &key)]).await;
    assert_eq!(page.leads_to(), "/structure/logiciels?fait=revoque");
    let gone = admin().refuses("RevokeIntegration", Code::NotFound, "not_there", "");
    let page = gone.post("/structure/logiciels/revoquer", &[("cle", &key)]).await;
    assert_eq!(page.leads_to(), "/structure/logiciels?fait=revoque", "ended already");
    for (fields, field) in [
        (vec![("droit", "4"), ("jours", "x")], "jours"),
        (vec![("nom", "x")], "droit"),
        (vec![("droit", "4")], "nom"),
    ] {
        let page = admin().post("/structure/logiciels", &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(page.has(&format!("href=\"#champ-{field}\"")), "{field}");
    }
}

#[tokio::test]
async fn health_names_what_to_do_and_leads_to_a_thread_only_who_follows() {
    let page = bench(&[Role::Counsellor]).get("/structure/sante").await;
    assert!(page.has("05 46 11 11 11") && page.has("/orientations/0505"));
    assert!(!page.has("alarm-"));
    assert!(page.has("10 minutes"), "the clocks are apart");
    let page = admin().get("/structure/sante").await;
    assert!(!page.has("/orientations/0505"));
}

#[tokio::test]
async fn small_counts_stay_small_and_nothing_is_added_up() {
    let bench = bench(&[Role::Auditor]);
    let page = bench.get("/structure/flux?niveau=commune&trimestre=2026-3").await;
    let asked: desk::FlowsRequest = bench.asked("Flows").unwrap();
    assert_eq!((asked.year, asked.quarter), (2026, 3));
    assert_eq!(asked.level(), desk::TerritoryLevel::Commune);
    assert!(page.has("<td>0–10</td>") && page.has("Charente-Maritime") && page.has("scope=\"col\""));
    bench.get("/structure/flux?niveau=monde&trimestre=hier").await;
    let asked: desk::FlowsRequest = bench.asked("Flows").unwrap();
    assert_eq!((asked.year, asked.level()), (0, desk::TerritoryLevel::Departement));
}

#[tokio::test]
async fn whoever_has_no_password_yet_is_led_to_choose_one_and_an_admin_goes_on_to_what_is_left() {
    let newcomer = admin().refuses("ListPeers", Code::PermissionDenied, "password_needed", "");
    assert_eq!(newcomer.get("/structure/partenaires").await.leads_to(), "/mot-de-passe");
    let none = desk::AccountView { has_password: peer::YesNo::No.into(), ..Default::default() };
    let opened =
        desk::SignedIn { state: desk::SignInState::Open.into(), token: vec![8; 32], ..Default::default() };
    for (roles, onward) in
        [(vec![Role::Admin, Role::Counsellor], "/structure"), (vec![Role::Counsellor], "/")]
    {
        let bench = bench(&roles).answers("ShowAccount", &none).answers("SetPassword", &opened);
        let page = bench.get("/mot-de-passe").await;
        page.is_whole();
        assert!(!page.has("name=\"actuel\""), "there is none to ask for");
        let done = bench.post("/mot-de-passe", &[("nouveau", "trois mots sans lien")]).await;
        assert_eq!(done.leads_to(), onward);
    }
    let some = desk::AccountView { has_password: peer::YesNo::Yes.into(), ..Default::default() };
    assert!(admin().answers("ShowAccount", &some).get("/mot-de-passe").await.has("name=\"actuel\""));
}

#[tokio::test]
async fn a_service_is_taken_back_after_a_page_that_says_what_becomes_of_it() {
    let address = withdrawal::address("atelier-1");
    let list = admin().get("/structure/services").await;
    assert!(list.has(&format!("href=\"{address}\"")), "{}", list.text);
    let bench = admin();
    let page = bench.get(&address).await;
    for words in ["withdrawal-found", "withdrawal-open", "withdrawal-again", "withdrawal-act"] {
        assert!(page.has(&french(words)), "{words}: {}", page.text);
    }
    assert_eq!(bench.times_asked("WithdrawService"), 0, "looking does nothing");
    let signed = service(Some(3)).signed_ms.to_string();
    let fields = [("service", "atelier-1"), ("vu", signed.as_str())];
    let done = bench.post("/structure/services/retrait", &fields).await;
    assert_eq!(done.leads_to(), "/structure/services?fait=retire");
    assert!(bench.get(done.leads_to()).await.has(&french("services-done-retire")));
    let asked: desk::WithdrawServiceRequest = bench.asked("WithdrawService").unwrap();
    assert_eq!((asked.service_id.as_str(), asked.seen_signed_ms), ("atelier-1", signed.parse().ok()));

    let stale = admin().refuses("WithdrawService", Code::FailedPrecondition, "changed", "");
    let page = stale.post("/structure/services/retrait", &fields).await;
    page.is_whole();
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.has(&french("withdrawal-changed")) && page.has("name=\"vu\""), "{}", page.text);
    let refused = admin().refuses("WithdrawService", Code::Aborted, "busy", "");
    let page = refused.post("/structure/services/retrait", &fields).await;
    assert!(page.has(&french("withdrawal-refused")), "{}", page.text);
    // Signed in again: it is looked at first.
    let bench = admin();
    let again = [fields[0], fields[1], ("reprise", "oui")];
    let page = bench.post("/structure/services/retrait", &again).await;
    assert_eq!((page.status, bench.times_asked("WithdrawService")), (StatusCode::OK, 0));

    // What is not there.
    let gone = bench.get(&withdrawal::address("é/& <b>")).await;
    assert_eq!(gone.leads_to(), "/structure/services");
    assert_eq!(bench.get("/structure/services/retrait").await.leads_to(), "/structure/services");
    let unknown = admin().refuses("WithdrawService", Code::InvalidArgument, "field", "service_id");
    let page = unknown.post("/structure/services/retrait", &[("service", "")]).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
}

/// A session that ended while an admin wrote: what was written is opened again, and done when it is sent.
#[tokio::test]
async fn a_form_that_is_opened_again_is_filled_in_and_does_nothing() {
    let (suspend, samir) = (peer_page(&HUB, "/suspendre"), samir());
    let work = [("role", "auditor"), ("nom-travail", "Samir B."), ("contact", "05 99")];
    let suspended = i32::from(peer::PeerChangeReason::KeyCompromise).to_string();
    for (address, fields, shown, rpc) in [
        (
            "/structure/services",
            &[("service", "atelier-1"), ("places", "77")][..],
            "value=\"77\"",
            "SetCapacity",
        ),
        (
            "/structure/services/accueil",
            &[("service", "atelier-1"), ("heures", "Mo 08:08-09:09")],
            "Mo 08:08-09:09",
            "SetWalkIn",
        ),
        ("/structure/partenaires/rejoindre", &[("invitation", "relais:x7")], "relais:x7", "JoinInvitation"),
        (&suspend, &[("raison", &suspended)], " checked", "SuspendPeer"),
        ("/structure/collegues", &[("nom", "nora"), ("role", "counsellor")], "value=\"nora\"", "AddUser"),
        (&samir, &work, "value=\"05 99\"", "ChangeUser"),
        (
            "/structure/logiciels",
            &[("nom", "dossier"), ("droit", "4")],
            "value=\"dossier\"",
            "CreateIntegration",
        ),
        (
            "/structure/pages/mentions-legales",
            &[("texte", "Notre texte à nous")],
            "Notre texte à nous",
            "SavePage",
        ),
    ] {
        let bench = admin();
        let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("reprise", "oui")]).collect();
        let page = bench.post(address, &fields).await;
        page.is_whole();
        assert_eq!((page.status, bench.times_asked(rpc)), (StatusCode::OK, 0), "{address}: {}", page.text);
        assert!(page.has(shown) && !page.has("id=\"erreurs\""), "{address}: {shown} in {}", page.text);
    }
}

#[tokio::test]
async fn a_ledger_that_does_not_hold_is_told_in_the_language_of_the_page() {
    let kind = desk::LedgerProblemKind::LeavesMissing.into();
    let coded = desk::LedgerProblem { kind, signed: 7, held: 3, ..Default::default() };
    let broken = |coded_problem| desk::LedgerStatusResponse {
        check: desk::LedgerCheck::Broken.into(),
        problem: "leaves are missing".to_owned(),
        coded_problem,
        ..Default::default()
    };
    let bench = bench(&[Role::Auditor]).answers("LedgerStatus", &broken(Some(coded)));
    let page = bench.get("/structure/registre").await;
    page.is_whole();
    assert!(
        page.has(&french("ledger-broken"))
            && page.has("Feuilles signées\u{a0}: 7. Feuilles présentes\u{a0}: 3.")
    );
    assert!(!page.has("leaves are missing"));
    let page = bench.answers("LedgerStatus", &broken(None)).get("/structure/registre").await;
    assert!(page.has("<p lang=\"en\">leaves are missing</p>"), "of a former node");
}
