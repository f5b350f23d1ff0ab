//! Timers: threads whose hour has come, and quarters that close, looked at by the node itself.

use crate::engine::{Engine, EngineError};
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Quarter, Timestamp};
use relais_store::batch::Batch;
use relais_store::{CommitError, PAGE_MAX, Page, Store};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// How often timers are looked at.
const PERIOD: Duration = Duration::from_secs(1);
/// How many threads are woken in one round.
const ROUND_MAX: u32 = 256;

/// How often quarters that are over are looked for.
const CLOSING_PERIOD: Duration = Duration::from_secs(3_600);

/// Wakes threads whose timer is due and closes quarters that are over, for ever.
pub async fn sweep(engine: Arc<Engine>) {
    if let Err(error) = look_again(&engine).await {
        tracing::warn!(%error, "Alarms could not be looked at again");
    }
    tokio::join!(wake_threads(&engine), keep_quarters(&engine));
}

async fn wake_threads(engine: &Engine) {
    let mut tick = tokio::time::interval(PERIOD);
    loop {
        tick.tick().await;
        if let Err(error) = round(engine).await {
            tracing::warn!(%error, "Timers could not be looked at");
        }
    }
}

async fn keep_quarters(engine: &Engine) {
    let mut tick = tokio::time::interval(CLOSING_PERIOD);
    loop {
        tick.tick().await;
        if let Err(error) = close_quarters(&**engine.store(), engine.clock().now()).await {
            tracing::warn!(%error, "A quarter could not be closed: trying again later");
        }
    }
}

/// After a start: what someone must be told is judged again, for a crash may have come between a receipt and its note.
async fn look_again(engine: &Engine) -> Result<(), EngineError> {
    let mut before = None;
    loop {
        let rows = engine.store().threads(Page { before, limit: PAGE_MAX }).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        before = Some(last.changed_at);
        for row in rows.iter().filter(|row| row.attention != 0) {
            if let Err(error) = engine.wake(row.id).await {
                tracing::warn!(thread.id = %row.id, %error, "A thread could not be woken");
            }
        }
    }
}

/// Looks again at the live threads with a partner: what held them is over.
pub async fn wake_partner(engine: &Engine, peer: StructureId) {
    let mut before = None;
    loop {
        let Ok(rows) = engine.store().threads(Page { before, limit: PAGE_MAX }).await else { return };
        let Some(last) = rows.last() else { return };
        before = Some(last.changed_at);
        for row in rows.iter().filter(|row| row.peer == peer && row.label.is_none()) {
            if let Err(error) = engine.wake(row.id).await {
                tracing::warn!(thread.id = %row.id, %error, "A thread could not be woken");
            }
        }
    }
}

/// Wakes every thread whose timer is due now; how many were.
///
/// # Errors
/// [`EngineError`] when the store cannot answer.
pub async fn round(engine: &Engine) -> Result<usize, EngineError> {
    let due = engine.store().threads_to_wake(engine.clock().now(), ROUND_MAX).await?;
    for thread in &due {
        if let Err(error) = engine.wake(*thread).await {
            tracing::warn!(thread.id = %thread, %error, "A thread could not be woken");
        }
    }
    Ok(due.len())
}

/// Closes every quarter that is over at `now` and of which there are rows still: their counts stay, the rows go. One
/// that was closed before is closed again when a clock that went back has opened something in it.
///
/// # Errors
/// [`CommitError`] when the store cannot answer.
pub async fn close_quarters(store: &dyn Store, now: Timestamp) -> Result<(), CommitError> {
    let over = store.tally(Timestamp(i64::MIN), Quarter::first_open(now).start()).await?;
    let due: BTreeSet<Quarter> = over.iter().map(|row| row.opened_at.quarter()).collect();
    for quarter in due {
        store.commit(Batch { closing: Some(quarter), ..Batch::default() }).await?;
        tracing::info!(%quarter, "Quarter closed");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use relais_domain::limits::QUARTER_CLOSES_AFTER;
    use relais_domain::time::Span;
    use relais_store::batch::ThreadWrite;
    use relais_store::conformance::sample;
    use relais_store::memory::MemoryStore;
    use relais_store::rows::TallyRow;

    async fn open(store: &MemoryStore, seed: u64, opened_at: Timestamp) {
        let row = TallyRow { opened_at, ..sample::tally_row(seed) };
        let write = ThreadWrite { tally: Some(row), ..sample::opening(seed) };
        store.commit(sample::batch(write)).await.unwrap();
    }

    /// How many rows are left, and how many threads are counted in cells.
    async fn counts(store: &MemoryStore) -> (usize, u64) {
        let rows = store.tally(Timestamp(i64::MIN), Timestamp(i64::MAX)).await.unwrap();
        let cells = store.cells(Quarter(i32::MIN), Quarter(i32::MAX)).await.unwrap();
        (rows.len(), cells.iter().map(|cell| cell.count).sum())
    }

    #[tokio::test]
    async fn a_quarter_closes_when_its_time_has_come_and_not_before() {
        let store = MemoryStore::new();
        let quarter = Quarter::of(2026, 3).unwrap();
        for (seed, at) in (1..).zip([quarter.start(), quarter.end().minus(Span(1)), quarter.end()]) {
            open(&store, seed, at).await;
        }
        let closes = quarter.end().plus(QUARTER_CLOSES_AFTER);
        close_quarters(&store, closes.minus(Span(1))).await.unwrap();
        assert_eq!(counts(&store).await, (3, 0));
        close_quarters(&store, closes).await.unwrap();
        assert_eq!(counts(&store).await, (1, 2));
        close_quarters(&store, closes.plus(Span::days(400))).await.unwrap();
        assert_eq!(counts(&store).await, (0, 3));
    }

    #[tokio::test]
    async fn what_a_clock_that_went_back_opens_is_counted_at_the_next_closing() {
        let store = MemoryStore::new();
        let quarter = Quarter::of(2026, 3).unwrap();
        let closes = quarter.end().plus(QUARTER_CLOSES_AFTER);
        open(&store, 1, quarter.start()).await;
        close_quarters(&store, closes).await.unwrap();
        open(&store, 2, quarter.start()).await;
        open(&store, 3, Timestamp(-1)).await;
        close_quarters(&store, quarter.start()).await.unwrap();
        assert_eq!(counts(&store).await, (1, 2), "only what the clock of 1969 opened is over in 2026");
        close_quarters(&store, closes).await.unwrap();
        assert_eq!(counts(&store).await, (0, 3));
    }

    #[tokio::test]
    async fn nothing_is_written_when_nothing_is_over() {
        let store = MemoryStore::new();
        let before = store.commits();
        close_quarters(&store, sample::at(0)).await.unwrap();
        assert_eq!(store.commits(), before);
    }
}
