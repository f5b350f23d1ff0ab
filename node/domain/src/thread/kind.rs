//! What the kind of an event says by itself: the step it brings, the part its content belongs to.

use crate::content::ContentPart;
use crate::event::EventKind;
use crate::fold::Step;

pub(crate) fn step_of(kind: EventKind) -> Option<Step> {
    match kind {
        EventKind::Waitlisted => Some(Step::Waitlisted),
        EventKind::Scheduled => Some(Step::Scheduled),
        EventKind::NoShow => Some(Step::NoShow),
        EventKind::Arrived => Some(Step::Arrived),
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
        | EventKind::Cancelled => None,
    }
}

/// The part that the content of an event of this kind belongs to.
pub fn part_of(kind: EventKind) -> ContentPart {
    match kind {
        EventKind::Sent
        | EventKind::Proposed
        | EventKind::InfoRequested
        | EventKind::InfoGiven
        | EventKind::Accepted => ContentPart::StageOne,
        EventKind::Disclosed => ContentPart::StageTwo,
        EventKind::Waitlisted
        | EventKind::Scheduled
        | EventKind::NoShow
        | EventKind::Arrived
        | EventKind::Closed
        | EventKind::Corrected
        | EventKind::Refused
        | EventKind::Released
        | EventKind::WithdrawalAsked
        | EventKind::Note
        | EventKind::Voided => ContentPart::Course,
        EventKind::Withdrawn
        | EventKind::Expired
        | EventKind::ConsentEnded
        | EventKind::Erased
        | EventKind::Renounced
        | EventKind::Effective
        | EventKind::Cancelled => ContentPart::Evidence,
    }
}
