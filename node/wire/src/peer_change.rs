//! A structure's signed, monotonic record of how far it trusts a peer: paired, suspended, removed.
//!
//! The highest sequence holds, so an old record brings nothing back. Local refusal always wins.

use crate::{
    dsse::{DsseError, PayloadType, Signed},
    keys::{SigningSecret, VerifyKey},
};
use prost::Message as _;
use relais_domain::{structure_id::StructureId, time::Timestamp};
use relais_proto::peer::v1 as proto;

/// Format of records this program makes and reads.
pub const PEER_CHANGE_VERSION: u32 = 1;

/// How far a structure trusts a peer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PeerTrust {
    /// Threads may be opened.
    Paired,
    /// Nothing is exchanged until an admin decides.
    Suspended,
    /// Nothing is exchanged any more.
    Removed,
}

/// Why the trust in a peer changed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PeerChangeReason {
    /// Both admins confirmed the pairing.
    PairingConfirmed,
    /// The partnership ended.
    PartnershipEnded,
    /// A key of the peer may be in other hands.
    KeyCompromise,
    /// The peer signed two things that exclude each other.
    Equivocation,
    /// The peer broke the partnership agreement.
    AgreementBroken,
    /// The peer closed.
    StructureClosed,
    /// What led to the suspension is settled.
    Settled,
    /// Another reason, kept by the admin on paper.
    Other,
}

/// A record of how far a structure trusts a peer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PeerChange {
    /// The structure that decides and signs.
    pub structure: StructureId,
    /// The structure decided about.
    pub peer: StructureId,
    /// 1 for the first record about this peer, one more for each that follows.
    pub sequence: u64,
    /// The trust from now on.
    pub trust: PeerTrust,
    /// Why.
    pub reason: PeerChangeReason,
    /// Instant of the decision.
    pub at: Timestamp,
}

/// Why bytes are not a record of whom they should be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PeerChangeError {
    /// Not signed by one of the keys, or signed as another thing.
    #[error(transparent)]
    Signed(#[from] DsseError),
    /// A field is missing or malformed.
    #[error("not a peer change")]
    Shape,
    /// A format this program does not know.
    #[error("peer change format {0} is unknown")]
    Version(u32),
    /// The record speaks for another structure than the one whose keys were tried.
    #[error("the peer change is of another structure")]
    WrongSigner,
    /// The record is not newer than the one held, or of another pair.
    #[error("the peer change is not newer than the one held")]
    NotNewer,
}

impl PeerChange {
    /// Signs the record.
    pub fn sign(&self, secret: &SigningSecret) -> Signed {
        let message = proto::PeerChange {
            version: PEER_CHANGE_VERSION,
            structure_id: self.structure.as_bytes().to_vec(),
            peer_id: self.peer.as_bytes().to_vec(),
            sequence: self.sequence,
            trust: self.trust.to_proto().into(),
            reason: self.reason.to_proto().into(),
            at_ms: self.at.0,
        };
        Signed::sign(PayloadType::PeerChange, message.encode_to_vec(), secret)
    }

    /// Reads an encoded record that `structure` signed with one of `keys`.
    ///
    /// # Errors
    /// [`PeerChangeError`].
    pub fn open(bytes: &[u8], structure: StructureId, keys: &[VerifyKey]) -> Result<Self, PeerChangeError> {
        let signed = Signed::decode(bytes, PayloadType::PeerChange)?;
        let payload = signed.verify_any(PayloadType::PeerChange, keys)?;
        let message = proto::PeerChange::decode(payload).map_err(|_| PeerChangeError::Shape)?;
        if message.version != PEER_CHANGE_VERSION {
            return Err(PeerChangeError::Version(message.version));
        }
        let change = Self::from_proto(&message).ok_or(PeerChangeError::Shape)?;
        if change.structure == structure { Ok(change) } else { Err(PeerChangeError::WrongSigner) }
    }

    /// This record if it follows `held`: of the same pair, with a higher sequence. A removal is followed by nothing but
    /// a new pairing.
    ///
    /// # Errors
    /// [`PeerChangeError::NotNewer`].
    pub fn after(self, held: &Self) -> Result<Self, PeerChangeError> {
        let same_pair = (self.structure, self.peer) == (held.structure, held.peer);
        let revives = held.trust == PeerTrust::Removed && self.reason != PeerChangeReason::PairingConfirmed;
        let stays = self.trust == PeerTrust::Removed;
        let newer = same_pair && self.sequence > held.sequence && (!revives || stays);
        if newer { Ok(self) } else { Err(PeerChangeError::NotNewer) }
    }

    fn from_proto(message: &proto::PeerChange) -> Option<Self> {
        let structure = StructureId::from_slice(&message.structure_id)?;
        let peer = StructureId::from_slice(&message.peer_id).filter(|peer| *peer != structure)?;
        Some(Self {
            structure,
            peer,
            sequence: (message.sequence > 0).then_some(message.sequence)?,
            trust: PeerTrust::from_proto(message.trust())?,
            reason: PeerChangeReason::from_proto(message.reason())?,
            at: Timestamp(message.at_ms),
        })
    }
}

impl PeerTrust {
    const fn to_proto(self) -> proto::PeerTrust {
        match self {
            Self::Paired => proto::PeerTrust::Paired,
            Self::Suspended => proto::PeerTrust::Suspended,
            Self::Removed => proto::PeerTrust::Removed,
        }
    }

    const fn from_proto(message: proto::PeerTrust) -> Option<Self> {
        match message {
            proto::PeerTrust::Unspecified => None,
            proto::PeerTrust::Paired => Some(Self::Paired),
            proto::PeerTrust::Suspended => Some(Self::Suspended),
            proto::PeerTrust::Removed => Some(Self::Removed),
        }
    }
}

impl PeerChangeReason {
    /// The reason's code in tables, logs and pages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::PairingConfirmed => "pairing_confirmed",
            Self::PartnershipEnded => "partnership_ended",
            Self::KeyCompromise => "key_compromise",
            Self::Equivocation => "equivocation",
            Self::AgreementBroken => "agreement_broken",
            Self::StructureClosed => "structure_closed",
            Self::Settled => "settled",
            Self::Other => "other",
        }
    }

    const fn to_proto(self) -> proto::PeerChangeReason {
        match self {
            Self::PairingConfirmed => proto::PeerChangeReason::PairingConfirmed,
            Self::PartnershipEnded => proto::PeerChangeReason::PartnershipEnded,
            Self::KeyCompromise => proto::PeerChangeReason::KeyCompromise,
            Self::Equivocation => proto::PeerChangeReason::Equivocation,
            Self::AgreementBroken => proto::PeerChangeReason::AgreementBroken,
            Self::StructureClosed => proto::PeerChangeReason::StructureClosed,
            Self::Settled => proto::PeerChangeReason::Settled,
            Self::Other => proto::PeerChangeReason::Other,
        }
    }

    const fn from_proto(message: proto::PeerChangeReason) -> Option<Self> {
        match message {
            proto::PeerChangeReason::Unspecified => None,
            proto::PeerChangeReason::PairingConfirmed => Some(Self::PairingConfirmed),
            proto::PeerChangeReason::PartnershipEnded => Some(Self::PartnershipEnded),
            proto::PeerChangeReason::KeyCompromise => Some(Self::KeyCompromise),
            proto::PeerChangeReason::Equivocation => Some(Self::Equivocation),
            proto::PeerChangeReason::AgreementBroken => Some(Self::AgreementBroken),
            proto::PeerChangeReason::StructureClosed => Some(Self::StructureClosed),
            proto::PeerChangeReason::Settled => Some(Self::Settled),
            proto::PeerChangeReason::Other => Some(Self::Other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> SigningSecret {
        SigningSecret::from_bytes(&[6; 32])
    }

    fn change() -> PeerChange {
        PeerChange {
            structure: StructureId::of_root_spki(b"us"),
            peer: StructureId::of_root_spki(b"them"),
            sequence: 2,
            trust: PeerTrust::Suspended,
            reason: PeerChangeReason::KeyCompromise,
            at: Timestamp(1_795_000_000_000),
        }
    }

    fn open(change: &PeerChange) -> Result<PeerChange, PeerChangeError> {
        PeerChange::open(&change.sign(&secret()).encode(), self::change().structure, &[secret().verify_key()])
    }

    #[test]
    fn a_change_comes_back() {
        assert_eq!(open(&change()), Ok(change()));
    }

    #[test]
    fn strangers_and_shapes_are_refused() {
        let of_another = PeerChange { structure: StructureId::of_root_spki(b"x"), ..change() };
        assert_eq!(open(&of_another), Err(PeerChangeError::WrongSigner));
        let about_itself = PeerChange { peer: change().structure, ..change() };
        assert_eq!(open(&about_itself), Err(PeerChangeError::Shape));
        assert_eq!(open(&PeerChange { sequence: 0, ..change() }), Err(PeerChangeError::Shape));
        let keys = [SigningSecret::from_bytes(&[7; 32]).verify_key()];
        let signed = change().sign(&secret()).encode();
        let error = Err(PeerChangeError::Signed(DsseError::Signature));
        assert_eq!(PeerChange::open(&signed, change().structure, &keys), error);
        let future = proto::PeerChange { version: 9, ..Default::default() };
        let future = Signed::sign(PayloadType::PeerChange, future.encode_to_vec(), &secret()).encode();
        let read = PeerChange::open(&future, change().structure, &[secret().verify_key()]);
        assert_eq!(read, Err(PeerChangeError::Version(9)));
    }

    #[test]
    fn an_old_record_brings_nothing_back() {
        let later = PeerChange { sequence: 3, ..change() };
        assert_eq!(later.after(&change()), Ok(later));
        assert_eq!(change().after(&change()), Err(PeerChangeError::NotNewer));
        assert_eq!(change().after(&later), Err(PeerChangeError::NotNewer));
        let of_another = PeerChange { peer: StructureId::of_root_spki(b"x"), ..later };
        assert_eq!(of_another.after(&change()), Err(PeerChangeError::NotNewer));
    }

    #[test]
    fn only_a_new_pairing_follows_a_removal() {
        let removed = PeerChange { trust: PeerTrust::Removed, ..change() };
        let settled = PeerChange {
            sequence: 3,
            trust: PeerTrust::Paired,
            reason: PeerChangeReason::Settled,
            ..change()
        };
        assert_eq!(settled.after(&removed), Err(PeerChangeError::NotNewer));
        let paired = PeerChange { reason: PeerChangeReason::PairingConfirmed, ..settled };
        assert_eq!(paired.after(&removed), Ok(paired));
    }
}
