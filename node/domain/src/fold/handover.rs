//! The table of a handover. Responsible is the receiver if `Effective` counts in the holder's chain, else the holder.

use super::Chains;
use super::mark::Mark;
use super::state::State;
use crate::event::{EventKind, Side};

pub(super) fn allowed(past: &State, chains: Chains<'_>, side: Side, mark: &Mark) -> bool {
    match side {
        Side::Sender => holder(past, chains, mark),
        Side::Receiver => past.opened && receiver(past, mark),
    }
}

fn holder(past: &State, chains: Chains<'_>, mark: &Mark) -> bool {
    let live = past.opened && !past.ended;
    match mark.kind {
        EventKind::Proposed => chains.sender.is_empty(),
        EventKind::Disclosed => live && past.accepted && !past.disclosed,
        EventKind::Effective => live && past.disclosed && !past.renounced && in_time(past, mark),
        EventKind::Cancelled => live,
        EventKind::Sent
        | EventKind::InfoRequested
        | EventKind::InfoGiven
        | EventKind::Accepted
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
        | EventKind::ConsentEnded
        | EventKind::Note
        | EventKind::Voided
        | EventKind::Corrected
        | EventKind::Erased
        | EventKind::Renounced => false,
    }
}

fn receiver(past: &State, mark: &Mark) -> bool {
    let live = !past.ended;
    match mark.kind {
        EventKind::Accepted | EventKind::Refused => live && !past.accepted,
        EventKind::Renounced => live && past.accepted && !past.renounced,
        EventKind::Sent
        | EventKind::Proposed
        | EventKind::InfoRequested
        | EventKind::InfoGiven
        | EventKind::Disclosed
        | EventKind::Waitlisted
        | EventKind::Scheduled
        | EventKind::NoShow
        | EventKind::Arrived
        | EventKind::Closed
        | EventKind::Released
        | EventKind::Withdrawn
        | EventKind::WithdrawalAsked
        | EventKind::Expired
        | EventKind::ConsentEnded
        | EventKind::Note
        | EventKind::Voided
        | EventKind::Corrected
        | EventKind::Erased
        | EventKind::Effective
        | EventKind::Cancelled => false,
    }
}

/// not-before ≤ created ≤ offer-until, by the holder's own clock. Where the offer is erased the holder's word stands:
/// a receiver that erased it must not miss that it became responsible.
fn in_time(past: &State, mark: &Mark) -> bool {
    if past.opening_erased() {
        return true;
    }
    let Some(created) = mark.detail.created else { return false };
    past.not_before.is_none_or(|date| created >= date) && past.offer_until.is_some_and(|date| created <= date)
}
