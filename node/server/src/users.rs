//! Professionals of this structure: their roles, their work contact, the uid that is theirs. How they sign in from a
//! browser is the accounts' matter.

mod error;
mod find;
mod user;

pub use error::UserError;
pub use user::{Change, Role, Standing, User, Work};

use crate::clock::Dice;
use find::read;
use relais_domain::digest::Digest;
use relais_domain::id::ProfessionalId;
use relais_domain::ledger_leaf::{Leaf, LeafKind};
use relais_domain::time::Timestamp;
use relais_store::Store;
use relais_store::batch::{Batch, DocumentWrite, Expected};
use relais_store::rows::Shelf;
use std::sync::Arc;
use tokio::sync::Mutex;

/// Longest user name, in characters.
pub const NAME_CHARS_MAX: usize = 60;
/// Most users of one node.
pub const USERS_MAX: usize = 1_000;

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
}
