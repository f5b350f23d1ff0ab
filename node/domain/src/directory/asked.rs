//! Who is asked whether they can take a need: the structures with a door for it, the nearest first.

use super::catalogue::Home;
use super::{Directory, Door, Service};
use crate::id::ServiceId;
use crate::structure_id::StructureId;
use crate::territory::{Commune, Territory, distance_km};
use crate::theme::Theme;
use crate::time::Timestamp;
use std::cmp::Ordering;

/// A service that answers a need somewhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AskedDoor<'a> {
    /// Who offers it.
    pub structure: StructureId,
    /// The service.
    pub service: &'a Service,
}

impl Directory {
    /// The services of the structures that `open` lets through that answer `theme` and are open to people of `commune`:
    /// the nearest to its centre first, those without a place last; ids make the order total. The commune is looked at
    /// here and leaves no node.
    pub fn doors(
        &self,
        theme: Theme,
        commune: Commune,
        now: Timestamp,
        open: impl Fn(StructureId) -> bool,
    ) -> Vec<AskedDoor<'_>> {
        let around = Home::of(commune);
        let answering = self.catalogue().open_to(theme, &around).filter_map(|listing| match &listing.door {
            Door::Published { structure, service } => Some((structure, service)),
            Door::Open(_) => None,
        });
        let answering = answering.filter(|(structure, _)| open(**structure));
        let mut doors: Vec<(f64, AskedDoor<'_>)> = answering
            .filter_map(|(structure, id)| {
                let service = self.open_door(*structure, id, theme, commune, now)?;
                Some((distance(commune, service), AskedDoor { structure: *structure, service }))
            })
            .collect();
        doors.sort_by(order);
        doors.into_iter().map(|(_, door)| door).collect()
    }

    /// One of these doors: a structure's service, if it answers `theme` and is open to people of `commune`.
    pub fn open_door(
        &self,
        structure: StructureId,
        id: &ServiceId,
        theme: Theme,
        commune: Commune,
        now: Timestamp,
    ) -> Option<&Service> {
        let (service, _) = self.service(structure, id, now)?;
        let open = service.coverage.covers(&Territory::Commune(commune.code()));
        (open && service.themes.contains(&theme)).then_some(service)
    }
}

fn distance(commune: Commune, service: &Service) -> f64 {
    let between = commune.centre().zip(service.place()).map(|(home, place)| distance_km(home, place));
    between.unwrap_or(f64::INFINITY)
}

fn order(a: &(f64, AskedDoor<'_>), b: &(f64, AskedDoor<'_>)) -> Ordering {
    let by_id = || (a.1.structure, &a.1.service.id).cmp(&(b.1.structure, &b.1.service.id));
    a.0.total_cmp(&b.0).then_with(by_id)
}
