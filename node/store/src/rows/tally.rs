//! Rows that flows are counted from: one a thread until its quarter closes, then cells that name none.

use relais_domain::content::Outcome;
use relais_domain::event::{Side, ThreadKind};
use relais_domain::fold::Label;
use relais_domain::id::ThreadId;
use relais_domain::structure_id::StructureId;
use relais_domain::territory::Territory;
use relais_domain::theme::Theme;
use relais_domain::time::{Quarter, Timestamp};

/// The content-free row that flows are counted from; one a thread, until its quarter closes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TallyRow {
    /// The thread.
    pub thread: ThreadId,
    /// Our end.
    pub side: Side,
    /// Referral or handover.
    pub kind: ThreadKind,
    /// The other structure.
    pub peer: StructureId,
    /// When it opened.
    pub opened_at: Timestamp,
    /// The territory of the need.
    pub territory: Territory,
    /// Its first theme.
    pub theme: Theme,
    /// How it ended, once it has.
    pub label: Option<Label>,
    /// The outcome, if told.
    pub outcome: Option<Outcome>,
}

impl TallyRow {
    /// The cell that the row is counted in.
    pub fn cell(&self) -> Cell {
        Cell {
            quarter: self.opened_at.quarter(),
            side: self.side,
            kind: self.kind,
            peer: self.peer,
            territory: self.territory,
            theme: self.theme,
            label: self.label,
            outcome: self.outcome,
        }
    }
}

/// What threads of one quarter have in common. It names none of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Cell {
    /// When they opened.
    pub quarter: Quarter,
    /// Our end.
    pub side: Side,
    /// Referral or handover.
    pub kind: ThreadKind,
    /// The other structure.
    pub peer: StructureId,
    /// The territory of the need.
    pub territory: Territory,
    /// Its first theme.
    pub theme: Theme,
    /// How they ended, if they had when the quarter closed.
    pub label: Option<Label>,
    /// The outcome, if told by then.
    pub outcome: Option<Outcome>,
}

/// How many threads of a closed quarter fell into one cell.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct CellRow {
    /// The cell.
    pub cell: Cell,
    /// How many; never 0.
    pub count: u64,
}
