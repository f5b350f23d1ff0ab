//! Two ends, and a line on which the test speaks as one of them.

use super::super::*;
use crate::clock::{Clock, Dice};
use crate::engine::Delivered;
use crate::own::{Own, Profile, found};
use crate::peers::{PeerTrust, Peers};
use prost::Message as _;
use relais_domain::class::{DataClass, Stage};
use relais_domain::consent::{
    Consent, Given, GivenHow, Interpreter, LegalBasis, Notice, Party, Presence, Purpose, TeachBack,
};
use relais_domain::content::{Content, FeedbackLevel, Need, Urgency};
use relais_domain::digest::Digest;
use relais_domain::event::ThreadKind;
use relais_domain::id::{ConsentId, ServiceId, ThreadId};
use relais_domain::territory::Territory;
use relais_domain::theme::Theme;
use relais_domain::thread::{Opening, Signing};
use relais_store::Store;
use relais_store::memory::MemoryStore;
use relais_wire::manifest::StructureKind;
use relais_wire::manifest::chain::Chain;
use tokio_stream::wrappers::ReceiverStream;

/// How long a test waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a line must say nothing to be quiet: the outbox is looked at twice.
const QUIET: Duration = Duration::from_millis(1_200);

pub(super) struct End {
    context: LinkContext,
    chain: Chain,
}

/// Two ends that are partners.
pub(super) async fn ends() -> (End, End) {
    let (a, b) = (End::new("agency").await, End::new("hub").await);
    for (end, chain) in [(&a, b.chain.clone()), (&b, a.chain.clone())] {
        let structure = chain.structure();
        let peers = end.engine().peers();
        peers.propose(chain, "six words".to_owned(), Digest::of(b"agreement")).await.unwrap();
        peers.set_trust(structure, PeerTrust::Paired).await.unwrap();
    }
    (a, b)
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
        let founded = found(&profile, ca, &dice, clock.now()).unwrap();
        let chain = Chain::found(founded.manifest).unwrap();
        let own = Own::new(chain.clone(), founded.secrets.signing, vec![founded.secrets.sealing]);
        let own = Arc::new(own);
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let loading = Peers::load(Arc::clone(&store), Arc::clone(&own), clock.clone(), dice.clone());
        let peers = Arc::new(loading.await.unwrap());
        let engine = Arc::new(Engine::new(store, own, peers, clock, dice));
        Self { context: LinkContext { engine, links: Arc::default() }, chain }
    }

    pub(super) fn context(&self) -> &LinkContext {
        &self.context
    }

    pub(super) fn engine(&self) -> &Arc<Engine> {
        &self.context.engine
    }

    pub(super) fn id(&self) -> StructureId {
        self.engine().own().structure()
    }

    /// Takes an envelope of `author` in; the receipt.
    pub(super) async fn receipts(&self, author: &Self, bytes: &[u8]) -> Vec<u8> {
        match self.engine().deliver(author.id(), bytes).await.unwrap() {
            Delivered::Receipt(receipt) => receipt,
            Delivered::CannotOpen(_) => panic!("it opens"),
        }
    }

    /// Opens a link with `other`, played by the test, which lets so many envelopes be without answer.
    pub(super) async fn open(&self, other: &Self, unacknowledged_max: u32) -> Line {
        let (to, inbound) = mpsc::channel(FRAMES_WAITING_MAX);
        let (outbound, from) = mpsc::channel(FRAMES_WAITING_MAX);
        let (context, peer) = (self.context.clone(), other.id());
        let inbound = ReceiverStream::new(inbound);
        let link = Link { peer, dialled_by: peer, inbound, outbound };
        tokio::spawn(async move { context.run(link).await });
        let mut line = Line { to, from };
        let hello = Hello {
            clock: self.engine().clock().now(),
            manifest: other.engine().own().manifest(),
            unacknowledged_max,
        };
        line.say(Frame::Hello(hello)).await;
        assert!(matches!(line.hear().await, Some(Frame::Hello(_))));
        line
    }
}

/// The other end of a link, played by a test.
pub(super) struct Line {
    to: mpsc::Sender<Result<proto::Frame, Status>>,
    from: mpsc::Receiver<proto::Frame>,
}

impl Line {
    pub(super) async fn say(&self, frame: Frame) {
        self.to.send(Ok(frame.into_proto())).await.unwrap();
    }

    /// The next frame that is no ping; `None` when the link ends before.
    pub(super) async fn hear(&mut self) -> Option<Frame> {
        let heard = tokio::time::timeout(PATIENCE, async {
            loop {
                match Frame::from_proto(self.from.recv().await?).unwrap() {
                    Frame::Ping(nonce) => {
                        let _ = self.to.send(Ok(Frame::Pong(nonce).into_proto())).await;
                    }
                    frame @ (Frame::Hello(_)
                    | Frame::Envelope(_)
                    | Frame::Receipt(_)
                    | Frame::Rejected(_)
                    | Frame::CannotOpen(_)
                    | Frame::Pong(_)) => return Some(frame),
                }
            }
        });
        heard.await.expect("in time")
    }

    pub(super) async fn envelope(&mut self) -> Vec<u8> {
        match self.hear().await {
            Some(Frame::Envelope(bytes)) => bytes,
            other => panic!("no envelope but {other:?}"),
        }
    }

    /// Whether nothing comes for a while.
    pub(super) async fn is_quiet(&mut self) -> bool {
        tokio::time::timeout(QUIET, self.hear()).await.is_err()
    }
}

pub(super) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waited = tokio::time::timeout(PATIENCE, async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    assert!(waited.await.is_ok(), "{what}");
}

/// An envelope with so many bytes of content, whose message can be read if the id is one.
pub(super) fn oversized(message_id: &[u8], bytes: usize) -> Vec<u8> {
    let mut message_id = message_id.to_vec();
    if message_id.iter().any(|byte| *byte != 0) {
        message_id = relais_domain::id::MessageId::from_random([7; 16]).as_bytes().to_vec();
    }
    let skeleton = proto::EventSkeleton { message_id, ..Default::default() };
    let sealed = proto::SealedBox { ciphertext: vec![0; bytes], ..Default::default() };
    let (payload, sealed) = (skeleton.encode_to_vec(), Some(sealed));
    proto::Envelope { payload, sealed, ..Default::default() }.encode_to_vec()
}

fn theme() -> Theme {
    Theme::parse("numerique--acceder-a-une-connexion-internet").unwrap()
}

fn consent(from: &End, to: &End) -> Consent {
    let now = from.engine().clock().now();
    Consent {
        id: ConsentId::from_random(from.engine().dice().bytes()),
        version: 1,
        supersedes: None,
        collected_by: Party { structure: from.id(), site: None },
        recipient: Party { structure: to.id(), site: None },
        purpose: Purpose::Referral,
        themes: [theme()].into(),
        classes: [DataClass::Need].into(),
        name_stage: Stage::Two,
        feedback: FeedbackLevel::Accepted,
        onward: [].into(),
        valid_from: now,
        valid_until: now.plus(Span::days(90)),
        collector_basis: LegalBasis::PublicTask,
        recipient_basis: LegalBasis::Agreement,
        given: Given {
            how: GivenHow::Oral,
            language: "fr".to_owned(),
            interpreter: Interpreter::None,
            teach_back: TeachBack::Done,
            presence: Presence::None,
        },
        notice: Notice { id: "n".to_owned(), language: "fr".to_owned(), text: Digest::of(b"text") },
        stop_code: None,
    }
}

/// A referral from one end to the other.
pub(super) fn opening(from: &End, to: &End) -> Opening {
    let need = Need {
        themes: vec![theme()],
        urgency: Urgency::Normal,
        territory: Territory::parse("17300").unwrap(),
        service: ServiceId::parse("hub--1").unwrap(),
        site: None,
        feedback: FeedbackLevel::Accepted,
        walk_in: None,
    };
    let own = from.engine().own();
    Opening {
        thread: ThreadId::from_random(from.engine().dice().bytes()),
        kind: ThreadKind::Referral,
        recipient: to.id(),
        consent: relais_wire::consent::sign(&consent(from, to), own.signing(), own.manifest()),
        stage_one: Content { need: Some(need), ..Content::default() },
        stage_two: Content::default(),
        deadline: None,
        follow_up: None,
        signing: Signing::ByItself,
    }
}
