//! What free text must never carry: numbers that name a person, and before acceptance what reaches one.
//!
//! No field exists for these; people type them into notes all the same. A hit is refused with its reason before
//! anything is stored. Digits of every script count as digits, invisible characters as nothing, and spaces, dots,
//! hyphens, slashes and underscores may stand between digits. The matched text is never kept or shown.

mod card;
mod glyphs;
mod iban;
mod nir;
mod papers;
mod reach;
mod runs;

use std::fmt;

/// Which stage the text is read as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reading {
    /// May leave before acceptance: phone numbers and e-mail addresses are forbidden too.
    StageOne,
    /// Leaves only after acceptance.
    StageTwo,
}

/// What was found in a text and may not be there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Forbidden {
    /// A French social security number.
    Nir,
    /// An international bank account number.
    Iban,
    /// A payment card number.
    Card,
    /// A passport number.
    Passport,
    /// The number of an identity card, a residence permit or another paper.
    IdentityPaper,
    /// A foreigner's number (AGDREF).
    ForeignerNumber,
    /// A jobseeker's identifier at France Travail.
    JobseekerNumber,
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
}

impl Forbidden {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Nir,
        Self::Iban,
        Self::Card,
        Self::Passport,
        Self::IdentityPaper,
        Self::ForeignerNumber,
        Self::JobseekerNumber,
        Self::Phone,
        Self::Email,
    ];

    /// A short name, for counting refusals.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nir => "nir",
            Self::Iban => "iban",
            Self::Card => "card",
            Self::Passport => "passport",
            Self::IdentityPaper => "identity_paper",
            Self::ForeignerNumber => "foreigner_number",
            Self::JobseekerNumber => "jobseeker_number",
            Self::Phone => "phone",
            Self::Email => "email",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Nir => "a social security number (NIR)",
            Self::Iban => "a bank account number (IBAN)",
            Self::Card => "a payment card number",
            Self::Passport => "a passport number",
            Self::IdentityPaper => "the number of an identity card or residence permit",
            Self::ForeignerNumber => "a foreigner's number (AGDREF)",
            Self::JobseekerNumber => "a France Travail identifier",
            Self::Phone => "a phone number",
            Self::Email => "an e-mail address",
        }
    }

    const fn mend(self) -> &'static str {
        match self {
            Self::Nir
            | Self::Iban
            | Self::Card
            | Self::Passport
            | Self::IdentityPaper
            | Self::ForeignerNumber
            | Self::JobseekerNumber => "remove it; Relais never carries it",
            Self::Phone | Self::Email => "remove it; how to reach the person leaves only after acceptance",
        }
    }
}

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.words(), self.mend())
    }
}

impl std::error::Error for Forbidden {}

/// The first forbidden thing found in `text`, read as `reading`; `None` when it holds none.
pub fn scan(text: &str, reading: Reading) -> Option<Forbidden> {
    let glyphs = glyphs::read(text);
    let runs = runs::runs(&glyphs);
    // An IBAN holds digits that may look like the others: it is named first.
    let always = [
        (Forbidden::Iban, iban::is_in(&glyphs)),
        (Forbidden::Nir, nir::is_in(&runs, &glyphs)),
        (Forbidden::Card, card::is_in(&runs)),
    ];
    let found = always.into_iter().find(|(_, hit)| *hit).map(|(kind, _)| kind);
    found.or_else(|| papers::find(&glyphs, &runs)).or_else(|| match reading {
        Reading::StageOne => reach::find(&glyphs, &runs),
        Reading::StageTwo => None,
    })
}

/// A character that free text may not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unclean {
    /// A control character other than the end of a line.
    Control {
        /// Its place in the text, in characters counted from 1.
        position: usize,
    },
    /// A character that changes the direction of writing, so that what is read differs from what is stored.
    Direction {
        /// Its place in the text, in characters counted from 1.
        position: usize,
    },
}

impl fmt::Display for Unclean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Control { position } => write!(f, "a control character at place {position}: remove it"),
            Self::Direction { position } => {
                write!(f, "a character that turns the direction of writing at place {position}: remove it")
            }
        }
    }
}

impl std::error::Error for Unclean {}

/// The text without spaces and empty lines around it; ends of lines of other systems become `\n`.
///
/// # Errors
/// [`Unclean`] for a control character (besides the end of a line) or one that overrides the direction of writing.
pub fn clean(text: &str) -> Result<String, Unclean> {
    let text = text.replace("\r\n", "\n");
    for (index, character) in text.chars().enumerate() {
        let position = index + 1;
        if character.is_control() && character != '\n' {
            return Err(Unclean::Control { position });
        }
        if matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
            return Err(Unclean::Direction { position });
        }
    }
    Ok(text.trim().to_owned())
}

#[cfg(test)]
mod tests;
