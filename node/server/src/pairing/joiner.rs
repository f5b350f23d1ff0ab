//! The joiner's side: dials the address in the link, and believes only the structure the link names.

use super::introduction::{IntroductionError, believe};
use super::listener::exporter;
use super::talk::{Hearing, TalkError};
use super::{PAIRING_FRAME_BYTES_MAX, PAIRING_TIME_MAX, PairRefusal, Paired};
use crate::clock::Clock;
use crate::dial::{AddressPolicy, DialError, channel_over, connect};
use crate::own::Own;
use crate::tls::{LeafBox, PinBoard, Purpose, pairing_client_config};
use relais_domain::digest::Digest;
use relais_domain::structure_id::StructureId;
use relais_proto::peer::v1::pairing_client::PairingClient;
use relais_proto::peer::v1::{self as proto, pair_frame::Body};
use relais_wire::endpoint::Endpoint;
use relais_wire::manifest::chain::CHAIN_MANIFESTS_MAX;
use relais_wire::pairing::{
    FrameError, Introduction, IntroductionReader, Invitation, Party, Proof, ProofError, Role, Transcript,
    open_frames,
};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;
use tokio_stream::wrappers::ReceiverStream;

/// Why joining failed.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// The link says that it has expired.
    #[error("the invitation has expired: ask for a new one")]
    Expired,
    /// No address in the link could be dialled.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// Whoever answers does not have the manifests of the structure in the link.
    #[error("whoever answers at this address is not the structure that made the invitation")]
    NotTheInviter,
    /// The inviter's introduction is not believed.
    #[error(transparent)]
    Introduction(#[from] IntroductionError),
    /// A frame of the inviter is not well formed.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The inviter ended it.
    #[error("{0}")]
    Refused(PairRefusal),
    /// The inviter did not prove itself.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The two sides propose different agreements.
    #[error("the two structures propose different partnership agreements: use one text on both sides")]
    Agreement,
    /// The connection ended.
    #[error("the connection ended: {0}")]
    Ended(String),
    /// No partner of this structure vouches for whom it asked for.
    #[error("no partner of this structure recommends that one now")]
    NotVouched,
    /// It took too long.
    #[error("the other side took too long")]
    TimedOut,
}

impl From<TalkError> for JoinError {
    fn from(error: TalkError) -> Self {
        match error {
            TalkError::Refused(refusal) => Self::Refused(refusal),
            TalkError::Gone(why) => Self::Ended(why),
            TalkError::Frame(error) => Self::Frame(error),
        }
    }
}

/// What the joiner's side works with.
#[derive(Clone, Debug)]
pub struct Joiner {
    /// What this structure is.
    pub own: Arc<Own>,
    /// The leaf this node presents.
    pub leaf: Arc<LeafBox>,
    /// The partners' CAs: none of them may be claimed again.
    pub pins: Arc<PinBoard>,
    /// The node's clock.
    pub clock: Clock,
    /// Which addresses may be dialled.
    pub policy: AddressPolicy,
    /// SHA-256 of the agreement this structure proposes.
    pub agreement: Digest,
    /// Its sites by name.
    pub site_names: Vec<String>,
}

impl Joiner {
    /// Joins: the inviter has then proven itself and claimed the invitation for us.
    ///
    /// # Errors
    /// [`JoinError`].
    pub async fn join(&self, invitation: &Invitation) -> Result<Paired, JoinError> {
        if invitation.expires <= self.clock.now() {
            return Err(JoinError::Expired);
        }
        let stream = self.dial(invitation.inviter, &invitation.endpoints).await?;
        let talk = async {
            let (connected, hearing) = self.open(stream).await?;
            Attempt { joiner: self, invitation, connected }.run(hearing).await
        };
        timeout(PAIRING_TIME_MAX, talk).await.unwrap_or(Err(JoinError::TimedOut))
    }

    /// Dials the addresses of a structure's pairing listener in turn. A certificate with another id ends the handshake.
    pub(super) async fn dial(
        &self,
        structure: StructureId,
        endpoints: &[Endpoint],
    ) -> Result<TlsStream<TcpStream>, DialError> {
        let mut failed = DialError::NotFound("the address in the link".to_owned());
        for endpoint in endpoints.iter().take(Invitation::ENDPOINTS_MAX) {
            match self.connect(endpoint, structure).await {
                Ok(stream) => return Ok(stream),
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    async fn connect(
        &self,
        endpoint: &Endpoint,
        structure: StructureId,
    ) -> Result<TlsStream<TcpStream>, DialError> {
        let tls = pairing_client_config(structure, Arc::clone(&self.leaf), &self.clock);
        connect(endpoint, self.policy, tls).await
    }

    /// Opens the conversation on a connection.
    pub(super) async fn open(&self, stream: TlsStream<TcpStream>) -> Result<(Connected, Hearing), JoinError> {
        let ended = || JoinError::Ended("no TLS connection".to_owned());
        let leaf = stream.get_ref().1.peer_certificates().and_then(<[_]>::first).ok_or_else(ended)?;
        let leaf = leaf.to_vec();
        let exporter = exporter(stream.get_ref().1).ok_or_else(ended)?;
        let mut client = PairingClient::new(channel_over(stream).await?)
            .max_decoding_message_size(PAIRING_FRAME_BYTES_MAX)
            .max_encoding_message_size(PAIRING_FRAME_BYTES_MAX);
        // As long as the longest chain: saying all of it never waits for the other side to listen.
        let (outgoing, frames) = mpsc::channel(CHAIN_MANIFESTS_MAX);
        let answer = client.pair(ReceiverStream::new(frames)).await;
        let answer = answer.map_err(|status| JoinError::Ended(status.message().to_owned()))?;
        Ok((Connected { leaf, exporter, outgoing }, Hearing::new(answer.into_inner())))
    }
}

/// A connection to a pairing listener.
pub(super) struct Connected {
    /// The leaf certificate the other side holds the key of, DER.
    pub(super) leaf: Vec<u8>,
    /// The TLS exporter of this connection.
    pub(super) exporter: [u8; relais_wire::pairing::EXPORTER_BYTES],
    outgoing: mpsc::Sender<proto::PairFrame>,
}

impl Connected {
    /// Says a frame. When nobody listens any more, why is heard next.
    pub(super) async fn say(&self, frame: proto::PairFrame) {
        let _ = self.outgoing.send(frame).await;
    }
}

/// One connection to an inviter.
struct Attempt<'a> {
    joiner: &'a Joiner,
    invitation: &'a Invitation,
    connected: Connected,
}

impl Attempt<'_> {
    async fn run(self, mut hearing: Hearing) -> Result<Paired, JoinError> {
        let offer = self.read_offer(&mut hearing).await?;
        let theirs = self.believe(&offer)?;
        // The inviter is who the link names: only now is anything said of ourselves.
        let ours = self.introduce().await;
        let transcript = Transcript::new(self.connected.exporter, theirs, ours)?;
        let key = self.invitation.secret.proof_key();
        let agreement = self.joiner.agreement;
        let proof = transcript.prove(Role::Joiner, agreement, self.joiner.own.signing(), &key);
        self.connected.say(proto::PairFrame { body: Some(Body::Proof(proof.to_proto())) }).await;
        let proof = Proof::from_proto(&hearing.proof().await?)?;
        let keys = &offer.chain.current().claims().signing_keys;
        let verified = transcript.verify(Role::Inviter, &proof, keys, &key);
        if let Err(error) = verified {
            self.connected.say(PairRefusal::Proof.to_frame()).await;
            return Err(error.into());
        }
        if proof.agreement() != agreement {
            self.connected.say(PairRefusal::Agreement.to_frame()).await;
            return Err(JoinError::Agreement);
        }
        let Introduction { chain, site_names } = offer;
        let (number, role) = (self.invitation.number, Role::Joiner);
        let phrase = transcript.phrase().to_string();
        Ok(Paired { number, role, ours, theirs, chain, site_names, phrase, agreement })
    }

    async fn read_offer(&self, hearing: &mut Hearing) -> Result<Introduction, JoinError> {
        let Body::Offer(offer) = hearing.next().await? else { return Err(FrameError::Shape.into()) };
        Ok(hearing.finish(IntroductionReader::from_offer(offer)?).await?)
    }

    fn believe(&self, offer: &Introduction) -> Result<Party, JoinError> {
        if offer.chain.structure() != self.invitation.inviter {
            return Err(JoinError::NotTheInviter);
        }
        let (pins, now) = (&self.joiner.pins, self.joiner.clock.now());
        Ok(believe(&offer.chain, &self.connected.leaf, Purpose::Server, pins, now)?)
    }

    async fn introduce(&self) -> Party {
        let chain = self.joiner.own.chain().as_ref().clone();
        let ours = Party { structure: chain.structure(), manifest: chain.current().identity() };
        let introduction = Introduction { chain, site_names: self.joiner.site_names.clone() };
        for frame in open_frames(self.invitation.number, &introduction) {
            self.connected.say(frame).await;
        }
        ours
    }
}
