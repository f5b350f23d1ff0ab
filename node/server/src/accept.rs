//! The door for partners: our own accept loop in front of HTTP/2.
//!
//! Threat: silent, slow or too many connections. tonic's own loop has no handshake timeout and no caps, and spins when
//! descriptors run out; this one has all three, verifies who knocks before a byte of HTTP/2 is read, and gives up the
//! seat of whoever leaves.

mod gate;
mod seats;
mod stream;

pub use stream::{HeldStream, PeerInfo, PeerStream};

pub(crate) use gate::{Arrival, Gate, set_options};
pub(crate) use seats::AddressKey;

use crate::clock::{Clock, Dice};
use crate::cuts::Cuts;
use crate::tls::{LeafBox, PinBoard, Purpose, identity_of, server_config, unix_time};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Server;

/// Longest a TLS handshake may take.
pub const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(5);
/// Most connections at once.
pub const CONNECTIONS_MAX: usize = 512;
/// Most connections of one partner.
pub const CONNECTIONS_PER_PEER_MAX: usize = 64;
/// Most connections of one address that have not said who they are yet.
pub const CONNECTIONS_PER_ADDRESS_MAX: usize = 4;
/// Age at which a connection ends, so that certificates and pins are judged again.
pub const CONNECTION_AGE: Duration = Duration::from_secs(60 * 60);
/// How far from [`CONNECTION_AGE`] a connection may end, so that not all end together.
pub const CONNECTION_AGE_JITTER: Duration = Duration::from_secs(6 * 60);
/// Most streams of one connection.
pub const STREAMS_MAX: u32 = 64;
/// Longest header list and longest HTTP/2 frame, in bytes.
pub const HTTP2_FRAME_BYTES_MAX: u32 = 16 * 1024;
/// Longest message, in bytes: for both limits of every generated server and client.
pub const MESSAGE_BYTES_MAX: usize = 1024 * 1024;
/// Longest a request may wait for the head of its answer.
pub const REQUEST_TIME_MAX: Duration = Duration::from_secs(10);
/// How often a silent connection is asked whether it lives.
pub const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
/// How long it has to answer.
pub const KEEPALIVE_TIME_MAX: Duration = Duration::from_secs(10);
/// Resets that the other side provoked and that are still remembered; one more ends the connection.
pub const LOCAL_RESETS_MAX: usize = 64;
/// Streams that the other side opened and reset before they were seen; one more ends the connection.
pub const PENDING_RESETS_MAX: usize = 20;
/// Bytes of one stream that may be under way.
pub(crate) const STREAM_WINDOW_BYTES: u32 = 256 * 1024;
/// Bytes of one connection that may be under way.
pub(crate) const CONNECTION_WINDOW_BYTES: u32 = 1024 * 1024;
/// Connections that are verified and wait for the server to take them.
const WELCOMED_MAX: usize = 16;

/// The numbers of a door.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Most connections at once.
    pub connections_max: usize,
    /// Most connections of one partner.
    pub per_peer_max: usize,
    /// Most connections of one address that have not said who they are yet.
    pub per_address_max: usize,
    /// Longest a TLS handshake may take.
    pub handshake_time_max: Duration,
    /// Age at which a connection ends.
    pub age: Duration,
    /// How far from `age` it may end.
    pub age_jitter: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: CONNECTIONS_MAX,
            per_peer_max: CONNECTIONS_PER_PEER_MAX,
            per_address_max: CONNECTIONS_PER_ADDRESS_MAX,
            handshake_time_max: HANDSHAKE_TIME_MAX,
            age: CONNECTION_AGE,
            age_jitter: CONNECTION_AGE_JITTER,
        }
    }
}

/// What the door for partners needs to know.
#[derive(Clone, Debug)]
pub struct Door {
    /// The leaf this node presents.
    pub leaf: Arc<LeafBox>,
    /// Who may come in.
    pub pins: Arc<PinBoard>,
    /// Where open connections are registered.
    pub cuts: Cuts,
    /// The node's clock.
    pub clock: Clock,
    /// The node's dice, for the jitter of ages.
    pub dice: Dice,
    /// The numbers.
    pub limits: Limits,
}

/// Accepts partners on `listener` until the stream is dropped: each item is a connection of a verified partner, for
/// `serve_with_incoming` of [`peer_server_builder`]'s router.
pub fn peer_streams(listener: TcpListener, door: Door) -> ReceiverStream<io::Result<PeerStream>> {
    let (sender, receiver) = tokio::sync::mpsc::channel(WELCOMED_MAX);
    let tls = server_config(Arc::clone(&door.leaf), Arc::clone(&door.pins), &door.clock);
    let gate = Gate::new(listener, tls, door.limits);
    tokio::spawn(gate.run(sender, move |arrival| welcome(&door, arrival)));
    ReceiverStream::new(receiver)
}

/// The server for the link's services, with every limit of HTTP/2 set. Message limits are set on each generated server:
/// see [`MESSAGE_BYTES_MAX`].
pub fn peer_server_builder() -> Server {
    Server::builder()
        .max_concurrent_streams(STREAMS_MAX)
        .max_frame_size(HTTP2_FRAME_BYTES_MAX)
        .http2_max_header_list_size(HTTP2_FRAME_BYTES_MAX)
        .http2_max_local_error_reset_streams(Some(LOCAL_RESETS_MAX))
        .http2_max_pending_accept_reset_streams(Some(PENDING_RESETS_MAX))
        .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
        .http2_keepalive_timeout(Some(KEEPALIVE_TIME_MAX))
        .http2_adaptive_window(Some(false))
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .timeout(REQUEST_TIME_MAX)
}

/// Makes the stream of a partner whose handshake succeeded; `None` when it has too many, or was cut meanwhile.
fn welcome(door: &Door, arrival: Arrival) -> Option<PeerStream> {
    let leaf = arrival.leaf()?.to_vec();
    let structure = identity_of(&leaf).ok()?;
    let address = arrival.address;
    let Some(seat) = arrival.seat.known_as(structure) else {
        tracing::warn!(peer.id = %structure, "A partner has too many connections");
        return None;
    };
    let ticket = door.cuts.register(structure);
    // Registered first, then asked again: a change of trust or of CA in between is seen by one or by the other.
    door.pins.vouch(structure, &leaf, Purpose::Client, unix_time(door.clock.now())).ok()?;
    let age = jittered(&door.limits, &door.dice);
    let info = PeerInfo { structure, address };
    Some(HeldStream::new(arrival.tls, info, age).with_seat(seat).with_ticket(ticket))
}

/// An age from `age` less the jitter to `age` and the jitter.
fn jittered(limits: &Limits, dice: &Dice) -> Duration {
    let width = u64::try_from(limits.age_jitter.as_millis()).unwrap_or(u64::MAX);
    let drawn = Duration::from_millis(dice.up_to(width.saturating_mul(2)));
    limits.age.saturating_sub(limits.age_jitter).saturating_add(drawn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_spread_around_the_hour() {
        let dice = Dice::system().expect("randomness");
        let limits = Limits::default();
        let ages: Vec<Duration> = (0..200).map(|_| jittered(&limits, &dice)).collect();
        let (low, high) = (CONNECTION_AGE - CONNECTION_AGE_JITTER, CONNECTION_AGE + CONNECTION_AGE_JITTER);
        assert!(ages.iter().all(|age| (low..=high).contains(age)));
        assert!(ages.iter().any(|age| *age < CONNECTION_AGE) && ages.iter().any(|age| *age > CONNECTION_AGE));
    }
}
