//! Signed bytes: DSSE v1 pre-authentication encoding over the exact payload, one payload type per thing that is signed.
//!
//! A payload is never re-encoded: it is signed, verified, stored and forwarded as the bytes it came in. The type is part
//! of what is signed and every reader states the type it expects, so a signature of one thing is never one of another.
//! Source: DSSE protocol v1.0.0, <https://github.com/secure-systems-lab/dsse>.

use crate::keys::{SIGNATURE_BYTES, SigningSecret, VerifyKey};
use prost::Message as _;
use relais_domain::digest::Digest;
use relais_proto::peer::v1 as proto;
use std::fmt;

/// Longest payload that is signed, in bytes.
pub const PAYLOAD_BYTES_MAX: usize = 64 * 1024;

/// What a signed payload is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PayloadType {
    /// The outer message that carries an event.
    Envelope,
    /// A recipient's statement that an envelope is stored.
    Receipt,
    /// What a person agreed to.
    Consent,
    /// A statement that a consent ended.
    ConsentEnd,
    /// A structure's keys and doors.
    Manifest,
    /// A pairing transcript: possession of the signing key.
    PairingProof,
    /// An admin's confirmation of a pairing.
    PairingConfirmation,
    /// How far a structure trusts a peer.
    PeerChange,
    /// A directory record of a structure, a service or its capacity.
    DirectoryRecord,
    /// One structure vouches for another.
    Endorsement,
    /// What was erased, what is kept and why.
    Erasure,
    /// A node's own statement in its ledger.
    LedgerEntry,
}

impl PayloadType {
    /// Every payload type.
    pub const ALL: [Self; 12] = [
        Self::Envelope,
        Self::Receipt,
        Self::Consent,
        Self::ConsentEnd,
        Self::Manifest,
        Self::PairingProof,
        Self::PairingConfirmation,
        Self::PeerChange,
        Self::DirectoryRecord,
        Self::Endorsement,
        Self::Erasure,
        Self::LedgerEntry,
    ];

    /// The media type that is signed with the payload.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Envelope => "application/vnd.relais.envelope.v1+protobuf",
            Self::Receipt => "application/vnd.relais.receipt.v1+protobuf",
            Self::Consent => "application/vnd.relais.consent.v1+protobuf",
            Self::ConsentEnd => "application/vnd.relais.consent-end.v1+protobuf",
            Self::Manifest => "application/vnd.relais.manifest.v1+protobuf",
            Self::PairingProof => "application/vnd.relais.pairing-proof.v1",
            Self::PairingConfirmation => "application/vnd.relais.pairing-confirmation.v1+protobuf",
            Self::PeerChange => "application/vnd.relais.peer-change.v1+protobuf",
            Self::DirectoryRecord => "application/vnd.relais.directory-record.v1+protobuf",
            Self::Endorsement => "application/vnd.relais.endorsement.v1+protobuf",
            Self::Erasure => "application/vnd.relais.erasure.v1+protobuf",
            Self::LedgerEntry => "application/vnd.relais.ledger-entry.v1+protobuf",
        }
    }

    /// The payload type of a media type; `None` for one Relais does not know.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == text)
    }
}

impl fmt::Display for PayloadType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why bytes are not a thing signed by whom they should be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DsseError {
    /// Not a `Signed` message, or its signature has not 64 bytes.
    #[error("not a signed message")]
    Shape,
    /// The payload is longer than [`PAYLOAD_BYTES_MAX`].
    #[error("the signed payload is too long")]
    Oversize,
    /// The payload is of another type than the reader expects.
    #[error("the payload is not of the type {expected}")]
    WrongType {
        /// What the reader expects.
        expected: PayloadType,
    },
    /// The signature is not of this key (none of these keys) over this payload and type.
    #[error("the signature does not verify")]
    Signature,
}

/// The DSSE v1 pre-authentication encoding: `DSSEv1 SP len SP type SP len SP body`, lengths in decimal bytes.
pub fn pre_authentication_encoding(payload_type: PayloadType, payload: &[u8]) -> Vec<u8> {
    let name = payload_type.as_str();
    let mut encoding = format!("DSSEv1 {} {name} {} ", name.len(), payload.len()).into_bytes();
    encoding.extend_from_slice(payload);
    encoding
}

/// The identity of a payload: SHA-256 of its pre-authentication encoding. The signature is no part of it.
pub fn identity(payload_type: PayloadType, payload: &[u8]) -> Digest {
    Digest::of(&pre_authentication_encoding(payload_type, payload))
}

/// A payload with its signature, the payload exactly as made or received.
#[derive(Clone, PartialEq, Eq)]
pub struct Signed {
    payload_type: PayloadType,
    payload: Vec<u8>,
    signature: [u8; SIGNATURE_BYTES],
}

impl Signed {
    /// Signs `payload` as a thing of this type.
    pub fn sign(payload_type: PayloadType, payload: Vec<u8>, secret: &SigningSecret) -> Self {
        let signature = secret.sign(&pre_authentication_encoding(payload_type, &payload));
        Self { payload_type, payload, signature }
    }

    /// Reads an encoded `Signed` message of the expected type. The signature is not checked yet.
    ///
    /// # Errors
    /// [`DsseError::Shape`], [`DsseError::Oversize`] or [`DsseError::WrongType`].
    pub fn decode(bytes: &[u8], expected: PayloadType) -> Result<Self, DsseError> {
        Self::from_proto(proto::Signed::decode(bytes).map_err(|_| DsseError::Shape)?, expected)
    }

    /// Takes a `Signed` message of the expected type apart. The signature is not checked yet.
    ///
    /// # Errors
    /// [`DsseError::Shape`], [`DsseError::Oversize`] or [`DsseError::WrongType`].
    pub fn from_proto(message: proto::Signed, expected: PayloadType) -> Result<Self, DsseError> {
        if message.payload_type != expected.as_str() {
            return Err(DsseError::WrongType { expected });
        }
        if message.payload.len() > PAYLOAD_BYTES_MAX {
            return Err(DsseError::Oversize);
        }
        let signature = message.signature.as_slice().try_into().map_err(|_| DsseError::Shape)?;
        Ok(Self { payload_type: expected, payload: message.payload, signature })
    }

    /// The `Signed` message.
    pub fn to_proto(&self) -> proto::Signed {
        proto::Signed {
            payload_type: self.payload_type.as_str().to_owned(),
            payload: self.payload.clone(),
            signature: self.signature.to_vec(),
        }
    }

    /// The encoded `Signed` message.
    pub fn encode(&self) -> Vec<u8> {
        self.to_proto().encode_to_vec()
    }

    /// Checks that `key` signed the payload as a thing of the expected type, and gives the payload.
    ///
    /// # Errors
    /// [`DsseError::WrongType`] or [`DsseError::Signature`].
    pub fn verify(&self, expected: PayloadType, key: &VerifyKey) -> Result<&[u8], DsseError> {
        self.verify_any(expected, std::slice::from_ref(key))
    }

    /// Checks that one of `keys` signed the payload as a thing of the expected type, and gives the payload.
    ///
    /// # Errors
    /// [`DsseError::WrongType`] or [`DsseError::Signature`].
    pub fn verify_any(&self, expected: PayloadType, keys: &[VerifyKey]) -> Result<&[u8], DsseError> {
        if self.payload_type != expected {
            return Err(DsseError::WrongType { expected });
        }
        let encoding = pre_authentication_encoding(expected, &self.payload);
        let signed = keys.iter().any(|key| key.verifies(&encoding, &self.signature));
        if signed { Ok(&self.payload) } else { Err(DsseError::Signature) }
    }

    /// The identity: SHA-256 of the pre-authentication encoding.
    pub fn identity(&self) -> Digest {
        identity(self.payload_type, &self.payload)
    }

    /// What the payload is.
    pub fn payload_type(&self) -> PayloadType {
        self.payload_type
    }

    /// The payload, unverified: for storing and for reading who claims to have signed.
    pub fn payload_unverified(&self) -> &[u8] {
        &self.payload
    }

    /// The signature, 64 bytes.
    pub fn signature(&self) -> &[u8; SIGNATURE_BYTES] {
        &self.signature
    }
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signed({} {})", self.payload_type, self.identity())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn secret() -> SigningSecret {
        SigningSecret::from_bytes(&[1; 32])
    }

    #[test]
    fn the_encoding_is_dsse() {
        let encoding = pre_authentication_encoding(PayloadType::Receipt, b"hello world");
        assert_eq!(encoding, b"DSSEv1 42 application/vnd.relais.receipt.v1+protobuf 11 hello world");
    }

    #[test]
    fn no_two_things_share_a_type() {
        let names: BTreeSet<_> = PayloadType::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(names.len(), PayloadType::ALL.len());
        assert!(PayloadType::ALL.iter().all(|kind| PayloadType::parse(kind.as_str()) == Some(*kind)));
        assert_eq!(PayloadType::parse("application/json"), None);
    }

    #[test]
    fn signed_bytes_come_back_as_they_were() {
        let signed = Signed::sign(PayloadType::Receipt, vec![0xff, 0], &secret());
        let read = Signed::decode(&signed.encode(), PayloadType::Receipt).expect("well formed");
        assert_eq!(read.verify(PayloadType::Receipt, &secret().verify_key()), Ok(&[0xff, 0][..]));
        assert_eq!(read.identity(), identity(PayloadType::Receipt, &[0xff, 0]));
    }

    #[test]
    fn a_signature_of_one_type_is_none_of_another() {
        let expected = PayloadType::Consent;
        let signed = Signed::sign(PayloadType::Receipt, vec![1], &secret());
        assert_eq!(signed.verify(expected, &secret().verify_key()), Err(DsseError::WrongType { expected }));
        assert_eq!(Signed::decode(&signed.encode(), expected), Err(DsseError::WrongType { expected }));
        let relabelled = proto::Signed { payload_type: expected.as_str().to_owned(), ..signed.to_proto() };
        let relabelled = Signed::from_proto(relabelled, expected).expect("well formed");
        assert_eq!(relabelled.verify(expected, &secret().verify_key()), Err(DsseError::Signature));
    }

    #[test]
    fn another_key_or_another_byte_is_refused() {
        let signed = Signed::sign(PayloadType::Receipt, vec![1], &secret());
        let other = SigningSecret::from_bytes(&[2; 32]).verify_key();
        assert_eq!(signed.verify(PayloadType::Receipt, &other), Err(DsseError::Signature));
        assert!(signed.verify_any(PayloadType::Receipt, &[other, secret().verify_key()]).is_ok());
        assert_eq!(signed.verify_any(PayloadType::Receipt, &[]), Err(DsseError::Signature));
        let edited = Signed { payload: vec![2], ..signed };
        assert_eq!(edited.verify(PayloadType::Receipt, &secret().verify_key()), Err(DsseError::Signature));
    }

    #[test]
    fn short_signatures_and_long_payloads_are_refused() {
        let signed = Signed::sign(PayloadType::Receipt, vec![1], &secret());
        let short = proto::Signed { signature: vec![0; 63], ..signed.to_proto() };
        assert_eq!(Signed::from_proto(short, PayloadType::Receipt), Err(DsseError::Shape));
        let long = proto::Signed { payload: vec![0; PAYLOAD_BYTES_MAX + 1], ..signed.to_proto() };
        assert_eq!(Signed::from_proto(long, PayloadType::Receipt), Err(DsseError::Oversize));
        assert_eq!(Signed::decode(&[0xff], PayloadType::Receipt), Err(DsseError::Shape));
    }
}
