//! A sender that cheats: a structure with real keys, paired for real, whose program leaves out the checks of its own
//! node and sends what the person did not agree to. Nothing of it runs outside the demo.
//!
//! It uses the node's own parts for pairing and mTLS, so that the only thing wrong with it is what it sends.

mod forge;

pub(crate) use forge::{Case, forge};

use super::end::{there, until, untrue};
use crate::exit::{Exit, Failure};
use relais_domain::id::MessageId;
use relais_domain::structure_id::StructureId;
use relais_proto::peer::v1 as proto;
use relais_proto::peer::v1::peer_client::PeerClient;
use relais_server::clock::{Clock, Dice};
use relais_server::cuts::Cuts;
use relais_server::dial::{AddressPolicy, Dialer};
use relais_server::own::{self, Own, Profile};
use relais_server::pairing::{AGREEMENT, Joiner, Paired, agreement_hash};
use relais_server::tls::{Ca, LEAF_LIFETIME, LeafBox, PinBoard};
use relais_wire::endpoint::Endpoint;
use relais_wire::frame::{Frame, Hello, RejectCode, UNACKNOWLEDGED_MAX};
use relais_wire::manifest::StructureKind;
use relais_wire::manifest::chain::Chain;
use relais_wire::pairing::parse_link;
use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use tonic::transport::Channel;

/// Frames that may wait to be written.
const FRAMES_WAITING_MAX: usize = 4;
/// Longest the other side may take to answer, or to hang up.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(10);
/// Where the structure says that it listens; nobody does.
const NOWHERE: &str = "127.0.0.1:9";

/// The structure that cheats.
#[derive(Debug)]
pub(crate) struct Cheat {
    own: Arc<Own>,
    leaf: Arc<LeafBox>,
    pins: Arc<PinBoard>,
    clock: Clock,
    dice: Dice,
}

impl Cheat {
    /// Founds the structure, as `relais init` would: root, manifest, TLS CA.
    ///
    /// # Errors
    /// [`Failure`] when its keys cannot be made.
    pub(crate) fn found(name: &str, dice: &Dice) -> Result<Self, Failure> {
        let clock = Clock::system();
        let endpoints = vec![Endpoint::parse(NOWHERE).map_err(defect)?];
        let profile = Profile {
            name: name.to_owned(),
            kind: StructureKind::Other,
            endpoints,
            pairing_endpoints: Vec::new(),
        };
        // A CA that could not be made is empty here, and refused below.
        let make_ca = |id| Ca::generate(id).map(Ca::into_parts).unwrap_or_default();
        let founded = own::found(&profile, make_ca, dice, clock.now()).map_err(defect)?;
        let structure = founded.manifest.structure();
        let secrets = founded.secrets;
        let ca = Ca::from_parts(structure, secrets.ca_certificate, secrets.ca_key).map_err(defect)?;
        let leaf = ca.issue_leaf(structure, clock.now(), LEAF_LIFETIME).map_err(defect)?;
        let chain = Chain::found(founded.manifest).map_err(defect)?;
        Ok(Self {
            own: Arc::new(Own::new(chain, secrets.signing, vec![secrets.sealing])),
            leaf: Arc::new(LeafBox::new(&leaf).map_err(defect)?),
            pins: Arc::new(PinBoard::new(structure, ca.certificate()).map_err(defect)?),
            clock,
            dice: dice.clone(),
        })
    }

    /// Its id.
    pub(crate) fn id(&self) -> StructureId {
        self.own.structure()
    }

    /// Joins an invitation, like anyone else.
    ///
    /// # Errors
    /// [`Failure`] when the inviter refuses.
    pub(crate) async fn join(&self, link: &str) -> Result<Paired, Failure> {
        let invitation = parse_link(link).map_err(defect)?;
        let joiner = Joiner {
            own: Arc::clone(&self.own),
            leaf: Arc::clone(&self.leaf),
            pins: Arc::clone(&self.pins),
            clock: self.clock.clone(),
            policy: AddressPolicy::Loopback,
            agreement: agreement_hash(AGREEMENT),
            site_names: Vec::new(),
        };
        let paired = joiner.join(&invitation).await.map_err(|error| untrue(error.to_string()))?;
        let (structure, ca) = (paired.chain.structure(), paired.chain.tls_ca());
        self.pins.pin(structure, ca).map_err(defect)?;
        Ok(paired)
    }

    /// Dials a partner, until it lets this structure in.
    ///
    /// # Errors
    /// [`Failure`] when it does not.
    pub(crate) async fn dial(&self, partner: &Chain) -> Result<Line, Failure> {
        let endpoint = there("the partner's address", partner.current().claims().endpoints.first())?;
        let dialer = Dialer {
            leaf: Arc::clone(&self.leaf),
            pins: Arc::clone(&self.pins),
            cuts: Cuts::new(),
            clock: self.clock.clone(),
            policy: AddressPolicy::Loopback,
        };
        let opened = async || {
            let Ok(channel) = dialer.dial(endpoint, partner.structure()).await else { return Ok(None) };
            Ok(self.open(channel).await)
        };
        until("the partner lets the sender in over mTLS", opened).await
    }

    /// Opens a stream: it stands at the first frame back.
    async fn open(&self, channel: Channel) -> Option<Line> {
        let (outgoing, frames) = mpsc::channel(FRAMES_WAITING_MAX);
        let hello = Frame::Hello(Hello {
            clock: self.clock.now(),
            manifest: self.own.manifest(),
            unacknowledged_max: UNACKNOWLEDGED_MAX,
        });
        outgoing.send(hello.into_proto()).await.ok()?;
        let answer = PeerClient::new(channel).exchange(ReceiverStream::new(frames)).await.ok()?;
        let mut incoming = answer.into_inner();
        incoming.message().await.ok()??;
        Some(Line { outgoing, incoming })
    }
}

/// An open stream to a partner.
#[derive(Debug)]
pub(crate) struct Line {
    outgoing: mpsc::Sender<proto::Frame>,
    incoming: Streaming<proto::Frame>,
}

impl Line {
    /// Sends an envelope and waits for the refusal of that message.
    ///
    /// # Errors
    /// [`Failure`] when it is taken, or not answered.
    pub(crate) async fn refused(
        &mut self,
        message: MessageId,
        envelope: Vec<u8>,
    ) -> Result<RejectCode, Failure> {
        let sent = self.outgoing.send(Frame::Envelope(envelope).into_proto()).await;
        sent.map_err(|_| untrue("the partner hung up"))?;
        let answer = timeout(ANSWER_TIME_MAX, self.answer(message)).await;
        answer.unwrap_or_else(|_| Err(untrue("the partner does not answer")))
    }

    async fn answer(&mut self, message: MessageId) -> Result<RejectCode, Failure> {
        while let Ok(Some(frame)) = self.incoming.message().await {
            match Frame::from_proto(frame).map_err(defect)? {
                Frame::Rejected(rejected) if rejected.message == message => return Ok(rejected.code),
                Frame::Receipt(_) => return Err(untrue("the partner stored it and signed for it")),
                Frame::CannotOpen(_) => return Err(untrue("the partner asks for it to be sealed again")),
                Frame::Rejected(_)
                | Frame::Hello(_)
                | Frame::Envelope(_)
                | Frame::Ping(_)
                | Frame::Pong(_) => {}
            }
        }
        Err(untrue("the partner hung up"))
    }

    /// Waits until the partner hangs up.
    ///
    /// # Errors
    /// [`Failure`] when it does not.
    pub(crate) async fn cut(mut self) -> Result<(), Failure> {
        let ended = async { while let Ok(Some(_)) = self.incoming.message().await {} };
        timeout(ANSWER_TIME_MAX, ended).await.map_err(|_| untrue("the partner's stream stays open"))
    }
}

/// Something of the demo's own making went wrong.
fn defect(error: impl Display) -> Failure {
    Failure::new(Exit::Internal, format!("the sender that cheats: {error}"))
}
