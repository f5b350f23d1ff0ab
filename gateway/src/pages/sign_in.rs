//! Signing in: with a password, with a single-use link, and setting the password.

use crate::cookie::{self, SessionToken};
use crate::csrf;
use crate::form::Form;
use crate::page::{self, Frame, Mistakes, Place};
use crate::pages::refused;
use crate::pages::writing::{self, Kept};
use crate::tongue::{Language, Tongue};
use crate::trouble::{Refusal, Trouble};
use crate::visit::{Gate, LANGUAGE_COOKIE, Posted, Session, Visit};
use crate::way::within;
use askama::Template;
use axum::extract::{Path, Query};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use relais_proto::desk::v1::{
    Role, SetPasswordRequest, ShowAccountRequest, SignInRequest, SignInState, SignInWithLinkRequest,
    SignOutRequest, SignedIn,
};
use relais_proto::peer::v1::YesNo;
use serde::Deserialize;

/// What follows `/connexion?`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// The page to come back to.
    #[serde(default)]
    suite: String,
}

/// Where one goes on to, and what one was writing there.
struct Onward {
    address: String,
    kept: Option<Kept>,
}

impl Onward {
    fn to(address: &str) -> Self {
        Self { address: within(address).to_owned(), kept: None }
    }

    /// What a posted form says. Where someone was writing is part of what they wrote: without proof it leads nowhere.
    async fn of(visit: &Visit, form: &Form) -> Self {
        let kept = Kept::carried(visit, form).await;
        let unproven = kept.is_none() && writing::is_carried(form);
        Self { kept, ..Self::to(if unproven { "/" } else { form.text("suite") }) }
    }
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

#[derive(Template)]
#[template(path = "pages/link.html")]
struct LinkPage {
    frame: Frame,
    token: String,
    asks_totp: bool,
    mistakes: Mistakes,
}

#[derive(Template)]
#[template(path = "pages/password.html")]
struct PasswordPage {
    frame: Frame,
    asks_current: bool,
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

/// Goes on to where one was going, or to what one was writing. What someone else was writing here is shown to nobody, nor
/// where it was.
fn go_on(visit: &Visit, signed: SignedIn, onward: Onward) -> Result<Response, Trouble> {
    let Some(kept) = onward.kept else { return open(&visit.gate, signed, &onward.address) };
    let name = signed.user.clone().unwrap_or_default().name;
    if kept.author() != name || signed.state() != SignInState::Open {
        return open(&visit.gate, signed, "/");
    }
    // The answer to the post itself: no address may hold what was written, and the gateway has no memory to lead on from.
    let token = SessionToken::new(signed.token).ok_or(Trouble::Failed)?;
    let title = visit.tongue.say("resume-title");
    let frame = Frame { csrf: csrf::token(&token, &name), ..Frame::public(visit, &title) };
    give(&visit.gate, &token, writing::resume_page(frame, kept))
}

/// Gives the browser its session and leads on.
fn open(gate: &Gate, signed: SignedIn, onward: &str) -> Result<Response, Trouble> {
    let onward = if signed.state() == SignInState::PasswordNeeded { "/mot-de-passe" } else { onward };
    let token = SessionToken::new(signed.token).ok_or(Trouble::Failed)?;
    give(gate, &token, page::lead(onward))
}

/// The same answer with the session in it.
fn give(gate: &Gate, token: &SessionToken, mut response: Response) -> Result<Response, Trouble> {
    let cookie = cookie::give(gate.config(), token).ok_or(Trouble::Failed)?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Shows one button: a link that is only looked at (by a mail program, by a preview) is not used up.
pub(crate) async fn show_link(visit: Visit, Path(token): Path<String>) -> Response {
    link_page(&visit, token, Totp::NotAsked, Mistakes::default())
}

fn link_page(visit: &Visit, token: String, totp: Totp, mistakes: Mistakes) -> Response {
    let asks_totp = totp == Totp::Asked;
    let title = refused::title(visit.tongue, "link-title", &mistakes);
    let frame = Frame::public(visit, &title);
    page::render(mistakes.status(), &LinkPage { frame, token, asks_totp, mistakes })
}

/// Signs in with a single-use link.
pub(crate) async fn follow_link(
    visit: Visit,
    Path(token): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let request = SignInWithLinkRequest {
        token: token.clone(),
        totp: form.text("code").to_owned(),
        address: visit.address.clone(),
        agent: visit.agent.clone(),
    };
    match visit.gate.desk().sign_in_with_link(visit.ask(request)).await {
        Ok(answer) if answer.get_ref().state() == SignInState::TotpNeeded => {
            Ok(link_page(&visit, token, Totp::Asked, Mistakes::default()))
        }
        Ok(answer) => open(&visit.gate, answer.into_inner(), "/"),
        Err(status) => {
            let trouble = Trouble::from(status);
            if let Trouble::Refused(refusal) = &trouble
                && refusal.is_wrong_digits()
            {
                // They do not use the link up: it is tried again from here.
                let mut mistakes = Mistakes::default();
                mistakes.add("code", visit.tongue.say("code-wrong"));
                return Ok(link_page(&visit, token, Totp::Asked, mistakes));
            }
            if !matches!(trouble, Trouble::SignIn(_) | Trouble::NotFound) {
                return Err(trouble);
            }
            let (code, sentence) = ("link".to_owned(), visit.tongue.say("link-used"));
            Err(Trouble::Refused(Refusal { code, field: String::new(), sentence }))
        }
    }
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
