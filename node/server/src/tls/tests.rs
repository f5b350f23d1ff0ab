use super::*;
use crate::own::{Profile, claims};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, SanType};
use relais_wire::keys::{SealSecret, SigningSecret};
use relais_wire::manifest::chain::{Chain, TLS_CA_OVERLAP};
use relais_wire::manifest::{Manifest, StructureKind};
use zeroize::Zeroizing;

const NOW: Timestamp = Timestamp(1_795_305_600_000);

fn structure(name: &[u8]) -> StructureId {
    StructureId::of_root_spki(name)
}

fn ca(name: &[u8]) -> Ca {
    Ca::generate(structure(name)).expect("a CA")
}

fn leaf_of(ca: &Ca, name: &[u8]) -> Leaf {
    ca.issue_leaf(structure(name), NOW, LEAF_LIFETIME).expect("a leaf")
}

fn check(leaf: &Leaf, ca: &Ca, at: Timestamp) -> Result<(), IdentityError> {
    for purpose in [Purpose::Client, Purpose::Server] {
        verify_leaf(&leaf.certificate, ca.certificate(), purpose, unix_time(at))?;
    }
    Ok(())
}

fn self_signed(names: &[String]) -> Vec<u8> {
    let mut params = CertificateParams::default();
    params.subject_alt_names =
        names.iter().map(|name| SanType::URI(name.as_str().try_into().expect("ascii"))).collect();
    let key = KeyPair::generate_for(&PKCS_ED25519).expect("a key");
    params.self_signed(&key).expect("a certificate").der().to_vec()
}

#[test]
fn a_leaf_names_its_structure_and_holds_for_its_time() {
    let ca = ca(b"a");
    let leaf = leaf_of(&ca, b"a");
    assert_eq!(identity_of(&leaf.certificate), Ok(structure(b"a")));
    assert_eq!(check(&leaf, &ca, NOW), Ok(()));
    assert_eq!(check(&leaf, &ca, NOW.minus(Span::minutes(59))), Ok(()));
    assert_eq!(check(&leaf, &ca, NOW.minus(Span::minutes(61))), Err(IdentityError::Time));
    assert_eq!(check(&leaf, &ca, NOW.plus(Span::days(13))), Ok(()));
    assert_eq!(check(&leaf, &ca, NOW.plus(Span::days(15))), Err(IdentityError::Time));
    assert!(leaf.renew_at() > NOW.plus(Span::days(6)) && leaf.renew_at() < NOW.plus(Span::days(8)));
}

#[test]
fn another_ca_of_the_same_name_is_not_the_ca() {
    let leaf = leaf_of(&ca(b"a"), b"a");
    assert!(matches!(check(&leaf, &ca(b"a"), NOW), Err(IdentityError::Chain(_))));
}

#[test]
fn a_ca_comes_back_from_its_parts_and_from_no_others() {
    let (certificate, key) = ca(b"a").into_parts();
    let again = Ca::from_parts(structure(b"a"), certificate.clone(), key.clone()).expect("its own parts");
    assert_eq!(check(&leaf_of(&again, b"a"), &again, NOW), Ok(()));
    let (_, other_key) = ca(b"a").into_parts();
    let wrong_key = Ca::from_parts(structure(b"a"), certificate.clone(), other_key);
    assert!(matches!(wrong_key, Err(CaError::Mismatch)));
    let wrong_structure = Ca::from_parts(structure(b"b"), certificate.clone(), key.clone());
    assert!(matches!(wrong_structure, Err(CaError::Mismatch)));
    assert!(Ca::from_parts(structure(b"a"), certificate, Zeroizing::new(vec![1])).is_err());
    assert!(matches!(Ca::from_parts(structure(b"a"), vec![1], key), Err(CaError::Mismatch)));
}

#[test]
fn a_certificate_names_exactly_one_structure_in_one_writing() {
    let compact = structure(b"a").compact();
    let good = format!("relais:{compact}");
    assert_eq!(identity_of(&self_signed(std::slice::from_ref(&good))), Ok(structure(b"a")));
    for names in [
        vec![],
        vec![good.clone(), good.clone()],
        vec![good.clone(), "https://example.org".to_owned()],
        vec![compact.clone()],
        vec![format!("relais:{}", compact.to_lowercase())],
        vec![format!("relais:{}", structure(b"a"))],
        vec!["relais:".to_owned()],
    ] {
        assert_eq!(identity_of(&self_signed(&names)), Err(IdentityError::Name), "{names:?}");
    }
    let mut trailing = self_signed(&[good]);
    trailing.push(0);
    assert_eq!(identity_of(&trailing), Err(IdentityError::Shape));
    assert_eq!(identity_of(&[0; CERTIFICATE_BYTES_MAX + 1]), Err(IdentityError::Shape));
    assert_eq!(identity_of(&[]), Err(IdentityError::Shape));
}

#[test]
fn no_ca_key_is_pinned_for_two_structures() {
    let (own, one) = (ca(b"own"), ca(b"one"));
    let board = PinBoard::new(structure(b"own"), own.certificate()).expect("a board");
    assert_eq!(board.pin(structure(b"one"), one.certificate()), Ok(()));
    assert_eq!(board.pin(structure(b"one"), one.certificate()), Ok(()));
    assert_eq!(board.pin(structure(b"two"), one.certificate()), Err(PinError::OfAnother));
    assert_eq!(board.check(structure(b"two"), one.certificate()), Err(PinError::OfAnother));
    assert_eq!(board.pin(structure(b"two"), own.certificate()), Err(PinError::OfAnother));
    assert_eq!(board.pin(structure(b"own"), ca(b"x").certificate()), Err(PinError::Ourselves));
    assert!(board.ca_of(structure(b"two")).is_none() && board.ca_of(structure(b"own")).is_none());
    assert_eq!(board.pin(structure(b"one"), ca(b"one").certificate()), Ok(()));
    assert_eq!(board.check(structure(b"two"), one.certificate()), Ok(()));
    board.unpin(structure(b"one"));
    assert!(board.ca_of(structure(b"one")).is_none());
}

#[test]
fn only_ed25519_cas_are_pinned() {
    let own = ca(b"own");
    let board = PinBoard::new(structure(b"own"), own.certificate()).expect("a board");
    let leaf = leaf_of(&own, b"one");
    assert_eq!(board.pin(structure(b"one"), &leaf.certificate), Err(PinError::NotACa));
    assert_eq!(board.pin(structure(b"one"), b"text"), Err(PinError::NotACa));
    let mut params = CertificateParams::default();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
    let p256 = params.self_signed(&key).expect("a certificate").der().to_vec();
    assert_eq!(board.pin(structure(b"one"), &p256), Err(PinError::NotACa));
}

#[test]
fn a_leaf_box_takes_no_key_of_another_certificate() {
    let ca = ca(b"a");
    let (mut one, two) = (leaf_of(&ca, b"a"), leaf_of(&ca, b"a"));
    let held = LeafBox::new(&one).expect("a leaf with its key");
    one.key = two.key.clone();
    assert!(held.renew(&one).is_err());
    assert!(held.renew(&two).is_ok());
}

#[test]
fn nothing_prints_a_key() {
    let ca = ca(b"a");
    let leaf = leaf_of(&ca, b"a");
    let shown = format!("{ca:?} {leaf:?} {:?}", LeafBox::new(&leaf).expect("a leaf with its key"));
    assert!(!shown.contains('[') && shown.len() < 200, "{shown}");
}

/// A partner's chain whose second manifest names another CA from `NOW` on.
fn chain_of(first: &Ca, second: &Ca) -> Chain {
    let (root, seal) = (SigningSecret::from_bytes(&[1; 32]), SealSecret::from_bytes(&[2; 32]));
    let next_root = SigningSecret::from_bytes(&[3; 32]).verify_key().spki_hash();
    let profile = Profile {
        name: "Essai".to_owned(),
        kind: StructureKind::DigitalHub,
        endpoints: Vec::new(),
        pairing_endpoints: Vec::new(),
    };
    let said = |ca: &Ca, now| claims(&profile, ca.certificate(), &root, &seal, now);
    let manifest = Manifest::first(&said(first, NOW), &root, next_root).expect("a first manifest");
    let chain = Chain::found(manifest).expect("the first");
    let next = chain.next(&said(second, NOW.plus(Span::hours(1))), &root).expect("the next");
    chain.accept(next).expect("accepted").chain
}

#[test]
fn a_replaced_ca_is_accepted_for_seven_days_and_refused_after() {
    let id = SigningSecret::from_bytes(&[1; 32]).verify_key().structure_id();
    let [first, second, stranger] = [(); 3].map(|()| Ca::generate(id).expect("a CA"));
    let board = PinBoard::new(structure(b"own"), ca(b"own").certificate()).expect("a board");
    let chain = chain_of(&first, &second);
    let founded = Chain::found(chain.at(1).expect("the first").clone()).expect("the first");
    let vouches = |ca: &Ca, at: Timestamp| {
        let leaf = ca.issue_leaf(id, at, Span::days(1)).expect("a leaf").certificate;
        board.vouch(id, &leaf, Purpose::Client, unix_time(at))
    };
    assert_eq!(vouches(&first, NOW), Err(IdentityError::Unpinned));
    assert_eq!(board.follow(&founded), Ok(Pinned::Kept));
    assert!(vouches(&first, NOW).is_ok() && vouches(&second, NOW).is_err());
    assert_eq!(board.follow(&chain), Ok(Pinned::Kept));
    let end = NOW.plus(TLS_CA_OVERLAP);
    assert!(vouches(&first, end.minus(Span::seconds(1))).is_ok() && vouches(&second, end).is_ok());
    assert!(matches!(vouches(&first, end), Err(IdentityError::Chain(_))));
    assert!(matches!(vouches(&stranger, NOW), Err(IdentityError::Chain(_))));
    assert_eq!(board.pin(structure(b"two"), first.certificate()), Err(PinError::OfAnother));
    board.unpin(id);
    assert_eq!(vouches(&second, NOW), Err(IdentityError::Unpinned));
}

#[test]
fn the_door_shows_the_former_leaf_now_and_then_until_it_ends() {
    let (current, former) = (leaf_of(&ca(b"a"), b"a"), leaf_of(&ca(b"a"), b"a"));
    let held = LeafBox::new(&current).expect("a leaf with its key");
    let shown = |held: &LeafBox| held.in_turn().cert[0].to_vec();
    assert_eq!((shown(&held), shown(&held)), (current.certificate.clone(), current.certificate.clone()));
    assert_eq!(held.tries(), [Shown::Current]);
    held.hold_former(&former).expect("its key");
    let six: Vec<bool> = (0..6).map(|_| shown(&held) == former.certificate).collect();
    assert_eq!(six, [false, true, false, false, true, false]);
    let tries = [Shown::Current, Shown::Former].into_iter().cycle();
    let met: Vec<(Shown, bool)> = tries.zip(six).collect();
    for pair in [Shown::Current, Shown::Former].map(|shown| [(shown, true), (shown, false)]).concat() {
        assert!(met.contains(&pair), "a dial and a door that both rotated never meet as {pair:?}");
    }
    assert_eq!(held.tries(), [Shown::Current, Shown::Former]);
    held.retire_former(former.not_after.minus(Span(1)));
    assert_eq!(held.tries().len(), 2);
    held.retire_former(former.not_after);
    assert_eq!((held.tries(), shown(&held)), (&[Shown::Current][..], current.certificate));
}
