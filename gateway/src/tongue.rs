//! Words: French first, English beside it, from the Fluent files of `locales/`. A test holds both files to the same keys,
//! and every key to a use.

use axum::http::{HeaderMap, header};
use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader, langid};
use std::borrow::Cow;
use std::collections::HashMap;

fluent_templates::static_loader! {
    static LOCALES = {
        locales: "./locales",
        fallback_language: "fr",
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

const FRENCH: LanguageIdentifier = langid!("fr");
const ENGLISH: LanguageIdentifier = langid!("en");

/// A language of the pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    /// Français.
    French,
    /// English.
    English,
    /// French words made 40 % longer and accented, to see that the pages hold them. Never offered.
    Stretched,
}

impl Language {
    /// Those a visitor may choose.
    pub const OFFERED: [Self; 2] = [Self::French, Self::English];

    /// Its ISO 639 code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::French => "fr",
            Self::English => "en",
            Self::Stretched => "qps",
        }
    }

    /// Its name in itself.
    pub const fn name(self) -> &'static str {
        match self {
            Self::French => "Français",
            Self::English => "English",
            Self::Stretched => "Ƒřàñçàîš",
        }
    }

    /// The language of a code.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::French, Self::English, Self::Stretched].into_iter().find(|language| language.code() == text)
    }

    /// The first language a browser asks for that is here.
    pub(crate) fn asked(headers: &HeaderMap) -> Option<Self> {
        let asked = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        let mut codes = asked.split(',').map(|one| one.split([';', '-']).next().unwrap_or_default().trim());
        codes.find_map(|code| Self::OFFERED.into_iter().find(|language| language.code() == code))
    }
}

/// Says things in one language.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Tongue(pub(crate) Language);

impl Tongue {
    fn identifier(self) -> LanguageIdentifier {
        match self.0 {
            Language::French | Language::Stretched => FRENCH,
            Language::English => ENGLISH,
        }
    }

    /// The language's code, for `lang=`.
    pub(crate) fn code(self) -> &'static str {
        self.0.code()
    }

    /// What a key says.
    pub(crate) fn say(self, key: &str) -> String {
        self.stretched(LOCALES.lookup(&self.identifier(), key))
    }

    /// What a key says, its places filled.
    pub(crate) fn with(self, key: &str, values: &[(&'static str, &str)]) -> String {
        self.stretched(LOCALES.lookup_with_args(&self.identifier(), key, &places(values)))
    }

    /// What a key says of a number, in the right plural.
    pub(crate) fn count(self, key: &str, number: u64) -> String {
        let number = FluentValue::from(number);
        let values = HashMap::from([(Cow::Borrowed("n"), number)]);
        self.stretched(LOCALES.lookup_with_args(&self.identifier(), key, &values))
    }

    /// What a key says, if there is one.
    pub(crate) fn maybe(self, key: &str) -> Option<String> {
        LOCALES.try_lookup(&self.identifier(), key).map(|text| self.stretched(text))
    }

    /// What a key says, its places filled, if there is one.
    pub(crate) fn maybe_with(self, key: &str, values: &[(&'static str, &str)]) -> Option<String> {
        let values = places(values);
        LOCALES.try_lookup_with_args(&self.identifier(), key, &values).map(|text| self.stretched(text))
    }

    fn stretched(self, text: String) -> String {
        match self.0 {
            Language::French | Language::English => text,
            Language::Stretched => stretch(&text),
        }
    }
}

/// What fills the places of a text.
fn places(values: &[(&'static str, &str)]) -> HashMap<Cow<'static, str>, FluentValue<'static>> {
    let values =
        values.iter().map(|(name, value)| (Cow::Borrowed(*name), FluentValue::from((*value).to_owned())));
    values.collect()
}

/// The same words, accented and 40 % longer.
fn stretch(text: &str) -> String {
    let accented = text.chars().map(|letter| match letter {
        'a' => 'à',
        'e' => 'ë',
        'i' => 'î',
        'o' => 'ö',
        'u' => 'ü',
        'n' => 'ñ',
        other => other,
    });
    let more = text.chars().count() * 2 / 5;
    accented.chain(std::iter::repeat_n('~', more)).collect()
}

#[cfg(test)]
mod words;

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn the_browser_is_answered_in_a_language_it_asks_for() {
        let asked = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(text));
            Language::asked(&headers)
        };
        assert_eq!(asked("en-GB,en;q=0.9,fr;q=0.8"), Some(Language::English));
        assert_eq!(asked("ar,fr-FR;q=0.5"), Some(Language::French));
        assert_eq!(asked("ps, uk"), None);
        assert_eq!(asked("qps"), None, "never offered");
    }

    #[test]
    fn stretched_words_are_longer_by_two_fifths() {
        let text = "Envoyer l’orientation";
        assert_eq!(stretch(text).chars().count(), text.chars().count() * 7 / 5);
    }
}
