use super::*;
use proptest::prelude::*;
use rand::{SeedableRng as _, rngs::ChaCha20Rng};

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(7)
}

fn secret(seed: u8) -> SealSecret {
    SealSecret::from_bytes(&[seed; 32])
}

fn part(class: u32, bytes: &[u8]) -> Part {
    Part { class, salt: [9; SALT_BYTES], bytes: bytes.to_vec() }
}

fn envelope() -> Digest {
    Digest::of(b"envelope")
}

fn sealed(parts: Vec<Part>) -> SealedBox {
    seal(parts, &secret(1).seal_key(), &envelope(), &mut rng()).expect("sealed")
}

/// Seals any plaintext: what only a sender with other software would do.
fn sealed_plaintext(plaintext: &[u8]) -> SealedBox {
    let (encapsulated, ciphertext) =
        single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &secret(1).seal_key().hpke_key(),
            SEAL_INFO,
            plaintext,
            envelope().as_bytes(),
            &mut rng(),
        )
        .expect("sealed");
    let encapsulated_key = encapsulated.to_bytes().to_vec();
    SealedBox { suite: SUITE_X25519, key_id: secret(1).seal_key().id(), encapsulated_key, ciphertext }
}

fn open(sealed: &SealedBox) -> Result<Vec<Part>, SealError> {
    KeyRing::new(vec![secret(2), secret(1)]).open(sealed, &envelope())
}

#[test]
fn content_comes_back_sorted() {
    let parts = vec![part(3, b"contact"), part(1, b"need")];
    let proto = sealed(parts).to_proto();
    let read = SealedBox::from_proto(proto).expect("a box");
    assert_eq!(open(&read), Ok(vec![part(1, b"need"), part(3, b"contact")]));
}

#[test]
fn one_seed_seals_the_same_bytes() {
    assert_eq!(sealed(vec![part(1, b"need")]), sealed(vec![part(1, b"need")]));
    let other =
        seal(vec![part(1, b"need")], &secret(1).seal_key(), &envelope(), &mut ChaCha20Rng::seed_from_u64(8));
    assert_ne!(other.expect("sealed"), sealed(vec![part(1, b"need")]));
}

#[test]
fn a_missing_key_is_told_from_a_broken_box() {
    let good = sealed(vec![part(1, b"need")]);
    assert_eq!(KeyRing::new(vec![secret(2)]).open(&good, &envelope()), Err(SealError::NoKey));
    assert_eq!(KeyRing::default().open(&good, &envelope()), Err(SealError::NoKey));
    assert_eq!(open(&SealedBox { suite: 2, ..good.clone() }), Err(SealError::Suite(2)));
    let mut broken = good.clone();
    broken.ciphertext[0] ^= 1;
    assert_eq!(open(&broken), Err(SealError::Broken));
    assert_eq!(open(&SealedBox { encapsulated_key: vec![0; 32], ..good.clone() }), Err(SealError::Broken));
    assert_eq!(open(&SealedBox { encapsulated_key: vec![0; 31], ..good.clone() }), Err(SealError::Shape));
    assert!(KeyRing::new(vec![secret(1)]).holds(good.key_id));
}

#[test]
fn a_box_opens_for_its_own_envelope_only() {
    let good = sealed(vec![part(1, b"need")]);
    let ring = KeyRing::new(vec![secret(1)]);
    assert_eq!(ring.open(&good, &Digest::of(b"another envelope")), Err(SealError::Broken));
}

#[test]
fn parts_are_bounded_and_one_a_class() {
    let refused = |parts| seal(parts, &secret(1).seal_key(), &envelope(), &mut rng());
    assert_eq!(refused(vec![]), Err(SealError::Parts));
    assert_eq!(refused(vec![part(0, b"x")]), Err(SealError::Parts));
    assert_eq!(refused(vec![part(1, b"x"), part(1, b"y")]), Err(SealError::Parts));
    assert_eq!(refused((1..=33).map(|class| part(class, b"x")).collect()), Err(SealError::Parts));
    assert_eq!(refused(vec![part(1, &vec![0; BUCKET_BYTES_MAX])]), Err(SealError::Oversize));
    let message = proto::SealedBox { ciphertext: vec![0; BUCKET_BYTES_MAX + TAG_BYTES + 1], ..full_proto() };
    assert_eq!(SealedBox::from_proto(message), Err(SealError::Oversize));
    let message = proto::SealedBox { key_id: vec![0; 7], ..full_proto() };
    assert_eq!(SealedBox::from_proto(message), Err(SealError::Shape));
}

fn full_proto() -> proto::SealedBox {
    sealed(vec![part(1, b"need")]).to_proto()
}

#[test]
fn nothing_hides_in_unknown_fields_padding_or_a_second_writing() {
    let canonical = encode_padded(vec![part(1, b"need"), part(2, b"level")]).expect("encoded");
    assert!(open(&sealed_plaintext(&canonical)).is_ok());
    let content = proto::SealedContent::decode(canonical.as_slice()).expect("content");
    let variants = [
        [canonical.as_slice(), &[0x7a, 2, b'h', b'i']].concat(),
        canonical[..canonical.len() - 1].to_vec(),
        proto::SealedContent { padding: vec![], ..content.clone() }.encode_to_vec(),
        proto::SealedContent { padding: vec![1; content.padding.len()], ..content.clone() }.encode_to_vec(),
        {
            let mut salted = content.clone();
            salted.parts[0].salt.push(0);
            salted.encode_to_vec()
        },
        vec![0xff; 256],
    ];
    for plaintext in variants {
        assert_eq!(open(&sealed_plaintext(&plaintext)), Err(SealError::NotCanonical));
    }
    let mut unsorted = content.clone();
    unsorted.parts.reverse();
    assert_eq!(open(&sealed_plaintext(&unsorted.encode_to_vec())), Err(SealError::Parts));
}

#[test]
fn a_commitment_binds_class_length_bytes_and_salt() {
    let committed = commitment(&part(1, b"need"));
    assert!(matches_commitment(&part(1, b"need"), &committed));
    assert!(!matches_commitment(&part(2, b"need"), &committed));
    assert!(!matches_commitment(&part(1, b"nee"), &committed));
    assert!(!matches_commitment(&Part { salt: [8; SALT_BYTES], ..part(1, b"need") }, &committed));
    let mut mac = Hmac::<Sha256>::new_from_slice(&[9; 32]).expect("a key");
    mac.update(&[0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 4]);
    mac.update(b"need");
    assert_eq!(committed, Digest(mac.finalize().into_bytes().into()));
}

#[test]
fn debug_shows_no_content() {
    let shown = format!("{:?} {:?}", part(1, b"Amina"), KeyRing::new(vec![secret(1)]));
    assert_eq!(shown, "Part(class 1, [sealed content]) KeyRing([[secret]])");
}

proptest! {
    #[test]
    fn ciphertexts_have_bucket_lengths(length in 0usize..20_000) {
        let content = sealed(vec![part(1, &vec![7; length])]);
        let padded = content.ciphertext.len() - TAG_BYTES;
        prop_assert!(padded.is_power_of_two() && padded >= BUCKET_BYTES_MIN && padded >= length);
        prop_assert_eq!(open(&content).expect("opens")[0].bytes.len(), length);
    }
}

#[test]
fn every_length_of_padding_is_exact() {
    for length in 1..=BUCKET_BYTES_MAX {
        match padding(length) {
            Some(zeros) => assert!((length + field_length(zeros.len())).is_power_of_two(), "{length}"),
            None => assert!(length > BUCKET_BYTES_MAX - 3 || length == BUCKET_BYTES_MAX - 130, "{length}"),
        }
    }
}
