//! Only one side can dial: everything flows both ways over its stream.

use anyhow::{Result, ensure};
use relais_proto::desk::v1::{Label, Step};
use relais_tests::case::{self, Case};
use relais_tests::desk::{Desk, Id};
use relais_tests::process::{NOWHERE, Plan};
use relais_tests::town::{Two, alike, becomes_within, course_of, id_of};
use std::time::Duration;

/// Longest a message may take when a link may have to be dialled anew first.
const DIALLED: Duration = Duration::from_secs(30);

async fn a_whole_referral(from: &Desk, to: &Desk, to_id: &Id) -> Result<()> {
    let thread = id_of(&from.refer(Case::default().referral(to_id)).await?)?;
    becomes_within("the referral arrives", DIALLED, to, &thread, |_| true).await?;
    to.act(&thread, case::accept()).await?;
    let accepted = |view: &_| course_of(view).0 == Step::Accepted;
    for at in [from, to] {
        becomes_within("acceptance and disclosure have crossed", DIALLED, at, &thread, accepted).await?;
    }
    to.act(&thread, case::close(None)).await?;
    let closed = |view: &_| course_of(view).1 == Label::Closed;
    becomes_within("the end arrives", DIALLED, from, &thread, closed).await?;
    alike(from, to, &thread).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_flows_both_ways_when_only_one_side_can_dial() -> Result<()> {
    let unreachable = Plan { advertise: Some(NOWHERE.to_owned()), ..Plan::named("Portable") };
    let mut two = Two::of(&unreachable, &Plan::named("Espace")).await?;
    let (agency, hub) = two.desks().await?;
    let announced = hub.partner(&two.agency_id).await?.endpoints;
    ensure!(announced == [NOWHERE], "the hub could dial {announced:?}");
    a_whole_referral(&agency, &hub, &two.hub_id).await?;
    a_whole_referral(&hub, &agency, &two.agency_id).await?;

    // The reachable side goes and comes back: the other dials again, without being told.
    two.hub.restart().await?;
    let (agency, hub) = two.desks().await?;
    a_whole_referral(&hub, &agency, &two.agency_id).await?;
    // The side that dials goes and comes back.
    two.agency.restart().await?;
    let (agency, hub) = two.desks().await?;
    a_whole_referral(&hub, &agency, &two.agency_id).await?;
    a_whole_referral(&agency, &hub, &two.hub_id).await
}
