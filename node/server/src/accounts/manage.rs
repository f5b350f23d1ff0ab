//! What an admin does with accounts, and how an account shows itself.

use super::integrations::Integrations;
use super::sessions::{self, Session};
use super::{Account, AccountError, Accounts};
use crate::users::{Change, Standing, User};
use relais_domain::id::ProfessionalId;
use relais_store::batch::Batch;

/// An account as its owner sees it.
#[derive(Clone, Debug)]
pub struct OwnedAccount {
    /// Whether a password is set.
    pub has_password: bool,
    /// Whether an authenticator is set up.
    pub has_totp: bool,
    /// Open sessions, the newest first.
    pub sessions: Vec<Session>,
}

impl Accounts {
    /// An account as its owner sees it.
    ///
    /// # Errors
    /// [`AccountError`] when the store cannot answer.
    pub async fn show(&self, user: ProfessionalId) -> Result<OwnedAccount, AccountError> {
        let read = self.credential(user).await?;
        let open = self.sessions.of(user, self.clock.now());
        Ok(OwnedAccount {
            has_password: read.credential.password.is_some(),
            has_totp: read.credential.totp.is_some(),
            sessions: open.into_iter().map(|(_, session)| session).collect(),
        })
    }

    /// Changes a user. Closing an account ends its sessions, its integrations and its link in the same commit. What a
    /// role allows is asked at each call, so a lost role is lost at once.
    ///
    /// # Errors
    /// [`AccountError::NotThere`]; [`crate::users::UserError::LastAdmin`].
    pub async fn change_user(&self, name: &str, change: Change) -> Result<User, AccountError> {
        let _writing = self.writing.lock().await;
        let (id, _) = self.users.named(name).await?.ok_or(AccountError::NotThere)?;
        let now = self.clock.now();
        if change.standing != Some(Standing::Closed) {
            return Ok(self.users.change(id, change, now, Batch::default()).await?);
        }
        let (tokens, integrations) = (self.tokens(id), self.integrations.of(id));
        let mut besides = Batch::default();
        besides.documents.extend(tokens.iter().copied().map(sessions::forget));
        besides.documents.extend(integrations.iter().copied().map(Integrations::forget));
        let mut read = self.credential(id).await?;
        if read.credential.link.take().is_some() {
            besides.documents.push(read.write(id)?);
        }
        let user = self.users.change(id, change, now, besides).await?;
        self.sessions.remove(&tokens);
        self.integrations.remove(&integrations);
        tracing::info!(user = %id, "Account closed");
        Ok(user)
    }

    /// Removes the authenticator of a user who lost it.
    ///
    /// # Errors
    /// [`AccountError::NotThere`].
    pub async fn remove_totp_of(&self, by: &Account, name: &str) -> Result<Account, AccountError> {
        let _writing = self.writing.lock().await;
        let (id, user) = self.users.named(name).await?.ok_or(AccountError::NotThere)?;
        self.forget_totp(id, by.id).await?;
        Ok(Account { id, user })
    }
}
