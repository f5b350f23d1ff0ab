//! What reaches a person: phone numbers and e-mail addresses, also those written to slip by.

use super::Forbidden;
use super::glyphs::Glyphs;
use super::runs::{Gap, Run, Window, windows};
use crate::territory;

const NATIONAL: usize = 10;
/// Digits of an international number with its country (ITU-T E.164 allows 15).
const INTERNATIONAL: std::ops::RangeInclusive<usize> = 8..=15;
/// The same after `00`.
const AFTER_ZEROS: std::ops::RangeInclusive<usize> = 11..=17;
/// France's country code and nine digits, its plus sign forgotten.
const FRANCE_BARE: usize = 11;
const POSTCODE: usize = 5;
const CURRENCIES: [&str; 4] = ["€", "eur", "$", "franc"];
const SPACES_MAX: usize = 3;
const AT_SIGNS: [&str; 10] =
    ["@", "(at)", "[at]", "{at}", "<at>", " at ", "arobase", "arrobase", "arobas", "(a)"];
const DOTS: [&str; 9] = [".", " . ", "(point)", "[point]", " point ", "(dot)", "[dot]", " dot ", "(.)"];

pub(super) fn find(glyphs: &Glyphs, runs: &[Run]) -> Option<Forbidden> {
    if runs.iter().any(|run| is_phone(glyphs, run)) {
        return Some(Forbidden::Phone);
    }
    has_email(glyphs).then_some(Forbidden::Email)
}

fn is_phone(glyphs: &Glyphs, run: &Run) -> bool {
    let zeros = AFTER_ZEROS.into_iter().any(|length| windows(run, length).any(|w| is_after_zeros(&w)));
    windows(run, NATIONAL).any(|window| is_national(&window) && !is_amount(glyphs, &window))
        || windows(run, FRANCE_BARE).any(|window| is_france_bare(&window))
        || zeros
        || is_after_plus(glyphs, run)
}

fn is_number(window: &Window<'_>) -> bool {
    window.aligned && window.is_light() && !window.holds_a_time()
}

fn is_national(window: &Window<'_>) -> bool {
    let form = window.digits().is_some_and(|digits| matches!(digits.as_slice(), [0, 1..=9, ..]));
    form && is_number(window) && !are_two_postcodes(window)
}

/// A number before a currency: `01000 10 000 €` ends in an amount.
fn is_amount(glyphs: &Glyphs, window: &Window<'_>) -> bool {
    let after = skip_spaces(glyphs, window.atoms.last().map_or(0, |atom| atom.at) + 1);
    CURRENCIES.iter().any(|sign| starts_with(glyphs, after, &sign.chars().collect::<Vec<_>>()))
}

/// `01000 01090`: two groups of five, both postcodes.
fn are_two_postcodes(window: &Window<'_>) -> bool {
    let groups = window.groups();
    groups.len() == 2
        && groups.iter().all(|group| {
            let postcode = format!("{:05}", group.number);
            group.length == POSTCODE && territory::communes_of_postcode(&postcode).next().is_some()
        })
}

fn is_after_zeros(window: &Window<'_>) -> bool {
    let form = window.digits().is_some_and(|digits| matches!(digits.as_slice(), [0, 0, 1..=9, ..]));
    form && is_number(window)
}

fn is_france_bare(window: &Window<'_>) -> bool {
    let form = window.digits().is_some_and(|digits| matches!(digits.as_slice(), [3, 3, 1..=9, ..]));
    form && is_number(window) && (window.is_solid() || window.lengths() == [2, 1, 2, 2, 2, 2])
}

fn is_after_plus(glyphs: &Glyphs, run: &Run) -> bool {
    let Some(first) = run.first() else { return false };
    let before =
        (0..first.at).rev().map(|at| glyphs.plain_at(Some(at))).find(|c| !matches!(c, ' ' | '(' | ')'));
    let light = run.iter().skip(1).take_while(|atom| atom.gap != Gap::Heavy).count() + 1;
    before == Some('+') && light >= *INTERNATIONAL.start()
}

fn has_email(glyphs: &Glyphs) -> bool {
    AT_SIGNS.iter().any(|sign| {
        let sign: Vec<char> = sign.chars().collect();
        (0..glyphs.plain.len()).any(|start| {
            starts_with(glyphs, start, &sign)
                && follows_a_name(glyphs, start)
                && is_domain(glyphs, skip_spaces(glyphs, start + sign.len()))
        })
    })
}

fn starts_with(glyphs: &Glyphs, start: usize, sign: &[char]) -> bool {
    glyphs.plain.get(start..start + sign.len()).is_some_and(|here| here == sign)
}

fn follows_a_name(glyphs: &Glyphs, start: usize) -> bool {
    let before = (0..start).rev().map(|at| glyphs.plain_at(Some(at)));
    let mut before = before.skip_while(|c| *c == ' ').take(1);
    before.next().is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+'))
}

fn skip_spaces(glyphs: &Glyphs, start: usize) -> usize {
    let spaces = glyphs.plain.iter().skip(start).take(SPACES_MAX).take_while(|c| **c == ' ').count();
    start + spaces
}

/// A label, a dot however written, and a label that begins with two letters.
fn is_domain(glyphs: &Glyphs, start: usize) -> bool {
    let label = label_length(glyphs, start);
    let end = start + label;
    label > 0
        && DOTS.iter().any(|dot| {
            let dot: Vec<char> = dot.chars().collect();
            let after = if dot.len() > 1 { skip_spaces(glyphs, end) } else { end };
            // A dot written with its own spaces is compared where the spaces begin.
            [end, after].into_iter().any(|at| {
                let next = at + dot.len();
                let next = if dot.len() > 1 { skip_spaces(glyphs, next) } else { next };
                starts_with(glyphs, at, &dot)
                    && (next..next + 2).all(|place| glyphs.plain_at(Some(place)).is_alphabetic())
            })
        })
}

fn label_length(glyphs: &Glyphs, start: usize) -> usize {
    glyphs.plain.iter().skip(start).take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).count()
}
