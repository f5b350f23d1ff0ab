//! Pages that an admin completes: who publishes, how data are handled, how accessible this is. Anyone reads them.

use super::threads::code;
use super::{Desk, answer};
use crate::engine::EngineError;
use prost::Message as _;
use relais_domain::digest::Digest;
use relais_domain::ledger_leaf::{Leaf, LeafKind};
use relais_domain::scan;
use relais_proto::desk::v1 as desk;
use relais_store::CommitError;
use relais_store::batch::{Batch, DocumentWrite, Expected};
use relais_store::rows::Shelf;
use tonic::Status;

/// Most characters of a page.
const PAGE_CHARS_MAX: usize = 20_000;
/// Most languages of one page.
const LANGUAGES_MAX: usize = 32;
/// The language of a page unless said otherwise.
const LANGUAGE: &str = "fr";
/// What keys of pages begin with.
const KEY_PREFIX: &str = "page/";

/// A page by its kind and language.
struct Place {
    kind: desk::PageKind,
    language: String,
}

impl Place {
    fn read(kind: i32, language: &str) -> Result<Self, Status> {
        let known = |number| match i32::try_from(number).ok().map(desk::PageKind::try_from) {
            Some(Ok(
                kind @ (desk::PageKind::Legal | desk::PageKind::Privacy | desk::PageKind::Accessibility),
            )) => Some(kind),
            Some(Ok(desk::PageKind::Unspecified) | Err(_)) | None => None,
        };
        let kind = code(known, kind, "kind")?;
        let language = if language.is_empty() { LANGUAGE } else { language };
        let fits =
            (2..=3).contains(&language.len()) && language.bytes().all(|letter| letter.is_ascii_lowercase());
        if !fits {
            let problem = "is not a language code of two or three letters, like fr or ar";
            return Err(answer::field("language", problem));
        }
        Ok(Self { kind, language: language.to_owned() })
    }

    fn of_kind(&self) -> String {
        let kind = match self.kind {
            desk::PageKind::Unspecified => "none",
            desk::PageKind::Legal => "legal",
            desk::PageKind::Privacy => "privacy",
            desk::PageKind::Accessibility => "accessibility",
        };
        format!("{KEY_PREFIX}{kind}/")
    }

    fn key(&self) -> Vec<u8> {
        (self.of_kind() + &self.language).into_bytes()
    }

    fn view(self) -> desk::PageView {
        desk::PageView { kind: self.kind.into(), language: self.language, ..desk::PageView::default() }
    }
}

impl Desk {
    /// A page; its text is empty until an admin completes it.
    pub(super) async fn show_page(&self, request: &desk::ShowPageRequest) -> Result<desk::PageView, Status> {
        let place = Place::read(request.kind, &request.language)?;
        self.kept(place).await.map(|(view, _)| view)
    }

    /// A page as it is kept, and what a write must find to replace nothing else.
    async fn kept(&self, place: Place) -> Result<(desk::PageView, Expected), Status> {
        let found = self.engine.store().document(Shelf::Setting, &place.key()).await;
        let Some(found) = found.map_err(|error| answer::engine(error.into()))? else {
            return Ok((place.view(), Expected::Absent));
        };
        let view = desk::PageView::decode(found.body.as_slice())
            .map_err(|_| answer::engine(EngineError::Corrupt("page: not a page's document".to_owned())))?;
        Ok((view, Expected::Version(found.version)))
    }

    /// Completes a page. An empty text takes it back. One that was saved since it was looked at is not replaced, unless
    /// it says the same.
    pub(super) async fn save_page(&self, request: desk::SavePageRequest) -> Result<desk::PageView, Status> {
        let place = Place::read(request.kind, &request.language)?;
        let text = scan::clean(&request.text).map_err(|error| answer::field("text", &error.to_string()))?;
        if text.chars().count() > PAGE_CHARS_MAX {
            return Err(answer::field("text", &format!("is too long: {PAGE_CHARS_MAX} characters at most")));
        }
        let key = place.key();
        self.check_room(&place, &key).await?;
        let now = self.engine.clock().now();
        let (present, expected_version) = self.kept(Place::read(request.kind, &request.language)?).await?;
        let seen = request.seen_saved_ms.unwrap_or(present.saved_ms.unwrap_or(0));
        if seen != present.saved_ms.unwrap_or(0) {
            return if present.text == text { Ok(present) } else { Err(answer::changed()) };
        }
        let mut view = place.view();
        view.saved_ms = (!text.is_empty()).then_some(now.0);
        view.text = text;
        let body = (!view.text.is_empty()).then(|| view.encode_to_vec());
        let subject = Digest::of_parts(&[b"page", &key, view.text.as_bytes()]);
        let leaf = Leaf { kind: LeafKind::Administrative, subject, salt: self.engine.dice().bytes() };
        let write = DocumentWrite { shelf: Shelf::Setting, key, expected_version, body };
        let batch = Batch { documents: vec![write], leaves: vec![leaf], ..Batch::default() };
        match self.engine.store().commit(batch).await {
            Ok(()) => Ok(view),
            Err(CommitError::Conflict) => Err(answer::engine(EngineError::Busy)),
            Err(CommitError::Store(error)) => Err(answer::engine(error.into())),
        }
    }

    async fn check_room(&self, place: &Place, key: &[u8]) -> Result<(), Status> {
        let known = self.engine.store().documents(Shelf::Setting, place.of_kind().as_bytes()).await;
        let known = known.map_err(|error| answer::engine(error.into()))?;
        if known.len() < LANGUAGES_MAX || known.iter().any(|document| document.key == key) {
            return Ok(());
        }
        Err(answer::field("language", &format!("{LANGUAGES_MAX} languages at most")))
    }
}

#[cfg(test)]
mod tests;
