//! Who is named in a list, and who is on record as the reader.

use super::super::bench::{caller, pair, referral, settle};
use super::super::session::By;
use super::*;
use crate::accounts::integrations::Scope;
use crate::users::Role;

fn software(of: &Caller, scopes: &[Scope]) -> Caller {
    let by = By::Integration { name: "agenda".to_owned(), scopes: scopes.iter().copied().collect() };
    Caller { by, ..of.clone() }
}

async fn listed(desk: &Desk, caller: &Caller) -> desk::ThreadSummary {
    let request = desk::ListThreadsRequest { filter: desk::ThreadFilter::All.into(), ..Default::default() };
    desk.list(request, caller).await.unwrap().threads.remove(0)
}

#[tokio::test]
async fn a_list_names_nobody_to_software_that_opens_no_thread() {
    let (agency, hub) = pair().await;
    let (sender, receiver) = (agency.desk().await, hub.desk().await);
    let nadia = caller(&sender, "nadia", Role::Counsellor).await;
    sender.open_referral(referral(&sender, hub.id()), &nadia).await.unwrap();
    settle(&sender, &receiver).await;
    assert!(listed(&sender, &nadia).await.name.is_some(), "the professional sees whom they sent");
    let reads = software(&nadia, &[Scope::ThreadsList, Scope::ThreadsRead]);
    assert!(listed(&sender, &reads).await.name.is_some());
    let lists = listed(&sender, &software(&nadia, &[Scope::ThreadsList])).await;
    assert!(lists.name.is_none(), "its scope says: without names");
    assert!(lists.reference.is_empty() && !lists.thread_id.is_empty() && !lists.themes.is_empty());
}

#[tokio::test]
async fn software_is_on_record_under_its_own_name() {
    let (agency, _hub) = pair().await;
    let nadia = caller(&agency.desk().await, "nadia", Role::Counsellor).await;
    assert_eq!(nadia.reader(), "nadia");
    assert_eq!(software(&nadia, &[Scope::ThreadsRead]).reader(), "nadia/integration agenda");
}
