//! For each rpc, a request about what is there and the same about what is not.

use super::descriptors::path;
use super::table::Asker;
use anyhow::{Context as _, Result};
use prost::Message as _;
use relais_proto::desk::v1::{self as desk, ledger_prove_request::Subject};
use relais_proto::peer::v1 as peer;
use relais_tests::case::{self, Case, SERVICE, handover_content, services};
use relais_tests::desk::{Desk, Id, Thread, fresh};
use relais_tests::tamper::uuid;
use relais_tests::town::{SOON, Two, id_of};
use relais_tests::wait::holds;

/// What is there to be asked for.
#[derive(Clone, Debug)]
pub(crate) struct Things {
    /// The partner.
    pub(crate) peer: Id,
    /// A referral to it.
    pub(crate) thread: Thread,
    /// A follow-up that belongs to whoever wrote these things.
    pub(crate) follow_up: Id,
    /// An event of the referral.
    pub(crate) message: Vec<u8>,
    /// An invitation of the partner that is still open.
    pub(crate) link: String,
    /// A draft of whoever wrote these things.
    pub(crate) draft: Vec<u8>,
    /// An integration.
    pub(crate) integration: Vec<u8>,
    /// A user.
    pub(crate) user: String,
    /// An inquiry of this structure.
    pub(crate) inquiry: Vec<u8>,
    /// An inquiry of the partner.
    pub(crate) asked: Vec<u8>,
    /// A service of this structure.
    pub(crate) service: String,
}

/// The users that are added beside the founder.
pub(crate) const ROLES: [(Asker, desk::Role); 4] = [
    (Asker::Counsellor, desk::Role::Counsellor),
    (Asker::Coordinator, desk::Role::Coordinator),
    (Asker::Admin, desk::Role::Admin),
    (Asker::Auditor, desk::Role::Auditor),
];

impl Things {
    /// Writes them at the agency.
    pub(crate) async fn written(two: &Two) -> Result<Self> {
        let (agency, hub) = two.desks().await?;
        let case = Case::default();
        let follow_up =
            agency.client().open_follow_up(case.follow_up(vec![])).await?.into_inner().follow_up_id;
        let thread = id_of(&agency.refer(case.referral(&two.hub_id)).await?)?;
        agency.delivered(&thread, SOON).await?;
        let view = agency.show(&thread).await?;
        let message = view.timeline.first().context("a first event")?.message_id.clone();
        let request = desk::CreateInvitationRequest::default();
        let link = hub.client().create_invitation(request).await?.into_inner().link;
        let user = founder(&agency).await?;
        let draft = fresh();
        let save = desk::SaveDraftRequest {
            draft_id: draft.clone(),
            form: "referral".to_owned(),
            fields: b"{\"note\":\"Amina\"}".to_vec(),
            subject: b"prenom=Amina".to_vec(),
        };
        agency.client().save_draft(save).await?;
        let create = desk::CreateIntegrationRequest {
            name: "logiciel".to_owned(),
            scopes: vec![desk::Scope::FlowsRead.into()],
            user: user.clone(),
            validity_days: 30,
        };
        let created = agency.client().create_integration(create).await?.into_inner();
        let integration = created.integration.context("an integration")?.integration_id;
        let inquiry = agency.client().ask_inquiry(ask()).await?.into_inner().inquiry_id;
        let asked = hub.client().ask_inquiry(ask()).await?.into_inner().inquiry_id;
        arrives(&agency, &asked).await?;
        let (peer, service) = (two.hub_id.clone(), SERVICE.to_owned());
        Ok(Self { peer, thread, follow_up, message, link, draft, integration, user, inquiry, asked, service })
    }

    /// The same of what is not there.
    pub(crate) fn invented(&self) -> Self {
        let link = self.link.replace("/join/127.0.0.1:", "/join/127.0.0.2:");
        Self {
            peer: vec![7; 32],
            thread: uuid(),
            follow_up: uuid(),
            message: uuid(),
            link,
            draft: uuid(),
            integration: uuid(),
            user: "personne".to_owned(),
            inquiry: uuid(),
            asked: uuid(),
            service: "nulle-part".to_owned(),
        }
    }

    /// The bytes of a request of this rpc about these things. An rpc that names nothing takes an empty message.
    pub(crate) fn request(&self, rpc: &str) -> Vec<u8> {
        match rpc.trim_start_matches("Desk.") {
            "AddUser" | "CreateInvitation" | "JoinInvitation" | "ConfirmPairing" | "SuspendPeer"
            | "ResumePeer" | "RemovePeer" | "ImportServices" | "SetCapacity" | "SetWalkIn"
            | "WithdrawService" | "FindReference" => self.of_the_node(rpc),
            "SeedDirectory" | "ShowOpenEntry" | "ExportServices" | "RemoveOpenData" | "RefuseStructure"
            | "AllowStructure" => self.of_the_directory(rpc),
            "EndorsePeer"
            | "WithdrawEndorsement"
            | "AskIntroduction"
            | "RefuseIntroduction"
            | "WithdrawInvitation" => self.of_introductions(rpc),
            "ChangeUser" | "CreateSignInLink" | "CreateIntegration" | "RevokeIntegration" | "ShowDraft"
            | "DiscardDraft" => self.of_accounts(rpc),
            "CancelDelayed" => {
                let thread_id = self.thread.clone();
                desk::CancelDelayedRequest { thread_id, delayed_id: uuid() }.encode_to_vec()
            }
            "ListServices" => {
                desk::ListServicesRequest { structure_id: self.peer.clone(), ..Default::default() }
                    .encode_to_vec()
            }
            "FindServices" => desk::FindServicesRequest {
                theme: case::THEME.to_owned(),
                commune: case::COMMUNE.to_owned(),
                limit: 1,
                ..Default::default()
            }
            .encode_to_vec(),
            "ShowNotice" => {
                desk::ShowNoticeRequest { purpose: peer::Purpose::Referral.into(), ..Default::default() }
                    .encode_to_vec()
            }
            "OpenReferral" | "PreviewReferral" => self.referral().encode_to_vec(),
            "OpenHandover" => self.handover().encode_to_vec(),
            "ShowThread" => desk::ShowThreadRequest { thread_id: self.thread.clone() }.encode_to_vec(),
            "ShowConsent" => desk::ShowConsentRequest { thread_id: self.thread.clone() }.encode_to_vec(),
            "WaitDelivered" => {
                desk::WaitDeliveredRequest { thread_id: self.thread.clone(), timeout_ms: 1 }.encode_to_vec()
            }
            "Act" => desk::ActRequest {
                request_id: fresh(),
                thread_id: self.thread.clone(),
                act: Some(case::note("La suite")),
                ..Default::default()
            }
            .encode_to_vec(),
            "OpenFollowUp" => Case::default().follow_up(vec![]).encode_to_vec(),
            "ShowFollowUp" => {
                desk::ShowFollowUpRequest { follow_up_id: self.follow_up.clone() }.encode_to_vec()
            }
            "AskInquiry" | "ShowInquiry" | "ListInquiries" | "AnswerInquiry" | "SetInquiryAnswers" => {
                self.of_inquiries(rpc)
            }
            "LedgerProve" => {
                let subject = Some(Subject::MessageId(self.message.clone()));
                desk::LedgerProveRequest { subject }.encode_to_vec()
            }
            _ => Vec::new(),
        }
    }

    fn of_the_node(&self, rpc: &str) -> Vec<u8> {
        let peer_id = self.peer.clone();
        let reason = peer::PeerChangeReason::KeyCompromise.into();
        match rpc.trim_start_matches("Desk.") {
            "FindReference" => {
                desk::FindReferenceRequest { reference: "0123-4567".to_owned() }.encode_to_vec()
            }
            "AddUser" => desk::AddUserRequest {
                name: fresh().iter().map(|byte| format!("{byte:02x}")).collect(),
                roles: vec![desk::Role::Admin.into()],
                ..Default::default()
            }
            .encode_to_vec(),
            "JoinInvitation" => desk::JoinInvitationRequest { link: self.link.clone() }.encode_to_vec(),
            "ConfirmPairing" => desk::ConfirmPairingRequest {
                peer_id,
                comparison: desk::PhraseComparison::Matches.into(),
                agreement_hash: vec![0; 32],
                ..Default::default()
            }
            .encode_to_vec(),
            "SuspendPeer" => desk::SuspendPeerRequest { peer_id, reason }.encode_to_vec(),
            "ResumePeer" => desk::ResumePeerRequest { peer_id }.encode_to_vec(),
            "RemovePeer" => desk::RemovePeerRequest { peer_id, reason }.encode_to_vec(),
            "ImportServices" => {
                desk::ImportServicesRequest { json: services(&[SERVICE, "autre"]).into_bytes() }
                    .encode_to_vec()
            }
            "SetCapacity" => {
                desk::SetCapacityRequest { service_id: SERVICE.to_owned(), ..Default::default() }
                    .encode_to_vec()
            }
            "SetWalkIn" => desk::SetWalkInRequest { service_id: SERVICE.to_owned(), ..Default::default() }
                .encode_to_vec(),
            "WithdrawService" => {
                desk::WithdrawServiceRequest { service_id: self.service.clone(), ..Default::default() }
                    .encode_to_vec()
            }
            _ => Vec::new(),
        }
    }

    fn of_the_directory(&self, rpc: &str) -> Vec<u8> {
        let structure_id = self.peer.clone();
        match rpc.trim_start_matches("Desk.") {
            "RefuseStructure" => desk::RefuseStructureRequest { structure_id }.encode_to_vec(),
            "AllowStructure" => desk::AllowStructureRequest { structure_id }.encode_to_vec(),
            "SeedDirectory" => {
                let dump = serde_json::json!([{
                    "source": "essai", "structure_id": "essai--1", "id": "essai--a", "nom": "Essai",
                    "description": "Un essai.", "date_maj": "2026-09-01",
                }])
                .to_string();
                let bytes = u64::try_from(dump.len()).unwrap_or(0);
                desk::SeedPiece {
                    source: "essai".to_owned(),
                    file: Some(desk::SeedFile { name: "essai.json".to_owned() }),
                    data: dump.into_bytes(),
                    end: Some(desk::SeedEnd { bytes }),
                }
                .encode_to_vec()
            }
            "ShowOpenEntry" => {
                desk::ShowOpenEntryRequest { service_id: "essai--a".to_owned() }.encode_to_vec()
            }
            "ExportServices" => {
                desk::ExportServicesRequest { format: desk::ExportFormat::Json.into(), ..Default::default() }
                    .encode_to_vec()
            }
            "RemoveOpenData" => desk::RemoveOpenDataRequest { source: "essai".to_owned() }.encode_to_vec(),
            _ => Vec::new(),
        }
    }

    fn of_introductions(&self, rpc: &str) -> Vec<u8> {
        let structure_id = self.peer.clone();
        match rpc.trim_start_matches("Desk.") {
            "EndorsePeer" => desk::EndorsePeerRequest {
                peer_id: structure_id,
                territories: vec!["17".to_owned()],
                ..Default::default()
            }
            .encode_to_vec(),
            "WithdrawEndorsement" => {
                desk::WithdrawEndorsementRequest { subject_id: structure_id }.encode_to_vec()
            }
            "AskIntroduction" => {
                desk::AskIntroductionRequest { structure_id, ..Default::default() }.encode_to_vec()
            }
            "RefuseIntroduction" => desk::RefuseIntroductionRequest { structure_id }.encode_to_vec(),
            "WithdrawInvitation" => desk::WithdrawInvitationRequest { number: vec![7; 8] }.encode_to_vec(),
            _ => Vec::new(),
        }
    }

    fn of_accounts(&self, rpc: &str) -> Vec<u8> {
        let (name, draft_id) = (self.user.clone(), self.draft.clone());
        match rpc.trim_start_matches("Desk.") {
            "ChangeUser" => desk::ChangeUserRequest { name, ..Default::default() }.encode_to_vec(),
            "CreateSignInLink" => {
                desk::CreateSignInLinkRequest { name, ..Default::default() }.encode_to_vec()
            }
            "CreateIntegration" => desk::CreateIntegrationRequest {
                name: fresh().iter().map(|byte| format!("{byte:02x}")).collect(),
                scopes: vec![desk::Scope::FlowsRead.into()],
                ..Default::default()
            }
            .encode_to_vec(),
            "RevokeIntegration" => {
                let integration_id = self.integration.clone();
                desk::RevokeIntegrationRequest { integration_id }.encode_to_vec()
            }
            "ShowDraft" => desk::ShowDraftRequest { draft_id }.encode_to_vec(),
            "DiscardDraft" => desk::DiscardDraftRequest { draft_id }.encode_to_vec(),
            _ => Vec::new(),
        }
    }

    fn of_inquiries(&self, rpc: &str) -> Vec<u8> {
        match rpc.trim_start_matches("Desk.") {
            "AskInquiry" => ask().encode_to_vec(),
            "ShowInquiry" => desk::ShowInquiryRequest { inquiry_id: self.inquiry.clone() }.encode_to_vec(),
            "ListInquiries" => theirs().encode_to_vec(),
            "AnswerInquiry" => desk::AnswerInquiryRequest {
                peer_id: self.peer.clone(),
                inquiry_id: self.asked.clone(),
                kind: peer::InquiryAnswerKind::Cannot.into(),
                ..Default::default()
            }
            .encode_to_vec(),
            "SetInquiryAnswers" => {
                desk::SetInquiryAnswersRequest { automatic: peer::YesNo::No.into() }.encode_to_vec()
            }
            _ => Vec::new(),
        }
    }

    /// A referral of this follow-up to this partner.
    pub(crate) fn referral(&self) -> desk::OpenReferralRequest {
        let request = Case::default().referral(&self.peer);
        desk::OpenReferralRequest { follow_up_id: self.follow_up.clone(), ..request }
    }

    /// A handover of this follow-up to this partner.
    pub(crate) fn handover(&self) -> desk::OpenHandoverRequest {
        Case::default().handover(&self.peer, &self.follow_up, handover_content())
    }
}

/// An inquiry that the other structure is asked.
fn ask() -> desk::AskInquiryRequest {
    desk::AskInquiryRequest {
        request_id: fresh(),
        theme: case::THEME.to_owned(),
        commune: case::COMMUNE.to_owned(),
        constraints: None,
    }
}

fn theirs() -> desk::ListInquiriesRequest {
    let direction = desk::InquiryDirection::Theirs.into();
    desk::ListInquiriesRequest { direction, ..Default::default() }
}

/// Waits until a partner's inquiry has come.
async fn arrives(at: &Desk, inquiry_id: &[u8]) -> Result<()> {
    holds("the partner's inquiry arrives", SOON, async || {
        let listed = at.client().list_inquiries(theirs()).await?.into_inner().theirs;
        Ok(listed.iter().any(|one| one.inquiry_id == inquiry_id))
    })
    .await?;
    Ok(())
}

/// The user that `relais init` made: before others are added, whoever asks is taken for them.
pub(crate) async fn founder(at: &Desk) -> Result<String> {
    let answer = at.client().whoami(desk::WhoamiRequest::default()).await?.into_inner();
    Ok(answer.user.context("the node knows who made it")?.name)
}

/// Lets `by` add a user of this name and role, bound to the uid that runs these tests.
pub(crate) async fn add_user(at: &Desk, by: &str, name: &str, role: desk::Role) -> Result<()> {
    let uid = rustix::process::geteuid().as_raw();
    let request = desk::AddUserRequest {
        name: name.to_owned(),
        roles: vec![role.into()],
        uid: Some(uid),
        ..Default::default()
    };
    at.call(&path("Desk.AddUser"), by, request.encode_to_vec()).await?;
    Ok(())
}
