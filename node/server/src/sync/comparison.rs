//! When the side that opens compares what both hold: at once, soon while there is more to be learnt, some minutes after a
//! change, and every hour.

use crate::directory::CompareEnd;
use relais_domain::digest::Digest;
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Span, Timestamp};
use std::collections::BTreeSet;

/// How soon after a comparison the next one opens that has something to do.
const AGAIN_AFTER: Span = Span::seconds(10);
/// How soon after a comparison the next one opens when something has changed here.
const AFTER_CHANGE: Span = Span::minutes(5);
/// How soon after a comparison the next one opens in any case.
const EVERY: Span = Span::hours(1);
/// How long an answer may take.
const ANSWER_WAIT: Span = Span::seconds(60);

/// Which side opens: the one with the smaller structure id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    /// This one.
    Opens,
    /// The other one.
    Answers,
}

impl Part {
    pub(super) fn of(own: StructureId, peer: StructureId) -> Self {
        if own < peer { Self::Opens } else { Self::Answers }
    }
}

/// Where a comparison stands at the side that opens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Course {
    /// None was opened yet.
    None,
    /// An answer is awaited since then.
    Open(Timestamp),
    /// The last ended then.
    Ended(Timestamp),
}

/// Whether all was learnt that there was to be learnt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Learnt {
    /// It was.
    All,
    /// There was more than one comparison may hold.
    Some,
}

/// The comparisons that this side opens on one stream.
#[derive(Debug)]
pub(super) struct Comparison {
    course: Course,
    learnt: Learnt,
    /// What was held when the last one opened.
    generation: u64,
    /// Records asked for that have not come.
    awaited: BTreeSet<Digest>,
    /// Whether the last one brought anything, to either side.
    moved: bool,
    /// Whether the last one was not answered to its end.
    unanswered: bool,
    /// Whether one is asked for: what is kept has changed, or news were missed.
    asked: bool,
}

impl Comparison {
    pub(super) fn new() -> Self {
        Self {
            course: Course::None,
            learnt: Learnt::All,
            generation: 0,
            awaited: BTreeSet::new(),
            moved: false,
            unanswered: false,
            asked: false,
        }
    }

    /// Asks for one soon.
    pub(super) fn ask(&mut self) {
        self.asked = true;
    }

    /// Begins anew, soon: the other side says that it answers now, and what.
    pub(super) fn begin_anew(&mut self, now: Timestamp) {
        *self = Self { course: Course::Ended(now), asked: true, ..Self::new() };
    }

    /// Whether one is to be opened now.
    pub(super) fn is_due(&mut self, generation: u64, now: Timestamp) -> bool {
        if let Course::Open(since) = self.course {
            if now.since(since) <= ANSWER_WAIT {
                return false;
            }
            // Who does not answer is not asked again for a while.
            (self.course, self.unanswered) = (Course::Ended(now), true);
        }
        let Course::Ended(at) = self.course else { return true };
        let more = self.learnt == Learnt::Some || !self.awaited.is_empty();
        let wait = if !self.unanswered && (self.asked || (more && self.moved)) {
            AGAIN_AFTER
        } else if self.unanswered || generation != self.generation {
            AFTER_CHANGE
        } else {
            EVERY
        };
        // A clock that was turned back waits no longer than that.
        !now.is_within(wait, at)
    }

    /// Notes that one was opened over what is held now.
    pub(super) fn opened(&mut self, generation: u64, now: Timestamp) {
        *self = Self { course: Course::Open(now), generation, ..Self::new() };
    }

    /// Notes that none can be opened now.
    pub(super) fn postponed(&mut self, now: Timestamp) {
        self.course = Course::Ended(now);
        self.asked = true;
    }

    /// Whether an answer is awaited.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.course, Course::Open(_))
    }

    /// Notes that it goes on.
    pub(super) fn goes_on(&mut self, now: Timestamp) {
        self.course = Course::Open(now);
    }

    /// Notes that it has ended; how, for who asks.
    pub(super) fn ended(&mut self, learnt: Learnt, now: Timestamp) -> CompareEnd {
        (self.course, self.learnt) = (Course::Ended(now), learnt);
        match learnt {
            Learnt::Some => CompareEnd::Partly,
            Learnt::All if self.moved || !self.awaited.is_empty() => CompareEnd::Exchanged,
            Learnt::All => CompareEnd::NothingNew,
        }
    }

    /// Notes that records were asked for.
    pub(super) fn awaits(&mut self, ids: &[Digest]) {
        self.awaited.extend(ids);
    }

    /// Whether a record was asked for and has not come.
    pub(super) fn is_awaited(&self, identity: &Digest) -> bool {
        self.awaited.contains(identity)
    }

    /// Notes that a record came.
    pub(super) fn came(&mut self, identity: &Digest) {
        self.awaited.remove(identity);
    }

    /// Notes that it brought something, to either side.
    pub(super) fn moves(&mut self) {
        self.moved = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    fn ended(learnt: Learnt) -> Comparison {
        let mut comparison = Comparison::new();
        comparison.opened(1, NOW);
        comparison.ended(learnt, NOW);
        comparison
    }

    /// Due exactly after this long.
    fn due_after(mut comparison: Comparison, generation: u64, wait: Span) {
        assert!(!comparison.is_due(generation, NOW.plus(wait).minus(Span(1))), "{comparison:?}");
        assert!(comparison.is_due(generation, NOW.plus(wait)), "{comparison:?}");
    }

    #[test]
    fn at_once_then_after_changes_and_every_hour() {
        assert!(Comparison::new().is_due(0, NOW));
        due_after(ended(Learnt::All), 1, EVERY);
        due_after(ended(Learnt::All), 2, AFTER_CHANGE);
        let mut asked = ended(Learnt::All);
        asked.ask();
        due_after(asked, 1, AGAIN_AFTER);
        let mut postponed = Comparison::new();
        postponed.postponed(NOW);
        due_after(postponed, 0, AGAIN_AFTER);
        assert!(ended(Learnt::All).is_due(1, NOW.minus(Span(1))), "a clock turned back");
    }

    #[test]
    fn how_it_ended_is_told() {
        let end = |tell: fn(&mut Comparison), learnt| {
            let mut comparison = Comparison::new();
            comparison.opened(1, NOW);
            tell(&mut comparison);
            comparison.ended(learnt, NOW)
        };
        assert_eq!(end(|_| {}, Learnt::All), CompareEnd::NothingNew);
        assert_eq!(end(Comparison::moves, Learnt::All), CompareEnd::Exchanged);
        assert_eq!(end(|one| one.awaits(&[Digest::of(b"1")]), Learnt::All), CompareEnd::Exchanged);
        assert_eq!(end(Comparison::moves, Learnt::Some), CompareEnd::Partly);
    }

    #[test]
    fn soon_again_only_while_something_moves() {
        due_after(ended(Learnt::Some), 1, EVERY);
        let mut moved = ended(Learnt::Some);
        moved.moves();
        due_after(moved, 1, AGAIN_AFTER);
        let mut awaiting = ended(Learnt::All);
        awaiting.awaits(&[Digest::of(b"1"), Digest::of(b"2")]);
        awaiting.moves();
        awaiting.came(&Digest::of(b"1"));
        let mut had = ended(Learnt::All);
        had.awaits(&[Digest::of(b"1")]);
        had.moves();
        had.came(&Digest::of(b"1"));
        due_after(awaiting, 1, AGAIN_AFTER);
        due_after(had, 1, EVERY);
    }

    #[test]
    fn who_does_not_answer_is_asked_again_some_minutes_later() {
        let mut comparison = Comparison::new();
        comparison.opened(1, NOW);
        assert!(comparison.is_open() && !comparison.is_due(9, NOW.plus(ANSWER_WAIT)));
        let late = NOW.plus(ANSWER_WAIT).plus(Span(1));
        comparison.ask();
        assert!(!comparison.is_due(1, late) && !comparison.is_open());
        assert!(!comparison.is_due(1, late.plus(AFTER_CHANGE).minus(Span(1))));
        assert!(comparison.is_due(1, late.plus(AFTER_CHANGE)));
    }

    #[test]
    fn who_says_hello_again_is_asked_again_soon() {
        let mut comparison = Comparison::new();
        comparison.opened(1, NOW);
        comparison.begin_anew(NOW);
        assert!(!comparison.is_open());
        due_after(comparison, 1, AGAIN_AFTER);
    }

    #[test]
    fn one_side_opens() {
        let (one, other) = (StructureId::of_root_spki(b"a"), StructureId::of_root_spki(b"b"));
        assert_ne!(Part::of(one, other), Part::of(other, one));
    }
}
