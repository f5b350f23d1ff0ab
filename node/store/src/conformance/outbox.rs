//! Messages that wait to leave, and the receipts that let them go.

use super::failure::equal;
use super::{Backend, Failure, sample};
use crate::Store;
use crate::batch::{Batch, OutboxChange, ThreadWrite};
use crate::rows::{OutboxRow, OutboxState, ThreadRow};
use relais_domain::consent::Standing;
use relais_domain::content::ContentPart;
use relais_domain::event::Side;
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;

/// A row due `next` seconds after the first instant, for peer 1.
fn row(seed: u64, sequence: u32, next: i64) -> OutboxRow {
    OutboxRow { peer: sample::peer(1), next_at: sample::at(next), ..sample::outbox_row(seed, sequence) }
}

/// Opens a thread whose events all wait.
fn waiting(rows: Vec<OutboxRow>, seed: u64) -> Batch {
    let event = |row: &OutboxRow| sample::event(seed, Side::Sender, row.sequence, ContentPart::StageOne);
    let events = rows.iter().map(event).collect();
    sample::batch(ThreadWrite { events, outbox: rows, ..sample::change(seed, 1) })
}

fn changing(changes: impl IntoIterator<Item = OutboxChange>) -> Batch {
    Batch { outbox: changes.into_iter().collect(), ..Batch::default() }
}

/// Retries `row` as it now is.
fn retry(row: &OutboxRow) -> OutboxChange {
    OutboxChange::Retry {
        message: row.message,
        state: row.state,
        attempts: row.attempts,
        next_at: row.next_at,
        first_failed_at: row.first_failed_at,
        last_code: row.last_code,
    }
}

async fn ready(store: &dyn Store, now: i64, limit: u32) -> Result<Vec<(u64, u32)>, Failure> {
    let rows = store.outbox_ready(sample::peer(1), sample::at(now), limit).await?;
    let seed = |row: &OutboxRow| (1..100).find(|seed| sample::thread_id(*seed) == row.thread).unwrap_or(0);
    Ok(rows.iter().map(|row| (seed(row), row.sequence)).collect())
}

pub(super) async fn messages_leave_oldest_thread_first_and_in_order(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    for seed in [3, 1, 2] {
        store.commit(waiting(vec![row(seed, 2, 10), row(seed, 1, 10)], seed)).await?;
    }
    equal(ready(&*store, 9, 10).await?, Vec::new())?;
    equal(ready(&*store, 10, 10).await?, vec![(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2)])?;
    equal(ready(&*store, 10, 3).await?, vec![(1, 1), (1, 2), (2, 1)])?;
    let first = store.outbox_ready(sample::peer(1), sample::at(10), 1).await?;
    equal(first, vec![row(1, 1, 10)])
}

pub(super) async fn messages_leave_for_their_peer_alone(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(waiting(vec![row(1, 1, 0)], 1)).await?;
    let other = OutboxRow { peer: sample::peer(2), ..row(2, 1, 0) };
    store.commit(waiting(vec![other.clone()], 2)).await?;
    equal(ready(&*store, 10, 10).await?, vec![(1, 1)])?;
    equal(store.outbox_ready(sample::peer(2), sample::at(10), 10).await?, vec![other])?;
    equal(store.outbox_ready(sample::peer(3), sample::at(10), 10).await?, Vec::new())
}

pub(super) async fn a_message_waits_behind_one_not_yet_due(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(waiting(vec![row(1, 1, 0), row(1, 2, 50), row(1, 3, 0)], 1)).await?;
    store.commit(waiting(vec![row(2, 1, 60), row(2, 2, 0)], 2)).await?;
    store.commit(waiting(vec![row(3, 1, 0)], 3)).await?;
    equal(ready(&*store, 10, 10).await?, vec![(1, 1), (3, 1)])?;
    equal(ready(&*store, 50, 10).await?, vec![(1, 1), (1, 2), (1, 3), (3, 1)])?;
    equal(ready(&*store, 60, 10).await?, vec![(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (3, 1)])
}

pub(super) async fn a_message_waits_behind_a_parked_one(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(waiting(vec![row(1, 1, 0), row(1, 2, 0), row(1, 3, 0)], 1)).await?;
    store.commit(waiting(vec![row(2, 1, 0)], 2)).await?;
    let parked = OutboxRow { state: OutboxState::Parked, ..row(1, 2, 0) };
    store.commit(changing([retry(&parked)])).await?;
    equal(ready(&*store, 1_000, 10).await?, vec![(1, 1), (2, 1)])?;
    store.commit(changing([retry(&row(1, 2, 0))])).await?;
    equal(ready(&*store, 1_000, 10).await?, vec![(1, 1), (1, 2), (1, 3), (2, 1)])
}

pub(super) async fn once_the_consent_has_ended_nothing_waits_behind_another_message(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    let parked = |seed, sequence, next| OutboxRow { state: OutboxState::Parked, ..row(seed, sequence, next) };
    let rows = |seed| {
        let last = [row(seed, 3, 20), parked(seed, 4, 0), row(seed, 5, 50), row(seed, 6, 0)];
        [parked(seed, 1, 0), parked(seed, 2, 900)].into_iter().chain(last).collect::<Vec<_>>()
    };
    for (seed, standing) in (1..).zip(Standing::ALL) {
        store.commit(waiting(rows(seed), seed)).await?;
        let held = ready(&*store, 10, 100).await?;
        equal(held.iter().any(|(of, _)| *of == seed), false)?;
        let ThreadWrite { row, .. } = sample::change(seed, 2);
        store.commit(sample::batch(sample::write(ThreadRow { standing: *standing, ..row }))).await?;
        for (now, passing) in [
            (10, vec![(seed, 6)]),
            (20, vec![(seed, 3), (seed, 6)]),
            (50, vec![(seed, 3), (seed, 5), (seed, 6)]),
        ] {
            let mut found = ready(&*store, now, 100).await?;
            found.retain(|(of, _)| *of == seed);
            equal(found, if *standing == Standing::Active { Vec::new() } else { passing })?;
        }
    }
    Ok(())
}

pub(super) async fn a_retry_changes_what_it_says(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(waiting(vec![row(1, 1, 0), row(1, 2, 0)], 1)).await?;
    let tried = OutboxRow {
        state: OutboxState::Parked,
        attempts: u32::MAX,
        next_at: sample::at(500),
        first_failed_at: Some(sample::at(77)),
        last_code: u32::MAX,
        ..row(1, 1, 0)
    };
    store.commit(changing([retry(&tried)])).await?;
    equal(store.outbox_of(sample::thread_id(1)).await?, vec![tried, row(1, 2, 0)])?;
    store.commit(changing([retry(&row(1, 1, 3))])).await?;
    equal(store.outbox_of(sample::thread_id(1)).await?, vec![row(1, 1, 3), row(1, 2, 0)])
}

pub(super) async fn a_message_that_left_is_not_brought_back(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(sample::batch(sample::opening(1))).await?;
    store.commit(Batch { acks: vec![sample::ack_row(1, 1)], ..Batch::default() }).await?;
    store.commit(changing([retry(&row(1, 1, 3))])).await?;
    equal(store.outbox_of(sample::thread_id(1)).await?, Vec::new())
}

pub(super) async fn a_peer_that_is_back_is_tried_at_once(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(waiting(vec![row(1, 1, 900), row(1, 2, 0)], 1)).await?;
    let parked = OutboxRow { state: OutboxState::Parked, ..row(2, 1, 900) };
    store.commit(waiting(vec![parked], 2)).await?;
    let other = OutboxRow { peer: sample::peer(2), ..row(3, 1, 900) };
    store.commit(waiting(vec![other], 3)).await?;
    let hurry = OutboxChange::Hurry { peer: sample::peer(1), now: sample::at(100) };
    store.commit(changing([hurry])).await?;
    equal(ready(&*store, 100, 10).await?, vec![(1, 1), (1, 2)])?;
    let other = store.outbox_ready(sample::peer(2), sample::at(899), 10).await?;
    equal(other, Vec::new())?;
    let states: Vec<OutboxState> =
        store.outbox_of(sample::thread_id(2)).await?.iter().map(|row| row.state).collect();
    equal(states, vec![OutboxState::Parked])
}

pub(super) async fn a_failure_to_deliver_is_noted_once(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    let noted = OutboxRow { first_failed_at: Some(sample::at(5)), ..row(1, 1, 0) };
    store.commit(waiting(vec![noted, row(1, 2, 0)], 1)).await?;
    store.commit(waiting(vec![OutboxRow { peer: sample::peer(2), ..row(2, 1, 0) }], 2)).await?;
    for since in [50, 60] {
        let since = sample::at(since);
        store.commit(changing([OutboxChange::Undelivered { peer: sample::peer(1), since }])).await?;
    }
    equal(failures(&*store, 1).await?, vec![Some(sample::at(5)), Some(sample::at(50))])?;
    equal(failures(&*store, 2).await?, vec![None])
}

async fn failures(store: &dyn Store, seed: u64) -> Result<Vec<Option<Timestamp>>, Failure> {
    let rows = store.outbox_of(sample::thread_id(seed)).await?;
    Ok(rows.iter().map(|row| row.first_failed_at).collect())
}

pub(super) async fn a_dropped_thread_leaves_the_outbox(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    let parked = OutboxRow { state: OutboxState::Parked, ..row(1, 2, 0) };
    store.commit(waiting(vec![row(1, 1, 0), parked], 1)).await?;
    store.commit(waiting(vec![row(2, 1, 0)], 2)).await?;
    store.commit(changing([OutboxChange::Drop { thread: sample::thread_id(1) }])).await?;
    equal(store.outbox_of(sample::thread_id(1)).await?, Vec::new())?;
    equal(ready(&*store, 1_000, 10).await?, vec![(2, 1)])?;
    equal(store.event(sample::thread_id(1), Side::Sender, 1).await?.is_some(), true)
}

pub(super) async fn what_waits_is_counted_by_peer(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    equal(store.outbox_waiting().await?, Vec::new())?;
    let failed = OutboxRow { first_failed_at: Some(sample::at(70)), ..row(1, 1, 0) };
    let failed_later = OutboxRow { first_failed_at: Some(sample::at(80)), ..row(1, 2, 0) };
    let parked = OutboxRow { state: OutboxState::Parked, ..row(1, 3, 0) };
    store.commit(waiting(vec![failed_later, failed, parked], 1)).await?;
    store.commit(waiting(vec![OutboxRow { peer: sample::peer(2), ..row(2, 1, 0) }], 2)).await?;
    let counted = |peer: StructureId, waiting, parked, seed| crate::rows::Waiting {
        peer,
        waiting,
        parked,
        oldest: sample::outbox_row(seed, 1).enqueued_at,
        first_failed_at: (seed == 1).then(|| sample::at(70)),
    };
    let mut promised = vec![counted(sample::peer(1), 2, 1, 1), counted(sample::peer(2), 1, 0, 2)];
    promised.sort_by_key(|row| row.peer);
    let mut found = store.outbox_waiting().await?;
    found.sort_by_key(|row| row.peer);
    equal(found, promised)
}
