//! One partner: how far it is trusted, and suspending, resuming or removing it, each after a page that says what it does.

use super::pairing::{Agreement, pairing_page};
use super::partners::{is_awaited, known, trust};
use super::recommend::{self, Recommendation};
use super::{Room, Shown, administer, introductions};
use crate::form::Form;
use crate::hex;
use crate::page::{self, Frame, MenuEntry, Mistakes, Place};
use crate::pages::refused;
use crate::pages::thread::Teller;
use crate::pages::writing::{Stage, Writing};
use crate::trouble::Trouble;
use crate::visit::Session;
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use relais_proto::desk::v1::{PeerView, RemovePeerRequest, ResumePeerRequest, Role, SuspendPeerRequest};
use relais_proto::peer::v1::{PeerChangeReason, PeerTrust};

/// Reasons an admin may give.
const REASONS: [PeerChangeReason; 6] = [
    PeerChangeReason::PartnershipEnded,
    PeerChangeReason::StructureClosed,
    PeerChangeReason::AgreementBroken,
    PeerChangeReason::KeyCompromise,
    PeerChangeReason::Equivocation,
    PeerChangeReason::Other,
];

/// What becomes of a partnership.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Change {
    Suspend,
    Resume,
    Remove,
}

impl Change {
    const ALL: [Self; 3] = [Self::Suspend, Self::Resume, Self::Remove];

    /// What the address and the word files call it.
    const fn slug(self) -> &'static str {
        match self {
            Self::Suspend => "suspendre",
            Self::Resume => "reprendre",
            Self::Remove => "retirer",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|change| change.slug() == text)
    }

    /// Whether it can be done to a partner of this trust.
    fn is_for(self, trust: PeerTrust) -> bool {
        match self {
            Self::Suspend => trust == PeerTrust::Paired,
            Self::Resume => trust == PeerTrust::Suspended,
            Self::Remove => matches!(trust, PeerTrust::Paired | PeerTrust::Suspended),
        }
    }

    const fn wants_reason(self) -> bool {
        match self {
            Self::Suspend | Self::Remove => true,
            Self::Resume => false,
        }
    }
}

/// Something that can be done.
struct Offer {
    address: String,
    words: String,
}

/// A partner by this structure's word alone, and what an admin does about it.
struct Awaited {
    what: String,
    /// Its number, where it came by an introduction, which is asked for anew; else empty.
    introduce: String,
    /// The id of the one invitation that a press makes; empty for who may not.
    invite: String,
}

#[derive(Template)]
#[template(path = "pages/partner.html")]
struct PartnerPage {
    frame: Frame,
    rooms: Vec<MenuEntry>,
    name: String,
    kind: String,
    state: String,
    class: &'static str,
    endpoints: String,
    number: String,
    /// What it means that it has not confirmed; none when it has.
    awaited: Option<Awaited>,
    offers: Vec<Offer>,
    recommendation: Recommendation,
    mistakes: Mistakes,
}

/// A reason to choose.
pub(super) struct Why {
    number: i32,
    words: String,
    chosen: bool,
}

/// What an act would do, before it is done.
#[derive(Template)]
#[template(path = "pages/partner_change.html")]
pub(super) struct ChangePage {
    pub(super) frame: Frame,
    pub(super) rooms: Vec<MenuEntry>,
    pub(super) address: String,
    pub(super) back: String,
    pub(super) heading: String,
    pub(super) what: String,
    pub(super) act: String,
    pub(super) is_final: bool,
    pub(super) reasons: Vec<Why>,
    pub(super) mistakes: Mistakes,
}

fn address(peer: &PeerView) -> String {
    format!("/structure/partenaires/{}", hex::encode(&peer.peer_id))
}

/// Shows a partner, or a pairing that waits.
pub(crate) async fn show(
    session: Session,
    Path(id): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response, Trouble> {
    let peer_id = hex::bytes(&id).filter(|id| !id.is_empty()).ok_or(Trouble::NotFound)?;
    const DONE: [&str; 6] =
        ["partenaire", "suspendre", "reprendre", "retirer", "recommande", "plus-recommande"];
    let done = shown.done(&session, "partner-done", &DONE);
    partner_page(&session, &peer_id, done, None, Mistakes::default()).await
}

/// The page of a partner, or of a pairing that waits; what was typed to recommend it, and refused.
pub(super) async fn partner_page(
    session: &Session,
    peer_id: &[u8],
    done: String,
    typed: Option<&Form>,
    mistakes: Mistakes,
) -> Result<Response, Trouble> {
    let rooms = Room::Partners.enter(session)?;
    let known = known(session).await?;
    if let Some(pairing) = known.pairings.iter().find(|one| one.peer_id == peer_id) {
        return pairing_page(session, pairing, Agreement::NotRead, Mistakes::default()).await;
    }
    let peer = known.peers.into_iter().find(|one| one.peer_id == peer_id).ok_or(Trouble::NotFound)?;
    let recommendation = recommend::of(session, &peer, typed).await?;
    let awaited = awaited(session, &peer).await?;
    let teller = Teller::of(session);
    let (state, class) = trust(&teller, &peer);
    let offer = |change: Change| Offer {
        address: format!("{}/{}", address(&peer), change.slug()),
        words: teller.say(&format!("partner-{}", change.slug())),
    };
    let may = session.has(Role::Admin);
    let offers = Change::ALL.into_iter().filter(|change| may && change.is_for(peer.trust()));
    let title = refused::title(session.tongue(), "partner-title", &mistakes);
    let shown = PartnerPage {
        frame: Frame::signed(session, Place::Structure, &title).saying(done),
        rooms,
        name: peer.name.clone(),
        kind: teller.code(peer.kind().as_str_name()),
        state,
        class,
        endpoints: peer.endpoints.join(", "),
        number: hex::encode(&peer.peer_id),
        awaited,
        offers: offers.map(offer).collect(),
        recommendation,
        mistakes,
    };
    Ok(page::render(shown.mistakes.status(), &shown))
}

async fn awaited(session: &Session, peer: &PeerView) -> Result<Option<Awaited>, Trouble> {
    if !is_awaited(peer) {
        return Ok(None);
    }
    let (teller, may) = (Teller::of(session), session.has(Role::Admin));
    let named = [("peer", peer.name.as_str()), ("when", &teller.distance(peer.since_ms))];
    let introduced = introductions::all(session).await?.iter().any(|one| one.structure_id == peer.peer_id);
    Ok(Some(Awaited {
        what: teller.with("partner-awaited", &named),
        introduce: if introduced { hex::encode(&peer.peer_id) } else { String::new() },
        invite: if may { hex::encode(&hex::fresh()) } else { String::new() },
    }))
}

async fn change_page(
    session: &Session,
    id: &str,
    slug: &str,
    chosen: i32,
    mistakes: Mistakes,
) -> Result<Response, Trouble> {
    let rooms = Room::Partners.enter(session)?;
    administer(session)?;
    let change = Change::parse(slug).ok_or(Trouble::NotFound)?;
    let peer_id = hex::bytes(id).ok_or(Trouble::NotFound)?;
    let peer = known(session).await?.peers.into_iter().find(|one| one.peer_id == peer_id);
    let peer = peer.ok_or(Trouble::NotFound)?;
    if !change.is_for(peer.trust()) {
        return Ok(page::lead(&address(&peer)));
    }
    let teller = Teller::of(session);
    let named = [("peer", peer.name.as_str())];
    let key = format!("partner-{}", change.slug());
    let why = |reason: PeerChangeReason| Why {
        number: reason.into(),
        words: teller.code(reason.as_str_name()),
        chosen: i32::from(reason) == chosen,
    };
    let reasons = if change.wants_reason() { REASONS.map(why).into_iter().collect() } else { Vec::new() };
    let title = refused::title(session.tongue(), &key, &mistakes);
    let shown = ChangePage {
        frame: Frame::signed(session, Place::Structure, &title),
        rooms,
        address: format!("{}/{slug}", address(&peer)),
        back: address(&peer),
        heading: teller.with(&format!("{key}-ask"), &named),
        what: teller.with(&format!("{key}-what"), &named),
        act: teller.say(&key),
        is_final: change == Change::Remove,
        reasons,
        mistakes,
    };
    Ok(page::render(shown.mistakes.status(), &shown))
}

/// Says what it would do, before it is done.
pub(crate) async fn ask(
    session: Session,
    Path((id, slug)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    change_page(&session, &id, &slug, 0, Mistakes::default()).await
}

/// Does it. What is so already stays so: pressed twice, it is done once.
pub(crate) async fn change(
    Path((id, slug)): Path<(String, String)>,
    writing: Writing,
) -> Result<Response, Trouble> {
    let Writing { session, form, stage } = writing;
    administer(&session)?;
    let change = Change::parse(&slug).ok_or(Trouble::NotFound)?;
    let peer_id = hex::bytes(&id).ok_or(Trouble::NotFound)?;
    let reason: i32 = form.text("raison").parse().unwrap_or(0);
    if stage == Stage::Resumed {
        return change_page(&session, &id, &slug, reason, Mistakes::default()).await;
    }
    if change.wants_reason() && !REASONS.iter().any(|known| i32::from(*known) == reason) {
        let mut mistakes = Mistakes::default();
        mistakes.add("raison", session.tongue().say("partner-reason-empty"));
        return change_page(&session, &id, &slug, reason, mistakes).await;
    }
    let mut desk = session.desk();
    let done = match change {
        Change::Suspend => desk.suspend_peer(session.ask(SuspendPeerRequest { peer_id, reason })).await,
        Change::Resume => desk.resume_peer(session.ask(ResumePeerRequest { peer_id })).await,
        Change::Remove => desk.remove_peer(session.ask(RemovePeerRequest { peer_id, reason })).await,
    };
    match done {
        Ok(peer) => Ok(page::lead(&format!("{}?fait={slug}", address(&peer.into_inner())))),
        Err(status) => {
            let mistakes = refused::mistakes(&session, status, "partner-refused", |_| "raison")?;
            change_page(&session, &id, &slug, reason, mistakes).await
        }
    }
}
