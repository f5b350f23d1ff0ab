//! A node on another machine: TLS under the node's own Desk CA, both ends certified, connected when needed.
//!
//! Threat: someone between the two machines. What is believed is one CA, from a file that the node's administrator brought
//! here, and one name under it; no pool, no DNS name, no resumption.

mod credentials;
mod verify;

pub use credentials::{Credentials, CredentialsError};

use crate::node::Node;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{AlertDescription, ClientConfig, Error as TlsError};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::AsyncBufReadExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::transport::{Endpoint, Uri};

/// Longest a connection may take, from the name to the node's first word.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);
/// How often a silent connection is asked whether it lives.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(20);
/// How long it has to answer.
const KEEPALIVE_TIME_MAX: Duration = Duration::from_secs(10);
/// Longest header list taken from the node, in bytes.
const HEADER_BYTES_MAX: u32 = 16 * 1024;
/// The name every connection gives: none is sent or compared.
const PLACEHOLDER_NAME: &str = "desk.invalid";

/// How a node says that it does not take a certificate.
const UNWELCOME: [AlertDescription; 6] = [
    AlertDescription::CertificateRevoked,
    AlertDescription::CertificateUnknown,
    AlertDescription::CertificateRequired,
    AlertDescription::BadCertificate,
    AlertDescription::UnknownCA,
    AlertDescription::AccessDenied,
];

/// Why the node is not reached.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// Nobody answers there.
    #[error("the node at {address} does not answer ({why}): check `desk_listen` there, and the firewall")]
    Away {
        /// Where.
        address: String,
        /// The system's words.
        why: io::Error,
    },
    /// Took longer than five seconds.
    #[error("the node at {0} does not answer in time: check the address and the firewall")]
    Late(String),
    /// Whoever answers does not speak TLS as a node does.
    #[error("whoever answers at {0} is no node's `desk_listen`: check the port")]
    NoNode(String),
    /// Whoever answers is not of the Desk CA in the credentials.
    #[error(
        "whoever answers at {0} is not the node these credentials were made by: check the address, or make new ones \
         there with `relais gateway credentials`"
    )]
    Another(String),
    /// The node's certificate does not hold now, which it renews by itself.
    #[error("the certificate of the node at {0} does not hold now: compare the clocks of both machines")]
    Clocks(String),
    /// The node says that the credentials have run out.
    #[error(
        "the node at {0} says that these credentials have run out: make new ones with `relais gateway credentials`"
    )]
    Expired(String),
    /// The node does not know them, or took them back.
    #[error(
        "the node at {0} refuses these credentials: they were taken back, or its keys were replaced; make new ones with \
         `relais gateway credentials`"
    )]
    Refused(String),
}

/// The way to a node on another machine.
#[derive(Clone, Debug)]
pub struct Remote {
    address: Arc<str>,
    tls: Arc<ClientConfig>,
    said: Arc<Mutex<String>>,
}

impl Remote {
    /// The way to the node at `address`, host and port, with these credentials. Nothing is connected yet.
    pub fn new(address: &str, credentials: &Credentials) -> Self {
        Self { address: address.into(), tls: credentials.tls(), said: Arc::default() }
    }

    /// The node at its end; connected at the first call, and again whenever it went away.
    pub fn node(&self) -> Node {
        let way = self.clone();
        let connect = tower::service_fn(move |_: Uri| {
            let way = way.clone();
            async move { way.connect().await.map(TokioIo::new) }
        });
        let endpoint = Endpoint::from_static("http://node.invalid")
            .http2_keep_alive_interval(KEEPALIVE_INTERVAL)
            .keep_alive_timeout(KEEPALIVE_TIME_MAX)
            .keep_alive_while_idle(true)
            .http2_max_header_list_size(HEADER_BYTES_MAX);
        Node::through(endpoint.connect_with_connector_lazy(connect))
    }

    /// Connects, and logs once what is in the way: pages only say that the node does not answer.
    ///
    /// # Errors
    /// [`RemoteError`].
    pub async fn connect(&self) -> Result<TlsStream<TcpStream>, RemoteError> {
        let address = self.address.to_string();
        let reached = timeout(CONNECT_TIME_MAX, self.reach()).await;
        let reached = reached.unwrap_or(Err(RemoteError::Late(address)));
        let sentence = reached.as_ref().err().map(ToString::to_string).unwrap_or_default();
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if reached.is_ok() {
            tracing::info!(address = %self.address, "Connected to the node");
        } else if *said != sentence {
            tracing::warn!("{sentence}");
        }
        *said = sentence;
        drop(said);
        reached
    }

    async fn reach(&self) -> Result<TlsStream<TcpStream>, RemoteError> {
        let address = || self.address.to_string();
        let away = |why| RemoteError::Away { address: address(), why };
        let socket = TcpStream::connect(&*self.address).await.map_err(away)?;
        socket.set_nodelay(true).map_err(away)?;
        let name = ServerName::try_from(PLACEHOLDER_NAME).expect("the placeholder is a DNS name");
        let ended = |error| told(address(), error);
        let mut stream =
            TlsConnector::from(Arc::clone(&self.tls)).connect(name, socket).await.map_err(ended)?;
        // In TLS 1.3 the node judges our certificate after our half of the handshake; it speaks first once it is content.
        if stream.fill_buf().await.map_err(ended)?.is_empty() {
            return Err(RemoteError::Refused(address()));
        }
        Ok(stream)
    }
}

/// What a handshake ended by.
fn told(address: String, error: io::Error) -> RemoteError {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>());
    let Some(tls) = tls else {
        // Closed in the middle of a handshake: too many connections, or something that speaks no TLS.
        return RemoteError::Away { address, why: error };
    };
    if let TlsError::InvalidCertificate(why) = tls {
        return if verify::is_about_time(why) {
            RemoteError::Clocks(address)
        } else {
            RemoteError::Another(address)
        };
    }
    let TlsError::AlertReceived(alert) = tls else { return RemoteError::NoNode(address) };
    if *alert == AlertDescription::CertificateExpired {
        RemoteError::Expired(address)
    } else if UNWELCOME.contains(alert) {
        RemoteError::Refused(address)
    } else {
        RemoteError::NoNode(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::CertificateError;

    fn sentence(error: TlsError) -> String {
        told("10.0.0.1:7446".to_owned(), io::Error::new(io::ErrorKind::InvalidData, error)).to_string()
    }

    #[test]
    fn each_end_of_a_handshake_has_its_mend() {
        for alert in UNWELCOME {
            assert!(
                sentence(TlsError::AlertReceived(alert)).contains("refuses these credentials"),
                "{alert:?}"
            );
        }
        let expired = sentence(TlsError::AlertReceived(AlertDescription::CertificateExpired));
        assert!(expired.contains("have run out"), "{expired}");
        for time in [CertificateError::Expired, CertificateError::NotValidYet] {
            assert!(sentence(TlsError::InvalidCertificate(time)).contains("compare the clocks"));
        }
        for other in [CertificateError::UnknownIssuer, CertificateError::NotValidForName] {
            assert!(sentence(TlsError::InvalidCertificate(other)).contains("is not the node"));
        }
        let alpn = sentence(TlsError::AlertReceived(AlertDescription::NoApplicationProtocol));
        assert!(alpn.contains("check the port"), "{alpn}");
        let cut = told("10.0.0.1:7446".to_owned(), io::ErrorKind::UnexpectedEof.into()).to_string();
        assert!(cut.contains("does not answer"), "{cut}");
    }
}
