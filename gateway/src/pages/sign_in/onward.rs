//! Where one goes on to once signed in, or back to what one was writing; the session that the browser is given.

use crate::cookie::{self, SessionToken};
use crate::csrf;
use crate::form::Form;
use crate::page::{self, Frame};
use crate::pages::writing::{self, Kept};
use crate::trouble::Trouble;
use crate::visit::{Gate, Visit};
use crate::way::within;
use axum::http::header;
use axum::response::Response;
use relais_proto::desk::v1::{SignInState, SignedIn};

/// Where one goes on to, and what one was writing there.
pub(super) struct Onward {
    pub(super) address: String,
    pub(super) kept: Option<Kept>,
}

impl Onward {
    pub(super) fn to(address: &str) -> Self {
        Self { address: within(address).to_owned(), kept: None }
    }

    /// What a posted form says. Where someone was writing is part of what they wrote: without proof it leads nowhere.
    pub(super) async fn of(visit: &Visit, form: &Form) -> Self {
        let kept = Kept::carried(visit, form).await;
        let unproven = kept.is_none() && writing::is_carried(form);
        Self { kept, ..Self::to(if unproven { "/" } else { form.text("suite") }) }
    }
}

/// Goes on to where one was going, or to what one was writing. What someone else was writing here is shown to nobody, nor
/// where it was.
pub(super) fn go_on(visit: &Visit, signed: SignedIn, onward: Onward) -> Result<Response, Trouble> {
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
pub(super) fn open(gate: &Gate, signed: SignedIn, onward: &str) -> Result<Response, Trouble> {
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
