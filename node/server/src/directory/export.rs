//! Writing data·inclusion v1: this structure's own services, so that importing them again changes nothing; and what is
//! known of a territory, signed or not.

mod object;
mod writer;

#[cfg(test)]
mod tests;

pub(crate) use writer::{Format, Only};

use super::dump::Kind;
use super::inclusion::structure::site_id;
use super::open::{HeldOpen, HeldSource};
use super::{Directory, OpenData, Shown};
use object::Standing;
use relais_domain::directory::{Backing, Body, EntryKey, Held, Profile, RecordKey, Service};
use relais_domain::structure_id::StructureId;
use relais_domain::territory::{DepartementCode, Territory};
use relais_domain::time::Timestamp;
use relais_store::StoreError;
use serde_json::Value;
use std::collections::BTreeSet;
use tokio::sync::mpsc;
use writer::Writer;

/// From how many bytes on a piece is given; one object more may be in it.
pub(crate) const PIECE_BYTES: usize = 262_144;
/// What stands between the parts of a data·inclusion id.
const BETWEEN: &str = "--";

/// What is exported.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Extent {
    /// This structure and its services.
    Own,
    /// Everything that lies in a département or is open to people from there.
    Departement(DepartementCode),
    /// Everything.
    France,
}

/// Why an export was not written to its end.
#[derive(Debug)]
pub(crate) enum ExportError {
    /// The store could not.
    Store(StoreError),
    /// Open data are being seeded or read.
    Busy,
    /// Nobody takes the pieces any more.
    Gone,
}

impl From<StoreError> for ExportError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Where pieces go.
pub(crate) type Pieces = mpsc::Sender<Vec<u8>>;

impl Directory {
    /// Writes an export, piece by piece; `voucher` says who a structure is to this one.
    ///
    /// # Errors
    /// [`ExportError`].
    pub(crate) async fn export(
        &self,
        open: &OpenData,
        (extent, format): (Extent, Format),
        voucher: impl Fn(StructureId) -> Backing,
        pieces: &Pieces,
    ) -> Result<(), ExportError> {
        let mut writer = Writer::new(format);
        let signed = self.signed(extent, voucher);
        writer.open(Kind::Service);
        for one in &signed {
            for service in &one.services {
                let standing = one.standing(service.signed_at);
                writer.write(Kind::Service, object::service(&service.service, &one.id, standing));
                flush(&mut writer, PIECE_BYTES, pieces).await?;
            }
        }
        let held = match extent {
            Extent::Own => None,
            Extent::Departement(_) | Extent::France => Some(open.hold().await.ok_or(ExportError::Busy)?),
        };
        let mut structures = BTreeSet::new();
        if let Some(held) = &held {
            structures = open_services(held, extent, &mut writer, pieces).await?;
        }
        writer.open(Kind::Structure);
        for one in &signed {
            if let Some((profile, signed_at)) = &one.profile {
                let standing = one.standing(*signed_at);
                writer.write(Kind::Structure, object::structure(profile, &one.id, signed_at.day(), standing));
                flush(&mut writer, PIECE_BYTES, pieces).await?;
            }
        }
        if let Some(held) = held.filter(|_| format.takes(Kind::Structure) && !structures.is_empty()) {
            open_structures(&held, &structures, &mut writer, pieces).await?;
        }
        writer.end();
        flush(&mut writer, 1, pieces).await
    }

    /// The structures that are exported, with their services.
    fn signed(&self, extent: Extent, voucher: impl Fn(StructureId) -> Backing) -> Vec<Signed> {
        let own = self.own.structure();
        let mut structures: Vec<StructureId> = match extent {
            Extent::Own => vec![own],
            Extent::Departement(_) | Extent::France => {
                self.read(|records| records.all().map(|held| held.record.structure).collect())
            }
        };
        structures.dedup();
        let signed = structures.into_iter().map(|structure| {
            let services: Vec<Shown> =
                self.list(structure).into_iter().filter(|shown| extent.takes(&shown.service)).collect();
            let profile = self.signed_profile(structure);
            let id = structure_id(structure, profile.as_ref().map(|(profile, _)| profile), &services);
            let voucher = voucher(structure);
            Signed { structure, voucher, id, services, profile, own: extent == Extent::Own }
        });
        signed.filter(|one| one.own || !one.services.is_empty()).collect()
    }

    fn signed_profile(&self, structure: StructureId) -> Option<(Profile, Timestamp)> {
        let now = self.clock.now();
        let held = self.read(|records| records.held(structure, &RecordKey::Structure).cloned());
        let Held { record, .. } = held.filter(|held| held.record.expires_at > now)?;
        match record.body {
            Body::Structure(profile) => Some((*profile, record.issued_at)),
            Body::Service(_) | Body::Capacity(_) | Body::Endorsement(_) | Body::Withdrawn(_) => None,
        }
    }
}

/// A structure that is exported.
struct Signed {
    structure: StructureId,
    voucher: Backing,
    /// Its id in the export.
    id: String,
    services: Vec<Shown>,
    profile: Option<(Profile, Timestamp)>,
    /// Whether nothing but this structure is exported.
    own: bool,
}

impl Signed {
    fn standing(&self, signed_at: Timestamp) -> Standing<'static> {
        let Self { structure, voucher, .. } = *self;
        if self.own { Standing::Own } else { Standing::Signed { structure, voucher, signed_at } }
    }
}

/// The id of a structure in an export: the one it was imported under, if its services show it, else its own.
fn structure_id(structure: StructureId, profile: Option<&Profile>, services: &[Shown]) -> String {
    let site = profile.and_then(|profile| profile.sites.first()).map(|site| site.id);
    let before = services.iter().filter_map(|shown| shown.service.id.as_str().rsplit_once(BETWEEN));
    let imported = before.map(|(id, _)| id).find(|id| site == Some(site_id(id)));
    imported.map_or_else(|| format!("relais{BETWEEN}{}", structure.compact()), str::to_owned)
}

impl Extent {
    /// Whether a service is exported: it lies there, or is open to people from there and not to everyone, or can be
    /// reached from there.
    fn takes(self, service: &Service) -> bool {
        let Self::Departement(code) = self else { return true };
        let here = Territory::Departement(code);
        let lies = service.commune.is_some_and(|commune| here.contains(&Territory::Commune(commune)));
        let national = service.coverage.territories().contains(&Territory::France);
        lies || (service.coverage.covers(&here) && (!national || service.is_remote()))
    }
}

/// Writes entries of open data in whose place no signed record stands; gives the structures they are of.
async fn open_services(
    held: &HeldOpen<'_>,
    extent: Extent,
    writer: &mut Writer,
    pieces: &Pieces,
) -> Result<BTreeSet<EntryKey>, ExportError> {
    let mut structures = BTreeSet::new();
    for source in held.sources() {
        let extra = unverified(source);
        for part in 0.. {
            let Some(entries) = held.services(source, part).await? else { break };
            for entry in entries {
                if !extent.takes(&entry.service) {
                    continue;
                }
                structures.insert(EntryKey::of(&entry.structure_id));
                let mut object = entry.object;
                object.extend(extra.clone());
                writer.write(Kind::Service, object);
                flush(writer, PIECE_BYTES, pieces).await?;
            }
        }
    }
    Ok(structures)
}

async fn open_structures(
    held: &HeldOpen<'_>,
    wanted: &BTreeSet<EntryKey>,
    writer: &mut Writer,
    pieces: &Pieces,
) -> Result<(), ExportError> {
    for source in held.sources() {
        let extra = unverified(source);
        for part in 0.. {
            let Some(objects) = held.structures(source, part, wanted).await? else { break };
            for mut object in objects {
                object.extend(extra.clone());
                writer.write(Kind::Structure, object);
                flush(writer, PIECE_BYTES, pieces).await?;
            }
        }
    }
    Ok(())
}

fn unverified(source: &HeldSource) -> Option<(String, Value)> {
    let standing = Standing::Unverified { source: &source.name, seeded_at: source.seeded_at };
    standing.extra().map(|extra| ("extra".to_owned(), extra))
}

/// Gives what waits, once that is enough.
async fn flush(writer: &mut Writer, enough: usize, pieces: &Pieces) -> Result<(), ExportError> {
    if writer.waiting() < enough {
        return Ok(());
    }
    pieces.send(writer.take()).await.map_err(|_| ExportError::Gone)
}
