use super::*;
use crate::{
    dsse::{DsseError, PayloadType, Signed},
    keys::{SealSecret, SigningSecret},
    manifest::{Claims, Manifest, ManifestError, SealingKey, StructureKind, chain::Chain},
};
use prost::Message as _;
use rand::{SeedableRng as _, rngs::ChaCha20Rng};
use relais_domain::structure_id::StructureIdError;
use relais_proto::peer::v1::{self as proto, pair_frame::Body};
use std::collections::BTreeSet;

fn signing(seed: u8) -> SigningSecret {
    SigningSecret::from_bytes(&[seed; 32])
}

fn invitation() -> Invitation {
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    Invitation {
        endpoints: vec![Endpoint::parse("relais.example.org:8444").expect("an endpoint")],
        inviter: StructureId::of_root_spki(b"inviter"),
        number: InvitationNumber::generate(&mut rng),
        secret: InvitationSecret::generate(&mut rng),
        expires: Timestamp(1_795_305_600_000),
    }
}

fn link() -> String {
    invitation().link().expose_secret().to_owned()
}

fn error(link: &str) -> LinkError {
    parse_link(link).expect_err("must be refused")
}

#[test]
fn a_link_comes_back() {
    let read = parse_link(&format!(" {}\n", link())).expect("as printed");
    let made = invitation();
    assert_eq!((read.endpoints, read.inviter, read.number), (made.endpoints, made.inviter, made.number));
    assert_eq!((read.expires, read.secret.expose()), (made.expires, made.secret.expose()));
    let several = Invitation {
        endpoints: ["a:1", "[::1]:2", "192.0.2.1:3"]
            .map(|text| Endpoint::parse(text).expect("an endpoint"))
            .into(),
        ..invitation()
    };
    let read = parse_link(several.link().expose_secret()).expect("as printed");
    assert_eq!(read.endpoints, several.endpoints);
}

#[test]
fn the_wrong_part_of_a_link_is_named() {
    let good = link();
    let (front, secret) = good.split_once('#').expect("a secret");
    let (path, _) = front.split_once("?e=").expect("an expiry");
    let parts: Vec<&str> = path.strip_prefix("relais://join/").expect("a scheme").split('/').collect();
    let with = |endpoint: &str, id: &str, number: &str, expiry: &str, secret: &str| {
        format!("relais://join/{endpoint}/{id}/{number}?e={expiry}#{secret}")
    };
    let (id, number) = (parts[1], parts[2]);
    assert_eq!(error(&good.replace("relais:", "https:")), LinkError::Scheme);
    assert_eq!(error(front), LinkError::Shape);
    assert_eq!(error(&format!("{path}#{secret}")), LinkError::Shape);
    assert_eq!(error(&with("a:1/b", id, number, "1", secret)), LinkError::Shape);
    assert_eq!(error(&with("a", id, number, "1", secret)), LinkError::Endpoint);
    assert_eq!(error(&with("a:1,b:1,c:1,d:1", id, number, "1", secret)), LinkError::Endpoint);
    let swapped = if id.starts_with('A') { "B" } else { "A" };
    let mistyped = LinkError::StructureId(StructureIdError::Check { group: 1 });
    assert_eq!(error(&with("a:1", &format!("{swapped}{}", &id[1..]), number, "1", secret)), mistyped);
    let short = LinkError::StructureId(StructureIdError::Shape);
    assert_eq!(error(&with("a:1", &id[1..], number, "1", secret)), short);
    assert_eq!(error(&with("a:1", id, &number[1..], "1", secret)), LinkError::Number);
    assert_eq!(error(&with("a:1", id, number, "soon", secret)), LinkError::Expiry);
    assert_eq!(error(&with("a:1", id, number, "-1", secret)), LinkError::Expiry);
    assert_eq!(error(&with("a:1", id, number, "1", &secret[1..])), LinkError::Secret);
    assert_eq!(error(&with("a:1", id, number, "1", &format!("U{}", &secret[1..]))), LinkError::Secret);
    let other = if secret.starts_with('7') { "8" } else { "7" };
    assert_eq!(
        error(&with("a:1", id, number, "1", &format!("{other}{}", &secret[1..]))),
        LinkError::SecretCheck
    );
    assert_eq!(error(&"x".repeat(LINK_BYTES_MAX + 1)), LinkError::Oversize);
}

fn party(name: &[u8]) -> Party {
    Party { structure: StructureId::of_root_spki(name), manifest: Digest::of(name) }
}

fn transcript() -> Transcript {
    Transcript::new([5; EXPORTER_BYTES], party(b"inviter"), party(b"joiner")).expect("two structures")
}

fn agreement() -> Digest {
    Digest::of(b"agreement")
}

#[test]
fn proofs_are_good_for_their_own_side() {
    let key = invitation().secret.proof_key();
    for role in [Role::Inviter, Role::Joiner] {
        let proof = transcript().prove(role, agreement(), &signing(1), &key);
        let read = Proof::from_proto(&proof.to_proto()).expect("a proof");
        assert_eq!((read.agreement(), &read), (agreement(), &proof));
        let keys = [signing(2).verify_key(), signing(1).verify_key()];
        let stored = ProofKey::from_bytes(&key.expose_secret_bytes());
        assert_eq!(transcript().verify(role, &proof, &keys, &stored), Ok(()));
        let reflected = transcript().verify(role.other(), &proof, &keys, &key);
        assert_eq!(reflected, Err(ProofError::Secret));
    }
}

#[test]
fn another_secret_connection_manifest_or_agreement_is_refused() {
    let key = invitation().secret.proof_key();
    let keys = [signing(1).verify_key()];
    let proof = transcript().prove(Role::Joiner, agreement(), &signing(1), &key);
    let refused = |transcript: Transcript, proof: &Proof, key: &ProofKey| {
        assert_eq!(transcript.verify(Role::Joiner, proof, &keys, key), Err(ProofError::Secret));
    };
    refused(transcript(), &proof, &InvitationSecret::from_bytes(&[0; 16]).proof_key());
    let (inviter, joiner) = (party(b"inviter"), party(b"joiner"));
    refused(Transcript::new([6; 32], inviter, joiner).expect("two"), &proof, &key);
    let other = Party { manifest: Digest::of(b"other"), ..inviter };
    refused(Transcript::new([5; 32], other, joiner).expect("two"), &proof, &key);
    refused(Transcript::new([5; 32], inviter, party(b"other")).expect("two"), &proof, &key);
    let edited = proto::PairProof { agreement_hash: vec![0; 32], ..proof.to_proto() };
    refused(transcript(), &Proof::from_proto(&edited).expect("a proof"), &key);
}

#[test]
fn possession_of_the_manifests_key_is_needed() {
    let key = invitation().secret.proof_key();
    let proof = transcript().prove(Role::Joiner, agreement(), &signing(9), &key);
    for keys in [&[signing(1).verify_key()][..], &[]] {
        let verified = transcript().verify(Role::Joiner, &proof, keys, &key);
        assert_eq!(verified, Err(ProofError::Possession));
    }
    let itself = Transcript::new([5; 32], party(b"inviter"), party(b"inviter"));
    assert!(itself.is_err_and(|error| error == ProofError::SameStructure));
    let short = proto::PairProof { possession: vec![0; 63], ..proof.to_proto() };
    assert_eq!(Proof::from_proto(&short), Err(ProofError::Shape));
}

fn introduced() -> Transcript {
    Transcript::of_introduction([5; EXPORTER_BYTES], party(b"inviter"), party(b"joiner")).expect("two")
}

#[test]
fn a_proof_of_an_introduction_is_none_of_an_invitation_and_has_no_secret() {
    let (key, keys) = (invitation().secret.proof_key(), [signing(1).verify_key()]);
    for role in [Role::Inviter, Role::Joiner] {
        let proof = introduced().prove_possession(role, agreement(), &signing(1));
        assert_eq!(Proof::from_proto(&proof.to_proto()), Ok(proof.clone()));
        assert_eq!(introduced().verify_possession(role, &proof, &keys), Ok(()));
        let none = Err(ProofError::Possession);
        assert_eq!(introduced().verify_possession(role.other(), &proof, &keys), none);
        assert_eq!(transcript().verify_possession(role, &proof, &keys), none);
        assert_eq!(introduced().verify_possession(role, &proof, &[signing(2).verify_key()]), none);
        assert_eq!(transcript().verify(role, &proof, &keys, &key), Err(ProofError::Shape));
        let of_invitation = transcript().prove(role, agreement(), &signing(1), &key);
        assert_eq!(introduced().verify_possession(role, &of_invitation, &keys), Err(ProofError::Shape));
        let stripped = proto::PairProof { secret_proof: Vec::new(), ..of_invitation.to_proto() };
        let stripped = Proof::from_proto(&stripped).expect("a proof");
        assert_eq!(introduced().verify_possession(role, &stripped, &keys), none);
    }
    assert_ne!(introduced().phrase(), transcript().phrase());
    let itself = Transcript::of_introduction([5; EXPORTER_BYTES], party(b"a"), party(b"a"));
    assert!(itself.is_err_and(|error| error == ProofError::SameStructure));
}

#[test]
fn endorsements_are_shown_within_their_limits() {
    let read = |records: Vec<Vec<u8>>| read_endorsements(proto::PairEndorsements { records });
    let longest = vec![1; ENDORSEMENT_SIGNED_BYTES_MAX];
    let most = vec![longest.clone(); ENDORSEMENTS_SHOWN_MAX];
    assert_eq!(read(most.clone()), Ok(most.clone()));
    assert_eq!(read(Vec::new()), Ok(Vec::new()));
    assert_eq!(read([most.clone(), vec![vec![1]]].concat()), Err(FrameError::Shape));
    assert_eq!(read(vec![[longest.clone(), vec![1]].concat()]), Err(FrameError::Shape));
    assert_eq!(read(vec![Vec::new()]), Err(FrameError::Shape));
    let shown = endorsements_frame([most.clone(), most.clone()].concat());
    assert!(shown.encoded_len() < 64 * 1024);
    let Some(Body::Endorsements(message)) = shown.body else { panic!("endorsements") };
    assert_eq!(read_endorsements(message), Ok(most));
}

#[test]
fn both_sides_read_one_phrase_and_a_relay_another() {
    let phrase = transcript().phrase();
    assert_eq!(phrase, transcript().phrase());
    assert_eq!(phrase.to_string().split(' ').count(), PHRASE_WORDS);
    let relayed = Transcript::new([6; 32], party(b"inviter"), party(b"joiner")).expect("two").phrase();
    assert_ne!(phrase, relayed);
}

#[test]
fn words_are_told_apart_by_ear() {
    let words = super::words::WORDS;
    let beginnings: BTreeSet<&str> = words.iter().map(|word| &word[..4]).collect();
    assert_eq!(beginnings.len(), words.len());
    assert!(words.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_lowercase())));
    for (index, one) in words.iter().enumerate() {
        for other in &words[index + 1..] {
            assert!(distance(one.as_bytes(), other.as_bytes()) >= 3, "{one} {other}");
        }
    }
}

/// Levenshtein distance.
fn distance(one: &[u8], other: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, left) in one.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, right) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(left != right);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

fn claims() -> Claims {
    Claims {
        tls_ca_der: vec![1],
        signing_keys: vec![signing(2).verify_key()],
        sealing_keys: vec![SealingKey::X25519(SealSecret::from_bytes(&[3; 32]).seal_key())],
        witness_keys: vec![],
        endpoints: vec![],
        pairing_endpoints: vec![],
        name: "Les mots pour dire".into(),
        kind: StructureKind::Literacy,
        valid_from: Timestamp(0),
        valid_until: Timestamp(1),
    }
}

fn introduction(length: usize) -> Introduction {
    let next_root = signing(9).verify_key().spki_hash();
    let first = Manifest::first(&claims(), &signing(1), next_root).expect("a manifest");
    let chain = (1..length).fold(Chain::found(first).expect("the first"), |chain, _| {
        let next = chain.next(&claims(), &signing(1)).expect("next");
        chain.accept(next).expect("accepted").chain
    });
    Introduction { chain, site_names: vec!["Accueil".into()] }
}

fn read(frames: Vec<proto::PairFrame>) -> Result<Introduction, FrameError> {
    let mut bodies = frames.into_iter().filter_map(|frame| frame.body);
    let mut reader = match bodies.next() {
        Some(Body::Open(open)) => IntroductionReader::from_open(open)?,
        Some(Body::Offer(offer)) => IntroductionReader::from_offer(offer)?,
        Some(Body::Introduce(introduce)) => IntroductionReader::from_introduce(introduce)?,
        other => panic!("{other:?}"),
    };
    for body in bodies {
        let Body::Manifests(further) = body else { panic!("{body:?}") };
        reader.push(further)?;
    }
    reader.finish()
}

#[test]
fn introductions_come_back_in_pieces() {
    for length in [1, 3, 4, 8] {
        let made = introduction(length);
        assert_eq!(read(open_frames(invitation().number, &made)), Ok(made.clone()));
        assert_eq!(read(offer_frames(&made)), Ok(made.clone()));
        assert_eq!(read(introduce_frames(&made)), Ok(made));
    }
}

#[test]
fn malformed_introductions_are_refused() {
    let edited = |edit: fn(&mut proto::PairOpen)| {
        let mut frames = open_frames(invitation().number, &introduction(2));
        if let Some(Body::Open(open)) = &mut frames[0].body {
            edit(open);
        }
        read(frames)
    };
    assert_eq!(edited(|open| open.version = 2), Err(FrameError::Version(2)));
    assert_eq!(edited(|open| open.invitation_number.clear()), Err(FrameError::Shape));
    assert_eq!(edited(|open| open.manifests_total = 3), Err(FrameError::Shape));
    assert_eq!(edited(|open| open.manifests_total = 1), Err(FrameError::Shape));
    assert_eq!(edited(|open| open.manifests_total = u32::MAX), Err(FrameError::Shape));
    assert_eq!(edited(|open| open.manifests.clear()), Err(FrameError::Shape));
    assert_eq!(edited(|open| open.site_names = vec!["a".into(); SITES_MAX + 1]), Err(FrameError::Shape));
    assert_eq!(edited(|open| open.site_names[0].push('\n')), Err(FrameError::Shape));
    let gap = ManifestError::Gap { expected: 1, offered: 2 };
    assert_eq!(edited(|open| open.manifests.reverse()), Err(FrameError::Manifest(gap)));
    let bad = edited(|open| open.manifests[1].signature[0] ^= 1);
    assert_eq!(bad, Err(FrameError::Manifest(ManifestError::Signed(DsseError::Signature))));
}

#[test]
fn more_manifests_than_announced_are_refused_at_once() {
    let mut bodies = offer_frames(&introduction(4)).into_iter().filter_map(|frame| frame.body);
    let (Some(Body::Offer(offer)), Some(Body::Manifests(further))) = (bodies.next(), bodies.next()) else {
        panic!("an offer and a further frame");
    };
    let mut reader = IntroductionReader::from_offer(offer).expect("an offer");
    assert!(!reader.is_complete());
    assert_eq!(reader.push(further.clone()), Ok(()));
    assert!(reader.is_complete());
    assert_eq!(reader.push(further), Err(FrameError::Shape));
    assert_eq!(reader.push(proto::PairManifests::default()), Err(FrameError::Shape));
}

fn confirmation() -> Confirmation {
    Confirmation {
        number: invitation().number,
        signer: party(b"inviter"),
        peer: party(b"joiner"),
        agreement: agreement(),
        at: Timestamp(1_795_305_600_000),
    }
}

#[test]
fn a_confirmation_comes_back_from_its_signer_only() {
    let keys = [signing(1).verify_key()];
    let signed = confirmation().sign(&signing(1));
    assert_eq!(Confirmation::open(&signed, &keys), Ok(confirmation()));
    let forged = confirmation().sign(&signing(2));
    assert_eq!(Confirmation::open(&forged, &keys), Err(FrameError::Signed(DsseError::Signature)));
    let sign = |message: proto::PairConfirmation| {
        Signed::sign(PayloadType::PairingConfirmation, message.encode_to_vec(), &signing(1))
    };
    let future = sign(proto::PairConfirmation { version: 2, ..Default::default() });
    assert_eq!(Confirmation::open(&future, &keys), Err(FrameError::Version(2)));
    let empty = sign(proto::PairConfirmation { version: 1, ..Default::default() });
    assert_eq!(Confirmation::open(&empty, &keys), Err(FrameError::Shape));
}

#[test]
fn debug_shows_no_secret() {
    let shown = format!("{:?} {:?}", invitation(), invitation().secret.proof_key());
    let hexed: String = invitation().secret.expose().iter().map(|byte| format!("{byte}, ")).collect();
    assert!(shown.contains("secret: [secret]") && shown.ends_with(" [secret]") && !shown.contains(&hexed));
}
