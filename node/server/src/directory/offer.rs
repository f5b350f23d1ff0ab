//! The standing offers of walk-in services: when one may come without an appointment, as a signed record says it.
//!
//! A walk-in referral names the identity of that record. The offer is its signature: it stands until its record ends,
//! also when a newer one has taken its place meanwhile. So what was replaced is remembered until then, and for as long
//! again as a letter may be under way.

use super::publish::Words;
use super::shelf::{Holds, document_key};
use super::{Directory, DirectoryError, Seen};
use relais_domain::digest::Digest;
use relais_domain::directory::{Body, Held, RecordKey, Service, WalkIn};
use relais_domain::id::ServiceId;
use relais_domain::limits;
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_store::batch::{DocumentWrite, Expected};
use relais_store::rows::{Document, Shelf};
use relais_store::{Store, StoreError};
use relais_wire::record::SignedRecord;
use serde::{Deserialize, Serialize};

/// Where offers that were replaced are remembered, by the digest of their record.
const FORMER: &[u8] = b"walk-in-offer/";

/// A standing offer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    /// When one may come.
    pub walk_in: WalkIn,
    /// The identity of the record that makes it.
    pub digest: Digest,
}

/// An offer whose record was replaced.
#[derive(Serialize, Deserialize)]
struct Former {
    service: String,
    until_ms: i64,
}

impl Directory {
    /// The standing offer of a service.
    pub fn offer(&self, structure: StructureId, id: &ServiceId) -> Option<Offer> {
        let now = self.clock.now();
        let held = self.read(|records| records.held(structure, &RecordKey::Service(id.clone())).cloned())?;
        let walk_in = offered(&held).filter(|_| held.record.expires_at > now)?.walk_in.clone()?;
        Some(Offer { walk_in, digest: held.identity })
    }

    /// Makes or changes the standing offer of a service of this structure, or takes it back; `seen` is the one that was
    /// looked at. What it says is compared, not its record: one that was only signed anew is the same offer.
    ///
    /// # Errors
    /// [`DirectoryError::UnknownService`], [`DirectoryError::Changed`], or what is wrong with the offer.
    pub async fn set_walk_in(
        &self,
        id: &ServiceId,
        offer: Option<WalkIn>,
        seen: Seen<WalkIn>,
    ) -> Result<(), DirectoryError> {
        let _writing = self.writing.lock().await;
        let own = self.own.structure();
        let shown = self.service(own, id).ok_or_else(|| DirectoryError::UnknownService(id.clone()))?;
        let present = shown.service.walk_in.as_ref();
        if present != offer.as_ref() && !seen.is_still(present) {
            return Err(DirectoryError::Changed);
        }
        let service = Service { walk_in: offer, ..shown.service };
        let draft = self.draft(Body::Service(Box::new(service)))?;
        self.commit_own(draft.signed.into_iter().collect(), Words::Said).await
    }

    /// The offer that a service of this structure makes today: what a file says nothing of stays as it is.
    pub(super) fn own_walk_in(&self, id: &ServiceId) -> Option<WalkIn> {
        self.offer(self.own.structure(), id).map(|offer| offer.walk_in)
    }

    /// What must be remembered when a record of this structure takes the place of the one held.
    pub(super) fn former_offer(&self, key: &RecordKey) -> Option<DocumentWrite> {
        let held = self.read(|records| records.held(self.own.structure(), key).cloned())?;
        let service = offered(&held).filter(|service| service.walk_in.is_some())?;
        let former = Former { service: service.id.to_string(), until_ms: held.record.expires_at.0 };
        Some(DocumentWrite {
            shelf: Shelf::Setting,
            key: [FORMER, held.identity.as_bytes()].concat(),
            expected_version: Expected::Any,
            body: Some(serde_json::to_vec(&former).expect("a text and a number are JSON")),
        })
    }
}

fn offered(held: &Held) -> Option<&Service> {
    match &held.record.body {
        Body::Service(service) => Some(service),
        Body::Structure(_) | Body::Capacity(_) | Body::Endorsement(_) | Body::Withdrawn(_) => None,
    }
}

/// Whether `digest` names an offer that this structure (`own`) made for `service` and that stood at `at`.
///
/// # Errors
/// [`StoreError`].
pub async fn offer_stood(
    store: &dyn Store,
    own: StructureId,
    service: &ServiceId,
    digest: Digest,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let key = document_key(own, &RecordKey::Service(service.clone()), Holds::Record);
    if let Some(document) = store.document(Shelf::Record, &key).await? {
        let corrupt = |error| StoreError::Corrupt(format!("directory record: {error}"));
        let SignedRecord { record, identity, .. } = SignedRecord::read(&document.body).map_err(corrupt)?;
        let held = Held { record, identity };
        if identity == digest && offered(&held).is_some_and(|service| service.walk_in.is_some()) {
            return Ok(at <= held.record.expires_at);
        }
    }
    let former = store.document(Shelf::Setting, &[FORMER, digest.as_bytes()].concat()).await?;
    let Some(former) = former.as_ref().map(read_former).transpose()? else { return Ok(false) };
    Ok(former.service == service.as_str() && at <= Timestamp(former.until_ms))
}

fn read_former(document: &Document) -> Result<Former, StoreError> {
    serde_json::from_slice(&document.body)
        .map_err(|_| StoreError::Corrupt("setting: not a former walk-in offer".to_owned()))
}

/// The former offers that no letter under way can name any more.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn outdated_offers(store: &dyn Store, now: Timestamp) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut outdated = Vec::new();
    for document in store.documents(Shelf::Setting, FORMER).await? {
        if Timestamp(read_former(&document)?.until_ms).plus(limits::DEADLINE_MAX) < now {
            outdated.push(document.key);
        }
    }
    Ok(outdated)
}
