//! Reading committed data. Each read is one short transaction on a connection of its own, so that no reader ever holds
//! up an erasure for long.

use crate::fault::Fault;
use crate::sql::{
    ack, document, event, inbox, ledger_leaf, ledger_node, outbox, prepared, refusal, step, tally,
    tally_cell, thread,
};
use relais_domain::digest::Digest;
use relais_domain::event::Side;
use relais_domain::id::{MessageId, ThreadId};
use relais_domain::ledger_leaf::Leaf;
use relais_domain::merkle::NodeAddress;
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Quarter, Timestamp};
use relais_store::rows::{
    AckRow, CellRow, Document, EventRow, InboxRow, OutboxRow, RefusalCount, Shelf, StoredThread, TallyRow,
    ThreadRow, Waiting,
};
use relais_store::vault::NodeKey;
use relais_store::{PAGE_MAX, Page};
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{Sqlite, SqliteConnection, SqlitePool};
use std::sync::Arc;

pub(crate) struct Reader {
    pub(crate) pool: SqlitePool,
    pub(crate) node_key: Arc<NodeKey>,
}

impl Reader {
    async fn connection(&self) -> Result<PoolConnection<Sqlite>, Fault> {
        Ok(self.pool.acquire().await?)
    }

    pub(crate) async fn thread(&self, id: ThreadId) -> Result<Option<StoredThread>, Fault> {
        let mut snapshot = self.pool.begin().await?;
        let found = self.thread_in(&mut snapshot, id).await;
        snapshot.rollback().await?;
        found
    }

    async fn thread_in(
        &self,
        snapshot: &mut SqliteConnection,
        id: ThreadId,
    ) -> Result<Option<StoredThread>, Fault> {
        let Some(row) = thread::find(snapshot, id).await? else { return Ok(None) };
        Ok(Some(StoredThread {
            row,
            events: event::of_thread(snapshot, &self.node_key, id).await?,
            steps: step::of_thread(snapshot, &self.node_key, id).await?,
            prepared: prepared::of_thread(snapshot, &self.node_key, id).await?,
        }))
    }

    pub(crate) async fn threads(&self, page: Page) -> Result<Vec<ThreadRow>, Fault> {
        let page = Page { limit: page.limit.min(PAGE_MAX), ..page };
        thread::page(&mut *self.connection().await?, page).await
    }

    pub(crate) async fn threads_to_wake(&self, now: Timestamp, limit: u32) -> Result<Vec<ThreadId>, Fault> {
        thread::to_wake(&mut *self.connection().await?, now, limit).await
    }

    pub(crate) async fn event(&self, place: (ThreadId, Side, u32)) -> Result<Option<EventRow>, Fault> {
        event::find(&mut *self.connection().await?, &self.node_key, place).await
    }

    pub(crate) async fn inbox(&self, message: MessageId) -> Result<Option<InboxRow>, Fault> {
        inbox::find(&mut *self.connection().await?, message).await
    }

    pub(crate) async fn acks(&self, thread: ThreadId) -> Result<Vec<AckRow>, Fault> {
        ack::of_thread(&mut *self.connection().await?, thread).await
    }

    pub(crate) async fn outbox_ready(
        &self,
        peer: StructureId,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<OutboxRow>, Fault> {
        outbox::ready(&mut *self.connection().await?, peer, now, limit).await
    }

    pub(crate) async fn outbox_waiting(&self) -> Result<Vec<Waiting>, Fault> {
        outbox::waiting(&mut *self.connection().await?).await
    }

    pub(crate) async fn outbox_of(&self, thread: ThreadId) -> Result<Vec<OutboxRow>, Fault> {
        outbox::of_thread(&mut *self.connection().await?, thread).await
    }

    pub(crate) async fn document(&self, shelf: Shelf, key: Vec<u8>) -> Result<Option<Document>, Fault> {
        document::find(&mut *self.connection().await?, &self.node_key, (shelf, &key)).await
    }

    pub(crate) async fn documents(&self, shelf: Shelf, prefix: Vec<u8>) -> Result<Vec<Document>, Fault> {
        document::under(&mut *self.connection().await?, &self.node_key, (shelf, &prefix)).await
    }

    pub(crate) async fn documents_after(
        &self,
        shelf: Shelf,
        prefix: Vec<u8>,
        after: Vec<u8>,
        limit: u32,
    ) -> Result<Vec<Document>, Fault> {
        let connection = &mut *self.connection().await?;
        document::after(connection, &self.node_key, (shelf, &prefix), &after, limit).await
    }

    pub(crate) async fn ledger_size(&self) -> Result<u64, Fault> {
        ledger_leaf::size(&mut *self.connection().await?).await
    }

    pub(crate) async fn ledger_nodes(&self, addresses: Vec<NodeAddress>) -> Result<Vec<Digest>, Fault> {
        let nodes = ledger_node::find(&mut *self.connection().await?, &addresses).await?;
        let node = |address| {
            let node = nodes.get(address).copied();
            node.ok_or_else(|| Fault::corrupt(format!("the ledger lacks node {address}")))
        };
        addresses.iter().map(node).collect()
    }

    pub(crate) async fn ledger_leaf(&self, index: u64) -> Result<Option<Leaf>, Fault> {
        ledger_leaf::find(&mut *self.connection().await?, index).await
    }

    pub(crate) async fn ledger_find(&self, subject: Digest) -> Result<Vec<u64>, Fault> {
        ledger_leaf::of_subject(&mut *self.connection().await?, subject).await
    }

    pub(crate) async fn tally(&self, since: Timestamp, until: Timestamp) -> Result<Vec<TallyRow>, Fault> {
        tally::opened(&mut *self.connection().await?, since, until).await
    }

    pub(crate) async fn cells(&self, since: Quarter, until: Quarter) -> Result<Vec<CellRow>, Fault> {
        tally_cell::of_quarters(&mut *self.connection().await?, since, until).await
    }

    pub(crate) async fn refusals(&self) -> Result<Vec<RefusalCount>, Fault> {
        refusal::all(&mut *self.connection().await?).await
    }
}
