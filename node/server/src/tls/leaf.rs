//! The leaf certificate in use: replaced while the node runs, read at each handshake.

use super::{CaError, Leaf, provider};
use relais_domain::time::Timestamp;
use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

/// The leaf certificate a node presents, as server and as client.
pub struct LeafBox {
    current: RwLock<Current>,
}

struct Current {
    certified: Arc<CertifiedKey>,
    renew_at: Timestamp,
}

impl LeafBox {
    /// Begins with this leaf.
    ///
    /// # Errors
    /// [`CaError::Mismatch`] when key and certificate do not belong together.
    pub fn new(leaf: &Leaf) -> Result<Self, CaError> {
        Ok(Self { current: RwLock::new(Current::of(leaf)?) })
    }

    /// Presents this leaf from the next handshake on.
    ///
    /// # Errors
    /// [`CaError::Mismatch`] when key and certificate do not belong together; the former one stays.
    pub fn renew(&self, leaf: &Leaf) -> Result<(), CaError> {
        let next = Current::of(leaf)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = next;
        Ok(())
    }

    /// When the leaf should be replaced.
    pub fn renew_at(&self) -> Timestamp {
        self.current.read().unwrap_or_else(PoisonError::into_inner).renew_at
    }

    fn certified(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner).certified)
    }
}

impl Current {
    fn of(leaf: &Leaf) -> Result<Self, CaError> {
        let chain = vec![CertificateDer::from(leaf.certificate.clone())];
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(leaf.key.to_vec()));
        let certified = CertifiedKey::from_der(chain, key, &provider()).map_err(|_| CaError::Mismatch)?;
        Ok(Self { certified: Arc::new(certified), renew_at: leaf.renew_at() })
    }
}

impl fmt::Debug for LeafBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LeafBox")
    }
}

impl ResolvesServerCert for LeafBox {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.certified())
    }
}

impl ResolvesClientCert for LeafBox {
    fn resolve(&self, _hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.certified())
    }

    fn has_certs(&self) -> bool {
        true
    }
}
