//! The ledger, for who audits: whether it holds, its latest signed checkpoint, and what is known of the partners' ledgers.

use super::Room;
use crate::hex;
use crate::page::{self, Frame, MenuEntry, Place};
use crate::pages::thread::Teller;
use crate::trouble::Trouble;
use crate::visit::Session;
use askama::Template;
use axum::response::Response;
use relais_proto::desk::v1::{LedgerCheck, LedgerCheckpointRequest, LedgerStatusRequest, PeerLedger};

/// What is known of one partner's ledger.
struct Row {
    name: String,
    size: u64,
    seen: String,
    state: String,
    class: &'static str,
}

#[derive(Template)]
#[template(path = "pages/ledger.html")]
struct LedgerPage {
    frame: Frame,
    rooms: Vec<MenuEntry>,
    holds: bool,
    problem: String,
    size: u64,
    signed: u64,
    root: String,
    checkpoint: String,
    peers: Vec<Row>,
}

fn row(teller: &Teller<'_>, peer: &PeerLedger) -> Row {
    let (key, class) = match peer.consistent() {
        LedgerCheck::Holds => ("ledger-holds-short", "tag"),
        LedgerCheck::Broken | LedgerCheck::Unspecified => ("ledger-broken-short", "tag late"),
    };
    Row {
        name: peer.name.clone(),
        size: peer.size,
        seen: teller.distance(peer.seen_ms),
        state: teller.say(key),
        class,
    }
}

/// Shows it.
pub(crate) async fn show(session: Session) -> Result<Response, Trouble> {
    let rooms = Room::Ledger.enter(&session)?;
    let status = session.desk().ledger_status(session.ask(LedgerStatusRequest {})).await?.into_inner();
    let signed =
        session.desk().ledger_checkpoint(session.ask(LedgerCheckpointRequest {})).await?.into_inner();
    let teller = Teller::of(&session);
    let title = session.tongue().say("structure-ledger");
    Ok(page::ok(&LedgerPage {
        frame: Frame::signed(&session, Place::Structure, &title),
        rooms,
        holds: status.check() == LedgerCheck::Holds,
        problem: status.problem.clone(),
        size: status.size,
        signed: status.checkpoint_size,
        root: hex::encode(&status.root),
        checkpoint: signed.checkpoint,
        peers: status.peers.iter().map(|peer| row(&teller, peer)).collect(),
    }))
}
