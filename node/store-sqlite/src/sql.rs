//! SQL, one module a table. Every query is a constant that opens with its name.

pub(crate) mod ack;
mod cells;
mod codes;
pub(crate) mod content;
pub(crate) mod data_key;
pub(crate) mod document;
pub(crate) mod doomed;
pub(crate) mod event;
pub(crate) mod inbox;
pub(crate) mod ledger_leaf;
pub(crate) mod ledger_node;
pub(crate) mod outbox;
pub(crate) mod prepared;
pub(crate) mod refusal;
pub(crate) mod sealed;
pub(crate) mod session;
pub(crate) mod step;
pub(crate) mod store;
pub(crate) mod tally;
pub(crate) mod tally_cell;
pub(crate) mod thread;
mod values;

use crate::fault::Fault;

/// Holds a write to the number of rows it must change.
fn expect_rows(table: &str, expected: usize, changed: u64) -> Result<(), Fault> {
    if u64::try_from(expected) == Ok(changed) {
        return Ok(());
    }
    Err(Fault::corrupt(format!("{table}: {changed} rows were written, not {expected}")))
}

/// Holds a write to the number of rows it may change at most.
fn expect_at_most(table: &str, most: usize, changed: u64) -> Result<(), Fault> {
    if u64::try_from(most).is_ok_and(|most| changed <= most) {
        return Ok(());
    }
    Err(Fault::corrupt(format!("{table}: {changed} rows were written, more than {most}")))
}
