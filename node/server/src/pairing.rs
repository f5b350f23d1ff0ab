//! Pairing: how two structures come to know each other's keys, over an invitation that its admin handed over.
//!
//! Threats: someone else answers at the inviter's address; someone else holds the link; someone stands between and passes
//! everything on; the link is used twice. So the inviter introduces itself first and is checked against the id in the
//! link, the joiner only then says who it is, both prove their keys and the secret on this very connection, and an
//! invitation is claimed in one transaction. What comes out is only proposed: an admin on each side still compares the
//! six words. The listener is apart from the link's, tiny, and knows nothing else.

mod agreement;
mod asked;
mod asker;
mod attempts;
mod introduction;
mod invitations;
mod inviter;
mod joiner;
mod listener;
mod refusal;
mod talk;

pub use agreement::{AGREEMENT, agreement_hash};
pub use introduction::IntroductionError;
pub use invitations::{
    INVITATION_KEPT, INVITATIONS_OPEN_MAX, InvitationError, InvitationView, Invitations, NewInvitation,
    Standing,
};
pub use inviter::{Inviter, PairingService};
pub use joiner::{JoinError, Joiner};
pub use listener::{PAIRING_CONNECTIONS_MAX, PairingInfo, serve_pairing};
pub use refusal::PairRefusal;

use relais_domain::digest::Digest;
use relais_wire::manifest::chain::Chain;
use relais_wire::pairing::{InvitationNumber, Party, Role};
use std::time::Duration;

/// Longest a pairing may take from its first frame to its last.
pub const PAIRING_TIME_MAX: Duration = Duration::from_secs(30);
/// Longest frame of a pairing, encoded, in bytes.
pub const PAIRING_FRAME_BYTES_MAX: usize = 64 * 1024;
/// Attempts of one address in a minute.
pub const ATTEMPTS_PER_MINUTE_MAX: u32 = 10;

/// An introduction in which each side has shown that a partner of the other vouches for it, and proven its key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Introduced {
    /// The manifests of the other side.
    pub chain: Chain,
    /// The six words both admins compare.
    pub phrase: String,
    /// SHA-256 of the partnership agreement both propose.
    pub agreement: Digest,
}

/// A pairing that both nodes have proven and that an admin on each side has yet to confirm.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paired {
    /// The invitation.
    pub number: InvitationNumber,
    /// Our side.
    pub role: Role,
    /// Our structure and manifest, as a [`relais_wire::pairing::Confirmation`] names them.
    pub ours: Party,
    /// Theirs.
    pub theirs: Party,
    /// Their manifests.
    pub chain: Chain,
    /// Their sites by name: a claim.
    pub site_names: Vec<String>,
    /// The six words both admins compare.
    pub phrase: String,
    /// SHA-256 of the partnership agreement both propose.
    pub agreement: Digest,
}
