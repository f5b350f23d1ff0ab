//! The signed skeleton: its message, and what must hold of it whoever wrote it.

use crate::content::PartKind;
use crate::field::{self, BadField, Problem};
use relais_domain::digest::Digest;
use relais_domain::event::{EventKind, Link, Skeleton, ThreadKind};
use relais_domain::id::{MessageId, ThreadId};
use relais_domain::time::Day;
use relais_proto::peer::v1 as proto;

/// The format written and read.
pub const SKELETON_VERSION: u32 = 1;
/// Earliest day an event may bear: 2020-01-01.
pub const DAY_MIN: Day = Day(18_262);
/// Latest day an event may bear: 2099-12-31.
pub const DAY_MAX: Day = Day(47_481);
/// Most commitments: one for each part there is.
pub(super) const COMMITMENTS_MAX: usize = 16;

/// The message, as it is signed.
pub(super) fn to_proto(skeleton: &Skeleton) -> proto::EventSkeleton {
    let commitments = skeleton.commitments.iter().map(|(part, commitment)| proto::PartCommitment {
        part: *part,
        hmac: commitment.as_bytes().to_vec(),
    });
    proto::EventSkeleton {
        version: SKELETON_VERSION,
        thread_kind: skeleton.thread_kind.number().cast_signed(),
        kind: skeleton.kind.number().cast_signed(),
        author_id: skeleton.author.as_bytes().to_vec(),
        author_manifest_sequence: skeleton.manifest,
        recipient_id: skeleton.recipient.as_bytes().to_vec(),
        message_id: skeleton.message.as_bytes().to_vec(),
        thread_id: skeleton.thread.as_bytes().to_vec(),
        day: skeleton.day.0,
        sequence: skeleton.sequence,
        previous_hash: field::digest_bytes(skeleton.previous),
        seen: skeleton
            .seen
            .map(|link| proto::EventLink { sequence: link.sequence, hash: link.hash.as_bytes().to_vec() }),
        consent_digest: skeleton.consent.as_bytes().to_vec(),
        commitments: commitments.collect(),
    }
}

/// Reads a signed payload: canonical, and every rule of [`check`] holds.
pub(super) fn read(payload: &[u8]) -> Result<Skeleton, BadField> {
    let message: proto::EventSkeleton = field::message(payload)?;
    if message.version != SKELETON_VERSION {
        return Err(BadField::new("version", Problem::UnknownVersion));
    }
    let skeleton = from_proto(&message)?;
    check(&skeleton)?;
    field::canonical(payload, &to_proto(&skeleton))?;
    Ok(skeleton)
}

fn from_proto(message: &proto::EventSkeleton) -> Result<Skeleton, BadField> {
    Ok(Skeleton {
        thread_kind: field::code("thread_kind", message.thread_kind, ThreadKind::from_number)?,
        kind: field::code("kind", message.kind, EventKind::from_number)?,
        author: field::structure("author_id", &message.author_id)?,
        manifest: message.author_manifest_sequence,
        recipient: field::structure("recipient_id", &message.recipient_id)?,
        message: field::bytes("message_id", &message.message_id, MessageId::from_slice)?,
        thread: field::bytes("thread_id", &message.thread_id, ThreadId::from_slice)?,
        day: Day(message.day),
        sequence: message.sequence,
        previous: field::optional_digest("previous_hash", &message.previous_hash)?,
        seen: message.seen.as_ref().map(link).transpose()?,
        consent: field::digest("consent_digest", &message.consent_digest)?,
        commitments: commitments(&message.commitments)?,
    })
}

fn link(message: &proto::EventLink) -> Result<Link, BadField> {
    Ok(Link { sequence: message.sequence, hash: field::digest("seen.hash", &message.hash)? })
}

fn commitments(messages: &[proto::PartCommitment]) -> Result<Vec<(u32, Digest)>, BadField> {
    if messages.len() > COMMITMENTS_MAX {
        return Err(BadField::new("commitments", Problem::TooMany));
    }
    messages.iter().map(|one| Ok((one.part, field::digest("commitments.hmac", &one.hmac)?))).collect()
}

/// What must hold of every skeleton, by itself.
pub(super) fn check(skeleton: &Skeleton) -> Result<(), BadField> {
    field::nonzero("author_manifest_sequence", skeleton.manifest)?;
    if skeleton.author == skeleton.recipient {
        return Err(BadField::new("recipient_id", Problem::Invalid));
    }
    if !(DAY_MIN..=DAY_MAX).contains(&skeleton.day) {
        return Err(BadField::new("day", Problem::Invalid));
    }
    if !belongs(skeleton.kind, skeleton.thread_kind) {
        return Err(BadField::new("thread_kind", Problem::Invalid));
    }
    check_place(skeleton)?;
    check_commitments(&skeleton.commitments)
}

/// The event's place in its chain, and what it had seen.
fn check_place(skeleton: &Skeleton) -> Result<(), BadField> {
    field::nonzero("sequence", skeleton.sequence)?;
    match (skeleton.sequence, skeleton.previous) {
        (1, Some(_)) => return Err(BadField::new("previous_hash", Problem::Unexpected)),
        (2.., None) => return Err(BadField::new("previous_hash", Problem::Missing)),
        (_, Some(_) | None) => {}
    }
    if let Some(seen) = skeleton.seen {
        field::nonzero("seen.sequence", seen.sequence)?;
    }
    if !skeleton.kind.opens() {
        return Ok(());
    }
    if skeleton.sequence != 1 {
        return Err(BadField::new("sequence", Problem::Invalid));
    }
    if skeleton.seen.is_some() { Err(BadField::new("seen", Problem::Unexpected)) } else { Ok(()) }
}

fn check_commitments(commitments: &[(u32, Digest)]) -> Result<(), BadField> {
    let mut last = 0;
    for (part, _) in commitments {
        if PartKind::from_number(*part).is_none() {
            return Err(BadField::new("commitments.part", Problem::UnknownPart));
        }
        if *part == last {
            return Err(BadField::new("commitments.part", Problem::Repeated));
        }
        if *part < last {
            return Err(BadField::new("commitments.part", Problem::Unordered));
        }
        last = *part;
    }
    Ok(())
}

/// Whether a thread of this kind has events of this kind at all. When one may be written is the fold's to say.
const fn belongs(kind: EventKind, thread: ThreadKind) -> bool {
    match kind {
        EventKind::Accepted
        | EventKind::Disclosed
        | EventKind::Refused
        | EventKind::ConsentEnded
        | EventKind::Note
        | EventKind::Voided
        | EventKind::Erased => true,
        EventKind::Sent
        | EventKind::InfoRequested
        | EventKind::InfoGiven
        | EventKind::Waitlisted
        | EventKind::Scheduled
        | EventKind::NoShow
        | EventKind::Arrived
        | EventKind::Closed
        | EventKind::Released
        | EventKind::Withdrawn
        | EventKind::WithdrawalAsked
        | EventKind::Expired
        | EventKind::Corrected => matches!(thread, ThreadKind::Referral),
        EventKind::Proposed | EventKind::Renounced | EventKind::Effective | EventKind::Cancelled => {
            matches!(thread, ThreadKind::Handover)
        }
    }
}
