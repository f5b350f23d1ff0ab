//! Frames of `Sync`: manifests, directory records, checkpoints and their proofs.

use super::feature::{self, SyncFeature};
use super::inquiry::{self, InquiryAnswer};
use super::{FRAME_BYTES_MAX, FrameError, bounded, checkpoint, protocol};
use crate::field::{self, BadField, Problem};
use crate::ledger::PROOF_PATH_MAX;
use crate::reconcile::{RECONCILE_BYTES_MAX, Reconcile};
use prost::Message as _;
use relais_domain::digest::Digest;
use relais_domain::directory::Subscription;
use relais_domain::inquiry::Inquiry;
use relais_domain::structure_id::StructureId;
use relais_domain::territory::DepartementCode;
use relais_domain::time::Timestamp;
use relais_proto::peer::v1 as proto;
use relais_proto::peer::v1::sync_frame::Body;
use std::collections::BTreeSet;
use std::fmt;

/// Longest encoded manifest with its signature, in bytes.
pub const MANIFEST_FRAME_BYTES_MAX: usize = 32 * 1024;
/// Longest encoded directory record with its signature, in bytes.
pub const RECORD_BYTES_MAX: usize = 16 * 1024;
/// Most départements in a hello.
pub const DEPARTEMENTS_MAX: usize = 128;
/// Most records asked for by one frame.
pub const ITEMS_WANTED_MAX: usize = 1_000;
/// What stands for every département.
const FRANCE: &str = "france";

/// One frame of `Sync`.
#[derive(Clone, PartialEq, Eq)]
pub enum SyncFrame {
    /// Opens the stream.
    Hello(SyncHello),
    /// The exact bytes of a signed manifest.
    Manifest(Vec<u8>),
    /// The exact bytes of a signed directory record.
    Record(Vec<u8>),
    /// The sender's ledger checkpoint, a signed note.
    Checkpoint(String),
    /// That an older ledger is a beginning of a newer one.
    ConsistencyProof(ConsistencyProof),
    /// Asks for that proof.
    ConsistencyWanted(ConsistencyWanted),
    /// Asks for every record.
    RecordsWanted,
    /// Every record was sent: this many.
    RecordsDone(u64),
    /// One manifest of a structure that is not the sender.
    CarriedManifest(CarriedManifest),
    /// One message of a comparison.
    Reconcile(Reconcile),
    /// Asks for records, each once.
    ItemsWanted(Vec<Digest>),
    /// Asks who can take a need.
    Inquiry(Box<Inquiry>),
    /// Answers an inquiry.
    InquiryAnswer(Box<InquiryAnswer>),
    /// Asks for a pong.
    Ping(u64),
    /// Answers a ping.
    Pong(u64),
}

/// What a side says when `Sync` opens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyncHello {
    /// Its clock.
    pub clock: Timestamp,
    /// The sequence of its current manifest.
    pub manifest: u64,
    /// How many directory records it has for the other side.
    pub records_count: u64,
    /// SHA-256 over their identities in ascending order.
    pub records_digest: Digest,
    /// The départements whose records it keeps.
    pub subscription: Subscription,
    /// What it knows beyond the first version.
    pub features: BTreeSet<SyncFeature>,
}

/// One manifest of a structure that is not the sender.
#[derive(Clone, PartialEq, Eq)]
pub struct CarriedManifest {
    /// The structure.
    pub structure: StructureId,
    /// The exact bytes of the signed manifest.
    pub manifest: Vec<u8>,
}

/// That the ledger of `old_size` leaves is a beginning of the one of `new_size`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConsistencyProof {
    /// Leaves of the older ledger, from 1.
    pub old_size: u64,
    /// Leaves of the newer ledger.
    pub new_size: u64,
    /// The hashes.
    pub path: Vec<Digest>,
}

/// Asks for the proof that the ledger of `old_size` leaves is a beginning of the one of `new_size`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ConsistencyWanted {
    /// Leaves of the older ledger, from 1.
    pub old_size: u64,
    /// Leaves of the newer ledger.
    pub new_size: u64,
}

impl SyncFrame {
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
    pub fn from_proto(message: proto::SyncFrame) -> Result<Self, FrameError> {
        if message.encoded_len() > FRAME_BYTES_MAX {
            return Err(FrameError::TooBig);
        }
        let frame = match field::required("body", message.body)? {
            Body::Hello(message) => Self::Hello(hello(&message)?),
            Body::Manifest(bytes) => Self::Manifest(bounded("manifest", bytes, MANIFEST_FRAME_BYTES_MAX)?),
            Body::Record(bytes) => Self::Record(bounded("record", bytes, RECORD_BYTES_MAX)?),
            Body::Checkpoint(note) => Self::Checkpoint(checkpoint("checkpoint", note)?),
            Body::ConsistencyProof(message) => Self::ConsistencyProof(proof(&message)?),
            Body::ConsistencyWanted(message) => Self::ConsistencyWanted(wanted(&message)?),
            Body::RecordsWanted(proto::RecordsWanted {}) => Self::RecordsWanted,
            Body::RecordsDone(done) => Self::RecordsDone(done.sent),
            Body::CarriedManifest(message) => Self::CarriedManifest(carried(message)?),
            Body::Reconcile(bytes) => Self::Reconcile(reconcile(bytes)?),
            Body::ItemsWanted(message) => Self::ItemsWanted(items_wanted(&message)?),
            Body::Inquiry(message) => Self::Inquiry(Box::new(inquiry::inquiry_from_proto(message)?)),
            Body::InquiryAnswer(message) => {
                Self::InquiryAnswer(Box::new(inquiry::answer_from_proto(message)?))
            }
            Body::Ping(ping) => Self::Ping(ping.nonce),
            Body::Pong(pong) => Self::Pong(pong.nonce),
        };
        Ok(frame)
    }

    /// The message of the frame, for a stream.
    pub fn into_proto(self) -> proto::SyncFrame {
        let body = match self {
            Self::Hello(hello) => Body::Hello(proto::SyncHello {
                protocol: super::PROTOCOL,
                clock_ms: hello.clock.0,
                manifest_sequence: hello.manifest,
                records_count: hello.records_count,
                records_digest: hello.records_digest.as_bytes().to_vec(),
                departements: departements(hello.subscription),
                features: feature::to_proto(&hello.features),
            }),
            Self::Manifest(bytes) => Body::Manifest(bytes),
            Self::Record(bytes) => Body::Record(bytes),
            Self::Checkpoint(note) => Body::Checkpoint(note),
            Self::ConsistencyProof(proof) => Body::ConsistencyProof(proto::ConsistencyProof {
                old_size: proof.old_size,
                new_size: proof.new_size,
                path: proof.path.iter().map(|hash| hash.as_bytes().to_vec()).collect(),
            }),
            Self::ConsistencyWanted(ConsistencyWanted { old_size, new_size }) => {
                Body::ConsistencyWanted(proto::ConsistencyWanted { old_size, new_size })
            }
            Self::RecordsWanted => Body::RecordsWanted(proto::RecordsWanted {}),
            Self::RecordsDone(sent) => Body::RecordsDone(proto::RecordsDone { sent }),
            Self::CarriedManifest(carried) => Body::CarriedManifest(proto::CarriedManifest {
                structure_id: carried.structure.as_bytes().to_vec(),
                manifest: carried.manifest,
            }),
            Self::Reconcile(message) => Body::Reconcile(message.encode()),
            Self::ItemsWanted(ids) => Body::ItemsWanted(proto::ItemsWanted {
                ids: ids.iter().map(|id| id.as_bytes().to_vec()).collect(),
            }),
            Self::Inquiry(asked) => Body::Inquiry(inquiry::inquiry_to_proto(&asked)),
            Self::InquiryAnswer(answer) => Body::InquiryAnswer(inquiry::answer_to_proto(&answer)),
            Self::Ping(nonce) => Body::Ping(proto::Ping { nonce }),
            Self::Pong(nonce) => Body::Pong(proto::Pong { nonce }),
        };
        proto::SyncFrame { body: Some(body) }
    }

    /// The bytes of the frame.
    pub fn encode(self) -> Vec<u8> {
        self.into_proto().encode_to_vec()
    }
}

impl fmt::Debug for CarriedManifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CarriedManifest({}, {} bytes)", self.structure.short(), self.manifest.len())
    }
}

impl fmt::Debug for SyncFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hello(hello) => hello.fmt(f),
            Self::Manifest(bytes) => write!(f, "Manifest({} bytes)", bytes.len()),
            Self::Record(bytes) => write!(f, "Record({} bytes)", bytes.len()),
            Self::Checkpoint(note) => write!(f, "Checkpoint({} bytes)", note.len()),
            Self::ConsistencyProof(proof) => {
                write!(f, "ConsistencyProof({} to {})", proof.old_size, proof.new_size)
            }
            Self::ConsistencyWanted(wanted) => wanted.fmt(f),
            Self::RecordsWanted => f.write_str("RecordsWanted"),
            Self::RecordsDone(sent) => write!(f, "RecordsDone({sent})"),
            Self::CarriedManifest(carried) => carried.fmt(f),
            Self::Reconcile(message) => message.fmt(f),
            Self::ItemsWanted(ids) => write!(f, "ItemsWanted({})", ids.len()),
            Self::Inquiry(asked) => write!(f, "Inquiry({})", asked.id),
            Self::InquiryAnswer(answer) => write!(f, "InquiryAnswer({})", answer.inquiry),
            Self::Ping(nonce) => write!(f, "Ping({nonce})"),
            Self::Pong(nonce) => write!(f, "Pong({nonce})"),
        }
    }
}

fn hello(message: &proto::SyncHello) -> Result<SyncHello, BadField> {
    protocol("hello.protocol", message.protocol)?;
    Ok(SyncHello {
        clock: Timestamp(message.clock_ms),
        manifest: field::nonzero("hello.manifest_sequence", message.manifest_sequence)?,
        records_count: message.records_count,
        records_digest: field::digest("hello.records_digest", &message.records_digest)?,
        subscription: subscription(&message.departements)?,
        features: feature::from_proto("hello.features", &message.features)?,
    })
}

/// The départements of a hello; codes that are not known here are passed over.
fn subscription(codes: &[String]) -> Result<Subscription, BadField> {
    if codes.len() > DEPARTEMENTS_MAX {
        return Err(BadField::new("hello.departements", Problem::TooMany));
    }
    if codes.iter().any(|code| code == FRANCE) {
        return Ok(Subscription::FRANCE);
    }
    Ok(Subscription::of(codes.iter().filter_map(|code| DepartementCode::parse(code))))
}

fn departements(subscription: Subscription) -> Vec<String> {
    if subscription.is_france() {
        return vec![FRANCE.to_owned()];
    }
    subscription.departements().map(|code| code.to_string()).collect()
}

fn carried(message: proto::CarriedManifest) -> Result<CarriedManifest, BadField> {
    Ok(CarriedManifest {
        structure: field::structure("carried_manifest.structure_id", &message.structure_id)?,
        manifest: bounded("carried_manifest.manifest", message.manifest, MANIFEST_FRAME_BYTES_MAX)?,
    })
}

fn reconcile(bytes: Vec<u8>) -> Result<Reconcile, BadField> {
    let bytes = bounded("reconcile", bytes, RECONCILE_BYTES_MAX)?;
    field::valid("reconcile", Reconcile::decode(&bytes))
}

fn items_wanted(message: &proto::ItemsWanted) -> Result<Vec<Digest>, BadField> {
    if message.ids.is_empty() {
        return Err(BadField::new("items_wanted.ids", Problem::Missing));
    }
    if message.ids.len() > ITEMS_WANTED_MAX {
        return Err(BadField::new("items_wanted.ids", Problem::TooMany));
    }
    let mut seen = BTreeSet::new();
    for id in &message.ids {
        field::insert("items_wanted.ids", &mut seen, field::digest("items_wanted.ids", id)?)?;
    }
    Ok(seen.into_iter().collect())
}

fn wanted(message: &proto::ConsistencyWanted) -> Result<ConsistencyWanted, BadField> {
    let old_size = field::nonzero("consistency_wanted.old_size", message.old_size)?;
    if message.new_size < old_size {
        return Err(BadField::new("consistency_wanted.new_size", Problem::Invalid));
    }
    Ok(ConsistencyWanted { old_size, new_size: message.new_size })
}

fn proof(message: &proto::ConsistencyProof) -> Result<ConsistencyProof, BadField> {
    let old_size = field::nonzero("consistency_proof.old_size", message.old_size)?;
    if message.new_size < old_size {
        return Err(BadField::new("consistency_proof.new_size", Problem::Invalid));
    }
    if message.path.len() > PROOF_PATH_MAX {
        return Err(BadField::new("consistency_proof.path", Problem::TooMany));
    }
    let path = message.path.iter().map(|hash| field::digest("consistency_proof.path", hash));
    Ok(ConsistencyProof { old_size, new_size: message.new_size, path: path.collect::<Result<_, _>>()? })
}
