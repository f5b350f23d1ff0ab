//! Which links are up: at most one a partner.

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Span, Timestamp};
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use tokio::sync::watch;

/// Two links opened within this time by different sides are simultaneous.
const SIMULTANEOUS: Span = Span::seconds(5);

/// Whether a link must end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cut {
    /// It may go on.
    No,
    /// It must end.
    Yes,
}

/// Whether a partner's link is up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinkState {
    /// It is.
    Up,
    /// It is not.
    Down,
}

#[derive(Debug)]
struct Entry {
    number: u64,
    dialled_by: StructureId,
    since: Timestamp,
    cut: watch::Sender<Cut>,
}

/// The right to be the link of a partner.
#[derive(Debug)]
pub(super) struct Ticket {
    peer: StructureId,
    number: u64,
    cut: watch::Receiver<Cut>,
}

impl Ticket {
    pub(super) fn cut(&self) -> watch::Receiver<Cut> {
        self.cut.clone()
    }
}

/// Envelopes a partner may send in a second, on the long run.
pub const ENVELOPES_PER_SECOND: NonZeroU32 = NonZeroU32::new(200).expect("200 is not 0");
/// Envelopes a partner may send at once, after a silence.
pub const ENVELOPES_AT_ONCE: NonZeroU32 = NonZeroU32::new(2_000).expect("2000 is not 0");

/// Whether a partner may send one more envelope now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Budget {
    /// It may.
    Left,
    /// Its bucket is empty: later.
    Spent,
}

/// Which links are up, and what each partner may still send.
#[derive(Debug)]
pub struct Links {
    budgets: DefaultKeyedRateLimiter<StructureId>,
    entries: Mutex<BTreeMap<StructureId, Entry>>,
    numbers: AtomicU64,
    changed: watch::Sender<u64>,
}

impl Default for Links {
    fn default() -> Self {
        let (changed, _) = watch::channel(0);
        let quota = Quota::per_second(ENVELOPES_PER_SECOND).allow_burst(ENVELOPES_AT_ONCE);
        let budgets = RateLimiter::keyed(quota);
        Self { budgets, entries: Mutex::default(), numbers: AtomicU64::new(1), changed }
    }
}

impl Links {
    /// Takes the place of a partner's link. A new link replaces the former; of two opened at the same time by the two
    /// sides, the one dialled by the smaller id stays. `None` when the other stays.
    pub(super) fn up(&self, peer: StructureId, dialled_by: StructureId, now: Timestamp) -> Option<Ticket> {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(former) = entries.get(&peer) {
            let simultaneous = former.dialled_by != dialled_by && now.since(former.since) < SIMULTANEOUS;
            if simultaneous && former.dialled_by < dialled_by {
                return None;
            }
            let _ = former.cut.send(Cut::Yes);
        }
        let (cut, receiver) = watch::channel(Cut::No);
        entries.insert(peer, Entry { number, dialled_by, since: now, cut });
        drop(entries);
        self.announce();
        Some(Ticket { peer, number, cut: receiver })
    }

    pub(super) fn down(&self, ticket: Ticket) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.get(&ticket.peer).is_some_and(|entry| entry.number == ticket.number) {
            entries.remove(&ticket.peer);
        }
        drop(entries);
        self.announce();
    }

    /// Takes one envelope from a partner's bucket. A partner that floods empties its own bucket and no other.
    pub(super) fn spend(&self, peer: StructureId) -> Budget {
        match self.budgets.check_key(&peer) {
            Ok(()) => Budget::Left,
            Err(_) => Budget::Spent,
        }
    }

    /// Ends the link with a partner.
    pub fn cut(&self, peer: StructureId) {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.get(&peer) {
            let _ = entry.cut.send(Cut::Yes);
        }
    }

    /// Ends every link: the node stops.
    pub fn cut_all(&self) {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in entries.values() {
            let _ = entry.cut.send(Cut::Yes);
        }
    }

    /// Whether a partner's link is up.
    pub fn state(&self, peer: StructureId) -> LinkState {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.contains_key(&peer) { LinkState::Up } else { LinkState::Down }
    }

    /// Tells of every link that comes up or goes down.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// A number not used before, for pings.
    pub(super) fn nonce(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    fn announce(&self) {
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(seed: u8) -> StructureId {
        StructureId::from_slice(&[seed; 32]).unwrap()
    }

    #[test]
    fn a_new_link_replaces_the_former() {
        let links = Links::default();
        let first = links.up(id(9), id(1), Timestamp(0)).unwrap();
        let second = links.up(id(9), id(1), Timestamp(1)).unwrap();
        assert_eq!(*first.cut().borrow(), Cut::Yes);
        assert_eq!(*second.cut().borrow(), Cut::No);
        links.down(first);
        assert_eq!(links.state(id(9)), LinkState::Up);
        links.down(second);
        assert_eq!(links.state(id(9)), LinkState::Down);
    }

    #[test]
    fn of_two_simultaneous_links_the_smaller_dialler_stays_at_both_ends() {
        for order in [[1, 2], [2, 1]] {
            let links = Links::default();
            let kept: Vec<Option<Ticket>> =
                order.iter().map(|dialler| links.up(id(9), id(*dialler), Timestamp(0))).collect();
            let entries = links.entries.lock().unwrap();
            assert_eq!(entries.get(&id(9)).unwrap().dialled_by, id(1), "{kept:?}");
        }
    }

    #[test]
    fn a_flood_empties_its_own_bucket_and_no_other() {
        let links = Links::default();
        let taken = (0..10_000).filter(|_| links.spend(id(1)) == Budget::Left).count();
        assert!(taken < 3_000, "{taken}");
        assert_eq!(links.spend(id(2)), Budget::Left);
    }

    #[test]
    fn a_link_that_comes_much_later_replaces_whoever_dialled() {
        let links = Links::default();
        let _first = links.up(id(9), id(1), Timestamp(0)).unwrap();
        assert!(links.up(id(9), id(2), Timestamp(SIMULTANEOUS.0)).is_some());
    }
}
