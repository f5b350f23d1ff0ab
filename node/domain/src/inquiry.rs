//! Inquiries (*qui peut prendre ?*): partners are asked who can take a need, and nothing of a person stands in it.
//!
//! Here is decided what an inquiry may say and for how long, who is asked, how often, which of several answers holds, and
//! what a node may answer by itself. An answer is no commitment: nothing here opens a referral.

mod answer;
mod automatic;
mod load;
mod standing;

#[cfg(test)]
mod tests;

pub use answer::{
    ANSWERS_MAX, AUTOMATIC_ANSWERS_MAX, Answer, AnswerFlaw, AnswerKind, Automatic, Heard, Held, PLACES_MAX,
    WAITING_DAYS_MAX, Word,
};
pub use automatic::{answer_from_places, reckon_anew};
pub use load::{ASKED_OF_PARTNER, Load, Pending, Quota, TAKEN_OF_PARTNER};
pub use standing::{Asked, Progress, Standing};

use crate::content::{Constraint, Urgency};
use crate::directory::{AskedDoor, Service};
use crate::id::InquiryId;
use crate::limits::CLOCK_TOLERANCE;
use crate::structure_id::StructureId;
use crate::territory::{Territory, needed_territory};
use crate::theme::Theme;
use crate::time::{Span, Timestamp};
use crate::vocabulary::Value;
use std::collections::BTreeSet;

/// For how long an inquiry without urgency awaits answers.
pub const LIFETIME_DEFAULT: Span = Span::hours(24);
/// Longest an inquiry awaits answers.
pub const LIFETIME_MAX: Span = Span::days(7);
/// How long after its expiry an inquiry is kept.
pub const KEPT_AFTER_EXPIRY: Span = Span::days(30);
/// Most partners asked by one inquiry: the nearest.
pub const PARTNERS_ASKED_MAX: usize = 50;
/// Most inquiries one professional asks in a day.
pub const ASKED_BY_PROFESSIONAL_DAY_MAX: usize = 40;
/// Most inquiries one node asks in a day.
pub const ASKED_BY_NODE_DAY_MAX: usize = 400;
/// Most of this structure's inquiries that are kept: more than can be open, even if each day has as many as it may have.
/// Beyond, the oldest that are over give way.
pub const OURS_KEPT_MAX: usize = 5_000;
/// Most inquiries of all partners that are kept. Beyond, those that are over give way; while none is, no other is taken.
pub const THEIRS_KEPT_MAX: usize = 10_000;
/// Most languages in one inquiry: more would describe someone.
pub const LANGUAGES_MAX: usize = 3;
/// Most audiences in one inquiry: more would describe someone.
pub const AUDIENCES_MAX: usize = 3;
/// What an inquiry may say of how one gets there. The other constraints describe a person.
pub const MOBILITY: [Constraint; 3] = [Constraint::NoCar, Constraint::OnFoot, Constraint::CannotTravel];

/// An inquiry, as it leaves the node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inquiry {
    /// Its id.
    pub id: InquiryId,
    /// The need.
    pub theme: Theme,
    /// Where, as a need says it.
    pub territory: Territory,
    /// What to bear in mind.
    pub wanted: Wanted,
    /// Until when answers count, by the clock of who asks.
    pub expires_at: Timestamp,
}

/// What is to be borne in mind: closed choices, none of which describes anyone.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wanted {
    /// How soon.
    pub urgency: Option<Urgency>,
    /// Languages one of which would do, ISO 639 codes.
    pub languages: BTreeSet<String>,
    /// How one gets there; of [`MOBILITY`] alone.
    pub mobility: BTreeSet<Constraint>,
    /// How one is to be received, of the list `modes_accueil`.
    pub mode: Option<Value>,
    /// Whom it is to be for, of the list `publics`.
    pub audiences: Vec<Value>,
}

/// Why what is wanted, or the place, may not stand in an inquiry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InquiryFlaw {
    /// Over [`LANGUAGES_MAX`].
    TooManyLanguages,
    /// Over [`AUDIENCES_MAX`].
    TooManyAudiences,
    /// A constraint that is none of [`MOBILITY`].
    NotMobility,
    /// A place larger than a département.
    TooWide,
}

impl Wanted {
    /// Checks that it describes nobody.
    ///
    /// # Errors
    /// [`InquiryFlaw`].
    pub fn check(&self) -> Result<(), InquiryFlaw> {
        if self.languages.len() > LANGUAGES_MAX {
            return Err(InquiryFlaw::TooManyLanguages);
        }
        if self.audiences.len() > AUDIENCES_MAX {
            return Err(InquiryFlaw::TooManyAudiences);
        }
        if self.mobility.iter().any(|constraint| !MOBILITY.contains(constraint)) {
            return Err(InquiryFlaw::NotMobility);
        }
        Ok(())
    }
}

/// What an inquiry may say of a place: a commune, its EPCI when it is small, or a département. A small commune that
/// someone names all the same is told as its EPCI, so that it is neither kept nor shown.
///
/// # Errors
/// [`InquiryFlaw::TooWide`].
pub fn told_place(territory: Territory) -> Result<Territory, InquiryFlaw> {
    match territory {
        Territory::Commune(code) => Ok(needed_territory(code.commune())),
        Territory::Epci(_) | Territory::Departement(_) => Ok(territory),
        Territory::Region(_) | Territory::France => Err(InquiryFlaw::TooWide),
    }
}

/// Whose these doors are: each structure once, in their order.
pub fn partners_of(doors: &[AskedDoor<'_>]) -> Vec<StructureId> {
    let mut seen = BTreeSet::new();
    doors.iter().map(|door| door.structure).filter(|structure| seen.insert(*structure)).collect()
}

/// Whom an inquiry is asked of, and how many it is not.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Addressees {
    /// Who is asked, [`PARTNERS_ASKED_MAX`] at most.
    pub asked: Vec<StructureId>,
    /// How many were asked too often lately.
    pub left_out: u32,
    /// How many more there are, further away.
    pub beyond: u32,
}

impl Addressees {
    /// Chooses among `partners`, the nearest first, those that `may_ask` lets through. Once there are enough, the others
    /// are counted and not looked at.
    pub fn among(partners: &[StructureId], may_ask: impl Fn(StructureId) -> bool) -> Self {
        let mut chosen = Self::default();
        for partner in partners {
            if chosen.asked.len() >= PARTNERS_ASKED_MAX {
                chosen.beyond = chosen.beyond.saturating_add(1);
            } else if may_ask(*partner) {
                chosen.asked.push(*partner);
            } else {
                chosen.left_out = chosen.left_out.saturating_add(1);
            }
        }
        chosen
    }
}

/// Whether someone who asked at these instants may ask once more at `now`, with `most` a day.
pub fn may_ask(asked: impl IntoIterator<Item = Timestamp>, most: usize, now: Timestamp) -> bool {
    asked.into_iter().filter(|at| load::is_within(*at, Span::hours(24), now)).count() < most
}

/// Until when an inquiry asked at `now` awaits answers.
pub fn expires_at(urgency: Option<Urgency>, now: Timestamp) -> Timestamp {
    now.plus(match urgency {
        None => LIFETIME_DEFAULT,
        Some(Urgency::Now) => Span::hours(24),
        Some(Urgency::Soon) => Span::hours(72),
        Some(Urgency::Normal) => LIFETIME_MAX,
    })
}

/// Whether the time of an inquiry that comes from a partner is right by this clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Timing {
    /// It awaits an answer.
    Open,
    /// It has expired: nothing is to be done.
    Over,
    /// It would await an answer for too long.
    TooLong,
}

impl Inquiry {
    /// Whether a service may be a door of what is asked: it answers the need, and is open somewhere in the place. Only who
    /// asks knows which commune of a larger place is meant.
    pub fn is_for(&self, service: &Service) -> bool {
        service.themes.contains(&self.theme) && service.coverage.covers(&self.territory)
    }

    /// How its time stands at `now`.
    pub fn timing(&self, now: Timestamp) -> Timing {
        if self.expires_at <= now {
            return Timing::Over;
        }
        let longest = now.plus(LIFETIME_MAX).plus(CLOCK_TOLERANCE);
        if self.expires_at > longest { Timing::TooLong } else { Timing::Open }
    }
}

/// Whether an inquiry that expires then may be forgotten at `now`.
pub fn is_forgotten(expires_at: Timestamp, now: Timestamp) -> bool {
    expires_at.plus(KEPT_AFTER_EXPIRY) < now
}
