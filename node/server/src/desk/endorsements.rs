//! Recommending partners to each other.

use super::open::structure;
use super::services::directory_error;
use super::{Desk, answer};
use crate::directory::{EndorseError, EndorsementStanding, ShownEndorsement};
use relais_domain::directory::{
    ENDORSEMENT_LIFETIME_MAX, Endorsement, Pin, SCOPE_ENTRIES_MAX, Scope, Voucher,
};
use relais_domain::structure_id::StructureId;
use relais_domain::territory::Coverage;
use relais_domain::time::Timestamp;
use relais_proto::desk::v1 as desk;
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
        let paired = peers.is_paired(subject);
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

    pub(super) fn voucher_view(&self, voucher: &Voucher) -> desk::EndorsementView {
        self.endorsement_view(&ShownEndorsement {
            by: voucher.by,
            subject: voucher.endorsement.subject,
            endorsement: Some(voucher.endorsement.clone()),
            issued_at: voucher.issued_at,
            expires_at: voucher.expires_at,
            standing: EndorsementStanding::Holds,
        })
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
    if territories.len() > SCOPE_ENTRIES_MAX {
        return Err(answer::field("territories", "at most 16 territories"));
    }
    // Partners are so for every need: a word for some of them would open nothing.
    if !themes.is_empty() {
        return Err(answer::field("themes", "a recommendation is for every need"));
    }
    let codes: Vec<&str> = territories.iter().map(String::as_str).collect();
    let territories =
        Coverage::parse(&codes).map_err(|error| answer::field("territories", &error.to_string()))?;
    Ok(Scope { territories, themes: BTreeSet::new() })
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
