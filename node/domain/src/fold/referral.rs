//! The table of a referral: what each end may write in the state of its past.

use super::Chains;
use super::mark::{Mark, WalkIn};
use super::state::{State, Step};
use crate::content::{ContentPart, FeedbackLevel};
use crate::event::{Counts, EventKind, Side};
use crate::limits;
use crate::time::{Span, Timestamp};

/// Where the opening is erased, what some opening would have allowed is allowed: its author knew which it was, and both
/// ends must come to the same verdict.
pub(super) fn allowed(past: &State, chains: Chains<'_>, side: Side, mark: &Mark) -> bool {
    if past.opening_erased() {
        return [WalkIn::No, WalkIn::Yes]
            .into_iter()
            .any(|walk_in| in_table(&past.supposing(walk_in), chains, side, mark));
    }
    in_table(past, chains, side, mark)
}

fn in_table(past: &State, chains: Chains<'_>, side: Side, mark: &Mark) -> bool {
    match side {
        Side::Sender => sender(past, chains, mark),
        Side::Receiver => past.opened && receiver(past, mark),
    }
}

fn sender(past: &State, chains: Chains<'_>, mark: &Mark) -> bool {
    let live = past.opened && !past.ended;
    let ordinary = past.walk_in == WalkIn::No;
    match mark.kind {
        EventKind::Sent => chains.sender.is_empty(),
        EventKind::InfoGiven => live && ordinary && !past.accepted && past.question_open(),
        EventKind::Disclosed => live && ordinary && past.accepted && !past.disclosed,
        EventKind::Withdrawn => live && ordinary && !past.disclosed,
        EventKind::WithdrawalAsked => live && past.receiver_decides(),
        EventKind::Expired => {
            live && ordinary
                && !past.accepted
                && !past.disclosed
                && (past.opening_erased() || overdue(past, chains, mark))
        }
        EventKind::Proposed
        | EventKind::InfoRequested
        | EventKind::Accepted
        | EventKind::Waitlisted
        | EventKind::Scheduled
        | EventKind::NoShow
        | EventKind::Arrived
        | EventKind::Closed
        | EventKind::Refused
        | EventKind::Released
        | EventKind::Corrected
        | EventKind::ConsentEnded
        | EventKind::Note
        | EventKind::Voided
        | EventKind::Erased
        | EventKind::Renounced
        | EventKind::Effective
        | EventKind::Cancelled => false,
    }
}

fn receiver(past: &State, mark: &Mark) -> bool {
    let live = !past.ended;
    let ordinary = past.walk_in == WalkIn::No;
    match mark.kind {
        EventKind::InfoRequested => live && ordinary && !past.accepted && !past.question_open(),
        EventKind::Accepted => live && ordinary && !past.accepted,
        EventKind::Refused => live && !past.accepted && (ordinary || past.step != Step::Arrived),
        EventKind::Released => live && (past.accepted || !ordinary),
        EventKind::Waitlisted | EventKind::Scheduled | EventKind::NoShow | EventKind::Arrived => {
            live && past.receiver_decides() && step_follows(past.step, mark.kind)
        }
        EventKind::Closed => live && past.receiver_decides(),
        EventKind::Corrected => {
            past.closed
                && past.level == Some(FeedbackLevel::Outcome)
                && !past.consent_ended()
                && !past.erased_by(Side::Receiver).has(ContentPart::Course)
        }
        EventKind::Sent
        | EventKind::Proposed
        | EventKind::InfoGiven
        | EventKind::Disclosed
        | EventKind::Withdrawn
        | EventKind::WithdrawalAsked
        | EventKind::Expired
        | EventKind::ConsentEnded
        | EventKind::Note
        | EventKind::Voided
        | EventKind::Erased
        | EventKind::Renounced
        | EventKind::Effective
        | EventKind::Cancelled => false,
    }
}

/// Whether a step of the course may follow the step reached. Local steps follow the same rule.
pub(crate) fn step_follows(reached: Step, kind: EventKind) -> bool {
    match kind {
        EventKind::Waitlisted => reached == Step::Accepted,
        EventKind::NoShow => reached == Step::Scheduled,
        EventKind::Scheduled | EventKind::Arrived => {
            matches!(reached, Step::Accepted | Step::Waitlisted | Step::Scheduled | Step::NoShow)
        }
        EventKind::Sent
        | EventKind::Proposed
        | EventKind::InfoRequested
        | EventKind::InfoGiven
        | EventKind::Accepted
        | EventKind::Disclosed
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
        | EventKind::Renounced
        | EventKind::Effective
        | EventKind::Cancelled => false,
    }
}

/// Whether `Expired` was made late enough.
fn overdue(past: &State, chains: Chains<'_>, mark: &Mark) -> bool {
    let created = mark.detail.created;
    expiry(past, chains, created).zip(created).is_some_and(|(due, created)| created >= due)
}

/// When `Expired` becomes possible: deadline + 15 minutes + the time the sender let each of the first three questions
/// wait, each clamped to 0–7 days. A question without an answer waits until `now`; one whose instants are erased at this
/// end counts for nothing, so that this end never judges stricter than the author did.
pub(crate) fn expiry(past: &State, chains: Chains<'_>, now: Option<Timestamp>) -> Option<Timestamp> {
    let due = past.deadline?.plus(limits::EXPIRY_GRACE);
    let asked = instants(chains.receiver, EventKind::InfoRequested);
    let answered = instants(chains.sender, EventKind::InfoGiven);
    let waited: i64 = asked
        .iter()
        .take(limits::QUESTIONS_COUNTED_MAX)
        .enumerate()
        .map(|(index, asked)| {
            let until = answered.get(index).copied().unwrap_or(now);
            let wait = until.zip(*asked).map_or(Span::ZERO, |(until, asked)| until.since(asked));
            wait.0.clamp(0, limits::QUESTION_TIME_MAX.0)
        })
        .sum();
    Some(due.plus(Span(waited)))
}

fn instants(marks: &[Mark], kind: EventKind) -> Vec<Option<Timestamp>> {
    let counted = marks.iter().filter(|mark| mark.kind == kind && mark.counts == Counts::Yes);
    counted.map(|mark| mark.detail.created).collect()
}
