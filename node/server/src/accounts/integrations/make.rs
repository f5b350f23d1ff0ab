//! Making an integration: for whom, within which limits.

use super::scope::Scope;
use super::{Integration, IntegrationId};
use crate::accounts::token::Token;
use crate::accounts::{Account, AccountError, Accounts, Act};
use relais_domain::id::ProfessionalId;
use relais_domain::time::Span;
use relais_store::batch::Batch;
use std::collections::BTreeSet;

/// Longest name of an integration, in characters.
pub const NAME_CHARS_MAX: usize = 60;
/// Most integrations of a node.
pub const INTEGRATIONS_MAX: usize = 100;
/// Longest an integration holds.
pub const VALIDITY_DAYS_MAX: u32 = 366;
/// How long it holds unless said otherwise.
pub const VALIDITY_DAYS: u32 = 90;
/// Why nobody makes a key to persons for another.
const MADE_BY_THEMSELVES: &str = "a key that opens what concerns persons or asks partners is not made for another: the \
                                  professional makes it themselves";

/// What an integration is made of.
#[derive(Clone, Debug)]
pub struct NewIntegration {
    /// What it is called.
    pub name: String,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
    /// The account name of whom it acts for; empty stands for whoever makes it.
    pub user: String,
    /// How long it holds, days; 0 stands for [`VALIDITY_DAYS`].
    pub validity_days: u32,
}

/// An integration that was just made.
#[derive(Debug)]
pub struct Made {
    /// Its id.
    pub id: IntegrationId,
    /// What is kept of it.
    pub integration: Integration,
    /// Its token, shown once.
    pub token: Token,
}

impl Accounts {
    /// Makes an integration. Whoever makes it is given its token: so one that opens what concerns persons is made by the
    /// professional themselves.
    ///
    /// # Errors
    /// [`AccountError`] names the field that is wrong.
    pub async fn create_integration(
        &self,
        by: &Account,
        asked: NewIntegration,
    ) -> Result<Made, AccountError> {
        let _writing = self.writing.lock().await;
        let now = self.clock.now();
        let name = asked.name.trim().to_owned();
        check(&name, &asked)?;
        let user = self.holder(by, &asked).await?;
        let (count, taken) =
            self.integrations.with(|held| (held.len(), held.values().any(|other| other.name == name)));
        if taken {
            return Err(AccountError::Field("name", "there is an integration of this name already"));
        }
        if count >= INTEGRATIONS_MAX {
            return Err(AccountError::TooMany("integrations"));
        }
        let days = if asked.validity_days == 0 { VALIDITY_DAYS } else { asked.validity_days };
        let (token, id) = (Token::draw(&self.dice), self.dice.bytes());
        let integration = Integration {
            name,
            token: token.digest().0,
            scopes: asked.scopes,
            user: *user.as_bytes(),
            created_ms: now.0,
            expires_ms: now.plus(Span::days(i64::from(days))).0,
            used_ms: None,
        };
        let leaves = vec![self.leaf(Act::IntegrationMade, by.id, &id)];
        let documents = vec![integration.write(id)?];
        self.store.commit(Batch { documents, leaves, ..Batch::default() }).await?;
        self.integrations.with(|held| held.insert(id, integration.clone()));
        tracing::info!(user = %by.id, "Integration made");
        Ok(Made { id, integration, token })
    }

    /// Whom a new integration acts for.
    async fn holder(&self, by: &Account, asked: &NewIntegration) -> Result<ProfessionalId, AccountError> {
        let name = if asked.user.is_empty() { &by.user.name } else { &asked.user };
        let found = self.users.named(name).await?.filter(|(_, user)| user.is_open());
        let (id, _) = found.ok_or(AccountError::Field("user", "there is no open account of this name"))?;
        if id != by.id && asked.scopes.iter().any(|scope| scope.is_personal()) {
            return Err(AccountError::Field("user", MADE_BY_THEMSELVES));
        }
        Ok(id)
    }
}

fn check(name: &str, asked: &NewIntegration) -> Result<(), AccountError> {
    if !(1..=NAME_CHARS_MAX).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        return Err(AccountError::Field("name", "1 to 60 characters, no control characters"));
    }
    if asked.scopes.is_empty() {
        return Err(AccountError::Field("scopes", "one at least"));
    }
    if asked.scopes.contains(&Scope::ThreadsAct) && !asked.scopes.contains(&Scope::ThreadsRead) {
        return Err(AccountError::Field("scopes", "acting on threads wants reading them as well"));
    }
    if asked.validity_days > VALIDITY_DAYS_MAX {
        return Err(AccountError::Field("validity_days", "366 at most"));
    }
    Ok(())
}
