//! What is answered, and which of several answers holds.

use crate::code::codes;
use crate::id::ServiceId;
use crate::limits::CLOCK_TOLERANCE;
use crate::time::Timestamp;

/// Most places of one answer.
pub const PLACES_MAX: u32 = 10_000;
/// Most days until a first meeting in one answer.
pub const WAITING_DAYS_MAX: u32 = 730;
/// Most answers of one partner to one inquiry that are heard.
pub const ANSWERS_MAX: u32 = 10;
/// Most of these that a node gives by itself, what it takes back among them; the others are for its professionals.
pub const AUTOMATIC_ANSWERS_MAX: u32 = 6;

codes! {
    /// What is answered.
    AnswerKind {
        /// They can take it.
        CanTake = 1 "can-take",
        /// They have a waiting list.
        WaitingList = 2 "waiting-list",
        /// They cannot take it.
        Cannot = 3 "cannot",
    }
}

/// Whether a node answered by itself, from the places its structure publishes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Automatic {
    /// It did, or does.
    Yes,
    /// A professional answers.
    #[default]
    No,
}

/// Whether an answer stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Word {
    /// It does.
    #[default]
    Kept,
    /// It was reckoned from places that have changed or ended since, and nothing has taken its place: nothing is answered.
    TakenBack,
}

/// An answer to an inquiry. It is no commitment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// What.
    pub kind: AnswerKind,
    /// How many, if said.
    pub places: Option<u32>,
    /// Days until a first meeting, if said.
    pub waiting_days: Option<u32>,
    /// The service that is meant.
    pub service: Option<ServiceId>,
    /// Whether the node answered by itself.
    pub automatic: Automatic,
    /// Whether it stands.
    pub word: Word,
    /// When, by the clock of who answers.
    pub answered_at: Timestamp,
}

/// The field of an answer that is wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AnswerFlaw {
    /// How many: 1 to [`PLACES_MAX`], and only of who can take it.
    Places,
    /// Days: at most [`WAITING_DAYS_MAX`], and not of who cannot take it.
    WaitingDays,
}

/// The answer of one partner that is held, and how many it gave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Held {
    /// The one that holds.
    pub answer: Answer,
    /// How many were heard, from 1.
    pub heard: u32,
}

impl Held {
    /// What is answered; `None` once it was taken back.
    pub fn said(&self) -> Option<&Answer> {
        match self.answer.word {
            Word::Kept => Some(&self.answer),
            Word::TakenBack => None,
        }
    }
}

/// What becomes of an answer that is heard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Heard {
    /// It holds from now on.
    Holds,
    /// It is the one that holds, or an older one: nothing changes.
    Known,
    /// The inquiry has expired.
    Late,
    /// It was given in the future of this clock.
    FromTheFuture,
    /// The partner has changed its mind too often.
    TooOften,
}

impl Answer {
    /// Checks that its numbers fit what is answered.
    ///
    /// # Errors
    /// [`AnswerFlaw`] names the field.
    pub fn check(&self) -> Result<(), AnswerFlaw> {
        let places = self
            .places
            .is_none_or(|places| self.kind == AnswerKind::CanTake && (1..=PLACES_MAX).contains(&places));
        let days =
            self.waiting_days.is_none_or(|days| self.kind != AnswerKind::Cannot && days <= WAITING_DAYS_MAX);
        match (places, days) {
            (false, _) => Err(AnswerFlaw::Places),
            (true, false) => Err(AnswerFlaw::WaitingDays),
            (true, true) => Ok(()),
        }
    }

    /// Whether it says what the other says, whenever that was.
    pub fn says(&self, other: &Self) -> bool {
        Self { answered_at: self.answered_at, ..other.clone() } == *self
    }

    /// What becomes of it, beside the one `held` of the same partner. Which holds follows from when they were given alone,
    /// not from the order in which they come; of two of one instant the one that came first.
    pub fn heard(&self, held: Option<&Held>, expires_at: Timestamp, now: Timestamp) -> Heard {
        if now >= expires_at {
            return Heard::Late;
        }
        if self.answered_at > now.plus(CLOCK_TOLERANCE) {
            return Heard::FromTheFuture;
        }
        match held {
            None => Heard::Holds,
            Some(held) if held.answer.answered_at >= self.answered_at => Heard::Known,
            Some(held) if held.heard >= ANSWERS_MAX => Heard::TooOften,
            Some(_) => Heard::Holds,
        }
    }
}
