//! Endorsements, the directory records by which one structure recommends another, and the proofs of an introduction.

use crate::{
    Vector,
    made::{NOW, invalid, key, secret, signed, valid},
};
use prost::Message as _;
use relais_domain::{
    digest::Digest,
    directory::{Body, ENDORSEMENT_LIFETIME_MAX, Endorsement, Pin, Record, RecordKey, Scope},
    structure_id::StructureId,
    territory::Coverage,
    theme::Theme,
};
use relais_proto::peer::v1::{self as proto, directory_record::Body as Wire};
use relais_wire::{
    dsse::{PayloadType, Signed},
    pairing::{Party, Role, Transcript},
    record::SignedRecord,
};
use std::collections::BTreeSet;

const THEMES: [&str; 2] =
    ["numerique--acceder-a-une-connexion-internet", "numerique--acquerir-un-equipement"];

fn structure(name: &str) -> StructureId {
    StructureId::of_root_spki(name.as_bytes())
}

fn record(sequence: u64, body: Body) -> Record {
    let expires_at = NOW.plus(ENDORSEMENT_LIFETIME_MAX);
    Record { structure: structure("hub"), manifest: 1, sequence, issued_at: NOW, expires_at, body }
}

fn endorsement(territories: &[&str], themes: &[&str]) -> Body {
    let themes: BTreeSet<Theme> = themes.iter().map(|code| Theme::parse(code).expect("a theme")).collect();
    let territories = Coverage::parse(territories).expect("known");
    let pin = Pin { sequence: 3, manifest: Digest::of(b"manifest") };
    let scope = Scope { territories, themes };
    Body::Endorsement(Box::new(Endorsement { subject: structure("mots"), pin, scope }))
}

fn vector(path: &str, bytes: &[u8]) -> Vector {
    Vector::new(format!("{path}.txt"), "endorsement")
        .with("signer", structure("hub"))
        .hex("key", &key(10).to_spki())
        .hex("bytes", bytes)
}

fn made(record: &Record) -> Vec<u8> {
    SignedRecord::sign(record, &secret(10)).expect("well formed").bytes
}

/// An endorsement after `spoil`, signed as it should be.
fn spoilt(
    path: &str,
    spoil: fn(&mut proto::DirectoryRecord, &mut proto::EndorsementRecord),
    error: &str,
) -> Vector {
    let bytes = made(&record(1, endorsement(&["17", "2A"], &THEMES)));
    let good = Signed::decode(&bytes, PayloadType::DirectoryRecord).expect("signed");
    let mut message = proto::DirectoryRecord::decode(good.payload_unverified()).expect("a record");
    let Some(Wire::Endorsement(mut body)) = message.body.take() else { panic!("an endorsement") };
    spoil(&mut message, &mut body);
    message.body = Some(Wire::Endorsement(body));
    let bytes = signed(PayloadType::DirectoryRecord, &message, 10);
    invalid(vector(&format!("invalid/endorsement-{path}"), &bytes), error)
}

fn bad(field: &str, problem: &str) -> String {
    format!("Field(BadField {{ field: \"{field}\", problem: {problem} }})")
}

/// Proofs of an introduction: the key alone, under a transcript of its own.
fn proofs() -> Vec<Vector> {
    let party = |name: &str| Party { structure: structure(name), manifest: Digest::of(name.as_bytes()) };
    let exporter = *Digest::of(b"exporter").as_bytes();
    let transcript =
        Transcript::of_introduction(exporter, party("hub"), party("mots")).expect("two structures");
    let proof = transcript.prove_possession(Role::Joiner, Digest::of(b"agreement"), &secret(10)).to_proto();
    let vector = |path: &str, role: &str, proof: &proto::PairProof| {
        Vector::new(format!("{path}.txt"), "introduction-proof")
            .with("role", role)
            .hex("exporter", &exporter)
            .with("inviter", structure("hub"))
            .with("inviter-manifest", Digest::of(b"hub"))
            .with("joiner", structure("mots"))
            .with("joiner-manifest", Digest::of(b"mots"))
            .hex("key", &key(10).to_spki())
            .hex("bytes", &proof.encode_to_vec())
    };
    let bad = |path: &str, role: &str, proof: &proto::PairProof, error: &str| {
        invalid(vector(&format!("invalid/introduction-proof-{path}"), role, proof), error)
    };
    let secretive = proto::PairProof { secret_proof: vec![1; 32], ..proof.clone() };
    let invited = Transcript::new(exporter, party("hub"), party("mots")).expect("two structures");
    let invited = invited.prove_possession(Role::Joiner, Digest::of(b"agreement"), &secret(10)).to_proto();
    vec![
        valid(vector("valid/introduction-proof", "joiner", &proof)),
        bad("reflected", "inviter", &proof, "Possession"),
        bad("with-a-secret", "joiner", &secretive, "Shape"),
        bad("of-an-invitation", "joiner", &invited, "Possession"),
    ]
}

pub(crate) fn endorsements() -> Vec<Vector> {
    let taken_back = Body::Withdrawn(RecordKey::Endorsement(structure("mots")));
    let good = record(1, endorsement(&["17", "2A"], &THEMES));
    let by_another = SignedRecord::sign(&good, &secret(11)).expect("well formed").bytes;
    let of_another = Record { structure: structure("another"), ..good.clone() };
    let payload = Signed::decode(&made(&good), PayloadType::DirectoryRecord).expect("signed");
    let retyped =
        Signed::sign(PayloadType::Endorsement, payload.payload_unverified().to_vec(), &secret(10)).encode();
    let mut vectors = vec![
        valid(vector("valid/endorsement", &made(&good))),
        valid(vector("valid/endorsement-everywhere", &made(&record(2, endorsement(&["france"], &[]))))),
        valid(vector("valid/endorsement-taken-back", &made(&record(3, taken_back)))),
        invalid(vector("invalid/endorsement-signed-by-another", &by_another), "Signed(Signature)"),
        invalid(vector("invalid/endorsement-of-another", &made(&of_another)), "WrongSigner"),
        invalid(
            vector("invalid/endorsement-typed-endorsement", &retyped),
            "Signed(WrongType { expected: DirectoryRecord })",
        ),
    ];
    vectors.extend(spoilt_ones());
    vectors.extend(proofs());
    vectors
}

fn spoilt_ones() -> Vec<Vector> {
    vec![
        spoilt("subject-missing", |m, _| m.subject_id.clear(), &bad("subject_id", "Missing")),
        spoilt("subject-short", |m, _| m.subject_id = vec![1; 31], &bad("subject_id", "Invalid")),
        spoilt("of-itself", |m, _| m.subject_id = m.structure_id.clone(), &bad("subject_id", "Invalid")),
        spoilt("of-a-service", |m, _| m.service_id = "s".into(), &bad("service_id", "Unexpected")),
        spoilt("pin-missing", |_, b| b.manifest_hash.clear(), &bad("endorsement.manifest_hash", "Missing")),
        spoilt(
            "pin-unnumbered",
            |_, b| b.manifest_sequence = 0,
            &bad("endorsement.manifest_sequence", "Missing"),
        ),
        spoilt("nowhere", |_, b| b.territories.clear(), &bad("endorsement.territories", "Missing")),
        spoilt(
            "territory-unknown",
            |_, b| b.territories = vec!["99".into()],
            &bad("endorsement.territories", "Invalid"),
        ),
        spoilt(
            "territories-too-many",
            |_, b| b.territories = vec!["17".into(); 17],
            &bad("endorsement.territories", "TooMany"),
        ),
        spoilt("territories-unsorted", |_, b| b.territories.reverse(), &bad("", "NotCanonical")),
        spoilt("france-and-more", |_, b| b.territories.push("france".into()), &bad("", "NotCanonical")),
        spoilt("theme-unknown", |_, b| b.themes = vec!["x".into()], &bad("endorsement.themes", "Invalid")),
        spoilt(
            "theme-twice",
            |_, b| b.themes = vec![b.themes[0].clone(); 2],
            &bad("endorsement.themes", "Repeated"),
        ),
        spoilt("themes-unsorted", |_, b| b.themes.reverse(), &bad("", "NotCanonical")),
        spoilt(
            "taken-back-with-a-body",
            |m, _| m.standing = proto::RecordStanding::Withdrawn.into(),
            &bad("body", "Unexpected"),
        ),
    ]
}
