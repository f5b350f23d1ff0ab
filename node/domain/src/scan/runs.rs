//! Runs of digits, and the windows of a run in which a number may stand.

use super::glyphs::Glyphs;

/// Characters that may stand between two digits of one number.
const GAP_CHARS_MAX: usize = 4;
/// Atoms of the letters of Corsica's départements.
pub(super) const LETTER_A: u8 = 10;
pub(super) const LETTER_B: u8 = 11;

/// What stands before a digit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// Nothing: it touches the digit before.
    Touching,
    /// Spaces, dots, hyphens, slashes, underscores or brackets; the first that is no space, if any.
    Light(char),
    /// Commas, quotes, ends of lines…: more often the end of a number.
    Heavy,
}

/// A digit (or the A or B of `2A`, `2B`) of a run.
#[derive(Clone, Copy)]
pub(super) struct Atom {
    pub(super) value: u8,
    pub(super) gap: Gap,
    /// Its place in the text.
    pub(super) at: usize,
}

/// Digits with nothing but separators between them.
pub(super) type Run = Vec<Atom>;

/// Every run of a text, in order.
pub(super) fn runs(glyphs: &Glyphs) -> Vec<Run> {
    let mut all: Vec<Run> = Vec::new();
    let mut open: Option<Run> = None;
    let mut gap: Vec<char> = Vec::new();
    for (at, glyph) in glyphs.plain.iter().copied().enumerate() {
        if let Some(value) = atom_value(glyphs, at, open.as_ref()) {
            let atom = Atom { value, gap: gap_of(&gap), at };
            open.get_or_insert_default().push(atom);
            gap.clear();
        } else if is_separator(glyph) && gap.len() < GAP_CHARS_MAX {
            gap.push(glyph);
        } else {
            all.extend(open.take());
            gap.clear();
        }
    }
    all.extend(open);
    all
}

fn atom_value(glyphs: &Glyphs, at: usize, open: Option<&Run>) -> Option<u8> {
    let glyph = glyphs.plain_at(Some(at));
    if let Some(digit) = glyph.to_digit(10) {
        return u8::try_from(digit).ok();
    }
    let after_two = open.and_then(|run| run.last()).is_some_and(|atom| atom.value == 2);
    let next = glyphs.plain.iter().skip(at + 1).take(GAP_CHARS_MAX + 1).find(|c| !is_separator(**c));
    match glyph {
        'a' if after_two && next.is_some_and(char::is_ascii_digit) => Some(LETTER_A),
        'b' if after_two && next.is_some_and(char::is_ascii_digit) => Some(LETTER_B),
        _ => None,
    }
}

fn gap_of(gap: &[char]) -> Gap {
    if gap.is_empty() {
        Gap::Touching
    } else if gap.iter().all(|c| is_light(*c)) {
        Gap::Light(gap.iter().copied().find(|c| *c != ' ').unwrap_or(' '))
    } else {
        Gap::Heavy
    }
}

pub(super) fn is_light(glyph: char) -> bool {
    matches!(glyph, ' ' | '.' | '-' | '/' | '_' | '(' | ')')
}

fn is_separator(glyph: char) -> bool {
    is_light(glyph) || matches!(glyph, ',' | ';' | '|' | '\\' | '*' | '\'' | '"' | '[' | ']' | '~' | '\n')
}

/// Some digits of a run that follow each other.
#[derive(Clone, Copy)]
pub(super) struct Window<'a> {
    pub(super) atoms: &'a [Atom],
    run: &'a Run,
    /// Whether it begins and ends where groups of digits do.
    pub(super) aligned: bool,
    /// Whether it is the whole run.
    pub(super) whole: bool,
}

/// The windows of `length` digits of a run.
pub(super) fn windows(run: &Run, length: usize) -> impl Iterator<Item = Window<'_>> {
    run.windows(length).enumerate().map(move |(start, atoms)| {
        let begins = start == 0 || atoms.first().is_some_and(|atom| atom.gap != Gap::Touching);
        let ends = run.get(start + length).is_none_or(|atom| atom.gap != Gap::Touching);
        Window { atoms, run, aligned: begins && ends, whole: run.len() == length }
    })
}

impl Window<'_> {
    /// The place of the first digit in the text.
    pub(super) fn start(&self) -> usize {
        self.atoms.first().map_or(0, |atom| atom.at)
    }

    /// Whether the digits touch each other.
    pub(super) fn is_solid(&self) -> bool {
        self.gaps().all(|gap| gap == Gap::Touching)
    }

    /// Whether only light separators stand between the digits.
    pub(super) fn is_light(&self) -> bool {
        self.gaps().all(|gap| gap != Gap::Heavy)
    }

    fn gaps(&self) -> impl Iterator<Item = Gap> {
        self.atoms.iter().skip(1).map(|atom| atom.gap)
    }

    /// The digits as values; `None` when a letter is among them.
    pub(super) fn digits(&self) -> Option<Vec<u8>> {
        self.atoms.iter().map(|atom| (atom.value < LETTER_A).then_some(atom.value)).collect()
    }

    /// The groups of touching digits.
    pub(super) fn groups(&self) -> Vec<Group> {
        groups(self.atoms)
    }

    /// How many digits each group has.
    pub(super) fn lengths(&self) -> Vec<usize> {
        self.groups().iter().map(|group| group.length).collect()
    }

    /// Whether part of a date with its year (`5/12/2026`, `2026-12-05`) or of hours (`9.00-12.30`, `09-12 14-18`)
    /// stands in the window.
    pub(super) fn holds_a_time(&self) -> bool {
        let (Some(first), Some(last)) = (self.atoms.first(), self.atoms.last()) else { return false };
        let groups = groups(self.run);
        let mut rest = groups.as_slice();
        while !rest.is_empty() {
            // A group is part of one date only.
            let (time, after) = rest.split_at(time_length(rest).unwrap_or(1));
            let inside = |group: &Group| group.at <= last.at && first.at < group.at + group.length;
            if time.len() > 1 && time.iter().any(inside) {
                return true;
            }
            rest = after;
        }
        false
    }
}

/// Digits that touch each other.
#[derive(Clone, Copy)]
pub(super) struct Group {
    pub(super) length: usize,
    /// The number they write.
    pub(super) number: u64,
    gap: Gap,
    at: usize,
}

fn groups(atoms: &[Atom]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (index, atom) in atoms.iter().enumerate() {
        let value = u64::from(atom.value);
        match groups.last_mut() {
            Some(group) if index > 0 && atom.gap == Gap::Touching => {
                group.length += 1;
                group.number = group.number.saturating_mul(10).saturating_add(value);
            }
            _ => groups.push(Group { length: 1, number: value, gap: atom.gap, at: atom.at }),
        }
    }
    groups
}

/// How many groups the date or the hours take that `groups` begin with.
fn time_length(groups: &[Group]) -> Option<usize> {
    match groups {
        [a, b, c, d, ..] if are_hours_with_minutes([a, b, c, d]) || are_two_ranges([a, b, c, d]) => Some(4),
        [a, b, c, ..] if is_date(a, b, c) => Some(3),
        _ => None,
    }
}

/// `9.00-12.30`
fn are_hours_with_minutes([a, b, c, d]: [&Group; 4]) -> bool {
    let minutes = |group: &Group| group.length == 2 && group.number < 60 && group.number.is_multiple_of(5);
    is_hour(a) && minutes(b) && is_hour(c) && minutes(d) && b.gap == d.gap && b.gap != c.gap
}

/// `09-12 14-18`
fn are_two_ranges([a, b, c, d]: [&Group; 4]) -> bool {
    let rising = a.number < b.number && b.number <= c.number && c.number < d.number;
    [a, b, c, d].into_iter().all(is_hour) && rising && b.gap == d.gap && b.gap != c.gap
}

fn is_hour(group: &Group) -> bool {
    group.length <= 2 && group.number <= 24
}

/// Day, month, year, or (but for spaces) year, month, day, with the same separator between.
fn is_date(a: &Group, b: &Group, c: &Group) -> bool {
    let same = b.gap == c.gap && b.gap != Gap::Heavy;
    let french = is_day(a) && is_month(b) && is_year(c);
    let international = is_year(a) && is_month(b) && is_day(c) && b.gap != Gap::Light(' ');
    same && (french || international)
}

fn is_day(group: &Group) -> bool {
    group.length <= 2 && (1..=31).contains(&group.number)
}

fn is_month(group: &Group) -> bool {
    group.length <= 2 && (1..=12).contains(&group.number)
}

fn is_year(group: &Group) -> bool {
    group.length == 4 && (1900..2100).contains(&group.number)
}
