//! The register of threads: what lists are ordered and chosen by, in memory, so that no list reads the whole database.
//!
//! It is read once at the start and written by the commits themselves (see [`watch`]): whoever was answered sees the
//! effect in the next list. What it holds is free of content, as thread rows are; what a list shows besides is read for
//! its page alone.

mod watched;

#[cfg(test)]
mod tests;

pub use watched::watch;

use relais_domain::decide::{DueKind, Owner};
use relais_domain::event::{Counts, EventKind, Side, ThreadKind};
use relais_domain::fold::Label;
use relais_domain::id::{FollowUpId, ThreadId};
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Span, Timestamp};
use relais_store::rows::{EventRow, ThreadRow};
use relais_store::{PAGE_MAX, Page, Store, StoreError};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{PoisonError, RwLock};

/// How long what a partner did is news.
pub const NEWS_KEPT: Span = Span::days(30);
/// Most memory that one thread may take here, in bytes.
pub const THREAD_BYTES_MAX: usize = 300;

/// What the partner did last in a thread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Theirs {
    /// Not looked at since the start.
    Unknown,
    /// Nothing that counts.
    Nothing,
    /// An event that counts, and when it was stored.
    Did(EventKind, Timestamp),
}

/// What the register holds of a thread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Line {
    /// The other structure.
    pub peer: StructureId,
    /// The follow-up it belongs to.
    pub follow_up: Option<FollowUpId>,
    /// The next act awaited, by whom and when.
    pub due: Option<(DueKind, Owner, Timestamp)>,
    /// When it changed last.
    pub changed_at: Timestamp,
    /// What the partner did last.
    pub theirs: Theirs,
    /// What someone must be told: bit n set for the attention with number n.
    pub attention: u32,
    /// Referral or handover.
    pub kind: ThreadKind,
    /// Our end.
    pub side: Side,
    /// How it ended, once it has.
    pub label: Option<Label>,
    /// Which version of the row this is.
    version: u64,
}

impl Line {
    fn of(row: &ThreadRow, theirs: Theirs) -> Self {
        Self {
            peer: row.peer,
            follow_up: row.follow_up,
            due: row.due,
            changed_at: row.changed_at,
            theirs,
            attention: row.attention,
            kind: row.kind,
            side: row.side,
            label: row.label,
            version: row.version,
        }
    }

    /// Whether it waits for this structure, or someone must be told of it.
    pub fn is_to_do(&self) -> bool {
        self.attention != 0 || self.due.is_some_and(|(_, owner, _)| owner == Owner::Us)
    }

    /// Whether it is ours and the partner did something since.
    fn is_news_since(&self, since: Timestamp) -> bool {
        match self.theirs {
            Theirs::Did(_, at) => self.side == Side::Sender && at >= since,
            Theirs::Unknown | Theirs::Nothing => false,
        }
    }
}

/// In which order threads are listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// What is due first, then what changed last.
    Due,
    /// What changed last.
    Changed,
    /// What the partner did last.
    Theirs,
}

/// The register.
#[derive(Debug, Default)]
pub struct Register {
    lines: RwLock<BTreeMap<ThreadId, Line>>,
}

impl Register {
    /// Reads every thread's row, by pages.
    async fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let register = Self::default();
        let mut before = None;
        loop {
            let rows = store.threads(Page { before, limit: PAGE_MAX }).await?;
            let Some(last) = rows.last() else { return Ok(register) };
            before = Some(last.changed_at);
            rows.iter().for_each(|row| register.put(row, Theirs::Unknown));
        }
    }

    /// Takes in a row that was committed. An older version than the one held changes nothing: two commits may come here
    /// in another order than they were made.
    fn put(&self, row: &ThreadRow, theirs: Theirs) {
        let mut lines = self.lines.write().unwrap_or_else(PoisonError::into_inner);
        match lines.entry(row.id) {
            Entry::Vacant(vacant) => {
                vacant.insert(Line::of(row, theirs));
            }
            Entry::Occupied(mut held) => {
                let theirs = later(held.get().theirs, theirs);
                if held.get().version < row.version {
                    held.insert(Line::of(row, theirs));
                } else {
                    held.get_mut().theirs = theirs;
                }
            }
        }
    }

    fn read<T>(&self, read: impl FnOnce(&BTreeMap<ThreadId, Line>) -> T) -> T {
        read(&self.lines.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The threads that are `wanted`, in this order.
    pub fn select(&self, order: Order, wanted: impl Fn(ThreadId, &Line) -> bool) -> Vec<(ThreadId, Line)> {
        let chosen = |lines: &BTreeMap<ThreadId, Line>| -> Vec<(ThreadId, Line)> {
            let chosen = lines.iter().filter(|(id, line)| wanted(**id, line));
            chosen.map(|(id, line)| (*id, *line)).collect()
        };
        let mut chosen = self.read(chosen);
        chosen.sort_by_key(|(_, line)| {
            let first = match (order, line.theirs) {
                (Order::Due, _) => line.due.map_or(i64::MAX, |(_, _, at)| at.0),
                (Order::Theirs, Theirs::Did(_, at)) => at.0.saturating_neg(),
                (Order::Theirs, Theirs::Unknown | Theirs::Nothing) => i64::MAX,
                (Order::Changed, _) => 0,
            };
            (first, Reverse(line.changed_at))
        });
        chosen
    }

    /// The news at `now`: threads this structure opened in which the partner did something lately, newest first. What
    /// was not looked at since the start is read from the store, once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn news(&self, store: &dyn Store, now: Timestamp) -> Result<Vec<(ThreadId, Line)>, StoreError> {
        let since = now.minus(NEWS_KEPT);
        for id in self.unknown(since) {
            self.look(store, id).await?;
        }
        Ok(self.select(Order::Theirs, |_, line| line.is_news_since(since)))
    }

    /// Threads that may be news and were not looked at since the start.
    fn unknown(&self, since: Timestamp) -> Vec<ThreadId> {
        let unknown = |line: &Line| line.theirs == Theirs::Unknown && line.side == Side::Sender;
        let found = self.select(Order::Changed, |_, line| unknown(line) && line.changed_at >= since);
        found.into_iter().map(|(id, _)| id).collect()
    }

    /// Looks what the partner did last in a thread.
    async fn look(&self, store: &dyn Store, id: ThreadId) -> Result<(), StoreError> {
        let Some(stored) = store.thread(id).await? else { return Ok(()) };
        self.put(&stored.row, theirs(stored.row.side, &stored.events));
        Ok(())
    }

    /// When a thread changed last.
    fn newest(&self) -> Option<Timestamp> {
        self.read(|lines| lines.values().map(|line| line.changed_at).max())
    }
}

/// What is known of the partner's last act after `told` is added to what was known.
fn later(known: Theirs, told: Theirs) -> Theirs {
    match (known, told) {
        (Theirs::Did(_, before), Theirs::Did(_, after)) if after < before => known,
        (_, Theirs::Did(..)) | (Theirs::Unknown, _) => told,
        (Theirs::Nothing | Theirs::Did(..), Theirs::Unknown | Theirs::Nothing) => known,
    }
}

/// What the partner did last, of these events of a thread where we stand on `side`.
pub fn theirs(side: Side, events: &[EventRow]) -> Theirs {
    let told = |event: &&EventRow| event.side == side.other() && event.counts == Counts::Yes;
    let last = events.iter().filter(told).max_by_key(|event| event.sequence);
    last.map_or(Theirs::Nothing, |event| Theirs::Did(event.kind, event.stored_at))
}
