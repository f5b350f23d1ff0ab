//! Closing a quarter: its tally rows give way to counts that name no thread.

use super::failure::equal;
use super::join::all_of;
use super::{Backend, Failure, sample};
use crate::Store;
use crate::batch::{Batch, TallyMove, ThreadWrite};
use crate::rows::{Cell, CellRow, TallyRow};
use relais_domain::content::Outcome;
use relais_domain::fold::Label;
use relais_domain::time::{Quarter, Span, Timestamp};
use std::collections::BTreeMap;

const EVER: (Timestamp, Timestamp) = (Timestamp(i64::MIN), Timestamp(i64::MAX));

/// The quarter in which the samples open.
fn quarter() -> Quarter {
    sample::tally_row(1).opened_at.quarter()
}

fn closing(quarter: Quarter) -> Batch {
    Batch { closing: Some(quarter), ..Batch::default() }
}

/// Opens thread `seed` with a tally row of its own.
fn opening(seed: u64, row: TallyRow) -> Batch {
    sample::batch(ThreadWrite { tally: Some(row), ..sample::opening(seed) })
}

/// The tally row of thread `seed`, alike for all seeds but for its thread, opened at an instant.
fn alike(seed: u64, opened_at: Timestamp) -> TallyRow {
    TallyRow { thread: sample::thread_id(seed), opened_at, ..sample::tally_row(1) }
}

async fn tally(store: &dyn Store) -> Result<Vec<TallyRow>, Failure> {
    let mut rows = store.tally(EVER.0, EVER.1).await?;
    rows.sort_by_key(|row| row.opened_at);
    Ok(rows)
}

async fn cells(store: &dyn Store) -> Result<Vec<CellRow>, Failure> {
    let mut rows = store.cells(Quarter(i32::MIN), Quarter(i32::MAX)).await?;
    rows.sort();
    Ok(rows)
}

/// What rows come to.
fn counted<'r>(rows: impl IntoIterator<Item = &'r TallyRow>) -> Vec<CellRow> {
    let mut counts: BTreeMap<Cell, u64> = BTreeMap::new();
    for row in rows {
        *counts.entry(row.cell()).or_default() += 1;
    }
    counts.into_iter().map(|(cell, count)| CellRow { cell, count }).collect()
}

pub(super) async fn a_closed_quarter_is_counted_without_its_threads(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    let alike = (1..=5).map(|seed| alike(seed, sample::changed_at(seed, 1)));
    let rows: Vec<TallyRow> = alike.chain((6..=9).map(sample::tally_row)).collect();
    for (seed, row) in (1..).zip(&rows) {
        store.commit(opening(seed, row.clone())).await?;
    }
    equal(cells(&*store).await?, Vec::new())?;
    store.commit(closing(quarter())).await?;
    equal(tally(&*store).await?, Vec::new())?;
    let found = cells(&*store).await?;
    equal(found.iter().map(|row| row.count).max(), Some(5))?;
    equal(found.clone(), counted(&rows))?;
    drop(store);
    backend.reopen().await;
    equal(cells(&*backend.store()).await?, found)
}

pub(super) async fn every_code_of_a_cell_comes_back(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    let rows: Vec<TallyRow> = (1..=sample::VARIETY).map(sample::varied_tally_row).collect();
    for (seed, row) in (1..).zip(&rows) {
        store.commit(opening(seed, row.clone())).await?;
    }
    store.commit(closing(quarter())).await?;
    equal(cells(&*store).await?, counted(&rows))
}

pub(super) async fn a_quarter_closes_from_its_first_instant_to_its_last(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    let (first, next) = (quarter().start(), quarter().end());
    let opened = [first.minus(Span(1)), first, next.minus(Span(1)), next];
    let rows: Vec<TallyRow> = (1..).zip(opened).map(|(seed, at)| alike(seed, at)).collect();
    for (seed, row) in (1..).zip(&rows) {
        store.commit(opening(seed, row.clone())).await?;
    }
    store.commit(closing(quarter())).await?;
    equal(tally(&*store).await?, vec![alike(1, opened[0]), alike(4, next)])?;
    equal(cells(&*store).await?, vec![CellRow { cell: alike(2, first).cell(), count: 2 }])
}

pub(super) async fn a_quarter_closed_again_counts_nothing_twice(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    for seed in 1..=3 {
        store.commit(opening(seed, alike(seed, sample::changed_at(seed, 1)))).await?;
    }
    store.commit(closing(quarter())).await?;
    let before = cells(&*store).await?;
    equal(before.iter().map(|row| row.count).sum(), 3)?;
    store.commit(closing(quarter())).await?;
    store.commit(closing(quarter().next())).await?;
    equal(cells(&*store).await?, before)
}

pub(super) async fn what_opens_in_a_closed_quarter_is_added_at_the_next_closing(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    let row = |seed| alike(seed, sample::changed_at(seed, 1));
    store.commit(opening(1, row(1))).await?;
    store.commit(closing(quarter())).await?;
    for seed in [2, 3] {
        store.commit(opening(seed, row(seed))).await?;
    }
    equal(cells(&*store).await?, counted([&row(1)]))?;
    equal(tally(&*store).await?, vec![row(2), row(3)])?;
    store.commit(closing(quarter())).await?;
    equal(cells(&*store).await?, vec![CellRow { cell: row(1).cell(), count: 3 }])?;
    equal(tally(&*store).await?, Vec::new())
}

pub(super) async fn what_moves_after_the_closing_changes_no_count(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(sample::batch(sample::opening(1))).await?;
    store.commit(closing(quarter())).await?;
    let before = cells(&*store).await?;
    let moved = TallyMove { label: Some(Label::Closed), outcome: Some(Outcome::NeedMet) };
    let write = ThreadWrite { tally_moved: Some(moved), ..sample::change(1, 2) };
    store.commit(sample::batch(write)).await?;
    store.commit(closing(quarter())).await?;
    equal(cells(&*store).await?, before)?;
    equal(tally(&*store).await?, Vec::new())?;
    let version = store.thread(sample::thread_id(1)).await?.map(|kept| kept.row.version);
    equal(version, Some(2))
}

pub(super) async fn what_opens_and_moves_with_the_closing_is_counted(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(sample::batch(sample::opening(1))).await?;
    let moved = TallyMove { label: Some(Label::Closed), outcome: Some(Outcome::NeedMet) };
    let write = ThreadWrite { tally_moved: Some(moved), ..sample::change(1, 2) };
    store.commit(Batch { closing: Some(quarter()), ..sample::batch(write) }).await?;
    let opening = sample::batch(sample::opening(2));
    store.commit(Batch { closing: Some(quarter()), ..opening }).await?;
    let first = TallyRow { label: moved.label, outcome: moved.outcome, ..sample::tally_row(1) };
    equal(cells(&*store).await?, counted([&first, &sample::tally_row(2)]))
}

pub(super) async fn cells_are_cut_by_quarter(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    let quarters: Vec<Quarter> = (0..4).map(|more| Quarter(quarter().0 + more)).collect();
    let rows: Vec<TallyRow> =
        (1..).zip(&quarters).map(|(seed, quarter)| alike(seed, quarter.start())).collect();
    for (seed, row) in (1..).zip(&rows) {
        store.commit(opening(seed, row.clone())).await?;
        store.commit(closing(row.opened_at.quarter())).await?;
    }
    let mut found = store.cells(quarters[1], quarters[3]).await?;
    found.sort();
    equal(found, counted(&rows[1..3]))?;
    equal(store.cells(quarters[2], quarters[2]).await?, Vec::new())?;
    equal(cells(&*store).await?, counted(&rows))
}

pub(super) async fn several_closings_of_a_quarter_count_once(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    let rows: Vec<TallyRow> = (1..=20).map(|seed| alike(seed, sample::changed_at(seed, 1))).collect();
    let batches = (1..).zip(&rows).flat_map(|(seed, row)| [opening(seed, row.clone()), closing(quarter())]);
    for answer in all_of(batches.map(|batch| store.commit(batch))).await {
        answer?;
    }
    store.commit(closing(quarter())).await?;
    equal(cells(&*store).await?, counted(&rows))?;
    equal(tally(&*store).await?, Vec::new())
}
