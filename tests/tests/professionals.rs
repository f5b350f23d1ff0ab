//! The professional that a partner may contact: kept with the account, so that an acceptance needs no more words.
//!
//! They need the `relais` program: `cargo build --workspace --bins` first, as `tests/run` does.

use anyhow::{Context as _, Result, ensure};
use relais_proto::desk::v1::{self as desk, Step};
use relais_proto::peer::v1 as peer;
use relais_tests::case::Case;
use relais_tests::town::{Two, becomes, course_of, id_of};
use serde_json::Value;

const CLAIRE: &str = r#"{"name": "Claire Martin", "contact": "claire.martin@espace.example"}"#;

#[tokio::test(flavor = "multi_thread")]
async fn an_acceptance_names_the_professional_as_the_account_knows_them() -> Result<()> {
    let two = Two::start().await?;
    let (agency, hub) = two.desks().await?;
    let added = two.hub.run_with(
        &["--json", "user", "add", "claire", "--role", "counsellor", "--professional-from", "-"],
        CLAIRE.as_bytes(),
    )?;
    ensure!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    let shown: Value = serde_json::from_slice(&added.stdout)?;
    ensure!(shown["user"]["professional"]["contact"] == "claire.martin@espace.example", "{shown}");

    let thread = id_of(&agency.refer(Case::default().referral(&two.hub_id)).await?)?;
    becomes("the referral arrives", &hub, &thread, |_| true).await?;
    let digits: String = thread.iter().map(|byte| format!("{byte:02x}")).collect();
    let accepted = two.hub.run(&["--as", "claire", "accept", &digits])?;
    ensure!(accepted.status.success(), "{}", String::from_utf8_lossy(&accepted.stderr));
    let told =
        becomes("the sender is told", &agency, &thread, |view| course_of(view).0 == Step::Accepted).await?;
    let professional = told.timeline.iter().find_map(|entry| entry.professional.clone());
    let professional = professional.context("a professional to contact")?;
    ensure!(
        (professional.name.as_str(), professional.contact.as_str())
            == ("Claire Martin", "claire.martin@espace.example"),
        "{professional:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_no_partner_would_take_is_not_kept() -> Result<()> {
    let two = Two::start().await?;
    let hub = two.hub.desk().await?;
    let add = |contact: &str| {
        let professional =
            peer::Professional { name: "Claire Martin".to_owned(), contact: contact.to_owned() };
        desk::AddUserRequest {
            name: "claire".to_owned(),
            roles: vec![desk::Role::Counsellor.into()],
            uid: Some(100_001),
            professional: Some(professional),
        }
    };
    for wrong in ["", "1 85 05 78 006 084 91", &"x".repeat(500)] {
        let refused = hub.client().add_user(add(wrong)).await.err().context("it was kept")?;
        ensure!(refused.message().starts_with("professional"), "{refused}");
        ensure!(!refused.message().contains("006 084"), "the value is repeated");
    }
    hub.client().add_user(add("05 46 00 00 00")).await?;
    Ok(())
}
