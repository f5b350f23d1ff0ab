//! Keys of the structure's own software. Each acts for one user, within its scopes, until it expires.

mod held;
mod make;
mod scope;

pub(super) use held::Integrations;
pub use make::{INTEGRATIONS_MAX, Made, NAME_CHARS_MAX, NewIntegration, VALIDITY_DAYS, VALIDITY_DAYS_MAX};
pub use scope::Scope;

use super::token::Token;
use super::{Account, AccountError, Accounts, Act};
use relais_domain::id::ProfessionalId;
use relais_domain::time::Timestamp;
use relais_store::batch::{Batch, DocumentWrite, Expected};
use relais_store::rows::Shelf;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An integration.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Integration {
    /// What it is called.
    pub name: String,
    token: [u8; 32],
    /// What it may do, within what its user may.
    pub scopes: BTreeSet<Scope>,
    user: [u8; 16],
    created_ms: i64,
    expires_ms: i64,
    used_ms: Option<i64>,
}

impl Integration {
    /// Whom it acts for.
    pub fn user(&self) -> ProfessionalId {
        ProfessionalId::from_random(self.user)
    }

    /// When it was made.
    pub fn created(&self) -> Timestamp {
        Timestamp(self.created_ms)
    }

    /// Until when it holds.
    pub fn expires(&self) -> Timestamp {
        Timestamp(self.expires_ms)
    }

    /// When it was used last.
    pub fn used(&self) -> Option<Timestamp> {
        self.used_ms.map(Timestamp)
    }

    fn write(&self, id: IntegrationId) -> Result<DocumentWrite, AccountError> {
        let body = serde_json::to_vec(self).map_err(|_| AccountError::Corrupt)?;
        Ok(write(id, Some(body)))
    }
}

/// The id of an integration: not its token.
pub type IntegrationId = [u8; 16];

fn write(id: IntegrationId, body: Option<Vec<u8>>) -> DocumentWrite {
    DocumentWrite { shelf: Shelf::Integration, key: id.to_vec(), expected_version: Expected::Any, body }
}

impl Accounts {
    /// The integration that a token stands for. Its user may have lost a role since: that is asked at each call.
    ///
    /// # Errors
    /// [`AccountError::Over`] when it is wrong, expired or revoked, or its user is there no more.
    pub async fn integration(&self, token: &Token) -> Result<(Account, Integration), AccountError> {
        let found = self.integrations.used(token.digest(), self.clock.now());
        let (integration, to_note) = found.ok_or(AccountError::Over)?;
        let account = self.open_account(integration.user()).await?.ok_or(AccountError::Over)?;
        if let Some(id) = to_note {
            self.note_integration(id).await;
        }
        Ok((account, integration))
    }

    /// Writes when it was used last, unless it was revoked meanwhile.
    pub(super) async fn note_integration(&self, id: IntegrationId) {
        let _writing = self.writing.lock().await;
        let held = self.integrations.with(|held| held.get(&id).cloned());
        if let Some(Ok(write)) = held.map(|integration| integration.write(id)) {
            self.note_use(write).await;
        }
    }

    /// Whether it acts for this user.
    pub fn is_of(&self, user: ProfessionalId, id: &[u8]) -> bool {
        self.integrations.of(user).iter().any(|own| own == id)
    }

    /// The integrations, by name, with the account names they act for.
    ///
    /// # Errors
    /// [`AccountError`] when the store cannot answer.
    pub async fn list_integrations(&self) -> Result<Vec<(IntegrationId, Integration, String)>, AccountError> {
        let users: BTreeMap<_, _> = self.users.all().await?.into_iter().collect();
        let named =
            |one: &Integration| users.get(&one.user()).map_or_else(String::new, |user| user.name.clone());
        let mut all: Vec<(IntegrationId, Integration, String)> = self
            .integrations
            .with(|held| held.iter().map(|(id, one)| (*id, one.clone(), named(one))).collect());
        all.sort_by(|(_, a, _), (_, b, _)| a.name.cmp(&b.name));
        Ok(all)
    }

    /// Ends an integration.
    ///
    /// # Errors
    /// [`AccountError::NotThere`].
    pub async fn revoke_integration(&self, by: &Account, id: &[u8]) -> Result<(), AccountError> {
        let _writing = self.writing.lock().await;
        let id: IntegrationId = id.try_into().map_err(|_| AccountError::NotThere)?;
        if self.integrations.with(|held| !held.contains_key(&id)) {
            return Err(AccountError::NotThere);
        }
        let leaves = vec![self.leaf(Act::IntegrationRevoked, by.id, &id)];
        let documents = vec![Integrations::forget(id)];
        self.store.commit(Batch { documents, leaves, ..Batch::default() }).await?;
        self.integrations.remove(&[id]);
        tracing::info!(user = %by.id, "Integration revoked");
        Ok(())
    }
}
