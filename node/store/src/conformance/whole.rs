//! A batch is committed whole or not at all, and what is committed stays.

use super::failure::{conflict, equal};
use super::snapshot::Snapshot;
use super::{Backend, Failure, sample};
use crate::batch::{Batch, DocumentWrite, Expected, OutboxChange, RefusalWrite, ThreadWrite};
use crate::rows::{EventRow, Shelf};
use relais_domain::content::ContentPart;
use relais_domain::event::Side;

fn document(shelf: Shelf, expected_version: Expected) -> DocumentWrite {
    let body = Some(sample::secret("document", 2, 50).into_exposed());
    DocumentWrite { shelf, key: b"key".to_vec(), expected_version, body }
}

/// A batch that touches everything a store keeps. It rests on what [`sample::course`] left of thread 1.
fn everything() -> Batch {
    let thread = ThreadWrite {
        events: vec![
            sample::event(2, Side::Sender, 1, ContentPart::StageOne),
            sample::event(2, Side::Receiver, 1, ContentPart::Course),
        ],
        steps: vec![sample::step(2, 1)],
        ..sample::opening(2)
    };
    Batch {
        documents: vec![
            document(Shelf::Setting, Expected::Absent),
            document(Shelf::FollowUp, Expected::Absent),
        ],
        inbox: Some(sample::inbox_row(2, 1)),
        acks: vec![sample::ack_row(1, 2)],
        outbox: vec![OutboxChange::Drop { thread: sample::thread_id(1) }],
        leaves: (100..105).map(sample::leaf).collect(),
        refusals: vec![RefusalWrite {
            peer: Some(sample::peer(2)),
            code: "stale".to_owned(),
            count: 1,
            at: sample::at(9),
        }],
        closing: Some(sample::tally_row(2).opened_at.quarter()),
        ..sample::batch(thread)
    }
}

/// The same batch with a thread write that cannot be.
fn with_thread(change: impl FnOnce(&mut ThreadWrite)) -> Batch {
    let mut batch = everything();
    if let Some(write) = &mut batch.thread {
        change(write);
    }
    batch
}

/// Batches each of which fails in one place.
fn failing() -> Vec<(&'static str, Batch)> {
    let used = sample::message_id(1, Side::Sender, 1);
    let with_document = |expected| Batch {
        documents: vec![document(Shelf::FollowUp, Expected::Absent), document(Shelf::Setting, expected)],
        ..everything()
    };
    vec![
        (
            "a thread that is not there",
            with_thread(|write| {
                write.expected_version = Some(1);
                write.row.version = 2;
            }),
        ),
        ("a thread that is there", with_thread(|write| write.row.id = sample::thread_id(1))),
        (
            "a message used before",
            with_thread(|write| {
                write.events.push(EventRow {
                    message: used,
                    ..sample::event(2, Side::Receiver, 2, ContentPart::Course)
                });
            }),
        ),
        ("a document that is not there", with_document(Expected::Version(1))),
        ("a receipt issued before", Batch { inbox: Some(sample::inbox_row(1, 1)), ..everything() }),
    ]
}

pub(super) async fn a_batch_with_one_conflict_writes_nothing(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    for batch in sample::course(1) {
        store.commit(batch).await?;
    }
    let before = Snapshot::of(&*store).await?;
    for (what, batch) in failing() {
        conflict(store.commit(batch).await).map_err(|failure| failure.during(what))?;
        equal(Snapshot::of(&*store).await?, before.clone()).map_err(|failure| failure.during(what))?;
    }
    drop(store);
    backend.reopen().await;
    let store = backend.store();
    equal(Snapshot::of(&*store).await?, before.clone())?;
    store.commit(everything()).await?;
    equal(Snapshot::of(&*store).await? == before, false)
}

pub(super) async fn an_empty_batch_changes_nothing(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(sample::batch(sample::opening(1))).await?;
    let before = Snapshot::of(&*store).await?;
    store.commit(Batch::default()).await?;
    equal(Snapshot::of(&*store).await?, before)
}

pub(super) async fn what_is_committed_is_there_after_reopening(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    for batch in sample::course(1).into_iter().chain([everything()]).chain(sample::course(3)) {
        backend.store().commit(batch).await?;
        let before = Snapshot::of(&*backend.store()).await?;
        backend.reopen().await;
        equal(Snapshot::of(&*backend.store()).await?, before)?;
    }
    Ok(())
}

pub(super) async fn conflicts_are_seen_after_reopening(backend: &mut dyn Backend) -> Result<(), Failure> {
    for batch in sample::course(1) {
        backend.store().commit(batch).await?;
    }
    backend.reopen().await;
    for (what, batch) in failing() {
        conflict(backend.store().commit(batch).await).map_err(|failure| failure.during(what))?;
    }
    Ok(())
}
