//! Who is found, with what standing, and page by page.

use super::super::bench::{House, THEME, caller, hears, meets, pair, referral, settle, word_of_one};
use super::*;
use crate::clock::Dice;
use crate::node::keepers;
use crate::users::Role;
use relais_domain::directory::Subscription;
use relais_domain::time::Span;
use relais_proto::desk::v1::act_request::{Act, Refuse};
use relais_proto::peer::v1 as peer;
use relais_store::Store;
use std::sync::Arc;

fn question() -> desk::FindServicesRequest {
    let (theme, commune) = (THEME.to_owned(), "17300".to_owned());
    desk::FindServicesRequest { theme, commune, ..Default::default() }
}

#[tokio::test]
async fn a_partner_is_found_with_how_it_answered_and_a_stranger_when_all_are_asked() {
    let (agency, hub) = pair().await;
    let (sender, receiver) = (agency.desk().await, hub.desk().await);
    let (nadia, claire) = (
        caller(&sender, "nadia", Role::Counsellor).await,
        caller(&receiver, "claire", Role::Counsellor).await,
    );
    let kinds = |found: &desk::FindServicesResponse| -> Vec<i32> {
        found.services[0].coded_reasons.iter().map(|reason| reason.kind).collect()
    };
    let answers = i32::from(desk::FoundReasonKind::Answers);
    assert!(!kinds(&sender.find(&question()).await.unwrap()).contains(&answers), "never asked");
    let sent = sender.open_referral(referral(&sender, hub.id()), &nadia).await.unwrap();
    let thread_id = sent.summary.unwrap().thread_id;
    settle(&sender, &receiver).await;
    sender.directory.recall().await.unwrap();
    assert!(!kinds(&sender.find(&question()).await.unwrap()).contains(&answers), "it still may answer");
    agency.clock.shift(Span::days(2));
    hub.clock.shift(Span::days(2));
    let act = Act::Refuse(Refuse { reason: peer::Reason::Full.into(), suggestions: Vec::new() });
    let request =
        desk::ActRequest { request_id: vec![7; 16], thread_id, act: Some(act), ..Default::default() };
    receiver.perform(request, &claire).await.unwrap();
    settle(&sender, &receiver).await;
    sender.directory.recall().await.unwrap();
    let found = sender.find(&question()).await.unwrap();
    assert_eq!((found.total, found.services[0].standing()), (1, desk::FoundStanding::Partner));
    let said = found.services[0].coded_reasons.iter().find(|reason| reason.kind == answers).unwrap();
    assert_eq!(said.number, 2);
}

#[tokio::test]
async fn it_is_said_whether_strangers_of_the_place_are_kept() {
    let (agency, _hub) = pair().await;
    let desk = agency.desk().await;
    let departement = |code: &str| Subscription::of(DepartementCode::parse(code));
    for (chosen, kept) in [
        (None, YesNo::No),
        (Some(departement("79")), YesNo::No),
        (Some(departement("17")), YesNo::Yes),
        (Some(Subscription::FRANCE), YesNo::Yes),
    ] {
        desk.directory.subscribe(chosen, |_| true).await.unwrap();
        assert_eq!(desk.find(&question()).await.unwrap().kept(), kept, "{chosen:?}");
    }
}

#[tokio::test]
async fn who_lets_a_referral_expire_left_it_unanswered() {
    let (agency, hub) = pair().await;
    let (sender, receiver) = (agency.desk().await, hub.desk().await);
    let nadia = caller(&sender, "nadia", Role::Counsellor).await;
    let sent = sender.open_referral(referral(&sender, hub.id()), &nadia).await.unwrap();
    let thread = relais_domain::id::ThreadId::from_slice(&sent.summary.unwrap().thread_id).unwrap();
    settle(&sender, &receiver).await;
    agency.clock.shift(Span::days(15));
    sender.engine.wake(thread).await.unwrap();
    sender.directory.recall().await.unwrap();
    let history = sender.directory.history(hub.id()).unwrap();
    assert_eq!((history.asked, history.unanswered, history.median_days), (1, 1, None));
}

#[tokio::test]
async fn what_no_referral_can_be_sent_to_is_found_only_when_it_is_asked_for() {
    let (agency, hub) = pair().await;
    let desk = agency.desk().await;
    let all = desk::FindServicesRequest { doors: desk::FindDoors::All.into(), ..question() };
    desk.engine.peers().set_trust(hub.id(), crate::peers::PeerTrust::Suspended).await.unwrap();
    assert_eq!(desk.find(&all).await.unwrap().total, 0, "whom this structure let go is not shown");
    let (other, _) = pair().await;
    let stranger = other.desk().await;
    hears(&stranger, &hub).await;
    let found = stranger.find(&all).await.unwrap();
    assert_eq!(found.services.len(), 2, "{found:?}");
    let unknown = &found.services[1];
    assert_eq!(unknown.standing(), desk::FoundStanding::Stranger);
    assert_eq!(unknown.service.as_ref().unwrap().phone, "+33199000011");
    let partners = stranger.find(&question()).await.unwrap();
    assert_eq!(partners.total, 1);
    let [shut] = partners.shut_out.as_slice() else { panic!("{partners:?}") };
    assert_eq!((shut.filter(), shut.count), (desk::FindFilter::Doors, 1));
    assert_eq!(
        stranger.find(&desk::FindServicesRequest { limit: 1, ..all.clone() }).await.unwrap().services.len(),
        1
    );
    let first = stranger.find(&desk::FindServicesRequest { limit: 1, ..all.clone() }).await.unwrap();
    let page_token = first.next_page_token;
    let second =
        stranger.find(&desk::FindServicesRequest { limit: 1, page_token, ..all.clone() }).await.unwrap();
    assert_eq!(second.services[0], found.services[1]);
    assert!(second.next_page_token.is_empty());
    let wrong = desk::FindServicesRequest { page_token: "zzz".to_owned(), ..all };
    assert_eq!(stranger.find(&wrong).await.unwrap_err().code(), tonic::Code::InvalidArgument);
}

/// What one admin says stays at home: that the other said no is known to nobody here, and nothing would arrive.
#[tokio::test]
async fn who_was_confirmed_here_alone_is_no_partner_yet_and_is_told_loudly_after_a_week() {
    let (agency, hub) = pair().await;
    let other = House::new("other");
    let desk = other.desk().await;
    word_of_one(&desk, &hub).await;
    hears(&desk, &hub).await;
    let admin = caller(&desk, "ines", Role::Admin).await;
    let met = async || {
        let status = desk.status(&admin).await.unwrap();
        let peers = desk.list_peers().peers;
        assert_eq!(peers[0].met, status.peers[0].met);
        let alarms: Vec<String> = status.alarms.into_iter().map(|alarm| alarm.code).collect();
        (peers[0].met(), alarms)
    };
    assert_eq!(met().await, (YesNo::No, Vec::new()));
    let all = desk::FindServicesRequest { doors: desk::FindDoors::All.into(), ..question() };
    let standing = async || {
        let found = desk.find(&all).await.unwrap();
        (found.services[0].standing(), found.services[0].service.clone().unwrap().phone)
    };
    let id = hub.id().as_bytes().to_vec();
    let listed = desk::ShowDirectoryRequest { structure_id: id, ..Default::default() };
    let directory = async || desk.show_directory(&listed).await.unwrap().structures[0].standing();
    assert_eq!(directory().await, desk::DirectoryStanding::Awaited);
    let call = "+33199000011".to_owned();
    assert_eq!(standing().await, (desk::FoundStanding::Awaited, call), "it can be telephoned");
    let offered = desk.find(&question()).await.unwrap();
    assert_eq!(
        (offered.total, offered.askable),
        (0, Some(0)),
        "no referral is offered to it, and it is not asked"
    );
    other.clock.shift(Span::days(7));
    assert_eq!(met().await, (YesNo::No, vec!["partner-never-met".to_owned()]));
    meets(&desk, &hub).await;
    assert_eq!(met().await, (YesNo::Yes, Vec::new()));
    assert_eq!(standing().await.0, desk::FoundStanding::Partner);
    assert_eq!(directory().await, desk::DirectoryStanding::Partner);
    let stranger = desk.engine.peers().peer(hub.id()).unwrap();
    assert!(stranger.is_met());
    let again = other.desk().await;
    assert_eq!(again.list_peers().peers[0].met(), YesNo::Yes, "it is remembered");
    drop(agency);
}

#[test]
fn a_page_ends_where_the_next_begins() {
    let rank = Rank::from_number(u128::MAX - 5);
    assert_eq!(place(&token(Day(20_700), rank)), Some((Day(20_700), Some(rank))));
    for wrong in ["", "1", ".", "x.1", "1.g", "1.-1", "1.100000000000000000000000000000000"] {
        assert_eq!(place(wrong), None, "{wrong}");
    }
}

#[test]
fn what_is_asked_is_read_or_named() {
    let nothing = filters(&desk::FindServicesRequest::default()).unwrap();
    assert_eq!(nothing, Filters { doors: Doors::Partners, ..Filters::default() });
    let all = desk::FindServicesRequest {
        language: "ar".to_owned(),
        audience: "jeunes".to_owned(),
        price: desk::FindPrice::Free.into(),
        mode: desk::FindMode::Remote.into(),
        reach_m: Some(0),
        hours: desk::FindHours::Saturday.into(),
        doors: desk::FindDoors::All.into(),
        ..Default::default()
    };
    let read = filters(&all).unwrap();
    assert_eq!((read.language.as_deref(), read.reach), (Some("ar"), Some(Reach::Nowhere)));
    assert_eq!((read.price, read.mode, read.doors), (Price::Free, Some(Mode::Remote), Doors::All));
    assert_eq!((read.hours, read.audience.map(Value::code)), (Some(Hours::Saturday), Some("jeunes")));
    let with = |change: fn(&mut desk::FindServicesRequest)| {
        let mut request = all.clone();
        change(&mut request);
        filters(&request).unwrap_err().metadata().get("relais-field").unwrap().to_str().unwrap().to_owned()
    };
    assert_eq!(with(|request| request.language = "arabe".to_owned()), "language");
    assert_eq!(with(|request| request.audience = "tout-le-monde".to_owned()), "audience");
    assert_eq!(with(|request| request.reach_m = Some(1_000_001)), "reach_m");
    let far = desk::FindServicesRequest { reach_m: Some(1_000_000), ..all.clone() };
    assert_eq!(filters(&far).unwrap().reach, Some(Reach::Metres(1_000_000)));
    assert_eq!(with(|request| request.price = 9), "price");
    assert_eq!(with(|request| request.mode = 9), "mode");
    assert_eq!(with(|request| request.hours = 9), "hours");
    assert_eq!(with(|request| request.doors = 9), "doors");
}

fn entry(id: &str, name: &str) -> serde_json::Value {
    serde_json::json!({"source": "x", "structure_id": "x--s", "id": id, "nom": name, "description": "Un essai.",
        "date_maj": "2026-09-01", "thematiques": [THEME], "code_insee": "17300"})
}

async fn seeded(desk: &Desk, entries: &[serde_json::Value]) {
    let mut run = desk.open.seed("essai").await.unwrap();
    run.begin_file().await.unwrap();
    run.take(serde_json::Value::from(entries).to_string().as_bytes()).await.unwrap();
    run.end().await.unwrap();
}

/// Entries are seeded anew again and again while others search: whoever searches finds all of one lot, each with its words.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_searches_while_entries_are_seeded_finds_all_of_one_lot() {
    const LOT: usize = 40;
    let (agency, _) = pair().await;
    let desk = agency.desk().await;
    let lot = |name: &str| -> Vec<serde_json::Value> {
        (0..LOT).map(|one| entry(&format!("x--{name}{one}"), &format!("Lot {name}"))).collect()
    };
    let lots = [lot("a"), lot("b").into_iter().skip(1).collect()];
    seeded(&desk, &lots[0]).await;
    let seeding = tokio::spawn({
        let (desk, lots) = (desk.clone(), lots.clone());
        async move {
            for round in 1..12 {
                seeded(&desk, &lots[round % 2]).await;
            }
        }
    });
    let all = desk::FindServicesRequest { doors: desk::FindDoors::All.into(), limit: 100, ..question() };
    let mut searches = 0;
    while !seeding.is_finished() || searches == 0 {
        let found = desk.find(&all).await.unwrap();
        let names: BTreeSet<&str> = found
            .services
            .iter()
            .filter(|found| found.standing() == desk::FoundStanding::Unverified)
            .map(|found| found.service.as_ref().unwrap().name.as_str())
            .collect();
        assert_eq!(found.services.len(), usize::try_from(found.total).unwrap(), "after {searches}");
        assert_eq!(names.len(), 1, "after {searches}: {names:?}");
        assert!(found.total >= 39, "after {searches}: {}", found.total);
        assert_eq!(found.open_data_reading(), YesNo::No);
        searches += 1;
    }
    seeding.await.unwrap();
}

#[test]
fn however_often_entries_are_read_meanwhile_there_are_three_searches() {
    let searches = |readings: fn(u64) -> u64| {
        let mut searches = Searches::of(readings(0));
        (1..100).find(|made| !searches.go_on(readings(*made))).unwrap()
    };
    assert_eq!(searches(|_| 7), 1, "nothing was read meanwhile");
    assert_eq!(searches(|made| made.min(1)), 2, "while the first was made");
    assert_eq!(searches(|made| made), 3, "again and again");
}

/// After a start, before everything is read, services are missing: that is said.
#[tokio::test]
async fn before_entries_are_read_it_is_said_that_they_are() {
    let (agency, _) = pair().await;
    let mut desk = agency.desk().await;
    seeded(&desk, &[entry("x--1", "Essai")]).await;
    let (store, clock) = (Arc::clone(&agency.memory) as Arc<dyn Store>, agency.clock.clone());
    desk.open = keepers::open_data(store, &desk.directory, clock, Dice::system().unwrap());
    assert_eq!(desk.find(&question()).await.unwrap().open_data_reading(), YesNo::Yes);
    desk.open.load().await.unwrap();
    assert_eq!(desk.find(&question()).await.unwrap().open_data_reading(), YesNo::No);
}

/// Who cannot be sent to is telephoned or visited: where it says nothing itself, its site does. An address elsewhere would
/// belie the distance that is said.
#[tokio::test]
async fn a_stranger_is_reached_at_its_site_and_visited_where_its_service_is() {
    let (agency, hub) = pair().await;
    let (other, _) = pair().await;
    drop(hub);
    let stranger = House::new("stranger");
    let structure = |commune: &str| {
        serde_json::json!({"source": "x", "id": "x--s", "nom": "Siège", "date_maj": "2026-09-01", "telephone": "0199000012",
            "code_insee": commune, "commune": "X", "code_postal": "17000", "adresse": "1 rue du Siège"})
    };
    for (commune, there) in [("17300", true), ("17415", false)] {
        let claims =
            serde_json::json!({"structures": [structure(commune)], "services": [entry("x--1", "Essai")]});
        let report = stranger.desk().await.directory.import(claims.to_string().as_bytes()).await.unwrap();
        assert_eq!(report.refused, vec![]);
        let desk = if there { agency.desk().await } else { other.desk().await };
        hears(&desk, &stranger).await;
        let all = desk::FindServicesRequest { doors: desk::FindDoors::All.into(), ..question() };
        let found = desk.find(&all).await.unwrap();
        let found = found.services.iter().find(|found| found.standing() == desk::FoundStanding::Stranger);
        let service = found.unwrap().service.as_ref().unwrap();
        assert_eq!(service.phone, "0199000012");
        assert_eq!(service.address.contains("rue du Siège"), there, "{commune}: {}", service.address);
    }
}
