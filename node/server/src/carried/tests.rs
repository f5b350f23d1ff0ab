//! Chains that prove themselves, whoever brings them.

use super::*;
use relais_domain::digest::Digest;
use relais_domain::time::Span;
use relais_store::memory::MemoryStore;
use relais_wire::keys::{SealSecret, SigningSecret};
use relais_wire::manifest::{Claims, SealingKey, StructureKind};

fn secret(seed: u8) -> SigningSecret {
    SigningSecret::from_bytes(&[seed; 32])
}

fn id(seed: u8) -> StructureId {
    secret(seed).verify_key().structure_id()
}

fn next_root(seed: u8) -> Digest {
    secret(seed.wrapping_add(100)).verify_key().spki_hash()
}

fn claims(name: &str) -> Claims {
    Claims {
        tls_ca_der: b"certificate".to_vec(),
        signing_keys: vec![secret(250).verify_key()],
        sealing_keys: vec![SealingKey::X25519(SealSecret::from_bytes(&[50; 32]).seal_key())],
        witness_keys: Vec::new(),
        endpoints: Vec::new(),
        name: name.to_owned(),
        kind: StructureKind::DigitalHub,
        valid_from: Timestamp(0),
        valid_until: Timestamp(Span::days(365).0),
        pairing_endpoints: Vec::new(),
    }
}

/// The chain of so many manifests of the structure of this root.
fn chain(seed: u8, manifests: u64) -> Chain {
    let first = Manifest::first(&claims("one"), &secret(seed), next_root(seed)).unwrap();
    grown(Chain::found(first).unwrap(), seed, manifests, "later")
}

fn grown(mut chain: Chain, seed: u8, manifests: u64, name: &str) -> Chain {
    while chain.current().sequence() < manifests {
        let next = chain.next(&claims(name), &secret(seed)).unwrap();
        chain = chain.accept(next).unwrap().chain;
    }
    chain
}

fn run(chain: &Chain) -> Vec<Manifest> {
    chain.manifests().cloned().collect()
}

async fn over(store: &Arc<dyn Store>) -> Carried {
    Carried::load(Arc::clone(store), id(200), Clock::system()).await.unwrap()
}

async fn bench() -> (Arc<dyn Store>, Carried) {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let carried = over(&store).await;
    (store, carried)
}

#[tokio::test]
async fn a_chain_is_kept_with_who_first_brought_it_and_comes_back_after_a_restart() {
    let (store, carried) = bench().await;
    assert_eq!(carried.chain(id(1)).await.unwrap(), None);
    carried.take(run(&chain(1, 2)), id(8)).await.unwrap();
    carried.take(run(&chain(1, 3)), id(9)).await.unwrap();
    carried.take(run(&chain(2, 1)), id(9)).await.unwrap();
    for carried in [carried, over(&store).await] {
        assert_eq!(*carried.chain(id(1)).await.unwrap().unwrap(), chain(1, 3));
        assert_eq!(*carried.chain(id(2)).await.unwrap().unwrap(), chain(2, 1));
        let known = carried.known(id(1)).unwrap();
        assert_eq!((known.name.as_str(), known.sequence, known.carrier), ("later", 3, id(8)));
        assert_eq!(carried.all().len(), 2);
    }
}

#[tokio::test]
async fn what_does_not_prove_itself_is_refused_and_what_was_held_stays() {
    let (_, carried) = bench().await;
    let whole = chain(1, 3);
    let broken = |run: Vec<Manifest>| async { carried.take(run, id(8)).await };
    let tail = run(&whole).split_off(1);
    assert!(matches!(broken(tail).await, Err(CarriedError::Manifest(ManifestError::Gap { .. }))));
    let mixed = vec![run(&whole).remove(0), run(&chain(2, 2)).remove(1)];
    assert!(matches!(broken(mixed).await, Err(CarriedError::Manifest(ManifestError::WrongStructure))));
    assert!(matches!(broken(Vec::new()).await, Err(CarriedError::Manifest(_))));
    assert!(matches!(broken(run(&chain(200, 1))).await, Err(CarriedError::Own)));
    assert_eq!(carried.chain(id(1)).await.unwrap(), None);
    carried.take(run(&whole), id(8)).await.unwrap();
    let other = grown(chain(1, 1), 1, 2, "another");
    let refused = broken(run(&other)).await;
    assert!(matches!(refused, Err(CarriedError::Manifest(ManifestError::Equivocation(_)))));
    assert_eq!(*carried.chain(id(1)).await.unwrap().unwrap(), whole);
    assert_eq!(
        *carried.take(run(&chain(1, 2)), id(9)).await.unwrap(),
        whole,
        "an older chain changes nothing"
    );
}

#[tokio::test]
async fn a_rotation_takes_the_place_of_what_a_thief_of_the_root_signed() {
    let (store, carried) = bench().await;
    let first = chain(1, 1);
    carried.take(run(&grown(first.clone(), 1, 4, "thief")), id(8)).await.unwrap();
    let rotation = first.rotation(&claims("rotated"), &secret(101), next_root(2)).unwrap();
    let rotated = first.accept(rotation).unwrap().chain;
    carried.take(run(&rotated), id(9)).await.unwrap();
    for carried in [carried, over(&store).await] {
        assert_eq!(*carried.chain(id(1)).await.unwrap().unwrap(), rotated);
    }
}

#[tokio::test]
async fn a_chain_too_long_is_not_carried() {
    let (_, carried) = bench().await;
    let long = {
        let mut chain = chain(1, 1);
        for _ in 0..6 {
            let claims = Claims { tls_ca_der: vec![7; 4_096], ..claims("long") };
            chain = chain.accept(chain.next(&claims, &secret(1)).unwrap()).unwrap().chain;
        }
        chain
    };
    let bytes: usize = long.manifests().map(|manifest| manifest.signed().encode().len()).sum();
    carried.take(run(&long), id(8)).await.unwrap();
    let mut longer = long;
    for _ in 0..(CHAIN_BYTES_MAX - bytes).div_ceil(4_096) {
        let claims = Claims { tls_ca_der: vec![7; 4_096], ..claims("long") };
        longer = longer.accept(longer.next(&claims, &secret(1)).unwrap()).unwrap().chain;
    }
    assert!(matches!(carried.take(run(&longer), id(8)).await, Err(CarriedError::TooLong)));
    assert_eq!(carried.known(id(1)).unwrap().sequence, 7);
}

#[tokio::test]
async fn no_partner_brings_more_chains_than_its_share_nor_all_of_them_more_than_are_kept() {
    let (_, carried) = bench().await;
    let filled = |carriers: &[(u8, usize)]| {
        let mut known = carried.known.write().unwrap();
        known.clear();
        let mut number = 0u64;
        for (carrier, count) in carriers {
            for _ in 0..*count {
                number += 1;
                let structure = StructureId::of_root_spki(&number.to_be_bytes());
                let (name, carrier) = (String::new(), id(*carrier));
                known.insert(structure, Known { name, sequence: 1, carrier, since: Timestamp(0) });
            }
        }
    };
    filled(&[(8, CHAINS_PER_CARRIER_MAX)]);
    assert!(matches!(carried.take(run(&chain(1, 1)), id(8)).await, Err(CarriedError::Full)));
    carried.take(run(&chain(1, 1)), id(9)).await.unwrap();
    carried.take(run(&chain(1, 2)), id(8)).await.unwrap();
    filled(&[(7, CHAINS_PER_CARRIER_MAX), (8, CHAINS_MAX - CHAINS_PER_CARRIER_MAX)]);
    assert!(matches!(carried.take(run(&chain(2, 1)), id(9)).await, Err(CarriedError::Full)));
}

#[tokio::test]
async fn memory_holds_some_chains_and_the_store_all_of_them() {
    let (_, carried) = bench().await;
    let manifests = |number: u16| {
        let mut seed = [3; 32];
        seed[..2].copy_from_slice(&number.to_be_bytes());
        let root = SigningSecret::from_bytes(&seed);
        (root.verify_key().structure_id(), Manifest::first(&claims("many"), &root, next_root(1)).unwrap())
    };
    let count = u16::try_from(CACHED_MAX).unwrap() + 2;
    for number in 0..count {
        carried.take(vec![manifests(number).1], id(8)).await.unwrap();
    }
    assert_eq!(carried.cache.lock().unwrap().chains.len(), CACHED_MAX);
    for number in 0..count {
        let (structure, manifest) = manifests(number);
        assert_eq!(*carried.chain(structure).await.unwrap().unwrap().current(), manifest);
    }
}

/// Thirty-two chains of the longest fill what is held in memory: whoever was asked for last stays.
#[test]
fn memory_holds_so_many_bytes_of_chains() {
    const { assert!(CACHED_BYTES_MAX == 32 * CHAIN_BYTES_MAX && CACHED_MAX > 33) };
    let (mut cache, chain) = (Cache::default(), Arc::new(chain(1, 1)));
    let number = |number: u8| StructureId::of_root_spki(&[number]);
    for count in 0..32 {
        cache.hold(number(count), 65_536, Arc::clone(&chain));
    }
    assert_eq!((cache.chains.len(), cache.bytes), (32, 2_097_152));
    assert!(cache.get(number(0)).is_some());
    cache.hold(number(32), 1, chain);
    assert_eq!((cache.chains.len(), cache.bytes), (32, 2_031_617));
    assert!(cache.get(number(0)).is_some() && cache.get(number(1)).is_none());
}

#[tokio::test]
async fn a_forgotten_chain_is_gone_from_memory_and_store() {
    let (store, carried) = bench().await;
    carried.take(run(&chain(1, 3)), id(8)).await.unwrap();
    carried.take(run(&chain(2, 1)), id(8)).await.unwrap();
    carried.forget(&[id(1)]).await.unwrap();
    for carried in [carried, over(&store).await] {
        assert_eq!(carried.chain(id(1)).await.unwrap(), None);
        assert!(carried.chain(id(2)).await.unwrap().is_some());
    }
    assert!(store.documents(Shelf::CarriedManifest, id(1).as_bytes()).await.unwrap().is_empty());
}
