//! Taking back, stopping, and moving responsibility.

use super::{among, only};
use crate::consent::Standing;
use crate::content::{Content, Course, Reason};
use crate::decide::bench::Bench;
use crate::event::{EventKind, Side, ThreadKind};
use crate::refusal::Refusal;
use crate::thread::FollowUpChange;

/// Before disclosure the sender ends it; afterwards it can only ask.
pub(super) fn withdraw(bench: &mut Bench, reason: Reason) -> Result<(), Refusal> {
    among("reason", reason, Reason::WITHDRAWALS)?;
    only(bench, Side::Sender, EventKind::Withdrawn)?;
    let state = bench.state();
    let course = Course { reason: Some(reason), ..Course::default() };
    let content = Content::at(bench.now).with_course(course);
    match (bench.thread.kind, state.receiver_decides()) {
        (ThreadKind::Handover, _) => Err(Refusal::NotAllowed {
            kind: EventKind::Withdrawn,
            hint: "a handover is cancelled, not withdrawn",
        }),
        (ThreadKind::Referral, false) => bench.write(EventKind::Withdrawn, content, "it has ended"),
        (ThreadKind::Referral, true) if state.withdrawal_asked => Err(Refusal::NotAllowed {
            kind: EventKind::WithdrawalAsked,
            hint: "it was already asked; the other structure answers",
        }),
        (ThreadKind::Referral, true) => bench.write(EventKind::WithdrawalAsked, content, "it has ended"),
    }
}

/// Stopping is always possible and wins.
pub(super) fn stop_consent(bench: &mut Bench) -> Result<(), Refusal> {
    end_consent(bench, Reason::Stopped)
}

/// Writes that the consent ended, and why.
pub(in crate::decide) fn end_consent(bench: &mut Bench, reason: Reason) -> Result<(), Refusal> {
    // An ending carries one of its own four reasons, whatever another may have sent.
    let standing = Standing::ended_by(Some(reason));
    let reason = if standing == Standing::Stopped { Reason::Stopped } else { reason };
    let course = Course { reason: Some(reason), ..Course::default() };
    let content = Content::at(bench.now).with_course(course);
    bench.write(EventKind::ConsentEnded, content, "this structure already wrote that the consent ended")?;
    bench.set_standing(standing);
    Ok(())
}

pub(super) fn make_effective(bench: &mut Bench) -> Result<(), Refusal> {
    only(bench, Side::Sender, EventKind::Effective)?;
    let follow_up = bench.thread.follow_up.ok_or(Refusal::FollowUpNotHeld)?;
    let hint = "it must be accepted, disclosed, not renounced, on or after its date and within the offer";
    bench.write(EventKind::Effective, Content::at(bench.now), hint)?;
    bench.decision.follow_up = Some(FollowUpChange::HandOver(follow_up));
    Ok(())
}

/// The holder's node signs by itself on the date.
pub(in crate::decide) fn effective_by_itself(bench: &mut Bench) -> Result<(), Refusal> {
    make_effective(bench)
}
