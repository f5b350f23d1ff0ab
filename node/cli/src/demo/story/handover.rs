//! Chapter 6: the follow-up goes over to the hub. Exactly one structure is responsible at every instant, and both ends
//! name the same one.

use super::online;
use crate::demo::cast::{HUB, THEME_ONLINE};
use crate::demo::end::{End, ThreadBytes, same, there, thread_of};
use crate::demo::house::Ends;
use crate::demo::paper::{NADIA, consent, handover, level, need, professional};
use crate::demo::report::{Report, Step, Told, told};
use crate::exit::Failure;
use relais_domain::time::Span;
use relais_proto::desk::v1::act_request::{Accept, Act};
use relais_proto::desk::v1::{
    Disclosure, FollowUpStanding, FollowUpView, Label, OpenHandoverRequest, Signing, StageOne, StageTwo,
};
use relais_proto::peer::v1::{DataClass, FeedbackLevel};

const PROPOSE: Step = Step::new("6.1", "France Travail", "proposes to hand the follow-up over");
const ACCEPT: Step = Step::new("6.2", "Emmaüs Connect", "accepts, from a date");
const DISCLOSE: Step = Step::new("6.3", "France Travail", "tells where the follow-up stands");
const EFFECTIVE: Step = Step::new("6.4", "France Travail", "signs on the date, by itself");

/// How far ahead the date is on which the hub takes over: far enough for the steps before to be seen.
const NOTICE: Span = Span(700);

/// What the person agreed to for the handover.
const CLASSES: [DataClass; 5] =
    [DataClass::Need, DataClass::Level, DataClass::Name, DataClass::Contact, DataClass::Handover];

/// Plays the chapter.
pub(crate) async fn play(ends: &Ends, report: &Report, follow_up: Vec<u8>) -> Result<ThreadBytes, Failure> {
    let (agency, hub) = (&ends.agency, &ends.hub);
    let thread = report.step(PROPOSE, propose(agency, hub, follow_up.clone())).await?;
    let date = report.now().plus(NOTICE).0;
    report.step(ACCEPT, accept(agency, hub, &thread, date)).await?;
    report.step(DISCLOSE, disclose(agency, hub, &thread)).await?;
    report.step(EFFECTIVE, effective(agency, hub, &thread, &follow_up)).await?;
    Ok(thread)
}

async fn propose(agency: &End, hub: &End, follow_up_id: Vec<u8>) -> Result<Told<ThreadBytes>, Failure> {
    let service = online(agency, hub).await?;
    let asked = need(THEME_ONLINE, &service.service_id, FeedbackLevel::Accepted);
    let request = OpenHandoverRequest {
        recipient_id: hub.id.clone(),
        stage_one: Some(StageOne { need: Some(asked), level: Some(level()), ..StageOne::default() }),
        stage_two: Some(StageTwo {
            name: Some(NADIA.full()),
            contact: Some(NADIA.contact()),
            handover: Some(handover()),
            ..StageTwo::default()
        }),
        consent: Some(consent(THEME_ONLINE, &CLASSES, FeedbackLevel::Accepted)),
        follow_up_id,
        signing: Signing::ByItself.into(),
        ..OpenHandoverRequest::default()
    };
    let thread = thread_of(&agency.hand_over(request).await?);
    let responsible = responsible(agency, hub, &thread, agency).await?;
    Ok(told(format!("proposes to hand {} over; responsible: {responsible}", NADIA.given), thread))
}

async fn accept(agency: &End, hub: &End, thread: &[u8], not_before_ms: i64) -> Result<Told<()>, Failure> {
    let who = professional(HUB.professional);
    let act = Accept { professional: Some(who), not_before_ms: Some(not_before_ms) };
    hub.act(thread, Act::Accept(act)).await?;
    let responsible = responsible(agency, hub, thread, agency).await?;
    Ok(told(format!("accepts, from a date: a promise; responsible: still {responsible}"), ()))
}

async fn disclose(agency: &End, hub: &End, thread: &[u8]) -> Result<Told<()>, Failure> {
    agency.delivered(thread).await?;
    hub.until(thread, "the whole name", |line| line.name == Some(NADIA.full())).await?;
    let view = hub.show(thread).await?;
    same("the disclosure at the hub", view.disclosure, Disclosure::Done.into())?;
    let told_two = there("what is told after acceptance", view.stage_two)?;
    same("where the follow-up stands, at the hub", told_two.handover, Some(handover()))?;
    let responsible = responsible(agency, hub, thread, agency).await?;
    Ok(told(format!("tells what was done and what is pending; responsible: still {responsible}"), ()))
}

async fn effective(agency: &End, hub: &End, thread: &[u8], follow_up: &[u8]) -> Result<Told<()>, Failure> {
    let label = i32::from(Label::Effective);
    agency.until(thread, "that it is effective", |line| line.label == label).await?;
    agency.delivered(thread).await?;
    hub.until(thread, "that it is effective", |line| line.label == label).await?;
    let responsible = responsible(agency, hub, thread, hub).await?;
    let confirmed = agency.show(thread).await?.handover.and_then(|handover| handover.confirmed_ms);
    there("the hub's receipt at the agency", confirmed)?;
    let theirs = agency.follow_ups().await?;
    let handed = theirs.into_iter().find(|one| one.follow_up_id == follow_up);
    let standing = there("the agency's follow-up", handed)?.standing;
    same("the agency's follow-up", standing, FollowUpStanding::HandedOver.into())?;
    let open = |one: &FollowUpView| one.standing == i32::from(FollowUpStanding::Open);
    let ours = hub.follow_ups().await?.into_iter().filter(open).count();
    same("follow-ups open at the hub", ours, 1)?;
    Ok(told(format!("signs on the date, by itself, and holds the receipt; responsible: {responsible}"), ()))
}

/// Who is responsible: both ends must name the same one.
async fn responsible(agency: &End, hub: &End, thread: &[u8], awaited: &End) -> Result<String, Failure> {
    for end in [agency, hub] {
        let handover = there("the handover", end.show(thread).await?.handover)?;
        let what = format!("who is responsible, at {}", end.structure.short);
        same(&what, handover.responsible_name.as_str(), awaited.structure.name)?;
        same(&what, &handover.responsible_id, &awaited.id)?;
    }
    Ok(format!("{} (both ends say so)", awaited.structure.short))
}
