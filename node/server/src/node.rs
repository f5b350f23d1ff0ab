//! A whole node: every room wired up, its listeners open, its tasks running.

pub(crate) mod keepers;
mod sockets;

use crate::accept::{Door, Limits, MESSAGE_BYTES_MAX, peer_server_builder, peer_streams};
use crate::accounts::Accounts;
use crate::clock::{Clock, Dice};
use crate::courier::Courier;
use crate::cuts::Cuts;
use crate::delayed::Delayed;
use crate::desk::{Desk, StopCodes, drafts};
use crate::dial::{AddressPolicy, Dialer};
use crate::directory::{Directory, DirectoryError, OpenData};
use crate::engine::Engine;
use crate::gateways::{GatewayDoor, Gateways, GatewaysError, serve_gateways};
use crate::home::{Home, HomeError};
use crate::init;
use crate::inquiries::Inquiries;
use crate::introductions::Introductions;
use crate::ledger::Ledger;
use crate::link::{LinkContext, Links};
use crate::own::{self, Own, Profile, RefreshError};
use crate::pairing::{Invitations, Inviter, Joiner, PairingService, agreement_hash, serve_pairing};
use crate::peer_service::PeerService;
use crate::peers::{PeerError, Peers};
use crate::register::{self, Register};
use crate::sync::SyncContext;
use crate::tls::{Ca, CaError, LEAF_LIFETIME, LeafBox, PinBoard, PinError};
use crate::users::Users;
use relais_domain::digest::Digest;
use relais_domain::directory::Site;
use relais_domain::id::SiteId;
use relais_domain::territory::CommuneCode;
use relais_proto::desk::v1::desk_server::DeskServer;
use relais_proto::peer::v1::peer_server::PeerServer;
use relais_store::{Store, StoreError};
use relais_wire::endpoint::Endpoint;
use sockets::Sockets;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_stream::wrappers::UnixListenerStream;

/// How long servers may take to end by themselves.
const STOP_TIME_MAX: Duration = Duration::from_millis(500);

/// What an administrator sets.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where partners connect.
    pub listen: SocketAddr,
    /// Where invited structures connect.
    pub pairing_listen: SocketAddr,
    /// How partners reach `listen`.
    pub advertise: Vec<Endpoint>,
    /// How invited structures reach `pairing_listen`.
    pub advertise_pairing: Vec<Endpoint>,
    /// Which addresses may be dialled.
    pub policy: AddressPolicy,
    /// The Desk's socket.
    pub desk_socket: PathBuf,
    /// Where gateways on other machines connect; nowhere when there are none.
    pub desk_listen: Option<SocketAddr>,
    /// The partnership agreement's text.
    pub agreement: String,
}

/// Why a node did not start. Nothing was lost.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The folder.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The TLS CA.
    #[error(transparent)]
    Ca(#[from] CaError),
    /// A pin.
    #[error(transparent)]
    Pin(#[from] PinError),
    /// The manifest.
    #[error(transparent)]
    Manifest(#[from] RefreshError),
    /// The partners.
    #[error(transparent)]
    Peers(#[from] PeerError),
    /// The directory.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The gateways on other machines.
    #[error(transparent)]
    Gateways(#[from] GatewaysError),
    /// An address cannot be listened on.
    #[error(
        "{address} cannot be listened on ({error}): stop what uses it, or choose another with `{setting}`"
    )]
    Listen {
        /// Which.
        address: String,
        /// Which setting names it.
        setting: &'static str,
        /// What the system said.
        error: io::Error,
    },
    /// The ledger contradicts itself.
    #[error(
        "the ledger contradicts itself ({0}): the database was edited or truncated; restore it, or ask for help"
    )]
    Ledger(String),
}

/// A running node.
#[derive(Debug)]
pub struct Node {
    /// Decides and commits.
    pub engine: Arc<Engine>,
    /// Services.
    pub directory: Arc<Directory>,
    /// Which links are up.
    pub links: Arc<Links>,
    /// Where partners connect.
    pub peer_address: SocketAddr,
    /// Where invited structures connect.
    pub pairing_address: SocketAddr,
    /// The Desk, for a gateway in the same process; nobody is known there by a uid.
    pub desk: DeskServer<Desk>,
    stop: watch::Sender<Stop>,
    tasks: JoinSet<()>,
    forever: JoinSet<()>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stop {
    No,
    Now,
}

/// Everything wired up, nothing running yet.
struct Rooms {
    engine: Arc<Engine>,
    register: Arc<Register>,
    directory: Arc<Directory>,
    open: Arc<OpenData>,
    inquiries: Arc<Inquiries>,
    ledger: Arc<Ledger>,
    links: Arc<Links>,
    ca: Arc<Ca>,
    leaf: Arc<LeafBox>,
    pins: Arc<PinBoard>,
    cuts: Cuts,
    users: Users,
    accounts: Arc<Accounts>,
    invitations: Invitations,
    introductions: Introductions,
    joiner: Arc<Joiner>,
    delayed: Delayed,
    stop_codes: StopCodes,
    settings: Settings,
    home: Home,
}

impl Node {
    /// Starts a node over an open store.
    ///
    /// # Errors
    /// [`StartError`]; no task runs and no port stays bound.
    pub async fn start(
        home: &Home,
        store: Arc<dyn Store>,
        settings: Settings,
        clock: Clock,
        dice: Dice,
    ) -> Result<Self, StartError> {
        let rooms = Rooms::open(home, store, settings, clock, dice).await?;
        let sockets = Sockets::bind(&rooms.settings).await?;
        rooms.run(sockets)
    }

    /// Publishes what the structure says of itself: its name, its commune, its phone; what it said in a file of its own
    /// stays. Renews what runs out.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub async fn publish(&self, commune: Option<&str>, phone: Option<&str>) -> Result<(), DirectoryError> {
        let own = self.engine.own();
        let seat = Digest::of_parts(&[b"relais/site/1", own.structure().as_bytes()]);
        let mut id = [0; 16];
        id.copy_from_slice(&seat.as_bytes()[..16]);
        if self.directory.is_described().await? {
            return self.directory.renew().await;
        }
        let name = own.chain().current().claims().name.clone();
        let site = Site {
            id: SiteId::from_random(id),
            name: name.clone(),
            commune: commune.and_then(CommuneCode::parse),
            address: None,
            phone: phone.map(str::to_owned),
            email: None,
            opening_hours: None,
            coordinates: None,
        };
        let profile = relais_domain::directory::Profile { name, sites: vec![site], ..Default::default() };
        self.directory.publish_structure(profile).await?;
        self.directory.renew().await
    }

    /// Ends every task: what runs for ever at once, the servers gently.
    pub async fn stop(mut self) {
        self.forever.shutdown().await;
        let _ = self.stop.send(Stop::Now);
        self.links.cut_all();
        let gently = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_TIME_MAX, gently).await.is_err() {
            tracing::debug!("Some servers did not end by themselves");
        }
        self.tasks.shutdown().await;
    }
}

impl Rooms {
    async fn open(
        home: &Home,
        store: Arc<dyn Store>,
        settings: Settings,
        clock: Clock,
        dice: Dice,
    ) -> Result<Self, StartError> {
        let (store, register) = register::watch(store).await?;
        let chain = init::read_chain(&*store).await?;
        let structure = chain.structure();
        home.settle(chain.current().root())?;
        let secrets = home.secrets()?;
        let current = chain.current().claims();
        let profile = Profile {
            name: current.name.clone(),
            kind: current.kind,
            endpoints: settings.advertise.clone(),
            pairing_endpoints: settings.advertise_pairing.clone(),
        };
        let chain = own::refreshed(chain, &profile, &secrets, &*store, clock.now()).await?;
        let ca = Ca::from_parts(structure, secrets.ca_certificate, secrets.ca_key)?;
        let leaf = LeafBox::new(&ca.issue_leaf(structure, clock.now(), LEAF_LIFETIME)?)?;
        keepers::hold_former_leaf(home, &chain, &leaf, clock.now());
        let pins = Arc::new(PinBoard::new(structure, ca.certificate())?);
        let own = Arc::new(Own::new(chain, secrets.signing, vec![secrets.sealing]));
        let peers = Peers::load(Arc::clone(&store), Arc::clone(&own), clock.clone(), dice.clone());
        let peers = Arc::new(peers.await?);
        let ledger = Arc::new(Ledger::new(Arc::clone(&store), Arc::clone(&own)));
        ledger.glance().await.map_err(|error| StartError::Ledger(error.to_string()))?;
        let directory = Directory::load(Arc::clone(&store), Arc::clone(&own), clock.clone(), dice.clone());
        let directory = Arc::new(directory.await?);
        let open = keepers::open_data(Arc::clone(&store), &directory, clock.clone(), dice.clone());
        let engine = Engine::new(Arc::clone(&store), own, peers, clock.clone(), dice.clone());
        let users = Users::new(Arc::clone(&store), dice.clone());
        let accounts = Accounts::load(Arc::clone(&store), users.clone(), profile.name, clock, dice).await?;
        let (engine, leaf) = (Arc::new(engine), Arc::new(leaf));
        let inquiries = Inquiries::load(Arc::clone(&engine), Arc::clone(&directory)).await?;
        Ok(Self {
            delayed: Delayed::new(Arc::clone(&engine)),
            introductions: Introductions::new(Arc::clone(&engine), Arc::clone(&directory)),
            joiner: Arc::new(joiner(&engine, &leaf, &pins, &settings)),
            engine,
            register,
            directory,
            open,
            inquiries: Arc::new(inquiries),
            ledger,
            links: Arc::default(),
            ca: Arc::new(ca),
            leaf,
            pins,
            cuts: Cuts::new(),
            users,
            accounts: Arc::new(accounts),
            invitations: Invitations::new(store),
            stop_codes: StopCodes::new(structure, &secrets.node_key),
            settings,
            home: home.clone(),
        })
    }

    fn run(self, sockets: Sockets) -> Result<Node, StartError> {
        let address = |listener: &TcpListener, setting| {
            let refused = |error| StartError::Listen { address: "the socket".to_owned(), setting, error };
            listener.local_addr().map_err(refused)
        };
        let peer_address = address(&sockets.peers, "listen")?;
        let pairing_address = address(&sockets.pairing, "pairing_listen")?;
        let (stop, stopped) = watch::channel(Stop::No);
        let mut tasks = JoinSet::new();
        let link = LinkContext { engine: Arc::clone(&self.engine), links: Arc::clone(&self.links) };
        let sync = SyncContext::new(
            Arc::clone(self.engine.peers()),
            Arc::clone(self.engine.own()),
            Arc::clone(&self.directory),
            Arc::clone(&self.ledger),
            Arc::clone(&self.inquiries),
            self.engine.clock().clone(),
        );
        self.serve_peers(sockets.peers, &link, &sync, &mut tasks, stopped.clone());
        self.serve_pairing(sockets.pairing, &mut tasks, stopped.clone());
        let desk = self.serve_desk(sockets.desk, peer_address, &mut tasks, stopped.clone());
        let courier = Courier { links: link, sync, dialer: Arc::new(self.dialer()) };
        let mut forever = JoinSet::new();
        if let Some(listener) = sockets.gateways {
            let door = GatewayDoor::new(Gateways::open(&self.home)?, self.engine.clock().clone())?;
            forever.spawn(door.clone().keep());
            let serving = serve_gateways(listener, door, desk.clone(), until(stopped));
            tasks.spawn(async move { log_end("gateways", serving.await) });
        }
        forever.spawn(keepers::keep_open_data(Arc::clone(&self.open), self.introductions.clone()));
        forever.spawn(courier.run());
        forever.spawn(crate::sweeper::sweep(Arc::clone(&self.engine)));
        forever.spawn(self.delayed.clone().keep());
        forever.spawn(self.introductions.clone().keep(Arc::clone(&self.joiner)));
        forever.spawn(drafts::keep(Arc::clone(&self.engine), self.users.clone()));
        forever.spawn(crate::pruner::prune(Arc::clone(&self.engine), self.invitations.clone()));
        tasks.spawn(Arc::clone(&self.directory).keep());
        forever.spawn(Arc::clone(&self.inquiries).keep());
        let (engine, directory) = (&self.engine, Arc::clone(&self.directory));
        forever.spawn(keepers::keep_pins(Arc::clone(engine), Arc::clone(&self.pins), self.cuts.clone()));
        forever.spawn(keepers::keep_roots(Arc::clone(engine), Arc::clone(&self.directory)));
        forever.spawn(keepers::keep_leaf(Arc::clone(engine), Arc::clone(&self.ca), Arc::clone(&self.leaf)));
        forever.spawn(keepers::keep_manifest(Arc::clone(engine), directory, self.home));
        Ok(Node {
            engine: self.engine,
            directory: self.directory,
            links: self.links,
            peer_address,
            pairing_address,
            desk,
            stop,
            tasks,
            forever,
        })
    }

    fn dialer(&self) -> Dialer {
        Dialer {
            leaf: Arc::clone(&self.leaf),
            pins: Arc::clone(&self.pins),
            cuts: self.cuts.clone(),
            clock: self.engine.clock().clone(),
            policy: self.settings.policy,
        }
    }

    fn serve_peers(
        &self,
        listener: TcpListener,
        link: &LinkContext,
        sync: &SyncContext,
        tasks: &mut JoinSet<()>,
        stopped: watch::Receiver<Stop>,
    ) {
        let door = Door {
            leaf: Arc::clone(&self.leaf),
            pins: Arc::clone(&self.pins),
            cuts: self.cuts.clone(),
            clock: self.engine.clock().clone(),
            dice: self.engine.dice().clone(),
            limits: Limits::default(),
        };
        let service = PeerServer::new(PeerService::new(link.clone(), sync.clone()))
            .max_decoding_message_size(MESSAGE_BYTES_MAX)
            .max_encoding_message_size(MESSAGE_BYTES_MAX);
        let incoming = peer_streams(listener, door);
        tasks.spawn(async move {
            let served = peer_server_builder()
                .add_service(service)
                .serve_with_incoming_shutdown(incoming, until(stopped))
                .await;
            log_end("partners", served);
        });
    }

    fn serve_pairing(&self, listener: TcpListener, tasks: &mut JoinSet<()>, stopped: watch::Receiver<Stop>) {
        let inviter = Inviter {
            own: Arc::clone(self.engine.own()),
            leaf: Arc::clone(&self.leaf),
            pins: Arc::clone(&self.pins),
            invitations: self.invitations.clone(),
            introductions: self.introductions.clone(),
            clock: self.engine.clock().clone(),
            dice: self.engine.dice().clone(),
            agreement: agreement_hash(&self.settings.agreement),
            site_names: Vec::new(),
        };
        let (outcomes, paired) = mpsc::channel(4);
        let service = PairingService::new(inviter, outcomes);
        tasks
            .spawn(async move { log_end("pairing", serve_pairing(listener, service, until(stopped)).await) });
        tasks.spawn(keepers::keep_pairings(Arc::clone(&self.engine), paired));
    }

    fn serve_desk(
        &self,
        listener: UnixListener,
        listens: SocketAddr,
        tasks: &mut JoinSet<()>,
        stopped: watch::Receiver<Stop>,
    ) -> DeskServer<Desk> {
        let desk = Desk {
            engine: Arc::clone(&self.engine),
            register: Arc::clone(&self.register),
            directory: Arc::clone(&self.directory),
            open: Arc::clone(&self.open),
            inquiries: Arc::clone(&self.inquiries),
            ledger: Arc::clone(&self.ledger),
            users: self.users.clone(),
            accounts: Arc::clone(&self.accounts),
            links: Arc::clone(&self.links),
            invitations: self.invitations.clone(),
            introductions: self.introductions.clone(),
            joiner: Arc::clone(&self.joiner),
            pairing_endpoints: self.settings.advertise_pairing.clone(),
            agreement: self.settings.agreement.clone(),
            delayed: self.delayed.clone(),
            stop_codes: self.stop_codes.clone(),
            started: self.engine.clock().now(),
            listens: listens.to_string(),
        };
        let service = DeskServer::new(desk)
            .max_decoding_message_size(MESSAGE_BYTES_MAX)
            .max_encoding_message_size(MESSAGE_BYTES_MAX);
        let inside = service.clone();
        tasks.spawn(async move {
            let (health, health_service) = tonic_health::server::health_reporter();
            health.set_serving::<DeskServer<Desk>>().await;
            let served = tonic::transport::Server::builder()
                .add_service(health_service)
                .add_service(service)
                .serve_with_incoming_shutdown(UnixListenerStream::new(listener), until(stopped))
                .await;
            log_end("desk", served);
        });
        inside
    }
}

/// What joins invitations of others and asks to be introduced.
fn joiner(engine: &Engine, leaf: &Arc<LeafBox>, pins: &Arc<PinBoard>, settings: &Settings) -> Joiner {
    Joiner {
        own: Arc::clone(engine.own()),
        leaf: Arc::clone(leaf),
        pins: Arc::clone(pins),
        clock: engine.clock().clone(),
        policy: settings.policy,
        agreement: agreement_hash(&settings.agreement),
        site_names: Vec::new(),
    }
}

fn log_end(room: &'static str, served: Result<(), tonic::transport::Error>) {
    if let Err(error) = served {
        tracing::error!(room, %error, "A server ended");
    }
}

async fn until(mut stopped: watch::Receiver<Stop>) {
    while *stopped.borrow_and_update() == Stop::No {
        if stopped.changed().await.is_err() {
            return;
        }
    }
}
