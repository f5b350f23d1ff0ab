//! Erasing: the content goes, the signed skeleton stays.

use super::failure::{equal, there};
use super::join::all_of;
use super::{Backend, Failure, sample};
use crate::Store;
use crate::batch::{Prepared, ThreadWrite};
use crate::rows::{EventRow, StoredThread};
use relais_domain::content::ContentPart;
use relais_domain::event::Side;
use relais_domain::fold::Parts;
use relais_domain::personal::Personal;

/// A thread with content of every part, local steps and a prepared stage 2.
fn full(seed: u64) -> ThreadWrite {
    let chain = |side| {
        (1..).zip(ContentPart::ALL).map(move |(sequence, part)| sample::event(seed, side, sequence, *part))
    };
    ThreadWrite {
        events: chain(Side::Sender).chain(chain(Side::Receiver)).collect(),
        steps: vec![sample::step(seed, 1), sample::step(seed, 2)],
        prepared: Prepared::Put(prepared(seed)),
        ..sample::change(seed, 1)
    }
}

fn erasing(seed: u64, version: u64, parts: Parts) -> ThreadWrite {
    ThreadWrite { erase: parts, ..sample::change(seed, version) }
}

async fn kept(store: &dyn Store, seed: u64) -> Result<StoredThread, Failure> {
    there(store.thread(sample::thread_id(seed)).await?)
}

/// What must be left of the full thread `seed` once its second version erased `parts`.
fn left(seed: u64, parts: Parts) -> StoredThread {
    let ThreadWrite { events, steps, .. } = full(seed);
    let without = |event: EventRow| {
        if parts.has(event.part) { EventRow { content: None, ..event } } else { event }
    };
    StoredThread {
        row: sample::change(seed, 2).row,
        events: events.into_iter().map(without).collect(),
        steps: if parts.has(ContentPart::Own) { Vec::new() } else { steps },
        prepared: (!parts.has(ContentPart::StageTwo)).then(|| prepared(seed)),
    }
}

fn prepared(seed: u64) -> Personal<Vec<u8>> {
    sample::secret("prepared", seed, 400)
}

pub(super) async fn each_part_is_erased_alone(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    for (seed, part) in (1..).zip(ContentPart::ALL) {
        store.commit(sample::batch(full(seed))).await?;
        let parts = Parts::of([*part]);
        store.commit(sample::batch(erasing(seed, 2, parts))).await?;
        equal(kept(&*store, seed).await?, left(seed, parts))?;
    }
    Ok(())
}

pub(super) async fn part_after_part_is_erased(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(sample::batch(full(1))).await?;
    let mut erased = Parts::default();
    for (version, part) in (2..).zip(ContentPart::ALL) {
        erased = erased.with(Parts::of([*part]));
        store.commit(sample::batch(erasing(1, version, Parts::of([*part])))).await?;
        let left = kept(&*store, 1).await?;
        let content_is_left = |event: &EventRow| event.content.is_some() != erased.has(event.part);
        equal(left.events.iter().all(content_is_left), true)?;
    }
    Ok(())
}

pub(super) async fn several_parts_are_erased_at_once(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(sample::batch(full(1))).await?;
    let parts = Parts::of([ContentPart::StageOne, ContentPart::StageTwo, ContentPart::Own]);
    store.commit(sample::batch(erasing(1, 2, parts))).await?;
    equal(kept(&*store, 1).await?, left(1, parts))
}

pub(super) async fn an_erased_event_is_read_without_content(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(sample::batch(sample::opening(1))).await?;
    store.commit(sample::batch(erasing(1, 2, Parts::of([ContentPart::StageOne])))).await?;
    let event = sample::event(1, Side::Sender, 1, ContentPart::StageOne);
    equal(store.event(event.thread, Side::Sender, 1).await?, Some(EventRow { content: None, ..event }))
}

pub(super) async fn erasing_one_thread_leaves_the_others(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(sample::batch(full(1))).await?;
    store.commit(sample::batch(full(2))).await?;
    let all = Parts::of(ContentPart::ALL.iter().copied());
    store.commit(sample::batch(erasing(1, 2, all))).await?;
    let promised = StoredThread { row: sample::change(2, 1).row, ..left(2, Parts::default()) };
    equal(kept(&*store, 2).await?, promised)
}

pub(super) async fn what_is_erased_on_arrival_is_not_kept(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    let all = Parts::of(ContentPart::ALL.iter().copied());
    store.commit(sample::batch(ThreadWrite { erase: all, ..full(1) })).await?;
    let arrived = kept(&*store, 1).await?;
    equal(arrived.events.len(), full(1).events.len())?;
    equal(arrived.events.iter().all(|event| event.content.is_none()), true)?;
    equal(arrived.steps, Vec::new())?;
    equal(arrived.prepared, None)
}

pub(super) async fn an_erasure_brings_its_own_evidence(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(sample::batch(sample::opening(1))).await?;
    let evidence = sample::event(1, Side::Sender, 2, ContentPart::Evidence);
    let parts = Parts::of([ContentPart::StageOne, ContentPart::Course]);
    let write = ThreadWrite { events: vec![evidence.clone()], ..erasing(1, 2, parts) };
    store.commit(sample::batch(write)).await?;
    equal(store.event(evidence.thread, Side::Sender, 2).await?, Some(evidence))
}

pub(super) async fn what_is_written_after_an_erasure_is_kept(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(sample::batch(full(1))).await?;
    let all = Parts::of(ContentPart::ALL.iter().copied());
    store.commit(sample::batch(erasing(1, 2, all))).await?;
    store.commit(sample::batch(later(1))).await?;
    drop(store);
    backend.reopen().await;
    equal(kept(&*backend.store(), 1).await?, with_later(left(1, all)))
}

/// The same when neither waits for the other: they may be written together.
pub(super) async fn what_follows_an_erasure_at_once_is_kept(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(sample::batch(full(1))).await?;
    let all = Parts::of(ContentPart::ALL.iter().copied());
    let writes = [erasing(1, 2, all), later(1)].map(|write| store.commit(sample::batch(write)));
    let mut answers = all_of(writes).await.into_iter();
    there(answers.next())??;
    if there(answers.next())?.is_err() {
        store.commit(sample::batch(later(1))).await?;
    }
    drop(store);
    backend.reopen().await;
    equal(kept(&*backend.store(), 1).await?, with_later(left(1, all)))
}

/// The third write of a full thread: content of parts that were erased.
fn later(seed: u64) -> ThreadWrite {
    ThreadWrite {
        events: vec![sample::event(seed, Side::Receiver, 99, ContentPart::StageOne)],
        steps: vec![sample::step(seed, 99)],
        prepared: Prepared::Put(sample::secret("later", seed, 70)),
        ..sample::change(seed, 3)
    }
}

fn with_later(mut thread: StoredThread) -> StoredThread {
    let later = later(1);
    thread.events.extend(later.events);
    let prepared = Some(sample::secret("later", 1, 70));
    StoredThread { row: later.row, steps: later.steps, prepared, ..thread }
}

pub(super) async fn erasing_twice_or_nothing_is_harmless(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(sample::batch(sample::change(1, 1))).await?;
    let all = Parts::of(ContentPart::ALL.iter().copied());
    store.commit(sample::batch(erasing(1, 2, all))).await?;
    store.commit(sample::batch(erasing(1, 3, all))).await?;
    equal(kept(&*store, 1).await?.row.version, 3)
}

pub(super) async fn an_erasure_survives_reopening(backend: &mut dyn Backend) -> Result<(), Failure> {
    backend.store().commit(sample::batch(full(1))).await?;
    let parts = Parts::of([ContentPart::StageOne, ContentPart::Own]);
    backend.store().commit(sample::batch(erasing(1, 2, parts))).await?;
    backend.reopen().await;
    equal(kept(&*backend.store(), 1).await?, left(1, parts))
}
