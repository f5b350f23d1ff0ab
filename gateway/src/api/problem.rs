//! What is answered when something cannot be done: a problem document (RFC 9457) with a stable code.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tonic::{Code, Status};

/// What the names of problem types begin with.
const TYPE_PREFIX: &str = "urn:relais:problem:";
/// After how many seconds to ask again, when the node does not say.
const RETRY_AFTER_SECONDS: u64 = 5;
/// Longest name of a member that is said back, in characters.
const NAME_CHARS_MAX: usize = 64;

/// Every code and what it means in general. Codes are never renamed.
pub(super) const CODES: &[(&str, &str)] = &[
    ("act_waits", "An act of a colleague waits, and can still be taken back"),
    ("answered_too_often", "The inquiry was answered too often already"),
    ("asked_too_often", "Partners were asked too often already"),
    ("awaited", "The partner has not confirmed yet, or cannot be reached: call them first"),
    ("busy", "Somebody else was acting; nothing was done"),
    ("changed", "Somebody changed it since it was seen; nothing was done"),
    ("consent", "The person's agreement does not allow it"),
    ("content", "What was said cannot be read"),
    ("corrupt", "Stored data contradicts itself"),
    ("failed", "The node failed"),
    ("field", "A field is wrong"),
    ("follow_up", "The follow-up does not allow it"),
    ("foreign", "The request comes from another site"),
    ("form", "A value has the wrong form"),
    ("idempotency_key", "The Idempotency-Key is missing or has the wrong form"),
    ("idempotency_key_reused", "The Idempotency-Key was used for something else"),
    ("inquiry_over", "The time of the inquiry is over"),
    ("json", "The body is no JSON"),
    ("ledger", "The ledger could not answer"),
    ("limit", "There are as many as there may be"),
    ("media_type", "The body is not application/json"),
    ("method", "This is not done here"),
    ("missing", "Something is missing that must be told"),
    ("nobody_to_ask", "No partner is there to be asked"),
    ("not_allowed", "Where it stands, this cannot be done"),
    ("not_there", "There is nothing of this name here"),
    ("partner", "The partner cannot be reached this way"),
    ("role", "The account that the integration acts for has no role for it"),
    ("scope", "The integration has no scope for it"),
    ("store", "The store could not answer"),
    ("time", "It took too long"),
    ("token", "The token is missing, wrong, expired or revoked"),
    ("too_big", "More was sent than is taken"),
    ("too_deep", "The body is nested too deeply"),
    ("too_late", "It was done or taken back already"),
    ("too_often", "It was tried too often"),
    ("twice", "A member or parameter is there twice"),
    ("unavailable", "The node does not answer"),
    ("unknown_member", "There is no member or parameter of this name"),
];

/// What cannot be done, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Problem {
    status: StatusCode,
    code: String,
    field: String,
    detail: String,
    retry_after: Option<u64>,
}

impl Problem {
    fn new(status: StatusCode, code: &str, detail: &str) -> Self {
        let (code, detail) = (code.to_owned(), detail.to_owned());
        Self { status, code, field: String::new(), detail, retry_after: None }
    }

    fn of_field(status: StatusCode, code: &str, field: &str, what: &str) -> Self {
        let field: String = field.chars().take(NAME_CHARS_MAX).collect();
        let detail = if field.is_empty() { what.to_owned() } else { format!("{field}: {what}") };
        Self { field, ..Self::new(status, code, &detail) }
    }

    /// There is nothing of this name.
    pub(super) fn not_there() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_there", "there is nothing of this name here")
    }

    /// Nothing is done on behalf of another site.
    pub(super) fn foreign() -> Self {
        Self::new(StatusCode::FORBIDDEN, "foreign", "no page of another site may ask this")
    }

    /// Another method is wanted.
    pub(super) fn method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method", "see the header Allow for what is done here")
    }

    /// The token is none that the node knows.
    pub(super) fn token() -> Self {
        let detail = "send `Authorization: Bearer` and the 52 characters of an integration that holds";
        Self::new(StatusCode::UNAUTHORIZED, "token", detail)
    }

    /// The body is of another kind.
    pub(super) fn media_type() -> Self {
        let detail = "send the body as application/json";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", detail)
    }

    /// The body is too long.
    pub(super) fn too_big() -> Self {
        let detail = format!("a body has {} bytes at most", crate::app::BODY_BYTES_MAX);
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_big", &detail)
    }

    /// The body is no JSON from this place on.
    pub(super) fn json(place: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "json", &format!("the body is no JSON: {place}"))
    }

    /// The body is nested more deeply than this.
    pub(super) fn too_deep(levels: usize) -> Self {
        let detail = format!("objects and lists stand within each other {levels} levels deep at most");
        Self::new(StatusCode::BAD_REQUEST, "too_deep", &detail)
    }

    /// A name stands twice where it may stand once.
    pub(super) fn twice(name: &str) -> Self {
        Self::of_field(StatusCode::BAD_REQUEST, "twice", name, "it is there twice")
    }

    /// A name means nothing.
    pub(super) fn unknown_member(path: &str) -> Self {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self::of_field(status, "unknown_member", path, "there is nothing of this name here")
    }

    /// A value has another form than this.
    pub(super) fn form(path: &str, wanted: &str) -> Self {
        Self::of_field(StatusCode::UNPROCESSABLE_ENTITY, "form", path, wanted)
    }

    /// The key is missing or none.
    pub(super) fn key() -> Self {
        let detail = "send an Idempotency-Key of 16 to 64 visible ASCII characters: a fresh one for each act, the same \
                      one for its retries";
        Self::new(StatusCode::BAD_REQUEST, "idempotency_key", detail)
    }

    /// The key stands for something else already.
    pub(super) fn key_reused() -> Self {
        let detail = "this Idempotency-Key stands for another request already: nothing was done";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", detail)
    }

    /// It took too long.
    pub(super) fn time() -> Self {
        let detail = "it may have been done: ask again with the same Idempotency-Key";
        let retry_after = Some(RETRY_AFTER_SECONDS);
        Self { retry_after, ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "time", detail) }
    }

    /// The node does not answer.
    pub(super) fn away() -> Self {
        let detail = "the node does not answer: ask again later";
        let retry_after = Some(RETRY_AFTER_SECONDS);
        Self { retry_after, ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail) }
    }

    /// It was asked too often.
    pub(super) fn too_often() -> Self {
        let retry_after = Some(RETRY_AFTER_SECONDS);
        Self { retry_after, ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too_often", "ask again later") }
    }

    /// We could not.
    pub(super) fn failed() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", "the node failed: see its log")
    }

    /// The title of its code.
    fn title(&self) -> &'static str {
        let found = CODES.iter().find(|(code, _)| *code == self.code);
        found.map_or("It could not be done", |(_, title)| title)
    }
}

fn told(status: &Status, key: &str) -> String {
    status.metadata().get(key).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

/// The HTTP status of a refusal: 422 when a field can be mended, 409 when it is the state of things that says no.
fn status_of(code: Code, field: &str) -> StatusCode {
    match code {
        Code::InvalidArgument | Code::OutOfRange => StatusCode::UNPROCESSABLE_ENTITY,
        Code::FailedPrecondition | Code::AlreadyExists if !field.is_empty() => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Code::FailedPrecondition | Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Unknown => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        Code::Ok | Code::Internal | Code::DataLoss | Code::Unimplemented => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl From<Status> for Problem {
    fn from(status: Status) -> Self {
        let (code, field) = (told(&status, "relais-code"), told(&status, "relais-field"));
        let http = status_of(status.code(), &field);
        if http == StatusCode::UNAUTHORIZED {
            return Self::token();
        }
        // Without a code it is no refusal of the node: its words are the transport's, and are not ours to tell.
        if code.is_empty() {
            return if http == StatusCode::SERVICE_UNAVAILABLE { Self::away() } else { Self::failed() };
        }
        let may_ask_again = matches!(http, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
            || status.code() == Code::Aborted;
        let wait = told(&status, "relais-retry-after-seconds").parse().unwrap_or(RETRY_AFTER_SECONDS);
        let detail = status.message().to_owned();
        Self { status: http, code, field, detail, retry_after: may_ask_again.then_some(wait) }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let field = (!self.field.is_empty()).then_some(&self.field);
        let body = json!({
            "type": format!("{TYPE_PREFIX}{}", self.code),
            "title": self.title(),
            "status": self.status.as_u16(),
            "detail": self.detail,
            "code": self.code,
            "field": field,
        });
        let mut response = (self.status, body.to_string()).into_response();
        let mut put = |name: HeaderName, value: HeaderValue| response.headers_mut().insert(name, value);
        put(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == StatusCode::UNAUTHORIZED {
            put(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"relais\""));
        }
        if let Some(seconds) = self.retry_after {
            put(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
