//! Records of third structures: four real nodes in a line, only neighbours partners; and partners that carry what they
//! like.

use anyhow::{Context as _, Result, ensure};
use relais_domain::directory::{Body, Record, RecordKey};
use relais_domain::limits::CLOCK_TOLERANCE;
use relais_domain::time::{Span, Timestamp};
use relais_proto::desk::v1 as desk;
use relais_tests::carrier::{Carrier, Published};
use relais_tests::case::{COMMUNE, Case, SERVICE, THEME, now_ms, services};
use relais_tests::desk::{Desk, Id};
use relais_tests::process::{Plan, Process};
use relais_tests::tamper::{Liar, Victim};
use relais_tests::town::{SOON, knows_services, pair};
use relais_tests::wait::{holds, until};
use relais_wire::frame::SyncFrame;
use relais_wire::record::SignedRecord;
use std::time::Duration;

/// Longest until a change that streams miss is found by comparing.
const COMPARED: Duration = Duration::from_secs(75);
/// As long as something that must not happen is waited for.
const A_WHILE: Duration = Duration::from_secs(3);

/// One node of the line.
struct Place {
    process: Process,
    desk: Desk,
    id: Id,
}

async fn place(name: &str) -> Result<Place> {
    let mut process = Process::init(&Plan::named(name))?;
    process.start().await?;
    let desk = process.desk().await?;
    desk.import(&services(&[SERVICE])).await?;
    let id = desk.id().await?;
    Ok(Place { process, desk, id })
}

/// So many nodes, each a partner of the next.
async fn line<const N: usize>(names: [&str; N]) -> Result<Vec<Place>> {
    let mut places: Vec<Place> = Vec::new();
    for name in names {
        let next = place(name).await?;
        if let Some(last) = places.last() {
            pair(&last.desk, &next.desk).await?;
            knows_services(&last.desk, &next.id).await?;
        }
        places.push(next);
    }
    Ok(places)
}

async fn directory(at: &Desk) -> Result<desk::DirectoryView> {
    Ok(at.client().show_directory(desk::ShowDirectoryRequest::default()).await?.into_inner())
}

async fn known(at: &Desk, id: &Id) -> Result<desk::DirectoryStructure> {
    let structures = directory(at).await?.structures;
    structures.into_iter().find(|one| one.structure_id == *id).context("it is in the directory")
}

/// How often `at` did not take something of this code from a partner.
async fn refused(at: &Desk, partner: &Id, code: &str) -> Result<u64> {
    let carriers = directory(at).await?.carriers;
    let of_it = carriers.into_iter().find(|one| one.peer_id == *partner).unwrap_or_default();
    Ok(of_it.refusals.iter().filter(|one| one.code == code).map(|one| one.count).sum())
}

/// Publishes the service again, with another description.
async fn describes(at: &Desk, text: &str) -> Result<()> {
    at.import(&services(&[SERVICE]).replace("Prêt d'un ordinateur", text)).await?;
    Ok(())
}

async fn described(at: &Desk, of: &Id) -> Result<Option<String>> {
    Ok(at.services(of).await?.into_iter().next().map(|service| service.description))
}

async fn sees(at: &Desk, of: &Id, text: &str, within: Duration) -> Result<Duration> {
    holds(&format!("it hears of «{text}»"), within, async || {
        Ok(described(at, of).await?.is_some_and(|said| said.starts_with(text)))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_publishes_is_known_three_partners_away() -> Result<()> {
    let mut line = line(["Agence", "Espace", "Lire", "Maison"]).await?;
    let [a, b, c, d] = line.as_mut_slice() else { unreachable!("four were made") };
    let took = sees(&a.desk, &d.id, "Prêt", COMPARED).await?;
    println!("over two others in {took:?}");
    let seen = known(&a.desk, &d.id).await?;
    ensure!(seen.standing() == desk::DirectoryStanding::Third, "{seen:?}");
    ensure!((seen.name.as_str(), &seen.carrier_id) == ("Maison", &b.id), "{seen:?}");
    ensure!((seen.services, seen.vouchers.len()) == (1, 0), "{seen:?}");
    ensure!(seen.expires_ms > seen.fresh_ms && seen.fresh_ms.is_some(), "{seen:?}");
    let compared = directory(&a.desk).await?.comparisons;
    let of_b = compared.iter().find(|one| one.peer_id == b.id).context("a comparison with B")?;
    ensure!(compared.len() == 1 && of_b.at_ms.is_some(), "{compared:?}");
    // A record says nothing of trust: nothing can be sent to whom it is of, and its services are not found.
    ensure!(a.desk.refer(Case::default().referral(&d.id)).await.is_err(), "a referral to no partner");
    let question = desk::FindServicesRequest {
        theme: THEME.to_owned(),
        commune: COMMUNE.to_owned(),
        limit: 100,
        ..Default::default()
    };
    let found = a.desk.client().find_services(question).await?.into_inner().services;
    ensure!(found.iter().all(|found| found.service.as_ref().is_some_and(|one| one.structure_id != d.id)));

    describes(&d.desk, "Ouvert le samedi").await?;
    let took = sees(&a.desk, &d.id, "Ouvert le samedi", SOON).await?;
    println!("a change over two others in {took:?}");
    a.process.kill9()?;
    a.process.start().await?;
    a.desk = a.process.desk().await?;
    ensure!(described(&a.desk, &d.id).await?.is_some_and(|said| said.starts_with("Ouvert")), "after a kill");

    // Who is suspended carries nothing, either way.
    b.desk.suspend(&c.id).await?;
    describes(&d.desk, "Ouvert le dimanche").await?;
    sees(&c.desk, &d.id, "Ouvert le dimanche", SOON).await?;
    tokio::time::sleep(A_WHILE).await;
    // What it was the first to bring goes with it; whoever has it on another way keeps it, and may give it back.
    let at_a = described(&a.desk, &d.id).await?;
    ensure!(at_a.as_ref().is_some_and(|said| said.starts_with("Ouvert le samedi")), "{at_a:?}");
    let at_b = described(&b.desk, &d.id).await?;
    if at_b.is_some() {
        ensure!(at_b == at_a, "{at_b:?}");
        ensure!(
            known(&b.desk, &d.id).await?.carrier_id == a.id,
            "it is kept though who brought it is suspended"
        );
    }
    b.desk.resume(&c.id).await?;
    sees(&a.desk, &d.id, "Ouvert le dimanche", COMPARED).await?;
    withdrawn_and_not_brought_back([a, b, c], d).await
}

/// D takes its service back, and C is told the former record again.
async fn withdrawn_and_not_brought_back(others: [&mut Place; 3], d: &mut Place) -> Result<()> {
    d.process.stop()?;
    let [a, _, c] = others;
    let published = Published::by(&d.process, &d.id).await?;
    let is_service = |one: &&SignedRecord| matches!(one.record.key(), RecordKey::Service(_));
    let last = published.records.iter().find(is_service).context("its service")?;
    let now = Timestamp(now_ms());
    let gone = published.signs(&Record {
        sequence: last.record.sequence + 1,
        issued_at: now,
        expires_at: now.plus(Span::days(30)),
        body: Body::Withdrawn(last.record.key()),
        ..last.record.clone()
    })?;
    let partner = Liar::in_place_of(&d.process, &d.id, 1)?;
    let mut own = Carrier::open(&partner, &Victim::of(&c.process, &c.id)?).await?;
    own.say(SyncFrame::Record(gone.bytes)).await?;
    holds("it is gone everywhere", SOON, async || Ok(a.desk.services(&d.id).await?.is_empty())).await?;
    own.say(SyncFrame::Record(last.bytes.clone())).await?;
    own.is_heard().await?;
    drop(own);
    holds("the older one is refused and counted", SOON, async || {
        Ok(refused(&c.desk, &d.id, "directory_older").await? == 1)
    })
    .await?;
    ensure!(a.desk.services(&d.id).await?.is_empty() && c.desk.services(&d.id).await?.is_empty());
    Ok(())
}

/// A structure that nobody at the victim's knows, stopped, and what it published.
async fn third_structure() -> Result<Published> {
    let mut third = place("Troisième").await?;
    third.process.stop()?;
    Published::by(&third.process, &third.id).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_carrier_is_refused_and_the_admin_sees_why() -> Result<()> {
    let mut line = line(["Agence", "Espace"]).await?;
    let [a, b] = line.as_mut_slice() else { unreachable!("two were made") };
    let third = third_structure().await?;
    b.process.stop()?;
    let (partner, victim) = (Liar::in_place_of(&b.process, &b.id, 1)?, Victim::of(&a.process, &a.id)?);
    let is_service = |one: &&SignedRecord| matches!(one.record.key(), RecordKey::Service(_));
    let good = third.records.iter().find(is_service).context("its service")?;
    let now = Timestamp(now_ms());
    let with = |change: &dyn Fn(&mut Record)| -> Result<Vec<u8>> {
        let mut record = good.record.clone();
        change(&mut record);
        Ok(third.signs(&record)?.bytes)
    };
    let mut flipped = good.bytes.clone();
    *flipped.last_mut().context("bytes")? ^= 1;
    let foreign = SyncFrame::Record(SignedRecord::sign(&good.record, &partner.secrets.signing)?.bytes);
    let ahead = now.plus(CLOCK_TOLERANCE).plus(Span::hours(1));
    let past = now.minus(Span::days(90));
    let attacks = [
        ("directory_bad_signature", SyncFrame::Record(flipped)),
        ("directory_bad_signature", foreign),
        (
            "directory_future",
            SyncFrame::Record(with(&|record| {
                (record.issued_at, record.expires_at) = (ahead, ahead.plus(Span::days(30)));
            })?),
        ),
        (
            "directory_expired",
            SyncFrame::Record(with(&|record| {
                (record.issued_at, record.expires_at) = (past, past.plus(Span::days(60)));
            })?),
        ),
        (
            "directory_lifetime",
            SyncFrame::Record(with(&|record| record.expires_at = record.issued_at.plus(Span::days(300)))?),
        ),
        ("directory_unreadable", SyncFrame::Record(vec![0xff; 300])),
    ];
    for (code, frame) in attacks {
        let before = refused(&a.desk, &b.id, code).await?;
        let mut carrier = Carrier::open(&partner, &victim).await?;
        carrier.introduces(&third).await?;
        carrier.say(frame).await?;
        carrier.is_heard().await?;
        drop(carrier);
        until(code, SOON, async || Ok((refused(&a.desk, &b.id, code).await? == before + 1).then_some(())))
            .await?;
        ensure!(a.desk.services(third.id.as_bytes()).await?.is_empty(), "{code} was taken");
    }
    // A giant is no frame at all: the stream ends.
    let mut carrier = Carrier::open(&partner, &victim).await?;
    carrier.say(SyncFrame::Record(vec![1; 20_000])).await?;
    carrier.ended(SOON).await?;
    // What is good still passes, and what an admin refuses does not.
    let mut carrier = Carrier::open(&partner, &victim).await?;
    carrier.introduces(&third).await?;
    carrier.say(SyncFrame::Record(good.bytes.clone())).await?;
    carrier.is_heard().await?;
    ensure!(a.desk.services(third.id.as_bytes()).await?.len() == 1, "what is good is taken");
    steered_from_the_command_line(&a.process, &a.desk, &third).await
}

/// The admin sees the structure, refuses it, allows it again, and chooses other départements.
async fn steered_from_the_command_line(process: &Process, at: &Desk, third: &Published) -> Result<()> {
    let run = |arguments: &[&str]| -> Result<serde_json::Value> {
        let output = process.run(&[&["--json"], arguments].concat())?;
        ensure!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(serde_json::from_slice(&output.stdout)?)
    };
    let status = run(&["directory", "status"])?;
    ensure!(status["departements"] == serde_json::json!(["17"]), "{status}");
    let structures = status["structures"].as_array().context("structures")?;
    let seen = structures.iter().find(|one| one["name"] == "Troisième").context("it is listed")?;
    ensure!(seen["standing"] == "third" && seen["carrier_name"] == "Espace", "{seen}");
    let refusals = status["carriers"][0]["refusals"].as_array().context("refusals")?;
    ensure!(refusals.len() >= 5, "{refusals:?}");
    let plain = process.run(&["directory", "status"])?;
    let plain = String::from_utf8(plain.stdout)?;
    ensure!(plain.contains("Troisième") && plain.contains("bad_signature 2"), "{plain}");
    let refused = run(&["directory", "refuse", "troisième"])?;
    ensure!(refused["structure"]["standing"] == "refused", "{refused}");
    ensure!(at.services(third.id.as_bytes()).await?.is_empty(), "what was held is forgotten");
    let allowed = run(&["directory", "allow", &third.id.to_string()])?;
    ensure!(allowed["structure"]["standing"] == "third", "{allowed}");
    let chosen = run(&["directory", "subscribe", "79", "2a"])?;
    ensure!(chosen["departements"] == serde_json::json!(["2A", "79"]), "{chosen}");
    ensure!(chosen["chosen"] == "yes", "{chosen}");
    let home = run(&["directory", "subscribe", "--home"])?;
    ensure!(home["departements"] == serde_json::json!(["17"]) && home["chosen"] == "no", "{home}");
    Ok(())
}
