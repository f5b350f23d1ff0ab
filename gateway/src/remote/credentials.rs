//! The file that a node's administrator made for this gateway: its certificate, its key, the Desk CA.

use super::verify::{DeskVerifier, Doubt, vouched};
use jiff::Timestamp;
use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};
use zeroize::Zeroizing;

/// What stands before the structure id in the only name of a gateway's certificate.
const GATEWAY_SCHEME: &str = "relais-gateway:";
/// What stands before it in the node's.
const DESK_SCHEME: &str = "relais-desk:";
/// Largest file read, in bytes.
const FILE_BYTES_MAX: u64 = 16 * 1024;
/// How long before their end credentials are warned of.
const WARNED_BEFORE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Why credentials cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// The file cannot be read.
    #[error("{path}: {why}")]
    Read {
        /// Which.
        path: PathBuf,
        /// The system's words.
        why: io::Error,
    },
    /// Others can read the key in it.
    #[error("{path}: others can read this key (mode {mode:o}); run `chmod 600 {path}`")]
    Readable {
        /// Which.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It is another file, or an incomplete one.
    #[error("{0}: is not a file that `relais gateway credentials` made; make one on the node's machine")]
    Shape(PathBuf),
    /// They have run out.
    #[error(
        "{path}: these credentials ran out on {day}; make new ones on the node's machine with `relais gateway credentials`"
    )]
    Expired {
        /// Which.
        path: PathBuf,
        /// When, as year-month-day.
        day: String,
    },
    /// They do not hold yet.
    #[error("{0}: these credentials do not hold yet: compare this machine's clock with the node's")]
    Early(PathBuf),
}

/// What lets this gateway in at its node, and tells the node from anyone else.
#[derive(Clone, Debug)]
pub struct Credentials {
    tls: Arc<ClientConfig>,
    ends: Option<String>,
}

impl Credentials {
    /// Reads the file. One that would not be taken by the node is refused here already.
    ///
    /// # Errors
    /// [`CredentialsError`] says what to do.
    pub fn read(path: &Path) -> Result<Self, CredentialsError> {
        let text = read(path)?;
        let shape = || CredentialsError::Shape(path.to_owned());
        let Parts { leaf, key, ca } = Parts::of(&text).ok_or_else(shape)?;
        let anchor = anchor_from_trusted_cert(&ca).map_err(|_| shape())?.to_owned();
        let now = UnixTime::now();
        let holds = |at| vouched(&leaf, &anchor, KeyUsage::client_auth(), at);
        holds(now).map_err(|doubt| match doubt {
            Doubt::Expired(at) => CredentialsError::Expired { path: path.to_owned(), day: day(at) },
            Doubt::Early => CredentialsError::Early(path.to_owned()),
            Doubt::Unissued => shape(),
        })?;
        let soon = UnixTime::since_unix_epoch(Duration::from_secs(now.as_secs()) + WARNED_BEFORE);
        let ends = match holds(soon) {
            Err(Doubt::Expired(at)) => Some(day(at)),
            Ok(()) | Err(Doubt::Early | Doubt::Unissued) => None,
        };
        let name = desk_name(&leaf).ok_or_else(shape)?;
        let tls = config(DeskVerifier::new(anchor, name), leaf, key).ok_or_else(shape)?;
        Ok(Self { tls: Arc::new(tls), ends })
    }

    /// The day they run out, when that is near.
    pub fn ends_soon(&self) -> Option<&str> {
        self.ends.as_deref()
    }

    pub(super) fn tls(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.tls)
    }
}

struct Parts {
    leaf: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
    ca: CertificateDer<'static>,
}

impl Parts {
    /// Exactly a certificate, its key, and the CA.
    fn of(text: &[u8]) -> Option<Self> {
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
        let [leaf, ca] = certificates.ok()?.try_into().ok()?;
        Some(Self { leaf, key: PrivateKeyDer::from_pem_slice(text).ok()?, ca })
    }
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, CredentialsError> {
    let failed = |why| CredentialsError::Read { path: path.to_owned(), why };
    let file = std::fs::File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(CredentialsError::Readable { path: path.to_owned(), mode });
    }
    let mut text = Zeroizing::new(Vec::new());
    file.take(FILE_BYTES_MAX).read_to_end(&mut text).map_err(failed)?;
    Ok(text)
}

/// The name that the node of this gateway's certificate bears.
fn desk_name(leaf: &CertificateDer<'_>) -> Option<String> {
    let leaf = EndEntityCert::try_from(leaf).ok()?;
    let structure = leaf.valid_uri_names().find_map(|name| name.strip_prefix(GATEWAY_SCHEME))?;
    Some(format!("{DESK_SCHEME}{structure}"))
}

fn config(
    verifier: DeskVerifier,
    leaf: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
) -> Option<ClientConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .ok()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_client_auth_cert(vec![leaf], key)
        .ok()?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    config.resumption = Resumption::disabled();
    config.enable_sni = false;
    Some(config)
}

/// An instant's day, as year-month-day.
fn day(at: UnixTime) -> String {
    let seconds = i64::try_from(at.as_secs()).unwrap_or(i64::MAX);
    let instant = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
    instant.strftime("%Y-%m-%d").to_string()
}
