//! Many commits at once.

use super::failure::{conflict, equal, there};
use super::join::all_of;
use super::{Backend, Failure, Later, sample};
use crate::batch::{Batch, DocumentWrite, Expected, ThreadWrite};
use crate::rows::{EventRow, Shelf, ThreadRow};
use crate::{CommitError, Store};
use relais_domain::content::ContentPart;
use relais_domain::event::Side;
use std::future::poll_fn;
use std::task::Poll;

const THREADS: u64 = 150;
const RIVALS: u32 = 12;
const ROUNDS: u64 = 5;
const CHAIN: u64 = 30;

/// A whole opening with leaves of its own: two, about one subject of the seed.
fn opening(seed: u64) -> Batch {
    let leaves = vec![sample::leaf(seed); 2];
    Batch { leaves, ..sample::batch(sample::opening(seed)) }
}

fn setting(key: u64) -> DocumentWrite {
    let key = key.to_be_bytes().to_vec();
    DocumentWrite { shelf: Shelf::Setting, body: Some(key.clone()), key, expected_version: Expected::Absent }
}

pub(super) async fn commits_of_different_threads_all_land(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    let answers = all_of((1..=THREADS).map(|seed| store.commit(opening(seed)))).await;
    answers.into_iter().collect::<Result<(), _>>()?;
    drop(store);
    backend.reopen().await;
    let store = backend.store();
    equal(store.ledger_size().await?, 2 * THREADS)?;
    for seed in 1..=THREADS {
        let kept = there(store.thread(sample::thread_id(seed)).await?)?;
        equal(kept.events, sample::opening(seed).events)?;
        equal(store.outbox_of(kept.row.id).await?, vec![sample::outbox_row(seed, 1)])?;
        let found = store.ledger_find(sample::leaf(seed).subject).await?;
        let first = there(found.first().copied())?;
        equal(found, vec![first, first + 1])?;
    }
    Ok(())
}

pub(super) async fn one_of_several_writes_of_a_version_wins(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    for version in 1..=ROUNDS {
        let rival = |attention| {
            let row = ThreadRow { attention, ..sample::change(1, version).row };
            Batch { leaves: vec![sample::leaf(version)], ..sample::batch(sample::write(row)) }
        };
        let answers = all_of((0..RIVALS).map(|number| store.commit(rival(number)))).await;
        let winner = only_winner(answers)?;
        let kept = there(store.thread(sample::thread_id(1)).await?)?.row;
        equal((kept.version, kept.attention), (version, winner))?;
        equal(store.ledger_size().await?, version)?;
    }
    Ok(())
}

/// Writes asked for at once, each resting on the one before: some first of them land, the others meet a conflict.
pub(super) async fn writes_that_rest_on_each_other_leave_no_gap(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    let write = |version: u64| {
        let sequence = u32::try_from(version).unwrap_or(0);
        let events = vec![sample::event(1, Side::Sender, sequence, ContentPart::Course)];
        let outbox = vec![sample::outbox_row(1, sequence)];
        let thread = ThreadWrite { events, outbox, ..sample::change(1, version) };
        Batch { leaves: vec![sample::leaf(version)], ..sample::batch(thread) }
    };
    let answers = all_of((1..=CHAIN).map(|version| store.commit(write(version)))).await;
    let landed = answers.iter().take_while(|answer| answer.is_ok()).count();
    answers.into_iter().skip(landed).try_for_each(conflict)?;
    let kept = there(store.thread(sample::thread_id(1)).await?)?;
    equal(usize::try_from(kept.row.version).unwrap_or(0), landed)?;
    equal((kept.events.len(), store.outbox_of(kept.row.id).await?.len()), (landed, landed))?;
    equal(store.ledger_size().await?, kept.row.version)
}

/// The number of the one that was committed; every other must have met a conflict.
fn only_winner(answers: Vec<Result<(), CommitError>>) -> Result<u32, Failure> {
    let mut winners = Vec::new();
    for (number, answer) in (0..).zip(answers) {
        match answer {
            Ok(()) => winners.push(number),
            lost => conflict(lost)?,
        }
    }
    equal(winners.len(), 1)?;
    there(winners.pop())
}

pub(super) async fn one_of_several_documents_with_one_key_wins(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    let rival = |number: u32| {
        let body = Some(number.to_be_bytes().to_vec());
        Batch { documents: vec![DocumentWrite { body, ..setting(1) }], ..Batch::default() }
    };
    let answers = all_of((0..RIVALS).map(|number| store.commit(rival(number)))).await;
    let winner = only_winner(answers)?;
    let kept = there(store.document(Shelf::Setting, &1_u64.to_be_bytes()).await?)?;
    equal((kept.version, kept.body), (1, winner.to_be_bytes().to_vec()))
}

/// Among commits that go together, one that fails takes none of the others with it.
pub(super) async fn a_conflict_harms_nobody_else(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(sample::batch(sample::opening(SPENT))).await?;
    let batch = |seed: u64| if seed.is_multiple_of(3) { spent(seed) } else { with_setting(seed) };
    let answers = all_of((1..=THREADS).map(|seed| store.commit(batch(seed)))).await;
    for (seed, answer) in (1_u64..).zip(answers) {
        if seed.is_multiple_of(3) {
            conflict(answer)?;
            equal(present(&*store, seed).await?, [0; 4])?;
        } else {
            answer?;
            equal(present(&*store, seed).await?, [1, 1, 1, 2])?;
        }
    }
    equal(store.ledger_size().await?, 2 * (THREADS - THREADS / 3))
}

/// The thread whose message others try to use again.
const SPENT: u64 = 1_000;

fn with_setting(seed: u64) -> Batch {
    Batch { documents: vec![setting(seed)], ..opening(seed) }
}

/// An opening that fails at its last event: the id of its message is spent.
fn spent(seed: u64) -> Batch {
    let mut thread = sample::opening(seed);
    let message = sample::message_id(SPENT, Side::Sender, 1);
    thread.events.push(EventRow { message, ..sample::event(seed, Side::Receiver, 1, ContentPart::Course) });
    Batch { thread: Some(thread), ..with_setting(seed) }
}

/// How many threads, waiting messages, settings and leaves of a seed are there.
async fn present(store: &dyn Store, seed: u64) -> Result<[usize; 4], Failure> {
    let thread = store.thread(sample::thread_id(seed)).await?;
    let waiting = store.outbox_of(sample::thread_id(seed)).await?;
    let setting = store.document(Shelf::Setting, &seed.to_be_bytes()).await?;
    let leaves = store.ledger_find(sample::leaf(seed).subject).await?;
    Ok([thread.iter().len(), waiting.len(), setting.iter().len(), leaves.len()])
}

pub(super) async fn a_thread_is_read_as_of_one_instant(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(sample::batch(sample::opening(1))).await?;
    let writing = async {
        for version in 2..=40 {
            let sequence = u32::try_from(version).unwrap_or(0);
            let events = vec![sample::event(1, Side::Sender, sequence, ContentPart::Course)];
            let steps = vec![sample::step(1, sequence)];
            let write = ThreadWrite { events, steps, ..sample::change(1, version) };
            store.commit(sample::batch(write)).await?;
        }
        Ok(())
    };
    let reading = async {
        for _ in 0..80 {
            let kept = there(store.thread(sample::thread_id(1)).await?)?;
            let version = usize::try_from(kept.row.version).unwrap_or(0);
            equal((kept.events.len(), kept.steps.len() + 1), (version, version))?;
        }
        Ok(())
    };
    let both: [Later<'_, Result<(), Failure>>; 2] = [Box::pin(writing), Box::pin(reading)];
    all_of(both).await.into_iter().collect()
}

/// A caller that goes away takes nothing with it by half: a commit it started is there whole, or not at all.
pub(super) async fn a_commit_nobody_waits_for_is_whole(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    for seed in 1..=20 {
        let mut commit = store.commit(with_setting(seed));
        poll_fn(|context| Poll::Ready(commit.as_mut().poll(context).is_ready())).await;
        drop(commit);
    }
    store.commit(sample::batch(sample::opening(SPENT))).await?;
    drop(store);
    backend.reopen().await;
    let store = backend.store();
    for seed in 1..=20 {
        let found = present(&*store, seed).await?;
        let promised = if found == [0; 4] { [0; 4] } else { [1, 1, 1, 2] };
        equal(found, promised)?;
    }
    Ok(())
}
