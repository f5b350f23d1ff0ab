//! What someone needs of a door beside the need itself. What is not known of a service never shuts it out: it stands behind
//! those that say so, and the page says what is not known.

use super::listing::{Fees, Listing, audience_place};
use super::{Standing, Week};
use crate::vocabulary::Value;

/// From when on it is evening, minutes of the day.
const EVENING: u32 = 18 * 60;
const NOON: u32 = 12 * 60;
const MIDNIGHT: u32 = 24 * 60;
const SATURDAY: usize = 5;
const SUNDAY: usize = 6;
/// The language that is spoken at every door.
pub(crate) const SPOKEN_EVERYWHERE: &str = "fr";

/// How the person wants to be received.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// In person.
    InPerson,
    /// By telephone or online.
    Remote,
}

/// How far the person can go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// Nowhere: only what is given at a distance.
    Nowhere,
    /// So many metres.
    Metres(u32),
}

/// When the person can come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hours {
    /// On a weekday before noon.
    Morning,
    /// On a weekday between noon and 18:00.
    Afternoon,
    /// After 18:00, any day.
    Evening,
    /// On a Saturday.
    Saturday,
}

impl Hours {
    fn week(self) -> Week {
        let weekday = |day| day < SATURDAY;
        match self {
            Self::Morning => Week::slot(weekday, 0, NOON),
            Self::Afternoon => Week::slot(weekday, NOON, EVENING),
            Self::Evening => Week::slot(|day| day <= SUNDAY, EVENING, MIDNIGHT),
            Self::Saturday => Week::slot(|day| day == SATURDAY, 0, MIDNIGHT),
        }
    }
}

/// What it may cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Price {
    /// Whatever it costs.
    #[default]
    Any,
    /// Nothing.
    Free,
}

/// Whose doors.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Doors {
    /// Everyone's.
    #[default]
    All,
    /// Partners' only: those a referral can be sent to now.
    Partners,
}

/// One thing that can be asked of a door.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Filter {
    /// The language.
    Language,
    /// Whom it is for.
    Audience,
    /// What it costs.
    Price,
    /// How people are received.
    Mode,
    /// How far it is.
    Reach,
    /// When it is open.
    Hours,
    /// Whether it is a partner's.
    Doors,
    /// Whether it is open to people of the commune; always asked.
    Territory,
}

/// What is asked of a door beside the need.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filters {
    /// A language that must be spoken there, ISO 639 code.
    pub language: Option<String>,
    /// Whom it must be for.
    pub audience: Option<Value>,
    /// What it may cost.
    pub price: Price,
    /// How the person wants to be received.
    pub mode: Option<Mode>,
    /// How far the person can go.
    pub reach: Option<Reach>,
    /// When the person can come.
    pub hours: Option<Hours>,
    /// Whose doors.
    pub doors: Doors,
}

/// Whether a door is what is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fit {
    Yes,
    NotKnown,
    No,
}

/// [`Fit::Yes`] or [`Fit::No`] of a condition.
macro_rules! fit {
    ($condition:expr $(,)?) => {
        if $condition { Fit::Yes } else { Fit::No }
    };
}

impl Filters {
    /// Each thing that is asked, and whether the door is so.
    pub(super) fn judge(
        &self,
        listing: &Listing,
        distance_m: Option<u32>,
        standing: Standing,
    ) -> impl Iterator<Item = (Filter, Fit)> {
        let judged = [
            (Filter::Language, self.language.as_deref().map(|wanted| speaks(listing, wanted))),
            (Filter::Audience, self.audience.map(|wanted| is_for(listing, wanted))),
            (Filter::Price, (self.price == Price::Free).then(|| is_free(listing))),
            (Filter::Mode, self.mode.map(|mode| receives(listing, mode))),
            (Filter::Reach, self.reach.map(|reach| self.lies_within(listing, reach, distance_m))),
            (Filter::Hours, self.hours.map(|hours| is_open(listing, hours))),
            (
                Filter::Doors,
                (self.doors == Doors::Partners).then_some(fit!(matches!(standing, Standing::Partner(_)))),
            ),
        ];
        judged.into_iter().filter_map(|(filter, fit)| fit.map(|fit| (filter, fit)))
    }

    /// How the person can be received: who goes nowhere, at a distance only.
    pub(super) fn way(&self) -> Option<Mode> {
        self.mode.or((self.reach == Some(Reach::Nowhere)).then_some(Mode::Remote))
    }

    /// Who wants to be received in person must go there, whatever else is given at a distance. Of a door that does not
    /// say how it receives it is not known whether one has to.
    fn lies_within(&self, listing: &Listing, reach: Reach, distance_m: Option<u32>) -> Fit {
        if listing.is_remote() && self.mode != Some(Mode::InPerson) {
            return Fit::Yes;
        }
        let within = match (reach, distance_m) {
            (Reach::Nowhere, _) => Fit::No,
            (Reach::Metres(_), None) => Fit::NotKnown,
            (Reach::Metres(most), Some(metres)) => fit!(metres <= most),
        };
        let maybe_remote = !listing.says_how() && self.mode != Some(Mode::InPerson);
        if maybe_remote && within == Fit::No { Fit::NotKnown } else { within }
    }
}

/// French is spoken everywhere, whatever other languages a service lists.
fn speaks(listing: &Listing, wanted: &str) -> Fit {
    if wanted == SPOKEN_EVERYWHERE {
        return Fit::Yes;
    }
    if listing.languages.is_empty() {
        return Fit::NotKnown;
    }
    fit!(listing.languages.iter().any(|language| &**language == wanted))
}

fn is_for(listing: &Listing, wanted: Value) -> Fit {
    fit!(
        listing.audiences.is_empty()
            || audience_place(wanted).is_some_and(|place| listing.audiences.has(place)),
    )
}

fn is_free(listing: &Listing) -> Fit {
    match listing.fees {
        Fees::Free => Fit::Yes,
        Fees::Paid => Fit::No,
        Fees::Unknown => Fit::NotKnown,
    }
}

fn receives(listing: &Listing, mode: Mode) -> Fit {
    if !listing.says_how() {
        return Fit::NotKnown;
    }
    match mode {
        Mode::InPerson => fit!(listing.is_in_person()),
        Mode::Remote => fit!(listing.is_remote()),
    }
}

fn is_open(listing: &Listing, hours: Hours) -> Fit {
    match &listing.week {
        None => Fit::NotKnown,
        Some(week) => fit!(week.meets(&hours.week())),
    }
}
