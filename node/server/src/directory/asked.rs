//! What inquiries ask of the directory: the doors of a need, and what this structure's own places answer.

use super::{Directory, Shown, shown};
use relais_domain::directory::Body;
use relais_domain::inquiry::{self, Answer, Inquiry};
use relais_domain::structure_id::StructureId;
use relais_domain::territory::Commune;
use relais_domain::theme::Theme;

/// The doors of a need, and whom they are asked of.
#[derive(Clone, Debug, Default)]
pub struct Doors {
    /// The structures, the nearest first, as many as are asked at most.
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

    /// What this structure's published places answer by themselves.
    pub fn answer_from_places(&self, inquiry: &Inquiry) -> Option<Answer> {
        let (own, now) = (self.own.structure(), self.clock.now());
        self.read(|records| {
            let ids = records.of(own).filter_map(|held| match &held.record.body {
                Body::Service(service) => Some(&service.id),
                Body::Structure(_) | Body::Capacity(_) | Body::Endorsement(_) | Body::Withdrawn(_) => None,
            });
            let services = ids.filter_map(|id| {
                let (service, _) = records.service(own, id, now)?;
                Some((service, records.capacity(own, id, now).map(|(capacity, _)| capacity)))
            });
            inquiry::answer_from_places(inquiry, services, now)
        })
    }
}
