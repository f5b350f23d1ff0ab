//! Whether the node answers partners' inquiries by itself: everyone sees it, an admin sets it.

use super::administer;
use crate::page;
use crate::trouble::Trouble;
use crate::visit::{Posted, Session};
use axum::response::Response;
use relais_proto::desk::v1::{Role, SetInquiryAnswersRequest, ShowInquiryAnswersRequest};
use relais_proto::peer::v1::YesNo;
use tonic::Code;

/// The setting as it is shown.
#[derive(Debug)]
pub(crate) struct Setting {
    /// How it is now.
    pub(crate) words: String,
    /// What the button says that changes it; empty for who may not.
    pub(crate) act: String,
    /// What it sends.
    pub(crate) value: &'static str,
}

/// The setting; `None` of a node of before, which knows no inquiries.
///
/// # Errors
/// [`Trouble`] when the node does not answer.
pub(super) async fn setting(session: &Session) -> Result<Option<Setting>, Trouble> {
    let shown = match session.desk().show_inquiry_answers(session.ask(ShowInquiryAnswersRequest {})).await {
        Ok(shown) => shown.into_inner(),
        Err(status) if status.code() == Code::Unimplemented => return Ok(None),
        Err(status) => return Err(status.into()),
    };
    let (words, act, value) = match shown.automatic() {
        YesNo::Yes => ("inquiry-setting-yes", "inquiry-set-no", "non"),
        YesNo::No | YesNo::Unspecified => ("inquiry-setting-no", "inquiry-set-yes", "oui"),
    };
    let may = session.has(Role::Admin);
    let act = if may { session.tongue().say(act) } else { String::new() };
    Ok(Some(Setting { words: session.tongue().say(words), act, value }))
}

/// Sets it. Each button bears what it makes: pressed twice, it says the same twice.
pub(crate) async fn set(posted: Posted) -> Result<Response, Trouble> {
    let Posted { session, form } = posted;
    administer(&session)?;
    let automatic = match form.text("automatique") {
        "oui" => YesNo::Yes,
        "non" => YesNo::No,
        _ => return Err(Trouble::BadForm),
    };
    let request = SetInquiryAnswersRequest { automatic: automatic.into() };
    session.desk().set_inquiry_answers(session.ask(request)).await?;
    Ok(page::lead("/structure/services#demandes"))
}
