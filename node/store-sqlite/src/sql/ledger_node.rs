//! Table `ledger_node`: the complete subtrees of the ledger's Merkle tree. Nothing in it ever changes.

use super::cells::Cells;
use super::{expect_rows, values};
use crate::fault::Fault;
use relais_domain::digest::Digest;
use relais_domain::merkle::NodeAddress;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use std::collections::BTreeMap;

const TABLE: &str = "ledger_node";

const INSERT: &str = "-- insert_ledger_nodes
INSERT INTO ledger_node (level, position, hash) VALUES {rows}";

const FIND: &str = "-- find_ledger_nodes
WITH wanted (level, position) AS (VALUES {rows})
SELECT node.level, node.position, node.hash
FROM ledger_node AS node JOIN wanted ON wanted.level = node.level AND wanted.position = node.position";

pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    nodes: &[(NodeAddress, Digest)],
) -> Result<(), Fault> {
    let changed = values::write(connection, INSERT, nodes, |tuple, (address, hash)| {
        tuple.number(address.level).count(address.index).bytes(hash.as_bytes());
    });
    expect_rows(TABLE, nodes.len(), changed.await?)
}

/// Those nodes that are there.
pub(crate) async fn find(
    connection: &mut SqliteConnection,
    addresses: &[NodeAddress],
) -> Result<BTreeMap<NodeAddress, Digest>, Fault> {
    let rows = values::read(connection, FIND, addresses, |tuple, address| {
        tuple.number(address.level).count(address.index);
    });
    let node = |row: &SqliteRow| {
        let cells = Cells::of(TABLE, row);
        let address = NodeAddress { level: cells.number("level")?, index: cells.number("position")? };
        Ok((address, cells.digest("hash")?))
    };
    rows.await?.iter().map(node).collect()
}
