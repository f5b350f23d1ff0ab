//! Signing in.

use super::house::{House, PASSWORD, by_session, refused};
use anyhow::{Context as _, Result, ensure};
use relais_proto::desk::v1 as desk;
use tonic::{Code, Status};

#[tokio::test(flavor = "multi_thread")]
async fn no_such_account_and_a_wrong_password_are_one_answer() -> Result<()> {
    let house = House::start().await?;
    house.user("noor", desk::Role::Counsellor).await?;
    let told = |status: &Status| format!("{:?} {} {:?}", status.code(), status.message(), status.details());
    let wrong = refused(house.sign_in("noor", "un autre mot").await, Code::Unauthenticated, "sign_in")?;
    // Claire has no password; Nadia is not there.
    for name in ["claire", "nadia", "", &"n".repeat(500)] {
        let status = refused(house.sign_in(name, PASSWORD).await, Code::Unauthenticated, "sign_in")?;
        ensure!(told(&status) == told(&wrong), "{status:?}");
    }
    ensure!(!wrong.message().contains("noor"));
    let long = house.sign_in("noor", &"x".repeat(1_025)).await;
    refused(long, Code::InvalidArgument, "field")?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_tries_too_often_is_told_when_to_come_back() -> Result<()> {
    let house = House::start().await?;
    house.user("noor", desk::Role::Counsellor).await?;
    for _ in 0..5 {
        refused(house.sign_in("noor", "un autre mot").await, Code::Unauthenticated, "sign_in")?;
    }
    let status = refused(house.sign_in("noor", PASSWORD).await, Code::ResourceExhausted, "too_often")?;
    let wait = status.metadata().get("relais-retry-after-seconds").context("when")?.to_str()?;
    ensure!((1..=13).contains(&wait.parse::<u32>()?), "{wait}");
    ensure!(status.message() == format!("tried too often: try again in {wait} seconds"));
    let somewhere = desk::SignInRequest {
        name: "nadia".to_owned(),
        address: "chez moi".to_owned(),
        ..Default::default()
    };
    refused(house.client().sign_in(somewhere).await, Code::InvalidArgument, "field")?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_used_once_and_what_the_browser_bore_is_worth_nothing_after() -> Result<()> {
    let house = House::start().await?;
    let planted = house.user("mallory", desk::Role::Counsellor).await?;
    house.add("noor", desk::Role::Counsellor).await?;
    let token = house.link("noor").await?;
    ensure!(token.len() == 52 && token.chars().all(|c| c.is_ascii_alphanumeric()));
    let request = || desk::SignInWithLinkRequest { token: token.to_lowercase(), ..Default::default() };
    let signed_in = house.client().sign_in_with_link(by_session(&planted, request())).await?.into_inner();
    ensure!(signed_in.token.len() == 32 && signed_in.token != planted);
    ensure!(house.who(&signed_in.token).await? == "noor");
    refused(house.who(&planted).await, Code::Unauthenticated, "session")?;
    refused(house.client().sign_in_with_link(request()).await, Code::Unauthenticated, "link")?;
    for wrong in ["", "x", &"0".repeat(52), &"é".repeat(10_000)] {
        let request = desk::SignInWithLinkRequest { token: wrong.to_owned(), ..Default::default() };
        refused(house.client().sign_in_with_link(request).await, Code::Unauthenticated, "link")?;
    }
    // A session that is over does not keep anyone from signing in.
    let request = desk::SignInRequest {
        name: "mallory".to_owned(),
        password: PASSWORD.to_owned(),
        agent: "Firefox".to_owned(),
        ..Default::default()
    };
    let again = house.client().sign_in(by_session(&planted, request)).await?.into_inner();
    ensure!(again.state() == desk::SignInState::Open);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authenticator_is_set_up_and_removed_by_whoever_may() -> Result<()> {
    let house = House::start().await?;
    let token = house.user("noor", desk::Role::Counsellor).await?;
    let begin = |password: &str| desk::BeginTotpRequest { password: password.to_owned() };
    for wrong in ["", "un autre mot"] {
        let begun = house.client().begin_totp(by_session(&token, begin(wrong))).await;
        let status = refused(begun, Code::InvalidArgument, "password")?;
        ensure!(status.metadata().get("relais-field").is_some_and(|field| field == "current"), "{status:?}");
    }
    let told = house.client().begin_totp(by_session(&token, begin(PASSWORD))).await?.into_inner();
    ensure!(
        told.secret.len() == 32 && told.address.starts_with("otpauth://totp/Maison%20de%20l%27Essai:noor?")
    );
    let confirm = desk::ConfirmTotpRequest { totp: "abcdef".to_owned() };
    let wrong = house.client().confirm_totp(by_session(&token, confirm)).await;
    refused(wrong, Code::Unauthenticated, "totp")?;
    let remove = |name: &str, password: &str| desk::RemoveTotpRequest {
        name: name.to_owned(),
        password: password.to_owned(),
    };
    let own = house.client().remove_totp(by_session(&token, remove("", "un autre mot"))).await;
    refused(own, Code::InvalidArgument, "password")?;
    // Who is there is not told to those who do not run the node.
    for name in ["claire", "nadia"] {
        let others = house.client().remove_totp(by_session(&token, remove(name, PASSWORD))).await;
        refused(others, Code::NotFound, "not_there")?;
    }
    let by_admin = house.client().remove_totp(remove("noor", "")).await?.into_inner();
    ensure!(by_admin.sessions.is_empty() && by_admin.user.is_some_and(|user| user.name == "noor"));
    refused(house.client().remove_totp(remove("nadia", "")).await, Code::NotFound, "not_there")?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_admin_makes_links_and_changes_users() -> Result<()> {
    let house = House::start().await?;
    let token = house.user("noor", desk::Role::Coordinator).await?;
    for name in ["claire", "nadia"] {
        let link = desk::CreateSignInLinkRequest { name: name.to_owned(), validity_hours: 1 };
        let link = house.client().create_sign_in_link(by_session(&token, link)).await;
        refused(link, Code::NotFound, "not_there")?;
        let change = desk::ChangeUserRequest { name: name.to_owned(), roles: vec![3], ..Default::default() };
        let change = house.client().change_user(by_session(&token, change)).await;
        refused(change, Code::NotFound, "not_there")?;
    }
    let link = desk::CreateSignInLinkRequest { name: "nadia".to_owned(), validity_hours: 1 };
    refused(house.client().create_sign_in_link(link).await, Code::NotFound, "not_there")?;
    let link = desk::CreateSignInLinkRequest { name: "noor".to_owned(), validity_hours: 73 };
    refused(house.client().create_sign_in_link(link).await, Code::InvalidArgument, "field")?;
    Ok(())
}
