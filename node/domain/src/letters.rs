//! Plain letters: what remains of a text when accents, case and punctuation do not count.

/// The letter without its accent, in lower case; any other character as it is.
pub(crate) fn base(letter: char) -> char {
    let lower = letter.to_lowercase().next().unwrap_or(letter);
    match lower {
        'à' | 'á' | 'â' | 'ä' | 'ã' | 'å' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'ö' | 'õ' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        'ý' | 'ÿ' => 'y',
        other => other,
    }
}

/// Whether the character is an accent of its own, written after its letter.
pub(crate) fn is_combining(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}')
}

/// The words of `text`: lower case, no accent, one space between words.
pub fn plain(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    plain_into(text, &mut words);
    words
}

/// Writes the words of `text` into `words`, whose former content goes.
pub(crate) fn plain_into(text: &str, words: &mut String) {
    words.clear();
    for character in text.chars().filter(|c| !is_combining(*c)) {
        match base(character) {
            'œ' => words.push_str("oe"),
            'æ' => words.push_str("ae"),
            letter if letter.is_alphanumeric() => words.push(letter),
            _ if words.is_empty() || words.ends_with(' ') => {}
            _ => words.push(' '),
        }
    }
    let length = words.trim_end().len();
    words.truncate(length);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_punctuation_do_not_count() {
        assert_eq!(plain("  L'Haÿ-les-Roses "), "l hay les roses");
        assert_eq!(plain("Cœur de Bœuf"), "coeur de boeuf");
        assert_eq!(plain("Sa\u{0301}int-E\u{0301}tienne (42)"), "saint etienne 42");
        assert_eq!(plain("--"), "");
    }
}
