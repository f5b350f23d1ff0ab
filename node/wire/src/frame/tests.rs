//! Frames come back; each limit and each missing or unknown thing is refused by its field.

mod inquiry;
mod vectors;

use super::*;
use crate::reconcile::{RECONCILE_BYTES_MAX, Reconcile, Step};
use proptest::prelude::*;
use relais_domain::digest::Digest;
use relais_domain::directory::Subscription;
use relais_domain::structure_id::StructureId;
use relais_domain::territory::DepartementCode;
use std::collections::BTreeSet;

fn hello() -> Hello {
    Hello { clock: Timestamp(1_795_341_600_000), manifest: 3, unacknowledged_max: 256 }
}

fn message() -> MessageId {
    MessageId::from_random([1; 16])
}

fn frames() -> Vec<Frame> {
    let rejections = RejectCode::ALL.map(|code| Frame::Rejected(Rejected { message: message(), code }));
    let mut frames = vec![
        Frame::Hello(hello()),
        Frame::Hello(Hello { unacknowledged_max: 1, ..hello() }),
        Frame::Envelope(vec![1; ENVELOPE_BYTES_MAX]),
        Frame::Receipt(vec![2; RECEIPT_BYTES_MAX]),
        Frame::CannotOpen(CannotOpen { message: message(), manifest: 4 }),
        Frame::Ping(u64::MAX),
        Frame::Pong(0),
    ];
    frames.extend(rejections);
    frames
}

fn sync_hello() -> SyncHello {
    SyncHello {
        clock: Timestamp(-1),
        manifest: 1,
        records_count: 0,
        records_digest: Digest::of(b""),
        subscription: Subscription::NONE,
        features: BTreeSet::new(),
    }
}

/// The hello of a side that keeps the records of two départements.
fn subscribing_hello() -> SyncHello {
    let codes = ["17", "971"].map(|code| DepartementCode::parse(code).expect("a département"));
    let features = BTreeSet::from([SyncFeature::Reconcile]);
    SyncHello { subscription: Subscription::of(codes), features, ..sync_hello() }
}

fn carried() -> CarriedManifest {
    CarriedManifest { structure: StructureId::of_root_spki(b"root"), manifest: vec![1; 300] }
}

/// Identities in ascending order, as they are read.
fn wanted_ids(count: u64) -> Vec<Digest> {
    let ids: BTreeSet<Digest> = (0..count).map(|number| Digest::of(&number.to_be_bytes())).collect();
    ids.into_iter().collect()
}

fn sync_frames() -> Vec<SyncFrame> {
    let mut frames = vec![
        SyncFrame::Hello(sync_hello()),
        SyncFrame::Manifest(vec![1; MANIFEST_FRAME_BYTES_MAX]),
        SyncFrame::Record(vec![1; RECORD_BYTES_MAX]),
        SyncFrame::Checkpoint("x".repeat(NOTE_BYTES_MAX)),
        SyncFrame::ConsistencyProof(ConsistencyProof { old_size: 1, new_size: 1, path: vec![] }),
        SyncFrame::ConsistencyProof(ConsistencyProof {
            old_size: 5,
            new_size: 9,
            path: vec![Digest::of(b"a"); 64],
        }),
        SyncFrame::ConsistencyWanted(ConsistencyWanted { old_size: 1, new_size: 1 }),
        SyncFrame::ConsistencyWanted(ConsistencyWanted { old_size: 5, new_size: u64::MAX }),
        SyncFrame::RecordsWanted,
        SyncFrame::RecordsDone(0),
        SyncFrame::Hello(subscribing_hello()),
        SyncFrame::Hello(SyncHello { subscription: Subscription::FRANCE, ..sync_hello() }),
        SyncFrame::CarriedManifest(CarriedManifest {
            manifest: vec![1; MANIFEST_FRAME_BYTES_MAX],
            ..carried()
        }),
        SyncFrame::Reconcile(Reconcile { step: Step::Opens, message: vec![0x61] }),
        SyncFrame::Reconcile(Reconcile { step: Step::Answers, message: vec![1; RECONCILE_BYTES_MAX - 1] }),
        SyncFrame::ItemsWanted(wanted_ids(1)),
        SyncFrame::ItemsWanted(wanted_ids(ITEMS_WANTED_MAX as u64)),
        SyncFrame::Ping(1),
        SyncFrame::Pong(2),
    ];
    frames.extend(inquiry::frames());
    frames
}

fn refused(body: Body) -> String {
    let frame = proto::Frame { body: Some(body) };
    Frame::decode(&frame.encode_to_vec()).expect_err("must be refused").to_string()
}

fn refused_sync(body: proto::sync_frame::Body) -> String {
    let frame = proto::SyncFrame { body: Some(body) };
    SyncFrame::decode(&frame.encode_to_vec()).expect_err("must be refused").to_string()
}

#[test]
fn every_frame_comes_back_within_its_limit() {
    for frame in frames() {
        let bytes = frame.clone().encode();
        assert!(bytes.len() <= FRAME_BYTES_MAX);
        assert_eq!(Frame::decode(&bytes), Ok(frame));
    }
    for frame in sync_frames() {
        let bytes = frame.clone().encode();
        assert!(bytes.len() <= FRAME_BYTES_MAX);
        assert_eq!(SyncFrame::decode(&bytes), Ok(frame));
    }
}

#[test]
fn a_frame_too_big_is_not_even_decoded() {
    let bytes = vec![0; FRAME_BYTES_MAX + 1];
    assert_eq!(Frame::decode(&bytes), Err(FrameError::TooBig));
    assert_eq!(SyncFrame::decode(&bytes), Err(FrameError::TooBig));
}

#[test]
fn a_frame_of_a_stream_is_held_to_the_same_limit() {
    let frame = |bytes| proto::Frame { body: Some(Body::Envelope(vec![1; bytes])) };
    assert_eq!(Frame::from_proto(frame(FRAME_BYTES_MAX)), Err(FrameError::TooBig));
    let manifest = proto::sync_frame::Body::Manifest(vec![1; FRAME_BYTES_MAX]);
    let frame = proto::SyncFrame { body: Some(manifest) };
    assert_eq!(SyncFrame::from_proto(frame), Err(FrameError::TooBig));
}

#[test]
fn an_envelope_over_its_limit_is_named_when_it_can_be() {
    let skeleton = |message_id: &[u8]| {
        proto::EventSkeleton { message_id: message_id.to_vec(), ..Default::default() }.encode_to_vec()
    };
    let read = |payload: Vec<u8>, bytes: usize| {
        let sealed = proto::SealedBox { ciphertext: vec![0; bytes], ..Default::default() };
        let envelope = proto::Envelope { payload, sealed: Some(sealed), ..Default::default() };
        let body = Some(Body::Envelope(envelope.encode_to_vec()));
        Frame::from_proto(proto::Frame { body })
    };
    let id = message().as_bytes().to_vec();
    assert_eq!(read(skeleton(&id), ENVELOPE_BYTES_MAX), Err(FrameError::EnvelopeTooBig(message())));
    assert!(matches!(read(skeleton(&id), 1_000), Ok(Frame::Envelope(_))));
    let nameless = BadField::new("envelope", Problem::TooLong);
    for payload in [skeleton(&[]), skeleton(&[0; 16]), vec![0xff; 12]] {
        assert_eq!(read(payload, ENVELOPE_BYTES_MAX), Err(FrameError::Field(nameless.clone())));
    }
}

#[test]
fn a_frame_without_a_known_body_is_refused() {
    assert_eq!(Frame::decode(&[]).expect_err("empty").to_string(), "body: is missing");
    assert_eq!(SyncFrame::decode(&[]).expect_err("empty").to_string(), "body: is missing");
    let unknown = [0xc0, 0x3e, 0x01];
    let peer_change = [0x52, 0x01, 0x01];
    assert_eq!(SyncFrame::decode(&peer_change).expect_err("reserved").to_string(), "body: is missing");
    assert_eq!(Frame::decode(&unknown).expect_err("unknown").to_string(), "body: is missing");
    assert_eq!(Frame::decode(&[0xff; 12]).expect_err("no message").to_string(), "message: cannot be read");
    let no_utf8 = [0x22, 0x01, 0xff];
    assert_eq!(SyncFrame::decode(&no_utf8).expect_err("no UTF-8").to_string(), "body: cannot be read");
}

#[test]
fn bodies_over_their_limit_or_empty_are_refused() {
    let long = |max: usize| vec![1; max + 1];
    assert_eq!(refused(Body::Envelope(long(ENVELOPE_BYTES_MAX))), "envelope: is too long");
    assert_eq!(refused(Body::Receipt(long(RECEIPT_BYTES_MAX))), "receipt: is too long");
    assert_eq!(refused(Body::Envelope(vec![])), "envelope: is missing");
    assert_eq!(refused(Body::Receipt(vec![])), "receipt: is missing");
    use proto::sync_frame::Body as Sync;
    assert_eq!(refused_sync(Sync::Manifest(long(MANIFEST_FRAME_BYTES_MAX))), "manifest: is too long");
    assert_eq!(refused_sync(Sync::Record(long(RECORD_BYTES_MAX))), "record: is too long");
    assert_eq!(refused_sync(Sync::Checkpoint("x".repeat(NOTE_BYTES_MAX + 1))), "checkpoint: is too long");
    assert_eq!(refused_sync(Sync::Manifest(vec![])), "manifest: is missing");
    assert_eq!(refused_sync(Sync::Record(vec![])), "record: is missing");
    assert_eq!(refused_sync(Sync::Checkpoint(String::new())), "checkpoint: is missing");
}

#[test]
fn a_hello_names_what_is_wrong() {
    let Some(Body::Hello(good)) = Frame::Hello(hello()).into_proto().body else { unreachable!() };
    let wrong = |change: fn(&mut proto::Hello)| {
        let mut message = good;
        change(&mut message);
        refused(Body::Hello(message))
    };
    assert_eq!(wrong(|h| h.protocol = 0), "hello.protocol: is a version this program does not know");
    assert_eq!(wrong(|h| h.protocol = 2), "hello.protocol: is a version this program does not know");
    assert_eq!(wrong(|h| h.manifest_sequence = 0), "hello.manifest_sequence: is missing");
    assert_eq!(
        wrong(|h| h.unacknowledged_max = 0),
        "hello.unacknowledged_max: has not the form it must have"
    );
    assert_eq!(
        wrong(|h| h.unacknowledged_max = 257),
        "hello.unacknowledged_max: has not the form it must have"
    );
}

#[test]
fn a_sync_hello_names_what_is_wrong() {
    use proto::sync_frame::Body as Sync;
    let Some(Sync::Hello(good)) = SyncFrame::Hello(sync_hello()).into_proto().body else { unreachable!() };
    let wrong = |change: fn(&mut proto::SyncHello)| {
        let mut message = good.clone();
        change(&mut message);
        refused_sync(Sync::Hello(message))
    };
    assert_eq!(wrong(|h| h.protocol = 2), "hello.protocol: is a version this program does not know");
    assert_eq!(wrong(|h| h.manifest_sequence = 0), "hello.manifest_sequence: is missing");
    assert_eq!(wrong(|h| h.records_digest.clear()), "hello.records_digest: is missing");
    assert_eq!(
        wrong(|h| h.records_digest.truncate(31)),
        "hello.records_digest: has not the form it must have"
    );
}

#[test]
fn what_a_hello_names_of_a_later_version_is_passed_over_and_what_is_too_much_is_refused() {
    use proto::sync_frame::Body as Sync;
    let Some(Sync::Hello(good)) = SyncFrame::Hello(subscribing_hello()).into_proto().body else {
        unreachable!()
    };
    let read = |change: fn(&mut proto::SyncHello)| {
        let mut message = good.clone();
        change(&mut message);
        SyncFrame::from_proto(proto::SyncFrame { body: Some(Sync::Hello(message)) })
    };
    let later = read(|hello| {
        hello.departements.extend(["20", "999", "Paris", ""].map(str::to_owned));
        hello.features.extend([0, 77, -1, 1]);
    });
    assert_eq!(later, Ok(SyncFrame::Hello(subscribing_hello())));
    let all = read(|hello| hello.departements.push("france".to_owned()));
    assert!(matches!(all, Ok(SyncFrame::Hello(hello)) if hello.subscription.is_france()));
    let refused = |change| read(change).expect_err("must be refused").to_string();
    let many = refused(|hello| hello.departements = vec!["17".to_owned(); DEPARTEMENTS_MAX + 1]);
    assert_eq!(many, "hello.departements: holds too many entries");
    let many = refused(|hello| hello.features = vec![1; FEATURES_MAX + 1]);
    assert_eq!(many, "hello.features: holds too many entries");
}

#[test]
fn what_is_carried_compared_and_wanted_names_what_is_wrong() {
    use proto::sync_frame::Body as Sync;
    let carried = |structure_id: &[u8], manifest: usize| {
        let structure_id = structure_id.to_vec();
        refused_sync(Sync::CarriedManifest(proto::CarriedManifest {
            structure_id,
            manifest: vec![1; manifest],
        }))
    };
    assert_eq!(carried(&[], 1), "carried_manifest.structure_id: is missing");
    assert_eq!(carried(&[1; 31], 1), "carried_manifest.structure_id: has not the form it must have");
    assert_eq!(carried(&[1; 32], 0), "carried_manifest.manifest: is missing");
    assert_eq!(carried(&[1; 32], MANIFEST_FRAME_BYTES_MAX + 1), "carried_manifest.manifest: is too long");
    let reconcile = |bytes| refused_sync(Sync::Reconcile(bytes));
    assert_eq!(reconcile(vec![]), "reconcile: is missing");
    assert_eq!(reconcile(vec![0, 1]), "reconcile: has not the form it must have");
    assert_eq!(reconcile(vec![1; RECONCILE_BYTES_MAX + 1]), "reconcile: is too long");
    let wanted = |ids: Vec<Vec<u8>>| refused_sync(Sync::ItemsWanted(proto::ItemsWanted { ids }));
    assert_eq!(wanted(vec![]), "items_wanted.ids: is missing");
    assert_eq!(wanted(vec![vec![1; 31]]), "items_wanted.ids: has not the form it must have");
    assert_eq!(wanted(vec![vec![1; 32]; 2]), "items_wanted.ids: holds one entry twice");
    let many = (0..=ITEMS_WANTED_MAX).map(|number| Digest::of(&number.to_be_bytes()).as_bytes().to_vec());
    assert_eq!(wanted(many.collect()), "items_wanted.ids: holds too many entries");
}

#[test]
fn rejections_and_reseal_requests_name_what_is_wrong() {
    let id = message().as_bytes().to_vec();
    let rejected = |message_id: &[u8], code, finality| {
        refused(Body::Rejected(proto::Rejected { message_id: message_id.to_vec(), code, finality }))
    };
    assert_eq!(rejected(&id, 0, 1), "rejected.code: is a code this program does not know");
    assert_eq!(rejected(&id, 13, 1), "rejected.code: is a code this program does not know");
    assert_eq!(rejected(&id, 1, 0), "rejected.finality: has not the form it must have");
    assert_eq!(rejected(&id, 1, 2), "rejected.finality: has not the form it must have");
    assert_eq!(rejected(&id, 11, 1), "rejected.finality: has not the form it must have");
    assert_eq!(rejected(&[], 1, 1), "rejected.message_id: is missing");
    assert_eq!(rejected(&[0; 16], 1, 1), "rejected.message_id: has not the form it must have");
    let cannot_open = |message_id: &[u8], manifest_sequence| {
        refused(Body::CannotOpen(proto::CannotOpen { message_id: message_id.to_vec(), manifest_sequence }))
    };
    assert_eq!(cannot_open(&id, 0), "cannot_open.manifest_sequence: is missing");
    assert_eq!(cannot_open(&[1], 1), "cannot_open.message_id: has not the form it must have");
}

#[test]
fn proofs_name_what_is_wrong() {
    use proto::sync_frame::Body as Sync;
    let proof = |old_size, new_size, path| {
        refused_sync(Sync::ConsistencyProof(proto::ConsistencyProof { old_size, new_size, path }))
    };
    assert_eq!(proof(0, 1, vec![]), "consistency_proof.old_size: is missing");
    assert_eq!(proof(2, 1, vec![]), "consistency_proof.new_size: has not the form it must have");
    assert_eq!(proof(1, 2, vec![vec![0; 32]; 65]), "consistency_proof.path: holds too many entries");
    assert_eq!(proof(1, 2, vec![vec![0; 31]]), "consistency_proof.path: has not the form it must have");
    let wanted = |old_size, new_size| {
        refused_sync(Sync::ConsistencyWanted(proto::ConsistencyWanted { old_size, new_size }))
    };
    assert_eq!(wanted(0, 1), "consistency_wanted.old_size: is missing");
    assert_eq!(wanted(2, 1), "consistency_wanted.new_size: has not the form it must have");
}

#[test]
fn reject_codes_are_those_of_the_wire() {
    for code in RejectCode::ALL {
        let wire = proto::RejectCode::try_from(code.number().cast_signed()).expect("the code is on the wire");
        let named = wire.as_str_name().trim_start_matches("REJECT_CODE_").replace('_', "");
        assert_eq!(named, format!("{code:?}").to_uppercase());
        assert_eq!(RejectCode::from_number(code.number()), Some(code));
    }
    let on_wire = (1..256).filter(|number| proto::RejectCode::try_from(*number).is_ok()).count();
    assert_eq!(on_wire, RejectCode::ALL.len());
    assert_eq!(proto::RejectFinality::Final as i32, Finality::Final.number());
    assert_eq!(proto::RejectFinality::Later as i32, Finality::Later.number());
}

#[test]
fn what_can_come_right_later_is_sent_again() {
    let later: Vec<RejectCode> =
        RejectCode::ALL.into_iter().filter(|code| code.finality() == Finality::Later).collect();
    assert_eq!(
        later,
        [RejectCode::Suspended, RejectCode::OutOfOrder, RejectCode::Busy, RejectCode::FromTheFuture]
    );
}

#[test]
fn frames_print_no_bytes() {
    assert_eq!(format!("{:?}", Frame::Envelope(b"Amina".to_vec())), "Envelope(5 bytes)");
    assert_eq!(format!("{:?}", SyncFrame::Record(b"Amina".to_vec())), "Record(5 bytes)");
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for frame in [Frame::decode(&bytes)].into_iter().flatten() {
            prop_assert_eq!(Frame::decode(&frame.clone().encode()), Ok(frame));
        }
        for frame in [SyncFrame::decode(&bytes)].into_iter().flatten() {
            prop_assert_eq!(SyncFrame::decode(&frame.clone().encode()), Ok(frame));
        }
    }
}
