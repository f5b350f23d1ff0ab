//! The state of a thread: course, consent and content are three separate facts.

use super::mark::{Mark, Parts, WalkIn};
use crate::code::codes;
use crate::content::FeedbackLevel;
use crate::event::{EventKind, Side, ThreadKind};
use crate::time::Timestamp;
use std::collections::BTreeSet;

codes! {
    /// How a thread ended. Of two concurrent ends the higher one (declared later) is the label.
    Label {
        /// No answer in time.
        Expired = 1 "expired",
        /// Taken back by the sender.
        Withdrawn = 2 "withdrawn",
        /// A handover was cancelled by its holder.
        Cancelled = 3 "cancelled",
        /// Refused by the receiver.
        Refused = 4 "refused",
        /// Let go by the receiver.
        Released = 5 "released",
        /// Closed by the receiver.
        Closed = 6 "closed",
        /// The consent ended.
        ConsentEnded = 7 "consent_ended",
        /// Responsibility moved.
        Effective = 8 "effective",
    }

    /// How far the receiver is with the person.
    Step {
        /// Sent, no answer yet.
        Sent = 1 "sent",
        /// Accepted ("nous prenons contact").
        Accepted = 2 "accepted",
        /// On a waiting list.
        Waitlisted = 3 "waitlisted",
        /// An appointment is set.
        Scheduled = 4 "scheduled",
        /// The person did not come.
        NoShow = 5 "no_show",
        /// The person came.
        Arrived = 6 "arrived",
    }
}

/// What follows from the events that count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct State {
    /// Referral or handover.
    pub kind: ThreadKind,
    /// Whether the opening event is there.
    pub opened: bool,
    /// Whether an end-event counts whose past was live. Ended never becomes live.
    pub ended: bool,
    ends: BTreeSet<Label>,
    /// Whether the receiver accepted.
    pub accepted: bool,
    /// Whether stage 2 was disclosed.
    pub disclosed: bool,
    /// How far the receiver is.
    pub step: Step,
    /// Questions asked.
    pub questions: u32,
    /// Questions answered.
    pub answers: u32,
    /// Whether the sender asked for it back after disclosure.
    pub withdrawal_asked: bool,
    /// Whether the receiver of a handover asked to be let off.
    pub renounced: bool,
    /// Whether responsibility moved.
    pub effective: bool,
    /// Whether the receiver closed.
    pub closed: bool,
    /// Whether it rests on a standing walk-in offer.
    pub walk_in: WalkIn,
    /// The feedback level, when `Sent` still has its content.
    pub level: Option<FeedbackLevel>,
    /// The answer deadline, when `Sent` still has its content.
    pub deadline: Option<Timestamp>,
    /// Handover: not effective before.
    pub not_before: Option<Timestamp>,
    /// Handover: the offer stands until.
    pub offer_until: Option<Timestamp>,
    opening: Opening,
    consent_ended: [bool; 2],
    erased: [Parts; 2],
}

/// Whether this end still holds what the opening event carried.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Opening {
    Held,
    Erased,
}

fn slot(side: Side) -> usize {
    match side {
        Side::Sender => 0,
        Side::Receiver => 1,
    }
}

impl State {
    pub(super) fn new(kind: ThreadKind) -> Self {
        Self {
            kind,
            opened: false,
            ended: false,
            ends: BTreeSet::new(),
            accepted: false,
            disclosed: false,
            step: Step::Sent,
            questions: 0,
            answers: 0,
            withdrawal_asked: false,
            renounced: false,
            effective: false,
            closed: false,
            walk_in: WalkIn::No,
            level: None,
            deadline: None,
            not_before: None,
            offer_until: None,
            opening: Opening::Held,
            consent_ended: [false; 2],
            erased: [Parts::default(); 2],
        }
    }

    /// The label of an ended thread.
    pub fn label(&self) -> Option<Label> {
        self.ends.last().copied()
    }

    /// Whether `side` wrote that the consent ended.
    pub fn consent_ended_by(&self, side: Side) -> bool {
        self.consent_ended[slot(side)]
    }

    /// Whether either side wrote that the consent ended.
    pub fn consent_ended(&self) -> bool {
        self.consent_ended.contains(&true)
    }

    /// The parts that `side` says it erased.
    pub fn erased_by(&self, side: Side) -> Parts {
        self.erased[slot(side)]
    }

    pub(super) fn may_erase(&self, side: Side, parts: Parts) -> bool {
        !self.erased_by(side).meets(parts)
    }

    /// Whether the receiver's chain decides.
    pub fn receiver_decides(&self) -> bool {
        self.disclosed || self.walk_in == WalkIn::Yes
    }

    /// Whether a coded question waits for its answer.
    pub fn question_open(&self) -> bool {
        self.questions > self.answers
    }

    /// The side responsible for the person: the receiver of a handover from `Effective` on, else the sender.
    pub fn responsible(&self) -> Side {
        if self.effective { Side::Receiver } else { Side::Sender }
    }

    /// Whether what the opening event carried is erased here, so that its signed values can no longer be looked at.
    pub(super) fn opening_erased(&self) -> bool {
        self.opening == Opening::Erased
    }

    /// The same state if the erased opening had been of this sort, with the most that it can have allowed.
    pub(super) fn supposing(&self, walk_in: WalkIn) -> Self {
        let step = match (walk_in, self.step) {
            (WalkIn::Yes, Step::Sent) => Step::Accepted,
            (WalkIn::Yes | WalkIn::No, step) => step,
        };
        Self { walk_in, step, level: Some(FeedbackLevel::Outcome), ..self.clone() }
    }

    /// Applies an event that counts; `live` tells whether its own past was live.
    pub(super) fn apply(&mut self, side: Side, mark: &Mark, live: impl FnOnce() -> bool) {
        if let Some(label) = end_label(mark.kind)
            && live()
        {
            self.ends.insert(label);
            self.ended = true;
        }
        match mark.kind {
            EventKind::Sent | EventKind::Proposed => self.open(mark),
            EventKind::InfoRequested => self.questions += 1,
            EventKind::InfoGiven => self.answers += 1,
            EventKind::Accepted => {
                self.accepted = true;
                self.not_before = mark.detail.not_before;
            }
            EventKind::Disclosed => {
                self.disclosed = true;
                self.step = Step::Accepted;
            }
            EventKind::Waitlisted => self.step = Step::Waitlisted,
            EventKind::Scheduled => self.step = Step::Scheduled,
            EventKind::NoShow => self.step = Step::NoShow,
            EventKind::Arrived => self.step = Step::Arrived,
            EventKind::Closed => self.closed = true,
            EventKind::WithdrawalAsked => self.withdrawal_asked = true,
            EventKind::ConsentEnded => self.consent_ended[slot(side)] = true,
            EventKind::Erased => {
                self.erased[slot(side)] = self.erased[slot(side)].with(mark.detail.erases);
            }
            EventKind::Renounced => self.renounced = true,
            EventKind::Effective => self.effective = true,
            EventKind::Refused
            | EventKind::Released
            | EventKind::Withdrawn
            | EventKind::Expired
            | EventKind::Note
            | EventKind::Voided
            | EventKind::Corrected
            | EventKind::Cancelled => {}
        }
    }

    fn open(&mut self, mark: &Mark) {
        self.opened = true;
        self.opening = if mark.detail.created.is_some() { Opening::Held } else { Opening::Erased };
        self.level = mark.detail.level;
        self.deadline = mark.detail.deadline;
        self.offer_until = mark.detail.offer_until;
        self.walk_in = mark.detail.walk_in;
        if self.walk_in == WalkIn::Yes {
            self.step = Step::Accepted;
        }
    }
}

fn end_label(kind: EventKind) -> Option<Label> {
    match kind {
        EventKind::Closed => Some(Label::Closed),
        EventKind::Refused => Some(Label::Refused),
        EventKind::Released => Some(Label::Released),
        EventKind::Withdrawn => Some(Label::Withdrawn),
        EventKind::Expired => Some(Label::Expired),
        EventKind::ConsentEnded => Some(Label::ConsentEnded),
        EventKind::Effective => Some(Label::Effective),
        EventKind::Cancelled => Some(Label::Cancelled),
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
        | EventKind::WithdrawalAsked
        | EventKind::Note
        | EventKind::Voided
        | EventKind::Corrected
        | EventKind::Erased
        | EventKind::Renounced => None,
    }
}
