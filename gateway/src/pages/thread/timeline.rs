//! What happened, in words: both structures, one line for each event, the newest first.

use super::around::Around;
use super::state::is_ours;
use super::teller::{Teller, joined, spelled};
use jiff::Timestamp;
use relais_proto::desk::v1::{Effect, Possible, Side, ThreadSummary, ThreadView, TimelineEntry};
use relais_proto::peer::v1::{Course, Erasure, EventKind, KeptPart, Outcome, Reason};

/// One line of what happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Happened {
    /// Whether the other structure did it.
    pub(super) theirs: bool,
    /// When, in full.
    pub(super) when: String,
    /// When, for machines.
    pub(super) stamp: String,
    /// What.
    pub(super) words: String,
    /// What it carried.
    pub(super) details: Vec<String>,
    /// What must be known of it: that it has no effect, stays here, or has not arrived.
    pub(super) remark: String,
    /// Its number, when its content can be blanked.
    pub(super) blank: Option<u32>,
}

/// Everything that happened.
pub(super) fn timeline(teller: &Teller<'_>, view: &ThreadView, around: &Around) -> Vec<Happened> {
    let summary = view.summary.clone().unwrap_or_default();
    let can_blank = view.possible().any(|act| act == Possible::Void);
    let told = view.timeline.iter().rev();
    told.map(|entry| happened(teller, &summary, entry, around, can_blank.then_some(entry.sequence))).collect()
}

/// Whether this structure did it.
fn is_own(summary: &ThreadSummary, entry: &TimelineEntry) -> bool {
    (entry.side() == Side::Sender) == is_ours(summary)
}

fn happened(
    teller: &Teller<'_>,
    summary: &ThreadSummary,
    entry: &TimelineEntry,
    around: &Around,
    blank: Option<u32>,
) -> Happened {
    let ours = is_own(summary, entry);
    let at = entry.created_ms.unwrap_or(entry.stored_ms);
    Happened {
        theirs: !ours,
        when: entry.created_ms.map_or_else(|| teller.utc_day(entry.day), |at| teller.instant(at)),
        stamp: Timestamp::from_millisecond(at).map(|at| at.to_string()).unwrap_or_default(),
        words: event(teller, entry.kind(), &entry.structure_name),
        details: details(teller, entry, around),
        remark: remark(teller, summary, entry),
        blank: blank.filter(|_| ours && is_blankable(entry)),
    }
}

/// What someone did, in one sentence.
pub(super) fn event(teller: &Teller<'_>, kind: EventKind, who: &str) -> String {
    if kind == EventKind::Unspecified {
        return teller.say("event-kind-unknown");
    }
    teller.with(&spelled(kind.as_str_name()), &[("who", who)])
}

fn details(teller: &Teller<'_>, entry: &TimelineEntry, around: &Around) -> Vec<String> {
    let mut details = Vec::new();
    if let Some(answer) = &entry.answer {
        details.push(teller.code(answer.question().as_str_name()));
        if answer.reply.is_some() {
            details
                .push(teller.with("detail-reply", &[("reply", &teller.code(answer.reply().as_str_name()))]));
        }
    }
    if let Some(contact) = &entry.professional {
        let words = joined(&[contact.name.clone(), contact.contact.clone()], ", ");
        details.push(teller.with("detail-contact", &[("contact", &words)]));
    }
    if let Some(course) = &entry.course {
        details.extend(course_details(teller, course));
    }
    if entry.kind() == EventKind::Refused {
        let doors = around.suggested.iter();
        details.extend(doors.map(|door| {
            teller.with("detail-door", &[("service", &door.service), ("structure", &door.structure)])
        }));
    }
    if let Some(note) = &entry.note {
        details.push(teller.with("detail-quoted", &[("text", &note.text)]));
    }
    if let Some(times) = &entry.times {
        let not_before =
            times.not_before_ms.map(|at| teller.with("detail-not-before", &[("date", &teller.day(at))]));
        let until =
            times.offer_until_ms.map(|at| teller.with("detail-offer-until", &[("date", &teller.day(at))]));
        details.extend([not_before, until].into_iter().flatten());
    }
    if let Some(erasure) = &entry.erasure {
        details.extend(erasure_details(teller, erasure));
    }
    details.retain(|detail| !detail.is_empty());
    details
}

fn course_details(teller: &Teller<'_>, course: &Course) -> Vec<String> {
    let mut details = Vec::new();
    if let Some(at) = course.appointment_ms {
        details.push(teller.with("detail-appointment", &[("date", &teller.instant(at))]));
    }
    if let Some(place) = &course.place {
        details.push(teller.with("detail-place", &[("place", place)]));
    }
    if let Some(at) = course.review_ms {
        details.push(teller.with("detail-review", &[("date", &teller.day(at))]));
    }
    if course.reason() != Reason::Unspecified {
        details.push(teller.with("state-why", &[("why", &teller.code(course.reason().as_str_name()))]));
    }
    if course.outcome() != Outcome::Unspecified {
        details.push(teller.with("state-what", &[("what", &teller.code(course.outcome().as_str_name()))]));
    }
    if let Some(account) = &course.account {
        details.push(teller.with("detail-account", &[("text", account)]));
    }
    details
}

/// Parts of a thread in words.
pub(crate) fn parts(
    teller: &Teller<'_>,
    parts: impl Iterator<Item = relais_proto::peer::v1::ThreadPart>,
) -> String {
    let words: Vec<String> = parts.map(|part| teller.code(part.as_str_name())).collect();
    joined(&words, ", ")
}

fn erasure_details(teller: &Teller<'_>, erasure: &Erasure) -> Vec<String> {
    let erased = parts(teller, erasure.parts());
    let mut details = Vec::new();
    if !erased.is_empty() {
        details.push(teller.with("detail-erased", &[("parts", &erased)]));
    }
    details.extend(erasure.kept.iter().map(|kept| kept_detail(teller, kept)));
    if erasure.backup_horizon_ms > 0 {
        details.push(teller.with("detail-horizon", &[("date", &teller.day(erasure.backup_horizon_ms))]));
    }
    details
}

fn kept_detail(teller: &Teller<'_>, kept: &KeptPart) -> String {
    let part = teller.code(kept.part().as_str_name());
    let basis = teller.code(kept.basis().as_str_name());
    teller
        .with("detail-kept", &[("part", &part), ("basis", &basis), ("date", &teller.utc_day(kept.until_day))])
}

fn remark(teller: &Teller<'_>, summary: &ThreadSummary, entry: &TimelineEntry) -> String {
    let peer = [("peer", summary.peer_name.as_str())];
    match entry.effect() {
        Effect::None => teller.say("effect-none"),
        Effect::Local => teller.with("effect-local", &peer),
        Effect::Unspecified | Effect::Counts if is_own(summary, entry) && entry.receipted_ms.is_none() => {
            teller.with("effect-travelling", &peer)
        }
        Effect::Unspecified | Effect::Counts => String::new(),
    }
}

/// Whether the content of an own event can be blanked, and is still there.
fn is_blankable(entry: &TimelineEntry) -> bool {
    let sent = entry.sequence > 0 && entry.effect() == Effect::Counts;
    let holds = entry.note.is_some() || entry.answer.is_some() || entry.course.is_some();
    sent && holds
        && match entry.kind() {
            EventKind::InfoRequested
            | EventKind::InfoGiven
            | EventKind::Waitlisted
            | EventKind::Scheduled
            | EventKind::WithdrawalAsked
            | EventKind::Note
            | EventKind::Corrected => true,
            EventKind::Unspecified
            | EventKind::Sent
            | EventKind::Accepted
            | EventKind::Disclosed
            | EventKind::NoShow
            | EventKind::Arrived
            | EventKind::Closed
            | EventKind::Refused
            | EventKind::Released
            | EventKind::Withdrawn
            | EventKind::Expired
            | EventKind::ConsentEnded
            | EventKind::Voided
            | EventKind::Erased
            | EventKind::Proposed
            | EventKind::Renounced
            | EventKind::Effective
            | EventKind::Cancelled => false,
        }
}
