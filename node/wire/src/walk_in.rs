//! The reference on the slip of a person who comes by themselves.
//!
//! Eight Crockford symbols drawn from the thread's random id, so that both ends know it and no message carries it: the
//! first 40 bits of SHA-256(`relais/walk-in-reference/1`, thread id). It says nothing of the person, and finds the
//! referral at its receiver alone.

use crate::crockford;
use relais_domain::digest::Digest;
use relais_domain::id::ThreadId;
use std::fmt;

/// Bytes of the digest that a reference shows.
const BYTES: usize = 5;
/// Symbols of a reference.
const SYMBOLS: usize = crockford::symbols_for(BYTES);
/// Symbols of each printed group.
const GROUP: usize = SYMBOLS / 2;
/// What the thread id is hashed under.
const LABEL: &[u8] = b"relais/walk-in-reference/1";

/// What a walk-in referral is found by when the person comes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference([u8; BYTES]);

impl Reference {
    /// The reference of a thread.
    pub fn of(thread: ThreadId) -> Self {
        let digest = Digest::of_parts(&[LABEL, thread.as_bytes()]);
        let mut bytes = [0; BYTES];
        bytes.iter_mut().zip(digest.as_bytes()).for_each(|(byte, drawn)| *byte = *drawn);
        Self(bytes)
    }

    /// Reads what was typed from the slip: case, hyphens and spaces do not matter, `O` reads as 0, `I` and `L` as 1.
    pub fn parse(text: &str) -> Option<Self> {
        let values = crockford::values(text)?;
        crockford::decode::<BYTES>(&values).map(|bytes| Self(*bytes))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, value) in crockford::encode(&self.0).iter().enumerate() {
            if index == GROUP {
                f.write_str("-")?;
            }
            write!(f, "{}", crockford::symbol(*value))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reference")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_and_every_version_print_the_same() {
        // SHA-256("relais/walk-in-reference/1" and sixteen bytes 07 as a UUID of version 4) begins with these bits.
        let reference = Reference::of(ThreadId::from_random([7; 16]));
        assert_eq!(reference.to_string(), "YFRM-WQ5B");
        assert_ne!(reference, Reference::of(ThreadId::from_random([8; 16])));
        assert_eq!(format!("{reference:?}"), "Reference", "it is not logged");
    }

    #[test]
    fn what_is_typed_from_a_slip_is_read() {
        let reference = Reference::of(ThreadId::from_random([7; 16]));
        let printed = reference.to_string();
        assert_eq!(printed.len(), SYMBOLS + 1);
        for typed in
            [printed.clone(), printed.to_lowercase(), printed.replace('-', " "), printed.replace('-', "")]
        {
            assert_eq!(Reference::parse(&typed), Some(reference), "{typed}");
        }
        assert_eq!(Reference::parse("0OIL-1111"), Reference::parse("0011-1111"));
        for wrong in ["", "0000-000", "0000-00000", "0000-000U", "0000-000é"] {
            assert_eq!(Reference::parse(wrong), None, "{wrong}");
        }
    }
}
