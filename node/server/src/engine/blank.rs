//! What a `Voided` does at rest: the content of the event it names is blanked at both ends, its instants stay.

use relais_domain::event::{Counts, EventKind, Side};
use relais_domain::thread::Thread;
use relais_store::batch::Blank;
use relais_store::rows::StoredThread;
use relais_wire::envelope;
use std::collections::BTreeSet;

/// What is to be blanked now, and whether more waits for a receipt.
#[derive(Debug, Default)]
pub(super) struct Blanks {
    /// What is blanked in this commit.
    pub(super) now: Vec<Blank>,
    /// An own event that the partner has not signed for is still to leave whole: its blanking waits.
    pub(super) waits: bool,
}

/// Everything that a counting `Voided` of `thread` names and that is still stored whole. Of our own events only those
/// whose receipts are held (`acked`, by sequence).
///
/// # Errors
/// What contradicts itself, never the value.
pub(super) fn blanks(
    stored: &StoredThread,
    thread: &Thread,
    acked: &BTreeSet<u32>,
) -> Result<Blanks, String> {
    let mut blanks = Blanks::default();
    for side in [Side::Sender, Side::Receiver] {
        for sequence in voided(thread, side) {
            let event = stored.events.iter().find(|event| event.side == side && event.sequence == sequence);
            let Some(content) = event.and_then(|event| event.content.as_ref()) else { continue };
            let remains =
                envelope::blanked(content.expose()).map_err(|error| format!("event.content: {error}"))?;
            if remains.as_ref() == Some(content.expose()) {
                continue;
            }
            if side == thread.side && !acked.contains(&sequence) {
                blanks.waits = true;
                continue;
            }
            let remains = remains.map(relais_domain::personal::Personal::new);
            blanks.now.push(Blank { side, sequence, remains });
        }
    }
    Ok(blanks)
}

fn voided(thread: &Thread, side: Side) -> BTreeSet<u32> {
    let counting = thread
        .chain(side)
        .iter()
        .filter(|event| event.skeleton.kind == EventKind::Voided && event.counts == Counts::Yes);
    counting.filter_map(|event| event.content.as_ref()?.course.as_ref()?.voids).collect()
}
