//! What a node remembers for a while only: request ids, ended consents, its own old checkpoints, invitations, former
//! offers. Nothing of a person stands in them; they are dropped so that they do not grow for ever.

#[cfg(test)]
mod tests;

use crate::directory::outdated_offers;
use crate::engine::Engine;
use crate::pairing::{InvitationError, Invitations};
use relais_domain::time::{Span, Timestamp};
use relais_store::batch::{Batch, DocumentWrite, Expected};
use relais_store::rows::{Document, Shelf};
use relais_store::{CommitError, Store, StoreError};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// How long the id of an act is remembered: a retry that comes later is a new act.
pub const REQUEST_REMEMBERED: Span = Span::days(7);
/// How long after the end of its validity a consent that ended is remembered: until then it opens nothing again. Its
/// sender may write none that was valid so long ago.
pub const ENDED_CONSENT_REMEMBERED: Span = Span::days(365);
/// How many of the newest own checkpoints are kept.
pub const CHECKPOINTS_KEPT: usize = 100;

/// How often the node looks for what can be dropped.
const PERIOD: Duration = Duration::from_secs(3_600);
/// Most documents written by one transaction.
const WRITES_MAX: usize = 256;
/// Bytes of a request id: shorter than the digest of a consent, on the same shelf.
const REQUEST_BYTES: usize = 16;
/// Bytes of a consent's digest.
const CONSENT_BYTES: usize = 32;
/// Where the thread of a body on that shelf ends and an instant begins.
const INSTANT_AT: usize = 16;
/// Where it is noted which checkpoint is kept for a day.
const OF_DAY: &[u8] = b"ledger/of-day/";

/// Why nothing was dropped.
#[derive(Debug, thiserror::Error)]
pub enum PruneError {
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A write could not be made.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// An invitation.
    #[error(transparent)]
    Invitation(#[from] InvitationError),
}

/// Drops what need not be remembered any longer, for ever.
pub async fn prune(engine: Arc<Engine>, invitations: Invitations) {
    let mut tick = tokio::time::interval(PERIOD);
    loop {
        tick.tick().await;
        match round(&**engine.store(), &invitations, engine.clock().now()).await {
            Ok(0) => {}
            Ok(dropped) => tracing::info!(dropped, "What was remembered long enough is dropped"),
            Err(error) => tracing::warn!(%error, "Old notes could not be dropped; it is tried again"),
        }
    }
}

/// Drops what need not be remembered at `now`; how many documents that were.
///
/// # Errors
/// [`PruneError`]: what was dropped before stays so.
pub async fn round(
    store: &dyn Store,
    invitations: &Invitations,
    now: Timestamp,
) -> Result<usize, PruneError> {
    let mut writes = Vec::new();
    for document in store.documents(Shelf::Done, &[]).await? {
        writes.extend(done(document, now));
    }
    writes.extend(checkpoints(store, now).await?);
    let offers = outdated_offers(store, now).await?;
    writes.extend(offers.into_iter().map(|key| gone(Shelf::Setting, key)));
    let dropped = writes.iter().filter(|write| write.body.is_none()).count();
    while !writes.is_empty() {
        let documents = writes.drain(..writes.len().min(WRITES_MAX)).collect();
        store.commit(Batch { documents, ..Batch::default() }).await?;
    }
    Ok(dropped + invitations.sweep(now).await?)
}

/// What becomes of an act or an ended consent that is remembered. One that bears no instant, as former versions wrote
/// them, is stamped if it is an act, and stays if it is a consent.
fn done(document: Document, now: Timestamp) -> Option<DocumentWrite> {
    let Document { key, version, mut body } = document;
    let instant = body.get(INSTANT_AT..).and_then(|rest| rest.try_into().ok()).map(i64::from_be_bytes);
    match (key.len(), instant.map(Timestamp)) {
        (REQUEST_BYTES, Some(at)) => (at.plus(REQUEST_REMEMBERED) < now).then(|| gone(Shelf::Done, key)),
        (REQUEST_BYTES, None) if body.len() == INSTANT_AT => {
            body.extend(now.0.to_be_bytes());
            let expected_version = Expected::Version(version);
            Some(DocumentWrite { shelf: Shelf::Done, key, expected_version, body: Some(body) })
        }
        (CONSENT_BYTES, Some(until)) => {
            (until.plus(ENDED_CONSENT_REMEMBERED) < now).then(|| gone(Shelf::Done, key))
        }
        (_, Some(_) | None) => None,
    }
}

/// The checkpoints that are neither among the newest nor the one of their day. Proofs of consistency need none of them:
/// they are kept as evidence of what was signed.
async fn checkpoints(store: &dyn Store, now: Timestamp) -> Result<Vec<DocumentWrite>, StoreError> {
    let mut signed: Vec<Vec<u8>> =
        store.documents(Shelf::Checkpoint, &[]).await?.into_iter().map(|document| document.key).collect();
    let Some(newest) = signed.last().cloned() else { return Ok(Vec::new()) };
    let today = [OF_DAY, &now.day().0.to_be_bytes()].concat();
    let marks = store.documents(Shelf::Setting, OF_DAY).await?;
    let marked = marks.iter().any(|mark| mark.key == today);
    let of_days: BTreeSet<Vec<u8>> = marks.into_iter().map(|mark| mark.body).collect();
    signed.truncate(signed.len().saturating_sub(CHECKPOINTS_KEPT));
    let old = signed.into_iter().filter(|size| !of_days.contains(size));
    let mut writes: Vec<DocumentWrite> = old.map(|size| gone(Shelf::Checkpoint, size)).collect();
    if !marked {
        let (shelf, expected_version) = (Shelf::Setting, Expected::Any);
        writes.push(DocumentWrite { shelf, key: today, expected_version, body: Some(newest) });
    }
    Ok(writes)
}

fn gone(shelf: Shelf, key: Vec<u8>) -> DocumentWrite {
    DocumentWrite { shelf, key, expected_version: Expected::Any, body: None }
}
