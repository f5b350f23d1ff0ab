//! The node's end: who is let in, and as whom.

use super::house::House;
use anyhow::{Context as _, Result, ensure};
use hyper_util::rt::TokioIo;
use relais_domain::time::Span;
use relais_gateway::remote::{Credentials, Remote};
use relais_proto::desk::v1 as desk;
use relais_proto::desk::v1::desk_client::DeskClient;
use relais_server::clock::{Clock, Dice};
use relais_server::gateways::Gateways;
use relais_server::home::Home;
use relais_server::tls::{Ca, LEAF_LIFETIME, structure_of_ca};
use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs::{default_provider, sign::any_eddsa_type};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tonic::metadata::MetadataValue;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request};

/// Longest any answer is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

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

/// Shows a certificate whatever is asked for, or none.
#[derive(Debug)]
struct Shows(Option<Arc<CertifiedKey>>);

impl Shows {
    fn nothing() -> Self {
        Self(None)
    }

    fn pair(certificate: &[u8], key: &[u8]) -> Result<Self> {
        let key = any_eddsa_type(&PrivatePkcs8KeyDer::from(key.to_vec()))?;
        Ok(Self(Some(Arc::new(CertifiedKey::new(vec![certificate.to_vec().into()], key)))))
    }

    fn file(certificate: &str, key: &str) -> Result<Self> {
        let certificate = CertificateDer::from_pem_slice(certificate.as_bytes())?;
        let key = PrivatePkcs8KeyDer::from_pem_slice(key.as_bytes())?;
        Self::pair(&certificate, key.secret_pkcs8_der())
    }
}

impl ResolvesClientCert for Shows {
    fn resolve(&self, _hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.clone()
    }

    fn has_certs(&self) -> bool {
        self.0.is_some()
    }
}

/// Knocks; the first word of HTTP/2, or how it was sent away.
async fn knock(at: SocketAddr, shows: Shows, alpn: &[u8]) -> Result<(), String> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(BelievesAll))
        .with_client_cert_resolver(Arc::new(shows));
    config.alpn_protocols = vec![alpn.to_vec()];
    let attempt = async {
        let socket = TcpStream::connect(at).await?;
        let name = ServerName::try_from("desk.invalid").expect("a name");
        let mut stream = TlsConnector::from(Arc::new(config)).connect(name, socket).await?;
        stream.read_exact(&mut [0; 1]).await.map(drop)
    };
    let ended = timeout(PATIENCE, attempt).await.map_err(|_| "nothing happens".to_owned())?;
    ended.map_err(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_this_node_gave_to_a_gateway_opens_the_door() -> Result<()> {
    let (house, other) = (House::start("Maison de l'Essai").await?, House::init("Autre Maison")?);
    let good = std::fs::read_to_string(house.credentials("desk.pem")?.0)?;
    let second = std::fs::read_to_string(house.credentials("second.pem")?.0)?;
    let strange = std::fs::read_to_string(other.credentials("strange.pem")?.0)?;
    let now = Clock::system().now();
    let past = now.minus(Span::days(10));
    let gateways = Gateways::open(&Home::at(house.node.home()))?;
    let old = gateways.give(past, Span::days(5), &Dice::system()?)?;
    ensure!(knock(house.at, Shows::file(&good, &good)?, b"h2").await.is_ok());

    let mut refused = vec![
        ("no certificate", Shows::nothing(), "CertificateRequired"),
        ("another node's Desk CA", Shows::file(&strange, &strange)?, "UnknownCA"),
        ("run out", Shows::file(&old.pem, &old.pem)?, "CertificateExpired"),
        ("a certificate without its key", Shows::file(&good, &second)?, ""),
    ];
    for (whose, of) in [("this node's own CA", &house), ("a partner's CA", &other)] {
        let secrets = Home::at(of.node.home()).secrets()?;
        let structure = structure_of_ca(&secrets.ca_certificate)?;
        let ca = Ca::from_parts(structure, secrets.ca_certificate, secrets.ca_key)?;
        let leaf = ca.issue_leaf(structure, now, LEAF_LIFETIME)?;
        refused.push((whose, Shows::pair(&leaf.certificate, &leaf.key)?, "UnknownCA"));
    }
    for (what, shows, alert) in refused {
        let ended = knock(house.at, shows, b"h2").await;
        ensure!(ended.as_ref().is_err_and(|error| error.contains(alert)), "{what}: {ended:?}");
    }
    let old_protocol = knock(house.at, Shows::file(&good, &good)?, b"http/1.1").await;
    ensure!(old_protocol.is_err(), "{old_protocol:?}");
    // Nor does a gateway's certificate open the door for partners.
    ensure!(knock(house.node.listen, Shows::file(&good, &good)?, b"h2").await.is_err());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_words_are_refused_and_silence_ends_after_five_seconds() -> Result<()> {
    let house = House::start("Maison de l'Essai").await?;
    let mut plain = TcpStream::connect(house.at).await?;
    plain.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await?;
    let mut answer = Vec::new();
    let read = timeout(Duration::from_secs(2), plain.read_to_end(&mut answer)).await?;
    ensure!(read.is_err() || answer.first().is_none_or(|byte| *byte == 21), "an alert at most: {answer:?}");

    let mut silent = TcpStream::connect(house.at).await?;
    let started = Instant::now();
    let read = timeout(PATIENCE, silent.read(&mut [0; 1])).await?;
    ensure!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    let took = started.elapsed();
    ensure!((Duration::from_millis(4_500)..Duration::from_millis(7_500)).contains(&took), "{took:?}");
    Ok(())
}

/// A gRPC channel through the door.
async fn channel(at: SocketAddr, file: &Path) -> Result<DeskClient<Channel>> {
    let stream = Remote::new(&at.to_string(), &Credentials::read(file)?).connect().await?;
    let mut once = Some(TokioIo::new(stream));
    let connector = tower::service_fn(move |_| {
        std::future::ready(once.take().ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotConnected)))
    });
    let endpoint = Endpoint::from_static("http://desk.invalid").timeout(PATIENCE);
    Ok(DeskClient::new(endpoint.connect_with_connector(connector).await?))
}

fn naming<T>(name: &str, message: T) -> Result<Request<T>> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("relais-user", name.parse()?);
    Ok(request)
}

#[tokio::test(flavor = "multi_thread")]
async fn through_the_door_nobody_is_anybody_without_a_token() -> Result<()> {
    let house = House::start("Maison de l'Essai").await?;
    let mut socket = house.node.desk().await?.client();
    let known = socket.whoami(desk::WhoamiRequest {}).await?.into_inner().user;
    let name = known.context("by the socket, the uid says who")?.name;

    let mut far = channel(house.at, &house.credentials("desk.pem")?.0).await?;
    let thief = desk::AddUserRequest {
        name: "thief".to_owned(),
        roles: vec![desk::Role::Admin.into()],
        ..Default::default()
    };
    let asked = [
        far.whoami(desk::WhoamiRequest {}).await.map(drop),
        far.whoami(naming(&name, desk::WhoamiRequest {})?).await.map(drop),
        far.status(naming(&name, desk::StatusRequest {})?).await.map(drop),
        far.list_users(naming(&name, desk::ListUsersRequest::default())?).await.map(drop),
        far.add_user(thief.clone()).await.map(drop),
        far.add_user(naming(&name, thief)?).await.map(drop),
    ];
    for (place, answer) in asked.iter().enumerate() {
        let code = answer.as_ref().err().map(tonic::Status::code);
        ensure!(code == Some(Code::Unauthenticated), "{place}: {answer:?}");
    }

    // A session is somebody, here as on the machine itself.
    let link = desk::SignInWithLinkRequest { token: house.link().await?, ..Default::default() };
    let session = far.sign_in_with_link(link).await?.into_inner();
    let mut whoami = Request::new(desk::WhoamiRequest {});
    whoami.metadata_mut().insert_bin("relais-session-bin", MetadataValue::from_bytes(&session.token));
    let user = far.whoami(whoami).await?.into_inner().user;
    ensure!(user.is_some_and(|user| user.name == name));
    Ok(())
}
