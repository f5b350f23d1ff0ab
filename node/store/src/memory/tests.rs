//! The suite over the store in memory, and every point at which it can crash.

use super::{Fault, Faults, MemoryStore};
use crate::batch::Batch;
use crate::conformance::{self, Backend, Later, Snapshot, sample};
use crate::{CommitError, Page, Store, StoreError};
use relais_domain::content::ContentPart;
use relais_domain::event::Side;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// Runs a future that never has to wait.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a store in memory never waits"),
    }
}

struct InMemory(Arc<MemoryStore>);

impl InMemory {
    fn fresh() -> Self {
        Self(Arc::new(MemoryStore::new()))
    }
}

impl Backend for InMemory {
    fn store(&self) -> Arc<dyn Store> {
        self.0.clone()
    }

    fn reopen(&mut self) -> Later<'_, ()> {
        Box::pin(async {
            assert_eq!(Arc::strong_count(&self.0), 1, "a check reopens while it holds the former store");
            self.0 = Arc::new(self.0.restart());
        })
    }
}

#[test]
fn it_keeps_every_promise() {
    let failures = block_on(conformance::all(async || InMemory::fresh())).err().unwrap_or_default();
    let told: Vec<String> = failures.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "{} broken:\n{}", told.len(), told.join("\n"));
}

#[test]
fn every_rule_has_a_name_of_its_own() {
    let names: std::collections::BTreeSet<&str> = conformance::RULES.iter().map(|rule| rule.name()).collect();
    assert_eq!(names.len(), conformance::RULES.len());
}

fn commit(store: &MemoryStore, batch: Batch) -> Result<(), CommitError> {
    block_on(store.commit(batch))
}

fn snapshot(store: &MemoryStore) -> Snapshot {
    block_on(Snapshot::of(store)).expect("a store with power answers")
}

/// Two threads whose courses alternate.
fn history() -> Vec<Batch> {
    sample::course(1).into_iter().zip(sample::course(2)).flat_map(<[Batch; 2]>::from).collect()
}

/// What a store that never fails holds after each prefix of the history, the empty one first.
fn prefixes() -> Vec<Snapshot> {
    let store = MemoryStore::new();
    let mut all = vec![snapshot(&store)];
    for batch in history() {
        commit(&store, batch).expect("nothing goes wrong");
        all.push(snapshot(&store));
    }
    all
}

fn is_unavailable(answer: Result<(), CommitError>) -> bool {
    matches!(answer, Err(CommitError::Store(StoreError::Unavailable(_))))
}

#[test]
fn no_crash_shows_half_a_batch() {
    let prefixes = prefixes();
    for (index, batch) in history().into_iter().enumerate() {
        let number = u64::try_from(index).expect("a few") + 1;
        for (fault, kept) in [(Fault::CrashBefore, index), (Fault::CrashAfter, index + 1)] {
            let store = MemoryStore::with_faults(Faults::at(number, fault));
            for before in history().into_iter().take(index) {
                commit(&store, before).expect("nothing goes wrong before the crash");
            }
            assert!(is_unavailable(commit(&store, batch.clone())), "commit {number}, {fault:?}");
            let store = store.restart();
            assert_eq!(snapshot(&store), prefixes[kept], "commit {number}, {fault:?}");
            for after in history().into_iter().skip(kept) {
                commit(&store, after).expect("the history goes on where it stopped");
            }
            assert_eq!(Some(&snapshot(&store)), prefixes.last(), "commit {number}, {fault:?}");
        }
    }
}

#[test]
fn every_prefix_differs() {
    let prefixes = prefixes();
    assert!(prefixes.windows(2).all(|pair| pair[0] != pair[1]), "a batch of the history writes nothing");
}

#[test]
fn a_full_disk_and_a_conflict_keep_nothing_and_the_store_goes_on() {
    let prefixes = prefixes();
    for (index, batch) in history().into_iter().enumerate() {
        let number = u64::try_from(index).expect("a few") + 1;
        let faults = Faults::at(number, Fault::Full).and(number + 1, Fault::Conflict);
        let store = MemoryStore::with_faults(faults);
        for before in history().into_iter().take(index) {
            commit(&store, before).expect("nothing goes wrong yet");
        }
        let full = commit(&store, batch.clone());
        assert!(matches!(full, Err(CommitError::Store(StoreError::Full))), "commit {number}");
        assert!(matches!(commit(&store, batch.clone()), Err(CommitError::Conflict)), "commit {number}");
        assert_eq!(snapshot(&store), prefixes[index]);
        assert_eq!(store.commits(), number + 1);
        commit(&store, batch).expect("the third try goes through");
        assert_eq!(snapshot(&store), prefixes[index + 1]);
    }
}

#[test]
fn after_a_crash_nothing_answers_until_the_restart() {
    let store = MemoryStore::with_faults(Faults::at(2, Fault::CrashAfter));
    commit(&store, sample::batch(sample::opening(1))).expect("the first goes through");
    assert!(is_unavailable(commit(&store, sample::batch(sample::opening(2)))));
    assert!(is_unavailable(commit(&store, sample::batch(sample::opening(3)))));
    assert!(block_on(Snapshot::of(&store)).is_err());
    assert!(matches!(block_on(store.thread(sample::thread_id(1))), Err(StoreError::Unavailable(_))));
    let page = Page { before: None, limit: 10 };
    let rows = block_on(store.restart().threads(page)).expect("it has power again");
    assert_eq!(rows.len(), 2, "the third was asked of a dead store");
}

#[test]
fn the_former_store_is_dead_after_a_restart() {
    let former = MemoryStore::new();
    commit(&former, sample::batch(sample::opening(1))).expect("nothing goes wrong");
    let store = former.restart();
    assert!(is_unavailable(commit(&former, sample::batch(sample::opening(2)))));
    assert!(block_on(store.thread(sample::thread_id(1))).expect("it has power").is_some());
    assert!(block_on(store.thread(sample::thread_id(2))).expect("it has power").is_none());
}

#[test]
fn a_crash_on_a_conflict_writes_nothing() {
    let store = MemoryStore::with_faults(Faults::at(2, Fault::CrashAfter));
    commit(&store, sample::batch(sample::opening(1))).expect("nothing goes wrong");
    let before = snapshot(&store);
    assert!(is_unavailable(commit(&store, sample::batch(sample::opening(1)))));
    assert_eq!(snapshot(&store.restart()), before);
}

#[test]
fn a_restart_takes_a_plan_of_its_own() {
    let store = MemoryStore::with_faults(Faults::at(1, Fault::CrashBefore));
    assert!(is_unavailable(commit(&store, sample::batch(sample::opening(1)))));
    let store = store.restart_with(Faults::at(2, Fault::Full));
    commit(&store, sample::batch(sample::opening(1))).expect("the first of the new plan");
    let full = commit(&store, sample::batch(sample::opening(2)));
    assert!(matches!(full, Err(CommitError::Store(StoreError::Full))));
}

#[test]
fn a_commit_that_nobody_awaits_is_not_made() {
    let store = MemoryStore::new();
    drop(store.commit(sample::batch(sample::opening(1))));
    assert_eq!(store.commits(), 0);
    assert!(block_on(store.thread(sample::thread_id(1))).expect("it has power").is_none());
}

#[test]
fn debug_shows_no_content() {
    let store = MemoryStore::new();
    let event = sample::event(1, Side::Sender, 1, ContentPart::StageOne);
    commit(&store, sample::batch(sample::opening(1))).expect("nothing goes wrong");
    let content = event.content.expect("a sample event has content").into_exposed();
    let shown = format!("{store:?}");
    let start: Vec<String> = content.iter().take(6).map(ToString::to_string).collect();
    assert!(!shown.contains(&start.join(", ")) && shown.contains("[personal]"));
}
