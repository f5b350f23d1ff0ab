//! Sealed content: commitments that the signature covers, and the box that only the recipient opens.
//!
//! A commitment is HMAC-SHA-256(salt, class ‖ length ‖ bytes): without the salt, which is destroyed with the content, it
//! tells nothing. The box is HPKE base mode (RFC 9180) and may be replaced by a new sealing of the same content. Whether
//! a class may be here at all is decided elsewhere, on the parts this module gives out.

use crate::keys::{KeyError, SealKey, SealKeyId, SealSecret};
use hmac::{Hmac, KeyInit as _, Mac as _};
use hpke::{
    Deserializable as _, OpModeR, OpModeS, Serializable as _, aead::ChaCha20Poly1305, kdf::HkdfSha256,
    kem::X25519HkdfSha256, single_shot_open, single_shot_seal_with_rng,
};
use prost::Message as _;
use rand_core::CryptoRng;
use relais_domain::digest::Digest;
use relais_proto::peer::v1 as proto;
use sha2::Sha256;
use std::fmt;
use zeroize::Zeroizing;

/// Number of the suite DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305.
pub const SUITE_X25519: u32 = 1;
/// What the HPKE key schedule is bound to.
pub const SEAL_INFO: &[u8] = b"relais/seal/v1";
/// Length of a commitment's salt, in bytes.
pub const SALT_BYTES: usize = 32;
/// Most parts in one content.
pub const PARTS_MAX: usize = 32;
/// Length of the smallest content once padded, in bytes; each larger size is twice the one before.
pub const BUCKET_BYTES_MIN: usize = 256;
/// Length of the largest content once padded, in bytes.
pub const BUCKET_BYTES_MAX: usize = 32 * 1024;
/// What sealing adds to the padded content, in bytes: the authentication tag.
pub const TAG_BYTES: usize = 16;

/// One data class of a message in the open, with the salt of its commitment.
#[derive(Clone, PartialEq, Eq)]
pub struct Part {
    /// Number of the data class; never 0.
    pub class: u32,
    /// Random salt, drawn for this part alone.
    pub salt: [u8; SALT_BYTES],
    /// The class's own encoded message.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Part(class {}, [sealed content])", self.class)
    }
}

/// The commitment of a part: HMAC-SHA-256 under its salt of the class (4 bytes, big-endian), the length (8 bytes,
/// big-endian) and the bytes.
pub fn commitment(part: &Part) -> Digest {
    let mut mac = commitment_mac(part);
    mac.update(&part.bytes);
    Digest(mac.finalize().into_bytes().into())
}

/// Whether `part` is what `committed` commits to, in constant time.
pub fn matches_commitment(part: &Part, committed: &Digest) -> bool {
    let mut mac = commitment_mac(part);
    mac.update(&part.bytes);
    mac.verify_slice(committed.as_bytes()).is_ok()
}

fn commitment_mac(part: &Part) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&part.salt).expect("HMAC takes keys of any length");
    mac.update(&part.class.to_be_bytes());
    mac.update(&u64::try_from(part.bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
    mac
}

/// Why content is not sealed or not opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SealError {
    /// No secret of the ring has the box's key id: the sender is asked to seal again.
    #[error("no key opens this box")]
    NoKey,
    /// The box is of a suite this program does not know: the sender is asked to seal again.
    #[error("suite {0} is unknown")]
    Suite(u32),
    /// A field of the box is malformed.
    #[error("not a sealed box")]
    Shape,
    /// The box does not open: altered, or sealed for another envelope.
    #[error("the box does not open")]
    Broken,
    /// What was sealed is not content written as this version writes it: unknown fields, unsorted parts, other padding.
    #[error("what was sealed is not canonical content")]
    NotCanonical,
    /// The content has no part, too many, two of one class, or a class 0.
    #[error("content has 1 to {PARTS_MAX} parts, one a class")]
    Parts,
    /// The content does not fit the largest size.
    #[error("the content is too long")]
    Oversize,
    /// The recipient's key is refused.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// Content sealed to one key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SealedBox {
    /// Number of the suite.
    pub suite: u32,
    /// Which of the recipient's keys opens it.
    pub key_id: SealKeyId,
    /// The HPKE encapsulated key.
    pub encapsulated_key: Vec<u8>,
    /// The ciphertext with its tag.
    pub ciphertext: Vec<u8>,
}

impl SealedBox {
    /// Reads a box; it is not opened.
    ///
    /// # Errors
    /// [`SealError::Shape`] or [`SealError::Oversize`].
    pub fn from_proto(message: proto::SealedBox) -> Result<Self, SealError> {
        let key_id = SealKeyId(message.key_id.as_slice().try_into().map_err(|_| SealError::Shape)?);
        if message.ciphertext.len() > BUCKET_BYTES_MAX + TAG_BYTES {
            return Err(SealError::Oversize);
        }
        let proto::SealedBox { suite, encapsulated_key, ciphertext, .. } = message;
        Ok(Self { suite, key_id, encapsulated_key, ciphertext })
    }

    /// The box on the wire.
    pub fn to_proto(&self) -> proto::SealedBox {
        proto::SealedBox {
            suite: self.suite,
            key_id: self.key_id.0.to_vec(),
            encapsulated_key: self.encapsulated_key.clone(),
            ciphertext: self.ciphertext.clone(),
        }
    }
}

/// Seals `parts` to the recipient's key for the envelope of this identity.
///
/// # Errors
/// [`SealError::Parts`] or [`SealError::Oversize`].
pub fn seal(
    mut parts: Vec<Part>,
    recipient: &SealKey,
    envelope: &Digest,
    rng: &mut impl CryptoRng,
) -> Result<SealedBox, SealError> {
    parts.sort_by_key(|part| part.class);
    let plaintext = Zeroizing::new(encode_padded(parts)?);
    let (encapsulated, ciphertext) =
        single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &recipient.hpke_key(),
            SEAL_INFO,
            &plaintext,
            envelope.as_bytes(),
            rng,
        )
        .map_err(|_| KeyError::Weak)?;
    let encapsulated_key = encapsulated.to_bytes().to_vec();
    Ok(SealedBox { suite: SUITE_X25519, key_id: recipient.id(), encapsulated_key, ciphertext })
}

/// The secrets a node can open boxes with: the current ones and former ones kept for a while.
#[derive(Debug, Default)]
pub struct KeyRing(Vec<SealSecret>);

impl KeyRing {
    /// A ring of these secrets.
    pub fn new(secrets: Vec<SealSecret>) -> Self {
        Self(secrets)
    }

    /// Whether a secret of the ring has this id.
    pub fn holds(&self, id: SealKeyId) -> bool {
        self.0.iter().any(|secret| secret.seal_key().id() == id)
    }

    /// Opens a box that belongs to the envelope of this identity. Parts come in ascending class, one a class; that
    /// their commitments are the envelope's is for the caller to check.
    ///
    /// # Errors
    /// [`SealError::NoKey`] and [`SealError::Suite`]: the sender may seal again. Others: the box is no good.
    pub fn open(&self, sealed: &SealedBox, envelope: &Digest) -> Result<Vec<Part>, SealError> {
        if sealed.suite != SUITE_X25519 {
            return Err(SealError::Suite(sealed.suite));
        }
        let with_id = |secret: &&SealSecret| secret.seal_key().id() == sealed.key_id;
        let secret = self.0.iter().find(with_id).ok_or(SealError::NoKey)?;
        let encapsulated = <X25519HkdfSha256 as hpke::Kem>::EncappedKey::from_bytes(&sealed.encapsulated_key)
            .map_err(|_| SealError::Shape)?;
        let plaintext = single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &secret.hpke_key(),
            &encapsulated,
            SEAL_INFO,
            &sealed.ciphertext,
            envelope.as_bytes(),
        )
        .map_err(|_| SealError::Broken)?;
        decode_padded(&Zeroizing::new(plaintext))
    }
}

/// Encodes sorted parts and pads them to the next size.
fn encode_padded(parts: Vec<Part>) -> Result<Vec<u8>, SealError> {
    let ascending = parts.is_sorted_by(|one, next| one.class < next.class);
    let classed = parts.iter().all(|part| part.class != 0);
    if !(1..=PARTS_MAX).contains(&parts.len()) || !ascending || !classed {
        return Err(SealError::Parts);
    }
    let mut content =
        proto::SealedContent { parts: parts.into_iter().map(part_to_proto).collect(), padding: vec![] };
    content.padding = padding(content.encoded_len()).ok_or(SealError::Oversize)?;
    Ok(content.encode_to_vec())
}

/// The zeros that bring an encoding of `length` bytes to exactly the next size at which a padding field fits.
fn padding(length: usize) -> Option<Vec<u8>> {
    let sizes = std::iter::successors(Some(BUCKET_BYTES_MIN), |size| Some(size * 2));
    sizes.take_while(|size| *size <= BUCKET_BYTES_MAX).find_map(|size| {
        let room = size.checked_sub(length)?;
        (room.saturating_sub(4)..=room).find(|zeros| field_length(*zeros) == room).map(|zeros| vec![0; zeros])
    })
}

/// How many bytes a padding field of `zeros` bytes takes (its tag is one byte; empty fields are not written).
fn field_length(zeros: usize) -> usize {
    if zeros == 0 { 0 } else { 1 + prost::length_delimiter_len(zeros) + zeros }
}

/// Decodes content and refuses whatever this version would not have written: nothing travels in an unknown field, in
/// the padding, or in a second writing of the same parts.
fn decode_padded(plaintext: &[u8]) -> Result<Vec<Part>, SealError> {
    let content = proto::SealedContent::decode(plaintext).map_err(|_| SealError::NotCanonical)?;
    let parts = content.parts.into_iter().map(part_from_proto).collect::<Option<Vec<_>>>();
    let parts = parts.ok_or(SealError::NotCanonical)?;
    let again = Zeroizing::new(encode_padded(parts.clone())?);
    if *again == plaintext { Ok(parts) } else { Err(SealError::NotCanonical) }
}

fn part_to_proto(part: Part) -> proto::ContentPart {
    proto::ContentPart { class: part.class, salt: part.salt.to_vec(), bytes: part.bytes }
}

fn part_from_proto(part: proto::ContentPart) -> Option<Part> {
    let salt = part.salt.as_slice().try_into().ok()?;
    Some(Part { class: part.class, salt, bytes: part.bytes })
}

#[cfg(test)]
mod tests;
