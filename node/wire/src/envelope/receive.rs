//! Reading an envelope that arrived, and checking that its author signed it. Nothing is opened.

use super::{ENVELOPE_BYTES_MAX, SKELETON_BYTES_MAX, skeleton, to_proto};
use crate::dsse::{self, PayloadType};
use crate::field::{self, BadField, Problem};
use crate::keys::{SIGNATURE_BYTES, VerifyKey};
use crate::seal::{SealError, SealedBox};
use relais_domain::digest::Digest;
use relais_domain::event::Skeleton;
use relais_proto::peer::v1 as proto;

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

/// Longest encapsulated key of any suite, in bytes.
const ENCAPSULATED_KEY_BYTES_MAX: usize = 2 * 1024;
