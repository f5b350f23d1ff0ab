//! The rpcs that partners call. Who calls follows from the TLS certificate, never from a frame.

use crate::accept::PeerInfo;
use crate::link::{FRAMES_WAITING_MAX, Link, LinkContext};
use relais_domain::structure_id::StructureId;
use relais_domain::thread::Trust;
use relais_proto::peer::v1 as proto;
use relais_proto::peer::v1::peer_server::Peer;
use std::pin::Pin;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Request, Response, Status, Streaming};

/// Serves `Exchange` and `Sync`.
#[derive(Clone, Debug)]
pub struct PeerService {
    context: LinkContext,
    sync: crate::sync::SyncContext,
}

type Frames<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl PeerService {
    /// A service over these contexts.
    pub fn new(context: LinkContext, sync: crate::sync::SyncContext) -> Self {
        Self { context, sync }
    }

    /// The caller, if it is a partner; anyone else gets the same answer as for what does not exist.
    fn caller<T>(&self, request: &Request<T>) -> Result<StructureId, Status> {
        let info = request.extensions().get::<PeerInfo>().ok_or_else(nobody)?;
        let peers = self.context.engine.peers();
        match peers.trust(info.structure).filter(|_| !peers.is_given_up(info.structure)) {
            Some(Trust::Paired | Trust::Suspended) => Ok(info.structure),
            Some(Trust::Removed) | None => Err(nobody()),
        }
    }
}

fn nobody() -> Status {
    Status::unimplemented("")
}

#[tonic::async_trait]
impl Peer for PeerService {
    type ExchangeStream = Frames<proto::Frame>;
    type SyncStream = Frames<proto::SyncFrame>;

    async fn exchange(
        &self,
        request: Request<Streaming<proto::Frame>>,
    ) -> Result<Response<Self::ExchangeStream>, Status> {
        let peer = self.caller(&request)?;
        let (outbound, frames) = mpsc::channel(FRAMES_WAITING_MAX);
        let context = self.context.clone();
        let link = Link { peer, dialled_by: peer, inbound: request.into_inner(), outbound };
        tokio::spawn(async move { context.run(link).await });
        Ok(Response::new(Box::pin(ReceiverStream::new(frames).map(Ok))))
    }

    async fn sync(
        &self,
        request: Request<Streaming<proto::SyncFrame>>,
    ) -> Result<Response<Self::SyncStream>, Status> {
        let peer = self.caller(&request)?;
        let (outbound, frames) = mpsc::channel(FRAMES_WAITING_MAX);
        let context = self.sync.clone();
        let inbound = request.into_inner();
        tokio::spawn(async move { context.run(peer, inbound, outbound).await });
        Ok(Response::new(Box::pin(ReceiverStream::new(frames).map(Ok))))
    }
}
