//! A client that lies as told: any certificate, any ALPN, believes every server.

use super::certificates::Presented;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ClientSessionMemoryCache, ResolvesClientCert, Resumption};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// What every HTTP/2 client says first (RFC 9113 §3.4).
pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Longest any answer is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// What a client got to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reached {
    /// Sent away before a byte of HTTP/2.
    Nothing,
    /// The server spoke HTTP/2 to it.
    Http2,
}

#[derive(Debug)]
struct BelievesAll;

impl ServerCertVerifier for BelievesAll {
    fn verify_server_cert(
        &self,
        _leaf: &CertificateDer<'_>,
        _others: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _leaf: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _leaf: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }
}

/// Presents a certificate whatever the server asks for.
#[derive(Debug)]
struct PresentsAnyway(Presented);

impl ResolvesClientCert for PresentsAnyway {
    fn resolve(&self, _hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.clone()
    }

    fn has_certs(&self) -> bool {
        self.0.is_some()
    }
}

/// A client's configuration that presents `certificate`, offers `alpn` and would resume any session.
pub(crate) fn config(certificate: Presented, alpn: &[&[u8]]) -> ClientConfig {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(BelievesAll))
        .with_client_cert_resolver(Arc::new(PresentsAnyway(certificate)));
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    config.resumption = Resumption::store(Arc::new(ClientSessionMemoryCache::new(8)));
    config
}

pub(crate) fn presents(certificate: CertifiedKey) -> ClientConfig {
    config(Some(Arc::new(certificate)), &[b"h2"])
}

/// A TCP connection from `from`, an address of loopback.
pub(crate) async fn tcp_from(from: &str, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(format!("{from}:0").parse().expect("an address")).expect("bound");
    socket.connect(to).await.expect("connected")
}

/// The client's half of a handshake; in TLS 1.3 it may succeed before the server refuses.
pub(crate) async fn shake_hands(
    to: SocketAddr,
    config: ClientConfig,
) -> std::io::Result<TlsStream<TcpStream>> {
    shake_hands_with(to, Arc::new(config)).await
}

pub(crate) async fn shake_hands_with(
    to: SocketAddr,
    config: Arc<ClientConfig>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let socket = TcpStream::connect(to).await?;
    let name = ServerName::try_from("peer.invalid").expect("a name");
    let connecting = TlsConnector::from(config).connect(name, socket);
    timeout(PATIENCE, connecting).await.expect("a handshake ends")
}

/// Knocks, and says how far it got.
pub(crate) async fn knock(to: SocketAddr, config: ClientConfig) -> Reached {
    match shake_hands(to, config).await {
        Ok(stream) => speak(stream).await,
        Err(_) => Reached::Nothing,
    }
}

/// Begins HTTP/2 and waits for the server's first byte.
pub(crate) async fn speak(mut stream: TlsStream<TcpStream>) -> Reached {
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    // Either may fail once the server has closed: the reading tells.
    let _ = stream.write_all(PREFACE).await;
    let _ = stream.write_all(&settings).await;
    let _ = stream.flush().await;
    let mut first = [0; 1];
    match timeout(PATIENCE, stream.read(&mut first)).await.expect("the server answers or closes") {
        Ok(1..) => Reached::Http2,
        Ok(0) | Err(_) => Reached::Nothing,
    }
}
