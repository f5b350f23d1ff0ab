//! The pairing's own listener: few connections, short lives, and whoever comes names itself in its certificate.

use super::{PAIRING_FRAME_BYTES_MAX, PAIRING_TIME_MAX, PairingService};
use crate::accept::{Arrival, Gate, HeldStream, Limits, peer_server_builder};
use crate::tls::{identity_of, pairing_server_config};
use relais_domain::structure_id::StructureId;
use relais_proto::peer::v1::pairing_server::PairingServer;
use relais_wire::pairing::{EXPORTER_BYTES, EXPORTER_LABEL};
use rustls::ConnectionCommon;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_stream::wrappers::ReceiverStream;

/// Most connections of the pairing listener.
pub const PAIRING_CONNECTIONS_MAX: usize = 16;
/// Streams of one connection.
const PAIRING_STREAMS_MAX: u32 = 1;
/// Connections that wait for the server to take them.
const WELCOMED_MAX: usize = 4;
/// What a connection may live longer than its pairing.
const AGE_AFTER_PAIRING: Duration = Duration::from_secs(10);

/// What is known of whoever connects to the pairing listener.
#[derive(Clone)]
pub struct PairingInfo {
    /// The structure its certificate names: a claim until its manifests are read.
    pub claimed: StructureId,
    /// Where it connects from.
    pub address: SocketAddr,
    /// The leaf certificate it holds the key of, DER.
    pub(super) leaf: Arc<[u8]>,
    /// The TLS exporter of this connection.
    pub(super) exporter: [u8; EXPORTER_BYTES],
}

impl fmt::Debug for PairingInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PairingInfo").field("claimed", &self.claimed).finish_non_exhaustive()
    }
}

/// Serves pairings on `listener` until `stop` is ready.
///
/// # Errors
/// [`tonic::transport::Error`] when the server cannot go on.
pub async fn serve_pairing(
    listener: TcpListener,
    service: PairingService,
    stop: impl Future<Output = ()>,
) -> Result<(), tonic::transport::Error> {
    let inviter = service.inviter();
    let limits = Limits {
        connections_max: PAIRING_CONNECTIONS_MAX,
        age: PAIRING_TIME_MAX + AGE_AFTER_PAIRING,
        age_jitter: Duration::ZERO,
        ..Limits::default()
    };
    let tls = pairing_server_config(Arc::clone(&inviter.leaf), &inviter.clock);
    let (sender, receiver) = tokio::sync::mpsc::channel(WELCOMED_MAX);
    let gate = Gate::new(listener, tls, limits);
    tokio::spawn(gate.run(sender, move |arrival| welcome(arrival, limits.age)));
    let server = PairingServer::new(service)
        .max_decoding_message_size(PAIRING_FRAME_BYTES_MAX)
        .max_encoding_message_size(PAIRING_FRAME_BYTES_MAX);
    peer_server_builder()
        .max_concurrent_streams(PAIRING_STREAMS_MAX)
        .add_service(server)
        .serve_with_incoming_shutdown(ReceiverStream::new(receiver), stop)
        .await
}

fn welcome(arrival: Arrival, age: Duration) -> Option<HeldStream<PairingInfo>> {
    let leaf: Arc<[u8]> = arrival.leaf()?.into();
    let claimed = identity_of(&leaf).ok()?;
    let exporter = exporter(arrival.tls.get_ref().1)?;
    let info = PairingInfo { claimed, address: arrival.address, leaf, exporter };
    Some(HeldStream::new(arrival.tls, info, age).with_seat(arrival.seat))
}

/// What only the two ends of this TLS connection know (RFC 8446 §7.5).
pub(super) fn exporter<Side>(connection: &ConnectionCommon<Side>) -> Option<[u8; EXPORTER_BYTES]> {
    connection.export_keying_material([0; EXPORTER_BYTES], EXPORTER_LABEL, None).ok()
}
