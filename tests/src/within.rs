//! Nodes in this process, over SQLite in a folder of their own: for tests that need to turn a clock.

use crate::desk::Desk;
use crate::network::free_address;
use anyhow::{Context as _, Result, ensure};
use relais_domain::ledger_leaf::LeafKind;
use relais_server::clock::{Clock, Dice};
use relais_server::dial::AddressPolicy;
use relais_server::home::Home;
use relais_server::init::NewNode;
use relais_server::node::{Node, Settings};
use relais_server::own::Profile;
use relais_server::pairing::AGREEMENT;
use relais_store::Store;
use relais_store::vault::NodeKey;
use relais_store_sqlite::{Options, SqliteStore};
use relais_wire::endpoint::Endpoint;
use relais_wire::manifest::StructureKind;
use std::net::SocketAddr;
use std::sync::Arc;
use tempfile::TempDir;

/// A node in this process.
#[derive(Debug)]
pub struct Within {
    /// Its clock: turn it, and only this node sees.
    pub clock: Clock,
    /// Where partners connect.
    pub listen: SocketAddr,
    settings: Settings,
    home: Home,
    running: Option<(Node, Arc<SqliteStore>)>,
    _folder: TempDir,
}

impl Within {
    /// Makes a node; partners are told to connect to `advertise`, or to where it listens.
    ///
    /// # Errors
    /// It could not be made.
    pub async fn init(name: &str, clock: Clock, advertise: Option<SocketAddr>) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("relais-").tempdir()?;
        let home = Home::at(folder.path().join("node"));
        let (listen, pairing) = (free_address()?, free_address()?);
        let endpoint = |address: SocketAddr| Endpoint::parse(&address.to_string());
        let settings = Settings {
            listen,
            pairing_listen: pairing,
            advertise: vec![endpoint(advertise.unwrap_or(listen))?],
            advertise_pairing: vec![endpoint(pairing)?],
            policy: AddressPolicy::Loopback,
            desk_socket: home.desk_socket(),
            desk_listen: None,
            agreement: AGREEMENT.to_owned(),
        };
        let kind = StructureKind::DigitalHub;
        let profile = Profile {
            name: name.to_owned(),
            kind,
            endpoints: settings.advertise.clone(),
            pairing_endpoints: settings.advertise_pairing.clone(),
        };
        let dice = Dice::system()?;
        let made = NewNode::found(&home, &profile, &clock, &dice)?;
        let options = Options::new(home.data(), NodeKey::from_bytes(&mut made.node_key()));
        let store = Arc::new(SqliteStore::open(options).await?);
        let shared: Arc<dyn Store> = Arc::<SqliteStore>::clone(&store);
        let uid = rustix::process::geteuid().as_raw();
        made.write(shared, "claire", uid, &dice).await?;
        store.close().await?;
        Ok(Self { clock, listen, settings, home, running: None, _folder: folder })
    }

    /// Starts it.
    ///
    /// # Errors
    /// It runs already, or cannot start.
    pub async fn start(&mut self) -> Result<()> {
        ensure!(self.running.is_none(), "it runs already");
        let key = NodeKey::from_bytes(&mut self.home.secrets()?.node_key);
        let store = Arc::new(SqliteStore::open(Options::new(self.home.data(), key)).await?);
        let shared: Arc<dyn Store> = Arc::<SqliteStore>::clone(&store);
        let node =
            Node::start(&self.home, shared, self.settings.clone(), self.clock.clone(), Dice::system()?);
        self.running = Some((node.await?, store));
        Ok(())
    }

    /// Stops it.
    ///
    /// # Errors
    /// It did not run, or its store could not be closed.
    pub async fn stop(&mut self) -> Result<()> {
        let (node, store) = self.running.take().context("the node does not run")?;
        node.stop().await;
        store.close().await?;
        Ok(())
    }

    /// How many leaves of a kind its ledger has.
    ///
    /// # Errors
    /// It does not run, or its store cannot answer.
    pub async fn leaves(&self, kind: LeafKind) -> Result<usize> {
        let (_, store) = self.running.as_ref().context("the node does not run")?;
        let mut found = 0;
        for index in 0..store.ledger_size().await? {
            let leaf = store.ledger_leaf(index).await?;
            found += usize::from(leaf.is_some_and(|leaf| leaf.kind == kind));
        }
        Ok(found)
    }

    /// Where a gateway finds it.
    pub fn desk_socket(&self) -> std::path::PathBuf {
        self.home.desk_socket()
    }

    /// A connection to its desk.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn desk(&self) -> Result<Desk> {
        Desk::connect(&self.home.desk_socket()).await
    }
}
