//! The story: what two structures and a person live through, seen from both ends.

use anyhow::{Context as _, Result, ensure};
use relais_proto::desk::v1 as desk;
use relais_proto::desk::v1::{ConsentStanding, Label, Settlement, Side, Step};
use relais_proto::peer::v1 as peer;
use relais_proto::peer::v1::{EventKind, FeedbackLevel, ThreadPart};
use relais_tests::case::{self, Case, SERVICE};
use relais_tests::desk::{Desk, Thread, fresh, words};
use relais_tests::town::{SOON, Two, alike, becomes, chains_of, course_of, id_of};
use std::time::Duration;

/// Refers a case from the agency to the hub and waits until it is there.
async fn referred(two: &Two, case: &Case) -> Result<(Desk, Desk, Thread)> {
    let (agency, hub) = two.desks().await?;
    let thread = id_of(&agency.refer(case.referral(&two.hub_id)).await?)?;
    agency.delivered(&thread, SOON).await?;
    Ok((agency, hub, thread))
}

/// Accepts a referral at the hub and waits until the name is there.
async fn accepted(hub: &Desk, thread: &Thread) -> Result<desk::ThreadView> {
    hub.act(thread, case::accept()).await?;
    becomes("the name arrives", hub, thread, |view| name_of(view).is_some()).await
}

fn name_of(view: &desk::ThreadView) -> Option<String> {
    view.stage_two.as_ref()?.name.as_ref().map(|name| name.given.clone())
}

fn entries(view: &desk::ThreadView, kind: EventKind) -> Vec<desk::TimelineEntry> {
    view.timeline.iter().filter(|entry| entry.kind == i32::from(kind)).cloned().collect()
}

fn entry(view: &desk::ThreadView, kind: EventKind) -> Result<desk::TimelineEntry> {
    entries(view, kind).pop().with_context(|| format!("no {kind:?} in {}", words(view)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_referral_crosses_from_sent_to_closed_with_its_outcome() -> Result<()> {
    let two = Two::start().await?;
    let case = Case { note: Some("Vient à pied".to_owned()), ..Case::default() };
    let (agency, hub, thread) = referred(&two, &case).await?;
    let seen = hub.show(&thread).await?;
    ensure!(name_of(&seen).is_none(), "the hub knows the name before it accepted");
    ensure!(seen.summary.as_ref().is_some_and(|summary| summary.name.is_none()));
    let need = seen.stage_one.as_ref().and_then(|one| one.need.as_ref()).context("the need is there")?;
    ensure!((need.service_id.as_str(), need.territory.as_str()) == (SERVICE, case::COMMUNE));
    ensure!(seen.stage_one.as_ref().is_some_and(|one| one.note.is_some()), "the note is there");

    let seen = accepted(&hub, &thread).await?;
    ensure!(name_of(&seen).as_deref() == Some("Amina"));
    let contact = seen.stage_two.as_ref().and_then(|two| two.contact.as_ref()).context("a contact")?;
    ensure!(*contact == case.reach());
    let at_agency = agency.show(&thread).await?;
    ensure!(at_agency.disclosure() == desk::Disclosure::Done, "{}", words(&at_agency));
    let professional = entry(&at_agency, EventKind::Accepted)?.professional.context("who to call")?;
    ensure!(professional.name == "Claire M.");

    hub.act(&thread, case::schedule("Salle 2")).await?;
    becomes("the appointment is told", &agency, &thread, |view| course_of(view).0 == Step::Scheduled).await?;
    hub.act(&thread, case::arrive()).await?;
    hub.act(&thread, case::close(Some("Je sais envoyer un message"))).await?;
    becomes("the end is told", &agency, &thread, |view| course_of(view).1 == Label::Closed).await?;
    let (here, there) = alike(&agency, &hub, &thread).await?;
    let course = entry(&here, EventKind::Closed)?.course.context("what came of it")?;
    ensure!(course.outcome() == peer::Outcome::NeedMet);
    ensure!(course.account.as_deref() == Some("Je sais envoyer un message"));
    let scheduled = entry(&here, EventKind::Scheduled)?.course.context("the appointment")?;
    ensure!(scheduled.place.as_deref() == Some("Salle 2"));
    for view in [&here, &there] {
        let settlement = view.summary.as_ref().map(desk::ThreadSummary::settlement);
        ensure!(settlement == Some(Settlement::Settled), "{}", words(view));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn at_level_accepted_nothing_of_the_course_is_told_back() -> Result<()> {
    let two = Two::start().await?;
    let (agency, hub, thread) = referred(&two, &Case::telling(FeedbackLevel::Accepted)).await?;
    accepted(&hub, &thread).await?;
    hub.act(&thread, case::schedule("Salle 2")).await?;
    hub.act(&thread, case::arrive()).await?;
    let kept = hub.act(&thread, case::close(Some("Content"))).await?;
    ensure!(entry(&kept, EventKind::Arrived)?.effect() == desk::Effect::Local, "{}", words(&kept));
    becomes("the end is told", &agency, &thread, |view| course_of(view).1 == Label::Closed).await?;
    let (here, _) = alike(&agency, &hub, &thread).await?;
    for kind in [EventKind::Scheduled, EventKind::NoShow, EventKind::Arrived] {
        ensure!(entries(&here, kind).is_empty(), "the agency sees {kind:?}: {}", words(&here));
    }
    ensure!(course_of(&here).0 == Step::Accepted, "{}", words(&here));
    let course = entry(&here, EventKind::Closed)?.course.unwrap_or_default();
    ensure!(course == peer::Course::default(), "the agency sees more than the end");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_a_better_door_and_never_learns_the_name() -> Result<()> {
    let two = Two::start().await?;
    let (agency, hub, thread) = referred(&two, &Case::default()).await?;
    let better = peer::Suggestion { structure_id: two.agency_id.clone(), service_id: SERVICE.to_owned() };
    hub.act(&thread, case::refuse(peer::Reason::Full, vec![better.clone()])).await?;
    becomes("the refusal is told", &agency, &thread, |view| course_of(view).1 == Label::Refused).await?;
    let (here, there) = alike(&agency, &hub, &thread).await?;
    let course = entry(&here, EventKind::Refused)?.course.context("why")?;
    ensure!(course.reason() == peer::Reason::Full && course.suggestions == vec![better]);
    ensure!(name_of(&there).is_none() && entries(&there, EventKind::Disclosed).is_empty());
    let error = hub.act(&thread, case::accept()).await.err().context("refused is refused")?;
    ensure!(error.code() == tonic::Code::FailedPrecondition, "{error}");
    Ok(())
}

/// Ends the consent of an accepted referral at one end, and waits until both ends signed that everything is gone.
async fn stopped_at(end: Side) -> Result<()> {
    let two = Two::start().await?;
    let (agency, hub, thread) = referred(&two, &Case::default()).await?;
    accepted(&hub, &thread).await?;
    let (here, there) = if end == Side::Sender { (&agency, &hub) } else { (&hub, &agency) };
    here.act(&thread, case::stop()).await?;
    let everything = [ThreadPart::StageOne, ThreadPart::StageTwo].map(i32::from);
    let gone = |view: &desk::ThreadView| {
        let told = |parts: &[i32]| everything.iter().all(|part| parts.contains(part));
        told(&view.erased_here) && told(&view.erased_there)
    };
    for at in [&agency, &hub] {
        let view = becomes("both ends signed that they erased", at, &thread, gone).await?;
        ensure!(course_of(&view).1 == Label::ConsentEnded, "{}", words(&view));
        ensure!(course_of(&view).2 == ConsentStanding::Stopped, "{}", words(&view));
        let evidence = i32::from(ThreadPart::Evidence);
        ensure!(view.held.iter().all(|part| *part == evidence), "{}", words(&view));
        ensure!(name_of(&view).is_none(), "the name is still there");
        ensure!(view.stage_one.is_none_or(|one| one.need.is_none()), "the need is still there");
    }
    alike(&agency, &hub, &thread).await?;
    for at in [here, there] {
        let consent = at.consent(&thread).await?;
        ensure!(consent.ended_by() == end && consent.consent.is_none());
        let sides: Vec<Side> = consent.erasures.iter().map(desk::ErasureView::side).collect();
        ensure!(sides.contains(&Side::Sender) && sides.contains(&Side::Receiver), "erased by {sides:?}");
        ensure!(consent.attention.is_empty(), "an alarm although both erased");
        for erasure in consent.erasures.iter().filter_map(|view| view.erasure.as_ref()) {
            ensure!(erasure.erased_at_ms > 0 && erasure.backup_horizon_ms >= erasure.erased_at_ms);
        }
    }
    let late = hub.act(&thread, case::arrive()).await;
    ensure!(late.is_err(), "a stopped referral went on");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_at_the_sender_erases_both_ends() -> Result<()> {
    stopped_at(Side::Sender).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_at_the_receiver_erases_both_ends() -> Result<()> {
    stopped_at(Side::Receiver).await
}

fn responsible(view: &desk::ThreadView) -> Side {
    view.handover.as_ref().map_or(Side::Unspecified, desk::HandoverView::responsible)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handover_moves_who_is_responsible_once_and_at_both_ends() -> Result<()> {
    let two = Two::start().await?;
    let (agency, hub) = two.desks().await?;
    let case = Case { family: "Diallo".to_owned(), ..Case::default() };
    let opened = agency.client().open_follow_up(case.follow_up(Vec::new())).await?.into_inner();
    let request = case.handover(&two.hub_id, &opened.follow_up_id, case::handover_content());
    let proposed = agency.propose(request).await?;
    let thread = id_of(&proposed)?;
    ensure!(responsible(&proposed) == Side::Sender);
    let there = becomes("the offer arrives", &hub, &thread, |view| view.handover.is_some()).await?;
    ensure!(responsible(&there) == Side::Sender && name_of(&there).is_none(), "{}", words(&there));

    hub.act(&thread, case::accept()).await?;
    let there = becomes("the change arrives", &hub, &thread, |view| responsible(view) == Side::Receiver);
    let there = there.await?;
    ensure!(name_of(&there).as_deref() == Some("Amina"));
    let content = there.stage_two.as_ref().and_then(|two| two.handover.as_ref());
    ensure!(content == Some(&case::handover_content()));
    let confirmed = |view: &desk::ThreadView| {
        responsible(view) == Side::Receiver
            && view.handover.as_ref().is_some_and(|handover| handover.confirmed_ms.is_some())
    };
    becomes("the change is confirmed", &agency, &thread, confirmed).await?;
    let (here, there) = alike(&agency, &hub, &thread).await?;
    ensure!(course_of(&here).1 == Label::Effective && course_of(&there).1 == Label::Effective);
    for view in [&here, &there] {
        let id = view.handover.as_ref().map(|handover| handover.responsible_id.clone());
        ensure!(id.as_deref() == Some(two.hub_id.as_slice()), "{}", words(view));
        ensure!(entries(view, EventKind::Effective).len() == 1);
    }
    handed_over(&agency, &hub, &opened.follow_up_id, &there).await
}

/// The agency's follow-up is closed as handed over, the hub has one of its own, and nothing takes it back.
async fn handed_over(agency: &Desk, hub: &Desk, follow_up: &[u8], there: &desk::ThreadView) -> Result<()> {
    let request = desk::ShowFollowUpRequest { follow_up_id: follow_up.to_vec() };
    let closed = agency.client().show_follow_up(request).await?.into_inner();
    ensure!(closed.standing() == desk::FollowUpStanding::HandedOver);
    let request = desk::ShowFollowUpRequest { follow_up_id: there.follow_up_id.clone() };
    let open = hub.client().show_follow_up(request).await.context("the hub's own follow-up")?.into_inner();
    ensure!(open.standing() == desk::FollowUpStanding::Open);
    let thread = id_of(there)?;
    let cancel = desk::act_request::Act::Cancel(desk::act_request::Cancel {});
    ensure!(agency.act(&thread, cancel).await.is_err(), "a handover in effect was cancelled");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_consent_does_not_cover_stops_at_the_sender() -> Result<()> {
    let two = Two::start().await?;
    let (agency, hub) = two.desks().await?;
    let mut request = Case::default().referral(&two.hub_id);
    let consent = request.consent.as_mut().context("a consent")?;
    consent.classes.retain(|class| *class != i32::from(peer::DataClass::Contact));
    let error = agency.refer(request).await.err().context("the contact is not covered")?;
    ensure!(error.code() == tonic::Code::FailedPrecondition, "{error}");
    ensure!(error.message().contains("contact"), "{error}");
    ensure!(agency.threads().await?.is_empty(), "something was stored");
    tokio::time::sleep(Duration::from_millis(500)).await;
    ensure!(hub.threads().await?.is_empty(), "something arrived");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_twice_under_one_id_is_done_once() -> Result<()> {
    let two = Two::start().await?;
    let (agency, hub) = two.desks().await?;
    let request = Case::default().referral(&two.hub_id);
    let first = id_of(&agency.refer(request.clone()).await?)?;
    let again = id_of(&agency.refer(request).await.context("the referral again")?)?;
    ensure!(first == again && agency.threads().await?.len() == 1, "one request opened two threads");
    agency.delivered(&first, SOON).await?;
    for act in [case::accept(), case::note("Bien reçu")] {
        let request_id = fresh();
        let once = hub.act_again(request_id.clone(), &first, act.clone()).await?;
        let twice = hub.act_again(request_id, &first, act).await.context("the same act again")?;
        ensure!(chains_of(&twice).len() >= chains_of(&once).len(), "{}", words(&twice));
    }
    let (view, _) = alike(&agency, &hub, &first).await?;
    for kind in [EventKind::Sent, EventKind::Accepted, EventKind::Disclosed, EventKind::Note] {
        ensure!(entries(&view, kind).len() == 1, "{kind:?} more than once, or never: {}", words(&view));
    }
    Ok(())
}
