//! A partner that refuses for good: the message is set aside, someone is told whom to call, and nobody else waits.

use anyhow::{Context as _, Result, ensure};
use prost::Message as _;
use relais_proto::desk::v1 as desk;
use relais_proto::peer::v1::frame::Body;
use relais_proto::peer::v1::{self as proto, EventKind, RejectCode};
use relais_tests::case::accept;
use relais_tests::desk::Desk;
use relais_tests::tamper::{Answer, Liar, Talk, Victim};
use relais_tests::town::{SOON, Two};
use relais_tests::wait::holds;

/// A referral of the liar that the hub accepts; the thread, and the acceptance as it left.
async fn accepted(liar: &Liar, victim: &Victim, talk: &mut Talk, hub: &Desk) -> Result<(Vec<u8>, Vec<u8>)> {
    let draft = liar.sent(victim.id, &liar.consent(victim.id));
    let answer = talk.send(liar.envelope(&draft, victim)?).await?;
    ensure!(matches!(answer, Answer::Receipt(_)), "{answer:?}");
    hub.act(&draft.thread(), accept()).await?;
    let envelope = talk.theirs(&draft.thread(), EventKind::Accepted).await?;
    Ok((draft.thread(), envelope))
}

fn message_of(envelope: &[u8]) -> Result<Vec<u8>> {
    let envelope = proto::Envelope::decode(envelope)?;
    Ok(proto::EventSkeleton::decode(envelope.payload.as_slice())?.message_id)
}

fn set_aside(status: &desk::StatusResponse) -> Option<&desk::Alarm> {
    status.alarms.iter().find(|alarm| alarm.code == "messages-set-aside")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_partner_refuses_for_good_is_set_aside_told_and_blocks_nobody() -> Result<()> {
    let mut two = Two::start().await?;
    let hub = two.hub.desk().await?;
    two.agency.stop()?;
    let manifest = hub.partner(&two.agency_id).await?.manifest_sequence;
    let liar = Liar::in_place_of(&two.agency, &two.agency_id, manifest)?;
    let victim = Victim::of(&two.hub, &two.hub_id)?;
    let mut talk = liar.dial(&victim).await?;
    ensure!(set_aside(&hub.status().await?).is_none());

    let (thread, envelope) = accepted(&liar, &victim, &mut talk, &hub).await?;
    let rejected = proto::Rejected {
        message_id: message_of(&envelope)?,
        code: RejectCode::TooBig.into(),
        finality: proto::RejectFinality::Final.into(),
    };
    talk.say(Body::Rejected(rejected)).await?;
    holds("someone is told", SOON, async || Ok(set_aside(&hub.status().await?).is_some())).await?;
    let status = hub.status().await?;
    let alarm = set_aside(&status).context("the alarm stays")?;
    ensure!(alarm.peer_id == two.agency_id, "the alarm names nobody");
    ensure!(alarm.sentence.contains("call them"), "{}", alarm.sentence);
    let peer = hub.peer(&two.agency_id).await?;
    ensure!((peer.parked, peer.waiting) == (1, 0), "{} parked, {} waiting", peer.parked, peer.waiting);
    ensure!(peer.not_delivered_since_ms.is_some(), "nobody sees since when");
    let summary = hub.show(&thread).await?.summary.context("a summary")?;
    ensure!(summary.undelivered == 1, "the professional sees nothing of it");

    // The next person's acceptance leaves at once, and is taken like any other.
    accepted(&liar, &victim, &mut talk, &hub).await?;
    ensure!(talk.alive().await, "the link ended");
    Ok(())
}
