//! Which acts this end could do now.

use relais_domain::content::{Content, ContentPart, FeedbackLevel};
use relais_domain::event::{Counts, Event, EventKind, Side, ThreadKind};
use relais_domain::fold::{State, Step, WalkIn};
use relais_domain::thread::{Freeze, Thread};
use relais_proto::desk::v1 as desk;

/// Acts that this end could do now.
pub(super) fn possible(thread: &Thread, state: &State) -> Vec<desk::Possible> {
    let mut acts = Vec::new();
    if state.ended || thread.freeze == Freeze::Forked {
        if !state.consent_ended_by(thread.side) && !state.consent_ended() {
            acts.push(desk::Possible::StopConsent);
        }
        if thread.freeze == Freeze::No {
            acts.extend(may_correct(thread, state).then_some(desk::Possible::Correct));
            acts.extend(may_blank(thread).then_some(desk::Possible::Void));
        }
        return acts;
    }
    match (thread.kind, thread.side) {
        (ThreadKind::Referral, Side::Sender) => sender_acts(state, &mut acts),
        (ThreadKind::Referral, Side::Receiver) => receiver_acts(thread, state, &mut acts),
        (ThreadKind::Handover, Side::Sender) => {
            if state.disclosed && !state.renounced {
                acts.push(desk::Possible::MakeEffective);
            }
            acts.push(desk::Possible::Cancel);
        }
        (ThreadKind::Handover, Side::Receiver) if state.accepted => acts.push(desk::Possible::Renounce),
        (ThreadKind::Handover, Side::Receiver) => {
            acts.extend([desk::Possible::Accept, desk::Possible::Refuse]);
        }
    }
    acts.extend([desk::Possible::WriteNote, desk::Possible::StopConsent]);
    acts.extend(may_blank(thread).then_some(desk::Possible::Void));
    acts
}

fn sender_acts(state: &State, acts: &mut Vec<desk::Possible>) {
    if state.question_open() && !state.accepted {
        acts.push(desk::Possible::GiveInfo);
    }
    if !state.withdrawal_asked {
        acts.push(desk::Possible::Withdraw);
    }
}

fn receiver_acts(thread: &Thread, state: &State, acts: &mut Vec<desk::Possible>) {
    if state.walk_in == WalkIn::Yes && thread.step() != Step::Arrived {
        acts.push(desk::Possible::Refuse);
    }
    if !state.receiver_decides() {
        if !state.accepted {
            acts.extend([desk::Possible::Accept, desk::Possible::Refuse]);
            if !state.question_open() {
                acts.push(desk::Possible::AskInfo);
            }
        }
        return;
    }
    match thread.step() {
        Step::Sent | Step::Accepted => {
            acts.extend([desk::Possible::Schedule, desk::Possible::Arrive, desk::Possible::Waitlist]);
        }
        Step::Waitlisted | Step::NoShow => acts.extend([desk::Possible::Schedule, desk::Possible::Arrive]),
        Step::Scheduled => {
            acts.extend([desk::Possible::Arrive, desk::Possible::NoShow, desk::Possible::Schedule]);
        }
        Step::Arrived => {}
    }
    acts.extend([desk::Possible::Close, desk::Possible::Release]);
}

/// Whether the outcome that was told can be corrected.
fn may_correct(thread: &Thread, state: &State) -> bool {
    thread.side == Side::Receiver
        && state.closed
        && state.level == Some(FeedbackLevel::Outcome)
        && !state.consent_ended()
        && !state.erased_by(Side::Receiver).has(ContentPart::Course)
}

/// Whether the content of one of this end's events can be blanked, and is still there.
fn may_blank(thread: &Thread) -> bool {
    let fits = |event: &Event| {
        event.counts == Counts::Yes
            && matches!(
                event.skeleton.kind,
                EventKind::InfoRequested
                    | EventKind::InfoGiven
                    | EventKind::Waitlisted
                    | EventKind::Scheduled
                    | EventKind::Note
                    | EventKind::Corrected
                    | EventKind::WithdrawalAsked
            )
    };
    let held =
        |content: &Content| content.note.is_some() || content.answer.is_some() || content.course.is_some();
    thread.chain(thread.side).iter().any(|event| fits(event) && event.content.as_ref().is_some_and(held))
}
