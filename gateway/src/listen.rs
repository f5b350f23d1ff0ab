//! The gateway's own door: bound before anything is served, over TLS with the structure's certificate or in the open on
//! this machine alone.

use crate::app;
use crate::config::{Certificate, Config, ConfigError, Reached};
use crate::node::Node;
use crate::serve::{self, Limits};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

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
        let tls = self.tls.map(TlsAcceptor::from);
        serve::serve(self.listener, tls, router, Limits::default(), stop).await;
        Ok(())
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
