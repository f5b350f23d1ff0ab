//! A file that someone posts, proven to come from a form of their session.

use crate::csrf;
use crate::trouble::Trouble;
use crate::visit::{Gate, Session};
use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::StatusCode;

/// The field that bears the file.
const FILE: &str = "fichier";

/// A posted file.
#[derive(Debug)]
pub(crate) struct PostedFile {
    /// Who.
    pub(crate) session: Session,
    /// Its bytes; empty when none was chosen.
    pub(crate) bytes: Vec<u8>,
}

fn trouble(error: &MultipartError) -> Trouble {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE { Trouble::TooBig } else { Trouble::BadForm }
}

impl FromRequest<Gate> for PostedFile {
    type Rejection = Trouble;

    async fn from_request(request: Request, gate: &Gate) -> Result<Self, Trouble> {
        let (mut parts, body) = request.into_parts();
        let session = Session::from_request_parts(&mut parts, gate).await?;
        let request = Request::from_parts(parts, body);
        let mut form = Multipart::from_request(request, gate).await.map_err(|_| Trouble::BadForm)?;
        let (mut proof, mut bytes) = (String::new(), Vec::new());
        while let Some(field) = form.next_field().await.map_err(|error| trouble(&error))? {
            match field.name().map(str::to_owned).as_deref() {
                Some(csrf::FIELD) => proof = field.text().await.map_err(|error| trouble(&error))?,
                Some(FILE) => bytes = field.bytes().await.map_err(|error| trouble(&error))?.to_vec(),
                Some(_) | None => {}
            }
        }
        if !session.served(&proof) {
            return Err(Trouble::Stale);
        }
        Ok(Self { session, bytes })
    }
}
