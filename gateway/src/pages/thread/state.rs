//! Where a referral or handover stands; who is responsible; what someone must be told; what is next.

mod sentence;
mod situation;

pub(super) use sentence::state;
pub(super) use situation::Situation;

use super::around::Around;
use super::teller::Teller;
use relais_proto::desk::v1::{
    Attention, Possible, Settlement, Side, Step, ThreadSummary, ThreadView, TimelineEntry,
};
use relais_proto::peer::v1::EventKind;

/// How long the other node usually has to confirm an end before anyone need be told that it did not, ms.
const CONFIRM_MS: i64 = 60_000;

/// Whether the person comes by themselves.
pub(super) fn is_walk_in(view: &ThreadView) -> bool {
    let need = view.stage_one.as_ref().and_then(|one| one.need.as_ref());
    need.is_some_and(|need| !need.walk_in_offer.is_empty())
}

/// The events of a kind, the newest first.
pub(super) fn entries(view: &ThreadView, kind: EventKind) -> impl Iterator<Item = &TimelineEntry> {
    view.timeline.iter().rev().filter(move |entry| entry.kind() == kind)
}

/// Whether this structure opened it.
pub(super) fn is_ours(summary: &ThreadSummary) -> bool {
    summary.side() == Side::Sender
}

/// Who is responsible for a person who is being handed over; empty for a referral.
pub(super) fn responsible(teller: &Teller<'_>, view: &ThreadView) -> String {
    let Some(handover) = &view.handover else { return String::new() };
    let summary = view.summary.clone().unwrap_or_default();
    let moved = handover.responsible() == Side::Receiver;
    let key = match (is_ours(&summary), moved, handover.confirmed_ms) {
        (true, true, None) => "responsible-them-unconfirmed",
        (true, true, Some(_)) => "responsible-them-confirmed",
        (true, false, _) | (false, true, _) => "responsible-us",
        (false, false, _) => "responsible-them",
    };
    let name =
        if handover.responsible_name.is_empty() { &summary.peer_name } else { &handover.responsible_name };
    teller.with(key, &[("name", name), ("peer", &summary.peer_name)])
}

/// What someone must be told, each in a sentence or two.
pub(super) fn notices(teller: &Teller<'_>, view: &ThreadView, around: &Around) -> Vec<String> {
    let summary = view.summary.clone().unwrap_or_default();
    let peer = [("peer", summary.peer_name.as_str())];
    let mut notices: Vec<String> = summary
        .attention()
        .filter(|one| *one != Attention::Unspecified)
        .map(|one| teller.with(&super::teller::spelled(one.as_str_name()), &peer))
        .collect();
    if let Some(since) = around.undelivered_since_ms {
        let since = teller.instant(since);
        notices.push(teller.with("undelivered-since", &[("peer", &summary.peer_name), ("date", &since)]));
    }
    // The node says so once to who asked for it; why is what the page shows.
    if !view.remarks.is_empty() {
        notices.push(teller.say("act-not-done"));
    }
    let waited_ms = teller.now.as_millisecond().saturating_sub(summary.changed_ms);
    if summary.settlement() == Settlement::Provisional && waited_ms > CONFIRM_MS {
        notices.push(teller.with("settlement-provisional", &peer));
    }
    notices
}

/// The one act that is next, and those that are as likely.
pub(super) fn next(view: &ThreadView) -> (Option<Possible>, Vec<Possible>) {
    let (first, beside) = match Situation::of(view) {
        Situation::Answer => (Possible::Accept, Some(Possible::Refuse)),
        Situation::Question => (Possible::GiveInfo, None),
        Situation::Withdrawal => (Possible::Release, Some(Possible::Arrive)),
        Situation::Effective => (Possible::MakeEffective, None),
        Situation::WalkIn => (Possible::Arrive, None),
        Situation::At(Step::Unspecified | Step::Sent | Step::Accepted | Step::Waitlisted | Step::NoShow) => {
            (Possible::Schedule, None)
        }
        Situation::At(Step::Scheduled) => (Possible::Arrive, Some(Possible::NoShow)),
        Situation::At(Step::Arrived) => (Possible::Close, None),
        Situation::Disclosure | Situation::Ended(_) => return (None, Vec::new()),
    };
    let open = |act: &Possible| view.possible().any(|one| one == *act);
    (Some(first).filter(&open), beside.into_iter().filter(open).collect())
}
