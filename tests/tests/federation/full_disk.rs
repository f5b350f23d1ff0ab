//! A node whose disk is full says so in one sentence and takes nothing; what it once took is kept, what waits crosses
//! when there is room, and nothing is there twice.

use anyhow::{Context as _, Result, bail, ensure};
use prost::Message as _;
use relais_proto::desk::v1 as desk;
use relais_proto::peer::v1::frame::Body;
use relais_proto::peer::v1::{self as proto, EventKind, RejectCode, RejectFinality, Rejected};
use relais_tests::case::{self, COMMUNE, Case, SERVICE, THEME};
use relais_tests::desk::{Desk, Thread};
use relais_tests::disk::{self, Room};
use relais_tests::process::Process;
use relais_tests::tamper::{Liar, Victim, uuid};
use relais_tests::town::{SOON, Two, alike, course_of, id_of, linked};
use relais_tests::wait::holds;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use tonic::{Code, Status};

/// The one sentence.
const SENTENCE: &str = "the disk is full: free some room, nothing was lost";
/// How a command ends that could not read or write.
const EXIT_IO: i32 = 74;
/// How long is watched that something does not happen.
const WATCHED: Duration = Duration::from_secs(3);
/// How long a partner may take to try again what was put off.
const TRIED_AGAIN: Duration = Duration::from_secs(60);
/// Room for a few referrals, in bytes; less than the log grows to before it is moved into the main file.
const LITTLE: u64 = 512 * 1024;
/// More referrals than find room.
const REFERRALS_MAX: usize = 400;
/// How often an envelope may be sent again while the sender cannot note that it was put off.
const KNOCKS_MAX: usize = 3;

fn no_room(what: &str, status: &Status) -> Result<()> {
    ensure!(status.code() == Code::Unavailable, "{what}: {status:?}");
    ensure!(status.message() == SENTENCE, "{what}: {}", status.message());
    Ok(())
}

/// A command that found no room: one sentence and its exit code, and nothing on standard output.
fn told_no_room(what: &str, output: &Output) -> Result<()> {
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.code() == Some(EXIT_IO), "{what}: {}: {said}", output.status);
    ensure!(said.trim_end() == format!("error: {SENTENCE}"), "{what}: {said}");
    ensure!(output.stdout.is_empty(), "{what}: it also said something else");
    Ok(())
}

fn done(what: &str, output: &Output) -> Result<Value> {
    ensure!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// A referral as `relais refer --file -` takes it.
fn paper(to: &str) -> Vec<u8> {
    json!({
        "to": to,
        "service": SERVICE,
        "need": { "themes": [THEME], "urgency": "normal", "commune": COMMUNE },
        "name": { "given": "Amina", "family": "B" },
        "contact": { "reach": "phone", "detail": "06 12 34 56 78", "language": "fr" },
        "consent": {
            "classes": ["need", "name", "contact"], "given": "oral", "language": "fr",
            "interpreter": "none", "teach_back": "done", "presence": "none"
        }
    })
    .to_string()
    .into_bytes()
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// That the node still runs, reads, and answers.
async fn lives(node: &mut Process) -> Result<Desk> {
    if let Some(status) = node.ended()? {
        bail!("the node ended by itself ({status})");
    }
    let desk = node.desk().await?;
    desk.status().await.context("it no longer says how it does")?;
    desk.threads().await.context("it no longer reads")?;
    Ok(desk)
}

async fn waits(at: &Desk, peer: &[u8]) -> Result<u32> {
    Ok(at.peer(peer).await?.waiting)
}

async fn all(at: &Desk) -> Result<BTreeSet<Thread>> {
    let threads = at.threads().await?;
    let ids: BTreeSet<Thread> = threads.iter().map(|summary| summary.thread_id.clone()).collect();
    ensure!(ids.len() == threads.len(), "a thread is listed twice");
    Ok(ids)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_receiver_takes_nothing_and_everything_crosses_when_there_is_room() -> Result<()> {
    let mut two = Two::start().await?;
    let (agency, hub) = two.desks().await?;
    let before = id_of(&agency.refer(Case::default().referral(&two.hub_id)).await?)?;
    agency.delivered(&before, SOON).await?;

    disk::give(&two.hub, Room::None)?;
    let waiting = id_of(&agency.refer(Case::default().referral(&two.hub_id)).await?)?;
    ensure!(agency.delivered(&waiting, WATCHED).await.is_err(), "it was signed for, and could not be stored");
    ensure!(hub.find(&waiting).await?.is_none(), "what was not stored is shown");
    no_room("an act", &hub.act(&before, case::accept()).await.err().context("it was done")?)?;
    no_room("a reading", &hub.show(&before).await.err().context("it was shown")?)?;

    let (thread, request) = (digits(&before), uuid_text(&uuid()));
    let accept = ["accept", &thread[..8], "--request-id", &request, "--json"];
    told_no_room("accept", &two.hub.run(&accept[..4])?)?;
    let said: Value = serde_json::from_slice(&two.hub.run(&accept)?.stderr)?;
    ensure!(said["error"]["code"] == "store" && said["error"]["message"] == SENTENCE, "{said}");
    let refer = ["refer", "--file", "-", "--json"];
    told_no_room("refer", &two.hub.run_with(&refer[..3], &paper("Agence de l'Essai"))?)?;

    let hub = lives(&mut two.hub).await?;
    ensure!(all(&hub).await? == BTreeSet::from([before.clone()]), "a refused call left something");
    ensure!(waits(&agency, &two.hub_id).await? == 1, "it does not wait for the partner");

    // There is room again, and nobody starts anything anew.
    disk::give(&two.hub, Room::Enough)?;
    agency_is_rid_of(&agency, &two.hub_id).await?;
    done("accept", &two.hub.run(&accept)?)?;
    let referred = done("refer", &two.hub.run_with(&refer, &paper("Agence de l'Essai"))?)?;
    ensure!(referred.is_object());
    ensure!(all(&hub).await?.len() == 3, "something is there twice, or lost");
    holds("it all crosses", SOON, async || Ok(all(&hub).await? == all(&agency).await?)).await?;
    alike(&agency, &hub, &waiting).await?;
    let (_, there) = alike(&agency, &hub, &before).await?;
    let accepted = there.timeline.iter().filter(|entry| entry.kind() == EventKind::Accepted);
    ensure!(accepted.count() == 1, "asked several times under one id, it was done several times");
    Ok(())
}

async fn agency_is_rid_of(agency: &Desk, peer: &[u8]) -> Result<()> {
    holds("what waited crosses", TRIED_AGAIN, async || Ok(waits(agency, peer).await? == 0)).await?;
    Ok(())
}

/// A request id as the command line takes it.
fn uuid_text(bytes: &[u8]) -> String {
    let digits = digits(bytes);
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    parts.join("-")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_that_cannot_note_the_receipt_asks_for_it_again() -> Result<()> {
    let mut two = Two::start().await?;
    two.hub.stop()?;
    let agency = two.agency.desk().await?;
    let thread = id_of(&agency.refer(Case::default().referral(&two.hub_id)).await?)?;
    disk::give(&two.agency, Room::None)?;
    two.hub.start().await?;
    let hub = two.hub.desk().await?;
    holds("the referral arrives", TRIED_AGAIN, async || Ok(hub.find(&thread).await?.is_some())).await?;
    let agency = lives(&mut two.agency).await?;
    ensure!(waits(&agency, &two.hub_id).await? == 1, "a receipt counts that was not stored");

    // It is stopped while the disk is full, and started when there is room.
    let status = two.agency.stop_anyhow()?;
    ensure!(status.signal().is_none(), "a full disk killed it: {status}");
    two.agency.start().await?;
    let agency = two.agency.desk().await?;
    agency_is_rid_of(&agency, &two.hub_id).await?;
    alike(&agency, &hub, &thread).await?;
    ensure!(hub.threads().await?.len() == 1, "the referral is there twice");
    Ok(())
}

/// A receiver that always says «later» to a sender that cannot note when to try again.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_sender_does_not_knock_without_end() -> Result<()> {
    let mut two = Two::start().await?;
    let agency = two.agency.desk().await?;
    two.hub.stop()?;
    let manifest = agency.partner(&two.hub_id).await?.manifest_sequence;
    let receiver = Liar::in_place_of(&two.hub, &two.hub_id, manifest)?;
    let mut talk = receiver.dial(&Victim::of(&two.agency, &two.agency_id)?).await?;
    let thread = id_of(&agency.refer(Case::default().referral(&two.hub_id)).await?)?;
    let first = talk.theirs(&thread, EventKind::Sent).await?;
    disk::give(&two.agency, Room::None)?;
    let mut answered = 0;
    let until = Instant::now() + WATCHED;
    while Instant::now() < until {
        while answered < talk.theirs.len() {
            let later = Rejected {
                message_id: message_of(&first)?,
                code: RejectCode::Busy.into(),
                finality: RejectFinality::Later.into(),
            };
            talk.say(Body::Rejected(later)).await?;
            answered += 1;
        }
        ensure!(talk.alive().await, "the link ended");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    ensure!(answered <= KNOCKS_MAX, "it sent the same envelope {answered} times within {WATCHED:?}");

    // With room it goes on, and the partner takes it.
    disk::give(&two.agency, Room::Enough)?;
    drop(talk);
    two.hub.start().await?;
    agency_is_rid_of(&agency, &two.hub_id).await?;
    alike(&agency, &two.hub.desk().await?, &thread).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_on_a_full_disk_does_not_start_and_says_so() -> Result<()> {
    let mut two = Two::start().await?;
    let agency = two.agency.desk().await?;
    let thread = id_of(&agency.refer(Case::default().referral(&two.hub_id)).await?)?;
    two.agency.stop()?;
    let serve = two.agency.command(&["serve", "--until-input-ends"])?;
    let mut full = Command::new("/bin/sh");
    full.args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\""]).arg(serve.get_program());
    let output = full.args(serve.get_args()).env_clear().stdin(Stdio::null()).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.code() == Some(EXIT_IO), "{}: {said}", output.status);
    let last = said.lines().last().unwrap_or_default();
    ensure!(last.starts_with("error: no room is left on the disk of "), "{said}");
    ensure!(last.ends_with(": free some, nothing was lost"), "{said}");
    two.agency.start().await?;
    let agency = two.agency.desk().await?;
    ensure!(agency.find(&thread).await?.is_some(), "something was lost");
    agency_is_rid_of(&agency, &two.hub_id).await
}

fn message_of(envelope: &[u8]) -> Result<Vec<u8>> {
    let payload = proto::Envelope::decode(envelope)?.payload;
    Ok(proto::EventSkeleton::decode(payload.as_slice())?.message_id)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_while_the_disk_filled_up_is_kept_through_a_kill() -> Result<()> {
    let mut two = Two::start().await?;
    let (agency, hub) = two.desks().await?;
    disk::give(&two.agency, Room::Little(LITTLE))?;
    let (mut kept, mut refused) = (BTreeSet::new(), Vec::new());
    for _ in 0..REFERRALS_MAX {
        let request = Case::default().referral(&two.hub_id);
        match agency.refer(request.clone()).await {
            Ok(view) => drop(kept.insert(id_of(&view)?)),
            Err(status) => {
                no_room("a referral", &status)?;
                refused.push(request);
            }
        }
        if refused.len() == 5 {
            break;
        }
    }
    ensure!(!kept.is_empty() && refused.len() == 5, "{} kept, {} refused", kept.len(), refused.len());
    let agency = lives(&mut two.agency).await?;
    ensure!(all(&agency).await?.is_superset(&kept), "what was acknowledged is not there");

    two.agency.kill9()?;
    two.agency.start().await?;
    let agency = two.agency.desk().await?;
    let after = all(&agency).await?;
    ensure!(after.is_superset(&kept), "what was acknowledged is lost");
    // Asked again under the same ids, what found no room is done, once.
    for request in refused {
        kept.insert(id_of(&agency.refer(request).await?)?);
    }
    ensure!(all(&agency).await? == kept, "something is there that was neither taken nor asked again");
    linked(&agency, &hub).await?;
    agency_is_rid_of(&agency, &two.hub_id).await?;
    ensure!(all(&hub).await? == kept, "lost or doubled on the way");
    let status = agency.client().ledger_status(desk::LedgerStatusRequest::default()).await?.into_inner();
    ensure!(status.check() == desk::LedgerCheck::Holds, "the ledger: {}", status.problem);
    for thread in &kept {
        let (view, _) = alike(&agency, &hub, thread).await?;
        ensure!(course_of(&view).0 == desk::Step::Sent);
    }
    Ok(())
}
