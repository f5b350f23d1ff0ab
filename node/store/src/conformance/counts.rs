//! What flows are counted from, and refusals.

use super::failure::equal;
use super::{Backend, Failure, sample};
use crate::Store;
use crate::batch::{Batch, RefusalWrite, TallyMove, ThreadWrite};
use crate::rows::{RefusalCount, TallyRow};
use relais_domain::content::Outcome;
use relais_domain::fold::Label;
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Span, Timestamp};

const EVER: (Timestamp, Timestamp) = (Timestamp(0), Timestamp(i64::MAX));

async fn tally(store: &dyn Store, since: Timestamp, until: Timestamp) -> Result<Vec<TallyRow>, Failure> {
    let mut rows = store.tally(since, until).await?;
    rows.sort_by_key(|row| row.opened_at);
    Ok(rows)
}

pub(super) async fn every_code_of_a_tally_row_comes_back(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    let rows: Vec<TallyRow> = (1..=sample::VARIETY).map(sample::varied_tally_row).collect();
    for (seed, row) in (1..).zip(&rows) {
        let write = ThreadWrite { tally: Some(row.clone()), ..sample::change(seed, 1) };
        store.commit(sample::batch(write)).await?;
    }
    equal(tally(&*store, EVER.0, EVER.1).await?, rows)
}

pub(super) async fn the_tally_is_cut_by_the_opening(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    for seed in 1..=4 {
        store.commit(sample::batch(sample::opening(seed))).await?;
    }
    let opened = |seed| sample::tally_row(seed).opened_at;
    let found = tally(&*store, opened(2), opened(4)).await?;
    equal(found, vec![sample::tally_row(2), sample::tally_row(3)])?;
    let found = tally(&*store, opened(2).plus(Span(1)), opened(4).plus(Span(1))).await?;
    equal(found, vec![sample::tally_row(3), sample::tally_row(4)])?;
    equal(tally(&*store, opened(2), opened(2)).await?, Vec::new())
}

pub(super) async fn a_tally_row_moves_by_what_is_said(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(sample::batch(sample::opening(1))).await?;
    store.commit(sample::batch(sample::opening(2))).await?;
    let moves = [
        (Some(Label::Closed), None),
        (None, Some(Outcome::NeedMet)),
        (None, None),
        (None, Some(Outcome::NeedNotMet)),
        (Some(Label::Effective), None),
    ];
    let mut promised = sample::tally_row(1);
    for (version, (label, outcome)) in (2..).zip(moves) {
        let tally_moved = Some(TallyMove { label, outcome });
        store.commit(sample::batch(ThreadWrite { tally_moved, ..sample::change(1, version) })).await?;
        promised.label = label.or(promised.label);
        promised.outcome = outcome.or(promised.outcome);
        equal(tally(&*store, EVER.0, EVER.1).await?, vec![promised.clone(), sample::tally_row(2)])?;
    }
    Ok(())
}

pub(super) async fn a_tally_row_opens_and_moves_at_once(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    let moved = TallyMove { label: Some(Label::Expired), outcome: None };
    let write = ThreadWrite { tally_moved: Some(moved), ..sample::opening(1) };
    store.commit(sample::batch(write)).await?;
    let promised = TallyRow { label: Some(Label::Expired), ..sample::tally_row(1) };
    equal(tally(&*store, EVER.0, EVER.1).await?, vec![promised])
}

pub(super) async fn refusals_are_counted_by_peer_and_code(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    equal(store.refusals().await?, Vec::new())?;
    let refusals = |peer: Option<StructureId>, code: &str, count, at| RefusalWrite {
        peer,
        code: code.to_owned(),
        count,
        at: sample::at(at),
    };
    let refusal = |peer, code, at| refusals(peer, code, 1, at);
    let one = Some(sample::peer(1));
    let batches = [
        vec![refusal(one, "stale", 1), refusal(one, "stale", 2), refusal(one, "full", 3)],
        vec![refusal(None, "stale", 4)],
        vec![refusal(Some(sample::peer(2)), "stale", 5), refusal(None, "stale", 6)],
        vec![refusal(one, "stale", 7), refusals(one, "stale", 40, 8)],
    ];
    for refusals in batches {
        store.commit(Batch { refusals, ..Batch::default() }).await?;
    }
    let count = |peer, code: &str, count, at| RefusalCount {
        peer,
        code: code.to_owned(),
        count,
        last_at: sample::at(at),
    };
    let promised = vec![
        count(one, "full", 1, 3),
        count(None, "stale", 2, 6),
        count(one, "stale", 43, 8),
        count(Some(sample::peer(2)), "stale", 1, 5),
    ];
    equal(sorted(store.refusals().await?), sorted(promised))
}

fn sorted(mut counts: Vec<RefusalCount>) -> Vec<RefusalCount> {
    counts.sort_by_key(|count| (count.peer, count.code.clone()));
    counts
}
