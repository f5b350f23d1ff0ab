//! Dialling a partner: resolves, refuses addresses nobody should dial, and verifies who answers.
//!
//! Threat: a manifest names an endpoint inside our own network, or a name that resolves there the second time. So names
//! are resolved once, each address is judged, and the connection goes to that very address. A dial that succeeded says
//! only who answered: in TLS 1.3 the other side may still refuse us, and the link is up at the first frame back.

mod address;

pub use address::AddressPolicy;

use crate::accept::{
    CONNECTION_WINDOW_BYTES, HTTP2_FRAME_BYTES_MAX, HeldStream, KEEPALIVE_INTERVAL, KEEPALIVE_TIME_MAX,
    LOCAL_RESETS_MAX, REQUEST_TIME_MAX, STREAM_WINDOW_BYTES, set_options,
};
use crate::clock::Clock;
use crate::cuts::Cuts;
use crate::tls::{
    LeafBox, PinBoard, Purpose, Shown, client_config_showing, placeholder_name, speaks_http_2, unix_time,
};
use hyper_util::rt::TokioIo;
use relais_domain::structure_id::StructureId;
use relais_wire::endpoint::Endpoint;
use rustls::ClientConfig;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::transport::{Channel, Uri};

/// Longest a dial may take, from the name to the handshake.
pub const DIAL_TIME_MAX: Duration = Duration::from_secs(5);
/// Most addresses of one name that are tried.
pub const ADDRESSES_TRIED_MAX: usize = 4;
/// How long a dialled connection may live: a little longer than the other side lets it.
pub const DIALLED_AGE_MAX: Duration = Duration::from_secs(2 * 60 * 60);
/// The URI every channel is made with; nothing resolves it.
const PLACEHOLDER_URI: &str = "https://peer.invalid";

/// Why a dial failed.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The name resolves to nothing.
    #[error("{0} is not found: check the address and the DNS")]
    NotFound(String),
    /// Every address of the name is one that may not be dialled.
    #[error("{0} is an address inside a network: allow private addresses if that is meant")]
    Blocked(String),
    /// Nobody answers.
    #[error("{endpoint} does not answer: {error}")]
    Unreachable {
        /// Which endpoint.
        endpoint: String,
        /// What the system said.
        error: io::Error,
    },
    /// Took longer than [`DIAL_TIME_MAX`].
    #[error("{0} does not answer in time")]
    TimedOut(String),
    /// Whoever answers is not the structure dialled, or speaks another protocol.
    #[error("{endpoint} is not the structure dialled, or not a node: {error}")]
    Refused {
        /// Which endpoint.
        endpoint: String,
        /// What the handshake said.
        error: io::Error,
    },
    /// The structure is no partner, or was suspended during the dial.
    #[error("the structure dialled is no partner")]
    Unpinned,
    /// The HTTP/2 connection could not begin.
    #[error("the connection could not begin: {0}")]
    Http(#[from] tonic::transport::Error),
}

/// Dials partners.
#[derive(Clone, Debug)]
pub struct Dialer {
    /// The leaf this node presents.
    pub leaf: Arc<LeafBox>,
    /// By which CA each partner is known.
    pub pins: Arc<PinBoard>,
    /// Where open connections are registered.
    pub cuts: Cuts,
    /// The node's clock.
    pub clock: Clock,
    /// Which addresses may be dialled.
    pub policy: AddressPolicy,
}

impl Dialer {
    /// Dials the partner `structure` at `endpoint`. The channel is one connection: when it ends, dial again.
    ///
    /// # Errors
    /// [`DialError`].
    pub async fn dial(&self, endpoint: &Endpoint, structure: StructureId) -> Result<Channel, DialError> {
        self.dial_showing(Shown::Current, endpoint, structure).await
    }

    /// The same, showing this one of this node's leaves.
    ///
    /// # Errors
    /// [`DialError`].
    pub async fn dial_showing(
        &self,
        shown: Shown,
        endpoint: &Endpoint,
        structure: StructureId,
    ) -> Result<Channel, DialError> {
        if self.pins.ca_of(structure).is_none() {
            return Err(DialError::Unpinned);
        }
        let (leaf, pins) = (Arc::clone(&self.leaf), Arc::clone(&self.pins));
        let tls = client_config_showing(shown, structure, leaf, pins, &self.clock);
        let stream = connect(endpoint, self.policy, tls).await?;
        let ticket = self.cuts.register(structure);
        // Registered first, then asked again: a change of trust or of CA in between is seen by one or by the other.
        let theirs = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
        let theirs = theirs.ok_or(DialError::Unpinned)?;
        let now = unix_time(self.clock.now());
        self.pins.vouch(structure, theirs, Purpose::Server, now).map_err(|_| DialError::Unpinned)?;
        channel_over(HeldStream::new(stream, (), DIALLED_AGE_MAX).with_ticket(ticket)).await
    }
}

/// Connects to `endpoint` and makes the handshake, all within [`DIAL_TIME_MAX`].
pub(crate) async fn connect(
    endpoint: &Endpoint,
    policy: AddressPolicy,
    tls: Arc<ClientConfig>,
) -> Result<TlsStream<TcpStream>, DialError> {
    let name = endpoint.to_string();
    let attempt = async {
        let socket = reach(endpoint, policy).await?;
        shake_hands(&name, socket, tls).await
    };
    timeout(DIAL_TIME_MAX, attempt).await.unwrap_or_else(|_| Err(DialError::TimedOut(name.clone())))
}

/// A channel over this one connection, with every limit set.
pub(crate) async fn channel_over(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
) -> Result<Channel, DialError> {
    let mut once = Some(stream);
    let connector = tower::service_fn(move |_: Uri| {
        let stream = once.take().map(TokioIo::new);
        std::future::ready(stream.ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected)))
    });
    let endpoint = tonic::transport::Endpoint::from_static(PLACEHOLDER_URI)
        .connect_timeout(DIAL_TIME_MAX)
        .timeout(REQUEST_TIME_MAX)
        .max_frame_size(HTTP2_FRAME_BYTES_MAX)
        .http2_max_header_list_size(HTTP2_FRAME_BYTES_MAX)
        .http2_max_local_error_reset_streams(Some(LOCAL_RESETS_MAX))
        .http2_keep_alive_interval(KEEPALIVE_INTERVAL)
        .keep_alive_timeout(KEEPALIVE_TIME_MAX)
        .keep_alive_while_idle(true)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES);
    Ok(endpoint.connect_with_connector(connector).await?)
}

/// Resolves once, and connects to the first address that may be dialled and answers.
async fn reach(endpoint: &Endpoint, policy: AddressPolicy) -> Result<TcpStream, DialError> {
    let name = || endpoint.to_string();
    let resolved = lookup_host((endpoint.host(), endpoint.port())).await;
    let resolved: Vec<SocketAddr> = resolved.map_err(|_| DialError::NotFound(name()))?.collect();
    if resolved.is_empty() {
        return Err(DialError::NotFound(name()));
    }
    let mut failed = None;
    for address in
        resolved.into_iter().filter(|address| policy.permits(address.ip())).take(ADDRESSES_TRIED_MAX)
    {
        match TcpStream::connect(address).await {
            Ok(socket) => return Ok(socket),
            Err(error) => failed = Some(error),
        }
    }
    Err(failed.map_or_else(
        || DialError::Blocked(name()),
        |error| DialError::Unreachable { endpoint: name(), error },
    ))
}

async fn shake_hands(
    name: &str,
    socket: TcpStream,
    tls: Arc<ClientConfig>,
) -> Result<TlsStream<TcpStream>, DialError> {
    let refused = |error| DialError::Refused { endpoint: name.to_owned(), error };
    set_options(&socket).map_err(refused)?;
    let stream = TlsConnector::from(tls).connect(placeholder_name(), socket).await.map_err(refused)?;
    if speaks_http_2(stream.get_ref().1) {
        Ok(stream)
    } else {
        Err(refused(io::Error::new(io::ErrorKind::InvalidData, "no HTTP/2")))
    }
}
