//! Where a service is open to people: the `zone_eligibilite` of data·inclusion.

use super::{Territory, TerritoryError};
use std::fmt;
use std::sync::Arc;

/// Most codes in one coverage: each commune of any département (the Pas-de-Calais has 887).
pub const COVERAGE_CODES_MAX: usize = 1_000;
/// The code of France among those of countries (COG), which data·inclusion accepts beside `france`.
const FRANCE_COUNTRY_CODE: &str = "99100";

/// The territories a service covers; `france` when it is open to all.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Coverage {
    /// Sorted, each once, never empty; `[France]` alone when national. Shared by what is held of one service.
    listed: Arc<[Territory]>,
}

impl Coverage {
    /// A service open to people from anywhere.
    pub fn national() -> Self {
        Self { listed: Arc::new([Territory::France]) }
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
        Ok(Self { listed: listed.into() })
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

    /// Whether a person from anywhere in `asked` may be served, where [`Self::covers`] is content with some of it: all of
    /// it lies in what is listed. An EPCI that is not listed itself does when each of its départements is.
    pub fn covers_all_of(&self, asked: &Territory) -> bool {
        let lies_in = |part: &Territory| self.listed.iter().any(|listed| listed.contains(part));
        match asked {
            Territory::Epci(code) => {
                let mut departements = code.epci().departements().map(Territory::Departement);
                self.listed.contains(asked)
                    || (lies_in(asked) && departements.all(|departement| lies_in(&departement)))
            }
            Territory::Commune(_) | Territory::Departement(_) | Territory::Region(_) | Territory::France => {
                lies_in(asked)
            }
        }
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
