//! The draft of a handover.

use crate::hex;
use crate::page;
use crate::pages::draft::{self, Flow};
use crate::trouble::Trouble;
use crate::visit::Posted;
use axum::extract::Path;
use axum::response::Response;

/// A handover in two pages.
#[derive(Debug)]
pub(crate) struct Handover;

impl Flow for Handover {
    const FORM: &'static str = "relais";
    const SENT_FORM: &'static str = "relais-propose";
    const ROOT: &'static str = "/relais";
    const SHOWN: &'static [&'static str] = &["structure", "service"];
}

/// A handover that is being written.
pub(crate) type Draft = draft::Draft<Handover>;

/// Gives a draft up.
pub(crate) async fn abandon(Path(id): Path<String>, posted: Posted) -> Result<Response, Trouble> {
    let draft = Draft::load(&posted.session, &id).await?;
    let person = hex::id(draft.form.text("suivi"));
    draft.discard(&posted.session).await?;
    let back = person.map(|id| format!("/personnes/{}", hex::encode(&id)));
    Ok(page::lead(&back.unwrap_or_else(|| "/personnes".to_owned())))
}
