//! Doors that a role does not open: told like what does not exist, and on record at the node.
//!
//! The node decides who may do what, and keeps a leaf of whoever asks for more. Where a page asks it first, its no is the
//! page's. Where a page would be refused before it asks anything, the node is asked all the same, for the sake of its leaf:
//! so that a prober of the pages is on record like a prober of the Desk. What is asked names nobody and brings no person.

use crate::cookie::{self, SessionToken};
use crate::node::{Desk, signed};
use crate::trouble::Trouble;
use crate::visit::Gate;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use relais_proto::desk::v1::{
    CreateIntegrationRequest, LedgerStatusRequest, ListInvitationsRequest, ListUsersRequest,
    OpenReferralRequest, SetCapacityRequest, ShowDirectoryRequest, ShowFollowUpRequest,
};
use tonic::Status;

/// What is behind a page that a role does not open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Door {
    /// The persons who are followed here.
    People,
    /// What is being written to a partner.
    Drafts,
    /// Who is known, and what was not taken.
    Directory,
    /// The accounts.
    Users,
    /// The keys of everyone's software.
    Software,
    /// The ledger.
    Ledger,
    /// What runs the node.
    Administration,
    /// What is said of the structure's services.
    Services,
}

impl Door {
    /// Asks the node for it. Whoever may not is refused before their request is read; for whoever may by now, it names
    /// nothing.
    async fn knock(self, mut desk: Desk, token: &SessionToken) -> Result<(), Status> {
        match self {
            Self::People => {
                desk.show_follow_up(signed(token, ShowFollowUpRequest::default())).await.map(drop)
            }
            Self::Drafts => {
                desk.preview_referral(signed(token, OpenReferralRequest::default())).await.map(drop)
            }
            Self::Directory => {
                desk.show_directory(signed(token, ShowDirectoryRequest::default())).await.map(drop)
            }
            Self::Users => desk.list_users(signed(token, ListUsersRequest {})).await.map(drop),
            Self::Software => {
                // For an account of another; whoever may make its key is told that this one has no name.
                let anyone = CreateIntegrationRequest { user: "-".to_owned(), ..Default::default() };
                desk.create_integration(signed(token, anyone)).await.map(drop)
            }
            Self::Ledger => desk.ledger_status(signed(token, LedgerStatusRequest {})).await.map(drop),
            Self::Administration => {
                desk.list_invitations(signed(token, ListInvitationsRequest {})).await.map(drop)
            }
            Self::Services => desk.set_capacity(signed(token, SetCapacityRequest::default())).await.map(drop),
        }
    }
}

/// Puts on record whoever came to a door that is closed to them.
pub(crate) async fn record(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let token = cookie::read(gate.config(), request.headers());
    let response = next.run(request).await;
    let closed = match response.extensions().get::<Trouble>() {
        Some(Trouble::Closed(door)) => token.map(|token| (*door, token)),
        Some(_) | None => None,
    };
    if let Some((door, token)) = closed
        && door.knock(gate.desk(), &token).await.is_ok()
    {
        tracing::debug!(?door, "The node opens what the pages took for closed");
    }
    response
}
