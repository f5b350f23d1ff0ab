//! The codes against what a slip needs: printed again the same, kept nowhere, found by nobody who holds the consent.

use super::*;
use relais_domain::id::ThreadId;

fn structure(seed: u8) -> StructureId {
    StructureId::of_root_spki(&[seed])
}

fn consent(seed: u8) -> ConsentId {
    ConsentId::from_random([seed; 16])
}

#[test]
fn a_slip_is_printed_again_the_same_and_by_this_node_alone() {
    let codes = StopCodes::new(structure(1), &[7; 32]);
    let again = StopCodes::new(structure(1), &[7; 32]);
    assert_eq!(codes.code(consent(1)), again.code(consent(1)), "after any restart");
    assert_ne!(codes.code(consent(1)), codes.code(consent(2)));
    let other_key = StopCodes::new(structure(1), &[8; 32]);
    assert_ne!(codes.code(consent(1)), other_key.code(consent(1)));
    assert_eq!(format!("{codes:?}"), "StopCodes");
    let typed = StopCode::parse(&codes.code(consent(1)).printed().to_lowercase());
    assert_eq!(typed, Ok(codes.code(consent(1))));
}

#[test]
fn every_version_derives_the_same() {
    // HKDF-SHA-256 (RFC 5869) of 32 bytes 07 without salt, then HMAC-SHA-256, computed apart.
    let codes = StopCodes::new(structure(1), &[7; 32]);
    let code = codes.code(consent(1));
    assert_eq!(code.compact(), "KDDFDG7X5DXW");
    assert_eq!(
        codes.hash(&code).to_string(),
        "64db54d0ec167f728e9aa26fea7f1e6528a9dc06a5cef1d5bfe9c173c20c9426"
    );
}

#[test]
fn a_hash_is_of_the_secret_symbols_under_a_key_of_its_own() {
    let codes = StopCodes::new(structure(1), &[7; 32]);
    let code = codes.code(consent(1));
    assert_eq!(codes.hash(&code), codes.hash(&StopCode::parse(&code.compact()).unwrap()));
    assert_ne!(codes.hash(&code), Digest::of(code.secret()), "nobody finds the code by trying them all");
    assert_ne!(codes.hash(&code), mac(&codes.code_key, code.secret()));
    assert_ne!(codes.hash(&code), codes.hash(&codes.code(consent(2))));
}

#[tokio::test]
async fn the_code_is_shown_where_it_was_collected_to_who_may_act_while_it_holds() {
    use crate::desk::bench::{caller, pair, referral, settle};
    use crate::users::Role;
    let (agency, hub) = pair().await;
    let (sender, receiver) = (agency.desk().await, hub.desk().await);
    let now = sender.engine.clock().now();
    let nadia = caller(&sender, "nadia", Role::Counsellor).await;
    let claire = caller(&receiver, "claire", Role::Counsellor).await;
    let sent = sender.open_referral(referral(&sender, hub.id()), &nadia).await.unwrap();
    let id = sent.summary.unwrap().thread_id;
    settle(&sender, &receiver).await;

    let shown = sender.consent_view(&id, &nadia).await.unwrap();
    let code = StopCode::parse(&shown.stop_code).expect("twelve symbols");
    assert_eq!(shown.stop_code.len(), 12);
    let named = shown.consent.unwrap().stop_code_hash;
    assert_eq!(named, sender.stop_codes.hash(&code).as_bytes(), "the consent names it");
    let again = agency.desk().await.consent_view(&id, &nadia).await.unwrap();
    assert_eq!(again.stop_code, shown.stop_code, "printed again after a restart");

    let theirs = receiver.consent_view(&id, &claire).await.unwrap();
    assert_eq!(theirs.consent.unwrap().stop_code_hash, named);
    assert_eq!(theirs.stop_code, "", "not where it was only received");
    let at_theirs = receiver.load(ThreadId::from_slice(&id).unwrap()).await.unwrap().thread;
    assert!(sender.stop_codes.of_thread(&at_theirs, now).is_none(), "not even to who has the key");
    let auditor = caller(&sender, "auditor", Role::Auditor).await;
    assert_eq!(sender.consent_view(&id, &auditor).await.unwrap().stop_code, "", "not to who may not act");

    let ours = sender.load(ThreadId::from_slice(&id).unwrap()).await.unwrap().thread;
    assert!(sender.stop_codes.of_thread(&ours, now).is_some());
    assert!(sender.stop_codes.of_thread(&ours, ours.valid_until).is_none(), "not once its time is over");

    let stop = relais_proto::desk::v1::ActRequest {
        request_id: vec![1; 16],
        thread_id: id.clone(),
        act: Some(relais_proto::desk::v1::act_request::Act::StopConsent(Default::default())),
        delay_ms: 0,
    };
    sender.perform(stop, &nadia).await.unwrap();
    assert_eq!(sender.consent_view(&id, &nadia).await.unwrap().stop_code, "", "not once it is over");
}
