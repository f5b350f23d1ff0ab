//! Why a service is proposed, and what speaks against it.

use super::listing::{Fees, Listing, Room};
use super::rank::leaves_unanswered;
use super::{Filter, NameNeeded, Standing};
use crate::territory::CommuneCode;
use crate::time::{Day, Timestamp};
use std::collections::BTreeSet;
use std::fmt;

/// After how many days without a change it is said when a service was last described.
const OLD_DAYS: i32 = 365;

/// Why a service is proposed, or what speaks against it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reason {
    /// It is in the person's commune.
    SameCommune,
    /// How far it is, metres.
    Distance(u32),
    /// Where it is cannot be told.
    DistanceUnknown,
    /// People are received at a distance.
    Remote,
    /// It has free places.
    Places {
        /// How many.
        places: u32,
        /// When it said so.
        stated_at: Timestamp,
    },
    /// It says that it has no free place.
    NoPlaces {
        /// When it said so.
        stated_at: Timestamp,
    },
    /// Days until a first meeting.
    Waiting(u32),
    /// It says nothing about its places, or said it too long ago.
    CapacityUnknown,
    /// It costs nothing.
    Free,
    /// It is not free.
    Paid,
    /// Languages spoken there, ISO 639 codes.
    Languages(Vec<String>),
    /// One may come without an appointment, at these hours.
    WalkIn(String),
    /// It must know the name to decide.
    NameNeeded,
    /// It answers this structure within so many days, half of the time or more.
    Answers(u32),
    /// It left referrals of this structure unanswered.
    Unanswered {
        /// How many.
        unanswered: u32,
        /// Of how many.
        asked: u32,
    },
    /// It says nothing about something that was asked for.
    NotSaid(Filter),
    /// It was last described on this day, more than a year ago.
    Described(Day),
    /// A partner vouches for it; no referral can be sent before both have become partners.
    Vouched,
    /// It was confirmed here as a partner, and has not confirmed yet.
    Awaited,
    /// It is on the network, and no partner vouches for it.
    Stranger,
    /// It is not on the network: an entry of open data that nobody signed.
    Unverified,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SameCommune => f.write_str("in the same commune"),
            Self::Distance(metres) => {
                let tenths = metres.saturating_add(50) / 100;
                write!(f, "{}.{} km away", tenths / 10, tenths % 10)
            }
            Self::DistanceUnknown => f.write_str("distance not known"),
            Self::Remote => f.write_str("at a distance, by telephone or online"),
            Self::Places { places: 1, stated_at } => write!(f, "1 free place, said on {}", stated_at.day()),
            Self::Places { places, stated_at } => {
                write!(f, "{places} free places, said on {}", stated_at.day())
            }
            Self::NoPlaces { stated_at } => write!(f, "no free place, said on {}", stated_at.day()),
            Self::Waiting(0) => f.write_str("a first meeting at once"),
            Self::Waiting(1) => f.write_str("a first meeting within 1 day"),
            Self::Waiting(days) => write!(f, "a first meeting within {days} days"),
            Self::CapacityUnknown => f.write_str("free places not known"),
            Self::Free => f.write_str("free of charge"),
            Self::Paid => f.write_str("not free of charge"),
            Self::Languages(languages) => write!(f, "spoken there: {}", languages.join(", ")),
            Self::WalkIn(hours) => write!(f, "without appointment: {hours}"),
            Self::NameNeeded => f.write_str("needs the name to decide"),
            Self::Answers(0) => f.write_str("answers the same day"),
            Self::Answers(1) => f.write_str("answers within 1 day"),
            Self::Answers(days) => write!(f, "answers within {days} days"),
            Self::Unanswered { unanswered, asked } => {
                write!(f, "left {unanswered} of {asked} referrals unanswered")
            }
            Self::NotSaid(filter) => write!(f, "{} not known", not_said(*filter)),
            Self::Described(day) => write!(f, "described on {day}"),
            Self::Vouched => f.write_str("no partner yet: a partner vouches for it"),
            Self::Awaited => f.write_str("confirmed here, awaits the other structure: call them"),
            Self::Stranger => f.write_str("no partner"),
            Self::Unverified => f.write_str("not on the network: open data, not verified"),
        }
    }
}

fn not_said(filter: Filter) -> &'static str {
    match filter {
        Filter::Language => "languages",
        Filter::Audience => "whom it is for",
        Filter::Price => "price",
        Filter::Mode => "how people are received",
        Filter::Reach => "distance",
        Filter::Hours => "opening hours",
        Filter::Doors => "whether it is a partner",
        Filter::Territory => "whom it is open to",
    }
}

/// A door, as far as its reasons are told.
pub(super) struct Told<'a> {
    pub(super) listing: &'a Listing,
    pub(super) standing: Standing,
    pub(super) distance_m: Option<u32>,
    pub(super) not_known: &'a [Filter],
}

/// Its reasons, most important first.
pub(super) fn reasons(told: &Told<'_>, home: CommuneCode, now: Timestamp) -> Vec<Reason> {
    let listing = told.listing;
    let mut reasons = place(told, home);
    if told.standing == Standing::Unverified {
        reasons.push(Reason::Unverified);
    } else {
        reasons.extend(room(listing.room(now)));
    }
    reasons.extend(trust(told.standing));
    match listing.fees {
        Fees::Free => reasons.push(Reason::Free),
        Fees::Paid => reasons.push(Reason::Paid),
        Fees::Unknown => {}
    }
    if !listing.languages.is_empty() {
        reasons.push(Reason::Languages(listing.languages.iter().map(|code| code.to_string()).collect()));
    }
    if let Some(hours) = &listing.walk_in {
        reasons.push(Reason::WalkIn(hours.to_string()));
    }
    if listing.name_needed == NameNeeded::Yes {
        reasons.push(Reason::NameNeeded);
    }
    let not_known: BTreeSet<Filter> =
        told.not_known.iter().filter_map(|filter| not_known(told, *filter)).collect();
    reasons.extend(not_known.into_iter().map(Reason::NotSaid));
    if now.day().0.saturating_sub(listing.updated_on.0) > OLD_DAYS {
        reasons.push(Reason::Described(listing.updated_on));
    }
    reasons
}

/// What is to be said of something that is asked and not known. That a distance is not known is said already; where it is
/// known, and too far, one may not have to go there at all.
fn not_known(told: &Told<'_>, filter: Filter) -> Option<Filter> {
    match filter {
        Filter::Reach => told.distance_m.map(|_| Filter::Mode),
        Filter::Language
        | Filter::Audience
        | Filter::Price
        | Filter::Mode
        | Filter::Hours
        | Filter::Doors
        | Filter::Territory => Some(filter),
    }
}

fn place(told: &Told<'_>, home: CommuneCode) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if told.listing.is_in_person() {
        reasons.push(match told.distance_m {
            _ if told.listing.commune == Some(home) => Reason::SameCommune,
            Some(metres) => Reason::Distance(metres),
            None => Reason::DistanceUnknown,
        });
    }
    if told.listing.is_remote() {
        reasons.push(Reason::Remote);
    }
    reasons
}

fn room(room: Option<Room>) -> Vec<Reason> {
    let Some(room) = room else { return vec![Reason::CapacityUnknown] };
    let stated_at = room.stated_at;
    let places = match room.places {
        Some(0) => Reason::NoPlaces { stated_at },
        Some(places) => Reason::Places { places, stated_at },
        None => Reason::CapacityUnknown,
    };
    let waiting = room.waiting_days.map(Reason::Waiting);
    std::iter::once(places).chain(waiting).collect()
}

fn trust(standing: Standing) -> Vec<Reason> {
    match standing {
        Standing::Vouched => vec![Reason::Vouched],
        Standing::Awaited => vec![Reason::Awaited],
        Standing::Stranger => vec![Reason::Stranger],
        Standing::Unverified | Standing::Partner(None) => Vec::new(),
        Standing::Partner(Some(history)) => {
            let (unanswered, asked) = (history.unanswered, history.asked);
            let lost =
                leaves_unanswered(asked, unanswered).then_some(Reason::Unanswered { unanswered, asked });
            history.median_days.map(Reason::Answers).into_iter().chain(lost).collect()
        }
    }
}
