//! Timers: threads whose hour has come, looked at by the node itself.

use crate::engine::{Engine, EngineError};
use std::sync::Arc;
use std::time::Duration;

/// How often timers are looked at.
const PERIOD: Duration = Duration::from_secs(1);
/// How many threads are woken in one round.
const ROUND_MAX: u32 = 256;

/// Wakes threads whose timer is due, for ever.
pub async fn sweep(engine: Arc<Engine>) {
    let mut tick = tokio::time::interval(PERIOD);
    loop {
        tick.tick().await;
        if let Err(error) = round(&engine).await {
            tracing::warn!(%error, "Timers could not be looked at");
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
