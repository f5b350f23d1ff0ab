//! What a decision rests on: the thread, and how this node stands with the other structure.

use super::Thread;
use crate::id::FollowUpId;
use crate::structure_id::StructureId;

/// How this node stands with the other structure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trust {
    /// Paired.
    Paired,
    /// Suspended by our admin: only endings, erasures, manifests and receipts pass.
    Suspended,
    /// Removed by our admin, for good.
    Removed,
}

/// Whether new disclosures and expiries may happen now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Disclosures {
    /// Yes.
    Open,
    /// The clocks are apart: nothing leaves and nothing expires, for either may be wrong.
    Held,
    /// The partner's manifest has expired: nothing leaves, but what expires by our clock does.
    Unverified,
}

/// What a decision rests on.
#[derive(Clone, Debug)]
pub struct Facts {
    /// This structure.
    pub own: StructureId,
    /// The thread, if there is one.
    pub thread: Option<Thread>,
    /// The other structure's standing; `None` when it is no partner.
    pub trust: Option<Trust>,
    /// Whether disclosures are open with it.
    pub disclosures: Disclosures,
    /// A fresh id, used if a follow-up opens.
    pub fresh_follow_up: FollowUpId,
}
