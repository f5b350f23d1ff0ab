//! What lies on the shelf, by when: lists, limits and the sweep read no more than they show or drop.

use super::row::{Ours, Theirs, our_key, their_key};
use super::{DAY, WRITES_MAX};
use relais_domain::id::InquiryId;
use relais_domain::inquiry::{OURS_KEPT_MAX, THEIRS_KEPT_MAX, is_forgotten};
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Where one of this structure's inquiries stands in their order: when it was asked, and which it is.
pub type OursPlace = (Timestamp, InquiryId);

/// One document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Spot {
    /// One of ours: when it was asked.
    Ours(Timestamp, InquiryId),
    /// A partner's: when it expires.
    Theirs(Timestamp, StructureId, InquiryId),
    /// One that cannot be read any more: its key.
    Unreadable(Vec<u8>),
}

impl Spot {
    /// Its key on the shelf.
    pub(super) fn key(&self) -> Vec<u8> {
        match self {
            Self::Ours(_, id) => our_key(*id),
            Self::Theirs(_, peer, id) => their_key(*peer, *id),
            Self::Unreadable(key) => key.clone(),
        }
    }
}

/// Every document of the shelf, without what it says: a few bytes each.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// Ours, the oldest first, each with when it expires.
    ours: BTreeMap<OursPlace, Timestamp>,
    /// Partners', the first to expire first.
    theirs: BTreeSet<(Timestamp, StructureId, InquiryId)>,
    unreadable: BTreeSet<Vec<u8>>,
}

impl Kept {
    pub(super) fn note_ours(&mut self, ours: &Ours) {
        self.ours.insert((ours.asked_at, ours.inquiry.id), ours.inquiry.expires_at);
    }

    pub(super) fn note_theirs(&mut self, theirs: &Theirs) {
        self.theirs.insert((theirs.inquiry.expires_at, theirs.peer, theirs.inquiry.id));
    }

    pub(super) fn note_unreadable(&mut self, key: Vec<u8>) {
        self.unreadable.insert(key);
    }

    pub(super) fn remove(&mut self, spots: &[Spot]) {
        for spot in spots {
            match spot {
                Spot::Ours(asked_at, id) => drop(self.ours.remove(&(*asked_at, *id))),
                Spot::Theirs(expires_at, peer, id) => drop(self.theirs.remove(&(*expires_at, *peer, *id))),
                Spot::Unreadable(key) => drop(self.unreadable.remove(key)),
            }
        }
    }

    /// Ours that stand before a place, or all: the newest first, `most` at most.
    pub(super) fn ours_before(&self, place: Option<OursPlace>, most: usize) -> Vec<OursPlace> {
        match place {
            None => self.ours.keys().rev().take(most).copied().collect(),
            Some(place) => self.ours.range(..place).rev().take(most).map(|(place, _)| *place).collect(),
        }
    }

    /// What is to be dropped: what expired long ago, and what cannot be read.
    pub(super) fn forgotten(&self, now: Timestamp) -> Vec<Spot> {
        let ours = self.ours.iter().filter(|(_, expires_at)| is_forgotten(**expires_at, now));
        let ours = ours.map(|((asked_at, id), _)| Spot::Ours(*asked_at, *id));
        let theirs = self.theirs.iter().take_while(|(expires_at, _, _)| is_forgotten(*expires_at, now));
        let theirs = theirs.map(|(expires_at, peer, id)| Spot::Theirs(*expires_at, *peer, *id));
        let unreadable = self.unreadable.iter().cloned().map(Spot::Unreadable);
        ours.chain(theirs).chain(unreadable).collect()
    }

    /// What gives way to one more of ours: none while there are fewer than [`OURS_KEPT_MAX`], else the oldest that are
    /// over; `None` when none is.
    pub(super) fn room_for_ours(&self, now: Timestamp) -> Option<Vec<Spot>> {
        let over = self
            .ours
            .iter()
            .filter(|((asked_at, _), expires_at)| **expires_at <= now && now.since(*asked_at) >= DAY);
        room(self.ours.len(), OURS_KEPT_MAX, over.map(|((asked_at, id), _)| Spot::Ours(*asked_at, *id)))
    }

    /// What gives way to one more of a partner's: none while there are fewer than [`THEIRS_KEPT_MAX`], else those that
    /// expired first; `None` when none has.
    pub(super) fn room_for_theirs(&self, now: Timestamp) -> Option<Vec<Spot>> {
        let over = self.theirs.iter().take_while(|(expires_at, _, _)| *expires_at <= now);
        let over = over.map(|(expires_at, peer, id)| Spot::Theirs(*expires_at, *peer, *id));
        room(self.theirs.len(), THEIRS_KEPT_MAX, over)
    }
}

fn room(kept: usize, most: usize, over: impl Iterator<Item = Spot>) -> Option<Vec<Spot>> {
    let surplus = kept.saturating_add(1).saturating_sub(most).min(WRITES_MAX);
    let gives_way: Vec<Spot> = over.take(surplus).collect();
    (gives_way.len() == surplus).then_some(gives_way)
}
