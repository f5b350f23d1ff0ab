//! A service that its structure takes back: nobody finds it any more, and no third structure brings it back.

use anyhow::{Context as _, Result, ensure};
use relais_domain::directory::{Body, RecordKey};
use relais_proto::desk::v1 as desk;
use relais_tests::carrier::Published;
use relais_tests::case::{COMMUNE, Case, SERVICE, THEME, accept, services};
use relais_tests::desk::{Desk, Id};
use relais_tests::process::{Plan, Process};
use relais_tests::town::{SOON, becomes, id_of, knows_services, pair};
use relais_tests::wait::holds;
use serde_json::Value;
use std::time::Duration;

/// Longest until a change that streams miss is found by comparing.
const COMPARED: Duration = Duration::from_secs(75);
/// As long as something that must not happen is waited for.
const A_WHILE: Duration = Duration::from_secs(3);
/// A service that stays.
const OTHER: &str = "atelier";

struct Place {
    process: Process,
    desk: Desk,
    id: Id,
}

async fn place(name: &str, published: &[&str]) -> Result<Place> {
    let mut process = Process::init(&Plan::named(name))?;
    process.start().await?;
    let desk = process.desk().await?;
    desk.import(&services(published)).await?;
    let id = desk.id().await?;
    Ok(Place { process, desk, id })
}

/// The services of a structure that a search finds.
async fn found(at: &Desk, of: &Id) -> Result<Vec<String>> {
    let question = desk::FindServicesRequest {
        theme: THEME.to_owned(),
        commune: COMMUNE.to_owned(),
        limit: 100,
        ..Default::default()
    };
    let found = at.client().find_services(question).await?.into_inner().services;
    let found = found.into_iter().filter_map(|found| found.service);
    let mut ids: Vec<String> =
        found.filter(|one| one.structure_id == *of).map(|one| one.service_id).collect();
    ids.sort();
    Ok(ids)
}

/// Runs a command that must succeed; what it printed as JSON.
fn told(process: &Process, arguments: &[&str]) -> Result<Value> {
    let output = process.run(arguments)?;
    ensure!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Runs a command that must not: its exit code, and what it said.
fn refused(process: &Process, arguments: &[&str]) -> Result<(i32, String)> {
    let output = process.run(arguments)?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok((output.status.code().context("a signal")?, said))
}

/// What a stopped structure says last of its service: the sequence, and whether it is offered.
async fn said_last(of: &Place) -> Result<(u64, bool)> {
    let published = Published::by(&of.process, &of.id).await?;
    let is_it = |key: RecordKey| matches!(key, RecordKey::Service(id) if id.as_str() == SERVICE);
    let record = published.records.into_iter().map(|one| one.record).find(|record| is_it(record.key()));
    let record = record.context("a record of it")?;
    Ok((record.sequence, matches!(record.body, Body::Service(_))))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_taken_back_is_found_by_nobody_and_open_referrals_go_on() -> Result<()> {
    let mut hub = place("Espace de l'Essai", &[SERVICE, OTHER]).await?;
    let agency = place("Agence de l'Essai", &[SERVICE]).await?;
    let mut third = place("Troisième", &[SERVICE]).await?;
    pair(&hub.desk, &agency.desk).await?;
    pair(&hub.desk, &third.desk).await?;
    pair(&agency.desk, &third.desk).await?;
    for at in [&agency.desk, &third.desk] {
        knows_services(at, &hub.id).await?;
    }
    ensure!(found(&agency.desk, &hub.id).await? == [SERVICE, OTHER]);
    let thread = id_of(&agency.desk.refer(Case::default().referral(&hub.id)).await?)?;
    agency.desk.delivered(&thread, SOON).await?;
    third.process.stop()?;

    // It is asked for: without someone to ask, nothing is done; an id that is none is said to be none.
    let (code, said) = refused(&hub.process, &["service", "withdraw", SERVICE])?;
    ensure!(code == 64 && said.contains("--yes"), "{code} {said}");
    for unknown in ["nulle-part", "", &"x".repeat(300)] {
        let (code, said) = refused(&hub.process, &["service", "withdraw", unknown, "--yes"])?;
        ensure!(code == 65 && said.contains("service_id"), "{unknown}: {code} {said}");
    }
    ensure!(hub.desk.services(&[]).await?.len() == 2, "nothing was taken back");
    let ledger = hub.desk.status().await?.ledger_size;
    let gone = told(&hub.process, &["service", "withdraw", SERVICE, "--yes", "--json"])?;
    ensure!(gone["service_id"] == SERVICE && gone["already"] == "no", "{gone}");
    let again = told(&hub.process, &["service", "withdraw", SERVICE, "--yes", "--json"])?;
    ensure!(again["already"] == "yes" && again["withdrawn"] == gone["withdrawn"], "{again}");
    ensure!(hub.desk.status().await?.ledger_size == ledger + 1, "one leaf");

    let gone = async |at: &Desk| Ok(found(at, &hub.id).await? == [OTHER]);
    let took = holds("the agency no longer finds it", SOON, async || gone(&agency.desk).await).await?;
    println!("gone at a partner in {took:?}");
    let no = agency.desk.refer(Case::default().referral(&hub.id)).await.err().context("it was sent")?;
    ensure!(no.message().contains("taken this service back"), "{no:?}");
    ensure!(no.metadata().get("relais-field").is_some_and(|field| field == "need.service"), "{no:?}");
    hub.desk.act(&thread, accept()).await?;
    becomes("the open referral goes on", &agency.desk, &thread, |view| view.stage_two.is_some()).await?;

    // A third structure that still holds it comes back while the hub is away.
    hub.process.stop()?;
    let (withdrawn, offered) = said_last(&hub).await?;
    ensure!(!offered, "it is taken back");
    third.process.start().await?;
    third.desk = third.process.desk().await?;
    holds("the third hears of it from the agency", COMPARED, async || gone(&third.desk).await).await?;
    tokio::time::sleep(A_WHILE).await;
    ensure!(gone(&agency.desk).await?, "the third brought it back");

    // Imported again, it is there again.
    hub.process.start().await?;
    hub.desk = hub.process.desk().await?;
    ensure!(hub.desk.import(&services(&[SERVICE, OTHER])).await? == 1, "the other one was never gone");
    for at in [&agency.desk, &third.desk] {
        holds("it is found again", COMPARED, async || {
            Ok(found(at, &hub.id).await? == [SERVICE.to_owned(), OTHER.to_owned()])
        })
        .await?;
    }
    agency.desk.refer(Case::default().referral(&hub.id)).await?;
    hub.process.stop()?;
    let (published, offered) = said_last(&hub).await?;
    ensure!(offered && published > withdrawn, "{published} after {withdrawn}");
    Ok(())
}
