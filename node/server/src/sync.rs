//! The `Sync` stream with one partner: manifests, directory records and ledger checkpoints, symmetric once open.

use relais_domain::structure_id::StructureId;
use relais_proto::peer::v1 as proto;
use tokio::sync::mpsc;
use tokio_stream::Stream;
use tonic::Status;

/// What every sync works with.
#[derive(Clone, Debug)]
pub struct SyncContext {}

impl SyncContext {
    /// A context.
    pub fn new(
        _peers: std::sync::Arc<crate::peers::Peers>,
        _own: std::sync::Arc<crate::own::Own>,
        _directory: std::sync::Arc<crate::directory::Directory>,
        _ledger: std::sync::Arc<crate::ledger::Ledger>,
        _clock: crate::clock::Clock,
    ) -> Self {
        Self {}
    }

    /// Runs the sync with a partner until the stream ends.
    pub async fn run<S>(&self, _peer: StructureId, _inbound: S, _outbound: mpsc::Sender<proto::SyncFrame>)
    where
        S: Stream<Item = Result<proto::SyncFrame, Status>> + Unpin + Send,
    {
    }
}
