//! How the state of a thread follows from its two chains.
//!
//! Each chain is folded in its author's order. An event's *past* is its author's earlier events and the counterpart's
//! events up to the one it names as seen. An event *counts* if the table allows it in the state of its past. So whether
//! it counts depends on signed bytes only, never on arrival or a clock, and never changes.

mod handover;
mod mark;
mod referral;
mod state;

#[cfg(test)]
mod tests;

pub use mark::{Detail, Mark, Parts, WalkIn};
pub(crate) use referral::{expiry, step_follows};
pub use state::{Label, State, Step};

use crate::event::{Counts, EventKind, Side, ThreadKind};

/// The two chains of a thread as far as one end knows them, each in its author's order.
#[derive(Clone, Copy, Debug)]
pub struct Chains<'a> {
    /// The sender's (holder's) chain.
    pub sender: &'a [Mark],
    /// The receiver's chain.
    pub receiver: &'a [Mark],
}

impl<'a> Chains<'a> {
    /// The chain of one side.
    pub fn of(&self, side: Side) -> &'a [Mark] {
        match side {
            Side::Sender => self.sender,
            Side::Receiver => self.receiver,
        }
    }

    /// The past of an event of `side` at `index` (from 0) that had seen `seen` events of the other side.
    fn past(&self, side: Side, index: usize, seen: u32) -> Self {
        let own = prefix(self.of(side), index);
        let other = prefix(self.of(side.other()), usize::try_from(seen).unwrap_or(usize::MAX));
        match side {
            Side::Sender => Self { sender: own, receiver: other },
            Side::Receiver => Self { sender: other, receiver: own },
        }
    }
}

fn prefix(marks: &[Mark], length: usize) -> &[Mark] {
    marks.get(..length.min(marks.len())).unwrap_or_default()
}

/// The state of a thread whose events' `counts` are settled.
pub fn state(kind: ThreadKind, chains: Chains<'_>) -> State {
    let mut state = State::new(kind);
    for side in [Side::Sender, Side::Receiver] {
        for (index, mark) in chains.of(side).iter().enumerate() {
            if mark.counts == Counts::Yes {
                let live = || !self::state(kind, chains.past(side, index, mark.seen)).ended;
                state.apply(side, mark, live);
            }
        }
    }
    state
}

/// Whether an event of `side`, following its author's chain in `chains`, counts.
///
/// `chains` holds every earlier event of the author and at least the counterpart's events it names as seen.
pub fn counts(kind: ThreadKind, chains: Chains<'_>, side: Side, mark: &Mark) -> Counts {
    let own = chains.of(side);
    let past_chains = chains.past(side, own.len(), mark.seen);
    let past = state(kind, past_chains);
    let seen_back = own.last().is_some_and(|last| mark.seen < last.seen);
    if !seen_back && allowed(&past, past_chains, side, mark) { Counts::Yes } else { Counts::No }
}

/// Whether the table of the thread's kind allows an event in the state of its past.
fn allowed(past: &State, chains: Chains<'_>, side: Side, mark: &Mark) -> bool {
    match mark.kind {
        EventKind::ConsentEnded => past.opened && !past.consent_ended_by(side),
        EventKind::Erased => {
            past.opened && !mark.detail.erases.is_empty() && past.may_erase(side, mark.detail.erases)
        }
        EventKind::Note => past.opened && !past.ended,
        EventKind::Voided => past.opened && voidable(chains.of(side), mark),
        EventKind::Sent
        | EventKind::Proposed
        | EventKind::InfoRequested
        | EventKind::InfoGiven
        | EventKind::Accepted
        | EventKind::Disclosed
        | EventKind::Waitlisted
        | EventKind::Scheduled
        | EventKind::NoShow
        | EventKind::Arrived
        | EventKind::Closed
        | EventKind::Refused
        | EventKind::Released
        | EventKind::Withdrawn
        | EventKind::WithdrawalAsked
        | EventKind::Expired
        | EventKind::Corrected
        | EventKind::Renounced
        | EventKind::Effective
        | EventKind::Cancelled => match past.kind {
            ThreadKind::Referral => referral::allowed(past, chains, side, mark),
            ThreadKind::Handover => handover::allowed(past, chains, side, mark),
        },
    }
}

/// One of the author's own earlier events that is no pillar of the thread. A `Voided` that arrives erased blanks nothing
/// here, and its author checked it.
fn voidable(own: &[Mark], mark: &Mark) -> bool {
    let Some(sequence) = mark.detail.voids else { return mark.detail.created.is_none() };
    let Some(target) = sequence.checked_sub(1) else { return false };
    let target = own.get(usize::try_from(target).unwrap_or(usize::MAX));
    target.is_some_and(|event| event.counts == Counts::Yes && may_be_voided(event.kind))
}

/// Whether a `Voided` may name an event of this kind: never a pillar of its thread.
pub const fn may_be_voided(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::InfoRequested
            | EventKind::InfoGiven
            | EventKind::Waitlisted
            | EventKind::Scheduled
            | EventKind::NoShow
            | EventKind::Arrived
            | EventKind::Note
            | EventKind::Corrected
            | EventKind::WithdrawalAsked
    )
}
