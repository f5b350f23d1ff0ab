//! The golden frames of `proto/vectors/frame`: read back from the files, and made again byte for byte.

mod inquiry;

use super::*;
use std::fs;
use std::path::PathBuf;

const UNKNOWN_CODE: &str = "is a code this program does not know";
const UNKNOWN_VERSION: &str = "is a version this program does not know";
const INVALID: &str = "has not the form it must have";
const MISSING: &str = "is missing";
const TOO_LONG: &str = "is too long";

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../proto/vectors/frame").join(name)
}

/// The stream a frame belongs to.
#[derive(Clone, Copy)]
enum Stream {
    Exchange,
    Sync,
}

/// One golden file: its name, its stream, what reading it gives, its bytes.
struct Golden {
    name: &'static str,
    stream: Stream,
    says: String,
    bytes: Vec<u8>,
}

impl Golden {
    fn line(&self, folder: &str) -> String {
        let stream = match self.stream {
            Stream::Exchange => "exchange",
            Stream::Sync => "sync",
        };
        format!("{} {stream} {}\n", self.path(folder), self.says)
    }

    fn path(&self, folder: &str) -> String {
        format!("{folder}/{}.bin", self.name)
    }
}

/// What a frame says, in words that belong to no language.
fn said(frame: &Frame) -> String {
    match frame {
        Frame::Hello(hello) => format!(
            "hello clock_ms={} manifest_sequence={} unacknowledged_max={}",
            hello.clock.0, hello.manifest, hello.unacknowledged_max
        ),
        Frame::Envelope(bytes) => format!("envelope bytes={}", bytes.len()),
        Frame::Receipt(bytes) => format!("receipt bytes={}", bytes.len()),
        Frame::Rejected(Rejected { message, code }) => {
            let finality = code.finality().number();
            format!("rejected message_id={} code={} finality={finality}", hex(message), code.number())
        }
        Frame::CannotOpen(CannotOpen { message, manifest }) => {
            format!("cannot_open message_id={} manifest_sequence={manifest}", hex(message))
        }
        Frame::Ping(nonce) => format!("ping nonce={nonce}"),
        Frame::Pong(nonce) => format!("pong nonce={nonce}"),
    }
}

fn hex(message: &MessageId) -> String {
    message.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn said_in_sync(frame: &SyncFrame) -> String {
    match frame {
        SyncFrame::Hello(hello) => said_in_sync_hello(hello),
        SyncFrame::Manifest(bytes) => format!("manifest bytes={}", bytes.len()),
        SyncFrame::Record(bytes) => format!("record bytes={}", bytes.len()),
        SyncFrame::Checkpoint(note) => format!("checkpoint bytes={}", note.len()),
        SyncFrame::ConsistencyProof(ConsistencyProof { old_size, new_size, path }) => {
            format!("consistency_proof old_size={old_size} new_size={new_size} path={}", path.len())
        }
        SyncFrame::ConsistencyWanted(ConsistencyWanted { old_size, new_size }) => {
            format!("consistency_wanted old_size={old_size} new_size={new_size}")
        }
        SyncFrame::RecordsWanted => "records_wanted".to_owned(),
        SyncFrame::RecordsDone(sent) => format!("records_done sent={sent}"),
        SyncFrame::CarriedManifest(carried) => {
            format!("carried_manifest structure_id={:?} bytes={}", carried.structure, carried.manifest.len())
        }
        SyncFrame::Reconcile(Reconcile { step, message }) => {
            format!("reconcile step={} bytes={}", step.number(), message.len())
        }
        SyncFrame::ItemsWanted(ids) => format!("items_wanted ids={}", ids.len()),
        SyncFrame::Inquiry(asked) => inquiry::said(asked),
        SyncFrame::InquiryAnswer(answer) => inquiry::said_in_answer(answer),
        SyncFrame::Ping(nonce) => format!("ping nonce={nonce}"),
        SyncFrame::Pong(nonce) => format!("pong nonce={nonce}"),
    }
}

fn said_in_sync_hello(hello: &SyncHello) -> String {
    let first = format!(
        "hello clock_ms={} manifest_sequence={} records_count={} records_digest={}",
        hello.clock.0, hello.manifest, hello.records_count, hello.records_digest
    );
    match (hello.subscription == Subscription::NONE, hello.features.is_empty()) {
        (true, true) => first,
        _ => {
            let features = hello.features.len();
            format!("{first} departements={:?} features={features}", hello.subscription)
        }
    }
}

/// What reading a file gives.
fn outcome(stream: Stream, bytes: &[u8]) -> Result<String, String> {
    match stream {
        Stream::Exchange => Frame::decode(bytes).map(|frame| said(&frame)).map_err(|error| error.to_string()),
        Stream::Sync => {
            SyncFrame::decode(bytes).map(|frame| said_in_sync(&frame)).map_err(|error| error.to_string())
        }
    }
}

/// One frame of each kind, one rejection of each code, and the edges of what a limit lets through.
fn valid() -> Vec<Golden> {
    let exchange = |(name, frame): (&'static str, Frame)| Golden {
        name,
        stream: Stream::Exchange,
        says: said(&frame),
        bytes: frame.encode(),
    };
    let sync = |(name, frame): (&'static str, SyncFrame)| Golden {
        name,
        stream: Stream::Sync,
        says: said_in_sync(&frame),
        bytes: frame.encode(),
    };
    let envelope = fs::read(file("../envelope/valid/sent.bin")).expect("the vectors of envelopes are there");
    let rejections =
        REJECTIONS.map(|(name, code)| (name, Frame::Rejected(Rejected { message: message(), code })));
    let mut all: Vec<Golden> = [
        ("hello", Frame::Hello(hello())),
        ("hello-window-of-one", Frame::Hello(Hello { unacknowledged_max: 1, ..hello() })),
        ("envelope", Frame::Envelope(envelope)),
        ("receipt-longest", Frame::Receipt(vec![2; RECEIPT_BYTES_MAX])),
        ("cannot-open", Frame::CannotOpen(CannotOpen { message: message(), manifest: 4 })),
        ("ping", Frame::Ping(u64::MAX)),
        ("pong", Frame::Pong(0)),
    ]
    .into_iter()
    .chain(rejections)
    .map(exchange)
    .collect();
    let proof = |path| ConsistencyProof { old_size: 5, new_size: 9, path };
    let hash = Digest::of(b"a node of the tree");
    let synced = [
        ("sync-hello", SyncFrame::Hello(sync_hello())),
        ("sync-manifest", SyncFrame::Manifest(vec![1; 300])),
        ("sync-record", SyncFrame::Record(vec![3; 200])),
        ("sync-checkpoint", SyncFrame::Checkpoint("relais/ledger/x\n1\nroot\n\n— x sig\n".into())),
        ("sync-consistency-proof", SyncFrame::ConsistencyProof(proof(vec![hash; 4]))),
        ("sync-consistency-proof-longest", SyncFrame::ConsistencyProof(proof(vec![hash; 64]))),
        (
            "sync-consistency-wanted",
            SyncFrame::ConsistencyWanted(ConsistencyWanted { old_size: 5, new_size: 9 }),
        ),
        ("sync-records-wanted", SyncFrame::RecordsWanted),
        ("sync-records-done", SyncFrame::RecordsDone(12)),
        ("sync-ping", SyncFrame::Ping(1)),
        ("sync-pong", SyncFrame::Pong(2)),
        ("sync-hello-subscribing", SyncFrame::Hello(subscribing_hello())),
        ("sync-carried-manifest", SyncFrame::CarriedManifest(carried())),
        ("sync-reconcile", SyncFrame::Reconcile(opening())),
        ("sync-items-wanted", SyncFrame::ItemsWanted(wanted_ids(2))),
    ];
    all.extend(synced.into_iter().chain(inquiry::valid()).map(sync));
    all.push(later());
    all
}

/// What a later version adds to a known body is passed over.
fn later() -> Golden {
    let ping = [&[0x09][..], &7_u64.to_le_bytes(), &[0xc0, 0x3e, 0x01]].concat();
    let length = u8::try_from(ping.len()).expect("a short frame");
    Golden {
        name: "ping-with-a-later-field",
        stream: Stream::Exchange,
        says: said(&Frame::Ping(7)),
        bytes: [&[0x32, length][..], &ping].concat(),
    }
}

/// The message that opens a comparison of a hundred records.
fn opening() -> Reconcile {
    let record = |number: u64| (Timestamp(1_795_341_600_000), Digest::of(&number.to_be_bytes()));
    let message = crate::reconcile::Items::of((0..100).map(record)).open().expect("an opening");
    Reconcile { step: Step::Opens, message }
}

const REJECTIONS: [(&str, RejectCode); 12] = [
    ("rejected-unknown", RejectCode::Unknown),
    ("rejected-suspended", RejectCode::Suspended),
    ("rejected-malformed", RejectCode::Malformed),
    ("rejected-too-big", RejectCode::TooBig),
    ("rejected-wrong-recipient", RejectCode::WrongRecipient),
    ("rejected-bad-signature", RejectCode::BadSignature),
    ("rejected-forked", RejectCode::Forked),
    ("rejected-consent", RejectCode::Consent),
    ("rejected-not-allowed", RejectCode::NotAllowed),
    ("rejected-out-of-order", RejectCode::OutOfOrder),
    ("rejected-busy", RejectCode::Busy),
    ("rejected-from-the-future", RejectCode::FromTheFuture),
];

/// A frame of `Exchange` that is refused with these words.
fn wrong(name: &'static str, says: impl Into<String>, bytes: Vec<u8>) -> Golden {
    Golden { name, stream: Stream::Exchange, says: says.into(), bytes }
}

fn wrong_body(name: &'static str, says: impl Into<String>, body: Body) -> Golden {
    wrong(name, says, proto::Frame { body: Some(body) }.encode_to_vec())
}

/// A frame of `Sync` that is refused with these words.
fn wrong_sync(name: &'static str, says: impl Into<String>, bytes: Vec<u8>) -> Golden {
    Golden { name, stream: Stream::Sync, says: says.into(), bytes }
}

fn wrong_sync_body(name: &'static str, says: impl Into<String>, body: proto::sync_frame::Body) -> Golden {
    wrong_sync(name, says, proto::SyncFrame { body: Some(body) }.encode_to_vec())
}

/// An envelope of so many bytes of ciphertext whose message can be read.
fn named_envelope(bytes: usize) -> Vec<u8> {
    let skeleton = proto::EventSkeleton { message_id: message().as_bytes().to_vec(), ..Default::default() };
    let sealed = proto::SealedBox { ciphertext: vec![0; bytes], ..Default::default() };
    let (payload, sealed) = (skeleton.encode_to_vec(), Some(sealed));
    proto::Envelope { payload, sealed, ..Default::default() }.encode_to_vec()
}

/// Frames of `Exchange` that are wrong as a whole, or by the bytes they hold.
fn wrong_frames() -> Vec<Golden> {
    let body = format!("body: {MISSING}");
    let whole = wrong_body("frame-too-big", "the frame is too big", Body::Envelope(vec![1; FRAME_BYTES_MAX]));
    vec![
        wrong("empty", &body, vec![]),
        wrong("no-message", "message: cannot be read", vec![0xff; 12]),
        wrong("body-unknown", &body, vec![0xc2, 0x3e, 0x01, 0x01]),
        wrong("body-reserved", &body, vec![0x42, 0x01, 0x01]),
        wrong("body-of-another-type", "body: cannot be read", vec![0x08, 0x01]),
        whole,
        wrong_body("envelope-empty", format!("envelope: {MISSING}"), Body::Envelope(vec![])),
        wrong_body(
            "envelope-too-big",
            "the envelope is too big",
            Body::Envelope(named_envelope(ENVELOPE_BYTES_MAX)),
        ),
        wrong_body(
            "envelope-too-big-nameless",
            format!("envelope: {TOO_LONG}"),
            Body::Envelope(vec![0xff; ENVELOPE_BYTES_MAX + 1]),
        ),
        wrong_body("receipt-empty", format!("receipt: {MISSING}"), Body::Receipt(vec![])),
        wrong_body(
            "receipt-too-big",
            format!("receipt: {TOO_LONG}"),
            Body::Receipt(vec![2; RECEIPT_BYTES_MAX + 1]),
        ),
    ]
}

/// Frames of `Exchange` whose fields are wrong.
fn wrong_fields() -> Vec<Golden> {
    let Some(Body::Hello(good)) = Frame::Hello(hello()).into_proto().body else { unreachable!() };
    let greeting = |name, says: String, change: fn(&mut proto::Hello)| {
        let mut message = good;
        change(&mut message);
        wrong_body(name, says, Body::Hello(message))
    };
    let id = message().as_bytes().to_vec();
    let rejected = |name, says: String, message_id: &[u8], code, finality| {
        let message_id = message_id.to_vec();
        wrong_body(name, says, Body::Rejected(proto::Rejected { message_id, code, finality }))
    };
    let cannot_open = |name, says: String, message_id: &[u8], manifest_sequence| {
        let message_id = message_id.to_vec();
        wrong_body(name, says, Body::CannotOpen(proto::CannotOpen { message_id, manifest_sequence }))
    };
    let window = || format!("hello.unacknowledged_max: {INVALID}");
    let (code, finality) =
        (|| format!("rejected.code: {UNKNOWN_CODE}"), || format!("rejected.finality: {INVALID}"));
    vec![
        greeting("hello-version-zero", format!("hello.protocol: {UNKNOWN_VERSION}"), |h| h.protocol = 0),
        greeting("hello-version-two", format!("hello.protocol: {UNKNOWN_VERSION}"), |h| h.protocol = 2),
        greeting("hello-manifest-zero", format!("hello.manifest_sequence: {MISSING}"), |h| {
            h.manifest_sequence = 0;
        }),
        greeting("hello-window-zero", window(), |h| h.unacknowledged_max = 0),
        greeting("hello-window-too-wide", window(), |h| h.unacknowledged_max = 257),
        rejected("rejected-message-missing", format!("rejected.message_id: {MISSING}"), &[], 1, 1),
        rejected("rejected-message-short", format!("rejected.message_id: {INVALID}"), &id[..15], 1, 1),
        rejected("rejected-message-not-random", format!("rejected.message_id: {INVALID}"), &[0; 16], 1, 1),
        rejected("rejected-code-zero", code(), &id, 0, 1),
        rejected("rejected-code-unknown", code(), &id, 13, 1),
        rejected("rejected-finality-zero", finality(), &id, 1, 0),
        rejected("rejected-final-said-later", finality(), &id, 1, 2),
        rejected("rejected-later-said-final", finality(), &id, 11, 1),
        cannot_open("cannot-open-message-short", format!("cannot_open.message_id: {INVALID}"), &id[..15], 1),
        cannot_open("cannot-open-manifest-zero", format!("cannot_open.manifest_sequence: {MISSING}"), &id, 0),
    ]
}

/// Frames of `Sync` that are wrong as a whole, or by the bytes they hold.
fn wrong_sync_frames() -> Vec<Golden> {
    use proto::sync_frame::Body as Sync;
    let body = format!("body: {MISSING}");
    vec![
        wrong_sync("sync-empty", &body, vec![]),
        wrong_sync("sync-body-unknown", &body, vec![0xc2, 0x3e, 0x01, 0x01]),
        wrong_sync("sync-body-reserved", &body, vec![0x52, 0x01, 0x01]),
        wrong_sync("sync-checkpoint-no-utf8", "body: cannot be read", vec![0x22, 0x01, 0xff]),
        wrong_sync_body(
            "sync-frame-too-big",
            "the frame is too big",
            Sync::Manifest(vec![1; FRAME_BYTES_MAX]),
        ),
        wrong_sync_body("sync-manifest-empty", format!("manifest: {MISSING}"), Sync::Manifest(vec![])),
        wrong_sync_body(
            "sync-manifest-too-big",
            format!("manifest: {TOO_LONG}"),
            Sync::Manifest(vec![1; MANIFEST_FRAME_BYTES_MAX + 1]),
        ),
        wrong_sync_body("sync-record-empty", format!("record: {MISSING}"), Sync::Record(vec![])),
        wrong_sync_body(
            "sync-record-too-big",
            format!("record: {TOO_LONG}"),
            Sync::Record(vec![1; RECORD_BYTES_MAX + 1]),
        ),
        wrong_sync_body(
            "sync-checkpoint-empty",
            format!("checkpoint: {MISSING}"),
            Sync::Checkpoint(String::new()),
        ),
        wrong_sync_body(
            "sync-checkpoint-too-big",
            format!("checkpoint: {TOO_LONG}"),
            Sync::Checkpoint("x".repeat(NOTE_BYTES_MAX + 1)),
        ),
    ]
}

/// Frames of `Sync` whose fields are wrong.
fn wrong_sync_fields() -> Vec<Golden> {
    use proto::sync_frame::Body as Sync;
    let Some(Sync::Hello(good)) = SyncFrame::Hello(sync_hello()).into_proto().body else { unreachable!() };
    let greeting = |name, says: String, change: fn(&mut proto::SyncHello)| {
        let mut message = good.clone();
        change(&mut message);
        wrong_sync_body(name, says, Sync::Hello(message))
    };
    let proof = |name, says: String, sizes: (u64, u64), path: Vec<Vec<u8>>| {
        let (old_size, new_size) = sizes;
        wrong_sync_body(
            name,
            says,
            Sync::ConsistencyProof(proto::ConsistencyProof { old_size, new_size, path }),
        )
    };
    let wanted = |name, says: String, old_size, new_size| {
        wrong_sync_body(name, says, Sync::ConsistencyWanted(proto::ConsistencyWanted { old_size, new_size }))
    };
    vec![
        greeting("sync-hello-version-zero", format!("hello.protocol: {UNKNOWN_VERSION}"), |h| h.protocol = 0),
        greeting("sync-hello-version-two", format!("hello.protocol: {UNKNOWN_VERSION}"), |h| h.protocol = 2),
        greeting("sync-hello-manifest-zero", format!("hello.manifest_sequence: {MISSING}"), |h| {
            h.manifest_sequence = 0;
        }),
        greeting("sync-hello-digest-missing", format!("hello.records_digest: {MISSING}"), |h| {
            h.records_digest.clear();
        }),
        greeting("sync-hello-digest-short", format!("hello.records_digest: {INVALID}"), |h| {
            h.records_digest.truncate(31);
        }),
        proof("sync-proof-from-zero", format!("consistency_proof.old_size: {MISSING}"), (0, 1), vec![]),
        proof("sync-proof-backwards", format!("consistency_proof.new_size: {INVALID}"), (2, 1), vec![]),
        proof(
            "sync-proof-too-long",
            "consistency_proof.path: holds too many entries".to_owned(),
            (1, 2),
            vec![vec![0; 32]; 65],
        ),
        proof(
            "sync-proof-hash-short",
            format!("consistency_proof.path: {INVALID}"),
            (1, 2),
            vec![vec![0; 31]],
        ),
        wrong_sync_body("sync-reconcile-empty", format!("reconcile: {MISSING}"), Sync::Reconcile(vec![])),
        wrong_sync_body(
            "sync-reconcile-of-no-step",
            format!("reconcile: {INVALID}"),
            Sync::Reconcile(vec![0, 0x61]),
        ),
        wrong_sync_body(
            "sync-items-wanted-none",
            format!("items_wanted.ids: {MISSING}"),
            Sync::ItemsWanted(proto::ItemsWanted { ids: vec![] }),
        ),
        wanted("sync-wanted-from-zero", format!("consistency_wanted.old_size: {MISSING}"), 0, 1),
        wanted("sync-wanted-backwards", format!("consistency_wanted.new_size: {INVALID}"), 2, 1),
    ]
}

fn invalid() -> Vec<Golden> {
    [wrong_frames(), wrong_fields(), wrong_sync_frames(), wrong_sync_fields(), inquiry::wrong()]
        .into_iter()
        .flatten()
        .collect()
}

/// Holds the list and the files of a folder to what is made here.
fn holds_to(folder: &str, made: &[Golden]) {
    let list: String = made.iter().map(|golden| golden.line(folder)).collect();
    let kept = fs::read_to_string(file(&format!("{folder}.txt"))).expect("the list is there");
    assert_eq!(kept, list);
    for golden in made {
        let bytes = fs::read(file(&golden.path(folder))).expect("the file is there");
        assert!(bytes == golden.bytes, "{} is made differently now", golden.name);
    }
    let files = fs::read_dir(file(folder)).expect("the folder is there").count();
    assert_eq!(files, made.len(), "a file of {folder} is in no list, or two have one name");
}

#[test]
fn valid_frames_say_what_the_list_says() {
    let made = valid();
    holds_to("valid", &made);
    for golden in made {
        assert_eq!(outcome(golden.stream, &golden.bytes), Ok(golden.says), "{}", golden.name);
    }
}

#[test]
fn each_invalid_frame_is_refused_for_its_reason() {
    let made = invalid();
    holds_to("invalid", &made);
    for golden in made {
        assert_eq!(outcome(golden.stream, &golden.bytes), Err(golden.says), "{}", golden.name);
    }
}

#[test]
#[ignore = "writes the golden files; for a new vector only"]
fn write_the_vectors() {
    for (folder, made) in [("valid", valid()), ("invalid", invalid())] {
        fs::create_dir_all(file(folder)).expect("a folder");
        for golden in &made {
            fs::write(file(&golden.path(folder)), &golden.bytes).expect("written");
        }
        let list: String = made.iter().map(|golden| golden.line(folder)).collect();
        fs::write(file(&format!("{folder}.txt")), list).expect("written");
    }
}
