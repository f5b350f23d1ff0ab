//! What one structure, one partner and one stream may cost, and what is forgotten, sent again and asked for again.

use super::super::outgoing::Outgoing;
use super::super::queue::{QUEUE_MAX, Queued};
use super::super::refusals::Refusals;
use super::third::{carrying, departement, pair_in_order};
use super::*;
use crate::directory::{Blame, News};
use relais_domain::directory::{Endorsement, Pin, Record, RecordKey, Scope};
use relais_domain::id::ServiceId;
use relais_domain::territory::Coverage;
use relais_wire::frame::CarriedManifest;
use relais_wire::reconcile::{Items, Reconcile, Step};
use relais_wire::record::SignedRecord;
use std::sync::atomic::AtomicUsize;

/// What is taken at once of what one structure changes, in bytes.
const OF_ONE_STRUCTURE: usize = 2 * 1024 * 1024;

impl End {
    /// Its record of a service as it would be after so many changes.
    fn changed(&self, record: &SignedRecord, sequence: u64) -> SignedRecord {
        self.signs(&Record { sequence, ..record.record.clone() })
    }

    fn news(&self, signed: &SignedRecord) -> Queued {
        let SignedRecord { record, identity, bytes } = signed.clone();
        let (structure, key, sequence) = (record.structure, record.key(), record.sequence);
        let partitions = relais_domain::directory::Partitions::NATIONAL;
        Queued::News(Arc::new(News { structure, key, sequence, identity, partitions, bytes }))
    }
}

impl Line {
    /// Answers the comparison that the node opens with what it says it holds; what the node asks for.
    async fn is_asked_for(&mut self, held: &[&SignedRecord]) -> Vec<Digest> {
        let said = self.compared().await;
        self.is_then_asked_for(said, held).await
    }

    /// What the node asks for once it has said this.
    async fn is_then_asked_for(&mut self, mut said: Reconcile, held: &[&SignedRecord]) -> Vec<Digest> {
        let items = held.iter().map(|signed| (signed.record.issued_at, signed.identity));
        let items = Items::of(items);
        let mut asked = Vec::new();
        assert_eq!(said.step, Step::Opens);
        loop {
            self.compares(Step::Answers, items.answer(&said.message).unwrap()).await;
            self.say(SyncFrame::Ping(99)).await;
            let mut next = None;
            loop {
                let is_awaited = |frame: &SyncFrame| {
                    *frame == SyncFrame::Pong(99)
                        || matches!(frame, SyncFrame::ItemsWanted(_) | SyncFrame::Reconcile(_))
                };
                let frame = self.hear(|frame| is_awaited(&frame).then_some(frame)).await.expect("a frame");
                if let SyncFrame::ItemsWanted(ids) = frame {
                    asked.extend(ids);
                } else if let SyncFrame::Reconcile(said) = frame {
                    next = Some(said);
                } else {
                    break;
                }
            }
            let Some(next) = next else { return asked };
            said = next;
        }
    }

    /// The comparison that the node opens an hour later. Time passes in steps, with a word in each: a side that is silent for
    /// a minute is left.
    async fn compared_an_hour_later(&mut self, at: &End, shifted: &mut Span) -> Reconcile {
        for step in 0..70 {
            *shifted = Span(shifted.0 + Span::seconds(58).0);
            at.context.clock.shift(*shifted);
            self.say(SyncFrame::Ping(step)).await;
            let pong = SyncFrame::Pong(step);
            let said = self.hear(|frame| {
                if let SyncFrame::Reconcile(said) = frame {
                    Some(Some(said))
                } else {
                    (frame == pong).then_some(None)
                }
            });
            if let Some(said) = said.await.expect("a frame") {
                return said;
            }
        }
        self.compared().await
    }

    /// Shows the ledger of the partner whose end this is.
    async fn shows_the_ledger(&self, of: &End) {
        self.say(SyncFrame::Checkpoint(of.context.ledger.checkpoint().await.unwrap().note)).await;
    }
}

#[tokio::test]
async fn who_changes_a_record_without_end_uses_up_what_nobody_else_needs() {
    let (a, b) = pair().await;
    let (c, x) = (End::new("c").await, End::new("x").await);
    a.knows(&x).await;
    b.offers("one", "france", &"é".repeat(2_000)).await;
    c.offers("one", "france", &"é".repeat(2_000)).await;
    let mut listening = carrying(&a, &x, Subscription::FRANCE).await;
    let (told, count) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (bytes, records) = (Arc::clone(&told), Arc::clone(&count));
    tokio::spawn(async move {
        let record = |frame| if let SyncFrame::Record(record) = frame { Some(record.len()) } else { None };
        while let Some(more) = listening.hear(record).await {
            bytes.fetch_add(more, Ordering::Relaxed);
            records.fetch_add(1, Ordering::Relaxed);
        }
    });
    // Its own, and that of a structure which it brings.
    for of in [&b, &c] {
        let (first, before) = (of.record().await, a.refused(&b, "directory_churn").await);
        let mut line = carrying(&a, &b, Subscription::FRANCE).await;
        line.say(of.carried()).await;
        let most = OF_ONE_STRUCTURE as u64 / first.bytes.len() as u64 + 40;
        for sequence in 1..=most {
            line.say(SyncFrame::Record(of.changed(&first, sequence).bytes)).await;
            if sequence % 32 == 0 {
                line.is_heard().await;
            }
        }
        line.is_heard().await;
        let held = a.context.directory.identities(of.id());
        assert!(!held.contains(&of.changed(&first, most).identity) && held.len() == 1);
        drop(line);
        until("ended", async || a.context.open_streams(b.id()) == 0).await;
        let refused = a.refused(&b, "directory_churn").await - before;
        assert!((30..=50).contains(&refused), "{refused}");
    }
    until("what was taken was told", async || count.load(Ordering::Relaxed) > 100).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(told.load(Ordering::Relaxed) < 3 * OF_ONE_STRUCTURE, "{told:?}");
}

#[tokio::test]
async fn what_a_partner_changed_too_fast_is_asked_for_an_hour_later() {
    let (a, b) = pair().await;
    b.offers("one", "france", &"é".repeat(2_000)).await;
    let first = b.record().await;
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    let most = OF_ONE_STRUCTURE as u64 / first.bytes.len() as u64 + 10;
    for sequence in 1..=most {
        line.say(SyncFrame::Record(b.changed(&first, sequence).bytes)).await;
        if sequence % 32 == 0 {
            line.is_heard().await;
        }
    }
    line.shows_the_ledger(&b).await;
    line.is_heard().await;
    let last = b.changed(&first, most);
    a.lets_pass(Span::hours(1)).await;
    line.is_heard().await;
    line.hear(|frame| (frame == SyncFrame::RecordsWanted).then_some(())).await.expect("it is asked");
    assert!(!a.context.directory.identities(b.id()).contains(&last.identity));
    line.say(SyncFrame::Record(last.bytes.clone())).await;
    line.is_heard().await;
    assert!(a.context.directory.identities(b.id()).contains(&last.identity));
}

#[tokio::test]
async fn places_that_came_before_their_service_are_asked_for_again_and_what_lies_outside_is_not() {
    let (a, b) = pair_in_order().await;
    let c = End::new("c").await;
    a.subscribes(departement("17")).await;
    c.publishes_in("here", "17").await;
    c.context
        .directory
        .set_capacity(&id("here"), Some(2), None, crate::directory::Seen::Unasked)
        .await
        .unwrap();
    c.publishes_in("there", "79").await;
    let all = c.context.directory.records_of(c.id()).await.unwrap();
    let of = |key: &RecordKey| all.iter().find(|signed| signed.record.key() == *key).unwrap();
    let (here, there) = (of(&RecordKey::Service(id("here"))), of(&RecordKey::Service(id("there"))));
    let places = of(&RecordKey::Capacity(id("here")));
    let mut line = carrying(&a, &b, departement("17")).await;
    assert_eq!(line.is_asked_for(&[here, there, places]).await.len(), 3);
    for record in [places, there, here] {
        line.carries(&c, record).await;
    }
    a.lets_pass(Span::seconds(15)).await;
    assert_eq!(line.is_asked_for(&[here, there, places]).await, [places.identity]);
    line.carries(&c, places).await;
    assert!(a.context.directory.service(c.id(), &id("here")).unwrap().capacity.is_some());
}

#[tokio::test]
async fn an_old_record_is_fetched_from_each_who_holds_it_and_each_is_told_what_took_its_place() {
    let (a, b) = pair_in_order().await;
    let c = End::new("c").await;
    let d = loop {
        let end = End::new("d").await;
        if a.id() < end.id() {
            break end;
        }
    };
    a.knows(&d).await;
    a.subscribes(departement("17")).await;
    c.publishes_in("one", "17").await;
    let old = c.record().await;
    c.offers("one", "79", "Ailleurs.").await;
    let moved = c.record().await;
    a.knows(&c).await;
    a.context.directory.admit_from_peer(&moved.bytes, &c.own.chain()).await.unwrap();
    let mut shifted = Span::ZERO;
    for partner in [&b, &d] {
        let mut line = carrying(&a, partner, departement("17")).await;
        line.shows_the_ledger(partner).await;
        assert_eq!(line.is_asked_for(&[&old]).await, [old.identity]);
        line.say(c.carried()).await;
        line.say(SyncFrame::Record(old.bytes.clone())).await;
        let told = line.hear(|frame| if let SyncFrame::Record(bytes) = frame { Some(bytes) } else { None });
        assert_eq!(told.await, Some(moved.bytes.clone()));
        // And once of each.
        let said = line.compared_an_hour_later(&a, &mut shifted).await;
        assert_eq!(line.is_then_asked_for(said, &[&old]).await, []);
    }
}

#[tokio::test]
async fn what_is_allowed_again_comes_again_whoever_opens() {
    for opens in [true, false] {
        let (small, large) = pair_in_order().await;
        let (a, b) = if opens { (small, large) } else { (large, small) };
        let c = End::new("c").await;
        c.publishes("one").await;
        for end in [&a, &b] {
            end.subscribes(Subscription::FRANCE).await;
        }
        b.knows(&c).await;
        b.context.directory.admit_from_peer(&c.record().await.bytes, &c.own.chain()).await.unwrap();
        a.context.directory.refuse(c.id()).await.unwrap();
        join(&a, &b);
        until("it came in vain", async || a.refused(&b, "directory_declined").await == 1).await;
        a.context.directory.allow(c.id()).await.unwrap();
        for end in [&a, &b] {
            end.context.clock.shift(Span::seconds(30));
        }
        until("it comes again", async || a.holds(&c) == 1).await;
    }
}

#[tokio::test]
async fn manifests_and_records_that_were_dropped_while_they_waited_are_sent_later() {
    let (a, b) = pair().await;
    let c = End::new("c").await;
    a.knows(&c).await;
    c.publishes("one").await;
    let one = c.record().await;
    let two = c.changed(&one, 2);
    let (frames, _taken) = mpsc::channel(64);
    let mut outgoing = Outgoing::new(&a.context, b.id(), frames);
    let now = a.context.clock.now();
    let manifest = c.carried();
    let spend = |bytes: usize| a.context.budgets.of(b.id(), |budget| budget.spend(bytes, now));
    assert!(outgoing.queue(c.news(&one)).is_ok());
    assert_eq!(next(&mut outgoing).await, None, "it is made ready");
    spend(8 * 1024 * 1024);
    assert_eq!(next(&mut outgoing).await, None, "and dropped");
    assert!(!outgoing.has_queued() && !outgoing.is_told(&one.identity));
    a.context.budgets.of(b.id(), |budget| budget.open(now.plus(Span::minutes(1)))).unwrap();
    assert!(outgoing.queue(c.news(&two)).is_ok());
    assert_eq!(next(&mut outgoing).await, None);
    assert_eq!(next(&mut outgoing).await, Some(manifest.clone()));
    assert_eq!(next(&mut outgoing).await, Some(SyncFrame::Record(two.bytes.clone())));
    assert!(outgoing.is_told(&two.identity));
    // Who asks lacks them, unless they were sent a moment ago.
    a.context.directory.admit_from_peer(&two.bytes, &c.own.chain()).await.unwrap();
    let entry = || a.context.directory.entries(&BTreeSet::from([two.identity])).remove(0);
    for (seconds, comes) in [(0, false), (11, true), (12, false)] {
        a.context.clock.shift(Span::seconds(seconds));
        outgoing.forget_chains([c.id()].into_iter());
        assert!(outgoing.queue(Queued::Asked(entry())).is_ok());
        assert_eq!(next(&mut outgoing).await, None);
        if comes {
            assert_eq!(next(&mut outgoing).await, Some(manifest.clone()));
        }
        assert_eq!(next(&mut outgoing).await, Some(SyncFrame::Record(two.bytes.clone())), "{seconds}");
    }
}

async fn next(outgoing: &mut Outgoing<'_>) -> Option<SyncFrame> {
    outgoing.next_queued().await.ok().expect("a stream")
}

#[tokio::test]
async fn a_stream_forgets_what_it_brought_and_sent_beyond_its_limits() {
    let (a, b) = pair().await;
    let (frames, mut taken) = mpsc::channel(256);
    let mut outgoing = Outgoing::new(&a.context, b.id(), frames);
    let number = |number: usize| Digest::of(&number.to_be_bytes());
    for count in 0..super::super::outgoing::EXCHANGED_MAX {
        outgoing.came(number(count));
    }
    assert!(outgoing.is_told(&number(0)));
    outgoing.came(number(usize::MAX));
    assert!(!outgoing.is_told(&number(0)) && outgoing.is_told(&number(usize::MAX)));
    for count in 0..=QUEUE_MAX {
        let structure = b.id();
        let carried = CarriedManifest { structure, manifest: Vec::new() };
        assert_eq!(outgoing.queue(Queued::Manifest(carried)).is_ok(), count < QUEUE_MAX);
    }
    for _ in 0..HELLOS_MAX + 9 {
        assert!(outgoing.hello_again().await.is_ok());
    }
    drop(outgoing);
    let mut hellos = 0;
    while taken.recv().await.is_some() {
        hellos += 1;
    }
    assert_eq!(hellos, HELLOS_MAX);
}

#[tokio::test]
async fn who_says_hello_too_often_loses_its_stream() {
    let (a, b) = pair().await;
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    let hello = || {
        let features = SyncFeature::ALL.into();
        SyncFrame::Hello(SyncHello { features, ..plain_hello(&b) })
    };
    for _ in 0..HELLOS_MAX {
        line.say(hello()).await;
    }
    line.is_heard().await;
    line.say(hello()).await;
    line.has_ended().await;
}

#[test]
fn what_nobody_is_to_blame_for_ends_a_stream_when_it_is_too_much() {
    let mut refusals = Refusals::new(StructureId::of_root_spki(b"b"));
    assert!(refusals.note("directory_full", Blame::Nobody, PASSED_OVER_MAX).is_ok());
    assert!(refusals.note("directory_full", Blame::Nobody, 0).is_ok());
    assert!(refusals.note("directory_full", Blame::Nobody, 1).is_err());
}

#[tokio::test]
async fn who_starts_anew_a_moment_after_a_comparison_may_open_again_soon() {
    let (b, a) = pair_in_order().await;
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    line.compares(Step::Opens, Items::default().open().unwrap()).await;
    assert_eq!(line.compared().await.step, Step::Answers);
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    line.hear(|frame| matches!(frame, SyncFrame::Hello(_)).then_some(())).await.expect("the first");
    let is_hello = |frame: &SyncFrame| matches!(frame, SyncFrame::Hello(_));
    line.compares(Step::Opens, Items::default().open().unwrap()).await;
    line.hear(|frame| is_hello(&frame).then_some(())).await.expect("an excuse");
    line.compares(Step::Opens, Items::default().open().unwrap()).await;
    assert!(!line.hears_soon(is_hello).await, "once a stream");
}

#[tokio::test]
async fn whom_others_recommend_is_told_to_nobody_who_does_not_hear_it_from_them() {
    let (a, b) = pair().await;
    let e = End::new("e").await;
    a.knows(&e).await;
    let endorsement = Endorsement {
        subject: a.id(),
        pin: Pin { sequence: 1, manifest: a.own.chain().current().identity() },
        scope: Scope { territories: Coverage::national(), themes: BTreeSet::new() },
    };
    let until = e.context.clock.now().plus(Span::days(60));
    e.context.directory.endorse(endorsement, until).await.unwrap();
    let of_e = e.record().await;
    let real = e.signs(&Record { sequence: 5, ..of_e.record.clone() });
    a.context.directory.admit_from_peer(&real.bytes, &e.own.chain()).await.unwrap();
    let forged = b.signs(&Record { sequence: 2, ..of_e.record.clone() });
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    line.say(SyncFrame::Record(forged.bytes)).await;
    line.say(SyncFrame::ItemsWanted(vec![real.identity])).await;
    assert!(!line.hears_soon(|frame| matches!(frame, SyncFrame::Record(_))).await);
}

fn id(text: &str) -> ServiceId {
    ServiceId::parse(text).unwrap()
}
