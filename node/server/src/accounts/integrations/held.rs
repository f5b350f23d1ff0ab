//! The integrations of this node in memory, by id: which token is whose, and when its last use is written.

use super::{Integration, IntegrationId, write};
use relais_domain::digest::Digest;
use relais_domain::id::ProfessionalId;
use relais_domain::time::{Span, Timestamp};
use relais_store::batch::DocumentWrite;
use relais_store::rows::Shelf;
use relais_store::{Store, StoreError};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// How often the last use of an integration is written.
const NOTED_EVERY: Span = Span::minutes(1);

/// Every integration, by id.
pub(in crate::accounts) struct Integrations {
    held: Mutex<BTreeMap<IntegrationId, Integration>>,
    noted: Mutex<BTreeMap<IntegrationId, Timestamp>>,
}

impl Integrations {
    /// Reads them from the store. One that cannot be read is none.
    pub(in crate::accounts) async fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let mut held = BTreeMap::new();
        for document in store.documents(Shelf::Integration, &[]).await? {
            let id = document.key.as_slice().try_into().ok();
            if let Some((id, integration)) = id.zip(serde_json::from_slice(&document.body).ok()) {
                held.insert(id, integration);
            }
        }
        Ok(Self { held: Mutex::new(held), noted: Mutex::default() })
    }

    pub(super) fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<IntegrationId, Integration>) -> T) -> T {
        act(&mut self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The integration of a token, used now, and its id when that use is to be written.
    pub(super) fn used(&self, token: Digest, now: Timestamp) -> Option<(Integration, Option<IntegrationId>)> {
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
    pub(in crate::accounts) fn of(&self, user: ProfessionalId) -> Vec<IntegrationId> {
        self.with(|held| held.iter().filter(|(_, one)| one.user() == user).map(|(id, _)| *id).collect())
    }

    /// The write that forgets one.
    pub(in crate::accounts) fn forget(id: IntegrationId) -> DocumentWrite {
        write(id, None)
    }

    /// Forgets some.
    pub(in crate::accounts) fn remove(&self, ids: &[IntegrationId]) {
        self.with(|held| held.retain(|id, _| !ids.contains(id)));
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).retain(|id, _| !ids.contains(id));
    }
}
