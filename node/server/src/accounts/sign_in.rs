//! Signing in: with name and password, or with a link.

use super::credential::{Credential, Link, Read};
use super::password::{Fits, PASSWORD_BYTES_MAX};
use super::sessions::{self, OpenedBy, Opening, SESSIONS_PER_USER_MAX, Session, Standing};
use super::token::Token;
use super::tries::{Address, Named};
use super::{Account, AccountError, Accounts, Act, totp};
use crate::users::{NAME_CHARS_MAX, User};
use relais_domain::digest::Digest;
use relais_domain::id::ProfessionalId;
use relais_domain::time::{Span, Timestamp};
use relais_store::batch::Batch;
use secrecy::{ExposeSecret as _, SecretString};

/// How long a link holds unless said otherwise, hours.
const LINK_HOURS: u32 = 24;
/// Longest a link holds, hours.
const LINK_HOURS_MAX: u32 = 72;

/// Where someone signs in from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Their address, by which tries are counted.
    pub address: Address,
    /// What their browser calls itself.
    pub agent: String,
    /// The token that the call bore already: it ends, so that nobody keeps a key to what is opened now.
    pub borne: Option<Token>,
}

/// What someone signs in with.
#[derive(Debug)]
pub struct SignIn {
    /// Account name.
    pub name: String,
    /// Password.
    pub password: SecretString,
    /// The authenticator's code; empty when none was asked yet.
    pub code: SecretString,
}

/// How far signing in went.
#[derive(Debug)]
pub enum Entered {
    /// The authenticator's code is asked.
    CodeNeeded,
    /// A session is open.
    Opened(Box<Opened>),
}

/// A session that was just opened. The token is shown once.
#[derive(Debug)]
pub struct Opened {
    /// Its token.
    pub token: Token,
    /// The session.
    pub session: Session,
    /// Whose it is.
    pub account: Account,
}

/// Someone who has proven who they are, and what that rests on.
pub(super) struct Proven {
    pub(super) account: Account,
    pub(super) read: Read,
    pub(super) changed: Changed,
}

/// Whether the credential was used up in part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Changed {
    Yes,
    No,
}

impl Accounts {
    /// Signs in with a name and a password, and with a code if the account has an authenticator.
    ///
    /// # Errors
    /// [`AccountError::WrongSignIn`] whatever is wrong with name or password.
    pub async fn sign_in(&self, asked: SignIn, from: Origin) -> Result<Entered, AccountError> {
        if asked.password.expose_secret().len() > PASSWORD_BYTES_MAX {
            return Err(AccountError::Field("password", "1,024 bytes at most"));
        }
        self.tries.address(from.address)?;
        let name: String = asked.name.trim().chars().take(NAME_CHARS_MAX + 1).collect();
        let named = if self.users.named(&name).await?.is_some() { Named::Account } else { Named::Nobody };
        self.tries.account(&name, named)?;
        let (account, read) = self.known(&name).await?;
        let kept = account.as_ref().and_then(|_| read.credential.password.clone());
        let fits = self.hasher.check(asked.password, kept).await?;
        let Some(account) = account.filter(|_| fits == Fits::Yes) else {
            let user = self.users.named(&name).await?.map(|(id, _)| id);
            self.note_failed(user).await;
            return Err(AccountError::WrongSignIn);
        };
        let Some(proven) = self.second(account, read, asked.code.expose_secret()).await? else {
            return Ok(Entered::CodeNeeded);
        };
        let opening = Opening { agent: from.agent, opened_by: OpenedBy::Password, standing: Standing::Whole };
        self.open(proven, opening, from.borne, Act::SignedIn).await
    }

    /// Signs in with a link, and with a code if the account has an authenticator. The link is used up. What it opens is
    /// good for setting a password alone: a former one dies with it, so its owner notices whoever used their link.
    ///
    /// # Errors
    /// [`AccountError::WrongLink`] when it is wrong, expired or used up, or its account is closed.
    pub async fn sign_in_with_link(
        &self,
        link: Option<Token>,
        code: &SecretString,
        from: Origin,
    ) -> Result<Entered, AccountError> {
        self.tries.address(from.address)?;
        let holder = match &link {
            Some(link) => self.link_holder(link.digest(), self.clock.now()).await?,
            None => None,
        };
        let Some((id, read)) = holder else {
            self.note_failed(None).await;
            return Err(AccountError::WrongLink);
        };
        let account = self.open_account(id).await?.ok_or(AccountError::WrongLink)?;
        let Some(mut proven) = self.second(account, read, code.expose_secret()).await? else {
            return Ok(Entered::CodeNeeded);
        };
        proven.read.credential.link = None;
        proven.changed = Changed::Yes;
        let standing = Standing::PasswordNeeded;
        let opening = Opening { agent: from.agent, opened_by: OpenedBy::Link, standing };
        match self.open(proven, opening, from.borne, Act::LinkUsed).await {
            // Another call used it up first.
            Err(AccountError::WrongSignIn) => Err(AccountError::WrongLink),
            entered => entered,
        }
    }

    /// The open account of a name with its credential. For a name that nobody has, as much is read.
    pub(super) async fn known(&self, name: &str) -> Result<(Option<Account>, Read), AccountError> {
        let found = self.users.named(name).await?;
        let id = found.as_ref().map_or_else(|| ProfessionalId::from_random(self.dice.bytes()), |(id, _)| *id);
        let read = self.credential(id).await?;
        let account = found.filter(|(_, user)| user.is_open()).map(|(id, user)| Account { id, user });
        Ok((account, read))
    }

    /// Asks for the authenticator's code if there is one, and uses it up. `None`: it was not given.
    async fn second(
        &self,
        account: Account,
        mut read: Read,
        code: &str,
    ) -> Result<Option<Proven>, AccountError> {
        let Some(totp) = &mut read.credential.totp else {
            return Ok(Some(Proven { account, read, changed: Changed::No }));
        };
        if code.is_empty() {
            return Ok(None);
        }
        self.tries.code(&account.user.name)?;
        let step = totp::accepted(totp.secret.expose(), code, self.clock.now(), Some(totp.last_step));
        let Some(step) = step else {
            self.note_failed(Some(account.id)).await;
            return Err(AccountError::WrongCode);
        };
        totp.last_step = step;
        Ok(Some(Proven { account, read, changed: Changed::Yes }))
    }

    /// Opens a session, if what was proven still holds. Whatever was used up is so in the same commit.
    pub(super) async fn open(
        &self,
        proven: Proven,
        opening: Opening,
        borne: Option<Token>,
        act: Act,
    ) -> Result<Entered, AccountError> {
        let _writing = self.writing.lock().await;
        let Proven { account, read, changed } = proven;
        let still = self.open_account(account.id).await?.is_some();
        if !still || !self.credential(account.id).await?.is_same_version(&read) {
            return Err(AccountError::WrongSignIn);
        }
        let mut batch = Batch { leaves: vec![self.leaf(act, account.id, &[])], ..Batch::default() };
        if changed == Changed::Yes {
            batch.documents.push(read.write(account.id)?);
        }
        let ending = self.ending(account.id, borne);
        self.begin(account, opening, ending, batch).await.map(|opened| Entered::Opened(Box::new(opened)))
    }

    /// What ends when one more session opens: the one that was borne, whatever is over, and the oldest beyond the most.
    fn ending(&self, user: ProfessionalId, borne: Option<Token>) -> Vec<Digest> {
        let now = self.clock.now();
        let mut ending = self.sessions.over(now);
        ending.extend(borne.map(|token| token.digest()).filter(|token| self.sessions.held(*token).is_some()));
        let kept = self.sessions.of(user, now).into_iter().filter(|(token, _)| !ending.contains(token));
        let oldest: Vec<Digest> = kept.skip(SESSIONS_PER_USER_MAX - 1).map(|(token, _)| token).collect();
        ending.extend(oldest);
        ending
    }

    /// Commits a fresh session and the end of others. The caller holds the lock on writing.
    pub(super) async fn begin(
        &self,
        account: Account,
        opening: Opening,
        ending: Vec<Digest>,
        mut batch: Batch,
    ) -> Result<Opened, AccountError> {
        let token = Token::draw(&self.dice);
        let session = Session::new(self.dice.bytes(), account.id, opening, self.clock.now());
        batch.documents.push(session.write(token.digest())?);
        batch.documents.extend(ending.iter().copied().map(sessions::forget));
        self.store.commit(batch).await?;
        self.sessions.remove(&ending);
        self.sessions.insert(token.digest(), session.clone());
        tracing::info!(user = %account.id, "Session opened");
        Ok(Opened { token, session, account })
    }

    /// Makes a link by which a user signs in once; one made before is void.
    ///
    /// # Errors
    /// [`AccountError::NotThere`] when there is no open account of this name.
    pub async fn create_link(
        &self,
        by: ProfessionalId,
        name: &str,
        hours: u32,
    ) -> Result<(Token, Timestamp), AccountError> {
        if hours > LINK_HOURS_MAX {
            return Err(AccountError::Field("validity_hours", "1 to 72"));
        }
        let hours = if hours == 0 { LINK_HOURS } else { hours };
        let _writing = self.writing.lock().await;
        let found = self.users.named(name).await?.filter(|(_, user): &(_, User)| user.is_open());
        let (id, _) = found.ok_or(AccountError::NotThere)?;
        let mut read = self.credential(id).await?;
        let (token, expires) =
            (Token::draw(&self.dice), self.clock.now().plus(Span::hours(i64::from(hours))));
        let link = Some(Link::new(token.digest(), expires));
        read.credential = Credential { link, ..read.credential };
        let batch = Batch {
            documents: vec![read.write(id)?],
            leaves: vec![self.leaf(Act::LinkMade, by, id.as_bytes())],
            ..Batch::default()
        };
        self.store.commit(batch).await?;
        tracing::info!(user = %id, by = %by, "Sign-in link made");
        Ok((token, expires))
    }
}
