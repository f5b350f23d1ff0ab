//! The gateway's end: it serves pages, comes back by itself, and says what is in the way.

use super::house::{Gateway, House, SOON};
use anyhow::{Context as _, Result, ensure};
use relais_domain::time::Span;
use relais_server::clock::{Clock, Dice};
use relais_server::gateways::Gateways;
use relais_server::home::Home;
use relais_tests::browser::{Browser, Page};
use relais_tests::network::free_address;
use relais_tests::wait::until;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

/// What a page says while the node is away.
const AWAY: &str = "ne répond pas";

fn is_away(page: &Page) -> bool {
    page.status == 503 && page.text.contains(AWAY)
}

/// Waits until the landing page is away, or is there.
async fn landing(browser: &Browser, what: &str, wanted: impl Fn(&Page) -> bool) -> Result<()> {
    let mut browser = browser.clone();
    let seen = until(what, SOON, async || Ok(wanted(&browser.get("/").await?).then_some(()))).await;
    seen.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_professional_signs_in_far_from_the_node_and_the_node_may_come_and_go() -> Result<()> {
    let mut house = House::start("Maison de l'Essai").await?;
    let (file, serial) = house.credentials("desk.pem")?;
    let (other_file, _) = house.credentials("other.pem")?;
    let mode = fs::metadata(&file)?.permissions().mode();
    ensure!(mode & 0o777 == 0o600, "{mode:o}");
    let (gateway, other) = (house.gateway(&file).await?, house.gateway(&other_file).await?);
    gateway.says("Connected to the node").await?;

    let mut browser = Browser::at(gateway.address);
    let page = browser.get("/connexion").await?;
    ensure!(page.status == 200 && page.text.contains("mot-de-passe"), "{} {}", page.status, page.text);
    browser.sign_in(&house.link().await?).await?;
    let there = |page: &Page| page.status == 200 && page.text.contains("Nouvelle orientation");
    landing(&browser, "the landing page", there).await?;

    house.node.stop()?;
    let told = |page: &Page| is_away(page) && gateway.log().contains("does not answer");
    landing(&browser, "the page says that the node is away", told).await?;
    house.node.start().await?;
    landing(&browser, "the page is back without a new gateway", there).await?;

    // Taken back: out within seconds, and what it says tells why. The other one goes on.
    let listed = house.relais(&["gateway", "list"])?;
    let listed = listed["gateways"].as_array().context("a list")?;
    ensure!(listed.len() == 2 && listed.iter().all(|one| one["state"] == "in_use"), "{listed:?}");
    house.relais(&["gateway", "revoke", &serial])?;
    let told = |page: &Page| is_away(page) && gateway.log().contains("refuses these credentials");
    landing(&browser, "the gateway is sent away and says why", told).await?;
    let mut elsewhere = Browser::at(other.address);
    elsewhere.sign_in(&house.link().await?).await?;
    landing(&elsewhere, "the other gateway goes on", there).await?;
    let listed = house.relais(&["gateway", "list"])?;
    ensure!(listed["gateways"][0]["state"] == "revoked" && listed["gateways"][1]["state"] == "in_use");
    ensure!(house.node.run(&["gateway", "revoke", "4000000000000000"])?.status.code() == Some(65));
    house.node.stop()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_says_what_is_in_the_way() -> Result<()> {
    let (house, strange) = (House::start("Maison de l'Essai").await?, House::init("Autre Maison")?);
    let (file, _) = house.credentials("desk.pem")?;
    let (of_another, _) = strange.credentials("strange.pem")?;

    let misled = house.gateway(&of_another).await?;
    misled.says("is not the node these credentials were made by").await?;
    ensure!(is_away(&Browser::at(misled.address).post("/lien/aaaa", &[]).await?));

    let nobody = Gateway::before(&house, free_address()?, &file).await?;
    nobody.says("does not answer").await?;
    ensure!(is_away(&Browser::at(nobody.address).post("/lien/aaaa", &[]).await?));

    let wrong_port = Gateway::before(&house, house.node.listen, &file).await?;
    wrong_port.says("is not the node these credentials were made by").await?;
    Ok(())
}

#[test]
fn a_file_that_does_not_serve_is_refused_with_its_mend() -> Result<()> {
    let house = House::init("Maison de l'Essai")?;
    let (good, _) = house.credentials("desk.pem")?;
    let text = fs::read_to_string(&good)?;
    let end = text.find("-----BEGIN PRIVATE KEY-----").context("a key")?;
    let write = |name: &str, text: &str, mode: u32| -> Result<String> {
        let path = house.node.everything().join(name);
        fs::write(&path, text)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(mode))?;
        Ok(path.display().to_string())
    };
    let past = Clock::system().now().minus(Span::days(10));
    let old = Gateways::open(&Home::at(house.node.home()))?;
    let old = old.give(past, Span::days(5), &Dice::system()?)?;
    let cases = [
        ("/nowhere/desk.pem".to_owned(), 74, "No such file"),
        (write("open.pem", &text, 0o640)?, 77, "chmod 600"),
        (write("empty.pem", "", 0o600)?, 65, "is not a file that"),
        (write("sheet.txt", "-----BEGIN CERTIFICATE-----\nAAAA\n", 0o600)?, 65, "is not a file that"),
        (write("keyless.pem", &text[..end], 0o600)?, 65, "is not a file that"),
        (write("old.pem", &old.pem, 0o600)?, 65, "ran out on"),
    ];
    for (file, exit, words) in &cases {
        let arguments = ["gateway", "--node", "https://127.0.0.1:1", "--credentials", file];
        let ended = house.node.run(&arguments)?;
        let said = String::from_utf8_lossy(&ended.stderr);
        ensure!(
            ended.status.code() == Some(*exit) && said.contains(words),
            "{file}: {} {said}",
            ended.status
        );
    }
    let bare = house.node.run(&["gateway", "--node", "https://127.0.0.1:1"])?;
    ensure!(bare.status.code() == Some(64));
    let plain = house.node.run(&["gateway", "--node", "http://127.0.0.1:1"])?;
    ensure!(plain.status.code() == Some(64));
    let again = house.node.run(&["gateway", "credentials", "--out", &good.display().to_string()])?;
    ensure!(again.status.code() == Some(73), "a file is never written over: {}", again.status);
    let listed = house.relais(&["gateway", "list"])?;
    let states: Vec<_> =
        listed["gateways"].as_array().context("a list")?.iter().map(|one| &one["state"]).collect();
    ensure!(states == ["in_use", "run_out", "revoked"], "{states:?}");
    Ok(())
}
