//! Keys of the structure's own software. Each acts for one user, within its scopes, until it expires.

use super::token::Token;
use super::{Account, AccountError, Accounts, Act};
use relais_domain::digest::Digest;
use relais_domain::id::ProfessionalId;
use relais_domain::time::{Span, Timestamp};
use relais_store::batch::{Batch, DocumentWrite, Expected};
use relais_store::rows::Shelf;
use relais_store::{Store, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

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
/// How often the last use of an integration is written.
const NOTED_EVERY: Span = Span::minutes(1);

/// What an integration may do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Reads the lists of referrals and handovers.
    ThreadsList,
    /// Reads them whole.
    ThreadsRead,
    /// Sends them and acts on them. What that answers is the whole thread, so it wants [`Scope::ThreadsRead`] as well.
    ThreadsAct,
    /// Reads services.
    ServicesRead,
    /// Publishes services and capacity.
    ServicesWrite,
    /// Reads the counts of flows.
    FlowsRead,
    /// Finds, reads and opens the follow-ups that its professional may see: who the persons are.
    FollowUps,
    /// Asks partners who can take a need, and answers theirs; nothing of a person is in it.
    Inquiries,
}

impl Scope {
    /// Whether it opens what concerns persons, or speaks to partners in the professional's name: then the key is given to
    /// nobody but the professional.
    pub fn is_personal(self) -> bool {
        match self {
            Self::ThreadsList | Self::ThreadsRead | Self::ThreadsAct | Self::FollowUps | Self::Inquiries => {
                true
            }
            Self::ServicesRead | Self::ServicesWrite | Self::FlowsRead => false,
        }
    }
}

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

/// Every integration, by id.
pub(super) struct Integrations {
    held: Mutex<BTreeMap<IntegrationId, Integration>>,
    noted: Mutex<BTreeMap<IntegrationId, Timestamp>>,
}

impl Integrations {
    /// Reads them from the store. One that cannot be read is none.
    pub(super) async fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let mut held = BTreeMap::new();
        for document in store.documents(Shelf::Integration, &[]).await? {
            let id = document.key.as_slice().try_into().ok();
            if let Some((id, integration)) = id.zip(serde_json::from_slice(&document.body).ok()) {
                held.insert(id, integration);
            }
        }
        Ok(Self { held: Mutex::new(held), noted: Mutex::default() })
    }

    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<IntegrationId, Integration>) -> T) -> T {
        act(&mut self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The integration of a token, used now, and its id when that use is to be written.
    fn used(&self, token: Digest, now: Timestamp) -> Option<(Integration, Option<IntegrationId>)> {
        self.with(|held| {
            let of_it = |one: &Integration| one.token == token.0 && now < one.expires();
            let (id, one) = held.iter_mut().find(|(_, one)| of_it(one))?;
            one.used_ms = Some(now.0);
            let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
            let is_time = noted.get(id).is_none_or(|noted| now.since(*noted) >= NOTED_EVERY);
            if is_time {
                noted.insert(*id, now);
            }
            Some((one.clone(), is_time.then_some(*id)))
        })
    }

    /// Those that act for a user.
    pub(super) fn of(&self, user: ProfessionalId) -> Vec<IntegrationId> {
        self.with(|held| held.iter().filter(|(_, one)| one.user() == user).map(|(id, _)| *id).collect())
    }

    /// The write that forgets one.
    pub(super) fn forget(id: IntegrationId) -> DocumentWrite {
        write(id, None)
    }

    /// Forgets some.
    pub(super) fn remove(&self, ids: &[IntegrationId]) {
        self.with(|held| held.retain(|id, _| !ids.contains(id)));
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).retain(|id, _| !ids.contains(id));
    }
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
