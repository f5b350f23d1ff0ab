//! A thread as a professional sees it: state, course, what is still held, what is awaited, what can be done.

mod consent;
mod handover;
mod possible;
mod timeline;

pub(super) use consent::consent;

use super::threads::Loaded;
use crate::register::{self, Theirs};
use handover::handover;
use possible::possible;
use relais_domain::content::{Content, ContentPart};
use relais_domain::decide::Attention;
use relais_domain::event::{EventKind, Side, ThreadKind};
use relais_domain::fold::Parts;
use relais_domain::thread::Thread;
use relais_proto::desk::v1 as desk;
use relais_store::rows::OutboxRow;
use relais_wire::content as translate;
use timeline::timeline;

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

/// Since when messages of a thread wait in vain.
pub(super) fn not_delivered_since(outbox: &[OutboxRow]) -> Option<i64> {
    outbox.iter().filter_map(|row| row.first_failed_at).min().map(|at| at.0)
}
