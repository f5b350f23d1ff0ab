//! Two nodes in one process: their syncs joined frame by frame, and one that lies.

mod inquiries;
mod limits;
mod rotation;
mod third;

use super::*;
use crate::clock::Dice;
use crate::engine::Engine;
use crate::own::{Founded, Profile, found};
use crate::peers::PeerTrust;
use relais_domain::digest::Digest;
use relais_domain::directory::Subscription;
use relais_domain::ledger_leaf::{Leaf, LeafKind};
use relais_store::Store;
use relais_store::batch::Batch;
use relais_store::memory::MemoryStore;
use relais_wire::frame::{ConsistencyProof, ConsistencyWanted, SyncFeature, SyncFrame, SyncHello};
use relais_wire::keys::SigningSecret;
use relais_wire::ledger::{Checkpoint, sign_checkpoint};
use relais_wire::manifest::chain::Chain;
use relais_wire::manifest::{Claims, Manifest, StructureKind};
use relais_wire::record::records_digest;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;

/// How long a test waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(20);

struct End {
    store: Arc<dyn Store>,
    own: Arc<Own>,
    root: SigningSecret,
    next_root: SigningSecret,
    context: SyncContext,
}

impl End {
    async fn new(name: &str) -> Self {
        let (dice, clock) = (Dice::system().unwrap(), Clock::system());
        let profile = Profile {
            name: name.to_owned(),
            kind: StructureKind::DigitalHub,
            endpoints: Vec::new(),
            pairing_endpoints: Vec::new(),
        };
        let ca = |structure| crate::tls::Ca::generate(structure).unwrap().into_parts();
        let Founded { secrets, manifest, next_root } = found(&profile, ca, &dice, clock.now()).unwrap();
        let chain = Chain::found(manifest).unwrap();
        let own = Arc::new(Own::new(chain, secrets.signing, vec![secrets.sealing]));
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let (s, o) = (|| Arc::clone(&store), || Arc::clone(&own));
        let peers = Peers::load(s(), o(), clock.clone(), dice.clone()).await.unwrap();
        let directory = Directory::load(s(), o(), clock.clone(), dice).await.unwrap();
        let ledger = Arc::new(Ledger::new(s(), o()));
        let (peers, directory) = (Arc::new(peers), Arc::new(directory));
        let dice = Dice::system().unwrap();
        let engine = Engine::new(s(), o(), Arc::clone(&peers), clock.clone(), dice);
        let inquiries = Inquiries::load(Arc::new(engine), Arc::clone(&directory)).await.unwrap();
        let context = SyncContext::new(peers, o(), directory, ledger, Arc::new(inquiries), clock);
        Self { store, own, root: secrets.root, next_root, context }
    }

    fn id(&self) -> StructureId {
        self.own.structure()
    }

    /// What syncs of this node work with after a start anew over the same store.
    async fn started_again(&self) -> SyncContext {
        let (s, o) = (|| Arc::clone(&self.store), || Arc::clone(&self.own));
        let (dice, clock) = (Dice::system().unwrap(), self.context.clock.clone());
        let peers = Arc::new(Peers::load(s(), o(), clock.clone(), dice.clone()).await.unwrap());
        let directory = Arc::new(Directory::load(s(), o(), clock.clone(), dice.clone()).await.unwrap());
        let engine = Arc::new(Engine::new(s(), o(), Arc::clone(&peers), clock.clone(), dice));
        let inquiries = Arc::new(Inquiries::load(engine, Arc::clone(&directory)).await.unwrap());
        SyncContext::new(peers, o(), directory, Arc::new(Ledger::new(s(), o())), inquiries, clock)
    }

    async fn knows(&self, other: &Self) {
        self.confirms(other).await;
        self.context.peers.heard(other.id(), None);
        self.context.peers.note_met().await.unwrap();
    }

    /// Holds another as a partner whose node was never seen.
    async fn confirms(&self, other: &Self) {
        let chain = Chain::clone(&other.own.chain());
        self.context.peers.propose(chain, "words".to_owned(), Digest::of(b"agreement")).await.unwrap();
        self.trusts(other, PeerTrust::Paired).await;
    }

    async fn trusts(&self, other: &Self, trust: PeerTrust) {
        self.context.peers.set_trust(other.id(), trust).await.unwrap();
    }

    async fn publishes(&self, id: &str) {
        let service = json!([{
            "source": "essai", "structure_id": "essai--1", "id": id, "nom": "Se connecter",
            "description": "Une connexion.", "date_maj": "2026-09-01", "thematiques": []
        }]);
        let report = self.context.directory.import(service.to_string().as_bytes()).await.unwrap();
        assert_eq!(report.created + report.unchanged, 1, "{report:?}");
    }

    async fn does(&self, number: u8) {
        let leaf =
            Leaf { kind: LeafKind::Administrative, subject: Digest::of(&[number]), salt: [number; 32] };
        self.store.commit(Batch { leaves: vec![leaf], ..Batch::default() }).await.unwrap();
    }

    /// Does things until its ledger has so many leaves; the checkpoint.
    async fn grows_to(&self, size: u8) -> String {
        let from = u8::try_from(self.store.ledger_size().await.unwrap()).unwrap();
        for number in from..size {
            self.does(number).await;
        }
        let signed = self.context.ledger.checkpoint().await.unwrap();
        assert_eq!(signed.checkpoint.size, u64::from(size));
        signed.note
    }

    async fn proves(&self, old_size: u64, new_size: u64) -> SyncFrame {
        let path = self.context.ledger.consistency(old_size, new_size).await.unwrap();
        SyncFrame::ConsistencyProof(ConsistencyProof { old_size, new_size, path })
    }

    /// Turns the clock on, and a little more.
    async fn lets_pass(&self, span: Span) {
        self.context.clock.shift(Span(span.0 + 1_000));
    }

    /// Waits for the alarm that the other does not prove this checkpoint.
    async fn doubts(&self, other: &Self, note: Option<String>) {
        until("alarm", async || self.witnessed(other).await.is_some_and(|known| known.unproven.is_some()))
            .await;
        let known = self.witnessed(other).await.unwrap();
        assert_eq!((known.contradiction, known.unproven.unwrap().note), (None, note));
    }

    fn holds(&self, other: &Self) -> usize {
        self.context.directory.list(other.id()).len()
    }

    async fn witnessed(&self, other: &Self) -> Option<crate::ledger::PeerLedger> {
        self.context.ledger.of_peer(other.id()).await.unwrap()
    }

    /// Starts a sync with `other`; what it takes in and what it says.
    fn open(&self, other: &Self) -> Line {
        let (to, inbound) = mpsc::channel(64);
        let (outbound, from) = mpsc::channel(64);
        let (context, peer) = (self.context.clone(), other.id());
        tokio::spawn(async move { context.run(peer, ReceiverStream::new(inbound), outbound).await });
        Line { to, from }
    }
}

/// The other end of a sync, played by a test.
struct Line {
    to: mpsc::Sender<Result<proto::SyncFrame, Status>>,
    from: mpsc::Receiver<proto::SyncFrame>,
}

impl Line {
    async fn say(&self, frame: SyncFrame) {
        self.to.send(Ok(frame.into_proto())).await.unwrap();
    }

    async fn hello(&self, of: &End, manifest: u64) {
        self.say(SyncFrame::Hello(SyncHello { manifest, ..plain_hello(of) })).await;
    }

    /// The next frame that `pick` takes; `None` when the stream ends before.
    async fn hear<T>(&mut self, pick: impl Fn(SyncFrame) -> Option<T>) -> Option<T> {
        let heard = tokio::time::timeout(PATIENCE, async {
            while let Some(frame) = self.from.recv().await {
                if let Some(picked) = pick(SyncFrame::from_proto(frame).unwrap()) {
                    return Some(picked);
                }
            }
            None
        });
        heard.await.expect("in time")
    }

    /// The sizes between which the node wants a proof.
    async fn wanted(&mut self) -> (u64, u64) {
        let wanted = self
            .hear(|frame| if let SyncFrame::ConsistencyWanted(wanted) = frame { Some(wanted) } else { None });
        let ConsistencyWanted { old_size, new_size } = wanted.await.expect("a proof is wanted");
        (old_size, new_size)
    }

    async fn is_shown_the_ledger(&mut self) {
        self.hear(|frame| matches!(frame, SyncFrame::Checkpoint(_)).then_some(()))
            .await
            .expect("a checkpoint");
    }

    async fn has_ended(&mut self) {
        assert_eq!(self.hear(|_| None::<()>).await, None);
    }
}

/// The hello of a side that knows the first version alone, and has no record.
fn plain_hello(of: &End) -> SyncHello {
    SyncHello {
        clock: of.context.clock.now(),
        manifest: 1,
        records_count: 0,
        records_digest: records_digest([]),
        subscription: Subscription::NONE,
        features: BTreeSet::new(),
    }
}

/// Joins the syncs of two nodes; whether the first has asked for a proof.
fn join(a: &End, b: &End) -> Arc<AtomicBool> {
    let asked = Arc::new(AtomicBool::new(false));
    let note = Arc::clone(&asked);
    let noted = move |frame: proto::SyncFrame| {
        if matches!(frame.body, Some(proto::sync_frame::Body::ConsistencyWanted(_))) {
            note.store(true, Ordering::Relaxed);
        }
        Ok(frame)
    };
    let (to_b, at_b) = mpsc::channel::<proto::SyncFrame>(64);
    let (to_a, at_a) = mpsc::channel::<proto::SyncFrame>(64);
    let (of_a, of_b, id_a, id_b) = (a.context.clone(), b.context.clone(), a.id(), b.id());
    tokio::spawn(async move { of_a.run(id_b, ReceiverStream::new(at_a).map(Ok), to_b).await });
    tokio::spawn(async move { of_b.run(id_a, ReceiverStream::new(at_b).map(noted), to_a).await });
    asked
}

async fn pair() -> (End, End) {
    let (a, b) = (End::new("agency").await, End::new("hub").await);
    a.knows(&b).await;
    b.knows(&a).await;
    (a, b)
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waited = tokio::time::timeout(PATIENCE, async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    assert!(waited.await.is_ok(), "{what}");
}

#[tokio::test]
async fn records_come_on_first_contact_and_on_change() {
    let (a, b) = pair().await;
    a.publishes("one").await;
    b.publishes("two").await;
    join(&a, &b);
    until("both know", async || a.holds(&b) == 1 && b.holds(&a) == 1).await;
    b.publishes("three").await;
    until("the change came", async || a.holds(&b) == 2).await;
    until("ledgers witnessed", async || a.witnessed(&b).await.is_some() && b.witnessed(&a).await.is_some())
        .await;
    assert!(a.context.peers.presence(b.id()).clock_difference.is_some());
}

#[tokio::test]
async fn equal_records_are_not_asked_for_again() {
    let (a, b) = pair().await;
    b.publishes("one").await;
    let records = b.context.directory.records_of(b.id()).await.unwrap();
    a.context.directory.admit_from_peer(&records[0].bytes, &b.own.chain()).await.unwrap();
    for (digest, asked) in [(records_digest([records[0].identity]), false), (Digest::of(b"other"), true)] {
        let mut line = a.open(&b);
        let hello = SyncHello { records_count: 1, records_digest: digest, ..plain_hello(&b) };
        line.say(SyncFrame::Hello(hello)).await;
        let wanted = line.hear(|frame| {
            let asked = frame == SyncFrame::RecordsWanted;
            (asked || matches!(frame, SyncFrame::Checkpoint(_))).then_some(asked)
        });
        assert_eq!(wanted.await, Some(asked));
    }
}

#[tokio::test]
async fn a_suspended_partner_gets_no_record_and_a_removed_one_no_stream() {
    let (a, b) = pair().await;
    a.publishes("one").await;
    a.trusts(&b, PeerTrust::Suspended).await;
    let mut line = a.open(&b);
    let hello = line.hear(|frame| if let SyncFrame::Hello(hello) = frame { Some(hello) } else { None });
    assert_eq!(hello.await.unwrap().records_count, 0);
    line.hello(&b, 1).await;
    line.say(SyncFrame::RecordsWanted).await;
    b.publishes("two").await;
    let record = b.context.directory.records_of(b.id()).await.unwrap().remove(0);
    line.say(SyncFrame::Record(record.bytes)).await;
    line.say(SyncFrame::Ping(77)).await;
    let record_before_pong = line.hear(|frame| {
        let record = matches!(frame, SyncFrame::Record(_));
        (record || frame == SyncFrame::Pong(77)).then_some(record)
    });
    assert_eq!(record_before_pong.await, Some(false));
    assert_eq!(a.holds(&b), 0);
    a.trusts(&b, PeerTrust::Removed).await;
    line.has_ended().await;
    a.open(&b).has_ended().await;
}

#[tokio::test]
async fn resuming_sends_what_was_held_back_and_asks_for_the_rest() {
    let (a, b) = pair().await;
    a.publishes("one").await;
    b.publishes("two").await;
    a.trusts(&b, PeerTrust::Suspended).await;
    join(&a, &b);
    until("witnessed", async || b.witnessed(&a).await.is_some()).await;
    b.publishes("three").await;
    assert_eq!((a.holds(&b), b.holds(&a)), (0, 0));
    a.trusts(&b, PeerTrust::Paired).await;
    until("both ways", async || b.holds(&a) == 1 && a.holds(&b) == 2).await;
}

#[tokio::test]
async fn a_newer_manifest_arrives() {
    let (a, b) = pair().await;
    join(&a, &b);
    let mut claims = b.own.chain().current().claims().clone();
    claims.name = "hub, renamed".to_owned();
    let next = b.own.chain().next(&claims, &b.root).unwrap();
    b.own.set_chain(b.own.chain().accept(next).unwrap().chain);
    until("renamed", async || a.context.peers.chain(b.id()).unwrap().current().sequence() == 2).await;
    assert_eq!(a.context.peers.peer(b.id()).unwrap().name(), "hub, renamed");
}

/// A manifest by the root of `of` after its current one, saying another name.
fn named(of: &End, chain: &Chain, name: &str) -> Manifest {
    let claims = Claims { name: name.to_owned(), ..chain.current().claims().clone() };
    chain.next(&claims, &of.root).unwrap()
}

#[tokio::test]
async fn a_rotation_reaches_a_partner_that_a_thief_of_the_root_reached_first() {
    let (a, b) = pair().await;
    let first = Chain::clone(&b.own.chain());
    let theft = named(&b, &first, "thief");
    let stolen = first.accept(theft.clone()).unwrap().chain;
    a.context.peers.set_chain(stolen).await.unwrap();
    let renamed = first.accept(named(&b, &first, "renamed")).unwrap().chain;
    let third = SigningSecret::from_bytes(&[77; 32]).verify_key().spki_hash();
    let claims = renamed.current().claims().clone();
    let rotation = renamed.rotation(&claims, &b.next_root, third).unwrap();
    b.own.set_chain(renamed.accept(rotation).unwrap().chain);
    join(&a, &b);
    until("rotated", async || *a.context.peers.chain(b.id()).unwrap() == *b.own.chain()).await;
    let mut line = a.open(&b);
    line.hello(&b, 2).await;
    line.say(SyncFrame::Manifest(first.current().signed().encode())).await;
    line.say(SyncFrame::Manifest(theft.signed().encode())).await;
    line.has_ended().await;
    assert_eq!(*a.context.peers.chain(b.id()).unwrap(), *b.own.chain());
}

#[tokio::test]
async fn two_manifests_that_exclude_each_other_end_the_stream() {
    let (a, b) = pair().await;
    let first = Chain::clone(&b.own.chain());
    let held = first.accept(named(&b, &first, "one")).unwrap().chain;
    a.context.peers.set_chain(held.clone()).await.unwrap();
    let mut line = a.open(&b);
    line.hello(&b, 2).await;
    line.say(SyncFrame::Manifest(first.current().signed().encode())).await;
    line.say(SyncFrame::Manifest(named(&b, &first, "other").signed().encode())).await;
    line.has_ended().await;
    assert_eq!(*a.context.peers.chain(b.id()).unwrap(), held);
}

#[tokio::test]
async fn records_of_a_new_manifest_come_after_it() {
    let (a, b) = pair().await;
    b.publishes("one").await;
    join(&a, &b);
    until("first", async || a.holds(&b) == 1).await;
    let chain = b.own.chain();
    b.own.set_chain(chain.accept(named(&b, &chain, "renewed")).unwrap().chain);
    b.context.directory.renew().await.unwrap();
    let own = b.id();
    let named = async || {
        let held = a.context.directory.records_of(own).await.unwrap();
        held.first().map(|signed| signed.record.manifest)
    };
    until("signed anew", async || named().await == Some(2)).await;
}

#[tokio::test]
async fn a_manifest_of_another_ends_the_stream() {
    let (a, b) = pair().await;
    let mut line = a.open(&b);
    line.hello(&b, 1).await;
    line.say(SyncFrame::Manifest(a.own.chain().current().signed().encode())).await;
    line.has_ended().await;
    assert_eq!(a.context.peers.chain(b.id()).unwrap().current().sequence(), 1);
}

#[tokio::test]
async fn ledgers_that_grow_are_followed() {
    let (a, b) = pair().await;
    b.does(1).await;
    join(&a, &b);
    until("first", async || a.witnessed(&b).await.is_some()).await;
    let first = a.witnessed(&b).await.unwrap().size;
    for number in 2..9 {
        b.does(number).await;
    }
    until("grown", async || a.witnessed(&b).await.is_some_and(|known| known.size == first + 7)).await;
    assert_eq!(a.witnessed(&b).await.unwrap().contradiction, None);
}

/// What a liar says of its ledger: a note of this size and root.
fn note(of: &End, size: u64, root: &[u8]) -> String {
    let checkpoint = Checkpoint { ledger: of.id(), size, root: Digest::of(root) };
    sign_checkpoint(&checkpoint, of.own.signing())
}

/// A sync in which `b`, played by the test, has shown a ledger of four leaves.
async fn shown_four(a: &End, b: &End) -> Line {
    let line = a.open(b);
    line.hello(b, 1).await;
    line.say(SyncFrame::Checkpoint(note(b, 4, b"four"))).await;
    until("kept", async || a.witnessed(b).await.is_some()).await;
    line
}

async fn contradicted(a: &End, b: &End) {
    until("alarm", async || a.witnessed(b).await.is_some_and(|known| known.contradiction.is_some())).await;
    assert_eq!(a.witnessed(b).await.unwrap().note, note(b, 4, b"four"));
}

#[tokio::test]
async fn two_ledgers_of_one_size_raise_the_alarm_and_stay_on_record() {
    let (a, b) = pair().await;
    let line = shown_four(&a, &b).await;
    line.say(SyncFrame::Checkpoint(note(&b, 4, b"other"))).await;
    contradicted(&a, &b).await;
    assert_eq!(a.witnessed(&b).await.unwrap().contradiction, Some(note(&b, 4, b"other")));
    line.say(SyncFrame::Checkpoint(note(&b, 4, b"four"))).await;
    line.say(SyncFrame::Checkpoint(note(&b, 9, b"nine"))).await;
    contradicted(&a, &b).await;
}

#[tokio::test]
async fn a_ledger_that_goes_back_raises_the_alarm() {
    let (a, b) = pair().await;
    let line = shown_four(&a, &b).await;
    line.say(SyncFrame::Checkpoint(note(&b, 3, b"three"))).await;
    contradicted(&a, &b).await;
}

#[tokio::test]
async fn a_ledger_that_does_not_continue_the_old_one_raises_the_alarm() {
    let (a, b) = pair().await;
    let mut line = shown_four(&a, &b).await;
    line.say(SyncFrame::Checkpoint(note(&b, 6, b"six"))).await;
    assert_eq!(line.wanted().await, (4, 6));
    let path = vec![Digest::of(b"lie"); 2];
    line.say(SyncFrame::ConsistencyProof(ConsistencyProof { old_size: 4, new_size: 6, path })).await;
    contradicted(&a, &b).await;
}

#[tokio::test]
async fn a_partner_that_never_proves_its_ledger_raises_the_alarm() {
    let (a, b) = pair().await;
    let mut line = shown_four(&a, &b).await;
    line.say(SyncFrame::Checkpoint(note(&b, 6, b"six"))).await;
    assert_eq!(line.wanted().await, (4, 6));
    line.say(SyncFrame::Ping(1)).await;
    line.hear(|frame| (frame == SyncFrame::Pong(1)).then_some(())).await.unwrap();
    assert_eq!(a.witnessed(&b).await.unwrap().unproven, None, "it still has time");
    a.lets_pass(PROOF_WAIT).await;
    line.say(SyncFrame::Ping(2)).await;
    a.doubts(&b, Some(note(&b, 6, b"six"))).await;
    assert_eq!(
        a.witnessed(&b).await.unwrap().note,
        note(&b, 4, b"four"),
        "nothing unproven is kept as the last"
    );
    line.say(SyncFrame::Checkpoint(note(&b, 5, b"five"))).await;
    let went_back = async || a.witnessed(&b).await.is_some_and(|known| known.contradiction.is_some());
    until("less than it showed before", went_back).await;
}

#[tokio::test]
async fn a_proof_that_comes_late_takes_the_alarm_back_and_no_other_proof_does() {
    let (a, b) = pair().await;
    let mut line = a.open(&b);
    line.hello(&b, 1).await;
    let four = b.grows_to(4).await;
    line.say(SyncFrame::Checkpoint(four)).await;
    until("kept", async || a.witnessed(&b).await.is_some()).await;
    let six = b.grows_to(6).await;
    line.say(SyncFrame::Checkpoint(six.clone())).await;
    assert_eq!(line.wanted().await, (4, 6));
    a.lets_pass(PROOF_WAIT).await;
    line.say(SyncFrame::Ping(1)).await;
    a.doubts(&b, Some(six.clone())).await;
    drop(line);

    // The next stream proves a later one, and hangs up on the one that is doubted.
    let mut line = a.open(&b);
    line.hello(&b, 1).await;
    let nine = b.grows_to(9).await;
    line.say(SyncFrame::Checkpoint(nine.clone())).await;
    assert_eq!(line.wanted().await, (4, 9));
    line.say(b.proves(4, 9).await).await;
    assert_eq!(line.wanted().await, (6, 9));
    let known = a.witnessed(&b).await.unwrap();
    assert_eq!((known.note, known.unproven.and_then(|unproven| unproven.note)), (nine, Some(six)));
    line.say(b.proves(6, 9).await).await;
    until("proven", async || a.witnessed(&b).await.is_some_and(|known| known.unproven.is_none())).await;
}

#[tokio::test]
async fn a_partner_that_shows_no_ledger_any_more_raises_the_alarm() {
    let (a, b) = pair().await;
    drop(shown_four(&a, &b).await);
    let mut line = a.open(&b);
    line.hello(&b, 1).await;
    line.is_shown_the_ledger().await;
    a.lets_pass(PROOF_WAIT).await;
    line.say(SyncFrame::Ping(1)).await;
    a.doubts(&b, None).await;
    let again = a.open(&b);
    again.hello(&b, 1).await;
    again.say(SyncFrame::Checkpoint(note(&b, 4, b"four"))).await;
    until("shown", async || a.witnessed(&b).await.is_some_and(|known| known.unproven.is_none())).await;
}

#[tokio::test]
async fn a_partner_that_never_showed_a_ledger_loses_its_stream() {
    let (a, b) = pair().await;
    let mut line = a.open(&b);
    line.hello(&b, 1).await;
    line.is_shown_the_ledger().await;
    a.lets_pass(PROOF_WAIT).await;
    line.say(SyncFrame::Ping(1)).await;
    line.has_ended().await;
}

/// Two streams of one partner: the first has shown four leaves, the second shows three.
async fn shown_three_beside_four(a: &End, b: &End) -> (Line, Line) {
    let first = shown_four(a, b).await;
    let mut second = a.open(b);
    second.hello(b, 1).await;
    second.say(SyncFrame::Checkpoint(note(b, 3, b"three"))).await;
    assert_eq!(second.wanted().await, (3, 4));
    (first, second)
}

#[tokio::test]
async fn a_ledger_rewound_beside_another_stream_raises_the_alarm() {
    let (a, b) = pair().await;
    let (_first, second) = shown_three_beside_four(&a, &b).await;
    assert_eq!(a.context.open_streams(b.id()), 2);
    a.lets_pass(PROOF_WAIT).await;
    second.say(SyncFrame::Ping(1)).await;
    a.doubts(&b, Some(note(&b, 3, b"three"))).await;
    assert_eq!(a.witnessed(&b).await.unwrap().note, note(&b, 4, b"four"));
}

#[tokio::test]
async fn a_rewound_ledger_that_hangs_up_raises_the_alarm_at_once() {
    let (a, b) = pair().await;
    let (_first, second) = shown_three_beside_four(&a, &b).await;
    drop(second);
    a.doubts(&b, Some(note(&b, 3, b"three"))).await;
}

#[tokio::test]
async fn a_rewound_ledger_that_lies_about_it_contradicts_itself() {
    let (a, b) = pair().await;
    let (_first, second) = shown_three_beside_four(&a, &b).await;
    let path = vec![Digest::of(b"lie"); 2];
    second.say(SyncFrame::ConsistencyProof(ConsistencyProof { old_size: 3, new_size: 4, path })).await;
    contradicted(&a, &b).await;
    assert_eq!(a.witnessed(&b).await.unwrap().contradiction, Some(note(&b, 3, b"three")));
}

#[tokio::test]
async fn a_node_restored_from_an_old_copy_raises_the_alarm_whatever_else_is_open() {
    let (a, b) = pair().await;
    b.grows_to(5).await;
    let mut old = End::new("hub").await;
    old.own = Arc::clone(&b.own);
    old.context.own = Arc::clone(&b.own);
    old.context.ledger = Arc::new(Ledger::new(Arc::clone(&old.store), Arc::clone(&b.own)));
    old.knows(&a).await;
    let two = old.grows_to(2).await;
    join(&a, &b);
    until("the ledger is known", async || a.witnessed(&b).await.is_some_and(|known| known.size == 5)).await;
    let asked = join(&a, &old);
    until("it is asked", async || asked.load(Ordering::Relaxed)).await;
    assert_eq!(a.context.open_streams(b.id()), 2);
    a.lets_pass(PROOF_WAIT).await;
    a.doubts(&b, Some(two)).await;
}

#[tokio::test]
async fn a_checkpoint_that_was_overtaken_is_proven_and_raises_nothing() {
    let (a, b) = pair().await;
    let three = b.grows_to(3).await;
    let seven = b.grows_to(7).await;
    let first = a.open(&b);
    first.hello(&b, 1).await;
    first.say(SyncFrame::Checkpoint(seven.clone())).await;
    until("kept", async || a.witnessed(&b).await.is_some()).await;
    let mut second = a.open(&b);
    second.hello(&b, 1).await;
    second.say(SyncFrame::Checkpoint(three)).await;
    assert_eq!(second.wanted().await, (3, 7));
    second.say(b.proves(3, 7).await).await;
    let nine = b.grows_to(9).await;
    second.say(SyncFrame::Checkpoint(nine.clone())).await;
    assert_eq!(second.wanted().await, (7, 9));
    second.say(b.proves(7, 9).await).await;
    until("followed", async || a.witnessed(&b).await.is_some_and(|known| known.note == nine)).await;
    let known = a.witnessed(&b).await.unwrap();
    assert_eq!((known.contradiction, known.unproven), (None, None));
}

#[tokio::test]
async fn two_streams_that_race_are_proven_against_each_other() {
    let (a, b) = pair().await;
    let four = b.grows_to(4).await;
    let (mut first, mut second) = (a.open(&b), a.open(&b));
    for line in [&first, &second] {
        line.hello(&b, 1).await;
        line.say(SyncFrame::Checkpoint(four.clone())).await;
    }
    until("kept", async || a.witnessed(&b).await.is_some()).await;
    let six = b.grows_to(6).await;
    let eight = b.grows_to(8).await;
    first.say(SyncFrame::Checkpoint(six.clone())).await;
    second.say(SyncFrame::Checkpoint(eight.clone())).await;
    assert_eq!((first.wanted().await, second.wanted().await), ((4, 6), (4, 8)));
    first.say(b.proves(4, 6).await).await;
    until("the first", async || a.witnessed(&b).await.is_some_and(|known| known.note == six)).await;
    second.say(b.proves(4, 8).await).await;
    assert_eq!(second.wanted().await, (6, 8));
    second.say(b.proves(6, 8).await).await;
    until("both", async || a.witnessed(&b).await.is_some_and(|known| known.note == eight)).await;
}

#[tokio::test]
async fn hanging_up_whenever_a_proof_is_asked_raises_the_alarm() {
    let (a, b) = pair().await;
    drop(shown_four(&a, &b).await);
    for round in 0..=UNANSWERED_MAX {
        assert_eq!(a.witnessed(&b).await.unwrap().unproven, None, "round {round}");
        let mut line = a.open(&b);
        line.hello(&b, 1).await;
        line.say(SyncFrame::Checkpoint(note(&b, 6, b"six"))).await;
        assert_eq!(line.wanted().await, (4, 6));
        drop(line);
        until("ended", async || a.context.open_streams(b.id()) == 0).await;
    }
    a.doubts(&b, Some(note(&b, 6, b"six"))).await;
}

#[tokio::test]
async fn what_is_asked_and_owed_has_a_limit() {
    let (a, b) = pair().await;
    let mut line = shown_four(&a, &b).await;
    for size in 0..=PROOFS_AWAITED_MAX {
        let size = u64::try_from(size).unwrap() + 5;
        line.say(SyncFrame::Checkpoint(note(&b, size, b"more"))).await;
    }
    line.has_ended().await;
    a.does(1).await;
    let mut line = a.open(&b);
    line.hello(&b, 1).await;
    line.is_shown_the_ledger().await;
    for _ in 0..=PROOFS_PER_CHECKPOINT_MAX {
        let wanted = ConsistencyWanted { old_size: 1, new_size: 1 };
        line.say(SyncFrame::ConsistencyWanted(wanted)).await;
    }
    let proofs = line.hear(|frame| matches!(frame, SyncFrame::ConsistencyProof(_)).then_some(()));
    assert_eq!(proofs.await, Some(()));
    line.has_ended().await;
}

#[tokio::test]
async fn a_proof_beyond_the_ledger_is_not_given_and_the_stream_goes_on() {
    let (a, b) = pair().await;
    a.does(1).await;
    let mut line = a.open(&b);
    line.hello(&b, 1).await;
    line.is_shown_the_ledger().await;
    line.say(SyncFrame::ConsistencyWanted(ConsistencyWanted { old_size: 1, new_size: 999 })).await;
    line.say(SyncFrame::Ping(3)).await;
    let proof_before_pong = line.hear(|frame| {
        let proof = matches!(frame, SyncFrame::ConsistencyProof(_));
        (proof || frame == SyncFrame::Pong(3)).then_some(proof)
    });
    assert_eq!(proof_before_pong.await, Some(false));
}

#[tokio::test]
async fn a_checkpoint_signed_by_another_is_refused() {
    let (a, b) = pair().await;
    let mut line = a.open(&b);
    line.hello(&b, 1).await;
    let checkpoint = Checkpoint { ledger: b.id(), size: 4, root: Digest::of(b"four") };
    line.say(SyncFrame::Checkpoint(sign_checkpoint(&checkpoint, a.own.signing()))).await;
    line.has_ended().await;
    assert!(a.witnessed(&b).await.is_none());
}

#[tokio::test]
async fn a_proof_nobody_asked_for_ends_the_stream() {
    let (a, b) = pair().await;
    let mut line = a.open(&b);
    line.hello(&b, 1).await;
    line.say(SyncFrame::ConsistencyProof(ConsistencyProof { old_size: 1, new_size: 2, path: vec![] })).await;
    line.has_ended().await;
}

#[tokio::test]
async fn too_many_bad_records_and_too_many_questions_end_the_stream() {
    let (a, b) = pair().await;
    a.publishes("one").await;
    let mut line = a.open(&b);
    line.hello(&b, 1).await;
    for _ in 0..=REFUSED_MAX {
        line.say(SyncFrame::Record(vec![1])).await;
    }
    line.has_ended().await;
    let mut line = a.open(&b);
    line.hello(&b, 1).await;
    for _ in 0..=FULL_SENDS_MAX {
        line.say(SyncFrame::RecordsWanted).await;
    }
    line.has_ended().await;
    let mut line = a.open(&b);
    line.say(SyncFrame::Ping(1)).await;
    line.has_ended().await;
}

#[tokio::test]
async fn streams_of_one_partner_are_counted() {
    let (a, b) = pair().await;
    let lines: Vec<Line> = (0..STREAMS_PER_PEER_MAX).map(|_| a.open(&b)).collect();
    until("all open", async || a.context.open_streams(b.id()) == STREAMS_PER_PEER_MAX).await;
    a.open(&b).has_ended().await;
    drop(lines);
    until("all given back", async || a.context.open_streams(b.id()) == 0).await;
}
