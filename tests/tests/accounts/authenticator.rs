//! An authenticator in the browser, before a real node: set up, asked by password and by link, and wrong digits everywhere.

use super::house::House;
use anyhow::{Context as _, Result, ensure};
use aws_lc_rs::hmac;
use relais_domain::time::Span;
use relais_proto::desk::v1 as desk;
use relais_tests::browser::{Browser, PASSWORD, Page, hides, shows};
use relais_tests::pages::Pages;

/// What is said of wrong digits.
const WRONG: &str = "Ce n’est pas le bon code";
/// Length of a step, ms.
const STEP_MS: i64 = 30_000;

/// An authenticator as a telephone has one (RFC 6238), before the clock of the node.
struct Telephone {
    key: Vec<u8>,
}

impl Telephone {
    /// Reads the secret that a page shows (RFC 4648 §6).
    fn reads(page: &Page) -> Result<Self> {
        let secret = page.quoted_after("name=\"secret\" value=\"")?;
        let (mut bits, mut count, mut key) = (0_u32, 0, Vec::new());
        for symbol in secret.bytes() {
            let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == symbol);
            bits = bits << 5 | u32::try_from(value.context("base32")?)?;
            count += 5;
            if count >= 8 {
                count -= 8;
                key.push(u8::try_from(bits >> count & 0xff)?);
            }
        }
        Ok(Self { key })
    }

    fn shows(&self, house: &House) -> Result<String> {
        let step = house.node.clock.now().0.div_euclid(STEP_MS);
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.key);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let at = usize::from(tag.as_ref().last().context("a tag")? & 15);
        let four = <[u8; 4]>::try_from(&tag.as_ref()[at..at + 4])?;
        Ok(format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000))
    }

    /// Six digits that are wrong now and around now.
    fn does_not_show(&self, house: &House) -> Result<String> {
        let number: u32 = self.shows(house)?.parse()?;
        Ok(format!("{:06}", (number + 500_000) % 1_000_000))
    }
}

/// What someone signs in with.
fn typed(code: &str) -> [(&str, &str); 3] {
    [("nom", "noor"), ("mot-de-passe", PASSWORD), ("code", code)]
}

async fn account(browser: &mut Browser) -> Result<Page> {
    browser.get("/compte").await
}

/// Sets the authenticator up; wrong digits leave everything as it was.
async fn set_up(house: &House, browser: &mut Browser) -> Result<Telephone> {
    let page = browser.get("/compte/code").await?;
    let drawn = browser.send(&page, "/compte/code", &[("mot-de-passe", PASSWORD)]).await?;
    shows(&drawn, &["<svg", "Scannez ce dessin"])?;
    let telephone = Telephone::reads(&drawn)?;
    let wrong = telephone.does_not_show(house)?;
    let again = browser.send(&drawn, "/compte/code/confirmer", &[("code", &wrong)]).await?;
    ensure!(again.status == 422, "{} {}", again.status, again.text);
    shows(&again, &[WRONG, "<svg", drawn.quoted_after("name=\"secret\" value=\"")?])?;
    shows(&account(browser).await?, &["noor", "Ajouter un code"])?;
    let right = telephone.shows(house)?;
    let set = browser.send(&again, "/compte/code/confirmer", &[("code", &right)]).await?;
    shows(&set, &["Un code à six chiffres est demandé à la connexion"])?;
    Ok(telephone)
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_digits_sign_nobody_out_and_use_up_no_link() -> Result<()> {
    let mut house = House::start().await?;
    let pages = Pages::before(&house.node).await?;
    house.add("noor", desk::Role::Counsellor).await?;
    let mut browser = pages.browser();
    browser.sign_in(&house.link("noor").await?).await?;
    let telephone = set_up(&house, &mut browser).await?;

    // By password. A code is good for one use: the next ones are of the next step.
    house.node.clock.shift(Span::seconds(60));
    let mut by_password = pages.browser();
    let form = by_password.get("/connexion").await?;
    let asked = by_password.send(&form, "/connexion", &typed("")).await?;
    shows(&asked, &["champ-code"])?;
    let wrong = telephone.does_not_show(&house)?;
    let again = by_password.send(&asked, "/connexion", &typed(&wrong)).await?;
    ensure!(again.status == 422, "{}", again.status);
    shows(&again, &[WRONG, "value=\"noor\""])?;
    hides(&again, &["Le nom de compte, le mot de passe ou le code"])?;
    by_password.send(&again, "/connexion", &typed(&telephone.shows(&house)?)).await?;
    shows(&account(&mut by_password).await?, &["Un code à six chiffres est demandé"])?;

    // By link.
    house.node.clock.shift(Span::seconds(120));
    let address = format!("/lien/{}", house.link("noor").await?);
    let mut by_link = pages.browser();
    let shown = by_link.get(&address).await?;
    let asked = by_link.send(&shown, &address, &[]).await?;
    shows(&asked, &["champ-code"])?;
    let again = by_link.send(&asked, &address, &[("code", &telephone.does_not_show(&house)?)]).await?;
    ensure!(again.status == 422, "{}", again.status);
    shows(&again, &[WRONG])?;
    hides(&again, &["a déjà servi"])?;
    let opened = by_link.send(&again, &address, &[("code", &telephone.shows(&house)?)]).await?;
    shows(&opened, &["Choisir un mot de passe"])?;
    pages.close().await?;
    drop(house.desk);
    house.node.stop().await
}
