//! Which CA each partner is known by: one each, the one before beside it for a while, and no CA key for two structures.
//!
//! Threat (misbinding): a partner lists another's CA key in its own manifest, so that the other's certificates would
//! count as its own.

use super::{CERTIFICATE_BYTES_MAX, unix_time};
use relais_domain::digest::Digest;
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_wire::keys::VerifyKey;
use relais_wire::manifest::chain::Chain;
use rustls::pki_types::UnixTime;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// Why a CA is not pinned.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PinError {
    /// Not the certificate of a CA with an admitted Ed25519 key.
    #[error("the certificate is not that of an Ed25519 CA")]
    NotACa,
    /// The key is already pinned for another structure, or is this node's own.
    #[error("the CA key is another structure's")]
    OfAnother,
    /// It would be a pin for this node's own structure.
    #[error("a node does not pin its own structure")]
    Ourselves,
}

/// A CA certificate that was read: its key and its name.
pub(super) struct CaKey<'a> {
    spki: &'a [u8],
    name: Option<String>,
}

impl<'a> CaKey<'a> {
    /// Reads a CA certificate with an admitted Ed25519 key.
    pub(super) fn read(certificate: &'a [u8]) -> Result<Self, PinError> {
        if certificate.len() > CERTIFICATE_BYTES_MAX {
            return Err(PinError::NotACa);
        }
        let (rest, parsed) = X509Certificate::from_der(certificate).map_err(|_| PinError::NotACa)?;
        let spki = parsed.tbs_certificate.subject_pki.raw;
        if !rest.is_empty() || !parsed.is_ca() || VerifyKey::from_spki(spki).is_err() {
            return Err(PinError::NotACa);
        }
        let mut names = parsed.tbs_certificate.subject.iter_common_name();
        let name = names.next().and_then(|name| name.as_str().ok()).map(str::to_owned);
        Ok(Self { spki, name })
    }

    pub(super) fn spki(&self) -> &'a [u8] {
        self.spki
    }

    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

/// The pinned CA of each partner.
pub struct PinBoard {
    own: StructureId,
    own_key: Digest,
    pins: RwLock<BTreeMap<StructureId, Pin>>,
}

struct Pin {
    certificate: Arc<[u8]>,
    key: Digest,
    former: Option<FormerPin>,
}

/// The CA before: accepted beside the current one until `until`.
struct FormerPin {
    certificate: Arc<[u8]>,
    key: Digest,
    until: Timestamp,
}

impl Pin {
    fn former_key(&self) -> Option<Digest> {
        self.former.as_ref().map(|former| former.key)
    }

    fn keys(&self) -> impl Iterator<Item = Digest> {
        std::iter::once(self.key).chain(self.former_key())
    }
}

/// What became of the CAs that a partner was known by before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pinned {
    /// None of them counts less than before.
    Kept,
    /// The one it was known by is accepted no more: what is open under it is to be cut.
    Dropped,
}

impl PinBoard {
    /// A board without pins, for the node of `own`, whose CA certificate (DER) nobody else may claim.
    ///
    /// # Errors
    /// [`PinError::NotACa`].
    pub fn new(own: StructureId, own_ca: &[u8]) -> Result<Self, PinError> {
        Ok(Self { own, own_key: key_of(own_ca)?, pins: RwLock::default() })
    }

    /// Pins `ca` (DER) for `structure`, in place of its former one.
    ///
    /// # Errors
    /// [`PinError`]: the former pin stays.
    pub fn pin(&self, structure: StructureId, ca: &[u8]) -> Result<(), PinError> {
        let key = key_of(ca)?;
        let mut pins = self.pins.write().unwrap_or_else(PoisonError::into_inner);
        self.judge(&pins, structure, key)?;
        pins.insert(structure, Pin { certificate: ca.into(), key, former: None });
        Ok(())
    }

    /// Pins the TLS CA that the manifests of a partner name now, and beside it the one before as long as they overlap.
    ///
    /// # Errors
    /// [`PinError`]: the former pin stays.
    pub fn follow(&self, chain: &Chain) -> Result<Pinned, PinError> {
        let structure = chain.structure();
        let key = key_of(chain.tls_ca())?;
        let mut pins = self.pins.write().unwrap_or_else(PoisonError::into_inner);
        self.judge(&pins, structure, key)?;
        let former = chain.former_tls_ca().and_then(|(ca, until)| {
            let key = key_of(ca).ok()?;
            self.judge(&pins, structure, key).ok()?;
            Some(FormerPin { certificate: ca.into(), key, until })
        });
        let pin = Pin { certificate: chain.tls_ca().into(), key, former };
        let before = pins.get(&structure).map(|before| before.key);
        let dropped = before.is_some_and(|before| !pin.keys().any(|key| key == before));
        pins.insert(structure, pin);
        Ok(if dropped { Pinned::Dropped } else { Pinned::Kept })
    }

    /// Whether `ca` (DER) could be pinned for `structure`.
    ///
    /// # Errors
    /// [`PinError`], as [`PinBoard::pin`].
    pub fn check(&self, structure: StructureId, ca: &[u8]) -> Result<(), PinError> {
        self.judge(&self.pins.read().unwrap_or_else(PoisonError::into_inner), structure, key_of(ca)?)
    }

    /// Removes the pin of `structure`: its next handshake is refused. Open streams are for [`crate::cuts::Cuts`].
    pub fn unpin(&self, structure: StructureId) {
        self.pins.write().unwrap_or_else(PoisonError::into_inner).remove(&structure);
    }

    /// The pinned CA certificate (DER) of `structure`.
    pub fn ca_of(&self, structure: StructureId) -> Option<Arc<[u8]>> {
        let pins = self.pins.read().unwrap_or_else(PoisonError::into_inner);
        pins.get(&structure).map(|pin| Arc::clone(&pin.certificate))
    }

    /// Every CA certificate (DER) that `structure` is accepted by at `now`, the current one first.
    pub(super) fn cas_at(&self, structure: StructureId, now: UnixTime) -> Vec<Arc<[u8]>> {
        let pins = self.pins.read().unwrap_or_else(PoisonError::into_inner);
        let Some(pin) = pins.get(&structure) else { return Vec::new() };
        let former = pin.former.as_ref().filter(|former| now < unix_time(former.until));
        let former = former.map(|former| Arc::clone(&former.certificate));
        std::iter::once(Arc::clone(&pin.certificate)).chain(former).collect()
    }

    fn judge(
        &self,
        pins: &BTreeMap<StructureId, Pin>,
        structure: StructureId,
        key: Digest,
    ) -> Result<(), PinError> {
        let of_another =
            pins.iter().any(|(other, pin)| *other != structure && pin.keys().any(|pinned| pinned == key));
        if structure == self.own {
            Err(PinError::Ourselves)
        } else if of_another || key == self.own_key {
            Err(PinError::OfAnother)
        } else {
            Ok(())
        }
    }
}

impl fmt::Debug for PinBoard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinBoard")
    }
}

/// SHA-256 of the SPKI.
fn key_of(ca: &[u8]) -> Result<Digest, PinError> {
    CaKey::read(ca).map(|ca| Digest::of(ca.spki()))
}
