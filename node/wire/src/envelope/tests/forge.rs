//! Events of every kind, well made; and envelopes made by other software, which keeps no rule.

use super::super::*;
use crate::content::samples::{End, NOW, agency, everything, hub, need, signed_consent};
use crate::dsse::{self, PayloadType, Signed};
use crate::keys::VerifyKey;
use crate::seal::{self, KeyRing, Part, SALT_BYTES, SEAL_INFO, SUITE_X25519};
use hpke::{
    OpModeS, Serializable as _, aead::ChaCha20Poly1305, kdf::HkdfSha256, kem::X25519HkdfSha256,
    single_shot_seal_with_rng,
};
use prost::Message as _;
use rand::{SeedableRng as _, rngs::ChaCha20Rng};
use relais_domain::consent::{Ask, Permit, Phase, Purpose, Standing};
use relais_domain::content::{Answer, Course, HandoverContent, Name, Outcome, Question, Reason, Times};
use relais_domain::digest::Digest;
use relais_domain::event::{EventKind, Link, ThreadKind};
use relais_domain::id::{MessageId, ThreadId};
use relais_domain::personal::Personal;
use relais_domain::time::{Day, Timestamp};

pub(super) fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(7)
}

/// Every kind of event in every kind of thread that has it.
pub(super) fn each_kind() -> impl Iterator<Item = (EventKind, ThreadKind)> {
    let threads = ThreadKind::ALL.iter().copied();
    let all = threads.flat_map(|thread| EventKind::ALL.iter().map(move |kind| (*kind, thread)));
    all.filter(|(kind, thread)| skeleton::check(&skeleton(*kind, *thread)).is_ok())
}

/// Author and recipient of an event.
fn ends(kind: EventKind) -> (End, End) {
    match kind {
        EventKind::Sent
        | EventKind::InfoGiven
        | EventKind::Disclosed
        | EventKind::Withdrawn
        | EventKind::WithdrawalAsked
        | EventKind::Expired
        | EventKind::Note
        | EventKind::Voided
        | EventKind::ConsentEnded
        | EventKind::Proposed
        | EventKind::Effective
        | EventKind::Cancelled => (agency(), hub()),
        EventKind::InfoRequested
        | EventKind::Accepted
        | EventKind::Waitlisted
        | EventKind::Scheduled
        | EventKind::NoShow
        | EventKind::Arrived
        | EventKind::Closed
        | EventKind::Refused
        | EventKind::Released
        | EventKind::Corrected
        | EventKind::Erased
        | EventKind::Renounced => (hub(), agency()),
    }
}

fn purpose(thread: ThreadKind) -> Purpose {
    match thread {
        ThreadKind::Referral => Purpose::Referral,
        ThreadKind::Handover => Purpose::Handover,
    }
}

pub(super) fn skeleton(kind: EventKind, thread: ThreadKind) -> Skeleton {
    let (author, recipient) = ends(kind);
    let first = kind.opens() || author.id == hub().id;
    Skeleton {
        thread_kind: thread,
        kind,
        author: author.id,
        manifest: 3,
        recipient: recipient.id,
        message: MessageId::from_random([0x41; 16]),
        thread: ThreadId::from_random([0x42; 16]),
        day: NOW.day(),
        sequence: if first { 1 } else { 2 },
        previous: (!first).then(|| Digest::of(b"previous")),
        seen: (!kind.opens()).then(|| Link { sequence: 1, hash: Digest::of(b"seen") }),
        consent: signed_consent(purpose(thread)).digest,
        commitments: Vec::new(),
    }
}

fn course(reason: Reason) -> Course {
    Course { reason: Some(reason), ..Course::default() }
}

/// What an event of this kind carries in these tests.
pub(super) fn content_of(kind: EventKind, thread: ThreadKind) -> Content {
    let all = everything();
    let at = Content::at(NOW);
    let later = Timestamp(NOW.0 + 259_200_000);
    match kind {
        EventKind::Sent | EventKind::Proposed => Content {
            consent: Some(signed_consent(purpose(thread))),
            need: Some(need()),
            constraints: all.constraints,
            level: all.level,
            times: Some(Times { created: NOW, deadline: Some(later), not_before: None, offer_until: None }),
            ..at
        },
        EventKind::InfoRequested => {
            Content { answer: Some(Answer { question: Question::HasDevice, reply: None }), ..at }
        }
        EventKind::InfoGiven => Content { answer: all.answer, ..at },
        EventKind::Accepted => Content { professional: all.professional, ..at },
        EventKind::Disclosed if thread == ThreadKind::Referral => {
            Content { name: all.name, contact: all.contact, ..at }
        }
        EventKind::Disclosed => Content {
            name: all.name.map(|name| Name { family: Personal::new("Diallo".into()), ..name }),
            contact: all.contact,
            handover: all.handover.map(|handover| HandoverContent { pending: vec![], ..handover }),
            documents: all.documents,
            sensitive: all.sensitive,
            ..at
        },
        EventKind::Note => Content { note: all.note, ..at },
        EventKind::Erased => Content { erasure: all.erasure, ..at },
        EventKind::Waitlisted => at.with_course(Course { review: Some(later), ..Course::default() }),
        EventKind::Scheduled => at.with_course(Course {
            appointment: Some(later),
            place: all.course.and_then(|course| course.place),
            ..Course::default()
        }),
        EventKind::Closed | EventKind::Corrected => {
            at.with_course(Course { outcome: Some(Outcome::NeedMet), ..Course::default() })
        }
        EventKind::Refused => at.with_course(Course {
            reason: Some(Reason::Full),
            suggestions: all.course.map(|course| course.suggestions).unwrap_or_default(),
            ..Course::default()
        }),
        EventKind::Voided => at.with_course(Course { voids: Some(2), ..Course::default() }),
        EventKind::Released => at.with_course(course(Reason::DidNotCome)),
        EventKind::Withdrawn | EventKind::WithdrawalAsked => at.with_course(course(Reason::NoLongerNeeded)),
        EventKind::ConsentEnded => at.with_course(course(Reason::Stopped)),
        EventKind::Cancelled => at.with_course(course(Reason::Withdrawn)),
        EventKind::NoShow
        | EventKind::Arrived
        | EventKind::Expired
        | EventKind::Renounced
        | EventKind::Effective => at,
    }
}

pub(super) fn permit(kind: EventKind, thread: ThreadKind, content: &Content) -> Permit {
    let (author, recipient) = ends(kind);
    let ask = Ask {
        kind,
        content,
        author: author.id,
        recipient: recipient.id,
        purpose: purpose(thread),
        phase: Phase::AfterAcceptance,
        standing: Standing::Active,
        now: NOW,
    };
    signed_consent(purpose(thread)).permit(&ask).expect("the sample consent covers it")
}

pub(super) fn composed(kind: EventKind, thread: ThreadKind) -> Composed {
    composed_with(kind, thread, 7)
}

pub(super) fn composed_with(kind: EventKind, thread: ThreadKind, seed: u64) -> Composed {
    let content = content_of(kind, thread);
    let permit = permit(kind, thread, &content);
    let key = ends(kind).0.signing;
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    compose(skeleton(kind, thread), &content, &permit, &key, &mut rng).expect("composed")
}

/// The receiver's acceptance: small, with two parts (7 and 9).
pub(super) fn accepted() -> Composed {
    composed(EventKind::Accepted, ThreadKind::Referral)
}

pub(super) fn envelope(sent: &Composed) -> Vec<u8> {
    let key = ends(sent.skeleton.kind).1.sealing.seal_key();
    dispatch(&sent.payload, &sent.signature, Some(&sent.parts), &key, &mut rng()).expect("dispatched")
}

/// The keys of the author named inside.
pub(super) fn keys(received: &Received) -> Vec<VerifyKey> {
    let ends = [agency(), hub()];
    let author = ends.iter().find(|end| end.id == received.skeleton.author);
    author.map(|end| end.signing.verify_key()).into_iter().collect()
}

/// The ring of the recipient named inside.
pub(super) fn ring(received: &Received) -> KeyRing {
    let ends = [agency(), hub()];
    let recipient = ends.into_iter().find(|end| end.id == received.skeleton.recipient);
    KeyRing::new(recipient.map(|end| end.sealing).into_iter().collect())
}

/// The message of an envelope made of these, signed by whom its author should be.
pub(super) fn signed(payload: Vec<u8>, sealed: Option<proto::SealedBox>) -> proto::Envelope {
    let signed = Signed::sign(PayloadType::Envelope, payload, &hub().signing);
    proto::Envelope {
        payload: signed.payload_unverified().to_vec(),
        signature: signed.signature().to_vec(),
        sealed,
    }
}

/// The acceptance with another skeleton, well signed.
pub(super) fn reskeletoned(change: impl FnOnce(&mut proto::EventSkeleton)) -> Vec<u8> {
    let mut message = skeleton::to_proto(&accepted().skeleton);
    change(&mut message);
    signed(message.encode_to_vec(), None).encode_to_vec()
}

/// The acceptance in another envelope message, not signed again.
pub(super) fn rewrapped(change: impl FnOnce(&mut proto::Envelope)) -> Vec<u8> {
    let mut message = proto::Envelope::decode(envelope(&accepted()).as_slice()).expect("an envelope");
    change(&mut message);
    message.encode_to_vec()
}

/// A part with a fixed salt.
pub(super) fn part(class: u32, bytes: Vec<u8>) -> Part {
    Part { class, salt: [9; SALT_BYTES], bytes }
}

/// The parts of the acceptance.
pub(super) fn parts_of_accepted() -> Vec<Part> {
    parts::decode(&accepted().parts).expect("as composed")
}

/// An event of this kind by the hub, well signed and sealed, whose commitments and parts are as given.
pub(super) fn carrying(kind: EventKind, commitments: Vec<(u32, Digest)>, parts: Vec<Part>) -> Vec<u8> {
    let base = accepted().skeleton;
    let skeleton = Skeleton { kind, commitments, ..base };
    let payload = skeleton::to_proto(&skeleton).encode_to_vec();
    let identity = dsse::identity(PayloadType::Envelope, &payload);
    let sealed = seal::seal(parts, &agency().sealing.seal_key(), &identity, &mut rng()).expect("sealed");
    signed(payload, Some(sealed.to_proto())).encode_to_vec()
}

/// An acceptance that commits to exactly these parts.
pub(super) fn committing(kind: EventKind, parts: Vec<Part>) -> Vec<u8> {
    let commitments = parts.iter().map(|part| (part.class, seal::commitment(part))).collect();
    carrying(kind, commitments, parts)
}

/// The acceptance with any bytes sealed in it.
pub(super) fn sealing(plaintext: &[u8]) -> Vec<u8> {
    let sent = accepted();
    let key = agency().sealing.seal_key();
    let (encapsulated, ciphertext) =
        single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &key.hpke_key(),
            SEAL_INFO,
            plaintext,
            sent.identity.as_bytes(),
            &mut rng(),
        )
        .expect("sealed");
    let sealed = SealedBox {
        suite: SUITE_X25519,
        key_id: key.id(),
        encapsulated_key: encapsulated.to_bytes().to_vec(),
        ciphertext,
    };
    signed(sent.payload, Some(sealed.to_proto())).encode_to_vec()
}

/// A day outside what an event may bear.
pub(super) const FAR: Day = Day(DAY_MAX.0 + 1);
