//! The door for gateways: the loop that partners come through, before the Desk, and nobody known by a uid.

use super::verify::GatewayVerifier;
use super::{Gateways, GatewaysError};
use crate::accept::{
    Arrival, CONNECTION_AGE, CONNECTION_WINDOW_BYTES, Gate, HTTP2_FRAME_BYTES_MAX, HeldStream,
    KEEPALIVE_INTERVAL, KEEPALIVE_TIME_MAX, LOCAL_RESETS_MAX, Limits, PENDING_RESETS_MAX,
    STREAM_WINDOW_BYTES,
};
use crate::clock::Clock;
use crate::cuts::Cuts;
use crate::desk::Desk;
use crate::tls::{LeafBox, Serial, server, unix_time};
use relais_proto::desk::v1::desk_server::DeskServer;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Server;

/// Most connections of gateways at once.
pub const GATEWAYS_CONNECTIONS_MAX: usize = 32;
/// Most streams of one connection: a gateway speaks for everyone who has a page open.
const STREAMS_MAX: u32 = 256;
/// Longest a request may wait for its answer: waiting for a partner's receipt takes up to half a minute.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(40);
/// Age at which a gateway is asked to connect anew, so that its certificate is judged again; what is under way is
/// finished. At [`CONNECTION_AGE`] it is cut.
const RENEW_AGE: Duration = Duration::from_secs(50 * 60);
/// How often the roll and the age of the Desk's leaf are looked at.
const PERIOD: Duration = Duration::from_secs(2);
/// Connections that are verified and wait for the server to take them.
const WELCOMED_MAX: usize = 16;

/// Which gateway a call came through: in the extensions of every request. It says nothing of who asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GatewayInfo {
    /// The serial number of its credentials.
    pub serial: Serial,
    /// Where it connects from.
    pub address: SocketAddr,
}

/// What the door needs to know.
#[derive(Clone, Debug)]
pub(crate) struct GatewayDoor {
    gateways: Arc<Gateways>,
    verifier: Arc<GatewayVerifier>,
    leaf: Arc<LeafBox>,
    cuts: Cuts,
    clock: Clock,
}

impl GatewayDoor {
    /// The door of a node whose gateways these are.
    ///
    /// # Errors
    /// [`GatewaysError::Ca`].
    pub(crate) fn new(gateways: Gateways, clock: Clock) -> Result<Self, GatewaysError> {
        let leaf = LeafBox::new(&gateways.ca().issue_desk_leaf(clock.now())?)?;
        let verifier = Arc::new(GatewayVerifier::new(gateways.ca(), gateways.roll()));
        let gateways = Arc::new(gateways);
        Ok(Self { gateways, verifier, leaf: Arc::new(leaf), cuts: Cuts::new(), clock })
    }

    /// Cuts who was taken off the roll, and renews the leaf.
    pub(crate) async fn keep(self) {
        let mut tick = tokio::time::interval(PERIOD);
        let mut known = None;
        loop {
            tick.tick().await;
            self.follow_roll(&mut known);
            let now = self.clock.now();
            if now < self.leaf.renew_at() {
                continue;
            }
            let renewed = self.gateways.ca().issue_desk_leaf(now);
            match renewed.and_then(|next| self.leaf.renew(&next)) {
                Ok(()) => tracing::info!("Certificate for gateways renewed"),
                Err(error) => {
                    tracing::error!(%error, "Certificate for gateways not renewed; it is tried again")
                }
            }
        }
    }

    /// Cuts every gateway once somebody is taken off the roll: the others come in again at once.
    fn follow_roll(&self, known: &mut Option<BTreeSet<String>>) {
        // A roll that cannot be read lets nobody in; whoever is in stays until it can.
        let Ok(entries) = self.gateways.roll().entries() else { return };
        let on_it = entries.into_iter().filter(|entry| entry.revoked().is_none());
        let on_it: BTreeSet<String> = on_it.map(|entry| entry.serial().to_owned()).collect();
        if known.as_ref().is_some_and(|known| !known.is_subset(&on_it)) {
            let count = self.cuts.cut(self.gateways.ca().structure());
            tracing::info!(count, "Credentials of a gateway taken back: connections cut");
        }
        *known = Some(on_it);
    }

    fn limits() -> Limits {
        Limits { per_peer_max: GATEWAYS_CONNECTIONS_MAX, ..Limits::default() }
    }

    /// Makes the stream of a gateway whose handshake succeeded; `None` when there are too many, or it was taken off the
    /// roll meanwhile.
    fn welcome(&self, arrival: Arrival) -> Option<HeldStream<GatewayInfo>> {
        let leaf = arrival.leaf()?.to_vec();
        let address = arrival.address;
        let structure = self.gateways.ca().structure();
        let Some(seat) = arrival.seat.known_as(structure) else {
            tracing::warn!("Too many connections of gateways");
            return None;
        };
        let ticket = self.cuts.register(structure);
        // Registered first, then asked again: what is taken back in between is seen by one or by the other.
        let serial = self.verifier.judge(&leaf, unix_time(self.clock.now())).ok()?;
        tracing::info!(gateway.serial = %serial, %address, "Gateway connected");
        let info = GatewayInfo { serial, address };
        Some(HeldStream::new(arrival.tls, info, CONNECTION_AGE).with_seat(seat).with_ticket(ticket))
    }
}

/// Serves the Desk to gateways until told to stop.
///
/// # Errors
/// The server ended by itself.
pub(crate) async fn serve_gateways(
    listener: TcpListener,
    door: GatewayDoor,
    desk: DeskServer<Desk>,
    stopped: impl Future<Output = ()>,
) -> Result<(), tonic::transport::Error> {
    let tls = server(Arc::clone(&door.leaf) as _, Arc::clone(&door.verifier) as _, &door.clock);
    let gate = Gate::new(listener, tls, GatewayDoor::limits());
    let (sender, receiver) = tokio::sync::mpsc::channel(WELCOMED_MAX);
    tokio::spawn(gate.run(sender, move |arrival| door.welcome(arrival)));
    builder().add_service(desk).serve_with_incoming_shutdown(ReceiverStream::new(receiver), stopped).await
}

fn builder() -> Server {
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
        .max_connection_age(RENEW_AGE)
}
