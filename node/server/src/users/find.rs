//! Finding users: by id, by account name, by the system uid of a session.

use super::Users;
use super::error::UserError;
use super::user::User;
use relais_domain::id::ProfessionalId;
use relais_store::rows::{Document, Shelf};

impl Users {
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

    /// The user of a system uid; of several, the one named, else the one that was added first: a user added later changes
    /// nothing for who was there. A closed account is nobody's.
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
            None => of_uid.min_by_key(|(_, user)| (user.added_ms, user.name.clone())),
        })
    }

    /// The other users that a user's system uid may act as: open accounts bound to it too, those added first in front.
    ///
    /// # Errors
    /// [`UserError`] when the store cannot answer.
    pub async fn beside(&self, id: ProfessionalId, user: &User) -> Result<Vec<User>, UserError> {
        let Some(uid) = user.uid else { return Ok(Vec::new()) };
        let all = self.all().await?.into_iter();
        let others = all.filter(|(other, user)| *other != id && user.uid == Some(uid) && user.is_open());
        let mut others: Vec<User> = others.map(|(_, user)| user).collect();
        others.sort_by(|a, b| (a.added_ms, &a.name).cmp(&(b.added_ms, &b.name)));
        Ok(others)
    }
}

pub(super) fn read(document: &Document) -> Result<(ProfessionalId, User), UserError> {
    let id = ProfessionalId::from_slice(&document.key).ok_or(UserError::Corrupt)?;
    let user = serde_json::from_slice(&document.body).map_err(|_| UserError::Corrupt)?;
    Ok((id, user))
}
