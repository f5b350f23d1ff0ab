//! The Desk: the node's own door. Who calls follows from a session, an integration, or the socket peer's uid; what they
//! may do is decided here.

mod accounts;
mod admin;
mod agreement;
mod alarms;
mod answer;
#[cfg(test)]
mod bench;
mod communes;
mod delayed;
pub(crate) mod drafts;
mod endorsements;
mod export;
mod find;
mod flows;
mod import;
mod inquiries;
mod introduction_view;
mod introductions;
mod ledger;
mod notice;
mod open;
mod open_data;
mod pages;
mod paging;
mod pairing;
mod people;
mod preview;
mod problems;
mod reach;
mod reasons;
mod remarks;
mod replication;
mod rpc;
mod services;
mod session;
mod stop_code;
mod threads;
mod view;
mod walk_in;

pub use session::{Access, By, Caller};
pub use stop_code::StopCodes;
pub(crate) use threads::act_asked;

use crate::accounts::Accounts;
use crate::delayed::Delayed;
use crate::directory::{Directory, OpenData};
use crate::engine::Engine;
use crate::inquiries::Inquiries;
use crate::introductions::Introductions;
use crate::ledger::Ledger;
use crate::link::Links;
use crate::pairing::{Invitations, Joiner};
use crate::register::Register;
use crate::users::Users;
use relais_domain::content::Professional;
use relais_domain::personal::Personal;
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_wire::endpoint::Endpoint;
use relais_wire::manifest::StructureKind;
use std::sync::Arc;
use tonic::Status;

/// What the Desk works with.
#[derive(Clone, Debug)]
pub struct Desk {
    /// Decides and commits.
    pub engine: Arc<Engine>,
    /// What lists are ordered and chosen by.
    pub register: Arc<Register>,
    /// Services, own and of partners.
    pub directory: Arc<Directory>,
    /// Services of open data.
    pub open: Arc<OpenData>,
    /// Inquiries, ours and partners'.
    pub inquiries: Arc<Inquiries>,
    /// The ledger.
    pub ledger: Arc<Ledger>,
    /// The professionals.
    pub users: Users,
    /// How they sign in.
    pub accounts: Arc<Accounts>,
    /// Which links are up.
    pub links: Arc<Links>,
    /// Invitations made here.
    pub invitations: Invitations,
    /// Who becomes a partner on the word of another.
    pub introductions: Introductions,
    /// Joins invitations of others.
    pub joiner: Arc<Joiner>,
    /// Where the pairing listener is, for links.
    pub pairing_endpoints: Vec<Endpoint>,
    /// The partnership agreement, its exact text.
    pub agreement: String,
    /// Acts that wait so that they can be taken back.
    pub delayed: Delayed,
    /// The codes on persons' slips.
    pub stop_codes: StopCodes,
    /// When the node started.
    pub started: Timestamp,
    /// Where the node listens for partners.
    pub listens: String,
}

impl Desk {
    /// This structure's name.
    fn own_name(&self) -> String {
        self.engine.own().chain().current().claims().name.clone()
    }

    /// This structure's kind.
    fn own_kind(&self) -> Option<StructureKind> {
        Some(self.engine.own().chain().current().claims().kind)
    }

    /// A partner's kind, as it claims.
    fn kind_of(&self, structure: StructureId) -> Option<StructureKind> {
        self.engine.peers().chain(structure).map(|chain| chain.current().claims().kind)
    }

    /// What a partner learns of the caller when they accept: their own work name and contact, else the account's name
    /// and where this structure is reached.
    fn professional(&self, caller: &Caller) -> Result<Professional, Status> {
        if let Some(work) = &caller.user.work {
            return Ok(work.professional());
        }
        let own = self.engine.own().structure();
        let contact = self.directory.phone(own).ok_or_else(|| {
            answer::field("professional", "this structure publishes no phone: say who to contact, and how")
        })?;
        Ok(Professional { name: Personal::new(caller.user.name.clone()), contact: Personal::new(contact) })
    }
}
