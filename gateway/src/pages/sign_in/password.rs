//! Setting the password.

use super::onward::open;
use crate::page::{self, Frame, Mistakes, Place};
use crate::pages::refused;
use crate::trouble::Trouble;
use crate::visit::{Posted, Session};
use askama::Template;
use axum::response::Response;
use relais_proto::desk::v1::{Role, SetPasswordRequest, ShowAccountRequest};
use relais_proto::peer::v1::YesNo;

#[derive(Template)]
#[template(path = "pages/password.html")]
struct PasswordPage {
    frame: Frame,
    asks_current: bool,
    mistakes: Mistakes,
}

/// Whoever has no password yet is not asked for it.
async fn password_page(session: &Session, mistakes: Mistakes) -> Result<Response, Trouble> {
    let account = session.desk().show_account(session.ask(ShowAccountRequest {})).await?.into_inner();
    let title = refused::title(session.tongue(), "password-title", &mistakes);
    let status = mistakes.status();
    let frame = Frame::signed(session, Place::Account, &title);
    let asks_current = account.has_password() == YesNo::Yes;
    Ok(page::render(status, &PasswordPage { frame, asks_current, mistakes }))
}

/// Shows the form of a new password.
pub(crate) async fn show_password(session: Session) -> Result<Response, Trouble> {
    password_page(&session, Mistakes::default()).await
}

/// An admin goes on to what is left to do in the structure.
fn after_password(session: &Session) -> &'static str {
    if session.has(Role::Admin) { "/structure" } else { session.home() }
}

/// Sets the password.
pub(crate) async fn set_password(posted: Posted) -> Result<Response, Trouble> {
    let Posted { session, form } = posted;
    let current = form.exact("actuel").to_owned();
    let password = form.exact("nouveau").to_owned();
    let mut mistakes = Mistakes::default();
    match session.desk().set_password(session.ask(SetPasswordRequest { current, password })).await {
        Ok(answer) => open(&session.visit.gate, answer.into_inner(), after_password(&session)),
        Err(status) => match Trouble::refused(status) {
            Ok(refusal) => {
                let field = if refusal.field == "current" { "actuel" } else { "nouveau" };
                mistakes.add(field, refusal.words(session.tongue()));
                password_page(&session, mistakes).await
            }
            Err(other) => Err(other),
        },
    }
}
