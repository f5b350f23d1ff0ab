//! The door to the node: the same rpcs over its Unix socket, or inside one process.

use crate::cookie::SessionToken;
use axum::http;
use hyper_util::rt::TokioIo;
use relais_proto::desk::v1::desk_client::DeskClient;
use std::path::{Path, PathBuf};
use tokio::net::UnixStream;
use tonic::body::Body;
use tonic::metadata::MetadataValue;
use tonic::transport::{Channel, Endpoint, Uri};
use tower::util::BoxCloneSyncService;
use tower::{BoxError, Service, ServiceExt};

/// Longest answer taken from the node, bytes.
const ANSWER_BYTES_MAX: usize = 8 << 20;
/// The metadata key of a session's token.
const SESSION_KEY: &str = "relais-session-bin";
/// The metadata key of an integration's token.
const INTEGRATION_KEY: &str = "relais-integration-bin";

type Door = BoxCloneSyncService<http::Request<Body>, http::Response<Body>, DoorError>;

/// Why a call did not reach the node.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct DoorError(BoxError);

/// A client of the node's Desk.
pub(crate) type Desk = DeskClient<Door>;

/// Where the node is.
#[derive(Clone, Debug)]
pub struct Node {
    door: Door,
}

impl Node {
    /// A node in this very process: its Desk service is called without a socket.
    pub fn inside<S>(desk: S) -> Self
    where
        S: Service<http::Request<Body>, Response = http::Response<Body>> + Clone + Send + Sync + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send + 'static,
    {
        Self { door: BoxCloneSyncService::new(desk.map_err(|error| DoorError(error.into()))) }
    }

    /// A node behind its Unix socket; connected at the first call, and again whenever it went away.
    pub fn over_socket(path: &Path) -> Self {
        let path: PathBuf = path.to_owned();
        let connect = tower::service_fn(move |_: Uri| {
            let path = path.clone();
            async move { UnixStream::connect(path).await.map(TokioIo::new) }
        });
        // The name is never looked up: the connector knows the way.
        let channel = Endpoint::from_static("http://node.invalid").connect_with_connector_lazy(connect);
        Self::through(channel)
    }

    /// A node at the end of a channel that is set up already.
    pub fn through(channel: Channel) -> Self {
        Self::inside(channel)
    }

    /// A client of its Desk.
    pub(crate) fn desk(&self) -> Desk {
        DeskClient::new(self.door.clone()).max_decoding_message_size(ANSWER_BYTES_MAX)
    }
}

/// A request that bears a session.
pub(crate) fn signed<T>(token: &SessionToken, message: T) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    request.metadata_mut().insert_bin(SESSION_KEY, MetadataValue::from_bytes(token.bytes()));
    request
}

/// A request that bears an integration's token.
pub(crate) fn integrated<T>(token: &[u8], message: T) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    request.metadata_mut().insert_bin(INTEGRATION_KEY, MetadataValue::from_bytes(token));
    request
}
