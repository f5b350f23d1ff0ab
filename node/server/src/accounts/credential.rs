//! What a user proves themselves with: password, authenticator, sign-in link. One document a user, sealed at rest.

use super::password::PasswordHash;
use super::totp::SECRET_BYTES;
use super::{AccountError, Accounts};
use relais_domain::digest::Digest;
use relais_domain::id::ProfessionalId;
use relais_domain::time::Timestamp;
use relais_store::batch::{DocumentWrite, Expected};
use relais_store::rows::{Document, Shelf};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

/// What is kept of how a user signs in.
#[derive(Clone, Default, Debug, Serialize, Deserialize)]
pub(super) struct Credential {
    /// The password, if one is set.
    pub(super) password: Option<PasswordHash>,
    /// The authenticator, once confirmed.
    pub(super) totp: Option<Authenticator>,
    /// The authenticator that is being set up.
    pub(super) totp_begun: Option<TotpKey>,
    /// The sign-in link that is open.
    pub(super) link: Option<Link>,
}

/// A confirmed authenticator.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Authenticator {
    /// Its secret.
    pub(super) secret: TotpKey,
    /// The step of the last code that was used: no code up to it counts again.
    pub(super) last_step: i64,
}

/// A sign-in link, of which the hash is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Link {
    token: [u8; 32],
    expires_ms: i64,
}

impl Link {
    /// A link until then.
    pub(super) fn new(token: Digest, expires: Timestamp) -> Self {
        Self { token: token.0, expires_ms: expires.0 }
    }

    /// Whether it is this one, and still open.
    pub(super) fn opens(&self, token: Digest, now: Timestamp) -> bool {
        self.token == token.0 && now < Timestamp(self.expires_ms)
    }
}

/// The secret of an authenticator.
#[derive(Clone)]
pub(super) struct TotpKey(Zeroizing<[u8; SECRET_BYTES]>);

impl TotpKey {
    /// A secret of these random bytes.
    pub(super) fn new(bytes: [u8; SECRET_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Its bytes: to compute codes, and for whom it was made.
    pub(super) fn expose(&self) -> &[u8; SECRET_BYTES] {
        &self.0
    }
}

impl std::fmt::Debug for TotpKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpKey")
    }
}

impl Serialize for TotpKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.as_slice().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for TotpKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <[u8; SECRET_BYTES]>::deserialize(deserializer).map(Self::new)
    }
}

/// A credential with the version it was read at: what is written must rest on that.
#[derive(Clone, Debug)]
pub(super) struct Read {
    /// The credential; empty when none is kept.
    pub(super) credential: Credential,
    expected: Expected,
}

impl Read {
    pub(super) fn of(document: Option<&Document>) -> Result<Self, AccountError> {
        let Some(document) = document else {
            return Ok(Self { credential: Credential::default(), expected: Expected::Absent });
        };
        let credential = serde_json::from_slice(&document.body).map_err(|_| AccountError::Corrupt)?;
        Ok(Self { credential, expected: Expected::Version(document.version) })
    }

    /// The write that keeps it as it is now; a conflict when another was kept meanwhile.
    pub(super) fn write(&self, user: ProfessionalId) -> Result<DocumentWrite, AccountError> {
        let body = serde_json::to_vec(&self.credential).map_err(|_| AccountError::Corrupt)?;
        Ok(DocumentWrite {
            shelf: Shelf::Credential,
            key: user.as_bytes().to_vec(),
            expected_version: self.expected,
            body: Some(body),
        })
    }

    /// Whether both were read at the same version.
    pub(super) fn is_same_version(&self, other: &Self) -> bool {
        self.expected == other.expected
    }
}

impl Accounts {
    /// What is kept of how a user signs in.
    pub(super) async fn credential(&self, user: ProfessionalId) -> Result<Read, AccountError> {
        Read::of(self.store.document(Shelf::Credential, user.as_bytes()).await?.as_ref())
    }

    /// Whose open link this token is. Every credential is read: links are few, and nothing in a link names a user.
    pub(super) async fn link_holder(
        &self,
        token: Digest,
        now: Timestamp,
    ) -> Result<Option<(ProfessionalId, Read)>, AccountError> {
        for document in self.store.documents(Shelf::Credential, &[]).await? {
            let read = Read::of(Some(&document))?;
            if read.credential.link.as_ref().is_some_and(|link| link.opens(token, now)) {
                let user = ProfessionalId::from_slice(&document.key).ok_or(AccountError::Corrupt)?;
                return Ok(Some((user, read)));
            }
        }
        Ok(None)
    }
}
