//! Who is someone by their way in alone.

use super::super::bench::House;
use super::USER_KEY;
use crate::gateways::GatewayInfo;
use crate::tls::Serial;
use crate::users::{Role, User};
use relais_proto::desk::v1 as desk;
use relais_proto::desk::v1::desk_server::Desk as Rpcs;
use tokio::net::UnixStream;
use tonic::transport::server::UdsConnectInfo;
use tonic::{Code, Request};

/// A call over the socket, from this very user of the machine.
fn by_socket<T>(message: T) -> Request<T> {
    let (one, _other) = UnixStream::pair().unwrap();
    let mut request = Request::new(message);
    request
        .extensions_mut()
        .insert(UdsConnectInfo { peer_addr: None, peer_cred: Some(one.peer_cred().unwrap()) });
    request
}

/// A call through a gateway on another machine, which says whom it would like to be.
fn by_gateway<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    let serial = Serial::parse("40506070809000a0").unwrap();
    request.extensions_mut().insert(GatewayInfo { serial, address: "192.0.2.1:1".parse().unwrap() });
    request.metadata_mut().insert(USER_KEY, "claire".parse().unwrap());
    request
}

fn add(name: &str) -> desk::AddUserRequest {
    let roles = vec![desk::Role::Admin.into()];
    desk::AddUserRequest { name: name.to_owned(), roles, ..Default::default() }
}

#[tokio::test]
async fn a_gateway_on_another_machine_never_adds_the_first_user() {
    let node = House::new("us").desk().await;
    let refused = Rpcs::add_user(&node, by_gateway(add("thief"))).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
    let refused = Rpcs::add_user(&node, Request::new(add("thief"))).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated, "nor does one in this process");
    assert!(node.users.all().await.unwrap().is_empty());
    Rpcs::add_user(&node, by_socket(add("claire"))).await.unwrap();
}

#[tokio::test]
async fn through_a_gateway_on_another_machine_nobody_is_anybody_without_a_token() {
    let node = House::new("us").desk().await;
    let uid = Some(rustix::process::geteuid().as_raw());
    let claire = User::new("claire".to_owned(), [Role::Admin, Role::Counsellor].into(), uid);
    node.users.add(claire).await.unwrap();
    let known = Rpcs::whoami(&node, by_socket(desk::WhoamiRequest {})).await.unwrap().into_inner();
    assert_eq!(known.user.map(|user| user.name).as_deref(), Some("claire"));
    let codes = [
        Rpcs::whoami(&node, by_gateway(desk::WhoamiRequest {})).await.map(drop),
        Rpcs::status(&node, by_gateway(desk::StatusRequest {})).await.map(drop),
        Rpcs::list_users(&node, by_gateway(desk::ListUsersRequest::default())).await.map(drop),
        Rpcs::add_user(&node, by_gateway(add("thief"))).await.map(drop),
    ];
    assert!(codes.iter().all(|no| no.as_ref().unwrap_err().code() == Code::Unauthenticated), "{codes:?}");
    let inside = Rpcs::whoami(&node, Request::new(desk::WhoamiRequest {})).await.unwrap().into_inner();
    assert!(inside.user.is_none(), "within the process the name of the structure is told, and no more");
}

fn as_user<T>(message: T, name: &str) -> Request<T> {
    let mut request = by_socket(message);
    request.metadata_mut().insert(USER_KEY, name.parse().unwrap());
    request
}

/// Whoever is added to a system user that somebody is already takes nothing from them.
#[tokio::test]
async fn of_several_of_one_system_user_the_first_acts_and_a_refusal_names_who_may() {
    let node = House::new("us").desk().await;
    let uid = Some(rustix::process::geteuid().as_raw());
    node.users.add(User::new("claire".to_owned(), [Role::Admin].into(), uid)).await.unwrap();
    for name in ["a", "b", "c", "d", "e", "f", "g", "paul"] {
        let roles = vec![desk::Role::Counsellor.into()];
        let added = desk::AddUserRequest { name: name.to_owned(), roles, uid, professional: None };
        Rpcs::add_user(&node, by_socket(added)).await.unwrap();
        let who = Rpcs::whoami(&node, by_socket(desk::WhoamiRequest {})).await.unwrap().into_inner();
        assert_eq!(who.user.unwrap().name, "claire", "after {name}");
    }
    let paul = as_user(desk::ListUsersRequest::default(), "paul");
    let refused = Rpcs::list_users(&node, paul).await.unwrap_err();
    assert!(
        refused.message().ends_with("your system user is claire too, who may: add `--as claire`"),
        "{refused}"
    );
    let claire = as_user(desk::ListFollowUpsRequest::default(), "claire");
    let refused = Rpcs::list_follow_ups(&node, claire).await.unwrap_err();
    assert!(refused.message().ends_with("add `--as a`"), "{refused}");
}
