//! Two desks over memory stores, for tests: they can be dropped and made again, and envelopes are carried by hand.

use super::session::By;
use super::{Caller, Desk, StopCodes};
use crate::accounts::Accounts;
use crate::clock::{Clock, Dice};
use crate::delayed::Delayed;
use crate::dial::AddressPolicy;
use crate::directory::Directory;
use crate::engine::{Delivered, Engine};
use crate::home::Secrets;
use crate::inquiries::Inquiries;
use crate::ledger::Ledger;
use crate::node::keepers;
use crate::own::{Own, Profile, found};
use crate::pairing::{Invitations, Joiner};
use crate::peers::{PeerTrust, Peers};
use crate::register;
use crate::tls::{Ca, LEAF_LIFETIME, LeafBox, PinBoard};
use crate::users::{Role, User, Users};
use relais_domain::digest::Digest;
use relais_domain::event::Side;
use relais_domain::id::ProfessionalId;
use relais_domain::structure_id::StructureId;
use relais_proto::desk::v1 as desk;
use relais_proto::peer::v1 as peer;
use relais_store::Store;
use relais_store::batch::Batch;
use relais_store::memory::MemoryStore;
use relais_store::rows::AckRow;
use relais_wire::endpoint::Endpoint;
use relais_wire::envelope;
use relais_wire::keys::{SealSecret, SigningSecret};
use relais_wire::manifest::StructureKind;
use relais_wire::manifest::chain::Chain;
use serde_json::json;
use std::sync::Arc;

pub(super) const THEME: &str = "numerique--acceder-a-une-connexion-internet";
pub(super) const SERVICE: &str = "essai--connexion";

/// A structure: what survives when its node is dropped.
pub(super) struct House {
    pub(super) memory: Arc<MemoryStore>,
    pub(super) clock: Clock,
    secrets: Secrets,
    chain: Chain,
    dice: Dice,
}

impl House {
    pub(super) fn new(name: &str) -> Self {
        let (dice, clock) = (Dice::system().unwrap(), Clock::system());
        let endpoints = vec![Endpoint::parse("127.0.0.1:1").unwrap()];
        let profile = Profile {
            name: name.to_owned(),
            kind: StructureKind::DigitalHub,
            endpoints,
            pairing_endpoints: Vec::new(),
        };
        let ca = |structure| Ca::generate(structure).unwrap().into_parts();
        let founded = found(&profile, ca, &dice, clock.now()).unwrap();
        let chain = Chain::found(founded.manifest).unwrap();
        Self { memory: Arc::new(MemoryStore::new()), clock, secrets: founded.secrets, chain, dice }
    }

    /// The desk over what is stored, as after a start.
    pub(super) async fn desk(&self) -> Desk {
        let store: Arc<dyn Store> = Arc::clone(&self.memory) as Arc<dyn Store>;
        let (store, register) = register::watch(store).await.unwrap();
        let (clock, dice, secrets) = (self.clock.clone(), self.dice.clone(), &self.secrets);
        let structure = self.chain.structure();
        let signing = SigningSecret::from_bytes(&secrets.signing.expose_secret_bytes());
        let sealing = SealSecret::from_bytes(&secrets.sealing.expose_secret_bytes());
        let own = Arc::new(Own::new(self.chain.clone(), signing, vec![sealing]));
        let peers = Peers::load(Arc::clone(&store), Arc::clone(&own), clock.clone(), dice.clone());
        let peers = Arc::new(peers.await.unwrap());
        let directory = Directory::load(Arc::clone(&store), Arc::clone(&own), clock.clone(), dice.clone());
        let users = Users::new(Arc::clone(&store), dice.clone());
        let accounts = Accounts::load(
            Arc::clone(&store),
            users.clone(),
            "essai".to_owned(),
            clock.clone(),
            dice.clone(),
        );
        let engine = Engine::new(Arc::clone(&store), Arc::clone(&own), peers, clock.clone(), dice.clone());
        let engine = Arc::new(engine);
        let directory = Arc::new(directory.await.unwrap());
        let open = keepers::open_data(Arc::clone(&store), &directory, clock.clone(), dice.clone());
        open.load().await.unwrap();
        let inquiries = Inquiries::load(Arc::clone(&engine), Arc::clone(&directory)).await.unwrap();
        Desk {
            inquiries: Arc::new(inquiries),
            delayed: Delayed::new(Arc::clone(&engine)),
            introductions: crate::introductions::Introductions::new(
                Arc::clone(&engine),
                Arc::clone(&directory),
            ),
            engine,
            register,
            directory,
            open,
            ledger: Arc::new(Ledger::new(Arc::clone(&store), Arc::clone(&own))),
            users,
            accounts: Arc::new(accounts.await.unwrap()),
            links: Arc::default(),
            invitations: Invitations::new(store),
            joiner: Arc::new(self.joiner(own)),
            pairing_endpoints: Vec::new(),
            agreement: String::new(),
            stop_codes: StopCodes::new(structure, &secrets.node_key),
            started: clock.now(),
            listens: String::new(),
        }
    }

    fn joiner(&self, own: Arc<Own>) -> Joiner {
        let ca = Ca::from_parts(
            self.chain.structure(),
            self.secrets.ca_certificate.clone(),
            self.secrets.ca_key.clone(),
        );
        let ca = ca.unwrap();
        let leaf = ca.issue_leaf(self.chain.structure(), self.clock.now(), LEAF_LIFETIME).unwrap();
        Joiner {
            leaf: Arc::new(LeafBox::new(&leaf).unwrap()),
            pins: Arc::new(PinBoard::new(self.chain.structure(), ca.certificate()).unwrap()),
            own,
            clock: self.clock.clone(),
            policy: AddressPolicy::default(),
            agreement: Digest::of(b"agreement"),
            site_names: Vec::new(),
        }
    }

    pub(super) fn id(&self) -> StructureId {
        self.chain.structure()
    }
}

/// Two structures that trust each other; the second publishes a service, and the first knows it.
pub(super) async fn pair() -> (House, House) {
    let (agency, hub) = confirmed().await;
    meets(&agency.desk().await, &hub).await;
    meets(&hub.desk().await, &agency).await;
    (agency, hub)
}

/// The same, and neither node was ever seen by the other.
pub(super) async fn confirmed() -> (House, House) {
    let (agency, hub) = (House::new("agency"), House::new("hub"));
    for (house, other) in [(&agency, &hub), (&hub, &agency)] {
        let desk = house.desk().await;
        word_of_one(&desk, other).await;
    }
    let hubs = hub.desk().await;
    let service = json!({
        "source": "essai", "structure_id": "essai--1", "id": SERVICE, "nom": "Se connecter",
        "description": "Une connexion.", "date_maj": "2026-09-01", "thematiques": [THEME],
        "publics": ["tous-publics"], "frais": "gratuit", "modes_accueil": ["en-presentiel"],
        "zone_eligibilite": ["17"], "code_insee": "17300", "commune": "La Rochelle", "code_postal": "17000",
        "adresse": "1 rue de l’Essai", "telephone": "+33199000011",
    });
    let report = hubs.directory.import(json!([service]).to_string().as_bytes()).await.unwrap();
    assert_eq!(report.created, 1, "{report:?}");
    hears(&agency.desk().await, &hub).await;
    (agency, hub)
}

/// The desk's admin confirms another structure; whether that one's does is another matter.
pub(super) async fn word_of_one(desk: &Desk, other: &House) {
    let peers = desk.engine.peers();
    peers.propose(other.chain.clone(), "six words".to_owned(), Digest::of(b"agreement")).await.unwrap();
    peers.set_trust(other.id(), PeerTrust::Paired).await.unwrap();
}

/// The other structure's node is seen: its admin confirmed, too.
pub(super) async fn meets(desk: &Desk, other: &House) {
    desk.engine.peers().heard(other.id(), None);
    desk.engine.peers().note_met().await.unwrap();
}

/// Tells a desk what another structure publishes now.
pub(super) async fn hears(desk: &Desk, of: &House) {
    for record in of.desk().await.directory.records_of(of.id()).await.unwrap() {
        desk.directory.admit_from_peer(&record.bytes, &of.chain).await.unwrap();
    }
}

/// A professional of the desk's structure.
pub(super) async fn caller(desk: &Desk, name: &str, role: Role) -> Caller {
    let user = User::new(name.to_owned(), [role].into(), None);
    let known = desk.users.all().await.unwrap().into_iter().find(|(_, user)| user.name == name);
    match known {
        Some((id, user)) => Caller { id, user, by: By::Uid },
        None => {
            let id: ProfessionalId = desk.users.add(user.clone()).await.unwrap();
            Caller { id, user, by: By::Uid }
        }
    }
}

/// A referral from `agency` to `hub` that is in order.
pub(super) fn referral(desk: &Desk, recipient: StructureId) -> desk::OpenReferralRequest {
    let classes =
        [peer::DataClass::Need, peer::DataClass::Note, peer::DataClass::Name, peer::DataClass::Contact];
    desk::OpenReferralRequest {
        request_id: desk.engine.dice().bytes::<16>().to_vec(),
        recipient_id: recipient.as_bytes().to_vec(),
        stage_one: Some(desk::StageOne {
            need: Some(peer::Need {
                themes: vec![THEME.to_owned()],
                urgency: peer::Urgency::Normal.into(),
                territory: "17300".to_owned(),
                service_id: SERVICE.to_owned(),
                feedback: peer::FeedbackLevel::Accepted.into(),
                ..peer::Need::default()
            }),
            ..desk::StageOne::default()
        }),
        stage_two: Some(desk::StageTwo {
            name: Some(peer::Name { given: "Amina".to_owned(), family: "B".to_owned() }),
            contact: Some(peer::Contact {
                reach: peer::Reach::Phone.into(),
                detail: Some("06 01 02 03 04".to_owned()),
                ..peer::Contact::default()
            }),
            ..desk::StageTwo::default()
        }),
        consent: Some(desk::ConsentInput {
            classes: classes.into_iter().map(i32::from).collect(),
            themes: vec![THEME.to_owned()],
            given: Some(peer::ConsentGiven {
                how: peer::GivenHow::Oral.into(),
                ..peer::ConsentGiven::default()
            }),
            ..desk::ConsentInput::default()
        }),
        ..desk::OpenReferralRequest::default()
    }
}

/// Carries everything each end has for the other, and the receipts back.
pub(super) async fn settle(one: &Desk, other: &Desk) {
    while carry(one, other).await + carry(other, one).await > 0 {}
}

async fn carry(from: &Desk, to: &Desk) -> usize {
    let (source, target) = (&from.engine, &to.engine);
    let (us, them) = (source.own().structure(), target.own().structure());
    let ready = source.store().outbox_ready(them, source.clock().now(), 100).await.unwrap();
    for row in &ready {
        let mut event = None;
        for side in [Side::Sender, Side::Receiver] {
            let found = source.store().event(row.thread, side, row.sequence).await.unwrap();
            event = event.or(found.filter(|found| found.message == row.message));
        }
        let event = event.unwrap();
        let key = source.peers().chain(them).unwrap().seal_key().unwrap();
        let parts = event.content.as_ref().map(|content| content.expose().as_slice());
        let mut generator = source.dice().generator();
        let bytes =
            envelope::dispatch(&event.payload, &event.signature, parts, &key, &mut generator).unwrap();
        let Delivered::Receipt(receipt) = target.deliver(us, &bytes).await.unwrap() else { panic!("held") };
        let ack = AckRow {
            message: row.message,
            thread: row.thread,
            sequence: row.sequence,
            receipt,
            names: None,
            stored_at: source.clock().now(),
        };
        source.store().commit(Batch { acks: vec![ack], ..Batch::default() }).await.unwrap();
    }
    ready.len()
}
