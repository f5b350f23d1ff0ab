//! From what was typed to the thread, follow-up or partner that is meant.

use crate::desk::Desk;
use crate::exit::Failure;
use crate::ids::{self, Id, Prefix};
use relais_domain::structure_id::StructureId;
use relais_proto::desk::v1::{
    DirectoryStructure, ListFollowUpsRequest, ListPeersRequest, ListPeersResponse, ListThreadsRequest,
    PeerView, Role, ShowDirectoryRequest, ThreadFilter, ThreadSummary, WhoamiRequest,
};
use relais_proto::peer::v1::YesNo;

/// Ids asked for at once; more that begin alike are too many anyway.
const MATCHES_MAX: u32 = 100;

/// The id of the thread that is meant.
///
/// # Errors
/// [`Failure`] when none or several are.
pub(super) async fn thread_id(desk: &mut Desk, typed: &Prefix) -> Result<Id, Failure> {
    match typed.whole() {
        Some(id) => Ok(id),
        None => {
            let found = threads(desk, typed).await?;
            typed.pick("thread", found.iter().map(|thread| thread.thread_id.as_slice()))
        }
    }
}

/// The thread that is meant, as a list shows it.
///
/// # Errors
/// [`Failure`] when none or several are.
pub(super) async fn thread(desk: &mut Desk, typed: &Prefix) -> Result<ThreadSummary, Failure> {
    let found = threads(desk, typed).await?;
    let id = typed.pick("thread", found.iter().map(|thread| thread.thread_id.as_slice()))?;
    let unknown = || Failure::input("thread", "no such referral or handover here").with_code("unknown");
    found.into_iter().find(|thread| thread.thread_id == id).ok_or_else(unknown)
}

async fn threads(desk: &mut Desk, typed: &Prefix) -> Result<Vec<ThreadSummary>, Failure> {
    let request = ListThreadsRequest {
        filter: ThreadFilter::All.into(),
        page_size: MATCHES_MAX,
        id_prefix: typed.digits().to_owned(),
        ..ListThreadsRequest::default()
    };
    Ok(desk.list_threads(request).await?.into_inner().threads)
}

/// What a list says of a thread now; no one's file is read. `None` when the list cannot be had.
pub(super) async fn summary(desk: &mut Desk, thread_id: &[u8]) -> Option<ThreadSummary> {
    let whole = Prefix::parse(&ids::hex(thread_id)).ok()?;
    thread(desk, &whole).await.ok()
}

/// The id of the follow-up that is meant.
///
/// # Errors
/// [`Failure`] when none or several are.
pub(super) async fn follow_up_id(desk: &mut Desk, typed: &Prefix) -> Result<Id, Failure> {
    if let Some(id) = typed.whole() {
        return Ok(id);
    }
    let request = ListFollowUpsRequest {
        page_size: MATCHES_MAX,
        id_prefix: typed.digits().to_owned(),
        team: team(desk).await?.into(),
        ..ListFollowUpsRequest::default()
    };
    let found = desk.list_follow_ups(request).await?.into_inner().follow_ups;
    typed.pick("follow-up", found.iter().map(|view| view.follow_up_id.as_slice()))
}

/// Whether the whole team's follow-ups are meant: a coordinator's are.
///
/// # Errors
/// [`Failure`] of the node.
pub(super) async fn team(desk: &mut Desk) -> Result<YesNo, Failure> {
    let user = desk.whoami(WhoamiRequest::default()).await?.into_inner().user.unwrap_or_default();
    Ok(if user.roles.contains(&Role::Coordinator.into()) { YesNo::Yes } else { YesNo::No })
}

/// Partners and pairings.
///
/// # Errors
/// [`Failure`] of the node.
pub(super) async fn peers(desk: &mut Desk) -> Result<ListPeersResponse, Failure> {
    Ok(desk.list_peers(ListPeersRequest::default()).await?.into_inner())
}

/// The partner that is meant, or the structure of a pairing that waits.
///
/// # Errors
/// [`Failure`] when none or several are.
pub(super) async fn peer(desk: &mut Desk, field: &str, typed: &str) -> Result<StructureId, Failure> {
    ids::peer(field, typed, &everyone(peers(desk).await?))
}

/// Partners, and the structures of pairings that wait.
pub(super) fn everyone(found: ListPeersResponse) -> Vec<PeerView> {
    let waiting = found.pairings.into_iter().map(|pairing| PeerView {
        peer_id: pairing.peer_id,
        name: pairing.name,
        ..PeerView::default()
    });
    found.peers.into_iter().chain(waiting).collect()
}

/// The structure that is meant, among all of the directory.
///
/// # Errors
/// [`Failure`] when none or several are.
pub(super) async fn structure(desk: &mut Desk, field: &str, typed: &str) -> Result<StructureId, Failure> {
    if let Ok(id) = StructureId::parse(typed) {
        return Ok(id);
    }
    let mut named = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ShowDirectoryRequest { page_size: MATCHES_MAX, page_token, ..Default::default() };
        let page = desk.show_directory(request).await?.into_inner();
        named.extend(page.structures.into_iter().map(by_name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return ids::structure_among(field, typed, &named);
        }
    }
}

fn by_name(structure: DirectoryStructure) -> PeerView {
    PeerView { peer_id: structure.structure_id, name: structure.name, ..PeerView::default() }
}
