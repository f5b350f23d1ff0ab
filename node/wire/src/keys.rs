//! Keys: Ed25519 to sign and verify, X25519 to seal and open.
//!
//! A public key is admitted once, here, and weak ones never become a type. Secrets are wiped when dropped and print as
//! `[secret]`. No file is read and no dice are thrown: bytes and randomness come in as arguments.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use hpke::{
    Deserializable as _, Kem as _, OpModeR, Serializable as _, aead::ChaCha20Poly1305, kdf::HkdfSha256,
    kem::X25519HkdfSha256, setup_receiver,
};
use rand_core::CryptoRng;
use relais_domain::{digest::Digest, structure_id::StructureId};
use secrecy::{ExposeSecret as _, SecretBox};
use std::fmt;
use zeroize::Zeroizing;

/// Length of an Ed25519 key, public or secret, and of an X25519 key, in bytes.
pub const KEY_BYTES: usize = 32;
/// Length of an Ed25519 signature, in bytes.
pub const SIGNATURE_BYTES: usize = 64;
/// Length of the SPKI (DER) of an Ed25519 key, in bytes.
pub const SPKI_BYTES: usize = 44;
/// What stands before the 32 key bytes in the SPKI of an Ed25519 key (RFC 8410 §4).
const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// Lowest byte of the field prime 2^255 - 19 of both curves; its other bytes are 0xff, the highest 0x7f.
const FIELD_LOW_BYTE: u8 = 0xed;

/// Why bytes are not a key that Relais admits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum KeyError {
    /// Not 32 bytes.
    #[error("a key has 32 bytes")]
    Length,
    /// Not the SPKI (DER) of an Ed25519 key.
    #[error("not the SPKI of an Ed25519 key")]
    NotSpki,
    /// No point of the curve.
    #[error("not a point of the curve")]
    NotAPoint,
    /// A second writing of a key that has a shorter one.
    #[error("the key is not written canonically")]
    NotCanonical,
    /// A point of small order: any message would verify, or the shared secret would be known.
    #[error("the key is weak")]
    Weak,
}

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

/// Whether the y coordinate is below the field prime (RFC 8032 §5.1.3 asks it; libraries differ).
fn is_canonical(bytes: &[u8; KEY_BYTES]) -> bool {
    let (low, rest) = (bytes[0], &bytes[1..KEY_BYTES - 1]);
    let above =
        bytes[KEY_BYTES - 1] & 0x7f == 0x7f && rest.iter().all(|byte| *byte == 0xff) && low >= FIELD_LOW_BYTE;
    !above
}

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

fn private_key(bytes: &[u8; KEY_BYTES]) -> <X25519HkdfSha256 as hpke::Kem>::PrivateKey {
    <X25519HkdfSha256 as hpke::Kem>::PrivateKey::from_bytes(bytes)
        .expect("every 32 bytes are an X25519 secret")
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

    const IDENTITY: [u8; 32] = {
        let mut point = [0; 32];
        point[0] = 1;
        point
    };

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
    fn weak_keys_are_refused() {
        assert_eq!(VerifyKey::from_bytes(&IDENTITY), Err(KeyError::Weak));
        assert_eq!(VerifyKey::from_bytes(&[0; 32]), Err(KeyError::Weak));
        let mut signed_identity = IDENTITY;
        signed_identity[31] = 0x80;
        assert!(VerifyKey::from_bytes(&signed_identity).is_err());
        assert_eq!(SealKey::from_bytes(&[0; 32]), Err(KeyError::Weak));
        assert_eq!(SealKey::from_bytes(&IDENTITY), Err(KeyError::Weak));
    }

    #[test]
    fn second_writings_of_a_key_are_refused() {
        let mut identity_plus_prime = [0xff; 32];
        identity_plus_prime[0] = 0xee;
        identity_plus_prime[31] = 0x7f;
        assert_eq!(VerifyKey::from_bytes(&identity_plus_prime), Err(KeyError::NotCanonical));
        assert_eq!(SealKey::from_bytes(&identity_plus_prime), Err(KeyError::NotCanonical));
        let mut high_bit = *SealSecret::from_bytes(&[3; 32]).seal_key().as_bytes();
        high_bit[31] |= 0x80;
        assert_eq!(SealKey::from_bytes(&high_bit), Err(KeyError::NotCanonical));
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
        let weak = VerifyKey(VerifyingKey::from_bytes(&IDENTITY).expect("the identity is a point"));
        assert!(!weak.verifies(b"any message", &signature));
    }

    #[test]
    fn seal_keys_come_back_and_are_named() {
        let secret = SealSecret::from_bytes(&[9; 32]);
        let key = SealKey::from_bytes(secret.seal_key().as_bytes()).expect("a good key");
        assert_eq!(key, secret.seal_key());
        assert_ne!(key.id(), SealSecret::from_bytes(&[8; 32]).seal_key().id());
    }

    #[test]
    fn debug_shows_no_secret() {
        assert_eq!(format!("{:?}", SigningSecret::from_bytes(&[1; 32])), "[secret]");
        assert_eq!(format!("{:?}", SealSecret::from_bytes(&[1; 32])), "[secret]");
    }
}
