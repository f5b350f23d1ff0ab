//! The golden envelopes of `proto/vectors/envelope`: read back from the files, and written again byte for byte.
//!
//! Built with `RELAIS_WRITE_VECTORS=1`, the tests write them anew: only when the format is meant to change.

use super::forge::{
    FAR, accepted, carrying, committing, composed, envelope, keys, part, parts_of_accepted, reskeletoned,
    rewrapped, ring, rng, sealing, signed,
};
use super::*;
use crate::content::samples::need;
use crate::content::{constraints_to_proto, need_to_proto, note_to_proto};
use crate::dsse::{self, PayloadType, Signed};
use crate::seal::{self, Part};
use prost::Message as _;
use relais_domain::content::{Constraint, Constraints, Note};
use std::fs;
use std::path::PathBuf;

const UNKNOWN_CODE: &str = "is a code this program does not know";
const NOT_CANONICAL: &str = "is not written canonically, or holds something unknown";
const INVALID: &str = "has not the form it must have";
const MISSING: &str = "is missing";

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../proto/vectors/envelope").join(name)
}

/// Takes an envelope through the three steps; the error names the step.
fn judge(bytes: &[u8]) -> Result<Opened, String> {
    let received = read(bytes).map_err(|error| format!("read: {error}"))?;
    received.verify(&keys(&received)).map_err(|error| format!("verify: {error}"))?;
    open(&received, &ring(&received)).map_err(|error| format!("open: {error}"))
}

/// One event of each family: name, kind, thread.
const VALID: [(&str, EventKind, ThreadKind); 15] = [
    ("sent", EventKind::Sent, ThreadKind::Referral),
    ("info-requested", EventKind::InfoRequested, ThreadKind::Referral),
    ("info-given", EventKind::InfoGiven, ThreadKind::Referral),
    ("accepted", EventKind::Accepted, ThreadKind::Referral),
    ("disclosed", EventKind::Disclosed, ThreadKind::Referral),
    ("waitlisted", EventKind::Waitlisted, ThreadKind::Referral),
    ("scheduled", EventKind::Scheduled, ThreadKind::Referral),
    ("closed", EventKind::Closed, ThreadKind::Referral),
    ("refused", EventKind::Refused, ThreadKind::Referral),
    ("consent-ended", EventKind::ConsentEnded, ThreadKind::Referral),
    ("note", EventKind::Note, ThreadKind::Referral),
    ("voided", EventKind::Voided, ThreadKind::Referral),
    ("erased", EventKind::Erased, ThreadKind::Handover),
    ("proposed", EventKind::Proposed, ThreadKind::Handover),
    ("disclosed-handover", EventKind::Disclosed, ThreadKind::Handover),
];

type Wrong = (&'static str, String, Vec<u8>);

fn wrong(name: &'static str, error: impl Into<String>, bytes: Vec<u8>) -> Wrong {
    (name, error.into(), bytes)
}

/// Envelopes whose outer message is wrong.
fn wrong_outside() -> Vec<Wrong> {
    let good = envelope(&accepted());
    let mut long_key = Vec::new();
    long_key.resize(2_049, 1);
    let sealed = |change: fn(&mut proto::SealedBox)| {
        rewrapped(|envelope| change(envelope.sealed.as_mut().expect("it has content")))
    };
    vec![
        wrong("empty", format!("read: signature: {INVALID}"), vec![]),
        wrong("no-message", "read: message: cannot be read", vec![0xff; 12]),
        wrong("too-big", "read: the envelope is too big", vec![0; ENVELOPE_BYTES_MAX + 1]),
        wrong(
            "unknown-field",
            format!("read: message: {NOT_CANONICAL}"),
            [&good[..], &[0xc0, 0x3e, 0x01]].concat(),
        ),
        wrong(
            "payload-twice",
            format!("read: message: {NOT_CANONICAL}"),
            [&[0x0a, 0x01, 0x00], &good[..]].concat(),
        ),
        wrong("payload-long", "read: payload: is too long", rewrapped(|e| e.payload = vec![0; 4_097])),
        wrong(
            "signature-short",
            format!("read: signature: {INVALID}"),
            rewrapped(|e| e.signature.truncate(63)),
        ),
        wrong("sealed-key-id-short", format!("read: sealed: {INVALID}"), sealed(|s| s.key_id.truncate(7))),
        wrong(
            "sealed-encapsulated-key-long",
            "read: sealed.encapsulated_key: is too long",
            rewrapped(|e| e.sealed.as_mut().expect("it has content").encapsulated_key = long_key),
        ),
        wrong(
            "sealed-ciphertext-long",
            "read: sealed: is too long",
            sealed(|s| s.ciphertext = vec![0; BUCKET_BYTES_MAX + 17]),
        ),
    ]
}

/// Envelopes with a well signed skeleton that is wrong by its form.
fn wrong_form() -> Vec<Wrong> {
    let hidden = [&accepted().payload[..], &[0xc0, 0x3e, 0x01]].concat();
    let stretched = [&[0x08, 0x81, 0x00], &accepted().payload[2..]].concat();
    let id = |field: &str, problem: &str| format!("read: {field}: {problem}");
    vec![
        wrong(
            "skeleton-no-message",
            "read: message: cannot be read",
            signed(vec![0xff; 12], None).encode_to_vec(),
        ),
        wrong("skeleton-hidden-field", id("message", NOT_CANONICAL), signed(hidden, None).encode_to_vec()),
        wrong("skeleton-long-varint", id("message", NOT_CANONICAL), signed(stretched, None).encode_to_vec()),
        wrong(
            "version-zero",
            "read: version: is a version this program does not know",
            reskeletoned(|s| s.version = 0),
        ),
        wrong(
            "version-two",
            "read: version: is a version this program does not know",
            reskeletoned(|s| s.version = 2),
        ),
        wrong("thread-kind-zero", id("thread_kind", UNKNOWN_CODE), reskeletoned(|s| s.thread_kind = 0)),
        wrong("thread-kind-unknown", id("thread_kind", UNKNOWN_CODE), reskeletoned(|s| s.thread_kind = 3)),
        wrong("kind-zero", id("kind", UNKNOWN_CODE), reskeletoned(|s| s.kind = 0)),
        wrong("kind-unknown", id("kind", UNKNOWN_CODE), reskeletoned(|s| s.kind = 34)),
        wrong("author-missing", id("author_id", MISSING), reskeletoned(|s| s.author_id.clear())),
        wrong("author-short", id("author_id", INVALID), reskeletoned(|s| s.author_id.truncate(31))),
        wrong(
            "manifest-zero",
            id("author_manifest_sequence", MISSING),
            reskeletoned(|s| s.author_manifest_sequence = 0),
        ),
        wrong("recipient-missing", id("recipient_id", MISSING), reskeletoned(|s| s.recipient_id.clear())),
        wrong("message-missing", id("message_id", MISSING), reskeletoned(|s| s.message_id.clear())),
        wrong("message-not-random", id("message_id", INVALID), reskeletoned(|s| s.message_id = vec![0; 16])),
        wrong("thread-not-random", id("thread_id", INVALID), reskeletoned(|s| s.thread_id = vec![0; 16])),
        wrong(
            "previous-short",
            id("previous_hash", INVALID),
            reskeletoned(|s| s.previous_hash = vec![1; 31]),
        ),
        wrong(
            "seen-without-hash",
            id("seen.hash", MISSING),
            reskeletoned(|s| s.seen.as_mut().expect("seen").hash.clear()),
        ),
        wrong("consent-missing", id("consent_digest", MISSING), reskeletoned(|s| s.consent_digest.clear())),
        wrong(
            "consent-short",
            id("consent_digest", INVALID),
            reskeletoned(|s| s.consent_digest.truncate(31)),
        ),
        wrong(
            "commitment-short",
            id("commitments.hmac", INVALID),
            reskeletoned(|s| s.commitments[0].hmac.truncate(31)),
        ),
    ]
}

/// Envelopes with a well signed skeleton that contradicts itself.
fn wrong_sense() -> Vec<Wrong> {
    let id = |field: &str, problem: &str| format!("read: {field}: {problem}");
    let unexpected = "must be left out here";
    let kind = |kind: EventKind| kind.number().cast_signed();
    let opening = move |s: &mut proto::EventSkeleton| {
        s.kind = kind(EventKind::Sent);
        s.seen = None;
    };
    vec![
        wrong(
            "recipient-is-author",
            id("recipient_id", INVALID),
            reskeletoned(|s| s.recipient_id = s.author_id.clone()),
        ),
        wrong("day-before-time", id("day", INVALID), reskeletoned(|s| s.day = DAY_MIN.0 - 1)),
        wrong("day-in-2100", id("day", INVALID), reskeletoned(|s| s.day = FAR.0)),
        wrong("day-negative", id("day", INVALID), reskeletoned(|s| s.day = -1)),
        wrong("sequence-zero", id("sequence", MISSING), reskeletoned(|s| s.sequence = 0)),
        wrong("previous-missing", id("previous_hash", MISSING), reskeletoned(|s| s.sequence = 2)),
        wrong(
            "previous-at-first",
            id("previous_hash", unexpected),
            reskeletoned(|s| s.previous_hash = vec![1; 32]),
        ),
        wrong(
            "seen-zero",
            id("seen.sequence", MISSING),
            reskeletoned(|s| s.seen.as_mut().expect("seen").sequence = 0),
        ),
        wrong(
            "opening-not-first",
            id("sequence", INVALID),
            reskeletoned(|s| {
                opening(s);
                s.sequence = 2;
                s.previous_hash = vec![1; 32];
            }),
        ),
        wrong("opening-has-seen", id("seen", unexpected), reskeletoned(|s| s.kind = kind(EventKind::Sent))),
        wrong(
            "effective-in-a-referral",
            id("thread_kind", INVALID),
            reskeletoned(|s| s.kind = kind(EventKind::Effective)),
        ),
        wrong(
            "sent-in-a-handover",
            id("thread_kind", INVALID),
            reskeletoned(|s| {
                opening(s);
                s.thread_kind = 2;
            }),
        ),
    ]
}

/// Envelopes with a well signed skeleton whose commitments contradict each other.
fn wrong_commitments() -> Vec<Wrong> {
    let id = |field: &str, problem: &str| format!("read: {field}: {problem}");
    let many = |s: &mut proto::EventSkeleton| s.commitments = vec![s.commitments[0].clone(); 17];
    vec![
        wrong(
            "commitment-part-zero",
            id("commitments.part", "is a part this program does not know"),
            reskeletoned(|s| s.commitments[0].part = 0),
        ),
        wrong(
            "commitment-part-unknown",
            id("commitments.part", "is a part this program does not know"),
            reskeletoned(|s| s.commitments[0].part = 15),
        ),
        wrong(
            "commitment-twice",
            id("commitments.part", "holds one entry twice"),
            reskeletoned(|s| s.commitments[1].part = 7),
        ),
        wrong(
            "commitments-unordered",
            id("commitments.part", "is not in ascending order"),
            reskeletoned(|s| s.commitments.reverse()),
        ),
        wrong("commitments-many", id("commitments", "holds too many entries"), reskeletoned(many)),
    ]
}

/// Envelopes that are well formed and not signed by their author as an envelope.
fn wrong_signature() -> Vec<Wrong> {
    let bad = "verify: the signature does not verify";
    let payload = accepted().payload;
    let by = |payload_type, end: crate::content::samples::End| {
        let signed = Signed::sign(payload_type, payload.clone(), &end.signing);
        rewrapped(|envelope| envelope.signature = signed.signature().to_vec())
    };
    let other = skeleton::to_proto(&Skeleton { manifest: 4, ..accepted().skeleton }).encode_to_vec();
    vec![
        wrong("signature-altered", bad, rewrapped(|e| e.signature[10] ^= 1)),
        wrong("payload-altered", bad, rewrapped(|e| e.payload = other)),
        wrong("signed-by-another", bad, by(PayloadType::Envelope, agency())),
        wrong("signed-as-a-receipt", bad, by(PayloadType::Receipt, hub())),
    ]
}

/// Well signed envelopes whose content does not open, or is not what was signed.
fn wrong_content() -> Vec<Wrong> {
    let sealed = |change: fn(&mut proto::SealedBox)| {
        rewrapped(|envelope| change(envelope.sealed.as_mut().expect("it has content")))
    };
    let broken = "open: the content does not open";
    let to_hub = || {
        let sent = accepted();
        let key = hub().sealing.seal_key();
        dispatch(&sent.payload, &sent.signature, Some(&sent.parts), &key, &mut rng()).expect("dispatched")
    };
    let elsewhere = || {
        let key = agency().sealing.seal_key();
        let other = seal::seal(parts_of_accepted(), &key, &Digest::of(b"other"), &mut rng()).expect("sealed");
        rewrapped(|envelope| envelope.sealed = Some(other.to_proto()))
    };
    let parts = parts_of_accepted();
    let commitments = accepted().skeleton.commitments;
    let salted = |class: u32| {
        let resalt = |part: &Part| {
            if part.class == class { Part { salt: [1; 32], ..part.clone() } } else { part.clone() }
        };
        parts.iter().map(resalt).collect::<Vec<_>>()
    };
    let other_times = part(9, vec![0x08, 0x01]);
    let differs = |number: u32| format!("open: part {number} is not what was signed");
    let extra = [parts.clone(), vec![part(14, vec![0x0a, 0x01, 0x41])]].concat();
    let kind = EventKind::Accepted;
    vec![
        wrong("sealed-to-another", "open: no key opens the content", to_hub()),
        wrong("sealed-suite-unknown", "open: no key opens the content", sealed(|s| s.suite = 2)),
        wrong("sealed-for-another-event", broken, elsewhere()),
        wrong("sealed-ciphertext-altered", broken, sealed(|s| s.ciphertext[5] ^= 1)),
        wrong("sealed-encapsulated-key-short", broken, sealed(|s| s.encapsulated_key.truncate(31))),
        wrong("sealed-without-padding", broken, sealing(&accepted().parts)),
        wrong("sealed-nothing", broken, sealing(&[])),
        wrong("part-missing", differs(7), carrying(kind, commitments.clone(), parts[1..].to_vec())),
        wrong("part-missing-last", differs(9), carrying(kind, commitments.clone(), parts[..1].to_vec())),
        wrong("part-not-committed", differs(14), carrying(kind, commitments.clone(), extra)),
        wrong(
            "part-altered",
            differs(9),
            carrying(kind, commitments.clone(), vec![parts[0].clone(), other_times]),
        ),
        wrong("part-other-salt", differs(7), carrying(kind, commitments, salted(7))),
        wrong(
            "stage-2-in-an-acceptance",
            "open: this kind of event does not carry part 10",
            committing(kind, vec![part(10, vec![0x0a, 0x01, 0x41])]),
        ),
    ]
}

/// Well signed envelopes that commit to exactly what they carry, which cannot be read.
fn wrong_reading() -> Vec<Wrong> {
    let note = |bytes: Vec<u8>| committing(EventKind::Note, vec![part(5, bytes)]);
    let good_note = note_to_proto(&Note(text("Bonjour"))).encode_to_vec();
    let course =
        |message: proto::Course| committing(EventKind::Closed, vec![part(8, message.encode_to_vec())]);
    let unread = |error: &str| format!("open: {error}");
    let coded = |outcome| course(proto::Course { outcome: Some(outcome), ..Default::default() });
    let suggestion = proto::Suggestion { structure_id: vec![1; 32], service_id: "a".into() };
    let many = proto::Course { suggestions: vec![suggestion; 6], ..Default::default() };
    vec![
        wrong(
            "content-hidden-field",
            unread(&format!("note: {NOT_CANONICAL}")),
            note([&good_note[..], &[0xc0, 0x3e, 0x01]].concat()),
        ),
        wrong(
            "content-field-twice",
            unread(&format!("note: {NOT_CANONICAL}")),
            note([&good_note[..], &good_note[..]].concat()),
        ),
        wrong("content-no-utf8", unread("note.text: cannot be read"), note(vec![0x0a, 0x01, 0xff])),
        wrong("content-no-text", unread("note.text: is missing"), note(vec![])),
        wrong("content-code-zero", unread(&format!("course.outcome: {UNKNOWN_CODE}")), coded(0)),
        wrong("content-code-unknown", unread(&format!("course.outcome: {UNKNOWN_CODE}")), coded(4)),
        wrong("content-list-long", unread("course.suggestions: holds too many entries"), course(many)),
    ]
}

/// Openings whose content cannot be read, or rests on another consent.
fn wrong_opening() -> Vec<Wrong> {
    let opening = |parts: Vec<Part>| {
        let commitments = parts.iter().map(|part| (part.class, seal::commitment(part))).collect();
        let skeleton = Skeleton { commitments, seen: None, kind: EventKind::Sent, ..accepted().skeleton };
        let payload = skeleton::to_proto(&skeleton).encode_to_vec();
        let identity = dsse::identity(PayloadType::Envelope, &payload);
        let sealed = seal::seal(parts, &agency().sealing.seal_key(), &identity, &mut rng()).expect("sealed");
        signed(payload, Some(sealed.to_proto())).encode_to_vec()
    };
    let constraints = constraints_to_proto(&Constraints([Constraint::Mornings].into()));
    let twice = proto::Constraints {
        constraints: [constraints.constraints.clone(), constraints.constraints].concat(),
    };
    let descending = proto::Constraints { constraints: vec![2, 1] };
    let need = proto::Need { themes: vec!["logement".into()], ..need_to_proto(&need()) };
    let consent = crate::consent::signed_to_proto(&signed_consent(Purpose::Handover));
    let one = |class: u32, message: Vec<u8>| opening(vec![part(class, message)]);
    vec![
        wrong(
            "content-entry-twice",
            "open: constraints.constraints: holds one entry twice",
            one(2, twice.encode_to_vec()),
        ),
        wrong(
            "content-descending",
            format!("open: constraints: {NOT_CANONICAL}"),
            one(2, descending.encode_to_vec()),
        ),
        wrong("content-theme-unknown", format!("open: need.themes: {INVALID}"), one(1, need.encode_to_vec())),
        wrong(
            "content-other-consent",
            "open: the consent carried is not the one that was signed",
            one(20, consent.encode_to_vec()),
        ),
    ]
}

fn all_wrong() -> Vec<Wrong> {
    [
        wrong_outside(),
        wrong_form(),
        wrong_sense(),
        wrong_commitments(),
        wrong_signature(),
        wrong_content(),
        wrong_reading(),
        wrong_opening(),
    ]
    .concat()
}

/// Compares with the file, or writes it when asked to.
fn golden(name: &str, bytes: &[u8]) {
    let path = file(name);
    if option_env!("RELAIS_WRITE_VECTORS").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder to write to");
        fs::write(&path, bytes).expect("written");
    }
    assert_eq!(fs::read(&path).expect("the vector is there"), bytes, "{name}");
}

#[test]
fn valid_envelopes_are_read_verified_and_opened() {
    let mut index = String::new();
    for (name, kind, thread) in VALID {
        let sent = composed(kind, thread);
        let name = format!("valid/{name}.bin");
        golden(&name, &envelope(&sent));
        let bytes = fs::read(file(&name)).expect("the vector is there");
        let opened = judge(&bytes).expect("valid");
        assert_eq!(opened.content, super::forge::content_of(kind, thread), "{name}");
        index.push_str(&format!("{name} {kind} {}\n", sent.identity));
    }
    golden("valid.txt", index.as_bytes());
}

#[test]
fn invalid_envelopes_are_refused_each_for_its_reason() {
    let mut index = String::new();
    for (name, error, bytes) in all_wrong() {
        let name = format!("invalid/{name}.bin");
        golden(&name, &bytes);
        let bytes = fs::read(file(&name)).expect("the vector is there");
        assert_eq!(judge(&bytes), Err(error.clone()), "{name}");
        index.push_str(&format!("{name} {error}\n"));
    }
    golden("invalid.txt", index.as_bytes());
}

#[test]
fn no_vector_is_left_over() {
    let count = |folder: &str| fs::read_dir(file(folder)).expect("the folder is there").count();
    assert_eq!(count("valid"), VALID.len());
    assert_eq!(count("invalid"), all_wrong().len());
}
