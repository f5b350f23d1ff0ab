//! Checkpoints and proof files against the vectors of `proto/vectors/ledger`, and the tree against ct-merkle.
//!
//! The vectors were written by another program, in another language, from the formats' texts.

use super::*;
use crate::keys::{SigningSecret, VerifyKey};
use proptest::prelude::*;
use relais_domain::digest::Digest;
use relais_domain::ledger_leaf::{Leaf, LeafError, LeafKind};
use relais_domain::merkle::{self, NodeAddress};
use relais_domain::structure_id::StructureId;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

fn key() -> SigningSecret {
    SigningSecret::from_bytes(&std::array::from_fn(|position| u8::try_from(position).expect("32 positions")))
}

fn other_key() -> SigningSecret {
    SigningSecret::from_bytes(&[7; 32])
}

fn structure(key: &SigningSecret) -> StructureId {
    StructureId::of_root_spki(&[&SPKI_PREFIX[..], key.verify_key().as_bytes()].concat())
}

fn leaf(index: u64) -> Leaf {
    let kind = u8::try_from(1 + index % 10).ok().and_then(LeafKind::from_number);
    Leaf {
        kind: kind.expect("ten kinds"),
        subject: Digest::of(format!("subject {index}").as_bytes()),
        salt: Digest::of(format!("salt {index}").as_bytes()).0,
    }
}

fn tree(size: u64) -> BTreeMap<NodeAddress, Digest> {
    let leaves: Vec<Digest> = (0..size).map(|index| leaf(index).hash()).collect();
    merkle::append_all(0, &leaves, |_| None).expect("an empty tree needs no node").nodes.into_iter().collect()
}

fn checkpoint(size: u64) -> Checkpoint {
    let nodes = tree(size);
    let root = merkle::root(size, |address| nodes.get(&address).copied()).expect("the tree is whole");
    Checkpoint { ledger: structure(&key()), size, root }
}

fn proof(index: u64, size: u64, manifests: &[&[u8]]) -> ProofFile {
    let nodes = tree(size);
    let path = merkle::inclusion_path(index, size, |address| nodes.get(&address).copied());
    ProofFile {
        leaf: leaf(index),
        index,
        path: path.expect("the tree is whole"),
        checkpoint: sign_checkpoint(&checkpoint(size), &key()),
        manifests: manifests.iter().map(|manifest| manifest.to_vec()).collect(),
    }
}

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../proto/vectors/ledger").join(name)
}

fn vector(name: &str) -> String {
    std::fs::read_to_string(folder(&format!("{name}.txt"))).expect("the vector is there")
}

fn open(note: &str) -> Result<Checkpoint, CheckpointError> {
    open_checkpoint(note, &structure(&key()), &key().verify_key())
}

const MANIFESTS: [&[u8]; 2] = [b"manifest one", b"manifest two"];

#[test]
fn the_origin_names_the_structure() {
    let id = structure(&key());
    assert_eq!(origin(&id), "relais/ledger/UBIIG7MFA4CYFUTHXHFFQTCEEPTTBRFS4IEWNYSSEBZ63ZDTTYXSGSQH");
}

#[test]
fn key_ids_are_those_of_signed_note() {
    // The verifier key and note of the documentation of golang.org/x/mod/sumdb/note.
    let key = VerifyKey::from_bytes(&[
        0x1a, 0x5c, 0xd9, 0x07, 0x14, 0x3c, 0x38, 0x4c, 0x41, 0xe8, 0x30, 0xc5, 0xbc, 0xe1, 0x2a, 0xa8, 0x81,
        0x7e, 0xc5, 0x64, 0x9a, 0xaa, 0xbf, 0x2c, 0x31, 0x38, 0x8b, 0x35, 0xb2, 0xd7, 0x44, 0xd6,
    ])
    .expect("a published key");
    assert_eq!(note::key_id("PeterNeumann", &key), [0xc7, 0x4f, 0x20, 0xa3]);
    let text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    let signature = "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    let note = format!("{text}\n{signature}");
    assert_eq!(note::Note::parse(&note).and_then(|note| note.verified("PeterNeumann", &key)), Ok(text));
}

#[test]
fn valid_checkpoints_are_read_and_written_byte_for_byte() {
    for (name, size) in [("valid/checkpoint", 11), ("valid/checkpoint-empty", 0)] {
        assert_eq!(open(&vector(name)), Ok(checkpoint(size)), "{name}");
        assert_eq!(sign_checkpoint(&checkpoint(size), &key()), vector(name), "{name}");
    }
    assert_eq!(open(&vector("valid/checkpoint-cosigned")), Ok(checkpoint(11)));
}

#[test]
fn valid_proofs_are_read_written_and_verified() {
    let cases = [("valid/proof", proof(6, 11, &MANIFESTS)), ("valid/proof-one-leaf", proof(0, 1, &[]))];
    for (name, expected) in cases {
        let read = read(&vector(name)).expect(name);
        assert_eq!(read, expected, "{name}");
        assert_eq!(write(&read).as_ref(), Ok(&vector(name)), "{name}");
        assert_eq!(read.claimed_ledger(), Ok(structure(&key())), "{name}");
        let verified = verify(&read, &key().verify_key()).expect(name);
        assert_eq!((verified.index(), verified.leaf()), (expected.index, &expected.leaf), "{name}");
        assert_eq!(verified.checkpoint().ledger, structure(&key()), "{name}");
    }
}

fn invalid_checkpoints() -> Vec<(&'static str, CheckpointError)> {
    use CheckpointError as E;
    vec![
        ("too-long", E::TooLong { bytes: 8469 }),
        ("control-character", E::ControlCharacter { line: 2 }),
        ("no-signatures", E::NoSignatures),
        ("no-signature-after-blank", E::NoSignatures),
        ("no-final-newline", E::NoFinalNewline),
        ("signature-dash", E::SignatureLine { line: 5 }),
        ("signature-base64", E::SignatureLine { line: 5 }),
        ("signature-name-plus", E::SignatureLine { line: 5 }),
        ("too-many-signatures", E::TooManySignatures { count: 17 }),
        ("origin-foreign", E::Origin),
        ("origin-lowercase", E::Origin),
        ("origin-mistyped", E::Origin),
        ("size-leading-zero", E::Size),
        ("size-plus", E::Size),
        ("size-too-large", E::Size),
        ("size-missing", E::Size),
        ("root-short", E::Root),
        ("root-unpadded", E::Root),
        ("root-url-alphabet", E::Root),
        ("root-missing", E::Root),
        ("empty-root", E::EmptyRoot),
        ("extension-empty", E::Extension { line: 5 }),
        ("not-signed", E::NotSigned),
        ("name-of-another-key", E::NotSigned),
        ("bad-signature", E::BadSignature),
        ("signature-short", E::BadSignature),
        ("second-signature-bad", E::BadSignature),
        ("other-ledger", E::OtherLedger { claimed: structure(&other_key()) }),
    ]
}

fn invalid_files() -> Vec<(&'static str, ProofFileError)> {
    use LineFault as F;
    let at = |line, fault| ProofFileError::Line { line, fault };
    vec![
        ("carriage-return", at(1, F::CarriageReturn)),
        ("header", at(1, F::Header)),
        ("cut-in-manifests", at(3, F::Ended)),
        ("cut-in-path", at(9, F::Ended)),
        ("cut-in-checkpoint", ProofFileError::Checkpoint { line: 13, error: CheckpointError::NoSignatures }),
        ("manifest-word", at(3, F::Manifest)),
        ("manifest-base64", at(3, F::Manifest)),
        ("manifest-empty", at(3, F::Manifest)),
        ("too-many-manifests", at(130, F::TooManyManifests)),
        ("tlog-header", at(5, F::TlogHeader)),
        ("extra-missing", at(6, F::Extra)),
        ("extra-base64", at(6, F::Extra)),
        ("leaf-length", at(6, F::Leaf(LeafError::Length(65)))),
        ("leaf-version", at(6, F::Leaf(LeafError::Version(2)))),
        ("leaf-kind", at(6, F::Leaf(LeafError::Kind(255)))),
        ("index-leading-zero", at(7, F::Index)),
        ("index-negative", at(7, F::Index)),
        ("path-digest", at(8, F::PathDigest)),
        ("path-too-long", at(72, F::PathTooLong)),
        ("checkpoint-malformed", ProofFileError::Checkpoint { line: 13, error: CheckpointError::Size }),
    ]
}

fn rejected_proofs() -> Vec<(&'static str, ProofRejected)> {
    vec![
        ("checkpoint-altered", ProofRejected::Checkpoint(CheckpointError::BadSignature)),
        ("checkpoint-of-another", ProofRejected::Checkpoint(CheckpointError::NotSigned)),
        ("index-outside", ProofRejected::IndexOutside { index: 11, size: 11 }),
        ("index-altered", ProofRejected::NotIncluded),
        ("leaf-kind-altered", ProofRejected::NotIncluded),
        ("leaf-salt-altered", ProofRejected::NotIncluded),
        ("path-altered", ProofRejected::NotIncluded),
        ("path-cut", ProofRejected::NotIncluded),
        ("path-reversed", ProofRejected::NotIncluded),
        ("other-size", ProofRejected::NotIncluded),
    ]
}

#[test]
fn each_invalid_checkpoint_is_refused_for_its_reason() {
    for (name, error) in invalid_checkpoints() {
        assert_eq!(open(&vector(&format!("invalid/checkpoint-{name}"))), Err(error), "{name}");
    }
}

#[test]
fn each_invalid_proof_file_is_refused_naming_the_line() {
    for (name, error) in invalid_files() {
        assert_eq!(read(&vector(&format!("invalid/proof-{name}"))), Err(error), "{name}");
    }
    let mut long = vector("valid/proof");
    long.push_str(&"x".repeat(PROOF_FILE_BYTES_MAX));
    assert_eq!(read(&long), Err(ProofFileError::TooLong { bytes: long.len() }));
}

#[test]
fn each_false_proof_is_rejected_for_its_reason() {
    for (name, reason) in rejected_proofs() {
        let proof = read(&vector(&format!("invalid/proof-{name}"))).expect(name);
        assert_eq!(verify(&proof, &key().verify_key()), Err(reason), "{name}");
    }
}

#[test]
fn every_invalid_vector_is_tested() {
    let checkpoints = invalid_checkpoints().into_iter().map(|(name, _)| format!("checkpoint-{name}.txt"));
    let files = invalid_files().into_iter().map(|(name, _)| format!("proof-{name}.txt"));
    let rejected = rejected_proofs().into_iter().map(|(name, _)| format!("proof-{name}.txt"));
    let tested: BTreeSet<String> = checkpoints.chain(files).chain(rejected).collect();
    let present: BTreeSet<String> = std::fs::read_dir(folder("invalid"))
        .expect("the vectors are there")
        .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(tested, present);
}

#[test]
fn another_structures_checkpoint_is_not_ours() {
    let theirs = Checkpoint { ledger: structure(&other_key()), ..checkpoint(11) };
    assert_eq!(open(&sign_checkpoint(&theirs, &other_key())), Err(CheckpointError::NotSigned));
    // Our own key, but over a ledger we do not ask about.
    assert_eq!(open(&sign_checkpoint(&theirs, &key())), Err(CheckpointError::NotSigned));
}

#[test]
fn no_byte_of_a_checkpoint_can_change() {
    let note = vector("valid/checkpoint");
    for other in altered(&note) {
        assert!(open(&other).is_err(), "{other}");
    }
}

#[test]
fn no_byte_of_a_proof_can_change() {
    let text = write(&proof(6, 11, &[])).expect("a valid proof");
    for other in altered(&text) {
        let verified = read(&other).ok().and_then(|proof| verify(&proof, &key().verify_key()).ok());
        assert_eq!(verified, None, "{other}");
    }
}

/// Every text that differs from `text` in one byte, and every beginning of it.
fn altered(text: &str) -> Vec<String> {
    let flipped = (0..text.len()).flat_map(|position| {
        [0x01, 0x20].into_iter().filter_map(move |bit| {
            let mut bytes = text.as_bytes().to_vec();
            bytes[position] ^= bit;
            String::from_utf8(bytes).ok()
        })
    });
    let cut = (0..text.len()).filter(|end| text.is_char_boundary(*end)).map(|end| text[..end].to_owned());
    flipped.chain(cut).collect()
}

#[test]
fn what_cannot_be_read_is_not_written() {
    let valid = proof(6, 11, &MANIFESTS);
    let digest = Digest::of(b"digest");
    let long = ProofFile { path: vec![digest; PROOF_PATH_MAX + 1], ..valid.clone() };
    let many = ProofFile { manifests: vec![vec![1]; PROOF_MANIFESTS_MAX + 1], ..valid.clone() };
    let empty = ProofFile { manifests: vec![Vec::new()], ..valid.clone() };
    let big = ProofFile { manifests: vec![vec![1; PROOF_FILE_BYTES_MAX]], ..valid.clone() };
    let unsigned = ProofFile { checkpoint: "nothing\n".to_owned(), ..valid.clone() };
    let fault = |proof: &ProofFile| match write(proof) {
        Err(ProofFileError::Line { fault, .. }) => Some(fault),
        Err(ProofFileError::TooLong { .. } | ProofFileError::Checkpoint { .. }) | Ok(_) => None,
    };
    assert_eq!(fault(&long), Some(LineFault::PathTooLong));
    assert_eq!(fault(&many), Some(LineFault::TooManyManifests));
    assert_eq!(fault(&empty), Some(LineFault::Manifest));
    assert!(matches!(write(&big), Err(ProofFileError::TooLong { .. })));
    assert!(matches!(write(&unsigned), Err(ProofFileError::Checkpoint { .. })));
    assert!(write(&valid).is_ok());
}

#[test]
fn messages_name_the_line_and_what_to_do() {
    let shown = |name: &str| read(&vector(name)).expect_err(name).to_string();
    let index = shown("invalid/proof-index-leading-zero");
    assert!(index.starts_with("line 7: must be `index` and a decimal number"), "{index}");
    assert!(index.ends_with("ask for the file again"), "{index}");
    let cut = shown("invalid/proof-cut-in-checkpoint");
    assert!(cut.starts_with("in the checkpoint, which begins on line 13: "), "{cut}");
}

type Sha256 = sha2::Sha256;

fn output(digest: Digest) -> ct_merkle::digest::Output<Sha256> {
    digest.0.into()
}

#[test]
fn roots_and_proofs_are_those_of_ct_merkle() {
    const SIZE_MAX: u64 = 70;
    let nodes = tree(SIZE_MAX);
    let node = |address: NodeAddress| nodes.get(&address).copied();
    let mut theirs = ct_merkle::mem_backed_tree::MemoryBackedTree::<Sha256, [u8; Leaf::LENGTH]>::new();
    let mut roots = vec![theirs.root()];
    for size in 1..=SIZE_MAX {
        theirs.push(leaf(size - 1).bytes());
        let root = theirs.root();
        let ours = merkle::root(size, node).expect("the tree is whole");
        assert_eq!(root.as_bytes().as_slice(), ours.as_bytes(), "size {size}");
        for index in 0..size {
            let path = merkle::inclusion_path(index, size, node).expect("the tree is whole");
            let their_path = theirs.prove_inclusion(usize::try_from(index).expect("small"));
            assert_eq!(their_path.as_bytes(), bytes(&path), "leaf {index} of {size}");
            let outputs: Vec<_> = path.iter().copied().map(output).collect();
            let given = ct_merkle::InclusionProof::<Sha256>::from_digests(&outputs);
            assert!(root.verify_inclusion(&leaf(index).bytes(), index, &given).is_ok());
        }
        for (old, old_root) in (0..size).zip(&roots).skip(1) {
            let path = merkle::consistency_path(old, size, node).expect("the tree is whole");
            let added = usize::try_from(size - old).expect("small");
            assert_eq!(theirs.prove_consistency(added).as_bytes(), bytes(&path), "{old} to {size}");
            let outputs: Vec<_> = path.iter().copied().map(output).collect();
            let given = ct_merkle::ConsistencyProof::<Sha256>::from_digests(&outputs);
            assert!(root.verify_consistency(old_root, &given).is_ok(), "{old} to {size}");
        }
        roots.push(root);
    }
}

fn bytes(path: &[Digest]) -> Vec<u8> {
    path.iter().flat_map(|digest| digest.0).collect()
}

proptest! {
    #[test]
    fn proofs_go_there_and_back(
        index in 0u64..=merkle::LEAVES_MAX,
        path in proptest::collection::vec(any::<[u8; 32]>().prop_map(Digest), 0..=PROOF_PATH_MAX),
        manifests in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..40), 0..8),
    ) {
        let proof = ProofFile { index, path, manifests, ..proof(0, 1, &[]) };
        let written = write(&proof);
        prop_assert_eq!(written.and_then(|text| read(&text)), Ok(proof));
    }

    #[test]
    fn no_text_panics(text in ".*", position in 0usize..800, inserted in "[ \n\r+=A—0-9]{0,4}") {
        let _ = read(&text);
        let _ = open(&text);
        for valid in [vector("valid/proof"), vector("valid/checkpoint")] {
            let mut at = position.min(valid.len());
            while !valid.is_char_boundary(at) {
                at -= 1;
            }
            let (before, after) = valid.split_at(at);
            let text = format!("{before}{inserted}{after}");
            let _ = open(&text);
            if let Ok(proof) = read(&text) {
                prop_assert_eq!(write(&proof), Ok(text));
            }
        }
    }
}
