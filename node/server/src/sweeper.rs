//! Timers: threads whose hour has come, looked at by the node itself.

use crate::engine::{Engine, EngineError};
use relais_domain::structure_id::StructureId;
use relais_store::{PAGE_MAX, Page};
use std::sync::Arc;
use std::time::Duration;

/// How often timers are looked at.
const PERIOD: Duration = Duration::from_secs(1);
/// How many threads are woken in one round.
const ROUND_MAX: u32 = 256;

/// Wakes threads whose timer is due, for ever.
pub async fn sweep(engine: Arc<Engine>) {
    if let Err(error) = look_again(&engine).await {
        tracing::warn!(%error, "Alarms could not be looked at again");
    }
    let mut tick = tokio::time::interval(PERIOD);
    loop {
        tick.tick().await;
        if let Err(error) = round(&engine).await {
            tracing::warn!(%error, "Timers could not be looked at");
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
