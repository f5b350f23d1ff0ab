//! Every cell, played against a real node over its Unix socket.

use super::descriptors::path;
use super::requests::{ROLES, Things, add_user, founder};
use super::table::{Asker, Cell, Table, table};
use anyhow::{Context as _, Result, anyhow, ensure};
use prost::Message as _;
use relais_domain::ledger_leaf::LeafKind;
use relais_proto::desk::v1 as desk;
use relais_server::home::Home;
use relais_store::Store as _;
use relais_store::vault::NodeKey;
use relais_store_sqlite::{Options, SqliteStore};
use relais_tests::desk::Desk;
use relais_tests::town::Two;
use tonic::{Code, Status};

/// Cells that must be played at least, so that an empty table proves nothing.
const PLAYED_MIN: usize = 100;

/// A node with one user of each role, a partner, and something of everything.
struct Played {
    two: Two,
    agency: Desk,
    table: Table,
    there: Things,
}

/// What of an answer a caller can tell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Told {
    code: Code,
    sentence: String,
    metadata: Vec<String>,
    details: Vec<u8>,
}

impl Told {
    pub(super) fn of(status: &Status) -> Self {
        let said = status.metadata().iter().filter_map(|entry| match entry {
            tonic::metadata::KeyAndValueRef::Ascii(key, _)
                if matches!(key.as_str(), "date" | "content-type") =>
            {
                None
            }
            tonic::metadata::KeyAndValueRef::Ascii(key, value) => Some(format!("{key}={value:?}")),
            tonic::metadata::KeyAndValueRef::Binary(key, value) => Some(format!("{key}={value:?}")),
        });
        let mut metadata: Vec<String> = said.collect();
        metadata.sort();
        Self {
            code: status.code(),
            sentence: status.message().to_owned(),
            metadata,
            details: status.details().to_vec(),
        }
    }

    fn says(&self, code: &str) -> bool {
        self.metadata.contains(&format!("relais-code={code:?}"))
    }

    /// Whether the caller was refused for who they are.
    fn refuses_the_caller(&self) -> bool {
        self.says("role") || self.says("unknown_user")
    }
}

impl Played {
    async fn start() -> Result<Self> {
        let two = Two::start().await?;
        let agency = two.agency.desk().await?;
        let there = Things::written(&two).await?;
        let first = founder(&agency).await?;
        for (asker, role) in ROLES {
            add_user(&agency, &first, &asker.user(), role).await?;
        }
        Ok(Self { two, agency, table: table()?, there })
    }

    fn cells(&self, which: Cell) -> Vec<(&str, Asker)> {
        let cells = self.table.iter().flat_map(|(rpc, row)| row.iter().map(move |cell| (rpc.as_str(), cell)));
        cells.filter(|(_, (_, cell))| **cell == which).map(|(rpc, (asker, _))| (rpc, *asker)).collect()
    }

    async fn call(&self, rpc: &str, asker: Asker, request: Vec<u8>) -> Result<Vec<u8>, Told> {
        self.agency.call(&path(rpc), &asker.user(), request).await.map_err(|status| Told::of(&status))
    }

    /// What someone is told who may not: the same about what is there, about what is not, and about nothing at all.
    async fn told(&self, rpc: &str, asker: Asker) -> Result<Told> {
        let what = format!("{rpc} by {}", asker.word());
        let mut answers = Vec::new();
        for request in [self.there.request(rpc), self.there.invented().request(rpc), Vec::new()] {
            let told = self.call(rpc, asker, request).await.err();
            answers.push(told.with_context(|| format!("{what} was answered"))?);
        }
        ensure!(answers.iter().all(|told| *told == answers[0]), "{what} tells what is there: {answers:?}");
        Ok(answers.remove(0))
    }

    /// Everything of the node that a call could have moved, but the ledger.
    async fn state(&self) -> Result<Vec<Vec<u8>>> {
        let own =
            desk::ListServicesRequest { structure_id: self.two.agency_id.clone(), ..Default::default() };
        let all = desk::ListThreadsRequest { filter: desk::ThreadFilter::All.into(), ..Default::default() };
        let questions = [
            ("Desk.ListUsers", Asker::Admin, Vec::new()),
            ("Desk.ListIntegrations", Asker::Admin, Vec::new()),
            ("Desk.ListInvitations", Asker::Admin, Vec::new()),
            ("Desk.ListPeers", Asker::Admin, Vec::new()),
            ("Desk.ListServices", Asker::Admin, own.encode_to_vec()),
            ("Desk.ListThreads", Asker::Coordinator, all.encode_to_vec()),
            ("Desk.ListFollowUps", Asker::Coordinator, Vec::new()),
            ("Desk.ListInquiries", Asker::Coordinator, inquiries(desk::InquiryDirection::Ours)),
            ("Desk.ListInquiries", Asker::Coordinator, inquiries(desk::InquiryDirection::Theirs)),
            ("Desk.ShowInquiryAnswers", Asker::Auditor, Vec::new()),
            ("Desk.ListEndorsements", Asker::Admin, Vec::new()),
            ("Desk.ListIntroductions", Asker::Admin, Vec::new()),
        ];
        let mut state = Vec::new();
        for (rpc, asker, request) in questions {
            state.push(self.call(rpc, asker, request).await.map_err(|told| anyhow!("{rpc}: {told:?}"))?);
        }
        // When a partner was last heard of moves by itself.
        let mut peers = desk::ListPeersResponse::decode(state[3].as_slice())?;
        peers.peers.iter_mut().for_each(|peer| {
            *peer = desk::PeerView { peer_id: peer.peer_id.clone(), trust: peer.trust, ..Default::default() }
        });
        state[3] = peers.encode_to_vec();
        Ok(state)
    }

    async fn leaves(&self) -> Result<u64> {
        let status = self.call("Desk.Status", Asker::Admin, Vec::new()).await;
        let status = status.map_err(|told| anyhow!("{told:?}"))?;
        Ok(desk::StatusResponse::decode(status.as_slice())?.ledger_size)
    }

    /// The kinds of the leaves from this one on, once the node has stopped.
    async fn kinds_since(mut self, first: u64) -> Result<Vec<LeafKind>> {
        self.two.agency.stop()?;
        let home = Home::at(self.two.agency.home());
        let key = NodeKey::from_bytes(&mut home.secrets()?.node_key);
        let store = SqliteStore::open(Options::new(home.data(), key)).await?;
        let mut kinds = Vec::new();
        for index in first..store.ledger_size().await? {
            kinds.push(store.ledger_leaf(index).await?.context("a leaf")?.kind);
        }
        store.close().await?;
        Ok(kinds)
    }
}

fn inquiries(direction: desk::InquiryDirection) -> Vec<u8> {
    desk::ListInquiriesRequest { direction: direction.into(), ..Default::default() }.encode_to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_is_told_the_same_whatever_is_there_and_nothing_happens() -> Result<()> {
    let played = Played::start().await?;
    let (before, leaves) = (played.state().await?, played.leaves().await?);
    let refused = played.cells(Cell::Refused);
    for (rpc, asker) in &refused {
        let told = played.told(rpc, *asker).await?;
        let expected = match asker {
            Asker::Unknown => (Code::Unauthenticated, "unknown_user"),
            Asker::Counsellor | Asker::Coordinator | Asker::Admin | Asker::Auditor => {
                (Code::PermissionDenied, "role")
            }
        };
        let right = told.code == expected.0 && told.says(expected.1) && told.details.is_empty();
        ensure!(right, "{rpc} by {}: {told:?}", asker.word());
    }
    let hidden = played.cells(Cell::Hidden);
    let allowed = played.cells(Cell::Allowed);
    for (rpc, asker) in &hidden {
        let told = played.told(rpc, *asker).await?;
        let (_, someone) =
            allowed.iter().find(|(other, _)| other == rpc).with_context(|| format!("{rpc}: for nobody"))?;
        let nothing = played.call(rpc, *someone, played.there.invented().request(rpc)).await.err();
        let nothing =
            nothing.with_context(|| format!("{rpc} by {} found what is not there", someone.word()))?;
        ensure!(told == nothing, "{rpc} by {}: {told:?}, but not there is {nothing:?}", asker.word());
        ensure!(told.code == Code::NotFound && told.details.is_empty(), "{rpc}: {told:?}");
    }
    let count = refused.len() + hidden.len();
    ensure!(count >= PLAYED_MIN, "only {count} cells were played");
    ensure!(played.state().await? == before, "a refused call had an effect");
    let known = refused.iter().chain(&hidden).filter(|(_, asker)| *asker != Asker::Unknown).count();
    let kinds = played.kinds_since(leaves).await?;
    ensure!(kinds.iter().all(|kind| *kind == LeafKind::AccessRefused), "a refused call wrote {kinds:?}");
    ensure!(
        kinds.len() >= known,
        "{known} cells were refused to someone known, {} are on record",
        kinds.len()
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_allowed_gets_through() -> Result<()> {
    let played = Played::start().await?;
    let invented = played.there.invented();
    for (rpc, asker) in played.cells(Cell::Allowed) {
        let what = format!("{rpc} by {}", asker.word());
        match played.call(rpc, asker, invented.request(rpc)).await {
            Ok(_) => {}
            Err(told) if told.code == Code::Unimplemented => return Err(anyhow!("{what} is not built")),
            Err(told) => ensure!(!told.refuses_the_caller(), "{what}: {told:?}"),
        }
    }
    // What is there is found by those who may: the cells above are no doors to nothing.
    let found = [
        ("Desk.ShowThread", Asker::Counsellor),
        ("Desk.ShowConsent", Asker::Coordinator),
        ("Desk.ShowFollowUp", Asker::Coordinator),
        ("Desk.Act", Asker::Counsellor),
        ("Desk.OpenFollowUp", Asker::Counsellor),
        ("Desk.OpenReferral", Asker::Coordinator),
        ("Desk.LedgerProve", Asker::Auditor),
        ("Desk.SetCapacity", Asker::Coordinator),
        ("Desk.EndorsePeer", Asker::Admin),
        ("Desk.WithdrawEndorsement", Asker::Admin),
        ("Desk.SuspendPeer", Asker::Admin),
        ("Desk.ResumePeer", Asker::Admin),
        ("Desk.AddUser", Asker::Admin),
        ("Desk.CreateSignInLink", Asker::Admin),
        ("Desk.ChangeUser", Asker::Admin),
        ("Desk.RevokeIntegration", Asker::Admin),
        ("Desk.CreateIntegration", Asker::Counsellor),
        ("Desk.AskInquiry", Asker::Counsellor),
        ("Desk.ShowInquiry", Asker::Coordinator),
        ("Desk.AnswerInquiry", Asker::Counsellor),
        ("Desk.SetInquiryAnswers", Asker::Admin),
        ("Desk.WithdrawService", Asker::Coordinator),
    ];
    for (rpc, asker) in found {
        let answer = played.call(rpc, asker, played.there.request(rpc)).await;
        answer.map_err(|told| anyhow!("{rpc} by {}: {told:?}", asker.word()))?;
    }
    Ok(())
}
