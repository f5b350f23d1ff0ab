//! Receipts, peer changes, sealed boxes, recovery sheets, links and pairing proofs.

use crate::{
    Vector,
    made::{NOW, invalid, key, seal_secret, secret, signed, valid},
};
use hpke::{
    OpModeS, Serializable as _, aead::ChaCha20Poly1305, kdf::HkdfSha256, kem::X25519HkdfSha256,
    single_shot_seal_with_rng,
};
use prost::Message as _;
use rand::{SeedableRng as _, rngs::ChaCha20Rng};
use relais_domain::{
    digest::Digest,
    id::{MessageId, ThreadId},
    structure_id::StructureId,
    time::Day,
};
use relais_proto::peer::v1 as proto;
use relais_wire::{
    dsse::PayloadType,
    endpoint::Endpoint,
    keys::SealSecret,
    pairing::{Confirmation, Invitation, InvitationNumber, InvitationSecret, Party, Role, Transcript},
    peer_change::{PeerChange, PeerChangeReason, PeerTrust},
    receipt::{LatestEvent, Receipt, ReceiptOutcome},
    recovery::write_sheet,
    seal::{Part, SEAL_INFO, SealedBox, seal},
};
use secrecy::ExposeSecret as _;

pub(crate) fn things() -> Vec<Vector> {
    [receipts(), peer_changes(), boxes(), sheets(), links(), proofs(), confirmations()]
        .into_iter()
        .flatten()
        .collect()
}

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(20_261_122)
}

fn structure(name: &str) -> StructureId {
    StructureId::of_root_spki(name.as_bytes())
}

fn by_key(path: &str, kind: &str, signer: &str, bytes: &[u8]) -> Vector {
    Vector::new(format!("{path}.txt"), kind)
        .with("signer", structure(signer))
        .hex("key", &key(10).to_spki())
        .hex("bytes", bytes)
}

fn receipts() -> Vec<Vector> {
    let receipt = Receipt {
        thread: ThreadId::from_random([1; 16]),
        message: MessageId::from_random([2; 16]),
        envelope: Digest::of(b"envelope"),
        signer: structure("hub"),
        signer_manifest: 3,
        recipient: structure("mots"),
        latest: Some(LatestEvent { sequence: 2, hash: Digest::of(b"event") }),
        stored: Day(20_779),
        outcome: ReceiptOutcome::Stored,
    };
    let first = Receipt { latest: None, outcome: ReceiptOutcome::StoredWithoutContent, ..receipt.clone() };
    let good = receipt.sign(&secret(10));
    let message = proto::Receipt::decode(good.payload_unverified()).expect("a receipt");
    let vector = |path: &str, bytes: &[u8]| by_key(path, "receipt", "hub", bytes);
    let edited = |path: &str, edit: fn(&mut proto::Receipt), error: &str| {
        let mut message = message.clone();
        edit(&mut message);
        invalid(
            vector(&format!("invalid/receipt-{path}"), &signed(PayloadType::Receipt, &message, 10)),
            error,
        )
    };
    vec![
        valid(vector("valid/receipt", &good.encode())),
        valid(vector("valid/receipt-no-event", &first.sign(&secret(10)).encode())),
        edited("version", |m| m.version = 2, "Version(2)"),
        edited("thread-not-random", |m| m.thread_id = vec![1; 16], "Shape"),
        edited("envelope-missing", |m| m.envelope_identity.clear(), "Shape"),
        edited("manifest-zero", |m| m.signer_manifest_sequence = 0, "Shape"),
        edited("event-without-hash", |m| m.latest_event_hash.clear(), "Shape"),
        edited("hash-without-event", |m| m.latest_event_sequence = 0, "Shape"),
        edited("outcome-unsaid", |m| m.outcome = 0, "Shape"),
        edited("outcome-unknown", |m| m.outcome = 99, "Shape"),
        edited("outcome-reserved", |m| m.outcome = 3, "Shape"),
        edited("of-another", |m| m.signer_id = vec![9; 32], "WrongSigner"),
        invalid(
            vector("invalid/receipt-signed-by-another", &signed(PayloadType::Receipt, &message, 11)),
            "Signed(Signature)",
        ),
        invalid(
            vector("invalid/receipt-typed-erasure", &signed(PayloadType::Erasure, &message, 10)),
            "Signed(WrongType { expected: Receipt })",
        ),
    ]
}

fn peer_changes() -> Vec<Vector> {
    let change = PeerChange {
        structure: structure("hub"),
        peer: structure("mots"),
        sequence: 2,
        trust: PeerTrust::Suspended,
        reason: PeerChangeReason::KeyCompromise,
        at: NOW,
    };
    let good = change.sign(&secret(10));
    let message = proto::PeerChange::decode(good.payload_unverified()).expect("a change");
    let vector = |path: &str, bytes: &[u8]| by_key(path, "peer-change", "hub", bytes);
    let edited = |path: &str, edit: fn(&mut proto::PeerChange), error: &str| {
        let mut message = message.clone();
        edit(&mut message);
        let path = format!("invalid/peer-change-{path}");
        invalid(vector(&path, &signed(PayloadType::PeerChange, &message, 10)), error)
    };
    vec![
        valid(vector("valid/peer-change", &good.encode())),
        edited("version", |m| m.version = 2, "Version(2)"),
        edited("sequence-zero", |m| m.sequence = 0, "Shape"),
        edited("trust-unsaid", |m| m.trust = 0, "Shape"),
        edited("reason-unknown", |m| m.reason = 99, "Shape"),
        edited("about-itself", |m| m.peer_id = m.structure_id.clone(), "Shape"),
        edited("of-another", |m| m.structure_id = vec![9; 32], "WrongSigner"),
        invalid(
            vector("invalid/peer-change-signed-by-another", &signed(PayloadType::PeerChange, &message, 11)),
            "Signed(Signature)",
        ),
    ]
}

fn parts() -> Vec<Part> {
    let part = |class: u32, bytes: &[u8]| Part {
        class,
        salt: [u8::try_from(class).expect("small"); 32],
        bytes: bytes.to_vec(),
    };
    vec![part(1, b"need"), part(4, b"contact")]
}

fn boxed(path: &str, secret: &SealSecret, sealed: &SealedBox) -> Vector {
    Vector::new(format!("{path}.txt"), "sealed-box")
        .hex("secret", secret.expose_secret_bytes().as_ref())
        .hex("envelope", Digest::of(b"envelope").as_bytes())
        .hex("bytes", &sealed.to_proto().encode_to_vec())
}

fn good_box() -> SealedBox {
    seal(parts(), &seal_secret(20).seal_key(), &Digest::of(b"envelope"), &mut rng()).expect("sealed")
}

/// Any plaintext, sealed as it should be: what only other software would send.
fn foreign_box(plaintext: &[u8]) -> SealedBox {
    let secret = seal_secret(20).seal_key();
    let public = hpke::Deserializable::from_bytes(secret.as_bytes()).expect("32 bytes");
    let envelope = Digest::of(b"envelope");
    let (encapsulated, ciphertext) =
        single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &public,
            SEAL_INFO,
            plaintext,
            envelope.as_bytes(),
            &mut rng(),
        )
        .expect("sealed");
    SealedBox { encapsulated_key: encapsulated.to_bytes().to_vec(), ciphertext, ..good_box() }
}

fn boxes() -> Vec<Vector> {
    let content = |parts: &[Part], padding: usize, zero: u8| {
        let part = |part: &Part| proto::ContentPart {
            class: part.class,
            salt: part.salt.to_vec(),
            bytes: part.bytes.clone(),
        };
        proto::SealedContent { parts: parts.iter().map(part).collect(), padding: vec![zero; padding] }
    };
    let full = 256 - content(&parts(), 0, 0).encoded_len() - 3;
    let secret = seal_secret(20);
    let foreign = |path: &str, plaintext: Vec<u8>, error: &str| {
        invalid(boxed(&format!("invalid/sealed-box-{path}"), &secret, &foreign_box(&plaintext)), error)
    };
    let altered = |path: &str, edit: fn(&mut SealedBox), error: &str| {
        let mut sealed = good_box();
        edit(&mut sealed);
        invalid(boxed(&format!("invalid/sealed-box-{path}"), &secret, &sealed), error)
    };
    let unknown_field = [content(&parts(), full - 4, 0).encode_to_vec(), vec![0x7a, 2, b'h', b'i']].concat();
    let twice = [parts()[0].clone(), parts()[0].clone()];
    let reversed: Vec<Part> = parts().into_iter().rev().collect();
    let zero_class = [Part { class: 0, ..parts()[0].clone() }];
    let mut other_envelope = boxed("invalid/sealed-box-of-another-envelope", &secret, &good_box());
    other_envelope.lines[2].1 = Digest::of(b"another envelope").to_string();
    let part = &parts()[1];
    vec![
        valid(boxed("valid/sealed-box", &secret, &good_box())),
        valid(
            Vector::new("valid/commitment.txt", "commitment")
                .with("class", part.class)
                .hex("salt", &part.salt)
                .hex("bytes", &part.bytes),
        ),
        invalid(boxed("invalid/sealed-box-no-key", &seal_secret(21), &good_box()), "NoKey"),
        invalid(other_envelope, "Broken"),
        altered("suite", |sealed| sealed.suite = 2, "Suite(2)"),
        altered("ciphertext", |sealed| sealed.ciphertext[0] ^= 1, "Broken"),
        altered("cut", |sealed| sealed.ciphertext.truncate(15), "Broken"),
        altered("long", |sealed| sealed.ciphertext = vec![0; 32 * 1024 + 17], "Oversize"),
        altered("encapsulated-zero", |sealed| sealed.encapsulated_key = vec![0; 32], "Broken"),
        altered("encapsulated-short", |sealed| sealed.encapsulated_key.truncate(31), "Shape"),
        foreign("not-padded", content(&parts(), 0, 0).encode_to_vec(), "NotCanonical"),
        foreign("padding-speaks", content(&parts(), full, 1).encode_to_vec(), "NotCanonical"),
        foreign("unknown-field", unknown_field, "NotCanonical"),
        foreign("garbage", vec![0xff; 256], "NotCanonical"),
        foreign("class-twice", content(&twice, 0, 0).encode_to_vec(), "Parts"),
        foreign("not-sorted", content(&reversed, full, 0).encode_to_vec(), "Parts"),
        foreign("class-zero", content(&zero_class, 0, 0).encode_to_vec(), "Parts"),
        foreign("empty", content(&[], 0, 0).encode_to_vec(), "Parts"),
    ]
}

fn sheets() -> Vec<Vector> {
    let lines = |seed: u8| -> Vec<String> {
        let sheet = write_sheet(&secret(seed), structure("mots"));
        sheet.expose_secret().lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
    };
    let vector = |path: &str, lines: &[String]| {
        lines.iter().fold(Vector::new(format!("{path}.txt"), "recovery-sheet"), |vector, line| {
            vector.with("line", line)
        })
    };
    let edited = |path: &str, edit: &dyn Fn(&mut Vec<String>), error: &str| {
        let mut typed = lines(2);
        edit(&mut typed);
        invalid(vector(&format!("invalid/sheet-{path}"), &typed), error)
    };
    let swap = |typed: &mut Vec<String>| {
        let (one, two) = (typed[3].split_off(1), typed[4].split_off(1));
        typed[3].push_str(&two);
        typed[4].push_str(&one);
    };
    let mistype = |typed: &mut Vec<String>| {
        let other = if typed[5].ends_with('7') { "8" } else { "7" };
        typed[5].pop();
        typed[5].push_str(other);
    };
    vec![
        valid(vector("valid/sheet", &lines(2))),
        edited(
            "line-missing",
            &|typed| typed.retain(|line| !line.starts_with('2')),
            "MissingLine { line: 2 }",
        ),
        edited("line-twice", &|typed| typed.push(typed[3].clone()), "RepeatedLine { line: 1 }"),
        edited("line-short", &|typed| typed[6].truncate(15), "Shape { line: 4 }"),
        edited("line-mistyped", &mistype, "Check { line: 3 }"),
        edited("lines-swapped", &swap, "Whole"),
        edited("line-of-another", &|typed| typed[3] = lines(3)[3].clone(), "Whole"),
    ]
}

fn invitation() -> Invitation {
    let mut rng = rng();
    Invitation {
        endpoints: vec![Endpoint::parse("relais.example.org:8444").expect("an endpoint")],
        inviter: structure("hub"),
        number: InvitationNumber::generate(&mut rng),
        secret: InvitationSecret::generate(&mut rng),
        expires: NOW,
    }
}

fn links() -> Vec<Vector> {
    let good = invitation().link().expose_secret().to_owned();
    let vector = |path: &str, text: &str| Vector::new(format!("{path}.txt"), "link").with("text", text);
    let id = structure("hub").compact();
    let mistyped_id = id.replacen(&id[..1], if id.starts_with('A') { "B" } else { "A" }, 1);
    let (front, secret) = good.split_once('#').expect("a secret");
    let mistyped_secret =
        format!("{front}#{}{}", if secret.starts_with('7') { "8" } else { "7" }, &secret[1..]);
    let bad =
        |path: &str, text: &str, error: &str| invalid(vector(&format!("invalid/link-{path}"), text), error);
    vec![
        valid(vector("valid/link", &good)),
        valid(vector("valid/link-two-endpoints", &good.replace("8444", "8444,[2001:db8::7]:8444"))),
        bad("scheme", &good.replace("relais://", "https://"), "Scheme"),
        bad("no-secret", front, "Shape"),
        bad("no-expiry", &good.replace("?e=", "?f="), "Shape"),
        bad("endpoint", &good.replace(":8444", ""), "Endpoint"),
        bad("id-mistyped", &good.replace(&id, &mistyped_id), "StructureId(Check { group: 1 })"),
        bad("id-short", &good.replace(&id, &id[1..]), "StructureId(Shape)"),
        bad("number-short", &good.replace(&number(front), "0"), "Number"),
        bad("expiry", &good.replace("?e=", "?e=x"), "Expiry"),
        bad("secret-short", &good[..good.len() - 1], "Secret"),
        bad("secret-mistyped", &mistyped_secret, "SecretCheck"),
    ]
}

fn number(front: &str) -> String {
    let path = front.split_once("?e=").expect("an expiry").0;
    path.rsplit_once('/').expect("a number").1.to_owned()
}

fn proofs() -> Vec<Vector> {
    let party = |name: &str| Party { structure: structure(name), manifest: Digest::of(name.as_bytes()) };
    let exporter = *Digest::of(b"exporter").as_bytes();
    let transcript = Transcript::new(exporter, party("hub"), party("mots")).expect("two structures");
    let proof_key = invitation().secret.proof_key();
    let proof = transcript.prove(Role::Joiner, Digest::of(b"agreement"), &secret(10), &proof_key).to_proto();
    let vector = |path: &str, role: &str, joiner: &str, exporter: &[u8], proof: &proto::PairProof| {
        Vector::new(format!("{path}.txt"), "pairing-proof")
            .with("role", role)
            .hex("exporter", exporter)
            .with("inviter", structure("hub"))
            .with("inviter-manifest", Digest::of(b"hub"))
            .with("joiner", structure(joiner))
            .with("joiner-manifest", Digest::of(b"mots"))
            .hex("proof-key", proof_key.expose_secret_bytes().as_ref())
            .hex("key", &key(10).to_spki())
            .hex("bytes", &proof.encode_to_vec())
    };
    let bad =
        |path: &str, role: &str, joiner: &str, exporter: &[u8], proof: &proto::PairProof, error: &str| {
            invalid(vector(&format!("invalid/pairing-proof-{path}"), role, joiner, exporter, proof), error)
        };
    let other_key =
        transcript.prove(Role::Joiner, Digest::of(b"agreement"), &secret(11), &proof_key).to_proto();
    let short = proto::PairProof { possession: vec![0; 63], ..proof.clone() };
    let other_agreement = proto::PairProof { agreement_hash: vec![0; 32], ..proof.clone() };
    let relayed = Digest::of(b"another connection");
    vec![
        valid(vector("valid/pairing-proof", "joiner", "mots", &exporter, &proof)),
        bad("reflected", "inviter", "mots", &exporter, &proof, "Secret"),
        bad("relayed", "joiner", "mots", relayed.as_bytes(), &proof, "Secret"),
        bad("other-joiner", "joiner", "other", &exporter, &proof, "Secret"),
        bad("other-agreement", "joiner", "mots", &exporter, &other_agreement, "Secret"),
        bad("not-possessed", "joiner", "mots", &exporter, &other_key, "Possession"),
        bad("short", "joiner", "mots", &exporter, &short, "Shape"),
        bad("with-itself", "joiner", "hub", &exporter, &proof, "SameStructure"),
    ]
}

fn confirmations() -> Vec<Vector> {
    let party = |name: &str| Party { structure: structure(name), manifest: Digest::of(name.as_bytes()) };
    let confirmation = Confirmation {
        number: invitation().number,
        signer: party("hub"),
        peer: party("mots"),
        agreement: Digest::of(b"agreement"),
        at: NOW,
    };
    let vector = |path: &str, bytes: &[u8]| by_key(path, "confirmation", "hub", bytes);
    let other = confirmation.sign(&secret(11)).encode();
    let empty = signed(PayloadType::PairingConfirmation, &proto::PairConfirmation::default(), 10);
    vec![
        valid(vector("valid/confirmation", &confirmation.sign(&secret(10)).encode())),
        invalid(vector("invalid/confirmation-signed-by-another", &other), "Signed(Signature)"),
        invalid(vector("invalid/confirmation-empty", &empty), "Version(0)"),
    ]
}
