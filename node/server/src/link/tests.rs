//! One end of a link over a memory store; the partner is played by the test, with a real engine behind it.

mod bench;

use super::*;
use bench::{End, Line, ends, opening};
use relais_domain::event::Side;
use relais_domain::id::{MessageId, ThreadId};
use relais_domain::time::Span;
use relais_store::batch::{Batch, Blank, Prepared, ThreadWrite};
use relais_store::rows::{OutboxRow, OutboxState, Waiting};
use relais_wire::envelope::{self, ENVELOPE_BYTES_MAX};
use relais_wire::frame::{CannotOpen, Finality, RejectCode, Rejected};
use std::collections::BTreeSet;

/// Opens so many threads with the partner.
async fn threads(from: &End, to: &End, count: usize) -> Vec<ThreadId> {
    let mut threads = Vec::new();
    for _ in 0..count {
        let opening = opening(from, to);
        threads.push(opening.thread);
        from.engine().open(opening).await.unwrap();
    }
    threads
}

async fn row(end: &End, thread: ThreadId) -> Option<OutboxRow> {
    end.engine().store().outbox_of(thread).await.unwrap().into_iter().next()
}

async fn waiting(end: &End) -> Option<Waiting> {
    end.engine().store().outbox_waiting().await.unwrap().into_iter().next()
}

fn names(bytes: &[u8]) -> (ThreadId, MessageId) {
    let read = envelope::read(bytes).unwrap();
    (read.skeleton.thread, read.skeleton.message)
}

impl Line {
    /// Answers the next envelope with this code; its thread.
    async fn rejects(&mut self, code: RejectCode) -> ThreadId {
        let (thread, message) = names(&self.envelope().await);
        self.say(Frame::Rejected(Rejected { message, code })).await;
        thread
    }

    /// Takes the next envelope as the partner's own node does; its thread.
    async fn takes(&mut self, partner: &End, of: &End) -> ThreadId {
        let bytes = self.envelope().await;
        let receipt = partner.receipts(of, &bytes).await;
        self.say(Frame::Receipt(receipt)).await;
        names(&bytes).0
    }
}

#[tokio::test]
async fn each_code_parks_one_thread_or_lets_it_rest_and_blocks_no_other() {
    let (agency, hub) = ends().await;
    threads(&agency, &hub, RejectCode::ALL.len()).await;
    let mut line = agency.open(&hub, UNACKNOWLEDGED_MAX).await;
    let mut refused = Vec::new();
    for code in RejectCode::ALL {
        refused.push((line.rejects(code).await, code));
    }
    let finals = RejectCode::ALL.iter().filter(|code| code.finality() == Finality::Final).count();
    bench::until("all answers are noted", async || {
        let all = waiting(&agency).await.unwrap();
        let rested = RejectCode::ALL.len() - finals;
        let mut noted = 0;
        for (thread, code) in &refused {
            noted += usize::from(row(&agency, *thread).await.unwrap().last_code == code.number());
        }
        (all.parked, all.waiting) == (u32::try_from(finals).unwrap(), u32::try_from(rested).unwrap())
            && noted == RejectCode::ALL.len()
    })
    .await;
    for (thread, code) in refused {
        let row = row(&agency, thread).await.unwrap();
        let parked = row.state == OutboxState::Parked;
        assert_eq!(parked, code.finality() == Finality::Final, "{code:?}");
        assert!(row.first_failed_at.is_some(), "{code:?}: whoever waits for it is told since when");
    }
    let next = threads(&agency, &hub, 1).await;
    assert_eq!(line.takes(&hub, &agency).await, next[0]);
    bench::until("the next one is taken", async || row(&agency, next[0]).await.is_none()).await;
}

#[tokio::test]
async fn a_partner_that_answers_too_big_for_ever_is_asked_once_and_someone_is_told() {
    let (agency, hub) = ends().await;
    let thread = threads(&agency, &hub, 1).await[0];
    let mut line = agency.open(&hub, UNACKNOWLEDGED_MAX).await;
    assert_eq!(line.rejects(RejectCode::TooBig).await, thread);
    bench::until("parked", async || waiting(&agency).await.is_some_and(|all| all.parked == 1)).await;
    agency.engine().clock().shift(Span::seconds(40));
    assert!(line.is_quiet().await, "it was sent again");
    drop(line);
    let mut again = agency.open(&hub, UNACKNOWLEDGED_MAX).await;
    assert!(again.is_quiet().await, "it was sent again on the next link");
    assert_eq!(waiting(&agency).await.unwrap().parked, 1, "the alarm stays");
}

#[tokio::test]
async fn an_envelope_that_nobody_answers_leaves_the_window_to_others() {
    let (agency, hub) = ends().await;
    let both: BTreeSet<ThreadId> = threads(&agency, &hub, 2).await.into_iter().collect();
    let mut line = agency.open(&hub, 1).await;
    let (silent, _) = names(&line.envelope().await);
    assert!(line.is_quiet().await, "the window is one");
    agency.engine().clock().shift(Span::seconds(31));
    let other = line.takes(&hub, &agency).await;
    assert_eq!(BTreeSet::from([silent, other]), both, "the second has its turn");
    bench::until("it is taken", async || row(&agency, other).await.is_none()).await;
    let first = row(&agency, silent).await.unwrap();
    assert_eq!((first.state, first.attempts), (OutboxState::Waiting, 1));
    assert!(first.first_failed_at.is_some(), "whoever waits for it is told since when");
    agency.engine().clock().shift(Span::seconds(40));
    assert_eq!(line.takes(&hub, &agency).await, silent, "and the first is tried again");
}

#[tokio::test]
async fn content_that_never_opens_rests_longer_each_time_and_is_shown_as_undelivered() {
    let (agency, hub) = ends().await;
    let thread = threads(&agency, &hub, 1).await[0];
    let mut line = agency.open(&hub, UNACKNOWLEDGED_MAX).await;
    for attempts in 1..4 {
        let (_, message) = names(&line.envelope().await);
        line.say(Frame::CannotOpen(CannotOpen { message, manifest: 1 })).await;
        let tried = async || row(&agency, thread).await.is_some_and(|row| row.attempts == attempts);
        bench::until("noted", tried).await;
        let row = row(&agency, thread).await.unwrap();
        assert_eq!(row.state, OutboxState::Waiting);
        assert!(row.first_failed_at.is_some());
        agency.engine().clock().shift(Span::minutes(i64::from(attempts)));
    }
}

/// Damages what is kept of an opening's content.
async fn damage(end: &End, thread: ThreadId) {
    let mut row = end.engine().load(thread).await.unwrap().unwrap().stored.row;
    let expected_version = Some(row.version);
    row.version += 1;
    let remains = Some(relais_domain::personal::Personal::new(vec![0xff; 12]));
    let write = ThreadWrite {
        expected_version,
        row,
        events: Vec::new(),
        steps: Vec::new(),
        prepared: Prepared::Unchanged,
        blank: vec![Blank { side: Side::Sender, sequence: 1, remains }],
        erase: relais_domain::fold::Parts::default(),
        outbox: Vec::new(),
        tally: None,
        tally_moved: None,
    };
    end.engine().store().commit(Batch { thread: Some(write), ..Batch::default() }).await.unwrap();
}

#[tokio::test]
async fn what_can_never_be_sealed_is_set_aside_and_the_queue_goes_on() {
    let (agency, hub) = ends().await;
    let both = threads(&agency, &hub, 2).await;
    damage(&agency, both[0]).await;
    let mut line = agency.open(&hub, UNACKNOWLEDGED_MAX).await;
    assert_eq!(line.takes(&hub, &agency).await, both[1]);
    bench::until("set aside", async || waiting(&agency).await.is_some_and(|all| all.parked == 1)).await;
    let row = row(&agency, both[0]).await.unwrap();
    assert_eq!((row.state, row.last_code), (OutboxState::Parked, 0));
    assert!(row.first_failed_at.is_some());
}

/// The refusals counted under a code.
async fn counted(end: &End, code: &str) -> u64 {
    let refusals = end.engine().store().refusals().await.unwrap();
    refusals.iter().filter(|count| count.code == code).map(|count| count.count).sum()
}

#[tokio::test]
async fn an_envelope_over_its_limit_is_answered_counted_and_the_link_goes_on() {
    let (agency, hub) = ends().await;
    let mut line = agency.open(&hub, UNACKNOWLEDGED_MAX).await;
    let message = MessageId::from_random([7; 16]);
    for round in 1..3 {
        line.say(Frame::Envelope(bench::oversized(message.as_bytes(), ENVELOPE_BYTES_MAX))).await;
        let rejected = Rejected { message, code: RejectCode::TooBig };
        assert_eq!(line.hear().await, Some(Frame::Rejected(rejected)));
        assert_eq!(counted(&agency, "TooBig").await, round);
    }
    let thread = threads(&agency, &hub, 1).await[0];
    assert_eq!(line.takes(&hub, &agency).await, thread, "the link goes on");
}

#[tokio::test]
async fn what_is_too_big_and_names_no_message_ends_the_link_and_is_counted() {
    for (id, bytes) in [(&[0; 16][..], ENVELOPE_BYTES_MAX), (&[7; 16], relais_wire::frame::FRAME_BYTES_MAX)] {
        let (agency, hub) = ends().await;
        let mut line = agency.open(&hub, UNACKNOWLEDGED_MAX).await;
        line.say(Frame::Envelope(bench::oversized(id, bytes))).await;
        assert_eq!(line.hear().await, None);
        assert_eq!((counted(&agency, "TooBig").await, counted(&agency, "Frame").await), (0, 1));
    }
}

#[tokio::test]
async fn a_flood_of_what_is_too_big_empties_the_bucket_and_is_counted_no_more() {
    let (agency, hub) = ends().await;
    while agency.context().links.spend(hub.id()) == links::Budget::Left {}
    let mut line = agency.open(&hub, UNACKNOWLEDGED_MAX).await;
    while agency.context().links.spend(hub.id()) == links::Budget::Left {}
    let message = MessageId::from_random([7; 16]);
    line.say(Frame::Envelope(bench::oversized(message.as_bytes(), ENVELOPE_BYTES_MAX))).await;
    let Some(Frame::Rejected(rejected)) = line.hear().await else { panic!("it is answered") };
    let busy = rejected.code == RejectCode::Busy;
    assert_eq!(counted(&agency, "TooBig").await, u64::from(!busy), "{rejected:?}");
    assert_eq!(rejected.message, message);
}
