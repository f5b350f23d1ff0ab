//! The rotation of a root with real nodes: partners follow, a thief of the folder does not, and no crash leaves a
//! structure without an identity or without a sheet that counts.

use anyhow::{Context as _, Result, ensure};
use relais_domain::digest::Digest;
use relais_domain::time::{Span, Timestamp};
use relais_proto::desk::v1 as desk;
use relais_server::home::Home;
use relais_server::tls::Ca;
use relais_tests::case::{self, Case, now_ms};
use relais_tests::desk::{Desk, Id};
use relais_tests::process::{NOWHERE, Plan, Process};
use relais_tests::town::{Two, becomes_within, id_of, knows_services_within};
use relais_tests::wait::holds;
use relais_wire::keys::SigningSecret;
use relais_wire::manifest::chain::Chain;
use relais_wire::manifest::{Claims, Manifest};
use relais_wire::recovery::read_sheet;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

/// Longest a partner may take to hear of a rotation: some dials are refused before.
const HEARD: Duration = Duration::from_secs(90);
/// How long a thief is watched trying.
const WATCHED: Duration = Duration::from_secs(8);

/// Every file under a folder of keys, with its content.
fn keys(process: &Process) -> Result<Vec<(String, Vec<u8>)>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(process.home().join("keys"))? {
        let path = entry?.path();
        let content = if path.is_dir() { b"a folder".to_vec() } else { fs::read(&path)? };
        all.push((path.display().to_string(), content));
    }
    all.sort();
    Ok(all)
}

fn rotate(process: &Process, sheet: &str) -> Result<Output> {
    process.run_with(&["identity", "rotate", "--sheet", "-", "--json"], sheet.as_bytes())
}

/// Rotates, and gives the new sheet.
fn rotated(process: &Process, sheet: &str) -> Result<String> {
    let done = rotate(process, sheet)?;
    ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let printed = String::from_utf8(done.stdout)?;
    ensure!(printed.lines().count() == 1, "one object for scripts: {printed}");
    sheet_in(&printed).context("the new sheet is printed")
}

fn sheet_in(printed: &str) -> Option<String> {
    let value: Value = serde_json::from_str(printed.trim()).ok()?;
    Some(value["recovery_sheet"].as_str()?.to_owned())
}

/// What a script reads of a refusal: exit code, code, message.
fn refusal(output: &Output) -> Result<(Option<i32>, String, String)> {
    let value: Value = serde_json::from_slice(&output.stderr)
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    let word = |key: &str| value["error"][key].as_str().unwrap_or_default().to_owned();
    Ok((output.status.code(), word("code"), word("message")))
}

fn manifest(process: &Process) -> Result<u64> {
    let shown = process.run(&["identity", "show", "--json"])?;
    ensure!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
    let value: Value = serde_json::from_slice(&shown.stdout)?;
    value["manifest_sequence"].as_u64().context("a sequence")
}

async fn hears(at: &Desk, of: &Id, sequence: u64) -> Result<()> {
    holds(&format!("manifest {sequence} arrives"), HEARD, async || {
        Ok(at.partner(of).await?.manifest_sequence == sequence)
    })
    .await
    .map(|_| ())
}

async fn crosses(from: &Desk, to: &Desk, to_id: &Id) -> Result<()> {
    // What the former root signed went with it; what is signed anew comes behind the manifests, and takes as long: a stream that
    // ended is opened again after a rest and a back-off.
    knows_services_within(HEARD, from, to_id).await?;
    let thread = id_of(&from.refer(Case::default().referral(to_id)).await?)?;
    becomes_within("the referral arrives", HEARD, to, &thread, |_| true).await?;
    to.act(&thread, case::accept()).await?;
    let named = |view: &desk::ThreadView| view.stage_two.as_ref().is_some_and(|two| two.name.is_some());
    becomes_within("the name arrives", HEARD, to, &thread, named).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_follows_a_rotation_and_referrals_cross() -> Result<()> {
    let mut two = Two::start().await?;
    let (agency, _) = two.desks().await?;
    two.hub.stop()?;
    let waiting = id_of(&agency.refer(Case::default().referral(&two.hub_id)).await?)?;

    let sheet = two.agency.printed.clone();
    let (before, running) = (keys(&two.agency)?, rotate(&two.agency, &sheet)?);
    let (exit, code, message) = refusal(&running)?;
    ensure!(
        (exit, code.as_str()) == (Some(69), "unavailable") && message.contains("stop it first"),
        "{message}"
    );
    two.agency.stop()?;
    wrong_sheets(&two)?;
    ensure!(keys(&two.agency)? == before && manifest(&two.agency)? == 1, "a refusal changed something");

    let next = rotated(&two.agency, &sheet)?;
    kept_nowhere(&two.agency, &next)?;
    ensure!(manifest(&two.agency)? == 2);
    two.agency.start().await?;
    two.hub.start().await?;
    let (agency, hub) = two.desks().await?;
    ensure!(agency.id().await? == two.agency_id, "the structure keeps its id");
    hears(&hub, &two.agency_id, 2).await?;
    becomes_within("what the former key signed arrives", HEARD, &hub, &waiting, |_| true).await?;
    crosses(&agency, &hub, &two.hub_id).await?;
    crosses(&hub, &agency, &two.agency_id).await?;

    two.agency.stop()?;
    let (_, code, _) = refusal(&rotate(&two.agency, &sheet)?)?;
    ensure!(code == "sheet_used", "{code}");
    rotated(&two.agency, &next)?;
    two.agency.start().await?;
    let (agency, hub) = two.desks().await?;
    hears(&hub, &two.agency_id, 3).await?;
    crosses(&agency, &hub, &two.hub_id).await
}

/// Each wrong sheet has its own code and says what to do.
fn wrong_sheets(two: &Two) -> Result<()> {
    let sheet = &two.agency.printed;
    let place = sheet.find("2: ").context("a second line")? + 3;
    let mut typo = sheet.clone();
    let other = if &typo[place..=place] == "7" { "8" } else { "7" };
    typo.replace_range(place..=place, other);
    let lines = |sheet: &str| {
        sheet.lines().skip_while(|line| !line.starts_with("1: ")).collect::<Vec<_>>().join("\n")
    };
    for (wrong, expected, said) in [
        (typo, "sheet_mistyped", "line 2"),
        ("nonsense".to_owned(), "sheet_mistyped", "line 1"),
        (two.hub.printed.clone(), "sheet_of_another", "another structure"),
        (lines(&two.hub.printed), "sheet_not_announced", "not the sheet"),
    ] {
        let (exit, code, message) = refusal(&rotate(&two.agency, &wrong)?)?;
        ensure!((exit, code.as_str()) == (Some(65), expected), "{expected}: {code}: {message}");
        ensure!(message.contains(said) && message.contains("nothing was changed"), "{message}");
        ensure!(!wrong.lines().any(|line| line.len() > 9 && message.contains(line)), "the sheet is repeated");
    }
    let nothing = two.agency.run(&["identity", "rotate", "--json"])?;
    ensure!(refusal(&nothing)?.0 == Some(64), "without a sheet");
    let argument = two.agency.run(&["identity", "rotate", "--json", sheet.as_str()])?;
    ensure!(refusal(&argument)?.0 == Some(64), "a sheet as an argument");
    Ok(())
}

/// The next root is in no file of the node.
fn kept_nowhere(process: &Process, sheet: &str) -> Result<()> {
    let root = read_sheet(sheet)?.expose_secret_bytes();
    let first = sheet.lines().find(|line| line.starts_with("1: ")).context("a first line")?[3..].to_owned();
    for needle in [root.as_slice(), first.as_bytes()] {
        ensure!(!lies_under(&process.home(), needle)?, "the next root lies in the folder");
    }
    Ok(())
}

fn lies_under(path: &Path, needle: &[u8]) -> Result<bool> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            if lies_under(&entry?.path(), needle)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    if !path.is_file() {
        return Ok(false);
    }
    Ok(fs::read(path)?.windows(needle.len()).any(|window| window == needle))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_only_dials_or_is_only_dialled_follows() -> Result<()> {
    let unreachable = Plan { advertise: Some(NOWHERE.to_owned()), ..Plan::named("Portable") };
    let mut two = Two::of(&unreachable, &Plan::named("Espace")).await?;
    two.hub.stop()?;
    rotated(&two.hub, &two.hub.printed)?;
    two.hub.start().await?;
    let (agency, hub) = two.desks().await?;
    hears(&agency, &two.hub_id, 2).await?;
    crosses(&agency, &hub, &two.hub_id).await?;

    two.agency.stop()?;
    rotated(&two.agency, &two.agency.printed)?;
    two.agency.start().await?;
    let (agency, hub) = two.desks().await?;
    hears(&hub, &two.agency_id, 2).await?;
    crosses(&hub, &agency, &two.agency_id).await
}

/// A thief's node: a copy of the folder of `victim`, which has stopped, with doors of its own.
fn thief_of(victim: &Process) -> Result<Process> {
    let thief = Process::init(&Plan::named("Voleur"))?;
    let (listen, pairing) = (thief.listen.to_string(), thief.pairing.to_string());
    for part in ["keys", "data"] {
        fs::remove_dir_all(thief.home().join(part))?;
        copy(&victim.home().join(part), &thief.home().join(part))?;
    }
    fs::copy(victim.configuration(), thief.configuration())?;
    for (key, value) in [
        ("listen", &listen),
        ("advertise", &listen),
        ("pairing_listen", &pairing),
        ("advertise_pairing", &pairing),
    ] {
        thief.configure(key, value)?;
    }
    Ok(thief)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

async fn endpoint_at(at: &Desk, of: &Id) -> Result<Vec<String>> {
    Ok(at.partner(of).await?.endpoints)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thief_of_the_whole_folder_is_out_after_the_rotation() -> Result<()> {
    let mut two = Two::start().await?;
    two.agency.stop()?;
    let mut thief = thief_of(&two.agency)?;
    thief.start().await?;
    let hub = two.hub.desk().await?;
    hears(&hub, &two.agency_id, 2).await?;
    ensure!(endpoint_at(&hub, &two.agency_id).await? == [thief.listen.to_string()], "the thief got in first");

    // He has no sheet: neither one of his own nor the announced one's place.
    thief.stop()?;
    let (_, code, _) = refusal(&rotate(&thief, &two.hub.printed)?)?;
    ensure!(code == "sheet_of_another", "{code}");
    thief.start().await?;

    rotated(&two.agency, &two.agency.printed)?;
    two.agency.start().await?;
    let agency = two.agency.desk().await?;
    let ours = [two.agency.listen.to_string()];
    holds("the rotation supersedes the thief", HEARD, async || {
        Ok(endpoint_at(&hub, &two.agency_id).await? == ours)
    })
    .await?;
    crosses(&agency, &hub, &two.hub_id).await?;

    // The former root signs once more, and the former CA dials once more: in vain.
    thief.configure("advertise", NOWHERE)?;
    thief.restart().await?;
    let robbed = thief.desk().await?;
    let sent = id_of(&robbed.refer(Case::default().referral(&two.hub_id)).await?)?;
    let came = holds("the thief is let in", WATCHED, async || {
        let linked = robbed.peer(&two.hub_id).await?.link() == desk::LinkState::Open;
        let followed = endpoint_at(&hub, &two.agency_id).await? != ours;
        Ok(linked || followed || hub.find(&sent).await?.is_some())
    });
    ensure!(came.await.is_err(), "the thief was let in after the rotation");
    crosses(&agency, &hub, &two.hub_id).await
}

/// The chain of a stopped node, from the file it writes for partners.
fn chain_in(file: &Path) -> Result<Chain> {
    let text = fs::read_to_string(file)?;
    let manifests = text.lines().skip(1).map(|line| {
        let digits: Vec<char> = line.chars().collect();
        let pairs = digits.chunks(2).map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16));
        let bytes = pairs.collect::<Result<Vec<u8>, _>>()?;
        Ok(Manifest::admit(&bytes)?)
    });
    Ok(Chain::from_manifests(manifests.collect::<Result<Vec<_>>>()?)?)
}

fn file_of(manifests: &[&Manifest]) -> String {
    let digits = |manifest: &&Manifest| -> String {
        manifest.signed().encode().iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let lines: Vec<String> = manifests.iter().map(digits).collect();
    format!("relais.manifests/1\n{}\n", lines.join("\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_misled_by_a_thief_takes_the_rotation_from_a_file() -> Result<()> {
    let mut two = Two::start().await?;
    two.agency.stop()?;
    two.hub.stop()?;
    let file = two.agency.everything().join("first.txt");
    let shown = file.display().to_string();
    ensure!(two.agency.run(&["identity", "show", "--manifests", &shown])?.status.success());
    let (chain, root) = (chain_in(&file)?, Home::at(two.agency.home()).secrets()?.root);
    let stolen = thiefs_manifest(&chain, &root)?;
    let follow = |text: &str| two.hub.run_with(&["identity", "follow", "-", "--json"], text.as_bytes());
    ensure!(follow(&file_of(&[chain.current(), &stolen]))?.status.success(), "the root is the root");

    // From here on the hub knows the agency by the thief's CA alone, since long ago.
    rotated(&two.agency, &two.agency.printed)?;
    let file = two.agency.everything().join("rotated.txt");
    let shown = file.display().to_string();
    ensure!(two.agency.run(&["identity", "show", "--manifests", &shown])?.status.success());
    let rotation = fs::read_to_string(&file)?;
    let done = follow(&rotation)?;
    let value: Value = serde_json::from_slice(&done.stdout)?;
    ensure!(value["new"] == true && value["manifest_sequence"] == 2, "{value}");
    let again: Value = serde_json::from_slice(&follow(&rotation)?.stdout)?;
    ensure!(again["new"] == false, "{again}");

    // The thief's file is worth nothing any more; nor are those of strangers.
    for (text, said) in [
        (file_of(&[chain.current(), &stolen]), "superseded"),
        (rotation.replacen("relais", "other", 1), "relais.manifests/1"),
    ] {
        let (exit, _, message) = refusal(&follow(&text)?)?;
        ensure!(exit == Some(65) && message.contains(said), "{message}");
    }
    let own = two.agency.run_with(&["identity", "follow", "-", "--json"], rotation.as_bytes())?;
    ensure!(refusal(&own)?.2.contains("no partner"), "a structure follows itself");

    two.agency.start().await?;
    two.hub.start().await?;
    let (agency, hub) = two.desks().await?;
    crosses(&agency, &hub, &two.hub_id).await
}

/// What a thief of the root signs: his own CA, in force since long ago.
fn thiefs_manifest(chain: &Chain, root: &SigningSecret) -> Result<Manifest> {
    let (ca, _) = Ca::generate(chain.structure())?.into_parts();
    let long_ago = Timestamp(now_ms()).minus(Span::days(60));
    let claims = Claims { tls_ca_der: ca, valid_from: long_ago, ..chain.current().claims().clone() };
    // The successor he would like is none that he can announce.
    let his_own = Digest::of(b"his own next root");
    ensure!(chain.rotation(&claims, root, his_own).is_err());
    Ok(chain.next(&claims, root)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_killed_anywhere_leaves_one_identity_and_one_sheet() -> Result<()> {
    let mut node = Process::init(&Plan::named("Espace de l'Essai"))?;
    let mut sheet = node.printed.clone();
    let (mut sequence, mut made, mut undone) = (1, 0, 0);
    for round in 0..24_u32 {
        let file = node.everything().join("sheet.txt");
        fs::write(&file, &sheet)?;
        let file = file.display().to_string();
        let mut command = node.command(&["identity", "rotate", "--sheet", &file, "--json"])?;
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        // From 20 ms on, a fifth more each time: a slow machine is killed at both ends as well.
        let wait_ms = (0..round).fold(20_u64, |wait, _| wait * 6 / 5);
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
        child.kill()?;
        let output = child.wait_with_output()?;
        let now = manifest(&node)?;
        if now == sequence {
            undone += 1;
            continue;
        }
        ensure!(now == sequence + 1, "manifest {now} after {sequence}");
        (sequence, made) = (now, made + 1);
        sheet = sheet_in(&String::from_utf8(output.stdout)?).context("made, but no sheet was printed")?;
    }
    ensure!(undone > 0 && made > 0, "{made} made, {undone} not: the kills came all at one end");
    rotated(&node, &sheet)?;
    node.start().await?;
    node.stop()?;
    Ok(())
}
