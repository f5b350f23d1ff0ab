//! One-time codes of an authenticator: RFC 6238 over HMAC-SHA-1, 30 seconds, six digits, as every authenticator takes
//! them. A code is good for one use: steps only go forward.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use relais_domain::time::Timestamp;
use zeroize::Zeroizing;

/// Bytes of a secret: as many as the hash has (RFC 4226 §4).
pub(super) const SECRET_BYTES: usize = 20;
/// Length of a step, ms.
const STEP_MS: i64 = 30_000;
/// Digits of a code.
const DIGITS: usize = 6;
/// 10 to the power of [`DIGITS`].
const MODULUS: u32 = 1_000_000;
/// Steps that the authenticator's clock may be off, either way.
const STEPS_OFF: i64 = 1;
/// RFC 4648 §6.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The step of an instant.
fn step_at(now: Timestamp) -> i64 {
    now.0.div_euclid(STEP_MS)
}

/// The code of a step.
fn code(secret: &[u8], step: i64) -> u32 {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let offset = tag.as_ref().last().map_or(0, |last| usize::from(last & 15));
    let picked = tag.as_ref().iter().skip(offset).take(4);
    let number = picked.fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    (number & 0x7fff_ffff) % MODULUS
}

/// The step whose code was given; `None` when none fits, or that step or a later one was used already.
pub(super) fn accepted(secret: &[u8], given: &str, now: Timestamp, last: Option<i64>) -> Option<i64> {
    let given: String = given.chars().filter(|c| !c.is_whitespace()).take(DIGITS + 1).collect();
    let mut found = None;
    // Every step is computed and compared, whichever fits.
    for step in (step_at(now) - STEPS_OFF)..=(step_at(now) + STEPS_OFF) {
        let expected = format!("{:0width$}", code(secret, step), width = DIGITS);
        let fits = verify_slices_are_equal(expected.as_bytes(), given.as_bytes()).is_ok();
        if fits && last.is_none_or(|last| step > last) {
            found = found.or(Some(step));
        }
    }
    found
}

/// The secret as authenticators take it.
pub(super) fn base32(secret: &[u8; SECRET_BYTES]) -> Zeroizing<String> {
    let bit = |position: usize| {
        secret.get(position / 8).map_or(0, |byte| usize::from(byte >> (7 - position % 8) & 1))
    };
    let symbol = |index: usize| {
        let value = (0..5).fold(0, |value, offset| value << 1 | bit(index * 5 + offset));
        char::from(BASE32[value & 31])
    };
    let mut text = Zeroizing::new(String::with_capacity(SECRET_BYTES * 8 / 5));
    text.extend((0..SECRET_BYTES * 8 / 5).map(symbol));
    text
}

/// The same as an address for a QR code.
pub(super) fn address(secret: &[u8; SECRET_BYTES], structure: &str, user: &str) -> Zeroizing<String> {
    let (issuer, account) = (escaped(structure), escaped(user));
    let secret = base32(secret);
    Zeroizing::new(format!("otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}", *secret))
}

/// Percent-encodes all but what RFC 3986 leaves alone.
fn escaped(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// The code of an instant, as an authenticator shows it.
#[cfg(test)]
pub(super) fn shown(secret: &[u8], now: Timestamp) -> String {
    format!("{:0width$}", code(secret, step_at(now)), width = DIGITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8; 20] = b"12345678901234567890";

    #[test]
    fn the_vectors_of_rfc_6238() {
        let vectors = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (seconds, expected) in vectors {
            assert_eq!(shown(SECRET, Timestamp(seconds * 1_000)), expected, "{seconds}");
        }
    }

    #[test]
    fn a_clock_may_be_one_step_off_and_no_more() {
        let now = Timestamp(1_111_111_111_000);
        for (steps, fits) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let given = shown(SECRET, Timestamp(now.0 + steps * STEP_MS));
            assert_eq!(accepted(SECRET, &given, now, None).is_some(), fits, "{steps} steps off");
        }
        assert!(accepted(SECRET, "050 471", now, None).is_some(), "as authenticators group it");
        for wrong in ["", "050472", "50471", "0504711", "05047", "٠٥٠٤٧١"] {
            assert_eq!(accepted(SECRET, wrong, now, None), None, "{wrong}");
        }
    }

    #[test]
    fn a_code_is_used_once_and_nothing_before_it_counts() {
        let now = Timestamp(1_111_111_111_000);
        let step = accepted(SECRET, "050471", now, None).unwrap();
        assert_eq!(accepted(SECRET, "050471", now, Some(step)), None);
        let former = shown(SECRET, Timestamp(now.0 - STEP_MS));
        assert_eq!(accepted(SECRET, &former, now, Some(step)), None);
        let next = shown(SECRET, Timestamp(now.0 + STEP_MS));
        assert!(accepted(SECRET, &next, now, Some(step)).is_some());
    }

    #[test]
    fn authenticators_can_read_what_they_are_told() {
        assert_eq!(*base32(SECRET), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let told = address(SECRET, "Emmaüs Connect", "claire&x");
        let expected = "otpauth://totp/Emma%C3%BCs%20Connect:claire%26x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
                        &issuer=Emma%C3%BCs%20Connect";
        assert_eq!(*told, expected);
    }
}
