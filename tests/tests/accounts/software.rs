//! Keys of the structure's own software.

use super::house::{House, PASSWORD, bearing, by_session, refused};
use anyhow::{Context as _, Result, ensure};
use relais_proto::desk::v1 as desk;
use relais_proto::peer::v1::{Name, YesNo};
use tonic::{Code, Request};

fn by_key<T>(token: &str, message: T) -> Request<T> {
    bearing("relais-integration-bin", token.as_bytes(), message)
}

async fn made(
    house: &House,
    name: &str,
    user: &str,
    scopes: &[desk::Scope],
) -> Result<desk::CreatedIntegration> {
    let request = desk::CreateIntegrationRequest {
        name: name.to_owned(),
        scopes: scopes.iter().map(|scope| (*scope).into()).collect(),
        user: user.to_owned(),
        validity_days: 0,
    };
    Ok(house.client().create_integration(request).await?.into_inner())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_opens_its_scopes_and_nothing_else() -> Result<()> {
    let house = House::start().await?;
    // Claire may do everything but audit: what is refused below is refused for the scope.
    let list = made(&house, "listes", "claire", &[desk::Scope::ThreadsList]).await?.token;
    let mut client = house.client();
    client.list_threads(by_key(&list, desk::ListThreadsRequest::default())).await?;
    let who = client.whoami(by_key(&list, desk::WhoamiRequest::default())).await?.into_inner();
    ensure!(who.user.is_some_and(|user| user.name == "claire"));
    let denied = Code::PermissionDenied;
    refused(client.flows(by_key(&list, desk::FlowsRequest::default())).await, denied, "scope")?;
    refused(
        client.list_services(by_key(&list, desk::ListServicesRequest::default())).await,
        denied,
        "scope",
    )?;
    refused(client.list_users(by_key(&list, desk::ListUsersRequest::default())).await, denied, "scope")?;
    refused(client.status(by_key(&list, desk::StatusRequest::default())).await, denied, "scope")?;
    refused(
        client.list_follow_ups(by_key(&list, desk::ListFollowUpsRequest::default())).await,
        denied,
        "scope",
    )?;
    refused(client.show_account(by_key(&list, desk::ShowAccountRequest::default())).await, denied, "scope")?;
    let set =
        desk::SetPasswordRequest { current: String::new(), password: "quatre mots à moi seul".to_owned() };
    refused(client.set_password(by_key(&list, set)).await, denied, "scope")?;
    let another =
        desk::CreateIntegrationRequest { name: "b".to_owned(), scopes: vec![1], ..Default::default() };
    refused(client.create_integration(by_key(&list, another)).await, denied, "scope")?;
    let thread = desk::ShowThreadRequest { thread_id: vec![0x47; 16] };
    refused(client.show_thread(by_key(&list, thread)).await, Code::NotFound, "not_there")?;
    let flows =
        made(&house, "flux", "claire", &[desk::Scope::FlowsRead, desk::Scope::ServicesRead]).await?.token;
    let services = desk::ListServicesRequest { structure_id: house.desk.id().await?, ..Default::default() };
    client.list_services(by_key(&flows, services)).await?;
    refused(client.list_threads(by_key(&flows, desk::ListThreadsRequest::default())).await, denied, "scope")?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_never_may_more_than_its_user() -> Result<()> {
    let house = House::start().await?;
    house.add("noor", desk::Role::Counsellor).await?;
    let mut client = house.client();
    let request = |user: &str, scopes: &[desk::Scope]| desk::CreateIntegrationRequest {
        name: "logiciel".to_owned(),
        scopes: scopes.iter().map(|scope| (*scope).into()).collect(),
        user: user.to_owned(),
        validity_days: 0,
    };
    let session = house.link("noor").await?;
    let session = desk::SignInWithLinkRequest { token: session, ..Default::default() };
    let session = client.sign_in_with_link(session).await?.into_inner().token;
    let set = desk::SetPasswordRequest { current: String::new(), password: PASSWORD.to_owned() };
    let session = client.set_password(by_session(&session, set)).await?.into_inner().token;
    // Whoever makes a key holds it: an admin makes none to what noor alone may open.
    let scopes = [desk::Scope::ThreadsList, desk::Scope::ServicesWrite];
    let by_admin = client.create_integration(request("noor", &scopes)).await;
    let by_admin = refused(by_admin, Code::InvalidArgument, "field")?;
    ensure!(by_admin.metadata().get("relais-field").is_some_and(|field| field == "user"), "{by_admin:?}");
    let for_admin = client.create_integration(by_session(&session, request("claire", &scopes))).await;
    refused(for_admin, Code::PermissionDenied, "role")?;
    let own = client.create_integration(by_session(&session, request("", &scopes))).await?.into_inner();
    let token = own.token;
    let list = || by_key(&token, desk::ListThreadsRequest::default());
    client.list_threads(list()).await?;
    // Noor publishes no service, whatever the scope says.
    let import = by_key(&token, desk::ImportServicesRequest::default());
    refused(client.import_services(import).await, Code::PermissionDenied, "role")?;
    let roles = vec![desk::Role::Auditor.into()];
    house.change(desk::ChangeUserRequest { name: "noor".to_owned(), roles, ..Default::default() }).await?;
    refused(client.list_threads(list()).await, Code::PermissionDenied, "role")?;
    let closed = YesNo::Yes.into();
    house.change(desk::ChangeUserRequest { name: "noor".to_owned(), closed, ..Default::default() }).await?;
    refused(client.list_threads(list()).await, Code::Unauthenticated, "session")?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_listed_without_their_tokens_and_end_at_once() -> Result<()> {
    let house = House::start().await?;
    let made = made(&house, "logiciel", "claire", &[desk::Scope::FlowsRead]).await?;
    let one = made.integration.context("what was made")?;
    ensure!(made.token.len() == 52 && one.user == "claire" && one.used_ms.is_none());
    let mut client = house.client();
    client.flows(by_key(&made.token, desk::FlowsRequest { level: 3, ..Default::default() })).await.ok();
    let listed = client.list_integrations(desk::ListIntegrationsRequest::default()).await?.into_inner();
    ensure!(listed.integrations.len() == 1 && listed.integrations[0].used_ms.is_some());
    let revoke = |id: Vec<u8>| desk::RevokeIntegrationRequest { integration_id: id };
    refused(client.revoke_integration(revoke(vec![7; 16])).await, Code::NotFound, "not_there")?;
    client.revoke_integration(revoke(one.integration_id)).await?;
    let who = client.whoami(by_key(&made.token, desk::WhoamiRequest::default())).await;
    refused(who, Code::Unauthenticated, "session")?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_lists_and_ends_their_own_keys_and_no_others() -> Result<()> {
    let house = House::start().await?;
    let of_claire = made(&house, "flux", "claire", &[desk::Scope::FlowsRead]).await?;
    let session = house.user("noor", desk::Role::Counsellor).await?;
    let mut client = house.client();
    let create = desk::CreateIntegrationRequest {
        name: "agenda".to_owned(),
        scopes: vec![desk::Scope::ThreadsList.into()],
        ..Default::default()
    };
    let own = client.create_integration(by_session(&session, create)).await?.into_inner();
    let list = |own: YesNo| desk::ListIntegrationsRequest { own: own.into() };
    for asked in [YesNo::Unspecified, YesNo::No, YesNo::Yes] {
        let listed = client.list_integrations(by_session(&session, list(asked))).await?.into_inner();
        let names: Vec<_> = listed.integrations.iter().map(|one| one.name.as_str()).collect();
        ensure!(names == ["agenda"], "{names:?}");
    }
    let all = client.list_integrations(list(YesNo::Unspecified)).await?.into_inner();
    ensure!(all.integrations.len() == 2, "an admin lists everyone's");
    let hers = client.list_integrations(list(YesNo::Yes)).await?.into_inner();
    ensure!(hers.integrations.len() == 1, "or their own");
    let revoke = |made: &desk::CreatedIntegration| {
        let integration_id = made.integration.clone().unwrap_or_default().integration_id;
        desk::RevokeIntegrationRequest { integration_id }
    };
    let anothers = client.revoke_integration(by_session(&session, revoke(&of_claire))).await;
    refused(anothers, Code::NotFound, "not_there")?;
    client.whoami(by_key(&of_claire.token, desk::WhoamiRequest::default())).await?;
    client.revoke_integration(by_session(&session, revoke(&own))).await?;
    let who = client.whoami(by_key(&own.token, desk::WhoamiRequest::default())).await;
    refused(who, Code::Unauthenticated, "session")?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_to_persons_followed_opens_what_its_professional_sees() -> Result<()> {
    let house = House::start().await?;
    house.add("noor", desk::Role::Counsellor).await?;
    let mut client = house.client();
    for scope in [desk::Scope::FollowUps, desk::Scope::Inquiries] {
        let by_admin = client.create_integration(desk::CreateIntegrationRequest {
            name: "suivi".to_owned(),
            scopes: vec![scope.into()],
            user: "noor".to_owned(),
            validity_days: 0,
        });
        refused(by_admin.await, Code::InvalidArgument, "field")?;
    }
    let key = made(&house, "suivi", "", &[desk::Scope::FollowUps]).await?.token;
    let open = desk::OpenFollowUpRequest {
        request_id: vec![0x42; 16],
        name: Some(Name { given: "Amina".to_owned(), family: "B".to_owned() }),
        ..Default::default()
    };
    let opened = client.open_follow_up(by_key(&key, open)).await?.into_inner();
    let found = desk::ListFollowUpsRequest { name_prefix: "ami".to_owned(), ..Default::default() };
    let leaves = client.status(desk::StatusRequest::default()).await?.into_inner().ledger_size;
    let found = client.list_follow_ups(by_key(&key, found)).await?.into_inner();
    ensure!(found.follow_ups.len() == 1, "{found:?}");
    let noted = client.status(desk::StatusRequest::default()).await?.into_inner().ledger_size;
    ensure!(noted == leaves + 1, "a page that names someone is a leaf: {leaves}, then {noted}");
    let show = desk::ShowFollowUpRequest { follow_up_id: opened.follow_up_id };
    client.show_follow_up(by_key(&key, show)).await?;
    let threads = client.list_threads(by_key(&key, desk::ListThreadsRequest::default())).await;
    refused(threads, Code::PermissionDenied, "scope")?;
    Ok(())
}
