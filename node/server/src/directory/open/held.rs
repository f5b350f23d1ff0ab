//! What is held, for who writes it out: nothing is seeded meanwhile, and no more than a part of it is in memory.

use super::shelf::{self, Generation};
use super::{OpenData, body, read_service};
use crate::directory::dump::Kind;
use relais_domain::directory::{EntryKey, Service};
use relais_domain::territory::{self, CommuneCode};
use relais_domain::time::Timestamp;
use relais_store::StoreError;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use tokio::sync::OwnedMutexGuard;

/// The entries, held still.
pub(in crate::directory) struct HeldOpen<'o> {
    open: &'o OpenData,
    _working: OwnedMutexGuard<()>,
    sources: Vec<HeldSource>,
}

/// A source of entries.
pub(in crate::directory) struct HeldSource {
    generation: Generation,
    /// What it is called.
    pub(in crate::directory) name: String,
    /// When it was seeded.
    pub(in crate::directory) seeded_at: Timestamp,
}

/// An entry in whose place no signed record stands.
pub(in crate::directory) struct HeldEntry {
    /// The service.
    pub(in crate::directory) service: Service,
    /// The id of its structure.
    pub(in crate::directory) structure_id: String,
    /// The service as the dump gave it, with the communes of today.
    pub(in crate::directory) object: Map<String, Value>,
}

impl OpenData {
    /// Holds the entries still; `None` while they are seeded.
    pub(in crate::directory) async fn hold(&self) -> Option<HeldOpen<'_>> {
        let working = self.work().await?;
        if !self.is_current() {
            return None;
        }
        let sources = self.read(|index| {
            let sources = index.sources().map(|(generation, header)| HeldSource {
                generation,
                name: header.name.clone(),
                seeded_at: Timestamp(header.seeded_ms),
            });
            sources.collect()
        });
        Some(HeldOpen { open: self, _working: working, sources })
    }
}

impl HeldOpen<'_> {
    /// The sources.
    pub(in crate::directory) fn sources(&self) -> &[HeldSource] {
        &self.sources
    }

    /// A part of the services of a source, from 0 on; `None` after the last.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot.
    pub(in crate::directory) async fn services(
        &self,
        source: &HeldSource,
        part: u32,
    ) -> Result<Option<Vec<HeldEntry>>, StoreError> {
        let documents = source.generation.part(&*self.open.store, Kind::Service, part).await?;
        if documents.is_empty() {
            return Ok(None);
        }
        let entries = documents.iter().filter_map(|document| {
            let number = self.open.read(|index| index.find(shelf::entry_of(document)?.1))?;
            if self.open.is_hidden(number) {
                return None;
            }
            let (offered, _) = read_service(&document.body)?;
            let object = of_today(body::decode(Kind::Service, &document.body)?);
            Some(HeldEntry { service: offered.service, structure_id: offered.structure, object })
        });
        Ok(Some(entries.collect()))
    }

    /// Those of a part of the structures of a source that are wanted, from 0 on; `None` after the last.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot.
    pub(in crate::directory) async fn structures(
        &self,
        source: &HeldSource,
        part: u32,
        wanted: &BTreeSet<EntryKey>,
    ) -> Result<Option<Vec<Map<String, Value>>>, StoreError> {
        let documents = source.generation.part(&*self.open.store, Kind::Structure, part).await?;
        if documents.is_empty() {
            return Ok(None);
        }
        let wanted =
            documents.iter().filter(|one| shelf::entry_of(one).is_some_and(|(_, key)| wanted.contains(&key)));
        let objects =
            wanted.filter_map(|document| body::decode(Kind::Structure, &document.body).map(of_today));
        Ok(Some(objects.collect()))
    }
}

/// The object with the codes of communes of today in the place of former ones, as it is found and shown here.
fn of_today(mut object: Map<String, Value>) -> Map<String, Value> {
    if let Some(Value::String(code)) = object.get_mut("code_insee")
        && let Some(today) = present(code)
    {
        *code = today.as_str().to_owned();
        if let Some(Value::String(name)) = object.get_mut("commune") {
            *name = today.name().to_owned();
        }
    }
    if let Some(Value::Array(zone)) = object.get_mut("zone_eligibilite") {
        let mut seen = BTreeSet::new();
        zone.retain_mut(|value| match value {
            Value::String(code) => {
                if let Some(today) = present(code) {
                    *code = today.as_str().to_owned();
                }
                seen.insert(code.clone())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => true,
        });
    }
    object
}

/// The commune that a former one is part of now. A municipal arrondissement is none: it has its code today.
fn present(code: &str) -> Option<CommuneCode> {
    let former = territory::commune(code).ok()?.replaced()?;
    (!former.is_arrondissement()).then(|| former.present())
}
