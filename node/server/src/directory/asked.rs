//! What inquiries ask of the directory: the doors of a need, and what this structure's own places answer.

use super::{Directory, Shown, domain, shown};
use relais_domain::directory::{Body, Capacity, Service};
use relais_domain::id::ServiceId;
use relais_domain::inquiry::{self, Answer, Inquiry};
use relais_domain::structure_id::StructureId;
use relais_domain::territory::Commune;
use relais_domain::theme::Theme;
use relais_domain::time::Timestamp;

/// The doors of a need, and whom they are asked of.
#[derive(Clone, Debug, Default)]
pub struct Doors {
    /// The structures, the nearest first.
    pub partners: Vec<StructureId>,
    /// Their services for this need, the nearest first.
    pub services: Vec<Shown>,
}

impl Directory {
    /// The doors of a need for people of a commune, of the structures that `open` lets through.
    pub fn doors(&self, theme: Theme, commune: Commune, open: impl Fn(StructureId) -> bool) -> Doors {
        let now = self.clock.now();
        self.read(|records| {
            let doors = records.doors(theme, commune, now, open);
            let services =
                doors.iter().filter_map(|door| shown(records, door.structure, &door.service.id, now));
            Doors { partners: inquiry::partners_of(&doors), services: services.collect() }
        })
    }

    /// Whose these doors are, the nearest first.
    pub fn partners(
        &self,
        theme: Theme,
        commune: Commune,
        open: impl Fn(StructureId) -> bool,
    ) -> Vec<StructureId> {
        let now = self.clock.now();
        self.read(|records| inquiry::partners_of(&records.doors(theme, commune, now, open)))
    }

    /// Whether a structure's service is one of these doors.
    pub fn is_door(&self, of: (StructureId, &ServiceId), theme: Theme, commune: Commune) -> bool {
        let now = self.clock.now();
        self.read(|records| records.open_door(of.0, of.1, theme, commune, now).is_some())
    }

    /// This structure's services, each with its places while they hold.
    pub fn own_places(&self) -> Vec<(Service, Option<Capacity>)> {
        let now = self.clock.now();
        self.read(|records| {
            let own = own_places(records, self.own.structure(), now);
            own.map(|(service, capacity)| (service.clone(), capacity.cloned())).collect()
        })
    }

    /// What this structure's published places answer by themselves.
    pub fn answer_from_places(&self, inquiry: &Inquiry) -> Option<Answer> {
        let (own, now) = (self.own.structure(), self.clock.now());
        self.read(|records| inquiry::answer_from_places(inquiry, own_places(records, own, now), now))
    }
}

fn own_places(
    records: &domain::Directory,
    own: StructureId,
    now: Timestamp,
) -> impl Iterator<Item = (&Service, Option<&Capacity>)> {
    let ids = records.of(own).filter_map(|held| match &held.record.body {
        Body::Service(service) => Some(&service.id),
        Body::Structure(_) | Body::Capacity(_) | Body::Endorsement(_) | Body::Withdrawn(_) => None,
    });
    ids.filter_map(move |id| {
        let (service, _) = records.service(own, id, now)?;
        Some((service, records.capacity(own, id, now).map(|(capacity, _)| capacity)))
    })
}
