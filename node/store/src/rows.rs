//! What is read from and written to the store, row by row; and the counts of refusals. Nothing here knows a table.

mod document;
mod message;
mod tally;
mod thread;

pub use document::{Document, Shelf};
pub use message::{AckRow, InboxRow, OutboxRow, OutboxState, Waiting};
pub use tally::{Cell, CellRow, TallyRow};
pub use thread::{EventRow, StepRow, StoredThread, ThreadRow};

use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;

/// How many refusals of one code one peer met.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefusalCount {
    /// The peer; `None` for an unverified one.
    pub peer: Option<StructureId>,
    /// The code.
    pub code: String,
    /// How many.
    pub count: u64,
    /// When last.
    pub last_at: Timestamp,
}
