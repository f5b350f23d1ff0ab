use super::{
    chain::{CHAIN_MANIFESTS_MAX, Chain, SUPERSEDED_GRACE, TLS_CA_OVERLAP},
    *,
};
use crate::{
    dsse::DsseError,
    keys::{KeyError, SealSecret},
};

const NOW: Timestamp = Timestamp(1_795_305_600_000);

fn secret(seed: u8) -> SigningSecret {
    SigningSecret::from_bytes(&[seed; 32])
}

fn root_hash(seed: u8) -> Digest {
    secret(seed).verify_key().spki_hash()
}

fn claims_from(name: &str, from: Timestamp) -> Claims {
    Claims {
        tls_ca_der: b"certificate".to_vec(),
        signing_keys: vec![secret(40).verify_key()],
        sealing_keys: vec![SealingKey::X25519(SealSecret::from_bytes(&[50; 32]).seal_key())],
        witness_keys: vec![secret(60).verify_key()],
        endpoints: vec![Endpoint::parse("relais.example.org:8443").expect("an endpoint")],
        pairing_endpoints: vec![Endpoint::parse("relais.example.org:8444").expect("an endpoint")],
        name: name.to_owned(),
        kind: StructureKind::Literacy,
        valid_from: from,
        valid_until: from.plus(Span::days(365)),
    }
}

fn claims(name: &str) -> Claims {
    claims_from(name, NOW)
}

/// A chain of `length` manifests by root 1, which announces root 2.
fn chain(length: usize) -> Chain {
    let first = Manifest::first(&claims("1"), &secret(1), root_hash(2)).expect("a first manifest");
    (2..=length).fold(Chain::found(first).expect("the first"), |chain, number| {
        let next = chain.next(&claims(&number.to_string()), &secret(1)).expect("a next manifest");
        chain.accept(next).expect("accepted").chain
    })
}

/// Signs a manifest at any place: what only a thief of `root` would do.
fn forged(after: &Manifest, name: &str, root: u8, next_root: Digest) -> Manifest {
    let link = Link {
        structure: after.structure(),
        sequence: after.sequence() + 1,
        previous: Some(after.identity()),
        next_root,
    };
    Manifest::sign(link, &claims(name), &secret(root)).expect("well formed in itself")
}

fn at(chain: &Chain, sequence: u64) -> &Manifest {
    chain.at(sequence).expect("in the chain")
}

fn rotation_after(chain: &Chain, sequence: u64) -> Manifest {
    forged(at(chain, sequence), "rotation", 2, root_hash(3))
}

fn admit_edited(edit: impl Fn(&mut proto::Manifest)) -> Result<Manifest, ManifestError> {
    let first = chain(1);
    let payload = first.current().signed().payload_unverified();
    let mut message = proto::Manifest::decode(payload).expect("a manifest");
    edit(&mut message);
    Manifest::admit(&Signed::sign(PayloadType::Manifest, message.encode_to_vec(), &secret(1)).encode())
}

fn field(error: ManifestField) -> Result<Manifest, ManifestError> {
    Err(ManifestError::Field(error))
}

#[test]
fn a_manifest_comes_back_as_it_was() {
    let chain = chain(3);
    for manifest in chain.manifests() {
        assert_eq!(Manifest::admit(&manifest.signed().encode()).as_ref(), Ok(manifest));
    }
    let again = Chain::from_manifests(chain.manifests().cloned()).expect("a chain");
    assert_eq!(again, chain);
    assert_eq!(chain.structure(), secret(1).verify_key().structure_id());
    assert_eq!(chain.seal_key(), Some(SealSecret::from_bytes(&[50; 32]).seal_key()));
    assert_eq!(chain.tls_ca(), b"certificate");
    assert_eq!(chain.signing_keys_at(2), Some(&[secret(40).verify_key()][..]));
    assert_eq!(chain.signing_keys_at(4), None);
    assert_eq!(chain.signing_keys_at(0), None);
}

#[test]
fn fields_out_of_bounds_are_refused() {
    use ManifestField as Field;
    assert_eq!(admit_edited(|m| m.version = 2), Err(ManifestError::Version(2)));
    assert_eq!(admit_edited(|m| m.structure_id.push(0)), field(Field::StructureId));
    assert_eq!(admit_edited(|m| m.sequence = 0), field(Field::Sequence));
    assert_eq!(admit_edited(|m| m.previous_hash = vec![0; 32]), field(Field::PreviousHash));
    assert_eq!(admit_edited(|m| m.sequence = 2), field(Field::PreviousHash));
    assert_eq!(admit_edited(|m| m.tls_ca_der.clear()), field(Field::TlsCa));
    assert_eq!(admit_edited(|m| m.tls_ca_der = vec![0; TLS_CA_BYTES_MAX + 1]), field(Field::TlsCa));
    assert_eq!(admit_edited(|m| m.signing_key_spki.clear()), field(Field::SigningKeys));
    assert_eq!(admit_edited(|m| m.sealing_keys.clear()), field(Field::SealingKeys));
    assert_eq!(admit_edited(|m| m.sealing_keys[0].suite = 0), field(Field::SealingKeys));
    assert_eq!(admit_edited(|m| m.endpoints[0].push('x')), field(Field::Endpoints));
    assert_eq!(admit_edited(|m| m.pairing_endpoints[0].push('x')), field(Field::PairingEndpoints));
    assert_eq!(admit_edited(|m| m.name = "a\u{202e}b".into()), field(Field::Name));
    assert_eq!(admit_edited(|m| m.name.clear()), field(Field::Name));
    assert_eq!(admit_edited(|m| m.kind = 0), field(Field::Kind));
    assert_eq!(admit_edited(|m| m.valid_from_ms = -1), field(Field::Validity));
    assert_eq!(admit_edited(|m| m.valid_until_ms = m.valid_from_ms), field(Field::Validity));
    assert_eq!(admit_edited(|m| m.valid_until_ms = i64::MAX), field(Field::Validity));
    assert_eq!(admit_edited(|m| m.next_root_hash.clear()), field(Field::NextRoot));
}

#[test]
fn lists_are_bounded_and_without_repetition() {
    use ManifestField as Field;
    let keys =
        |count: u8| (0..count).map(|seed| secret(seed).verify_key().to_spki().to_vec()).collect::<Vec<_>>();
    assert!(admit_edited(|m| m.signing_key_spki = keys(8)).is_ok());
    assert_eq!(admit_edited(|m| m.signing_key_spki = keys(9)), field(Field::SigningKeys));
    assert_eq!(admit_edited(|m| m.witness_key_spki = keys(9)), field(Field::WitnessKeys));
    assert_eq!(
        admit_edited(|m| m.sealing_keys = vec![m.sealing_keys[0].clone(); 9]),
        field(Field::SealingKeys)
    );
    let endpoints = |count: u16| (1..=count).map(|port| format!("host:{port}")).collect::<Vec<_>>();
    assert!(admit_edited(|m| m.endpoints = endpoints(8)).is_ok());
    assert_eq!(admit_edited(|m| m.endpoints = endpoints(9)), field(Field::Endpoints));
    assert_eq!(admit_edited(|m| m.pairing_endpoints = endpoints(4)), field(Field::PairingEndpoints));
    let twice = |m: &mut proto::Manifest| m.signing_key_spki.push(m.signing_key_spki[0].clone());
    assert_eq!(admit_edited(twice), Err(ManifestError::Duplicate(Field::SigningKeys)));
}

#[test]
fn weak_keys_are_refused_wherever_they_stand() {
    let mut weak = secret(1).verify_key().to_spki();
    weak[12..].copy_from_slice(&[0; 32]);
    let error = KeyError::Weak;
    for (field, read) in [
        (ManifestField::SigningKeys, admit_edited(|m| m.signing_key_spki[0] = weak.to_vec())),
        (ManifestField::WitnessKeys, admit_edited(|m| m.witness_key_spki[0] = weak.to_vec())),
        (ManifestField::RootKey, admit_edited(|m| m.root_spki = weak.to_vec())),
        (ManifestField::SealingKeys, admit_edited(|m| m.sealing_keys[0].public_key = vec![0; 32])),
    ] {
        assert_eq!(read, Err(ManifestError::Key { field, error }));
    }
}

#[test]
fn an_unknown_suite_is_kept_and_not_used() {
    let later = proto::SealingKey { suite: 7, public_key: vec![1; 1184] };
    let both = admit_edited(|m| m.sealing_keys.insert(0, later.clone())).expect("admitted");
    assert_eq!(both.seal_key(), Some(SealSecret::from_bytes(&[50; 32]).seal_key()));
    assert_eq!(both.claims().sealing_keys.len(), 2);
    let only = admit_edited(|m| m.sealing_keys = vec![later.clone()]).expect("admitted");
    assert_eq!(only.seal_key(), None);
    let long = proto::SealingKey { suite: 7, public_key: vec![1; SEALING_KEY_BYTES_MAX + 1] };
    assert_eq!(admit_edited(|m| m.sealing_keys = vec![long.clone()]), field(ManifestField::SealingKeys));
}

#[test]
fn another_id_key_or_type_is_refused() {
    assert_eq!(admit_edited(|m| m.structure_id = vec![7; 32]), Err(ManifestError::WrongId));
    let other = |m: &mut proto::Manifest| m.root_spki = secret(9).verify_key().to_spki().to_vec();
    assert_eq!(admit_edited(other), Err(ManifestError::Signed(DsseError::Signature)));
    let payload = chain(1).current().signed().payload_unverified().to_vec();
    let as_consent = Signed::sign(PayloadType::Consent, payload, &secret(1)).encode();
    let expected = PayloadType::Manifest;
    assert_eq!(Manifest::admit(&as_consent), Err(ManifestError::Signed(DsseError::WrongType { expected })));
}

#[test]
fn oversize_and_garbage_are_refused() {
    assert_eq!(Manifest::admit(&vec![0; MANIFEST_BYTES_MAX + 1]), Err(ManifestError::Oversize));
    let key = |byte| proto::SealingKey { suite: 9, public_key: vec![byte; SEALING_KEY_BYTES_MAX] };
    let large = |m: &mut proto::Manifest| m.sealing_keys = (0..8).map(key).collect();
    assert_eq!(admit_edited(large), Err(ManifestError::Oversize));
    let garbage = Signed::sign(PayloadType::Manifest, vec![0xff; 9], &secret(1));
    assert_eq!(Manifest::admit(&garbage.encode()), Err(ManifestError::Shape));
    let message =
        proto::Manifest::decode(chain(1).current().signed().payload_unverified()).expect("a manifest");
    let mut large = message;
    large.sealing_keys = (0..8).map(key).collect();
    let signed = Signed::sign(PayloadType::Manifest, large.encode_to_vec(), &secret(1));
    assert_eq!(Manifest::admit_signed(signed), Err(ManifestError::Oversize));
}

#[test]
fn validity_is_answered_for_an_instant() {
    let chain = chain(1);
    assert_eq!(chain.validity_at(NOW.minus(Span(1))), Validity::NotYet);
    assert_eq!(chain.validity_at(NOW), Validity::Valid);
    assert_eq!(chain.validity_at(NOW.plus(Span::days(365)).minus(Span(1))), Validity::Valid);
    assert_eq!(chain.validity_at(NOW.plus(Span::days(365))), Validity::Expired);
}

#[test]
fn a_superseded_manifest_is_recent_for_thirty_days() {
    let first = chain(1);
    let successor = first.next(&claims_from("2", NOW), &secret(1)).expect("next");
    let chain = first.accept(successor).expect("accepted").chain;
    assert!(chain.is_current_or_recent(1, NOW.plus(SUPERSEDED_GRACE)));
    assert!(!chain.is_current_or_recent(1, NOW.plus(SUPERSEDED_GRACE).plus(Span(1))));
    assert!(chain.is_current_or_recent(2, NOW.plus(Span::days(9_999))));
    assert!(!chain.is_current_or_recent(3, NOW));
    assert!(!chain.is_current_or_recent(0, NOW));
    assert!(!chain.is_current_or_recent(u64::MAX, NOW));
}

#[test]
fn a_manifest_already_held_changes_nothing() {
    let chain = chain(3);
    let accepted = chain.accept(at(&chain, 2).clone()).expect("known");
    assert_eq!((accepted.chain, accepted.superseded), (chain.clone(), vec![]));
    let whole = chain.accept_run(chain.manifests().cloned().collect()).expect("known");
    assert_eq!(whole.chain, chain);
}

#[test]
fn a_gap_a_stranger_and_a_broken_link_are_refused() {
    let (short, long) = (chain(2), chain(4));
    let gap = short.accept(at(&long, 4).clone());
    assert_eq!(gap, Err(ManifestError::Gap { expected: 3, offered: 4 }));
    let inner = short.accept_run(vec![at(&long, 3).clone(), forged(at(&long, 4), "5", 1, root_hash(2))]);
    assert_eq!(inner, Err(ManifestError::Gap { expected: 4, offered: 5 }));
    let stranger = Manifest::first(&claims("x"), &secret(9), root_hash(2)).expect("well formed");
    assert_eq!(short.accept(stranger), Err(ManifestError::WrongStructure));
    let broken = forged(at(&long, 1), "x", 1, root_hash(2));
    let broken =
        Manifest::sign(Link { sequence: 3, ..*broken.link() }, &claims("x"), &secret(1)).expect("signed");
    assert_eq!(short.accept(broken), Err(ManifestError::BrokenLink));
    assert_eq!(short.accept_run(vec![]), Err(ManifestError::ChainLength(CHAIN_MANIFESTS_MAX)));
    let second = Chain::found(at(&long, 2).clone());
    assert_eq!(second, Err(ManifestError::Gap { expected: 1, offered: 2 }));
}

#[test]
fn a_thief_of_the_root_cannot_set_his_own_successor() {
    let chain = chain(2);
    let thief = forged(chain.current(), "thief", 1, root_hash(66));
    assert_eq!(chain.accept(thief), Err(ManifestError::SuccessorChanged));
    let own_root = forged(chain.current(), "thief", 66, root_hash(67));
    assert_eq!(chain.accept(own_root), Err(ManifestError::WrongRoot));
    assert_eq!(chain.next(&claims("x"), &secret(66)), Err(ManifestError::WrongRoot));
    assert_eq!(chain.rotation(&claims("x"), &secret(66), root_hash(67)), Err(ManifestError::WrongRoot));
}

#[test]
fn a_rotation_by_the_announced_root_is_accepted() {
    let chain = chain(2);
    let rotation = chain.rotation(&claims("rotation"), &secret(2), root_hash(3)).expect("a rotation");
    let rotated = chain.accept(rotation).expect("accepted");
    assert_eq!(rotated.superseded, vec![]);
    let next = rotated.chain.next(&claims("after"), &secret(2)).expect("next");
    let longer = rotated.chain.accept(next).expect("accepted").chain;
    assert_eq!((longer.current().sequence(), longer.structure()), (4, chain.structure()));
}

#[test]
fn a_rotation_never_returns_to_a_used_root() {
    let chain = chain(2);
    let used = Err(ManifestError::UsedSuccessor);
    assert_eq!(chain.rotation(&claims("x"), &secret(2), root_hash(1)), used);
    assert_eq!(chain.rotation(&claims("x"), &secret(2), root_hash(2)), used);
    assert_eq!(Manifest::first(&claims("x"), &secret(1), root_hash(1)), used);
    let back = forged(chain.current(), "x", 2, root_hash(1));
    assert_eq!(chain.accept(back).map(|accepted| accepted.chain), Err(ManifestError::UsedSuccessor));
}

#[test]
fn the_former_root_is_refused_after_a_rotation() {
    let before = chain(3);
    let rotated = before.accept(rotation_after(&before, 3)).expect("accepted").chain;
    let replayed_end = forged(rotated.current(), "thief", 1, root_hash(2));
    assert_eq!(rotated.accept(replayed_end), Err(ManifestError::Superseded));
    let same_place = forged(at(&before, 3), "thief", 1, root_hash(2));
    assert_eq!(rotated.accept(same_place), Err(ManifestError::Superseded));
    let earlier = forged(at(&before, 1), "thief", 1, root_hash(2));
    assert_eq!(rotated.accept(earlier), Err(ManifestError::Superseded));
    let elsewhere = forged(&forged(at(&before, 1), "thief", 1, root_hash(2)), "thief", 1, root_hash(2));
    assert_eq!(rotated.accept(elsewhere), Err(ManifestError::Superseded));
}

#[test]
fn a_rotation_supersedes_the_former_root_whenever_it_arrives() {
    let owned = chain(3);
    let rotation = rotation_after(&owned, 3);
    let stolen = owned.accept(forged(at(&owned, 3), "thief", 1, root_hash(2))).expect("fits").chain;
    let stolen = stolen.accept(forged(stolen.current(), "thief", 1, root_hash(2))).expect("fits").chain;
    assert_eq!(stolen.current().sequence(), 5);
    let late = stolen.accept(rotation.clone()).expect("the rotation wins");
    let early = owned.accept(rotation.clone()).expect("the rotation wins");
    assert_eq!(late.chain, early.chain);
    assert_eq!(late.superseded, vec![at(&stolen, 4).signed().clone(), at(&stolen, 5).signed().clone()]);
    for manifest in stolen.manifests().skip(3) {
        assert_eq!(late.chain.accept(manifest.clone()), Err(ManifestError::Superseded));
    }
}

#[test]
fn the_owners_whole_chain_wins_over_a_fork_by_its_rotation() {
    let owned = chain(4);
    let rotated = owned.accept(rotation_after(&owned, 4)).expect("accepted").chain;
    let forked = chain(3).accept(forged(at(&owned, 3), "thief", 1, root_hash(2))).expect("fits").chain;
    assert_eq!(forked.accept(rotated.current().clone()), Err(ManifestError::BrokenLink));
    let whole = forked.accept_run(rotated.manifests().cloned().collect()).expect("the rotation wins");
    assert_eq!(whole.chain, rotated);
    assert_eq!(whole.superseded, vec![at(&forked, 4).signed().clone()]);
    assert_eq!(rotated.accept_run(forked.manifests().cloned().collect()), Err(ManifestError::Superseded));
}

#[test]
fn a_fork_is_equivocation_and_carries_both() {
    let chain = chain(3);
    let fork = forged(at(&chain, 1), "other", 1, root_hash(2));
    let proof = Equivocation { held: at(&chain, 2).signed().clone(), offered: fork.signed().clone() };
    assert_eq!(chain.accept(fork), Err(ManifestError::Equivocation(Box::new(proof))));
    let thief = forged(at(&chain, 1), "thief", 1, root_hash(66));
    assert!(matches!(chain.accept(thief), Err(ManifestError::Equivocation(_))));
    let other_first = Manifest::first(&claims("other"), &secret(1), root_hash(2)).expect("well formed");
    assert!(matches!(chain.accept(other_first), Err(ManifestError::Equivocation(_))));
}

#[test]
fn two_first_manifests_are_never_chosen_between_by_a_rotation() {
    let chain = chain(1);
    let thief = Manifest::first(&claims("thief"), &secret(1), root_hash(66)).expect("well formed");
    let rotation = forged(&thief, "thief", 66, root_hash(67));
    assert!(matches!(chain.accept_run(vec![thief, rotation]), Err(ManifestError::Equivocation(_))));
}

#[test]
fn a_thief_of_the_second_root_cannot_rotate_again() {
    let before = chain(3);
    let rotated = before.accept(rotation_after(&before, 3)).expect("accepted").chain;
    let again = forged(at(&before, 2), "thief", 2, root_hash(66));
    let proof = Equivocation { held: rotated.current().signed().clone(), offered: again.signed().clone() };
    assert_eq!(rotated.accept(again), Err(ManifestError::Equivocation(Box::new(proof))));
    let same_place = forged(at(&before, 3), "thief", 2, root_hash(66));
    assert!(matches!(rotated.accept(same_place), Err(ManifestError::Equivocation(_))));
    let later = forged(rotated.current(), "thief", 2, root_hash(66));
    assert_eq!(rotated.accept(later), Err(ManifestError::SuccessorChanged));
}

#[test]
fn the_third_root_supersedes_the_second() {
    let before = chain(2);
    let second = before.accept(rotation_after(&before, 2)).expect("accepted").chain;
    let stolen = second.accept(forged(second.current(), "thief", 2, root_hash(3))).expect("fits").chain;
    let third = forged(second.current(), "third", 3, root_hash(4));
    let rotated = stolen.accept(third.clone()).expect("the rotation wins");
    assert_eq!(rotated.chain.current(), &third);
    assert_eq!(rotated.superseded.len(), 1);
    for root in [1, 2] {
        let replayed = forged(rotated.chain.current(), "thief", root, root_hash(4));
        assert_eq!(rotated.chain.accept(replayed), Err(ManifestError::Superseded));
    }
}

#[test]
fn a_chain_has_a_limit() {
    let full = chain(CHAIN_MANIFESTS_MAX);
    let next = full.next(&claims("x"), &secret(1)).expect("well formed");
    assert_eq!(full.accept(next), Err(ManifestError::ChainLength(CHAIN_MANIFESTS_MAX)));
}

fn naming_ca(ca: &[u8], from: Timestamp) -> Claims {
    Claims { tls_ca_der: ca.to_vec(), ..claims_from("ca", from) }
}

fn followed(chain: &Chain, next: Manifest) -> Chain {
    chain.accept(next).expect("accepted").chain
}

#[test]
fn a_replaced_tls_ca_overlaps_for_seven_days() {
    let first = chain(2);
    assert_eq!((first.former_tls_ca(), first.tls_ca_replacement()), (None, None));
    let replaced = followed(&first, first.next(&naming_ca(b"second", NOW), &secret(1)).expect("next"));
    let until = NOW.plus(TLS_CA_OVERLAP);
    assert_eq!(replaced.former_tls_ca(), Some((&b"certificate"[..], until)));
    let later = naming_ca(b"second", NOW.plus(Span::days(3)));
    let renewed = followed(&replaced, replaced.next(&later, &secret(1)).expect("next"));
    assert_eq!(
        renewed.former_tls_ca(),
        Some((&b"certificate"[..], until)),
        "a renewal prolonged the overlap"
    );
    let third = naming_ca(b"third", NOW.plus(Span::days(4)));
    let again = followed(&renewed, renewed.next(&third, &secret(1)).expect("next"));
    assert_eq!(again.former_tls_ca().map(|(ca, _)| ca), Some(&b"second"[..]), "one former CA, the last");
}

#[test]
fn no_tls_ca_of_a_former_root_overlaps() {
    let first = chain(2);
    let replaced = followed(&first, first.next(&naming_ca(b"second", NOW), &secret(1)).expect("next"));
    for ca in [&b"second"[..], b"third"] {
        let rotation = replaced.rotation(&naming_ca(ca, NOW), &secret(2), root_hash(3)).expect("a rotation");
        let rotated = followed(&replaced, rotation);
        assert_eq!((rotated.tls_ca(), rotated.former_tls_ca()), (ca, None));
        let next = followed(&rotated, rotated.next(&naming_ca(ca, NOW), &secret(2)).expect("next"));
        assert_eq!(next.former_tls_ca(), None);
    }
}
