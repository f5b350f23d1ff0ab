//! Inviting and joining.

use super::threads::request_id;
use super::{Desk, answer};
use crate::engine::EngineError;
use crate::pairing::{InvitationError, InvitationView, JoinError, NewInvitation, Standing};
use relais_domain::digest::Digest;
use relais_domain::time::{Span, Timestamp};
use relais_proto::desk::v1 as desk;
use relais_store::CommitError;
use relais_wire::pairing::{InvitationNumber, parse_link};
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
            number: number(&request.request_id)?,
        };
        let now = self.engine.clock().now();
        let made = self.invitations.create(new, now, self.engine.dice()).await;
        match made {
            Ok(made) => Ok(desk::CreateInvitationResponse {
                link: made.link().expose_secret().to_owned(),
                expires_ms: made.expires.0,
            }),
            Err(InvitationError::Made(until)) => {
                Ok(desk::CreateInvitationResponse { link: String::new(), expires_ms: until.0 })
            }
            Err(error) => Err(invitation_error(&error)),
        }
    }

    /// The invitations made here, the newest first.
    pub(super) async fn list_invitations(&self) -> Result<desk::ListInvitationsResponse, Status> {
        let now = self.engine.clock().now();
        let mut kept = self.invitations.list().await.map_err(|error| invitation_error(&error))?;
        kept.sort_by_key(|view| (std::cmp::Reverse(view.created), view.number.0));
        let invitations = kept.iter().map(|view| invitation_view(view, now)).collect();
        Ok(desk::ListInvitationsResponse { invitations })
    }

    /// Takes an invitation back that nobody has used: its link opens nothing from then on.
    pub(super) async fn withdraw_invitation(
        &self,
        request: &desk::WithdrawInvitationRequest,
    ) -> Result<desk::InvitationView, Status> {
        let number = InvitationNumber::from_slice(&request.number).ok_or_else(answer::not_there)?;
        self.invitations.withdraw(number).await.map_err(|error| invitation_error(&error))?;
        let kept = self.invitations.list().await.map_err(|error| invitation_error(&error))?;
        let view = kept.iter().find(|view| view.number == number).ok_or_else(answer::not_there)?;
        Ok(invitation_view(view, self.engine.clock().now()))
    }

    pub(super) async fn join(&self, link: &str) -> Result<desk::PairingView, Status> {
        let invitation =
            parse_link(link.trim()).map_err(|error| answer::field("link", &error.to_string()))?;
        // An invitation is not used up for what cannot come of it.
        let may = self.engine.peers().may_propose(invitation.inviter);
        may.map_err(|error| super::admin::peer_error(&error))?;
        let paired = self.joiner.join(&invitation).await.map_err(|error| join_error(&error))?;
        let structure = paired.chain.structure();
        let proposed = self.engine.peers().propose(paired.chain, paired.phrase, paired.agreement).await;
        proposed.map_err(|error| super::admin::peer_error(&error))?;
        let record = self.engine.peers().peer(structure).ok_or_else(answer::not_there)?;
        Ok(self.pairing_view(&record))
    }
}

/// The number that a call's id makes, so that its repetition is known; `None` for a call that bears none.
fn number(request: &[u8]) -> Result<Option<InvitationNumber>, Status> {
    if request.is_empty() {
        return Ok(None);
    }
    let digest = Digest::of_parts(&[b"invitation", &request_id(request)?]);
    Ok(digest.as_bytes().first_chunk().copied().map(InvitationNumber))
}

fn invitation_view(view: &InvitationView, now: Timestamp) -> desk::InvitationView {
    let standing = view.standing_at(now);
    let used = match standing {
        Standing::Used { by, at } => Some((by, at)),
        Standing::Open | Standing::Expired | Standing::Dead | Standing::Withdrawn => None,
    };
    let standing = match standing {
        Standing::Open => desk::InvitationStanding::Open,
        Standing::Expired => desk::InvitationStanding::Expired,
        Standing::Used { .. } => desk::InvitationStanding::Used,
        Standing::Dead => desk::InvitationStanding::Dead,
        Standing::Withdrawn => desk::InvitationStanding::Withdrawn,
    };
    desk::InvitationView {
        number: view.number.0.to_vec(),
        created_ms: view.created.0,
        expires_ms: view.expires.0,
        standing: standing.into(),
        wrong_proofs: view.wrong_proofs,
        late_claims: view.late_claims,
        used_by: used.map(|(by, _)| by.as_bytes().to_vec()).unwrap_or_default(),
        used_ms: used.map(|(_, at)| at.0),
    }
}

fn invitation_error(error: &InvitationError) -> Status {
    let (code, name, field) = match error {
        InvitationError::Lifetime => (Code::InvalidArgument, "invitation", Some("validity_hours")),
        InvitationError::Endpoints => (Code::FailedPrecondition, "invitation", None),
        InvitationError::TooMany => (Code::ResourceExhausted, "limit", None),
        InvitationError::Made(_) => (Code::AlreadyExists, "invitation", None),
        InvitationError::Unknown => return answer::not_there(),
        InvitationError::Corrupt => return answer::engine(EngineError::Corrupt(error.to_string())),
        InvitationError::Commit(CommitError::Conflict) => (Code::Aborted, "busy", None),
        InvitationError::Commit(CommitError::Store(_)) => {
            tracing::error!(%error, "The store could not answer");
            (Code::Unavailable, "store", None)
        }
    };
    answer::refused(code, name, field, error.to_string())
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
        | JoinError::Agreement
        | JoinError::NotVouched => Code::FailedPrecondition,
    };
    answer::refused(code, "invitation", Some("link"), error.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::bench::House;
    use super::*;
    use relais_wire::endpoint::Endpoint;

    fn call(id: &[u8]) -> desk::CreateInvitationRequest {
        desk::CreateInvitationRequest { request_id: id.to_vec(), ..Default::default() }
    }

    #[tokio::test]
    async fn an_invitation_whose_answer_was_lost_is_told_but_not_shown_again() {
        let mut desk = House::new("agency").desk().await;
        desk.pairing_endpoints = vec![Endpoint::parse("127.0.0.1:1").unwrap()];
        let made = desk.invite(&call(&[5; 16])).await.unwrap();
        let again = desk.invite(&call(&[5; 16])).await.unwrap();
        assert!(!made.link.is_empty() && again.link.is_empty());
        assert_eq!(again.expires_ms, made.expires_ms);
        let another = desk.invite(&call(&[6; 16])).await.unwrap();
        assert!(!another.link.is_empty() && another.link != made.link);
        assert_eq!(desk.list_invitations().await.unwrap().invitations.len(), 2);
        for bad in [&[5; 15][..], &[5; 17]] {
            assert_eq!(desk.invite(&call(bad)).await.unwrap_err().code(), Code::InvalidArgument);
        }
    }

    #[tokio::test]
    async fn an_invitation_is_taken_back_and_opens_nothing_any_more() {
        let mut desk = House::new("agency").desk().await;
        desk.pairing_endpoints = vec![Endpoint::parse("127.0.0.1:1").unwrap()];
        desk.invite(&call(&[5; 16])).await.unwrap();
        let number = desk.list_invitations().await.unwrap().invitations.remove(0).number;
        let request = desk::WithdrawInvitationRequest { number };
        let withdrawn = desk.withdraw_invitation(&request).await.unwrap();
        assert_eq!(withdrawn.standing(), desk::InvitationStanding::Withdrawn);
        for number in [request.number, vec![7; 8], Vec::new()] {
            let again = desk.withdraw_invitation(&desk::WithdrawInvitationRequest { number }).await;
            assert_eq!(again.unwrap_err().code(), Code::NotFound, "it is over, or there is none");
        }
    }

    #[test]
    fn what_the_store_could_not_is_no_fault_of_a_field() {
        let told = |error: &InvitationError| {
            let status = invitation_error(error);
            (status.code(), status.metadata().get("relais-field").is_some())
        };
        let broken = || relais_store::StoreError::Unavailable("disk".to_owned());
        for (error, code) in [
            (InvitationError::from(broken()), Code::Unavailable),
            (InvitationError::Commit(CommitError::Conflict), Code::Aborted),
            (InvitationError::Corrupt, Code::Internal),
            (InvitationError::TooMany, Code::ResourceExhausted),
            (InvitationError::Unknown, Code::NotFound),
        ] {
            assert_eq!(told(&error), (code, false), "{error}");
        }
        assert_eq!(told(&InvitationError::Lifetime), (Code::InvalidArgument, true));
    }
}
