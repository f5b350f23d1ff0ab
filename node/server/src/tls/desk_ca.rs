//! The CA for gateways on other machines. It stands in no manifest: what partners know and vouch for counts for nothing
//! at the Desk, and what it vouches for counts for nothing among partners.

use super::ca::{LeafPlan, belong_together, ca_params, sign};
use super::{CaError, LEAF_BACKDATE, LEAF_LIFETIME, Leaf};
use crate::clock::Dice;
use rcgen::{ExtendedKeyUsagePurpose, KeyPair, PKCS_ED25519, SerialNumber};
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Span, Timestamp};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use std::fmt;
use zeroize::Zeroizing;

/// What stands before the structure id in the only name of the Desk's certificate.
pub const DESK_SCHEME: &str = "relais-desk:";
/// What stands before the structure id in the only name of a gateway's certificate.
pub const GATEWAY_SCHEME: &str = "relais-gateway:";
/// Where the CA's certificate ends in its file.
const CERTIFICATE_END: &str = "-----END CERTIFICATE-----\n";

/// The serial number of a gateway's certificate: what it is listed and revoked by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Serial([u8; 8]);

impl Serial {
    /// Draws one.
    pub fn draw(dice: &Dice) -> Self {
        let mut bytes = dice.bytes::<8>();
        // Positive and of full length, so that DER writes these very bytes (RFC 5280 §4.1.2.2).
        bytes[0] = bytes[0] & 0x7f | 0x40;
        Self(bytes)
    }

    /// Reads the number in a certificate, as DER writes it.
    pub(crate) fn from_der(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Reads sixteen hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u64::from_str_radix(text, 16).ok().filter(|_| digits);
        number.map(|number| Self(number.to_be_bytes()))
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

/// What one gateway needs to come in: made once, kept nowhere here.
pub struct Credentials {
    /// The serial number of its certificate.
    pub serial: Serial,
    /// Last instant it holds.
    pub until: Timestamp,
    /// PEM: its certificate, its private key, the CA's certificate, in this order.
    pub pem: Zeroizing<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("serial", &self.serial).finish_non_exhaustive()
    }
}

/// A structure's Desk CA. Its key is wiped when dropped.
pub struct DeskCa {
    structure: StructureId,
    certificate: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
    pem: Zeroizing<String>,
}

impl DeskCa {
    /// Makes a CA: an Ed25519 key and a self-signed certificate. It has no end of its own.
    ///
    /// # Errors
    /// [`CaError::Certificate`].
    pub fn generate(structure: StructureId) -> Result<Self, CaError> {
        let key = KeyPair::generate_for(&PKCS_ED25519)?;
        let certificate = ca_params(&name(structure)).self_signed(&key)?;
        let pem = Zeroizing::new(certificate.pem() + &Zeroizing::new(key.serialize_pem()));
        let (certificate, key) = (certificate.der().to_vec(), Zeroizing::new(key.serialize_der()));
        Ok(Self { structure, certificate, key, pem })
    }

    /// The CA in this file, as [`Self::pem`] wrote it.
    ///
    /// # Errors
    /// [`CaError::Mismatch`] when it is none, or another structure's.
    pub fn from_pem(structure: StructureId, pem: Zeroizing<String>) -> Result<Self, CaError> {
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| CaError::Mismatch)?;
        let key = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| CaError::Mismatch)?;
        let key = Zeroizing::new(key.secret_pkcs8_der().to_vec());
        belong_together(&certificate, &key, &name(structure))?;
        Ok(Self { structure, certificate: certificate.to_vec(), key, pem })
    }

    /// Certificate and private key, PEM: for the key file alone.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The structure it is of.
    pub fn structure(&self) -> StructureId {
        self.structure
    }

    /// The certificate, DER.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// Issues the short-lived leaf that the Desk shows to gateways.
    ///
    /// # Errors
    /// [`CaError::Certificate`].
    pub fn issue_desk_leaf(&self, now: Timestamp) -> Result<Leaf, CaError> {
        let (not_before, not_after) = (now.minus(LEAF_BACKDATE), now.plus(LEAF_LIFETIME));
        let plan = LeafPlan {
            name: format!("{DESK_SCHEME}{}", self.structure.compact()),
            usages: vec![ExtendedKeyUsagePurpose::ServerAuth],
            serial: None,
            not_before,
            not_after,
        };
        let (certificate, key) = sign(&name(self.structure), &self.key, plan)?;
        let certificate = certificate.der().to_vec();
        Ok(Leaf { certificate, key: Zeroizing::new(key.serialize_der()), not_before, not_after })
    }

    /// Issues the credentials of one gateway, from [`LEAF_BACKDATE`] before `now` until `lifetime` after it.
    ///
    /// # Errors
    /// [`CaError::Certificate`].
    pub fn issue_credentials(
        &self,
        serial: Serial,
        now: Timestamp,
        lifetime: Span,
    ) -> Result<Credentials, CaError> {
        let until = now.plus(lifetime);
        let plan = LeafPlan {
            name: format!("{GATEWAY_SCHEME}{}", self.structure.compact()),
            usages: vec![ExtendedKeyUsagePurpose::ClientAuth],
            serial: Some(SerialNumber::from_slice(&serial.0)),
            not_before: now.minus(LEAF_BACKDATE),
            not_after: until,
        };
        let (certificate, key) = sign(&name(self.structure), &self.key, plan)?;
        let key = Zeroizing::new(key.serialize_pem());
        let pem = Zeroizing::new(certificate.pem() + &key + self.certificate_pem());
        Ok(Credentials { serial, until, pem })
    }

    fn certificate_pem(&self) -> &str {
        let end = self.pem.find(CERTIFICATE_END).map_or(0, |at| at + CERTIFICATE_END.len());
        &self.pem[..end]
    }
}

impl fmt::Debug for DeskCa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeskCa").field("structure", &self.structure).finish_non_exhaustive()
    }
}

/// The CA's own name: none of those that partners' CAs bear.
fn name(structure: StructureId) -> String {
    format!("{DESK_SCHEME}{}", structure.compact())
}

#[cfg(test)]
mod tests {
    use super::super::{IdentityError, Purpose, unix_time, verify_leaf};
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_305_600_000);

    fn structure() -> StructureId {
        StructureId::of_root_spki(b"us")
    }

    fn issued(ca: &DeskCa) -> (Serial, CertificateDer<'static>, Credentials) {
        let serial = Serial::draw(&Dice::system().unwrap());
        let credentials = ca.issue_credentials(serial, NOW, Span::days(365)).unwrap();
        (serial, CertificateDer::from_pem_slice(credentials.pem.as_bytes()).unwrap(), credentials)
    }

    #[test]
    fn a_desk_ca_comes_back_from_its_file_and_no_other_does() {
        let ca = DeskCa::generate(structure()).unwrap();
        let pem = || Zeroizing::new(ca.pem().to_owned());
        let again = DeskCa::from_pem(structure(), pem()).unwrap();
        assert_eq!((again.certificate(), again.pem()), (ca.certificate(), ca.pem()));
        let other = DeskCa::generate(structure()).unwrap();
        let mixed =
            Zeroizing::new(ca.certificate_pem().to_owned() + &other.pem()[other.certificate_pem().len()..]);
        let wrong = [
            DeskCa::from_pem(StructureId::of_root_spki(b"them"), pem()),
            DeskCa::from_pem(structure(), mixed),
            DeskCa::from_pem(structure(), Zeroizing::new(ca.certificate_pem().to_owned())),
            DeskCa::from_pem(structure(), Zeroizing::new(String::new())),
        ];
        assert!(wrong.iter().all(|one| matches!(one, Err(CaError::Mismatch))), "{wrong:?}");
    }

    #[test]
    fn credentials_are_a_clients_for_their_time_and_bear_their_serial() {
        let ca = DeskCa::generate(structure()).unwrap();
        let (serial, leaf, credentials) = issued(&ca);
        let check = |purpose, at| verify_leaf(&leaf, ca.certificate(), purpose, unix_time(at));
        assert_eq!(check(Purpose::Client, NOW), Ok(()));
        assert!(matches!(check(Purpose::Server, NOW), Err(IdentityError::Chain(_))));
        assert_eq!(check(Purpose::Client, NOW.plus(Span::days(366))), Err(IdentityError::Time));
        let read = webpki::EndEntityCert::try_from(&leaf).unwrap();
        assert_eq!(Serial::from_der(read.serial()), Some(serial));
        assert_eq!(Serial::parse(&serial.to_string()), Some(serial));
        assert!(Serial::parse("+123456789abcdef").is_none() && Serial::parse("12").is_none());
        assert_eq!(credentials.pem.matches("-----BEGIN CERTIFICATE-----").count(), 2);
        assert_eq!(credentials.pem.matches("-----BEGIN PRIVATE KEY-----").count(), 1);
        assert!(!format!("{ca:?} {credentials:?}").contains("PRIVATE"));
    }

    #[test]
    fn the_desks_own_leaf_is_a_servers_alone() {
        let ca = DeskCa::generate(structure()).unwrap();
        let leaf = ca.issue_desk_leaf(NOW).unwrap();
        let check = |purpose| verify_leaf(&leaf.certificate, ca.certificate(), purpose, unix_time(NOW));
        assert_eq!(check(Purpose::Server), Ok(()));
        assert!(matches!(check(Purpose::Client), Err(IdentityError::Chain(_))));
    }
}
