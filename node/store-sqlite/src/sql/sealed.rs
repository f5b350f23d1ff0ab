//! Sealed cells, read with their data keys. A read connection has `keys.db` attached as `keys`.

use super::cells::Cells;
use crate::fault::Fault;
use relais_store::vault::{NodeKey, Place, Subject};

/// Opens the cell `sealed` of a row that also has `data_key` (the key's number), `key_number` (the same, if the key is
/// known) and `wrapped` (`NULL` once it is destroyed); `None` when the key was destroyed.
pub(super) fn open(
    cells: Cells<'_>,
    node_key: &NodeKey,
    subject: &Subject,
    place: Place,
) -> Result<Option<Vec<u8>>, Fault> {
    if cells.maybe_number::<i64>("key_number")?.is_none() {
        return Err(cells.corrupt("data_key"));
    }
    let Some(wrapped) = cells.maybe_bytes("wrapped")? else { return Ok(None) };
    let key = node_key.unwrap_key(subject, wrapped)?;
    Ok(Some(key.open(subject, place, cells.bytes("sealed")?)?))
}
