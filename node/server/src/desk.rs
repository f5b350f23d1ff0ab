//! The Desk: the node's own door. Who calls follows from the socket peer's uid; what they may do is decided here.

mod admin;
mod answer;
mod flows;
mod ledger;
mod notice;
mod open;
mod pairing;
mod people;
mod rpc;
mod services;
mod session;
mod threads;
mod view;

pub use session::{Access, Caller};

use crate::directory::Directory;
use crate::engine::Engine;
use crate::ledger::Ledger;
use crate::link::Links;
use crate::pairing::{Invitations, Joiner};
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
    /// Services, own and of partners.
    pub directory: Arc<Directory>,
    /// The ledger.
    pub ledger: Arc<Ledger>,
    /// The professionals.
    pub users: Users,
    /// Which links are up.
    pub links: Arc<Links>,
    /// Invitations made here.
    pub invitations: Invitations,
    /// Joins invitations of others.
    pub joiner: Arc<Joiner>,
    /// Where the pairing listener is, for links.
    pub pairing_endpoints: Vec<Endpoint>,
    /// The partnership agreement, its exact text.
    pub agreement: String,
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

    /// What a partner learns of the caller when they accept: the work name, and where this structure is reached.
    fn professional(&self, caller: &Caller) -> Result<Professional, Status> {
        let own = self.engine.own().structure();
        let contact = self.directory.phone(own).ok_or_else(|| {
            answer::field("professional", "this structure publishes no phone: say who to contact, and how")
        })?;
        Ok(Professional { name: Personal::new(caller.user.name.clone()), contact: Personal::new(contact) })
    }
}
