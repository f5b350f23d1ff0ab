//! Finding a service for a need, in an order that is the same everywhere and says why.

use super::{Capacity, Directory, NameNeeded, Service};
use crate::id::ServiceId;
use crate::structure_id::StructureId;
use crate::territory::{Commune, Territory, distance_km};
use crate::theme::Theme;
use crate::time::Timestamp;
use std::fmt;

/// How far one is sent to be received in person before a service ranks behind all nearer ones.
pub const IN_PERSON_METRES_MAX: u32 = 50_000;
/// Distances are compared in steps, so that the last digits of a computation decide nothing.
const DISTANCE_STEP_METRES: u32 = 100;

/// What is asked of the directory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Question {
    /// The need.
    pub theme: Theme,
    /// Where the person lives.
    pub commune: Commune,
    /// How many services at most.
    pub limit: usize,
}

/// A service found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found<'a> {
    /// Who offers it.
    pub structure: StructureId,
    /// The service.
    pub service: &'a Service,
    /// When this version was signed.
    pub signed_at: Timestamp,
    /// Its places, and until when they are taken as true.
    pub capacity: Option<(&'a Capacity, Timestamp)>,
    /// Straight line from the centre of the person's commune, metres.
    pub distance_m: Option<u32>,
    /// Why it is proposed, and what speaks against it.
    pub reasons: Vec<Reason>,
}

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
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SameCommune => f.write_str("in the same commune"),
            Self::Distance(metres) => write!(f, "{}.{} km away", metres / 1_000, metres % 1_000 / 100),
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
        }
    }
}

/// What decides the order, most important first; the ids make it total.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Rank<'a> {
    distance_steps: u32,
    places: PlacesRank,
    structure: StructureId,
    service: &'a ServiceId,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum PlacesRank {
    Free,
    Unknown,
    None,
}

impl Directory {
    /// The services of the structures that `open` lets through, that answer the theme and are open to people of the
    /// commune: nearest first, then those with free places; services at a distance stand where
    /// [`IN_PERSON_METRES_MAX`] ends.
    pub fn find(
        &self,
        question: Question,
        now: Timestamp,
        open: impl Fn(StructureId) -> bool,
    ) -> Vec<Found<'_>> {
        let home = Territory::Commune(question.commune.code());
        let mut found: Vec<(Rank<'_>, Found<'_>)> = self
            .answering(question.theme)
            .filter(|(structure, _)| open(*structure))
            .filter_map(|(structure, id)| {
                let (service, signed_at) = self.service(*structure, id, now)?;
                let capacity = self.capacity(*structure, id, now);
                let found = Found {
                    structure: *structure,
                    service,
                    signed_at,
                    capacity,
                    distance_m: distance_m(question.commune, service),
                    reasons: Vec::new(),
                };
                service.coverage.covers(&home).then(|| (rank(&found), found))
            })
            .collect();
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        found.truncate(question.limit);
        found
            .into_iter()
            .map(|(_, found)| Found { reasons: reasons(&found, question.commune), ..found })
            .collect()
    }
}

fn distance_m(home: Commune, service: &Service) -> Option<u32> {
    let metres = distance_km(home.centre()?, service.place()?) * 1_000.0;
    // At most half the Earth's circumference: 20,016,000 m.
    Some(metres.round() as u32)
}

fn rank<'a>(found: &Found<'a>) -> Rank<'a> {
    let in_person = found.distance_m.filter(|_| found.service.is_in_person());
    let metres = match (in_person, found.service.is_remote()) {
        (Some(metres), true) => metres.min(IN_PERSON_METRES_MAX),
        (Some(metres), false) => metres,
        (None, true) => IN_PERSON_METRES_MAX,
        (None, false) => IN_PERSON_METRES_MAX + DISTANCE_STEP_METRES,
    };
    Rank {
        distance_steps: metres / DISTANCE_STEP_METRES,
        places: match found.capacity.and_then(|(capacity, _)| capacity.places) {
            Some(0) => PlacesRank::None,
            Some(_) => PlacesRank::Free,
            None => PlacesRank::Unknown,
        },
        structure: found.structure,
        service: &found.service.id,
    }
}

fn reasons(found: &Found<'_>, home: Commune) -> Vec<Reason> {
    let service = found.service;
    let mut reasons = vec![];
    if service.is_in_person() {
        reasons.push(match found.distance_m {
            _ if service.commune == Some(home.code()) => Reason::SameCommune,
            Some(metres) => Reason::Distance(metres),
            None => Reason::DistanceUnknown,
        });
    }
    if service.is_remote() {
        reasons.push(Reason::Remote);
    }
    reasons.extend(capacity_reasons(found.capacity.map(|(capacity, _)| capacity)));
    match service.fees {
        Some(_) if service.is_free() => reasons.push(Reason::Free),
        Some(_) => reasons.push(Reason::Paid),
        None => {}
    }
    if !service.languages.is_empty() {
        reasons.push(Reason::Languages(service.languages.iter().cloned().collect()));
    }
    if let Some(walk_in) = &service.walk_in {
        reasons.push(Reason::WalkIn(walk_in.hours.clone()));
    }
    if service.name_needed == NameNeeded::Yes {
        reasons.push(Reason::NameNeeded);
    }
    reasons
}

fn capacity_reasons(capacity: Option<&Capacity>) -> Vec<Reason> {
    let Some(capacity) = capacity else { return vec![Reason::CapacityUnknown] };
    let stated_at = capacity.stated_at;
    let places = match capacity.places {
        Some(0) => Reason::NoPlaces { stated_at },
        Some(places) => Reason::Places { places, stated_at },
        None => Reason::CapacityUnknown,
    };
    let waiting = capacity.waiting_days.map(Reason::Waiting);
    std::iter::once(places).chain(waiting).collect()
}
