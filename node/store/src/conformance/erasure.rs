//! Erasing: the content goes, the signed skeleton stays.

use super::failure::{equal, there};
use super::{Backend, Failure, sample};
use crate::Store;
use crate::batch::{Prepared, ThreadWrite};
use crate::rows::{EventRow, StoredThread};
use relais_domain::content::ContentPart;
use relais_domain::event::Side;
use relais_domain::fold::Parts;

/// A thread with content of every part, local steps and a prepared stage 2.
fn full(seed: u64) -> ThreadWrite {
    let events = (1..).zip(ContentPart::ALL).flat_map(|(sequence, part)| {
        [Side::Sender, Side::Receiver].map(|side| sample::event(seed, side, sequence, *part))
    });
    ThreadWrite {
        events: events.collect(),
        steps: vec![sample::step(seed, 1), sample::step(seed, 2)],
        prepared: Prepared::Put(sample::secret("prepared", seed, 400)),
        ..sample::change(seed, 1)
    }
}

fn erasing(seed: u64, version: u64, parts: Parts) -> ThreadWrite {
    ThreadWrite { erase: parts, ..sample::change(seed, version) }
}

async fn kept(store: &dyn Store, seed: u64) -> Result<StoredThread, Failure> {
    there(store.thread(sample::thread_id(seed)).await?)
}

/// What must be left of `thread` once `parts` are erased by version `version`.
fn left_of(thread: StoredThread, parts: Parts, version: u64) -> StoredThread {
    let without = |event: EventRow| {
        if parts.has(event.part) { EventRow { content: None, ..event } } else { event }
    };
    StoredThread {
        row: sample::change(1, version).row,
        events: thread.events.into_iter().map(without).collect(),
        steps: if parts.has(ContentPart::Own) { Vec::new() } else { thread.steps },
        prepared: thread.prepared.filter(|_| !parts.has(ContentPart::StageTwo)),
    }
}

pub(super) async fn each_part_is_erased_alone(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(sample::batch(full(1))).await?;
    let mut promised = kept(&*store, 1).await?;
    for (version, part) in (2..).zip(ContentPart::ALL) {
        let parts = Parts::of([*part]);
        store.commit(sample::batch(erasing(1, version, parts))).await?;
        promised = left_of(promised, parts, version);
        equal(kept(&*store, 1).await?, promised.clone())?;
    }
    equal(promised.events.iter().all(|event| event.content.is_none()), true)
}

pub(super) async fn several_parts_are_erased_at_once(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(sample::batch(full(1))).await?;
    let before = kept(&*store, 1).await?;
    let parts = Parts::of([ContentPart::StageOne, ContentPart::StageTwo, ContentPart::Own]);
    store.commit(sample::batch(erasing(1, 2, parts))).await?;
    equal(kept(&*store, 1).await?, left_of(before, parts, 2))
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
    let other = kept(&*store, 2).await?;
    let all = Parts::of(ContentPart::ALL.iter().copied());
    store.commit(sample::batch(erasing(1, 2, all))).await?;
    equal(kept(&*store, 2).await?, other)
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

pub(super) async fn erasing_twice_or_nothing_is_harmless(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(sample::batch(sample::change(1, 1))).await?;
    let all = Parts::of(ContentPart::ALL.iter().copied());
    store.commit(sample::batch(erasing(1, 2, all))).await?;
    store.commit(sample::batch(erasing(1, 3, all))).await?;
    let left = kept(&*store, 1).await?;
    equal(left.row.version, 3)
}

pub(super) async fn an_erasure_survives_reopening(backend: &mut dyn Backend) -> Result<(), Failure> {
    backend.store().commit(sample::batch(full(1))).await?;
    let parts = Parts::of([ContentPart::StageOne, ContentPart::Own]);
    backend.store().commit(sample::batch(erasing(1, 2, parts))).await?;
    let before = kept(&*backend.store(), 1).await?;
    backend.reopen().await;
    equal(kept(&*backend.store(), 1).await?, before)
}
