//! Table `refusal`: how many refusals of each code each peer met.

use super::cells::Cells;
use super::{expect_rows, values};
use crate::fault::Fault;
use relais_domain::structure_id::StructureId;
use relais_store::batch::RefusalWrite;
use relais_store::rows::RefusalCount;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

const TABLE: &str = "refusal";
/// How an unverified peer is written.
const UNVERIFIED: &[u8] = &[];

const COUNT: &str = "-- count_refusals
INSERT INTO refusal (peer, code, count, last_at) VALUES {rows}
ON CONFLICT (peer, code) DO UPDATE SET
    count = refusal.count + excluded.count, last_at = max(refusal.last_at, excluded.last_at)";

const ALL: &str = "-- all_refusals
SELECT peer, code, count, last_at FROM refusal ORDER BY peer, code";

pub(crate) async fn count(connection: &mut SqliteConnection, met: &[&RefusalWrite]) -> Result<(), Fault> {
    let changed = values::write(connection, COUNT, met, |tuple, refusal| {
        let peer = refusal.peer.as_ref().map_or(UNVERIFIED, |peer| peer.as_bytes());
        tuple.bytes(peer).text(&refusal.code).count(refusal.count).instant(refusal.at);
    });
    expect_rows(TABLE, met.len(), changed.await?)
}

pub(crate) async fn all(connection: &mut SqliteConnection) -> Result<Vec<RefusalCount>, Fault> {
    sqlx::query(ALL).fetch_all(connection).await?.iter().map(read).collect()
}

fn read(row: &SqliteRow) -> Result<RefusalCount, Fault> {
    let cells = Cells::of(TABLE, row);
    let peer = match cells.bytes("peer")? {
        UNVERIFIED => None,
        _ => Some(cells.id("peer", StructureId::from_slice)?),
    };
    Ok(RefusalCount {
        peer,
        code: cells.text("code")?.to_owned(),
        count: cells.number("count")?,
        last_at: cells.instant("last_at")?,
    })
}
