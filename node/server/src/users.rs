//! Professionals of this structure: their roles, their work contact, the uid that is theirs. How they sign in from a
//! browser is the accounts' matter.

use crate::clock::Dice;
use relais_domain::consent::Purpose;
use relais_domain::content::check::FieldError;
use relais_domain::content::{Content, Professional};
use relais_domain::digest::Digest;
use relais_domain::id::ProfessionalId;
use relais_domain::ledger_leaf::{Leaf, LeafKind};
use relais_domain::personal::Personal;
use relais_domain::time::Timestamp;
use relais_store::batch::{Batch, DocumentWrite, Expected};
use relais_store::rows::{Document, Shelf};
use relais_store::{CommitError, Store, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::Mutex;

/// Longest user name, in characters.
pub const NAME_CHARS_MAX: usize = 60;
/// Most users of one node.
pub const USERS_MAX: usize = 1_000;

/// What a professional may do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sends, answers, follows.
    Counsellor,
    /// The same, for the whole team.
    Coordinator,
    /// Pairs, imports, adds users. Sees no person.
    Admin,
    /// Reads the ledger and the flows. Sees no person.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Counsellor, Self::Coordinator, Self::Admin, Self::Auditor];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counsellor => "counsellor",
            Self::Coordinator => "coordinator",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
        }
    }

    /// The role of a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

/// A professional.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct User {
    /// The name to sign in with and to show.
    pub name: String,
    /// What they may do.
    pub roles: BTreeSet<Role>,
    /// The system user whose processes are theirs; none for those who only sign in from a browser.
    #[serde(default)]
    pub uid: Option<u32>,
    /// Work name and contact, as partners learn them when this professional accepts.
    #[serde(default)]
    pub work: Option<Work>,
    /// When the user was added, ms; 0 when it was not noted.
    #[serde(default)]
    pub added_ms: i64,
    /// Since when the account is closed, ms: its owner is nobody here any more.
    #[serde(default)]
    pub closed_ms: Option<i64>,
}

impl User {
    /// A user without work contact.
    pub fn new(name: String, roles: BTreeSet<Role>, uid: Option<u32>) -> Self {
        Self { name, roles, uid, work: None, added_ms: 0, closed_ms: None }
    }

    /// Whether the account is open.
    pub fn is_open(&self) -> bool {
        self.closed_ms.is_none()
    }

    fn administers(&self) -> bool {
        self.is_open() && self.roles.contains(&Role::Admin)
    }
}

/// What becomes of a user. What is absent stays as it is.
#[derive(Clone, Default, Debug)]
pub struct Change {
    /// What they may do from now on.
    pub roles: Option<BTreeSet<Role>>,
    /// Work name and contact.
    pub work: Option<Work>,
    /// Whether the account is open.
    pub standing: Option<Standing>,
}

/// Whether an account is open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Its owner may sign in.
    Open,
    /// Nobody may.
    Closed,
}

/// Work name and contact of a professional. They are not logged.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    name: String,
    contact: String,
}

impl std::fmt::Debug for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Work")
    }
}

impl Work {
    /// What is to be kept of a professional.
    ///
    /// # Errors
    /// [`FieldError`] when no partner would take it in an acceptance.
    pub fn of(professional: Professional) -> Result<Self, FieldError> {
        let content = Content { professional: Some(professional.clone()), ..Content::default() };
        content.check(Purpose::Referral)?;
        let Professional { name, contact } = professional;
        Ok(Self { name: name.into_exposed(), contact: contact.into_exposed() })
    }

    /// What partners learn.
    pub fn professional(&self) -> Professional {
        Professional { name: Personal::new(self.name.clone()), contact: Personal::new(self.contact.clone()) }
    }
}

/// Why a user is not added.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// The name does not fit.
    #[error("name: 1 to {NAME_CHARS_MAX} characters, no control characters")]
    Name,
    /// No role.
    #[error("roles: one at least, of counsellor, coordinator, admin, auditor")]
    NoRole,
    /// The name is taken.
    #[error("name: there is a user of this name already")]
    Taken,
    /// Too many users.
    #[error("this node has {USERS_MAX} users, the most it keeps")]
    TooMany,
    /// There is no such user.
    #[error("there is nothing of this name here")]
    NotThere,
    /// Nobody would run the node any more.
    #[error("this is the last admin of the node: make another one first")]
    LastAdmin,
    /// What is stored contradicts itself.
    #[error("stored data contradicts itself: user")]
    Corrupt,
    /// The store could not.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl From<StoreError> for UserError {
    fn from(error: StoreError) -> Self {
        Self::Commit(CommitError::Store(error))
    }
}

/// The professionals of this structure.
#[derive(Clone)]
pub struct Users {
    store: Arc<dyn Store>,
    dice: Dice,
    /// Two changes at once could each rest on the other's admin, or on a name that is still free.
    changing: Arc<Mutex<()>>,
}

impl std::fmt::Debug for Users {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Users")
    }
}

impl Users {
    /// The users kept in `store`.
    pub fn new(store: Arc<dyn Store>, dice: Dice) -> Self {
        Self { store, dice, changing: Arc::default() }
    }

    /// Adds a user.
    ///
    /// # Errors
    /// [`UserError`] names the field that is wrong.
    pub async fn add(&self, user: User) -> Result<ProfessionalId, UserError> {
        let length = user.name.trim().chars().count();
        if !(1..=NAME_CHARS_MAX).contains(&length) || user.name.chars().any(char::is_control) {
            return Err(UserError::Name);
        }
        if user.roles.is_empty() {
            return Err(UserError::NoRole);
        }
        let _changing = self.changing.lock().await;
        let all = self.all().await?;
        if all.len() >= USERS_MAX {
            return Err(UserError::TooMany);
        }
        if all.iter().any(|(_, other)| other.name == user.name) {
            return Err(UserError::Taken);
        }
        let id = ProfessionalId::from_random(self.dice.bytes());
        self.commit(id, &user, Expected::Absent, Batch::default()).await?;
        Ok(id)
    }

    /// Changes a user, and what depends on it in the same commit.
    ///
    /// # Errors
    /// [`UserError::LastAdmin`] when nobody would be left to run the node.
    pub async fn change(
        &self,
        id: ProfessionalId,
        change: Change,
        now: Timestamp,
        besides: Batch,
    ) -> Result<User, UserError> {
        let _changing = self.changing.lock().await;
        let document = self.store.document(Shelf::User, id.as_bytes()).await?.ok_or(UserError::NotThere)?;
        let (_, former) = read(&document)?;
        let mut user = former.clone();
        if let Some(roles) = change.roles {
            user.roles = roles;
        }
        if user.roles.is_empty() {
            return Err(UserError::NoRole);
        }
        user.work = change.work.or(user.work);
        match change.standing {
            Some(Standing::Open) => user.closed_ms = None,
            Some(Standing::Closed) => user.closed_ms = user.closed_ms.or(Some(now.0)),
            None => {}
        }
        let others = self.all().await?;
        let another = others.iter().any(|(other, user)| *other != id && user.administers());
        if former.administers() && !user.administers() && !another {
            return Err(UserError::LastAdmin);
        }
        self.commit(id, &user, Expected::Version(document.version), besides).await?;
        Ok(user)
    }

    async fn commit(
        &self,
        id: ProfessionalId,
        user: &User,
        expected_version: Expected,
        mut batch: Batch,
    ) -> Result<(), UserError> {
        let body = serde_json::to_vec(user).map_err(|_| UserError::Corrupt)?;
        let leaf =
            Leaf { kind: LeafKind::Administrative, subject: Digest::of(&body), salt: self.dice.bytes() };
        let key = id.as_bytes().to_vec();
        batch.documents.push(DocumentWrite { shelf: Shelf::User, key, expected_version, body: Some(body) });
        batch.leaves.push(leaf);
        Ok(self.store.commit(batch).await?)
    }

    /// Every user.
    ///
    /// # Errors
    /// [`UserError`] when the store cannot answer.
    pub async fn all(&self) -> Result<Vec<(ProfessionalId, User)>, UserError> {
        let documents = self.store.documents(Shelf::User, &[]).await?;
        documents.iter().map(read).collect()
    }

    /// One user.
    ///
    /// # Errors
    /// [`UserError`] when the store cannot answer.
    pub async fn user(&self, id: ProfessionalId) -> Result<Option<User>, UserError> {
        let document = self.store.document(Shelf::User, id.as_bytes()).await?;
        document.map(|document| read(&document).map(|(_, user)| user)).transpose()
    }

    /// The user of an account name, open or closed.
    ///
    /// # Errors
    /// [`UserError`] when the store cannot answer.
    pub async fn named(&self, name: &str) -> Result<Option<(ProfessionalId, User)>, UserError> {
        Ok(self.all().await?.into_iter().find(|(_, user)| user.name == name))
    }

    /// The user of a system uid; of several, the one named. A closed account is nobody's.
    ///
    /// # Errors
    /// [`UserError`] when the store cannot answer.
    pub async fn session(
        &self,
        uid: u32,
        named: Option<&str>,
    ) -> Result<Option<(ProfessionalId, User)>, UserError> {
        let mut of_uid =
            self.all().await?.into_iter().filter(|(_, user)| user.uid == Some(uid) && user.is_open());
        Ok(match named {
            Some(name) => of_uid.find(|(_, user)| user.name == name),
            None => of_uid.next(),
        })
    }
}

fn read(document: &Document) -> Result<(ProfessionalId, User), UserError> {
    let id = ProfessionalId::from_slice(&document.key).ok_or(UserError::Corrupt)?;
    let user = serde_json::from_slice(&document.body).map_err(|_| UserError::Corrupt)?;
    Ok((id, user))
}
