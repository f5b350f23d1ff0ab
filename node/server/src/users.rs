//! Professionals of this structure. The node authorises: a session is the socket peer's uid, bound to a user.

use crate::clock::Dice;
use relais_domain::digest::Digest;
use relais_domain::id::ProfessionalId;
use relais_domain::ledger_leaf::{Leaf, LeafKind};
use relais_store::batch::{Batch, DocumentWrite, Expected};
use relais_store::rows::Shelf;
use relais_store::{CommitError, Store, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

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
}

impl std::fmt::Debug for Users {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Users")
    }
}

impl Users {
    /// The users kept in `store`.
    pub fn new(store: Arc<dyn Store>, dice: Dice) -> Self {
        Self { store, dice }
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
        let all = self.all().await?;
        if all.len() >= USERS_MAX {
            return Err(UserError::TooMany);
        }
        if all.iter().any(|(_, other)| other.name == user.name) {
            return Err(UserError::Taken);
        }
        let id = ProfessionalId::from_random(self.dice.bytes());
        let body = serde_json::to_vec(&user).map_err(|_| UserError::Corrupt)?;
        let leaf =
            Leaf { kind: LeafKind::Administrative, subject: Digest::of(&body), salt: self.dice.bytes() };
        let write = DocumentWrite {
            shelf: Shelf::User,
            key: id.as_bytes().to_vec(),
            expected_version: Expected::Absent,
            body: Some(body),
        };
        self.store.commit(Batch { documents: vec![write], leaves: vec![leaf], ..Batch::default() }).await?;
        Ok(id)
    }

    /// Every user.
    ///
    /// # Errors
    /// [`UserError`] when the store cannot answer.
    pub async fn all(&self) -> Result<Vec<(ProfessionalId, User)>, UserError> {
        let documents = self.store.documents(Shelf::User, &[]).await?;
        let read = |document: relais_store::rows::Document| {
            let id = ProfessionalId::from_slice(&document.key).ok_or(UserError::Corrupt)?;
            let user = serde_json::from_slice(&document.body).map_err(|_| UserError::Corrupt)?;
            Ok((id, user))
        };
        documents.into_iter().map(read).collect()
    }

    /// The user of a system uid; of several, the one named.
    ///
    /// # Errors
    /// [`UserError`] when the store cannot answer.
    pub async fn session(
        &self,
        uid: u32,
        named: Option<&str>,
    ) -> Result<Option<(ProfessionalId, User)>, UserError> {
        let mut of_uid = self.all().await?.into_iter().filter(|(_, user)| user.uid == Some(uid));
        Ok(match named {
            Some(name) => of_uid.find(|(_, user)| user.name == name),
            None => of_uid.next(),
        })
    }
}
