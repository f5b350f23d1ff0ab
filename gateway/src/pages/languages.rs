//! Languages people speak, by the name someone types, in French or in English, or by their code: nobody need know codes.

/// Code of a language, and what people call it, without capitals and accents.
const NAMES: [(&str, &[&str]); 40] = [
    ("am", &["amharique", "amharic"]),
    ("ar", &["arabe", "arabic"]),
    ("bg", &["bulgare", "bulgarian"]),
    ("bm", &["bambara"]),
    ("bn", &["bengali"]),
    ("bs", &["bosnien", "bosniaque", "bosnian"]),
    ("de", &["allemand", "german"]),
    ("en", &["anglais", "english"]),
    ("es", &["espagnol", "spanish"]),
    ("fa", &["persan", "persian", "farsi", "dari"]),
    ("ff", &["peul", "pular", "fula", "fulani"]),
    ("fr", &["francais", "french"]),
    (
        "fsl",
        &["langue des signes", "langue des signes francaise", "lsf", "french sign language", "sign language"],
    ),
    ("hi", &["hindi"]),
    ("hr", &["croate", "croatian"]),
    ("hy", &["armenien", "armenian"]),
    ("it", &["italien", "italian"]),
    ("ka", &["georgien", "georgian"]),
    ("kab", &["kabyle", "berbere", "berber"]),
    ("ku", &["kurde", "kurmandji", "kurdish", "kurmanji"]),
    ("ln", &["lingala"]),
    ("mg", &["malgache", "malagasy"]),
    ("pl", &["polonais", "polish"]),
    ("ps", &["pachto", "pachtou", "pashto"]),
    ("pt", &["portugais", "portuguese"]),
    ("ro", &["roumain", "romanian", "moldave"]),
    ("rom", &["romani", "rom", "romany"]),
    ("ru", &["russe", "russian"]),
    ("snk", &["soninke"]),
    ("so", &["somali"]),
    ("sq", &["albanais", "albanian"]),
    ("sr", &["serbe", "serbian"]),
    ("ta", &["tamoul", "tamil"]),
    ("ti", &["tigrigna", "tigrinya"]),
    ("tr", &["turc", "turkish"]),
    ("uk", &["ukrainien", "ukrainian"]),
    ("ur", &["ourdou", "urdu"]),
    ("vi", &["vietnamien", "vietnamese"]),
    ("wo", &["wolof"]),
    ("zh", &["chinois", "mandarin", "chinese"]),
];
/// Words that join two languages.
const JOINING: [&str; 3] = ["et", "and", "&"];

/// In lower case, without the accents that names of languages bear.
fn plain(text: &str) -> String {
    let letters = text.trim().to_lowercase();
    let letters = letters.chars().map(|letter| match letter {
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'à' | 'â' => 'a',
        'ç' => 'c',
        'î' | 'ï' => 'i',
        'ô' => 'o',
        other => other,
    });
    letters.collect()
}

fn known(plain: &str) -> Option<&'static str> {
    NAMES.iter().find(|(_, names)| names.contains(&plain)).map(|(code, _)| *code)
}

/// The code of a language that was typed; what is no language of the list stays as it is: the node judges it.
pub(crate) fn code(typed: &str) -> String {
    let plain = plain(typed);
    known(&plain).map_or(plain, str::to_owned)
}

/// The code of exactly one language that was typed, by its name or as an ISO 639 code; `None` for anything else.
pub(crate) fn one(typed: &str) -> Option<String> {
    let plain = plain(typed);
    let is_code = (2..=3).contains(&plain.len()) && plain.bytes().all(|byte| byte.is_ascii_lowercase());
    known(&plain).map(str::to_owned).or_else(|| is_code.then_some(plain))
}

/// Every language of the list by its code.
pub(crate) fn all() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(code, _)| *code)
}

/// The codes of several, each once.
pub(crate) fn codes(typed: &str) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    for part in typed.split([',', ';', '/', '+', '\n']).map(plain).filter(|part| !part.is_empty()) {
        let found = match known(&part) {
            Some(code) => vec![code.to_owned()],
            None => part.split_whitespace().filter(|word| !JOINING.contains(word)).map(code).collect(),
        };
        for code in found {
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
    }
    codes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tongue::{Language, Tongue};

    #[test]
    fn a_language_is_known_by_its_name_and_by_its_code() {
        for (typed, wanted) in
            [("Arabe", "ar"), ("farsi", "fa"), ("DARI", "fa"), ("Français", "fr"), ("ckb", "ckb")]
        {
            assert_eq!(code(typed), wanted);
        }
        assert_eq!(codes("arabe, Français et anglais;uk ps"), ["ar", "fr", "en", "uk", "ps"]);
        assert_eq!(codes("langue des signes / arabe / ar"), ["fsl", "ar"]);
        assert_eq!(codes(" , ;"), Vec::<String>::new());
        assert_eq!(codes("klingonais"), ["klingonais"], "the node says no to it");
        assert_eq!((one(" Arabe "), one("CKB")), (Some("ar".to_owned()), Some("ckb".to_owned())));
        for wrong in ["klingonais", "un peu d’arabe", "arabe, français", "1a", "é", "", "🙂🙂"] {
            assert_eq!(one(wrong), None, "{wrong}");
        }
    }

    /// What the pages call a language leads back to it when it is typed.
    #[test]
    fn every_language_has_its_name_in_both_languages() {
        for (language, _) in NAMES {
            for tongue in [Language::French, Language::English] {
                let words = Tongue(tongue).maybe(&format!("language-{language}"));
                assert_eq!(words.as_deref().map(code).as_deref(), Some(language), "{words:?}");
            }
        }
    }
}
