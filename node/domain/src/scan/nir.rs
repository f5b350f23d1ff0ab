//! The French social security number (NIR, INSEE): sex, year, month, département, commune, order, and a key.

use super::glyphs::Glyphs;
use super::runs::{LETTER_A, LETTER_B, Run, Window, windows};

const WITHOUT_KEY: usize = 13;
const WITH_KEY: usize = 15;
const KEY_MODULUS: u64 = 97;
/// Born abroad: such numbers often carry a month that is no month.
const DEPARTEMENT_ABROAD: u64 = 99;
/// The groups in which the number is printed, key apart.
const PRINTED: [usize; 6] = [1, 2, 2, 2, 3, 3];
const NAMES: [&str; 7] =
    ["nir", "secu", "securite sociale", "n° ss", "no ss", "numero ss", "numero d'immatriculation"];

/// Whether a number with its key is there in any grouping, or one without key that reads as such.
pub(super) fn is_in(runs: &[Run], glyphs: &Glyphs) -> bool {
    let named = glyphs.has_any(&NAMES);
    runs.iter().any(|run| {
        windows(run, WITH_KEY).any(|window| with_key(&window) || (named && without_key(&window)))
            || windows(run, WITHOUT_KEY).any(|window| without_key(&window))
    })
}

fn with_key(window: &Window<'_>) -> bool {
    if !window.aligned && !window.is_solid() {
        return false;
    }
    let Some(number) = Number::read(window) else { return false };
    let key = number_of(window.atoms.get(WITHOUT_KEY..).unwrap_or_default().iter().map(|atom| atom.value));
    number.is_plausible() && key == KEY_MODULUS - number.value % KEY_MODULUS
}

/// Without a key only the form speaks: the window must stand alone, not be a date, and every part be possible.
fn without_key(window: &Window<'_>) -> bool {
    if !window.aligned || !window.is_light() || window.holds_a_time() {
        return false;
    }
    // Digits written one by one and more of them around: part of some longer number.
    if !window.whole && window.lengths().iter().all(|length| *length == 1) {
        return false;
    }
    let Some(number) = Number::read(window) else { return false };
    let sure = window.is_solid() || window.lengths().starts_with(&PRINTED);
    let month = (1..=12).contains(&number.month) || sure || number.departement == DEPARTEMENT_ABROAD;
    number.is_plausible() && month && number.commune != 0 && number.order != 0
}

/// The parts of a number, its key apart.
struct Number {
    /// The 13 digits as one number, `2A` read as 19 and `2B` as 18.
    value: u64,
    sex: u64,
    month: u64,
    departement: u64,
    commune: u64,
    order: u64,
}

impl Number {
    fn read(window: &Window<'_>) -> Option<Self> {
        let mut values: Vec<u8> = window.atoms.iter().take(WITHOUT_KEY).map(|atom| atom.value).collect();
        if let [_, _, _, _, _, tens, units, ..] = values.as_mut_slice() {
            match (*tens, *units) {
                (2, LETTER_A) => (*tens, *units) = (1, 9),
                (2, LETTER_B) => (*tens, *units) = (1, 8),
                _ => {}
            }
        }
        let key_has_letter = window.atoms.iter().skip(WITHOUT_KEY).any(|atom| atom.value >= LETTER_A);
        if key_has_letter || values.iter().any(|value| *value >= LETTER_A) {
            return None;
        }
        let part = |from: usize, to: usize| values.get(from..to).map(|part| number_of(part.iter().copied()));
        Some(Self {
            value: part(0, WITHOUT_KEY)?,
            sex: part(0, 1)?,
            month: part(3, 5)?,
            departement: part(5, 7)?,
            commune: part(7, 10)?,
            order: part(10, WITHOUT_KEY)?,
        })
    }

    fn is_plausible(&self) -> bool {
        matches!(self.sex, 1..=4 | 7 | 8)
            && matches!(self.month, 1..=12 | 20..=42 | 50..=99)
            && self.departement != 0
    }
}

fn number_of(digits: impl Iterator<Item = u8>) -> u64 {
    digits.fold(0, |number, digit| number * 10 + u64::from(digit))
}
