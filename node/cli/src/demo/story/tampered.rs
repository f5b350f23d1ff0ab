//! Chapter 4: a sender whose program leaves out the checks. The receiver makes them again, and keeps nothing.

use super::online;
use crate::demo::cast::RUDE;
use crate::demo::end::{End, same, there, until};
use crate::demo::house::{Ends, House};
use crate::demo::pairing::{confirm, invite, pending};
use crate::demo::paper::INES;
use crate::demo::report::{Report, Step, Told, told};
use crate::demo::tamper::{Case, Cheat, Line, forge};
use crate::exit::Failure;
use relais_domain::class::DataClass;
use relais_proto::desk::v1::{PeerStatus, SuspendPeerRequest};
use relais_proto::peer::v1::{PeerChangeReason, PeerTrust};
use relais_wire::frame::RejectCode;
use relais_wire::manifest::chain::Chain;

const JOIN: Step = Step::new("4.1", RUDE, "is paired like anyone else");
const SEND: Step = Step::new("4.2", RUDE, "is refused by the receiver, which keeps nothing");
const SUSPEND: Step = Step::new("4.3", "Emmaüs Connect", "suspends it, and the line is cut");

/// Plays the chapter.
pub(crate) async fn play(house: &House, ends: &Ends, report: &Report) -> Result<(), Failure> {
    let cheat = Cheat::found(RUDE, house.dice())?;
    let partner = report.step(JOIN, join(&cheat, &ends.hub)).await?;
    let mut line = cheat.dial(&partner).await?;
    report.step(SEND, send(&cheat, &mut line, &partner, ends)).await?;
    report.step(SUSPEND, suspend(&cheat, line, &ends.hub)).await
}

async fn join(cheat: &Cheat, hub: &End) -> Result<Told<Chain>, Failure> {
    let paired = cheat.join(&invite(hub).await?).await?;
    let asked = pending(hub, cheat.id().as_bytes()).await?;
    same("the phrase the two admins compare", &paired.phrase, &asked.comparison_phrase)?;
    confirm(hub, &asked).await?;
    let what = "is paired with the hub like anyone else, and its program leaves out the checks";
    Ok(told(what, paired.chain))
}

async fn send(cheat: &Cheat, line: &mut Line, partner: &Chain, ends: &Ends) -> Result<Told<()>, Failure> {
    let hub = &ends.hub;
    let service = online(&ends.agency, hub).await?;
    let agreed = [DataClass::Need];
    let case = Case { partner, service: &service.service_id, agreed: &agreed, given: INES.given };
    let forged = forge(cheat, &case)?;
    let before = seen(cheat, hub).await?;
    let code = line.refused(forged.message, forged.envelope).await?;
    same("why the hub refuses", code, RejectCode::Consent)?;
    let after = seen(cheat, hub).await?;
    same("refusals counted at the hub", after.refused, before.refused + 1)?;
    same("what else the hub keeps", Seen { refused: before.refused, ..after }, before)?;
    let thread = hub.show(forged.thread.as_bytes()).await;
    let answer = thread.err().map(|failure| failure.code);
    same("what the hub says of the thread", answer.as_deref(), Some("not_there"))?;
    let what = "sends level and name under an agreement on the need alone, truly signed and sealed; the hub refuses it \
                (consent) and keeps nothing but the count";
    Ok(told(what, ()))
}

/// What the hub keeps: threads, leaves of its ledger, refusals of the sender.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Seen {
    threads: usize,
    leaves: u64,
    refused: u64,
}

async fn seen(cheat: &Cheat, hub: &End) -> Result<Seen, Failure> {
    let status = hub.status().await?;
    let id = cheat.id();
    let peer = status.peers.iter().find(|peer| peer.peer_id == id.as_bytes());
    let refused = there("the sender among the hub's partners", peer)?.refused;
    Ok(Seen { threads: hub.threads().await?, leaves: status.ledger_size, refused })
}

async fn suspend(cheat: &Cheat, line: Line, hub: &End) -> Result<Told<()>, Failure> {
    let id = cheat.id();
    let reason = PeerChangeReason::AgreementBroken.into();
    let request = SuspendPeerRequest { peer_id: id.as_bytes().to_vec(), reason };
    hub.desk.clone().suspend_peer(request).await?;
    line.cut().await?;
    let suspended = |peer: &PeerStatus| peer.trust == i32::from(PeerTrust::Suspended);
    let seen = async || Ok(hub.peer(id.as_bytes()).await?.filter(suspended));
    until("the hub shows it as suspended", seen).await?;
    Ok(told("suspends it; the open line is cut", ()))
}
