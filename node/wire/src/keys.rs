//! Keys: Ed25519 to sign and verify, X25519 to seal and open.
//!
//! A public key is admitted once, here, and weak ones never become a type. Secrets are wiped when dropped and print as
//! `[secret]`. No file is read and no dice are thrown: bytes and randomness come in as arguments.

mod sealing;
mod signing;

pub use sealing::{SealKey, SealKeyId, SealSecret};
pub use signing::{SigningSecret, VerifyKey};

/// Length of an Ed25519 key, public or secret, and of an X25519 key, in bytes.
pub const KEY_BYTES: usize = 32;
/// Length of an Ed25519 signature, in bytes.
pub const SIGNATURE_BYTES: usize = 64;
/// Length of the SPKI (DER) of an Ed25519 key, in bytes.
pub const SPKI_BYTES: usize = 44;
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

/// Whether the y coordinate is below the field prime (RFC 8032 §5.1.3 asks it; libraries differ).
fn is_canonical(bytes: &[u8; KEY_BYTES]) -> bool {
    let (low, rest) = (bytes[0], &bytes[1..KEY_BYTES - 1]);
    let above =
        bytes[KEY_BYTES - 1] & 0x7f == 0x7f && rest.iter().all(|byte| *byte == 0xff) && low >= FIELD_LOW_BYTE;
    !above
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
    fn debug_shows_no_secret() {
        assert_eq!(format!("{:?}", SigningSecret::from_bytes(&[1; 32])), "[secret]");
        assert_eq!(format!("{:?}", SealSecret::from_bytes(&[1; 32])), "[secret]");
    }
}
