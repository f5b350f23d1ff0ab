//! Text as a reader sees it: one plain character for each that shows.

use crate::letters;

/// The first digit (zero) of each Unicode script that has ten in a row.
const ZEROS: [char; 37] = [
    '\u{0660}',
    '\u{06f0}',
    '\u{07c0}',
    '\u{0966}',
    '\u{09e6}',
    '\u{0a66}',
    '\u{0ae6}',
    '\u{0b66}',
    '\u{0be6}',
    '\u{0c66}',
    '\u{0ce6}',
    '\u{0d66}',
    '\u{0de6}',
    '\u{0e50}',
    '\u{0ed0}',
    '\u{0f20}',
    '\u{1040}',
    '\u{1090}',
    '\u{17e0}',
    '\u{1810}',
    '\u{1946}',
    '\u{19d0}',
    '\u{1a80}',
    '\u{1a90}',
    '\u{1b50}',
    '\u{1bb0}',
    '\u{1c40}',
    '\u{1c50}',
    '\u{a620}',
    '\u{a8d0}',
    '\u{a900}',
    '\u{a9d0}',
    '\u{a9f0}',
    '\u{aa50}',
    '\u{abf0}',
    '\u{ff10}',
    '\u{104a0}',
];

/// The characters of a text, digits and marks made plain.
pub(super) struct Glyphs {
    /// As written: letters keep case and accent.
    pub(super) shown: Vec<char>,
    /// The same, lower case and without accents; as long as `shown`.
    pub(super) plain: Vec<char>,
}

impl Glyphs {
    /// The plain character at `index`, or a space outside the text.
    pub(super) fn plain_at(&self, index: Option<usize>) -> char {
        index.and_then(|at| self.plain.get(at)).copied().unwrap_or(' ')
    }

    /// The ends of each occurrence of `phrase` (plain letters) that is not part of a longer word.
    pub(super) fn ends_of<'a>(&'a self, phrase: &'a str) -> impl Iterator<Item = usize> + 'a {
        let phrase: Vec<char> = phrase.chars().collect();
        let length = phrase.len();
        (0..self.plain.len()).filter_map(move |start| {
            let end = start + length;
            let here = self.plain.get(start..end)? == phrase.as_slice();
            let alone = !self.plain_at(start.checked_sub(1)).is_alphanumeric()
                && !self.plain_at(Some(end)).is_alphabetic();
            (here && alone).then_some(end)
        })
    }

    /// Whether any of the phrases occurs as a word of its own.
    pub(super) fn has_any(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.ends_of(phrase).next().is_some())
    }
}

/// Reads a text as it shows.
pub(super) fn read(text: &str) -> Glyphs {
    let mut shown: Vec<char> = text.chars().filter(|c| !is_invisible(*c)).map(plain_mark).collect();
    mend_zeros(&mut shown);
    let plain = shown.iter().map(|c| letters::base(*c)).collect();
    Glyphs { shown, plain }
}

/// Characters that take no room: they may split a number without anyone seeing it.
fn is_invisible(character: char) -> bool {
    letters::is_combining(character)
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{e0000}'..='\u{e0fff}')
}

fn plain_mark(character: char) -> char {
    if character.is_ascii() {
        return if matches!(character, '\t' | '\r') { ' ' } else { character };
    }
    if let Some(digit) = digit(character) {
        return char::from(b'0' + digit);
    }
    match character {
        // Fullwidth forms lie at a fixed distance from ASCII.
        '\u{ff01}'..='\u{ff5e}' => {
            u8::try_from(u32::from(character) - 0xff01 + 0x21).map_or(character, char::from)
        }
        // Mathematical letters: alphabets of 26 capitals then 26 small ones.
        '\u{1d400}'..='\u{1d6a3}' => mathematical_letter(u32::from(character) - 0x1d400),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{2043}' => '-',
        '\u{b7}' | '\u{2022}' | '\u{2024}' | '\u{2027}' | '\u{22c5}' | '\u{30fb}' | '\u{3002}' => '.',
        '\u{2044}' | '\u{2215}' => '/',
        '\u{2019}' | '\u{2018}' | '\u{2bc}' => '\'',
        '\u{fe6b}' => '@',
        space if space.is_whitespace() => ' ',
        other => other,
    }
}

fn mathematical_letter(offset: u32) -> char {
    let place = u8::try_from(offset % 52).unwrap_or(0);
    char::from(if place < 26 { b'A' + place } else { b'a' + place - 26 })
}

/// The value of a decimal digit of any script, raised, lowered or circled.
fn digit(character: char) -> Option<u8> {
    let code = u32::from(character);
    let value = match character {
        '\u{b2}' | '\u{b3}' => code - 0xb0,
        '\u{b9}' => 1,
        '\u{2070}'..='\u{2079}' => code - 0x2070,
        '\u{2080}'..='\u{2089}' => code - 0x2080,
        '\u{2460}'..='\u{2468}' => code - 0x245f,
        '\u{2776}'..='\u{277e}' => code - 0x2775,
        '\u{24ea}' => 0,
        '\u{1d7ce}'..='\u{1d7ff}' => (code - 0x1d7ce) % 10,
        _ => ZEROS.iter().map(|zero| code.wrapping_sub(u32::from(*zero))).find(|value| *value < 10)?,
    };
    u8::try_from(value).ok()
}

/// A letter O before a digit, where no word is, is a zero mistyped (`O6`, `1O5`, `8OO6`).
fn mend_zeros(shown: &mut [char]) {
    for index in (0..shown.len()).rev() {
        let (before, rest) = shown.split_at_mut(index);
        let in_word = || before.iter().rev().find(|c| !is_letter_o(**c)).is_some_and(|c| c.is_alphabetic());
        if let [letter, after, ..] = rest
            && is_letter_o(*letter)
            && after.is_ascii_digit()
            && !in_word()
        {
            *letter = '0';
        }
    }
}

fn is_letter_o(character: char) -> bool {
    matches!(character, 'O' | 'o')
}
