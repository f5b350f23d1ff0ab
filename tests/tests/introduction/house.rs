//! Structures with a directory, partners, and a pairing listener on loopback.

use super::bench::{Actor, listener};
use relais_domain::directory::{Endorsement, Pin, Scope, Site};
use relais_domain::id::SiteId;
use relais_domain::structure_id::StructureId;
use relais_domain::territory::{CommuneCode, Coverage};
use relais_domain::thread::Trust;
use relais_domain::time::Span;
use relais_server::dial::AddressPolicy;
use relais_server::directory::Directory;
use relais_server::engine::Engine;
use relais_server::introductions::{IntroduceError, Introduction, Introductions, Standing, Trouble};
use relais_server::pairing::{
    AGREEMENT, Invitations, Inviter, Joiner, PairingService, agreement_hash, serve_pairing,
};
use relais_server::peers::{PeerTrust, Peers};
use relais_server::tls::LEAF_LIFETIME;
use relais_store::Store;
use relais_store::memory::MemoryStore;
use relais_wire::endpoint::Endpoint;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::mpsc;

/// For how long structures are recommended here.
pub(crate) const YEAR: Span = Span::days(365);

/// A structure and its node's rooms, as far as introductions need them.
pub(crate) struct House {
    pub(crate) actor: Actor,
    pub(crate) engine: Arc<Engine>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) introductions: Introductions,
    pub(crate) endpoint: Endpoint,
    pub(crate) joiner: Joiner,
    server: tokio::task::JoinHandle<()>,
}

impl House {
    pub(crate) async fn new(name: &str) -> Self {
        Self::of(Actor::new(name)).await
    }

    pub(crate) async fn of(actor: Actor) -> Self {
        Self::agreeing_to(actor, AGREEMENT).await
    }

    pub(crate) async fn agreeing_to(actor: Actor, agreement: &str) -> Self {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let (own, clock, dice) = (|| Arc::clone(&actor.own), || actor.clock.clone(), || actor.dice.clone());
        let peers = Peers::load(Arc::clone(&store), own(), clock(), dice()).await.expect("partners");
        let directory =
            Directory::load(Arc::clone(&store), own(), clock(), dice()).await.expect("a directory");
        let engine = Engine::new(Arc::clone(&store), own(), Arc::new(peers), clock(), dice());
        let (engine, directory) = (Arc::new(engine), Arc::new(directory));
        let introductions = Introductions::new(Arc::clone(&engine), Arc::clone(&directory));
        let (listener, endpoint) = listener().await;
        let agreement = agreement_hash(agreement);
        let inviter = Inviter {
            own: own(),
            leaf: Arc::clone(&actor.leaf),
            pins: Arc::clone(&actor.pins),
            invitations: Invitations::new(store),
            introductions: introductions.clone(),
            clock: clock(),
            dice: dice(),
            agreement,
            site_names: Vec::new(),
        };
        let (outcomes, _) = mpsc::channel(1);
        let service = PairingService::new(inviter, outcomes);
        let server = tokio::spawn(async move {
            serve_pairing(listener, service, std::future::pending()).await.expect("served");
        });
        let joiner = Joiner {
            own: own(),
            leaf: Arc::clone(&actor.leaf),
            pins: Arc::clone(&actor.pins),
            clock: clock(),
            policy: AddressPolicy::Loopback,
            agreement,
            site_names: Vec::new(),
        };
        Self { actor, engine, directory, introductions, endpoint, joiner, server }
    }

    pub(crate) fn id(&self) -> StructureId {
        self.actor.id()
    }

    /// Holds another structure as a paired partner.
    pub(crate) async fn knows(&self, other: &Self) {
        let (peers, chain) = (self.engine.peers(), other.actor.own.chain().as_ref().clone());
        peers.propose(chain, "six words".to_owned(), agreement_hash(AGREEMENT)).await.expect("pending");
        peers.set_trust(other.id(), PeerTrust::Paired).await.expect("paired");
        peers.heard(other.id(), None);
        self.actor.trust(&other.actor);
    }

    /// What this structure says of another one that it knows well.
    pub(crate) fn word_for(&self, other: &Self) -> Endorsement {
        let chain = other.actor.own.chain();
        let pin = Pin { sequence: chain.current().sequence(), manifest: chain.current().identity() };
        let scope = Scope { territories: Coverage::national(), themes: BTreeSet::new() };
        Endorsement { subject: other.id(), pin, scope }
    }

    /// Recommends another structure.
    pub(crate) async fn endorses(&self, other: &Self) {
        self.says(self.word_for(other), YEAR).await;
    }

    pub(crate) async fn says(&self, endorsement: Endorsement, lasting: Span) {
        let until = self.actor.now().plus(lasting);
        self.directory.endorse(endorsement, until).await.expect("endorsed");
    }

    /// Takes its word back.
    pub(crate) async fn takes_back(&self, other: &Self) {
        self.directory.withdraw_endorsement(other.id()).await.expect("taken back");
    }

    /// Hands its own records to a partner, as the sync does.
    pub(crate) async fn tells(&self, partner: &Self) {
        let chain = self.actor.own.chain();
        for signed in self.directory.records_of(self.id()).await.expect("its records") {
            partner.directory.admit_from_peer(&signed.bytes, &chain).await.expect("admitted");
        }
    }

    /// Publishes where it is.
    pub(crate) async fn is_in(&self, commune: &str) {
        let site = Site {
            id: SiteId::from_random([1; 16]),
            name: "Accueil".to_owned(),
            commune: CommuneCode::parse(commune),
            address: None,
            phone: None,
            email: None,
            opening_hours: None,
            coordinates: None,
        };
        let profile = relais_domain::directory::Profile {
            name: "Structure".to_owned(),
            sites: vec![site],
            ..Default::default()
        };
        self.directory.publish_structure(profile).await.expect("published");
    }

    /// Moves this structure's clock to the machine's plus `shift`; its certificate is renewed, as its node does.
    pub(crate) fn is_later(&self, shift: Span) {
        let Actor { clock, ca, leaf, .. } = &self.actor;
        clock.shift(shift);
        let renewed = ca.issue_leaf(self.id(), clock.now(), LEAF_LIFETIME).expect("a leaf");
        leaf.renew(&renewed).expect("its key");
    }

    /// Asks to be introduced, and dials once.
    pub(crate) async fn asks(&self, other: &Self) -> Result<Introduction, IntroduceError> {
        self.introductions.ask(other.id(), Some(other.endpoint.clone())).await?;
        self.introductions.try_once(other.id(), &self.joiner).await
    }

    /// Confirms another structure by the words that are shown now.
    pub(crate) async fn confirms(&self, other: &Self) -> Result<(), IntroduceError> {
        self.introductions.confirm(other.id(), &self.phrase(other).unwrap_or_default()).await
    }

    /// Where the introduction with another structure stands; none when there is none.
    pub(crate) async fn stands(&self, other: &Self) -> Option<Standing> {
        self.introductions.with(other.id()).await.ok().map(|introduction| introduction.standing)
    }

    /// How another structure stands with this one, for threads, streams and records.
    pub(crate) fn trust(&self, other: &Self) -> Option<Trust> {
        self.engine.peers().trust(other.id())
    }

    /// The words this structure's admin reads to the other's.
    pub(crate) fn phrase(&self, other: &Self) -> Option<String> {
        self.engine.peers().peer(other.id()).map(|record| record.phrase().to_owned())
    }

    /// Whether nothing at all is kept of another structure.
    pub(crate) async fn has_never_heard_of(&self, other: &Self) -> bool {
        self.stands(other).await.is_none() && self.engine.peers().peer(other.id()).is_none()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A and C know each other only through B, which recommends both to its partners.
pub(crate) struct Triangle {
    pub(crate) a: House,
    pub(crate) b: House,
    pub(crate) c: House,
}

impl Triangle {
    pub(crate) async fn new() -> Self {
        let triangle = Self::silent().await;
        triangle.b.endorses(&triangle.a).await;
        triangle.b.endorses(&triangle.c).await;
        triangle.b_tells().await;
        triangle
    }

    /// The same, without a word of B.
    pub(crate) async fn silent() -> Self {
        Self::from(Actor::new("A")).await
    }

    /// The same, from this A.
    pub(crate) async fn from(a: Actor) -> Self {
        let (a, b, c) = (House::of(a).await, House::new("B").await, House::new("C").await);
        for (one, other) in [(&a, &b), (&b, &a), (&b, &c), (&c, &b)] {
            one.knows(other).await;
        }
        Self { a, b, c }
    }

    /// B's records reach its partners.
    pub(crate) async fn b_tells(&self) {
        self.b.tells(&self.a).await;
        self.b.tells(&self.c).await;
    }

    /// A asks C, and both wait for their admins.
    pub(crate) async fn introduced() -> Self {
        let triangle = Self::new().await;
        let asked = triangle.a.asks(&triangle.c).await.expect("asked");
        assert_eq!(asked.standing, Standing::AwaitsUs, "{asked:?}");
        triangle
    }

    /// Why C does not let A wait, after A asked; C keeps nothing of it.
    pub(crate) async fn refused(&self) -> Option<Trouble> {
        let asked = self.a.asks(&self.c).await.expect("it is noted");
        assert_eq!(asked.standing, Standing::Asking, "{asked:?}");
        assert!(self.c.has_never_heard_of(&self.a).await);
        assert_eq!(self.a.trust(&self.c), None);
        asked.trouble
    }
}
