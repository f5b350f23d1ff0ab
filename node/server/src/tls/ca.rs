//! A structure's own TLS CA, and the short-lived leaf certificates it issues.

use super::{LEAF_BACKDATE, NAME_SCHEME, pins::CaKey};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DistinguishedName, DnType, DnValue,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ED25519, PublicKeyData as _,
    SanType, SerialNumber, date_time_ymd,
};
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Span, Timestamp};
use rustls::pki_types::PrivatePkcs8KeyDer;
use std::fmt;
use std::time::Duration;
use zeroize::Zeroizing;

/// The last millisecond a certificate can name (9999-12-31T23:59:59Z).
const LAST_INSTANT_MS: i64 = 253_402_300_799_000;

/// Why a CA cannot be made, read or used.
#[derive(Debug, thiserror::Error)]
pub enum CaError {
    /// The certificate and the key do not belong together, or the certificate is not of this structure.
    #[error("the TLS CA's certificate and key are not this structure's; restore both from your backup")]
    Mismatch,
    /// The certificate cannot be made.
    #[error("the certificate cannot be made: {0}")]
    Certificate(#[from] rcgen::Error),
}

/// A structure's own TLS CA. Its key is wiped when dropped.
pub struct Ca {
    structure: StructureId,
    certificate: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
}

impl Ca {
    /// Makes a CA: an Ed25519 key and a self-signed certificate whose name is the structure's id. It has no end of its
    /// own: it holds as long as the manifest names it.
    ///
    /// # Errors
    /// [`CaError::Certificate`].
    pub fn generate(structure: StructureId) -> Result<Self, CaError> {
        let key = KeyPair::generate_for(&PKCS_ED25519)?;
        let certificate = ca_params(&structure.compact()).self_signed(&key)?.der().to_vec();
        Ok(Self { structure, certificate, key: Zeroizing::new(key.serialize_der()) })
    }

    /// The CA of this certificate (DER) and key (PKCS#8, DER), as kept.
    ///
    /// # Errors
    /// [`CaError`] when they do not belong together or are another structure's.
    pub fn from_parts(
        structure: StructureId,
        certificate: Vec<u8>,
        key: Zeroizing<Vec<u8>>,
    ) -> Result<Self, CaError> {
        belong_together(&certificate, &key, &structure.compact())?;
        Ok(Self { structure, certificate, key })
    }

    /// The certificate, DER: what the manifest names.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// The certificate and the PKCS#8 key, both DER: for the key files alone.
    pub fn into_parts(self) -> (Vec<u8>, Zeroizing<Vec<u8>>) {
        (self.certificate, self.key)
    }

    /// Issues a leaf with a fresh Ed25519 key, whose only name is `relais:<structure id>`, for both sides of a
    /// connection, from [`LEAF_BACKDATE`] before `now` until `lifetime` after it.
    ///
    /// # Errors
    /// [`CaError::Certificate`].
    pub fn issue_leaf(
        &self,
        structure: StructureId,
        now: Timestamp,
        lifetime: Span,
    ) -> Result<Leaf, CaError> {
        let (not_before, not_after) = (now.minus(LEAF_BACKDATE), now.plus(lifetime));
        let plan = LeafPlan {
            name: format!("{NAME_SCHEME}{}", structure.compact()),
            usages: vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth],
            serial: None,
            not_before,
            not_after,
        };
        let (certificate, key) = sign(&self.structure.compact(), &self.key, plan)?;
        let certificate = certificate.der().to_vec();
        Ok(Leaf { certificate, key: Zeroizing::new(key.serialize_der()), not_before, not_after })
    }
}

impl fmt::Debug for Ca {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ca").field("structure", &self.structure).finish_non_exhaustive()
    }
}

/// A leaf certificate with its key. The key is wiped when dropped.
pub struct Leaf {
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// Its key, PKCS#8 DER.
    pub key: Zeroizing<Vec<u8>>,
    /// First instant it holds.
    pub not_before: Timestamp,
    /// Last instant it holds.
    pub not_after: Timestamp,
}

impl Leaf {
    /// When the node should replace it: halfway, so that it can fail for a week and nobody notices.
    pub fn renew_at(&self) -> Timestamp {
        self.not_before.plus(Span(self.not_after.since(self.not_before).0 / 2))
    }
}

impl fmt::Debug for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leaf").field("not_after", &self.not_after).finish_non_exhaustive()
    }
}

/// What a leaf says.
pub(super) struct LeafPlan {
    /// Its only name, a URI.
    pub(super) name: String,
    /// What it is for.
    pub(super) usages: Vec<ExtendedKeyUsagePurpose>,
    /// Its serial number; drawn when nobody cares which.
    pub(super) serial: Option<SerialNumber>,
    /// First instant it holds.
    pub(super) not_before: Timestamp,
    /// Last instant it holds.
    pub(super) not_after: Timestamp,
}

/// Signs a leaf with a fresh Ed25519 key, by the CA of this name and key (PKCS#8, DER).
pub(super) fn sign(ca_name: &str, ca_key: &[u8], plan: LeafPlan) -> Result<(Certificate, KeyPair), CaError> {
    let issuer = Issuer::new(ca_params(ca_name), key_pair(ca_key)?);
    let key = KeyPair::generate_for(&PKCS_ED25519)?;
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.subject_alt_names = vec![SanType::URI(plan.name.try_into()?)];
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = plan.usages;
    params.serial_number = plan.serial;
    params.not_before = date_time_ymd(1970, 1, 1) + since_1970(plan.not_before);
    params.not_after = date_time_ymd(1970, 1, 1) + since_1970(plan.not_after);
    Ok((params.signed_by(&key, &issuer)?, key))
}

/// Checks that a CA's certificate (DER) and key (PKCS#8, DER) belong together and bear this name.
pub(super) fn belong_together(certificate: &[u8], key: &[u8], name: &str) -> Result<(), CaError> {
    let ca = CaKey::read(certificate).map_err(|_| CaError::Mismatch)?;
    let same_key = key_pair(key)?.subject_public_key_info() == ca.spki();
    if same_key && ca.name() == Some(name) { Ok(()) } else { Err(CaError::Mismatch) }
}

/// The structure that a TLS CA's certificate (DER) says it is of.
///
/// # Errors
/// [`CaError::Mismatch`] when it is no such certificate.
pub fn structure_of_ca(certificate: &[u8]) -> Result<StructureId, CaError> {
    let ca = CaKey::read(certificate).map_err(|_| CaError::Mismatch)?;
    ca.name().and_then(|name| StructureId::parse(name).ok()).ok_or(CaError::Mismatch)
}

/// What the certificate of a CA of this name says; its name is also what its leaves name as their issuer.
pub(super) fn ca_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, DnValue::Utf8String(name.to_owned()));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(1970, 1, 1) + since_1970(Timestamp(LAST_INSTANT_MS));
    params
}

fn key_pair(pkcs8: &[u8]) -> Result<KeyPair, rcgen::Error> {
    KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(pkcs8), &PKCS_ED25519)
}

/// Whole seconds since 1970, within what a certificate can name.
fn since_1970(at: Timestamp) -> Duration {
    let clamped = at.0.clamp(0, LAST_INSTANT_MS);
    Duration::from_secs(u64::try_from(clamped / Span::seconds(1).0).unwrap_or(0))
}
