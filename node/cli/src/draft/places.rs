//! Needs and places from what someone types.

use relais_domain::territory::{Commune, commune, communes_named, communes_of_postcode};
use relais_domain::theme::Theme;

/// Most themes shown to choose from.
const THEMES_SHOWN_MAX: usize = 9;
/// Most communes shown to choose from.
const COMMUNES_SHOWN_MAX: usize = 9;

/// Themes that what was typed may mean, nearest first.
pub(super) fn themes(typed: &str) -> Vec<Theme> {
    Theme::parse(typed.trim()).map_or_else(|| Theme::closest(typed, THEMES_SHOWN_MAX), |theme| vec![theme])
}

/// A theme as it is shown to choose it.
pub(super) fn theme_choice(theme: Theme) -> String {
    format!("{} — {} [{}]", theme.category().label(), theme.label(), theme.code())
}

/// Communes that what was typed may mean: a code (present or former), a postcode, a name.
pub(super) fn communes(typed: &str) -> Vec<Commune> {
    if let Ok(found) = commune(typed) {
        return vec![found.commune()];
    }
    let by_postcode: Vec<Commune> = communes_of_postcode(typed.trim()).take(COMMUNES_SHOWN_MAX).collect();
    if by_postcode.is_empty() { communes_named(typed, COMMUNES_SHOWN_MAX) } else { by_postcode }
}

/// A commune as it is shown to choose it.
pub(super) fn commune_choice(commune: &Commune) -> String {
    format!("{} ({}, {})", commune.name(), commune.code(), commune.departement().departement().name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn communes_are_found_by_code_postcode_and_name() {
        let names =
            |typed: &str| communes(typed).iter().map(|found| found.name().to_owned()).collect::<Vec<_>>();
        assert_eq!(names("17300"), ["La Rochelle"]);
        assert!(names("17000").contains(&"La Rochelle".to_owned()));
        assert_eq!(names("la rochelle").first().map(String::as_str), Some("La Rochelle"));
        assert!(names("qqqq").is_empty());
    }

    #[test]
    fn themes_are_found_by_code_and_words() {
        assert_eq!(themes("numerique--acceder-a-une-connexion-internet").len(), 1);
        assert!(!themes("internet").is_empty() && themes("internet").len() <= THEMES_SHOWN_MAX);
        assert!(themes("").is_empty());
    }
}
