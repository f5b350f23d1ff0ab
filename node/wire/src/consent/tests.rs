//! A consent comes back as it was signed; another key, another byte, another writing do not.

use super::*;
use crate::content::samples::{agency, consent_document, consents, hub, signed_consent};
use crate::content::{self, PART_CONSENT};
use proptest::prelude::*;

fn document_with(change: impl FnOnce(&mut proto::Consent)) -> Vec<u8> {
    let mut message = to_proto(&consent_document(Purpose::Handover));
    change(&mut message);
    message.encode_to_vec()
}

fn refused(change: impl FnOnce(&mut proto::Consent)) -> String {
    read(&document_with(change), &[0; 64], 1).expect_err("must be refused").to_string()
}

#[test]
fn a_signed_consent_comes_back_and_verifies() {
    let signed = signed_consent(Purpose::Referral);
    let again = read(&signed.payload, &signed.signature, signed.manifest).expect("as it was signed");
    assert_eq!(again, signed);
    assert_eq!(again.consent, consent_document(Purpose::Referral));
    assert_eq!(verify(&again, &[hub().signing.verify_key(), agency().signing.verify_key()]), Ok(()));
}

#[test]
fn the_digest_is_that_of_the_signed_encoding() {
    let signed = signed_consent(Purpose::Referral);
    let encoding = dsse::pre_authentication_encoding(PayloadType::Consent, &signed.payload);
    assert_eq!(signed.digest, relais_domain::digest::Digest::of(&encoding));
}

#[test]
fn another_key_or_a_changed_consent_does_not_verify() {
    let signed = signed_consent(Purpose::Referral);
    assert_eq!(verify(&signed, &[hub().signing.verify_key()]), Err(DsseError::Signature));
    assert_eq!(verify(&signed, &[]), Err(DsseError::Signature));
    let wider = Consent { feedback: FeedbackLevel::Accepted, ..signed.consent.clone() };
    let wider = read(&to_proto(&wider).encode_to_vec(), &signed.signature, 3).expect("well formed");
    assert_eq!(verify(&wider, &[agency().signing.verify_key()]), Err(DsseError::Signature));
    assert_ne!(wider.digest, signed.digest);
}

#[test]
fn a_receipt_of_the_same_bytes_is_no_consent() {
    let signed = signed_consent(Purpose::Referral);
    let other = Signed::sign(PayloadType::Envelope, signed.payload.clone(), &agency().signing);
    let relabelled = SignedConsent { signature: *other.signature(), ..signed };
    assert_eq!(verify(&relabelled, &[agency().signing.verify_key()]), Err(DsseError::Signature));
}

#[test]
fn every_wrong_field_is_named() {
    assert_eq!(refused(|m| m.format = 2), "consent.format: is a version this program does not know");
    assert_eq!(refused(|m| m.format = 0), "consent.format: is a version this program does not know");
    assert_eq!(refused(|m| m.consent_id.clear()), "consent.consent_id: is missing");
    assert_eq!(refused(|m| m.consent_id = vec![0; 16]), "consent.consent_id: has not the form it must have");
    assert_eq!(refused(|m| m.version = 0), "consent.version: is missing");
    assert_eq!(refused(|m| m.supersedes = vec![1]), "consent.supersedes: has not the form it must have");
    assert_eq!(refused(|m| m.collected_by = None), "consent.collected_by: is missing");
    assert_eq!(refused(|m| m.recipient = None), "consent.recipient: is missing");
    assert_eq!(
        refused(|m| m.recipient = Some(proto::ConsentParty::default())),
        "consent.recipient: is missing"
    );
    assert_eq!(refused(|m| m.given = None), "consent.given: is missing");
    assert_eq!(refused(|m| m.notice = None), "consent.notice: is missing");
    assert_eq!(
        refused(|m| m.stop_code_hash = vec![1; 33]),
        "consent.stop_code_hash: has not the form it must have"
    );
    assert_eq!(refused(|m| m.themes[0] = "logement".into()), "consent.themes: has not the form it must have");
}

#[test]
fn every_unknown_code_is_named() {
    let unknown = |field: &str| format!("consent.{field}: is a code this program does not know");
    assert_eq!(refused(|m| m.purpose = 0), unknown("purpose"));
    assert_eq!(refused(|m| m.classes.push(15)), unknown("classes"));
    assert_eq!(refused(|m| m.name_stage = 0), unknown("name_stage"));
    assert_eq!(refused(|m| m.name_stage = 3), unknown("name_stage"));
    assert_eq!(refused(|m| m.feedback = 4), unknown("feedback"));
    assert_eq!(refused(|m| m.collector_basis = 0), unknown("collector_basis"));
    assert_eq!(refused(|m| m.recipient_basis = 5), unknown("recipient_basis"));
    let given = |change: fn(&mut proto::ConsentGiven)| {
        refused(|m| change(m.given.as_mut().expect("the sample has it")))
    };
    assert_eq!(given(|g| g.how = 0), unknown("given.how"));
    assert_eq!(given(|g| g.interpreter = 4), unknown("given.interpreter"));
    assert_eq!(given(|g| g.teach_back = 3), unknown("given.teach_back"));
    assert_eq!(given(|g| g.presence = 0), unknown("given.presence"));
    assert_eq!(given(|g| g.language = "FR".into()), "consent.given.language: has not the form it must have");
}

#[test]
fn lists_are_bounded_ascending_and_without_repetition() {
    let theme = |index: usize| Theme::all().nth(index).expect("69 themes").code().to_owned();
    assert_eq!(
        refused(|m| m.themes = (0..17).map(theme).collect()),
        "consent.themes: holds too many entries"
    );
    assert_eq!(refused(|m| m.themes = vec![theme(0), theme(0)]), "consent.themes: holds one entry twice");
    assert_eq!(refused(|m| m.onward = vec![vec![1; 32]; 17]), "consent.onward: holds too many entries");
    assert_eq!(refused(|m| m.onward = vec![vec![1; 32]; 2]), "consent.onward: holds one entry twice");
    assert_eq!(refused(|m| m.classes = vec![1, 1]), "consent.classes: holds one entry twice");
    let not_canonical = "consent: is not written canonically, or holds something unknown";
    assert_eq!(refused(|m| m.onward = vec![vec![2; 32], vec![1; 32]]), not_canonical);
    assert_eq!(refused(|m| m.classes = vec![2, 1]), not_canonical);
}

#[test]
fn a_hidden_field_a_short_signature_or_an_endless_payload_is_refused() {
    let signed = signed_consent(Purpose::Referral);
    let hidden = [signed.payload.as_slice(), &[0xc0, 0x3e, 0x01]].concat();
    let error = read(&hidden, &signed.signature, 1).expect_err("a hidden field");
    assert_eq!(error.problem, Problem::NotCanonical);
    let error = read(&signed.payload, &signed.signature[1..], 1).expect_err("63 bytes");
    assert_eq!(error.to_string(), "consent.signature: has not the form it must have");
    let error = read(&signed.payload, &signed.signature, 0).expect_err("no manifest");
    assert_eq!(error.to_string(), "consent.manifest_sequence: is missing");
    let error = read(&vec![0; CONSENT_BYTES_MAX + 1], &signed.signature, 1).expect_err("too long");
    assert_eq!(error.to_string(), "consent.payload: is too long");
}

proptest! {
    #[test]
    fn any_consent_comes_back_through_its_part(document in consents()) {
        let signed = sign(&document, &agency().signing, 7);
        let bytes = signed_to_proto(&signed).encode_to_vec();
        let content = content::decode(&[(PART_CONSENT, &bytes)]).expect("as it was written");
        prop_assert_eq!(content.consent, Some(signed));
    }
}
