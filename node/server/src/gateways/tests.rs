use super::verify::GatewayVerifier;
use super::*;
use crate::clock::Clock;
use crate::home::Secrets;
use crate::tls::{Ca, LEAF_LIFETIME, unix_time};
use relais_domain::structure_id::StructureId;
use relais_wire::keys::{SealSecret, SigningSecret};
use rustls::CertificateError;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

const YEAR: Span = Span::days(365);

struct House {
    _folder: tempfile::TempDir,
    home: Home,
    ca: Ca,
    now: Timestamp,
    dice: Dice,
}

fn house(name: &[u8]) -> House {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path());
    let structure = StructureId::of_root_spki(name);
    let (ca_certificate, ca_key) = Ca::generate(structure).unwrap().into_parts();
    let ca = Ca::from_parts(structure, ca_certificate.clone(), ca_key.clone()).unwrap();
    let secrets = Secrets {
        root: SigningSecret::from_bytes(&[1; 32]),
        signing: SigningSecret::from_bytes(&[2; 32]),
        sealing: SealSecret::from_bytes(&[3; 32]),
        ca_certificate,
        ca_key,
        node_key: Zeroizing::new([6; 32]),
    };
    home.create(&secrets).unwrap();
    House { _folder: folder, home, ca, now: Clock::system().now(), dice: Dice::system().unwrap() }
}

impl House {
    fn gateways(&self) -> Gateways {
        Gateways::open(&self.home).unwrap()
    }

    fn given(&self) -> Credentials {
        self.gateways().give(self.now, YEAR, &self.dice).unwrap()
    }

    fn judged(&self, leaf: &[u8], at: Timestamp) -> Result<Serial, CertificateError> {
        let gateways = self.gateways();
        GatewayVerifier::new(gateways.ca(), gateways.roll()).judge(leaf, unix_time(at))
    }
}

fn leaf(credentials: &Credentials) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(credentials.pem.as_bytes()).unwrap()
}

#[test]
fn the_desk_ca_is_made_once_and_is_not_the_one_partners_know() {
    let house = house(b"us");
    let made = house.gateways().ca().certificate().to_vec();
    assert_eq!(house.gateways().ca().certificate(), made);
    assert_ne!(house.ca.certificate(), made);
}

#[test]
fn what_was_given_comes_in_until_it_runs_out_or_is_taken_back() {
    let house = house(b"us");
    let (one, other) = (house.given(), house.given());
    assert_eq!(house.judged(&leaf(&one), house.now), Ok(one.serial));
    assert_eq!(house.judged(&leaf(&one), house.now.plus(Span::days(366))), Err(CertificateError::Expired));
    let roll = Roll::of(&house.home);
    let taken = roll.revoke(one.serial, house.now).unwrap();
    assert_eq!(roll.revoke(one.serial, house.now.plus(YEAR)).unwrap(), taken);
    assert_eq!(house.judged(&leaf(&one), house.now), Err(CertificateError::Revoked));
    assert_eq!(house.judged(&leaf(&other), house.now), Ok(other.serial));
    assert!(matches!(roll.revoke(Serial::draw(&house.dice), house.now), Err(GatewaysError::Unknown)));
}

#[test]
fn nothing_of_another_ca_comes_in() {
    let (us, them) = (house(b"us"), house(b"them"));
    us.given();
    assert_eq!(us.judged(&leaf(&them.given()), us.now), Err(CertificateError::UnknownIssuer));
    for ca in [&us.ca, &them.ca] {
        let structure = StructureId::of_root_spki(b"us");
        let partner = ca.issue_leaf(structure, us.now, LEAF_LIFETIME).unwrap();
        assert_eq!(us.judged(&partner.certificate, us.now), Err(CertificateError::UnknownIssuer));
    }
    let desk = us.gateways().ca().issue_desk_leaf(us.now).unwrap();
    assert!(us.judged(&desk.certificate, us.now).is_err(), "the Desk's own leaf is no gateway's");
}

#[test]
fn a_lost_or_broken_roll_lets_nobody_in() {
    let house = house(b"us");
    let given = house.given();
    let path = house.home.gateway_roll();
    let roll = std::fs::read(&path).unwrap();
    for broken in [&b"{"[..], b"[1]", b""] {
        std::fs::write(&path, broken).unwrap();
        assert_eq!(house.judged(&leaf(&given), house.now), Err(CertificateError::Revoked));
    }
    std::fs::remove_file(&path).unwrap();
    assert_eq!(house.judged(&leaf(&given), house.now), Err(CertificateError::Revoked));
    std::fs::write(&path, roll).unwrap();
    assert_eq!(house.judged(&leaf(&given), house.now), Ok(given.serial));
}

#[test]
fn so_many_credentials_are_in_use_and_what_is_over_makes_room() {
    let house = house(b"us");
    let gateways = house.gateways();
    let given: Vec<Credentials> = (0..GATEWAYS_MAX).map(|_| house.given()).collect();
    let more = gateways.give(house.now, YEAR, &house.dice);
    assert!(matches!(more, Err(GatewaysError::TooMany)));
    gateways.roll().revoke(given[0].serial, house.now).unwrap();
    house.given();
    let later = house.now.plus(Span::days(365 + 91));
    gateways.give(later, YEAR, &house.dice).unwrap();
    assert_eq!(gateways.roll().entries().unwrap().len(), 1);
}
