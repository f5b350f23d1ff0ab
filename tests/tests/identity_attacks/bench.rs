//! Structures with real keys, and their doors on loopback.

use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_server::clock::{Clock, Dice};
use relais_server::cuts::Cuts;
use relais_server::dial::{AddressPolicy, Dialer};
use relais_server::own::{Own, Profile, found};
use relais_server::tls::{Ca, LEAF_LIFETIME, LeafBox, PinBoard};
use relais_wire::endpoint::Endpoint;
use relais_wire::keys::SigningSecret;
use relais_wire::manifest::StructureKind;
use relais_wire::manifest::chain::Chain;
use std::sync::Arc;
use tokio::net::TcpListener;

/// A structure with everything its node holds.
pub(crate) struct Actor {
    pub(crate) own: Arc<Own>,
    pub(crate) ca: Ca,
    pub(crate) ca_key: Vec<u8>,
    pub(crate) leaf: Arc<LeafBox>,
    pub(crate) pins: Arc<PinBoard>,
    pub(crate) cuts: Cuts,
    pub(crate) clock: Clock,
    pub(crate) dice: Dice,
}

impl Actor {
    pub(crate) fn new(name: &str) -> Self {
        Self::founded(name).0
    }

    /// A structure, and the root of its first rotation.
    pub(crate) fn founded(name: &str) -> (Self, SigningSecret) {
        let (clock, dice) = (Clock::system(), Dice::system().expect("randomness"));
        let profile = Profile {
            name: name.to_owned(),
            kind: StructureKind::Literacy,
            endpoints: Vec::new(),
            pairing_endpoints: Vec::new(),
        };
        let make_ca = |structure| Ca::generate(structure).expect("a CA").into_parts();
        let founded = found(&profile, make_ca, &dice, clock.now()).expect("a manifest");
        let secrets = founded.secrets;
        let chain = Chain::found(founded.manifest).expect("a chain");
        let structure = chain.structure();
        let ca = Ca::from_parts(structure, secrets.ca_certificate, secrets.ca_key.clone()).expect("its CA");
        let leaf = ca.issue_leaf(structure, clock.now(), LEAF_LIFETIME).expect("a leaf");
        let actor = Self {
            own: Arc::new(Own::new(chain, secrets.signing, vec![secrets.sealing])),
            leaf: Arc::new(LeafBox::new(&leaf).expect("a leaf with its key")),
            pins: Arc::new(PinBoard::new(structure, ca.certificate()).expect("a board")),
            ca_key: secrets.ca_key.to_vec(),
            ca,
            cuts: Cuts::new(),
            clock,
            dice,
        };
        (actor, founded.next_root)
    }

    pub(crate) fn id(&self) -> StructureId {
        self.own.structure()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Pins the other's CA, as after a pairing.
    pub(crate) fn trust(&self, other: &Self) {
        self.pins.pin(other.id(), other.ca.certificate()).expect("a pin");
    }

    pub(crate) fn dialer(&self) -> Dialer {
        Dialer {
            leaf: Arc::clone(&self.leaf),
            pins: Arc::clone(&self.pins),
            cuts: self.cuts.clone(),
            clock: self.clock.clone(),
            policy: AddressPolicy::Loopback,
        }
    }
}

/// A listener on loopback, and how to dial it.
pub(crate) async fn listener() -> (TcpListener, Endpoint) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address").to_string();
    (listener, Endpoint::parse(&address).expect("an endpoint"))
}
