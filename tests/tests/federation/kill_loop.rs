//! The kill loop: nodes die at random moments on either side; what was acknowledged is kept, once, and alike.

use anyhow::{Context as _, Result, bail, ensure};
use rand::{Rng as _, RngExt as _, SeedableRng as _, rngs::ChaCha20Rng};
use relais_proto::desk::v1 as desk;
use relais_proto::peer::v1::EventKind;
use relais_tests::case::{self, Case};
use relais_tests::desk::{Desk, Id, Thread, fresh, words};
use relais_tests::town::{Two, chains_of, course_of};
use relais_tests::wait::until;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tonic::Code;

/// How often a node is killed.
const KILLS: usize = 30;
/// Between two kills, from when the node killed last answers again, ms.
const LIVES_MS: u64 = 1_500;
/// Longest until both ends are alike once nobody is killed any more.
const HEALED_WITHIN: Duration = Duration::from_secs(90);
/// Between two referrals of the one who sends.
const PACE: Duration = Duration::from_millis(15);
/// Set to replay a run.
const SEED_VARIABLE: &str = "RELAIS_TEST_SEED";

/// What was acknowledged to a caller: kept outside of every node.
#[derive(Debug, Default)]
struct Journal {
    sent: Mutex<BTreeSet<Thread>>,
    accepted: Mutex<BTreeSet<Thread>>,
    over: AtomicBool,
}

impl Journal {
    fn note(list: &Mutex<BTreeSet<Thread>>, thread: Thread) {
        list.lock().unwrap_or_else(PoisonError::into_inner).insert(thread);
    }

    fn read(list: &Mutex<BTreeSet<Thread>>) -> BTreeSet<Thread> {
        list.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }
}

/// Asks a node that may die at any moment, again and again, until it answers: yes, or a refusal.
async fn ask<T>(
    socket: &Path,
    mut question: impl AsyncFnMut(&Desk) -> Result<T, tonic::Status>,
) -> Result<T, tonic::Status> {
    loop {
        if let Ok(desk) = Desk::connect(socket).await {
            match question(&desk).await {
                Err(status) if is_no_answer(&status) => {}
                answer => return answer,
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Whether the caller cannot know what became of the call.
fn is_no_answer(status: &tonic::Status) -> bool {
    matches!(status.code(), Code::Unavailable | Code::Unknown | Code::Cancelled | Code::DeadlineExceeded)
}

/// Sends referrals until it is over; each is asked again under one id until it is acknowledged.
async fn send(socket: &Path, hub: &Id, journal: &Journal) -> Result<()> {
    while !journal.over() {
        // Due before what follows an acceptance: what is not answered yet stands first in a list.
        let deadline_ms = Some(case::in_minutes(24 * 60));
        let request = Case { deadline_ms, ..Case::default() }.referral(hub);
        let view = ask(socket, async |desk| desk.refer(request.clone()).await).await?;
        let thread = view.summary.context("a summary")?.thread_id;
        Journal::note(&journal.sent, thread);
        tokio::time::sleep(PACE).await;
    }
    Ok(())
}

/// Accepts what arrives until it is over.
async fn accept(socket: &Path, journal: &Journal) -> Result<()> {
    while !journal.over() {
        let request = desk::ListThreadsRequest { page_size: 20, ..Default::default() };
        let page =
            ask(socket, async |desk| Ok(desk.client().list_threads(request.clone()).await?.into_inner()));
        let awaited = |one: &desk::ThreadSummary| {
            one.due.as_ref().is_some_and(|due| due.kind() == desk::DueKind::Answer)
        };
        for summary in page.await?.threads.into_iter().filter(awaited) {
            let request_id = fresh();
            let accepted = ask(socket, async |desk| {
                desk.act_again(request_id.clone(), &summary.thread_id, case::accept()).await
            });
            match accepted.await {
                Ok(_) => Journal::note(&journal.accepted, summary.thread_id),
                Err(status) => bail!("accepting was refused: {status}"),
            }
        }
        tokio::time::sleep(PACE).await;
    }
    Ok(())
}

fn seed() -> u64 {
    let told = std::env::var(SEED_VARIABLE).ok().and_then(|seed| seed.parse().ok());
    told.unwrap_or_else(|| u64::from_le_bytes(fresh()[..8].try_into().unwrap_or_default()) % 1_000_000)
}

/// Kills one node or the other at random moments, and starts it again at once.
async fn kills(two: &mut Two, chance: &mut ChaCha20Rng) -> Result<()> {
    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(chance.random_range(0..LIVES_MS))).await;
        let node = if chance.next_u32() & 1 == 0 { &mut two.agency } else { &mut two.hub };
        node.kill9()?;
        node.start().await?;
    }
    Ok(())
}

/// Everything both ends hold, thread by thread, once nothing waits any more.
async fn at_rest(here: &Desk, there: &Desk) -> Result<[BTreeMap<Thread, desk::ThreadView>; 2]> {
    let mut last = String::new();
    let waited = until("both ends come to rest", HEALED_WITHIN, async || {
        let lists = [here.threads().await?, there.threads().await?];
        let waiting: u32 = lists.iter().flatten().map(|summary| summary.undelivered).sum();
        let steps = lists.each_ref().map(|list| {
            list.iter().map(|one| (one.thread_id.clone(), one.step, one.label)).collect::<BTreeSet<_>>()
        });
        last = format!("{} and {} threads, {waiting} events wait", lists[0].len(), lists[1].len());
        Ok((waiting == 0 && steps[0] == steps[1]).then_some(lists))
    })
    .await;
    let (lists, _) = waited.with_context(|| last.clone())?;
    let mut all = [BTreeMap::new(), BTreeMap::new()];
    for ((desk, list), views) in [here, there].into_iter().zip(lists).zip(&mut all) {
        for summary in list {
            views.insert(summary.thread_id.clone(), desk.show(&summary.thread_id).await?);
        }
    }
    Ok(all)
}

fn count(view: &desk::ThreadView, kind: EventKind) -> usize {
    view.timeline.iter().filter(|entry| entry.kind() == kind).count()
}

/// Nothing acknowledged is lost, doubled or different at the two ends.
fn judge(journal: &Journal, ends: &[BTreeMap<Thread, desk::ThreadView>; 2]) -> Result<()> {
    let [here, there] = ends;
    let (sent, accepted) = (Journal::read(&journal.sent), Journal::read(&journal.accepted));
    for thread in &sent {
        ensure!(here.contains_key(thread), "acknowledged and lost at the sender: {thread:02x?}");
        ensure!(there.contains_key(thread), "acknowledged and never arrived: {thread:02x?}");
    }
    ensure!(here.len() == there.len(), "{} threads here, {} there", here.len(), there.len());
    let mut messages = BTreeSet::new();
    for (thread, view) in here {
        let other = there.get(thread).with_context(|| format!("{thread:02x?} is not there"))?;
        let told = || format!("{thread:02x?}\nhere {}\nthere {}", words(view), words(other));
        ensure!(chains_of(view) == chains_of(other), "different events: {}", told());
        ensure!(course_of(view) == course_of(other), "another course: {}", told());
        for (_, _, message, _, effect) in chains_of(view) {
            ensure!(messages.insert(message), "one message twice: {}", told());
            ensure!(effect == i32::from(desk::Effect::Counts), "an event without effect: {}", told());
        }
        let expected = usize::from(accepted.contains(thread));
        ensure!(count(view, EventKind::Accepted) >= expected, "acknowledged and lost: {}", told());
        ensure!(count(view, EventKind::Accepted) <= 1, "accepted twice: {}", told());
        let answered = count(view, EventKind::Disclosed) == count(view, EventKind::Accepted);
        ensure!(answered, "accepted, and not answered once: {}", told());
    }
    Ok(())
}

/// The ledger of each end still gives the roots that were signed.
async fn ledgers_hold(desks: [&Desk; 2]) -> Result<()> {
    for desk in desks {
        let status = desk.client().ledger_status(desk::LedgerStatusRequest::default()).await?.into_inner();
        ensure!(status.check() == desk::LedgerCheck::Holds, "{}", status.problem);
        for peer in status.peers.iter().filter(|peer| peer.size > 0) {
            ensure!(peer.consistent() == desk::LedgerCheck::Holds, "the partner's ledger is not continued");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_doubled_or_different_after_thirty_kills() -> Result<()> {
    let seed = seed();
    println!("kill loop: {SEED_VARIABLE}={seed}");
    let mut chance = ChaCha20Rng::seed_from_u64(seed);
    let mut two = Two::start().await?;
    let journal = Journal::default();
    let [here, there] = [&two.agency, &two.hub].map(|node| node.home().join("desk.sock"));
    let started = Instant::now();
    let hub_id = two.hub_id.clone();
    let killed = async {
        let done = kills(&mut two, &mut chance).await;
        journal.over.store(true, Ordering::Relaxed);
        done
    };
    let worked = tokio::try_join!(send(&here, &hub_id, &journal), accept(&there, &journal), killed);
    worked.with_context(|| format!("{SEED_VARIABLE}={seed}"))?;
    let killed_for = started.elapsed();
    let (agency, hub) = two.desks().await?;
    let ends = at_rest(&agency, &hub).await.with_context(|| format!("{SEED_VARIABLE}={seed}"))?;
    let (sent, accepted) = (Journal::read(&journal.sent).len(), Journal::read(&journal.accepted).len());
    println!("{sent} referrals and {accepted} acceptances acknowledged within {killed_for:?}");
    judge(&journal, &ends).with_context(|| format!("{SEED_VARIABLE}={seed}"))?;
    ensure!(sent >= KILLS && accepted >= KILLS, "the nodes did not work between the kills");
    ledgers_hold([&agency, &hub]).await
}

#[test]
fn a_lost_a_doubled_and_a_different_event_are_each_seen() {
    let thread = vec![1; 16];
    let event = |kind: EventKind, message: u8| desk::TimelineEntry {
        side: 1,
        sequence: 1,
        message_id: vec![message; 16],
        kind: kind.into(),
        effect: desk::Effect::Counts.into(),
        ..Default::default()
    };
    let view = |events: &[desk::TimelineEntry]| desk::ThreadView {
        timeline: events.to_vec(),
        summary: Some(desk::ThreadSummary::default()),
        ..Default::default()
    };
    let ends = |here: &[desk::TimelineEntry], there: &[desk::TimelineEntry]| {
        [here, there].map(|events| BTreeMap::from([(thread.clone(), view(events))]))
    };
    let journal = Journal::default();
    Journal::note(&journal.sent, thread.clone());
    let sent = event(EventKind::Sent, 1);
    let once = std::slice::from_ref(&sent);
    assert!(judge(&journal, &ends(once, once)).is_ok());
    assert!(judge(&journal, &[BTreeMap::new(), BTreeMap::new()]).is_err());
    assert!(judge(&journal, &ends(once, &[event(EventKind::Sent, 2)])).is_err());
    let twice = [sent.clone(), sent.clone()];
    assert!(judge(&journal, &ends(&twice, &twice)).is_err());
    Journal::note(&journal.accepted, thread.clone());
    assert!(judge(&journal, &ends(once, once)).is_err());
}
