//! The manifest: what a structure says of its keys and doors, signed by its root key.
//!
//! Here one manifest is made and admitted by itself; [`chain`] links them and withstands a thief of the root. A name, a
//! kind and an endpoint are claims. No clock: validity is answered for a given instant.

pub mod chain;
mod error;
mod kind;
mod read;

#[cfg(test)]
mod tests;

pub use error::{Equivocation, ManifestError, ManifestField};
pub use kind::StructureKind;

use crate::{
    dsse::{PayloadType, Signed},
    endpoint::Endpoint,
    keys::{SealKey, SigningSecret, VerifyKey},
};
use prost::Message as _;
use relais_domain::{
    digest::Digest,
    structure_id::StructureId,
    time::{Span, Timestamp},
};
use relais_proto::peer::v1 as proto;

/// Format of manifests this program makes and admits.
pub const MANIFEST_VERSION: u32 = 1;
/// Longest signed manifest, encoded, in bytes.
pub const MANIFEST_BYTES_MAX: usize = 16 * 1024;
/// Most keys of one use in a manifest.
pub const KEYS_MAX: usize = 8;
/// Most endpoints in a manifest.
pub const ENDPOINTS_MAX: usize = 8;
/// Most endpoints of the pairing listener in a manifest.
pub const PAIRING_ENDPOINTS_MAX: usize = 3;
/// Longest TLS CA certificate, DER, in bytes.
pub const TLS_CA_BYTES_MAX: usize = 4 * 1024;
/// Longest sealing key of a suite this program does not know, in bytes.
pub const SEALING_KEY_BYTES_MAX: usize = 2 * 1024;
/// Longest time a manifest may be valid.
pub const VALIDITY_MAX: Span = Span::days(731);

/// A key that content may be sealed to, with its suite.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SealingKey {
    /// Suite 1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305.
    X25519(SealKey),
    /// A suite this program does not know: kept, not used.
    Unknown {
        /// Number of the suite.
        suite: u32,
        /// Public key in that suite's serialisation.
        public_key: Vec<u8>,
    },
}

/// What a structure says of itself in one manifest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claims {
    /// The structure's own TLS CA certificate, DER; peers pin its SPKI.
    pub tls_ca_der: Vec<u8>,
    /// Keys that sign envelopes, receipts and consents; 1 to [`KEYS_MAX`].
    pub signing_keys: Vec<VerifyKey>,
    /// Keys that content may be sealed to, preferred first; 1 to [`KEYS_MAX`].
    pub sealing_keys: Vec<SealingKey>,
    /// Keys that sign and cosign checkpoints; at most [`KEYS_MAX`].
    pub witness_keys: Vec<VerifyKey>,
    /// Where the node listens; at most [`ENDPOINTS_MAX`].
    pub endpoints: Vec<Endpoint>,
    /// Where it listens for those who ask to be introduced; at most [`PAIRING_ENDPOINTS_MAX`].
    pub pairing_endpoints: Vec<Endpoint>,
    /// The structure's name.
    pub name: String,
    /// The structure's kind.
    pub kind: StructureKind,
    /// First instant of validity.
    pub valid_from: Timestamp,
    /// First instant after validity.
    pub valid_until: Timestamp,
}

/// Where a manifest stands in its structure's chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Link {
    /// The structure.
    pub structure: StructureId,
    /// 1 for the first manifest, one more for each that follows.
    pub sequence: u64,
    /// Identity of the manifest before; `None` in the first.
    pub previous: Option<Digest>,
    /// SHA-256 of the SPKI of the next root key.
    pub next_root: Digest,
}

/// How a manifest stands at an instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Validity {
    /// Its first instant is still to come.
    NotYet,
    /// It holds.
    Valid,
    /// It has expired: disclosures wait, stops and erasures pass.
    Expired,
}

/// A manifest that is well formed in itself and signed by the root key it names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Manifest {
    link: Link,
    root: VerifyKey,
    claims: Claims,
    signed: Signed,
    identity: Digest,
}

impl Manifest {
    /// Makes the first manifest of a structure, whose id follows from `root`.
    ///
    /// # Errors
    /// [`ManifestError`] when the claims are out of bounds.
    pub fn first(claims: &Claims, root: &SigningSecret, next_root: Digest) -> Result<Self, ManifestError> {
        let structure = root.verify_key().structure_id();
        Self::sign(Link { structure, sequence: 1, previous: None, next_root }, claims, root)
    }

    /// Signs a manifest at its place in the chain, and admits the result like a stranger's.
    fn sign(link: Link, claims: &Claims, root: &SigningSecret) -> Result<Self, ManifestError> {
        let payload = to_proto(&link, claims, &root.verify_key()).encode_to_vec();
        Self::admit_signed(Signed::sign(PayloadType::Manifest, payload, root))
    }

    /// Admits an encoded `Signed` manifest by itself: shape, bounds, keys, signature by its own root.
    ///
    /// # Errors
    /// [`ManifestError`] names what does not fit.
    pub fn admit(bytes: &[u8]) -> Result<Self, ManifestError> {
        if bytes.len() > MANIFEST_BYTES_MAX {
            return Err(ManifestError::Oversize);
        }
        Self::admit_signed(Signed::decode(bytes, PayloadType::Manifest)?)
    }

    /// Admits a signed manifest by itself, as [`Manifest::admit`].
    ///
    /// # Errors
    /// [`ManifestError`] names what does not fit.
    pub fn admit_signed(signed: Signed) -> Result<Self, ManifestError> {
        if signed.to_proto().encoded_len() > MANIFEST_BYTES_MAX {
            return Err(ManifestError::Oversize);
        }
        let message =
            proto::Manifest::decode(signed.payload_unverified()).map_err(|_| ManifestError::Shape)?;
        let root = read::root(&message)?;
        signed.verify(PayloadType::Manifest, &root)?;
        let (link, claims) = (read::link(&message, &root)?, read::claims(message)?);
        let identity = signed.identity();
        Ok(Self { link, root, claims, signed, identity })
    }

    /// Where the manifest stands in its chain.
    pub fn link(&self) -> &Link {
        &self.link
    }

    /// The structure it speaks for.
    pub fn structure(&self) -> StructureId {
        self.link.structure
    }

    /// Its sequence, from 1.
    pub fn sequence(&self) -> u64 {
        self.link.sequence
    }

    /// The root key that signed it.
    pub fn root(&self) -> &VerifyKey {
        &self.root
    }

    /// What it says.
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The signed bytes, as made or received: what is stored and forwarded.
    pub fn signed(&self) -> &Signed {
        &self.signed
    }

    /// Its identity: what the next manifest names as the one before.
    pub fn identity(&self) -> Digest {
        self.identity
    }

    /// The preferred sealing key of a suite this program knows.
    pub fn seal_key(&self) -> Option<SealKey> {
        self.claims.sealing_keys.iter().find_map(|key| match key {
            SealingKey::X25519(key) => Some(*key),
            SealingKey::Unknown { .. } => None,
        })
    }

    /// How the manifest stands at `now`.
    pub fn validity_at(&self, now: Timestamp) -> Validity {
        if now < self.claims.valid_from {
            Validity::NotYet
        } else if now < self.claims.valid_until {
            Validity::Valid
        } else {
            Validity::Expired
        }
    }
}

fn to_proto(link: &Link, claims: &Claims, root: &VerifyKey) -> proto::Manifest {
    let spki_of = |keys: &[VerifyKey]| keys.iter().map(|key| key.to_spki().to_vec()).collect();
    let written = |endpoints: &[Endpoint]| {
        endpoints.iter().map(|endpoint| endpoint.as_str().to_owned()).collect::<Vec<_>>()
    };
    proto::Manifest {
        version: MANIFEST_VERSION,
        structure_id: link.structure.as_bytes().to_vec(),
        sequence: link.sequence,
        previous_hash: link.previous.map_or_else(Vec::new, |hash| hash.as_bytes().to_vec()),
        root_spki: root.to_spki().to_vec(),
        tls_ca_der: claims.tls_ca_der.clone(),
        signing_key_spki: spki_of(&claims.signing_keys),
        sealing_keys: claims.sealing_keys.iter().map(sealing_key_to_proto).collect(),
        witness_key_spki: spki_of(&claims.witness_keys),
        endpoints: written(&claims.endpoints),
        name: claims.name.clone(),
        kind: claims.kind.to_proto().into(),
        valid_from_ms: claims.valid_from.0,
        valid_until_ms: claims.valid_until.0,
        next_root_hash: link.next_root.as_bytes().to_vec(),
        pairing_endpoints: written(&claims.pairing_endpoints),
    }
}

fn sealing_key_to_proto(key: &SealingKey) -> proto::SealingKey {
    match key {
        SealingKey::X25519(key) => {
            proto::SealingKey { suite: crate::seal::SUITE_X25519, public_key: key.as_bytes().to_vec() }
        }
        SealingKey::Unknown { suite, public_key } => {
            proto::SealingKey { suite: *suite, public_key: public_key.clone() }
        }
    }
}
