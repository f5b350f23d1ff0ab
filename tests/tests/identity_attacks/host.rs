//! A node's door with an echo behind it, that notes who came in.

use super::bench::{Actor, listener};
use relais_domain::structure_id::StructureId;
use relais_proto::peer::v1::peer_client::PeerClient;
use relais_proto::peer::v1::peer_server::{Peer, PeerServer};
use relais_proto::peer::v1::{Frame, Ping, SyncFrame, frame::Body};
use relais_server::accept::{Door, Limits, MESSAGE_BYTES_MAX, PeerInfo, peer_server_builder, peer_streams};
use relais_wire::endpoint::Endpoint;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Channel;
use tonic::{Request, Response, Status, Streaming};

pub(crate) struct Host {
    pub(crate) endpoint: Endpoint,
    pub(crate) address: SocketAddr,
    met: Arc<Mutex<Vec<StructureId>>>,
    server: tokio::task::JoinHandle<()>,
}

impl Host {
    pub(crate) async fn of(actor: &Actor) -> Self {
        Self::with(actor, Limits::default()).await
    }

    pub(crate) async fn with(actor: &Actor, limits: Limits) -> Self {
        let (listener, endpoint) = listener().await;
        let address = listener.local_addr().expect("an address");
        let door = Door {
            leaf: Arc::clone(&actor.leaf),
            pins: Arc::clone(&actor.pins),
            cuts: actor.cuts.clone(),
            clock: actor.clock.clone(),
            dice: actor.dice.clone(),
            limits,
        };
        let met = Arc::<Mutex<Vec<StructureId>>>::default();
        let service = PeerServer::new(Echo { met: Arc::clone(&met) })
            .max_decoding_message_size(MESSAGE_BYTES_MAX)
            .max_encoding_message_size(MESSAGE_BYTES_MAX);
        let incoming = peer_streams(listener, door);
        let server = tokio::spawn(async move {
            let served = peer_server_builder().add_service(service).serve_with_incoming(incoming);
            served.await.expect("served");
        });
        Self { endpoint, address, met, server }
    }

    /// Who reached the service, in order.
    pub(crate) fn met(&self) -> Vec<StructureId> {
        self.met.lock().expect("no panic").clone()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.server.abort();
    }
}

struct Echo {
    met: Arc<Mutex<Vec<StructureId>>>,
}

#[tonic::async_trait]
impl Peer for Echo {
    type ExchangeStream = ReceiverStream<Result<Frame, Status>>;
    type SyncStream = ReceiverStream<Result<SyncFrame, Status>>;

    async fn exchange(
        &self,
        request: Request<Streaming<Frame>>,
    ) -> Result<Response<Self::ExchangeStream>, Status> {
        let peer = request.extensions().get::<PeerInfo>().expect("a verified partner");
        self.met.lock().expect("no panic").push(peer.structure);
        let mut frames = request.into_inner();
        let (sender, receiver) = mpsc::channel(4);
        tokio::spawn(async move {
            while let Ok(Some(frame)) = frames.message().await {
                if sender.send(Ok(frame)).await.is_err() {
                    return;
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(receiver)))
    }

    async fn sync(
        &self,
        _request: Request<Streaming<SyncFrame>>,
    ) -> Result<Response<Self::SyncStream>, Status> {
        Err(Status::unimplemented("not here"))
    }
}

/// An open exchange with a host.
pub(crate) struct Exchange {
    pub(crate) outgoing: mpsc::Sender<Frame>,
    pub(crate) incoming: Streaming<Frame>,
}

pub(crate) fn ping(nonce: u64) -> Frame {
    Frame { body: Some(Body::Ping(Ping { nonce })) }
}

impl Exchange {
    pub(crate) async fn open(channel: Channel) -> Result<Self, Status> {
        let (outgoing, frames) = mpsc::channel(4);
        let answer = PeerClient::new(channel).exchange(ReceiverStream::new(frames)).await?;
        Ok(Self { outgoing, incoming: answer.into_inner() })
    }

    /// Says a frame and hears it come back.
    pub(crate) async fn echo(&mut self, nonce: u64) -> Result<(), Status> {
        self.outgoing.send(ping(nonce)).await.map_err(|_| Status::unavailable("closed"))?;
        let heard = self.incoming.message().await?.ok_or_else(|| Status::unavailable("ended"))?;
        assert_eq!(heard, ping(nonce));
        Ok(())
    }
}
