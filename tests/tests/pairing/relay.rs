//! A man in the middle: ends TLS on both sides and passes every byte on, and keeps what the joiner said.

use super::bench::listener;
use relais_server::tls::Leaf;
use relais_wire::endpoint::Endpoint;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    ClientConfig, DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme, version,
};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// Believes every certificate, and asks clients for one.
#[derive(Debug)]
struct BelievesAll;

macro_rules! believes_signatures {
    () => {
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
    };
}

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

    believes_signatures!();
}

impl ClientCertVerifier for BelievesAll {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _leaf: &CertificateDer<'_>,
        _others: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    believes_signatures!();
}

fn parts(leaf: &Leaf) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(leaf.key.to_vec()));
    (vec![CertificateDer::from(leaf.certificate.clone())], key)
}

/// A server that presents `leaf` and lets anyone in.
pub(crate) fn accepts_all(leaf: &Leaf) -> TlsAcceptor {
    let (chain, key) = parts(leaf);
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&version::TLS13])
        .expect("TLS 1.3")
        .with_client_cert_verifier(Arc::new(BelievesAll))
        .with_single_cert(chain, key)
        .expect("a leaf with its key");
    config.alpn_protocols = vec![b"h2".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

fn connects_to_all(leaf: &Leaf) -> TlsConnector {
    let (chain, key) = parts(leaf);
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&version::TLS13])
        .expect("TLS 1.3")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(BelievesAll))
        .with_client_auth_cert(chain, key)
        .expect("a leaf with its key");
    config.alpn_protocols = vec![b"h2".to_vec()];
    TlsConnector::from(Arc::new(config))
}

pub(crate) struct Relay {
    pub(crate) endpoint: Endpoint,
    said: Arc<Mutex<Vec<u8>>>,
}

impl Relay {
    /// Stands before `inviter`: presents `to_joiner` to whoever comes and `to_inviter` to the inviter.
    pub(crate) async fn between(inviter: &Endpoint, to_joiner: &Leaf, to_inviter: &Leaf) -> Self {
        let (listener, endpoint) = listener().await;
        let said = Arc::<Mutex<Vec<u8>>>::default();
        let (acceptor, connector) = (accepts_all(to_joiner), connects_to_all(to_inviter));
        let (inviter, kept) = (inviter.as_str().to_owned(), Arc::clone(&said));
        tokio::spawn(async move { pass_on(&listener, &acceptor, &connector, &inviter, &kept).await });
        Self { endpoint, said }
    }

    /// Whether the joiner said these bytes.
    pub(crate) fn heard(&self, bytes: &[u8]) -> bool {
        self.said.lock().expect("no panic").windows(bytes.len()).any(|window| window == bytes)
    }

    pub(crate) fn has_heard_something(&self) -> bool {
        !self.said.lock().expect("no panic").is_empty()
    }
}

async fn pass_on(
    listener: &TcpListener,
    acceptor: &TlsAcceptor,
    connector: &TlsConnector,
    inviter: &str,
    said: &Mutex<Vec<u8>>,
) {
    while let Ok((socket, _)) = listener.accept().await {
        let Ok(joiner) = acceptor.accept(socket).await else { continue };
        let onward = TcpStream::connect(inviter).await.expect("the inviter listens");
        let name = ServerName::try_from("peer.invalid").expect("a name");
        let Ok(onward) = connector.connect(name, onward).await else { continue };
        let (mut from_joiner, mut to_joiner) = tokio::io::split(joiner);
        let (mut from_inviter, mut to_inviter) = tokio::io::split(onward);
        let forth = async {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = from_joiner.read(&mut buffer).await {
                said.lock().expect("no panic").extend(&buffer[..count]);
                if to_inviter.write_all(&buffer[..count]).await.is_err() || to_inviter.flush().await.is_err()
                {
                    return;
                }
            }
        };
        let back = tokio::io::copy(&mut from_inviter, &mut to_joiner);
        tokio::select! {
            () = forth => {}
            _ = back => {}
        }
    }
}
