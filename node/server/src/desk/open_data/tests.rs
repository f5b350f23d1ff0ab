//! Entries shown, a dump that comes in pieces, and how long is waited for one.

use super::super::bench::{House, hears, pair};
use super::*;
use crate::peers::PeerTrust;
use relais_domain::digest::Digest;
use relais_domain::directory::{Endorsement, Pin, Scope};
use relais_domain::id::ServiceId;
use relais_domain::territory::Coverage;
use relais_domain::time::Span;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const SIRET: &str = "13003013300016";

fn structure(id: &str, siret: &str) -> Value {
    json!({"source": "x", "id": id, "nom": "Essai", "date_maj": "2026-09-01", "siret": siret})
}

fn service(id: &str, structure: &str) -> Value {
    json!({"source": "x", "structure_id": structure, "id": id, "nom": "Essai", "description": "Un essai.",
        "date_maj": "2026-09-01", "lien_source": "https://exemple.fr"})
}

async fn seeded(desk: &Desk) {
    let dump = json!({
        "services": [service("dora--1", "dora--s1"), service("dora--2", "dora--s2"), service("dora--3", "dora--s3")],
        "structures": [structure("dora--s1", SIRET), structure("dora--s2", "13003013300024")],
    });
    let mut run = desk.open.seed("essai").await.unwrap();
    run.begin_file().await.unwrap();
    run.take(dump.to_string().as_bytes()).await.unwrap();
    run.end().await.unwrap();
}

/// A SIRET and an id are claims: a stranger that signs those of a real structure does not hide it.
#[tokio::test]
async fn who_is_not_believed_takes_the_place_of_nobody() {
    let (agency, hub) = pair().await;
    let claims =
        json!({"structures": [structure("essai--1", SIRET)], "services": [service("dora--2", "essai--1")]});
    let report = hub.desk().await.directory.import(claims.to_string().as_bytes()).await.unwrap();
    assert_eq!((report.created, report.refused), (1, vec![]));
    let (other, _) = pair().await;
    let (partner, stranger) = (agency.desk().await, other.desk().await);
    for desk in [&partner, &stranger] {
        hears(desk, &hub).await;
        seeded(desk).await;
    }
    assert_eq!(partner.open_data_status().await.hidden, 2);
    assert_eq!(partner.show_open_entry("dora--2").await.unwrap().replaced(), peer::YesNo::Yes);
    assert_eq!(
        stranger.open_data_status().await.hidden,
        0,
        "it has the records, and knows nobody who vouches"
    );
    assert_eq!(stranger.show_open_entry("dora--1").await.unwrap().replaced(), peer::YesNo::No);
    partner.engine.peers().set_trust(hub.id(), PeerTrust::Suspended).await.unwrap();
    assert_eq!(partner.open_data_status().await.hidden, 0, "nobody is believed who is a partner no more");
    partner.engine.peers().set_trust(hub.id(), PeerTrust::Paired).await.unwrap();
    assert_eq!(partner.open_data_status().await.hidden, 2);
}

/// A dump does not offer what its structure has taken back.
#[tokio::test]
async fn what_was_taken_back_is_not_found_in_a_dump_instead() {
    let (agency, hub) = pair().await;
    let claims = json!({"structures": [], "services": [service("dora--2", "dora--s2")]});
    let at_hub = hub.desk().await;
    at_hub.directory.import(claims.to_string().as_bytes()).await.unwrap();
    let id = ServiceId::parse("dora--2").unwrap();
    at_hub.directory.withdraw(&id, crate::directory::Seen::Unasked).await.unwrap();
    let desk = agency.desk().await;
    seeded(&desk).await;
    assert_eq!(desk.open_data_status().await.hidden, 0);
    hears(&desk, &hub).await;
    agency.clock.shift(Span::seconds(2));
    assert_eq!(desk.open_data_status().await.hidden, 1);
}

/// Whom a partner recommends is believed, and nobody else who shows up with the same words.
#[tokio::test]
async fn whom_a_partner_recommends_takes_its_place() {
    let (agency, hub) = pair().await;
    let (third, fourth) = (House::new("third"), House::new("fourth"));
    let claims = json!({"structures": [structure("essai--1", SIRET)], "services": []});
    for house in [&third, &fourth] {
        house.desk().await.directory.import(claims.to_string().as_bytes()).await.unwrap();
    }
    let desk = agency.desk().await;
    seeded(&desk).await;
    for house in [&third, &fourth] {
        hears(&desk, house).await;
    }
    assert_eq!(desk.open_data_status().await.hidden, 0, "nobody recommends either");
    let pin = Pin { sequence: 1, manifest: Digest::of(b"a manifest") };
    let scope = Scope { territories: Coverage::national(), themes: BTreeSet::new() };
    let endorsement = Endorsement { subject: third.id(), pin, scope };
    let until = hub.clock.now().plus(Span::days(40));
    hub.desk().await.directory.endorse(endorsement, until).await.unwrap();
    hears(&desk, &hub).await;
    agency.clock.shift(Span::seconds(2));
    assert_eq!(desk.open_data_status().await.hidden, 1);
    assert_eq!(desk.introductions.recommended(), [third.id()].into());
    desk.engine.peers().set_trust(hub.id(), PeerTrust::Suspended).await.unwrap();
    assert_eq!(
        desk.open_data_status().await.hidden,
        0,
        "what a partner said that is none any more counts for nothing"
    );
}

/// What a structure signs is no entry of a dump, and whoever asks is told where it is.
#[tokio::test]
async fn a_signed_service_is_no_entry_and_who_publishes_it_is_told() {
    let (agency, hub) = pair().await;
    let mut signed = service("essai--wifi", "essai--1");
    signed["thematiques"] = json!(["numerique--acceder-a-une-connexion-internet"]);
    signed["code_insee"] = json!("17300");
    let claims = json!({"structures": [structure("essai--1", SIRET)], "services": [signed]});
    let report = hub.desk().await.directory.import(claims.to_string().as_bytes()).await.unwrap();
    assert_eq!(report.refused, vec![]);
    let desk = agency.desk().await;
    assert_eq!(desk.show_open_entry("essai--wifi").await.unwrap_err().code(), Code::NotFound);
    hears(&desk, &hub).await;
    let said = desk.show_open_entry("essai--wifi").await.unwrap_err();
    assert_eq!(said.metadata().get("relais-code").unwrap(), "signed");
    let find = "relais find --theme numerique--acceder-a-une-connexion-internet --commune 17300 --all";
    assert!(said.message().contains("hub publishes it, signed") && said.message().contains(find), "{said}");
    let own = hub.desk().await.show_open_entry("essai--wifi").await.unwrap_err();
    assert!(own.message().contains("`relais service list`"), "{own}");
}

#[tokio::test]
async fn a_dump_is_not_waited_for_without_end() {
    const { assert!(PIECE_WAIT_MAX.as_secs() == 60, "the refusal says a minute") };
    let refused = came_within(Duration::from_millis(1), std::future::pending()).await.unwrap_err();
    assert_eq!(refused.code(), Code::DeadlineExceeded);
    assert_eq!(refused.metadata().get("relais-code").unwrap(), "seed_waited");
    assert!(refused.message().contains("for a minute"), "{}", refused.message());
    assert_eq!(came_within(PIECE_WAIT_MAX, async { Ok(None) }).await.unwrap(), None);
}

#[tokio::test]
async fn an_entry_is_shown_with_what_its_structure_says_and_where_it_comes_from() {
    let (agency, _) = pair().await;
    let desk = agency.desk().await;
    seeded(&desk).await;
    let shown = desk.show_open_entry("dora--1").await.unwrap();
    let (service, open) = (shown.service.unwrap(), shown.open.unwrap());
    assert_eq!((service.structure_name.as_str(), service.link.as_str()), ("Essai", "https://exemple.fr"));
    assert!(service.structure_id.is_empty() && service.walk_in.is_none());
    assert_eq!(
        (open.dump.as_str(), open.source.as_str(), open.structure_id.as_str()),
        ("essai", "x", "dora--s1")
    );
    assert_eq!(desk.show_open_entry("dora--none").await.unwrap_err().code(), Code::NotFound);
    let status = desk.open_data_status().await;
    assert_eq!((status.loaded, status.loading(), status.services_max), (3, peer::YesNo::No, 100_000));
}
