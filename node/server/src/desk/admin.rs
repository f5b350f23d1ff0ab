//! The node itself: status, users, partners.

use super::open::structure;
use super::view::number;
use super::{Caller, Desk, answer, replication, session};
use crate::link::LinkState;
use crate::pairing::agreement_hash;
use crate::peers::{AWAITED_MAX, CONFIRM_WITHIN, PeerError, PeerRecord, PeerTrust, Presence};
use crate::users::{Role, User, Work};
use relais_domain::content::YesNo;
use relais_domain::refusal::Refusal;
use relais_domain::structure_id::StructureId;
use relais_domain::thread::Trust;
use relais_proto::desk::v1 as desk;
use relais_proto::peer::v1 as peer;
use relais_store::rows::Waiting;
use relais_wire::content as translate;
use std::collections::BTreeSet;
use tonic::{Code, Request, Status};

impl Desk {
    pub(super) async fn whoami(
        &self,
        request: &Request<desk::WhoamiRequest>,
    ) -> Result<desk::WhoamiResponse, Status> {
        let caller = session::known(self, request).await?;
        if caller.is_none() {
            session::may_be_unknown(request)?;
        }
        Ok(desk::WhoamiResponse {
            structure_id: self.engine.own().structure().as_bytes().to_vec(),
            structure_name: self.own_name(),
            user: caller.map(|caller| user_view(&caller.user)),
            // A caller within this process is this process.
            uid: session::uid(request).unwrap_or_else(|| rustix::process::geteuid().as_raw()),
        })
    }

    /// The first user is added by the system user that runs the node; every other by an admin.
    pub(super) async fn add_user(
        &self,
        request: Request<desk::AddUserRequest>,
    ) -> Result<desk::UserView, Status> {
        let none_yet = self.users.all().await.map_err(|error| session::user_status(&error))?.is_empty();
        let runs_the_node = session::uid(&request) == Some(rustix::process::geteuid().as_raw());
        if !(none_yet && runs_the_node) {
            session::caller(self, &request, session::Rpc::AddUser).await?;
        }
        let asked = request.into_inner();
        let roles: BTreeSet<Role> =
            asked.roles.iter().map(|number| role(*number)).collect::<Result<_, _>>()?;
        let work = asked.professional.map(work).transpose()?;
        let added_ms = self.engine.clock().now().0;
        let user = User { work, added_ms, ..User::new(asked.name, roles, asked.uid) };
        self.users.add(user.clone()).await.map_err(|error| session::user_status(&error))?;
        Ok(user_view(&user))
    }

    pub(super) async fn list_users(&self) -> Result<desk::ListUsersResponse, Status> {
        let mut users = self.users.all().await.map_err(|error| session::user_status(&error))?;
        users.sort_by(|(_, a), (_, b)| a.name.cmp(&b.name));
        Ok(desk::ListUsersResponse { users: users.iter().map(|(_, user)| user_view(user)).collect() })
    }

    pub(super) async fn status(&self, caller: &Caller) -> Result<desk::StatusResponse, Status> {
        let store = self.engine.store();
        let fault = |error: relais_store::StoreError| answer::engine(error.into());
        let waiting = store.outbox_waiting().await.map_err(fault)?;
        let refusals = store.refusals().await.map_err(fault)?;
        let own = self.engine.own();
        let peers = self.engine.peers().all().into_iter().map(|(record, presence)| {
            let id = record.structure();
            // What was refused of directory records is told beside the directory.
            let envelopes = refusals.iter().filter(|count| !count.code.starts_with(replication::REFUSED));
            let refused = envelopes.filter(|count| count.peer == Some(id)).map(|count| count.count).sum();
            self.peer_status(&record, presence, waiting.iter().find(|row| row.peer == id), refused)
        });
        Ok(desk::StatusResponse {
            structure_id: own.structure().as_bytes().to_vec(),
            structure_name: self.own_name(),
            kind: self.own_kind().map_or(0, |kind| kind.to_proto().into()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_ms: self.started.0,
            clock_ms: self.engine.clock().now().0,
            ledger_size: store.ledger_size().await.map_err(fault)?,
            peers: peers.collect(),
            alarms: self.alarms(&waiting, caller).await?,
            listens: self.listens.clone(),
        })
    }

    fn peer_status(
        &self,
        record: &PeerRecord,
        presence: Presence,
        waiting: Option<&Waiting>,
        refused: u64,
    ) -> desk::PeerStatus {
        let id = record.structure();
        let link = match (self.links.state(id), record.trust()) {
            (LinkState::Down, _) => desk::LinkState::Closed,
            (LinkState::Up, PeerTrust::Paired) => desk::LinkState::Open,
            (LinkState::Up, PeerTrust::Pending | PeerTrust::Suspended | PeerTrust::Removed) => {
                desk::LinkState::EndingsOnly
            }
        };
        desk::PeerStatus {
            peer_id: id.as_bytes().to_vec(),
            name: record.name().to_owned(),
            trust: trust(record.trust()),
            link: link.into(),
            waiting: waiting.map_or(0, |row| row.waiting),
            parked: waiting.map_or(0, |row| row.parked),
            not_delivered_since_ms: waiting.and_then(|row| row.first_failed_at).map(|at| at.0),
            clock_difference_ms: presence.clock_difference.map(|difference| difference.0),
            heard_ms: presence.last_seen.map(|at| at.0),
            refused,
            met: self.met(id),
        }
    }

    /// Whether its node was ever seen as a partner's.
    fn met(&self, id: StructureId) -> i32 {
        number(if self.engine.peers().is_met(id) { YesNo::Yes } else { YesNo::No }.number())
    }

    /// Partners by this structure's word alone, for longer than [`AWAITED_MAX`].
    fn awaited_too_long(&self) -> impl Iterator<Item = desk::Alarm> {
        let (peers, now) = (self.engine.peers(), self.engine.clock().now());
        let late = move |record: &PeerRecord| {
            peers.is_awaited(record.structure()) && now >= record.since().plus(AWAITED_MAX)
        };
        peers.all().into_iter().map(|(record, _)| record).filter(late).map(|record| desk::Alarm {
            code: "partner-never-met".to_owned(),
            sentence: format!(
                "{} was confirmed here and its node was never seen: it has not confirmed, said no, or cannot be \
                 reached. Call them and check both, then pair anew or suspend it",
                record.name()
            ),
            peer_id: record.structure().as_bytes().to_vec(),
            since_ms: record.since().0,
            phone: self.directory.phone(record.structure()).unwrap_or_default(),
            ..desk::Alarm::default()
        })
    }

    /// What a human must know of, newest first.
    async fn alarms(&self, waiting: &[Waiting], caller: &Caller) -> Result<Vec<desk::Alarm>, Status> {
        let mut alarms = Vec::new();
        for row in waiting.iter().filter(|row| row.parked > 0) {
            let name = self.names(row.peer).peer;
            alarms.push(desk::Alarm {
                code: "messages-set-aside".to_owned(),
                sentence: format!("{} messages to {name} cannot be delivered: call them", row.parked),
                peer_id: row.peer.as_bytes().to_vec(),
                since_ms: row.oldest.0,
                phone: self.directory.phone(row.peer).unwrap_or_default(),
                ..desk::Alarm::default()
            });
        }
        for row in waiting.iter().filter(|row| row.waiting > 0) {
            if self.engine.peers().trust(row.peer) == Some(Trust::Removed) {
                alarms.push(self.undeliverable(row));
            }
        }
        alarms.extend(self.awaited_too_long());
        alarms.extend(self.thread_alarms());
        alarms.extend(self.refused_acts(caller).await?);
        alarms.extend(self.contradictions().await?);
        alarms.sort_by_key(|alarm| -alarm.since_ms);
        Ok(alarms)
    }

    /// Partners that signed two ledgers, or do not prove theirs.
    async fn contradictions(&self) -> Result<Vec<desk::Alarm>, Status> {
        let mut alarms = Vec::new();
        for (record, _) in self.engine.peers().all() {
            let known = self.ledger.of_peer(record.structure()).await;
            let known = known.map_err(|error| super::ledger::ledger_error(&error))?;
            let Some(known) = known else { continue };
            let name = record.name();
            let (code, since, sentence) = match (&known.contradiction, &known.unproven) {
                (Some(_), _) => (
                    "ledger-contradiction",
                    known.seen_at,
                    format!("{name} signed two ledgers that contradict each other: call them"),
                ),
                (None, Some(unproven)) => (
                    "ledger-unproven",
                    unproven.since,
                    format!(
                        "{name} does not prove that its ledger goes on from what it signed before: call them"
                    ),
                ),
                (None, None) => continue,
            };
            alarms.push(desk::Alarm {
                code: code.to_owned(),
                sentence,
                peer_id: record.structure().as_bytes().to_vec(),
                since_ms: since.0,
                phone: self.directory.phone(record.structure()).unwrap_or_default(),
                ..desk::Alarm::default()
            });
        }
        Ok(alarms)
    }

    /// Endings and erasures that a removed partner will not hear of by the network: someone must call.
    fn undeliverable(&self, row: &Waiting) -> desk::Alarm {
        let name = self.names(row.peer).peer;
        desk::Alarm {
            code: "partner-removed-messages-wait".to_owned(),
            sentence: format!(
                "{name} was removed and {} messages wait: call them, stops included",
                row.waiting
            ),
            peer_id: row.peer.as_bytes().to_vec(),
            since_ms: row.oldest.0,
            phone: self.directory.phone(row.peer).unwrap_or_default(),
            ..desk::Alarm::default()
        }
    }

    pub(super) fn list_peers(&self) -> desk::ListPeersResponse {
        let (pending, settled): (Vec<_>, Vec<_>) = self
            .engine
            .peers()
            .all()
            .into_iter()
            .map(|(record, _)| record)
            .partition(|record| record.trust() == PeerTrust::Pending);
        let mut peers: Vec<desk::PeerView> = settled.iter().map(|record| self.peer_view(record)).collect();
        peers.sort_by(|a, b| a.name.cmp(&b.name));
        let pairings = pending.iter().map(|record| self.pairing_view(record)).collect();
        desk::ListPeersResponse { peers, pairings }
    }

    fn peer_view(&self, record: &PeerRecord) -> desk::PeerView {
        let chain = record.chain();
        let manifest = chain.current();
        let claims = manifest.claims();
        desk::PeerView {
            peer_id: record.structure().as_bytes().to_vec(),
            name: record.name().to_owned(),
            kind: claims.kind.to_proto().into(),
            trust: trust(record.trust()),
            reason: peer::PeerChangeReason::Unspecified.into(),
            since_ms: record.since().0,
            endpoints: claims.endpoints.iter().map(|endpoint| endpoint.as_str().to_owned()).collect(),
            agreement_hash: record.agreement().as_bytes().to_vec(),
            manifest_sequence: manifest.sequence(),
            manifest_until_ms: claims.valid_until.0,
            met: self.met(record.structure()),
        }
    }

    pub(super) async fn set_trust(&self, peer_id: &[u8], trust: PeerTrust) -> Result<desk::PeerView, Status> {
        let id = structure(peer_id, "peer_id")?;
        let pending = self.engine.peers().peer(id).is_some_and(|one| one.trust() == PeerTrust::Pending);
        if pending && trust == PeerTrust::Paired {
            // Only who has compared the words makes a structure a partner.
            return Err(peer_error(&PeerError::NotFromHere("this structure is not confirmed yet")));
        }
        self.engine.peers().set_trust(id, trust).await.map_err(|error| peer_error(&error))?;
        if matches!(trust, PeerTrust::Suspended | PeerTrust::Removed) {
            // Whoever brings it again stands for it: what nobody else holds is gone with who brought it.
            let known = |structure| self.engine.peers().peer(structure).is_some();
            if let Err(error) = self.directory.drop_brought_by(id, known).await {
                tracing::warn!(peer.id = %id, %error, "What a partner brought could not be dropped");
            }
        }
        self.peer_of(id).map(|record| self.peer_view(&record))
    }

    fn peer_of(&self, id: StructureId) -> Result<PeerRecord, Status> {
        self.engine.peers().peer(id).ok_or_else(answer::not_there)
    }

    pub(super) async fn confirm_pairing(
        &self,
        request: desk::ConfirmPairingRequest,
        caller: &Caller,
    ) -> Result<desk::PairingView, Status> {
        let id = structure(&request.peer_id, "peer_id")?;
        let record = self.peer_of(id)?;
        if request.agreement_hash != record.agreement().as_bytes() {
            return Err(answer::field("agreement_hash", "is not that of the agreement both structures hold"));
        }
        match desk::PhraseComparison::try_from(request.comparison) {
            Ok(desk::PhraseComparison::Matches) => {
                if !self.holds_agreement_of(&record) {
                    return Err(other_agreement());
                }
                self.confirm_peer(id, &request.comparison_phrase).await?;
                tracing::info!(peer.id = %id, user = %caller.id, "Pairing confirmed");
                Ok(self.pairing_view(&self.peer_of(id)?))
            }
            Ok(desk::PhraseComparison::Differs) => {
                self.give_up_peer(id).await?;
                tracing::warn!(peer.id = %id, user = %caller.id, "Pairing given up: the phrase differed");
                let view = self.pairing_view(&record);
                Ok(desk::PairingView { state: desk::PairingState::Failed.into(), ..view })
            }
            Ok(desk::PhraseComparison::Unspecified) | Err(_) => {
                Err(answer::field("comparison", "say whether the phrase was the same"))
            }
        }
    }

    /// Whether the agreement that both proposed when they talked is still the one of this structure.
    fn holds_agreement_of(&self, record: &PeerRecord) -> bool {
        agreement_hash(&self.agreement) == record.agreement()
    }

    pub(super) fn pairing_view(&self, record: &PeerRecord) -> desk::PairingView {
        let state = match record.trust() {
            PeerTrust::Pending => desk::PairingState::AwaitsUs,
            PeerTrust::Paired => match self.links.state(record.structure()) {
                LinkState::Up => desk::PairingState::Paired,
                LinkState::Down => desk::PairingState::AwaitsThem,
            },
            PeerTrust::Suspended | PeerTrust::Removed => desk::PairingState::Failed,
        };
        let agreement_text =
            if self.holds_agreement_of(record) { self.agreement.clone() } else { String::new() };
        desk::PairingView {
            peer_id: record.structure().as_bytes().to_vec(),
            name: record.name().to_owned(),
            kind: record.chain().current().claims().kind.to_proto().into(),
            comparison_phrase: record.phrase().to_owned(),
            agreement_text,
            agreement_hash: record.agreement().as_bytes().to_vec(),
            state: state.into(),
            expires_ms: record.since().plus(CONFIRM_WITHIN).0,
        }
    }
}

/// The text that both proposed is not the one of today: nobody can read what they would agree to.
fn other_agreement() -> Status {
    let sentence = "this structure's agreement has changed since the two talked: give it up, and pair anew";
    answer::refused(Code::FailedPrecondition, "agreement_changed", None, sentence.to_owned())
}

fn trust(trust: PeerTrust) -> i32 {
    match trust {
        PeerTrust::Pending => peer::PeerTrust::Unspecified.into(),
        PeerTrust::Paired => peer::PeerTrust::Paired.into(),
        PeerTrust::Suspended => peer::PeerTrust::Suspended.into(),
        PeerTrust::Removed => peer::PeerTrust::Removed.into(),
    }
}

/// What a failure with a partner is answered with.
pub(super) fn peer_error(error: &PeerError) -> Status {
    match error {
        PeerError::Unknown => answer::not_there(),
        PeerError::NotFromHere(_) => {
            answer::refused(Code::FailedPrecondition, "partner", Some("peer_id"), error.to_string())
        }
        PeerError::GivenUp => {
            answer::refused(Code::FailedPrecondition, "given_up", Some("peer_id"), error.to_string())
        }
        PeerError::OtherWords => answer::field("comparison_phrase", &error.to_string()),
        PeerError::Corrupt(_) => answer::refused(Code::Internal, "corrupt", None, error.to_string()),
        PeerError::Commit(_) => answer::refused(Code::Unavailable, "store", None, error.to_string()),
    }
}

/// Work name and contact, if a partner would take them in an acceptance.
pub(super) fn work(asked: peer::Professional) -> Result<Work, Status> {
    let professional = translate::professional_from_proto(asked).map_err(|error| answer::content(&error))?;
    Work::of(professional).map_err(|error| answer::engine(Refusal::Field(error).into()))
}

pub(super) fn role(number: i32) -> Result<Role, Status> {
    match desk::Role::try_from(number) {
        Ok(desk::Role::Counsellor) => Ok(Role::Counsellor),
        Ok(desk::Role::Coordinator) => Ok(Role::Coordinator),
        Ok(desk::Role::Admin) => Ok(Role::Admin),
        Ok(desk::Role::Auditor) => Ok(Role::Auditor),
        Ok(desk::Role::Unspecified) | Err(_) => {
            Err(answer::field("roles", "counsellor, coordinator, admin or auditor"))
        }
    }
}

pub(super) fn user_view(user: &User) -> desk::UserView {
    let role = |role: &Role| match role {
        Role::Counsellor => desk::Role::Counsellor.into(),
        Role::Coordinator => desk::Role::Coordinator.into(),
        Role::Admin => desk::Role::Admin.into(),
        Role::Auditor => desk::Role::Auditor.into(),
    };
    desk::UserView {
        name: user.name.clone(),
        roles: user.roles.iter().map(role).collect(),
        uid: user.uid,
        closed: if user.is_open() { peer::YesNo::No } else { peer::YesNo::Yes }.into(),
        professional: user.work.as_ref().map(|work| translate::professional_to_proto(&work.professional())),
        added_ms: user.added_ms,
    }
}
