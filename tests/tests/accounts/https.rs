//! The pages by HTTPS, with a certificate of the structure's own.

use super::house::House;
use anyhow::{Result, ensure};
use relais_gateway::Config;
use relais_gateway::config::{Certificate, Reached};
use relais_proto::desk::v1 as desk;
use relais_tests::browser::Browser;
use relais_tests::pages::Pages;
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};
use std::fs;
use std::sync::Arc;

/// A browser's TLS, which believes this certificate alone.
fn believes(certificate: &rcgen::Certificate) -> Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.der().clone())?;
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_protocol_versions(&[&rustls::version::TLS13])?;
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_over_https_is_bound_to_it() -> Result<()> {
    let mut house = House::start().await?;
    house.add("noor", desk::Role::Counsellor).await?;
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let folder = tempfile::tempdir()?;
    let own = Certificate { chain: folder.path().join("chain.pem"), key: folder.path().join("key.pem") };
    fs::write(&own.chain, made.cert.pem())?;
    fs::write(&own.key, made.signing_key.serialize_pem())?;
    let config = Config { reached: Reached::Https(own), ..Config::on("127.0.0.1:0".parse()?) };
    let pages = Pages::as_told(config, &house.node).await?;
    let mut browser = pages.browser().over_https(believes(&made.cert)?);

    let opened = browser.post(&format!("/lien/{}", house.link("noor").await?), &[]).await?;
    ensure!(opened.status == 303, "{} {}", opened.status, opened.text);
    let cookie = opened.header("set-cookie");
    ensure!(cookie.starts_with("__Host-relais="), "{cookie}");
    for rule in ["; Secure", "; HttpOnly", "; SameSite=Strict", "; Path=/;"] {
        ensure!(cookie.contains(rule), "{rule} is missing: {cookie}");
    }
    ensure!(!cookie.contains("Domain") && !cookie.contains("Max-Age"), "{cookie}");
    ensure!(opened.header("strict-transport-security") == "max-age=31536000", "{}", opened.head);
    let page = browser.get(opened.header("location")).await?;
    ensure!(page.status == 200 && page.text.contains("Choisir un mot de passe"), "{}", page.text);

    let mut open: Browser = pages.browser();
    ensure!(open.get("/connexion").await.is_err(), "plain HTTP is not answered there");
    pages.close().await?;
    drop(house.desk);
    house.node.stop().await
}
