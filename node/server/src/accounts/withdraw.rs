//! What a rotation of the keys ends besides: whoever had the folder may have read it.

use super::AccountError;
use super::credential::Read;
use relais_domain::id::ProfessionalId;
use relais_store::Store;
use relais_store::batch::{DocumentWrite, Expected};
use relais_store::rows::{Document, Shelf};

/// The writes that end every session, sign-in link, integration and authenticator. Passwords stay: only their hashes are
/// kept.
///
/// # Errors
/// [`AccountError`] when what is stored cannot be read.
pub(crate) async fn withdraw_all(store: &dyn Store) -> Result<Vec<DocumentWrite>, AccountError> {
    let mut writes = Vec::new();
    for shelf in [Shelf::Session, Shelf::Integration] {
        let held = store.documents(shelf, &[]).await?;
        writes.extend(held.into_iter().map(|document| removal(shelf, document)));
    }
    for document in store.documents(Shelf::Credential, &[]).await? {
        writes.extend(without_secrets(&document)?);
    }
    Ok(writes)
}

fn removal(shelf: Shelf, document: Document) -> DocumentWrite {
    let expected_version = Expected::Version(document.version);
    DocumentWrite { shelf, key: document.key, expected_version, body: None }
}

/// The credential without link and authenticator, if it had any.
fn without_secrets(document: &Document) -> Result<Option<DocumentWrite>, AccountError> {
    let user = ProfessionalId::from_slice(&document.key).ok_or(AccountError::Corrupt)?;
    let mut read = Read::of(Some(document))?;
    let credential = &mut read.credential;
    let had = [credential.totp.take().is_some(), credential.totp_begun.take().is_some()];
    let had_link = credential.link.take().is_some();
    if had_link || had.contains(&true) { read.write(user).map(Some) } else { Ok(None) }
}
