//! Rows that between them hold every code a row can hold.

use super::{changed_at, event, step, tally_row, thread_row};
use crate::rows::{EventRow, StepRow, TallyRow, ThreadRow};
use relais_domain::consent::Standing;
use relais_domain::content::{ContentPart, Outcome};
use relais_domain::decide::{DueKind, Owner};
use relais_domain::event::{Counts, EventKind, Side, ThreadKind};
use relais_domain::fold::{Label, Step};
use relais_domain::territory::Territory;
use relais_domain::theme::Theme;
use relais_domain::thread::{Freeze, Signing};
use relais_domain::time::Span;

/// How many seeds it takes until every code of a thread and of a tally row has come up.
pub const VARIETY: u64 = 24;

const TERRITORIES: [&str; 5] = ["17300", "241700434", "17", "region:75", "france"];

/// The code that is `seed`'s turn.
fn turn<T: Copy>(all: &[T], seed: u64) -> T {
    let place = usize::try_from(seed).unwrap_or(0) % all.len().max(1);
    *all.get(place).expect("lists of codes are built in and not empty")
}

/// The same, absent at every third turn.
fn turn_or_none<T: Copy>(all: &[T], seed: u64) -> Option<T> {
    (!seed.is_multiple_of(3)).then(|| turn(all, seed / 3 * 2 + seed % 3))
}

/// A new thread; over [`VARIETY`] seeds every code comes up, and every absence.
pub fn varied_thread_row(seed: u64) -> ThreadRow {
    let row = thread_row(seed);
    let owner = turn(Owner::ALL, seed);
    let due = turn_or_none(DueKind::ALL, seed);
    ThreadRow {
        kind: turn(ThreadKind::ALL, seed),
        side: turn(Side::ALL, seed / 2),
        standing: turn(Standing::ALL, seed),
        signing: turn(&[Signing::ByItself, Signing::Asks], seed),
        freeze: turn(&[Freeze::No, Freeze::Forked], seed / 2),
        follow_up: row.follow_up.filter(|_| seed.is_multiple_of(2)),
        wake_at: turn_or_none(&[Span::days(1), Span(1)], seed).map(|span| changed_at(seed, 1).plus(span)),
        label: turn_or_none(Label::ALL, seed),
        step: turn(Step::ALL, seed),
        due: due.map(|kind| (kind, owner, changed_at(seed, 1).plus(Span::hours(1)))),
        attention: turn(&[0, 1, 0b10_1010, u32::MAX], seed),
        ..row
    }
}

/// Events of thread `seed`, by side and sequence: every kind on both sides, every part, some without content.
pub fn varied_events(seed: u64) -> Vec<EventRow> {
    let of_side = |side: Side| {
        (1..).zip(EventKind::ALL).map(move |(sequence, kind)| varied_event(seed, side, sequence, *kind))
    };
    Side::ALL.iter().copied().flat_map(of_side).collect()
}

fn varied_event(seed: u64, side: Side, sequence: u32, kind: EventKind) -> EventRow {
    let number = u64::from(sequence);
    let row = event(seed, side, sequence, turn(ContentPart::ALL, number));
    let counts = turn(&[Counts::Yes, Counts::No], number + u64::from(side.number()));
    EventRow { kind, counts, content: row.content.filter(|_| !number.is_multiple_of(4)), ..row }
}

/// Local steps of thread `seed`, of every kind.
pub fn varied_steps(seed: u64) -> Vec<StepRow> {
    let each = (0..).zip(EventKind::ALL);
    each.map(|(after, kind)| StepRow { kind: *kind, ..step(seed, after) }).collect()
}

/// A tally row; over [`VARIETY`] seeds every code comes up, and every absence.
pub fn varied_tally_row(seed: u64) -> TallyRow {
    let themes: Vec<Theme> = Theme::all().collect();
    TallyRow {
        side: turn(Side::ALL, seed),
        kind: turn(ThreadKind::ALL, seed / 2),
        territory: Territory::parse(turn(&TERRITORIES, seed)).unwrap_or(Territory::France),
        theme: turn(&themes, seed * 3),
        label: turn_or_none(Label::ALL, seed),
        outcome: turn_or_none(Outcome::ALL, seed + 1),
        ..tally_row(seed)
    }
}
