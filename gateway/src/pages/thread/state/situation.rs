//! Where a referral or handover stands, as one of a few situations, and what the word files call each.

use relais_proto::desk::v1::{DueKind, Label, Step, ThreadView};

/// Where it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::pages::thread) enum Situation {
    /// An answer is awaited.
    Answer,
    /// The answer to a question is awaited.
    Question,
    /// Name and contact are awaited.
    Disclosure,
    /// The answer to a request to withdraw is awaited.
    Withdrawal,
    /// Responsibility is about to move.
    Effective,
    /// The person may come by themselves.
    WalkIn,
    /// It goes its way.
    At(Step),
    /// It ended.
    Ended(Label),
}

impl Situation {
    /// Where a thread stands.
    pub(in crate::pages::thread) fn of(view: &ThreadView) -> Self {
        let summary = view.summary.clone().unwrap_or_default();
        if summary.label() != Label::Unspecified {
            return Self::Ended(summary.label());
        }
        let due = summary.due.map(|due| due.kind());
        match due.unwrap_or(DueKind::Unspecified) {
            DueKind::Answer => Self::Answer,
            DueKind::Reply => Self::Question,
            DueKind::Disclosure => Self::Disclosure,
            DueKind::Withdrawal => Self::Withdrawal,
            DueKind::Effective => Self::Effective,
            DueKind::Arrival => Self::WalkIn,
            DueKind::Unspecified
            | DueKind::Contact
            | DueKind::Review
            | DueKind::Appointment
            | DueKind::AfterAbsence
            | DueKind::Outcome => Self::at(summary.step()),
        }
    }

    fn at(step: Step) -> Self {
        match step {
            Step::Unspecified | Step::Sent => Self::Answer,
            Step::Accepted | Step::Waitlisted | Step::Scheduled | Step::NoShow | Step::Arrived => {
                Self::At(step)
            }
        }
    }

    /// What the word files call it, and whether a handover has words of its own for it.
    pub(super) fn stem(self) -> (&'static str, Words) {
        match self {
            Self::Answer => ("answer", Words::Own),
            Self::Question => ("question", Words::Shared),
            Self::Disclosure => ("disclosure", Words::Own),
            Self::Withdrawal => ("withdrawal", Words::Shared),
            Self::Effective => ("effective", Words::HandoverOnly),
            Self::WalkIn => ("walk-in", Words::Shared),
            Self::At(Step::Unspecified | Step::Sent | Step::Accepted) => ("accepted", Words::Shared),
            Self::At(Step::Waitlisted) => ("waitlisted", Words::Shared),
            Self::At(Step::Scheduled) => ("scheduled", Words::Shared),
            Self::At(Step::NoShow) => ("no-show", Words::Shared),
            Self::At(Step::Arrived) => ("arrived", Words::Shared),
            Self::Ended(Label::Unspecified | Label::ConsentEnded) => ("consent-ended", Words::Shared),
            Self::Ended(Label::Expired) => ("expired", Words::Shared),
            Self::Ended(Label::Withdrawn) => ("withdrawn", Words::Shared),
            Self::Ended(Label::Cancelled) => ("cancelled", Words::HandoverOnly),
            Self::Ended(Label::Refused) => ("refused", Words::Shared),
            Self::Ended(Label::Released) => ("released", Words::Shared),
            Self::Ended(Label::Closed) => ("closed", Words::Shared),
            Self::Ended(Label::Effective) => ("moved", Words::HandoverOnly),
        }
    }
}

/// Whose words a situation has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Words {
    /// A handover is told like a referral.
    Shared,
    /// A handover has its own.
    Own,
    /// It is one of a handover alone.
    HandoverOnly,
}
