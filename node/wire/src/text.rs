//! Short texts from another structure: bounded, one line, nothing that changes how the text around them reads.

use relais_domain::limits::TEXT_CHARS_MAX;

/// Whether `text` is 1 to [`TEXT_CHARS_MAX`] characters, without control characters, line breaks, invisible or
/// direction-changing characters, and not blank.
pub fn is_plain_line(text: &str) -> bool {
    is_plain_line_of(text, TEXT_CHARS_MAX)
}

/// Whether `text` is one line of 1 to `chars_max` characters, under the rules of [`is_plain_line`].
pub fn is_plain_line_of(text: &str, chars_max: usize) -> bool {
    !text.contains('\n') && is_plain_text(text, chars_max)
}

/// Whether `text` is 1 to `chars_max` characters, under the rules of [`is_plain_line`], but for line feeds.
pub fn is_plain_text(text: &str, chars_max: usize) -> bool {
    let length = text.chars().take(chars_max + 1).count();
    (1..=chars_max).contains(&length)
        && !text.trim().is_empty()
        && text.chars().all(|c| c == '\n' || is_inert(c))
}

/// Whether a character neither controls nor hides nor turns what stands around it.
pub fn is_inert(c: char) -> bool {
    !c.is_control() && !changes_reading(c)
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

    #[test]
    fn a_text_has_lines_and_nothing_else_that_moves() {
        assert!(is_plain_text("un\ndeux", 7));
        assert!(!is_plain_line_of("un\ndeux", 7));
        for text in ["un\ndeux.", "un\tdeux", "\n\n", "", "a\u{202E}b"] {
            assert!(!is_plain_text(text, 7), "{text:?}");
        }
    }
}
