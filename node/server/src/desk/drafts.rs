//! Forms that a professional has begun: sealed at rest, read by their author alone, forgotten after a week.

use super::{Caller, Desk, answer};
use crate::engine::{Engine, EngineError};
use crate::users::Users;
use prost::Message as _;
use relais_domain::id::ProfessionalId;
use relais_domain::time::{Span, Timestamp};
use relais_proto::desk::v1 as desk;
use relais_store::batch::{Batch, DocumentWrite, Expected};
use relais_store::rows::{Document, Shelf};
use relais_store::{CommitError, Store};
use std::sync::Arc;
use std::time::Duration;
use tonic::Status;

/// Most drafts of one form of one professional; older ones of that form give way. What is left of a form that was sent is
/// another form: however much is sent, nothing that is being written is forgotten for it.
const DRAFTS_OF_A_FORM_MAX: usize = 40;
/// Most drafts of one professional in all.
const DRAFTS_MAX: usize = 200;
/// Most bytes of a form's fields.
const FIELDS_BYTES_MAX: usize = 65_536;
/// Most bytes of what a list tells a form apart by.
const SUBJECT_BYTES_MAX: usize = 4_096;
/// Most letters of a form's name.
const FORM_CHARS_MAX: usize = 40;
/// How long after it was saved last a draft is kept.
const DRAFT_KEPT: Span = Span::days(7);
/// How often drafts that are too old are looked for.
const PERIOD: Duration = Duration::from_secs(600);

/// A draft's key on its shelf: its author, then its id. Whoever asks names their own part alone.
fn key(author: ProfessionalId, draft: &[u8; 16]) -> Vec<u8> {
    [author.as_bytes().as_slice(), draft].concat()
}

fn draft_id(bytes: &[u8]) -> Result<[u8; 16], Status> {
    bytes.try_into().map_err(|_| answer::field("draft_id", "16 bytes, drawn when the form was begun"))
}

fn check_form(form: &str) -> Result<(), Status> {
    let fits = (1..=FORM_CHARS_MAX).contains(&form.len());
    if fits && form.bytes().all(|letter| letter.is_ascii_lowercase() || letter == b'-') {
        return Ok(());
    }
    let problem = format!("1 to {FORM_CHARS_MAX} lower-case letters and hyphens");
    Err(answer::field("form", &problem))
}

fn is_kept(draft: &desk::DraftView, now: Timestamp) -> bool {
    now < Timestamp(draft.saved_ms).plus(DRAFT_KEPT)
}

fn read(document: &Document) -> Result<desk::DraftView, EngineError> {
    desk::DraftView::decode(document.body.as_slice())
        .map_err(|_| EngineError::Corrupt("draft: not a draft's document".to_owned()))
}

fn removal(key: Vec<u8>) -> DocumentWrite {
    DocumentWrite { shelf: Shelf::Draft, key, expected_version: Expected::Any, body: None }
}

async fn commit(store: &dyn Store, documents: Vec<DocumentWrite>) -> Result<(), EngineError> {
    match store.commit(Batch { documents, ..Batch::default() }).await {
        Ok(()) => Ok(()),
        Err(CommitError::Conflict) => Err(EngineError::Busy),
        Err(CommitError::Store(error)) => Err(error.into()),
    }
}

/// An author's drafts with their keys, the newest first.
async fn of_author(
    store: &dyn Store,
    author: ProfessionalId,
) -> Result<Vec<(Vec<u8>, desk::DraftView)>, EngineError> {
    let documents = store.documents(Shelf::Draft, author.as_bytes()).await?;
    let drafts = documents.into_iter().map(|document| Ok((document.key.clone(), read(&document)?)));
    let mut drafts = drafts.collect::<Result<Vec<_>, EngineError>>()?;
    drafts.sort_by_key(|(_, draft)| std::cmp::Reverse(draft.saved_ms));
    Ok(drafts)
}

/// The keys of those that give way to one more of this form, of an author's others, the newest first.
fn too_many(others: Vec<(Vec<u8>, desk::DraftView)>, form: &str) -> impl Iterator<Item = Vec<u8>> {
    let mut of_the_form = 1;
    others.into_iter().enumerate().filter_map(move |(place, (key, other))| {
        of_the_form += usize::from(other.form == form);
        let gives_way = other.form == form && of_the_form > DRAFTS_OF_A_FORM_MAX;
        (gives_way || place + 1 >= DRAFTS_MAX).then_some(key)
    })
}

impl Desk {
    pub(super) async fn save_draft(
        &self,
        request: desk::SaveDraftRequest,
        caller: &Caller,
    ) -> Result<desk::DraftView, Status> {
        let key = key(caller.id, &draft_id(&request.draft_id)?);
        check_form(&request.form)?;
        if request.fields.len() > FIELDS_BYTES_MAX {
            return Err(answer::field("fields", &format!("{FIELDS_BYTES_MAX} bytes at most")));
        }
        if request.subject.len() > SUBJECT_BYTES_MAX {
            return Err(answer::field("subject", &format!("{SUBJECT_BYTES_MAX} bytes at most")));
        }
        let store = &**self.engine.store();
        let draft = desk::DraftView {
            draft_id: request.draft_id,
            form: request.form,
            fields: request.fields,
            subject: request.subject,
            saved_ms: self.engine.clock().now().0,
        };
        let others = of_author(store, caller.id).await.map_err(answer::engine)?;
        let others = others.into_iter().filter(|(other, _)| *other != key).collect();
        let mut writes: Vec<DocumentWrite> = too_many(others, &draft.form).map(removal).collect();
        writes.push(DocumentWrite {
            shelf: Shelf::Draft,
            key,
            expected_version: Expected::Any,
            body: Some(draft.encode_to_vec()),
        });
        commit(store, writes).await.map_err(answer::engine)?;
        Ok(desk::DraftView { fields: Vec::new(), ..draft })
    }

    pub(super) async fn show_draft(
        &self,
        request: &desk::ShowDraftRequest,
        caller: &Caller,
    ) -> Result<desk::DraftView, Status> {
        let key = key(caller.id, &draft_id(&request.draft_id)?);
        let found = self.engine.store().document(Shelf::Draft, &key).await;
        let found = found.map_err(|error| answer::engine(error.into()))?.ok_or_else(answer::not_there)?;
        let draft = read(&found).map_err(answer::engine)?;
        if is_kept(&draft, self.engine.clock().now()) { Ok(draft) } else { Err(answer::not_there()) }
    }

    pub(super) async fn list_drafts(
        &self,
        request: &desk::ListDraftsRequest,
        caller: &Caller,
    ) -> Result<desk::ListDraftsResponse, Status> {
        let now = self.engine.clock().now();
        let drafts = of_author(&**self.engine.store(), caller.id).await.map_err(answer::engine)?;
        let drafts = drafts.into_iter().map(|(_, draft)| draft);
        let wanted = |draft: &desk::DraftView| {
            is_kept(draft, now) && (request.form.is_empty() || draft.form == request.form)
        };
        let brief = |draft| desk::DraftView { fields: Vec::new(), ..draft };
        Ok(desk::ListDraftsResponse { drafts: drafts.filter(wanted).map(brief).collect() })
    }

    pub(super) async fn discard_draft(
        &self,
        request: &desk::DiscardDraftRequest,
        caller: &Caller,
    ) -> Result<desk::DiscardDraftResponse, Status> {
        let key = key(caller.id, &draft_id(&request.draft_id)?);
        commit(&**self.engine.store(), vec![removal(key)]).await.map_err(answer::engine)?;
        Ok(desk::DiscardDraftResponse {})
    }
}

/// Forgets drafts that nobody saved for a week, for ever.
pub(crate) async fn keep(engine: Arc<Engine>, users: Users) {
    let mut tick = tokio::time::interval(PERIOD);
    loop {
        tick.tick().await;
        if let Err(error) = prune(&engine, &users).await {
            tracing::warn!(%error, "Old drafts could not be forgotten; it is tried again");
        }
    }
}

/// Forgets every draft that is too old; one author's drafts are in memory at a time.
async fn prune(engine: &Engine, users: &Users) -> Result<(), EngineError> {
    let store = &**engine.store();
    let now = engine.clock().now();
    let authors = match users.all().await {
        Ok(users) => users,
        Err(error) => {
            tracing::warn!(%error, "Users cannot be read: old drafts wait");
            return Ok(());
        }
    };
    for (author, _) in authors {
        let drafts = of_author(store, author).await?;
        let old = drafts.into_iter().filter(|(_, draft)| !is_kept(draft, now));
        let writes: Vec<DocumentWrite> = old.map(|(key, _)| removal(key)).collect();
        if !writes.is_empty() {
            commit(store, writes).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
