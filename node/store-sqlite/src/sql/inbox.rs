//! Table `inbox`: the receipt this node issued for each message.

use super::cells::Cells;
use super::{expect_rows, values};
use crate::fault::Fault;
use relais_domain::id::{MessageId, ThreadId};
use relais_domain::structure_id::StructureId;
use relais_store::rows::InboxRow;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use std::collections::BTreeSet;

const TABLE: &str = "inbox";

const INSERT: &str = "-- insert_inbox
INSERT INTO inbox (message, peer, thread, identity, receipt, stored_at) VALUES {rows}";

const FIND: &str = "-- find_inbox
SELECT message, peer, thread, identity, receipt, stored_at FROM inbox WHERE message = ?1";

const KNOWN: &str = "-- known_inbox
WITH wanted (message) AS (VALUES {rows})
SELECT inbox.message FROM inbox JOIN wanted ON wanted.message = inbox.message";

pub(crate) async fn insert(connection: &mut SqliteConnection, rows: &[&InboxRow]) -> Result<(), Fault> {
    let changed = values::write(connection, INSERT, rows, |tuple, row| {
        tuple
            .bytes(row.message.as_bytes())
            .bytes(row.peer.as_bytes())
            .bytes(row.thread.as_bytes())
            .bytes(row.identity.as_bytes())
            .bytes(&row.receipt)
            .instant(row.stored_at);
    });
    expect_rows(TABLE, rows.len(), changed.await?)
}

pub(crate) async fn find(
    connection: &mut SqliteConnection,
    message: MessageId,
) -> Result<Option<InboxRow>, Fault> {
    let row = sqlx::query(FIND).bind(message.as_bytes().as_slice()).fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()
}

/// Those messages that have their receipt already.
pub(crate) async fn known(
    connection: &mut SqliteConnection,
    messages: &[MessageId],
) -> Result<BTreeSet<MessageId>, Fault> {
    let rows = values::read(connection, KNOWN, messages, |tuple, message| {
        tuple.bytes(message.as_bytes());
    });
    let message = |row| Cells::of(TABLE, row).id("message", MessageId::from_slice);
    rows.await?.iter().map(message).collect()
}

fn read(row: &SqliteRow) -> Result<InboxRow, Fault> {
    let cells = Cells::of(TABLE, row);
    Ok(InboxRow {
        message: cells.id("message", MessageId::from_slice)?,
        peer: cells.id("peer", StructureId::from_slice)?,
        thread: cells.id("thread", ThreadId::from_slice)?,
        identity: cells.digest("identity")?,
        receipt: cells.bytes("receipt")?.to_vec(),
        stored_at: cells.instant("stored_at")?,
    })
}
