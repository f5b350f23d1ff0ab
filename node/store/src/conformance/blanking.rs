//! Blanking: the content of one event gives way to what remains of it.

use super::failure::{conflict, equal, there};
use super::{Backend, Failure, sample};
use crate::batch::{Batch, Blank, ThreadWrite};
use crate::rows::EventRow;
use crate::{CommitError, Store, StoreError};
use relais_domain::content::ContentPart;
use relais_domain::event::Side;
use relais_domain::fold::Parts;
use relais_domain::personal::Personal;

/// A thread with three events in either chain, two of which belong to one part.
fn opened(seed: u64) -> Batch {
    let event = |side, sequence, part| sample::event(seed, side, sequence, part);
    let chain = |side| {
        [ContentPart::StageOne, ContentPart::Course, ContentPart::Course]
            .into_iter()
            .zip(1..)
            .map(move |(part, sequence)| event(side, sequence, part))
    };
    let events = chain(Side::Sender).chain(chain(Side::Receiver)).collect();
    sample::batch(ThreadWrite { events, ..sample::change(seed, 1) })
}

fn blanking(seed: u64, version: u64, blank: Vec<Blank>) -> ThreadWrite {
    ThreadWrite { blank, ..sample::change(seed, version) }
}

fn remains(seed: u64) -> Personal<Vec<u8>> {
    sample::secret("remains", seed, 30)
}

/// What the events of thread `seed` hold, by side and sequence.
async fn held(store: &dyn Store, seed: u64) -> Result<Vec<Option<Personal<Vec<u8>>>>, Failure> {
    let kept = there(store.thread(sample::thread_id(seed)).await?)?;
    Ok(kept.events.into_iter().map(|event| event.content).collect())
}

/// What the events of thread `seed` held before anything was blanked, but for those at `changed`.
fn but(seed: u64, changed: &[(usize, Option<Personal<Vec<u8>>>)]) -> Vec<Option<Personal<Vec<u8>>>> {
    let events = opened(seed).thread.map(|write| write.events).unwrap_or_default();
    let mut held: Vec<_> = events.into_iter().map(|event| event.content).collect();
    for (place, content) in changed {
        held.iter_mut().skip(*place).take(1).for_each(|held| held.clone_from(content));
    }
    held
}

/// Blanks one event to something, one to nothing, one to no bytes at all.
fn three(seed: u64) -> ThreadWrite {
    let blank = vec![
        sample::blank(Side::Sender, 2, Some(remains(seed))),
        sample::blank(Side::Receiver, 1, None),
        sample::blank(Side::Receiver, 3, Some(Personal::new(Vec::new()))),
    ];
    blanking(seed, 2, blank)
}

fn after_three(seed: u64) -> Vec<Option<Personal<Vec<u8>>>> {
    but(seed, &[(1, Some(remains(seed))), (3, None), (5, Some(Personal::new(Vec::new())))])
}

pub(super) async fn a_blanked_event_holds_what_remains(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(opened(1)).await?;
    store.commit(opened(2)).await?;
    store.commit(sample::batch(three(1))).await?;
    equal(held(&*store, 1).await?, after_three(1))?;
    equal(held(&*store, 2).await?, but(2, &[]))?;
    let skeleton = sample::event(1, Side::Sender, 2, ContentPart::Course);
    let promised = EventRow { content: Some(remains(1)), ..skeleton };
    equal(store.event(promised.thread, Side::Sender, 2).await?, Some(promised))?;
    let longer = sample::secret("longer", 1, 9_000);
    let twice = vec![
        sample::blank(Side::Sender, 2, None),
        sample::blank(Side::Sender, 2, Some(longer.clone())),
        sample::blank(Side::Sender, 3, Some(longer.clone())),
        sample::blank(Side::Sender, 3, None),
    ];
    store.commit(sample::batch(blanking(1, 3, twice))).await?;
    let kept = held(&*store, 1).await?;
    equal(kept.into_iter().take(3).skip(1).collect(), vec![Some(longer), None])
}

pub(super) async fn what_is_blanked_as_it_arrives_holds_what_remains(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    let events = opened(1).thread.map(|write| write.events).unwrap_or_default();
    let write = ThreadWrite { events, ..sample::change(1, 1) };
    store.commit(sample::batch(ThreadWrite { blank: three(1).blank, ..write })).await?;
    equal(held(&*store, 1).await?, after_three(1))
}

pub(super) async fn what_holds_nothing_is_blanked_to_nothing(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    let never = EventRow { content: None, ..sample::event(1, Side::Sender, 4, ContentPart::Course) };
    let Batch { thread, .. } = opened(1);
    let opened = there(thread)?;
    let events = [opened.events.clone(), vec![never]].concat();
    store.commit(sample::batch(ThreadWrite { events, ..opened })).await?;
    let erase = Parts::of([ContentPart::StageOne]);
    store.commit(sample::batch(ThreadWrite { erase, ..sample::change(1, 2) })).await?;
    let before = held(&*store, 1).await?;
    let blank = vec![
        sample::blank(Side::Sender, 4, Some(remains(1))),
        sample::blank(Side::Sender, 1, Some(remains(1))),
        sample::blank(Side::Receiver, 1, None),
    ];
    equal(before.iter().filter(|held| held.is_none()).count(), 3)?;
    store.commit(sample::batch(blanking(1, 3, blank))).await?;
    equal(held(&*store, 1).await?, before)
}

pub(super) async fn what_is_blanked_and_erased_is_gone(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(opened(1)).await?;
    let erase = Parts::of([ContentPart::Course]);
    store.commit(sample::batch(ThreadWrite { erase, ..three(1) })).await?;
    equal(held(&*store, 1).await?, but(1, &[(1, None), (2, None), (3, None), (4, None), (5, None)]))?;
    store.commit(sample::batch(blanking(1, 3, three(1).blank))).await?;
    equal(held(&*store, 1).await?, but(1, &[(1, None), (2, None), (3, None), (4, None), (5, None)]))
}

pub(super) async fn what_remains_is_erased_like_the_rest(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(opened(1)).await?;
    store.commit(sample::batch(three(1))).await?;
    let erase = Parts::of([ContentPart::Course, ContentPart::StageOne]);
    store.commit(sample::batch(ThreadWrite { erase, ..sample::change(1, 3) })).await?;
    equal(held(&*store, 1).await?, vec![None; 6])
}

pub(super) async fn an_event_that_is_not_there_is_not_blanked(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(opened(1)).await?;
    store.commit(opened(2)).await?;
    let beyond = sample::blank(Side::Sender, 4, None);
    let outdated = blanking(1, 3, vec![beyond.clone()]);
    conflict(store.commit(sample::batch(outdated)).await)?;
    let both = vec![sample::blank(Side::Sender, 2, None), beyond.clone()];
    for write in [blanking(1, 2, both), blanking(3, 1, vec![beyond])] {
        match store.commit(sample::batch(write)).await {
            Err(CommitError::Store(StoreError::Corrupt(_))) => {}
            other => return Err(Failure::new(format!("an event that is not there was blanked: {other:?}"))),
        }
    }
    equal(held(&*store, 1).await?, but(1, &[]))?;
    equal(store.thread(sample::thread_id(3)).await?, None)
}

pub(super) async fn a_blanked_event_survives_reopening(backend: &mut dyn Backend) -> Result<(), Failure> {
    backend.store().commit(opened(1)).await?;
    backend.store().commit(sample::batch(three(1))).await?;
    backend.reopen().await;
    equal(held(&*backend.store(), 1).await?, after_three(1))
}
