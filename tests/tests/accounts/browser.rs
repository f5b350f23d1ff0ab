//! Signing in through the pages of a real node: what becomes of the session that the browser bore.

use super::house::House;
use anyhow::{Result, ensure};
use relais_proto::desk::v1 as desk;
use relais_tests::browser::{Browser, PASSWORD, shows};
use relais_tests::pages::Pages;

async fn is_signed_in(browser: &Browser) -> Result<bool> {
    let page = browser.clone().get("/compte").await?;
    Ok(page.text.contains("Sessions ouvertes"))
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_again_ends_the_session_that_the_browser_bore() -> Result<()> {
    let mut house = House::start().await?;
    let pages = Pages::before(&house.node).await?;
    house.add("noor", desk::Role::Counsellor).await?;
    let mut browser = pages.browser();
    browser.sign_in(&house.link("noor").await?).await?;

    let copied = browser.clone();
    let form = browser.get("/connexion").await?;
    let wrong = [("nom", "noor"), ("mot-de-passe", "un autre mot")];
    browser.send(&form, "/connexion", &wrong).await?;
    ensure!(is_signed_in(&copied).await?, "a wrong password ends nothing");
    let typed = [("nom", "noor"), ("mot-de-passe", PASSWORD)];
    browser.send(&form, "/connexion", &typed).await?;
    ensure!(is_signed_in(&browser).await? && !is_signed_in(&copied).await?, "by password");

    let copied = browser.clone();
    let address = format!("/lien/{}", house.link("noor").await?);
    let form = browser.get(&address).await?;
    let opened = browser.send(&form, &address, &[]).await?;
    shows(&opened, &["Choisir un mot de passe"])?;
    ensure!(!is_signed_in(&copied).await?, "by link");

    // A cookie that is worth nothing any more keeps nobody from signing in.
    let mut stale = copied.clone();
    let form = stale.get("/connexion").await?;
    stale.send(&form, "/connexion", &typed).await?;
    ensure!(is_signed_in(&stale).await?);
    pages.close().await?;
    drop(house.desk);
    house.node.stop().await
}
