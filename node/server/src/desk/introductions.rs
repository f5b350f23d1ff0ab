//! Becoming partners with structures that a partner recommends.

use super::admin::peer_error;
use super::open::structure;
use super::{Desk, answer};
use crate::introductions::{IntroduceError, Introduction, Standing};
use crate::peers::{Origin, PeerTrust};
use relais_domain::structure_id::StructureId;
use relais_proto::desk::v1 as desk;
use relais_wire::endpoint::Endpoint;
use tonic::{Code, Status};

impl Desk {
    /// Notes that this structure asks, and dials the other one once.
    pub(super) async fn ask_introduction(
        &self,
        request: &desk::AskIntroductionRequest,
    ) -> Result<desk::IntroductionView, Status> {
        let other = match request.structure.trim() {
            "" => structure(&request.structure_id, "structure_id")?,
            text => {
                StructureId::parse(text).map_err(|error| answer::field("structure", &error.to_string()))?
            }
        };
        let endpoint = match request.endpoint.trim() {
            "" => self.pairing_endpoint(other),
            text => {
                let parsed = Endpoint::parse(text);
                Some(parsed.map_err(|error| answer::field("endpoint", &error.to_string()))?)
            }
        };
        let asked = self.introductions.ask(other, endpoint).await;
        asked.map_err(|error| introduce_error(&error))?;
        let tried = self.introductions.try_once(other, &self.joiner).await;
        Ok(self.introduction_view(&tried.map_err(|error| introduce_error(&error))?))
    }

    /// Where the pairing listener of a structure is, by its manifests held here.
    fn pairing_endpoint(&self, other: StructureId) -> Option<Endpoint> {
        let chain = self.engine.peers().chain(other)?;
        chain.current().claims().pairing_endpoints.first().cloned()
    }

    /// What waits for this structure first, then the newest first.
    pub(super) async fn list_introductions(&self) -> Result<desk::ListIntroductionsResponse, Status> {
        let mut all = self.introductions.list().await.map_err(|error| introduce_error(&error))?;
        let waits = |one: &Introduction| one.standing == Standing::AwaitsUs;
        all.sort_by_key(|one| (!waits(one), !one.is_under_way(), std::cmp::Reverse(one.begun), one.with));
        let introductions = all.iter().map(|one| self.introduction_view(one)).collect();
        Ok(desk::ListIntroductionsResponse { introductions })
    }

    pub(super) async fn refuse_introduction(
        &self,
        request: &desk::RefuseIntroductionRequest,
    ) -> Result<desk::IntroductionView, Status> {
        let other = structure(&request.structure_id, "structure_id")?;
        let refused = self.introductions.refuse(other).await;
        Ok(self.introduction_view(&refused.map_err(|error| introduce_error(&error))?))
    }

    /// Makes a structure whose words were compared a partner; one that was introduced, if someone still vouches for it.
    pub(super) async fn confirm_peer(&self, other: StructureId) -> Result<(), Status> {
        let peers = self.engine.peers();
        match peers.peer(other).map(|record| (record.trust(), record.origin())) {
            Some((PeerTrust::Pending, Origin::Introduction)) => {
                self.introductions.confirm(other).await.map_err(|error| introduce_error(&error))
            }
            _ => peers.set_trust(other, PeerTrust::Paired).await.map_err(|error| peer_error(&error)),
        }
    }

    /// Gives a structure up whose words were others.
    pub(super) async fn give_up_peer(&self, other: StructureId) -> Result<(), Status> {
        let peers = self.engine.peers();
        match peers.peer(other).map(|record| (record.trust(), record.origin())) {
            Some((PeerTrust::Pending, Origin::Introduction)) => {
                let refused = self.introductions.refuse(other).await;
                refused.map(|_| ()).map_err(|error| introduce_error(&error))
            }
            _ => peers.decline(other).await.map_err(|error| peer_error(&error)),
        }
    }
}

fn introduce_error(error: &IntroduceError) -> Status {
    let (code, name, field) = match error {
        IntroduceError::Peer(error) => return peer_error(error),
        IntroduceError::Unknown => (Code::NotFound, "no_introduction", Some("structure_id")),
        IntroduceError::NotVouched => (Code::FailedPrecondition, "not_vouched", Some("structure_id")),
        IntroduceError::Ourselves => (Code::InvalidArgument, "field", Some("structure_id")),
        IntroduceError::NoEndpoint => (Code::InvalidArgument, "endpoint_unknown", Some("endpoint")),
        IntroduceError::UnderWay => {
            (Code::FailedPrecondition, "introduction_under_way", Some("structure_id"))
        }
        IntroduceError::TooMany => (Code::ResourceExhausted, "limit", None),
        IntroduceError::SaidNo(_) => (Code::FailedPrecondition, "said_no", Some("structure_id")),
        IntroduceError::Corrupt => (Code::Internal, "corrupt", None),
        IntroduceError::Commit(relais_store::CommitError::Conflict) => (Code::Aborted, "busy", None),
        IntroduceError::Commit(_) => (Code::Unavailable, "store", None),
    };
    answer::refused(code, name, field, error.to_string())
}
