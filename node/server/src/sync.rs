//! The `Sync` stream with one partner: manifests, directory records and ledger checkpoints, symmetric once open.
//!
//! Records of third structures pass as well, signed as they are: each change to whom it concerns, and what was missed by
//! comparing what both sides hold. Each side opens with a hello and its manifests, then its checkpoint; each asks for the other's records when the
//! digest in the hello is not that of what it holds. A suspended partner gets manifests and checkpoints only, a removed
//! one nothing; trust is looked at again while the stream runs.

mod budget;
mod carried;
mod comparison;
mod inquiries;
mod manifests;
mod older;
mod outgoing;
mod queue;
mod refusals;
mod stream;
mod third;
mod witness;

#[cfg(test)]
mod tests;

use crate::clock::Clock;
use crate::directory::Directory;
use crate::inquiries::Inquiries;
use crate::ledger::Ledger;
use crate::own::Own;
use crate::peers::Peers;
use budget::Budgets;
use carried::ChainsTold;
use relais_domain::structure_id::StructureId;
use relais_domain::thread::Trust;
use relais_domain::time::Span;
use relais_proto::peer::v1 as proto;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use stream::{Ended, SyncStream};
use tokio::sync::mpsc;
use tokio_stream::Stream;
use tonic::Status;

/// How long the other side may take to say hello.
const HELLO_WAIT: Duration = Duration::from_secs(10);
/// How often trust, manifests and the ledger are looked at, and a ping is sent.
const TICK: Duration = Duration::from_secs(5);
/// How long the other side may say nothing at all.
const SILENCE_MAX: Span = Span::seconds(60);
/// How long a frame may wait to be taken by the other side.
const SEND_WAIT: Duration = Duration::from_secs(20);
/// How long a partner may take to show its ledger, and to prove that a checkpoint lies in one line with the one held.
const PROOF_WAIT: Span = Span::seconds(30);
/// Most proofs that one stream may owe at a time.
const PROOFS_AWAITED_MAX: usize = 16;
/// Most proofs that one stream is given for each checkpoint it was shown.
const PROOFS_PER_CHECKPOINT_MAX: u32 = 8;
/// How many streams in a row may end while they owe a proof, before someone is told.
const UNANSWERED_MAX: u32 = 3;
/// Most frames of one stream that no node which keeps the rules sends, before it is closed.
const REFUSED_MAX: u32 = 32;
/// Most records of one stream that came too late or are not wanted here, before it is closed.
const PASSED_OVER_MAX: u32 = 50_000;
/// Most times that one stream is told of another subscription.
const HELLOS_MAX: u32 = 64;
/// Most times one stream is sent every record.
const FULL_SENDS_MAX: u32 = 4;
/// Most streams of one partner at a time: the one that ends, the one that begins, and one each way.
const STREAMS_PER_PEER_MAX: u32 = 4;

/// What every sync works with.
#[derive(Clone, Debug)]
pub struct SyncContext {
    peers: Arc<Peers>,
    own: Arc<Own>,
    directory: Arc<Directory>,
    ledger: Arc<Ledger>,
    inquiries: Arc<Inquiries>,
    clock: Clock,
    streams: Arc<Mutex<BTreeMap<StructureId, u32>>>,
    witnessing: Arc<tokio::sync::Mutex<()>>,
    /// How many streams of a partner ended while it owed a proof of its ledger, since it last gave one.
    unanswered: Arc<Mutex<BTreeMap<StructureId, u32>>>,
    budgets: Budgets,
    chains_told: ChainsTold,
}

/// What a partner's trust lets pass.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Passes {
    /// Everything.
    All,
    /// Manifests and checkpoints.
    NoRecords,
    /// Nothing: the stream ends.
    Nothing,
}

impl SyncContext {
    /// What syncs of this node work with.
    pub fn new(
        peers: Arc<Peers>,
        own: Arc<Own>,
        directory: Arc<Directory>,
        ledger: Arc<Ledger>,
        inquiries: Arc<Inquiries>,
        clock: Clock,
    ) -> Self {
        let (streams, witnessing, unanswered) = (Arc::default(), Arc::default(), Arc::default());
        let (budgets, chains_told) = (Budgets::default(), ChainsTold::default());
        Self {
            peers,
            own,
            directory,
            ledger,
            inquiries,
            clock,
            streams,
            witnessing,
            unanswered,
            budgets,
            chains_told,
        }
    }

    /// Runs the sync with a partner until the stream ends.
    pub async fn run<S>(&self, peer: StructureId, inbound: S, outbound: mpsc::Sender<proto::SyncFrame>)
    where
        S: Stream<Item = Result<proto::SyncFrame, Status>> + Unpin + Send,
    {
        let Some(_seat) = Seat::take(&self.streams, peer) else { return };
        let mut stream = SyncStream::new(self, peer, outbound);
        if let Err(Ended(why)) = stream.run(inbound).await {
            tracing::debug!(peer.id = %peer, why, "Sync ended");
        }
        if let Err(Ended(why)) = stream.finish().await {
            tracing::debug!(peer.id = %peer, why, "What a sync left open could not be noted");
        }
    }

    fn passes(&self, peer: StructureId) -> Passes {
        match self.peers.trust(peer) {
            Some(Trust::Paired) => Passes::All,
            Some(Trust::Suspended) => Passes::NoRecords,
            Some(Trust::Removed) | None => Passes::Nothing,
        }
    }

    /// How many streams with a partner are open now.
    #[cfg(test)]
    fn open_streams(&self, peer: StructureId) -> u32 {
        let streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        streams.get(&peer).copied().unwrap_or(0)
    }
}

/// One open stream with a partner; given back when dropped.
struct Seat {
    streams: Arc<Mutex<BTreeMap<StructureId, u32>>>,
    peer: StructureId,
}

impl Seat {
    fn take(streams: &Arc<Mutex<BTreeMap<StructureId, u32>>>, peer: StructureId) -> Option<Self> {
        let mut open = streams.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(peer).or_insert(0);
        if *count >= STREAMS_PER_PEER_MAX {
            return None;
        }
        *count += 1;
        Some(Self { streams: Arc::clone(streams), peer })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let left = open.get_mut(&self.peer).map(|count| {
            *count = count.saturating_sub(1);
            *count
        });
        if left == Some(0) {
            open.remove(&self.peer);
        }
    }
}
