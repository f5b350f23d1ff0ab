//! The frames of a pairing: introductions in pieces of at most one frame, and the signed confirmation.

use super::{InvitationNumber, PAIRING_VERSION, Party};
use crate::{
    dsse::{DsseError, PayloadType, Signed},
    keys::{SigningSecret, VerifyKey},
    manifest::{
        Manifest, ManifestError,
        chain::{CHAIN_MANIFESTS_MAX, Chain},
    },
    text,
};
use prost::Message as _;
use relais_domain::{digest::Digest, structure_id::StructureId, time::Timestamp};
use relais_proto::peer::v1::{self as proto, pair_frame::Body};

/// Most manifests in one frame: three of the longest fit in 64 KiB beside the rest.
pub const FRAME_MANIFESTS_MAX: usize = 3;
/// Most site names in an introduction.
pub const SITES_MAX: usize = 16;
/// Format of confirmations this program makes and reads.
pub const CONFIRMATION_VERSION: u32 = 1;

/// Why a frame of a pairing is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FrameError {
    /// A field is missing, malformed or out of bounds.
    #[error("not a pairing frame")]
    Shape,
    /// A version this program does not know.
    #[error("pairing version {0} is unknown")]
    Version(u32),
    /// A manifest of the other side is refused.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A signature does not verify.
    #[error(transparent)]
    Signed(#[from] DsseError),
}

/// Who a side is, as it says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Introduction {
    /// Its manifests from sequence 1.
    pub chain: Chain,
    /// Its sites by name; at most [`SITES_MAX`].
    pub site_names: Vec<String>,
}

/// The frames with which a joiner opens.
pub fn open_frames(number: InvitationNumber, joiner: &Introduction) -> Vec<proto::PairFrame> {
    let (manifests, further) = split(&joiner.chain);
    let open = proto::PairOpen {
        version: PAIRING_VERSION,
        invitation_number: number.0.to_vec(),
        manifests,
        site_names: joiner.site_names.clone(),
        manifests_total: total(&joiner.chain),
    };
    frames(Body::Open(open), further)
}

/// The frames with which an inviter answers.
pub fn offer_frames(inviter: &Introduction) -> Vec<proto::PairFrame> {
    let (manifests, further) = split(&inviter.chain);
    let offer = proto::PairOffer {
        version: PAIRING_VERSION,
        manifests,
        site_names: inviter.site_names.clone(),
        manifests_total: total(&inviter.chain),
    };
    frames(Body::Offer(offer), further)
}

/// The frames with which a structure asks to be introduced.
pub fn introduce_frames(asker: &Introduction) -> Vec<proto::PairFrame> {
    let (manifests, further) = split(&asker.chain);
    let introduce = proto::PairIntroduce {
        version: PAIRING_VERSION,
        manifests,
        site_names: asker.site_names.clone(),
        manifests_total: total(&asker.chain),
    };
    frames(Body::Introduce(introduce), further)
}

fn total(chain: &Chain) -> u32 {
    u32::try_from(chain.manifests().count()).unwrap_or(u32::MAX)
}

/// The manifests for the first frame, and the rest in further pieces.
fn split(chain: &Chain) -> (Vec<proto::Signed>, Vec<Vec<proto::Signed>>) {
    let all: Vec<proto::Signed> = chain.manifests().map(|manifest| manifest.signed().to_proto()).collect();
    let mut pieces = all.chunks(FRAME_MANIFESTS_MAX).map(<[_]>::to_vec);
    (pieces.next().unwrap_or_default(), pieces.collect())
}

fn frames(first: Body, further: Vec<Vec<proto::Signed>>) -> Vec<proto::PairFrame> {
    let further = further.into_iter().map(|manifests| Body::Manifests(proto::PairManifests { manifests }));
    std::iter::once(first).chain(further).map(|body| proto::PairFrame { body: Some(body) }).collect()
}

/// Reads an introduction that comes in one or more frames.
#[derive(Debug)]
pub struct IntroductionReader {
    manifests: Vec<Manifest>,
    total: usize,
    site_names: Vec<String>,
}

impl IntroductionReader {
    /// Begins with a joiner's first frame; the number says which invitation, before any signature is checked.
    ///
    /// # Errors
    /// [`FrameError`].
    pub fn number_of(open: &proto::PairOpen) -> Result<InvitationNumber, FrameError> {
        check_version(open.version)?;
        InvitationNumber::from_slice(&open.invitation_number).ok_or(FrameError::Shape)
    }

    /// Begins with a joiner's first frame.
    ///
    /// # Errors
    /// [`FrameError`].
    pub fn from_open(open: proto::PairOpen) -> Result<Self, FrameError> {
        Self::number_of(&open)?;
        Self::begin(open.manifests, open.manifests_total, open.site_names)
    }

    /// Begins with an inviter's first frame.
    ///
    /// # Errors
    /// [`FrameError`].
    pub fn from_offer(offer: proto::PairOffer) -> Result<Self, FrameError> {
        check_version(offer.version)?;
        Self::begin(offer.manifests, offer.manifests_total, offer.site_names)
    }

    /// Begins with the first frame of a structure that asks to be introduced.
    ///
    /// # Errors
    /// [`FrameError`].
    pub fn from_introduce(introduce: proto::PairIntroduce) -> Result<Self, FrameError> {
        check_version(introduce.version)?;
        Self::begin(introduce.manifests, introduce.manifests_total, introduce.site_names)
    }

    fn begin(manifests: Vec<proto::Signed>, total: u32, site_names: Vec<String>) -> Result<Self, FrameError> {
        let total = usize::try_from(total).unwrap_or(usize::MAX);
        let sites = site_names.len() <= SITES_MAX && site_names.iter().all(|name| text::is_plain_line(name));
        if !(1..=CHAIN_MANIFESTS_MAX).contains(&total) || !sites {
            return Err(FrameError::Shape);
        }
        let mut reader = Self { manifests: Vec::new(), total, site_names };
        reader.push(proto::PairManifests { manifests })?;
        Ok(reader)
    }

    /// Takes in further manifests.
    ///
    /// # Errors
    /// [`FrameError`]: none, more than announced, or one refused.
    pub fn push(&mut self, further: proto::PairManifests) -> Result<(), FrameError> {
        let count = further.manifests.len();
        let fits = (1..=FRAME_MANIFESTS_MAX).contains(&count) && self.manifests.len() + count <= self.total;
        if !fits {
            return Err(FrameError::Shape);
        }
        for message in further.manifests {
            let signed = Signed::from_proto(message, PayloadType::Manifest)?;
            self.manifests.push(Manifest::admit_signed(signed)?);
        }
        Ok(())
    }

    /// Whether every manifest announced is here.
    pub fn is_complete(&self) -> bool {
        self.manifests.len() == self.total
    }

    /// The introduction: a valid chain from sequence 1.
    ///
    /// # Errors
    /// [`FrameError`] when manifests are missing or do not form a chain.
    pub fn finish(self) -> Result<Introduction, FrameError> {
        if !self.is_complete() {
            return Err(FrameError::Shape);
        }
        Ok(Introduction { chain: Chain::from_manifests(self.manifests)?, site_names: self.site_names })
    }
}

fn check_version(version: u32) -> Result<(), FrameError> {
    if version == PAIRING_VERSION { Ok(()) } else { Err(FrameError::Version(version)) }
}

/// What an admin confirmed: that the words are the same on both sides, and the agreement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Confirmation {
    /// The invitation.
    pub number: InvitationNumber,
    /// The side that confirms and signs.
    pub signer: Party,
    /// The side it confirms.
    pub peer: Party,
    /// SHA-256 of the partnership agreement's text.
    pub agreement: Digest,
    /// Instant of the confirmation.
    pub at: Timestamp,
}

impl Confirmation {
    /// Signs the confirmation.
    pub fn sign(&self, secret: &SigningSecret) -> Signed {
        let message = proto::PairConfirmation {
            version: CONFIRMATION_VERSION,
            invitation_number: self.number.0.to_vec(),
            signer_id: self.signer.structure.as_bytes().to_vec(),
            peer_id: self.peer.structure.as_bytes().to_vec(),
            signer_manifest_hash: self.signer.manifest.as_bytes().to_vec(),
            peer_manifest_hash: self.peer.manifest.as_bytes().to_vec(),
            agreement_hash: self.agreement.as_bytes().to_vec(),
            at_ms: self.at.0,
        };
        Signed::sign(PayloadType::PairingConfirmation, message.encode_to_vec(), secret)
    }

    /// Reads a confirmation signed by one of `keys`.
    ///
    /// # Errors
    /// [`FrameError`].
    pub fn open(signed: &Signed, keys: &[VerifyKey]) -> Result<Self, FrameError> {
        let payload = signed.verify_any(PayloadType::PairingConfirmation, keys)?;
        let message = proto::PairConfirmation::decode(payload).map_err(|_| FrameError::Shape)?;
        if message.version != CONFIRMATION_VERSION {
            return Err(FrameError::Version(message.version));
        }
        Ok(Self {
            number: InvitationNumber::from_slice(&message.invitation_number).ok_or(FrameError::Shape)?,
            signer: party(&message.signer_id, &message.signer_manifest_hash)?,
            peer: party(&message.peer_id, &message.peer_manifest_hash)?,
            agreement: Digest::from_slice(&message.agreement_hash).ok_or(FrameError::Shape)?,
            at: Timestamp(message.at_ms),
        })
    }
}

fn party(structure: &[u8], manifest: &[u8]) -> Result<Party, FrameError> {
    let structure = StructureId::from_slice(structure).ok_or(FrameError::Shape)?;
    let manifest = Digest::from_slice(manifest).ok_or(FrameError::Shape)?;
    Ok(Party { structure, manifest })
}
