//! An event reduced to what the fold needs.

use crate::content::{Content, ContentPart, FeedbackLevel};
use crate::event::{Counts, Event, EventKind};
use crate::time::Timestamp;

/// A set of content parts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Parts(u8);

impl Parts {
    /// The set of `parts`.
    pub fn of(parts: impl IntoIterator<Item = ContentPart>) -> Self {
        Self(parts.into_iter().fold(0, |set, part| set | 1 << part.number()))
    }

    /// Whether nothing is in it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether some part is in both.
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Both together.
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether `part` is in it.
    pub fn has(self, part: ContentPart) -> bool {
        self.meets(Self::of([part]))
    }

    /// The parts in it.
    pub fn iter(self) -> impl Iterator<Item = ContentPart> {
        ContentPart::ALL.iter().copied().filter(move |part| self.has(*part))
    }
}

/// The few signed values that the table looks at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Detail {
    /// When the author made it.
    pub created: Option<Timestamp>,
    /// `Sent`: the answer deadline.
    pub deadline: Option<Timestamp>,
    /// `Sent`: the feedback level.
    pub level: Option<FeedbackLevel>,
    /// `Sent`: whether it names a standing walk-in offer.
    pub walk_in: WalkIn,
    /// `Accepted` in a handover: not before.
    pub not_before: Option<Timestamp>,
    /// `Proposed`: the offer stands until.
    pub offer_until: Option<Timestamp>,
    /// `Voided`: which of the author's events.
    pub voids: Option<u32>,
    /// `Erased`: which parts.
    pub erases: Parts,
}

/// Whether a referral is a walk-in one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum WalkIn {
    /// An ordinary referral.
    #[default]
    No,
    /// It rests on the receiver's standing offer: no stage 2, the receiver's chain decides from the start.
    Yes,
}

/// An event as the fold sees it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Mark {
    /// What happened.
    pub kind: EventKind,
    /// How many events of the counterpart its author had seen.
    pub seen: u32,
    /// Whether it counts.
    pub counts: Counts,
    /// Its signed values.
    pub detail: Detail,
}

impl From<&Content> for Detail {
    fn from(content: &Content) -> Self {
        let times = content.times;
        let need = content.need.as_ref();
        let erasure = content.erasure.as_ref();
        let walk_in = need.is_some_and(|need| need.walk_in.is_some());
        Self {
            created: times.map(|times| times.created),
            deadline: times.and_then(|times| times.deadline),
            level: need.map(|need| need.feedback),
            walk_in: if walk_in { WalkIn::Yes } else { WalkIn::No },
            not_before: times.and_then(|times| times.not_before),
            offer_until: times.and_then(|times| times.offer_until),
            voids: content.course.as_ref().and_then(|course| course.voids),
            erases: erasure.map(|e| Parts::of(e.parts.iter().copied())).unwrap_or_default(),
        }
    }
}

impl From<&Event> for Mark {
    fn from(event: &Event) -> Self {
        Self {
            kind: event.skeleton.kind,
            seen: event.skeleton.seen.map_or(0, |link| link.sequence),
            counts: event.counts,
            detail: event.content.as_ref().map(Detail::from).unwrap_or_default(),
        }
    }
}
