//! The gateway's own door: bound before anything is served, over TLS with the structure's certificate or in the open on
//! this machine alone.

use crate::app;
use crate::config::{Certificate, Config, ConfigError, Reached};
use crate::node::Node;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How long a TLS handshake may take.
const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(5);
/// How many handshakes may go on at once.
const HANDSHAKES_MAX: usize = 64;
/// How many connections may wait to be served.
const CONNECTIONS_WAITING_MAX: usize = 16;
/// How long the door rests when the system gives no connection.
const ACCEPT_REST: Duration = Duration::from_millis(100);

/// Why a gateway does not start.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The configuration has mistakes; every one of them.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Config(Vec<ConfigError>),
    /// The address cannot be listened at.
    #[error("gateway: {address} cannot be listened at: {why}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's words.
        why: io::Error,
    },
    /// The certificate or its key cannot be used.
    #[error("{field}: {why}")]
    Certificate {
        /// The setting.
        field: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The system stopped the door.
    #[error("the gateway stopped: {0}")]
    Stopped(io::Error),
}

/// A gateway whose address is bound: nothing else can take it any more.
#[derive(Debug)]
pub struct Bound {
    config: Config,
    listener: TcpListener,
    tls: Option<Arc<rustls::ServerConfig>>,
}

impl Bound {
    /// Binds the address, after the whole configuration was found right.
    ///
    /// # Errors
    /// [`GatewayError`]: every mistake at once.
    pub async fn bind(config: Config) -> Result<Self, GatewayError> {
        let mistakes = config.mistakes();
        if !mistakes.is_empty() {
            return Err(GatewayError::Config(mistakes));
        }
        let tls = match &config.reached {
            Reached::Https(certificate) => Some(Arc::new(tls(certificate)?)),
            Reached::Loopback | Reached::Proxy(_) => None,
        };
        let address = config.listen;
        let failed = |why| GatewayError::Listen { address, why };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        // With port 0 the system chose; the session's cookie bears the port.
        let listen = listener.local_addr().map_err(failed)?;
        Ok(Self { config: Config { listen, ..config }, listener, tls })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.config.listen
    }

    /// The address a browser on this machine opens.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.config.listen)
    }

    /// Serves until `stop` is done.
    ///
    /// # Errors
    /// [`GatewayError::Stopped`] when the system ends it.
    pub async fn serve(
        self,
        node: Node,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), GatewayError> {
        let router = app::router(self.config.clone(), node);
        let service = router.into_make_service_with_connect_info::<Caller>();
        match self.tls {
            None => axum::serve(self.listener, service).with_graceful_shutdown(stop).await,
            Some(tls) => {
                let listener = TlsListener::start(self.listener, tls, self.config.listen);
                axum::serve(listener, service).with_graceful_shutdown(stop).await
            }
        }
        .map_err(GatewayError::Stopped)
    }
}

fn tls(certificate: &Certificate) -> Result<rustls::ServerConfig, GatewayError> {
    let wrong = |field, why: String| GatewayError::Certificate { field, why };
    let chain = CertificateDer::pem_file_iter(&certificate.chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| wrong("gateway_certificate", error.to_string()))?;
    let key = PrivateKeyDer::from_pem_file(&certificate.key)
        .map_err(|error| wrong("gateway_key", error.to_string()))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|error| wrong("gateway_certificate", error.to_string()))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| wrong("gateway_certificate", error.to_string()))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Where a connection comes from, whatever door it took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller(pub(crate) SocketAddr);

impl Connected<IncomingStream<'_, TcpListener>> for Caller {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

impl Connected<IncomingStream<'_, TlsListener>> for Caller {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// Connections whose handshake is done. A silent one holds up nobody.
struct TlsListener {
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    address: SocketAddr,
}

impl TlsListener {
    fn start(listener: TcpListener, tls: Arc<rustls::ServerConfig>, address: SocketAddr) -> Self {
        let (sender, ready) = mpsc::channel(CONNECTIONS_WAITING_MAX);
        tokio::spawn(accept(listener, TlsAcceptor::from(tls), sender));
        Self { ready, address }
    }
}

async fn accept(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    ready: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    let seats = Arc::new(Semaphore::new(HANDSHAKES_MAX));
    while !ready.is_closed() {
        let Ok(seat) = Arc::clone(&seats).acquire_owned().await else { return };
        let Ok((stream, peer)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_REST).await;
            continue;
        };
        let (acceptor, ready) = (acceptor.clone(), ready.clone());
        tokio::spawn(async move {
            let _seat = seat;
            if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE_TIME_MAX, acceptor.accept(stream)).await {
                // The gateway stopped meanwhile.
                ready.send((stream, peer)).await.unwrap_or(());
            }
        });
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}
