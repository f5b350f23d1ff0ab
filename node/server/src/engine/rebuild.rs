//! From what is stored to a thread. What cannot be read contradicts itself; it never becomes a default.

use relais_domain::event::{Event, Side};
use relais_domain::thread::{LocalStep, Thread};
use relais_store::rows::{EventRow, StepRow, StoredThread};
use relais_wire::envelope;

/// Rebuilds a thread.
///
/// # Errors
/// What contradicts itself, by field, never the value.
pub fn rebuild(stored: &StoredThread) -> Result<Thread, String> {
    let row = &stored.row;
    let mut sender = Vec::new();
    let mut receiver = Vec::new();
    for event in &stored.events {
        let chain = match event.side {
            Side::Sender => &mut sender,
            Side::Receiver => &mut receiver,
        };
        chain.push(rebuild_event(event)?);
        if usize::try_from(event.sequence).ok() != Some(chain.len()) {
            return Err("event.sequence: a chain has a gap".to_owned());
        }
    }
    let opening: Option<&Event> = sender.first();
    let consent = opening.and_then(|event| event.content.as_ref()?.consent.clone());
    let prepared = match &stored.prepared {
        None => None,
        Some(bytes) => {
            Some(envelope::unshelve(bytes.expose()).map_err(|error| format!("prepared: {error}"))?)
        }
    };
    Ok(Thread {
        id: row.id,
        kind: row.kind,
        side: row.side,
        peer: row.peer,
        sender,
        receiver,
        consent_digest: row.consent,
        consent,
        standing: row.standing,
        valid_until: row.valid_until,
        steps: stored.steps.iter().map(rebuild_step).collect::<Result<_, _>>()?,
        prepared,
        follow_up: row.follow_up,
        signing: row.signing,
        freeze: row.freeze,
        version: row.version,
    })
}

fn rebuild_event(row: &EventRow) -> Result<Event, String> {
    let skeleton =
        envelope::stored_skeleton(&row.payload).map_err(|error| format!("event.payload: {error}"))?;
    let content = match &row.content {
        None => None,
        Some(parts) => Some(
            envelope::reopen(parts.expose(), &skeleton).map_err(|error| format!("event.content: {error}"))?,
        ),
    };
    Ok(Event { skeleton, identity: row.identity, content, counts: row.counts })
}

fn rebuild_step(row: &StepRow) -> Result<LocalStep, String> {
    let content =
        envelope::unshelve(row.content.expose()).map_err(|error| format!("step.content: {error}"))?;
    Ok(LocalStep { kind: row.kind, after: row.after, content })
}
