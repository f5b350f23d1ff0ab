//! Inquiries as they are stored.

use super::DAY;
use super::kept::OursPlace;
use prost::Message as _;
use relais_domain::id::{InquiryId, ProfessionalId};
use relais_domain::inquiry::{Answer, Asked, Held, Inquiry, Pending};
use relais_domain::structure_id::StructureId;
use relais_domain::territory::CommuneCode;
use relais_domain::time::Timestamp;
use relais_proto::peer::v1 as proto;
use relais_store::StoreError;
use relais_wire::frame::inquiry::{self as translate, InquiryAnswer};
use serde::{Deserialize, Serialize};

/// What keys of this structure's inquiries begin with.
pub(super) const OURS: &[u8] = &[1];
/// What keys of partners' inquiries begin with.
pub(super) const THEIRS: &[u8] = &[2];

/// An inquiry of this structure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ours {
    /// What partners are told.
    pub inquiry: Inquiry,
    /// The commune that was typed; it leaves no node.
    pub commune: CommuneCode,
    /// Who asked.
    pub author: ProfessionalId,
    /// When.
    pub asked_at: Timestamp,
    /// Who is asked.
    pub partners: Vec<Asked>,
    /// How many were left out, since they were asked too often lately.
    pub left_out: u32,
    /// How many more there are, further away than those that are asked.
    pub beyond: u32,
    /// How many answers had been heard when who asked looked last.
    pub seen: u32,
}

/// An inquiry of a partner.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Theirs {
    /// Who asks.
    pub peer: StructureId,
    /// What.
    pub inquiry: Inquiry,
    /// When it came.
    pub received_at: Timestamp,
    /// What this structure answered, and how often.
    pub held: Option<Held>,
    /// Who answered; `None` for the node itself.
    pub answered_by: Option<ProfessionalId>,
}

#[derive(Serialize, Deserialize)]
struct StoredOurs {
    inquiry: Vec<u8>,
    commune: String,
    author: [u8; 16],
    asked_ms: i64,
    partners: Vec<StoredAsked>,
    left_out: u32,
    #[serde(default)]
    beyond: u32,
    #[serde(default)]
    seen: u32,
}

#[derive(Serialize, Deserialize)]
struct StoredAsked {
    partner: [u8; 32],
    sent_ms: Option<i64>,
    answer: Option<StoredAnswer>,
}

#[derive(Serialize, Deserialize)]
struct StoredAnswer {
    answer: Vec<u8>,
    heard: u32,
}

#[derive(Serialize, Deserialize)]
struct StoredTheirs {
    peer: [u8; 32],
    inquiry: Vec<u8>,
    received_ms: i64,
    answer: Option<StoredAnswer>,
    answered_by: Option<[u8; 16]>,
}

fn corrupt() -> StoreError {
    StoreError::Corrupt("inquiry: not an inquiry's document".to_owned())
}

fn body(stored: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(stored).unwrap_or_default()
}

fn store_inquiry(inquiry: &Inquiry) -> Vec<u8> {
    translate::inquiry_to_proto(inquiry).encode_to_vec()
}

fn read_inquiry(bytes: &[u8]) -> Result<Inquiry, StoreError> {
    let message = proto::Inquiry::decode(bytes).map_err(|_| corrupt())?;
    translate::inquiry_from_proto(message).map_err(|_| corrupt())
}

fn store_answer(inquiry: InquiryId, held: &Held) -> StoredAnswer {
    let answer = InquiryAnswer { inquiry, answer: held.answer.clone() };
    StoredAnswer { answer: translate::answer_to_proto(&answer).encode_to_vec(), heard: held.heard }
}

fn read_answer(stored: &StoredAnswer) -> Result<Held, StoreError> {
    let message = proto::InquiryAnswer::decode(stored.answer.as_slice()).map_err(|_| corrupt())?;
    let read = translate::answer_from_proto(message).map_err(|_| corrupt())?;
    Ok(Held { answer: read.answer, heard: stored.heard })
}

/// The key of one of this structure's inquiries.
pub(super) fn our_key(id: InquiryId) -> Vec<u8> {
    [OURS, id.as_bytes()].concat()
}

/// The key of a partner's inquiry: another partner's of the same id is another one.
pub(super) fn their_key(peer: StructureId, id: InquiryId) -> Vec<u8> {
    [THEIRS, peer.as_bytes(), id.as_bytes()].concat()
}

impl Ours {
    /// Whether answers still count at `now`.
    pub fn is_open(&self, now: Timestamp) -> bool {
        now < self.inquiry.expires_at
    }

    /// Whether it can still change, or counts against a limit.
    pub(super) fn counts(&self, now: Timestamp) -> bool {
        self.is_open(now) || now.since(self.asked_at) < DAY
    }

    /// Whether a partner that was asked has still to answer.
    pub(super) fn pending(&self, asked: &Asked, now: Timestamp) -> Pending {
        if self.is_open(now) && asked.answer().is_none() { Pending::Yes } else { Pending::No }
    }

    /// Where it stands in their order.
    pub fn place(&self) -> OursPlace {
        (self.asked_at, self.inquiry.id)
    }

    /// How many answers were heard, changes of mind among them.
    pub fn heard(&self) -> u32 {
        self.partners.iter().filter_map(|asked| asked.held.as_ref()).map(|held| held.heard).sum()
    }

    /// Whether there is an answer, and something that who asked has not seen yet.
    pub fn is_news(&self) -> bool {
        self.heard() > self.seen && self.partners.iter().any(|asked| asked.answer().is_some())
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let partner = |asked: &Asked| StoredAsked {
            partner: *asked.partner.as_bytes(),
            sent_ms: asked.sent_at.map(|at| at.0),
            answer: asked.held.as_ref().map(|held| store_answer(self.inquiry.id, held)),
        };
        body(&StoredOurs {
            inquiry: store_inquiry(&self.inquiry),
            commune: self.commune.to_string(),
            author: *self.author.as_bytes(),
            asked_ms: self.asked_at.0,
            partners: self.partners.iter().map(partner).collect(),
            left_out: self.left_out,
            beyond: self.beyond,
            seen: self.seen,
        })
    }

    pub(super) fn decode(body: &[u8]) -> Result<Self, StoreError> {
        let stored: StoredOurs = serde_json::from_slice(body).map_err(|_| corrupt())?;
        let partner = |asked: &StoredAsked| {
            Ok(Asked {
                partner: StructureId::from_slice(&asked.partner).ok_or_else(corrupt)?,
                sent_at: asked.sent_ms.map(Timestamp),
                held: asked.answer.as_ref().map(read_answer).transpose()?,
            })
        };
        Ok(Self {
            inquiry: read_inquiry(&stored.inquiry)?,
            commune: CommuneCode::parse(&stored.commune).ok_or_else(corrupt)?,
            author: ProfessionalId::from_slice(&stored.author).ok_or_else(corrupt)?,
            asked_at: Timestamp(stored.asked_ms),
            partners: stored.partners.iter().map(partner).collect::<Result<_, StoreError>>()?,
            left_out: stored.left_out,
            beyond: stored.beyond,
            seen: stored.seen,
        })
    }
}

/// Where a partner's inquiry stands in their order: whether it was answered, when it expires, whose and which it is.
pub type TheirsPlace = (bool, Timestamp, StructureId, InquiryId);

impl Theirs {
    /// What this structure answers; `None` before, and once that was taken back.
    pub fn answer(&self) -> Option<&Answer> {
        self.held.as_ref().and_then(Held::said)
    }

    /// Where it stands in their order.
    pub fn place(&self) -> TheirsPlace {
        (self.answer().is_some(), self.inquiry.expires_at, self.peer, self.inquiry.id)
    }

    /// Whether an answer still counts at `now`.
    pub fn is_open(&self, now: Timestamp) -> bool {
        now < self.inquiry.expires_at
    }

    /// Whether it can still change, or counts against a limit.
    pub(super) fn counts(&self, now: Timestamp) -> bool {
        self.is_open(now) || now.since(self.received_at) < DAY
    }

    /// Whether it waits for this structure's answer.
    pub(super) fn pending(&self, now: Timestamp) -> Pending {
        if self.is_open(now) && self.answer().is_none() { Pending::Yes } else { Pending::No }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        body(&StoredTheirs {
            peer: *self.peer.as_bytes(),
            inquiry: store_inquiry(&self.inquiry),
            received_ms: self.received_at.0,
            answer: self.held.as_ref().map(|held| store_answer(self.inquiry.id, held)),
            answered_by: self.answered_by.map(|by| *by.as_bytes()),
        })
    }

    pub(super) fn decode(body: &[u8]) -> Result<Self, StoreError> {
        let stored: StoredTheirs = serde_json::from_slice(body).map_err(|_| corrupt())?;
        let by = |id: [u8; 16]| ProfessionalId::from_slice(&id).ok_or_else(corrupt);
        Ok(Self {
            peer: StructureId::from_slice(&stored.peer).ok_or_else(corrupt)?,
            inquiry: read_inquiry(&stored.inquiry)?,
            received_at: Timestamp(stored.received_ms),
            held: stored.answer.as_ref().map(read_answer).transpose()?,
            answered_by: stored.answered_by.map(by).transpose()?,
        })
    }
}
