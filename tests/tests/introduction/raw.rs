//! Someone who knocks at a pairing listener with whatever bytes it likes.

use super::bench::Actor;
use super::house::House;
use hyper_util::rt::TokioIo;
use relais_proto::peer::v1::pairing_client::PairingClient;
use relais_proto::peer::v1::{PairFrame, PairProof, PairRefusal, pair_frame::Body};
use relais_server::tls::Leaf;
use relais_wire::manifest::chain::Chain;
use relais_wire::pairing::{Introduction, introduce_frames};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_stream::StreamExt as _;
use tonic::transport::Endpoint;

/// Believes every server.
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

/// A connection on which this leaf is presented.
async fn connected(leaf: &Leaf, to: SocketAddr) -> TlsStream<TcpStream> {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(leaf.key.to_vec()));
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(BelievesAll))
        .with_client_auth_cert(vec![CertificateDer::from(leaf.certificate.clone())], key)
        .expect("a leaf with its key");
    config.alpn_protocols = vec![b"h2".to_vec()];
    let socket = TcpStream::connect(to).await.expect("connected");
    let name = ServerName::try_from("pairing.invalid").expect("a name");
    TlsConnector::from(Arc::new(config)).connect(name, socket).await.expect("a handshake")
}

/// One knock.
pub(crate) struct Knock {
    leaf: Leaf,
    chain: Chain,
    shown: Vec<Vec<u8>>,
    speaks: bool,
}

impl Knock {
    /// A structure with its own certificate and manifests, and nothing to show.
    pub(crate) fn of(actor: &Actor) -> Self {
        let leaf = actor.ca.issue_leaf(actor.id(), actor.now(), relais_server::tls::LEAF_LIFETIME);
        let chain = actor.own.chain().as_ref().clone();
        Self { leaf: leaf.expect("a leaf"), chain, shown: Vec::new(), speaks: true }
    }

    pub(crate) fn with_leaf(self, leaf: Leaf) -> Self {
        Self { leaf, ..self }
    }

    /// With another's manifests.
    pub(crate) fn introducing(self, other: &Actor) -> Self {
        Self { chain: other.own.chain().as_ref().clone(), ..self }
    }

    pub(crate) fn showing(self, shown: Vec<Vec<u8>>) -> Self {
        Self { shown, ..self }
    }

    /// It proves before it shows anything.
    pub(crate) fn silent(self) -> Self {
        Self { speaks: false, ..self }
    }

    fn frames(&self) -> Vec<PairFrame> {
        let introduction = Introduction { chain: self.chain.clone(), site_names: Vec::new() };
        let mut frames = introduce_frames(&introduction);
        let records = self.shown.clone();
        let last = match self.speaks {
            true => Body::Endorsements(relais_proto::peer::v1::PairEndorsements { records }),
            false => Body::Proof(PairProof::default()),
        };
        frames.push(PairFrame { body: Some(last) });
        frames
    }

    /// Knocks, and says why it is sent away; none when it is shown endorsements in turn.
    pub(crate) async fn at(&self, house: &House) -> Option<PairRefusal> {
        let address = house.endpoint.as_str().parse().expect("an address");
        let stream = connected(&self.leaf, address).await;
        let mut once = Some(TokioIo::new(stream));
        let connector = tower::service_fn(move |_| {
            let stream = once.take().ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotConnected));
            std::future::ready(stream)
        });
        let endpoint = Endpoint::from_static("http://pairing.relais");
        let channel = endpoint.connect_with_connector(connector).await.expect("a channel");
        let frames = tokio_stream::iter(self.frames()).chain(tokio_stream::pending());
        let answer = PairingClient::new(channel).pair(frames).await.expect("a conversation");
        let mut answer = answer.into_inner();
        loop {
            let frame = answer.message().await.expect("a frame").expect("it goes on");
            match frame.body.expect("a body") {
                Body::Offer(_) | Body::Manifests(_) => {}
                Body::Refused(refused) => return Some(refused.reason()),
                Body::Endorsements(_) => return None,
                other @ (Body::Open(_) | Body::Proof(_) | Body::Confirmation(_) | Body::Introduce(_)) => {
                    unreachable!("not due: {other:?}")
                }
            }
        }
    }
}
