//! A town: structures whose nodes run, and are partners.

use crate::case::{SERVICE, services};
use crate::desk::{Desk, Id, Thread, words};
use crate::process::{Plan, Process};
use crate::wait::{holds, until};
use anyhow::{Context as _, Result, ensure};
use relais_proto::desk::v1 as desk;
use std::time::Duration;

/// Longest anything may take that needs one round trip on loopback.
pub const SOON: Duration = Duration::from_secs(20);

/// Pairs two running nodes as two admins would: invite, join, compare, confirm; then waits for the link and for the
/// services of each at the other.
///
/// # Errors
/// A step failed.
pub async fn pair(inviter: &Desk, joiner: &Desk) -> Result<()> {
    let request = desk::CreateInvitationRequest::default();
    let link = inviter.client().create_invitation(request).await?.into_inner().link;
    let request = desk::JoinInvitationRequest { link };
    let seen = joiner.client().join_invitation(request).await.context("join")?.into_inner();
    let joiner_id = joiner.id().await?;
    let (waiting, _) = until("the inviter sees who joined", SOON, async || {
        let request = desk::ListPeersRequest::default();
        let pairings = inviter.client().list_peers(request).await?.into_inner().pairings;
        Ok(pairings.into_iter().find(|pairing| pairing.peer_id == joiner_id))
    })
    .await?;
    ensure!(!seen.comparison_phrase.is_empty(), "there is no phrase to compare");
    ensure!(seen.comparison_phrase == waiting.comparison_phrase, "the two admins see different phrases");
    confirm(inviter, &waiting).await?;
    confirm(joiner, &seen).await?;
    linked(inviter, joiner).await
}

async fn confirm(at: &Desk, pairing: &desk::PairingView) -> Result<()> {
    let request = desk::ConfirmPairingRequest {
        peer_id: pairing.peer_id.clone(),
        comparison: desk::PhraseComparison::Matches.into(),
        agreement_hash: pairing.agreement_hash.clone(),
        comparison_phrase: pairing.comparison_phrase.clone(),
    };
    at.client().confirm_pairing(request).await.context("confirm")?;
    Ok(())
}

/// Waits until the link between two partners is open at both ends.
///
/// # Errors
/// It does not open in time.
pub async fn linked(one: &Desk, other: &Desk) -> Result<()> {
    let ids = (one.id().await?, other.id().await?);
    holds("the link is open at both ends", Duration::from_secs(45), async || {
        let there = one.peer(&ids.1).await?.link() == desk::LinkState::Open;
        Ok(there && other.peer(&ids.0).await?.link() == desk::LinkState::Open)
    })
    .await?;
    Ok(())
}

/// Waits until `at` knows the services of `of`.
///
/// # Errors
/// They do not arrive in time.
pub async fn knows_services(at: &Desk, of: &Id) -> Result<Duration> {
    knows_services_within(SOON, at, of).await
}

/// The same, when it may take longer.
///
/// # Errors
/// They do not arrive in time.
pub async fn knows_services_within(most: Duration, at: &Desk, of: &Id) -> Result<Duration> {
    holds("the partner's services arrive", most, async || {
        Ok(at.services(of).await?.iter().any(|service| service.service_id == SERVICE))
    })
    .await
}

/// Two structures that are partners, each with a service, both running: the agency refers, the hub receives.
#[derive(Debug)]
pub struct Two {
    /// The agency's node.
    pub agency: Process,
    /// The hub's node.
    pub hub: Process,
    /// The agency's id.
    pub agency_id: Id,
    /// The hub's id.
    pub hub_id: Id,
}

impl Two {
    /// Makes, starts and pairs them.
    ///
    /// # Errors
    /// A step failed.
    pub async fn start() -> Result<Self> {
        let agency = Plan { kind: "employment_service", ..Plan::named("Agence de l'Essai") };
        Self::of(&agency, &Plan::named("Espace de l'Essai")).await
    }

    /// The same of these plans; the agency joins the hub's invitation.
    ///
    /// # Errors
    /// A step failed.
    pub async fn of(agency: &Plan, hub: &Plan) -> Result<Self> {
        let (mut agency, mut hub) = (Process::init(agency)?, Process::init(hub)?);
        agency.start().await?;
        hub.start().await?;
        let (at_agency, at_hub) = (agency.desk().await?, hub.desk().await?);
        at_agency.import(&services(&[SERVICE])).await?;
        at_hub.import(&services(&[SERVICE])).await?;
        pair(&at_hub, &at_agency).await?;
        let (agency_id, hub_id) = (at_agency.id().await?, at_hub.id().await?);
        knows_services(&at_agency, &hub_id).await?;
        knows_services(&at_hub, &agency_id).await?;
        Ok(Self { agency, hub, agency_id, hub_id })
    }

    /// Both desks.
    ///
    /// # Errors
    /// A node does not answer.
    pub async fn desks(&self) -> Result<(Desk, Desk)> {
        Ok((self.agency.desk().await?, self.hub.desk().await?))
    }
}

/// Waits until a thread is at `at` as `judge` wants it.
///
/// # Errors
/// It does not become so in time; what it is instead is told.
pub async fn becomes(
    what: &str,
    at: &Desk,
    thread: &Thread,
    judge: impl Fn(&desk::ThreadView) -> bool,
) -> Result<desk::ThreadView> {
    becomes_within(what, SOON, at, thread, judge).await
}

/// The same within another time.
///
/// # Errors
/// It does not become so in time; what it is instead is told.
pub async fn becomes_within(
    what: &str,
    deadline: Duration,
    at: &Desk,
    thread: &Thread,
    judge: impl Fn(&desk::ThreadView) -> bool,
) -> Result<desk::ThreadView> {
    let mut last = String::from("it is not there");
    let waited = until(what, deadline, async || {
        let Some(view) = at.find(thread).await? else { return Ok(None) };
        last = words(&view);
        Ok(judge(&view).then_some(view))
    })
    .await;
    let (view, _) = waited.with_context(|| last.clone())?;
    Ok(view)
}

/// The id of a thread just opened.
///
/// # Errors
/// The view names none.
pub fn id_of(view: &desk::ThreadView) -> Result<Thread> {
    Ok(view.summary.as_ref().context("a view has a summary")?.thread_id.clone())
}

/// Step, label and consent of a thread.
pub fn course_of(view: &desk::ThreadView) -> (desk::Step, desk::Label, desk::ConsentStanding) {
    let summary = view.summary.clone().unwrap_or_default();
    (summary.step(), summary.label(), summary.consent())
}

/// The events of a thread as both ends must hold them: side, sequence, message, kind, whether it counts. Local steps
/// are left out.
pub fn chains_of(view: &desk::ThreadView) -> Vec<(i32, u32, Vec<u8>, i32, i32)> {
    let crossing = view.timeline.iter().filter(|entry| !entry.message_id.is_empty());
    let mut events: Vec<_> = crossing
        .map(|entry| (entry.side, entry.sequence, entry.message_id.clone(), entry.kind, entry.effect))
        .collect();
    events.sort();
    events
}

/// Waits until both ends of a thread hold the same events, with the same course, everything delivered.
///
/// # Errors
/// They stay different; both are told.
pub async fn alike(
    one: &Desk,
    other: &Desk,
    thread: &Thread,
) -> Result<(desk::ThreadView, desk::ThreadView)> {
    let mut last = String::new();
    let waited = until("both ends are alike", SOON, async || {
        let (Some(here), Some(there)) = (one.find(thread).await?, other.find(thread).await?) else {
            last = String::from("one end has no such thread");
            return Ok(None);
        };
        last = format!("here {}\nthere {}", words(&here), words(&there));
        let delivered = [&here, &there]
            .iter()
            .all(|view| view.summary.as_ref().is_some_and(|summary| summary.undelivered == 0));
        let same = chains_of(&here) == chains_of(&there) && ends_alike(&here, &there);
        Ok((delivered && same).then_some((here, there)))
    })
    .await;
    let (views, _) = waited.with_context(|| last.clone())?;
    Ok(views)
}

/// Label and consent are the same at both ends; the step as well, unless the level kept steps at the receiver.
fn ends_alike(here: &desk::ThreadView, there: &desk::ThreadView) -> bool {
    let (here_step, here_label, here_consent) = course_of(here);
    let (there_step, there_label, there_consent) = course_of(there);
    let local = [here, there].iter().any(|view| view.timeline.iter().any(|entry| entry.sequence == 0));
    (here_label, here_consent) == (there_label, there_consent) && (local || here_step == there_step)
}
