//! Numbers of papers and files: passport, identity card, residence permit, foreigner's file, jobseeker's file.
//!
//! But for the French passport they look like many other numbers, so each counts only near a word that names it.

use super::Forbidden;
use super::glyphs::Glyphs;
use super::runs::{Run, Window, is_light, windows};

/// How far after its name a number is looked for, in characters.
const REACH: usize = 60;
const PAPERS: [&str; 13] = [
    "carte d'identite",
    "carte d identite",
    "carte nationale d'identite",
    "carte identite",
    "cni",
    "cnie",
    "piece d'identite",
    "passeport",
    "passport",
    "titre de sejour",
    "carte de sejour",
    "recepisse",
    "titre de voyage",
];
const PASSPORTS: [&str; 2] = ["passeport", "passport"];
const FOREIGNER: [&str; 9] = [
    "numero etranger",
    "numero d'etranger",
    "numero de l'etranger",
    "n° etranger",
    "n°etranger",
    "no etranger",
    "num etranger",
    "agdref",
    "numero ofpra",
];
const EMPLOYMENT: [&str; 5] =
    ["france travail", "pole emploi", "demandeur d'emploi", "demandeuse d'emploi", "francetravail"];
const IDENTIFIER: [&str; 8] = ["identifiant", "numero", "n°", "no", "num", "id", "matricule", "identifiants"];
/// How far before the employment service's name the word for an identifier may stand, in characters.
const IDENTIFIER_REACH: usize = 25;
const PERMIT_DIGITS: usize = 10;
const OLD_CARD_DIGITS: usize = 12;
const PAPER_LENGTH: usize = 9;
const JOBSEEKER_DIGITS: usize = 7;
/// Two-letter words of French that stand between two numbers.
const SHORT_WORDS: [&str; 16] =
    ["et", "au", "de", "le", "la", "du", "un", "en", "ou", "ni", "si", "ce", "se", "ne", "rn", "rd"];

pub(super) fn find(glyphs: &Glyphs, runs: &[Run]) -> Option<Forbidden> {
    let reached = |names: &[&str], check: &dyn Fn(usize) -> bool| {
        names.iter().any(|name| glyphs.ends_of(name).any(check))
    };
    let checks = [
        (Forbidden::Passport, french_passport(glyphs)),
        (Forbidden::ForeignerNumber, reached(&FOREIGNER, &|end| foreigner_number(runs, end))),
        (Forbidden::IdentityPaper, reached(&PAPERS, &|end| paper_number(glyphs, runs, end))),
        (Forbidden::JobseekerNumber, jobseeker_number(glyphs, runs)),
    ];
    checks.into_iter().find(|(_, hit)| *hit).map(|(kind, _)| kind)
}

/// Two digits, two letters, five digits: touching, or apart in capitals, or apart where the text says passport.
fn french_passport(glyphs: &Glyphs) -> bool {
    (0..glyphs.plain.len()).any(|start| {
        let before = glyphs.plain_at(start.checked_sub(1));
        !before.is_alphanumeric() && passport_at(glyphs, start)
    })
}

fn passport_at(glyphs: &Glyphs, start: usize) -> bool {
    let Some((places, end)) = nine_from(glyphs, start) else { return false };
    let text: String = places.iter().filter_map(|at| glyphs.shown.get(*at)).collect();
    let (Some(head), Some(letters), Some(tail)) = (text.get(..2), text.get(2..4), text.get(4..)) else {
        return false;
    };
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let form = digits(head) && digits(tail) && letters.bytes().all(|b| b.is_ascii_alphabetic());
    let touching = end - start == PAPER_LENGTH;
    let capitals = letters.bytes().all(|b| b.is_ascii_uppercase());
    let word = SHORT_WORDS.contains(&letters.to_ascii_lowercase().as_str());
    let ends = !glyphs.plain_at(Some(end)).is_alphanumeric();
    form && ends && (touching || (capitals && !word) || glyphs.has_any(&PASSPORTS))
}

/// The places of nine letters and digits from `start`, light separators between them, and the place after them.
fn nine_from(glyphs: &Glyphs, start: usize) -> Option<(Vec<usize>, usize)> {
    let mut places = Vec::with_capacity(PAPER_LENGTH);
    for (at, glyph) in glyphs.shown.iter().copied().enumerate().skip(start).take(2 * PAPER_LENGTH) {
        if glyph.is_ascii_alphanumeric() {
            places.push(at);
        } else if places.is_empty() || !is_light(glyph) {
            return None;
        }
        if places.len() == PAPER_LENGTH {
            return Some((places, at + 1));
        }
    }
    None
}

/// The windows of whole groups that begin within reach of `end` and are neither a date nor a phone number.
fn numbers_after(runs: &[Run], end: usize, length: usize) -> impl Iterator<Item = Window<'_>> {
    let near = move |window: &Window<'_>| (end..end + REACH).contains(&window.start());
    runs.iter().flat_map(move |run| windows(run, length)).filter(move |window| {
        near(window)
            && window.aligned
            && window.is_light()
            && !window.holds_a_time()
            && window.digits().is_some()
    })
}

fn foreigner_number(runs: &[Run], end: usize) -> bool {
    numbers_after(runs, end, PERMIT_DIGITS).next().is_some()
}

fn paper_number(glyphs: &Glyphs, runs: &[Run], end: usize) -> bool {
    let not_phone = |window: Window<'_>| window.atoms.first().is_some_and(|atom| atom.value != 0);
    numbers_after(runs, end, PERMIT_DIGITS).any(not_phone)
        || numbers_after(runs, end, OLD_CARD_DIGITS).next().is_some()
        || numbers_after(runs, end, PAPER_LENGTH).any(not_phone)
        || (end..end + REACH).any(|start| mixed_number_at(glyphs, start))
}

/// Nine letters and digits that are a word of their own (`X4RTBPFW4`), or groups in capitals (`X4R TBP FW4`).
fn mixed_number_at(glyphs: &Glyphs, start: usize) -> bool {
    if glyphs.plain_at(start.checked_sub(1)).is_alphanumeric() {
        return false;
    }
    let Some((places, end)) = nine_from(glyphs, start) else { return false };
    let text: Vec<char> = places.iter().filter_map(|at| glyphs.shown.get(*at)).copied().collect();
    let digits = text.iter().filter(|c| c.is_ascii_digit()).count();
    let capitals = text.iter().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase());
    let touching = end - start == PAPER_LENGTH;
    let enough = if capitals && touching { 2 } else { 3 };
    let ends = !glyphs.plain_at(Some(end)).is_alphanumeric();
    ends && (touching || capitals) && digits >= enough && digits < PAPER_LENGTH
}

/// Seven digits and a letter, or eight to eleven digits after the identifier is named.
fn jobseeker_number(glyphs: &Glyphs, runs: &[Run]) -> bool {
    if !glyphs.has_any(&EMPLOYMENT) || !glyphs.has_any(&IDENTIFIER) {
        return false;
    }
    let lettered = |run: &Run| windows(run, JOBSEEKER_DIGITS).any(|window| ends_in_letter(glyphs, &window));
    let named_ends = EMPLOYMENT.iter().flat_map(|name| {
        let length = name.chars().count();
        glyphs.ends_of(name).filter(move |end| identifier_before(glyphs, end.saturating_sub(length)))
    });
    let not_phone = |window: Window<'_>| window.atoms.first().is_some_and(|atom| atom.value != 0);
    runs.iter().any(lettered)
        || named_ends
            .into_iter()
            .any(|end| [8, 10, 11].into_iter().any(|length| numbers_after(runs, end, length).any(not_phone)))
}

fn ends_in_letter(glyphs: &Glyphs, window: &Window<'_>) -> bool {
    let after = window.atoms.last().map_or(0, |atom| atom.at) + 1;
    let letter_at = if glyphs.plain_at(Some(after)) == ' ' { after + 1 } else { after };
    let letter = glyphs.shown.get(letter_at).copied().unwrap_or(' ');
    let apart = letter_at != after;
    window.aligned
        && window.is_light()
        && (if apart { letter.is_ascii_uppercase() } else { letter.is_ascii_alphabetic() })
        && !glyphs.plain_at(Some(letter_at + 1)).is_alphanumeric()
}

fn identifier_before(glyphs: &Glyphs, start: usize) -> bool {
    let reach = start.saturating_sub(IDENTIFIER_REACH)..=start;
    IDENTIFIER.iter().any(|word| glyphs.ends_of(word).any(|end| reach.contains(&end)))
}
