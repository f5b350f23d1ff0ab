//! The classes that may leave with the opening: what is needed, and under which conditions.

use super::{Connection, Constraint, Equipment, FeedbackLevel, Statement, Urgency, YesNo};
use crate::digest::Digest;
use crate::id::{ServiceId, SiteId};
use crate::personal::Personal;
use crate::territory::Territory;
use crate::theme::Theme;
use std::collections::{BTreeMap, BTreeSet};

/// Class `need`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Need {
    /// One to three themes.
    pub themes: Vec<Theme>,
    /// How soon.
    pub urgency: Urgency,
    /// The commune, or its EPCI when it is small.
    pub territory: Territory,
    /// The service asked, of the receiver.
    pub service: ServiceId,
    /// The site of the service, if the receiver has several.
    pub site: Option<SiteId>,
    /// How much the receiver may tell back; fixed here for the whole thread.
    pub feedback: FeedbackLevel,
    /// For a walk-in referral: the digest of the receiver's signed standing offer.
    pub walk_in: Option<Digest>,
}

/// Class `constraints`: closed choices only.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Constraints(pub BTreeSet<Constraint>);

/// Class `level`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Level {
    /// Digital autonomy, 1 (none) to 5 (full).
    pub digital_autonomy: Option<u8>,
    /// What the person can use.
    pub equipment: BTreeSet<Equipment>,
    /// What the person can spend on a connection.
    pub connection: Option<Connection>,
    /// Spoken French, 1 to 5.
    pub french_spoken: Option<u8>,
    /// Read French, 1 to 5.
    pub french_read: Option<u8>,
    /// Languages spoken, ISO 639 codes of two or three letters.
    pub languages: Vec<String>,
}

/// Class `eligibility`: the sender's own yes/no statements, no proof attached.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Eligibility(pub BTreeMap<Statement, YesNo>);

/// Class `note`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note(pub Personal<String>);
