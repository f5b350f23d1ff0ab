//! Writing a segment: the rows of all its batches, one statement a table.

use super::check::{Checked, NewDocument};
use super::seal::{self, Keys};
use crate::fault::Fault;
use crate::sql::content::EventPlace;
use crate::sql::document::Spot;
use crate::sql::outbox::Retry;
use crate::sql::{ack, content, document, event, inbox, outbox, prepared, refusal, step, tally, thread};
use relais_domain::content::ContentPart;
use relais_domain::id::{MessageId, ThreadId};
use relais_store::batch::{OutboxChange, Prepared};
use relais_store::rows::{AckRow, EventRow, OutboxRow};
use sqlx::sqlite::SqliteConnection;

/// Writes everything but ledger leaves.
pub(super) async fn write(
    data: &mut SqliteConnection,
    checked: &[Checked<'_>],
    keys: &Keys,
) -> Result<(), Fault> {
    write_threads(data, checked).await?;
    write_sealed(data, checked, keys).await?;
    blank(data, checked, keys).await?;
    erase(data, checked).await?;
    write_documents(data, checked, keys).await?;
    let received: Vec<_> = checked.iter().filter_map(|checked| checked.batch.inbox.as_ref()).collect();
    inbox::insert(data, &received).await?;
    let acks: Vec<&AckRow> = checked.iter().flat_map(|checked| &checked.batch.acks).collect();
    ack::insert(data, &acks).await?;
    let receipted: Vec<MessageId> = acks.iter().map(|row| row.message).collect();
    outbox::remove(data, &receipted).await?;
    change_outbox(data, checked).await?;
    let refusals: Vec<_> = checked.iter().flat_map(|checked| &checked.batch.refusals).collect();
    refusal::count(data, &refusals).await?;
    for quarter in checked.iter().filter_map(|checked| checked.batch.closing) {
        tally::close(data, quarter).await?;
    }
    Ok(())
}

async fn write_threads(data: &mut SqliteConnection, checked: &[Checked<'_>]) -> Result<(), Fault> {
    let writes = || checked.iter().filter_map(Checked::thread);
    let rows: Vec<_> = writes().map(|write| &write.row).collect();
    thread::write(data, &rows).await?;
    let events: Vec<&EventRow> = writes().flat_map(|write| &write.events).collect();
    event::insert(data, &events).await?;
    let messages: Vec<&OutboxRow> = writes().flat_map(|write| &write.outbox).collect();
    outbox::insert(data, &messages).await?;
    let opened: Vec<_> = writes().filter_map(|write| write.tally.as_ref()).collect();
    tally::insert(data, &opened).await?;
    let moved: Vec<_> = writes().filter_map(|write| Some((write.row.id, write.tally_moved?))).collect();
    tally::advance(data, &moved).await
}

async fn write_sealed(
    data: &mut SqliteConnection,
    checked: &[Checked<'_>],
    keys: &Keys,
) -> Result<(), Fault> {
    content::insert(data, &seal::sealed_contents(checked, keys)?).await?;
    let writes = checked.iter().filter_map(Checked::thread);
    let stepping = writes.filter(|write| !seal::steps(write).is_empty());
    let stepping: Vec<ThreadId> = stepping.map(|write| write.row.id).collect();
    let counts = step::counts(data, &stepping).await?;
    step::insert(data, &seal::sealed_steps(checked, keys, &counts)?).await?;
    prepared::put(data, &seal::sealed_prepared(checked, keys)?).await
}

/// Puts what remains of blanked events in the place of their content, or deletes it.
async fn blank(data: &mut SqliteConnection, checked: &[Checked<'_>], keys: &Keys) -> Result<(), Fault> {
    content::blank(data, &seal::sealed_remains(checked, keys)?).await?;
    let all = checked.iter().flat_map(|checked| &checked.blanked);
    let gone: Vec<EventPlace> =
        all.filter(|blanked| blanked.remains.is_none()).map(|blanked| blanked.place).collect();
    content::remove(data, &gone).await
}

/// Deletes the rows of what is erased, and the prepared stage 2 that is no longer kept.
async fn erase(data: &mut SqliteConnection, checked: &[Checked<'_>]) -> Result<(), Fault> {
    let mut parts = Vec::new();
    let mut own = Vec::new();
    let mut unprepared = Vec::new();
    for write in checked.iter().filter_map(Checked::thread) {
        let id = write.row.id;
        parts.extend(write.erase.iter().map(|part| (id, part)));
        own.extend(write.erase.has(ContentPart::Own).then_some(id));
        let gone = write.erase.has(ContentPart::StageTwo) || write.prepared == Prepared::Gone;
        unprepared.extend(gone.then_some(id));
    }
    content::erase(data, &parts).await?;
    step::erase(data, &own).await?;
    prepared::remove(data, &unprepared).await
}

async fn write_documents(
    data: &mut SqliteConnection,
    checked: &[Checked<'_>],
    keys: &Keys,
) -> Result<(), Fault> {
    document::put(data, &seal::stored_documents(checked, keys)?).await?;
    let all = checked.iter().flat_map(|checked| &checked.documents);
    let removed = all.filter(|(_, new)| matches!(new, NewDocument::Removed));
    let removed: Vec<Spot<'_>> = removed.map(|(spot, _)| *spot).collect();
    document::remove(data, &removed).await
}

/// Applies the changes in order; retries that follow each other go in one statement.
async fn change_outbox(data: &mut SqliteConnection, checked: &[Checked<'_>]) -> Result<(), Fault> {
    let mut tried: Vec<Retry> = Vec::new();
    for change in checked.iter().flat_map(|checked| &checked.batch.outbox) {
        match *change {
            OutboxChange::Retry { message, state, attempts, next_at, first_failed_at, last_code } => {
                // One statement updates a message once: a second word on it must wait for the first.
                if tried.iter().any(|retry| retry.message == message) {
                    outbox::retry(data, &std::mem::take(&mut tried)).await?;
                }
                tried.push(Retry { message, state, attempts, next_at, first_failed_at, last_code });
            }
            OutboxChange::Hurry { peer, now } => {
                outbox::retry(data, &std::mem::take(&mut tried)).await?;
                outbox::hurry(data, peer, now).await?;
            }
            OutboxChange::Undelivered { peer, since } => {
                outbox::retry(data, &std::mem::take(&mut tried)).await?;
                outbox::undelivered(data, peer, since).await?;
            }
            OutboxChange::Drop { thread } => {
                outbox::retry(data, &std::mem::take(&mut tried)).await?;
                outbox::drop_thread(data, thread).await?;
            }
        }
    }
    outbox::retry(data, &tried).await
}
