//! Threads, their events and local steps.

use super::failure::{conflict, equal, there};
use super::{Backend, Failure, sample};
use crate::batch::{Prepared, ThreadWrite};
use crate::rows::{EventRow, StoredThread, ThreadRow};
use crate::{CommitError, Store, StoreError};
use relais_domain::content::ContentPart;
use relais_domain::event::Side;
use relais_domain::personal::Personal;

/// Most events a side writes in one thread.
const EVENTS_A_SIDE: u32 = 256;
const EVENTS_A_BATCH: u32 = 32;

pub(super) async fn a_thread_comes_back_as_it_was_written(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    equal(store.thread(sample::thread_id(1)).await?, None)?;
    let prepared = sample::secret("prepared", 1, 5_000);
    let write = ThreadWrite {
        events: vec![
            sample::event(1, Side::Sender, 1, ContentPart::StageOne),
            sample::event(1, Side::Sender, 2, ContentPart::StageTwo),
            sample::event(1, Side::Receiver, 1, ContentPart::Course),
        ],
        steps: vec![sample::step(1, 1), sample::step(1, 2)],
        prepared: Prepared::Put(prepared.clone()),
        ..sample::opening(1)
    };
    store.commit(sample::batch(write.clone())).await?;
    let promised =
        StoredThread { row: write.row, events: write.events, steps: write.steps, prepared: Some(prepared) };
    equal(there(store.thread(promised.row.id).await?)?, promised)?;
    equal(store.thread(sample::thread_id(2)).await?, None)
}

pub(super) async fn every_code_of_a_thread_comes_back(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    for seed in 1..=sample::VARIETY {
        let row = sample::varied_thread_row(seed);
        store.commit(sample::batch(sample::write(row.clone()))).await?;
        equal(there(store.thread(row.id).await?)?.row, row)?;
    }
    Ok(())
}

pub(super) async fn every_code_of_an_event_comes_back(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    let events: Vec<EventRow> = sample::varied_events(1);
    let steps = sample::varied_steps(1);
    let write = ThreadWrite { events: events.clone(), steps: steps.clone(), ..sample::change(1, 1) };
    store.commit(sample::batch(write)).await?;
    let kept = there(store.thread(sample::thread_id(1)).await?)?;
    equal(kept.steps, steps)?;
    equal(kept.events, events)
}

pub(super) async fn what_was_kept_is_told_from_what_was_empty(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    let event = sample::event(1, Side::Sender, 1, ContentPart::StageOne);
    let events = vec![
        EventRow { content: Some(Personal::new(Vec::new())), ..event.clone() },
        EventRow { content: None, ..sample::event(1, Side::Receiver, 1, ContentPart::Course) },
    ];
    let prepared = Prepared::Put(Personal::new(Vec::new()));
    let write = ThreadWrite { events: events.clone(), prepared, ..sample::change(1, 1) };
    store.commit(sample::batch(write)).await?;
    let kept = there(store.thread(event.thread).await?)?;
    equal(kept.events, events)?;
    equal(kept.prepared, Some(Personal::new(Vec::new())))
}

pub(super) async fn a_thread_that_exists_is_not_opened_again(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(sample::batch(sample::opening(1))).await?;
    let before = store.thread(sample::thread_id(1)).await?;
    conflict(store.commit(sample::batch(sample::change(1, 1))).await)?;
    equal(store.thread(sample::thread_id(1)).await?, before)
}

pub(super) async fn a_write_on_another_version_is_a_conflict(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    conflict(store.commit(sample::batch(sample::change(1, 2))).await)?;
    equal(store.thread(sample::thread_id(1)).await?, None)?;
    store.commit(sample::batch(sample::change(1, 1))).await?;
    conflict(store.commit(sample::batch(sample::change(1, 3))).await)?;
    store.commit(sample::batch(sample::change(1, 2))).await?;
    conflict(store.commit(sample::batch(sample::change(1, 2))).await)?;
    equal(there(store.thread(sample::thread_id(1)).await?)?.row, sample::change(1, 2).row)
}

pub(super) async fn a_row_that_skips_a_version_is_not_stored(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(sample::batch(sample::opening(1))).await?;
    for version in [1, 3] {
        let write = ThreadWrite { expected_version: Some(1), ..sample::change(1, version) };
        match store.commit(sample::batch(write)).await {
            Err(CommitError::Store(StoreError::Corrupt(_))) => {}
            other => return Err(Failure::new(format!("version {version} after 1: {other:?}"))),
        }
    }
    equal(there(store.thread(sample::thread_id(1)).await?)?.row, sample::thread_row(1))
}

pub(super) async fn a_message_id_is_used_once(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(sample::batch(sample::opening(1))).await?;
    let used = sample::message_id(1, Side::Sender, 1);
    let again = |seed, side, sequence| EventRow {
        message: used,
        ..sample::event(seed, side, sequence, ContentPart::StageOne)
    };
    let elsewhere = ThreadWrite { events: vec![again(2, Side::Sender, 1)], ..sample::change(2, 1) };
    conflict(store.commit(sample::batch(elsewhere)).await)?;
    equal(store.thread(sample::thread_id(2)).await?, None)?;
    let here = ThreadWrite { events: vec![again(1, Side::Receiver, 1)], ..sample::change(1, 2) };
    conflict(store.commit(sample::batch(here)).await)?;
    equal(store.event(sample::thread_id(1), Side::Receiver, 1).await?, None)
}

pub(super) async fn a_place_in_a_chain_is_used_once(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(sample::batch(sample::opening(1))).await?;
    let event = EventRow {
        message: sample::message_id(1, Side::Sender, 99),
        ..sample::event(1, Side::Sender, 1, ContentPart::StageOne)
    };
    let write = ThreadWrite { events: vec![event], ..sample::change(1, 2) };
    conflict(store.commit(sample::batch(write)).await)?;
    equal(there(store.thread(sample::thread_id(1)).await?)?.row.version, 1)
}

pub(super) async fn a_change_keeps_what_was_there(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    let prepared = sample::secret("prepared", 1, 300);
    let first = ThreadWrite {
        steps: vec![sample::step(1, 1)],
        prepared: Prepared::Put(prepared.clone()),
        ..sample::opening(1)
    };
    store.commit(sample::batch(first.clone())).await?;
    let second = ThreadWrite {
        events: vec![sample::event(1, Side::Receiver, 1, ContentPart::Course)],
        steps: vec![sample::step(1, 2)],
        ..sample::change(1, 2)
    };
    store.commit(sample::batch(second.clone())).await?;
    let promised = StoredThread {
        row: second.row,
        events: [first.events, second.events].concat(),
        steps: [first.steps, second.steps].concat(),
        prepared: Some(prepared),
    };
    equal(there(store.thread(promised.row.id).await?)?, promised)
}

pub(super) async fn prepared_content_is_put_replaced_and_gone(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    let put = |version, content: &Personal<Vec<u8>>| {
        let prepared = Prepared::Put(content.clone());
        sample::batch(ThreadWrite { prepared, ..sample::change(1, version) })
    };
    let [first, second] = [1, 2].map(|seed| sample::secret("prepared", seed, 100));
    store.commit(put(1, &first)).await?;
    equal(prepared(&*store).await?, Some(first))?;
    store.commit(put(2, &second)).await?;
    equal(prepared(&*store).await?, Some(second))?;
    let gone = ThreadWrite { prepared: Prepared::Gone, ..sample::change(1, 3) };
    store.commit(sample::batch(gone)).await?;
    equal(prepared(&*store).await?, None)?;
    let nothing_to_take = ThreadWrite { prepared: Prepared::Gone, ..sample::change(1, 4) };
    store.commit(sample::batch(nothing_to_take)).await?;
    equal(prepared(&*store).await?, None)
}

async fn prepared(store: &dyn Store) -> Result<Option<Personal<Vec<u8>>>, Failure> {
    Ok(there(store.thread(sample::thread_id(1)).await?)?.prepared)
}

pub(super) async fn an_event_is_read_alone_with_its_content(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    let opening = sample::opening(1);
    store.commit(sample::batch(opening.clone())).await?;
    let id = opening.row.id;
    equal(store.event(id, Side::Sender, 1).await?, opening.events.first().cloned())?;
    equal(store.event(id, Side::Receiver, 1).await?, None)?;
    equal(store.event(id, Side::Sender, 2).await?, None)?;
    equal(store.event(sample::thread_id(2), Side::Sender, 1).await?, None)
}

pub(super) async fn a_thread_holds_256_events_a_side(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    let mut versions = 1_u64..;
    for first in (1..=EVENTS_A_SIDE).step_by(32) {
        let sequences = first..first + EVENTS_A_BATCH;
        let events = sequences.flat_map(|sequence| {
            let ours = sample::event(1, Side::Sender, sequence, ContentPart::Course);
            [sample::event(1, Side::Receiver, sequence, ContentPart::Course), ours]
        });
        let version = there(versions.next())?;
        let write = ThreadWrite { events: events.collect(), ..sample::change(1, version) };
        store.commit(sample::batch(write)).await?;
    }
    let kept = there(store.thread(sample::thread_id(1)).await?)?;
    let chain =
        |side| (1..=EVENTS_A_SIDE).map(move |sequence| sample::event(1, side, sequence, ContentPart::Course));
    equal(kept.events, chain(Side::Sender).chain(chain(Side::Receiver)).collect())
}

pub(super) async fn a_change_replaces_the_whole_row(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    let first = sample::varied_thread_row(1);
    store.commit(sample::batch(sample::write(first.clone()))).await?;
    for version in 2..=sample::VARIETY {
        let row = ThreadRow {
            id: first.id,
            kind: first.kind,
            side: first.side,
            peer: first.peer,
            opened_at: first.opened_at,
            version,
            changed_at: sample::changed_at(1, version),
            ..sample::varied_thread_row(version)
        };
        store.commit(sample::batch(sample::write(row.clone()))).await?;
        equal(there(store.thread(first.id).await?)?.row, row)?;
    }
    Ok(())
}
