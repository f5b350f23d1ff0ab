//! Whether whoever answers is the node that made the credentials: issued by that one CA, for a server, under one name.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, PeerIncompatible, SignatureScheme};
use webpki::{EndEntityCert, KeyUsage};

/// Ed25519 alone, for certificates and for handshakes.
pub(super) static ED25519_ONLY: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
    all: &[webpki::aws_lc_rs::ED25519],
    mapping: &[(SignatureScheme::ED25519, &[webpki::aws_lc_rs::ED25519])],
};

/// What rustls asks about the node.
#[derive(Debug)]
pub(super) struct DeskVerifier {
    anchor: TrustAnchor<'static>,
    name: String,
}

impl DeskVerifier {
    /// Believes a certificate of this name under this CA.
    pub(super) fn new(anchor: TrustAnchor<'static>, name: String) -> Self {
        Self { anchor, name }
    }
}

/// Whether a certificate was refused for its time alone.
pub(super) fn is_about_time(error: &CertificateError) -> bool {
    matches!(error, CertificateError::Expired | CertificateError::NotValidYet)
}

/// Why a leaf is not believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Doubt {
    /// It ran out then.
    Expired(UnixTime),
    /// It does not hold yet.
    Early,
    /// That CA did not issue it for this use.
    Unissued,
}

impl From<webpki::Error> for Doubt {
    fn from(error: webpki::Error) -> Self {
        if let webpki::Error::CertExpired { not_after, .. } = error {
            Self::Expired(not_after)
        } else if matches!(error, webpki::Error::CertNotValidYet { .. }) {
            Self::Early
        } else {
            Self::Unissued
        }
    }
}

/// Checks a leaf against one CA, for one use, now.
pub(super) fn vouched(
    leaf: &CertificateDer<'_>,
    anchor: &TrustAnchor<'_>,
    usage: KeyUsage,
    now: UnixTime,
) -> Result<(), Doubt> {
    let leaf = EndEntityCert::try_from(leaf)?;
    let anchors = std::slice::from_ref(anchor);
    leaf.verify_for_usage(ED25519_ONLY.all, anchors, &[], now, usage, None, None)?;
    Ok(())
}

impl ServerCertVerifier for DeskVerifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if !intermediates.is_empty() {
            return Err(CertificateError::UnknownIssuer.into());
        }
        vouched(leaf, &self.anchor, KeyUsage::server_auth(), now).map_err(|doubt| match doubt {
            Doubt::Expired(_) => CertificateError::Expired,
            Doubt::Early => CertificateError::NotValidYet,
            Doubt::Unissued => CertificateError::UnknownIssuer,
        })?;
        let read = EndEntityCert::try_from(leaf).map_err(|_| CertificateError::BadEncoding)?;
        if !read.valid_uri_names().eq([self.name.as_str()]) {
            return Err(CertificateError::NotValidForName.into());
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _leaf: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::PeerIncompatible(PeerIncompatible::Tls12NotOffered))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, leaf, signature, &ED25519_ONLY)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ED25519_ONLY.supported_schemes()
    }
}
