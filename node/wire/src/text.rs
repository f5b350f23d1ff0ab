//! Short texts from another structure: bounded, one line, nothing that changes how the text around them reads.

use relais_domain::limits::TEXT_CHARS_MAX;

/// Whether `text` is 1 to [`TEXT_CHARS_MAX`] characters, without control characters, line breaks, invisible or
/// direction-changing characters, and not blank.
pub fn is_plain_line(text: &str) -> bool {
    let length = text.chars().take(TEXT_CHARS_MAX + 1).count();
    (1..=TEXT_CHARS_MAX).contains(&length)
        && !text.trim().is_empty()
        && !text.chars().any(|c| c.is_control() || changes_reading(c))
}

/// Line and paragraph separators, zero-width and bidirectional formatting characters (UAX #9), the byte order mark.
fn changes_reading(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_pass_and_tricks_do_not() {
        assert!(is_plain_line("Médiathèque d'Évry – accueil"));
        assert!(is_plain_line("جمعية"));
        assert!(is_plain_line(&"é".repeat(TEXT_CHARS_MAX)));
        for text in ["", " ", "a\nb", "a\u{202E}b", "a\u{200B}b", "\u{1b}[2J", "a\u{2066}b"] {
            assert!(!is_plain_line(text), "{text:?}");
        }
        assert!(!is_plain_line(&"é".repeat(TEXT_CHARS_MAX + 1)));
    }
}
