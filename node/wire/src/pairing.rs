//! Pairing: the pure parts of how two structures come to know each other's keys.
//!
//! A link carries the inviter's id and a secret out of band; both sides prove, on one TLS connection, that they hold the
//! keys their manifest names and know the secret; two admins compare six words and confirm. Sockets, attempts and
//! expiry are judged by the caller.

mod endorsements;
mod frames;
mod link;
mod proof;
mod words;

#[cfg(test)]
mod tests;

pub use endorsements::{
    ENDORSEMENT_SIGNED_BYTES_MAX, ENDORSEMENTS_SHOWN_MAX, endorsements_frame, read_endorsements,
};
pub use frames::{
    CONFIRMATION_VERSION, Confirmation, FRAME_MANIFESTS_MAX, FrameError, Introduction, IntroductionReader,
    SITES_MAX, introduce_frames, offer_frames, open_frames,
};
pub use link::{LINK_BYTES_MAX, LinkError, parse_link};
pub use proof::{PHRASE_WORDS, Party, Phrase, Proof, ProofError, Role, Transcript};

use crate::endpoint::Endpoint;
use rand_core::CryptoRng;
use relais_domain::{
    digest::Digest,
    structure_id::StructureId,
    time::{Span, Timestamp},
};
use secrecy::{ExposeSecret as _, SecretBox};
use std::fmt;
use zeroize::Zeroizing;

/// Version of the pairing this program speaks.
pub const PAIRING_VERSION: u32 = 1;
/// Label of the TLS exporter (RFC 8446 §7.5) that binds a pairing to its connection; no context, 32 bytes.
pub const EXPORTER_LABEL: &[u8] = b"EXPORTER-relais-pairing-v1";
/// Length of the TLS exporter's output, in bytes.
pub const EXPORTER_BYTES: usize = 32;
/// Longest an invitation may be open.
pub const INVITATION_LIFETIME_MAX: Span = Span::hours(72);
/// Wrong proofs after which an invitation is dead.
pub const WRONG_PROOFS_MAX: u32 = 3;
/// Length of an invitation's secret, in bytes.
pub const SECRET_BYTES: usize = 16;
/// Says what the key derived from an invitation's secret is for.
const PROOF_KEY_LABEL: &[u8] = b"relais/pairing/proof-key/v1";

/// The number an invitation is found by: 64 random bits, no secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct InvitationNumber(pub [u8; 8]);

impl InvitationNumber {
    /// Draws a number from `rng`.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut number = [0; 8];
        rng.fill_bytes(&mut number);
        Self(number)
    }

    /// Reads a number from exactly 8 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

/// The secret of an invitation: 128 random bits, in the link alone. Wiped when dropped.
pub struct InvitationSecret(SecretBox<[u8; SECRET_BYTES]>);

impl InvitationSecret {
    /// Draws a secret from `rng`.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(SecretBox::init_with_mut(|secret: &mut [u8; SECRET_BYTES]| rng.fill_bytes(secret)))
    }

    /// The secret of these bytes.
    pub fn from_bytes(bytes: &[u8; SECRET_BYTES]) -> Self {
        Self(SecretBox::init_with_mut(|secret: &mut [u8; SECRET_BYTES]| *secret = *bytes))
    }

    /// The bytes: for the link alone.
    pub(crate) fn expose(&self) -> &[u8; SECRET_BYTES] {
        self.0.expose_secret()
    }

    /// The key proofs are made and checked with: a hash of the secret, so that the inviter need not keep the secret and
    /// its store gives no link away.
    pub fn proof_key(&self) -> ProofKey {
        ProofKey::from_bytes(Digest::of_parts(&[PROOF_KEY_LABEL, self.expose()]).as_bytes())
    }
}

impl fmt::Debug for InvitationSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// What the inviter keeps of an invitation's secret. Wiped when dropped.
pub struct ProofKey(SecretBox<[u8; 32]>);

impl ProofKey {
    /// The key of these bytes, as stored.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(SecretBox::init_with_mut(|secret: &mut [u8; 32]| *secret = *bytes))
    }

    /// The bytes: for the invitations table alone.
    pub fn expose_secret_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(*self.0.expose_secret())
    }
}

impl fmt::Debug for ProofKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// An invitation to pair, as the link carries it.
#[derive(Debug)]
pub struct Invitation {
    /// Where the inviter's pairing listener is; 1 to [`Invitation::ENDPOINTS_MAX`].
    pub endpoints: Vec<Endpoint>,
    /// The inviter: the joiner trusts no other.
    pub inviter: StructureId,
    /// The number the inviter finds it by.
    pub number: InvitationNumber,
    /// The secret.
    pub secret: InvitationSecret,
    /// When it ends, to the second.
    pub expires: Timestamp,
}

impl Invitation {
    /// Most endpoints in a link.
    pub const ENDPOINTS_MAX: usize = 3;
}
