//! A thread as a professional sees it: state, course, what is still held, what is awaited, what can be done.

use super::threads::Loaded;
use crate::register::{self, Theirs};
use relais_domain::content::{Content, ContentPart, FeedbackLevel};
use relais_domain::decide::Attention;
use relais_domain::event::{Counts, Event, EventKind, Side, ThreadKind};
use relais_domain::fold::{Parts, State, Step, WalkIn};
use relais_domain::thread::{Freeze, LocalStep, Signing, Thread};
use relais_proto::desk::v1 as desk;
use relais_store::rows::{AckRow, EventRow, OutboxRow};
use relais_wire::content as translate;
use std::collections::BTreeMap;

/// The number of a code as protobuf enums hold it.
pub(super) fn number(code: u32) -> i32 {
    i32::try_from(code).unwrap_or(0)
}

fn side(side: Side) -> i32 {
    number(side.number())
}

/// Names of structures by their part in a thread.
#[derive(Clone, Debug)]
pub(super) struct Names {
    pub(super) own: String,
    pub(super) peer: String,
}

/// One thread in a list.
pub(super) fn summary(loaded: &Loaded, names: &Names) -> desk::ThreadSummary {
    let thread = &loaded.thread;
    let row = &loaded.stored.row;
    let need = thread.opening().and_then(|content| content.need.as_ref());
    let theme = |theme: &relais_domain::theme::Theme| theme.code().to_owned();
    let theirs = match register::theirs(thread.side, &loaded.stored.events) {
        Theirs::Did(kind, at) => Some((kind, at)),
        Theirs::Unknown | Theirs::Nothing => None,
    };
    desk::ThreadSummary {
        thread_id: thread.id.as_bytes().to_vec(),
        kind: number(thread.kind.number()),
        side: side(thread.side),
        peer_id: thread.peer.as_bytes().to_vec(),
        peer_name: names.peer.clone(),
        step: number(thread.step().number()),
        label: thread.label().map_or(0, |label| number(label.number())),
        settlement: settlement(loaded).into(),
        consent: number(thread.standing.number()),
        themes: need.map(|need| need.themes.iter().map(theme).collect()).unwrap_or_default(),
        urgency: need.map_or(0, |need| number(need.urgency.number())),
        service_id: need.map(|need| need.service.to_string()).unwrap_or_default(),
        name: name(thread).map(|name| translate::name_to_proto(&name)),
        due: row.due.map(|(kind, owner, at)| desk::Due {
            kind: number(kind.number()),
            owner: number(owner.number()),
            at_ms: at.0,
        }),
        attention: attention(loaded),
        undelivered: u32::try_from(loaded.outbox.len()).unwrap_or(u32::MAX),
        opened_ms: row.opened_at.0,
        changed_ms: row.changed_at.0,
        latest_theirs: theirs.map_or(0, |(kind, _)| number(kind.number())),
        latest_theirs_ms: theirs.map(|(_, at)| at.0),
        reference: super::walk_in::reference(thread),
    }
}

/// What someone must be told, as the row remembers it.
pub(super) fn attention(loaded: &Loaded) -> Vec<i32> {
    let bits = loaded.stored.row.attention;
    let told = Attention::ALL.iter().filter(|one| bits & (1 << one.number()) != 0);
    told.map(|one| number(one.number())).collect()
}

/// The name, as far as this end holds it.
fn name(thread: &Thread) -> Option<relais_domain::content::Name> {
    let told = thread.sender.iter().filter_map(|event| event.content.as_ref()?.name.clone()).next_back();
    told.or_else(|| thread.prepared.as_ref()?.name.clone())
}

/// Whether the label is final at this end: an end-event is seen, our latest event is receipted, and every event that
/// receipt names is here.
pub(super) fn settlement(loaded: &Loaded) -> desk::Settlement {
    let thread = &loaded.thread;
    if !thread.state().ended {
        return desk::Settlement::Live;
    }
    let theirs = thread.head(thread.side.other()).map_or(0, |link| link.sequence);
    let settled = match thread.head(thread.side) {
        None => true,
        Some(head) => loaded.acks.iter().any(|ack| {
            ack.sequence == head.sequence && ack.names.map_or(0, |named| named.sequence) <= theirs
        }),
    };
    if settled { desk::Settlement::Settled } else { desk::Settlement::Provisional }
}

/// One thread.
pub(super) fn view(loaded: &Loaded, names: &Names) -> desk::ThreadView {
    let thread = &loaded.thread;
    let state = thread.state();
    let opening = thread.opening();
    let need = opening.and_then(|content| content.need.as_ref());
    desk::ThreadView {
        summary: Some(summary(loaded, names)),
        stage_one: opening.map(stage_one),
        stage_two: disclosed(thread).map(stage_two),
        disclosure: if state.disclosed { desk::Disclosure::Done } else { desk::Disclosure::NotYet }.into(),
        held: parts(thread.parts_held()),
        erased_here: parts(state.erased_by(thread.side)),
        erased_there: parts(state.erased_by(thread.side.other())),
        feedback: need.map_or(0, |need| number(need.feedback.number())),
        deadline_ms: state.deadline.map(|at| at.0),
        consent_until_ms: thread.valid_until.0,
        consent_digest: thread.consent_digest.as_bytes().to_vec(),
        timeline: timeline(loaded, names),
        other_settlement: desk::Settlement::Unspecified.into(),
        follow_up_id: thread.follow_up.map(|id| id.as_bytes().to_vec()).unwrap_or_default(),
        handover: (thread.kind == ThreadKind::Handover).then(|| handover(loaded, &state, names)),
        possible: possible(thread, &state).into_iter().map(i32::from).collect(),
        remarks: Vec::new(),
        coded_remarks: Vec::new(),
        delayed: None,
        territory_name: thread
            .opening()
            .and_then(|opening| opening.need.as_ref())
            .map_or_else(String::new, |need| need.territory.name().to_owned()),
    }
}

fn parts(parts: Parts) -> Vec<i32> {
    parts.iter().map(|part: ContentPart| number(part.number())).collect()
}

/// What leaves before the answer.
pub(super) fn stage_one(content: &Content) -> desk::StageOne {
    desk::StageOne {
        need: content.need.as_ref().map(translate::need_to_proto),
        constraints: content.constraints.as_ref().map(translate::constraints_to_proto),
        level: content.level.as_ref().map(translate::level_to_proto),
        eligibility: content.eligibility.as_ref().map(translate::eligibility_to_proto),
        note: content.note.as_ref().map(translate::note_to_proto),
        name: content.name.as_ref().map(translate::name_to_proto),
    }
}

fn disclosed(thread: &Thread) -> Option<&Content> {
    let disclosed = thread.sender.iter().find(|event| event.skeleton.kind == EventKind::Disclosed);
    disclosed.and_then(|event| event.content.as_ref()).or(thread.prepared.as_ref())
}

/// What leaves only once the receiver accepted.
pub(super) fn stage_two(content: &Content) -> desk::StageTwo {
    desk::StageTwo {
        name: content.name.as_ref().map(translate::name_to_proto),
        contact: content.contact.as_ref().map(translate::contact_to_proto),
        handover: content.handover.as_ref().map(translate::handover_to_proto),
        documents: content.documents.as_deref().map(translate::documents_to_proto),
        sensitive: content.sensitive.as_ref().map(translate::sensitive_to_proto),
    }
}

fn timeline(loaded: &Loaded, names: &Names) -> Vec<desk::TimelineEntry> {
    let thread = &loaded.thread;
    let rows: BTreeMap<(Side, u32), &EventRow> =
        loaded.stored.events.iter().map(|row| ((row.side, row.sequence), row)).collect();
    let mut entries = Vec::new();
    for at in [Side::Sender, Side::Receiver] {
        for event in thread.chain(at) {
            let row = rows.get(&(at, event.skeleton.sequence)).copied();
            let receipted = (at == thread.side).then(|| receipt(&loaded.acks, event)).flatten();
            let stored = row.map_or(0, |row| row.stored_at.0);
            let who = if at == thread.side { &names.own } else { &names.peer };
            entries.push(event_entry(event, at, who, stored, receipted));
        }
    }
    let local = thread.steps.iter().map(|step| local_entry(step, thread.side, &names.own));
    entries.extend(local);
    // What arrived comes before what it brought about in the same instant.
    let ours = side(thread.side);
    entries.sort_by_key(|entry| (entry.stored_ms, entry.side == ours, entry.sequence));
    entries
}

fn receipt(acks: &[AckRow], event: &Event) -> Option<i64> {
    acks.iter().find(|ack| ack.message == event.skeleton.message).map(|ack| ack.stored_at.0)
}

fn event_entry(
    event: &Event,
    at: Side,
    who: &str,
    stored_ms: i64,
    receipted_ms: Option<i64>,
) -> desk::TimelineEntry {
    let effect = match event.counts {
        Counts::Yes => desk::Effect::Counts,
        Counts::No => desk::Effect::None,
    };
    let entry = desk::TimelineEntry {
        side: side(at),
        structure_name: who.to_owned(),
        kind: number(event.skeleton.kind.number()),
        sequence: event.skeleton.sequence,
        message_id: event.skeleton.message.as_bytes().to_vec(),
        day: event.skeleton.day.0,
        stored_ms,
        receipted_ms,
        effect: effect.into(),
        ..desk::TimelineEntry::default()
    };
    match &event.content {
        Some(content) => with_content(entry, content),
        None => entry,
    }
}

fn local_entry(step: &LocalStep, at: Side, who: &str) -> desk::TimelineEntry {
    let created = step.content.times.map(|times| times.created.0);
    let entry = desk::TimelineEntry {
        side: side(at),
        structure_name: who.to_owned(),
        kind: number(step.kind.number()),
        stored_ms: created.unwrap_or(0),
        effect: desk::Effect::Local.into(),
        ..desk::TimelineEntry::default()
    };
    with_content(entry, &step.content)
}

fn with_content(entry: desk::TimelineEntry, content: &Content) -> desk::TimelineEntry {
    desk::TimelineEntry {
        created_ms: content.times.map(|times| times.created.0),
        answer: content.answer.as_ref().map(translate::answer_to_proto),
        professional: content.professional.as_ref().map(translate::professional_to_proto),
        course: content.course.as_ref().map(translate::course_to_proto),
        note: content.note.as_ref().map(translate::note_to_proto),
        times: content.times.as_ref().map(translate::times_to_proto),
        erasure: content.erasure.as_ref().map(translate::erasure_to_proto),
        ..entry
    }
}

fn handover(loaded: &Loaded, state: &State, names: &Names) -> desk::HandoverView {
    let thread = &loaded.thread;
    let responsible = state.responsible();
    let ours = responsible == thread.side;
    let confirmed =
        thread.chain(Side::Sender).iter().find(|event| event.skeleton.kind == EventKind::Effective);
    let confirmed = confirmed.and_then(|event| receipt(&loaded.acks, event));
    let name = if ours { &names.own } else { &names.peer };
    desk::HandoverView {
        responsible: side(responsible),
        responsible_id: if ours { Vec::new() } else { thread.peer.as_bytes().to_vec() },
        responsible_name: name.clone(),
        not_before_ms: state.not_before.map(|at| at.0),
        offer_until_ms: state.offer_until.map(|at| at.0),
        signing: match (thread.side, thread.signing) {
            (Side::Receiver, _) => desk::Signing::Unspecified.into(),
            (Side::Sender, Signing::ByItself) => desk::Signing::ByItself.into(),
            (Side::Sender, Signing::Asks) => desk::Signing::Asks.into(),
        },
        confirmed_ms: confirmed,
        sentence: sentence(thread.side, state, confirmed, names),
    }
}

/// What the professional has to know now.
fn sentence(at: Side, state: &State, confirmed: Option<i64>, names: &Names) -> String {
    match (at, state.effective, confirmed) {
        (Side::Sender, true, None) => {
            format!("passé à {}, pas encore confirmé : continuez", names.peer)
        }
        (Side::Sender, true, Some(_)) => format!("suivi par {}, confirmé", names.peer),
        (Side::Sender, false, _) => format!("toujours suivi par {}", names.own),
        (Side::Receiver, true, _) => format!("suivi par {}", names.own),
        (Side::Receiver, false, _) => format!("toujours suivi par {}", names.peer),
    }
}

/// A consent and what became of it.
pub(super) fn consent(loaded: &Loaded) -> desk::ConsentView {
    let thread = &loaded.thread;
    let ended = loaded.stored.events.iter().filter(|row| row.kind == EventKind::ConsentEnded);
    let first = ended.min_by_key(|row| row.stored_at);
    let reason = first.and_then(|row| {
        let event = thread.chain(row.side).iter().find(|event| event.skeleton.sequence == row.sequence)?;
        event.content.as_ref()?.reason()
    });
    let mut erasures = Vec::new();
    for at in [Side::Sender, Side::Receiver] {
        for event in thread.chain(at).iter().filter(|event| event.skeleton.kind == EventKind::Erased) {
            let erasure = event.content.as_ref().and_then(|content| content.erasure.as_ref());
            let erasure = erasure.map(translate::erasure_to_proto);
            erasures.push(desk::ErasureView { side: side(at), erasure });
        }
    }
    desk::ConsentView {
        thread_id: thread.id.as_bytes().to_vec(),
        digest: thread.consent_digest.as_bytes().to_vec(),
        standing: number(thread.standing.number()),
        valid_until_ms: thread.valid_until.0,
        consent: thread.consent.as_ref().map(|signed| relais_wire::consent::to_proto(&signed.consent)),
        ended_ms: first.map(|row| row.stored_at.0),
        ended_by: first.map_or(0, |row| side(row.side)),
        reason: reason.map_or(0, |reason| number(reason.number())),
        erasures,
        attention: attention(loaded),
        stop_code: String::new(),
    }
}

/// Acts that this end could do now.
fn possible(thread: &Thread, state: &State) -> Vec<desk::Possible> {
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

/// Since when messages of a thread wait in vain.
pub(super) fn not_delivered_since(outbox: &[OutboxRow]) -> Option<i64> {
    outbox.iter().filter_map(|row| row.first_failed_at).min().map(|at| at.0)
}
