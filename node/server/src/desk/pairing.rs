//! Inviting and joining.

use super::{Desk, answer};
use crate::pairing::{InvitationError, JoinError, NewInvitation};
use relais_domain::time::Span;
use relais_proto::desk::v1 as desk;
use relais_wire::pairing::parse_link;
use secrecy::ExposeSecret as _;
use tonic::{Code, Status};

/// How long an invitation holds unless said otherwise, in hours.
const INVITATION_HOURS: u32 = 24;

impl Desk {
    pub(super) async fn invite(
        &self,
        request: &desk::CreateInvitationRequest,
    ) -> Result<desk::CreateInvitationResponse, Status> {
        let hours = if request.validity_hours == 0 { INVITATION_HOURS } else { request.validity_hours };
        let new = NewInvitation {
            inviter: self.engine.own().structure(),
            endpoints: self.pairing_endpoints.clone(),
            lifetime: Span::hours(i64::from(hours)),
        };
        let now = self.engine.clock().now();
        let made = self.invitations.create(new, now, self.engine.dice()).await;
        let invitation = made.map_err(|error| invitation_error(&error))?;
        Ok(desk::CreateInvitationResponse {
            link: invitation.link().expose_secret().to_owned(),
            expires_ms: invitation.expires.0,
        })
    }

    pub(super) async fn join(&self, link: &str) -> Result<desk::PairingView, Status> {
        let invitation =
            parse_link(link.trim()).map_err(|error| answer::field("link", &error.to_string()))?;
        let paired = self.joiner.join(&invitation).await.map_err(|error| join_error(&error))?;
        let structure = paired.chain.structure();
        let proposed = self.engine.peers().propose(paired.chain, paired.phrase, paired.agreement).await;
        proposed.map_err(|error| super::admin::peer_error(&error))?;
        let record = self.engine.peers().peer(structure).ok_or_else(answer::not_there)?;
        Ok(self.pairing_view(&record))
    }
}

fn invitation_error(error: &InvitationError) -> Status {
    answer::refused(Code::InvalidArgument, "invitation", Some("validity_hours"), error.to_string())
}

fn join_error(error: &JoinError) -> Status {
    let code = match error {
        JoinError::Dial(_) | JoinError::TimedOut | JoinError::Ended(_) => Code::Unavailable,
        JoinError::Expired
        | JoinError::NotTheInviter
        | JoinError::Introduction(_)
        | JoinError::Frame(_)
        | JoinError::Refused(_)
        | JoinError::Proof(_)
        | JoinError::Agreement => Code::FailedPrecondition,
    };
    answer::refused(code, "invitation", Some("link"), error.to_string())
}
