//! HTTP/2 by hand, from a partner with a good certificate: limits on the wire, floods, and a good partner meanwhile.

use super::alone::{descriptors, resident_bytes, run_alone};
use super::bench::Actor;
use super::certificates::{issued, issuer, leaf_params};
use super::client::{PATIENCE, PREFACE, presents, shake_hands};
use super::host::{Exchange, Host};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const FRAME_SIZE_ERROR: u32 = 6;
const REFUSED_STREAM: u32 = 7;
const ENHANCE_YOUR_CALM: u32 = 11;
/// `:scheme https`, `:path /`: a request to be reset (RFC 9113 §8.1.1).
const WITHOUT_METHOD: [u8; 2] = [0x87, 0x84];
/// Most memory any flood may cost.
const RESIDENT_GROWTH_MAX: u64 = 32 * 1024 * 1024;

struct Frame {
    kind: u8,
    stream: u32,
    payload: Vec<u8>,
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, flags];
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// `:method POST`, `:scheme https`, then literals (RFC 7541 §6).
fn header_block(further: &[(&str, &str)]) -> Vec<u8> {
    let mut block = vec![0x83, 0x87];
    for (name, value) in further {
        block.push(0);
        for text in [name, value] {
            assert!(text.len() < 127, "short texts only");
            block.push(u8::try_from(text.len()).expect("short"));
            block.extend(text.as_bytes());
        }
    }
    block
}

fn exchange_headers() -> Vec<u8> {
    header_block(&[
        (":path", "/relais.peer.v1.Peer/Exchange"),
        (":authority", "peer.invalid"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ])
}

fn open_stream(stream: u32) -> Vec<u8> {
    frame(HEADERS, END_HEADERS, stream, &exchange_headers())
}

/// A partner that speaks HTTP/2 by hand.
struct Hand(TlsStream<TcpStream>);

impl Hand {
    async fn of(scene: &Scene) -> Self {
        let leaf = issued(&leaf_params(scene.peer.id()), &issuer(&scene.peer));
        let stream = shake_hands(scene.host.address, presents(leaf)).await.expect("a handshake");
        let mut hand = Self(stream);
        hand.say(PREFACE).await;
        hand.say(&frame(SETTINGS, 0, 0, &[])).await;
        hand
    }

    /// Writes, as far as the server listens.
    async fn say(&mut self, bytes: &[u8]) {
        let _ = timeout(PATIENCE, async {
            self.0.write_all(bytes).await?;
            self.0.flush().await
        })
        .await;
    }

    /// The next frame; `None` when the connection is closed.
    async fn hear(&mut self) -> Option<Frame> {
        timeout(PATIENCE, async {
            let mut head = [0; 9];
            self.0.read_exact(&mut head).await.ok()?;
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut payload = vec![0; length as usize];
            self.0.read_exact(&mut payload).await.ok()?;
            let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
            Some(Frame { kind: head[3], stream, payload })
        })
        .await
        .expect("the server answers or closes")
    }

    /// Listens until a frame of this kind comes; `None` when the connection is closed before.
    async fn hear_kind(&mut self, kind: u8) -> Option<Frame> {
        self.hear_any(&[kind]).await
    }

    async fn hear_any(&mut self, kinds: &[u8]) -> Option<Frame> {
        loop {
            let frame = self.hear().await?;
            if kinds.contains(&frame.kind) {
                return Some(frame);
            }
        }
    }

    /// The code with which the server ends the connection.
    async fn goodbye(&mut self) -> Option<u32> {
        let frame = self.hear_kind(GOAWAY).await?;
        Some(u32::from_be_bytes(frame.payload[4..8].try_into().expect("a code")))
    }
}

struct Scene {
    host: Host,
    us: Actor,
    peer: Actor,
    good: Actor,
}

impl Scene {
    async fn new() -> Self {
        let (us, peer, good) = (Actor::new("Nous"), Actor::new("Partenaire"), Actor::new("Bon"));
        for partner in [&peer, &good] {
            us.trust(partner);
            partner.trust(&us);
        }
        Self { host: Host::of(&us).await, us, peer, good }
    }

    async fn exchange(&self) -> Exchange {
        let channel = self.good.dialer().dial(&self.host.endpoint, self.us.id()).await.expect("dialled");
        Exchange::open(channel).await.expect("open")
    }
}

#[tokio::test]
async fn the_settings_on_the_wire_are_ours() {
    let scene = Scene::new().await;
    let settings = Hand::of(&scene).await.hear_kind(SETTINGS).await.expect("settings").payload;
    let settings: BTreeMap<u16, u32> = settings
        .chunks_exact(6)
        .map(|pair| {
            let id = u16::from_be_bytes([pair[0], pair[1]]);
            (id, u32::from_be_bytes([pair[2], pair[3], pair[4], pair[5]]))
        })
        .collect();
    // MAX_CONCURRENT_STREAMS, MAX_FRAME_SIZE (16,384 may go without saying), MAX_HEADER_LIST_SIZE.
    assert_eq!(settings.get(&3), Some(&64));
    assert_eq!(*settings.get(&5).unwrap_or(&16_384), 16_384);
    assert_eq!(settings.get(&6), Some(&16_384));
    assert_eq!(settings.get(&4), Some(&(256 * 1024)));
}

#[tokio::test]
async fn the_sixty_fifth_stream_is_refused() {
    let scene = Scene::new().await;
    let mut hand = Hand::of(&scene).await;
    for number in 0..65 {
        hand.say(&open_stream(1 + 2 * number)).await;
    }
    let reset = hand.hear_kind(RST_STREAM).await.expect("a reset");
    assert_eq!((reset.stream, reset.payload), (129, REFUSED_STREAM.to_be_bytes().to_vec()));
    let met = async {
        while scene.host.met().len() < 64 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, met).await.expect("the others are served");
    assert_eq!(scene.host.met().len(), 64);
}

#[tokio::test]
async fn rapid_resets_end_the_connection() {
    let scene = Scene::new().await;
    let mut hand = Hand::of(&scene).await;
    let burst: Vec<u8> = (0..3_000)
        .flat_map(|number| {
            let stream = 1 + 2 * number;
            [open_stream(stream), frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes())].concat()
        })
        .collect();
    hand.say(&burst).await;
    assert_eq!(hand.goodbye().await, Some(ENHANCE_YOUR_CALM));
    assert!(scene.host.met().len() < 100, "{}", scene.host.met().len());
}

#[tokio::test]
async fn resets_that_the_server_is_made_to_send_end_the_connection() {
    let scene = Scene::new().await;
    let mut hand = Hand::of(&scene).await;
    let mut resets = 0;
    let ended = loop {
        hand.say(&frame(HEADERS, END_HEADERS, 1 + 2 * resets, &WITHOUT_METHOD)).await;
        match hand.hear_any(&[RST_STREAM, GOAWAY]).await {
            Some(frame) if frame.kind == RST_STREAM => resets += 1,
            Some(frame) => break Some(u32::from(frame.payload[7])),
            None => break None,
        }
        assert!(resets < 1_000, "no end");
    };
    assert_eq!((ended, resets), (Some(ENHANCE_YOUR_CALM), 64));
    assert!(scene.host.met().is_empty());
}

#[tokio::test]
async fn a_frame_longer_than_allowed_ends_the_connection() {
    let scene = Scene::new().await;
    let mut hand = Hand::of(&scene).await;
    hand.say(&open_stream(1)).await;
    hand.say(&frame(DATA, 0, 1, &vec![0; 16 * 1024 + 1])).await;
    assert_eq!(hand.goodbye().await, Some(FRAME_SIZE_ERROR));
}

#[tokio::test]
async fn a_header_list_longer_than_allowed_reaches_no_service() {
    let scene = Scene::new().await;
    let mut hand = Hand::of(&scene).await;
    let value = "x".repeat(120);
    let names: Vec<String> = (0..150).map(|number| format!("x-{number}")).collect();
    let mut headers = vec![(":path", "/relais.peer.v1.Peer/Exchange"), (":authority", "peer.invalid")];
    headers.extend(names.iter().map(|name| (name.as_str(), value.as_str())));
    let block = header_block(&headers);
    let (first, rest) = block.split_at(16_000);
    hand.say(&frame(HEADERS, END_STREAM, 1, first)).await;
    hand.say(&frame(CONTINUATION, END_HEADERS, 1, rest)).await;
    let answer = hand.hear_any(&[HEADERS, RST_STREAM, GOAWAY]).await.expect("an answer");
    // 0x88 is `:status 200`.
    assert!(answer.kind != HEADERS || answer.payload.first() != Some(&0x88));
    assert!(scene.host.met().is_empty());
}

#[test]
fn floods_cost_little_and_a_good_partner_is_served() {
    run_alone("identity_attacks::http2::floods");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by floods_cost_little_and_a_good_partner_is_served, in a process of its own"]
async fn floods() {
    let scene = Scene::new().await;
    let mut good = scene.exchange().await;
    good.echo(0).await.expect("echoed");
    let (memory, files) = (resident_bytes(), descriptors());
    let mut longest = Duration::ZERO;
    for (name, opening, flood) in flood_list() {
        let mut hand = Hand::of(&scene).await;
        hand.say(&opening).await;
        for nonce in 0..20 {
            let wave = flood.repeat(500);
            let saying = timeout(Duration::from_millis(500), hand.0.write_all(&wave));
            let asked = Instant::now();
            let (_said, echoed) = tokio::join!(saying, timeout(PATIENCE, good.echo(nonce)));
            echoed.expect(name).expect(name);
            longest = longest.max(asked.elapsed());
        }
        let grown = resident_bytes().saturating_sub(memory);
        assert!(grown < RESIDENT_GROWTH_MAX, "{name}: {grown} bytes more");
    }
    assert!(longest < Duration::from_secs(3), "a good partner waited {longest:?}");
    let back = async {
        while descriptors() > files {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, back).await.expect("descriptors return");
}

/// Floods: what is said first, and what is then said for ever without listening.
fn flood_list() -> Vec<(&'static str, Vec<u8>, Vec<u8>)> {
    let announce = [open_stream(1), frame(DATA, 0, 1, &[0, 0xff, 0xff, 0xff, 0xff])].concat();
    let no_window = [frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]), open_stream(1)].concat();
    let echoed = frame(DATA, 0, 1, &[0, 0, 0, 0, 11, 0x32, 9, 9, 1, 2, 3, 4, 5, 6, 7, 8]);
    vec![
        ("PING", Vec::new(), frame(PING, 0, 0, &[0; 8])),
        ("SETTINGS", Vec::new(), frame(SETTINGS, 0, 0, &[0, 4, 0, 1, 0, 0])),
        (
            "CONTINUATION",
            frame(HEADERS, 0, 1, &exchange_headers()),
            frame(CONTINUATION, 0, 1, &[0x40, 1, b'a', 1, b'b']),
        ),
        ("a message of 4 GiB", announce, frame(DATA, 0, 1, &[7; 1_024])),
        ("answers nobody reads", no_window, echoed),
        ("empty DATA", open_stream(1), frame(DATA, 0, 1, &[])),
    ]
}

#[tokio::test]
async fn a_message_of_four_gibibytes_is_refused_at_its_length() {
    let scene = Scene::new().await;
    let mut hand = Hand::of(&scene).await;
    hand.say(&open_stream(1)).await;
    hand.say(&frame(DATA, 0, 1, &[0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3])).await;
    // The echo stops listening: its answer ends, though the announced message never came.
    let ended = async {
        loop {
            let frame = hand.hear().await.expect("an answer");
            if frame.stream == 1 && frame.kind != DATA && scene.host.met().len() == 1 {
                return;
            }
        }
    };
    timeout(PATIENCE, ended).await.expect("the stream ends");
}
