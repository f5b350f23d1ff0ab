//! The register over a store in memory.

use super::*;
use relais_domain::consent::Standing;
use relais_domain::decide::Attention;
use relais_domain::digest::Digest;
use relais_domain::fold::{Parts, Step};
use relais_domain::id::MessageId;
use relais_domain::thread::{Freeze, Signing};
use relais_store::batch::{Batch, Prepared, ThreadWrite};
use relais_store::memory::MemoryStore;
use std::sync::Arc;

mod failing;

const NOW: Timestamp = Timestamp(1_795_305_600_000);

fn id(seed: u8) -> ThreadId {
    ThreadId::from_random([seed; 16])
}

fn row(seed: u8, version: u64, changed_at: i64) -> ThreadRow {
    ThreadRow {
        id: id(seed),
        kind: ThreadKind::Referral,
        side: Side::Sender,
        peer: StructureId::of_root_spki(b"partner"),
        consent: Digest::of(&[seed]),
        valid_until: NOW.plus(Span::days(90)),
        standing: Standing::Active,
        signing: Signing::ByItself,
        freeze: Freeze::No,
        follow_up: None,
        version,
        opened_at: NOW,
        changed_at: NOW.plus(Span(changed_at)),
        wake_at: None,
        label: None,
        step: Step::Sent,
        due: None,
        attention: 0,
    }
}

fn event(seed: u8, side: Side, sequence: u32, counts: Counts, stored_at: i64) -> EventRow {
    let mut message = [seed; 16];
    message[0] = u8::try_from(sequence).unwrap();
    message[1] = u8::from(side == Side::Receiver);
    EventRow {
        thread: id(seed),
        side,
        sequence,
        message: MessageId::from_random(message),
        kind: if side == Side::Receiver { EventKind::Accepted } else { EventKind::Sent },
        identity: Digest::of(&message),
        payload: vec![1],
        signature: [0; 64],
        counts,
        stored_at: NOW.plus(Span(stored_at)),
        part: relais_domain::content::ContentPart::StageOne,
        content: None,
    }
}

fn batch(row: ThreadRow, events: Vec<EventRow>) -> Batch {
    let expected_version = row.version.checked_sub(1).filter(|version| *version > 0);
    let write = ThreadWrite {
        expected_version,
        row,
        events,
        steps: Vec::new(),
        prepared: Prepared::Unchanged,
        blank: Vec::new(),
        erase: Parts::default(),
        outbox: Vec::new(),
        tally: None,
        tally_moved: None,
    };
    Batch { thread: Some(write), ..Batch::default() }
}

async fn empty() -> (Arc<dyn Store>, Arc<Register>) {
    watch(Arc::new(MemoryStore::new())).await.unwrap()
}

fn ids(chosen: &[(ThreadId, Line)]) -> Vec<ThreadId> {
    chosen.iter().map(|(id, _)| *id).collect()
}

#[test]
fn a_thread_takes_little_memory() {
    // A tree's node is at least half full.
    let line = size_of::<(ThreadId, Line)>();
    assert!(2 * line <= THREAD_BYTES_MAX, "{line} bytes");
}

#[tokio::test]
async fn a_list_shows_what_was_just_committed() {
    let (store, register) = empty().await;
    for version in 1..=20 {
        let attention = if version % 2 == 0 { 1 << Attention::Forked.number() } else { 0 };
        let changed_at = i64::try_from(version).unwrap();
        store
            .commit(batch(ThreadRow { attention, ..row(1, version, changed_at) }, Vec::new()))
            .await
            .unwrap();
        let to_do = register.select(Order::Due, |_, line| line.is_to_do()).len();
        assert_eq!(to_do, usize::from(version % 2 == 0), "version {version}");
    }
    store.commit(batch(row(2, 2, 30), Vec::new())).await.unwrap_err();
    assert_eq!(register.select(Order::Due, |_, _| true).len(), 1, "what was not committed is not there");
}

#[tokio::test]
async fn a_commit_whose_caller_left_is_told_all_the_same() {
    let (store, register) = empty().await;
    drop(store.commit(batch(row(1, 1, 1), Vec::new())));
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        store.thread(id(1)).await.unwrap().is_some(),
        !register.select(Order::Due, |_, _| true).is_empty()
    );
    assert!(store.thread(id(1)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_restart_shows_the_same() {
    let memory: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let (store, register) = watch(Arc::clone(&memory)).await.unwrap();
    for seed in 1..=30 {
        let due = Some((DueKind::Answer, Owner::Us, NOW.plus(Span(i64::from(seed % 7)))));
        let row = ThreadRow { due, ..row(seed, 1, i64::from(seed)) };
        store.commit(batch(row, vec![event(seed, Side::Sender, 1, Counts::Yes, 0)])).await.unwrap();
    }
    let (_, again) = watch(memory).await.unwrap();
    let list = |register: &Register| ids(&register.select(Order::Due, |_, _| true));
    assert_eq!(list(&register), list(&again));
    let first = list(&register);
    assert_eq!(first[0], id(28), "due first, then changed last");
    assert_eq!(first[1], id(21));
}

#[test]
fn an_older_version_changes_nothing() {
    let register = Register::default();
    register.put(&ThreadRow { label: Some(Label::Closed), ..row(1, 3, 3) }, Theirs::Unknown);
    register.put(&row(1, 2, 2), Theirs::Did(EventKind::Accepted, NOW));
    let lines = register.select(Order::Due, |_, _| true);
    assert_eq!(
        (lines[0].1.label, lines[0].1.theirs),
        (Some(Label::Closed), Theirs::Did(EventKind::Accepted, NOW))
    );
}

#[tokio::test]
async fn the_news_are_what_partners_did_lately_newest_first() {
    let memory: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let (store, register) = watch(Arc::clone(&memory)).await.unwrap();
    let sent = |seed| event(seed, Side::Sender, 1, Counts::Yes, 0);
    let told = |seed, at| event(seed, Side::Receiver, 1, Counts::Yes, at);
    // 1 was answered, then 3; 2 was not; 4 without effect; 5 is not ours.
    store.commit(batch(row(1, 1, 1), vec![sent(1), told(1, 10)])).await.unwrap();
    store.commit(batch(row(2, 1, 2), vec![sent(2)])).await.unwrap();
    store.commit(batch(row(3, 1, 3), vec![sent(3)])).await.unwrap();
    store.commit(batch(row(3, 2, 4), vec![told(3, 20)])).await.unwrap();
    let lost = event(4, Side::Receiver, 1, Counts::No, 30);
    store.commit(batch(row(4, 1, 5), vec![sent(4), lost])).await.unwrap();
    let received = ThreadRow { side: Side::Receiver, ..row(5, 1, 6) };
    store.commit(batch(received, vec![sent(5)])).await.unwrap();
    // An own act is no news, and does not hide what was.
    store.commit(batch(row(1, 2, 50), Vec::new())).await.unwrap();
    let (store_again, again) = watch(memory).await.unwrap();
    for (store, register) in [(&store, &register), (&store_again, &again)] {
        let news = register.news(&**store, NOW.plus(Span::days(1))).await.unwrap();
        assert_eq!(ids(&news), [id(3), id(1)]);
        let later = register.news(&**store, NOW.plus(NEWS_KEPT).plus(Span(11))).await.unwrap();
        assert_eq!(ids(&later), [id(3)], "what is old is no news");
    }
}
