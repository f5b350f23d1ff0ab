//! From the protobuf manifest to types: every bound and every key is checked once, here.

use super::{
    Claims, ENDPOINTS_MAX, KEYS_MAX, Link, MANIFEST_VERSION, ManifestError, ManifestField as Field,
    PAIRING_ENDPOINTS_MAX, SEALING_KEY_BYTES_MAX, SealingKey, StructureKind, TLS_CA_BYTES_MAX, VALIDITY_MAX,
};
use crate::{
    endpoint::Endpoint,
    keys::{SealKey, VerifyKey},
    seal::SUITE_X25519,
    text,
};
use relais_domain::{digest::Digest, structure_id::StructureId, time::Timestamp};
use relais_proto::peer::v1 as proto;

pub(super) fn root(message: &proto::Manifest) -> Result<VerifyKey, ManifestError> {
    if message.version != MANIFEST_VERSION {
        return Err(ManifestError::Version(message.version));
    }
    key(Field::RootKey, &message.root_spki)
}

pub(super) fn link(message: &proto::Manifest, root: &VerifyKey) -> Result<Link, ManifestError> {
    let structure =
        StructureId::from_slice(&message.structure_id).ok_or(ManifestError::Field(Field::StructureId))?;
    let next_root =
        Digest::from_slice(&message.next_root_hash).ok_or(ManifestError::Field(Field::NextRoot))?;
    let previous = Digest::from_slice(&message.previous_hash);
    match message.sequence {
        0 => return Err(ManifestError::Field(Field::Sequence)),
        1 if !message.previous_hash.is_empty() => return Err(ManifestError::Field(Field::PreviousHash)),
        1 if root.structure_id() != structure => return Err(ManifestError::WrongId),
        2.. if previous.is_none() => return Err(ManifestError::Field(Field::PreviousHash)),
        1.. => {}
    }
    if next_root == root.spki_hash() {
        return Err(ManifestError::UsedSuccessor);
    }
    Ok(Link { structure, sequence: message.sequence, previous, next_root })
}

pub(super) fn claims(message: proto::Manifest) -> Result<Claims, ManifestError> {
    let field = |fits: bool, field| if fits { Ok(()) } else { Err(ManifestError::Field(field)) };
    field((1..=TLS_CA_BYTES_MAX).contains(&message.tls_ca_der.len()), Field::TlsCa)?;
    field(!message.signing_key_spki.is_empty(), Field::SigningKeys)?;
    field(!message.sealing_keys.is_empty(), Field::SealingKeys)?;
    field(text::is_plain_line(&message.name), Field::Name)?;
    let (valid_from, valid_until) = (Timestamp(message.valid_from_ms), Timestamp(message.valid_until_ms));
    let ordered = Timestamp(0) <= valid_from && valid_from < valid_until;
    field(ordered && valid_until.since(valid_from) <= VALIDITY_MAX, Field::Validity)?;
    Ok(Claims {
        tls_ca_der: message.tls_ca_der,
        signing_keys: verify_keys(Field::SigningKeys, &message.signing_key_spki)?,
        sealing_keys: list(Field::SealingKeys, KEYS_MAX, &message.sealing_keys, sealing_key)?,
        witness_keys: verify_keys(Field::WitnessKeys, &message.witness_key_spki)?,
        endpoints: endpoints(Field::Endpoints, ENDPOINTS_MAX, &message.endpoints)?,
        pairing_endpoints: endpoints(
            Field::PairingEndpoints,
            PAIRING_ENDPOINTS_MAX,
            &message.pairing_endpoints,
        )?,
        kind: StructureKind::from_wire(message.kind).ok_or(ManifestError::Field(Field::Kind))?,
        name: message.name,
        valid_from,
        valid_until,
    })
}

fn endpoints(field: Field, max: usize, written: &[String]) -> Result<Vec<Endpoint>, ManifestError> {
    list(field, max, written, |endpoint| Endpoint::parse(endpoint).map_err(|_| ManifestError::Field(field)))
}

fn verify_keys(field: Field, spki: &[Vec<u8>]) -> Result<Vec<VerifyKey>, ManifestError> {
    list(field, KEYS_MAX, spki, |spki| key(field, spki))
}

fn key(field: Field, spki: &[u8]) -> Result<VerifyKey, ManifestError> {
    VerifyKey::from_spki(spki).map_err(|error| ManifestError::Key { field, error })
}

fn sealing_key(message: &proto::SealingKey) -> Result<SealingKey, ManifestError> {
    let field = Field::SealingKeys;
    match message.suite {
        0 => Err(ManifestError::Field(field)),
        SUITE_X25519 => SealKey::from_bytes(&message.public_key)
            .map(SealingKey::X25519)
            .map_err(|error| ManifestError::Key { field, error }),
        suite if (1..=SEALING_KEY_BYTES_MAX).contains(&message.public_key.len()) => {
            Ok(SealingKey::Unknown { suite, public_key: message.public_key.clone() })
        }
        2.. => Err(ManifestError::Field(field)),
    }
}

/// Reads a bounded list without repetitions.
fn list<M, T: PartialEq>(
    field: Field,
    max: usize,
    messages: &[M],
    read: impl Fn(&M) -> Result<T, ManifestError>,
) -> Result<Vec<T>, ManifestError> {
    if messages.len() > max {
        return Err(ManifestError::Field(field));
    }
    let mut entries = Vec::with_capacity(messages.len());
    for message in messages {
        let entry = read(message)?;
        if entries.contains(&entry) {
            return Err(ManifestError::Duplicate(field));
        }
        entries.push(entry);
    }
    Ok(entries)
}
