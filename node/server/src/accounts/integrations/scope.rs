//! What the structure's own software may do.

use serde::{Deserialize, Serialize};

/// What an integration may do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Reads the lists of referrals and handovers.
    ThreadsList,
    /// Reads them whole.
    ThreadsRead,
    /// Sends them and acts on them. What that answers is the whole thread, so it wants [`Scope::ThreadsRead`] as well.
    ThreadsAct,
    /// Reads services.
    ServicesRead,
    /// Publishes services and capacity.
    ServicesWrite,
    /// Reads the counts of flows.
    FlowsRead,
    /// Finds, reads and opens the follow-ups that its professional may see: who the persons are.
    FollowUps,
}

impl Scope {
    /// Whether it opens what concerns persons: then the key is given to nobody but the professional.
    pub fn opens_persons(self) -> bool {
        match self {
            Self::ThreadsList | Self::ThreadsRead | Self::ThreadsAct | Self::FollowUps => true,
            Self::ServicesRead | Self::ServicesWrite | Self::FlowsRead => false,
        }
    }
}
