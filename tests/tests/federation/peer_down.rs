//! The partner is down for a while: what is sent waits, is shown as waiting, and arrives once, in order.

use anyhow::{Context as _, Result, ensure};
use relais_tests::case::{self, Case, now_ms};
use relais_tests::desk::{Desk, Thread};
use relais_tests::town::{Two, alike, chains_of, id_of};
use relais_tests::wait::{holds, until};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// How many referrals wait.
const QUEUED: usize = 200;
/// How many notes each of some threads gets after its referral: their order is the thread's.
const NOTES: usize = 3;
/// Longest until it is shown that nothing leaves.
const SHOWN_WITHIN: Duration = Duration::from_secs(60);

async fn queue(agency: &Desk, hub: &[u8]) -> Result<Vec<Thread>> {
    let mut threads = Vec::new();
    for number in 0..QUEUED {
        let thread = id_of(&agency.refer(Case::default().referral(&hub.to_vec())).await?)?;
        if number % 20 == 0 {
            for note in 0..NOTES {
                agency.act(&thread, case::note(&format!("Suite {note}"))).await?;
            }
        }
        threads.push(thread);
    }
    Ok(threads)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_referrals_wait_for_a_partner_that_is_down() -> Result<()> {
    let mut two = Two::start().await?;
    let agency = two.agency.desk().await?;
    two.hub.stop()?;
    let stopped = (Instant::now(), now_ms());
    let threads = queue(&agency, &two.hub_id).await?;
    let hub_id = two.hub_id.clone();
    let (since, _) = until("it is shown since when nothing leaves", SHOWN_WITHIN, async || {
        Ok(agency.peer(&hub_id).await?.not_delivered_since_ms)
    })
    .await?;
    ensure!(stopped.0.elapsed() <= SHOWN_WITHIN + Duration::from_secs(30), "shown too late");
    ensure!(since >= stopped.1 - 1_000 && since <= now_ms(), "since {since}");
    let shown = agency.peer(&two.hub_id).await?;
    let events = u32::try_from(QUEUED + QUEUED / 20 * NOTES)?;
    ensure!(shown.waiting == events, "{} wait", shown.waiting);
    let one = agency.show(threads.first().context("a thread")?).await?;
    ensure!(one.summary.is_some_and(|summary| summary.undelivered == u32::try_from(1 + NOTES).unwrap_or(0)));

    two.hub.start().await?;
    let hub = two.hub.desk().await?;
    let took = holds("everything that waited has left", Duration::from_secs(60), async || {
        let peer = agency.peer(&hub_id).await?;
        Ok(peer.waiting == 0 && peer.not_delivered_since_ms.is_none())
    })
    .await?;
    println!("{events} events delivered {took:?} after the restart");
    let here: BTreeSet<Thread> = threads.iter().cloned().collect();
    let there = hub.threads().await?;
    ensure!(there.len() == QUEUED, "{} of {QUEUED} arrived", there.len());
    ensure!(there.into_iter().map(|summary| summary.thread_id).collect::<BTreeSet<_>>() == here);
    let mut messages = BTreeSet::new();
    for thread in &threads {
        let (view, _) = alike(&agency, &hub, thread).await?;
        for (_, sequence, message, ..) in chains_of(&view) {
            ensure!(messages.insert(message), "one message twice");
            ensure!(sequence >= 1);
        }
    }
    ensure!(messages.len() == usize::try_from(events)?);
    Ok(())
}
