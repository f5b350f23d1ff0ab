//! Identifiers. Every id is its own type; all are random, none says anything about a person.

use std::fmt;
use uuid::Uuid;

macro_rules! random_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes an id (UUID version 4) from 16 bytes of randomness that the caller drew.
            pub fn from_random(bytes: [u8; 16]) -> Self {
                Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
            }

            /// Reads an id from exactly 16 bytes; `None` unless they are a version 4 UUID.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                let uuid = Uuid::from_slice(bytes).ok()?;
                (uuid.get_version_num() == 4).then_some(Self(uuid))
            }

            /// Reads the hyphenated text form; `None` unless it is a version 4 UUID.
            pub fn parse(text: &str) -> Option<Self> {
                let uuid = Uuid::try_parse(text).ok()?;
                (uuid.get_version_num() == 4).then_some(Self(uuid))
            }

            /// The 16 bytes.
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    )+};
}

random_id! {
    /// One referral or one handover between exactly two structures.
    ThreadId,
    /// One envelope.
    MessageId,
    /// One consent, through all its versions.
    ConsentId,
    /// One structure's commitment to a person. Never leaves the node.
    FollowUpId,
    /// One professional of this structure. Never leaves the node.
    ProfessionalId,
    /// One place of a structure.
    SiteId,
    /// One invitation to pair.
    InvitationId,
    /// One inquiry: who can take a need.
    InquiryId,
}

/// A service's id as its structure publishes it (data·inclusion: may hold `--` and `/`), 1 to 200 bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ServiceId(String);

impl ServiceId {
    /// Longest service id accepted, in bytes.
    pub const LENGTH_MAX: usize = 200;

    /// Reads a service id; `None` when empty, too long, or holding spaces or control characters.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=Self::LENGTH_MAX).contains(&text.len());
        let clean = text.chars().all(|c| !c.is_whitespace() && !c.is_control());
        (fits && clean).then(|| Self(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ServiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_version_four_is_an_id() {
        let id = ThreadId::from_random([7; 16]);
        assert_eq!(ThreadId::parse(&id.to_string()), Some(id));
        assert_eq!(ThreadId::from_slice(id.as_bytes()), Some(id));
        assert_eq!(ThreadId::from_slice(&[7; 16]), None);
        assert_eq!(ThreadId::from_slice(&[7; 15]), None);
    }

    #[test]
    fn service_ids_hold_no_space() {
        assert!(ServiceId::parse("dora--a/b").is_some());
        assert!(ServiceId::parse("").is_none());
        assert!(ServiceId::parse("a b").is_none());
        assert!(ServiceId::parse(&"a".repeat(201)).is_none());
    }
}
