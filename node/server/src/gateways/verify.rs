//! Which client certificate opens the door for gateways: one of the Desk CA, given to a gateway, not taken back.

use super::Roll;
use crate::tls::{
    CERTIFICATE_BYTES_MAX, DeskCa, ED25519_ONLY, GATEWAY_SCHEME, IdentityError, Purpose, Serial, verify_leaf,
};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::verify_tls13_signature;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, PeerIncompatible, SignatureScheme,
};
use webpki::EndEntityCert;

/// What rustls asks about a gateway.
#[derive(Debug)]
pub(super) struct GatewayVerifier {
    ca: Vec<u8>,
    name: String,
    roll: Roll,
}

impl GatewayVerifier {
    pub(super) fn new(ca: &DeskCa, roll: &Roll) -> Self {
        let name = format!("{GATEWAY_SCHEME}{}", ca.structure().compact());
        Self { ca: ca.certificate().to_vec(), name, roll: roll.clone() }
    }

    /// Judges a leaf (DER), and says which serial number it bears.
    pub(super) fn judge(&self, leaf: &[u8], now: UnixTime) -> Result<Serial, CertificateError> {
        if leaf.len() > CERTIFICATE_BYTES_MAX {
            return Err(CertificateError::BadEncoding);
        }
        verify_leaf(leaf, &self.ca, Purpose::Client, now).map_err(told)?;
        let leaf = CertificateDer::from(leaf);
        let leaf = EndEntityCert::try_from(&leaf).map_err(|_| CertificateError::BadEncoding)?;
        if !leaf.valid_uri_names().eq([self.name.as_str()]) {
            return Err(CertificateError::ApplicationVerificationFailure);
        }
        let serial = Serial::from_der(leaf.serial()).ok_or(CertificateError::BadEncoding)?;
        if self.roll.admits(serial) { Ok(serial) } else { Err(CertificateError::Revoked) }
    }
}

/// What the gateway is told: whoever looks after it has to know what to do.
fn told(error: IdentityError) -> CertificateError {
    match error {
        IdentityError::Shape => CertificateError::BadEncoding,
        IdentityError::Time => CertificateError::Expired,
        IdentityError::Name
        | IdentityError::Intermediates
        | IdentityError::Another
        | IdentityError::Unpinned
        | IdentityError::Chain(_) => CertificateError::UnknownIssuer,
    }
}

impl ClientCertVerifier for GatewayVerifier {
    /// Empty: there is one CA, and whoever has its credentials knows.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if !intermediates.is_empty() {
            return Err(CertificateError::UnknownIssuer.into());
        }
        self.judge(leaf, now)?;
        Ok(ClientCertVerified::assertion())
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
