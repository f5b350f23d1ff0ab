//! The rpcs, each with the access it takes. Nothing is decided here.

use super::session::Rpc;
use super::{Desk, communes, open_data};
use crate::peers::PeerTrust;
use relais_proto::desk::v1 as pb;
use relais_proto::desk::v1::desk_server::Desk as DeskRpc;
use tonic::{Request, Response, Status, Streaming};

type Ask<T> = Request<T>;
type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl DeskRpc for Desk {
    type SeedDirectoryStream = open_data::Progress;
    type ExportServicesStream = open_data::Pieces;

    async fn whoami(&self, request: Ask<pb::WhoamiRequest>) -> Answer<pb::WhoamiResponse> {
        Desk::whoami(self, &request).await.map(Response::new)
    }

    async fn status(&self, request: Ask<pb::StatusRequest>) -> Answer<pb::StatusResponse> {
        let caller = self.caller(&request, Rpc::Status).await?;
        Desk::status(self, &caller).await.map(Response::new)
    }

    async fn add_user(&self, request: Ask<pb::AddUserRequest>) -> Answer<pb::UserView> {
        Desk::add_user(self, request).await.map(Response::new)
    }

    async fn list_users(&self, request: Ask<pb::ListUsersRequest>) -> Answer<pb::ListUsersResponse> {
        self.caller(&request, Rpc::ListUsers).await?;
        Desk::list_users(self).await.map(Response::new)
    }

    async fn create_invitation(
        &self,
        request: Ask<pb::CreateInvitationRequest>,
    ) -> Answer<pb::CreateInvitationResponse> {
        self.caller(&request, Rpc::CreateInvitation).await?;
        self.invite(request.get_ref()).await.map(Response::new)
    }

    async fn list_invitations(
        &self,
        request: Ask<pb::ListInvitationsRequest>,
    ) -> Answer<pb::ListInvitationsResponse> {
        self.caller(&request, Rpc::ListInvitations).await?;
        Desk::list_invitations(self).await.map(Response::new)
    }

    async fn withdraw_invitation(
        &self,
        request: Ask<pb::WithdrawInvitationRequest>,
    ) -> Answer<pb::InvitationView> {
        self.caller(&request, Rpc::WithdrawInvitation).await?;
        Desk::withdraw_invitation(self, request.get_ref()).await.map(Response::new)
    }

    async fn join_invitation(&self, request: Ask<pb::JoinInvitationRequest>) -> Answer<pb::PairingView> {
        self.caller(&request, Rpc::JoinInvitation).await?;
        self.join(&request.get_ref().link).await.map(Response::new)
    }

    async fn confirm_pairing(&self, request: Ask<pb::ConfirmPairingRequest>) -> Answer<pb::PairingView> {
        let caller = self.caller(&request, Rpc::ConfirmPairing).await?;
        Desk::confirm_pairing(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn list_peers(&self, request: Ask<pb::ListPeersRequest>) -> Answer<pb::ListPeersResponse> {
        self.caller(&request, Rpc::ListPeers).await?;
        Ok(Response::new(Desk::list_peers(self)))
    }

    async fn suspend_peer(&self, request: Ask<pb::SuspendPeerRequest>) -> Answer<pb::PeerView> {
        self.caller(&request, Rpc::SuspendPeer).await?;
        self.set_trust(&request.get_ref().peer_id, PeerTrust::Suspended).await.map(Response::new)
    }

    async fn resume_peer(&self, request: Ask<pb::ResumePeerRequest>) -> Answer<pb::PeerView> {
        self.caller(&request, Rpc::ResumePeer).await?;
        self.set_trust(&request.get_ref().peer_id, PeerTrust::Paired).await.map(Response::new)
    }

    async fn remove_peer(&self, request: Ask<pb::RemovePeerRequest>) -> Answer<pb::PeerView> {
        self.caller(&request, Rpc::RemovePeer).await?;
        self.set_trust(&request.get_ref().peer_id, PeerTrust::Removed).await.map(Response::new)
    }

    async fn import_services(
        &self,
        request: Ask<pb::ImportServicesRequest>,
    ) -> Answer<pb::ImportServicesResponse> {
        self.caller(&request, Rpc::ImportServices).await?;
        self.import(&request.get_ref().json).await.map(Response::new)
    }

    async fn list_services(&self, request: Ask<pb::ListServicesRequest>) -> Answer<pb::ListServicesResponse> {
        self.caller(&request, Rpc::ListServices).await?;
        Desk::list_services(self, request.get_ref()).map(Response::new)
    }

    async fn set_capacity(&self, request: Ask<pb::SetCapacityRequest>) -> Answer<pb::ServiceView> {
        self.caller(&request, Rpc::SetCapacity).await?;
        Desk::set_capacity(self, request.get_ref()).await.map(Response::new)
    }

    async fn set_walk_in(&self, request: Ask<pb::SetWalkInRequest>) -> Answer<pb::ServiceView> {
        self.caller(&request, Rpc::SetWalkIn).await?;
        Desk::set_walk_in(self, request.into_inner()).await.map(Response::new)
    }

    async fn withdraw_service(
        &self,
        request: Ask<pb::WithdrawServiceRequest>,
    ) -> Answer<pb::WithdrawnService> {
        self.caller(&request, Rpc::WithdrawService).await?;
        Desk::withdraw_service(self, request.get_ref()).await.map(Response::new)
    }

    async fn find_services(&self, request: Ask<pb::FindServicesRequest>) -> Answer<pb::FindServicesResponse> {
        self.caller(&request, Rpc::FindServices).await?;
        self.find(request.get_ref()).await.map(Response::new)
    }

    async fn find_communes(&self, request: Ask<pb::FindCommunesRequest>) -> Answer<pb::FindCommunesResponse> {
        self.caller(&request, Rpc::FindCommunes).await?;
        communes::find(request.get_ref(), self.directory.subscription()).map(Response::new)
    }

    async fn show_notice(&self, request: Ask<pb::ShowNoticeRequest>) -> Answer<pb::NoticeView> {
        self.caller(&request, Rpc::ShowNotice).await?;
        Desk::show_notice(request.get_ref()).map(Response::new)
    }

    async fn open_referral(&self, request: Ask<pb::OpenReferralRequest>) -> Answer<pb::ThreadView> {
        let caller = self.caller(&request, Rpc::OpenReferral).await?;
        Desk::open_referral(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn open_handover(&self, request: Ask<pb::OpenHandoverRequest>) -> Answer<pb::ThreadView> {
        let caller = self.caller(&request, Rpc::OpenHandover).await?;
        Desk::open_handover(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn list_threads(&self, request: Ask<pb::ListThreadsRequest>) -> Answer<pb::ListThreadsResponse> {
        let caller = self.caller(&request, Rpc::ListThreads).await?;
        self.list(request.into_inner(), &caller).await.map(Response::new)
    }

    async fn show_thread(&self, request: Ask<pb::ShowThreadRequest>) -> Answer<pb::ThreadView> {
        let caller = self.caller(&request, Rpc::ShowThread).await?;
        self.show(&request.get_ref().thread_id, &caller).await.map(Response::new)
    }

    async fn find_reference(&self, request: Ask<pb::FindReferenceRequest>) -> Answer<pb::ThreadView> {
        let caller = self.caller(&request, Rpc::FindReference).await?;
        Desk::find_reference(self, &request.get_ref().reference, &caller).await.map(Response::new)
    }

    async fn act(&self, request: Ask<pb::ActRequest>) -> Answer<pb::ThreadView> {
        let caller = self.caller(&request, Rpc::Act).await?;
        self.perform(request.into_inner(), &caller).await.map(Response::new)
    }

    async fn wait_delivered(
        &self,
        request: Ask<pb::WaitDeliveredRequest>,
    ) -> Answer<pb::WaitDeliveredResponse> {
        self.caller(&request, Rpc::WaitDelivered).await?;
        self.wait(request.into_inner()).await.map(Response::new)
    }

    async fn show_consent(&self, request: Ask<pb::ShowConsentRequest>) -> Answer<pb::ConsentView> {
        let caller = self.caller(&request, Rpc::ShowConsent).await?;
        self.consent_view(&request.get_ref().thread_id, &caller).await.map(Response::new)
    }

    async fn open_follow_up(&self, request: Ask<pb::OpenFollowUpRequest>) -> Answer<pb::FollowUpView> {
        let caller = self.caller(&request, Rpc::OpenFollowUp).await?;
        Desk::open_follow_up(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn list_follow_ups(
        &self,
        request: Ask<pb::ListFollowUpsRequest>,
    ) -> Answer<pb::ListFollowUpsResponse> {
        let caller = self.caller(&request, Rpc::ListFollowUps).await?;
        Desk::list_follow_ups(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn show_follow_up(&self, request: Ask<pb::ShowFollowUpRequest>) -> Answer<pb::FollowUpView> {
        let caller = self.caller(&request, Rpc::ShowFollowUp).await?;
        Desk::show_follow_up(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn flows(&self, request: Ask<pb::FlowsRequest>) -> Answer<pb::FlowsResponse> {
        let caller = self.caller(&request, Rpc::Flows).await?;
        Desk::flows(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn endorse_peer(&self, request: Ask<pb::EndorsePeerRequest>) -> Answer<pb::EndorsementView> {
        self.caller(&request, Rpc::EndorsePeer).await?;
        self.endorse(request.get_ref()).await.map(Response::new)
    }

    async fn withdraw_endorsement(
        &self,
        request: Ask<pb::WithdrawEndorsementRequest>,
    ) -> Answer<pb::EndorsementView> {
        self.caller(&request, Rpc::WithdrawEndorsement).await?;
        Desk::withdraw_endorsement(self, request.get_ref()).await.map(Response::new)
    }

    async fn list_endorsements(
        &self,
        request: Ask<pb::ListEndorsementsRequest>,
    ) -> Answer<pb::ListEndorsementsResponse> {
        self.caller(&request, Rpc::ListEndorsements).await?;
        Ok(Response::new(Desk::list_endorsements(self)))
    }

    async fn ask_introduction(
        &self,
        request: Ask<pb::AskIntroductionRequest>,
    ) -> Answer<pb::IntroductionView> {
        self.caller(&request, Rpc::AskIntroduction).await?;
        Desk::ask_introduction(self, request.get_ref()).await.map(Response::new)
    }

    async fn list_introductions(
        &self,
        request: Ask<pb::ListIntroductionsRequest>,
    ) -> Answer<pb::ListIntroductionsResponse> {
        self.caller(&request, Rpc::ListIntroductions).await?;
        Desk::list_introductions(self).await.map(Response::new)
    }

    async fn refuse_introduction(
        &self,
        request: Ask<pb::RefuseIntroductionRequest>,
    ) -> Answer<pb::IntroductionView> {
        self.caller(&request, Rpc::RefuseIntroduction).await?;
        Desk::refuse_introduction(self, request.get_ref()).await.map(Response::new)
    }

    async fn ledger_checkpoint(
        &self,
        request: Ask<pb::LedgerCheckpointRequest>,
    ) -> Answer<pb::LedgerCheckpointResponse> {
        self.caller(&request, Rpc::LedgerCheckpoint).await?;
        self.checkpoint().await.map(Response::new)
    }

    async fn ledger_prove(&self, request: Ask<pb::LedgerProveRequest>) -> Answer<pb::LedgerProveResponse> {
        self.caller(&request, Rpc::LedgerProve).await?;
        self.prove(request.into_inner()).await.map(Response::new)
    }

    async fn ledger_status(&self, request: Ask<pb::LedgerStatusRequest>) -> Answer<pb::LedgerStatusResponse> {
        self.caller(&request, Rpc::LedgerStatus).await?;
        Desk::ledger_status(self).await.map(Response::new)
    }

    async fn change_user(&self, request: Ask<pb::ChangeUserRequest>) -> Answer<pb::UserView> {
        let caller = self.caller(&request, Rpc::ChangeUser).await?;
        Desk::change_user(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn sign_in(&self, request: Ask<pb::SignInRequest>) -> Answer<pb::SignedIn> {
        Desk::sign_in(self, request).await.map(Response::new)
    }

    async fn sign_in_with_link(&self, request: Ask<pb::SignInWithLinkRequest>) -> Answer<pb::SignedIn> {
        Desk::sign_in_with_link(self, request).await.map(Response::new)
    }

    async fn sign_out(&self, request: Ask<pb::SignOutRequest>) -> Answer<pb::SignOutResponse> {
        let caller = self.caller(&request, Rpc::SignOut).await?;
        Desk::sign_out(self, &caller).await.map(Response::new)
    }

    async fn create_sign_in_link(&self, request: Ask<pb::CreateSignInLinkRequest>) -> Answer<pb::SignInLink> {
        let caller = self.caller(&request, Rpc::CreateSignInLink).await?;
        Desk::create_sign_in_link(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn set_password(&self, request: Ask<pb::SetPasswordRequest>) -> Answer<pb::SignedIn> {
        let caller = self.caller(&request, Rpc::SetPassword).await?;
        Desk::set_password(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn begin_totp(&self, request: Ask<pb::BeginTotpRequest>) -> Answer<pb::TotpSecret> {
        let caller = self.caller(&request, Rpc::BeginTotp).await?;
        Desk::begin_totp(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn confirm_totp(&self, request: Ask<pb::ConfirmTotpRequest>) -> Answer<pb::AccountView> {
        let caller = self.caller(&request, Rpc::ConfirmTotp).await?;
        Desk::confirm_totp(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn remove_totp(&self, request: Ask<pb::RemoveTotpRequest>) -> Answer<pb::AccountView> {
        let caller = self.caller(&request, Rpc::RemoveTotp).await?;
        Desk::remove_totp(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn show_account(&self, request: Ask<pb::ShowAccountRequest>) -> Answer<pb::AccountView> {
        let caller = self.caller(&request, Rpc::ShowAccount).await?;
        Desk::show_account(self, &caller).await.map(Response::new)
    }

    async fn revoke_session(&self, request: Ask<pb::RevokeSessionRequest>) -> Answer<pb::AccountView> {
        let caller = self.caller(&request, Rpc::RevokeSession).await?;
        Desk::revoke_session(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn create_integration(
        &self,
        request: Ask<pb::CreateIntegrationRequest>,
    ) -> Answer<pb::CreatedIntegration> {
        let caller = self.caller(&request, Rpc::CreateIntegration).await?;
        Desk::create_integration(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn list_integrations(
        &self,
        request: Ask<pb::ListIntegrationsRequest>,
    ) -> Answer<pb::ListIntegrationsResponse> {
        let caller = self.caller(&request, Rpc::ListIntegrations).await?;
        Desk::list_integrations(self, request.get_ref(), &caller).await.map(Response::new)
    }

    async fn revoke_integration(
        &self,
        request: Ask<pb::RevokeIntegrationRequest>,
    ) -> Answer<pb::RevokeIntegrationResponse> {
        let caller = self.caller(&request, Rpc::RevokeIntegration).await?;
        Desk::revoke_integration(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn save_draft(&self, request: Ask<pb::SaveDraftRequest>) -> Answer<pb::DraftView> {
        let caller = self.caller(&request, Rpc::SaveDraft).await?;
        Desk::save_draft(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn show_draft(&self, request: Ask<pb::ShowDraftRequest>) -> Answer<pb::DraftView> {
        let caller = self.caller(&request, Rpc::ShowDraft).await?;
        Desk::show_draft(self, request.get_ref(), &caller).await.map(Response::new)
    }

    async fn list_drafts(&self, request: Ask<pb::ListDraftsRequest>) -> Answer<pb::ListDraftsResponse> {
        let caller = self.caller(&request, Rpc::ListDrafts).await?;
        Desk::list_drafts(self, request.get_ref(), &caller).await.map(Response::new)
    }

    async fn discard_draft(&self, request: Ask<pb::DiscardDraftRequest>) -> Answer<pb::DiscardDraftResponse> {
        let caller = self.caller(&request, Rpc::DiscardDraft).await?;
        Desk::discard_draft(self, request.get_ref(), &caller).await.map(Response::new)
    }

    async fn show_page(&self, request: Ask<pb::ShowPageRequest>) -> Answer<pb::PageView> {
        Desk::show_page(self, request.get_ref()).await.map(Response::new)
    }

    async fn save_page(&self, request: Ask<pb::SavePageRequest>) -> Answer<pb::PageView> {
        self.caller(&request, Rpc::SavePage).await?;
        Desk::save_page(self, request.into_inner()).await.map(Response::new)
    }

    async fn preview_referral(&self, request: Ask<pb::OpenReferralRequest>) -> Answer<pb::ReferralPreview> {
        let caller = self.caller(&request, Rpc::PreviewReferral).await?;
        Desk::preview_referral(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn cancel_delayed(&self, request: Ask<pb::CancelDelayedRequest>) -> Answer<pb::ThreadView> {
        let caller = self.caller(&request, Rpc::CancelDelayed).await?;
        Desk::cancel_delayed(self, request.get_ref(), &caller).await.map(Response::new)
    }

    async fn seed_directory(
        &self,
        request: Ask<Streaming<pb::SeedPiece>>,
    ) -> Answer<Self::SeedDirectoryStream> {
        self.caller(&request, Rpc::SeedDirectory).await?;
        Ok(Response::new(self.seed(request.into_inner())))
    }

    async fn remove_open_data(&self, request: Ask<pb::RemoveOpenDataRequest>) -> Answer<pb::RemovedOpenData> {
        self.caller(&request, Rpc::RemoveOpenData).await?;
        Desk::remove_open_data(self, request.into_inner().source).await.map(Response::new)
    }

    async fn open_data_status(
        &self,
        request: Ask<pb::OpenDataStatusRequest>,
    ) -> Answer<pb::OpenDataStatusResponse> {
        self.caller(&request, Rpc::OpenDataStatus).await?;
        Ok(Response::new(Desk::open_data_status(self).await))
    }

    async fn show_open_entry(&self, request: Ask<pb::ShowOpenEntryRequest>) -> Answer<pb::OpenEntryView> {
        self.caller(&request, Rpc::ShowOpenEntry).await?;
        Desk::show_open_entry(self, &request.get_ref().service_id).await.map(Response::new)
    }

    async fn export_services(
        &self,
        request: Ask<pb::ExportServicesRequest>,
    ) -> Answer<Self::ExportServicesStream> {
        self.caller(&request, Rpc::ExportServices).await?;
        self.export(request.get_ref()).map(Response::new)
    }

    async fn show_directory(&self, request: Ask<pb::ShowDirectoryRequest>) -> Answer<pb::DirectoryView> {
        self.caller(&request, Rpc::ShowDirectory).await?;
        Desk::show_directory(self, request.get_ref()).await.map(Response::new)
    }

    async fn subscribe_directory(
        &self,
        request: Ask<pb::SubscribeDirectoryRequest>,
    ) -> Answer<pb::DirectoryView> {
        self.caller(&request, Rpc::SubscribeDirectory).await?;
        Desk::subscribe_directory(self, request.get_ref()).await.map(Response::new)
    }

    async fn refuse_structure(
        &self,
        request: Ask<pb::RefuseStructureRequest>,
    ) -> Answer<pb::DirectoryStructure> {
        self.caller(&request, Rpc::RefuseStructure).await?;
        Desk::refuse_structure(self, request.get_ref()).await.map(Response::new)
    }

    async fn allow_structure(
        &self,
        request: Ask<pb::AllowStructureRequest>,
    ) -> Answer<pb::DirectoryStructure> {
        self.caller(&request, Rpc::AllowStructure).await?;
        Desk::allow_structure(self, request.get_ref()).await.map(Response::new)
    }

    async fn ask_inquiry(&self, request: Ask<pb::AskInquiryRequest>) -> Answer<pb::InquiryView> {
        let caller = self.caller(&request, Rpc::AskInquiry).await?;
        Desk::ask_inquiry(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn show_inquiry(&self, request: Ask<pb::ShowInquiryRequest>) -> Answer<pb::InquiryView> {
        let caller = self.caller(&request, Rpc::ShowInquiry).await?;
        Desk::show_inquiry(self, request.get_ref(), &caller).await.map(Response::new)
    }

    async fn list_inquiries(
        &self,
        request: Ask<pb::ListInquiriesRequest>,
    ) -> Answer<pb::ListInquiriesResponse> {
        let caller = self.caller(&request, Rpc::ListInquiries).await?;
        Desk::list_inquiries(self, request.get_ref(), &caller).await.map(Response::new)
    }

    async fn answer_inquiry(
        &self,
        request: Ask<pb::AnswerInquiryRequest>,
    ) -> Answer<pb::ReceivedInquiryView> {
        let caller = self.caller(&request, Rpc::AnswerInquiry).await?;
        Desk::answer_inquiry(self, request.into_inner(), &caller).await.map(Response::new)
    }

    async fn show_inquiry_answers(
        &self,
        request: Ask<pb::ShowInquiryAnswersRequest>,
    ) -> Answer<pb::InquiryAnswersView> {
        self.caller(&request, Rpc::ShowInquiryAnswers).await?;
        Ok(Response::new(Desk::show_inquiry_answers(self)))
    }

    async fn set_inquiry_answers(
        &self,
        request: Ask<pb::SetInquiryAnswersRequest>,
    ) -> Answer<pb::InquiryAnswersView> {
        self.caller(&request, Rpc::SetInquiryAnswers).await?;
        Desk::set_inquiry_answers(self, request.into_inner()).await.map(Response::new)
    }
}
