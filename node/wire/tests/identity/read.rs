//! Reads a vector from its text alone and says in one line what came of it.

use crate::{Vector, unhex};
use prost::Message as _;
use relais_domain::{digest::Digest, directory::Record, structure_id::StructureId};
use relais_proto::peer::v1 as proto;
use relais_wire::{
    keys::{SealKey, SealSecret, VerifyKey},
    manifest::{
        Manifest, ManifestError,
        chain::{Accepted, Chain},
    },
    pairing::{Confirmation, Party, Proof, ProofKey, Role, Transcript, parse_link},
    peer_change::PeerChange,
    receipt::Receipt,
    record::{RecordError, SignedRecord},
    recovery::read_sheet,
    seal::{KeyRing, Part, SealError, SealedBox, commitment},
};
use std::fmt::Debug;

/// `valid`, with what matters of it, or the error.
pub(crate) fn outcome(vector: &Vector) -> String {
    match vector.value("kind") {
        "spki" => said(VerifyKey::from_spki(&vector.bytes("bytes")), |key| key.structure_id().to_string()),
        "sealing-key" => said(SealKey::from_bytes(&vector.bytes("bytes")), |key| crate::hex(&key.id().0)),
        "manifest" => {
            said(Manifest::admit(&vector.bytes("bytes")), |manifest| manifest.identity().to_string())
        }
        "chain" => said(chain(vector), |accepted| {
            format!("{} superseded {}", accepted.chain.current().identity(), accepted.superseded.len())
        }),
        "receipt" => {
            let signer = structure(vector, "signer");
            said(Receipt::open(&vector.bytes("bytes"), signer, &keys(vector)), |receipt| {
                format!("{receipt:?}")
            })
        }
        "peer-change" => {
            let signer = structure(vector, "signer");
            said(PeerChange::open(&vector.bytes("bytes"), signer, &keys(vector)), |change| {
                format!("{change:?}")
            })
        }
        "commitment" => {
            let class = vector.value("class").parse().expect("a number");
            let part = Part { class, salt: vector.array("salt"), bytes: vector.bytes("bytes") };
            format!("valid {}", commitment(&part))
        }
        "sealed-box" => said(open_box(vector), |parts| {
            let line = |part: &Part| format!("{}={}", part.class, crate::hex(&part.bytes));
            parts.iter().map(line).collect::<Vec<_>>().join(" ")
        }),
        "recovery-sheet" => {
            let text = vector.all("line").collect::<Vec<_>>().join("\n");
            said(read_sheet(&text), |secret| crate::hex(secret.verify_key().as_bytes()))
        }
        "link" => said(parse_link(vector.value("text")), |invitation| {
            format!("{} {:?} {}", invitation.inviter, invitation.number, invitation.expires.0)
        }),
        "pairing-proof" => said(proof(vector), |phrase| phrase.clone()),
        "introduction-proof" => said(introduction_proof(vector), |phrase| phrase.clone()),
        "endorsement" => said(endorsement(vector), |signed| {
            let Record { sequence, expires_at, body, .. } = &signed.record;
            format!("{} {sequence} {} {}", signed.identity, expires_at.0, body.key())
        }),
        "confirmation" => said(confirmation(vector), |confirmation| format!("{confirmation:?}")),
        other => panic!("unknown kind {other}"),
    }
}

fn said<T, E: Debug>(result: Result<T, E>, valid: impl Fn(&T) -> String) -> String {
    match result {
        Ok(thing) => format!("valid {}", valid(&thing)),
        Err(error) => format!("{error:?}"),
    }
}

fn structure(vector: &Vector, name: &str) -> StructureId {
    StructureId::parse(vector.value(name)).expect("a structure id")
}

fn digest(vector: &Vector, name: &str) -> Digest {
    Digest::from_hex(vector.value(name)).expect("a digest")
}

fn keys(vector: &Vector) -> Vec<VerifyKey> {
    vector.all("key").map(|spki| VerifyKey::from_spki(&unhex(spki)).expect("a good key")).collect()
}

fn chain(vector: &Vector) -> Result<Accepted, ManifestError> {
    let manifests = |name| {
        vector
            .all(name)
            .map(|bytes| Manifest::admit(&unhex(bytes)).expect("well formed in itself"))
            .collect::<Vec<_>>()
    };
    Chain::from_manifests(manifests("held")).expect("a good chain").accept_run(manifests("offered"))
}

fn open_box(vector: &Vector) -> Result<Vec<Part>, SealError> {
    let ring = KeyRing::new(vec![SealSecret::from_bytes(&vector.array("secret"))]);
    let message = proto::SealedBox::decode(vector.bytes("bytes").as_slice()).expect("protobuf");
    ring.open(&SealedBox::from_proto(message)?, &digest(vector, "envelope"))
}

fn party(vector: &Vector, name: &str) -> Party {
    Party { structure: structure(vector, name), manifest: digest(vector, &format!("{name}-manifest")) }
}

fn role(vector: &Vector) -> Role {
    match vector.value("role") {
        "inviter" => Role::Inviter,
        "joiner" => Role::Joiner,
        other => panic!("no role {other}"),
    }
}

fn introduction_proof(vector: &Vector) -> Result<String, relais_wire::pairing::ProofError> {
    let (asked, asker) = (party(vector, "inviter"), party(vector, "joiner"));
    let transcript = Transcript::of_introduction(vector.array("exporter"), asked, asker)?;
    let message = proto::PairProof::decode(vector.bytes("bytes").as_slice()).expect("protobuf");
    transcript.verify_possession(role(vector), &Proof::from_proto(&message)?, &keys(vector))?;
    Ok(transcript.phrase().to_string())
}

fn proof(vector: &Vector) -> Result<String, relais_wire::pairing::ProofError> {
    let (inviter, joiner) = (party(vector, "inviter"), party(vector, "joiner"));
    let transcript = Transcript::new(vector.array("exporter"), inviter, joiner)?;
    let message = proto::PairProof::decode(vector.bytes("bytes").as_slice()).expect("protobuf");
    let key = ProofKey::from_bytes(&vector.array("proof-key"));
    transcript.verify(role(vector), &Proof::from_proto(&message)?, &keys(vector), &key)?;
    Ok(transcript.phrase().to_string())
}

fn endorsement(vector: &Vector) -> Result<SignedRecord, RecordError> {
    let keys = |manifest| (manifest == 1).then(|| keys(vector));
    SignedRecord::open(&vector.bytes("bytes"), structure(vector, "signer"), keys)
}

fn confirmation(vector: &Vector) -> Result<Confirmation, relais_wire::pairing::FrameError> {
    use relais_wire::dsse::{PayloadType, Signed};
    let signed = Signed::decode(&vector.bytes("bytes"), PayloadType::PairingConfirmation)?;
    Confirmation::open(&signed, &keys(vector))
}
