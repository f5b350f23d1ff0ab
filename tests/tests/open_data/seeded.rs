//! A dump as it should be.

use super::House;
use anyhow::{Context as _, Result, ensure};
use relais_proto::desk::v1 as desk;
use relais_tests::dump::{Dump, Which};
use relais_tests::wait::holds;
use serde_json::Value;
use std::io::Write as _;
use std::process::Stdio;
use std::time::Duration;

/// Services of the dump.
const SERVICES: u32 = 2_000;
/// Longest a seed of so few may take, and reading them at start.
const SOON: Duration = Duration::from_secs(60);

fn json_of(services: u32) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    Dump::of(services).write_json(&mut bytes)?;
    Ok(bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_is_seeded_found_shown_and_read_again_at_start() -> Result<()> {
    let mut house = House::open().await?;
    let file = house.file("dump.json", json_of(SERVICES)?)?;
    let (code, text, lines) = house.ran(&["directory", "seed", &file])?;
    ensure!(code == 0, "{lines}{text}");
    ensure!(text.starts_with("data-inclusion: 2000 services of 667 structures are held (2000 new"), "{text}");
    ensure!(!lines.contains('\u{1b}'), "no bar where there is no terminal: {lines:?}");
    let report = house.told(&["directory", "seed", &file, "--json"])?;
    ensure!(
        (&report["created"], &report["again"], &report["gone"]) == (&0.into(), &2_000.into(), &0.into()),
        "{report}"
    );
    ensure!(report["refused"] == 0 && report["remarks"] == serde_json::json!([]), "{report}");

    let first = Dump::of(SERVICES).service(7);
    let id = first["id"].as_str().context("an id")?;
    let entry = house.told(&["directory", "entry", id, "--json"])?;
    ensure!(entry["service"]["name"] == first["nom"] && entry["source"] == first["source"], "{entry}");
    ensure!(entry["phone"].is_string() && entry["link"].is_string() && entry["replaced"] == false, "{entry}");
    ensure!(entry["service"]["structure_name"] == "Structure 2", "{entry}");
    let status = house.told(&["directory", "status", "--json"])?;
    let source = &status["open_data"]["sources"][0];
    ensure!(source["name"] == "data-inclusion" && source["services"] == 2_000, "{status}");
    let (_, text, _) = house.ran(&["directory", "status"])?;
    ensure!(text.contains("Open data: 2000 services that nobody vouches for, 0 of them"), "{text}");
    let none = house.ran(&["directory", "entry", "dora--none"])?;
    ensure!(none.0 == 65, "{none:?}");

    let found = found(&house, &first).await?;
    let one = found.clone().context("what is held is found")?;
    ensure!(one.standing() == desk::FoundStanding::Unverified, "{one:?}");
    let open = one.open.context("where it comes from")?;
    ensure!(open.dump == "data-inclusion" && open.source == first["source"], "{open:?}");
    house.node.restart().await?;
    house.desk = house.node.desk().await?;
    holds("entries are read at start", SOON, async || Ok(house.status().await?.loaded == SERVICES)).await?;
    let status = house.status().await?;
    ensure!(status.sources.len() == 1 && status.sources[0].services == SERVICES, "{status:?}");
    ensure!(self::found(&house, &first).await? == found, "the same after a start");
    Ok(())
}

/// A service as a search finds it, on whichever page it stands.
async fn found(house: &House, service: &Value) -> Result<Option<desk::FoundService>> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut request = desk::FindServicesRequest {
        theme: text(&service["thematiques"][0]),
        commune: text(&service["code_insee"]),
        limit: 100,
        doors: desk::FindDoors::All.into(),
        ..Default::default()
    };
    loop {
        let answer = house.desk.client().find_services(request.clone()).await?.into_inner();
        let is_it = |one: &&desk::FoundService| {
            one.service.as_ref().is_some_and(|found| found.service_id == text(&service["id"]))
        };
        if let Some(one) = answer.services.iter().find(is_it) {
            return Ok(Some(one.clone()));
        }
        if answer.next_page_token.is_empty() {
            return Ok(None);
        }
        request.page_token = answer.next_page_token;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_of_tables_is_a_dump_as_well_and_what_is_gone_is_gone() -> Result<()> {
    let house = House::open().await?;
    let big = house.file("big.json", json_of(600)?)?;
    house.told(&["directory", "seed", &big, "--json"])?;
    let dump = Dump::of(300);
    let (mut services, mut structures) = (Vec::new(), Vec::new());
    dump.write_csv(Which::Services, &mut services)?;
    dump.write_csv(Which::Structures, &mut structures)?;
    let services = house.file("services.csv", services)?;
    let structures = house.file("structures.csv", structures)?;
    let report = house.told(&["directory", "seed", &services, &structures, "--json"])?;
    ensure!((&report["again"], &report["gone"]) == (&300.into(), &300.into()), "{report}");
    ensure!(report["structures"] == 100 && report["refused"] == 0, "{report}");
    // The services alone: the structures are gone, with the names that were shown, and that is said.
    let (code, text, _) = house.ran(&["directory", "seed", &services])?;
    ensure!(code == 0 && text.contains("300 known before") && text.contains("structure_missing"), "{text}");
    ensure!(text.contains("structures: 100 before, 0 now"), "{text}");
    let gone = Dump::of(600).service(599);
    let id = gone["id"].as_str().context("an id")?;
    ensure!(house.ran(&["directory", "entry", id])?.0 == 65, "{id} is gone");
    ensure!(house.status().await?.loaded == 300);
    Ok(())
}

/// What a run needs to be in the middle of: half of a dump was sent, and more is awaited.
async fn half_sent(house: &House, dump: &[u8]) -> Result<tokio::sync::mpsc::Sender<desk::SeedPiece>> {
    let (pieces, sent) = tokio::sync::mpsc::channel(64);
    let first = desk::SeedPiece {
        source: "data-inclusion".to_owned(),
        file: Some(desk::SeedFile::default()),
        ..Default::default()
    };
    pieces.send(first).await?;
    let mut client = house.desk.client();
    let mut answers =
        client.seed_directory(tokio_stream::wrappers::ReceiverStream::new(sent)).await?.into_inner();
    for data in dump[..dump.len() * 3 / 4].chunks(200_000) {
        pieces.send(desk::SeedPiece { data: data.to_vec(), ..Default::default() }).await?;
    }
    let told = answers.message().await?.context("the first progress")?;
    ensure!(told.services > 0 && told.report.is_none(), "it is in the middle: {told:?}");
    Ok(pieces)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_killed_in_the_middle_of_a_seed_keeps_the_former_entries() -> Result<()> {
    let mut house = House::open().await?;
    let file = house.file("dump.json", json_of(500)?)?;
    house.told(&["directory", "seed", &file, "--json"])?;
    let other = json_of(4_000)?;
    let _pieces = half_sent(&house, &other).await?;
    house.node.kill9()?;
    house.node.start().await?;
    house.desk = house.node.desk().await?;
    holds("entries are read", SOON, async || Ok(house.status().await?.loaded == 500)).await?;
    let before = Dump::of(500).service(499);
    let id = before["id"].as_str().context("an id")?;
    ensure!(house.told(&["directory", "entry", id, "--json"])?["service"]["name"] == before["nom"]);
    let after = Dump::of(4_000).service(3_000);
    let id = after["id"].as_str().context("an id")?;
    ensure!(house.ran(&["directory", "entry", id])?.0 == 65, "nothing of the run that broke off is shown");
    // It is run again to its end.
    let file = house.file("other.json", &other)?;
    let report = house.told(&["directory", "seed", &file, "--json"])?;
    ensure!((&report["created"], &report["again"]) == (&3_500.into(), &500.into()), "{report}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_seeds_is_told_of_a_node_that_was_killed_and_that_nothing_changed() -> Result<()> {
    let mut house = House::open().await?;
    let other = json_of(4_000)?;
    let mut command = house.node.command(&["directory", "seed", "-"])?;
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let mut input = child.stdin.take().context("a pipe")?;
    input.write_all(&other[..other.len() / 2])?;
    house.node.kill9()?;
    // What is still to come may find nobody.
    let _ = input.write_all(&other[other.len() / 2..]);
    drop(input);
    let ended = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&ended.stderr);
    ensure!(ended.status.code() == Some(69), "{}: {said}", ended.status);
    ensure!(said.contains("the node stopped answering") && said.contains("nothing was changed"), "{said}");
    ensure!(!said.contains("h2") && said.contains("relais serve"), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_killed_in_the_middle_of_a_seed_keeps_the_former_entries() -> Result<()> {
    let house = House::open().await?;
    let file = house.file("dump.json", json_of(500)?)?;
    house.told(&["directory", "seed", &file, "--json"])?;
    let other = json_of(4_000)?;
    let mut command = house.node.command(&["directory", "seed", "-"])?;
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let mut input = child.stdin.take().context("a pipe")?;
    input.write_all(&other[..other.len() / 2])?;
    child.kill()?;
    child.wait()?;
    drop(input);
    holds("the next seed is let in", SOON, async || Ok(house.ran(&["directory", "seed", &file])?.0 == 0))
        .await?;
    let status = house.status().await?;
    ensure!(status.loaded == 500 && status.sources[0].services == 500, "{status:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_that_was_cut_is_not_taken() -> Result<()> {
    let house = House::open().await?;
    let whole = json_of(500)?;
    let file = house.file("dump.json", &whole)?;
    house.told(&["directory", "seed", &file, "--json"])?;
    let cut = house.file("cut.json", &whole[..whole.len() - 100])?;
    let (code, _, error) = house.ran(&["directory", "seed", &cut, "--json"])?;
    ensure!(
        code == 65 && error.contains("ends in the middle") && error.contains("\"code\":\"dump\""),
        "{code} {error}"
    );
    ensure!(house.status().await?.loaded == 500);
    // And neither is one whose sender says another length than was sent.
    let end = desk::SeedEnd { bytes: 1 };
    let piece = desk::SeedPiece {
        source: "data-inclusion".to_owned(),
        file: Some(desk::SeedFile::default()),
        data: whole,
        end: Some(end),
    };
    let big = house
        .desk
        .client()
        .seed_directory(tokio_stream::iter([piece.clone()]))
        .await?
        .into_inner()
        .message()
        .await;
    ensure!(big.is_err_and(|status| status.message().contains("262,144")));
    let piece = desk::SeedPiece { data: json_of(5)?, ..piece };
    let wrong =
        house.desk.client().seed_directory(tokio_stream::iter([piece])).await?.into_inner().message().await;
    ensure!(wrong.is_err_and(|status| status.message().contains("to its end")));
    Ok(())
}
