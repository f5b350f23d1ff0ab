//! Where a service is open to people: the `zone_eligibilite` of data·inclusion.

use super::{Territory, TerritoryError};
use std::fmt;

/// Most codes in one coverage.
pub const COVERAGE_CODES_MAX: usize = 2_000;
/// The code of France among those of countries (COG), which data·inclusion accepts beside `france`.
const FRANCE_COUNTRY_CODE: &str = "99100";

/// The territories a service covers; `france` when it is open to all.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Coverage {
    /// Sorted, each once, never empty; `[France]` alone when national.
    listed: Vec<Territory>,
}

impl Coverage {
    /// A service open to people from anywhere.
    pub fn national() -> Self {
        Self { listed: vec![Territory::France] }
    }

    /// Reads a list of commune, EPCI and département codes, `region:…` or `france`; an empty list means national.
    /// Former communes stand for the present ones.
    ///
    /// # Errors
    /// [`TerritoryError`] of the first code that names nothing, or when there are more than [`COVERAGE_CODES_MAX`].
    pub fn parse(codes: &[&str]) -> Result<Self, TerritoryError> {
        if codes.len() > COVERAGE_CODES_MAX {
            return Err(TerritoryError::TooMany { given: codes.len() });
        }
        let mut listed = codes.iter().map(|code| listed_territory(code)).collect::<Result<Vec<_>, _>>()?;
        if listed.is_empty() || listed.contains(&Territory::France) {
            return Ok(Self::national());
        }
        listed.sort_unstable();
        listed.dedup();
        Ok(Self { listed })
    }

    /// The territories listed, sorted; `[France]` when national.
    pub fn territories(&self) -> &[Territory] {
        &self.listed
    }

    /// Whether a person from `asked` may be served: a listed territory shares ground with it.
    ///
    /// A commune must lie in a listed territory. A larger territory is covered as soon as one commune of it is: an
    /// EPCI in a need stands for one of its small communes, and no service is hidden for not covering the others.
    pub fn covers(&self, asked: &Territory) -> bool {
        self.listed.iter().any(|listed| listed.overlaps(asked))
    }
}

impl Coverage {
    /// Whether one of these territories is listed itself, or France.
    pub(crate) fn lists_any(&self, territories: &[Option<Territory>]) -> bool {
        if self.listed.len() == 1 {
            let only = self.listed.first().copied();
            return only == Some(Territory::France)
                || only.is_some_and(|only| territories.contains(&Some(only)));
        }
        territories.iter().flatten().any(|territory| self.listed.binary_search(territory).is_ok())
    }
}

fn listed_territory(code: &str) -> Result<Territory, TerritoryError> {
    if code.trim() == FRANCE_COUNTRY_CODE {
        return Ok(Territory::France);
    }
    Territory::parse(code)
}

impl fmt::Display for Coverage {
    /// The codes, separated by a comma and a space.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, territory) in self.listed.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{territory}")?;
        }
        Ok(())
    }
}
