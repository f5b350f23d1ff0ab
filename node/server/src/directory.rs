//! Services, own and of partners.

use crate::clock::{Clock, Dice};
use crate::own::Own;
use relais_domain::directory::{Capacity, Reason, Service};
use relais_domain::id::ServiceId;
use relais_domain::structure_id::StructureId;
use relais_domain::territory::Commune;
use relais_domain::theme::Theme;
use relais_domain::time::Timestamp;
use relais_store::{Store, StoreError};
use std::sync::Arc;

/// Why the directory could not do it.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why one service was refused.
#[derive(Clone, Debug)]
pub struct ImportRefusal {
    /// Its place.
    pub index: u32,
    /// Its id.
    pub id: String,
    /// The field.
    pub field: String,
    /// The problem.
    pub problem: String,
}

/// What became of an import.
#[derive(Clone, Debug, Default)]
pub struct ImportReport {
    /// New.
    pub created: u32,
    /// Changed.
    pub updated: u32,
    /// The same.
    pub unchanged: u32,
    /// Refused.
    pub refused: Vec<ImportRefusal>,
}

/// A service to show.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Whose.
    pub structure: StructureId,
    /// What.
    pub service: Service,
    /// Capacity and its expiry.
    pub capacity: Option<(Capacity, Timestamp)>,
    /// When signed.
    pub signed_at: Timestamp,
}

/// A service found.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The service.
    pub shown: Shown,
    /// How far.
    pub distance_m: Option<u32>,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// The directory.
#[derive(Debug)]
pub struct Directory {}

impl Directory {
    /// Loads it.
    pub async fn load(_store: Arc<dyn Store>, _own: Arc<Own>, _clock: Clock, _dice: Dice) -> Result<Self, DirectoryError> {
        Ok(Self {})
    }
    /// Imports.
    pub async fn import(&self, _json: &[u8]) -> Result<ImportReport, DirectoryError> {
        Ok(ImportReport::default())
    }
    /// Lists.
    pub fn list(&self, _structure: StructureId) -> Vec<Shown> {
        Vec::new()
    }
    /// One.
    pub fn service(&self, _structure: StructureId, _id: &ServiceId) -> Option<Shown> {
        None
    }
    /// Capacity.
    pub async fn set_capacity(&self, _id: &ServiceId, _places: Option<u32>, _days: Option<u32>) -> Result<(), DirectoryError> {
        Ok(())
    }
    /// Finds.
    pub fn find(&self, _theme: Theme, _commune: Commune, _limit: usize) -> Vec<Hit> {
        Vec::new()
    }
    /// Publishes the structure's own record.
    pub async fn publish_structure(&self, _commune: Option<&str>, _phone: Option<&str>) -> Result<(), DirectoryError> {
        Ok(())
    }
    /// Phone.
    pub fn phone(&self, _structure: StructureId) -> Option<String> {
        None
    }
}
