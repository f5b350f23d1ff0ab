//! What must happen next, by when and by whom; and what someone must be told.

use super::bench::Bench;
use super::settle::expires_at;
use crate::code::codes;
use crate::consent::Standing;
use crate::content::ContentPart;
use crate::event::{Counts, EventKind, Side, ThreadKind};
use crate::fold::{State, Step, WalkIn};
use crate::thread::{Disclosures, Freeze, Thread, step_of};
use crate::time::{Span, Timestamp, working_days_after};

codes! {
    /// Who owes the next act.
    Owner {
        /// A professional of this structure.
        Us = 1 "us",
        /// The other structure.
        Them = 2 "them",
        /// The person, who comes by themselves or not: no structure need do anything.
        Person = 3 "person",
    }

    /// What is awaited.
    DueKind {
        /// An answer: accept or refuse.
        Answer = 1 "answer",
        /// The answer to a coded question.
        Reply = 2 "reply",
        /// The disclosure that follows an acceptance.
        Disclosure = 3 "disclosure",
        /// First contact after accepting.
        Contact = 4 "contact",
        /// The review of a waiting list.
        Review = 5 "review",
        /// What came of an appointment.
        Appointment = 6 "appointment",
        /// A new appointment after an absence.
        AfterAbsence = 7 "after-absence",
        /// The outcome.
        Outcome = 8 "outcome",
        /// The answer to a request to withdraw.
        Withdrawal = 9 "withdrawal",
        /// The date on which responsibility moves.
        Effective = 10 "effective",
        /// A person who comes by themselves, with a slip.
        Arrival = 11 "arrival",
    }

    /// What someone must be told.
    Attention {
        /// The consent ended and the other structure's erasure receipt has not arrived.
        ErasureReceiptMissing = 1 "erasure-receipt-missing",
        /// The other structure sent something without effect.
        EventWithoutEffect = 2 "event-without-effect",
        /// The two ends disagree on the past.
        Forked = 3 "forked",
        /// The person was handed over and the other structure has not confirmed: keep following them.
        HandoverUnconfirmed = 4 "handover-unconfirmed",
        /// A disclosure waits because the clocks are apart or a manifest expired.
        DisclosureHeld = 5 "disclosure-held",
    }
}

/// The next act awaited.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Due {
    /// What.
    pub kind: DueKind,
    /// Who owes it.
    pub owner: Owner,
    /// By when.
    pub at: Timestamp,
}

/// The next act awaited on a live thread; `None` once it ended.
pub fn due(thread: &Thread) -> Option<Due> {
    let state = thread.state();
    if state.ended || !state.opened {
        return None;
    }
    let (kind, by, at) = awaited(thread, &state)?;
    let owner = if kind == DueKind::Arrival {
        Owner::Person
    } else if by == thread.side {
        Owner::Us
    } else {
        Owner::Them
    };
    Some(Due { kind, owner, at: at.min(thread.valid_until) })
}

fn awaited(thread: &Thread, state: &State) -> Option<(DueKind, Side, Timestamp)> {
    let limit = thread.valid_until;
    if state.question_open() && !state.accepted {
        return Some((DueKind::Reply, Side::Sender, state.deadline.unwrap_or(limit)));
    }
    let answered = state.accepted || state.walk_in == WalkIn::Yes;
    if !answered {
        return Some((
            DueKind::Answer,
            Side::Receiver,
            state.deadline.or(state.offer_until).unwrap_or(limit),
        ));
    }
    if !state.receiver_decides() {
        return Some((DueKind::Disclosure, Side::Sender, limit));
    }
    if thread.kind == ThreadKind::Handover {
        return Some((
            DueKind::Effective,
            Side::Sender,
            state.not_before.or(state.offer_until).unwrap_or(limit),
        ));
    }
    if state.withdrawal_asked {
        let asked = last_instant(thread, |kind| kind == EventKind::WithdrawalAsked);
        return Some((DueKind::Withdrawal, Side::Receiver, working_days_after(asked, 10)));
    }
    let since = last_instant(thread, moves_step);
    let (kind, at) = match thread.step() {
        Step::Sent | Step::Accepted if state.walk_in == WalkIn::Yes => {
            (DueKind::Arrival, state.deadline.unwrap_or(limit))
        }
        Step::Sent | Step::Accepted => (DueKind::Contact, working_days_after(since, 10)),
        Step::Waitlisted => (DueKind::Review, review(thread).unwrap_or(since)),
        Step::Scheduled => (DueKind::Appointment, appointment(thread).unwrap_or(since).plus(Span::days(2))),
        Step::NoShow => (DueKind::AfterAbsence, since.plus(Span::days(10))),
        Step::Arrived => (DueKind::Outcome, since.plus(Span::days(90))),
    };
    Some((kind, Side::Receiver, at))
}

/// When the last event or local step of such a kind was made, by its author's clock. Notes and questions move no date.
fn last_instant(thread: &Thread, such: fn(EventKind) -> bool) -> Timestamp {
    let events = thread.sender.iter().chain(&thread.receiver);
    let counted = events.filter(|event| event.counts == Counts::Yes && such(event.skeleton.kind));
    let local = thread.steps.iter().filter(|step| such(step.kind)).map(|step| &step.content);
    let contents = counted.filter_map(|event| event.content.as_ref()).chain(local);
    contents.filter_map(|content| content.times).map(|times| times.created).max().unwrap_or(Timestamp(0))
}

fn moves_step(kind: EventKind) -> bool {
    kind.opens() || matches!(kind, EventKind::Accepted | EventKind::Disclosed) || step_of(kind).is_some()
}

fn courses(thread: &Thread) -> impl Iterator<Item = &crate::content::Course> {
    let events = thread.receiver.iter().filter_map(|event| event.content.as_ref());
    let local = thread.steps.iter().map(|step| &step.content);
    events.chain(local).filter_map(|content| content.course.as_ref())
}

fn review(thread: &Thread) -> Option<Timestamp> {
    courses(thread).filter_map(|course| course.review).last()
}

fn appointment(thread: &Thread) -> Option<Timestamp> {
    courses(thread).filter_map(|course| course.appointment).last()
}

/// What someone at this end must be told about the thread.
///
/// `receipt_of_effective` tells whether the receiver's receipt of `Effective` is held.
pub fn attention(thread: &Thread, receipt_of_effective: Confirmation, now: Timestamp) -> Vec<Attention> {
    let state = thread.state();
    let mut all = Vec::new();
    let theirs = thread.chain(thread.side.other());
    if state.consent_ended() && erasure_missing(thread, &state) {
        all.push(Attention::ErasureReceiptMissing);
    }
    if theirs.iter().any(|event| event.counts == Counts::No) {
        all.push(Attention::EventWithoutEffect);
    }
    if thread.freeze == Freeze::Forked {
        all.push(Attention::Forked);
    }
    let handed = thread.side == Side::Sender && state.effective;
    if handed && receipt_of_effective == Confirmation::Missing {
        all.push(Attention::HandoverUnconfirmed);
    }
    let waits = state.accepted && !state.disclosed && !state.ended && now < thread.valid_until;
    if thread.side == Side::Sender && waits {
        all.push(Attention::DisclosureHeld);
    }
    all
}

/// Whether a receipt is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Confirmation {
    /// It is.
    Held,
    /// It is not.
    Missing,
}

/// The other structure holds content that its node has not said it erased.
fn erasure_missing(thread: &Thread, state: &State) -> bool {
    let other = thread.side.other();
    let erased = state.erased_by(other);
    let told_stage_two = thread.side == Side::Sender && state.disclosed;
    let owes_one = !erased.has(ContentPart::StageOne);
    let owes_two = told_stage_two && !erased.has(ContentPart::StageTwo);
    owes_one || owes_two
}

/// When the node itself must look at the thread again. Never now or earlier: what was due is settled, and what is held
/// is tried again after a while.
pub(super) fn wake_at(bench: &Bench, state: &State) -> Option<Timestamp> {
    let mut instants = Vec::new();
    if !state.consent_ended() && bench.thread.standing == Standing::Active {
        instants.push(bench.thread.valid_until);
    }
    if !state.ended {
        instants.extend(duties_at(bench, state));
    }
    let waits = state.accepted && !state.disclosed && !state.ended;
    let held =
        bench.disclosures != Disclosures::Open && (waits || instants.iter().any(|at| *at <= bench.now));
    instants.retain(|at| *at > bench.now);
    instants.extend(held.then(|| bench.now.plus(HELD_RETRY)));
    instants.into_iter().min()
}

/// How long the node waits before it looks again at what is held.
const HELD_RETRY: Span = Span::minutes(1);

/// The instants at which this node owes something on a live thread.
fn duties_at(bench: &Bench, state: &State) -> Vec<Timestamp> {
    match (bench.side(), bench.thread.kind) {
        (Side::Sender, ThreadKind::Referral) => {
            expires_at(bench, state).filter(|_| !state.accepted).into_iter().collect()
        }
        (Side::Receiver, ThreadKind::Referral) => {
            state.deadline.filter(|_| state.walk_in == WalkIn::Yes).into_iter().collect()
        }
        (Side::Sender, ThreadKind::Handover) => {
            let undecided = state.offer_until.map(|at| at.plus(Span(1)));
            state.not_before.into_iter().chain(undecided).collect()
        }
        (Side::Receiver, ThreadKind::Handover) => Vec::new(),
    }
}
