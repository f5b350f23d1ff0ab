//! The envelope: one event on its way, its skeleton signed and its content sealed to the only structure it is for.
//!
//! Composed once and stored; sealed anew each time it leaves, to the recipient's key of that day. What arrives is
//! [`read`], then [`Received::verify`]'d, then [`open`]ed, in this order; nothing is trusted before its step. Every
//! part opened must be one the signature committed to, and one that this kind of event may carry.

mod carries;
mod parts;
mod skeleton;

#[cfg(test)]
mod tests;

pub use carries::may_carry;
pub use parts::PartsError;
pub use skeleton::{DAY_MAX, DAY_MIN, SKELETON_VERSION};

use crate::content::{self, ContentError, PART_CONSENT};
use crate::dsse::{self, PayloadType, Signed};
use crate::field::{self, BadField, Problem};
use crate::keys::{SIGNATURE_BYTES, SealKey, SigningSecret, VerifyKey};
use crate::seal::{self, BUCKET_BYTES_MAX, KeyRing, SealError, SealedBox};
use prost::Message as _;
use rand_core::CryptoRng;
use relais_domain::consent::Permit;
use relais_domain::content::Content;
use relais_domain::digest::Digest;
use relais_domain::event::Skeleton;
use relais_proto::peer::v1 as proto;
use std::fmt;

/// Longest envelope on the wire, in bytes.
pub const ENVELOPE_BYTES_MAX: usize = 48 * 1024;
/// Longest signed skeleton, in bytes.
pub const SKELETON_BYTES_MAX: usize = 4 * 1024;
/// Longest content, salts included, in bytes: what fits the largest sealed size, whatever the padding.
pub const PARTS_BYTES_MAX: usize = BUCKET_BYTES_MAX - 8;
/// Longest encapsulated key of any suite, in bytes.
const ENCAPSULATED_KEY_BYTES_MAX: usize = 2 * 1024;

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

/// Whether the consent carried, if any, is the one the skeleton names.
fn names_consent(skeleton: &Skeleton, content: &Content) -> bool {
    content.consent.as_ref().is_none_or(|consent| consent.digest == skeleton.consent)
}

/// The first part that this kind of event never carries, as an error.
fn carried(skeleton: &Skeleton, mut parts: impl Iterator<Item = u32>) -> Result<(), u32> {
    match parts.find(|part| !may_carry(skeleton.kind).contains(part)) {
        Some(part) => Err(part),
        None => Ok(()),
    }
}

/// Reads back what was encoded: nothing is signed that the recipient would refuse to read.
fn readable(content: &Content, encoded: &[(u32, Vec<u8>)]) -> Result<(), ContentError> {
    let borrowed: Vec<(u32, &[u8])> = encoded.iter().map(|(part, bytes)| (*part, bytes.as_slice())).collect();
    // Every other class is made of what its bytes say; a consent also holds what it was read from.
    let unfaithful = || ContentError::of_part(PART_CONSENT, Problem::NotCanonical);
    if content::decode(&borrowed)? == *content { Ok(()) } else { Err(unfaithful()) }
}

/// Why a stored event does not leave.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DispatchError {
    /// What was stored is not what [`compose`] made.
    #[error("the stored event contradicts itself")]
    Corrupt,
    /// The content could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The envelope does not fit [`ENVELOPE_BYTES_MAX`].
    #[error("the envelope is too big")]
    TooBig,
}

/// Makes the bytes of an envelope, its content sealed now to the recipient's key; without `parts` (content erased
/// before delivery) it carries the skeleton alone.
///
/// # Errors
/// [`DispatchError`].
pub fn dispatch(
    payload: &[u8],
    signature: &[u8; SIGNATURE_BYTES],
    parts: Option<&[u8]>,
    recipient_key: &SealKey,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, DispatchError> {
    let identity = dsse::identity(PayloadType::Envelope, payload);
    let parts = parts.map(parts::decode).transpose().map_err(|_| DispatchError::Corrupt)?;
    let sealed = match parts {
        Some(parts) if !parts.is_empty() => Some(seal::seal(parts, recipient_key, &identity, rng)?),
        Some(_) | None => None,
    };
    let bytes = to_proto(payload, signature, sealed.as_ref()).encode_to_vec();
    if bytes.len() > ENVELOPE_BYTES_MAX { Err(DispatchError::TooBig) } else { Ok(bytes) }
}

fn to_proto(payload: &[u8], signature: &[u8], sealed: Option<&SealedBox>) -> proto::Envelope {
    proto::Envelope {
        payload: payload.to_vec(),
        signature: signature.to_vec(),
        sealed: sealed.map(SealedBox::to_proto),
    }
}

/// Why bytes are not an envelope, or not one that its author signed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// Longer than [`ENVELOPE_BYTES_MAX`].
    #[error("the envelope is too big")]
    TooBig,
    /// A field is wrong.
    #[error(transparent)]
    Field(#[from] BadField),
    /// None of the author's keys signed.
    #[error("the signature does not verify")]
    Signature,
}

/// An envelope that arrived: well formed, nothing more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Received {
    /// What the signed bytes say.
    pub skeleton: Skeleton,
    /// The exact signed bytes.
    pub payload: Vec<u8>,
    /// The signature, unverified.
    pub signature: [u8; SIGNATURE_BYTES],
    /// The sealed content, unopened.
    pub sealed: Option<SealedBox>,
    /// The event's identity.
    pub identity: Digest,
}

/// Reads an envelope. The signature is not checked and nothing is opened.
///
/// # Errors
/// [`EnvelopeError::TooBig`], or [`EnvelopeError::Field`] naming the first field that is not well formed.
pub fn read(bytes: &[u8]) -> Result<Received, EnvelopeError> {
    if bytes.len() > ENVELOPE_BYTES_MAX {
        return Err(EnvelopeError::TooBig);
    }
    let proto::Envelope { payload, signature, sealed } = field::message(bytes)?;
    let signature: [u8; SIGNATURE_BYTES] = field::valid("signature", signature.as_slice().try_into().ok())?;
    let sealed = sealed.map(sealed_box).transpose()?;
    field::canonical(bytes, &to_proto(&payload, &signature, sealed.as_ref()))?;
    if payload.len() > SKELETON_BYTES_MAX {
        return Err(BadField::new("payload", Problem::TooLong).into());
    }
    let skeleton = skeleton::read(&payload)?;
    let identity = dsse::identity(PayloadType::Envelope, &payload);
    Ok(Received { skeleton, payload, signature, sealed, identity })
}

fn sealed_box(message: proto::SealedBox) -> Result<SealedBox, BadField> {
    if message.encapsulated_key.len() > ENCAPSULATED_KEY_BYTES_MAX {
        return Err(BadField::new("sealed.encapsulated_key", Problem::TooLong));
    }
    SealedBox::from_proto(message).map_err(|error| {
        let problem = if error == SealError::Oversize { Problem::TooLong } else { Problem::Invalid };
        BadField::new("sealed", problem)
    })
}

impl Received {
    /// Checks that one of the author's keys signed.
    ///
    /// # Errors
    /// [`EnvelopeError::Signature`].
    pub fn verify(&self, keys: &[VerifyKey]) -> Result<(), EnvelopeError> {
        let encoding = dsse::pre_authentication_encoding(PayloadType::Envelope, &self.payload);
        let good = keys.iter().any(|key| key.verifies(&encoding, &self.signature));
        if good { Ok(()) } else { Err(EnvelopeError::Signature) }
    }
}

/// Content that arrived, opened.
#[derive(Clone, PartialEq, Eq)]
pub struct Opened {
    /// What it says.
    pub content: Content,
    /// Salts and content, in the open: to be kept sealed at rest.
    pub parts: Vec<u8>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opened([sealed content])")
    }
}

/// Why content is not opened. It never tells anything of the content.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OpenError {
    /// The envelope carries no sealed content.
    #[error("the envelope carries no sealed content")]
    Absent,
    /// None of the node's keys opens it: the sender is asked to seal again.
    #[error("no key opens the content")]
    NoKey,
    /// It does not open, or is not what any sender writes.
    #[error("the content does not open")]
    Broken,
    /// A part is not what the signature committed to, or one of the two is missing.
    #[error("part {part} is not what was signed")]
    Commitments {
        /// Number of the first such part.
        part: u32,
    },
    /// This kind of event never carries this part.
    #[error("this kind of event does not carry part {part}")]
    NotCarried {
        /// Number of the part.
        part: u32,
    },
    /// The consent carried is not the one the skeleton names.
    #[error("the consent carried is not the one that was signed")]
    OtherConsent,
    /// A part cannot be read.
    #[error(transparent)]
    Content(#[from] ContentError),
}

/// Opens the content of an envelope with the node's keys. The signature must have been verified before.
///
/// # Errors
/// [`OpenError`].
pub fn open(received: &Received, ring: &KeyRing) -> Result<Opened, OpenError> {
    let sealed = received.sealed.as_ref().ok_or(OpenError::Absent)?;
    let parts = ring.open(sealed, &received.identity).map_err(|error| match error {
        SealError::NoKey | SealError::Suite(_) => OpenError::NoKey,
        SealError::Shape
        | SealError::Broken
        | SealError::NotCanonical
        | SealError::Parts
        | SealError::Oversize
        | SealError::Key(_) => OpenError::Broken,
    })?;
    let skeleton = &received.skeleton;
    parts::committed(&parts, &skeleton.commitments).map_err(|part| OpenError::Commitments { part })?;
    carried(skeleton, parts.iter().map(|part| part.class)).map_err(|part| OpenError::NotCarried { part })?;
    let content = parts::content(&parts)?;
    if !names_consent(skeleton, &content) {
        return Err(OpenError::OtherConsent);
    }
    Ok(Opened { content, parts: parts::encode(parts) })
}

/// Reads the parts kept at rest, whole or blanked, and checks them against the commitments of their skeleton. Only what
/// may be voided may be blanked.
///
/// # Errors
/// [`PartsError`]: what was stored is not what was composed or opened.
pub fn reopen(parts: &[u8], skeleton: &Skeleton) -> Result<Content, PartsError> {
    let parts = parts::decode(parts)?;
    parts::kept(&parts, skeleton).map_err(|part| PartsError::Commitments { part })?;
    Ok(parts::content(&parts)?)
}

/// What a `Voided` leaves of the parts kept at rest of the event it blanks: its instants alone, and nothing when it had
/// none.
///
/// # Errors
/// [`PartsError`]: what is stored contradicts itself.
pub fn blanked(parts: &[u8]) -> Result<Option<Vec<u8>>, PartsError> {
    let left = parts::blanked(parts::decode(parts)?);
    Ok(if left.is_empty() { None } else { Some(parts::encode(left)) })
}

/// Reads the skeleton out of signed bytes that this node stored after verifying them.
///
/// # Errors
/// [`BadField`] names the field: what is stored contradicts itself.
pub fn stored_skeleton(payload: &[u8]) -> Result<Skeleton, BadField> {
    skeleton::read(payload)
}

/// Encodes content that stays in this node: a local step, or stage 2 kept until the acceptance.
pub fn shelve(content: &Content, rng: &mut impl CryptoRng) -> Vec<u8> {
    parts::encode(parts::salt(content::encode(content), rng))
}

/// Reads what [`shelve`] encoded.
///
/// # Errors
/// [`PartsError`]: what is stored contradicts itself.
pub fn unshelve(bytes: &[u8]) -> Result<Content, PartsError> {
    Ok(parts::content(&parts::decode(bytes)?)?)
}
