//! Whoever is not the partner it says it is reaches nothing.

use super::bench::Actor;
use super::certificates::{
    certified, deep, impostor_issuer, issued, issued_with, issuer, key, leaf_params, name_of, uri,
};
use super::client::{PATIENCE, Reached, config, knock, presents, shake_hands, shake_hands_with, speak};
use super::host::{Exchange, Host};
use rcgen::{
    BasicConstraints, ExtendedKeyUsagePurpose, IsCa, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, PKCS_RSA_SHA512,
    date_time_ymd,
};
use relais_domain::time::Span;
use relais_server::dial::{AddressPolicy, DialError, Dialer};
use relais_server::tls::{LEAF_LIFETIME, LeafBox, client_config, server_config};
use relais_wire::endpoint::Endpoint;
use rustls::pki_types::CertificateDer;
use rustls::sign::CertifiedKey;
use rustls::{HandshakeKind, NamedGroup};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

/// A host that trusts `peer` and `other`, who trust it.
struct Scene {
    host: Host,
    us: Actor,
    peer: Actor,
    other: Actor,
}

impl Scene {
    async fn new() -> Self {
        let (us, peer, other) = (Actor::new("Nous"), Actor::new("Partenaire"), Actor::new("Autre"));
        for partner in [&peer, &other] {
            us.trust(partner);
            partner.trust(&us);
        }
        Self { host: Host::of(&us).await, us, peer, other }
    }

    /// A certificate that is good in every respect.
    fn good(&self) -> CertifiedKey {
        issued(&leaf_params(self.peer.id()), &issuer(&self.peer))
    }

    async fn knock(&self, certificate: CertifiedKey) -> Reached {
        let reached = knock(self.host.address, presents(certificate)).await;
        assert!(self.host.met().is_empty());
        reached
    }
}

#[tokio::test]
async fn a_partner_is_who_its_certificate_proves() {
    let scene = Scene::new().await;
    let channel = scene.peer.dialer().dial(&scene.host.endpoint, scene.us.id()).await.expect("dialled");
    let mut exchange = Exchange::open(channel).await.expect("open");
    for nonce in 0..100 {
        exchange.echo(nonce).await.expect("echoed");
    }
    assert_eq!(scene.host.met(), [scene.peer.id()]);
    assert_eq!(scene.knock_good_by_hand().await, Reached::Http2);
}

impl Scene {
    /// The attackers' tools with nothing forged get in: what they refuse below is the forgery.
    async fn knock_good_by_hand(&self) -> Reached {
        knock(self.host.address, presents(self.good())).await
    }
}

#[tokio::test]
async fn keys_are_agreed_with_a_post_quantum_share() {
    let scene = Scene::new().await;
    let Actor { leaf, pins, clock, .. } = &scene.peer;
    let tls = client_config(scene.us.id(), Arc::clone(leaf), Arc::clone(pins), clock);
    let stream = shake_hands_with(scene.host.address, tls).await.expect("a handshake");
    let group = stream.get_ref().1.negotiated_key_exchange_group().map(|group| group.name());
    assert_eq!(group, Some(NamedGroup::X25519MLKEM768));
}

#[tokio::test]
async fn anothers_name_from_an_own_ca_is_refused() {
    let scene = Scene::new().await;
    let params = leaf_params(scene.peer.id());
    assert_eq!(scene.knock(issued(&params, &impostor_issuer(scene.peer.id()))).await, Reached::Nothing);
    // The CA is pinned, but for another structure: no pool is ever asked.
    assert_eq!(scene.knock(issued(&params, &issuer(&scene.other))).await, Reached::Nothing);
}

#[tokio::test]
async fn whoever_is_no_partner_is_refused() {
    let scene = Scene::new().await;
    let stranger = Actor::new("Inconnu");
    let leaf = issued(&leaf_params(stranger.id()), &issuer(&stranger));
    assert_eq!(scene.knock(leaf).await, Reached::Nothing);
    assert_eq!(knock(scene.host.address, config(None, &[b"h2"])).await, Reached::Nothing);
}

#[tokio::test]
async fn two_names_or_another_kind_of_name_are_refused() {
    let scene = Scene::new().await;
    let (peer, other) = (name_of(scene.peer.id()), name_of(scene.other.id()));
    for names in [
        vec![uri(&peer), uri(&other)],
        vec![uri(&peer), uri(&peer)],
        vec![uri(&peer), rcgen::SanType::DnsName("example.org".try_into().expect("ascii"))],
        vec![rcgen::SanType::DnsName(scene.peer.id().short().try_into().expect("ascii"))],
        vec![],
    ] {
        let mut params = leaf_params(scene.peer.id());
        params.subject_alt_names = names;
        assert_eq!(scene.knock(issued(&params, &issuer(&scene.peer))).await, Reached::Nothing);
    }
}

#[tokio::test]
async fn a_leaf_outside_its_time_is_refused() {
    let scene = Scene::new().await;
    let mut expired = leaf_params(scene.peer.id());
    expired.not_after = date_time_ymd(2021, 1, 1);
    let mut early = leaf_params(scene.peer.id());
    early.not_before = date_time_ymd(2099, 1, 1);
    for params in [expired, early] {
        assert_eq!(scene.knock(issued(&params, &issuer(&scene.peer))).await, Reached::Nothing);
    }
    // By the node's clock, not by the machine's: in ten days the leaf is good, in twenty it is over.
    for (days, reached) in [(10, Reached::Http2), (20, Reached::Nothing)] {
        scene.us.clock.shift(Span::days(days));
        let Actor { leaf, pins, clock, .. } = &scene.peer;
        let tls = client_config(scene.us.id(), Arc::clone(leaf), Arc::clone(pins), clock);
        let stream = shake_hands_with(scene.host.address, tls).await.expect("our half of the handshake");
        assert_eq!(speak(stream).await, reached, "in {days} days");
    }
}

#[tokio::test]
async fn a_leaf_for_another_use_is_refused() {
    let scene = Scene::new().await;
    for usages in
        [vec![ExtendedKeyUsagePurpose::ServerAuth], vec![ExtendedKeyUsagePurpose::CodeSigning], vec![]]
    {
        let mut params = leaf_params(scene.peer.id());
        params.extended_key_usages = usages;
        assert_eq!(scene.knock(issued(&params, &issuer(&scene.peer))).await, Reached::Nothing);
    }
}

#[tokio::test]
async fn a_ca_is_no_leaf() {
    let scene = Scene::new().await;
    let mut params = leaf_params(scene.peer.id());
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    assert_eq!(scene.knock(issued(&params, &issuer(&scene.peer))).await, Reached::Nothing);
    let itself =
        certified(vec![CertificateDer::from(scene.peer.ca.certificate().to_vec())], &scene.peer.ca_key);
    assert_eq!(scene.knock(itself).await, Reached::Nothing);
}

#[tokio::test]
async fn a_chain_of_any_depth_is_refused() {
    let scene = Scene::new().await;
    assert_eq!(scene.knock(deep(&scene.peer, 1)).await, Reached::Nothing);
    assert_eq!(scene.knock(deep(&scene.peer, 100)).await, Reached::Nothing);
    // A good leaf that only brings its CA along comes in no other way either.
    let key = key(&PKCS_ED25519);
    let leaf = leaf_params(scene.peer.id()).signed_by(&key, &issuer(&scene.peer)).expect("a certificate");
    let ca = CertificateDer::from(scene.peer.ca.certificate().to_vec());
    let with_ca = certified(vec![leaf.der().clone(), ca], &key.serialize_der());
    assert_eq!(scene.knock(with_ca).await, Reached::Nothing);
}

#[tokio::test]
async fn keys_other_than_ed25519_are_refused() {
    let scene = Scene::new().await;
    for algorithm in [&PKCS_RSA_SHA512, &PKCS_ECDSA_P256_SHA256] {
        let leaf = issued_with(&leaf_params(scene.peer.id()), &issuer(&scene.peer), algorithm);
        assert_eq!(scene.knock(leaf).await, Reached::Nothing);
    }
}

#[tokio::test]
async fn a_copied_certificate_without_its_key_is_refused() {
    let scene = Scene::new().await;
    let copied = scene.good().cert;
    assert_eq!(scene.knock(certified(copied, &key(&PKCS_ED25519).serialize_der())).await, Reached::Nothing);
}

#[tokio::test]
async fn only_http_2_is_spoken() {
    let scene = Scene::new().await;
    for alpn in [&[][..], &[b"http/1.1".as_slice()][..]] {
        let config = config(Some(Arc::new(scene.good())), alpn);
        assert_eq!(knock(scene.host.address, config).await, Reached::Nothing);
    }
}

#[tokio::test]
async fn tls_1_2_is_refused() {
    let scene = Scene::new().await;
    let mut socket = TcpStream::connect(scene.host.address).await.expect("connected");
    socket.write_all(&client_hello_of_tls_1_2()).await.expect("written");
    let mut answer = Vec::new();
    let read = timeout(PATIENCE, socket.read_to_end(&mut answer)).await.expect("it closes");
    read.expect("closed");
    // An alert (21), fatal (2): protocol_version (70).
    assert_eq!((answer.first(), answer.get(5..7)), (Some(&21), Some(&[2, 70][..])));
}

/// A ClientHello that knows no newer version (RFC 5246 §7.4.1.2).
fn client_hello_of_tls_1_2() -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.push(0);
    body.extend([0, 2, 0xc0, 0x2f, 1, 0]);
    // supported_groups: x25519; signature_algorithms: ed25519.
    let extensions = [0, 10, 0, 4, 0, 2, 0, 29, 0, 13, 0, 4, 0, 2, 8, 7];
    body.extend([0, extensions.len() as u8]);
    body.extend(extensions);
    let mut hello = vec![22, 3, 1, 0, body.len() as u8 + 4, 1, 0, 0, body.len() as u8];
    hello.extend(body);
    hello
}

#[tokio::test]
async fn no_session_is_resumed() {
    let scene = Scene::new().await;
    let tls = Arc::new(presents(scene.good()));
    for _ in 0..2 {
        let mut stream = shake_hands_with(scene.host.address, Arc::clone(&tls)).await.expect("a handshake");
        assert_eq!(stream.get_ref().1.handshake_kind(), Some(HandshakeKind::Full));
        let mut first = [0; 1];
        stream.read_exact(&mut first).await.expect("HTTP/2");
    }
    scene.us.pins.unpin(scene.peer.id());
    let stream = shake_hands_with(scene.host.address, tls).await;
    if let Ok(stream) = stream {
        assert_eq!(speak(stream).await, Reached::Nothing);
    }
}

#[tokio::test]
async fn the_list_of_partners_is_not_shown() {
    let scene = Scene::new().await;
    let seen = Arc::new(std::sync::Mutex::new(None));
    let mut config = config(None, &[b"h2"]);
    config.client_auth_cert_resolver = Arc::new(Looks(Arc::clone(&seen)));
    assert_eq!(knock(scene.host.address, config).await, Reached::Nothing);
    assert_eq!(*seen.lock().expect("no panic"), Some(0));
}

/// Notes how many CAs the server names.
#[derive(Debug)]
struct Looks(Arc<std::sync::Mutex<Option<usize>>>);

impl rustls::client::ResolvesClientCert for Looks {
    fn resolve(&self, hints: &[&[u8]], _schemes: &[rustls::SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        *self.0.lock().expect("no panic") = Some(hints.len());
        None
    }

    fn has_certs(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn only_the_structure_dialled_may_answer() {
    let scene = Scene::new().await;
    let peer = scene.peer.dialer();
    // Another honest partner answers.
    scene.peer.trust(&scene.other);
    let refused = peer.dial(&scene.host.endpoint, scene.other.id()).await;
    assert!(matches!(refused, Err(DialError::Refused { .. })), "{refused:?}");
    // An impostor answers: the name is right, the CA its own.
    let impostor = Actor::new("Imposteur");
    impostor.trust(&scene.peer);
    let forged = impostor.ca.issue_leaf(scene.us.id(), impostor.now(), LEAF_LIFETIME).expect("a leaf");
    impostor.leaf.renew(&forged).expect("its key");
    let host = Host::of(&impostor).await;
    let refused = peer.dial(&host.endpoint, scene.us.id()).await;
    assert!(matches!(refused, Err(DialError::Refused { .. })), "{refused:?}");
    // The right one answers with an expired leaf.
    let past = scene.us.now().minus(Span::days(30));
    let expired = scene.us.ca.issue_leaf(scene.us.id(), past, LEAF_LIFETIME).expect("a leaf");
    scene.us.leaf.renew(&expired).expect("its key");
    let refused = peer.dial(&scene.host.endpoint, scene.us.id()).await;
    assert!(matches!(refused, Err(DialError::Refused { .. })), "{refused:?}");
    // Renewed while running, it is believed again.
    let renewed = scene.us.ca.issue_leaf(scene.us.id(), scene.us.now(), LEAF_LIFETIME).expect("a leaf");
    scene.us.leaf.renew(&renewed).expect("its key");
    let channel = peer.dial(&scene.host.endpoint, scene.us.id()).await.expect("dialled");
    Exchange::open(channel).await.expect("open").echo(1).await.expect("echoed");
    assert_eq!(scene.host.met(), [scene.peer.id()]);
    assert!(host.met().is_empty());
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let scene = Scene::new().await;
    let started = Instant::now();
    let refused = scene.peer.dialer().dial(&silent().await, scene.us.id()).await;
    assert!(matches!(refused, Err(DialError::TimedOut(_))), "{refused:?}");
    assert!(started.elapsed() < Duration::from_secs(7), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_server_without_http_2_is_refused() {
    let scene = Scene::new().await;
    let Actor { leaf, pins, clock, .. } = &scene.us;
    let mut tls = server_config(Arc::clone(leaf), Arc::clone(pins), clock).as_ref().clone();
    tls.alpn_protocols.clear();
    let (listener, endpoint) = super::bench::listener().await;
    tokio::spawn(async move {
        let (socket, _) = listener.accept().await.expect("a connection");
        let _held = TlsAcceptor::from(Arc::new(tls)).accept(socket).await;
        std::future::pending::<()>().await;
    });
    let refused = scene.peer.dialer().dial(&endpoint, scene.us.id()).await;
    assert!(matches!(refused, Err(DialError::Refused { .. })), "{refused:?}");
}

/// A listener that never answers.
async fn silent() -> Endpoint {
    let (listener, endpoint) = super::bench::listener().await;
    tokio::spawn(async move {
        let _held = listener.accept().await;
        std::future::pending::<()>().await;
    });
    endpoint
}

#[tokio::test]
async fn a_suspension_cuts_what_is_open_and_lets_nobody_back() {
    let scene = Scene::new().await;
    let open = async |actor: &Actor| -> Exchange {
        let channel = actor.dialer().dial(&scene.host.endpoint, scene.us.id()).await.expect("dialled");
        let mut exchange = Exchange::open(channel).await.expect("open");
        exchange.echo(1).await.expect("echoed");
        exchange
    };
    let (mut cut, mut kept) = (open(&scene.peer).await, open(&scene.other).await);
    scene.us.pins.unpin(scene.peer.id());
    assert_eq!(scene.us.cuts.cut(scene.peer.id()), 1);
    let ended = timeout(PATIENCE, cut.incoming.message()).await.expect("it ends");
    assert!(!matches!(ended, Ok(Some(_))), "{ended:?}");
    assert_eq!(scene.us.cuts.open(scene.peer.id()), 0);
    kept.echo(2).await.expect("the other partner is not touched");
    // In TLS 1.3 the dial may succeed; the first rpc tells.
    if let Ok(channel) = scene.peer.dialer().dial(&scene.host.endpoint, scene.us.id()).await {
        assert!(Exchange::open(channel).await.is_err());
    }
    assert_eq!(scene.host.met(), [scene.peer.id(), scene.other.id()]);
}

#[tokio::test]
async fn the_side_that_dialled_cuts_too() {
    let scene = Scene::new().await;
    let channel = scene.peer.dialer().dial(&scene.host.endpoint, scene.us.id()).await.expect("dialled");
    let mut exchange = Exchange::open(channel.clone()).await.expect("open");
    exchange.echo(1).await.expect("echoed");
    scene.peer.pins.unpin(scene.us.id());
    assert_eq!(scene.peer.cuts.cut(scene.us.id()), 1);
    let ended = timeout(PATIENCE, exchange.incoming.message()).await.expect("it ends");
    assert!(!matches!(ended, Ok(Some(_))), "{ended:?}");
    // The channel does not dial again by itself.
    assert!(Exchange::open(channel).await.is_err());
    let refused = scene.peer.dialer().dial(&scene.host.endpoint, scene.us.id()).await;
    assert!(matches!(refused, Err(DialError::Unpinned)), "{refused:?}");
}

#[tokio::test]
async fn addresses_inside_networks_are_not_dialled() {
    let scene = Scene::new().await;
    let port = scene.host.address.port();
    for (policy, host) in [
        (AddressPolicy::Public, "127.0.0.1"),
        (AddressPolicy::Public, "localhost"),
        (AddressPolicy::Private, "127.0.0.1"),
        (AddressPolicy::Private, "[::ffff:127.0.0.1]"),
        (AddressPolicy::Loopback, "169.254.169.254"),
        (AddressPolicy::Loopback, "[fe80::1]"),
        (AddressPolicy::Loopback, "0.0.0.0"),
        (AddressPolicy::Loopback, "224.0.0.1"),
    ] {
        let endpoint = Endpoint::parse(&format!("{host}:{port}")).expect("an endpoint");
        let dialer = Dialer { policy, ..scene.peer.dialer() };
        let refused = dialer.dial(&endpoint, scene.us.id()).await;
        assert!(matches!(refused, Err(DialError::Blocked(_))), "{host}: {refused:?}");
    }
    assert_eq!(scene.us.cuts.open(scene.peer.id()), 0);
}

#[tokio::test]
async fn a_leaf_of_anothers_name_stays_its_own_ca_s() {
    // Misbinding: B lists A's CA key as its own; the board refuses, and nothing of A's counts as B's.
    let scene = Scene::new().await;
    let thief = Actor::new("Voleur");
    let pinned = scene.us.pins.pin(thief.id(), scene.peer.ca.certificate());
    assert_eq!(pinned, Err(relais_server::tls::PinError::OfAnother));
    let leaf = scene.peer.ca.issue_leaf(thief.id(), thief.now(), LEAF_LIFETIME).expect("a leaf");
    assert!(LeafBox::new(&leaf).is_ok());
    let presented = certified(vec![CertificateDer::from(leaf.certificate.clone())], &leaf.key);
    assert_eq!(scene.knock(presented).await, Reached::Nothing);
    let stream = shake_hands(scene.host.address, presents(scene.good())).await.expect("the partner itself");
    assert_eq!(speak(stream).await, Reached::Http2);
}
