//! Content in the open with its salts: as it is kept sealed at rest, and as it is checked against the signature.

use crate::content::{self, ContentError};
use crate::field;
use crate::seal::{self, Part, SALT_BYTES};
use prost::Message as _;
use rand_core::CryptoRng;
use relais_domain::class::DataClass;
use relais_domain::content::Content;
use relais_domain::digest::Digest;
use relais_domain::event::Skeleton;
use relais_domain::fold::may_be_voided;
use relais_proto::peer::v1 as proto;

/// Why stored parts are not what was composed or opened.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PartsError {
    /// Not the bytes that were stored.
    #[error("the stored parts cannot be read")]
    Unreadable,
    /// A part is not what the skeleton commits to, or one of the two is missing.
    #[error("stored part {part} is not what was signed")]
    Commitments {
        /// Number of the first such part.
        part: u32,
    },
    /// A part cannot be read.
    #[error(transparent)]
    Content(#[from] ContentError),
}

/// Gives each encoded part a fresh salt.
pub(super) fn salt(encoded: Vec<(u32, Vec<u8>)>, rng: &mut impl CryptoRng) -> Vec<Part> {
    let salted = encoded.into_iter().map(|(class, bytes)| {
        let mut salt = [0; SALT_BYTES];
        rng.fill_bytes(&mut salt);
        Part { class, salt, bytes }
    });
    salted.collect()
}

/// The parts as they are kept at rest: `SealedContent` without padding.
pub(super) fn encode(parts: Vec<Part>) -> Vec<u8> {
    let parts = parts.into_iter().map(|part| proto::ContentPart {
        class: part.class,
        salt: part.salt.to_vec(),
        bytes: part.bytes,
    });
    proto::SealedContent { parts: parts.collect(), padding: Vec::new() }.encode_to_vec()
}

/// Reads parts kept at rest.
pub(super) fn decode(bytes: &[u8]) -> Result<Vec<Part>, PartsError> {
    let content: proto::SealedContent = field::message(bytes).map_err(|_| PartsError::Unreadable)?;
    let parts = content.parts.into_iter().map(|part| {
        let salt = part.salt.as_slice().try_into().map_err(|_| PartsError::Unreadable)?;
        Ok(Part { class: part.class, salt, bytes: part.bytes })
    });
    let parts: Vec<Part> = parts.collect::<Result<_, PartsError>>()?;
    if encode(parts.clone()) == bytes { Ok(parts) } else { Err(PartsError::Unreadable) }
}

/// Checks that every part is what was committed to and that every commitment has its part. The error is the number of
/// the first part that does not fit.
pub(super) fn committed(parts: &[Part], commitments: &[(u32, Digest)]) -> Result<(), u32> {
    for (part, (number, commitment)) in parts.iter().zip(commitments) {
        if part.class != *number || !seal::matches_commitment(part, commitment) {
            return Err(part.class.min(*number));
        }
    }
    let unmatched_part = parts.get(commitments.len()).map(|part| part.class);
    let unmatched_commitment = commitments.get(parts.len()).map(|(number, _)| *number);
    unmatched_part.or(unmatched_commitment).map_or(Ok(()), Err)
}

/// Whether the parts kept at rest are what was committed to: all of them, or what [`blanked`] left of an event that may
/// be voided.
pub(super) fn kept(parts: &[Part], skeleton: &Skeleton) -> Result<(), u32> {
    let commitments = &skeleton.commitments;
    let left: Vec<(u32, Digest)> = match parts {
        [only] if survives(only) && may_be_voided(skeleton.kind) => {
            commitments.iter().filter(|(number, _)| *number == only.class).copied().collect()
        }
        _ => return committed(parts, commitments),
    };
    committed(parts, &left)
}

/// What a `Voided` leaves of the event it blanks: its instants, which the fold of the thread rests on.
pub(super) fn blanked(parts: Vec<Part>) -> Vec<Part> {
    parts.into_iter().filter(survives).collect()
}

fn survives(part: &Part) -> bool {
    part.class == DataClass::Times.number()
}

/// What the parts say.
pub(super) fn content(parts: &[Part]) -> Result<Content, ContentError> {
    let borrowed: Vec<(u32, &[u8])> = parts.iter().map(|part| (part.class, part.bytes.as_slice())).collect();
    content::decode(&borrowed)
}
