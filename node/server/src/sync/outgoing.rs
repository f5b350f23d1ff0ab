//! What this side sends: its hello, manifests, records, checkpoints and their proofs, and what is queued of third
//! structures' records, one frame at a time while the other side takes them.

use super::carried::Told;
use super::queue::{Queue, QueueFull, Queued, Ready};
use super::stream::Ended;
use super::{FULL_SENDS_MAX, HELLOS_MAX, PROOFS_PER_CHECKPOINT_MAX, Passes, SEND_WAIT, SyncContext};
use crate::directory::{DirectoryError, Entry};
use crate::ledger::LedgerError;
use relais_domain::digest::Digest;
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Span, Timestamp};
use relais_proto::peer::v1 as proto;
use relais_store::StoreError;
use relais_wire::frame::{
    CarriedManifest, ConsistencyProof, ConsistencyWanted, SyncFeature, SyncFrame, SyncHello,
};
use relais_wire::record::{SignedRecord, records_digest};
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::mpsc;

/// Most identities remembered of what one stream has brought or been sent.
pub(super) const EXCHANGED_MAX: usize = 16_384;
/// How soon after the manifests of a structure they are sent again on the same stream to who asks for its records: who
/// asked before they came has them now.
const CHAIN_AGAIN_AFTER: Span = Span::seconds(10);

/// Whether the other side has the manifests of a record's structure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Manifests {
    /// It may have them.
    Unknown,
    /// It asks for the record, so it may lack them.
    Wanted,
}

pub(super) struct Outgoing<'a> {
    context: &'a SyncContext,
    peer: StructureId,
    frames: mpsc::Sender<proto::SyncFrame>,
    /// Records the other side was told of: by the hello or one by one.
    told: BTreeSet<Digest>,
    /// Records that this stream has brought or been sent.
    exchanged: BTreeSet<Digest>,
    queue: Queue,
    /// How far manifests were sent on this stream of each third structure, and when.
    chains: BTreeMap<StructureId, (Told, Timestamp)>,
    /// How many hellos followed the first.
    hellos: u32,
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
        Self {
            context,
            peer,
            frames,
            told: BTreeSet::new(),
            exchanged: BTreeSet::new(),
            queue: Queue::default(),
            chains: BTreeMap::new(),
            hellos: 0,
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

    /// Opens the stream; what it tells of this side's own records is as good as sent.
    pub(super) async fn hello(&mut self) -> Result<(), Ended> {
        self.told = self.say_hello().await?;
        Ok(())
    }

    /// Says again what this side keeps, as often as the other side hears it. Nothing follows from what it tells of its own
    /// records: they come by themselves.
    pub(super) async fn hello_again(&mut self) -> Result<(), Ended> {
        if self.hellos >= HELLOS_MAX {
            return Ok(());
        }
        self.hellos += 1;
        self.say_hello().await.map(drop)
    }

    async fn say_hello(&self) -> Result<BTreeSet<Digest>, Ended> {
        let identities: BTreeSet<Digest> =
            self.records().await?.iter().map(|signed| signed.identity).collect();
        let hello = SyncHello {
            clock: self.context.clock.now(),
            manifest: self.context.own.manifest(),
            records_count: u64::try_from(identities.len()).unwrap_or(u64::MAX),
            records_digest: records_digest(identities.iter().copied()),
            subscription: self.context.directory.subscription(),
            features: SyncFeature::ALL.into(),
        };
        self.send(SyncFrame::Hello(hello)).await?;
        Ok(identities)
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
                self.exchange(signed.identity);
                self.send(SyncFrame::Record(signed.bytes)).await?;
                sent += 1;
            }
        }
        if sent == 0 { Ok(()) } else { self.send(SyncFrame::RecordsDone(sent)).await }
    }

    /// The channel that the other side takes frames from.
    pub(super) fn frames(&self) -> mpsc::Sender<proto::SyncFrame> {
        self.frames.clone()
    }

    fn exchange(&mut self, identity: Digest) {
        // What is forgotten is sent once more, and is nothing new there.
        if self.exchanged.len() >= EXCHANGED_MAX {
            self.exchanged.clear();
        }
        self.exchanged.insert(identity);
    }

    /// Forgets what this stream has brought and been sent: the other side may have taken nothing of it.
    pub(super) fn begin_anew(&mut self) {
        self.exchanged.clear();
        self.chains.clear();
    }

    /// Notes a record that the other side has: it came from there.
    pub(super) fn came(&mut self, identity: Digest) {
        self.exchange(identity);
    }

    /// Whether the other side was told of a record, by this stream's hello or since.
    pub(super) fn is_told(&self, identity: &Digest) -> bool {
        self.told.contains(identity) || self.exchanged.contains(identity)
    }

    /// Sends the manifests of these structures again: the other side asks for records, and may have lost them.
    pub(super) fn forget_chains(&mut self, structures: impl Iterator<Item = StructureId>) {
        let now = self.context.clock.now();
        for structure in structures {
            let lately = |at: Timestamp| now.is_within(CHAIN_AGAIN_AFTER, at);
            if self.chains.get(&structure).is_some_and(|(_, at)| !lately(*at)) {
                self.chains.remove(&structure);
            }
        }
    }

    /// Queues what is to be sent once the other side takes it.
    pub(super) fn queue(&mut self, queued: Queued) -> Result<(), QueueFull> {
        self.queue.push(queued)
    }

    /// Whether anything waits to be sent.
    pub(super) fn has_queued(&self) -> bool {
        !self.queue.is_empty()
    }

    /// The next frame that waits to be sent; `None` when none is ready yet, or what waited is not to be sent any more.
    pub(super) async fn next_queued(&mut self) -> Result<Option<SyncFrame>, Ended> {
        let has_left = self.context.budgets.of(self.peer, |budget| budget.has_left());
        if !has_left || self.context.passes(self.peer) != Passes::All {
            // A later comparison finds what was not sent.
            self.queue.clear();
            return Ok(None);
        }
        let now = self.context.clock.now();
        let (frame, bytes) = match self.queue.pop() {
            Some(Queued::Manifest(carried)) => {
                let bytes = carried.manifest.len();
                (SyncFrame::CarriedManifest(carried), bytes)
            }
            Some(Queued::Record(ready)) => {
                self.sent(&ready, now);
                let bytes = ready.bytes.len();
                (SyncFrame::Record(ready.bytes), bytes)
            }
            // What it needs stands at the head of the queue then.
            Some(queued @ (Queued::Entry(_) | Queued::Asked(_) | Queued::News(_))) => {
                self.prepare(queued).await?;
                return Ok(None);
            }
            None => return Ok(None),
        };
        self.context.budgets.of(self.peer, |budget| budget.spend(bytes, now));
        Ok(Some(frame))
    }

    /// Notes that a record is sent, after the manifests before it: what only waited may have been dropped.
    fn sent(&mut self, ready: &Ready, now: Timestamp) {
        self.exchange(ready.identity);
        if let Some(manifests) = ready.manifests {
            self.chains.insert(ready.structure, (manifests, now));
            self.context.chains_told.tell(self.peer, ready.structure, manifests);
        }
    }

    /// Makes ready what is to be sent of a record; nothing when this stream has brought or been sent it.
    async fn prepare(&mut self, queued: Queued) -> Result<(), Ended> {
        match queued {
            Queued::Entry(entry) if !self.exchanged.contains(&entry.identity) => {
                self.queue_entry(&entry, Manifests::Unknown).await
            }
            Queued::Asked(entry) => self.queue_entry(&entry, Manifests::Wanted).await,
            Queued::News(news) if !self.exchanged.contains(&news.identity) => {
                let (structure, identity) = (news.structure, news.identity);
                self.queue_first(structure, identity, news.bytes.clone(), Manifests::Unknown).await
            }
            Queued::Entry(_) | Queued::News(_) | Queued::Manifest(_) | Queued::Record(_) => Ok(()),
        }
    }

    /// Puts a record that is held at the head of the queue, unless another holds by now.
    async fn queue_entry(&mut self, entry: &Entry, manifests: Manifests) -> Result<(), Ended> {
        let bytes = self.context.directory.bytes(entry).await.map_err(|error| of_directory(&error))?;
        match bytes {
            Some(bytes) => self.queue_first(entry.structure, entry.identity, bytes, manifests).await,
            None => Ok(()),
        }
    }

    /// Puts a record at the head of the queue, and before it the manifests of its structure, unless the other side was
    /// told them before. One that has lost them asks for the record.
    async fn queue_first(
        &mut self,
        structure: StructureId,
        identity: Digest,
        bytes: Vec<u8>,
        manifests: Manifests,
    ) -> Result<(), Ended> {
        // Who is told of its own record has its manifests.
        let chain = if structure == self.context.own.structure() || structure == self.peer {
            None
        } else {
            self.context.chain_to_carry(structure).await.map_err(|error| of_chain(&error))?
        };
        let chain = chain.filter(|chain| {
            let current = Told::of(chain, chain.current().sequence());
            let was_told = || self.context.chains_told.knows(self.peer, structure, current);
            let is_known = manifests == Manifests::Unknown && was_told();
            !is_known && self.chains.get(&structure).is_none_or(|(sent, _)| *sent != current)
        });
        let manifests = chain.as_ref().map(|chain| Told::of(chain, chain.current().sequence()));
        self.queue.push_first(Queued::Record(Ready { structure, identity, manifests, bytes }));
        if let Some(chain) = chain {
            let manifests: Vec<_> = chain.manifests().map(|manifest| manifest.signed().encode()).collect();
            for manifest in manifests.into_iter().rev() {
                self.queue.push_first(Queued::Manifest(CarriedManifest { structure, manifest }));
            }
        }
        Ok(())
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

fn of_chain(error: &StoreError) -> Ended {
    tracing::warn!(%error, "The chain of a third structure could not be read");
    Ended("the store could not")
}

fn of_ledger(error: &LedgerError) -> Ended {
    tracing::warn!(%error, "The ledger could not be read");
    Ended("the ledger could not be read")
}
