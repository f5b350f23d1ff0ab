//! The rpcs, each with the access it takes. Nothing is decided here.

use super::session::{self, Rpc};
use super::{Caller, Desk, communes, open_data};
use crate::peers::PeerTrust;
use relais_proto::desk::v1 as desk;
use relais_proto::desk::v1::desk_server::Desk as DeskRpc;
use tonic::{Request, Response, Status, Streaming};

impl Desk {
    async fn caller<T>(&self, request: &Request<T>, rpc: Rpc) -> Result<Caller, Status> {
        session::caller(self, request, rpc).await
    }
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl DeskRpc for Desk {
    type SeedDirectoryStream = open_data::Progress;
    type ExportServicesStream = open_data::Pieces;

    async fn whoami(&self, request: Request<desk::WhoamiRequest>) -> Answer<desk::WhoamiResponse> {
        Desk::whoami(self, &request).await.map(Response::new)
    }

    async fn status(&self, request: Request<desk::StatusRequest>) -> Answer<desk::StatusResponse> {
        let caller = self.caller(&request, Rpc::Status).await?;
        Desk::status(self, &caller).await.map(Response::new)
    }

    async fn add_user(&self, request: Request<desk::AddUserRequest>) -> Answer<desk::UserView> {
        Desk::add_user(self, request).await.map(Response::new)
    }

    async fn list_users(&self, request: Request<desk::ListUsersRequest>) -> Answer<desk::ListUsersResponse> {
        self.caller(&request, Rpc::ListUsers).await?;
        Desk::list_users(self).await.map(Response::new)
    }

    async fn create_invitation(
        &self,
        request: Request<desk::CreateInvitationRequest>,
    ) -> Answer<desk::CreateInvitationResponse> {
        self.caller(&request, Rpc::CreateInvitation).await?;
        self.invite(request.get_ref()).await.map(Response::new)
    }

    async fn list_invitations(
        &self,
        request: Request<desk::ListInvitationsRequest>,
    ) -> Answer<desk::ListInvitationsResponse> {
        self.caller(&request, Rpc::ListInvitations).await?;
        Desk::list_invitations(self).await.map(Response::new)
    }

    async fn join_invitation(
        &self,
        request: Request<desk::JoinInvitationRequest>,
    ) -> Answer<desk::PairingView> {
        self.caller(&request, Rpc::JoinInvitation).await?;
        self.join(&request.get_ref().link).await.map(Response::new)
    }

    async fn confirm_pairing(
        &self,
        request: Request<desk::ConfirmPairingRequest>,
    ) -> Answer<desk::PairingView> {
        let caller = self.caller(&request, Rpc::ConfirmPairing).await?;
        Desk::confirm_pairing(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn list_peers(&self, request: Request<desk::ListPeersRequest>) -> Answer<desk::ListPeersResponse> {
        self.caller(&request, Rpc::ListPeers).await?;
        Ok(Response::new(Desk::list_peers(self)))
    }

    async fn suspend_peer(&self, request: Request<desk::SuspendPeerRequest>) -> Answer<desk::PeerView> {
        self.caller(&request, Rpc::SuspendPeer).await?;
        self.set_trust(&request.get_ref().peer_id, PeerTrust::Suspended).await.map(Response::new)
    }

    async fn resume_peer(&self, request: Request<desk::ResumePeerRequest>) -> Answer<desk::PeerView> {
        self.caller(&request, Rpc::ResumePeer).await?;
        self.set_trust(&request.get_ref().peer_id, PeerTrust::Paired).await.map(Response::new)
    }

    async fn remove_peer(&self, request: Request<desk::RemovePeerRequest>) -> Answer<desk::PeerView> {
        self.caller(&request, Rpc::RemovePeer).await?;
        self.set_trust(&request.get_ref().peer_id, PeerTrust::Removed).await.map(Response::new)
    }

    async fn import_services(
        &self,
        request: Request<desk::ImportServicesRequest>,
    ) -> Answer<desk::ImportServicesResponse> {
        self.caller(&request, Rpc::ImportServices).await?;
        self.import(&request.get_ref().json).await.map(Response::new)
    }

    async fn list_services(
        &self,
        request: Request<desk::ListServicesRequest>,
    ) -> Answer<desk::ListServicesResponse> {
        self.caller(&request, Rpc::ListServices).await?;
        Desk::list_services(self, request.get_ref()).map(Response::new)
    }

    async fn set_capacity(&self, request: Request<desk::SetCapacityRequest>) -> Answer<desk::ServiceView> {
        self.caller(&request, Rpc::SetCapacity).await?;
        Desk::set_capacity(self, request.get_ref()).await.map(Response::new)
    }

    async fn set_walk_in(&self, request: Request<desk::SetWalkInRequest>) -> Answer<desk::ServiceView> {
        self.caller(&request, Rpc::SetWalkIn).await?;
        Desk::set_walk_in(self, request.into_inner()).await.map(Response::new)
    }

    async fn find_services(
        &self,
        request: Request<desk::FindServicesRequest>,
    ) -> Answer<desk::FindServicesResponse> {
        self.caller(&request, Rpc::FindServices).await?;
        self.find(request.get_ref()).await.map(Response::new)
    }

    async fn find_communes(
        &self,
        request: Request<desk::FindCommunesRequest>,
    ) -> Answer<desk::FindCommunesResponse> {
        self.caller(&request, Rpc::FindCommunes).await?;
        communes::find(request.get_ref()).map(Response::new)
    }

    async fn show_notice(&self, request: Request<desk::ShowNoticeRequest>) -> Answer<desk::NoticeView> {
        self.caller(&request, Rpc::ShowNotice).await?;
        Desk::show_notice(request.get_ref()).map(Response::new)
    }

    async fn open_referral(&self, request: Request<desk::OpenReferralRequest>) -> Answer<desk::ThreadView> {
        let caller = self.caller(&request, Rpc::OpenReferral).await?;
        Desk::open_referral(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn open_handover(&self, request: Request<desk::OpenHandoverRequest>) -> Answer<desk::ThreadView> {
        let caller = self.caller(&request, Rpc::OpenHandover).await?;
        Desk::open_handover(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn list_threads(
        &self,
        request: Request<desk::ListThreadsRequest>,
    ) -> Answer<desk::ListThreadsResponse> {
        let caller = self.caller(&request, Rpc::ListThreads).await?;
        self.list(request.into_inner(), &caller).await.map(Response::new)
    }

    async fn show_thread(&self, request: Request<desk::ShowThreadRequest>) -> Answer<desk::ThreadView> {
        let caller = self.caller(&request, Rpc::ShowThread).await?;
        self.show(&request.get_ref().thread_id, &caller).await.map(Response::new)
    }

    async fn find_reference(&self, request: Request<desk::FindReferenceRequest>) -> Answer<desk::ThreadView> {
        let caller = self.caller(&request, Rpc::FindReference).await?;
        Desk::find_reference(self, &request.get_ref().reference, &caller).await.map(Response::new)
    }

    async fn act(&self, request: Request<desk::ActRequest>) -> Answer<desk::ThreadView> {
        let caller = self.caller(&request, Rpc::Act).await?;
        self.perform(request.into_inner(), &caller).await.map(Response::new)
    }

    async fn wait_delivered(
        &self,
        request: Request<desk::WaitDeliveredRequest>,
    ) -> Answer<desk::WaitDeliveredResponse> {
        self.caller(&request, Rpc::WaitDelivered).await?;
        self.wait(request.into_inner()).await.map(Response::new)
    }

    async fn show_consent(&self, request: Request<desk::ShowConsentRequest>) -> Answer<desk::ConsentView> {
        let caller = self.caller(&request, Rpc::ShowConsent).await?;
        self.consent_view(&request.get_ref().thread_id, &caller).await.map(Response::new)
    }

    async fn open_follow_up(
        &self,
        request: Request<desk::OpenFollowUpRequest>,
    ) -> Answer<desk::FollowUpView> {
        let caller = self.caller(&request, Rpc::OpenFollowUp).await?;
        Desk::open_follow_up(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn list_follow_ups(
        &self,
        request: Request<desk::ListFollowUpsRequest>,
    ) -> Answer<desk::ListFollowUpsResponse> {
        let caller = self.caller(&request, Rpc::ListFollowUps).await?;
        Desk::list_follow_ups(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn show_follow_up(
        &self,
        request: Request<desk::ShowFollowUpRequest>,
    ) -> Answer<desk::FollowUpView> {
        let caller = self.caller(&request, Rpc::ShowFollowUp).await?;
        Desk::show_follow_up(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn flows(&self, request: Request<desk::FlowsRequest>) -> Answer<desk::FlowsResponse> {
        let caller = self.caller(&request, Rpc::Flows).await?;
        Desk::flows(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn endorse_peer(
        &self,
        request: Request<desk::EndorsePeerRequest>,
    ) -> Answer<desk::EndorsementView> {
        self.caller(&request, Rpc::EndorsePeer).await?;
        self.endorse(request.get_ref()).await.map(Response::new)
    }

    async fn withdraw_endorsement(
        &self,
        request: Request<desk::WithdrawEndorsementRequest>,
    ) -> Answer<desk::EndorsementView> {
        self.caller(&request, Rpc::WithdrawEndorsement).await?;
        Desk::withdraw_endorsement(self, request.get_ref()).await.map(Response::new)
    }

    async fn list_endorsements(
        &self,
        request: Request<desk::ListEndorsementsRequest>,
    ) -> Answer<desk::ListEndorsementsResponse> {
        self.caller(&request, Rpc::ListEndorsements).await?;
        Ok(Response::new(Desk::list_endorsements(self)))
    }

    async fn ask_introduction(
        &self,
        request: Request<desk::AskIntroductionRequest>,
    ) -> Answer<desk::IntroductionView> {
        self.caller(&request, Rpc::AskIntroduction).await?;
        Desk::ask_introduction(self, request.get_ref()).await.map(Response::new)
    }

    async fn list_introductions(
        &self,
        request: Request<desk::ListIntroductionsRequest>,
    ) -> Answer<desk::ListIntroductionsResponse> {
        self.caller(&request, Rpc::ListIntroductions).await?;
        Desk::list_introductions(self).await.map(Response::new)
    }

    async fn refuse_introduction(
        &self,
        request: Request<desk::RefuseIntroductionRequest>,
    ) -> Answer<desk::IntroductionView> {
        self.caller(&request, Rpc::RefuseIntroduction).await?;
        Desk::refuse_introduction(self, request.get_ref()).await.map(Response::new)
    }

    async fn ledger_checkpoint(
        &self,
        request: Request<desk::LedgerCheckpointRequest>,
    ) -> Answer<desk::LedgerCheckpointResponse> {
        self.caller(&request, Rpc::LedgerCheckpoint).await?;
        self.checkpoint().await.map(Response::new)
    }

    async fn ledger_prove(
        &self,
        request: Request<desk::LedgerProveRequest>,
    ) -> Answer<desk::LedgerProveResponse> {
        self.caller(&request, Rpc::LedgerProve).await?;
        self.prove(request.into_inner()).await.map(Response::new)
    }

    async fn ledger_status(
        &self,
        request: Request<desk::LedgerStatusRequest>,
    ) -> Answer<desk::LedgerStatusResponse> {
        self.caller(&request, Rpc::LedgerStatus).await?;
        Desk::ledger_status(self).await.map(Response::new)
    }

    async fn change_user(&self, request: Request<desk::ChangeUserRequest>) -> Answer<desk::UserView> {
        let caller = self.caller(&request, Rpc::ChangeUser).await?;
        Desk::change_user(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn sign_in(&self, request: Request<desk::SignInRequest>) -> Answer<desk::SignedIn> {
        Desk::sign_in(self, request).await.map(Response::new)
    }

    async fn sign_in_with_link(
        &self,
        request: Request<desk::SignInWithLinkRequest>,
    ) -> Answer<desk::SignedIn> {
        Desk::sign_in_with_link(self, request).await.map(Response::new)
    }

    async fn sign_out(&self, request: Request<desk::SignOutRequest>) -> Answer<desk::SignOutResponse> {
        let caller = self.caller(&request, Rpc::SignOut).await?;
        Desk::sign_out(self, &caller).await.map(Response::new)
    }

    async fn create_sign_in_link(
        &self,
        request: Request<desk::CreateSignInLinkRequest>,
    ) -> Answer<desk::SignInLink> {
        let caller = self.caller(&request, Rpc::CreateSignInLink).await?;
        Desk::create_sign_in_link(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn set_password(&self, request: Request<desk::SetPasswordRequest>) -> Answer<desk::SignedIn> {
        let caller = self.caller(&request, Rpc::SetPassword).await?;
        Desk::set_password(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn begin_totp(&self, request: Request<desk::BeginTotpRequest>) -> Answer<desk::TotpSecret> {
        let caller = self.caller(&request, Rpc::BeginTotp).await?;
        Desk::begin_totp(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn confirm_totp(&self, request: Request<desk::ConfirmTotpRequest>) -> Answer<desk::AccountView> {
        let caller = self.caller(&request, Rpc::ConfirmTotp).await?;
        Desk::confirm_totp(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn remove_totp(&self, request: Request<desk::RemoveTotpRequest>) -> Answer<desk::AccountView> {
        let caller = self.caller(&request, Rpc::RemoveTotp).await?;
        Desk::remove_totp(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn show_account(&self, request: Request<desk::ShowAccountRequest>) -> Answer<desk::AccountView> {
        let caller = self.caller(&request, Rpc::ShowAccount).await?;
        Desk::show_account(self, &caller).await.map(Response::new)
    }

    async fn revoke_session(
        &self,
        request: Request<desk::RevokeSessionRequest>,
    ) -> Answer<desk::AccountView> {
        let caller = self.caller(&request, Rpc::RevokeSession).await?;
        Desk::revoke_session(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn create_integration(
        &self,
        request: Request<desk::CreateIntegrationRequest>,
    ) -> Answer<desk::CreatedIntegration> {
        let caller = self.caller(&request, Rpc::CreateIntegration).await?;
        Desk::create_integration(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn list_integrations(
        &self,
        request: Request<desk::ListIntegrationsRequest>,
    ) -> Answer<desk::ListIntegrationsResponse> {
        let caller = self.caller(&request, Rpc::ListIntegrations).await?;
        Desk::list_integrations(self, request.get_ref(), &caller).await.map(Response::new)
    }

    async fn revoke_integration(
        &self,
        request: Request<desk::RevokeIntegrationRequest>,
    ) -> Answer<desk::RevokeIntegrationResponse> {
        let caller = self.caller(&request, Rpc::RevokeIntegration).await?;
        Desk::revoke_integration(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn save_draft(&self, request: Request<desk::SaveDraftRequest>) -> Answer<desk::DraftView> {
        let caller = self.caller(&request, Rpc::SaveDraft).await?;
        Desk::save_draft(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn show_draft(&self, request: Request<desk::ShowDraftRequest>) -> Answer<desk::DraftView> {
        let caller = self.caller(&request, Rpc::ShowDraft).await?;
        Desk::show_draft(self, request.get_ref(), &caller).await.map(Response::new)
    }

    async fn list_drafts(
        &self,
        request: Request<desk::ListDraftsRequest>,
    ) -> Answer<desk::ListDraftsResponse> {
        let caller = self.caller(&request, Rpc::ListDrafts).await?;
        Desk::list_drafts(self, request.get_ref(), &caller).await.map(Response::new)
    }

    async fn discard_draft(
        &self,
        request: Request<desk::DiscardDraftRequest>,
    ) -> Answer<desk::DiscardDraftResponse> {
        let caller = self.caller(&request, Rpc::DiscardDraft).await?;
        Desk::discard_draft(self, request.get_ref(), &caller).await.map(Response::new)
    }

    async fn show_page(&self, request: Request<desk::ShowPageRequest>) -> Answer<desk::PageView> {
        Desk::show_page(self, request.get_ref()).await.map(Response::new)
    }

    async fn save_page(&self, request: Request<desk::SavePageRequest>) -> Answer<desk::PageView> {
        self.caller(&request, Rpc::SavePage).await?;
        Desk::save_page(self, request.into_inner()).await.map(Response::new)
    }

    async fn preview_referral(
        &self,
        request: Request<desk::OpenReferralRequest>,
    ) -> Answer<desk::ReferralPreview> {
        let caller = self.caller(&request, Rpc::PreviewReferral).await?;
        Desk::preview_referral(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn cancel_delayed(&self, request: Request<desk::CancelDelayedRequest>) -> Answer<desk::ThreadView> {
        let caller = self.caller(&request, Rpc::CancelDelayed).await?;
        Desk::cancel_delayed(self, request.get_ref(), &caller).await.map(Response::new)
    }

    async fn seed_directory(
        &self,
        request: Request<Streaming<desk::SeedPiece>>,
    ) -> Answer<Self::SeedDirectoryStream> {
        self.caller(&request, Rpc::SeedDirectory).await?;
        Ok(Response::new(self.seed(request.into_inner())))
    }

    async fn open_data_status(
        &self,
        request: Request<desk::OpenDataStatusRequest>,
    ) -> Answer<desk::OpenDataStatusResponse> {
        self.caller(&request, Rpc::OpenDataStatus).await?;
        Ok(Response::new(Desk::open_data_status(self)))
    }

    async fn show_open_entry(
        &self,
        request: Request<desk::ShowOpenEntryRequest>,
    ) -> Answer<desk::OpenEntryView> {
        self.caller(&request, Rpc::ShowOpenEntry).await?;
        Desk::show_open_entry(self, &request.get_ref().service_id).await.map(Response::new)
    }

    async fn export_services(
        &self,
        request: Request<desk::ExportServicesRequest>,
    ) -> Answer<Self::ExportServicesStream> {
        self.caller(&request, Rpc::ExportServices).await?;
        self.export(request.get_ref()).map(Response::new)
    }

    async fn show_directory(
        &self,
        request: Request<desk::ShowDirectoryRequest>,
    ) -> Answer<desk::DirectoryView> {
        self.caller(&request, Rpc::ShowDirectory).await?;
        Desk::show_directory(self, request.get_ref()).await.map(Response::new)
    }

    async fn subscribe_directory(
        &self,
        request: Request<desk::SubscribeDirectoryRequest>,
    ) -> Answer<desk::DirectoryView> {
        self.caller(&request, Rpc::SubscribeDirectory).await?;
        Desk::subscribe_directory(self, request.get_ref()).await.map(Response::new)
    }

    async fn refuse_structure(
        &self,
        request: Request<desk::RefuseStructureRequest>,
    ) -> Answer<desk::DirectoryStructure> {
        self.caller(&request, Rpc::RefuseStructure).await?;
        Desk::refuse_structure(self, request.get_ref()).await.map(Response::new)
    }

    async fn allow_structure(
        &self,
        request: Request<desk::AllowStructureRequest>,
    ) -> Answer<desk::DirectoryStructure> {
        self.caller(&request, Rpc::AllowStructure).await?;
        Desk::allow_structure(self, request.get_ref()).await.map(Response::new)
    }

    async fn ask_inquiry(&self, request: Request<desk::AskInquiryRequest>) -> Answer<desk::InquiryView> {
        let caller = self.caller(&request, Rpc::AskInquiry).await?;
        Desk::ask_inquiry(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn show_inquiry(&self, request: Request<desk::ShowInquiryRequest>) -> Answer<desk::InquiryView> {
        self.caller(&request, Rpc::ShowInquiry).await?;
        Desk::show_inquiry(self, request.get_ref()).await.map(Response::new)
    }

    async fn list_inquiries(
        &self,
        request: Request<desk::ListInquiriesRequest>,
    ) -> Answer<desk::ListInquiriesResponse> {
        self.caller(&request, Rpc::ListInquiries).await?;
        Desk::list_inquiries(self, request.get_ref()).await.map(Response::new)
    }

    async fn answer_inquiry(
        &self,
        request: Request<desk::AnswerInquiryRequest>,
    ) -> Answer<desk::ReceivedInquiryView> {
        let caller = self.caller(&request, Rpc::AnswerInquiry).await?;
        Desk::answer_inquiry(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn show_inquiry_answers(
        &self,
        request: Request<desk::ShowInquiryAnswersRequest>,
    ) -> Answer<desk::InquiryAnswersView> {
        self.caller(&request, Rpc::ShowInquiryAnswers).await?;
        Ok(Response::new(Desk::show_inquiry_answers(self)))
    }

    async fn set_inquiry_answers(
        &self,
        request: Request<desk::SetInquiryAnswersRequest>,
    ) -> Answer<desk::InquiryAnswersView> {
        self.caller(&request, Rpc::SetInquiryAnswers).await?;
        Desk::set_inquiry_answers(self, request.into_inner()).await.map(Response::new)
    }
}
