//! My account: password, authenticator, open sessions, keys of my own software.

mod keys;

use crate::hex;
use crate::page::{self, Frame, Mistakes, Place};
use crate::pages::{paper, refused};
use crate::trouble::{Refusal, Trouble};
use crate::visit::{Gate, Posted, Session};
use askama::Template;
use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use relais_proto::desk::v1::{
    AccountView, BeginTotpRequest, ConfirmTotpRequest, RemoveTotpRequest, RevokeSessionRequest,
    ShowAccountRequest, TotpSecret,
};
use relais_proto::peer::v1::YesNo;

/// The routes of the account.
pub(crate) fn router() -> Router<Gate> {
    Router::new()
        .route("/compte", get(show))
        .route("/compte/sessions", post(revoke))
        .route("/compte/logiciels", get(keys::show).post(keys::create))
        .route("/compte/logiciels/retirer", post(keys::revoke))
        .route("/compte/code", get(show_begin).post(begin))
        .route("/compte/code/confirmer", post(confirm))
        .route("/compte/code/retirer", post(remove))
}

#[cfg(test)]
mod tests;

/// One open session.
struct Open {
    id: String,
    agent: String,
    used: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "pages/account.html")]
struct AccountPage {
    frame: Frame,
    roles: Vec<String>,
    professional: String,
    has_totp: bool,
    sessions: Vec<Open>,
    mistakes: Mistakes,
}

#[derive(Template)]
#[template(path = "pages/account_code.html")]
struct CodePage {
    frame: Frame,
    secret: String,
    address: String,
    qr: String,
    mistakes: Mistakes,
}

fn account_page(session: &Session, account: AccountView, mistakes: Mistakes) -> Response {
    let tongue = session.tongue();
    let title = refused::title(tongue, "account-title", &mistakes);
    let role = |role: relais_proto::desk::v1::Role| {
        tongue.say(&format!("role-{}", super::referral::seen::short("ROLE_", role.as_str_name())))
    };
    let sessions = account.sessions.iter().map(|open| Open {
        id: hex::encode(&open.session_id),
        agent: open.agent.clone(),
        used: session.calendar().instant(tongue, open.used_ms),
        current: open.current() == YesNo::Yes,
    });
    let user = account.user.clone().unwrap_or_default();
    let professional = user.professional.clone().unwrap_or_default();
    let shown = AccountPage {
        frame: Frame::signed(session, Place::Account, &title),
        roles: user.roles().map(role).collect(),
        professional: [professional.name, professional.contact].join(" ").trim().to_owned(),
        has_totp: account.has_totp() == YesNo::Yes,
        sessions: sessions.collect(),
        mistakes,
    };
    page::render(shown.mistakes.status(), &shown)
}

async fn account(session: &Session) -> Result<AccountView, Trouble> {
    Ok(session.desk().show_account(session.ask(ShowAccountRequest {})).await?.into_inner())
}

async fn show(session: Session) -> Result<Response, Trouble> {
    let account = account(&session).await?;
    Ok(account_page(&session, account, Mistakes::default()))
}

async fn revoke(posted: Posted) -> Result<Response, Trouble> {
    let Posted { session, form } = posted;
    let session_id = hex::id(form.text("session")).ok_or(Trouble::BadForm)?;
    let revoked = session.desk().revoke_session(session.ask(RevokeSessionRequest { session_id })).await;
    match revoked.map_err(Trouble::from) {
        // One that is closed already is closed: the page says which are open.
        Ok(_) | Err(Trouble::NotFound) => Ok(page::lead("/compte")),
        Err(other) => Err(other),
    }
}

fn code_page(session: &Session, told: TotpSecret, mistakes: Mistakes) -> Response {
    let title = refused::title(session.tongue(), "code-title", &mistakes);
    let frame = Frame::signed(session, Place::Account, &title);
    let TotpSecret { secret, address } = told;
    let qr = paper::drawn(&address).unwrap_or_default();
    let shown = CodePage { frame, secret, address, qr, mistakes };
    page::render(shown.mistakes.status(), &shown)
}

/// What one is asked before a secret is drawn: looking at the page changes nothing.
async fn show_begin(session: Session) -> Result<Response, Trouble> {
    Ok(code_page(&session, TotpSecret::default(), Mistakes::default()))
}

async fn begin(posted: Posted) -> Result<Response, Trouble> {
    let Posted { session, form } = posted;
    let request = BeginTotpRequest { password: form.exact("mot-de-passe").to_owned() };
    match session.desk().begin_totp(session.ask(request)).await {
        Ok(told) => Ok(code_page(&session, told.into_inner(), Mistakes::default())),
        Err(status) => match Trouble::refused(status) {
            Ok(refusal) if refusal.field == "current" => {
                let mut mistakes = Mistakes::default();
                mistakes.add("mot-de-passe", session.tongue().say("account-password-wrong"));
                Ok(code_page(&session, TotpSecret::default(), mistakes))
            }
            Ok(refusal) => settled(refusal),
            Err(other) => Err(other),
        },
    }
}

/// An authenticator that is there already, or is not being set up any more: the account says how it is.
fn settled(refusal: Refusal) -> Result<Response, Trouble> {
    if refusal.code == "totp" { Ok(page::lead("/compte")) } else { Err(Trouble::Refused(refusal)) }
}

async fn confirm(posted: Posted) -> Result<Response, Trouble> {
    let Posted { session, form } = posted;
    let totp = form.text("code").to_owned();
    match session.desk().confirm_totp(session.ask(ConfirmTotpRequest { totp })).await {
        Ok(_) => Ok(page::lead("/compte")),
        Err(status) => match Trouble::refused(status) {
            Ok(refusal) if refusal.is_wrong_digits() => {
                let mut mistakes = Mistakes::default();
                mistakes.add("code", session.tongue().say("code-wrong"));
                // The secret is not shown again by the node: it comes back with the form of this very session.
                let [secret, address] = ["secret", "adresse"].map(|field| form.text(field).to_owned());
                Ok(code_page(&session, TotpSecret { secret, address }, mistakes))
            }
            Ok(refusal) => settled(refusal),
            Err(other) => Err(other),
        },
    }
}

async fn remove(posted: Posted) -> Result<Response, Trouble> {
    let Posted { session, form } = posted;
    let request = RemoveTotpRequest { name: String::new(), password: form.exact("mot-de-passe").to_owned() };
    match session.desk().remove_totp(session.ask(request)).await {
        Ok(_) => Ok(page::lead("/compte")),
        Err(status) => match Trouble::refused(status) {
            Ok(_) => {
                let mut mistakes = Mistakes::default();
                mistakes.add("mot-de-passe", session.tongue().say("account-password-wrong"));
                let account = account(&session).await?;
                Ok(account_page(&session, account, mistakes))
            }
            Err(other) => Err(other),
        },
    }
}
