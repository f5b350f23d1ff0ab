//! The partnership agreement that ships with the product. A structure may write its own: its hash then differs, and a
//! pairing asks for the same text on both sides.

use relais_domain::digest::Digest;

/// The agreement's text: Markdown, French.
pub const AGREEMENT: &str = include_str!("../../assets/partnership-agreement.fr.md");

/// The hash under which both sides agree to `text`: SHA-256 of its bytes, whatever its line ends.
pub fn agreement_hash(text: &str) -> Digest {
    Digest::of(text.replace("\r\n", "\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_text_and_not_of_its_line_ends() {
        assert_eq!(agreement_hash("a\r\nb\n"), agreement_hash("a\nb\n"));
        assert_ne!(agreement_hash("a\nb\n"), agreement_hash("a\nb"));
    }

    #[test]
    fn the_agreement_speaks_of_what_the_law_asks() {
        for word in [
            "article 26",
            "article 28",
            "article 33",
            "conservation",
            "effacement",
            "violation",
            "fin du partenariat",
        ] {
            assert!(AGREEMENT.to_lowercase().contains(word), "{word}");
        }
    }
}
