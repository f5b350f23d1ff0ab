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

/// What brings two structures together: a proof and a phrase of one are none of the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Occasion {
    /// An invitation: its maker is the inviter, and both know its secret.
    Invitation,
    /// An introduction: who is asked stands for the inviter, and there is no secret.
    Introduction,
}

impl Occasion {
    /// Begins every transcript.
    const fn transcript_label(self) -> &'static [u8] {
        match self {
            Self::Invitation => b"relais/pairing/transcript/v1",
            Self::Introduction => b"relais/introduction/transcript/v1",
        }
    }

    /// Begins what the comparison phrase is computed from.
    const fn phrase_label(self) -> &'static [u8] {
        match self {
            Self::Invitation => b"relais/pairing/phrase/v1",
            Self::Introduction => b"relais/introduction/phrase/v1",
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
    occasion: Occasion,
    exporter: [u8; EXPORTER_BYTES],
    inviter: Party,
    joiner: Party,
}

impl Transcript {
    /// The transcript of a pairing by invitation over the connection with this exporter.
    ///
    /// # Errors
    /// [`ProofError::SameStructure`].
    pub fn new(exporter: [u8; EXPORTER_BYTES], inviter: Party, joiner: Party) -> Result<Self, ProofError> {
        Self::of_occasion(Occasion::Invitation, exporter, inviter, joiner)
    }

    /// The transcript of an introduction: who is `asked` stands for the inviter, the `asker` for the joiner.
    ///
    /// # Errors
    /// [`ProofError::SameStructure`].
    pub fn of_introduction(
        exporter: [u8; EXPORTER_BYTES],
        asked: Party,
        asker: Party,
    ) -> Result<Self, ProofError> {
        Self::of_occasion(Occasion::Introduction, exporter, asked, asker)
    }

    fn of_occasion(
        occasion: Occasion,
        exporter: [u8; EXPORTER_BYTES],
        inviter: Party,
        joiner: Party,
    ) -> Result<Self, ProofError> {
        let same = inviter.structure == joiner.structure;
        if same { Err(ProofError::SameStructure) } else { Ok(Self { occasion, exporter, inviter, joiner }) }
    }

    /// Makes the proof of the side `role`, which proposes the agreement of this hash.
    pub fn prove(&self, role: Role, agreement: Digest, signing: &SigningSecret, key: &ProofKey) -> Proof {
        let transcript = self.of(role, &agreement);
        let secret_proof = mac(key, &transcript).finalize().into_bytes().into();
        Proof { secret_proof: Some(secret_proof), ..self.prove_possession(role, agreement, signing) }
    }

    /// Makes the proof of an introduction: the key alone.
    pub fn prove_possession(&self, role: Role, agreement: Digest, signing: &SigningSecret) -> Proof {
        let encoding = pre_authentication_encoding(PayloadType::PairingProof, &self.of(role, &agreement));
        Proof { possession: signing.sign(&encoding), secret_proof: None, agreement }
    }

    /// Checks the proof of the side `role`, whose manifest names `signing_keys`. The secret is checked first, in
    /// constant time.
    ///
    /// # Errors
    /// [`ProofError::Secret`] or [`ProofError::Possession`]; [`ProofError::Shape`] when no secret is proven.
    pub fn verify(
        &self,
        role: Role,
        proof: &Proof,
        signing_keys: &[VerifyKey],
        key: &ProofKey,
    ) -> Result<(), ProofError> {
        let transcript = self.of(role, &proof.agreement);
        let secret_proof = proof.secret_proof.ok_or(ProofError::Shape)?;
        mac(key, &transcript).verify_slice(&secret_proof).map_err(|_| ProofError::Secret)?;
        self.verify_possession_of(role, proof, signing_keys)
    }

    /// Checks the proof of an introduction, which has no secret.
    ///
    /// # Errors
    /// [`ProofError::Shape`] when it proves a secret, [`ProofError::Possession`].
    pub fn verify_possession(
        &self,
        role: Role,
        proof: &Proof,
        signing_keys: &[VerifyKey],
    ) -> Result<(), ProofError> {
        match proof.secret_proof {
            Some(_) => Err(ProofError::Shape),
            None => self.verify_possession_of(role, proof, signing_keys),
        }
    }

    fn verify_possession_of(
        &self,
        role: Role,
        proof: &Proof,
        signing_keys: &[VerifyKey],
    ) -> Result<(), ProofError> {
        let transcript = self.of(role, &proof.agreement);
        let encoding = pre_authentication_encoding(PayloadType::PairingProof, &transcript);
        let possessed = signing_keys.iter().any(|key| key.verifies(&encoding, &proof.possession));
        if possessed { Ok(()) } else { Err(ProofError::Possession) }
    }

    /// The six words that both admins compare; the same on both sides of one connection.
    pub fn phrase(&self) -> Phrase {
        let digest = self.hash_of(self.occasion.phrase_label());
        let mut words = [""; PHRASE_WORDS];
        for (word, byte) in words.iter_mut().zip(digest.as_bytes()) {
            *word = WORDS[usize::from(*byte)];
        }
        Phrase(words)
    }

    /// Fixed lengths throughout, so that no two transcripts have one encoding.
    fn of(&self, role: Role, agreement: &Digest) -> Vec<u8> {
        let parts: [&[u8]; 8] = [
            self.occasion.transcript_label(),
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
    secret_proof: Option<[u8; 32]>,
    agreement: Digest,
}

impl Proof {
    /// Reads a proof; it is not checked yet.
    ///
    /// # Errors
    /// [`ProofError::Shape`].
    pub fn from_proto(message: &proto::PairProof) -> Result<Self, ProofError> {
        let secret_proof = match message.secret_proof.as_slice() {
            [] => None,
            proof => Some(proof.try_into().map_err(|_| ProofError::Shape)?),
        };
        Ok(Self {
            possession: message.possession.as_slice().try_into().map_err(|_| ProofError::Shape)?,
            secret_proof,
            agreement: Digest::from_slice(&message.agreement_hash).ok_or(ProofError::Shape)?,
        })
    }

    /// The proof on the wire.
    pub fn to_proto(&self) -> proto::PairProof {
        proto::PairProof {
            possession: self.possession.to_vec(),
            secret_proof: self.secret_proof.map(Vec::from).unwrap_or_default(),
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
