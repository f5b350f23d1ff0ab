//! Threads listed: newest change first, and those to look at again.

use super::failure::equal;
use super::join::all_of;
use super::{Backend, Failure, sample};
use crate::batch::ThreadWrite;
use crate::rows::ThreadRow;
use crate::{PAGE_MAX, Page, Store};
use relais_domain::id::ThreadId;
use relais_domain::time::{Span, Timestamp};

async fn page(store: &dyn Store, before: Option<Timestamp>, limit: u32) -> Result<Vec<ThreadRow>, Failure> {
    Ok(store.threads(Page { before, limit }).await?)
}

fn ids(rows: &[ThreadRow]) -> Vec<ThreadId> {
    rows.iter().map(|row| row.id).collect()
}

fn threads(seeds: impl IntoIterator<Item = u64>) -> Vec<ThreadId> {
    seeds.into_iter().map(sample::thread_id).collect()
}

pub(super) async fn pages_go_from_the_newest_change_on(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    equal(page(&*store, None, 10).await?, Vec::new())?;
    for seed in [3, 1, 5, 2, 4] {
        store.commit(sample::batch(sample::opening(seed))).await?;
    }
    let first = page(&*store, None, 2).await?;
    equal(first.clone(), vec![sample::thread_row(5), sample::thread_row(4)])?;
    let second = page(&*store, first.last().map(|row| row.changed_at), 2).await?;
    equal(ids(&second), threads([3, 2]))?;
    let third = page(&*store, second.last().map(|row| row.changed_at), 2).await?;
    equal(ids(&third), threads([1]))?;
    equal(page(&*store, third.last().map(|row| row.changed_at), 2).await?, Vec::new())?;
    equal(page(&*store, None, 0).await?, Vec::new())
}

pub(super) async fn a_page_ends_before_its_instant(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    for seed in 1..=3 {
        store.commit(sample::batch(sample::opening(seed))).await?;
    }
    let changed_at = sample::changed_at(2, 1);
    equal(ids(&page(&*store, Some(changed_at), 10).await?), threads([1]))?;
    equal(ids(&page(&*store, Some(changed_at.plus(Span(1))), 10).await?), threads([2, 1]))
}

pub(super) async fn a_changed_thread_comes_first(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    for seed in 1..=3 {
        store.commit(sample::batch(sample::opening(seed))).await?;
    }
    let row = ThreadRow { changed_at: sample::changed_at(9, 1), ..sample::change(1, 2).row };
    store.commit(sample::batch(sample::write(row.clone()))).await?;
    let rows = page(&*store, None, 10).await?;
    equal(ids(&rows), threads([1, 3, 2]))?;
    equal(rows.first().cloned(), Some(row))
}

pub(super) async fn a_page_holds_no_more_than_the_most(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    let threads = u64::from(PAGE_MAX) + 1;
    let commits = (1..=threads).map(|seed| store.commit(sample::batch(sample::change(seed, 1))));
    all_of(commits).await.into_iter().collect::<Result<(), _>>()?;
    let rows = page(&*store, None, u32::MAX).await?;
    let newest_first = (2..=threads).rev().map(sample::thread_id).collect();
    equal(ids(&rows), newest_first)
}

pub(super) async fn threads_wake_earliest_first(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    for (seed, wake) in [(1, Some(300)), (2, Some(100)), (3, None), (4, Some(200))] {
        store.commit(sample::batch(waking(seed, 1, wake))).await?;
    }
    equal(store.threads_to_wake(sample::at(99), 10).await?, Vec::new())?;
    equal(store.threads_to_wake(sample::at(100), 10).await?, threads([2]))?;
    equal(store.threads_to_wake(sample::at(1_000), 10).await?, threads([2, 4, 1]))?;
    equal(store.threads_to_wake(sample::at(1_000), 2).await?, threads([2, 4]))
}

pub(super) async fn a_thread_wakes_at_its_last_instant_only(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(sample::batch(waking(1, 1, Some(100)))).await?;
    store.commit(sample::batch(waking(2, 1, Some(150)))).await?;
    store.commit(sample::batch(waking(1, 2, Some(200)))).await?;
    equal(store.threads_to_wake(sample::at(100), 10).await?, Vec::new())?;
    equal(store.threads_to_wake(sample::at(200), 10).await?, threads([2, 1]))?;
    store.commit(sample::batch(waking(1, 3, None))).await?;
    equal(store.threads_to_wake(sample::at(1_000), 10).await?, threads([2]))
}

fn waking(seed: u64, version: u64, wake: Option<i64>) -> ThreadWrite {
    sample::write(ThreadRow { wake_at: wake.map(sample::at), ..sample::change(seed, version).row })
}
