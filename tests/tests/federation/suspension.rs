//! Suspension and removal: streams are cut, and from then on only endings pass, or nothing.

use anyhow::{Context as _, Result, ensure};
use relais_proto::desk::v1::{self as desk, ConsentStanding, Step};
use relais_proto::peer::v1::{EventKind, RejectCode, ThreadPart};
use relais_tests::case::{self, Case};
use relais_tests::tamper::{Answer, Liar, Victim};
use relais_tests::town::{SOON, Two, alike, becomes, becomes_within, course_of, id_of};
use std::time::{Duration, Instant};

/// Longest until what a suspension held back arrives once it is over.
const RESUMED: Duration = Duration::from_secs(75);
/// Longest until open streams are cut.
const CUT_WITHIN: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn only_endings_pass_a_suspension_and_the_rest_passes_afterwards() -> Result<()> {
    let two = Two::start().await?;
    let (agency, hub) = two.desks().await?;
    let refer = async || id_of(&agency.refer(Case::default().referral(&two.hub_id)).await?);
    let (stopped, kept, noted) = (refer().await?, refer().await?, refer().await?);
    for thread in [&stopped, &kept, &noted] {
        agency.delivered(thread, SOON).await?;
        hub.act(thread, case::accept()).await?;
        becomes("stage 2 arrives", &hub, thread, |view| view.disclosure() == desk::Disclosure::Done).await?;
    }
    hub.suspend(&two.agency_id).await?;
    // The agency does not know: what it sends now waits.
    let late = refer().await?;
    agency.act(&stopped, case::stop()).await?;
    let ended = |view: &_| course_of(view).2 == ConsentStanding::Stopped;
    becomes_within("the stop passes", CUT_WITHIN, &hub, &stopped, ended).await?;
    let erased = |view: &desk::ThreadView| view.erased_there.contains(&i32::from(ThreadPart::StageTwo));
    becomes_within("the erasure receipt passes", CUT_WITHIN, &agency, &stopped, erased).await?;
    for thread in [&kept, &noted] {
        agency.act(thread, case::note("Pendant la suspension")).await?;
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    // A stop behind what may not pass is not held up by it.
    agency.act(&noted, case::stop()).await?;
    becomes_within("the stop behind a note passes", CUT_WITHIN, &hub, &noted, ended).await?;
    ensure!(hub.find(&late).await?.is_none(), "a referral passed a suspension");
    let view = hub.show(&kept).await?;
    ensure!(!view.timeline.iter().any(|entry| entry.kind() == EventKind::Note), "a note passed a suspension");
    let refused = hub.refer(Case::default().referral(&two.agency_id)).await;
    ensure!(refused.is_err(), "a referral was sent to a suspended partner");
    let link = hub.peer(&two.agency_id).await?.link();
    ensure!(link != desk::LinkState::Open, "the hub shows the link as open");

    hub.resume(&two.agency_id).await?;
    becomes_within("what waited arrives", RESUMED, &hub, &late, |_| true).await?;
    let has_note = |view: &desk::ThreadView| view.timeline.iter().any(|e| e.kind() == EventKind::Note);
    becomes_within("the note arrives", RESUMED, &hub, &kept, has_note).await?;
    hub.act(&late, case::accept()).await?;
    let accepted = |view: &_| course_of(view).0 == Step::Accepted;
    becomes("the link is as before", &agency, &late, accepted).await?;
    for thread in [&stopped, &kept, &noted, &late] {
        alike(&agency, &hub, thread).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_overtakes_an_ending_that_a_suspension_holds() -> Result<()> {
    let two = Two::start().await?;
    let (agency, hub) = two.desks().await?;
    let thread = id_of(&agency.refer(Case::default().referral(&two.hub_id)).await?)?;
    agency.delivered(&thread, SOON).await?;
    agency.suspend(&two.hub_id).await?;
    agency.act(&thread, case::withdraw()).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    agency.act(&thread, case::stop()).await?;
    let gone = |view: &desk::ThreadView| {
        course_of(view).2 == ConsentStanding::Stopped && !view.held.contains(&i32::from(ThreadPart::StageOne))
    };
    becomes_within("the stop passes the withdrawal", CUT_WITHIN, &hub, &thread, gone).await?;
    agency.resume(&two.hub_id).await?;
    becomes_within("what waited arrives", RESUMED, &hub, &thread, |view| {
        view.timeline.iter().any(|entry| entry.kind() == EventKind::Withdrawn)
    })
    .await?;
    alike(&agency, &hub, &thread).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspension_cuts_open_streams_and_a_removal_is_for_good() -> Result<()> {
    let mut two = Two::start().await?;
    let hub = two.hub.desk().await?;
    two.agency.stop()?;
    let manifest = hub.partner(&two.agency_id).await?.manifest_sequence;
    let liar = Liar::in_place_of(&two.agency, &two.agency_id, manifest)?;
    let victim = Victim::of(&two.hub, &two.hub_id)?;
    let mut talk = liar.dial(&victim).await?;
    let first = liar.sent(victim.id, &liar.consent(victim.id));
    let answer = talk.send(liar.envelope(&first, &victim)?).await?;
    ensure!(matches!(answer, Answer::Receipt(_)), "{answer:?}");

    let started = Instant::now();
    hub.suspend(&two.agency_id).await?;
    talk.ended(CUT_WITHIN).await?;
    println!("open stream cut {:?} after the suspension", started.elapsed());
    let mut talk = liar.dial(&victim).await.context("a suspended partner may still end and erase")?;
    let second = liar.sent(victim.id, &liar.consent(victim.id));
    let second = liar.envelope(&second, &victim)?;
    ensure!(talk.send(second.clone()).await? == Answer::Rejected(RejectCode::Suspended));
    let note = liar.next(&first, EventKind::Note);
    ensure!(talk.send(liar.envelope(&note, &victim)?).await? == Answer::Rejected(RejectCode::Suspended));
    let end = liar.next(&first, EventKind::ConsentEnded);
    let answer = talk.send(liar.envelope(&end, &victim)?).await?;
    ensure!(matches!(answer, Answer::Receipt(_)), "a stop was held up: {answer:?}");

    hub.resume(&two.agency_id).await?;
    let mut talk = liar.dial(&victim).await?;
    let answer = talk.send(second.clone()).await?;
    ensure!(matches!(answer, Answer::Receipt(_)), "after the suspension: {answer:?}");
    hub.remove(&two.agency_id).await?;
    talk.ended(CUT_WITHIN).await?;
    ensure!(liar.dial(&victim).await.is_err(), "a removed partner was let in");
    ensure!(hub.resume(&two.agency_id).await.is_err(), "a removal was taken back");
    two.hub.restart().await?;
    ensure!(liar.dial(&victim).await.is_err(), "a removed partner was let in after a restart");
    let error = hub_refers(&two).await.err().context("a removed partner gets nothing")?;
    ensure!(error.code() == tonic::Code::FailedPrecondition, "{error}");
    Ok(())
}

async fn hub_refers(two: &Two) -> Result<desk::ThreadView, tonic::Status> {
    let hub = two.hub.desk().await.map_err(|error| tonic::Status::unknown(error.to_string()))?;
    hub.refer(Case::default().referral(&two.agency_id)).await
}

/// An invitation that comes to who is a partner already is not used up: the one it was meant for can still come in.
#[tokio::test(flavor = "multi_thread")]
async fn a_partner_uses_up_no_invitation() -> Result<()> {
    let two = Two::start().await?;
    let (agency, hub) = two.desks().await?;
    let request = desk::CreateInvitationRequest::default();
    let link = hub.client().create_invitation(request).await?.into_inner().link;
    let refused = agency.client().join_invitation(desk::JoinInvitationRequest { link }).await;
    let refused = refused.err().context("it pairs again")?;
    ensure!(refused.message().contains("partner already"), "{refused:?}");
    let listed = hub.client().list_invitations(desk::ListInvitationsRequest::default()).await?.into_inner();
    let open = desk::InvitationStanding::Open;
    ensure!(listed.invitations.iter().any(|one| one.standing() == open), "{:?}", listed.invitations);
    Ok(())
}
