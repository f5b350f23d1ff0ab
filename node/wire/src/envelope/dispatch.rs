//! Sealing what was composed, anew each time it leaves.

use super::{ENVELOPE_BYTES_MAX, parts, to_proto};
use crate::dsse::{self, PayloadType};
use crate::keys::{SIGNATURE_BYTES, SealKey};
use crate::seal::{self, SealError};
use prost::Message as _;
use rand_core::CryptoRng;

/// Why a stored event does not leave.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DispatchError {
    /// What was stored is not what [`compose`](super::compose) made.
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
