//! Recommending partners, and becoming partners with structures that a partner recommends.

use super::admin::peer_error;
use super::open::structure;
use super::services::directory_error;
use super::{Desk, answer};
use crate::directory::{EndorseError, EndorsementStanding, ShownEndorsement};
use crate::introductions::{IntroduceError, Introduction, Side, Standing, Trouble};
use crate::peers::{Origin, PeerTrust};
use relais_domain::directory::{
    ENDORSEMENT_LIFETIME_MAX, Endorsement, Pin, SCOPE_ENTRIES_MAX, Scope, Voucher,
};
use relais_domain::structure_id::StructureId;
use relais_domain::territory::Coverage;
use relais_domain::theme::Theme;
use relais_domain::thread::Trust;
use relais_domain::time::Timestamp;
use relais_proto::desk::v1 as desk;
use relais_wire::endpoint::Endpoint;
use std::collections::BTreeSet;
use tonic::{Code, Status};

impl Desk {
    /// Recommends a partner by the manifest it has now.
    pub(super) async fn endorse(
        &self,
        request: &desk::EndorsePeerRequest,
    ) -> Result<desk::EndorsementView, Status> {
        let subject = structure(&request.peer_id, "peer_id")?;
        let peers = self.engine.peers();
        let paired = peers.trust(subject) == Some(Trust::Paired);
        let chain = peers.chain(subject).filter(|_| paired).ok_or_else(|| {
            let sentence = "only a partner can be recommended: see `relais peers`".to_owned();
            answer::refused(Code::FailedPrecondition, "partner", Some("peer_id"), sentence)
        })?;
        let current = chain.current();
        let pin = Pin { sequence: current.sequence(), manifest: current.identity() };
        let scope = scope(&request.territories, &request.themes)?;
        let until = match request.until_ms {
            0 => self.engine.clock().now().plus(ENDORSEMENT_LIFETIME_MAX),
            until => Timestamp(until),
        };
        let endorsed = self.directory.endorse(Endorsement { subject, pin, scope }, until).await;
        endorsed.map_err(|error| endorse_error(&error))?;
        tracing::info!(peer.id = %subject, "A partner is recommended");
        self.given(subject)
    }

    pub(super) async fn withdraw_endorsement(
        &self,
        request: &desk::WithdrawEndorsementRequest,
    ) -> Result<desk::EndorsementView, Status> {
        let subject = structure(&request.subject_id, "subject_id")?;
        let withdrawn = self.directory.withdraw_endorsement(subject).await;
        withdrawn.map_err(|error| endorse_error(&error))?;
        tracing::info!(peer.id = %subject, "A recommendation is taken back");
        self.given(subject)
    }

    fn given(&self, subject: StructureId) -> Result<desk::EndorsementView, Status> {
        let given = self.directory.endorsements_given();
        let given = given.iter().find(|one| one.subject == subject).ok_or_else(answer::not_there)?;
        Ok(self.endorsement_view(given))
    }

    pub(super) fn list_endorsements(&self) -> desk::ListEndorsementsResponse {
        let given = self.directory.endorsements_given();
        let received = self.directory.endorsements_of(self.engine.own().structure());
        desk::ListEndorsementsResponse {
            given: given.iter().map(|one| self.endorsement_view(one)).collect(),
            received: received.iter().map(|one| self.voucher_view(one)).collect(),
        }
    }

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

    /// The name of a structure, as far as it is known here.
    fn known_name(&self, structure: StructureId) -> String {
        if structure == self.engine.own().structure() {
            return self.own_name();
        }
        let partner = self.engine.peers().peer(structure).map(|record| record.name().to_owned());
        let published = || self.directory.profile(structure).map(|profile| profile.name);
        partner.or_else(published).unwrap_or_default()
    }

    fn endorsement_view(&self, shown: &ShownEndorsement) -> desk::EndorsementView {
        let standing = match shown.standing {
            EndorsementStanding::Holds => desk::EndorsementStanding::Holds,
            EndorsementStanding::Ended => desk::EndorsementStanding::Ended,
            EndorsementStanding::Withdrawn => desk::EndorsementStanding::Withdrawn,
        };
        let (territories, themes) = shown.endorsement.as_ref().map(said).unwrap_or_default();
        desk::EndorsementView {
            by_id: shown.by.as_bytes().to_vec(),
            by_name: self.known_name(shown.by),
            subject_id: shown.subject.as_bytes().to_vec(),
            subject_name: self.known_name(shown.subject),
            territories,
            themes,
            since_ms: shown.issued_at.0,
            until_ms: shown.expires_at.0,
            standing: standing.into(),
        }
    }

    fn voucher_view(&self, voucher: &Voucher) -> desk::EndorsementView {
        self.endorsement_view(&ShownEndorsement {
            by: voucher.by,
            subject: voucher.endorsement.subject,
            endorsement: Some(voucher.endorsement.clone()),
            issued_at: voucher.issued_at,
            expires_at: voucher.expires_at,
            standing: EndorsementStanding::Holds,
        })
    }

    fn introduction_view(&self, introduction: &Introduction) -> desk::IntroductionView {
        let chain = self.engine.peers().chain(introduction.with);
        let vouchers = match (introduction.is_under_way(), chain) {
            (false, _) => Vec::new(),
            (true, Some(chain)) => self.introductions.vouchers(&chain),
            (true, None) => self.introductions.recommended_by(introduction.with),
        };
        let asks = introduction.standing == Standing::Asking;
        desk::IntroductionView {
            structure_id: introduction.with.as_bytes().to_vec(),
            name: introduction.name.clone(),
            side: side(introduction.side).into(),
            standing: standing(introduction.standing).into(),
            begun_ms: introduction.begun.0,
            expires_ms: introduction.expires.0,
            vouchers: vouchers.iter().map(|one| self.voucher_view(one)).collect(),
            tries: introduction.tries,
            next_try_ms: asks.then_some(introduction.next_try.0),
            trouble: introduction.trouble.map_or(desk::IntroductionTrouble::Unspecified, trouble).into(),
            endpoints: introduction.endpoints.iter().map(|one| one.as_str().to_owned()).collect(),
        }
    }
}

/// Territories and themes, as codes.
fn said(endorsement: &Endorsement) -> (Vec<String>, Vec<String>) {
    let Scope { territories, themes } = &endorsement.scope;
    let territories = territories.territories().iter().map(ToString::to_string).collect();
    (territories, themes.iter().map(|theme| theme.code().to_owned()).collect())
}

fn scope(territories: &[String], themes: &[String]) -> Result<Scope, Status> {
    if territories.is_empty() {
        return Err(answer::field("territories", "name one at least; `france` stands for all"));
    }
    if territories.len().max(themes.len()) > SCOPE_ENTRIES_MAX {
        return Err(answer::field("territories", "at most 16 territories and 16 needs"));
    }
    let codes: Vec<&str> = territories.iter().map(String::as_str).collect();
    let territories =
        Coverage::parse(&codes).map_err(|error| answer::field("territories", &error.to_string()))?;
    let theme = |code: &String| {
        Theme::parse(code).ok_or_else(|| answer::field("themes", "a need that data·inclusion does not know"))
    };
    let themes: BTreeSet<Theme> = themes.iter().map(theme).collect::<Result<_, _>>()?;
    Ok(Scope { territories, themes })
}

fn side(side: Side) -> desk::IntroductionSide {
    match side {
        Side::AskedByUs => desk::IntroductionSide::AskedByUs,
        Side::AskedOfUs => desk::IntroductionSide::AskedOfUs,
    }
}

fn standing(standing: Standing) -> desk::IntroductionStanding {
    match standing {
        Standing::Asking => desk::IntroductionStanding::Asking,
        Standing::AwaitsUs => desk::IntroductionStanding::AwaitsUs,
        Standing::Confirmed => desk::IntroductionStanding::Confirmed,
        Standing::RefusedHere => desk::IntroductionStanding::RefusedHere,
        Standing::RefusedThere => desk::IntroductionStanding::RefusedThere,
        Standing::Lapsed => desk::IntroductionStanding::Lapsed,
        Standing::Expired => desk::IntroductionStanding::Expired,
    }
}

fn trouble(trouble: Trouble) -> desk::IntroductionTrouble {
    match trouble {
        Trouble::Unreachable => desk::IntroductionTrouble::Unreachable,
        Trouble::NotVouchedThere => desk::IntroductionTrouble::NotVouchedThere,
        Trouble::Full => desk::IntroductionTrouble::Full,
        Trouble::Agreement => desk::IntroductionTrouble::Agreement,
        Trouble::Known => desk::IntroductionTrouble::Known,
        Trouble::NotBelieved => desk::IntroductionTrouble::NotBelieved,
        Trouble::Unknown => desk::IntroductionTrouble::Unknown,
    }
}

fn endorse_error(error: &EndorseError) -> Status {
    let field = match error {
        EndorseError::Lifetime => "until_ms",
        EndorseError::Scope => "territories",
        EndorseError::Ourselves => "peer_id",
        EndorseError::NotEndorsed => {
            let sentence = error.to_string();
            return answer::refused(Code::NotFound, "not_endorsed", Some("subject_id"), sentence);
        }
        EndorseError::Directory(error) => return directory_error(error),
    };
    answer::refused(Code::InvalidArgument, "endorsement", Some(field), error.to_string())
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
