//! TLS between nodes: everyone is their own authority.
//!
//! Threat: a partner, or anyone, presents a certificate in another's name. So a certificate is never judged against a
//! pool: the one structure id in it says which pinned CA must have issued it, and no other is asked. TLS 1.3, Ed25519
//! and HTTP/2 only; no session is ever resumed, so that a suspension holds from the next handshake on.

mod ca;
mod desk_ca;
mod leaf;
mod pins;
mod verify;

#[cfg(test)]
mod tests;

pub use ca::{Ca, CaError, Leaf, structure_of_ca};
pub use desk_ca::{Credentials, DESK_SCHEME, DeskCa, GATEWAY_SCHEME, Serial};
pub use leaf::{LeafBox, Shown};
pub use pins::{PinBoard, PinError, Pinned};
pub use verify::{IdentityError, Purpose, identity_of, verify_leaf};

use crate::clock::Clock;
use leaf::{FormerFirst, InTurn};
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Span, Timestamp};
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs};
use rustls::pki_types::{ServerName, UnixTime};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, ResolvesServerCert};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, CommonState, ServerConfig, SignatureScheme, version};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use verify::{Expected, Pins, Verifier};

/// How long a leaf certificate holds from its issue.
pub const LEAF_LIFETIME: Span = Span::days(14);
/// How long before its issue a leaf certificate begins, for partners whose clock is behind.
pub const LEAF_BACKDATE: Span = Span::hours(1);
/// Longest certificate read, DER, in bytes.
pub const CERTIFICATE_BYTES_MAX: usize = 4 * 1024;
/// What stands before the structure id in a certificate's only name.
pub const NAME_SCHEME: &str = "relais:";
/// The protocol inside (ALPN).
const HTTP_2: &[u8] = b"h2";
/// Certificates are found by the id dialled, never by this name.
const PLACEHOLDER_NAME: &str = "peer.invalid";

/// Ed25519 alone, for certificates and for handshakes.
pub(crate) static ED25519_ONLY: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
    all: &[webpki::aws_lc_rs::ED25519],
    mapping: &[(SignatureScheme::ED25519, &[webpki::aws_lc_rs::ED25519])],
};

/// The server's side of the link: any partner whose CA is pinned may come in.
pub fn server_config(leaf: Arc<LeafBox>, pins: Arc<PinBoard>, clock: &Clock) -> Arc<ServerConfig> {
    let verifier = Verifier::new(Expected::Anyone, Pins::Board(pins));
    server(Arc::new(InTurn(leaf)), Arc::new(verifier), clock)
}

/// The client's side of the link: only `expected`, by its pinned CA.
pub fn client_config(
    expected: StructureId,
    leaf: Arc<LeafBox>,
    pins: Arc<PinBoard>,
    clock: &Clock,
) -> Arc<ClientConfig> {
    client_config_showing(Shown::Current, expected, leaf, pins, clock)
}

/// The client's side of the link, which shows this one of its leaves.
pub(crate) fn client_config_showing(
    shown: Shown,
    expected: StructureId,
    leaf: Arc<LeafBox>,
    pins: Arc<PinBoard>,
    clock: &Clock,
) -> Arc<ClientConfig> {
    let verifier = Verifier::new(Expected::Only(expected), Pins::Board(pins));
    match shown {
        Shown::Current => client(leaf, verifier, clock),
        Shown::Former => client(Arc::new(FormerFirst(leaf)), verifier, clock),
    }
}

/// The inviter's side of a pairing: whoever names itself in its certificate, to be checked against its manifest.
pub(crate) fn pairing_server_config(leaf: Arc<LeafBox>, clock: &Clock) -> Arc<ServerConfig> {
    server(leaf, Arc::new(Verifier::new(Expected::Anyone, Pins::FromManifest)), clock)
}

/// The joiner's side of a pairing: whoever names itself `expected`, to be checked against its manifest.
pub(crate) fn pairing_client_config(
    expected: StructureId,
    leaf: Arc<LeafBox>,
    clock: &Clock,
) -> Arc<ClientConfig> {
    client(leaf, Verifier::new(Expected::Only(expected), Pins::FromManifest), clock)
}

/// Whether both sides agreed on HTTP/2: rustls completes a handshake with a client that offers nothing.
pub(crate) fn speaks_http_2(connection: &CommonState) -> bool {
    connection.alpn_protocol() == Some(HTTP_2)
}

/// The name every dial gives: no name is sent or compared.
pub(crate) fn placeholder_name() -> ServerName<'static> {
    ServerName::try_from(PLACEHOLDER_NAME).expect("the placeholder is a DNS name")
}

/// An instant as TLS wants it; before 1970 becomes 1970.
pub fn unix_time(at: Timestamp) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_millis(u64::try_from(at.0).unwrap_or(0)))
}

/// A server of this house: it shows this leaf, and lets in whom this verifier vouches for.
pub(crate) fn server(
    leaf: Arc<dyn ResolvesServerCert>,
    verifier: Arc<dyn ClientCertVerifier>,
    clock: &Clock,
) -> Arc<ServerConfig> {
    let mut config = ServerConfig::builder_with_details(provider(), Arc::new(NodeTime(clock.clone())))
        .with_protocol_versions(&[&version::TLS13])
        .expect("the provider has suites of TLS 1.3")
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(leaf);
    config.alpn_protocols = vec![HTTP_2.to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config.max_early_data_size = 0;
    Arc::new(config)
}

fn client(leaf: Arc<dyn ResolvesClientCert>, verifier: Verifier, clock: &Clock) -> Arc<ClientConfig> {
    let mut config = ClientConfig::builder_with_details(provider(), Arc::new(NodeTime(clock.clone())))
        .with_protocol_versions(&[&version::TLS13])
        .expect("the provider has suites of TLS 1.3")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_client_cert_resolver(leaf);
    config.alpn_protocols = vec![HTTP_2.to_vec()];
    config.resumption = Resumption::disabled();
    config.enable_sni = false;
    Arc::new(config)
}

/// aws-lc-rs, reduced: TLS 1.3 suites, X25519 with or without ML-KEM-768, Ed25519.
fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    let provider = PROVIDER.get_or_init(|| {
        Arc::new(CryptoProvider {
            cipher_suites: vec![
                aws_lc_rs::cipher_suite::TLS13_AES_256_GCM_SHA384,
                aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256,
                aws_lc_rs::cipher_suite::TLS13_CHACHA20_POLY1305_SHA256,
            ],
            kx_groups: vec![aws_lc_rs::kx_group::X25519MLKEM768, aws_lc_rs::kx_group::X25519],
            signature_verification_algorithms: ED25519_ONLY,
            ..aws_lc_rs::default_provider()
        })
    });
    Arc::clone(provider)
}

/// The node's clock, as rustls asks it.
#[derive(Debug)]
struct NodeTime(Clock);

impl TimeProvider for NodeTime {
    fn current_time(&self) -> Option<UnixTime> {
        Some(unix_time(self.0.now()))
    }
}
