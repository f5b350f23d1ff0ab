//! What everyone does with their own account: password, authenticator, sessions.

use super::credential::{Authenticator, Read, TotpKey};
use super::password::{self, Fits};
use super::sessions::{self, OpenedBy, Opening, Session, Standing};
use super::sign_in::Opened;
use super::tries::Named;
use super::{Account, AccountError, Accounts, Act, totp};
use relais_domain::digest::Digest;
use relais_domain::id::ProfessionalId;
use relais_store::batch::Batch;
use secrecy::{ExposeSecret as _, SecretString};

/// What an authenticator must be told.
#[derive(Debug)]
pub struct TotpSecret {
    /// The secret, base32.
    pub secret: SecretString,
    /// The same as an `otpauth://` address.
    pub address: SecretString,
}

impl Accounts {
    /// Sets the caller's password. Every other session of theirs ends, an open link is void, and the session of the call
    /// goes on under a fresh token; a call without a session opens none.
    ///
    /// # Errors
    /// [`AccountError::Weak`] says what is wrong with the new one, [`AccountError::WrongPassword`] that the present one is.
    pub async fn set_password(
        &self,
        account: Account,
        session: Option<&Session>,
        current: SecretString,
        new: SecretString,
    ) -> Result<Option<Opened>, AccountError> {
        password::judge(&new, &[&self.structure, &account.user.name])?;
        let by_link = session.is_some_and(|session| session.opened_by == OpenedBy::Link);
        let read = self.credential(account.id).await?;
        if !by_link && read.credential.password.is_some() {
            self.prove(&account, &read, current).await?;
        }
        let kept = self.hasher.hash(new, self.dice.bytes()).await?;
        let _writing = self.writing.lock().await;
        let mut now = self.credential(account.id).await?;
        // The session may have ended while the password was computed: then it sets none.
        let alive = session.is_none_or(|session| self.find(account.id, &session.id).is_some());
        if !now.is_same_version(&read) || !alive || self.open_account(account.id).await?.is_none() {
            return Err(AccountError::Over);
        }
        now.credential.password = Some(kept);
        now.credential.link = None;
        let ending: Vec<Digest> = self.tokens(account.id);
        let batch = Batch {
            documents: vec![now.write(account.id)?],
            leaves: vec![self.leaf(Act::PasswordSet, account.id, &[])],
            ..Batch::default()
        };
        let Some(session) = session else {
            self.end(ending, batch).await?;
            return Ok(None);
        };
        let opening = Opening {
            agent: session.agent.clone(),
            opened_by: OpenedBy::Password,
            standing: Standing::Whole,
        };
        self.begin(account, opening, ending, batch).await.map(Some)
    }

    /// Begins to set up an authenticator; it counts once [`Self::confirm_totp`] has seen its digits. The present password
    /// is asked: with a stolen session alone nobody locks its owner out.
    ///
    /// # Errors
    /// [`AccountError::HasAuthenticator`]; [`AccountError::WrongPassword`]; [`AccountError::PasswordNeeded`]: it is the
    /// second thing, not the first.
    pub async fn begin_totp(
        &self,
        account: &Account,
        password: SecretString,
    ) -> Result<TotpSecret, AccountError> {
        let proven = self.credential(account.id).await?;
        if proven.credential.password.is_none() {
            return Err(AccountError::PasswordNeeded);
        }
        if proven.credential.totp.is_some() {
            return Err(AccountError::HasAuthenticator);
        }
        self.prove(account, &proven, password).await?;
        let _writing = self.writing.lock().await;
        let mut read = self.credential(account.id).await?;
        if !read.is_same_version(&proven) {
            return Err(AccountError::Over);
        }
        let key = TotpKey::new(self.dice.bytes());
        let told = TotpSecret {
            secret: SecretString::from(totp::base32(key.expose()).as_str()),
            address: SecretString::from(
                totp::address(key.expose(), &self.structure, &account.user.name).as_str(),
            ),
        };
        read.credential.totp_begun = Some(key);
        let batch = Batch { documents: vec![read.write(account.id)?], ..Batch::default() };
        self.store.commit(batch).await?;
        Ok(told)
    }

    /// Confirms the authenticator by its digits of this moment, which are used up.
    ///
    /// # Errors
    /// [`AccountError::WrongCode`], [`AccountError::NoAuthenticator`].
    pub async fn confirm_totp(&self, account: &Account, code: &SecretString) -> Result<(), AccountError> {
        let _writing = self.writing.lock().await;
        let mut read = self.credential(account.id).await?;
        let begun = read.credential.totp_begun.take().ok_or(AccountError::NoAuthenticator)?;
        self.tries.code(&account.user.name)?;
        let step = totp::accepted(begun.expose(), code.expose_secret(), self.clock.now(), None);
        let last_step = step.ok_or(AccountError::WrongCode)?;
        read.credential.totp = Some(Authenticator { secret: begun, last_step });
        self.keep(account.id, &read, Act::AuthenticatorSet, account.id).await
    }

    /// Removes the caller's authenticator.
    ///
    /// # Errors
    /// [`AccountError::WrongPassword`].
    pub async fn remove_own_totp(
        &self,
        account: &Account,
        password: SecretString,
    ) -> Result<(), AccountError> {
        let read = self.credential(account.id).await?;
        self.prove(account, &read, password).await?;
        let _writing = self.writing.lock().await;
        self.forget_totp(account.id, account.id).await
    }

    /// Ends the session of the call.
    ///
    /// # Errors
    /// [`AccountError`] when the store cannot: then it is still open.
    pub async fn sign_out(&self, session: &Session) -> Result<(), AccountError> {
        let _writing = self.writing.lock().await;
        let token = self.find(session.user(), &session.id);
        let leaves = vec![self.leaf(Act::SignedOut, session.user(), &session.id)];
        self.end(token.into_iter().collect(), Batch { leaves, ..Batch::default() }).await
    }

    /// Ends one of the caller's sessions, or all but that of the call.
    ///
    /// # Errors
    /// [`AccountError::NotThere`] when they have no such session.
    pub async fn revoke_sessions(
        &self,
        account: &Account,
        which: &[u8],
        current: Option<&Session>,
    ) -> Result<(), AccountError> {
        let _writing = self.writing.lock().await;
        let theirs = self.sessions.of(account.id, self.clock.now());
        let is_current = |session: &Session| current.is_some_and(|current| current.id == session.id);
        let chosen = |session: &Session| match which {
            [] => !is_current(session),
            id => session.id.as_slice() == id,
        };
        let ending: Vec<Digest> =
            theirs.iter().filter(|(_, session)| chosen(session)).map(|(token, _)| *token).collect();
        if ending.is_empty() && !which.is_empty() {
            return Err(AccountError::NotThere);
        }
        let leaves = vec![self.leaf(Act::SessionsRevoked, account.id, which)];
        self.end(ending, Batch { leaves, ..Batch::default() }).await
    }

    /// Proves a present password, counted like a sign-in.
    async fn prove(
        &self,
        account: &Account,
        read: &Read,
        password: SecretString,
    ) -> Result<(), AccountError> {
        self.tries.account(&account.user.name, Named::Account)?;
        match self.hasher.check(password, read.credential.password.clone()).await? {
            Fits::Yes => Ok(()),
            Fits::No => {
                self.note_failed(Some(account.id)).await;
                Err(AccountError::WrongPassword)
            }
        }
    }

    /// Removes an authenticator. The caller holds the lock on writing.
    pub(super) async fn forget_totp(
        &self,
        of: ProfessionalId,
        by: ProfessionalId,
    ) -> Result<(), AccountError> {
        let mut read = self.credential(of).await?;
        read.credential.totp = None;
        read.credential.totp_begun = None;
        self.keep(of, &read, Act::AuthenticatorRemoved, by).await
    }

    async fn keep(
        &self,
        of: ProfessionalId,
        read: &Read,
        act: Act,
        by: ProfessionalId,
    ) -> Result<(), AccountError> {
        let leaves = vec![self.leaf(act, by, of.as_bytes())];
        let batch = Batch { documents: vec![read.write(of)?], leaves, ..Batch::default() };
        Ok(self.store.commit(batch).await?)
    }

    /// Ends sessions. The caller holds the lock on writing.
    async fn end(&self, tokens: Vec<Digest>, mut batch: Batch) -> Result<(), AccountError> {
        batch.documents.extend(tokens.iter().copied().map(sessions::forget));
        self.store.commit(batch).await?;
        self.sessions.remove(&tokens);
        Ok(())
    }

    /// The hashes of all tokens of a user's sessions.
    pub(super) fn tokens(&self, user: ProfessionalId) -> Vec<Digest> {
        self.sessions.of(user, self.clock.now()).into_iter().map(|(token, _)| token).collect()
    }

    fn find(&self, user: ProfessionalId, id: &[u8; 16]) -> Option<Digest> {
        let theirs = self.sessions.of(user, self.clock.now());
        theirs.into_iter().find(|(_, session)| session.id == *id).map(|(token, _)| token)
    }
}
