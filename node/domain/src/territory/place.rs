//! Places: views of one row of a table, copied like a reference.

use super::code::{CommuneCode, DepartementCode, EpciCode, RegionCode};
use super::table::{self, field};
use super::{Territory, TerritoryError};
use crate::limits::COMMUNE_INHABITANTS_MIN;
use std::fmt;

const COMMUNE_CODE_LENGTH: usize = 5;

macro_rules! views {
    ($($(#[$doc:meta])* $name:ident: $code:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name {
            row: &'static str,
        }

        impl $name {
            pub(super) fn of_row(row: &'static str) -> Self {
                Self { row }
            }

            /// The code.
            pub fn code(&self) -> $code {
                $code::of_row(self.row)
            }

            /// The name, in French.
            pub fn name(&self) -> &'static str {
                field(self.row, 1)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{} {}", self.code(), self.name())
            }
        }
    )+};
}

views! {
    /// A present commune.
    Commune: CommuneCode;
    /// A group of communes with its own taxation.
    Epci: EpciCode;
    /// A département or overseas collectivity.
    Departement: DepartementCode;
    /// A région or overseas collectivity.
    Region: RegionCode;
}

impl Commune {
    /// The EPCI it belongs to; `None` for a few islands and overseas collectivities.
    pub fn epci(&self) -> Option<EpciCode> {
        let code = field(self.row, 2);
        (!code.is_empty()).then(|| EpciCode::of(code))
    }

    /// Its département, which the first characters of its code name.
    pub fn departement(&self) -> DepartementCode {
        self.code().departement()
    }

    /// Its région.
    pub fn region(&self) -> RegionCode {
        self.departement().departement().region()
    }

    /// Its inhabitants; `None` where nobody counts them.
    pub fn population(&self) -> Option<u32> {
        field(self.row, 3).parse().ok()
    }

    /// Latitude and longitude of its centre in degrees; `None` for about a hundred communes.
    pub fn centre(&self) -> Option<(f64, f64)> {
        Some((field(self.row, 4).parse().ok()?, field(self.row, 5).parse().ok()?))
    }
}

impl Epci {
    /// Its inhabitants.
    pub fn population(&self) -> Option<u32> {
        field(self.row, 2).parse().ok()
    }

    /// The département where most of its inhabitants live.
    pub fn departement(&self) -> Option<DepartementCode> {
        self.departements().next()
    }

    /// Every département it has communes in, most of its inhabitants first.
    pub fn departements(&self) -> impl Iterator<Item = DepartementCode> + use<> {
        field(self.row, 3).split('|').filter(|code| !code.is_empty()).map(DepartementCode::of)
    }
}

impl Departement {
    /// Its région.
    pub fn region(&self) -> RegionCode {
        RegionCode::of(field(self.row, 2))
    }
}

/// A commune found by its code, and the former code it was found by, if it was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Found {
    commune: Commune,
    replaced: Option<Former>,
}

impl Found {
    /// The present commune.
    pub fn commune(&self) -> Commune {
        self.commune
    }

    /// The former commune that the code given was of; to be told to whoever typed it.
    pub fn replaced(&self) -> Option<Former> {
        self.replaced
    }
}

/// A former, associated or delegated commune, or a municipal arrondissement: part of a present commune.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Former {
    row: &'static str,
}

impl Former {
    /// Its code, which no present commune has.
    pub fn code(&self) -> &'static str {
        field(self.row, 0)
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        field(self.row, 1)
    }

    /// Whether it is a municipal arrondissement of Paris, Lyon or Marseille, which has its code today (COG 2026, type ARM).
    pub fn is_arrondissement(&self) -> bool {
        ["751", "6938", "132"].iter().any(|city| self.code().starts_with(city))
            && self.name().contains("Arrondissement")
    }

    /// The commune it is part of now.
    pub fn present(&self) -> CommuneCode {
        CommuneCode::of(field(self.row, 2))
    }
}

impl fmt::Display for Former {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let present = self.present();
        write!(f, "{} ({}) is part of {} ({present})", self.code(), self.name(), present.name())
    }
}

impl fmt::Debug for Former {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The commune of an INSEE code, present or former; letters of either case, spaces around do not count.
///
/// # Errors
/// [`TerritoryError`]: not a code, an unknown code, or a postcode (with the codes of its communes).
pub fn commune(text: &str) -> Result<Found, TerritoryError> {
    let code = text.trim().to_ascii_uppercase();
    if code.len() != COMMUNE_CODE_LENGTH {
        return Err(TerritoryError::Shape);
    }
    if let Some(row) = table::row(table::COMMUNES, &code) {
        return Ok(Found { commune: Commune::of_row(row), replaced: None });
    }
    let former = table::row(table::FORMER, &code);
    let present = former.and_then(|row| table::row(table::COMMUNES, field(row, 2)));
    match present {
        Some(row) => Ok(Found { commune: Commune::of_row(row), replaced: former.map(|row| Former { row }) }),
        None => Err(TerritoryError::unknown(&code)),
    }
}

/// The EPCI of a SIREN; `None` when there is none.
pub fn epci(code: &str) -> Option<Epci> {
    table::row(table::EPCI, code).map(Epci::of_row)
}

/// The département of a code; `None` when there is none.
pub fn departement(code: &str) -> Option<Departement> {
    table::row(table::DEPARTEMENTS, code).map(Departement::of_row)
}

/// Every département and overseas collectivity, by code.
pub fn departements() -> impl Iterator<Item = Departement> {
    table::DEPARTEMENTS.lines().map(Departement::of_row)
}

/// The région of a code; `None` when there is none.
pub fn region(code: &str) -> Option<Region> {
    table::row(table::REGIONS, code).map(Region::of_row)
}

/// The départements of a région.
pub fn departements_of(region: RegionCode) -> impl Iterator<Item = DepartementCode> {
    table::DEPARTEMENTS
        .lines()
        .filter(move |row| field(row, 2) == region.as_str())
        .map(|row| DepartementCode::of(field(row, 0)))
}

/// What a need says of where a person lives: the commune, or its EPCI when the commune has fewer than
/// [`COMMUNE_INHABITANTS_MIN`] inhabitants (or nobody knows how many); where there is no EPCI, the département.
pub fn needed_territory(commune: Commune) -> Territory {
    if commune.population().is_some_and(|inhabitants| inhabitants >= COMMUNE_INHABITANTS_MIN) {
        return Territory::Commune(commune.code());
    }
    commune.epci().map_or_else(|| Territory::Departement(commune.departement()), Territory::Epci)
}
