//! Makes every vector from fixed seeds; what `expect` says is stated here, never computed by the reader for invalid ones.

use crate::{Vector, chains, endorsements, read, things};
use relais_domain::{
    digest::Digest,
    time::{Span, Timestamp},
};
use relais_proto::peer::v1 as proto;
use relais_wire::{
    dsse::{PayloadType, Signed},
    endpoint::Endpoint,
    keys::{SealSecret, SigningSecret, VerifyKey},
    manifest::{Claims, Manifest, SealingKey, StructureKind},
};

/// 2026-11-22T00:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp(1_795_305_600_000);

/// Every vector.
pub(crate) fn vectors() -> Vec<Vector> {
    let mut vectors = keys();
    vectors.extend(manifests());
    vectors.extend(chains::chains());
    vectors.extend(things::things());
    vectors.extend(endorsements::endorsements());
    vectors
}

/// A valid vector: what the reader says of it is kept.
pub(crate) fn valid(mut vector: Vector) -> Vector {
    let outcome = read::outcome(&vector);
    assert!(outcome.starts_with("valid"), "{}: {outcome}", vector.path);
    vector.lines.insert(1, ("expect".into(), outcome));
    vector
}

/// An invalid vector, with the error it must give.
pub(crate) fn invalid(mut vector: Vector, error: &str) -> Vector {
    vector.lines.insert(1, ("expect".into(), error.to_owned()));
    vector
}

pub(crate) fn secret(seed: u8) -> SigningSecret {
    SigningSecret::from_bytes(Digest::of(&[seed]).as_bytes())
}

pub(crate) fn key(seed: u8) -> VerifyKey {
    secret(seed).verify_key()
}

pub(crate) fn seal_secret(seed: u8) -> SealSecret {
    SealSecret::from_bytes(Digest::of(&[0, seed]).as_bytes())
}

pub(crate) fn claims(name: &str) -> Claims {
    Claims {
        tls_ca_der: b"not a certificate, and nobody looks here".to_vec(),
        signing_keys: vec![key(10), key(11)],
        sealing_keys: vec![SealingKey::X25519(seal_secret(20).seal_key())],
        witness_keys: vec![key(30)],
        endpoints: vec![Endpoint::parse("relais.example.org:8443").expect("an endpoint")],
        pairing_endpoints: Vec::new(),
        name: name.to_owned(),
        kind: StructureKind::Literacy,
        valid_from: NOW,
        valid_until: NOW.plus(Span::days(365)),
    }
}

pub(crate) fn first() -> Manifest {
    Manifest::first(&claims("Les mots pour dire"), &secret(1), key(2).spki_hash()).expect("a manifest")
}

pub(crate) fn signed(payload_type: PayloadType, message: &impl prost::Message, seed: u8) -> Vec<u8> {
    Signed::sign(payload_type, message.encode_to_vec(), &secret(seed)).encode()
}

/// The identity: y = 1.
fn small_order() -> [u8; 32] {
    let mut point = [0; 32];
    point[0] = 1;
    point
}

fn spki_of(point: &[u8; 32]) -> Vec<u8> {
    [&key(1).to_spki()[..12], point].concat()
}

/// The identity, written as y = p + 1.
fn second_writing() -> [u8; 32] {
    let mut point = [0xff; 32];
    (point[0], point[31]) = (0xee, 0x7f);
    point
}

fn keys() -> Vec<Vector> {
    let spki = |name: &str, bytes: &[u8]| Vector::new(format!("{name}.txt"), "spki").hex("bytes", bytes);
    let sealing =
        |name: &str, bytes: &[u8]| Vector::new(format!("{name}.txt"), "sealing-key").hex("bytes", bytes);
    let mut off_curve = [0; 32];
    off_curve[0] = 2;
    let mut x25519 = key(1).to_spki();
    x25519[8] = 0x6e;
    vec![
        valid(spki("valid/spki", &key(1).to_spki())),
        valid(sealing("valid/sealing-key", seal_secret(20).seal_key().as_bytes())),
        invalid(spki("invalid/spki-small-order", &spki_of(&small_order())), "Weak"),
        invalid(spki("invalid/spki-order-four", &spki_of(&[0; 32])), "Weak"),
        invalid(spki("invalid/spki-not-canonical", &spki_of(&second_writing())), "NotCanonical"),
        invalid(spki("invalid/spki-off-curve", &spki_of(&off_curve)), "NotAPoint"),
        invalid(spki("invalid/spki-of-x25519", &x25519), "NotSpki"),
        invalid(spki("invalid/spki-short", &key(1).to_spki()[..43]), "NotSpki"),
        invalid(sealing("invalid/sealing-key-zero", &[0; 32]), "Weak"),
        invalid(sealing("invalid/sealing-key-small-order", &small_order()), "Weak"),
        invalid(sealing("invalid/sealing-key-not-canonical", &second_writing()), "NotCanonical"),
        invalid(sealing("invalid/sealing-key-short", &[9; 31]), "Length"),
    ]
}

fn manifest(path: &str, bytes: &[u8]) -> Vector {
    Vector::new(path, "manifest").hex("bytes", bytes)
}

type Edit = fn(&mut proto::Manifest);

/// Each field out of bounds: name of the file, what is done, the error.
const EDITS: [(&str, Edit, &str); 34] = [
    ("version", |m| m.version = 2, "Version(2)"),
    ("id-short", |m| m.structure_id.truncate(31), "Field(StructureId)"),
    ("id-of-another", |m| m.structure_id = vec![7; 32], "WrongId"),
    ("sequence-zero", |m| m.sequence = 0, "Field(Sequence)"),
    ("first-with-previous", |m| m.previous_hash = vec![0; 32], "Field(PreviousHash)"),
    ("second-without-previous", |m| m.sequence = 2, "Field(PreviousHash)"),
    ("root-weak", |m| m.root_spki = spki_of(&small_order()), "Key { field: RootKey, error: Weak }"),
    ("root-missing", |m| m.root_spki.clear(), "Key { field: RootKey, error: NotSpki }"),
    ("tls-ca-missing", |m| m.tls_ca_der.clear(), "Field(TlsCa)"),
    ("tls-ca-long", |m| m.tls_ca_der = vec![0; 4097], "Field(TlsCa)"),
    ("no-signing-key", |m| m.signing_key_spki.clear(), "Field(SigningKeys)"),
    ("nine-signing-keys", |m| m.signing_key_spki = nine(), "Field(SigningKeys)"),
    (
        "signing-key-twice",
        |m| m.signing_key_spki[1] = m.signing_key_spki[0].clone(),
        "Duplicate(SigningKeys)",
    ),
    (
        "signing-key-weak",
        |m| m.signing_key_spki[1] = spki_of(&[0; 32]),
        "Key { field: SigningKeys, error: Weak }",
    ),
    ("nine-witness-keys", |m| m.witness_key_spki = nine(), "Field(WitnessKeys)"),
    (
        "witness-key-not-canonical",
        |m| m.witness_key_spki[0] = spki_of(&second_writing()),
        "Key { field: WitnessKeys, error: NotCanonical }",
    ),
    ("no-sealing-key", |m| m.sealing_keys.clear(), "Field(SealingKeys)"),
    ("nine-sealing-keys", |m| m.sealing_keys = vec![m.sealing_keys[0].clone(); 9], "Field(SealingKeys)"),
    ("sealing-key-twice", |m| m.sealing_keys.push(m.sealing_keys[0].clone()), "Duplicate(SealingKeys)"),
    ("sealing-suite-unsaid", |m| m.sealing_keys[0].suite = 0, "Field(SealingKeys)"),
    (
        "sealing-key-weak",
        |m| m.sealing_keys[0].public_key = vec![0; 32],
        "Key { field: SealingKeys, error: Weak }",
    ),
    ("endpoint-without-port", |m| m.endpoints[0] = "relais.example.org".into(), "Field(Endpoints)"),
    ("endpoint-long", |m| m.endpoints[0] = format!("{}:443", "a".repeat(252)), "Field(Endpoints)"),
    (
        "nine-endpoints",
        |m| m.endpoints = (1..10).map(|port| format!("a:{port}")).collect(),
        "Field(Endpoints)",
    ),
    ("endpoint-twice", |m| m.endpoints.push(m.endpoints[0].clone()), "Duplicate(Endpoints)"),
    ("name-missing", |m| m.name.clear(), "Field(Name)"),
    ("name-long", |m| m.name = "é".repeat(121), "Field(Name)"),
    ("name-direction", |m| m.name = "a\u{202e}b".into(), "Field(Name)"),
    ("kind-unsaid", |m| m.kind = 0, "Field(Kind)"),
    ("validity-empty", |m| m.valid_until_ms = m.valid_from_ms, "Field(Validity)"),
    ("validity-negative", |m| m.valid_from_ms = -1, "Field(Validity)"),
    ("validity-long", |m| m.valid_until_ms = m.valid_from_ms + 731 * 86_400_000 + 1, "Field(Validity)"),
    ("next-root-missing", |m| m.next_root_hash.clear(), "Field(NextRoot)"),
    ("next-root-is-root", |m| m.next_root_hash = key(1).spki_hash().as_bytes().to_vec(), "UsedSuccessor"),
];

fn nine() -> Vec<Vec<u8>> {
    (0..9).map(|seed| key(seed).to_spki().to_vec()).collect()
}

pub(crate) fn message_of(manifest: &Manifest) -> proto::Manifest {
    prost::Message::decode(manifest.signed().payload_unverified()).expect("a manifest")
}

fn manifests() -> Vec<Vector> {
    let good = message_of(&first());
    let edited = |edit: Edit| {
        let mut message = good.clone();
        edit(&mut message);
        signed(PayloadType::Manifest, &message, 1)
    };
    let later = edited(|m| {
        m.kind = 99;
        m.sealing_keys.insert(0, proto::SealingKey { suite: 2, public_key: vec![5; 1216] });
    });
    let mut flipped = first().signed().to_proto();
    flipped.signature[63] ^= 1;
    let mut short = first().signed().to_proto();
    short.signature.pop();
    let large = edited(|m| {
        let key = |byte| proto::SealingKey { suite: 2, public_key: vec![byte; 2048] };
        m.sealing_keys = (0..8).map(key).collect();
    });
    let garbage = Signed::sign(PayloadType::Manifest, vec![0xff; 4], &secret(1)).encode();
    let bytes = |message: &proto::Signed| prost::Message::encode_to_vec(message);
    let mut vectors = vec![
        valid(manifest("valid/manifest-first.txt", &first().signed().encode())),
        valid(manifest("valid/manifest-later-kind-and-suite.txt", &later)),
        invalid(manifest("invalid/manifest-signature.txt", &bytes(&flipped)), "Signed(Signature)"),
        invalid(manifest("invalid/manifest-signature-short.txt", &bytes(&short)), "Signed(Shape)"),
        invalid(
            manifest("invalid/manifest-signed-by-another.txt", &signed(PayloadType::Manifest, &good, 2)),
            "Signed(Signature)",
        ),
        invalid(
            manifest("invalid/manifest-typed-consent.txt", &signed(PayloadType::Consent, &good, 1)),
            "Signed(WrongType { expected: Manifest })",
        ),
        invalid(manifest("invalid/manifest-large.txt", &large), "Oversize"),
        invalid(manifest("invalid/manifest-garbage.txt", &garbage), "Shape"),
        invalid(manifest("invalid/manifest-not-signed.txt", &[0xff; 8]), "Signed(Shape)"),
    ];
    for (name, edit, error) in EDITS {
        vectors.push(invalid(manifest(&format!("invalid/manifest-{name}.txt"), &edited(edit)), error));
    }
    vectors
}
