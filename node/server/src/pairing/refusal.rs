//! Why a pairing ends, as the other side is told.

use relais_proto::peer::v1::{self as proto, pair_frame::Body};
use std::fmt;

/// Why a pairing ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PairRefusal {
    /// No reason this program knows.
    Unspecified,
    /// The inviter has no such invitation.
    NoInvitation,
    /// A manifest, or the certificate presented, was not admitted.
    Manifest,
    /// The proof does not fit, or the number is of no invitation: one answer.
    Proof,
    /// The two sides propose different agreements.
    Agreement,
    /// Too many attempts.
    Rate,
    /// An admin declined.
    Declined,
    /// The invitation has expired.
    Expired,
    /// The invitation was used.
    Used,
    /// The invitation was withdrawn, or met too many wrong proofs.
    Dead,
    /// No partner of the side that refuses vouches for the other.
    NotVouched,
    /// Too many introductions wait.
    Full,
    /// The two are partners already.
    Known,
}

impl PairRefusal {
    const ALL: [Self; 13] = [
        Self::Unspecified,
        Self::NoInvitation,
        Self::Manifest,
        Self::Proof,
        Self::Agreement,
        Self::Rate,
        Self::Declined,
        Self::Expired,
        Self::Used,
        Self::Dead,
        Self::NotVouched,
        Self::Full,
        Self::Known,
    ];

    /// The number on the wire. What became of an invitation is told only to a side that has proven the secret.
    const fn number(self) -> i32 {
        match self {
            Self::Unspecified => proto::PairRefusal::Unspecified as i32,
            Self::NoInvitation => proto::PairRefusal::NoInvitation as i32,
            Self::Manifest => proto::PairRefusal::Manifest as i32,
            Self::Proof => proto::PairRefusal::Proof as i32,
            Self::Agreement => proto::PairRefusal::Agreement as i32,
            Self::Rate => proto::PairRefusal::Rate as i32,
            Self::Declined => proto::PairRefusal::Declined as i32,
            Self::Expired => proto::PairRefusal::Expired as i32,
            Self::Used => proto::PairRefusal::Used as i32,
            Self::Dead => proto::PairRefusal::Dead as i32,
            Self::NotVouched => proto::PairRefusal::NotVouched as i32,
            Self::Full => proto::PairRefusal::Full as i32,
            Self::Known => proto::PairRefusal::Known as i32,
        }
    }

    pub(super) fn from_proto(refused: &proto::PairRefused) -> Self {
        let known = Self::ALL.into_iter().find(|refusal| refusal.number() == refused.reason);
        known.unwrap_or(Self::Unspecified)
    }

    pub(super) fn to_frame(self) -> proto::PairFrame {
        let refused = proto::PairRefused { reason: self.number() };
        proto::PairFrame { body: Some(Body::Refused(refused)) }
    }
}

impl fmt::Display for PairRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unspecified => "the other side gave no reason",
            Self::NoInvitation => "there is no such invitation",
            Self::Manifest => "the other side does not admit our manifest or certificate",
            Self::Proof => {
                "the invitation is not known there, or its secret is not this one: copy the whole link"
            }
            Self::Agreement => "the two structures propose different partnership agreements",
            Self::Rate => "too many attempts: wait a minute",
            Self::Declined => "an admin of the other side declined",
            Self::Expired => "the invitation has expired: ask for a new one",
            Self::Used => "the invitation was already used: ask for a new one, and ask who used it",
            Self::Dead => "the invitation was withdrawn or met three wrong proofs: ask for a new one",
            Self::NotVouched => "no partner of the other side recommends this structure now",
            Self::Full => "too many introductions wait at the other side: later",
            Self::Known => "the other side holds this structure as a partner already",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_comes_back_and_an_unknown_one_is_none() {
        for refusal in PairRefusal::ALL {
            let Some(Body::Refused(refused)) = refusal.to_frame().body else { panic!("{refusal:?}") };
            assert_eq!(PairRefusal::from_proto(&refused), refusal);
        }
        let unknown = proto::PairRefused { reason: 99 };
        assert_eq!(PairRefusal::from_proto(&unknown), PairRefusal::Unspecified);
    }
}
