//! Where a referral or handover stands, in one sentence; who is responsible; what someone must be told.

use super::around::Around;
use super::teller::{Nearness, Teller, joined};
use relais_proto::desk::v1::{
    Attention, ConsentStanding, DueKind, Label, Possible, Settlement, Side, Step, ThreadSummary, ThreadView,
    TimelineEntry,
};
use relais_proto::peer::v1::{EventKind, Outcome, Reason, ThreadKind};

/// How long the other node usually has to confirm an end before anyone need be told that it did not, ms.
const CONFIRM_MS: i64 = 60_000;

/// Where it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Situation {
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
    pub(super) fn of(view: &ThreadView) -> Self {
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
    fn stem(self) -> (&'static str, Words) {
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
enum Words {
    /// A handover is told like a referral.
    Shared,
    /// A handover has its own.
    Own,
    /// It is one of a handover alone.
    HandoverOnly,
}

/// Whether the person comes by themselves.
pub(super) fn is_walk_in(view: &ThreadView) -> bool {
    let need = view.stage_one.as_ref().and_then(|one| one.need.as_ref());
    need.is_some_and(|need| !need.walk_in_offer.is_empty())
}

/// The events of a kind, the newest first.
pub(super) fn entries(view: &ThreadView, kind: EventKind) -> impl Iterator<Item = &TimelineEntry> {
    view.timeline.iter().rev().filter(move |entry| entry.kind() == kind)
}

/// Where it stands, in one sentence or two.
pub(super) fn state(teller: &Teller<'_>, view: &ThreadView) -> String {
    let summary = view.summary.clone().unwrap_or_default();
    let situation = Situation::of(view);
    let (stem, words) = situation.stem();
    let key = format!("state-{}-{stem}", party(&summary, words));
    let date = date(teller, view, &summary, situation);
    let first = teller.with(&key, &[("peer", &summary.peer_name), ("date", &date)]);
    joined(&[first, more(teller, view, &summary, situation)], " ")
}

/// Whose words are meant: those of who sent or received a referral, or of who gives or is offered a handover.
fn party(summary: &ThreadSummary, words: Words) -> &'static str {
    let handover = match words {
        Words::Shared => false,
        Words::Own => summary.kind() == ThreadKind::Handover,
        Words::HandoverOnly => true,
    };
    match (handover, is_ours(summary)) {
        (false, true) => "sent",
        (false, false) => "received",
        (true, true) => "given",
        (true, false) => "offered",
    }
}

/// Whether this structure opened it.
pub(super) fn is_ours(summary: &ThreadSummary) -> bool {
    summary.side() == Side::Sender
}

/// The date that the sentence names.
fn date(teller: &Teller<'_>, view: &ThreadView, summary: &ThreadSummary, situation: Situation) -> String {
    let due = summary.due.map(|due| due.at_ms).or(view.deadline_ms).unwrap_or(view.consent_until_ms);
    let course = |kind: EventKind| entries(view, kind).find_map(|entry| entry.course.as_ref());
    match situation {
        // The hour matters once it is near.
        Situation::Answer | Situation::Question if teller.nearness(due) == Nearness::Far => teller.day(due),
        Situation::Answer | Situation::Question => teller.instant(due),
        Situation::Disclosure | Situation::Withdrawal | Situation::Effective | Situation::WalkIn => {
            teller.day(due)
        }
        Situation::At(Step::Scheduled) => {
            let appointment = course(EventKind::Scheduled).and_then(|course| course.appointment_ms);
            appointment.map_or_else(|| teller.day(due), |at| teller.instant(at))
        }
        Situation::At(Step::Waitlisted) => {
            let review = course(EventKind::Waitlisted).and_then(|course| course.review_ms);
            teller.day(review.unwrap_or(due))
        }
        Situation::At(Step::Unspecified | Step::Sent | Step::Accepted | Step::NoShow | Step::Arrived) => {
            teller.day(due)
        }
        Situation::Ended(label) => teller.day(ended_ms(view, label).unwrap_or(summary.changed_ms)),
    }
}

/// The event that a label stands for.
fn end_kind(label: Label) -> EventKind {
    match label {
        Label::Unspecified | Label::ConsentEnded => EventKind::ConsentEnded,
        Label::Expired => EventKind::Expired,
        Label::Withdrawn => EventKind::Withdrawn,
        Label::Cancelled => EventKind::Cancelled,
        Label::Refused => EventKind::Refused,
        Label::Released => EventKind::Released,
        Label::Closed => EventKind::Closed,
        Label::Effective => EventKind::Effective,
    }
}

fn ended_ms(view: &ThreadView, label: Label) -> Option<i64> {
    let entry = entries(view, end_kind(label)).next()?;
    Some(entry.created_ms.unwrap_or(entry.stored_ms))
}

/// Why it ended, or what came of it.
fn more(teller: &Teller<'_>, view: &ThreadView, summary: &ThreadSummary, situation: Situation) -> String {
    let Situation::Ended(label) = situation else { return String::new() };
    if label == Label::ConsentEnded {
        return standing(teller, summary);
    }
    let corrected = entries(view, EventKind::Corrected).filter(|_| label == Label::Closed);
    let ends = corrected.chain(entries(view, end_kind(label)));
    let courses: Vec<_> = ends.filter_map(|entry| entry.course.as_ref()).collect();
    let outcome =
        courses.iter().map(|course| course.outcome()).find(|outcome| *outcome != Outcome::Unspecified);
    let reason = courses.iter().map(|course| course.reason()).find(|reason| *reason != Reason::Unspecified);
    let outcome = outcome.map(|outcome| teller.code(outcome.as_str_name())).unwrap_or_default();
    let reason =
        reason.map(|reason| teller.with("state-why", &[("why", &teller.code(reason.as_str_name()))]));
    let outcome = if outcome.is_empty() { outcome } else { teller.with("state-what", &[("what", &outcome)]) };
    joined(&[reason.unwrap_or_default(), outcome], " ")
}

fn standing(teller: &Teller<'_>, summary: &ThreadSummary) -> String {
    match summary.consent() {
        ConsentStanding::Unspecified | ConsentStanding::Active => String::new(),
        ConsentStanding::Superseded
        | ConsentStanding::Expired
        | ConsentStanding::Stopped
        | ConsentStanding::Invalidated => teller.code(summary.consent().as_str_name()),
    }
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
