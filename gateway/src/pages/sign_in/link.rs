//! Signing in with a single-use link.

use super::Totp;
use super::onward::open;
use crate::form::Form;
use crate::page::{self, Frame, Mistakes};
use crate::pages::refused;
use crate::trouble::{Refusal, Trouble};
use crate::visit::Visit;
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use relais_proto::desk::v1::{SignInState, SignInWithLinkRequest};

#[derive(Template)]
#[template(path = "pages/link.html")]
struct LinkPage {
    frame: Frame,
    token: String,
    asks_totp: bool,
    mistakes: Mistakes,
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
