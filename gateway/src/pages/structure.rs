//! My structure: what it publishes, who works in it, whom it works with, how its node does. Each room shows only what the
//! role may do; the node decides again at every act.

mod address;
mod colleagues;
mod directory;
mod export;
mod flows;
mod health;
mod import;
mod inquiry_answers;
mod introductions;
mod invitation;
mod ledger;
mod overview;
mod pairing;
mod partner;
mod partners;
mod recommend;
mod services;
mod software;
mod withdrawal;

#[cfg(test)]
mod tests;

use crate::door::Door;
use crate::page::MenuEntry;
use crate::trouble::Trouble;
use crate::visit::{Gate, Session};
use axum::Router;
use axum::routing::{get, post};
use relais_proto::desk::v1::Role;
use serde::Deserialize;

/// Where partners are.
pub(crate) const PARTNERS: &str = "/structure/partenaires";
/// What stands for all of France at the node.
const FRANCE: &str = "france";

/// The routes of the structure.
pub(crate) fn router() -> Router<Gate> {
    Router::new()
        .route("/structure", get(overview::show))
        .route("/structure/services", get(services::show).post(services::set_places))
        .route("/structure/services/accueil", post(services::set_walk_in))
        .route("/structure/services/demandes", post(inquiry_answers::set))
        .route("/structure/services/retrait", get(withdrawal::ask).post(withdrawal::withdraw))
        .route("/structure/services/import", get(import::show).post(import::import))
        .route("/structure/services/export/{file}", get(export::give))
        .route("/structure/partenaires", get(partners::show))
        .route("/structure/partenaires/invitation", post(invitation::create))
        .route("/structure/partenaires/invitation/retrait", post(invitation::withdraw))
        .route("/structure/partenaires/rejoindre", post(invitation::join))
        .route("/structure/partenaires/presentation", post(introductions::ask))
        .route("/structure/partenaires/{peer}", get(partner::show))
        .route("/structure/partenaires/{peer}/recommandation", get(pairing::back).post(recommend::recommend))
        .route("/structure/partenaires/{peer}/refus", get(pairing::back).post(introductions::refuse))
        .route("/structure/partenaires/{peer}/accord", get(pairing::back).post(pairing::confirm))
        .route("/structure/partenaires/{peer}/{change}", get(partner::ask).post(partner::change))
        .route("/structure/sante", get(health::show))
        .route("/structure/flux", get(flows::show))
        .merge(inside())
}

/// The rooms of who runs or audits the node.
fn inside() -> Router<Gate> {
    Router::new()
        .route("/structure/collegues", get(colleagues::show).post(colleagues::add))
        .route("/structure/collegues/{colleague}", get(colleagues::one::show).post(colleagues::one::change))
        .route("/structure/collegues/{colleague}/lien", post(colleagues::one::link))
        .route("/structure/collegues/{colleague}/code", post(colleagues::one::remove_code))
        .route("/structure/collegues/{colleague}/compte", post(colleagues::one::close))
        .route("/structure/logiciels", get(software::show).post(software::create))
        .route("/structure/logiciels/revoquer", post(software::revoke))
        .route("/structure/registre", get(ledger::show))
        .route("/structure/annuaire", get(directory::show))
        .route("/structure/annuaire/departements", post(directory::choose))
        .route("/structure/annuaire/{structure}", get(directory::show_one))
        .route("/structure/annuaire/{structure}/{change}", get(directory::ask).post(directory::change))
}

/// What follows the address of a room.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Shown {
    /// What was just done.
    #[serde(default)]
    fait: String,
    /// From which on a list is shown.
    #[serde(default)]
    page: String,
}

/// Most digits of what the node says of the next page.
const TOKEN_CHARS_MAX: usize = 12;

impl Shown {
    /// What the node said of this page of a list; empty for the first.
    fn token(&self) -> String {
        let plain = self.page.bytes().all(|byte| byte.is_ascii_digit()) && self.page.len() <= TOKEN_CHARS_MAX;
        if plain { self.page.clone() } else { String::new() }
    }

    /// What is said of what was just done, if it is one of `known`.
    fn done(&self, session: &Session, stem: &str, known: &[&str]) -> String {
        let is_known = known.contains(&self.fait.as_str());
        if is_known { session.tongue().say(&format!("{stem}-{}", self.fait)) } else { String::new() }
    }
}

/// A room of the structure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Room {
    Overview,
    Services,
    Partners,
    Directory,
    Colleagues,
    Health,
    Software,
    Flows,
    Ledger,
}

impl Room {
    const ALL: [Self; 9] = [
        Self::Overview,
        Self::Services,
        Self::Partners,
        Self::Directory,
        Self::Colleagues,
        Self::Health,
        Self::Software,
        Self::Flows,
        Self::Ledger,
    ];

    const fn address(self) -> &'static str {
        match self {
            Self::Overview => "/structure",
            Self::Services => "/structure/services",
            Self::Partners => "/structure/partenaires",
            Self::Directory => "/structure/annuaire",
            Self::Colleagues => "/structure/collegues",
            Self::Health => "/structure/sante",
            Self::Software => "/structure/logiciels",
            Self::Flows => "/structure/flux",
            Self::Ledger => "/structure/registre",
        }
    }

    /// The key of its name.
    const fn key(self) -> &'static str {
        match self {
            Self::Overview => "structure-overview",
            Self::Services => "structure-services",
            Self::Partners => "structure-partners",
            Self::Directory => "structure-directory",
            Self::Colleagues => "structure-colleagues",
            Self::Health => "structure-health",
            Self::Software => "structure-software",
            Self::Flows => "structure-flows",
            Self::Ledger => "structure-ledger",
        }
    }

    /// What is behind it, where the node opens it to admins and auditors alone.
    const fn door(self) -> Option<Door> {
        match self {
            Self::Overview | Self::Services | Self::Partners | Self::Health | Self::Flows => None,
            Self::Directory => Some(Door::Directory),
            Self::Colleagues => Some(Door::Users),
            Self::Software => Some(Door::Software),
            Self::Ledger => Some(Door::Ledger),
        }
    }

    /// The door that is closed to someone of these roles.
    fn closed_to(self, session: &Session) -> Option<Door> {
        self.door().filter(|_| !session.has(Role::Admin) && !session.has(Role::Auditor))
    }

    /// Whether the node opens it to someone of these roles.
    fn is_open_to(self, session: &Session) -> bool {
        self.closed_to(session).is_none()
    }

    /// Goes in.
    ///
    /// # Errors
    /// [`Trouble::Closed`] for whom it is closed to: told like what does not exist.
    fn enter(self, session: &Session) -> Result<Vec<MenuEntry>, Trouble> {
        if let Some(door) = self.closed_to(session) {
            return Err(Trouble::Closed(door));
        }
        let entry = |room: Self| MenuEntry {
            address: room.address(),
            words: session.tongue().say(room.key()),
            here: room == self,
        };
        Ok(Self::ALL.into_iter().filter(|room| room.is_open_to(session)).map(entry).collect())
    }
}

/// Whether someone publishes services.
fn publishes(session: &Session) -> bool {
    session.has(Role::Admin) || session.has(Role::Coordinator)
}

/// Lets only who publishes services go on.
fn publish(session: &Session) -> Result<(), Trouble> {
    if publishes(session) { Ok(()) } else { Err(Trouble::Closed(Door::Services)) }
}

/// Lets only who runs the node go on.
fn administer(session: &Session) -> Result<(), Trouble> {
    if session.has(Role::Admin) { Ok(()) } else { Err(Trouble::Closed(Door::Administration)) }
}
