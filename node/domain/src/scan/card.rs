//! Payment card numbers (ISO/IEC 7812): a known prefix, the length that goes with it, and the Luhn check.

use super::runs::{Run, Window, windows};

const LENGTHS: std::ops::RangeInclusive<usize> = 13..=19;
/// Diners' numbers have the length of a SIRET; only their own grouping tells them apart.
const DINERS_PRINTED: [usize; 3] = [4, 6, 4];
/// Smallest group of digits in a card number that stands among other numbers (two by two are phone numbers).
const GROUP_MIN: usize = 3;

pub(super) fn is_in(runs: &[Run]) -> bool {
    runs.iter()
        .any(|run| LENGTHS.into_iter().any(|length| windows(run, length).any(|window| is_card(&window))))
}

fn is_card(window: &Window<'_>) -> bool {
    window.aligned
        && window.is_light()
        && !window.holds_a_time()
        && is_grouped_as_one(window)
        && window.digits().is_some_and(|digits| has_prefix(&digits, window) && luhn(&digits))
}

fn is_grouped_as_one(window: &Window<'_>) -> bool {
    let lengths = window.lengths();
    let all_but_last = lengths.len().saturating_sub(1);
    window.whole || lengths.iter().take(all_but_last).all(|length| *length >= GROUP_MIN)
}

fn has_prefix(digits: &[u8], window: &Window<'_>) -> bool {
    let four = digits.iter().take(4).fold(0u16, |number, digit| number * 10 + u16::from(*digit));
    match (four, digits.len()) {
        // Visa
        (4000..=4999, 13 | 16 | 19) => true,
        // Mastercard
        (5100..=5599 | 2221..=2720, 16) => true,
        // American Express
        (3400..=3499 | 3700..=3799, 15) => true,
        // Diners
        (3000..=3059 | 3600..=3699 | 3800..=3999, 14) => window.lengths() == DINERS_PRINTED,
        // Maestro, Discover, UnionPay
        (5000..=5099 | 5600..=6999, 16..=19) => true,
        // JCB, Mir
        (3528..=3589 | 2200..=2204, 16..=19) => true,
        _ => false,
    }
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, digit)| {
            let doubled = u32::from(*digit) * if index % 2 == 0 { 1 } else { 2 };
            doubled / 10 + doubled % 10
        })
        .sum();
    sum.is_multiple_of(10)
}
