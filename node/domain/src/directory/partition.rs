//! Where a record belongs: the départements it concerns, so that a node keeps those it cares for and two nodes compare
//! what both of them keep.
//!
//! What a record belongs to follows from records alone, so every node that holds the same ones answers the same.

use super::{Body, Directory, Profile, Record, RecordKey, Service};
use crate::id::ServiceId;
use crate::structure_id::StructureId;
use crate::territory::{CommuneCode, Departement, DepartementCode, Territory, departements};
use std::fmt;

/// What belongs to the whole country stands in a place of its own.
const NATIONAL: u128 = 1;
/// The bit of the first département overseas; that of the others is the number their code is.
const OVERSEAS: u32 = 97;
/// The number of the first département overseas.
const OVERSEAS_FIRST: u32 = 971;

/// Départements, and the whole country apart from them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Partitions(u128);

impl Partitions {
    /// None at all.
    pub const NONE: Self = Self(0);
    /// The whole country: of interest to every node.
    pub const NATIONAL: Self = Self(NATIONAL);

    /// One département.
    pub fn departement(code: DepartementCode) -> Self {
        let text = code.as_str();
        let number = match text {
            // Corsica has given up 20, and there is no 96.
            "2A" => 20,
            "2B" => 96,
            _ => text.parse().unwrap_or(0),
        };
        let bit = if number >= OVERSEAS_FIRST { number - OVERSEAS_FIRST + OVERSEAS } else { number };
        Self(1u128.checked_shl(bit).unwrap_or_default())
    }

    /// Those of either.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether it is of interest to every node.
    pub const fn is_national(self) -> bool {
        self.0 & NATIONAL != 0
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The départements of a structure's sites; the whole country when no site has a commune.
    pub fn of_profile(profile: &Profile) -> Self {
        let communes = profile.sites.iter().filter_map(|site| site.commune);
        let of_sites = of_communes(communes);
        if of_sites.is_empty() { Self::NATIONAL } else { of_sites }
    }

    /// The départements that a service's coverage touches, and the one of its commune.
    pub fn of_service(service: &Service) -> Self {
        let covered = service.coverage.territories().iter().map(of_territory);
        covered.fold(of_communes(service.commune), Self::and)
    }
}

impl FromIterator<Self> for Partitions {
    fn from_iter<T: IntoIterator<Item = Self>>(all: T) -> Self {
        all.into_iter().fold(Self::NONE, Self::and)
    }
}

impl fmt::Debug for Partitions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let national = self.is_national().then(|| "france".to_owned());
        let codes = codes_of(*self).map(|code| code.to_string());
        f.debug_set().entries(national.into_iter().chain(codes)).finish()
    }
}

fn of_communes(communes: impl IntoIterator<Item = CommuneCode>) -> Partitions {
    communes.into_iter().map(|code| Partitions::departement(code.departement())).collect()
}

fn of_territory(territory: &Territory) -> Partitions {
    match territory {
        Territory::Commune(code) => Partitions::departement(code.departement()),
        Territory::Epci(code) => code.epci().departements().map(Partitions::departement).collect(),
        Territory::Departement(code) => Partitions::departement(*code),
        Territory::Region(code) => {
            let within = departements().filter(|departement| departement.region() == *code);
            within.map(|departement| Partitions::departement(departement.code())).collect()
        }
        Territory::France => Partitions::NATIONAL,
    }
}

fn codes_of(partitions: Partitions) -> impl Iterator<Item = DepartementCode> {
    let codes = departements().map(|departement: Departement| departement.code());
    codes.filter(move |code| Partitions::departement(*code).0 & partitions.0 != 0)
}

/// The départements whose records a node keeps; what belongs to the whole country it keeps in any case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Subscription(Partitions);

impl Subscription {
    /// No département.
    pub const NONE: Self = Self(Partitions::NONE);
    /// Every département.
    pub const FRANCE: Self = Self(Partitions(u128::MAX));

    /// These départements.
    pub fn of(codes: impl IntoIterator<Item = DepartementCode>) -> Self {
        Self(codes.into_iter().map(Partitions::departement).collect())
    }

    /// Where a structure is at home, by what it publishes: the départements of its communes, and those of the communes,
    /// EPCI and départements it covers. A région or France that it covers makes it at home nowhere.
    pub fn at_home<'a>(bodies: impl IntoIterator<Item = &'a Body>) -> Self {
        Self(bodies.into_iter().map(at_home).collect())
    }

    /// Whether it is every département.
    pub fn is_france(self) -> bool {
        self == Self::FRANCE
    }

    /// The départements, by code.
    pub fn departements(self) -> impl Iterator<Item = DepartementCode> {
        codes_of(self.0)
    }

    /// The départements of both.
    #[must_use]
    pub const fn shared(self, other: Self) -> Self {
        Self(Partitions(self.0.0 & other.0.0))
    }

    /// Whether something that belongs there is kept.
    pub const fn wants(self, partitions: Partitions) -> bool {
        partitions.is_national() || self.0.0 & partitions.0 != 0
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_france() {
            f.write_str("france")
        } else {
            f.debug_set().entries(self.departements()).finish()
        }
    }
}

fn at_home(body: &Body) -> Partitions {
    match body {
        Body::Structure(profile) => of_communes(profile.sites.iter().filter_map(|site| site.commune)),
        Body::Service(service) => {
            let near = service.coverage.territories().iter().filter(|territory| match territory {
                Territory::Commune(_) | Territory::Epci(_) | Territory::Departement(_) => true,
                Territory::Region(_) | Territory::France => false,
            });
            near.map(of_territory).fold(of_communes(service.commune), Partitions::and)
        }
        Body::Capacity(_) | Body::Endorsement(_) | Body::Withdrawn(_) => Partitions::NONE,
    }
}

impl Directory {
    /// Where a record belongs. A structure: where its sites are. A service: where it may be used and where it is. Places:
    /// as the service that is held; nowhere when none is. A withdrawal: to the whole country, for it does not say what
    /// was withdrawn, and whoever held that must hear of it. An endorsement: nowhere, for only those of one's own partners
    /// count, and they say it themselves.
    pub fn partitions(&self, record: &Record) -> Partitions {
        match &record.body {
            Body::Structure(profile) => Partitions::of_profile(profile),
            Body::Service(service) => Partitions::of_service(service),
            Body::Capacity(capacity) => self.partitions_of_places(record.structure, &capacity.service),
            Body::Withdrawn(RecordKey::Capacity(service)) => {
                self.partitions_of_places(record.structure, service)
            }
            Body::Withdrawn(RecordKey::Structure | RecordKey::Service(_)) => Partitions::NATIONAL,
            Body::Endorsement(_) | Body::Withdrawn(RecordKey::Endorsement(_)) => Partitions::NONE,
        }
    }

    fn partitions_of_places(&self, structure: StructureId, service: &ServiceId) -> Partitions {
        let held = self.held(structure, &RecordKey::Service(service.clone()));
        held.map_or(Partitions::NONE, |held| match &held.record.body {
            Body::Service(service) => Partitions::of_service(service),
            Body::Structure(_) | Body::Capacity(_) | Body::Endorsement(_) | Body::Withdrawn(_) => {
                Partitions::NATIONAL
            }
        })
    }
}

#[cfg(test)]
mod tests;
