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
    /// Asks partners who can take a need, and answers theirs; nothing of a person is in it.
    Inquiries,
}

impl Scope {
    /// Whether it opens what concerns persons, or speaks to partners in the professional's name: then the key is given to
    /// nobody but the professional.
    pub fn is_personal(self) -> bool {
        match self {
            Self::ThreadsList | Self::ThreadsRead | Self::ThreadsAct | Self::FollowUps | Self::Inquiries => {
                true
            }
            Self::ServicesRead | Self::ServicesWrite | Self::FlowsRead => false,
        }
    }
}
