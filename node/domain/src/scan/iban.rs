//! International bank account numbers (ISO 13616): a country, its form, and the check modulo 97.

use super::glyphs::Glyphs;

/// Separators that may stand between two characters of one number.
const GAP_CHARS_MAX: usize = 4;
const CHECK_MODULUS: u32 = 97;
/// Lengths of a number of a country that is not listed, taken only where the text says IBAN.
const LENGTHS: std::ops::RangeInclusive<usize> = 15..=34;
/// Digits such a number has at least: a sentence that follows a date has fewer.
const DIGITS_MIN: usize = 11;
const COUNTRY_AND_CHECK: usize = 4;

/// What follows the country and the check digits: `n` digits, `a` letters, `c` either (SWIFT's registry; some
/// African countries that use the form without being in it).
const FORMS: &str = "\
AD 8n12c AE 19n AL 8n16c AO 21n AT 16n AZ 4a20c BA 16n BE 12n BF 2c22n BG 4a6n8c BH 4a14c BI 23n BJ 2c22n BR 23n1a1c \
BY 4c4n16c CF 23n CG 23n CH 5n12c CI 2c22n CM 23n CR 18n CV 21n CY 8n16c CZ 20n DE 18n DJ 23n DK 14n DO 4c20n DZ 22n \
EE 16n EG 25n ES 20n FI 14n FK 2a12n FO 14n FR 10n11c2n GA 23n GB 4a14n GE 2a16n GI 4a15c GL 14n GQ 23n GR 7n16c \
GT 4c20c GW 2c19n HN 4a20n HR 17n HU 24n IE 4a14n IL 19n IQ 4a15n IR 22n IS 22n IT 1a10n12c JO 4a4n18c KM 23n \
KW 4a22c KZ 3n13c LB 4n20c LC 4a24c LI 5n12c LT 16n LU 3n13c LV 4a13c LY 21n MA 24n MC 10n11c2n MD 2c18c ME 18n \
MG 23n MK 3n10c2n ML 2c22n MN 16n MR 23n MT 4a5n18c MU 4a19n3a MZ 21n NE 2a22n NI 4a20n NL 4a10n NO 11n OM 3n16c \
PK 4a16c PL 24n PS 4a21c PT 21n QA 4a21c RO 4a16c RS 18n RU 14n15c SA 2n18c SC 4a20n3a SD 14n SE 20n SI 15n SK 20n \
SM 1a10n12c SN 2c22n SO 19n ST 21n SV 4a20n TD 23n TG 2c22n TL 19n TN 20n TR 6n16c UA 6n19c VA 18n VG 4a16n XK 16n \
YE 4a4n18c";

pub(super) fn is_in(glyphs: &Glyphs) -> bool {
    let named = glyphs.plain.windows(4).any(|four| four == ['i', 'b', 'a', 'n']);
    let starts = glyphs.shown.iter().enumerate().filter(|(_, c)| c.is_ascii_alphabetic());
    starts.map(|(start, _)| Compact::read(glyphs, start)).any(|compact| {
        let form = compact.characters.get(..2).and_then(form_of);
        form.is_some_and(|form| is_whole(&compact, form)) || (named && is_generic(&compact))
    })
}

/// Letters and digits without the separators between them, at most as many as the longest number has and one more.
struct Compact {
    characters: Vec<char>,
    /// For each character, whether it touches the one before.
    touches: Vec<bool>,
}

impl Compact {
    fn read(glyphs: &Glyphs, start: usize) -> Self {
        let mut compact = Self { characters: Vec::new(), touches: Vec::new() };
        let mut gap = 0;
        for glyph in glyphs.shown.iter().skip(start).copied() {
            if glyph.is_ascii_alphanumeric() && compact.characters.len() <= *LENGTHS.end() {
                compact.characters.push(glyph);
                compact.touches.push(gap == 0);
                gap = 0;
            } else if matches!(glyph, ' ' | '.' | '-' | '/' | '_' | '\n') && gap < GAP_CHARS_MAX {
                gap += 1;
            } else {
                break;
            }
        }
        compact
    }

    /// The first `length` characters, if they end where a group does.
    fn first(&self, length: usize) -> Option<&[char]> {
        let goes_on = self.touches.get(length).copied().unwrap_or(false);
        self.characters.get(..length).filter(|_| !goes_on)
    }

    /// Whether the first `length` characters are written without separators.
    fn is_solid(&self, length: usize) -> bool {
        self.touches.iter().take(length).skip(1).all(|touches| *touches)
    }
}

fn form_of(country: &[char]) -> Option<&'static str> {
    let country: String = country.iter().map(char::to_ascii_uppercase).collect();
    let mut words = FORMS.split(' ');
    words.by_ref().find(|word| *word == country)?;
    words.next()
}

/// Letters where the form says letters or digits are capitals, or the number has no separators: two words after some
/// digits (`de 12 personnes`) are no number.
fn is_whole(compact: &Compact, form: &str) -> bool {
    let kinds: Vec<char> = "aann".chars().chain(kinds(form)).collect();
    let solid = compact.is_solid(kinds.len());
    compact.first(kinds.len()).is_some_and(|whole| {
        whole.iter().zip(&kinds).all(|(character, kind)| match kind {
            'n' => character.is_ascii_digit(),
            'a' => character.is_ascii_alphabetic(),
            _ => solid || !character.is_ascii_lowercase(),
        }) && is_checked(whole)
    })
}

/// `4a10n` as four `a` and ten `n`.
fn kinds(form: &str) -> Vec<char> {
    let mut all = Vec::new();
    let mut count = 0usize;
    for character in form.chars() {
        match character.to_digit(10).and_then(|digit| usize::try_from(digit).ok()) {
            Some(digit) => count = count * 10 + digit,
            None => all.extend(std::iter::repeat_n(character, std::mem::take(&mut count))),
        }
    }
    all
}

fn is_generic(compact: &Compact) -> bool {
    LENGTHS.filter_map(|length| compact.first(length)).any(|whole| {
        let (country, rest) = whole.split_at(2);
        let digits = rest.iter().filter(|c| c.is_ascii_digit()).count();
        country.iter().all(char::is_ascii_alphabetic)
            && rest.iter().take(2).all(char::is_ascii_digit)
            && digits >= DIGITS_MIN
            && is_checked(whole)
    })
}

/// The check of ISO 7064: country and check digits to the end, letters as 10 to 35, remainder 1.
fn is_checked(whole: &[char]) -> bool {
    let (head, tail) = whole.split_at(COUNTRY_AND_CHECK.min(whole.len()));
    let values = tail.iter().chain(head).filter_map(|character| character.to_digit(36));
    let remainder = values.fold(0, |rest, value| {
        let shifted = if value < 10 { rest * 10 } else { rest * 100 };
        (shifted + value) % CHECK_MODULUS
    });
    remainder == 1
}
