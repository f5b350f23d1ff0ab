//! Ed25519: the secret that signs, and the public key that was admitted to verify.

use super::{KEY_BYTES, KeyError, SIGNATURE_BYTES, SPKI_BYTES, is_canonical};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use rand_core::CryptoRng;
use relais_domain::digest::Digest;
use relais_domain::structure_id::StructureId;
use std::fmt;
use zeroize::Zeroizing;

/// What stands before the 32 key bytes in the SPKI of an Ed25519 key (RFC 8410 §4).
const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// An Ed25519 secret that signs. Wiped when dropped.
pub struct SigningSecret(SigningKey);

impl SigningSecret {
    /// Draws a secret from `rng`.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut seed = Zeroizing::new([0; KEY_BYTES]);
        rng.fill_bytes(seed.as_mut());
        Self::from_bytes(&seed)
    }

    /// The secret of these 32 bytes (RFC 8032 §5.1.5). Every 32 bytes are a secret.
    pub fn from_bytes(seed: &[u8; KEY_BYTES]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The 32 bytes: for the key file and the recovery sheet alone.
    pub fn expose_secret_bytes(&self) -> Zeroizing<[u8; KEY_BYTES]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public half.
    pub fn verify_key(&self) -> VerifyKey {
        VerifyKey(self.0.verifying_key())
    }

    /// Signs `message` itself. Callers go through [`crate::dsse`], which binds the type.
    pub(crate) fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_BYTES] {
        self.0.sign(message).to_bytes()
    }

    /// Signs the bytes of a checkpoint note (C2SP signed-note), whose format binds its own type.
    pub fn sign_note(&self, note: &[u8]) -> [u8; SIGNATURE_BYTES] {
        self.sign(note)
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// An Ed25519 public key, admitted: canonical and of large order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VerifyKey(VerifyingKey);

impl VerifyKey {
    /// Admits 32 bytes as a key.
    ///
    /// # Errors
    /// [`KeyError`] says what is wrong with them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let bytes: &[u8; KEY_BYTES] = bytes.try_into().map_err(|_| KeyError::Length)?;
        if !is_canonical(bytes) {
            return Err(KeyError::NotCanonical);
        }
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::NotAPoint)?;
        if key.is_weak() { Err(KeyError::Weak) } else { Ok(Self(key)) }
    }

    /// Admits the key of an SPKI: 44 bytes, DER (RFC 8410).
    ///
    /// # Errors
    /// [`KeyError`] says what is wrong with them.
    pub fn from_spki(der: &[u8]) -> Result<Self, KeyError> {
        Self::from_bytes(der.strip_prefix(&SPKI_PREFIX).ok_or(KeyError::NotSpki)?).map_err(
            |error| match error {
                KeyError::Length => KeyError::NotSpki,
                KeyError::NotSpki | KeyError::NotAPoint | KeyError::NotCanonical | KeyError::Weak => error,
            },
        )
    }

    /// The SPKI (DER) of the key, 44 bytes.
    pub fn to_spki(self) -> [u8; SPKI_BYTES] {
        let mut der = [0; SPKI_BYTES];
        let (prefix, key) = der.split_at_mut(SPKI_PREFIX.len());
        prefix.copy_from_slice(&SPKI_PREFIX);
        key.copy_from_slice(self.0.as_bytes());
        der
    }

    /// The 32 bytes of the key.
    pub fn as_bytes(&self) -> &[u8; KEY_BYTES] {
        self.0.as_bytes()
    }

    /// SHA-256 of the SPKI: what a manifest announces of the next root key.
    pub fn spki_hash(&self) -> Digest {
        Digest::of(&self.to_spki())
    }

    /// The id of the structure whose first root key this is.
    pub fn structure_id(&self) -> StructureId {
        StructureId::of_root_spki(&self.to_spki())
    }

    /// Whether `signature` is this key's over `message`, by `verify_strict`: two nodes never disagree on it.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8; SIGNATURE_BYTES]) -> bool {
        self.0.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }

    /// Whether `signature` is this key's over the bytes of a checkpoint note (C2SP signed-note).
    pub fn verifies_note(&self, note: &[u8], signature: &[u8; SIGNATURE_BYTES]) -> bool {
        self.verifies(note, signature)
    }
}

impl fmt::Debug for VerifyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyKey({})", self.spki_hash())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spki_goes_there_and_back() {
        let key = SigningSecret::from_bytes(&[7; 32]).verify_key();
        assert_eq!(VerifyKey::from_spki(&key.to_spki()), Ok(key));
        assert_eq!(VerifyKey::from_spki(&key.to_spki()[..43]), Err(KeyError::NotSpki));
        assert_eq!(VerifyKey::from_spki(key.as_bytes()), Err(KeyError::NotSpki));
        let mut x25519 = key.to_spki();
        x25519[8] = 0x6e;
        assert_eq!(VerifyKey::from_spki(&x25519), Err(KeyError::NotSpki));
    }

    #[test]
    fn rfc_8032_test_1_verifies() {
        let secret = Digest::from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
            .expect("hex");
        let public = Digest::from_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
            .expect("hex");
        let secret = SigningSecret::from_bytes(secret.as_bytes());
        assert_eq!(secret.verify_key().as_bytes(), public.as_bytes());
        assert!(secret.verify_key().verifies(b"", &secret.sign(b"")));
        assert!(!secret.verify_key().verifies(b"x", &secret.sign(b"")));
    }

    #[test]
    fn points_off_the_curve_are_refused() {
        let mut off = [0; 32];
        off[0] = 2;
        assert_eq!(VerifyKey::from_bytes(&off), Err(KeyError::NotAPoint));
        assert_eq!(VerifyKey::from_bytes(&[0; 31]), Err(KeyError::Length));
    }

    #[test]
    fn a_small_order_key_signs_nothing() {
        let signature = {
            let mut bytes = [0; 64];
            bytes[0] = 1;
            bytes
        };
        let identity: [u8; 32] = {
            let mut point = [0; 32];
            point[0] = 1;
            point
        };
        let weak = VerifyKey(VerifyingKey::from_bytes(&identity).expect("the identity is a point"));
        assert!(!weak.verifies(b"any message", &signature));
    }
}
