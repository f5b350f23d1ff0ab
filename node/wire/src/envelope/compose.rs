//! Composing an event: nothing is signed without a permit that covers it, or that its recipient would refuse to read.

use super::{PARTS_BYTES_MAX, carried, names_consent, parts, skeleton};
use crate::content::{self, ContentError, PART_CONSENT};
use crate::dsse::{PayloadType, Signed};
use crate::field::{BadField, Problem};
use crate::keys::{SIGNATURE_BYTES, SigningSecret};
use crate::seal;
use prost::Message as _;
use rand_core::CryptoRng;
use relais_domain::consent::Permit;
use relais_domain::content::Content;
use relais_domain::digest::Digest;
use relais_domain::event::Skeleton;
use std::fmt;

/// An event signed by this node, not sealed yet.
#[derive(Clone, PartialEq, Eq)]
pub struct Composed {
    /// What is signed, commitments included.
    pub skeleton: Skeleton,
    /// The event's identity.
    pub identity: Digest,
    /// The exact bytes that are signed.
    pub payload: Vec<u8>,
    /// The author's signature.
    pub signature: [u8; SIGNATURE_BYTES],
    /// Salts and content, in the open: to be kept sealed at rest.
    pub parts: Vec<u8>,
}

impl fmt::Debug for Composed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Composed({}, [sealed content])", self.identity)
    }
}

/// Why an event is not composed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ComposeError {
    /// The permit is for another recipient.
    #[error("the permit is for another recipient")]
    OtherRecipient,
    /// The permit, or the consent carried, is not the consent the skeleton names.
    #[error("the permit or the content rests on another consent")]
    OtherConsent,
    /// The permit does not cover the content.
    #[error("the permit does not cover the content")]
    NotCovered,
    /// This kind of event never carries this part.
    #[error("this kind of event does not carry part {part}")]
    NotCarried {
        /// Number of the part.
        part: u32,
    },
    /// The recipient would refuse the content.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// The recipient would refuse the skeleton.
    #[error(transparent)]
    Skeleton(#[from] BadField),
    /// The content does not fit [`PARTS_BYTES_MAX`].
    #[error("the content is too long")]
    TooLong,
}

/// Composes and signs an event. The commitments of `skeleton` are made here; what it holds of them is replaced.
///
/// # Errors
/// [`ComposeError`]: without a permit for this recipient, this consent and this content nothing is signed.
pub fn compose(
    skeleton: Skeleton,
    content: &Content,
    permit: &Permit,
    key: &SigningSecret,
    rng: &mut impl CryptoRng,
) -> Result<Composed, ComposeError> {
    permitted(&skeleton, content, permit)?;
    let encoded = content::encode(content);
    carried(&skeleton, encoded.iter().map(|(part, _)| *part))
        .map_err(|part| ComposeError::NotCarried { part })?;
    readable(content, &encoded)?;
    let salted = parts::salt(encoded, rng);
    let commitments = salted.iter().map(|part| (part.class, seal::commitment(part))).collect();
    let skeleton = Skeleton { commitments, ..skeleton };
    let parts = parts::encode(salted);
    if parts.len() > PARTS_BYTES_MAX {
        return Err(ComposeError::TooLong);
    }
    skeleton::check(&skeleton)?;
    let payload = skeleton::to_proto(&skeleton).encode_to_vec();
    let signed = Signed::sign(PayloadType::Envelope, payload, key);
    Ok(Composed {
        skeleton,
        identity: signed.identity(),
        payload: signed.payload_unverified().to_vec(),
        signature: *signed.signature(),
        parts,
    })
}

fn permitted(skeleton: &Skeleton, content: &Content, permit: &Permit) -> Result<(), ComposeError> {
    if permit.recipient() != skeleton.recipient {
        return Err(ComposeError::OtherRecipient);
    }
    if permit.consent() != skeleton.consent || !names_consent(skeleton, content) {
        return Err(ComposeError::OtherConsent);
    }
    if permit.covers(content) { Ok(()) } else { Err(ComposeError::NotCovered) }
}

/// Reads back what was encoded: nothing is signed that the recipient would refuse to read.
fn readable(content: &Content, encoded: &[(u32, Vec<u8>)]) -> Result<(), ContentError> {
    let borrowed: Vec<(u32, &[u8])> = encoded.iter().map(|(part, bytes)| (*part, bytes.as_slice())).collect();
    // Every other class is made of what its bytes say; a consent also holds what it was read from.
    let unfaithful = || ContentError::of_part(PART_CONSENT, Problem::NotCanonical);
    if content::decode(&borrowed)? == *content { Ok(()) } else { Err(unfaithful()) }
}
