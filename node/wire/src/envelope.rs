//! The envelope: one event on its way, its skeleton signed and its content sealed to the only structure it is for.
//!
//! Composed once and stored; sealed anew each time it leaves, to the recipient's key of that day. What arrives is
//! [`read`], then [`Received::verify`]'d, then [`open`]ed, in this order; nothing is trusted before its step. Every
//! part opened must be one the signature committed to, and one that this kind of event may carry.

mod carries;
mod compose;
mod dispatch;
mod open;
mod parts;
mod receive;
mod skeleton;

#[cfg(test)]
mod tests;

pub use carries::may_carry;
pub use compose::{ComposeError, Composed, compose};
pub use dispatch::{DispatchError, dispatch};
pub use open::{OpenError, Opened, open};
pub use parts::PartsError;
pub use receive::{EnvelopeError, Received, read};
pub use skeleton::{DAY_MAX, DAY_MIN, SKELETON_VERSION};

use crate::content;
use crate::field::BadField;
use crate::seal::{BUCKET_BYTES_MAX, SealedBox};
use rand_core::CryptoRng;
use relais_domain::content::Content;
use relais_domain::event::Skeleton;
use relais_proto::peer::v1 as proto;

/// Longest envelope on the wire, in bytes.
pub const ENVELOPE_BYTES_MAX: usize = 48 * 1024;
/// Longest signed skeleton, in bytes.
pub const SKELETON_BYTES_MAX: usize = 4 * 1024;
/// Longest content, salts included, in bytes: what fits the largest sealed size, whatever the padding.
pub const PARTS_BYTES_MAX: usize = BUCKET_BYTES_MAX - 8;

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

fn to_proto(payload: &[u8], signature: &[u8], sealed: Option<&SealedBox>) -> proto::Envelope {
    proto::Envelope {
        payload: payload.to_vec(),
        signature: signature.to_vec(),
        sealed: sealed.map(SealedBox::to_proto),
    }
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
