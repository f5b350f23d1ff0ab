//! The door's limits: silence, slowness, crowds, age, and a machine without descriptors left.

use super::alone::{Processor, run_alone};
use super::bench::Actor;
use super::certificates::{issued, issuer, leaf_params};
use super::client::{PATIENCE, Reached, knock, presents, shake_hands, speak, tcp_from};
use super::host::{Exchange, Host};
use relais_server::accept::{CONNECTIONS_PER_ADDRESS_MAX, CONNECTIONS_PER_PEER_MAX, Limits};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustls::ClientConfig;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

struct Scene {
    host: Host,
    us: Actor,
    peer: Actor,
}

impl Scene {
    async fn with(limits: Limits) -> Self {
        let (us, peer) = (Actor::new("Nous"), Actor::new("Partenaire"));
        us.trust(&peer);
        peer.trust(&us);
        Self { host: Host::with(&us, limits).await, us, peer }
    }

    fn good(&self) -> ClientConfig {
        presents(issued(&leaf_params(self.peer.id()), &issuer(&self.peer)))
    }

    async fn exchange(&self) -> Exchange {
        let channel = self.peer.dialer().dial(&self.host.endpoint, self.us.id()).await.expect("dialled");
        let mut exchange = Exchange::open(channel).await.expect("open");
        exchange.echo(1).await.expect("echoed");
        exchange
    }
}

/// How long the server leaves the connection open.
async fn closed_after(mut socket: TcpStream) -> Duration {
    let started = Instant::now();
    let mut byte = [0; 1];
    let read = timeout(PATIENCE, socket.read(&mut byte)).await.expect("it closes");
    assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    started.elapsed()
}

/// The first bytes of a ClientHello that announces 512.
const HALF_A_HELLO: [u8; 9] = [22, 3, 1, 2, 0, 1, 0, 1, 252];

#[tokio::test]
async fn silence_half_a_hello_and_a_byte_a_second_end_after_five_seconds() {
    let scene = Scene::with(Limits::default()).await;
    let silent = tcp_from("127.0.0.2", scene.host.address).await;
    let mut half = tcp_from("127.0.0.3", scene.host.address).await;
    half.write_all(&HALF_A_HELLO).await.expect("written");
    let slow = tcp_from("127.0.0.4", scene.host.address).await;
    let (mut reading, mut writing) = slow.into_split();
    let dripping = tokio::spawn(async move {
        for byte in HALF_A_HELLO {
            if writing.write_all(&[byte]).await.is_err() {
                return;
            }
            sleep(Duration::from_secs(1)).await;
        }
    });
    let slow_ends = async {
        let started = Instant::now();
        let mut byte = [0; 1];
        let _ended = timeout(PATIENCE, reading.read(&mut byte)).await.expect("it closes");
        started.elapsed()
    };
    let ends: [Duration; 3] = tokio::join!(closed_after(silent), closed_after(half), slow_ends).into();
    let five = Duration::from_millis(4_500)..Duration::from_millis(7_500);
    assert!(ends.iter().all(|end| five.contains(end)), "{ends:?}");
    dripping.abort();
    assert!(scene.host.met().is_empty());
}

#[tokio::test]
async fn an_address_that_does_not_say_who_it_is_has_four_connections() {
    let scene = Scene::with(Limits::default()).await;
    let mut silent = Vec::new();
    for _ in 0..CONNECTIONS_PER_ADDRESS_MAX {
        silent.push(tcp_from("127.0.0.2", scene.host.address).await);
    }
    // They are all seated: a partner at another address comes in behind them.
    assert_eq!(knock(scene.host.address, scene.good()).await, Reached::Http2);
    let fifth = tcp_from("127.0.0.2", scene.host.address).await;
    assert!(closed_after(fifth).await < Duration::from_secs(1));
    silent.pop();
    let freed = async {
        loop {
            let again = tcp_from("127.0.0.2", scene.host.address).await;
            let mut byte = [0; 1];
            let mut again = again;
            if timeout(Duration::from_millis(300), again.read(&mut byte)).await.is_err() {
                return;
            }
        }
    };
    timeout(Duration::from_secs(3), freed).await.expect("the seat is free again");
}

#[tokio::test]
async fn a_partner_has_sixty_four_connections() {
    let scene = Scene::with(Limits::default()).await;
    let mut held = Vec::new();
    for _ in 0..CONNECTIONS_PER_PEER_MAX {
        held.push(settled(scene.host.address, scene.good()).await);
    }
    assert_eq!(knock(scene.host.address, scene.good()).await, Reached::Nothing);
    held.pop();
    let freed = async {
        while knock(scene.host.address, scene.good()).await == Reached::Nothing {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, freed).await.expect("the seat is free again");
    assert_eq!(
        scene.us.cuts.cut(scene.peer.id()).min(CONNECTIONS_PER_PEER_MAX - 1),
        CONNECTIONS_PER_PEER_MAX - 1
    );
}

/// A connection that has come in and stays.
async fn settled(to: SocketAddr, config: ClientConfig) -> tokio_rustls::client::TlsStream<TcpStream> {
    let mut stream = shake_hands(to, config).await.expect("a handshake");
    let mut first = [0; 1];
    stream.read_exact(&mut first).await.expect("HTTP/2");
    stream
}

#[tokio::test]
async fn the_door_has_so_many_connections() {
    let scene = Scene::with(Limits { connections_max: 3, ..Limits::default() }).await;
    let _held = (
        settled(scene.host.address, scene.good()).await,
        settled(scene.host.address, scene.good()).await,
        tcp_from("127.0.0.2", scene.host.address).await,
    );
    sleep(Duration::from_millis(100)).await;
    assert_eq!(knock(scene.host.address, scene.good()).await, Reached::Nothing);
}

#[tokio::test]
async fn a_connection_ends_at_its_age() {
    let age = Duration::from_millis(600);
    let scene = Scene::with(Limits { age, age_jitter: Duration::ZERO, ..Limits::default() }).await;
    let started = Instant::now();
    let mut exchange = scene.exchange().await;
    let ended = timeout(PATIENCE, exchange.incoming.message()).await.expect("it ends");
    assert!(!matches!(ended, Ok(Some(_))), "{ended:?}");
    assert!(started.elapsed() >= age, "{:?}", started.elapsed());
    scene.exchange().await;
}

#[tokio::test]
async fn whoever_leaves_gives_everything_back() {
    let scene = Scene::with(Limits::default()).await;
    for _ in 0..3 {
        drop(settled(scene.host.address, scene.good()).await);
        drop(tcp_from("127.0.0.2", scene.host.address).await);
    }
    let free = async {
        while scene.us.cuts.open(scene.peer.id()) > 0 {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, free).await.expect("nothing is held for who left");
    assert_eq!(knock(scene.host.address, scene.good()).await, Reached::Http2);
}

#[test]
fn a_machine_without_descriptors_rests_and_recovers() {
    run_alone("identity_attacks::door::without_descriptors");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by a_machine_without_descriptors_rests_and_recovers, in a process of its own"]
async fn without_descriptors() {
    let many =
        Limits { per_address_max: 512, handshake_time_max: Duration::from_secs(60), ..Limits::default() };
    let scene = Scene::with(many).await;
    scene.exchange().await;
    let mut processor = Processor::open();
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: Some(80), maximum }).expect("fewer files");
    // Each takes one descriptor here; the server's half of the last ones finds none left.
    let mut held = Vec::new();
    while let Ok(Ok(socket)) = timeout(Duration::from_secs(1), TcpStream::connect(scene.host.address)).await {
        held.push(socket);
    }
    assert_eq!(std::fs::File::open("/dev/null").map_err(|error| error.raw_os_error()).err(), Some(Some(24)));
    let before = processor.ticks();
    sleep(Duration::from_secs(2)).await;
    let used = processor.ticks() - before;
    assert!(used < 40, "{used} hundredths of a second of processor in two seconds");
    held.clear();
    sleep(Duration::from_millis(1_500)).await;
    scene.exchange().await;
}

#[tokio::test]
async fn speaking_late_is_refused_even_with_a_good_certificate() {
    let short = Limits { handshake_time_max: Duration::from_millis(200), ..Limits::default() };
    let scene = Scene::with(short).await;
    let socket = TcpStream::connect(scene.host.address).await.expect("connected");
    sleep(Duration::from_millis(500)).await;
    let name = rustls::pki_types::ServerName::try_from("peer.invalid").expect("a name");
    let connecting =
        tokio_rustls::TlsConnector::from(std::sync::Arc::new(scene.good())).connect(name, socket);
    if let Ok(stream) = connecting.await {
        assert_eq!(speak(stream).await, Reached::Nothing);
    }
}
