//! Many callers at once, some of whom go away.

use super::room::Room;
use relais_domain::content::ContentPart;
use relais_domain::event::Side;
use relais_store::batch::{Batch, ThreadWrite};
use relais_store::conformance::sample;
use relais_store::{CommitError, Store};
use relais_store_sqlite::SqliteStore;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

const CANCELLED: u64 = 1_000;
/// Microseconds; about twice what all those commits take.
const PATIENCE_MAX: u64 = 600_000;
const DECISIONS: u64 = 2_000;
const AT_ONCE: u64 = 256;

fn opening(seed: u64) -> Batch {
    Batch { leaves: vec![sample::leaf(seed)], ..sample::batch(sample::opening(seed)) }
}

/// A number that looks drawn, the same in every run.
fn scattered(seed: u64) -> u64 {
    let mixed = (seed ^ seed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb) >> 33
}

/// Asks for a commit and goes away after a while, one in eight before asking; the answer, if it came before.
async fn impatient(store: Arc<SqliteStore>, seed: u64) -> Option<Result<(), CommitError>> {
    let patience = async {
        if !scattered(seed).is_multiple_of(8) {
            tokio::time::sleep(Duration::from_micros(scattered(seed + CANCELLED) % PATIENCE_MAX)).await;
        }
    };
    tokio::select! {
        biased;
        () = patience => None,
        answer = store.commit(opening(seed)) => Some(answer),
    }
}

/// The threads of `seeds` that are there, each of them whole.
async fn whole(store: &SqliteStore, seeds: impl Iterator<Item = u64>) -> BTreeSet<u64> {
    let mut there = BTreeSet::new();
    for seed in seeds {
        let outbox = store.outbox_of(sample::thread_id(seed)).await.expect("a read");
        let Some(thread) = store.thread(sample::thread_id(seed)).await.expect("a read") else {
            assert!(outbox.is_empty(), "half of thread {seed} is there");
            continue;
        };
        let event = sample::event(seed, Side::Sender, 1, ContentPart::StageOne);
        assert_eq!(thread.events, [event], "thread {seed}");
        assert_eq!(outbox, [sample::outbox_row(seed, 1)], "thread {seed}");
        there.insert(seed);
    }
    there
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_that_go_away_lose_and_double_nothing() {
    let room = Room::new();
    let store = Arc::new(room.open().await);
    let asked: Vec<_> =
        (0..CANCELLED).map(|seed| tokio::spawn(impatient(Arc::clone(&store), seed))).collect();
    let mut answered = BTreeSet::new();
    for (seed, asked) in (0..).zip(asked) {
        match asked.await.expect("the caller ends") {
            Some(Ok(())) => drop(answered.insert(seed)),
            Some(Err(error)) => panic!("{seed}: {error}"),
            None => {}
        }
    }
    store.close().await.expect("the store closes");
    let store = room.open().await;
    let there = whole(&store, 0..CANCELLED).await;
    let count = there.len();
    println!(
        "of {CANCELLED} callers {} went away, {count} commits are there",
        CANCELLED as usize - answered.len()
    );
    assert!(answered.is_subset(&there));
    assert!(answered.len() < CANCELLED as usize, "nobody went away");
    assert!(count < CANCELLED as usize, "nobody went away before asking");
    assert_eq!(store.ledger_size().await.expect("a read"), count as u64);
    assert_eq!(
        store.tally(sample::at(i64::MIN / 4_000), sample::at(1 << 40)).await.expect("a read").len(),
        count
    );
    // Whoever went away asks again: what is there is a conflict, what is not is committed.
    for seed in 0..CANCELLED {
        let again = store.commit(opening(seed)).await;
        let conflict = matches!(again, Err(CommitError::Conflict));
        assert!(if there.contains(&seed) { conflict } else { again.is_ok() }, "{seed}: {again:?}");
    }
    assert_eq!(store.ledger_size().await.expect("a read"), CANCELLED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_store_commits_what_was_asked_and_lets_go() {
    let room = Room::new();
    let store = room.open().await;
    for seed in 0..20 {
        tokio::select! {
            biased;
            answer = store.commit(opening(seed)) => answer.expect("a commit"),
            () = tokio::task::yield_now() => {}
        }
    }
    drop(store);
    let store = loop {
        match room.try_open().await {
            Ok(store) => break store,
            Err(relais_store_sqlite::OpenError::InUse(_)) => tokio::task::yield_now().await,
            Err(error) => panic!("{error}"),
        }
    };
    let there = whole(&store, 0..20).await;
    assert_eq!(store.ledger_size().await.expect("a read"), there.len() as u64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_taken_id_harms_nobody_else_of_the_group() {
    let room = Room::new();
    let store = room.open().await;
    store.commit(opening(0)).await.expect("a commit");
    let taken = sample::event(0, Side::Sender, 1, ContentPart::StageOne).message;
    let mut thief = sample::opening(1);
    thief.events[0].message = taken;
    let (thief, two, three) =
        tokio::join!(store.commit(sample::batch(thief)), store.commit(opening(2)), store.commit(opening(3)));
    assert!(matches!(thief, Err(CommitError::Conflict)), "{thief:?}");
    assert!(two.is_ok() && three.is_ok(), "{two:?} {three:?}");
    assert_eq!(whole(&store, 0..4).await, BTreeSet::from([0, 2, 3]));
    assert_eq!(store.ledger_size().await.expect("a read"), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
async fn decisions_are_grouped() {
    let room = Room::new();
    let store = Arc::new(room.open().await);
    let started = std::time::Instant::now();
    let callers: Vec<_> = (0..AT_ONCE)
        .map(|caller| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for seed in (caller..DECISIONS).step_by(AT_ONCE as usize) {
                    store.commit(opening(seed)).await.expect("a commit");
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.expect("the caller ends");
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("{DECISIONS} openings by {AT_ONCE} callers: {:.0} a second", DECISIONS as f64 / seconds);
    let one = std::time::Instant::now();
    for seed in 0..200 {
        let change = ThreadWrite { ..sample::change(seed, 2) };
        store.commit(sample::batch(change)).await.expect("a commit");
    }
    println!("200 changes one by one: {:.0} a second", 200.0 / one.elapsed().as_secs_f64());
    assert_eq!(store.ledger_size().await.expect("a read"), DECISIONS);
}
