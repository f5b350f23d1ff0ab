//! Clocks ten minutes apart: both ends show it, disclosures wait, stops do not; it heals when the clocks agree.

use anyhow::{Result, ensure};
use relais_domain::time::Span;
use relais_proto::desk::v1::{self as desk, Attention, ConsentStanding};
use relais_proto::peer::v1::EventKind;
use relais_server::clock::Clock;
use relais_tests::case::{self, Case, SERVICE, services};
use relais_tests::desk::{Desk, Id, words};
use relais_tests::network::{Cable, Proxy, free_address};
use relais_tests::town::{SOON, becomes, becomes_within, course_of, id_of, knows_services, linked, pair};
use relais_tests::wait::holds;
use relais_tests::within::Within;
use std::time::Duration;

/// Longest a link may take to come up again.
const RELINKED: Duration = Duration::from_secs(45);
/// What clocks may differ from what they were turned by.
const JITTER_MS: i64 = 5_000;

/// An agency that dials the hub through a cable that can be cut, and cannot be dialled itself; both clocks can be turned.
struct Apart {
    agency: Within,
    hub: Within,
    cable: Proxy,
    at_agency: Desk,
    at_hub: Desk,
    agency_id: Id,
    hub_id: Id,
}

impl Apart {
    async fn start() -> Result<Self> {
        let nowhere = "127.0.0.1:1".parse()?;
        let address = free_address()?;
        let mut agency = Within::init("Agence", Clock::system(), Some(nowhere)).await?;
        let mut hub = Within::init("Espace", Clock::system(), Some(address)).await?;
        let cable = Proxy::start(address, hub.listen).await?;
        agency.start().await?;
        hub.start().await?;
        let (at_agency, at_hub) = (agency.desk().await?, hub.desk().await?);
        at_hub.import(&services(&[SERVICE])).await?;
        pair(&at_hub, &at_agency).await?;
        let (agency_id, hub_id) = (at_agency.id().await?, at_hub.id().await?);
        knows_services(&at_agency, &hub_id).await?;
        Ok(Self { agency, hub, cable, at_agency, at_hub, agency_id, hub_id })
    }

    /// Turns both clocks by so many minutes from this machine's, then lets the link open anew.
    async fn turn(&self, agency_minutes: i64, hub_minutes: i64) -> Result<()> {
        self.cable.set(Cable::Cut);
        let (agency, agency_id, hub, hub_id) = (&self.at_agency, &self.agency_id, &self.at_hub, &self.hub_id);
        holds("the link is down at both ends", RELINKED, async || {
            let up = desk::LinkState::Open;
            Ok(agency.peer(hub_id).await?.link() != up && hub.peer(agency_id).await?.link() != up)
        })
        .await?;
        self.agency.clock.shift(Span::minutes(agency_minutes));
        self.hub.clock.shift(Span::minutes(hub_minutes));
        self.cable.set(Cable::FAST);
        linked(&self.at_agency, &self.at_hub).await?;
        let expected = (hub_minutes - agency_minutes) * 60_000;
        holds("the difference is shown at both ends", SOON, async || {
            let seen = agency.peer(hub_id).await?.clock_difference_ms.unwrap_or(i64::MAX);
            let seen_there = hub.peer(agency_id).await?.clock_difference_ms.unwrap_or(i64::MAX);
            Ok((seen - expected).abs() < JITTER_MS && (seen_there + expected).abs() < JITTER_MS)
        })
        .await?;
        Ok(())
    }

    async fn refer(&self) -> Result<Vec<u8>> {
        let thread = id_of(&self.at_agency.refer(Case::default().referral(&self.hub_id)).await?)?;
        self.at_agency.delivered(&thread, SOON).await?;
        Ok(thread)
    }

    async fn stop(mut self) -> Result<()> {
        self.agency.stop().await?;
        self.hub.stop().await
    }
}

fn has(view: &desk::ThreadView, attention: Attention) -> bool {
    view.summary.as_ref().is_some_and(|summary| summary.attention.contains(&i32::from(attention)))
}

fn wrote(view: &desk::ThreadView, kind: EventKind) -> bool {
    view.timeline.iter().any(|entry| entry.kind() == kind)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disclosure_waits_while_the_clocks_are_apart_and_a_stop_does_not() -> Result<()> {
    let apart = Apart::start().await?;
    let (thread, stopped) = (apart.refer().await?, apart.refer().await?);
    apart.turn(10, 0).await?;
    apart.at_hub.act(&thread, case::accept()).await?;
    let held =
        |view: &desk::ThreadView| wrote(view, EventKind::Accepted) && has(view, Attention::DisclosureHeld);
    becomes("the agency is told that the disclosure waits", &apart.at_agency, &thread, held).await?;
    // The hub's clock is behind: to the hub, this stop lies ten minutes ahead.
    apart.at_agency.act(&stopped, case::stop()).await?;
    let ended = |view: &_| course_of(view).2 == ConsentStanding::Stopped;
    becomes("the stop passes", &apart.at_hub, &stopped, ended).await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let view = apart.at_hub.show(&thread).await?;
    ensure!(view.disclosure() == desk::Disclosure::NotYet, "disclosed with the clocks apart");
    ensure!(view.stage_two.is_none_or(|two| two.name.is_none()), "the name left with the clocks apart");

    apart.turn(0, 0).await?;
    let told = |view: &desk::ThreadView| view.disclosure() == desk::Disclosure::Done;
    becomes_within("the disclosure follows by itself", RELINKED, &apart.at_hub, &thread, told).await?;
    let over = |view: &desk::ThreadView| !has(view, Attention::DisclosureHeld);
    becomes("the agency is told that it is over", &apart.at_agency, &thread, over).await?;
    apart.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_never_waits_behind_what_a_wrong_clock_wrote() -> Result<()> {
    let apart = Apart::start().await?;
    let thread = apart.refer().await?;
    apart.turn(0, 10).await?;
    // To the agency this acceptance lies ten minutes ahead: it is taken, and the disclosure that answers it waits.
    let view = apart.at_hub.act(&thread, case::accept()).await?;
    ensure!(wrote(&view, EventKind::Accepted), "{}", words(&view));
    let held =
        |view: &desk::ThreadView| wrote(view, EventKind::Accepted) && has(view, Attention::DisclosureHeld);
    becomes("the acceptance passes, the disclosure waits", &apart.at_agency, &thread, held).await?;
    let stopped_at_hub = apart.at_hub.act(&thread, case::stop()).await?;
    ensure!(course_of(&stopped_at_hub).2 == ConsentStanding::Stopped);
    let ended = |view: &_| course_of(view).2 == ConsentStanding::Stopped;
    becomes("the stop passes with the clocks apart", &apart.at_agency, &thread, ended).await?;
    let here = apart.at_agency.show(&thread).await?;
    ensure!(here.disclosure() == desk::Disclosure::NotYet, "disclosed after the stop");
    apart.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_referral_from_the_future_waits_until_the_clocks_agree() -> Result<()> {
    let apart = Apart::start().await?;
    apart.turn(10, 0).await?;
    let thread = id_of(&apart.at_agency.refer(Case::default().referral(&apart.hub_id)).await?)?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    ensure!(apart.at_hub.find(&thread).await?.is_none(), "a referral of the future was taken");
    // It was the hub's clock that was behind.
    apart.turn(10, 10).await?;
    apart.at_agency.delivered(&thread, RELINKED).await?;
    apart.stop().await
}
