//! The need, in data·inclusion's words: 69 themes in 16 categories (schema v1, 1.0.10, Licence Ouverte 2.0).

use crate::letters;
use std::fmt;

/// Letters that may differ between a typed word and the word of a theme it was meant for.
const TYPING_ERRORS_MAX: usize = 2;
/// Shortest typed word in which typing errors are looked for.
const TYPED_WORD_CHARS_MIN: usize = 4;
/// Longest typed text that is compared with the themes, in bytes.
const TYPED_BYTES_MAX: usize = 200;

/// A family of themes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Category {
    code: &'static str,
    label: &'static str,
}

impl Category {
    /// The category's code in data·inclusion.
    pub const fn code(self) -> &'static str {
        self.code
    }

    /// The category's label, in French.
    pub const fn label(self) -> &'static str {
        self.label
    }

    /// The category of a code; `None` for an unknown one.
    pub fn parse(text: &str) -> Option<Self> {
        Self::all().find(|category| category.code == text)
    }

    /// Every category, in data·inclusion's order.
    pub fn all() -> impl Iterator<Item = Self> {
        CATEGORIES.iter().copied()
    }

    /// The themes of the category.
    pub fn themes(self) -> impl Iterator<Item = Theme> {
        Theme::all().filter(move |theme| theme.category() == self)
    }
}

/// What a person needs: one of data·inclusion's themes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Theme(&'static Row);

#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Row {
    code: &'static str,
    label: &'static str,
    category: Category,
}

impl Theme {
    /// The theme of a code (`numerique--acceder-a-une-connexion-internet`); `None` for an unknown one.
    pub fn parse(text: &str) -> Option<Self> {
        Self::all().find(|theme| theme.code() == text)
    }

    /// The theme's code in data·inclusion.
    pub const fn code(self) -> &'static str {
        self.0.code
    }

    /// The theme's label, in French.
    pub const fn label(self) -> &'static str {
        self.0.label
    }

    /// The family it belongs to.
    pub const fn category(self) -> Category {
        self.0.category
    }

    /// Every theme, in data·inclusion's order.
    pub fn all() -> impl Iterator<Item = Self> {
        THEMES.iter().map(Self)
    }

    /// The themes nearest to what someone typed, best first, at most `limit`; none when nothing comes near.
    ///
    /// Each word typed is looked for in code, label and category, accents and case apart: a part of a word
    /// counts most, then a word that differs by one or two letters.
    pub fn closest(text: &str, limit: usize) -> Vec<Self> {
        let typed = letters::plain(text.get(..TYPED_BYTES_MAX).unwrap_or(text));
        let mut scored: Vec<(usize, Self)> = Self::all().map(|theme| (score(&typed, theme), theme)).collect();
        scored.retain(|(points, _)| *points > 0);
        scored.sort_by_key(|(points, _)| std::cmp::Reverse(*points));
        scored.into_iter().take(limit).map(|(_, theme)| theme).collect()
    }
}

/// How near a theme is to the words typed: 0 when no word comes near.
fn score(typed: &str, theme: Theme) -> usize {
    let own = letters::plain(&format!("{} {}", theme.code(), theme.label()));
    let words: Vec<&str> = own.split(' ').collect();
    let all: usize = typed.split(' ').map(|word| word_score(word, &words)).sum();
    let whole = if typed.len() >= TYPED_WORD_CHARS_MIN && own.contains(typed) { typed.len() } else { 0 };
    all + whole
}

fn word_score(typed: &str, words: &[&str]) -> usize {
    let length = typed.chars().count();
    if length < TYPED_WORD_CHARS_MIN {
        return 0;
    }
    if words.iter().any(|word| word.contains(typed)) {
        return 2 * length;
    }
    let nearest = words.iter().map(|word| distance(typed, word)).min().unwrap_or(usize::MAX);
    if nearest <= TYPING_ERRORS_MAX.min(length / 3) { length } else { 0 }
}

/// The letters to add, drop or replace to make `b` of `a` (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, to) in row.iter_mut().skip(1).zip(&b) {
            let best = (diagonal + usize::from(from != *to)).min(left + 1).min(*cell + 1);
            diagonal = *cell;
            *cell = best;
            left = best;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

impl fmt::Display for Theme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for Theme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code)
    }
}

impl fmt::Debug for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

macro_rules! themes {
    ($($category:literal, $category_label:literal { $($part:literal = $label:literal;)+ })+) => {
        const CATEGORIES: &[Category] = &[$(Category { code: $category, label: $category_label }),+];
        const THEMES: &[Row] = &[$($(Row {
            code: concat!($category, "--", $part),
            label: $label,
            category: Category { code: $category, label: $category_label },
        }),+),+];
    };
}

themes! {
    "choisir-un-metier", "Choisir un métier" {
        "confirmer-son-choix-de-metier" = "Confirmer son choix de métier";
        "connaitre-les-opportunites-demploi" = "Connaître les opportunités d’emploi";
        "decouvrir-un-metier-ou-un-secteur-dactivite" = "Découvrir un métier ou un secteur d’activité";
        "identifier-ses-points-forts-et-ses-competences" = "Identifier ses points forts et ses compétences";
    }
    "creer-une-entreprise", "Créer une entreprise" {
        "definir-son-projet-de-creation-dentreprise" = "Définir son projet de création d’entreprise";
        "developper-son-entreprise" = "Développer son entreprise";
        "structurer-son-projet-de-creation-dentreprise" = "Structurer son projet de création d’entreprise";
    }
    "difficultes-administratives-ou-juridiques", "Difficultés administratives ou juridiques" {
        "accompagnement-aux-demarches-administratives" = "Accompagnement aux démarches administratives";
        "accompagnement-pour-lacces-a-la-citoyennete" = "Accompagnement pour l’accès à la citoyenneté";
        "accompagnement-pour-lacces-aux-droits" = "Accompagnement pour l’accès aux droits";
        "beneficier-dune-mesure-daccompagnement-adapte" = "Bénéficier d’une mesure d’accompagnement adapté";
        "connaitre-ses-droits-face-a-une-discrimination" = "Connaître ses droits face à une discrimination";
        "prendre-en-compte-une-problematique-judiciaire" = "Prendre en compte une problématique judiciaire";
    }
    "difficultes-financieres", "Difficultés financières" {
        "acquerir-une-autonomie-budgetaire" = "Acquérir une autonomie budgétaire";
        "ameliorer-sa-gestion-budgetaire" = "Améliorer sa gestion budgétaire";
        "mettre-en-place-une-mesure-de-protection-financiere" = "Mettre en place une mesure de protection financière";
        "prevenir-une-degradation-de-la-situation-financiere" = "Prévenir une dégradation de la situation financière";
        "situation-dendettement-surendettement" = "Situation d’endettement ou de surendettement";
    }
    "equipement-et-alimentation", "Équipement et alimentation" {
        "aide-menagere" = "Aide ménagère";
        "alimentation" = "Alimentation";
        "electromenager" = "Électroménager";
        "habillement" = "Habillement";
    }
    "famille", "Famille" {
        "garde-denfants" = "Garde d’enfants";
        "prise-en-charge-personne-dependante" = "Prise en charge d’une personne dépendante";
        "soutien-a-la-parentalite-et-a-leducation" = "Soutien à la parentalité et à l’éducation";
        "soutien-aidants" = "Soutien aux aidants";
        "surmonter-conflits-separation-violence" = "Surmonter les conflits liés à la séparation ou à la violence";
    }
    "lecture-ecriture-calcul", "Lecture, écriture et calcul" {
        "maitriser-le-calcul" = "Maîtriser le calcul";
        "maitriser-le-francais" = "Maîtriser le français";
    }
    "logement-hebergement", "Logement et hébergement" {
        "acheter-un-logement" = "Acheter un logement";
        "changer-de-logement" = "Changer de logement";
        "louer-un-logement" = "Louer un logement";
        "rechercher-une-solution-dhebergement-temporaire" = "Rechercher une solution d’hébergement temporaire";
        "reduire-les-impayes-de-loyer" = "Réduire les impayés de loyer";
        "se-maintenir-dans-le-logement" = "Se maintenir dans le logement";
        "sinformer-sur-les-demarches-liees-a-lacces-au-logement" = "S’informer sur les démarches liées à l’accès au logement";
    }
    "mobilite", "Mobilité" {
        "acceder-a-un-vehicule" = "Accéder à un véhicule";
        "entretenir-reparer-son-vehicule" = "Entretenir et réparer son véhicule";
        "etre-accompagne-dans-son-parcours-mobilite" = "Être accompagné dans son parcours mobilité";
        "financer-ma-mobilite" = "Financer ma mobilité";
        "preparer-un-permis" = "Préparer un permis";
        "mobilite-douce-partagee-collective" = "Utiliser des services de mobilité douce, partagée ou collective";
    }
    "numerique", "Numérique" {
        "acceder-a-des-services-en-ligne" = "Accéder à des services en ligne";
        "acceder-a-une-connexion-internet" = "Accéder à une connexion Internet";
        "acquerir-un-equipement" = "Acquérir un équipement";
        "maitriser-les-fondamentaux-du-numerique" = "Maîtriser les fondamentaux du numérique";
    }
    "preparer-sa-candidature", "Préparer sa candidature" {
        "developper-son-reseau" = "Développer son réseau";
        "organiser-ses-demarches-de-recherche-demploi" = "Organiser ses démarches de recherche d’emploi";
        "realiser-un-cv-et-ou-une-lettre-de-motivation" = "Réaliser un CV et/ou une lettre de motivation";
        "valoriser-ses-competences" = "Valoriser ses compétences";
    }
    "remobilisation", "Remobilisation" {
        "activites-sportives-et-culturelles" = "Activités sportives et culturelles";
        "benevolat-action-citoyenne" = "Bénévolat et action citoyenne";
        "bien-etre-confiance-en-soi" = "Bien-être et confiance en soi";
        "lien-social" = "Lien social";
    }
    "sante", "Santé" {
        "acces-aux-soins" = "Accès aux soins";
        "addictions" = "Addictions";
        "constituer-un-dossier-mdph-invalidite" = "Constituer un dossier MDPH pour invalidité";
        "sante-mentale" = "Santé mentale";
        "sante-sexuelle" = "Santé sexuelle";
    }
    "se-former", "Se former" {
        "monter-son-dossier-de-formation" = "Monter son dossier de formation";
        "trouver-sa-formation" = "Trouver sa formation";
    }
    "souvrir-a-linternational", "S’ouvrir à l’international" {
        "connaitre-les-opportunites-demploi-a-letranger" = "Connaître les opportunités d’emploi à l’étranger";
        "sinformer-sur-les-aides-pour-travailler-a-letranger" = "S’informer sur les aides pour travailler à l’étranger";
        "sorganiser-suite-a-son-retour-en-france" = "S’organiser suite à son retour en France";
    }
    "trouver-un-emploi", "Trouver un emploi" {
        "convaincre-un-recruteur-en-entretien" = "Convaincre un recruteur en entretien";
        "faire-des-candidatures-spontanees" = "Faire des candidatures spontanées";
        "maintien-dans-lemploi" = "Maintien dans l’emploi";
        "repondre-a-des-offres-demploi" = "Répondre à des offres d’emploi";
        "suivre-ses-candidatures-et-relancer-les-employeurs" = "Suivre ses candidatures et relancer les employeurs";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_69_themes_in_16_categories() {
        assert_eq!(Theme::all().count(), 69);
        assert_eq!(Category::all().count(), 16);
        for theme in Theme::all() {
            assert_eq!(Theme::parse(theme.code()), Some(theme));
            assert_eq!(theme.code().split_once("--").map(|parts| parts.0), Some(theme.category().code()));
            assert!(!theme.label().is_empty());
        }
        for category in Category::all() {
            assert_eq!(Category::parse(category.code()), Some(category));
            assert!(category.themes().count() > 0);
        }
        let codes: std::collections::BTreeSet<&str> = Theme::all().map(Theme::code).collect();
        assert_eq!(codes.len(), 69);
    }

    #[test]
    fn a_theme_says_what_it_is() {
        let theme = Theme::parse("lecture-ecriture-calcul--maitriser-le-francais").unwrap();
        assert_eq!(theme.label(), "Maîtriser le français");
        assert_eq!(theme.category().label(), "Lecture, écriture et calcul");
        assert_eq!(format!("{theme} {theme:?}"), format!("{0} {0}", theme.code()));
    }

    #[test]
    fn an_unknown_code_is_no_theme() {
        for text in
            ["", "numerique", "numerique--", "NUMERIQUE--acquerir-un-equipement", " sante--addictions"]
        {
            assert_eq!(Theme::parse(text), None);
        }
        assert_eq!(Category::parse("numérique"), None);
    }

    #[test]
    fn the_theme_meant_is_found_after_a_typing_error() {
        for (typed, meant) in [
            ("numerique--acceder-a-une-conexion-internet", "numerique--acceder-a-une-connexion-internet"),
            ("connexion internet", "numerique--acceder-a-une-connexion-internet"),
            ("Maîtriser le français", "lecture-ecriture-calcul--maitriser-le-francais"),
            ("francias", "lecture-ecriture-calcul--maitriser-le-francais"),
            ("aide surendett", "difficultes-financieres--situation-dendettement-surendettement"),
            ("ADDICTION", "sante--addictions"),
            ("adictions", "sante--addictions"),
            ("surendettement", "difficultes-financieres--situation-dendettement-surendettement"),
        ] {
            let found = Theme::closest(typed, 3);
            assert_eq!(found.first().map(|theme| theme.code()), Some(meant), "{typed}");
            assert!(found.len() <= 3);
        }
    }

    #[test]
    fn nothing_comes_near_nonsense() {
        for typed in ["", "zzz", "qwxzqwxz", "a", "--"] {
            assert!(Theme::closest(typed, 5).is_empty(), "{typed}");
        }
        assert!(Theme::closest("numerique", 0).is_empty());
        assert!(!Theme::closest(&"é".repeat(150), 5).iter().any(|theme| theme.code() == "sante--addictions"));
    }

    #[test]
    fn distance_counts_letters() {
        assert_eq!(
            [
                distance("abc", "abc"),
                distance("abc", "abd"),
                distance("", "abc"),
                distance("kitten", "sitting")
            ],
            [0, 1, 3, 3]
        );
    }
}
