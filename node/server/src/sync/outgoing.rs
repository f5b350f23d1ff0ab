//! What this side sends: its hello, manifests, records, checkpoints and their proofs.

use super::stream::Ended;
use super::{FULL_SENDS_MAX, PROOFS_PER_CHECKPOINT_MAX, Passes, SEND_WAIT, SyncContext};
use crate::directory::DirectoryError;
use crate::ledger::LedgerError;
use relais_domain::digest::Digest;
use relais_domain::structure_id::StructureId;
use relais_proto::peer::v1 as proto;
use relais_wire::frame::{ConsistencyProof, ConsistencyWanted, SyncFeature, SyncFrame, SyncHello};
use relais_wire::record::{SignedRecord, records_digest};
use std::collections::BTreeSet;
use tokio::sync::mpsc;

pub(super) struct Outgoing<'a> {
    context: &'a SyncContext,
    peer: StructureId,
    frames: mpsc::Sender<proto::SyncFrame>,
    /// Records the other side was told of: by the hello or one by one.
    told: BTreeSet<Digest>,
    full_sends: u32,
    /// Sequence of the last manifest sent; 0 before the first.
    manifest: u64,
    /// Leaves under the last checkpoint sent.
    checkpoint: Option<u64>,
    /// How many checkpoints were sent, and how many proofs were asked for.
    checkpoints: u32,
    proofs: u32,
}

impl<'a> Outgoing<'a> {
    pub(super) fn new(
        context: &'a SyncContext,
        peer: StructureId,
        frames: mpsc::Sender<proto::SyncFrame>,
    ) -> Self {
        let told = BTreeSet::new();
        Self {
            context,
            peer,
            frames,
            told,
            full_sends: 0,
            manifest: 0,
            checkpoint: None,
            checkpoints: 0,
            proofs: 0,
        }
    }

    pub(super) async fn send(&self, frame: SyncFrame) -> Result<(), Ended> {
        match tokio::time::timeout(SEND_WAIT, self.frames.send(frame.into_proto())).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Ended("the other side takes nothing")),
        }
    }

    /// The records the other side may have now.
    async fn records(&self) -> Result<Vec<SignedRecord>, Ended> {
        match self.context.passes(self.peer) {
            Passes::All => {}
            Passes::NoRecords | Passes::Nothing => return Ok(Vec::new()),
        }
        let own = self.context.own.structure();
        self.context.directory.records_of(own).await.map_err(|error| of_directory(&error))
    }

    pub(super) async fn hello(&mut self) -> Result<(), Ended> {
        let records = self.records().await?;
        self.told = records.iter().map(|signed| signed.identity).collect();
        let hello = SyncHello {
            clock: self.context.clock.now(),
            manifest: self.context.own.manifest(),
            records_count: u64::try_from(records.len()).unwrap_or(u64::MAX),
            records_digest: records_digest(self.told.iter().copied()),
            features: SyncFeature::ALL.into(),
        };
        self.send(SyncFrame::Hello(hello)).await
    }

    /// Sends the manifests, from the first, whenever there is a newer one than was sent.
    pub(super) async fn manifests(&mut self) -> Result<(), Ended> {
        let chain = self.context.own.chain();
        let current = chain.current().sequence();
        if current == self.manifest {
            return Ok(());
        }
        self.manifest = current;
        for manifest in chain.manifests() {
            self.send(SyncFrame::Manifest(manifest.signed().encode())).await?;
        }
        Ok(())
    }

    /// Sends every record: the other side asked.
    pub(super) async fn every_record(&mut self) -> Result<(), Ended> {
        self.full_sends += 1;
        if self.full_sends > FULL_SENDS_MAX {
            return Err(Ended("asked for every record too often"));
        }
        self.told.clear();
        self.push_changes().await
    }

    /// Sends the records the other side was not told of, and before them the manifest they name.
    pub(super) async fn push_changes(&mut self) -> Result<(), Ended> {
        self.manifests().await?;
        let mut sent = 0;
        for signed in self.records().await? {
            if self.told.insert(signed.identity) {
                self.send(SyncFrame::Record(signed.bytes)).await?;
                sent += 1;
            }
        }
        if sent == 0 { Ok(()) } else { self.send(SyncFrame::RecordsDone(sent)).await }
    }

    /// Sends the ledger's checkpoint when the ledger has grown since the last.
    pub(super) async fn checkpoint(&mut self) -> Result<(), Ended> {
        let signed = self.context.ledger.checkpoint().await.map_err(|error| of_ledger(&error))?;
        if self.checkpoint == Some(signed.checkpoint.size) {
            return Ok(());
        }
        self.checkpoint = Some(signed.checkpoint.size);
        self.checkpoints = self.checkpoints.saturating_add(1);
        self.send(SyncFrame::Checkpoint(signed.note)).await
    }

    /// Proves that the ledger of `old_size` leaves is a beginning of the one of `new_size`: the other side holds
    /// checkpoints of both.
    pub(super) async fn consistency(&mut self, wanted: ConsistencyWanted) -> Result<(), Ended> {
        let ConsistencyWanted { old_size, new_size } = wanted;
        self.proofs += 1;
        if self.proofs > self.checkpoints.saturating_mul(PROOFS_PER_CHECKPOINT_MAX) {
            return Err(Ended("asked for too many proofs"));
        }
        let size = self.context.ledger.checkpoint().await.map_err(|error| of_ledger(&error))?.checkpoint.size;
        if new_size > size {
            // Without an answer the partner tells its people, who call; this side must know as well.
            let peer = self.peer;
            tracing::error!(
                peer.id = %peer, size, new_size, "A partner holds a later checkpoint of this ledger than there is"
            );
            return Ok(());
        }
        let path = self.context.ledger.consistency(old_size, new_size).await;
        let path = path.map_err(|error| of_ledger(&error))?;
        self.send(SyncFrame::ConsistencyProof(ConsistencyProof { old_size, new_size, path })).await
    }
}

fn of_directory(error: &DirectoryError) -> Ended {
    tracing::warn!(%error, "The directory could not be read");
    Ended("the directory could not be read")
}

fn of_ledger(error: &LedgerError) -> Ended {
    tracing::warn!(%error, "The ledger could not be read");
    Ended("the ledger could not be read")
}
