//! What one leaf of the ledger commits to: that something of a kind happened to something, under a salt.
//!
//! A leaf is 66 bytes: version (1), kind, subject (32), salt (32). The ledger keeps their hash alone. Without the salt
//! nobody can tell what a leaf was about, not even by guessing; so erasing the salt erases the link and keeps the tree.

use crate::{digest::Digest, merkle};
use std::fmt;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $text:literal;)+) => {
        /// What a leaf records. Numbers are stored and proven for ever: they never change, none is used twice.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum LeafKind { $($(#[$doc])* $name),+ }

        impl LeafKind {
            /// Every kind, by number.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The kind's number in a leaf and in the store.
            pub const fn number(self) -> u8 {
                match self { $(Self::$name => $number),+ }
            }

            /// The kind of a number; `None` for an unknown one.
            pub fn from_number(number: u8) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.number() == number)
            }

            /// The kind's name, as printed by the command line.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

kinds! {
    /// This node wrote an event of a thread.
    EventSent = 1, "event_sent";
    /// Another node's event of a thread was stored.
    EventReceived = 2, "event_received";
    /// A person agreed.
    ConsentGiven = 3, "consent_given";
    /// A consent was stopped, expired or was replaced.
    ConsentEnded = 4, "consent_ended";
    /// This node signed a receipt.
    ReceiptIssued = 5, "receipt_issued";
    /// Another node's receipt arrived.
    ReceiptReceived = 6, "receipt_received";
    /// A professional read a person's file.
    FileRead = 7, "file_read";
    /// Data and its key were erased.
    Erasure = 8, "erasure";
    /// An administrative act: pairing, suspension, a user added, a key rotated.
    Administrative = 9, "administrative";
    /// An envelope of a peer was refused.
    RefusalRecorded = 10, "refusal_recorded";
    /// A user of this node asked for what their role does not allow, or did not prove who they are.
    AccessRefused = 11, "access_refused";
}

impl fmt::Display for LeafKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One leaf of the ledger, opened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Leaf {
    /// What happened.
    pub kind: LeafKind,
    /// To what: the digest of the exact bytes of the event, consent, receipt or act.
    pub subject: Digest,
    /// Fresh randomness of this leaf alone.
    pub salt: [u8; 32],
}

/// Why bytes are not a leaf.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LeafError {
    /// Not exactly [`Leaf::LENGTH`] bytes.
    Length(usize),
    /// A version this program does not know.
    Version(u8),
    /// A kind this program does not know.
    Kind(u8),
}

impl fmt::Display for LeafError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(length) => write!(f, "a ledger leaf has {} bytes, not {length}", Leaf::LENGTH),
            Self::Version(version) => {
                write!(f, "ledger leaf version {version} is unknown here: a newer program wrote it")
            }
            Self::Kind(kind) => {
                write!(f, "ledger leaf kind {kind} is unknown here: a newer program wrote it")
            }
        }
    }
}

impl std::error::Error for LeafError {}

impl Leaf {
    /// Length of a leaf, in bytes.
    pub const LENGTH: usize = 66;
    /// The version of the layout.
    pub const VERSION: u8 = 1;

    /// The bytes the ledger commits to: version, kind, subject, salt.
    pub fn bytes(&self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        bytes[0] = Self::VERSION;
        bytes[1] = self.kind.number();
        bytes[2..34].copy_from_slice(self.subject.as_bytes());
        bytes[34..].copy_from_slice(&self.salt);
        bytes
    }

    /// Reads the bytes of a leaf.
    ///
    /// # Errors
    /// [`LeafError`] names what does not fit.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, LeafError> {
        let bytes: &[u8; Self::LENGTH] = bytes.try_into().map_err(|_| LeafError::Length(bytes.len()))?;
        let [version, kind, subject_and_salt @ ..] = bytes;
        if *version != Self::VERSION {
            return Err(LeafError::Version(*version));
        }
        let kind = LeafKind::from_number(*kind).ok_or(LeafError::Kind(*kind))?;
        let mut subject = [0; 32];
        let mut salt = [0; 32];
        subject.copy_from_slice(&subject_and_salt[..32]);
        salt.copy_from_slice(&subject_and_salt[32..]);
        Ok(Self { kind, subject: Digest(subject), salt })
    }

    /// The leaf's hash in the Merkle tree (RFC 6962 §2.1).
    pub fn hash(&self) -> Digest {
        merkle::leaf_hash(&self.bytes())
    }
}

impl fmt::Debug for Leaf {
    /// Shows kind and subject, never the salt: with it, a log would link a leaf to its subject for ever.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leaf")
            .field("kind", &self.kind)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(kind: LeafKind) -> Leaf {
        Leaf { kind, subject: Digest::of(b"event"), salt: [0x5a; 32] }
    }

    #[test]
    fn numbers_are_stable() {
        let numbers: Vec<(u8, &str)> = LeafKind::ALL.iter().map(|k| (k.number(), k.as_str())).collect();
        let expected = [
            (1, "event_sent"),
            (2, "event_received"),
            (3, "consent_given"),
            (4, "consent_ended"),
            (5, "receipt_issued"),
            (6, "receipt_received"),
            (7, "file_read"),
            (8, "erasure"),
            (9, "administrative"),
            (10, "refusal_recorded"),
            (11, "access_refused"),
        ];
        assert_eq!(numbers, expected);
        assert_eq!(LeafKind::from_number(0), None);
    }

    #[test]
    fn every_kind_goes_there_and_back() {
        for kind in LeafKind::ALL.iter().copied() {
            let leaf = leaf(kind);
            assert_eq!(Leaf::from_slice(&leaf.bytes()), Ok(leaf));
        }
    }

    #[test]
    fn the_layout_is_version_kind_subject_salt() {
        let bytes = leaf(LeafKind::FileRead).bytes();
        assert_eq!(bytes[..2], [1, 7]);
        assert_eq!(bytes[2..34], *Digest::of(b"event").as_bytes());
        assert_eq!(bytes[34..], [0x5a; 32]);
    }

    #[test]
    fn each_part_changes_the_hash() {
        let first = leaf(LeafKind::EventSent);
        let others = [
            leaf(LeafKind::EventReceived),
            Leaf { subject: Digest::of(b"other"), ..first },
            Leaf { salt: [0x5b; 32], ..first },
        ];
        for other in others {
            assert_ne!(other.hash(), first.hash());
        }
    }

    #[test]
    fn other_bytes_are_refused() {
        let mut bytes = leaf(LeafKind::EventSent).bytes();
        assert_eq!(Leaf::from_slice(&bytes[1..]), Err(LeafError::Length(65)));
        assert_eq!(Leaf::from_slice(&[]), Err(LeafError::Length(0)));
        bytes[0] = 2;
        assert_eq!(Leaf::from_slice(&bytes), Err(LeafError::Version(2)));
        bytes[0] = 1;
        bytes[1] = 12;
        assert_eq!(Leaf::from_slice(&bytes), Err(LeafError::Kind(12)));
        bytes[1] = 0;
        assert_eq!(Leaf::from_slice(&bytes), Err(LeafError::Kind(0)));
    }

    #[test]
    fn debug_never_shows_the_salt() {
        let first = leaf(LeafKind::EventSent);
        let other = Leaf { salt: [0; 32], ..first };
        assert_eq!(format!("{first:?}"), format!("{other:?}"));
        assert!(format!("{first:?}").contains("EventSent"));
    }
}
