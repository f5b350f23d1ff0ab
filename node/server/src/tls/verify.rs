//! Who a certificate speaks for, and whether that one CA issued it. One path for clients and for servers.

use super::{CERTIFICATE_BYTES_MAX, ED25519_ONLY, NAME_SCHEME, PinBoard};
use relais_domain::structure_id::StructureId;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::verify_tls13_signature;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, PeerIncompatible,
    SignatureScheme,
};
use std::sync::Arc;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

/// Extended key usage: TLS server (RFC 5280 §4.2.1.12), DER of the identifier's value.
const SERVER_USAGE: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
/// Extended key usage: TLS client.
const CLIENT_USAGE: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];

/// Why a certificate is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IdentityError {
    /// Not a certificate, or one too long.
    #[error("not a certificate of this network")]
    Shape,
    /// Its names are not exactly one `relais:<structure id>`.
    #[error("the certificate does not name exactly one structure")]
    Name,
    /// More certificates stand behind it: a leaf comes from the structure's CA itself.
    #[error("the certificate came with others")]
    Intermediates,
    /// It names another structure than the one dialled.
    #[error("the certificate is another structure's")]
    Another,
    /// No CA is pinned for the structure it names.
    #[error("the structure the certificate names is no partner")]
    Unpinned,
    /// It has expired, or its first instant is still to come.
    #[error("the certificate has expired or does not hold yet")]
    Time,
    /// The structure's CA did not issue it for this use.
    #[error("the certificate is not one of that structure: {0}")]
    Chain(webpki::Error),
}

/// Which side presents a certificate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// The one that dials.
    Client,
    /// The one that is dialled.
    Server,
}

impl Purpose {
    const fn usage(self) -> KeyUsage {
        match self {
            Self::Client => KeyUsage::required(CLIENT_USAGE),
            Self::Server => KeyUsage::required(SERVER_USAGE),
        }
    }
}

/// The structure a leaf certificate names; whether that is true, [`verify_leaf`] tells.
///
/// # Errors
/// [`IdentityError::Shape`] or [`IdentityError::Name`].
pub fn identity_of(leaf: &[u8]) -> Result<StructureId, IdentityError> {
    if leaf.len() > CERTIFICATE_BYTES_MAX {
        return Err(IdentityError::Shape);
    }
    let (rest, parsed) = X509Certificate::from_der(leaf).map_err(|_| IdentityError::Shape)?;
    let names = parsed.subject_alternative_name().map_err(|_| IdentityError::Shape)?;
    let names = names.ok_or(IdentityError::Name)?;
    let [GeneralName::URI(uri)] = names.value.general_names.as_slice() else {
        return Err(IdentityError::Name);
    };
    if !rest.is_empty() {
        return Err(IdentityError::Shape);
    }
    let text = uri.strip_prefix(NAME_SCHEME).ok_or(IdentityError::Name)?;
    let structure = StructureId::parse(text).map_err(|_| IdentityError::Name)?;
    if structure.compact() == text { Ok(structure) } else { Err(IdentityError::Name) }
}

/// Checks that the CA `ca` (DER) itself issued the leaf `leaf` (DER) for this purpose, and that it holds at `now`.
///
/// # Errors
/// [`IdentityError`] says what does not hold.
pub fn verify_leaf(leaf: &[u8], ca: &[u8], purpose: Purpose, now: UnixTime) -> Result<(), IdentityError> {
    let (leaf, ca) = (CertificateDer::from(leaf), CertificateDer::from(ca));
    let anchor = anchor_from_trusted_cert(&ca).map_err(IdentityError::Chain)?;
    let leaf = EndEntityCert::try_from(&leaf).map_err(IdentityError::Chain)?;
    leaf.verify_for_usage(ED25519_ONLY.all, &[anchor], &[], now, purpose.usage(), None, None)
        .map(|_| ())
        .map_err(of_chain)
}

impl PinBoard {
    /// Checks the leaf `leaf` (DER) that names `structure` against each CA it is accepted by at `now`.
    ///
    /// # Errors
    /// [`IdentityError`] says what does not hold, by the current CA.
    pub(crate) fn vouch(
        &self,
        structure: StructureId,
        leaf: &[u8],
        purpose: Purpose,
        now: UnixTime,
    ) -> Result<(), IdentityError> {
        let mut refused = Err(IdentityError::Unpinned);
        // The current CA is asked last, so that its word is the one that is told.
        for ca in self.cas_at(structure, now).into_iter().rev() {
            refused = verify_leaf(leaf, &ca, purpose, now);
            if refused.is_ok() {
                break;
            }
        }
        refused
    }
}

fn of_chain(error: webpki::Error) -> IdentityError {
    let time = matches!(error, webpki::Error::CertExpired { .. } | webpki::Error::CertNotValidYet { .. });
    if time { IdentityError::Time } else { IdentityError::Chain(error) }
}

/// Whose certificate is expected.
#[derive(Debug)]
pub(super) enum Expected {
    /// That of anyone we know how to judge.
    Anyone,
    /// That of the structure dialled.
    Only(StructureId),
}

/// Where the CA to judge by comes from.
#[derive(Debug)]
pub(super) enum Pins {
    /// From the partners' manifests.
    Board(Arc<PinBoard>),
    /// From the manifest that the pairing brings after the handshake: until then, only the name is read.
    FromManifest,
}

/// What rustls asks about the other side.
#[derive(Debug)]
pub(super) struct Verifier {
    expected: Expected,
    pins: Pins,
}

impl Verifier {
    pub(super) fn new(expected: Expected, pins: Pins) -> Self {
        Self { expected, pins }
    }

    fn judge(
        &self,
        leaf: &[u8],
        intermediates: &[CertificateDer<'_>],
        purpose: Purpose,
        now: UnixTime,
    ) -> Result<(), IdentityError> {
        if !intermediates.is_empty() {
            return Err(IdentityError::Intermediates);
        }
        let named = identity_of(leaf)?;
        match &self.expected {
            Expected::Only(expected) if *expected != named => return Err(IdentityError::Another),
            Expected::Only(_) | Expected::Anyone => {}
        }
        match &self.pins {
            Pins::Board(board) => board.vouch(named, leaf, purpose, now),
            Pins::FromManifest => Ok(()),
        }
    }
}

/// What the other side is told: little, and why it can mend it.
fn alert(error: IdentityError) -> Error {
    Error::InvalidCertificate(match error {
        IdentityError::Shape => CertificateError::BadEncoding,
        IdentityError::Unpinned => CertificateError::UnknownIssuer,
        IdentityError::Time => CertificateError::Expired,
        IdentityError::Name
        | IdentityError::Intermediates
        | IdentityError::Another
        | IdentityError::Chain(_) => CertificateError::Other(OtherError(Arc::new(error))),
    })
}

fn never_tls12() -> Result<HandshakeSignatureValid, Error> {
    Err(Error::PeerIncompatible(PeerIncompatible::Tls12NotOffered))
}

impl ClientCertVerifier for Verifier {
    /// Empty: a list would show every stranger who our partners are.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.judge(leaf, intermediates, Purpose::Client, now).map_err(alert)?;
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _leaf: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        never_tls12()
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

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.judge(leaf, intermediates, Purpose::Server, now).map_err(alert)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _leaf: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        never_tls12()
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
