//! Frames of the link between two nodes, typed and bounded. What a frame holds inside (an envelope, a receipt, a
//! record) is bytes here, and is read by its own module; of an envelope over its limit the message alone is looked up.
//!
//! A frame without a known body is refused; fields a later version adds to a known body are passed over.

mod feature;
pub mod inquiry;
mod sync;

#[cfg(test)]
mod tests;

pub use feature::{FEATURES_MAX, SyncFeature};
pub use sync::{
    CarriedManifest, ConsistencyProof, ConsistencyWanted, DEPARTEMENTS_MAX, ITEMS_WANTED_MAX,
    MANIFEST_FRAME_BYTES_MAX, RECORD_BYTES_MAX, SyncFrame, SyncHello,
};

use crate::envelope::ENVELOPE_BYTES_MAX;
use crate::field::{self, BadField, Problem};
use crate::ledger::NOTE_BYTES_MAX;
use prost::Message as _;
use relais_domain::id::MessageId;
use relais_domain::time::Timestamp;
use relais_proto::peer::v1 as proto;
use relais_proto::peer::v1::frame::Body;
use std::fmt;

/// Longest frame, in bytes.
pub const FRAME_BYTES_MAX: usize = 64 * 1024;
/// Longest encoded receipt with its signature, in bytes.
pub const RECEIPT_BYTES_MAX: usize = 4 * 1024;
/// Most envelopes a side may leave unacknowledged.
pub const UNACKNOWLEDGED_MAX: u32 = 256;
/// The version of the protocol spoken.
pub const PROTOCOL: u32 = 1;

/// Why a frame cannot be read or built.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FrameError {
    /// Longer than [`FRAME_BYTES_MAX`].
    #[error("the frame is too big")]
    TooBig,
    /// The envelope in it is longer than [`ENVELOPE_BYTES_MAX`]; this is the message it names, unverified.
    #[error("the envelope is too big")]
    EnvelopeTooBig(MessageId),
    /// A field is wrong.
    #[error(transparent)]
    Field(#[from] BadField),
}

/// One frame of `Exchange`.
#[derive(Clone, PartialEq, Eq)]
pub enum Frame {
    /// Opens the stream.
    Hello(Hello),
    /// The exact bytes of an envelope.
    Envelope(Vec<u8>),
    /// The exact bytes of a signed receipt.
    Receipt(Vec<u8>),
    /// An envelope was refused.
    Rejected(Rejected),
    /// An envelope's content could not be opened.
    CannotOpen(CannotOpen),
    /// Asks for a pong.
    Ping(u64),
    /// Answers a ping.
    Pong(u64),
}

/// What a side says when `Exchange` opens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hello {
    /// Its clock.
    pub clock: Timestamp,
    /// The sequence of its current manifest.
    pub manifest: u64,
    /// How many envelopes it lets the other side have unacknowledged.
    pub unacknowledged_max: u32,
}

/// An envelope was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rejected {
    /// Which.
    pub message: MessageId,
    /// Why.
    pub code: RejectCode,
}

/// No key opens the content of an envelope; nothing of it is stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CannotOpen {
    /// Which.
    pub message: MessageId,
    /// The manifest whose sealing key is to be used.
    pub manifest: u64,
}

/// Why an envelope was refused, as coarse as the other side must know.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RejectCode {
    /// Not there, or not yours: one answer.
    Unknown,
    /// The partnership is suspended.
    Suspended,
    /// Not a well-formed envelope.
    Malformed,
    /// Over a size limit.
    TooBig,
    /// For another structure.
    WrongRecipient,
    /// Not signed by a key of the author's manifest.
    BadSignature,
    /// Two different events at one place, or two envelopes with one message id.
    Forked,
    /// No consent covers it.
    Consent,
    /// Not allowed.
    NotAllowed,
    /// An event before it is missing.
    OutOfOrder,
    /// The node cannot take it now.
    Busy,
    /// It lies in the future of the receiving node's clock.
    FromTheFuture,
}

/// Whether sending the same envelope again can help.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Finality {
    /// It cannot.
    Final,
    /// It can, later.
    Later,
}

impl RejectCode {
    /// Every code, in the order of the wire.
    pub const ALL: [Self; 12] = [
        Self::Unknown,
        Self::Suspended,
        Self::Malformed,
        Self::TooBig,
        Self::WrongRecipient,
        Self::BadSignature,
        Self::Forked,
        Self::Consent,
        Self::NotAllowed,
        Self::OutOfOrder,
        Self::Busy,
        Self::FromTheFuture,
    ];

    /// The code's number on the wire.
    pub const fn number(self) -> u32 {
        match self {
            Self::Unknown => 1,
            Self::Suspended => 2,
            Self::Malformed => 3,
            Self::TooBig => 4,
            Self::WrongRecipient => 5,
            Self::BadSignature => 6,
            Self::Forked => 7,
            Self::Consent => 8,
            Self::NotAllowed => 9,
            Self::OutOfOrder => 10,
            Self::Busy => 11,
            Self::FromTheFuture => 12,
        }
    }

    /// The code of a wire number; `None` for an unknown one.
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.number() == number)
    }

    /// Whether sending the same envelope again can help.
    pub const fn finality(self) -> Finality {
        match self {
            Self::Unknown
            | Self::Malformed
            | Self::TooBig
            | Self::WrongRecipient
            | Self::BadSignature
            | Self::Forked
            | Self::Consent
            | Self::NotAllowed => Finality::Final,
            Self::Suspended | Self::OutOfOrder | Self::Busy | Self::FromTheFuture => Finality::Later,
        }
    }
}

impl Finality {
    const fn number(self) -> i32 {
        match self {
            Self::Final => 1,
            Self::Later => 2,
        }
    }
}

impl Frame {
    /// Reads the bytes of a frame.
    ///
    /// # Errors
    /// [`FrameError`] names the first field that is wrong.
    pub fn decode(bytes: &[u8]) -> Result<Self, FrameError> {
        if bytes.len() > FRAME_BYTES_MAX {
            return Err(FrameError::TooBig);
        }
        Self::from_proto(field::message(bytes)?)
    }

    /// Reads a frame that a stream decoded.
    ///
    /// # Errors
    /// [`FrameError`] names the first field that is wrong.
    pub fn from_proto(message: proto::Frame) -> Result<Self, FrameError> {
        if message.encoded_len() > FRAME_BYTES_MAX {
            return Err(FrameError::TooBig);
        }
        let frame = match field::required("body", message.body)? {
            Body::Hello(message) => Self::Hello(hello(&message)?),
            Body::Envelope(bytes) => Self::Envelope(envelope(bytes)?),
            Body::Receipt(bytes) => Self::Receipt(bounded("receipt", bytes, RECEIPT_BYTES_MAX)?),
            Body::Rejected(message) => Self::Rejected(rejected(&message)?),
            Body::CannotOpen(message) => Self::CannotOpen(cannot_open(&message)?),
            Body::Ping(ping) => Self::Ping(ping.nonce),
            Body::Pong(pong) => Self::Pong(pong.nonce),
        };
        Ok(frame)
    }

    /// The message of the frame, for a stream.
    pub fn into_proto(self) -> proto::Frame {
        let body = match self {
            Self::Hello(hello) => Body::Hello(proto::Hello {
                protocol: PROTOCOL,
                clock_ms: hello.clock.0,
                manifest_sequence: hello.manifest,
                unacknowledged_max: hello.unacknowledged_max,
            }),
            Self::Envelope(bytes) => Body::Envelope(bytes),
            Self::Receipt(bytes) => Body::Receipt(bytes),
            Self::Rejected(rejected) => Body::Rejected(proto::Rejected {
                message_id: rejected.message.as_bytes().to_vec(),
                code: rejected.code.number().cast_signed(),
                finality: rejected.code.finality().number(),
            }),
            Self::CannotOpen(cannot_open) => Body::CannotOpen(proto::CannotOpen {
                message_id: cannot_open.message.as_bytes().to_vec(),
                manifest_sequence: cannot_open.manifest,
            }),
            Self::Ping(nonce) => Body::Ping(proto::Ping { nonce }),
            Self::Pong(nonce) => Body::Pong(proto::Pong { nonce }),
        };
        proto::Frame { body: Some(body) }
    }

    /// The bytes of the frame.
    pub fn encode(self) -> Vec<u8> {
        self.into_proto().encode_to_vec()
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hello(hello) => hello.fmt(f),
            Self::Envelope(bytes) => write!(f, "Envelope({} bytes)", bytes.len()),
            Self::Receipt(bytes) => write!(f, "Receipt({} bytes)", bytes.len()),
            Self::Rejected(rejected) => rejected.fmt(f),
            Self::CannotOpen(cannot_open) => cannot_open.fmt(f),
            Self::Ping(nonce) => write!(f, "Ping({nonce})"),
            Self::Pong(nonce) => write!(f, "Pong({nonce})"),
        }
    }
}

fn hello(message: &proto::Hello) -> Result<Hello, BadField> {
    protocol("hello.protocol", message.protocol)?;
    let window = (1..=UNACKNOWLEDGED_MAX).contains(&message.unacknowledged_max);
    Ok(Hello {
        clock: Timestamp(message.clock_ms),
        manifest: field::nonzero("hello.manifest_sequence", message.manifest_sequence)?,
        unacknowledged_max: field::valid(
            "hello.unacknowledged_max",
            window.then_some(message.unacknowledged_max),
        )?,
    })
}

fn rejected(message: &proto::Rejected) -> Result<Rejected, BadField> {
    let code = field::code("rejected.code", message.code, RejectCode::from_number)?;
    if message.finality != code.finality().number() {
        return Err(BadField::new("rejected.finality", Problem::Invalid));
    }
    Ok(Rejected {
        message: field::bytes("rejected.message_id", &message.message_id, MessageId::from_slice)?,
        code,
    })
}

fn cannot_open(message: &proto::CannotOpen) -> Result<CannotOpen, BadField> {
    Ok(CannotOpen {
        message: field::bytes("cannot_open.message_id", &message.message_id, MessageId::from_slice)?,
        manifest: field::nonzero("cannot_open.manifest_sequence", message.manifest_sequence)?,
    })
}

/// An envelope within its limit; one over it is named, if it can be, so that its sender can be told.
fn envelope(bytes: Vec<u8>) -> Result<Vec<u8>, FrameError> {
    if bytes.len() > ENVELOPE_BYTES_MAX
        && let Some(message) = message_named(&bytes)
    {
        return Err(FrameError::EnvelopeTooBig(message));
    }
    Ok(bounded("envelope", bytes, ENVELOPE_BYTES_MAX)?)
}

fn message_named(envelope: &[u8]) -> Option<MessageId> {
    let envelope = proto::Envelope::decode(envelope).ok()?;
    let skeleton = proto::EventSkeleton::decode(envelope.payload.as_slice()).ok()?;
    MessageId::from_slice(&skeleton.message_id)
}

/// Refuses a protocol version this program does not speak.
fn protocol(name: &'static str, version: u32) -> Result<(), BadField> {
    if version == PROTOCOL { Ok(()) } else { Err(BadField::new(name, Problem::UnknownVersion)) }
}

/// Bytes that must be there, at most `max` of them.
fn bounded(name: &'static str, bytes: Vec<u8>, max: usize) -> Result<Vec<u8>, BadField> {
    if bytes.is_empty() {
        return Err(BadField::new(name, Problem::Missing));
    }
    if bytes.len() > max { Err(BadField::new(name, Problem::TooLong)) } else { Ok(bytes) }
}

/// A checkpoint note that must be there.
fn checkpoint(name: &'static str, note: String) -> Result<String, BadField> {
    if note.is_empty() {
        return Err(BadField::new(name, Problem::Missing));
    }
    if note.len() > NOTE_BYTES_MAX { Err(BadField::new(name, Problem::TooLong)) } else { Ok(note) }
}
