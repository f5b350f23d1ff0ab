//! Carried chains: the manifests of structures that are no partners, brought by partners so that what those structures
//! signed can be verified.
//!
//! A chain proves itself from the structure's id, so whoever brings it need not be believed. It says nothing of trust:
//! nothing is pinned here, and nothing but a partner can be sent a referral.

#[cfg(test)]
mod tests;

use crate::clock::Clock;
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_store::batch::{Batch, DocumentWrite, Expected};
use relais_store::rows::{Document, Shelf};
use relais_store::{CommitError, Store, StoreError};
use relais_wire::manifest::chain::Chain;
use relais_wire::manifest::{Manifest, ManifestError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Most chains that are kept.
pub const CHAINS_MAX: usize = 20_000;
/// Most chains that are kept of those that one partner was the first to bring.
pub const CHAINS_PER_CARRIER_MAX: usize = 10_000;
/// Longest chain that is kept, in bytes of its signed manifests: two a year for twenty years.
pub const CHAIN_BYTES_MAX: usize = 64 * 1024;
/// Most chains held in memory; the others are read from the store when they are asked for.
const CACHED_MAX: usize = 512;
/// Most bytes of their signed manifests: read, they take about twice as much.
const CACHED_BYTES_MAX: usize = 2 * 1_024 * 1_024;
/// Most chains that are forgotten in one batch.
const FORGOTTEN_AT_ONCE: usize = 256;
/// The place of what is noted of a chain: before its first manifest.
const NOTE: u64 = 0;
/// Where the sequence stands in a document's key: after the structure id.
const SEQUENCE_AT: usize = 32;

/// Why a chain is not taken.
#[derive(Debug, thiserror::Error)]
pub enum CarriedError {
    /// The manifests are no chain from the structure's id, or contradict the one held.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// This structure's own manifests came from outside.
    #[error("manifests of this structure came from outside")]
    Own,
    /// The chain is longer than [`CHAIN_BYTES_MAX`].
    #[error("the chain of manifests is too long to be carried")]
    TooLong,
    /// No more chains are kept, or no more of this partner's.
    #[error("no more chains of structures that are no partners are kept")]
    Full,
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<CommitError> for CarriedError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Store(error) => Self::Store(error),
            CommitError::Conflict => {
                Self::Store(StoreError::Unavailable("the chain changed meanwhile: try again".to_owned()))
            }
        }
    }
}

/// What is known of a structure whose chain is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    /// The name its current manifest claims.
    pub name: String,
    /// The sequence of its current manifest, from 1.
    pub sequence: u64,
    /// The partner that was the first to bring it.
    pub carrier: StructureId,
    /// Since when its chain is kept.
    pub since: Timestamp,
}

/// What is known of a structure, as stored beside its manifests.
#[derive(Serialize, Deserialize)]
struct Note {
    name: String,
    sequence: u64,
    carrier: String,
    since: i64,
}

#[derive(Default)]
struct Cache {
    chains: BTreeMap<StructureId, Cached>,
    /// Of all chains, signed.
    bytes: usize,
    /// Grows with every use.
    turn: u64,
}

struct Cached {
    /// When it was used last.
    turn: u64,
    bytes: usize,
    chain: Arc<Chain>,
}

impl Cache {
    fn get(&mut self, structure: StructureId) -> Option<Arc<Chain>> {
        self.turn += 1;
        let cached = self.chains.get_mut(&structure)?;
        cached.turn = self.turn;
        Some(Arc::clone(&cached.chain))
    }

    /// Holds a chain, in the place of those that were not asked for the longest.
    fn put(&mut self, chain: &Arc<Chain>) {
        self.hold(chain.structure(), bytes_of(chain), Arc::clone(chain));
    }

    fn hold(&mut self, structure: StructureId, bytes: usize, chain: Arc<Chain>) {
        self.forget(structure);
        self.turn += 1;
        self.bytes += bytes;
        self.chains.insert(structure, Cached { turn: self.turn, bytes, chain });
        while self.chains.len() > CACHED_MAX || self.bytes > CACHED_BYTES_MAX {
            let oldest = self.chains.iter().min_by_key(|(_, cached)| cached.turn).map(|(id, _)| *id);
            let Some(oldest) = oldest else { break };
            self.forget(oldest);
        }
    }

    fn forget(&mut self, structure: StructureId) {
        if let Some(cached) = self.chains.remove(&structure) {
            self.bytes -= cached.bytes;
        }
    }
}

/// The chains of structures that are no partners.
pub struct Carried {
    store: Arc<dyn Store>,
    own: StructureId,
    clock: Clock,
    known: RwLock<BTreeMap<StructureId, Known>>,
    cache: Mutex<Cache>,
    /// Held from judging a chain until it is stored.
    writing: tokio::sync::Mutex<()>,
}

impl std::fmt::Debug for Carried {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Carried")
    }
}

impl Carried {
    /// Reads what is kept; `own` is this structure, whose chain nobody brings.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer or a document cannot be read.
    pub async fn load(store: Arc<dyn Store>, own: StructureId, clock: Clock) -> Result<Self, StoreError> {
        let mut known = BTreeMap::new();
        relais_store::each_document(&*store, Shelf::CarriedManifest, &[], |document| {
            if sequence_of(&document.key) == Some(NOTE) {
                let (structure, noted) = read_note(&document)?;
                known.insert(structure, noted);
            }
            Ok(())
        })
        .await?;
        let (known, cache) = (RwLock::new(known), Mutex::default());
        Ok(Self { store, own, clock, known, cache, writing: tokio::sync::Mutex::new(()) })
    }

    /// The chain of a structure that is no partner; `None` when none is kept.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer or what it holds is no chain.
    pub async fn chain(&self, structure: StructureId) -> Result<Option<Arc<Chain>>, StoreError> {
        if self.known(structure).is_none() {
            return Ok(None);
        }
        if let Some(chain) = self.cached(structure) {
            return Ok(Some(chain));
        }
        let documents = self.store.documents(Shelf::CarriedManifest, structure.as_bytes()).await?;
        let manifests = documents.iter().filter(|document| sequence_of(&document.key) != Some(NOTE));
        let corrupt = |error: ManifestError| StoreError::Corrupt(format!("carried manifest: {error}"));
        let manifests: Vec<Manifest> = manifests
            .map(|document| Manifest::admit(&document.body))
            .collect::<Result<_, _>>()
            .map_err(corrupt)?;
        if manifests.is_empty() {
            return Ok(None);
        }
        let chain = Arc::new(Chain::from_manifests(manifests).map_err(corrupt)?);
        self.remember(&chain);
        Ok(Some(chain))
    }

    /// What is known of a structure whose chain is kept.
    pub fn known(&self, structure: StructureId) -> Option<Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(&structure).cloned()
    }

    /// Every structure whose chain is kept, by id.
    pub fn all(&self) -> Vec<(StructureId, Known)> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.iter().map(|(structure, known)| (*structure, known.clone())).collect()
    }

    /// The chain that would hold if these manifests of one structure were taken in: its whole chain from sequence 1, or
    /// any run of it that the one held can be continued by. Nothing is kept.
    ///
    /// # Errors
    /// [`CarriedError`].
    pub async fn judge(&self, run: Vec<Manifest>, carrier: StructureId) -> Result<Arc<Chain>, CarriedError> {
        let (_, chain) = self.joined(run).await?;
        if bytes_of(&chain) > CHAIN_BYTES_MAX {
            return Err(CarriedError::TooLong);
        }
        self.noted(&chain, carrier)?;
        Ok(Arc::new(chain))
    }

    /// Takes in the manifests of one structure that `carrier` brought, as they are judged: to be called once something
    /// was verified by them that is kept. The chain that holds from now on.
    ///
    /// # Errors
    /// [`CarriedError`]: what was held stays.
    pub async fn take(&self, run: Vec<Manifest>, carrier: StructureId) -> Result<Arc<Chain>, CarriedError> {
        let _writing = self.writing.lock().await;
        let (held, chain) = self.joined(run).await?;
        match held {
            Some(held) if *held == chain => Ok(held),
            held => self.keep(held.as_deref(), chain, carrier).await,
        }
    }

    /// The chain that is held, and the one that this run makes of it.
    async fn joined(&self, run: Vec<Manifest>) -> Result<(Option<Arc<Chain>>, Chain), CarriedError> {
        let structure = run.first().map(Manifest::structure);
        let held = match structure {
            Some(structure) if structure == self.own => return Err(CarriedError::Own),
            Some(structure) => self.chain(structure).await?,
            None => None,
        };
        let chain = match &held {
            None => Chain::from_manifests(run)?,
            Some(held) => held.accept_run(run)?.chain,
        };
        Ok((held, chain))
    }

    /// Forgets the chains of these structures.
    ///
    /// # Errors
    /// [`CarriedError::Store`].
    pub async fn forget(&self, structures: &[StructureId]) -> Result<(), CarriedError> {
        let _writing = self.writing.lock().await;
        for some in structures.chunks(FORGOTTEN_AT_ONCE) {
            let mut gone = Vec::new();
            for structure in some {
                let documents = self.store.documents(Shelf::CarriedManifest, structure.as_bytes()).await?;
                gone.extend(documents.into_iter().map(|document| write(document.key, None)));
            }
            self.store.commit(Batch { documents: gone, ..Batch::default() }).await?;
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
            for structure in some {
                known.remove(structure);
                cache.forget(*structure);
            }
        }
        Ok(())
    }

    async fn keep(
        &self,
        held: Option<&Chain>,
        chain: Chain,
        carrier: StructureId,
    ) -> Result<Arc<Chain>, CarriedError> {
        let structure = chain.structure();
        let encoded: Vec<(u64, Vec<u8>)> =
            chain.manifests().map(|manifest| (manifest.sequence(), manifest.signed().encode())).collect();
        if encoded.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() > CHAIN_BYTES_MAX {
            return Err(CarriedError::TooLong);
        }
        let known = self.noted(&chain, carrier)?;
        let is_held = |sequence| held.and_then(|held| held.at(sequence)) == chain.at(sequence);
        let new = encoded.into_iter().filter(|(sequence, _)| !is_held(*sequence));
        let mut documents: Vec<DocumentWrite> =
            new.map(|(sequence, bytes)| write(key(structure, sequence), Some(bytes))).collect();
        // A rotation may end earlier than what it supersedes.
        let superseded = held.into_iter().flat_map(Chain::manifests).map(Manifest::sequence);
        let superseded = superseded.filter(|sequence| *sequence > chain.current().sequence());
        documents.extend(superseded.map(|sequence| write(key(structure, sequence), None)));
        documents.push(write(key(structure, NOTE), Some(encode_note(&known))));
        self.store.commit(Batch { documents, ..Batch::default() }).await?;
        let sequence = known.sequence;
        tracing::info!(structure.id = %structure, carrier.id = %carrier, sequence, "Chain of a structure that is no partner");
        self.known.write().unwrap_or_else(PoisonError::into_inner).insert(structure, known);
        let chain = Arc::new(chain);
        self.remember(&chain);
        Ok(chain)
    }

    /// What is known of a structure once this chain of it is kept.
    fn noted(&self, chain: &Chain, carrier: StructureId) -> Result<Known, CarriedError> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let (carrier, since) = match known.get(&chain.structure()) {
            Some(held) => (held.carrier, held.since),
            None => {
                let of_carrier = known.values().filter(|known| known.carrier == carrier).count();
                if known.len() >= CHAINS_MAX || of_carrier >= CHAINS_PER_CARRIER_MAX {
                    return Err(CarriedError::Full);
                }
                (carrier, self.clock.now())
            }
        };
        let current = chain.current();
        Ok(Known { name: current.claims().name.clone(), sequence: current.sequence(), carrier, since })
    }

    fn cached(&self, structure: StructureId) -> Option<Arc<Chain>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).get(structure)
    }

    fn remember(&self, chain: &Arc<Chain>) {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).put(chain);
    }
}

/// The length of a chain, in bytes of its signed manifests.
fn bytes_of(chain: &Chain) -> usize {
    chain.manifests().map(|manifest| manifest.signed().encode().len()).sum()
}

fn key(structure: StructureId, sequence: u64) -> Vec<u8> {
    [structure.as_bytes().as_slice(), &sequence.to_be_bytes()].concat()
}

fn sequence_of(key: &[u8]) -> Option<u64> {
    let bytes: [u8; 8] = key.get(SEQUENCE_AT..)?.try_into().ok()?;
    Some(u64::from_be_bytes(bytes))
}

fn write(key: Vec<u8>, body: Option<Vec<u8>>) -> DocumentWrite {
    DocumentWrite { shelf: Shelf::CarriedManifest, key, expected_version: Expected::Any, body }
}

fn encode_note(known: &Known) -> Vec<u8> {
    let (name, carrier) = (known.name.clone(), known.carrier.compact());
    let note = Note { name, sequence: known.sequence, carrier, since: known.since.0 };
    serde_json::to_vec(&note).unwrap_or_default()
}

fn read_note(document: &Document) -> Result<(StructureId, Known), StoreError> {
    let corrupt = || StoreError::Corrupt("what is noted of a carried chain".to_owned());
    let structure = document.key.get(..SEQUENCE_AT).and_then(StructureId::from_slice).ok_or_else(corrupt)?;
    let note: Note = serde_json::from_slice(&document.body).map_err(|_| corrupt())?;
    let carrier = StructureId::parse(&note.carrier).map_err(|_| corrupt())?;
    let since = Timestamp(note.since);
    Ok((structure, Known { name: note.name, sequence: note.sequence, carrier, since }))
}
