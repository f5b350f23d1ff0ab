//! What someone was writing when their session ended: it is not lost.
//!
//! The post is answered by the sign-in page, which carries what was written in hidden fields. Whoever then signs in gets it
//! back behind one button. That opens the form again, filled in, and does nothing else: what was decided half an hour ago
//! is looked at before it leaves, and no act is done by a press that says otherwise. So nothing written enters an address,
//! a cookie or a memory of the gateway's.
//!
//! Only what was served to the session that ended is carried, and it is given back to its account alone: the form's own
//! token, which goes along, proves the one and names the other, at each step. It is not sealed against who sits at that
//! browser: they see it one step back.

use crate::app::BODY_BYTES_MAX;
use crate::csrf;
use crate::form::{FIELDS_MAX, Form};
use crate::page::{self, Frame, Place};
use crate::pages::sign_in;
use crate::trouble::Trouble;
use crate::visit::{Gate, Session, Visit};
use crate::way::within;
use askama::Template;
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

/// What stands before the name of a field that is carried.
const CARRIED: &str = "ecrit-";
/// The field that says that a form is opened again, and not sent.
pub(crate) const RESUMED: &str = "reprise";
/// Fields that are never carried.
const SECRETS: [&str; 4] = ["mot-de-passe", "nouveau", "actuel", "code"];
/// Fields that say nothing by themselves: the id of the one act a form may become, and the proof of whose it is.
const DRAWN: [&str; 2] = ["demande", csrf::FIELD];
/// Most that is carried, bytes as they are sent: with it, signing in is still a form that is read.
const CARRIED_BYTES_MAX: usize = BODY_BYTES_MAX / 2;
/// Fields of signing in beside what is carried: `suite`, `nom`, `mot-de-passe`, `code`.
const SIGN_IN_FIELDS: usize = 4;
/// Most fields that are carried.
const CARRIED_FIELDS_MAX: usize = FIELDS_MAX - SIGN_IN_FIELDS;

/// What was written, with the token it was served with; whose it is, and where it goes.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    address: String,
    author: String,
    form: Form,
}

#[derive(Template)]
#[template(path = "pages/resume.html")]
struct ResumePage {
    frame: Frame,
    kept: Kept,
}

impl Kept {
    /// What is kept of a form that `author` wrote; `None` when it is nothing, too much, or goes nowhere.
    fn of(address: &str, author: String, mut form: Form) -> Option<Self> {
        for field in SECRETS.into_iter().chain([RESUMED]) {
            form.remove(field);
        }
        let written = form.pairs().any(|(name, value)| !DRAWN.contains(&name) && !value.trim().is_empty());
        let kept = Self { address: within(address).to_owned(), author, form };
        (written && kept.address != "/" && kept.fits()).then_some(kept)
    }

    /// Whether what carries it can be sent again.
    fn fits(&self) -> bool {
        let hidden = self.hidden();
        let mut carried = Form::default();
        for (name, value) in &hidden {
            carried.add(name, value);
        }
        hidden.len() <= CARRIED_FIELDS_MAX && carried.encode().len() <= CARRIED_BYTES_MAX
    }

    /// What a sign-in form carries; `None` too when nothing proves whose it is.
    pub(crate) async fn carried(visit: &Visit, by: &Form) -> Option<Self> {
        let form = by.under(CARRIED);
        let author = whose(visit, form.exact(csrf::FIELD)).await?;
        Self::of(by.text("suite"), author, form)
    }

    /// The fields by which the sign-in page carries it.
    pub(crate) fn hidden(&self) -> Vec<(String, String)> {
        self.form.pairs().map(|(name, value)| (format!("{CARRIED}{name}"), value.to_owned())).collect()
    }

    /// The same as the form it was written in has them, but for its token.
    fn fields(&self) -> Vec<(&str, &str)> {
        let written = self.form.pairs().filter(|(name, _)| *name != csrf::FIELD);
        [(RESUMED, "oui")].into_iter().chain(written).collect()
    }

    /// Where it goes.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The account it was written under.
    pub(crate) fn author(&self) -> &str {
        &self.author
    }
}

/// Whether a sign-in form means to carry something, be it proven or not.
pub(crate) fn is_carried(by: &Form) -> bool {
    !by.under(CARRIED).is_empty()
}

/// Whose a carried form is: that of the account it was served to under the session the browser bears, be it over. Who
/// signed in again beside it bears another session by now: theirs is what names them.
async fn whose(visit: &Visit, posted: &str) -> Option<String> {
    if let Some(account) = visit.served_to(posted) {
        return Some(account);
    }
    let account = csrf::claimed(posted)?;
    let session = visit.clone().session().await.ok()?;
    (session.user.name == account).then_some(account)
}

/// The page that gives it back; `frame` bears the token of the session it is given to.
pub(crate) fn resume_page(frame: Frame, kept: Kept) -> Response {
    page::ok(&ResumePage { frame: frame.carrying(&kept), kept })
}

fn give_back(session: &Session, kept: Kept) -> Response {
    let title = session.tongue().say("resume-title");
    resume_page(Frame::signed(session, Place::Elsewhere, &title), kept)
}

/// The page that carries it, in another language: to sign in, or for its author, signed in by now, to take it up again.
pub(crate) async fn carry_on(visit: Visit, kept: Kept) -> Response {
    match visit.clone().session().await {
        Ok(session) if session.user.name == kept.author => give_back(&session, kept),
        Ok(_) | Err(_) => sign_in::again(&visit, kept),
    }
}

/// Whether a form is sent, or opened again after its writer signed in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stage {
    /// Sent.
    Sent,
    /// Opened again: it is shown, filled in, and nothing is done.
    Resumed,
}

/// A form that a professional writes in, proven to have been served to their session. Should that have ended meanwhile,
/// nothing of what was written is lost.
#[derive(Debug)]
pub(crate) struct Writing {
    /// Who.
    pub(crate) session: Session,
    /// What.
    pub(crate) form: Form,
    /// What is to become of it.
    pub(crate) stage: Stage,
}

impl Writing {
    fn served(session: Session, mut form: Form) -> Self {
        let stage = if form.has(RESUMED, "oui") { Stage::Resumed } else { Stage::Sent };
        form.remove(csrf::FIELD);
        form.remove(RESUMED);
        Self { session, form, stage }
    }
}

fn forbidden(mut response: Response) -> Response {
    *response.status_mut() = StatusCode::FORBIDDEN;
    response
}

/// A form that was not served to this session: given back to its writer, who signed in again beside it.
fn stale(session: &Session, form: Form) -> Response {
    let theirs = csrf::claimed(form.exact(csrf::FIELD)).filter(|account| *account == session.user.name);
    let kept = theirs.and_then(|author| Kept::of(&session.visit.here, author, form));
    let Some(kept) = kept else { return Trouble::Stale.into_response() };
    forbidden(give_back(session, kept))
}

impl FromRequest<Gate> for Writing {
    type Rejection = Response;

    async fn from_request(request: Request, gate: &Gate) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, gate).await.map_err(Trouble::into_response)?;
        let session = Session::from_request_parts(&mut parts, gate).await;
        let form = Form::from_request(Request::from_parts(parts, body), gate).await;
        let trouble = match session {
            Ok(session) => {
                let form = form.map_err(Trouble::into_response)?;
                let served = session.served(form.exact(csrf::FIELD));
                return if served { Ok(Self::served(session, form)) } else { Err(stale(&session, form)) };
            }
            Err(trouble) => trouble,
        };
        let form = form.ok().filter(|_| matches!(trouble, Trouble::SignIn(_)));
        let kept = form.and_then(|form| {
            let author = visit.served_to(form.exact(csrf::FIELD))?;
            Kept::of(&visit.here, author, form)
        });
        Err(kept.map_or_else(|| trouble.into_response(), |kept| forbidden(sign_in::again(&visit, kept))))
    }
}

#[cfg(test)]
mod tests;
