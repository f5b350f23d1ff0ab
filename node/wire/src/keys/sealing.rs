//! X25519: the public key that content is sealed to, and the secret that opens it.

use super::{KEY_BYTES, KeyError, is_canonical};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable as _, Kem as _, OpModeR, Serializable as _, setup_receiver};
use rand_core::CryptoRng;
use relais_domain::digest::Digest;
use secrecy::{ExposeSecret as _, SecretBox};
use std::fmt;
use zeroize::Zeroizing;

/// The first 8 bytes of the SHA-256 of a sealing key: says which key a box is sealed to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SealKeyId(pub [u8; 8]);

/// An X25519 secret that opens what was sealed to its public half. Wiped when dropped.
pub struct SealSecret {
    bytes: SecretBox<[u8; KEY_BYTES]>,
    public: SealKey,
}

impl SealSecret {
    /// Draws a secret from `rng`.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut seed = Zeroizing::new([0; KEY_BYTES]);
        rng.fill_bytes(seed.as_mut());
        Self::from_bytes(&seed)
    }

    /// The secret of these 32 bytes (RFC 7748 §5). Every 32 bytes are a secret.
    pub fn from_bytes(bytes: &[u8; KEY_BYTES]) -> Self {
        let mut public = [0; KEY_BYTES];
        public.copy_from_slice(&X25519HkdfSha256::sk_to_pk(&private_key(bytes)).to_bytes());
        Self {
            bytes: SecretBox::init_with_mut(|secret: &mut [u8; KEY_BYTES]| *secret = *bytes),
            public: SealKey(public),
        }
    }

    /// The 32 bytes: for the key file alone.
    pub fn expose_secret_bytes(&self) -> Zeroizing<[u8; KEY_BYTES]> {
        Zeroizing::new(*self.bytes.expose_secret())
    }

    /// The public half.
    pub fn seal_key(&self) -> SealKey {
        self.public
    }

    /// The secret as the HPKE library wants it.
    pub(crate) fn hpke_key(&self) -> <X25519HkdfSha256 as hpke::Kem>::PrivateKey {
        private_key(self.bytes.expose_secret())
    }
}

impl fmt::Debug for SealSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// An X25519 public key that content can be sealed to, admitted: of large order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SealKey([u8; KEY_BYTES]);

impl SealKey {
    /// Admits 32 bytes as a key.
    ///
    /// # Errors
    /// [`KeyError::Length`], [`KeyError::NotCanonical`] or [`KeyError::Weak`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let bytes: [u8; KEY_BYTES] = bytes.try_into().map_err(|_| KeyError::Length)?;
        if bytes[KEY_BYTES - 1] & 0x80 != 0 || !is_canonical(&bytes) {
            return Err(KeyError::NotCanonical);
        }
        if is_small_order(&bytes) { Err(KeyError::Weak) } else { Ok(Self(bytes)) }
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// The key's id.
    pub fn id(&self) -> SealKeyId {
        let mut id = [0; 8];
        id.copy_from_slice(&Digest::of(&self.0).as_bytes()[..8]);
        SealKeyId(id)
    }

    /// The key as the HPKE library wants it.
    pub(crate) fn hpke_key(&self) -> <X25519HkdfSha256 as hpke::Kem>::PublicKey {
        <X25519HkdfSha256 as hpke::Kem>::PublicKey::from_bytes(&self.0).expect("a SealKey holds 32 bytes")
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealKey({})", Digest::of(&self.0))
    }
}

fn private_key(bytes: &[u8; KEY_BYTES]) -> <X25519HkdfSha256 as hpke::Kem>::PrivateKey {
    <X25519HkdfSha256 as hpke::Kem>::PrivateKey::from_bytes(bytes)
        .expect("every 32 bytes are an X25519 secret")
}

/// Whether a Diffie-Hellman with the point gives zero, as with every point of small order (RFC 7748 §6.1). Any secret
/// tells, since all are multiples of the cofactor.
fn is_small_order(point: &[u8; KEY_BYTES]) -> bool {
    let Ok(encapsulated) = <X25519HkdfSha256 as hpke::Kem>::EncappedKey::from_bytes(point) else {
        return true;
    };
    let probe = private_key(&[1; KEY_BYTES]);
    setup_receiver::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &probe,
        &encapsulated,
        b"",
    )
    .is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seal_keys_come_back_and_are_named() {
        let secret = SealSecret::from_bytes(&[9; 32]);
        let key = SealKey::from_bytes(secret.seal_key().as_bytes()).expect("a good key");
        assert_eq!(key, secret.seal_key());
        assert_ne!(key.id(), SealSecret::from_bytes(&[8; 32]).seal_key().id());
    }
}
