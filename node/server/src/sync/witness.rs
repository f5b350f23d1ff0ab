//! The partner's ledger: its last checkpoint is kept, and the next one must continue it. Two that contradict each other
//! are kept as proof and raise an alarm.

use super::SyncContext;
use super::stream::Ended;
use crate::ledger::{LedgerError, PeerLedger};
use relais_domain::merkle::verify_consistency;
use relais_domain::structure_id::StructureId;
use relais_wire::frame::ConsistencyProof;
use relais_wire::ledger::{Checkpoint, CheckpointError, open_checkpoint};

pub(super) struct Witness<'a> {
    context: &'a SyncContext,
    peer: StructureId,
    /// The checkpoint for which a proof was asked, as it came, and the size it must continue.
    awaited: Option<(Checkpoint, String, u64)>,
}

impl<'a> Witness<'a> {
    pub(super) fn new(context: &'a SyncContext, peer: StructureId) -> Self {
        Self { context, peer, awaited: None }
    }

    /// Takes in a checkpoint; the size from which a proof is wanted, if one is.
    pub(super) async fn checkpoint(&mut self, note: String) -> Result<Option<u64>, Ended> {
        let checkpoint = self.open(&note).map_err(|error| {
            tracing::warn!(peer.id = %self.peer, %error, "Checkpoint refused");
            Ended("a checkpoint is no good")
        })?;
        let context = self.context;
        let _witnessing = context.witnessing.lock().await;
        let Some(known) = self.known().await? else {
            return self.keep(checkpoint, note).await.map(|()| None);
        };
        if known.contradiction.is_some() || (checkpoint.size, checkpoint.root) == (known.size, known.root) {
            return Ok(None);
        }
        if checkpoint.size == known.size {
            return self.contradicted(known, note, "two ledgers of one size").await.map(|()| None);
        }
        if checkpoint.size < known.size {
            // With another stream open this one may have been overtaken; the next checkpoint will tell.
            return match context.open_streams(self.peer) {
                0 | 1 => self.contradicted(known, note, "the ledger went back").await.map(|()| None),
                2.. => Ok(None),
            };
        }
        if known.size == 0 {
            return self.keep(checkpoint, note).await.map(|()| None);
        }
        self.awaited = Some((checkpoint, note, known.size));
        Ok(Some(known.size))
    }

    /// Takes in the proof that was asked for.
    pub(super) async fn proof(&mut self, proof: &ConsistencyProof) -> Result<(), Ended> {
        let Some((checkpoint, note, old_size)) = self.awaited.take() else {
            return Err(Ended("a proof nobody asked for"));
        };
        if (proof.old_size, proof.new_size) != (old_size, checkpoint.size) {
            return Err(Ended("a proof of something else"));
        }
        let context = self.context;
        let _witnessing = context.witnessing.lock().await;
        let Some(known) = self.known().await? else { return self.keep(checkpoint, note).await };
        if known.size != old_size || known.contradiction.is_some() {
            // Another stream was faster; its checkpoint is held, the next one will be compared with it.
            return Ok(());
        }
        let (old, new) = (known.size, checkpoint.size);
        if verify_consistency(old, known.root, new, checkpoint.root, &proof.path) {
            self.keep(checkpoint, note).await
        } else {
            self.contradicted(known, note, "the new ledger does not continue the old one").await
        }
    }

    /// Opens a checkpoint with a key that any of the partner's manifests names for it.
    fn open(&self, note: &str) -> Result<Checkpoint, CheckpointError> {
        let mut last = Err(CheckpointError::NotSigned);
        let Some(chain) = self.context.peers.chain(self.peer) else { return last };
        for key in chain.manifests().flat_map(|manifest| &manifest.claims().witness_keys) {
            last = open_checkpoint(note, &self.peer, key);
            if last.is_ok() {
                break;
            }
        }
        last
    }

    async fn known(&self) -> Result<Option<PeerLedger>, Ended> {
        self.context.ledger.of_peer(self.peer).await.map_err(|error| of_store(&error))
    }

    /// Keeps a checkpoint as the last one.
    async fn keep(&self, checkpoint: Checkpoint, note: String) -> Result<(), Ended> {
        let known = PeerLedger {
            size: checkpoint.size,
            root: checkpoint.root,
            note,
            seen_at: self.context.clock.now(),
            contradiction: None,
        };
        self.context.ledger.keep_peer(self.peer, &known).await.map_err(|error| of_store(&error))
    }

    /// Raises the alarm and keeps both signed checkpoints. From here on nothing replaces them: they are the proof.
    async fn contradicted(&self, known: PeerLedger, note: String, what: &str) -> Result<(), Ended> {
        tracing::error!(peer.id = %self.peer, held_size = known.size, what, "A partner's ledger contradicts itself");
        let known = PeerLedger { contradiction: Some(note), ..known };
        self.context.ledger.keep_peer(self.peer, &known).await.map_err(|error| of_store(&error))
    }
}

fn of_store(error: &LedgerError) -> Ended {
    tracing::warn!(%error, "What is known of a partner's ledger could not be read or kept");
    Ended("the store could not")
}
