//! The rpcs, each with the access it takes. Nothing is decided here.

use super::session::{self, Access};
use super::{Caller, Desk, answer, notice};
use crate::peers::PeerTrust;
use relais_domain::consent::Purpose;
use relais_proto::desk::v1 as desk;
use relais_proto::desk::v1::desk_server::Desk as DeskRpc;
use tonic::{Request, Response, Status};

impl Desk {
    async fn caller<T>(&self, request: &Request<T>, access: Access) -> Result<Caller, Status> {
        session::caller(&self.users, request, access).await
    }

    fn show_notice(request: &desk::ShowNoticeRequest) -> Result<desk::NoticeView, Status> {
        let purpose = super::threads::code(Purpose::from_number, request.purpose, "purpose")?;
        let (notice, text) = notice::notice(purpose, &request.language).ok_or_else(|| {
            let known = notice::languages(purpose).join(", ");
            answer::field("language", &format!("there is no such translation; there are: {known}"))
        })?;
        Ok(desk::NoticeView {
            notice_id: notice.id,
            language: notice.language,
            text: text.to_owned(),
            text_hash: notice.text.as_bytes().to_vec(),
            reviewed: 0,
            script: String::new(),
        })
    }
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl DeskRpc for Desk {
    async fn whoami(&self, request: Request<desk::WhoamiRequest>) -> Answer<desk::WhoamiResponse> {
        Desk::whoami(self, &request).await.map(Response::new)
    }

    async fn status(&self, request: Request<desk::StatusRequest>) -> Answer<desk::StatusResponse> {
        self.caller(&request, Access::Any).await?;
        Desk::status(self).await.map(Response::new)
    }

    async fn add_user(&self, request: Request<desk::AddUserRequest>) -> Answer<desk::UserView> {
        Desk::add_user(self, request).await.map(Response::new)
    }

    async fn list_users(&self, request: Request<desk::ListUsersRequest>) -> Answer<desk::ListUsersResponse> {
        self.caller(&request, Access::SeeUsers).await?;
        Desk::list_users(self).await.map(Response::new)
    }

    async fn create_invitation(
        &self,
        request: Request<desk::CreateInvitationRequest>,
    ) -> Answer<desk::CreateInvitationResponse> {
        self.caller(&request, Access::Administer).await?;
        self.invite(request.get_ref()).await.map(Response::new)
    }

    async fn join_invitation(
        &self,
        request: Request<desk::JoinInvitationRequest>,
    ) -> Answer<desk::PairingView> {
        self.caller(&request, Access::Administer).await?;
        self.join(&request.get_ref().link).await.map(Response::new)
    }

    async fn confirm_pairing(
        &self,
        request: Request<desk::ConfirmPairingRequest>,
    ) -> Answer<desk::PairingView> {
        let caller = self.caller(&request, Access::Administer).await?;
        Desk::confirm_pairing(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn list_peers(&self, request: Request<desk::ListPeersRequest>) -> Answer<desk::ListPeersResponse> {
        self.caller(&request, Access::Any).await?;
        Ok(Response::new(Desk::list_peers(self)))
    }

    async fn suspend_peer(&self, request: Request<desk::SuspendPeerRequest>) -> Answer<desk::PeerView> {
        self.caller(&request, Access::Administer).await?;
        self.set_trust(&request.get_ref().peer_id, PeerTrust::Suspended).await.map(Response::new)
    }

    async fn resume_peer(&self, request: Request<desk::ResumePeerRequest>) -> Answer<desk::PeerView> {
        self.caller(&request, Access::Administer).await?;
        self.set_trust(&request.get_ref().peer_id, PeerTrust::Paired).await.map(Response::new)
    }

    async fn remove_peer(&self, request: Request<desk::RemovePeerRequest>) -> Answer<desk::PeerView> {
        self.caller(&request, Access::Administer).await?;
        self.set_trust(&request.get_ref().peer_id, PeerTrust::Removed).await.map(Response::new)
    }

    async fn import_services(
        &self,
        request: Request<desk::ImportServicesRequest>,
    ) -> Answer<desk::ImportServicesResponse> {
        self.caller(&request, Access::Publish).await?;
        self.import(&request.get_ref().json).await.map(Response::new)
    }

    async fn list_services(
        &self,
        request: Request<desk::ListServicesRequest>,
    ) -> Answer<desk::ListServicesResponse> {
        self.caller(&request, Access::Any).await?;
        Desk::list_services(self, request.get_ref()).map(Response::new)
    }

    async fn set_capacity(&self, request: Request<desk::SetCapacityRequest>) -> Answer<desk::ServiceView> {
        self.caller(&request, Access::Publish).await?;
        Desk::set_capacity(self, request.get_ref()).await.map(Response::new)
    }

    async fn find_services(
        &self,
        request: Request<desk::FindServicesRequest>,
    ) -> Answer<desk::FindServicesResponse> {
        self.caller(&request, Access::Any).await?;
        self.find(request.get_ref()).map(Response::new)
    }

    async fn show_notice(&self, request: Request<desk::ShowNoticeRequest>) -> Answer<desk::NoticeView> {
        self.caller(&request, Access::Any).await?;
        Desk::show_notice(request.get_ref()).map(Response::new)
    }

    async fn open_referral(&self, request: Request<desk::OpenReferralRequest>) -> Answer<desk::ThreadView> {
        let caller = self.caller(&request, Access::Act).await?;
        Desk::open_referral(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn open_handover(&self, request: Request<desk::OpenHandoverRequest>) -> Answer<desk::ThreadView> {
        let caller = self.caller(&request, Access::Act).await?;
        Desk::open_handover(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn list_threads(
        &self,
        request: Request<desk::ListThreadsRequest>,
    ) -> Answer<desk::ListThreadsResponse> {
        self.caller(&request, Access::See).await?;
        self.list(request.into_inner()).await.map(Response::new)
    }

    async fn show_thread(&self, request: Request<desk::ShowThreadRequest>) -> Answer<desk::ThreadView> {
        let caller = self.caller(&request, Access::See).await?;
        self.show(&request.get_ref().thread_id, &caller).await.map(Response::new)
    }

    async fn act(&self, request: Request<desk::ActRequest>) -> Answer<desk::ThreadView> {
        let caller = self.caller(&request, Access::Act).await?;
        self.perform(request.into_inner(), &caller).await.map(Response::new)
    }

    async fn wait_delivered(
        &self,
        request: Request<desk::WaitDeliveredRequest>,
    ) -> Answer<desk::WaitDeliveredResponse> {
        self.caller(&request, Access::Any).await?;
        self.wait(request.into_inner()).await.map(Response::new)
    }

    async fn show_consent(&self, request: Request<desk::ShowConsentRequest>) -> Answer<desk::ConsentView> {
        let caller = self.caller(&request, Access::See).await?;
        self.consent_view(&request.get_ref().thread_id, &caller).await.map(Response::new)
    }

    async fn open_follow_up(
        &self,
        request: Request<desk::OpenFollowUpRequest>,
    ) -> Answer<desk::FollowUpView> {
        let caller = self.caller(&request, Access::Act).await?;
        Desk::open_follow_up(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn list_follow_ups(
        &self,
        request: Request<desk::ListFollowUpsRequest>,
    ) -> Answer<desk::ListFollowUpsResponse> {
        let caller = self.caller(&request, Access::See).await?;
        Desk::list_follow_ups(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn show_follow_up(
        &self,
        request: Request<desk::ShowFollowUpRequest>,
    ) -> Answer<desk::FollowUpView> {
        let caller = self.caller(&request, Access::See).await?;
        Desk::show_follow_up(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn flows(&self, request: Request<desk::FlowsRequest>) -> Answer<desk::FlowsResponse> {
        self.caller(&request, Access::Any).await?;
        Desk::flows(self, request.into_inner()).await.map(Response::new)
    }

    async fn ledger_checkpoint(
        &self,
        request: Request<desk::LedgerCheckpointRequest>,
    ) -> Answer<desk::LedgerCheckpointResponse> {
        self.caller(&request, Access::Any).await?;
        self.checkpoint().await.map(Response::new)
    }

    async fn ledger_prove(
        &self,
        request: Request<desk::LedgerProveRequest>,
    ) -> Answer<desk::LedgerProveResponse> {
        self.caller(&request, Access::Audit).await?;
        self.prove(request.into_inner()).await.map(Response::new)
    }

    async fn ledger_status(
        &self,
        request: Request<desk::LedgerStatusRequest>,
    ) -> Answer<desk::LedgerStatusResponse> {
        self.caller(&request, Access::Audit).await?;
        Desk::ledger_status(self).await.map(Response::new)
    }

    async fn change_user(&self, _request: Request<desk::ChangeUserRequest>) -> Answer<desk::UserView> {
        Err(Status::unimplemented("not yet"))
    }

    async fn sign_in(&self, _request: Request<desk::SignInRequest>) -> Answer<desk::SignedIn> {
        Err(Status::unimplemented("not yet"))
    }

    async fn sign_in_with_link(
        &self,
        _request: Request<desk::SignInWithLinkRequest>,
    ) -> Answer<desk::SignedIn> {
        Err(Status::unimplemented("not yet"))
    }

    async fn sign_out(&self, _request: Request<desk::SignOutRequest>) -> Answer<desk::SignOutResponse> {
        Err(Status::unimplemented("not yet"))
    }

    async fn create_sign_in_link(
        &self,
        _request: Request<desk::CreateSignInLinkRequest>,
    ) -> Answer<desk::SignInLink> {
        Err(Status::unimplemented("not yet"))
    }

    async fn set_password(&self, _request: Request<desk::SetPasswordRequest>) -> Answer<desk::SignedIn> {
        Err(Status::unimplemented("not yet"))
    }

    async fn begin_totp(&self, _request: Request<desk::BeginTotpRequest>) -> Answer<desk::TotpSecret> {
        Err(Status::unimplemented("not yet"))
    }

    async fn confirm_totp(&self, _request: Request<desk::ConfirmTotpRequest>) -> Answer<desk::AccountView> {
        Err(Status::unimplemented("not yet"))
    }

    async fn remove_totp(&self, _request: Request<desk::RemoveTotpRequest>) -> Answer<desk::AccountView> {
        Err(Status::unimplemented("not yet"))
    }

    async fn show_account(&self, _request: Request<desk::ShowAccountRequest>) -> Answer<desk::AccountView> {
        Err(Status::unimplemented("not yet"))
    }

    async fn revoke_session(
        &self,
        _request: Request<desk::RevokeSessionRequest>,
    ) -> Answer<desk::AccountView> {
        Err(Status::unimplemented("not yet"))
    }

    async fn create_integration(
        &self,
        _request: Request<desk::CreateIntegrationRequest>,
    ) -> Answer<desk::CreatedIntegration> {
        Err(Status::unimplemented("not yet"))
    }

    async fn list_integrations(
        &self,
        _request: Request<desk::ListIntegrationsRequest>,
    ) -> Answer<desk::ListIntegrationsResponse> {
        Err(Status::unimplemented("not yet"))
    }

    async fn revoke_integration(
        &self,
        _request: Request<desk::RevokeIntegrationRequest>,
    ) -> Answer<desk::RevokeIntegrationResponse> {
        Err(Status::unimplemented("not yet"))
    }

    async fn save_draft(&self, _request: Request<desk::SaveDraftRequest>) -> Answer<desk::DraftView> {
        Err(Status::unimplemented("not yet"))
    }

    async fn show_draft(&self, _request: Request<desk::ShowDraftRequest>) -> Answer<desk::DraftView> {
        Err(Status::unimplemented("not yet"))
    }

    async fn list_drafts(
        &self,
        _request: Request<desk::ListDraftsRequest>,
    ) -> Answer<desk::ListDraftsResponse> {
        Err(Status::unimplemented("not yet"))
    }

    async fn discard_draft(
        &self,
        _request: Request<desk::DiscardDraftRequest>,
    ) -> Answer<desk::DiscardDraftResponse> {
        Err(Status::unimplemented("not yet"))
    }

    async fn show_page(&self, _request: Request<desk::ShowPageRequest>) -> Answer<desk::PageView> {
        Err(Status::unimplemented("not yet"))
    }

    async fn save_page(&self, _request: Request<desk::SavePageRequest>) -> Answer<desk::PageView> {
        Err(Status::unimplemented("not yet"))
    }

    async fn preview_referral(
        &self,
        _request: Request<desk::OpenReferralRequest>,
    ) -> Answer<desk::ReferralPreview> {
        Err(Status::unimplemented("not yet"))
    }

    async fn cancel_delayed(
        &self,
        _request: Request<desk::CancelDelayedRequest>,
    ) -> Answer<desk::ThreadView> {
        Err(Status::unimplemented("not yet"))
    }
}
