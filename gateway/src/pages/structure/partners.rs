//! Partners: whom this structure works with, who waits to be confirmed, and how to invite or join.

use super::introductions::{self, Row as Introduced};
use super::{Room, Shown};
use crate::hex;
use crate::page::{self, Frame, MenuEntry, Mistakes, Place};
use crate::pages::refused;
use crate::pages::thread::Teller;
use crate::trouble::Trouble;
use crate::visit::Session;
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use relais_proto::desk::v1::{
    IntroductionStanding, IntroductionView, InvitationStanding, InvitationView, ListInvitationsRequest,
    ListPeersRequest, ListPeersResponse, PairingState, PairingView, PeerView, Role,
};
use relais_proto::peer::v1::{PeerTrust, YesNo};

/// From when on a partner that has not confirmed is marked as late, ms: 7 days, as the node alarms.
const AWAITED_LATE_MS: i64 = 7 * 86_400_000;
/// Invitations shown.
const INVITATIONS_MAX: usize = 10;

/// One partner or pairing.
struct Row {
    address: String,
    name: String,
    kind: String,
    state: String,
    class: &'static str,
}

/// One invitation.
struct Invitation {
    made: String,
    state: String,
    /// What an admin should know of it; empty for nothing.
    warning: String,
    /// Its number, while it can be taken back; else empty.
    number: String,
}

#[derive(Template)]
#[template(path = "pages/partners.html")]
struct PartnersPage {
    frame: Frame,
    rooms: Vec<MenuEntry>,
    waiting: Vec<Row>,
    partners: Vec<Row>,
    introductions: Vec<Introduced>,
    invitations: Vec<Invitation>,
    may: bool,
    /// The id of the one invitation that a press makes.
    request: String,
    typed: Typed,
    mistakes: Mistakes,
}

/// What was typed into the forms of the page, and refused.
#[derive(Default)]
pub(super) struct Typed {
    /// The link of an invitation.
    pub(super) link: String,
    /// The number of a structure to be introduced to.
    pub(super) number: String,
    /// Where its node is.
    pub(super) address: String,
}

/// Whether it is a partner by this structure's word alone: its node was never seen. A node of before does not say.
pub(super) fn is_awaited(peer: &PeerView) -> bool {
    peer.trust() == PeerTrust::Paired && peer.met() == YesNo::No
}

/// How far a partner is trusted, and the class of its mark.
pub(super) fn trust(teller: &Teller<'_>, peer: &PeerView) -> (String, &'static str) {
    if is_awaited(peer) {
        let late = teller.now.as_millisecond() - peer.since_ms >= AWAITED_LATE_MS;
        let class = if late { "tag late" } else { "tag soon" };
        return (teller.with("peer-trust-awaited", &[("date", &teller.day(peer.since_ms))]), class);
    }
    let class = match peer.trust() {
        PeerTrust::Paired => "tag",
        PeerTrust::Suspended => "tag soon",
        PeerTrust::Removed | PeerTrust::Unspecified => "tag late",
    };
    let key = match peer.trust() {
        PeerTrust::Paired => "peer-trust-paired",
        PeerTrust::Suspended => "peer-trust-suspended",
        PeerTrust::Removed | PeerTrust::Unspecified => "peer-trust-removed",
    };
    (teller.with(key, &[("date", &teller.day(peer.since_ms))]), class)
}

fn address(peer_id: &[u8]) -> String {
    format!("/structure/partenaires/{}", hex::encode(peer_id))
}

fn partner(teller: &Teller<'_>, peer: &PeerView) -> Row {
    let (state, class) = trust(teller, peer);
    let kind = teller.code(peer.kind().as_str_name());
    Row { address: address(&peer.peer_id), name: peer.name.clone(), kind, state, class }
}

fn pairing(teller: &Teller<'_>, pairing: &PairingView) -> Row {
    let (key, class) = match pairing.state() {
        PairingState::AwaitsUs | PairingState::AwaitsBoth | PairingState::Unspecified => {
            ("pairing-awaits-us", "tag soon")
        }
        PairingState::AwaitsThem => ("pairing-awaits-them", "tag"),
        PairingState::Paired => ("pairing-paired", "tag"),
        PairingState::Failed => ("pairing-failed", "tag late"),
    };
    let kind = teller.code(pairing.kind().as_str_name());
    let state = teller.say(key);
    Row { address: address(&pairing.peer_id), name: pairing.name.clone(), kind, state, class }
}

fn invitation(teller: &Teller<'_>, view: &InvitationView) -> Invitation {
    let state = match view.standing() {
        InvitationStanding::Unspecified | InvitationStanding::Open => {
            teller.with("invitation-open", &[("date", &teller.instant(view.expires_ms))])
        }
        InvitationStanding::Expired => teller.say("invitation-expired"),
        InvitationStanding::Used => teller.say("invitation-used"),
        InvitationStanding::Dead => teller.say("invitation-dead"),
        InvitationStanding::Withdrawn => teller.say("invitation-withdrawn"),
    };
    let warning = match (view.late_claims, view.wrong_proofs) {
        (0, 0) => String::new(),
        (0, _) => teller.say("invitation-wrong-proofs"),
        (_, _) => teller.say("invitation-late-claims"),
    };
    let open = view.standing() == InvitationStanding::Open;
    let number = if open { hex::encode(&view.number) } else { String::new() };
    Invitation { made: teller.distance(view.created_ms), state, warning, number }
}

async fn invitations(session: &Session, teller: &Teller<'_>) -> Result<Vec<Invitation>, Trouble> {
    if !session.has(Role::Admin) {
        return Ok(Vec::new());
    }
    let answer = session.desk().list_invitations(session.ask(ListInvitationsRequest {})).await?.into_inner();
    Ok(answer.invitations.iter().take(INVITATIONS_MAX).map(|view| invitation(teller, view)).collect())
}

/// Partners and pairings.
pub(super) async fn known(session: &Session) -> Result<ListPeersResponse, Trouble> {
    Ok(session.desk().list_peers(session.ask(ListPeersRequest {})).await?.into_inner())
}

/// The page, with a link that was pasted and refused.
pub(super) async fn partners_page(
    session: &Session,
    done: String,
    typed: Typed,
    mistakes: Mistakes,
) -> Result<Response, Trouble> {
    let rooms = Room::Partners.enter(session)?;
    let teller = Teller::of(session);
    let known = known(session).await?;
    let introductions = introductions::all(session).await?;
    let introduced = |one: &PairingView| introductions.iter().any(|view| view.structure_id == one.peer_id);
    let title = refused::title(session.tongue(), "structure-partners", &mistakes);
    let (awaited, partners): (Vec<_>, Vec<_>) = known.peers.iter().partition(|peer| is_awaited(peer));
    // What awaits the other structure stands in one list alone.
    let told = |view: &IntroductionView| {
        view.standing() == IntroductionStanding::Confirmed
            && awaited.iter().any(|peer| peer.peer_id == view.structure_id)
    };
    let shown = PartnersPage {
        frame: Frame::signed(session, Place::Structure, &title).saying(done),
        rooms,
        waiting: known
            .pairings
            .iter()
            .filter(|one| !introduced(one))
            .map(|one| pairing(&teller, one))
            .chain(awaited.iter().map(|peer| partner(&teller, peer)))
            .collect(),
        partners: partners.iter().map(|peer| partner(&teller, peer)).collect(),
        introductions: introductions
            .iter()
            .filter(|view| !told(view))
            .map(|view| introductions::row(&teller, view))
            .collect(),
        invitations: invitations(session, &teller).await?,
        may: session.has(Role::Admin),
        request: hex::encode(&hex::fresh()),
        typed,
        mistakes,
    };
    Ok(page::render(shown.mistakes.status(), &shown))
}

/// Shows them.
pub(crate) async fn show(session: Session, Query(shown): Query<Shown>) -> Result<Response, Trouble> {
    let done = shown.done(&session, "partners-done", &["refuse", "demande", "non", "retiree"]);
    partners_page(&session, done, Typed::default(), Mistakes::default()).await
}
