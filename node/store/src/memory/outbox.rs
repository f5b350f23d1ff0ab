//! Messages that wait to leave.

use crate::batch::OutboxChange;
use crate::rows::{OutboxRow, OutboxState, Waiting};
use relais_domain::consent::Standing;
use relais_domain::id::{MessageId, ThreadId};
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use std::collections::BTreeMap;

/// By message, and by thread and sequence.
#[derive(Clone, Debug, Default)]
pub(super) struct Outbox {
    rows: BTreeMap<MessageId, OutboxRow>,
    places: BTreeMap<(ThreadId, u32), MessageId>,
}

impl Outbox {
    pub(super) fn holds(&self, row: &OutboxRow) -> bool {
        self.rows.contains_key(&row.message) || self.places.contains_key(&(row.thread, row.sequence))
    }

    pub(super) fn insert(&mut self, row: OutboxRow) {
        self.places.insert((row.thread, row.sequence), row.message);
        self.rows.insert(row.message, row);
    }

    pub(super) fn remove(&mut self, message: MessageId) {
        if let Some(row) = self.rows.remove(&message) {
            self.places.remove(&(row.thread, row.sequence));
        }
    }

    pub(super) fn of(&self, thread: ThreadId) -> Vec<OutboxRow> {
        self.chain(thread).cloned().collect()
    }

    /// What waits in a thread, in order.
    fn chain(&self, thread: ThreadId) -> impl Iterator<Item = &OutboxRow> {
        let places = self.places.range((thread, 0)..=(thread, u32::MAX));
        places.filter_map(|(_, message)| self.rows.get(message))
    }

    /// What may leave for a peer. `standing` tells where the consent of a thread stands.
    pub(super) fn ready(
        &self,
        peer: StructureId,
        now: Timestamp,
        standing: impl Fn(ThreadId) -> Standing,
    ) -> impl Iterator<Item = &OutboxRow> {
        let mut threads = BTreeMap::new();
        for row in self.rows.values().filter(|row| row.peer == peer) {
            let oldest = threads.entry(row.thread).or_insert(row.enqueued_at);
            *oldest = row.enqueued_at.min(*oldest);
        }
        let mut threads: Vec<(Timestamp, ThreadId)> = threads.into_iter().map(|(id, at)| (at, id)).collect();
        threads.sort();
        threads.into_iter().flat_map(move |(_, thread)| {
            let in_order = standing(thread) == Standing::Active;
            let due = move |row: &OutboxRow| row.state == OutboxState::Waiting && row.next_at <= now;
            let chain = self.chain(thread).take_while(move |row| !in_order || due(row));
            chain.filter(move |row| due(row))
        })
    }

    pub(super) fn waiting(&self) -> Vec<Waiting> {
        let mut peers: BTreeMap<StructureId, Waiting> = BTreeMap::new();
        for row in self.rows.values() {
            let peer = peers.entry(row.peer).or_insert_with(|| nothing_yet(row));
            match row.state {
                OutboxState::Waiting => peer.waiting += 1,
                OutboxState::Parked => peer.parked += 1,
            }
            peer.oldest = peer.oldest.min(row.enqueued_at);
            peer.first_failed_at = peer.first_failed_at.into_iter().chain(row.first_failed_at).min();
        }
        peers.into_values().collect()
    }

    pub(super) fn change(&mut self, change: OutboxChange) {
        match change {
            OutboxChange::Retry { message, state, attempts, next_at, first_failed_at, last_code } => {
                if let Some(row) = self.rows.get_mut(&message) {
                    *row = OutboxRow { state, attempts, next_at, first_failed_at, last_code, ..row.clone() };
                }
            }
            OutboxChange::Hurry { peer, now } => {
                self.waiting_for(peer).for_each(|row| row.next_at = row.next_at.min(now));
            }
            OutboxChange::Undelivered { peer, since } => {
                self.waiting_for(peer).for_each(|row| {
                    row.first_failed_at.get_or_insert(since);
                });
            }
            OutboxChange::Drop { thread } => {
                let messages: Vec<MessageId> = self.chain(thread).map(|row| row.message).collect();
                messages.into_iter().for_each(|message| self.remove(message));
            }
        }
    }

    fn waiting_for(&mut self, peer: StructureId) -> impl Iterator<Item = &mut OutboxRow> {
        self.rows.values_mut().filter(move |row| row.peer == peer && row.state == OutboxState::Waiting)
    }
}

fn nothing_yet(row: &OutboxRow) -> Waiting {
    Waiting {
        peer: row.peer,
        waiting: 0,
        parked: 0,
        oldest: row.enqueued_at,
        first_failed_at: row.first_failed_at,
    }
}
