//! Records of third structures: what passes, and what a partner that keeps no rules makes of it.

use super::super::budget::{OPENS_AFTER, ROUNDS_MAX, UNKNOWN_MAX, WANTED_MAX};
use super::*;
use crate::directory::CompareEnd;
use crate::directory::tests::stored::from_another_version;
use relais_domain::directory::{Body, LIFETIME_MAX, Record};
use relais_domain::id::ServiceId;
use relais_domain::limits::CLOCK_TOLERANCE;
use relais_domain::territory::DepartementCode;
use relais_store::batch::{DocumentWrite, Expected};
use relais_store::rows::Shelf;
use relais_wire::dsse::{PayloadType, Signed};
use relais_wire::frame::{CarriedManifest, SyncFeature};
use relais_wire::reconcile::{Items, RECONCILE_BYTES_MAX, Reconcile, Step};
use relais_wire::record::SignedRecord;

/// As long as something that must not happen is waited for.
const A_WHILE: Duration = Duration::from_millis(300);

pub(super) fn departement(code: &str) -> Subscription {
    Subscription::of(DepartementCode::parse(code))
}

impl End {
    pub(super) async fn publishes_in(&self, id: &str, departement: &str) {
        self.offers(id, departement, "Une connexion.").await;
    }

    pub(super) async fn offers(&self, id: &str, departement: &str, description: &str) {
        let service = json!([{
            "source": "essai", "structure_id": "essai--1", "id": id, "nom": "Se connecter",
            "description": description, "date_maj": "2026-09-01", "thematiques": [],
            "zone_eligibilite": [departement]
        }]);
        let report = self.context.directory.import(service.to_string().as_bytes()).await.unwrap();
        assert_eq!(report.refused, []);
    }

    pub(super) async fn subscribes(&self, subscription: Subscription) {
        self.context.directory.subscribe(Some(subscription), |_| false).await.unwrap();
    }

    /// Its record of a service, or of whatever it published first.
    pub(super) async fn record(&self) -> SignedRecord {
        self.context.directory.records_of(self.id()).await.unwrap().remove(0)
    }

    pub(super) fn signs(&self, record: &Record) -> SignedRecord {
        SignedRecord::sign(record, self.own.signing()).unwrap()
    }

    pub(super) fn carried(&self) -> SyncFrame {
        let manifest = self.own.chain().current().signed().encode();
        SyncFrame::CarriedManifest(CarriedManifest { structure: self.id(), manifest })
    }

    /// How often a partner was refused for this.
    pub(super) async fn refused(&self, other: &Self, code: &str) -> u64 {
        let counts = self.store.refusals().await.unwrap();
        let of_it = counts.iter().filter(|count| count.peer == Some(other.id()) && count.code == code);
        of_it.map(|count| count.count).sum()
    }

    async fn described(&self, other: &Self, id: &str) -> Option<String> {
        let shown = self.context.directory.service(other.id(), &ServiceId::parse(id).unwrap());
        shown.map(|shown| shown.service.description)
    }
}

/// Partners, the first with the smaller id.
pub(super) async fn pair_in_order() -> (End, End) {
    let (a, b) = pair().await;
    if a.id() < b.id() { (a, b) } else { (b, a) }
}

/// A stream of a side that knows records of third structures, its hello said.
pub(super) async fn carrying(at: &End, of: &End, subscription: Subscription) -> Line {
    let line = at.open(of);
    let features = SyncFeature::ALL.into();
    line.say(SyncFrame::Hello(SyncHello { subscription, features, ..plain_hello(of) })).await;
    line
}

impl Line {
    /// Waits until everything said before was taken in.
    pub(super) async fn is_heard(&mut self) {
        self.say(SyncFrame::Ping(4_711)).await;
        self.hear(|frame| (frame == SyncFrame::Pong(4_711)).then_some(())).await.expect("a pong");
    }

    async fn carries(&mut self, of: &End, record: &SignedRecord) {
        self.say(of.carried()).await;
        self.say(SyncFrame::Record(record.bytes.clone())).await;
        self.is_heard().await;
    }

    /// The next message of a comparison.
    pub(super) async fn compared(&mut self) -> Reconcile {
        self.hear(|frame| if let SyncFrame::Reconcile(said) = frame { Some(said) } else { None })
            .await
            .expect("a message")
    }

    /// Whether a frame that `pick` takes comes within a while.
    pub(super) async fn hears_soon(&mut self, pick: impl Fn(&SyncFrame) -> bool) -> bool {
        tokio::time::timeout(A_WHILE, self.hear(|frame| pick(&frame).then_some(()))).await.is_ok()
    }

    pub(super) async fn compares(&self, step: Step, message: Vec<u8>) {
        self.say(SyncFrame::Reconcile(Reconcile { step, message })).await;
    }
}

fn is_third(frame: &SyncFrame) -> bool {
    matches!(
        frame,
        SyncFrame::CarriedManifest(_)
            | SyncFrame::Reconcile(_)
            | SyncFrame::ItemsWanted(_)
            | SyncFrame::Record(_)
    )
}

/// Four structures in a line, only neighbours partners: `[a, b, c, d]`.
async fn line_of_four() -> [End; 4] {
    let ends = [End::new("a").await, End::new("b").await, End::new("c").await, End::new("d").await];
    for (one, other) in ends.iter().zip(&ends[1..]) {
        one.knows(other).await;
        other.knows(one).await;
    }
    ends
}

fn join_all(ends: &[End; 4]) {
    for (one, other) in ends.iter().zip(&ends[1..]) {
        join(one, other);
    }
}

#[tokio::test]
async fn what_is_held_travels_along_a_line_of_partners() {
    let ends = line_of_four().await;
    let [a, b, _, d] = &ends;
    d.publishes("one").await;
    a.publishes("two").await;
    join_all(&ends);
    until("over two others, both ways", async || a.holds(d) == 1 && d.holds(a) == 1 && b.holds(d) == 1).await;
    assert_eq!(a.context.peers.trust(d.id()), None, "a record says nothing of trust");
    let known = a.context.directory.carried().known(d.id()).unwrap();
    assert_eq!((known.name.as_str(), known.carrier), ("d", b.id()));
}

#[tokio::test]
async fn each_side_tells_how_it_compared() {
    let (a, b) = pair_in_order().await;
    let c = End::new("c").await;
    let end = |at: &End, of: &End| at.context.directory.compared(of.id()).map(|one| one.end);
    assert_eq!(end(&a, &b), None);
    join(&a, &b);
    let both = (Some(CompareEnd::NothingNew), Some(CompareEnd::Answered));
    until("nothing new", async || (end(&a, &b), end(&b, &a)) == both).await;
    // What B alone has of a third structure is found by A, who opens.
    let (a, b) = pair_in_order().await;
    c.publishes_in("one", "17").await;
    for side in [&a, &b] {
        side.subscribes(Subscription::FRANCE).await;
    }
    carrying(&b, &a, Subscription::FRANCE).await.carries(&c, &c.record().await).await;
    assert_eq!((b.holds(&c), a.holds(&c)), (1, 0));
    join(&a, &b);
    let both = (Some(CompareEnd::Exchanged), Some(CompareEnd::Answered));
    until("exchanged", async || (end(&a, &b), end(&b, &a)) == both && a.holds(&c) == 1).await;
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    line.compared().await;
    line.compares(Step::Answers, vec![1, 2, 3]).await;
    until("unreadable", async || end(&a, &b) == Some(CompareEnd::Unreadable)).await;
    drop(line);
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    line.compared().await;
    drop(line);
    until("unanswered", async || end(&a, &b) == Some(CompareEnd::Unanswered)).await;
}

#[tokio::test]
async fn changes_withdrawals_and_renewed_manifests_travel_as_they_come() {
    let ends = line_of_four().await;
    let [a, _, _, d] = &ends;
    join_all(&ends);
    d.offers("one", "france", "Avant.").await;
    until("new", async || a.described(d, "one").await.as_deref() == Some("Avant.")).await;
    d.offers("one", "france", "Après.").await;
    until("changed", async || a.described(d, "one").await.as_deref() == Some("Après.")).await;
    let next = named(d, &d.own.chain(), "d, renamed");
    d.own.set_chain(d.own.chain().accept(next).unwrap().chain);
    d.offers("one", "france", "Enfin.").await;
    until("under a later manifest", async || a.described(d, "one").await.as_deref() == Some("Enfin.")).await;
    assert_eq!(a.context.directory.carried().known(d.id()).unwrap().name, "d, renamed");
    d.context
        .directory
        .withdraw(&ServiceId::parse("one").unwrap(), crate::directory::Seen::Unasked)
        .await
        .unwrap();
    until("withdrawn", async || a.holds(d) == 0).await;
}

#[tokio::test]
async fn only_what_concerns_it_reaches_a_node() {
    let ends = line_of_four().await;
    let [a, b, c, d] = &ends;
    for (end, code) in [(a, "17"), (b, "17"), (c, "79"), (d, "79")] {
        end.subscribes(departement(code)).await;
    }
    d.publishes_in("of-17", "17").await;
    join_all(&ends);
    until("at the neighbour, who keeps what partners publish", async || c.holds(d) == 1).await;
    c.publishes_in("both", "79").await;
    c.publishes("national").await;
    until("what is national", async || a.holds(c) == 1).await;
    assert_eq!((b.holds(c), b.holds(d), a.holds(d)), (2, 1, 1), "what the next keeps too passes");
    assert!(a.described(c, "both").await.is_none(), "and what only others keep does not");
}

#[tokio::test]
async fn who_begins_to_keep_another_departement_is_sent_it() {
    let (a, b) = pair_in_order().await;
    let c = End::new("c").await;
    b.knows(&c).await;
    c.knows(&b).await;
    a.subscribes(departement("17")).await;
    b.subscribes(departement("79")).await;
    c.publishes_in("one", "79").await;
    join(&b, &c);
    until("the middle has it", async || b.holds(&c) == 1).await;
    join(&a, &b);
    until("both have met", async || b.witnessed(&a).await.is_some()).await;
    assert_eq!(a.holds(&c), 0);
    a.subscribes(departement("79")).await;
    let wait = Span::seconds(30);
    a.context.clock.shift(wait);
    b.context.clock.shift(wait);
    until("it came", async || a.holds(&c) == 1).await;
    a.subscribes(departement("17")).await;
    assert_eq!(a.holds(&c), 0, "and what is not kept any more is dropped");
}

#[tokio::test]
async fn who_knows_the_first_version_alone_is_sent_nothing_new() {
    let (a, b) = pair_in_order().await;
    let c = End::new("c").await;
    c.publishes("one").await;
    for (at, of) in [(&a, &b), (&b, &a)] {
        let mut line = at.open(of);
        line.hello(of, 1).await;
        let mut carrier = carrying(at, of, Subscription::FRANCE).await;
        carrier.carries(&c, &c.record().await).await;
        assert_eq!(at.holds(&c), 1);
        at.subscribes(departement("17")).await;
        assert!(!line.hears_soon(is_third).await);
        line.say(SyncFrame::Hello(plain_hello(of))).await;
        line.has_ended().await;
    }
}

#[tokio::test]
async fn news_go_to_whom_they_concern_after_the_manifests_and_never_back() {
    let (a, b) = pair_in_order().await;
    let c = End::new("c").await;
    a.knows(&c).await;
    c.publishes_in("one", "17").await;
    let (record, chain) = (c.record().await, c.own.chain());
    let mut concerned = carrying(&a, &b, departement("17")).await;
    let mut others = carrying(&a, &b, departement("79")).await;
    let mut source = carrying(&a, &c, departement("17")).await;
    for line in [&mut concerned, &mut others, &mut source] {
        line.is_heard().await;
    }
    a.context.directory.admit_from_peer(&record.bytes, &chain).await.unwrap();
    let next = async |line: &mut Line| {
        let pick = |frame: SyncFrame| {
            (is_third(&frame) && !matches!(frame, SyncFrame::Reconcile(_))).then_some(frame)
        };
        line.hear(pick).await.expect("a frame")
    };
    assert_eq!(next(&mut concerned).await, c.carried());
    assert_eq!(next(&mut concerned).await, SyncFrame::Record(record.bytes.clone()));
    let is_record = |frame: &SyncFrame| matches!(frame, SyncFrame::Record(_));
    assert!(!others.hears_soon(is_record).await && !source.hears_soon(is_record).await);
    // Its manifests are known there now.
    c.publishes_in("two", "17").await;
    let two = c.context.directory.records_of(c.id()).await.unwrap().remove(1);
    a.context.directory.admit_from_peer(&two.bytes, &chain).await.unwrap();
    assert_eq!(next(&mut concerned).await, SyncFrame::Record(two.bytes));
}

#[tokio::test]
async fn manifests_that_were_told_are_told_again_to_who_asks_alone() {
    let (a, b) = pair().await;
    let c = End::new("c").await;
    c.publishes("one").await;
    let chain = c.own.chain();
    a.knows(&c).await;
    let manifests = async |line: &mut Line| {
        let mut count = 0;
        loop {
            let next = line.hear(|frame| {
                let carried = matches!(frame, SyncFrame::CarriedManifest(_));
                (carried || matches!(frame, SyncFrame::Record(_))).then_some(carried)
            });
            if !next.await.expect("a frame") {
                return count;
            }
            count += 1;
        }
    };
    for (id, told) in [("two", 1), ("three", 0)] {
        let mut line = carrying(&a, &b, Subscription::FRANCE).await;
        line.is_heard().await;
        c.publishes(id).await;
        let records = c.context.directory.records_of(c.id()).await.unwrap();
        for record in records {
            a.context.directory.admit_from_peer(&record.bytes, &chain).await.unwrap();
        }
        assert_eq!(manifests(&mut line).await, told, "{id}");
    }
    // One that has lost them, on whatever stream.
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    line.say(SyncFrame::ItemsWanted(vec![c.record().await.identity])).await;
    assert_eq!(manifests(&mut line).await, 1);
}

#[tokio::test]
async fn a_record_whose_manifests_are_not_known_is_asked_for_once() {
    let (a, b) = pair().await;
    let c = End::new("c").await;
    c.publishes("one").await;
    let record = c.record().await;
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    line.say(SyncFrame::Record(record.bytes.clone())).await;
    let asked = line.hear(|frame| if let SyncFrame::ItemsWanted(ids) = frame { Some(ids) } else { None });
    assert_eq!(asked.await, Some(vec![record.identity]));
    line.carries(&c, &record).await;
    assert_eq!(a.holds(&c), 1);
    drop(line);
    until("the stream has ended", async || a.context.open_streams(b.id()) == 0).await;
    assert_eq!(a.refused(&b, "directory_no_manifest").await, 0);
}

#[tokio::test]
async fn a_suspended_partner_carries_nothing() {
    let (a, b) = pair().await;
    let c = End::new("c").await;
    c.publishes("one").await;
    a.trusts(&b, PeerTrust::Suspended).await;
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    line.carries(&c, &c.record().await).await;
    line.compares(Step::Opens, Items::default().open().unwrap()).await;
    line.say(SyncFrame::ItemsWanted(vec![Digest::of(b"x")])).await;
    assert!(!line.hears_soon(is_third).await);
    assert_eq!((a.holds(&c), a.context.directory.carried().all().len()), (0, 0));
}

#[tokio::test]
async fn what_a_suspension_held_back_is_found_once_it_is_lifted_whoever_opens() {
    for opens in [true, false] {
        let (small, large) = pair_in_order().await;
        let (a, b) = if opens { (small, large) } else { (large, small) };
        let c = End::new("c").await;
        c.publishes("one").await;
        b.context.directory.subscribe(Some(Subscription::FRANCE), |_| false).await.unwrap();
        let mut line = carrying(&b, &a, Subscription::FRANCE).await;
        line.carries(&c, &c.record().await).await;
        assert_eq!(b.holds(&c), 1);
        drop(line);
        until("that stream has ended", async || b.context.open_streams(a.id()) == 0).await;
        a.trusts(&b, PeerTrust::Suspended).await;
        join(&a, &b);
        until("met", async || a.witnessed(&b).await.is_some() && b.witnessed(&a).await.is_some()).await;
        // This one passes as news, and is not taken.
        c.publishes("two").await;
        let two = c.context.directory.records_of(c.id()).await.unwrap().remove(1);
        b.context.directory.admit_from_peer(&two.bytes, &c.own.chain()).await.unwrap();
        tokio::time::sleep(A_WHILE).await;
        assert_eq!((a.holds(&c), b.holds(&c)), (0, 2));
        a.trusts(&b, PeerTrust::Paired).await;
        for end in [&a, &b] {
            end.context.clock.shift(Span::seconds(30));
        }
        until("both came", async || a.holds(&c) == 2).await;
    }
}

#[tokio::test]
async fn a_hostile_carrier_is_refused_and_counted() {
    let (a, b) = pair().await;
    let (c, d) = (End::new("c").await, End::new("d").await);
    c.publishes("one").await;
    let good = c.record().await;
    let now = a.context.clock.now();
    let with = |change: &dyn Fn(&mut Record)| {
        let mut record = good.record.clone();
        change(&mut record);
        record
    };
    let mut flipped = good.bytes.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let later = now.plus(CLOCK_TOLERANCE).plus(Span::minutes(1));
    let future = with(&|record| (record.issued_at, record.expires_at) = (later, later.plus(Span::days(60))));
    let long = with(&|record| record.expires_at = record.issued_at.plus(Span::days(91)));
    let before = now.minus(Span::days(61));
    let expired =
        with(&|record| (record.issued_at, record.expires_at) = (before, before.plus(Span::days(60))));
    let foreign = d.signs(&good.record).bytes;
    let nobodys = with(&|record| record.structure = StructureId::of_root_spki(b"nobody"));
    let ours = with(&|record| record.structure = a.id());
    let attacks: [(&str, Vec<u8>); 10] = [
        ("directory_bad_signature", flipped),
        ("directory_bad_signature", foreign),
        ("directory_future", c.signs(&future).bytes),
        ("directory_lifetime", c.signs(&long).bytes),
        ("directory_expired", c.signs(&expired).bytes),
        ("directory_no_manifest", c.signs(&nobodys).bytes),
        ("directory_bad_signature", c.signs(&ours).bytes),
        ("directory_returned", a.signs(&ours).bytes),
        ("directory_own", a.signs(&ours).bytes),
        ("directory_unreadable", vec![0xff; 200]),
    ];
    for (code, bytes) in attacks {
        let before = a.refused(&b, code).await;
        let mut line = carrying(&a, &b, Subscription::FRANCE).await;
        line.say(c.carried()).await;
        line.say(SyncFrame::Record(bytes.clone())).await;
        if code == "directory_no_manifest" {
            // It is asked for once, with its manifests.
            assert!(line.hears_soon(|frame| matches!(frame, SyncFrame::ItemsWanted(_))).await);
            line.say(SyncFrame::Record(bytes)).await;
        }
        line.is_heard().await;
        // Written down now and then, and when the stream ends.
        drop(line);
        until(code, async || a.refused(&b, code).await == before + 1).await;
        assert_eq!(a.holds(&c), 0, "{code}");
    }
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    line.carries(&c, &good).await;
    assert_eq!(a.holds(&c), 1, "what is good still passes");
    // A giant is no frame.
    line.say(SyncFrame::Record(vec![1; 60_000])).await;
    line.has_ended().await;
}

#[tokio::test]
async fn what_another_version_wrote_is_nobodys_fault_and_not_asked_for_again() {
    let (a, b) = pair_in_order().await;
    let c = End::new("c").await;
    c.publishes("one").await;
    let good = c.record().await;
    let unread = from_another_version(&good, c.own.signing());
    let identity = Signed::decode(&unread, PayloadType::DirectoryRecord).unwrap().identity();
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    for _ in 0..=REFUSED_MAX {
        line.say(c.carried()).await;
        line.say(SyncFrame::Record(unread.clone())).await;
    }
    line.is_heard().await;
    assert_eq!(a.context.directory.still_wanted(vec![identity]), []);
    assert!(a.context.directory.carried().all().is_empty(), "nothing is kept of it");
    line.carries(&c, &good).await;
    assert_eq!(a.holds(&c), 1, "the stream goes on");
    drop(line);
    let all = u64::from(REFUSED_MAX) + 1;
    until("counted", async || a.refused(&b, "directory_unknown").await == all).await;
    // Nobody signed this one: who brings it is to blame.
    let forged = from_another_version(&good, b.own.signing());
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    for _ in 0..=REFUSED_MAX {
        line.say(SyncFrame::Record(forged.clone())).await;
    }
    line.has_ended().await;
}

#[tokio::test]
async fn no_chain_is_kept_that_has_verified_nothing() {
    let (a, b) = pair().await;
    let c = End::new("c").await;
    c.publishes("one").await;
    let good = c.record().await;
    let forged = b.signs(&good.record);
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    line.carries(&c, &forged).await;
    assert!(a.context.directory.carried().all().is_empty());
    line.carries(&c, &good).await;
    assert_eq!((a.holds(&c), a.context.directory.carried().all().len()), (1, 1));
}

#[tokio::test]
async fn a_node_put_back_from_a_copy_learns_from_its_partner_what_it_said_since() {
    for in_order in [true, false] {
        let (a, b) = pair_in_order().await;
        let (us, partner) = if in_order { (a, b) } else { (b, a) };
        us.publishes_in("one", "17").await;
        let first = us.record().await;
        us.offers("one", "17", "Une autre connexion.").await;
        us.publishes_in("two", "17").await;
        for record in us.context.directory.records_of(us.id()).await.unwrap() {
            partner.context.directory.admit_from_peer(&record.bytes, &us.own.chain()).await.unwrap();
        }
        // The copy: the first version of the first service, and nothing of the second.
        let store = &us.store;
        let documents = store.documents(Shelf::Record, us.id().as_bytes()).await.unwrap();
        let old = |number: usize| (number == 0).then(|| first.bytes.clone());
        let documents = documents.into_iter().enumerate().map(|(number, document)| DocumentWrite {
            shelf: Shelf::Record,
            key: document.key,
            expected_version: Expected::Any,
            body: old(number),
        });
        store.commit(Batch { documents: documents.collect(), ..Batch::default() }).await.unwrap();
        let us = End { context: us.started_again().await, ..us };
        assert_eq!(us.described(&us, "one").await.as_deref(), Some("Une connexion."));
        us.subscribes(Subscription::FRANCE).await;
        partner.subscribes(Subscription::FRANCE).await;
        join(&us, &partner);
        until("both are back", async || {
            let one = us.described(&us, "one").await;
            one.as_deref() == Some("Une autre connexion.") && us.described(&us, "two").await.is_some()
        })
        .await;
        us.offers("one", "17", "Une troisième.").await;
        until("the next one holds", async || {
            partner.described(&us, "one").await.as_deref() == Some("Une troisième.")
        })
        .await;
        assert_eq!(partner.context.directory.conflicts().await.unwrap(), []);
    }
}

#[tokio::test]
async fn what_was_removed_does_not_come_back_and_who_brings_it_is_told() {
    let (a, b) = pair().await;
    let c = End::new("c").await;
    c.publishes("one").await;
    let first = c.record().await;
    c.context
        .directory
        .withdraw(&ServiceId::parse("one").unwrap(), crate::directory::Seen::Unasked)
        .await
        .unwrap();
    let gone = c.record().await;
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    line.carries(&c, &gone).await;
    assert!(a.context.directory.identities(c.id()).contains(&gone.identity));
    drop(line);
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    line.say(SyncFrame::Record(first.bytes)).await;
    let told = line.hear(|frame| if let SyncFrame::Record(bytes) = frame { Some(bytes) } else { None }).await;
    assert_eq!(told, Some(gone.bytes), "what took its place");
    assert_eq!(a.holds(&c), 0);
    drop(line);
    until("counted", async || a.refused(&b, "directory_older").await == 1).await;
}

#[tokio::test]
async fn two_records_with_one_sequence_reach_who_holds_the_other() {
    let ends = line_of_four().await;
    let [a, b, c, d] = &ends;
    d.publishes("one").await;
    let one = d.record().await;
    let other = d.signs(&Record {
        issued_at: one.record.issued_at.plus(Span(1)),
        expires_at: one.record.expires_at.plus(Span(1)),
        ..one.record.clone()
    });
    join(a, b);
    join(b, c);
    let chain = d.own.chain();
    c.context.directory.admit_from_peer(&one.bytes, &chain).await.unwrap();
    until("everywhere", async || a.holds(d) == 1).await;
    c.context.directory.admit_from_peer(&other.bytes, &chain).await.unwrap_err();
    until("so is the proof", async || {
        let proofs = a.context.directory.conflicts().await.unwrap();
        proofs.first().is_some_and(|proof| (&proof.held, &proof.refused) == (&one.bytes, &other.bytes))
    })
    .await;
    assert_eq!(a.refused(b, "directory_bad_signature").await, 0);
}

#[tokio::test]
async fn a_chain_that_proves_nothing_is_refused_and_nothing_is_pinned_by_what_is_carried() {
    let (a, b) = pair().await;
    let c = End::new("c").await;
    c.publishes("one").await;
    let record = c.record().await;
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    let second = named(&c, &c.own.chain(), "later");
    let carried = |structure, manifest: &Manifest| {
        SyncFrame::CarriedManifest(CarriedManifest { structure, manifest: manifest.signed().encode() })
    };
    for frame in [
        carried(c.id(), &second),
        carried(b.id(), c.own.chain().current()),
        SyncFrame::CarriedManifest(CarriedManifest { structure: c.id(), manifest: vec![1; 90] }),
    ] {
        line.say(frame).await;
        line.say(SyncFrame::Record(record.bytes.clone())).await;
    }
    line.is_heard().await;
    assert_eq!((a.holds(&c), a.context.directory.carried().all().len()), (0, 0));
    // A longer chain of a partner serves to verify what it published, and pins nothing.
    let next = named(&b, &b.own.chain(), "b, renamed");
    b.own.set_chain(b.own.chain().accept(next).unwrap().chain);
    b.publishes("two").await;
    let of_b = b.record().await;
    a.knows(&c).await;
    let mut by_c = carrying(&a, &c, Subscription::FRANCE).await;
    for manifest in b.own.chain().manifests() {
        by_c.say(carried(b.id(), manifest)).await;
    }
    by_c.say(SyncFrame::Record(of_b.bytes)).await;
    by_c.is_heard().await;
    assert_eq!(a.holds(&b), 1);
    assert_eq!(a.context.peers.chain(b.id()).unwrap().current().sequence(), 1);
    drop(line);
    until("counted", async || a.refused(&b, "directory_bad_manifest").await == 3).await;
}

#[tokio::test]
async fn nothing_is_taken_of_a_structure_that_was_removed_or_refused() {
    let (a, b) = pair().await;
    let (c, d) = (End::new("c").await, End::new("d").await);
    a.knows(&c).await;
    a.trusts(&c, PeerTrust::Removed).await;
    a.context.directory.refuse(d.id()).await.unwrap();
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    for end in [&c, &d] {
        end.publishes("one").await;
        line.carries(end, &end.record().await).await;
        assert_eq!(a.holds(end), 0);
    }
    assert!(a.context.directory.carried().all().is_empty());
    a.context.directory.allow(d.id()).await.unwrap();
    line.carries(&d, &d.record().await).await;
    assert_eq!((a.holds(&c), a.holds(&d)), (0, 1));
    drop(line);
    until("counted", async || a.refused(&b, "directory_declined").await == 2).await;
}

#[tokio::test]
async fn who_answers_with_lies_for_ever_is_left_after_so_many_rounds() {
    let (a, b) = pair_in_order().await;
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    let mut said = line.compared().await;
    assert_eq!(said.step, Step::Opens);
    let mut rounds = 1;
    loop {
        // Always another fingerprint of everything.
        let lie = [&[0x61, 0, 0, 1][..], &[rounds as u8; 16]].concat();
        line.compares(Step::Answers, lie).await;
        line.say(SyncFrame::Ping(u64::from(rounds))).await;
        let next = line.hear(|frame| {
            let ponged = matches!(frame, SyncFrame::Pong(_)).then_some(None);
            if let SyncFrame::Reconcile(said) = frame { Some(Some(said)) } else { ponged }
        });
        match next.await.unwrap() {
            Some(next) => said = next,
            None => break,
        }
        assert_eq!(said.step, Step::GoesOn);
        line.hear(|frame| matches!(frame, SyncFrame::Pong(_)).then_some(())).await.unwrap();
        rounds += 1;
        assert!(rounds <= ROUNDS_MAX, "it never ends");
    }
    assert_eq!(rounds, ROUNDS_MAX);
    drop(line);
    until("counted", async || a.refused(&b, "directory_compare_unending").await == 1).await;
}

#[tokio::test]
async fn who_asks_without_end_is_answered_so_many_rounds() {
    let (b, a) = pair_in_order().await;
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    let opening = Items::default().open().unwrap();
    line.compares(Step::GoesOn, opening.clone()).await;
    line.compares(Step::Answers, opening.clone()).await;
    line.compares(Step::Opens, opening.clone()).await;
    let mut answers = 0;
    for _ in 0..ROUNDS_MAX + 10 {
        line.compares(Step::GoesOn, opening.clone()).await;
    }
    line.say(SyncFrame::Ping(1)).await;
    while line
        .hear(|frame| {
            let answered = matches!(frame, SyncFrame::Reconcile(_));
            (answered || matches!(frame, SyncFrame::Pong(_))).then_some(answered)
        })
        .await
        .unwrap()
    {
        answers += 1;
    }
    assert_eq!(answers, ROUNDS_MAX + 1, "one before it opened, then those of one session");
    line.compares(Step::Opens, opening.clone()).await;
    line.compares(Step::GoesOn, vec![0x61, 0, 0, 9]).await;
    line.is_heard().await;
    drop(line);
    until("counted", async || a.refused(&b, "directory_compare_limit").await == 12).await;
    assert_eq!(a.refused(&b, "directory_compare_unasked").await, 1);
    assert_eq!(a.refused(&b, "directory_compare_too_soon").await, 1);
}

#[tokio::test]
async fn messages_that_cannot_be_read_end_a_stream_after_a_while() {
    let (b, a) = pair_in_order().await;
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    // More ranges than one could hold are no frame; as many as fit are answered.
    let skips = |ranges: usize| [&[0x61][..], &[1, 0, 0].repeat(ranges)].concat();
    line.compares(Step::Opens, skips((RECONCILE_BYTES_MAX - 10) / 3)).await;
    assert_eq!(line.compared().await, Reconcile { step: Step::Answers, message: vec![0x61] });
    for _ in 0..=REFUSED_MAX {
        line.compares(Step::GoesOn, vec![0x61, 0, 0, 9]).await;
    }
    line.has_ended().await;
    until("counted", async || a.refused(&b, "directory_compare_unreadable").await == 33).await;
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    line.compares(Step::Opens, skips(1_000_000)).await;
    line.has_ended().await;
}

#[tokio::test]
async fn records_that_are_not_held_are_asked_for_in_vain_and_not_for_ever() {
    let (a, b) = pair().await;
    a.publishes("one").await;
    let record = a.record().await;
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    line.say(SyncFrame::ItemsWanted(vec![Digest::of(b"nothing"), record.identity])).await;
    let sent = line.hear(|frame| if let SyncFrame::Record(bytes) = frame { Some(bytes) } else { None }).await;
    assert_eq!(sent, Some(record.bytes));
    let unknown = |round: usize| -> Vec<Digest> {
        (0..1_000usize).map(|number| Digest::of(&(round * 1_000 + number).to_be_bytes())).collect()
    };
    for round in 0..9 {
        line.say(SyncFrame::ItemsWanted(unknown(round))).await;
    }
    line.is_heard().await;
    drop(line);
    let asked = u64::try_from(WANTED_MAX / 1_000 * 1_000).unwrap();
    until("counted", async || a.refused(&b, "directory_wanted_unknown").await == asked + 1).await;
    assert_eq!(a.refused(&b, "directory_wanted_limit").await, 1);
    const { assert!(UNKNOWN_MAX < WANTED_MAX && OPENS_AFTER.0 > 0) };
}

#[tokio::test]
async fn a_stream_that_brings_too_much_that_is_refused_ends_and_the_next_one_opens() {
    let (a, b) = pair().await;
    let c = End::new("c").await;
    c.publishes("one").await;
    let good = c.record().await;
    let mut flipped = good.bytes.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    line.say(c.carried()).await;
    for _ in 0..=REFUSED_MAX {
        line.say(SyncFrame::Record(flipped.clone())).await;
    }
    line.has_ended().await;
    until("counted", async || a.refused(&b, "directory_bad_signature").await == 33).await;
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    line.carries(&c, &good).await;
    assert_eq!(a.holds(&c), 1);
}

#[tokio::test]
async fn more_bytes_than_a_comparison_may_have_are_passed_over() {
    let (b, a) = pair_in_order().await;
    let c = End::new("c").await;
    c.publishes("one").await;
    let record = c.record().await;
    let now = a.context.clock.now();
    a.context.budgets.of(b.id(), |budget| budget.spend(9 * 1024 * 1024, now));
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    line.carries(&c, &record).await;
    assert_eq!(a.holds(&c), 0);
    drop(line);
    until("counted", async || a.refused(&b, "directory_bytes").await == 2).await;
    // The next comparison opens anew, whoever opens it.
    a.context.budgets.of(b.id(), |budget| budget.open(now.plus(Span::minutes(1)))).unwrap();
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    line.carries(&c, &record).await;
    assert_eq!(a.holds(&c), 1);
}

#[tokio::test]
async fn a_withdrawal_outlives_its_own_end() {
    let (a, b) = pair().await;
    let c = End::new("c").await;
    c.publishes("one").await;
    let first = c.record().await.record;
    let now = first.issued_at;
    let long = c.signs(&Record { expires_at: now.plus(LIFETIME_MAX), ..first.clone() });
    let body = Body::Withdrawn(first.key());
    let gone = Record { sequence: 2, expires_at: now.plus(Span::days(30)), body, ..first };
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    line.carries(&c, &c.signs(&gone)).await;
    a.context.clock.shift(Span::days(31));
    a.context.directory.sweep().await.unwrap();
    let mut line = carrying(&a, &b, Subscription::FRANCE).await;
    line.carries(&c, &long).await;
    assert_eq!(a.holds(&c), 0, "31 days later, with 59 to live");
}
