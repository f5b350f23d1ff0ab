//! A consent and what became of it.

use super::{attention, number, side};
use crate::desk::threads::Loaded;
use relais_domain::event::{EventKind, Side};
use relais_proto::desk::v1 as desk;
use relais_wire::content as translate;

/// A consent and what became of it.
pub(in crate::desk) fn consent(loaded: &Loaded) -> desk::ConsentView {
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
