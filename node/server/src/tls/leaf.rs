//! The leaf certificate in use: replaced while the node runs, read at each handshake.
//!
//! After a rotation of keys, partners that have not heard of it yet know this node by its former CA alone. For a while
//! a leaf of that CA is held as well: a dial tries it second, and the door for partners shows it now and then, for a
//! server cannot know who dials before it has shown who it is.

use super::{CaError, Leaf, provider};
use relais_domain::time::Timestamp;
use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// At one in so many handshakes the door shows the former leaf. A dial has two tries: with an even number here, two nodes
/// that both rotated could miss each other for ever.
const FORMER_SHOWN_EACH: u32 = 3;

/// The leaf certificate a node presents, as server and as client.
pub struct LeafBox {
    current: RwLock<Current>,
    former: RwLock<Option<Former>>,
    /// Handshakes at the door since a former leaf is held.
    shown: AtomicU32,
}

/// Which of its leaves a node shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shown {
    /// The one of the CA its manifest names.
    Current,
    /// The one of the CA its manifest named before a rotation, if it is still held; else the current one.
    Former,
}

struct Current {
    certified: Arc<CertifiedKey>,
    renew_at: Timestamp,
}

struct Former {
    certified: Arc<CertifiedKey>,
    until: Timestamp,
}

impl LeafBox {
    /// Begins with this leaf.
    ///
    /// # Errors
    /// [`CaError::Mismatch`] when key and certificate do not belong together.
    pub fn new(leaf: &Leaf) -> Result<Self, CaError> {
        let current = RwLock::new(Current::of(leaf)?);
        Ok(Self { current, former: RwLock::new(None), shown: AtomicU32::new(0) })
    }

    /// Holds a leaf of the former CA beside the current one, until it ends.
    ///
    /// # Errors
    /// [`CaError::Mismatch`] when key and certificate do not belong together.
    pub fn hold_former(&self, leaf: &Leaf) -> Result<(), CaError> {
        let former = Former { certified: certified(leaf)?, until: leaf.not_after };
        *self.former.write().unwrap_or_else(PoisonError::into_inner) = Some(former);
        Ok(())
    }

    /// Lets go of the former CA's leaf when it has ended.
    pub fn retire_former(&self, now: Timestamp) {
        let mut former = self.former.write().unwrap_or_else(PoisonError::into_inner);
        if former.as_ref().is_some_and(|former| former.until <= now) {
            *former = None;
        }
    }

    /// What a dial shows, one try after the other.
    pub fn tries(&self) -> &'static [Shown] {
        match self.former() {
            Some(_) => &[Shown::Current, Shown::Former],
            None => &[Shown::Current],
        }
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

    fn former(&self) -> Option<Arc<CertifiedKey>> {
        let former = self.former.read().unwrap_or_else(PoisonError::into_inner);
        former.as_ref().map(|former| Arc::clone(&former.certified))
    }

    /// The former leaf once in [`FORMER_SHOWN_EACH`], beginning with the second; else the current one.
    pub(super) fn in_turn(&self) -> Arc<CertifiedKey> {
        let Some(former) = self.former() else { return self.certified() };
        let turn = self.shown.fetch_add(1, Ordering::Relaxed) % FORMER_SHOWN_EACH;
        if turn == 1 { former } else { self.certified() }
    }
}

impl Current {
    fn of(leaf: &Leaf) -> Result<Self, CaError> {
        Ok(Self { certified: certified(leaf)?, renew_at: leaf.renew_at() })
    }
}

fn certified(leaf: &Leaf) -> Result<Arc<CertifiedKey>, CaError> {
    let chain = vec![CertificateDer::from(leaf.certificate.clone())];
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(leaf.key.to_vec()));
    let certified = CertifiedKey::from_der(chain, key, &provider()).map_err(|_| CaError::Mismatch)?;
    Ok(Arc::new(certified))
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

/// Shows the current leaf, and now and then the former one.
#[derive(Debug)]
pub(super) struct InTurn(pub(super) Arc<LeafBox>);

impl ResolvesServerCert for InTurn {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.in_turn())
    }
}

/// Shows the former leaf if there is one.
#[derive(Debug)]
pub(super) struct FormerFirst(pub(super) Arc<LeafBox>);

impl ResolvesClientCert for FormerFirst {
    fn resolve(&self, _hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.0.former().unwrap_or_else(|| self.0.certified()))
    }

    fn has_certs(&self) -> bool {
        true
    }
}
