//! The proofs: possession of the manifest's signing key, knowledge of the invitation's secret, and the six words.
//!
//! Everything is bound to the TLS connection by its exporter, to both ids and both manifests, to who speaks and to the
//! agreement proposed, so that a proof is good for one side of one connection.

use super::{EXPORTER_BYTES, ProofKey, words::WORDS};
use crate::{
    dsse::{PayloadType, pre_authentication_encoding},
    keys::{SIGNATURE_BYTES, SigningSecret, VerifyKey},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use relais_domain::{digest::Digest, structure_id::StructureId};
use relais_proto::peer::v1 as proto;
use secrecy::ExposeSecret as _;
use sha2::Sha256;
use std::fmt;

/// Begins every transcript.
const TRANSCRIPT_LABEL: &[u8] = b"relais/pairing/transcript/v1";
/// Begins what the comparison phrase is computed from.
const PHRASE_LABEL: &[u8] = b"relais/pairing/phrase/v1";
/// Words in the comparison phrase: 48 bits.
pub const PHRASE_WORDS: usize = 6;

/// Which side of a pairing speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Made the invitation.
    Inviter,
    /// Was given the link.
    Joiner,
}

impl Role {
    /// The other side.
    pub const fn other(self) -> Self {
        match self {
            Self::Inviter => Self::Joiner,
            Self::Joiner => Self::Inviter,
        }
    }

    const fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::Inviter => b"inviter",
            Self::Joiner => b"joiner_",
        }
    }
}

/// One side: the structure and the identity of its current manifest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Party {
    /// The structure.
    pub structure: StructureId,
    /// Identity of its current manifest.
    pub manifest: Digest,
}

/// Why a proof is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ProofError {
    /// A field has not its length.
    #[error("not a pairing proof")]
    Shape,
    /// Both sides are one structure.
    #[error("a structure does not pair with itself")]
    SameStructure,
    /// The secret is not the invitation's, or the connection another: counts as a wrong proof.
    #[error("the secret of the invitation is not proven")]
    Secret,
    /// The signing key of the manifest is not proven.
    #[error("possession of the signing key is not proven")]
    Possession,
}

/// What both sides see of one pairing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Transcript {
    exporter: [u8; EXPORTER_BYTES],
    inviter: Party,
    joiner: Party,
}

impl Transcript {
    /// The transcript of a pairing over the connection with this exporter.
    ///
    /// # Errors
    /// [`ProofError::SameStructure`].
    pub fn new(exporter: [u8; EXPORTER_BYTES], inviter: Party, joiner: Party) -> Result<Self, ProofError> {
        let same = inviter.structure == joiner.structure;
        if same { Err(ProofError::SameStructure) } else { Ok(Self { exporter, inviter, joiner }) }
    }

    /// Makes the proof of the side `role`, which proposes the agreement of this hash.
    pub fn prove(&self, role: Role, agreement: Digest, signing: &SigningSecret, key: &ProofKey) -> Proof {
        let transcript = self.of(role, &agreement);
        let encoding = pre_authentication_encoding(PayloadType::PairingProof, &transcript);
        let secret_proof = mac(key, &transcript).finalize().into_bytes().into();
        Proof { possession: signing.sign(&encoding), secret_proof, agreement }
    }

    /// Checks the proof of the side `role`, whose manifest names `signing_keys`. The secret is checked first, in
    /// constant time.
    ///
    /// # Errors
    /// [`ProofError::Secret`] or [`ProofError::Possession`].
    pub fn verify(
        &self,
        role: Role,
        proof: &Proof,
        signing_keys: &[VerifyKey],
        key: &ProofKey,
    ) -> Result<(), ProofError> {
        let transcript = self.of(role, &proof.agreement);
        mac(key, &transcript).verify_slice(&proof.secret_proof).map_err(|_| ProofError::Secret)?;
        let encoding = pre_authentication_encoding(PayloadType::PairingProof, &transcript);
        let possessed = signing_keys.iter().any(|key| key.verifies(&encoding, &proof.possession));
        if possessed { Ok(()) } else { Err(ProofError::Possession) }
    }

    /// The six words that both admins compare; the same on both sides of one connection.
    pub fn phrase(&self) -> Phrase {
        let digest = self.hash_of(PHRASE_LABEL);
        let mut words = [""; PHRASE_WORDS];
        for (word, byte) in words.iter_mut().zip(digest.as_bytes()) {
            *word = WORDS[usize::from(*byte)];
        }
        Phrase(words)
    }

    /// Fixed lengths throughout, so that no two transcripts have one encoding.
    fn of(&self, role: Role, agreement: &Digest) -> Vec<u8> {
        let parts: [&[u8]; 8] = [
            TRANSCRIPT_LABEL,
            role.as_bytes(),
            &self.exporter,
            self.inviter.structure.as_bytes(),
            self.joiner.structure.as_bytes(),
            self.inviter.manifest.as_bytes(),
            self.joiner.manifest.as_bytes(),
            agreement.as_bytes(),
        ];
        parts.concat()
    }

    fn hash_of(&self, label: &[u8]) -> Digest {
        Digest::of_parts(&[
            label,
            &self.exporter,
            self.inviter.structure.as_bytes(),
            self.joiner.structure.as_bytes(),
            self.inviter.manifest.as_bytes(),
            self.joiner.manifest.as_bytes(),
        ])
    }
}

fn mac(key: &ProofKey, transcript: &[u8]) -> Hmac<Sha256> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key.0.expose_secret()).expect("HMAC takes keys of any length");
    mac.update(transcript);
    mac
}

/// What one side proves, and the agreement it proposes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proof {
    possession: [u8; SIGNATURE_BYTES],
    secret_proof: [u8; 32],
    agreement: Digest,
}

impl Proof {
    /// Reads a proof; it is not checked yet.
    ///
    /// # Errors
    /// [`ProofError::Shape`].
    pub fn from_proto(message: &proto::PairProof) -> Result<Self, ProofError> {
        Ok(Self {
            possession: message.possession.as_slice().try_into().map_err(|_| ProofError::Shape)?,
            secret_proof: message.secret_proof.as_slice().try_into().map_err(|_| ProofError::Shape)?,
            agreement: Digest::from_slice(&message.agreement_hash).ok_or(ProofError::Shape)?,
        })
    }

    /// The proof on the wire.
    pub fn to_proto(&self) -> proto::PairProof {
        proto::PairProof {
            possession: self.possession.to_vec(),
            secret_proof: self.secret_proof.to_vec(),
            agreement_hash: self.agreement.as_bytes().to_vec(),
        }
    }

    /// SHA-256 of the partnership agreement that side proposes.
    pub fn agreement(&self) -> Digest {
        self.agreement
    }
}

/// Six words to compare aloud.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Phrase([&'static str; PHRASE_WORDS]);

impl Phrase {
    /// The words, in order.
    pub fn words(&self) -> &[&'static str; PHRASE_WORDS] {
        &self.0
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}
