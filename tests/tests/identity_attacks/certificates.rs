//! Certificates as an attacker would make them.

use super::bench::Actor;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PKCS_ED25519, PKCS_RSA_SHA512, RsaKeySize, SanType, SignatureAlgorithm,
    date_time_ymd,
};
use relais_domain::structure_id::StructureId;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use std::sync::Arc;

pub(crate) fn name_of(structure: StructureId) -> String {
    format!("relais:{}", structure.compact())
}

/// What a good leaf of `structure` says.
pub(crate) fn leaf_params(structure: StructureId) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.subject_alt_names = vec![uri(&name_of(structure))];
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2100, 1, 1);
    params
}

pub(crate) fn uri(text: &str) -> SanType {
    SanType::URI(text.try_into().expect("ascii"))
}

pub(crate) fn key(algorithm: &'static SignatureAlgorithm) -> KeyPair {
    if algorithm == &PKCS_RSA_SHA512 {
        KeyPair::generate_rsa_for(algorithm, RsaKeySize::_2048).expect("a key")
    } else {
        KeyPair::generate_for(algorithm).expect("a key")
    }
}

/// The CA of `actor`, as one who has its key would use it.
pub(crate) fn issuer(actor: &Actor) -> Issuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, actor.id().compact());
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let der = PrivatePkcs8KeyDer::from(actor.ca_key.as_slice());
    Issuer::new(params, KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_ED25519).expect("its key"))
}

/// A CA of the attacker's own, under the name of `structure`'s CA.
pub(crate) fn impostor_issuer(structure: StructureId) -> Issuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, structure.compact());
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    Issuer::new(params, key(&PKCS_ED25519))
}

/// A certificate with its key, ready to present.
pub(crate) fn issued(params: &CertificateParams, issuer: &Issuer<'_, KeyPair>) -> CertifiedKey {
    issued_with(params, issuer, &PKCS_ED25519)
}

pub(crate) fn issued_with(
    params: &CertificateParams,
    issuer: &Issuer<'_, KeyPair>,
    algorithm: &'static SignatureAlgorithm,
) -> CertifiedKey {
    let key = key(algorithm);
    let certificate = params.signed_by(&key, issuer).expect("a certificate");
    certified(vec![certificate.der().clone()], &key.serialize_der())
}

/// Any chain with any key, whether they belong together or not.
pub(crate) fn certified(chain: Vec<CertificateDer<'static>>, pkcs8: &[u8]) -> CertifiedKey {
    let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pkcs8.to_vec()));
    let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&der).expect("a key");
    CertifiedKey::new(chain, key)
}

/// A chain of `depth` intermediate CAs between the CA of `actor` and a leaf in its name.
pub(crate) fn deep(actor: &Actor, depth: usize) -> CertifiedKey {
    let mut issuer = issuer(actor);
    let mut chain = Vec::new();
    for number in 0..depth {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, format!("{number}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = key(&PKCS_ED25519);
        chain.push(params.signed_by(&key, &issuer).expect("a certificate").der().clone());
        issuer = Issuer::new(params, key);
    }
    let key = key(&PKCS_ED25519);
    let leaf = leaf_params(actor.id()).signed_by(&key, &issuer).expect("a certificate");
    chain.push(leaf.der().clone());
    chain.reverse();
    certified(chain, &key.serialize_der())
}

pub(crate) type Presented = Option<Arc<CertifiedKey>>;
