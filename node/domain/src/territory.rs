//! The territories of France: commune → EPCI → département → région → France, from the COG 2026 built in.
//!
//! The tables are part of the program and searched where they lie: nothing is read or parsed at start. A code exists
//! only if its table holds it, so a code in hand is a place that exists. Names and figures come from `data/README.md`.

mod code;
mod coverage;
mod place;
mod search;
mod table;

pub use code::{CommuneCode, DepartementCode, EpciCode, RegionCode};
pub use coverage::{COVERAGE_CODES_MAX, Coverage};
pub use place::{
    Commune, Departement, Epci, Former, Found, Region, commune, departement, departements, departements_of,
    epci, needed_territory, region,
};
pub use search::{communes_named, communes_named_near, communes_of_postcode};

use std::fmt;

/// Postcode hints in one error, and no more.
pub const HINTS_MAX: usize = 5;
const EARTH_RADIUS_KM: f64 = 6_371.0;
const REGION_PREFIX: &str = "region:";

/// The size of a territory, smallest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// Commune.
    Commune,
    /// Group of communes with its own taxation (EPCI).
    Epci,
    /// Département, or overseas collectivity.
    Departement,
    /// Région, or overseas collectivity.
    Region,
    /// The whole country.
    France,
}

impl Level {
    /// Every level, smallest first.
    pub const ALL: [Self; 5] = [Self::Commune, Self::Epci, Self::Departement, Self::Region, Self::France];

    /// The level's name, as written on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Commune => "commune",
            Self::Epci => "epci",
            Self::Departement => "departement",
            Self::Region => "region",
            Self::France => "france",
        }
    }

    /// The level of a name; `None` for an unknown one.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == text)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A place of one of the five levels.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Territory {
    /// A commune.
    Commune(CommuneCode),
    /// A group of communes.
    Epci(EpciCode),
    /// A département.
    Departement(DepartementCode),
    /// A région.
    Region(RegionCode),
    /// The whole country.
    France,
}

impl Territory {
    /// Reads a commune code (`17300`; a former one stands for the present one), an EPCI (9 digits), a département
    /// (`17`, `2A`, `971`), a région (`region:75`) or `france`. [`Display`](fmt::Display) writes the same form.
    ///
    /// # Errors
    /// [`TerritoryError`] says what does not fit.
    pub fn parse(text: &str) -> Result<Self, TerritoryError> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("france") {
            return Ok(Self::France);
        }
        if let Some(code) = text.strip_prefix(REGION_PREFIX) {
            return RegionCode::parse(code).map(Self::Region).ok_or_else(|| TerritoryError::unknown(code));
        }
        match text.len() {
            5 => commune(text).map(|found| Self::Commune(found.commune().code())),
            9 => EpciCode::parse(text).map(Self::Epci).ok_or_else(|| TerritoryError::unknown(text)),
            2 | 3 => DepartementCode::parse(text)
                .map(Self::Departement)
                .ok_or_else(|| TerritoryError::unknown(text)),
            _ => Err(TerritoryError::Shape),
        }
    }

    /// The level this territory is of.
    pub const fn level(&self) -> Level {
        match self {
            Self::Commune(_) => Level::Commune,
            Self::Epci(_) => Level::Epci,
            Self::Departement(_) => Level::Departement,
            Self::Region(_) => Level::Region,
            Self::France => Level::France,
        }
    }

    /// The territory's name, in French.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Commune(code) => code.name(),
            Self::Epci(code) => code.name(),
            Self::Departement(code) => code.name(),
            Self::Region(code) => code.name(),
            Self::France => "France",
        }
    }

    /// The territory of `level` in which this one is counted; `None` when `level` is smaller, or for the EPCI of a
    /// commune that belongs to none.
    ///
    /// An EPCI that spans départements (89 do) is counted in the one where most of its inhabitants live; a commune is
    /// always counted in its own département.
    pub fn at_level(&self, level: Level) -> Option<Self> {
        if level == self.level() {
            return Some(*self);
        }
        match (level, self) {
            (Level::France, _) => Some(Self::France),
            (Level::Epci, Self::Commune(code)) => code.commune().epci().map(Self::Epci),
            (Level::Departement, Self::Commune(code)) => {
                Some(Self::Departement(code.commune().departement()))
            }
            (Level::Departement, Self::Epci(code)) => code.epci().departement().map(Self::Departement),
            (Level::Region, Self::Commune(_) | Self::Epci(_)) => {
                self.at_level(Level::Departement).and_then(|departement| departement.at_level(Level::Region))
            }
            (Level::Region, Self::Departement(code)) => Some(Self::Region(code.departement().region())),
            (Level::Commune | Level::Epci | Level::Departement | Level::Region, _) => None,
        }
    }

    /// Whether `other` is counted in this territory (see [`Territory::at_level`]); a territory contains itself.
    pub fn contains(&self, other: &Self) -> bool {
        other.at_level(self.level()) == Some(*self)
    }

    /// Whether the two share ground: at least one commune lies in both.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.contains(other) || other.contains(self) || self.reaches_into(other) || other.reaches_into(self)
    }

    /// Whether this is an EPCI with communes in the département or région `other`.
    fn reaches_into(&self, other: &Self) -> bool {
        match self {
            Self::Epci(code) => {
                code.epci().departements().any(|departement| other.contains(&Self::Departement(departement)))
            }
            Self::Commune(_) | Self::Departement(_) | Self::Region(_) | Self::France => false,
        }
    }
}

impl fmt::Display for Territory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Commune(code) => write!(f, "{code}"),
            Self::Epci(code) => write!(f, "{code}"),
            Self::Departement(code) => write!(f, "{code}"),
            Self::Region(code) => write!(f, "{REGION_PREFIX}{code}"),
            Self::France => f.write_str("france"),
        }
    }
}

/// Why a text names no territory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TerritoryError {
    /// Not the form of a code.
    Shape,
    /// The form of a code, but no such code in the COG 2026.
    Unknown {
        /// The code, at most nine letters and digits.
        code: String,
    },
    /// A postcode, where the code of a commune is meant.
    Postcode {
        /// The postcode.
        postcode: String,
        /// Its communes, most inhabitants first, at most [`HINTS_MAX`].
        communes: Vec<Commune>,
    },
    /// A list longer than [`COVERAGE_CODES_MAX`].
    TooMany {
        /// The number of codes given.
        given: usize,
    },
}

impl TerritoryError {
    /// The error for a code that no table holds: says so, or that it is a postcode, or that it is no code at all.
    fn unknown(text: &str) -> Self {
        if text.is_empty() || text.len() > 9 || !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Self::Shape;
        }
        let communes: Vec<Commune> = communes_of_postcode(text).take(HINTS_MAX).collect();
        if communes.is_empty() {
            Self::Unknown { code: text.to_owned() }
        } else {
            Self::Postcode { postcode: text.to_owned(), communes }
        }
    }
}

impl fmt::Display for TerritoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape => f.write_str(
                "not a territory: give a commune code (17300), an EPCI (9 digits), a département (17), a région \
                 (region:75) or france",
            ),
            Self::Unknown { code } => write!(f, "no territory has the code {code} in the COG 2026"),
            Self::Postcode { postcode, communes } => write_postcode(f, postcode, communes),
            Self::TooMany { given } => {
                write!(f, "{given} codes given, at most {COVERAGE_CODES_MAX}: name EPCI or départements instead")
            }
        }
    }
}

fn write_postcode(f: &mut fmt::Formatter<'_>, postcode: &str, communes: &[Commune]) -> fmt::Result {
    write!(f, "{postcode} is a postcode; the commune code of ")?;
    for (index, commune) in communes.iter().enumerate() {
        let comma = if index == 0 { "" } else { ", of " };
        write!(f, "{comma}{} is {}", commune.name(), commune.code())?;
    }
    Ok(())
}

impl std::error::Error for TerritoryError {}

/// Distance in km between two (latitude, longitude) pairs in degrees, along the great circle (haversine).
pub fn distance_km(a: (f64, f64), b: (f64, f64)) -> f64 {
    let (latitude_a, latitude_b) = (a.0.to_radians(), b.0.to_radians());
    let half_latitude = ((latitude_b - latitude_a) / 2.0).sin();
    let half_longitude = ((b.1 - a.1).to_radians() / 2.0).sin();
    let chord = half_latitude.powi(2) + latitude_a.cos() * latitude_b.cos() * half_longitude.powi(2);
    2.0 * EARTH_RADIUS_KM * chord.clamp(0.0, 1.0).sqrt().asin()
}

#[cfg(test)]
mod tests;
