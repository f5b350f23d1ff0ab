//! Signing in: with a password, with a single-use link, and setting the password.

mod link;
mod onward;
mod password;

pub(crate) use link::{follow_link, show_link};
pub(crate) use password::{set_password, show_password};

use crate::cookie;
use crate::form::Form;
use crate::page::{self, Frame, Mistakes};
use crate::pages::refused;
use crate::pages::writing::{self, Kept};
use crate::tongue::{Language, Tongue};
use crate::trouble::Trouble;
use crate::visit::{LANGUAGE_COOKIE, Posted, Visit};
use askama::Template;
use axum::extract::Query;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use onward::{Onward, go_on};
use relais_proto::desk::v1::{SignInRequest, SignInState, SignOutRequest};
use serde::Deserialize;

/// What follows `/connexion?`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// The page to come back to.
    #[serde(default)]
    suite: String,
}

#[derive(Template)]
#[template(path = "pages/sign_in.html")]
struct SignInPage {
    frame: Frame,
    name: String,
    onward: Onward,
    asks_totp: bool,
    mistakes: Mistakes,
}

/// Whether the authenticator's digits are asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Totp {
    NotAsked,
    Asked,
}

fn sign_in_page(visit: &Visit, name: &str, onward: Onward, totp: Totp, mistakes: Mistakes) -> Response {
    let title = refused::title(visit.tongue, "sign-in-title", &mistakes);
    let (status, asks_totp) = (mistakes.status(), totp == Totp::Asked);
    let (name, mut frame) = (name.to_owned(), Frame::public(visit, &title));
    if let Some(kept) = &onward.kept {
        frame = frame.carrying(kept);
    }
    page::render(status, &SignInPage { frame, name, onward, asks_totp, mistakes })
}

/// Shows the form.
pub(crate) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Response {
    sign_in_page(&visit, "", Onward::to(&asked.suite), Totp::NotAsked, Mistakes::default())
}

/// Shows the form to someone whose session ended while they wrote: it carries what they wrote.
pub(crate) fn again(visit: &Visit, kept: Kept) -> Response {
    let name = kept.author().to_owned();
    let onward = Onward { address: kept.address().to_owned(), kept: Some(kept) };
    sign_in_page(visit, &name, onward, Totp::NotAsked, Mistakes::default())
}

/// Signs in with what was typed.
pub(crate) async fn sign_in(visit: Visit, form: Form) -> Result<Response, Trouble> {
    let name = form.text("nom").to_owned();
    let onward = Onward::of(&visit, &form).await;
    let mut mistakes = Mistakes::default();
    for field in ["nom", "mot-de-passe"] {
        if form.exact(field).is_empty() {
            mistakes.add(field, visit.tongue.say(&format!("sign-in-{field}-empty")));
        }
    }
    if !mistakes.is_empty() {
        return Ok(sign_in_page(&visit, &name, onward, Totp::NotAsked, mistakes));
    }
    let request = SignInRequest {
        name: name.clone(),
        password: form.exact("mot-de-passe").to_owned(),
        totp: form.text("code").to_owned(),
        address: visit.address.clone(),
        agent: visit.agent.clone(),
    };
    match visit.gate.desk().sign_in(visit.ask(request)).await {
        Ok(answer) => {
            let signed = answer.into_inner();
            if signed.state() == SignInState::TotpNeeded {
                return Ok(sign_in_page(&visit, &name, onward, Totp::Asked, Mistakes::default()));
            }
            go_on(&visit, signed, onward)
        }
        Err(status) => {
            let (field, key) = match why_not(Trouble::from(status)) {
                Ok(told) => told,
                // The page of the trouble would not carry what was written.
                Err(trouble) if onward.kept.is_some() => ("nom", trouble.what()),
                Err(trouble) => return Err(trouble),
            };
            mistakes.add(field, visit.tongue.say(&key));
            let totp = if form.text("code").is_empty() { Totp::NotAsked } else { Totp::Asked };
            Ok(sign_in_page(&visit, &name, onward, totp, mistakes))
        }
    }
}

/// The field a failed sign-in is told beside, and the key of its words.
fn why_not(trouble: Trouble) -> Result<(&'static str, String), Trouble> {
    let (field, key) = match trouble {
        Trouble::NodeAway | Trouble::Slow | Trouble::Failed => return Err(trouble),
        Trouble::Refused(refusal) if refusal.is_wrong_digits() => ("code", "code-wrong"),
        Trouble::TooOften => ("nom", "sign-in-too-often"),
        Trouble::Busy => ("nom", "sign-in-busy"),
        Trouble::NotFound
        | Trouble::Closed(_)
        | Trouble::SignIn(_)
        | Trouble::PasswordFirst
        | Trouble::BadForm
        | Trouble::Stale
        | Trouble::TooBig
        | Trouble::Refused(_) => ("nom", "sign-in-wrong"),
    };
    Ok((field, key.to_owned()))
}

/// Ends the session.
pub(crate) async fn sign_out(posted: Posted) -> Result<Response, Trouble> {
    let session = posted.session;
    session.desk().sign_out(session.ask(SignOutRequest {})).await?;
    let mut response = page::lead("/connexion");
    if let Some(cookie) = cookie::take(session.visit.gate.config()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Remembers a language, and leads back to the page it was chosen on; one that carries what was being written is shown
/// at once, as no address may hold that.
pub(crate) async fn choose_language(mut visit: Visit, form: Form) -> Result<Response, Trouble> {
    let language = Language::parse(form.text("langue")).ok_or(Trouble::BadForm)?;
    visit.tongue = Tongue(language);
    let Onward { address, kept } = Onward::of(&visit, &form).await;
    let mut response = match kept {
        Some(kept) => writing::carry_on(visit, kept).await,
        None => page::lead(&address),
    };
    let cookie =
        format!("{LANGUAGE_COOKIE}={}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax", language.code());
    let value = HeaderValue::from_str(&cookie).map_err(|_| Trouble::BadForm)?;
    response.headers_mut().append(header::SET_COOKIE, value);
    Ok(response)
}

#[cfg(test)]
mod tests;
