//! What a token opens.

use super::house::{House, PASSWORD, bearing, by_session, context, refused};
use anyhow::{Result, ensure};
use relais_domain::time::Span;
use relais_proto::desk::v1 as desk;
use relais_proto::peer::v1 as peer;
use tonic::{Code, Request};

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_never_falls_through_to_the_uid() -> Result<()> {
    let house = House::start().await?;
    let token = house.user("noor", desk::Role::Counsellor).await?;
    ensure!(house.who(&token).await? == "noor");
    let mut other = token.clone();
    other[31] ^= 1;
    let who = async |request: Request<desk::WhoamiRequest>| house.client().whoami(request).await;
    for wrong in [other.as_slice(), &token[1..], &[], &[0; 32], &[0; 4_096]] {
        for key in ["relais-session-bin", "relais-integration-bin"] {
            let request = bearing(key, wrong, desk::WhoamiRequest::default());
            refused(who(request).await, Code::Unauthenticated, "session")?;
        }
    }
    // A session's token is no integration's, and two tokens are none.
    let request = bearing("relais-integration-bin", &token, desk::WhoamiRequest::default());
    refused(who(request).await, Code::Unauthenticated, "session")?;
    let mut twice = by_session(&token, desk::WhoamiRequest::default());
    twice.metadata_mut().append_bin("relais-session-bin", tonic::metadata::MetadataValue::from_bytes(&token));
    refused(who(twice).await, Code::Unauthenticated, "session")?;
    // A wrong session hides a right integration as well as the uid, and `relais-user` changes nothing.
    let mut both = by_session(&other, desk::WhoamiRequest::default());
    both.metadata_mut().insert("relais-user", "claire".parse()?);
    refused(who(both).await, Code::Unauthenticated, "session")?;
    let mut named = by_session(&token, desk::WhoamiRequest::default());
    named.metadata_mut().insert("relais-user", "claire".parse()?);
    ensure!(who(named).await?.into_inner().user.is_some_and(|user| user.name == "noor"));
    let by_uid = who(Request::new(desk::WhoamiRequest::default())).await?.into_inner();
    ensure!(by_uid.user.is_some_and(|user| user.name == "claire"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_sets_a_password_and_does_nothing_else() -> Result<()> {
    let house = House::start().await?;
    let token = house.newcomer("noor", desk::Role::Admin).await?;
    let mut client = house.client();
    ensure!(house.who(&token).await? == "noor");
    let account = client.show_account(by_session(&token, desk::ShowAccountRequest::default())).await?;
    ensure!(account.into_inner().has_password() == peer::YesNo::No);
    let no = "password_needed";
    let denied = Code::PermissionDenied;
    refused(client.list_users(by_session(&token, desk::ListUsersRequest::default())).await, denied, no)?;
    refused(client.status(by_session(&token, desk::StatusRequest::default())).await, denied, no)?;
    refused(client.begin_totp(by_session(&token, desk::BeginTotpRequest::default())).await, denied, no)?;
    let link = desk::CreateSignInLinkRequest { name: "claire".to_owned(), validity_hours: 1 };
    refused(client.create_sign_in_link(by_session(&token, link)).await, denied, no)?;
    let thread = desk::ShowThreadRequest { thread_id: vec![7; 16] };
    refused(client.show_thread(by_session(&token, thread)).await, denied, no)?;
    let add = desk::AddUserRequest { name: "x".to_owned(), roles: vec![3], ..Default::default() };
    refused(client.add_user(by_session(&token, add)).await, denied, no)?;
    let weak = desk::SetPasswordRequest { current: String::new(), password: "motdepasse2026".to_owned() };
    let weak = client.set_password(by_session(&token, weak)).await;
    let weak = refused(weak, Code::InvalidArgument, "field")?;
    ensure!(weak.metadata().get("relais-field").is_some_and(|field| field == "password"));
    let good = desk::SetPasswordRequest { current: String::new(), password: PASSWORD.to_owned() };
    let next = client.set_password(by_session(&token, good)).await?.into_inner();
    refused(house.who(&token).await, Code::Unauthenticated, "session")?;
    client.list_users(by_session(&next.token, desk::ListUsersRequest::default())).await?;
    client.sign_out(by_session(&next.token, desk::SignOutRequest::default())).await?;
    refused(house.who(&next.token).await, Code::Unauthenticated, "session")?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_lost_is_lost_in_the_open_session() -> Result<()> {
    let house = House::start().await?;
    let token = house.user("noor", desk::Role::Counsellor).await?;
    let list = || by_session(&token, desk::ListThreadsRequest::default());
    context(house.client().list_threads(list()).await, "a counsellor lists")?;
    let change = |roles: Vec<i32>, closed: peer::YesNo| desk::ChangeUserRequest {
        name: "noor".to_owned(),
        roles,
        professional: None,
        closed: closed.into(),
    };
    house.change(change(vec![desk::Role::Auditor.into()], peer::YesNo::Unspecified)).await?;
    refused(house.client().list_threads(list()).await, Code::PermissionDenied, "role")?;
    let user = house.change(change(Vec::new(), peer::YesNo::Yes)).await?;
    ensure!(user.closed() == peer::YesNo::Yes && user.roles == [desk::Role::Auditor as i32]);
    refused(house.who(&token).await, Code::Unauthenticated, "session")?;
    refused(house.sign_in("noor", PASSWORD).await, Code::Unauthenticated, "sign_in")?;
    house.change(change(Vec::new(), peer::YesNo::No)).await?;
    refused(house.who(&token).await, Code::Unauthenticated, "session")?;
    ensure!(house.sign_in("noor", PASSWORD).await?.state() == desk::SignInState::Open);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_admin_is_told_why_he_stays() -> Result<()> {
    let house = House::start().await?;
    let closed = desk::ChangeUserRequest {
        name: "claire".to_owned(),
        closed: peer::YesNo::Yes.into(),
        ..Default::default()
    };
    let status = refused(house.change(closed).await, Code::FailedPrecondition, "last_admin")?;
    ensure!(status.message() == "this is the last admin of the node: make another one first");
    let demoted = desk::ChangeUserRequest {
        name: "claire".to_owned(),
        roles: vec![desk::Role::Counsellor.into()],
        ..Default::default()
    };
    refused(house.change(demoted).await, Code::FailedPrecondition, "last_admin")?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prober_is_on_record_and_does_not_fill_the_ledger() -> Result<()> {
    let house = House::start().await?;
    let token = house.user("noor", desk::Role::Auditor).await?;
    let before = house.leaves().await?;
    for number in 0..20 {
        let request = by_session(&token, desk::ShowThreadRequest { thread_id: vec![number; 16] });
        let answer = house.client().show_thread(request).await;
        let status = refused(answer, Code::NotFound, "not_there")?;
        ensure!(status.message() == "there is nothing of this name here", "{status:?}");
    }
    ensure!(house.leaves().await? == before + 1, "one leaf a minute");
    let request = by_session(&token, desk::ListThreadsRequest::default());
    refused(house.client().list_threads(request).await, Code::PermissionDenied, "role")?;
    ensure!(house.leaves().await? == before + 2, "and one a door");
    // Whoever has the role is told the same of what is not there.
    let here = house.client().show_thread(desk::ShowThreadRequest { thread_id: vec![0x47; 16] }).await;
    let here = refused(here, Code::NotFound, "not_there")?;
    ensure!(here.message() == "there is nothing of this name here");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_revoked_and_end_by_themselves() -> Result<()> {
    let mut house = House::start().await?;
    let own = house.user("noor", desk::Role::Counsellor).await?;
    let lost = house.sign_in("noor", PASSWORD).await?.token;
    let account = |token: &[u8]| by_session(token, desk::ShowAccountRequest::default());
    let sessions = house.client().show_account(account(&own)).await?.into_inner().sessions;
    ensure!(sessions.len() == 2 && sessions.iter().all(|session| session.session_id.len() == 16));
    let current: Vec<bool> = sessions.iter().map(|one| one.current() == peer::YesNo::Yes).collect();
    ensure!(current == [false, true], "the newest first: {current:?}");
    let revoke = desk::RevokeSessionRequest { session_id: sessions[0].session_id.clone() };
    // Not by another user.
    let anothers = house.client().revoke_session(revoke.clone()).await;
    refused(anothers, Code::NotFound, "not_there")?;
    house.client().revoke_session(by_session(&own, revoke)).await?;
    refused(house.who(&lost).await, Code::Unauthenticated, "session")?;
    // A start keeps what is open.
    house.node.stop().await?;
    house.node.start().await?;
    house.desk = house.node.desk().await?;
    ensure!(house.who(&own).await? == "noor");
    refused(house.who(&lost).await, Code::Unauthenticated, "session")?;
    house.node.clock.shift(Span::minutes(31));
    refused(house.who(&own).await, Code::Unauthenticated, "session")?;
    house.node.stop().await
}
