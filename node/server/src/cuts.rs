//! The cut: ends every open connection of a partner at once, when it is suspended or removed.

use relais_domain::structure_id::StructureId;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use tokio::sync::oneshot;

/// Every open connection by partner. Clones are the same register.
#[derive(Clone, Debug, Default)]
pub struct Cuts {
    open: Arc<Mutex<Open>>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    connections: BTreeMap<(StructureId, u64), oneshot::Sender<()>>,
}

impl Cuts {
    /// An empty register.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends every open connection of `structure`, both dialled and accepted; how many there were. Take its pin away
    /// first, else it comes back.
    pub fn cut(&self, structure: StructureId) -> usize {
        let mut open = self.lock();
        let numbers = Self::numbers(&open, structure);
        for number in &numbers {
            // Dropping the sender is the signal.
            open.connections.remove(&(structure, *number));
        }
        numbers.len()
    }

    /// How many connections of `structure` are open.
    pub fn open(&self, structure: StructureId) -> usize {
        Self::numbers(&self.lock(), structure).len()
    }

    /// Takes a connection of `structure` into the register.
    pub(crate) fn register(&self, structure: StructureId) -> CutTicket {
        let (sender, signal) = oneshot::channel();
        let mut open = self.lock();
        let number = open.next;
        open.next += 1;
        open.connections.insert((structure, number), sender);
        drop(open);
        CutTicket { register: self.clone(), structure, number, signal, state: TicketState::Open }
    }

    fn numbers(open: &Open, structure: StructureId) -> Vec<u64> {
        let range = (structure, 0)..=(structure, u64::MAX);
        open.connections.range(range).map(|((_, number), _)| *number).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection's place in the register; leaves it when dropped.
#[derive(Debug)]
pub(crate) struct CutTicket {
    register: Cuts,
    structure: StructureId,
    number: u64,
    signal: oneshot::Receiver<()>,
    state: TicketState,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum TicketState {
    Open,
    Cut,
}

impl CutTicket {
    /// Ready once the connection is cut, and for ever after.
    pub(crate) fn poll_cut(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.state == TicketState::Open && Pin::new(&mut self.signal).poll(context).is_pending() {
            return Poll::Pending;
        }
        self.state = TicketState::Cut;
        Poll::Ready(())
    }
}

impl Drop for CutTicket {
    fn drop(&mut self) {
        self.register.lock().connections.remove(&(self.structure, self.number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;

    fn structure(name: &[u8]) -> StructureId {
        StructureId::of_root_spki(name)
    }

    #[tokio::test]
    async fn a_cut_ends_all_of_one_partner_and_none_of_another() {
        let cuts = Cuts::new();
        let (one, other) = (structure(b"one"), structure(b"other"));
        let mut first = cuts.register(one);
        let mut second = cuts.register(one);
        let mut third = cuts.register(other);
        assert_eq!(cuts.cut(one), 2);
        poll_fn(|context| first.poll_cut(context)).await;
        poll_fn(|context| second.poll_cut(context)).await;
        poll_fn(|context| second.poll_cut(context)).await;
        let pending = poll_fn(|context| Poll::Ready(third.poll_cut(context).is_pending())).await;
        assert!(pending);
        assert_eq!((cuts.open(one), cuts.open(other), cuts.cut(one)), (0, 1, 0));
    }

    #[test]
    fn a_closed_connection_leaves_the_register() {
        let cuts = Cuts::new();
        let ticket = cuts.register(structure(b"one"));
        assert_eq!(cuts.open(structure(b"one")), 1);
        drop(ticket);
        assert_eq!(cuts.open(structure(b"one")), 0);
    }
}
