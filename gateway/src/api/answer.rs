//! What an operation answers: a message of the node as JSON.

use super::known::Known;
use super::problem::Problem;
use super::write;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tonic::Status;

/// An answer, or why there is none.
pub(super) type Answer = Result<Told, Problem>;

/// What is told.
#[derive(Debug)]
pub(super) struct Told {
    status: StatusCode,
    location: Option<HeaderValue>,
    value: Value,
}

/// The node's answer, as JSON.
pub(super) fn told<M: Known>(answer: Result<tonic::Response<M>, Status>) -> Answer {
    let value = write::write(answer?.get_ref())?;
    Ok(Told { status: StatusCode::OK, location: None, value })
}

impl Told {
    /// The same, as something new that is found at `address` from now on.
    pub(super) fn made(self, address: &str) -> Self {
        Self { status: StatusCode::CREATED, location: HeaderValue::from_str(address).ok(), ..self }
    }
}

impl IntoResponse for Told {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.value.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(location) = self.location {
            headers.insert(header::LOCATION, location);
        }
        response
    }
}
