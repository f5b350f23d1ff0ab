//! What a structure publishes: itself, a service, its places.

use super::compass::Compass;
use super::listing::e6;
use crate::class::DataClass;
use crate::id::{ServiceId, SiteId};
use crate::territory::{CommuneCode, Coverage};
use crate::theme::Theme;
use crate::time::{Day, Timestamp};
use crate::vocabulary::Value;
use std::collections::BTreeSet;

/// Furthest that a place lies from the centre of its commune, metres: in the largest of metropolitan France, Arles, it is
/// 40 km.
pub const FROM_CENTRE_METRES_MAX: u32 = 50_000;

const DEGREE_E6: f64 = 1_000_000.0;
const REMOTE: &str = "a-distance";
const IN_PERSON: &str = "en-presentiel";
const FREE: &str = "gratuit";

/// A place on the map (WGS 84), in millionths of a degree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Coordinates {
    latitude_e6: i32,
    longitude_e6: i32,
}

impl Coordinates {
    /// The place of these millionths of degrees; `None` outside of ±90° and ±180°.
    pub fn from_e6(latitude: i32, longitude: i32) -> Option<Self> {
        let fits = latitude.abs_diff(0) <= 90_000_000 && longitude.abs_diff(0) <= 180_000_000;
        fits.then_some(Self { latitude_e6: latitude, longitude_e6: longitude })
    }

    /// The place of these degrees; `None` outside of ±90° and ±180°.
    pub fn from_degrees(latitude: f64, longitude: f64) -> Option<Self> {
        let fits = latitude.abs() <= 90.0 && longitude.abs() <= 180.0;
        fits.then(|| Self {
            latitude_e6: (latitude * DEGREE_E6).round() as i32,
            longitude_e6: (longitude * DEGREE_E6).round() as i32,
        })
    }

    /// Latitude and longitude in degrees.
    pub fn degrees(&self) -> (f64, f64) {
        (f64::from(self.latitude_e6) / DEGREE_E6, f64::from(self.longitude_e6) / DEGREE_E6)
    }

    /// Latitude and longitude in millionths of a degree.
    pub fn e6(&self) -> (i32, i32) {
        (self.latitude_e6, self.longitude_e6)
    }
}

/// A structure, as it describes itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Profile {
    /// Its name: a claim.
    pub name: String,
    /// Its SIRET, 14 digits: a claim.
    pub siret: Option<String>,
    /// Its places.
    pub sites: Vec<Site>,
    /// Its web address.
    pub link: Option<String>,
}

/// A place of a structure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Site {
    /// Its id.
    pub id: SiteId,
    /// Its name.
    pub name: String,
    /// Its commune.
    pub commune: Option<CommuneCode>,
    /// Its address in one line.
    pub address: Option<String>,
    /// Its telephone.
    pub phone: Option<String>,
    /// Its e-mail.
    pub email: Option<String>,
    /// Opening hours in OpenStreetMap syntax.
    pub opening_hours: Option<String>,
    /// Where it is.
    pub coordinates: Option<Coordinates>,
}

/// Whether a service must know a person's name to decide.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum NameNeeded {
    /// It decides on the need alone.
    #[default]
    No,
    /// It cannot decide without.
    Yes,
}

/// When one may come without an appointment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WalkIn {
    /// Hours in OpenStreetMap syntax.
    pub hours: String,
    /// Places a week, if said.
    pub places_a_week: Option<u32>,
}

/// A service, as its structure publishes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Needs it answers.
    pub themes: BTreeSet<Theme>,
    /// Whom it is for; empty stands for everyone.
    pub audiences: Vec<Value>,
    /// What it costs.
    pub fees: Option<Value>,
    /// More about what it costs.
    pub fees_note: Option<String>,
    /// How people are received.
    pub welcome_modes: Vec<Value>,
    /// What kind of help it is.
    pub service_type: Option<Value>,
    /// Territories it is open to.
    pub coverage: Coverage,
    /// Conditions of access.
    pub conditions: Option<String>,
    /// The site where it is given.
    pub site: Option<SiteId>,
    /// Its commune.
    pub commune: Option<CommuneCode>,
    /// Its address in one line.
    pub address: Option<String>,
    /// Where it is.
    pub coordinates: Option<Coordinates>,
    /// Its telephone.
    pub phone: Option<String>,
    /// Its e-mail.
    pub email: Option<String>,
    /// Opening hours in OpenStreetMap syntax.
    pub opening_hours: Option<String>,
    /// How it is asked.
    pub mobilisation_modes: Vec<Value>,
    /// Who may ask.
    pub mobilisers: Vec<Value>,
    /// Its web address.
    pub link: Option<String>,
    /// Languages spoken there, ISO 639 codes.
    pub languages: BTreeSet<String>,
    /// Data it needs before it can answer: classes of stage 1.
    pub needs: BTreeSet<DataClass>,
    /// Whether it must know the name to decide.
    pub name_needed: NameNeeded,
    /// When one may come without an appointment.
    pub walk_in: Option<WalkIn>,
    /// When the structure last changed it.
    pub updated_on: Day,
}

impl Service {
    /// Whether people are received at a distance.
    pub fn is_remote(&self) -> bool {
        self.welcomes(REMOTE)
    }

    /// Whether people are received in person; so it is taken to be when nothing is said.
    pub fn is_in_person(&self) -> bool {
        self.welcome_modes.is_empty() || self.welcomes(IN_PERSON)
    }

    /// Whether it is said to cost nothing.
    pub fn is_free(&self) -> bool {
        self.fees.is_some_and(|fees| fees.code() == FREE)
    }

    fn welcomes(&self, mode: &str) -> bool {
        self.welcome_modes.iter().any(|value| value.code() == mode)
    }

    /// Where it is, latitude and longitude in degrees: its coordinates, or the centre of its commune if it has none or
    /// they lie further than [`FROM_CENTRE_METRES_MAX`] from it. Then one of the two is wrong, and an address that was
    /// not found (0, 0) is so more often than a commune.
    pub fn place(&self) -> Option<(f64, f64)> {
        let centre = self.commune.and_then(|commune| commune.commune().centre());
        let place = self.coordinates.map(|coordinates| coordinates.degrees());
        match (place, centre) {
            (Some(place), Some(centre)) => {
                let metres = Compass::at(centre).metres_to(e6(place));
                Some(if metres > FROM_CENTRE_METRES_MAX { centre } else { place })
            }
            (place, centre) => place.or(centre),
        }
    }
}

/// How many places a service has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Capacity {
    /// The service.
    pub service: ServiceId,
    /// Free places, if said.
    pub places: Option<u32>,
    /// Days until a first meeting, if said.
    pub waiting_days: Option<u32>,
    /// When the structure said so.
    pub stated_at: Timestamp,
}
