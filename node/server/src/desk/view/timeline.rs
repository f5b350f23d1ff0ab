//! The course of a thread: the events of both ends and the steps kept local, in order.

use super::{Names, number, side};
use crate::desk::threads::Loaded;
use relais_domain::content::Content;
use relais_domain::event::{Counts, Event, Side};
use relais_domain::thread::LocalStep;
use relais_proto::desk::v1 as desk;
use relais_store::rows::{AckRow, EventRow};
use relais_wire::content as translate;
use std::collections::BTreeMap;

pub(super) fn timeline(loaded: &Loaded, names: &Names) -> Vec<desk::TimelineEntry> {
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

pub(super) fn receipt(acks: &[AckRow], event: &Event) -> Option<i64> {
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
