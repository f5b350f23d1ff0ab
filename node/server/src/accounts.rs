//! Accounts: how a user proves who they are, and what then speaks for them. Passwords, authenticators, sign-in links,
//! sessions, and the keys of the structure's own software.
//!
//! Threats first. Guessing: tries are counted before anything is computed ([`tries`]), and a password costs 19 MiB and
//! two passes. Asking who is there: an account that is not there, one that is closed, one without a password and a wrong
//! password get one answer after the same work. A stolen database: tokens are kept as hashes, credentials are sealed at
//! rest. A stolen session: it ends unused after half an hour, and it sets no password without the present one. Replay:
//! a link, and a code of an authenticator, are used up in the commit that opens the session. Fixation: every sign-in and
//! every new password draws a fresh token, and ends the one that was borne. Roles are read at each call: whoever loses
//! one has lost it in every session and integration at once.
//!
//! No secret here prints.

mod credential;
pub mod integrations;
mod manage;
mod own;
pub mod password;
pub mod sessions;
mod sign_in;
pub mod token;
mod totp;
pub mod tries;
mod withdraw;

#[cfg(test)]
mod tests;

pub use manage::OwnedAccount;
pub use own::TotpSecret;
pub use sign_in::{Entered, Opened, Origin, SignIn};
pub(crate) use withdraw::withdraw_all;

use crate::clock::{Clock, Dice};
use crate::users::{User, UserError, Users};
use governor::Quota;
use integrations::Integrations;
use password::{Hasher, Weak};
use relais_domain::digest::Digest;
use relais_domain::id::ProfessionalId;
use relais_domain::ledger_leaf::{Leaf, LeafKind};
use relais_domain::time::Span;
use relais_store::batch::{Batch, DocumentWrite, RefusalWrite};
use relais_store::{CommitError, Store, StoreError};
use sessions::{Session, Sessions};
use std::num::NonZeroU32;
use std::sync::Arc;
use token::Token;
use tokio::sync::Mutex;
use tries::{Counted, Tries};

/// Leaves about refusals of one user at one door, a minute: a prober is on record, and cannot fill the ledger.
const REFUSAL_LEAVES_PER_MINUTE: NonZeroU32 = NonZeroU32::new(1).expect("not zero");
/// Under what failed sign-ins are counted among the refusals.
const FAILED: &str = "sign_in";

/// Why it is not done.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Name or password is wrong, or there is no such account, or it is closed.
    #[error("name or password is wrong")]
    WrongSignIn,
    /// The link is wrong, expired or used up.
    #[error("this link has expired or was used: ask an admin for a new one")]
    WrongLink,
    /// The authenticator's code is wrong or was used.
    #[error("these digits are not right: take the next ones of the authenticator")]
    WrongCode,
    /// The caller's own password is wrong.
    #[error("the present password is wrong")]
    WrongPassword,
    /// Tried too often.
    #[error("tried too often: try again in {} seconds", seconds(*wait))]
    TooOften {
        /// How long to wait.
        wait: Span,
    },
    /// Too many sign in at this moment.
    #[error("too many people sign in at this moment: try again in a few seconds")]
    Busy,
    /// The new password is not good enough.
    #[error("password: {0}")]
    Weak(#[from] Weak),
    /// A field is wrong.
    #[error("{0}: {1}")]
    Field(&'static str, &'static str),
    /// There is no such thing.
    #[error("there is nothing of this name here")]
    NotThere,
    /// The session or integration is wrong, expired or revoked.
    #[error("the session is over: sign in again")]
    Over,
    /// The account has no password yet, or was entered with a link.
    #[error("a password must be set first")]
    PasswordNeeded,
    /// An authenticator is set up already.
    #[error("an authenticator is set up: remove it first")]
    HasAuthenticator,
    /// No authenticator is being set up.
    #[error("no authenticator is being set up: begin again")]
    NoAuthenticator,
    /// The node keeps no more of these.
    #[error("this node keeps no more {0}: revoke one first")]
    TooMany(&'static str),
    /// What is stored contradicts itself.
    #[error("stored data contradicts itself: account")]
    Corrupt,
    /// The users.
    #[error(transparent)]
    User(#[from] UserError),
    /// The store.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl From<StoreError> for AccountError {
    fn from(error: StoreError) -> Self {
        Self::Commit(error.into())
    }
}

/// Whole seconds, one at least.
pub(crate) fn seconds(wait: Span) -> i64 {
    wait.0.div_euclid(1_000) + 1
}

/// A user with their id.
#[derive(Clone, Debug)]
pub struct Account {
    /// The professional.
    pub id: ProfessionalId,
    /// Their account.
    pub user: User,
}

/// What a ledger leaf says was done with an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Act {
    SignedIn,
    SignInFailed,
    SignedOut,
    LinkMade,
    LinkUsed,
    PasswordSet,
    AuthenticatorSet,
    AuthenticatorRemoved,
    SessionsRevoked,
    IntegrationMade,
    IntegrationRevoked,
    Refused,
}

impl Act {
    const fn as_str(self) -> &'static str {
        match self {
            Self::SignedIn => "signed-in",
            Self::SignInFailed => "sign-in-failed",
            Self::SignedOut => "signed-out",
            Self::LinkMade => "link-made",
            Self::LinkUsed => "link-used",
            Self::PasswordSet => "password-set",
            Self::AuthenticatorSet => "authenticator-set",
            Self::AuthenticatorRemoved => "authenticator-removed",
            Self::SessionsRevoked => "sessions-revoked",
            Self::IntegrationMade => "integration-made",
            Self::IntegrationRevoked => "integration-revoked",
            Self::Refused => "refused",
        }
    }

    const fn kind(self) -> LeafKind {
        match self {
            Self::SignInFailed | Self::Refused => LeafKind::AccessRefused,
            Self::SignedIn
            | Self::SignedOut
            | Self::LinkMade
            | Self::LinkUsed
            | Self::PasswordSet
            | Self::AuthenticatorSet
            | Self::AuthenticatorRemoved
            | Self::SessionsRevoked
            | Self::IntegrationMade
            | Self::IntegrationRevoked => LeafKind::Administrative,
        }
    }
}

/// The accounts of this structure.
pub struct Accounts {
    store: Arc<dyn Store>,
    users: Users,
    structure: String,
    clock: Clock,
    dice: Dice,
    hasher: Hasher,
    tries: Tries,
    refusals: Counted<(ProfessionalId, &'static str)>,
    sessions: Sessions,
    integrations: Integrations,
    /// Sessions, links and credentials change one at a time: what one change rests on, another cannot take away.
    writing: Mutex<()>,
}

impl std::fmt::Debug for Accounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Accounts")
    }
}

impl Accounts {
    /// Reads what is open from the store. `structure` is the name that no password may be made of.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    pub async fn load(
        store: Arc<dyn Store>,
        users: Users,
        structure: String,
        clock: Clock,
        dice: Dice,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            sessions: Sessions::load(&*store).await?,
            integrations: Integrations::load(&*store).await?,
            store,
            users,
            structure,
            clock,
            dice,
            hasher: Hasher::default(),
            tries: Tries::default(),
            refusals: Counted::new(Quota::per_minute(REFUSAL_LEAVES_PER_MINUTE)),
            writing: Mutex::new(()),
        })
    }

    /// The session that a token stands for, used now.
    ///
    /// # Errors
    /// [`AccountError::Over`] when it is wrong, expired or revoked, or its user is there no more.
    pub async fn session(&self, token: &Token) -> Result<(Account, Session), AccountError> {
        let found = self.sessions.used(token, self.clock.now()).ok_or(AccountError::Over)?;
        let account = self.open_account(found.session.user()).await?.ok_or(AccountError::Over)?;
        if let Some(digest) = found.to_note {
            self.note_session(digest).await;
        }
        Ok((account, found.session))
    }

    /// Notes in the ledger that someone was refused at a door, once a minute each.
    pub async fn note_refused(&self, user: ProfessionalId, door: &'static str) {
        if self.refusals.spend(&(user, door)).is_ok() {
            let leaves = vec![self.leaf(Act::Refused, user, door.as_bytes())];
            if let Err(error) = self.store.commit(Batch { leaves, ..Batch::default() }).await {
                tracing::warn!(user = %user, door, %error, "A refusal was not noted");
            }
        }
    }

    /// Counts a sign-in that failed. Whoever is known gets a leaf a minute; the rest is a number.
    async fn note_failed(&self, user: Option<ProfessionalId>) {
        let failed = RefusalWrite { peer: None, code: FAILED.to_owned(), count: 1, at: self.clock.now() };
        let refusals = vec![failed];
        let noted = user.filter(|user| self.refusals.spend(&(*user, FAILED)).is_ok());
        let leaves = noted.map(|user| self.leaf(Act::SignInFailed, user, &[])).into_iter().collect();
        if let Err(error) = self.store.commit(Batch { leaves, refusals, ..Batch::default() }).await {
            tracing::warn!(%error, "A failed sign-in was not counted");
        }
    }

    async fn open_account(&self, id: ProfessionalId) -> Result<Option<Account>, AccountError> {
        let user = self.users.user(id).await?.filter(User::is_open);
        Ok(user.map(|user| Account { id, user }))
    }

    /// Writes when a session was used last, unless it ended meanwhile.
    async fn note_session(&self, token: Digest) {
        let _writing = self.writing.lock().await;
        if let Some(Ok(write)) = self.sessions.held(token).map(|session| session.write(token)) {
            self.note_use(write).await;
        }
    }

    /// Writes when something was used last. It is no reason to refuse the call.
    async fn note_use(&self, write: DocumentWrite) {
        let batch = Batch { documents: vec![write], ..Batch::default() };
        if let Err(error) = self.store.commit(batch).await {
            tracing::warn!(%error, "The last use of a session was not noted");
        }
    }

    fn leaf(&self, act: Act, user: ProfessionalId, about: &[u8]) -> Leaf {
        let now = self.clock.now().0.to_be_bytes();
        let parts: [&[u8]; 5] = [b"relais/account/1", act.as_str().as_bytes(), user.as_bytes(), about, &now];
        Leaf { kind: act.kind(), subject: Digest::of_parts(&parts), salt: self.dice.bytes() }
    }
}
