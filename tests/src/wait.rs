//! Waiting with an end: never a bare sleep for something that has to happen.

use anyhow::{Result, bail};
use std::time::{Duration, Instant};

/// How often a condition is looked at.
const PERIOD: Duration = Duration::from_millis(25);

/// Waits until `condition` gives something, and says how long it took. A condition that fails is one not met yet; the
/// last failure is told when the time is over.
///
/// # Errors
/// `what` did not happen within `deadline`.
pub async fn until<T>(
    what: &str,
    deadline: Duration,
    mut condition: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<(T, Duration)> {
    let started = Instant::now();
    let mut last = String::from("never");
    loop {
        let left = deadline.saturating_sub(started.elapsed());
        match tokio::time::timeout(left.max(PERIOD), condition()).await {
            Ok(Ok(Some(found))) => return Ok((found, started.elapsed())),
            Ok(Ok(None)) => last = String::from("not met"),
            Ok(Err(error)) => last = format!("{error:#}"),
            Err(_) => last = format!("no answer in time ({last})"),
        }
        if started.elapsed() >= deadline {
            bail!("{what}: did not happen within {deadline:?}; at the end: {last}");
        }
        tokio::time::sleep(PERIOD).await;
    }
}

/// Waits until `condition` holds.
///
/// # Errors
/// `what` did not happen within `deadline`.
pub async fn holds(
    what: &str,
    deadline: Duration,
    mut condition: impl AsyncFnMut() -> Result<bool>,
) -> Result<Duration> {
    let (_, took) = until(what, deadline, async || Ok(condition().await?.then_some(()))).await?;
    Ok(took)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_does_not_happen_is_named() {
        let deadline = Duration::from_millis(60);
        let error = holds("the moon rises", deadline, async || bail!("clouds")).await.unwrap_err();
        let said = error.to_string();
        assert!(said.contains("the moon rises") && said.contains("clouds"), "{said}");
    }

    #[tokio::test]
    async fn an_answer_that_never_comes_ends_too() {
        let deadline = Duration::from_millis(60);
        let waited = holds("silence", deadline, async || std::future::pending().await).await;
        assert!(waited.is_err());
    }
}
