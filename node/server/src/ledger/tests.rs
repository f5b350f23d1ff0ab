use super::*;
use crate::clock::{Clock, Dice};
use crate::own::{Profile, found};
use relais_domain::ledger_leaf::{Leaf, LeafKind};
use relais_store::memory::MemoryStore;
use relais_wire::manifest::StructureKind;
use relais_wire::manifest::chain::Chain;

fn ledger() -> (Ledger, Arc<dyn Store>) {
    let dice = Dice::system().unwrap();
    let profile = Profile {
        name: "x".to_owned(),
        kind: StructureKind::Other,
        endpoints: Vec::new(),
        pairing_endpoints: Vec::new(),
    };
    let ca = |structure| crate::tls::Ca::generate(structure).unwrap().into_parts();
    let founded = found(&profile, ca, &dice, Clock::system().now()).unwrap();
    let chain = Chain::found(founded.manifest).unwrap();
    let own = Own::new(chain, founded.secrets.signing, vec![founded.secrets.sealing]);
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    (Ledger::new(Arc::clone(&store), Arc::new(own)), store)
}

fn leaf(number: u8) -> Leaf {
    Leaf { kind: LeafKind::Administrative, subject: Digest::of(&[number]), salt: [number; 32] }
}

async fn grow(store: &dyn Store, numbers: impl IntoIterator<Item = u8>) {
    let leaves = numbers.into_iter().map(leaf).collect();
    store.commit(Batch { leaves, ..Batch::default() }).await.unwrap();
}

#[tokio::test]
async fn a_checkpoint_is_signed_anew_only_when_the_tree_grew() {
    let (ledger, store) = ledger();
    grow(&*store, 0..5).await;
    let first = ledger.checkpoint().await.unwrap();
    assert_eq!(ledger.checkpoint().await.unwrap().note, first.note);
    grow(&*store, 5..9).await;
    let second = ledger.checkpoint().await.unwrap();
    assert_eq!((first.checkpoint.size, second.checkpoint.size), (5, 9));
    let path = ledger.consistency(5, 9).await.unwrap();
    let (old, new) = (first.checkpoint.root, second.checkpoint.root);
    assert!(merkle::verify_consistency(5, old, 9, new, &path));
    assert!(!merkle::verify_consistency(5, new, 9, old, &path));
    assert_eq!(ledger.check().await.unwrap().checkpoint_size, 9);
    ledger.glance().await.unwrap();
}

#[tokio::test]
async fn a_proof_holds_for_its_leaf_and_there_is_none_for_another() {
    let (ledger, store) = ledger();
    grow(&*store, 0..7).await;
    let proof = ledger.prove(leaf(3).subject).await.unwrap().unwrap();
    assert_eq!((proof.index, proof.size), (3, 7));
    let read = relais_wire::ledger::read(&proof.text).unwrap();
    relais_wire::ledger::verify(&read, &ledger.own.signing().verify_key()).unwrap();
    assert!(ledger.prove(leaf(9).subject).await.unwrap().is_none());
}

#[tokio::test]
async fn a_truncated_or_another_tree_is_noticed() {
    let (ledger, store) = ledger();
    grow(&*store, 0..7).await;
    let signed = ledger.checkpoint().await.unwrap();
    let lost = Contradiction::LeavesMissing { signed: 7, held: 3 };
    for (numbers, what) in
        [(vec![0, 1, 2], lost), (vec![0, 1, 2, 3, 4, 5, 9, 7], Contradiction::NotAsSigned(7))]
    {
        let forged: Arc<dyn Store> = Arc::new(MemoryStore::new());
        grow(&*forged, numbers).await;
        let write = |shelf, key: &[u8]| DocumentWrite {
            shelf,
            key: key.to_vec(),
            expected_version: Expected::Any,
            body: Some(signed.note.clone().into_bytes()),
        };
        let documents = vec![write(Shelf::Checkpoint, &7u64.to_be_bytes()), write(Shelf::Setting, LATEST)];
        forged.commit(Batch { documents, ..Batch::default() }).await.unwrap();
        let forged = Ledger::new(forged, Arc::clone(&ledger.own));
        for found in [forged.glance().await.unwrap_err(), forged.check().await.map(drop).unwrap_err()] {
            assert!(matches!(found, LedgerError::Contradiction(found) if found == what), "{found}: {what}");
        }
    }
}
