//! What goes wrong, and the page that says so. A page is dressed last, when the visitor's language is known.

use crate::door::Door;
use crate::page::{self, Frame};
use crate::tongue::Tongue;
use crate::visit::{Gate, tongue_of};
use crate::way;
use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tonic::{Code, Status};

/// The node's code, and its field, for wrong digits of an authenticator.
const WRONG_DIGITS: &str = "totp";

/// Why a page cannot be shown.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// Not there, or not for this visitor: the same answer.
    #[error("not found")]
    NotFound,
    /// Not for this role: told like what is not there, and on record at the node.
    #[error("not for this role")]
    Closed(Door),
    /// Nobody is signed in; the page to come back to.
    #[error("not signed in")]
    SignIn(String),
    /// The account has no password yet: it is set before anything else.
    #[error("no password yet")]
    PasswordFirst,
    /// The form is none that this gateway serves.
    #[error("bad form")]
    BadForm,
    /// The form was not served to this session, or too long ago.
    #[error("stale form")]
    Stale,
    /// More was sent than is taken.
    #[error("too big")]
    TooBig,
    /// Too often.
    #[error("too often")]
    TooOften,
    /// Too many at this moment.
    #[error("busy")]
    Busy,
    /// The node does not answer.
    #[error("the node does not answer")]
    NodeAway,
    /// The answer takes too long: what was asked may have been done.
    #[error("too slow")]
    Slow,
    /// The node says no.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// We could not.
    #[error("failed")]
    Failed,
}

/// A no of the node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Refusal {
    /// Its stable code.
    pub(crate) code: String,
    /// The field that is wrong; empty when none is.
    pub(crate) field: String,
    /// The node's sentence, in English: shown only when there are no words for the code here.
    pub(crate) sentence: String,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.code)
    }
}

impl Refusal {
    /// What a status of the node says of its no.
    pub(crate) fn of(status: &Status) -> Self {
        Self {
            code: metadata(status, "relais-code"),
            field: metadata(status, "relais-field"),
            sentence: status.message().to_owned(),
        }
    }

    /// Whether it says that the digits of an authenticator are wrong: no session is over for that, and no link used up.
    pub(crate) fn is_wrong_digits(&self) -> bool {
        self.code == WRONG_DIGITS && self.field == WRONG_DIGITS
    }

    /// The no in words: by its code and field, by its code, else as the node said it.
    pub(crate) fn words(&self, tongue: Tongue) -> String {
        let field = self.field.replace(['.', '_'], "-");
        let precise = format!("refusal-{}-{field}", self.code.replace('_', "-"));
        let general = format!("refusal-{}", self.code.replace('_', "-"));
        tongue.maybe(&precise).or_else(|| tongue.maybe(&general)).unwrap_or_else(|| self.sentence.clone())
    }
}

fn metadata(status: &Status, key: &str) -> String {
    status.metadata().get(key).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

fn no_password_yet(status: &Status) -> bool {
    metadata(status, "relais-code") == "password_needed"
}

impl From<Status> for Trouble {
    fn from(status: Status) -> Self {
        match status.code() {
            // Whoever came in by a link sets a password before anything else.
            Code::PermissionDenied | Code::FailedPrecondition if no_password_yet(&status) => {
                Self::PasswordFirst
            }
            Code::NotFound | Code::PermissionDenied => Self::NotFound,
            Code::Unauthenticated => {
                let refusal = Refusal::of(&status);
                if refusal.is_wrong_digits() { Self::Refused(refusal) } else { Self::SignIn(String::new()) }
            }
            Code::ResourceExhausted => {
                let refusal = Refusal::of(&status);
                match refusal.code.as_str() {
                    // As many as there may be: no waiting helps.
                    "limit" => Self::Refused(refusal),
                    "busy" => Self::Busy,
                    _ => Self::TooOften,
                }
            }
            Code::InvalidArgument
            | Code::FailedPrecondition
            | Code::AlreadyExists
            | Code::Aborted
            | Code::OutOfRange => Self::Refused(Refusal::of(&status)),
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Unknown => Self::NodeAway,
            Code::Ok | Code::Internal | Code::DataLoss | Code::Unimplemented => {
                tracing::error!(code = ?status.code(), "The node failed");
                Self::Failed
            }
        }
    }
}

impl Trouble {
    /// The node's no to what was asked; any other trouble is an error.
    ///
    /// # Errors
    /// [`Trouble`] when it was no refusal.
    pub(crate) fn refused(status: Status) -> Result<Refusal, Self> {
        let trouble = Self::from(status);
        if let Self::Refused(refusal) = trouble { Ok(refusal) } else { Err(trouble) }
    }

    /// The HTTP status.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::Closed(_) => StatusCode::NOT_FOUND,
            Self::SignIn(_) | Self::PasswordFirst => StatusCode::SEE_OTHER,
            Self::BadForm => StatusCode::BAD_REQUEST,
            Self::Stale => StatusCode::FORBIDDEN,
            Self::TooBig => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooOften => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy | Self::NodeAway | Self::Slow => StatusCode::SERVICE_UNAVAILABLE,
            Self::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The key of what to do about it.
    pub(crate) fn what(&self) -> String {
        format!("{}-what", self.key())
    }

    fn key(&self) -> &'static str {
        match self {
            Self::NotFound | Self::Closed(_) => "trouble-not-found",
            Self::SignIn(_) | Self::PasswordFirst => "trouble-sign-in",
            Self::BadForm => "trouble-bad-form",
            Self::Stale => "trouble-stale",
            Self::TooBig => "trouble-too-big",
            Self::TooOften => "trouble-too-often",
            Self::Busy => "trouble-busy",
            Self::NodeAway => "trouble-node-away",
            Self::Slow => "trouble-slow",
            Self::Refused(_) => "trouble-refused",
            Self::Failed => "trouble-failed",
        }
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if self == Self::PasswordFirst {
            response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/mot-de-passe"));
        }
        if let Self::SignIn(back) = &self {
            let back = crate::form::encode(back);
            let address =
                if back.is_empty() { "/connexion".to_owned() } else { format!("/connexion?suite={back}") };
            if let Ok(value) = HeaderValue::from_str(&address) {
                response.headers_mut().insert(header::LOCATION, value);
            }
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Template)]
#[template(path = "pages/trouble.html")]
struct TroublePage {
    frame: Frame,
    heading: String,
    what: String,
}

/// Turns a trouble into its page.
pub(crate) async fn dress(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let tongue = tongue_of(&gate, request.headers());
    let here = way::of(request.method(), request.uri());
    let part = request.headers().contains_key("hx-request");
    let machine = request.uri().path().starts_with("/api/");
    let response = next.run(request).await;
    let trouble = match response.extensions().get::<Trouble>() {
        Some(trouble) if machine => return crate::api::trouble(trouble),
        // A part of a page is no place to sign in: what is shown stays, and sending it leads there.
        Some(Trouble::SignIn(_) | Trouble::PasswordFirst) if part => {
            return StatusCode::FORBIDDEN.into_response();
        }
        Some(trouble) if trouble.status() != StatusCode::SEE_OTHER => trouble.clone(),
        _ => return response,
    };
    let heading = tongue.say(trouble.key());
    let what = match &trouble {
        Trouble::Refused(refusal) => refusal.words(tongue),
        Trouble::NotFound
        | Trouble::Closed(_)
        | Trouble::SignIn(_)
        | Trouble::PasswordFirst
        | Trouble::BadForm
        | Trouble::Stale
        | Trouble::TooBig
        | Trouble::TooOften
        | Trouble::Busy
        | Trouble::NodeAway
        | Trouble::Slow
        | Trouble::Failed => tongue.say(&trouble.what()),
    };
    let shown = TroublePage { frame: Frame::bare(tongue, &heading).at(&here), heading, what };
    page::render(trouble.status(), &shown)
}

#[cfg(test)]
mod tests;
