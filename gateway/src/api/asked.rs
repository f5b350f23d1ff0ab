//! What a request bears: an integration's token, parameters, a body, a key. Cookies are never looked at.

use super::known::Known;
use super::once::{CallId, Memory, Print};
use super::problem::Problem;
use super::{read, strict};
use crate::node::{Desk, integrated};
use crate::visit::Gate;
use axum::body::Bytes;
use axum::extract::{Extension, FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse as _;
use secrecy::{ExposeSecret, SecretSlice};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Characters of a token.
const TOKEN_CHARS: usize = 52;
/// The only type of a body.
const CONTENT_TYPE: &str = "application/json";

/// An integration: software of this structure that bears a token. The node says what it may do.
#[derive(Debug)]
pub(super) struct Integration {
    gate: Gate,
    token: SecretSlice<u8>,
}

impl Integration {
    /// A client of the node.
    pub(super) fn desk(&self) -> Desk {
        self.gate.desk()
    }

    /// A request of this integration.
    pub(super) fn ask<T>(&self, message: T) -> tonic::Request<T> {
        integrated(self.token.expose_secret(), message)
    }
}

/// The token as the node wrote it: letters that people mistake for digits are those digits. So one token has one writing,
/// and a key of it one id.
fn token(headers: &HeaderMap) -> Option<Vec<u8>> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim_start_matches(' ');
    let is_written_right =
        token.len() == TOKEN_CHARS && token.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (scheme.eq_ignore_ascii_case("bearer") && is_written_right).then(|| {
        let symbol = |byte: u8| match byte.to_ascii_uppercase() {
            b'O' => b'0',
            b'I' | b'L' => b'1',
            other => other,
        };
        token.bytes().map(symbol).collect()
    })
}

impl FromRequestParts<Gate> for Integration {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gate: &Gate) -> Result<Self, Problem> {
        let token = token(&parts.headers).ok_or_else(Problem::token)?;
        Ok(Self { gate: gate.clone(), token: token.into() })
    }
}

/// What stands in the address between the slashes.
#[derive(Debug)]
pub(super) struct At<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Gate> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gate: &Gate) -> Result<Self, Problem> {
        let place = Path::<T>::from_request_parts(parts, gate).await;
        place.map(|Path(place)| Self(place)).map_err(|_| Problem::not_there())
    }
}

/// The parameters of an address, as the request they are.
#[derive(Debug)]
pub(super) struct Parameters<M>(pub(super) M);

impl<M: Known> FromRequestParts<Gate> for Parameters<M> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Gate) -> Result<Self, Problem> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let Query(pairs) = pairs.map_err(|_| Problem::form("", "the parameters cannot be read"))?;
        read::read_query(pairs).map(Self)
    }
}

/// The bytes of a body that says that it is JSON.
#[derive(Debug)]
pub(super) struct Document(pub(super) Vec<u8>);

impl FromRequest<Gate> for Document {
    type Rejection = Problem;

    async fn from_request(request: Request, gate: &Gate) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.map(|kind| kind.split(';').next().unwrap_or_default().trim());
        if !kind.is_some_and(|kind| kind.eq_ignore_ascii_case(CONTENT_TYPE)) {
            return Err(Problem::media_type());
        }
        let bytes = Bytes::from_request(request, gate).await.map_err(|rejection| {
            let is_long = rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE;
            if is_long { Problem::too_big() } else { Problem::json("it was cut short") }
        })?;
        Ok(Self(bytes.to_vec()))
    }
}

/// A body of JSON, read strictly.
#[derive(Debug)]
pub(super) struct Body(Value);

impl Body {
    /// The body as a request.
    ///
    /// # Errors
    /// A [`Problem`] that names the member.
    pub(super) fn read<M: Known>(&self) -> Result<M, Problem> {
        read::read(&self.0)
    }
}

impl FromRequest<Gate> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, gate: &Gate) -> Result<Self, Problem> {
        let Document(bytes) = Document::from_request(request, gate).await?;
        strict::read(&bytes).map(Self)
    }
}

/// An act: an integration, a key, and what is to be done.
#[derive(Debug)]
pub(super) struct Act {
    /// Who.
    pub(super) who: Integration,
    id: CallId,
    print: Print,
    memory: Memory,
    body: Value,
}

impl Act {
    /// The id of the call.
    pub(super) fn id(&self) -> Vec<u8> {
        self.id.bytes()
    }

    /// What is to be done.
    ///
    /// # Errors
    /// A [`Problem`] that names the member; the key stands for something else.
    pub(super) fn read<M: Known>(&self) -> Result<M, Problem> {
        self.memory.check(&self.id, &self.print)?;
        read::read(&self.body)
    }

    /// It is done: its key stands for it from now on.
    pub(super) fn done(self) {
        self.memory.keep(self.id, self.print);
    }
}

impl FromRequest<Gate> for Act {
    type Rejection = Problem;

    async fn from_request(request: Request, gate: &Gate) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let who = Integration::from_request_parts(&mut parts, gate).await?;
        let memory = Extension::<Memory>::from_request_parts(&mut parts, gate).await;
        let Extension(memory) = memory.map_err(|_| Problem::failed())?;
        let id = CallId::read(&parts.headers, who.token.expose_secret())?;
        let path = parts.uri.path().to_owned();
        let Document(bytes) = Document::from_request(Request::from_parts(parts, body), gate).await?;
        let print = Print::of(&path, &bytes);
        Ok(Self { who, id, print, memory, body: strict::read(&bytes)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn of(value: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        token(&headers).map(|token| String::from_utf8(token).unwrap())
    }

    #[test]
    fn a_token_is_borne_in_one_way() {
        let written = "0123456789ABCDEFGHJKMNPQRSTVWXYZ01234567890123456789";
        assert_eq!(of(&format!("Bearer {written}")).as_deref(), Some(written));
        assert_eq!(of(&format!("bearer  {}", written.to_lowercase())).as_deref(), Some(written));
        assert_eq!(
            of(&format!("Bearer {}", written.replace('1', "l").replace('0', "o"))).as_deref(),
            Some(written)
        );
        let basic = format!("Basic {written}");
        let longer = format!("Bearer {written}0");
        for bad in ["", "Bearer", "Bearer ", written, &basic, &longer, "Bearer é"] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }

    #[test]
    fn two_tokens_are_none() {
        let mut headers = HeaderMap::new();
        for _ in 0..2 {
            let value = format!("Bearer {}", "0".repeat(TOKEN_CHARS));
            headers.append(header::AUTHORIZATION, HeaderValue::from_str(&value).unwrap());
        }
        assert_eq!(token(&headers), None);
        assert_eq!(token(&HeaderMap::new()), None);
    }
}
