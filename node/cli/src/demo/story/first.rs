//! Chapter 1: a referral from the counsellor's desk to its outcome. The name leaves only once the hub has accepted.

use super::{morning, online};
use crate::codes;
use crate::demo::cast::{COMMUNE, THEME_ONLINE};
use crate::demo::end::{End, ThreadBytes, same, there, thread_of};
use crate::demo::house::Ends;
use crate::demo::paper::{self, NADIA, need, professional, referral};
use crate::demo::report::{Report, Step, Told, told};
use crate::exit::Failure;
use crate::when;
use relais_domain::fold;
use relais_proto::desk::v1::act_request::{Accept, Act, Arrive, Close, Schedule};
use relais_proto::desk::v1::{Disclosure, Label, ServiceView, Settlement, ThreadView};
use relais_proto::peer::v1::{Course, EventKind, FeedbackLevel, Name, Outcome, ThreadPart};

const OPEN: Step = Step::new("1.1", "France Travail", "opens a follow-up, of which nobody else knows");
const FIND: Step = Step::new("1.2", "France Travail", "finds the hub's service");
const SEND: Step = Step::new("1.3", "France Travail", "sends under the person's agreement");
const SEE: Step = Step::new("1.4", "Emmaüs Connect", "sees the need and no name");
const ACCEPT: Step = Step::new("1.5", "Emmaüs Connect", "accepts");
const DISCLOSE: Step = Step::new("1.6", "France Travail", "discloses name and contact by itself");
const SCHEDULE: Step = Step::new("1.7", "Emmaüs Connect", "sets an appointment, seen at the agency");
const ARRIVE: Step = Step::new("1.8", "Emmaüs Connect", "notes that the person came, seen at the agency");
const CLOSE: Step = Step::new("1.9", "Emmaüs Connect", "closes; the outcome is seen at the agency");

/// The place of the appointment.
const PLACE: &str = "12 quai Valin, La Rochelle";
/// What the person says of it.
const ACCOUNT: &str = "J'ai passé mon entretien en visio.";

/// Plays the chapter; the follow-up and the thread it leaves.
pub(crate) async fn play(ends: &Ends, report: &Report) -> Result<(Vec<u8>, ThreadBytes), Failure> {
    let (agency, hub) = (&ends.agency, &ends.hub);
    let follow_up = report.step(OPEN, open(agency, hub)).await?;
    let service = report.step(FIND, find(agency, hub)).await?;
    let thread = report.step(SEND, send(agency, hub, &service, &follow_up)).await?;
    report.step(SEE, see(hub, &thread)).await?;
    report.step(ACCEPT, accept(agency, hub, &thread)).await?;
    report.step(DISCLOSE, disclose(agency, hub, &thread)).await?;
    let appointment = morning(report.now(), 2)?;
    report.step(SCHEDULE, schedule(agency, hub, &thread, appointment)).await?;
    report.step(ARRIVE, arrive(agency, hub, &thread)).await?;
    report.step(CLOSE, close(agency, hub, &thread)).await?;
    Ok((follow_up, thread))
}

async fn open(agency: &End, hub: &End) -> Result<Told<Vec<u8>>, Failure> {
    let opened = agency.follow(NADIA.follow_up()).await?;
    let own = agency.follow_ups().await?;
    same("the agency's follow-ups", own.len(), 1)?;
    same("the hub's follow-ups", hub.follow_ups().await?.len(), 0)?;
    let what = format!("opens a follow-up for {}; nobody else knows of it", NADIA.given);
    Ok(told(what, opened.follow_up_id))
}

async fn find(agency: &End, hub: &End) -> Result<Told<ServiceView>, Failure> {
    let service = online(agency, hub).await?;
    let own = hub.services_of(&hub.id).await?;
    let published = own.iter().find(|own| own.service_id == service.service_id);
    let published = there("the service at the hub itself", published)?;
    same("its name at both ends", &published.name, &service.name)?;
    let theme = crate::views::theme(THEME_ONLINE);
    let what = format!(
        "looks for «{theme}» around {} and finds «{}» of {}",
        crate::views::territory(COMMUNE),
        service.name,
        hub.structure.short
    );
    Ok(told(what, service))
}

async fn send(
    agency: &End,
    hub: &End,
    service: &ServiceView,
    follow_up: &[u8],
) -> Result<Told<ThreadBytes>, Failure> {
    let asked = need(THEME_ONLINE, &service.service_id, FeedbackLevel::Outcome);
    let mut request = referral(NADIA, &hub.id, asked);
    request.follow_up_id = follow_up.to_vec();
    let thread = thread_of(&agency.refer(request).await?);
    let arrived = there("the referral at the hub", hub.summary(&thread).await?)?;
    same("who it is from", &arrived.peer_id, &agency.id)?;
    let what = "records the agreement (need, level, name, contact; outcome told back), sends; the hub's node signs for it";
    Ok(told(what, thread))
}

async fn see(hub: &End, thread: &[u8]) -> Result<Told<()>, Failure> {
    let view = hub.show(thread).await?;
    let stage_one = there("what is told before the answer", view.stage_one.as_ref())?;
    let asked = there("the need", stage_one.need.as_ref())?;
    same("the need", asked.themes.as_slice(), &[THEME_ONLINE.to_owned()])?;
    same("the level", stage_one.level.as_ref(), Some(&paper::level()))?;
    unnamed(&view)?;
    let autonomy = stage_one.level.as_ref().and_then(|level| level.digital_autonomy).unwrap_or_default();
    let theme = crate::views::theme(THEME_ONLINE);
    Ok(told(format!("sees «{theme}», digital autonomy {autonomy} of 5, and no name, no phone"), ()))
}

/// Nothing at this end says who the person is.
pub(super) fn unnamed(view: &ThreadView) -> Result<(), Failure> {
    let summary = there("the thread", view.summary.as_ref())?;
    same("the name in the list", summary.name.as_ref(), None)?;
    same("the name told before the answer", view.stage_one.as_ref().and_then(|one| one.name.as_ref()), None)?;
    same("what is told after acceptance", view.stage_two.as_ref(), None)?;
    same("stage 2 among what is held", view.held.contains(&ThreadPart::StageTwo.into()), false)
}

async fn accept(agency: &End, hub: &End, thread: &[u8]) -> Result<Told<()>, Failure> {
    take_contact(hub, thread).await?;
    agency
        .until(thread, "the acceptance", |line| line.step >= fold::Step::Accepted.number().cast_signed())
        .await?;
    let (name, _) = hub.structure.professional;
    Ok(told(format!("accepts: {name} takes contact"), ()))
}

/// The receiver accepts, naming its professional.
pub(super) async fn take_contact(end: &End, thread: &[u8]) -> Result<(), Failure> {
    let who = professional(end.structure.professional);
    end.act(thread, Act::Accept(Accept { professional: Some(who), not_before_ms: None })).await
}

async fn disclose(agency: &End, hub: &End, thread: &[u8]) -> Result<Told<()>, Failure> {
    agency.delivered(thread).await?;
    hub.until(thread, "the name", |line| line.name.is_some()).await?;
    let view = hub.show(thread).await?;
    let two = there("what is told after acceptance", view.stage_two)?;
    same("the name", two.name, Some(NADIA.initial()))?;
    same("the contact", two.contact, Some(NADIA.contact()))?;
    let sent = agency.show(thread).await?;
    same("the disclosure at the agency", sent.disclosure, Disclosure::Done.into())?;
    let Name { given, family } = NADIA.initial();
    let what = format!(
        "discloses by itself, now that it is accepted: the hub reads «{given} {family}.», {}",
        NADIA.phone
    );
    Ok(told(what, ()))
}

async fn schedule(agency: &End, hub: &End, thread: &[u8], at_ms: i64) -> Result<Told<()>, Failure> {
    let act = Schedule { appointment_ms: at_ms, place: Some(PLACE.to_owned()) };
    hub.act(thread, Act::Schedule(act)).await?;
    let seen = course_of(agency, thread, EventKind::Scheduled).await?;
    same("the appointment at the agency", seen.appointment_ms, Some(at_ms))?;
    at_step(agency, hub, thread, fold::Step::Scheduled).await?;
    Ok(told(format!("sets an appointment on {}; the agency sees it", when::human(at_ms)), ()))
}

async fn arrive(agency: &End, hub: &End, thread: &[u8]) -> Result<Told<()>, Failure> {
    hub.act(thread, Act::Arrive(Arrive {})).await?;
    at_step(agency, hub, thread, fold::Step::Arrived).await?;
    Ok(told(format!("notes that {} came; the agency sees it", NADIA.given), ()))
}

async fn close(agency: &End, hub: &End, thread: &[u8]) -> Result<Told<()>, Failure> {
    let act = Close { outcome: Outcome::NeedMet.into(), account: Some(ACCOUNT.to_owned()) };
    hub.act(thread, Act::Close(act)).await?;
    let seen = course_of(agency, thread, EventKind::Closed).await?;
    same("the outcome at the agency", seen.outcome, Some(Outcome::NeedMet.into()))?;
    same("the person's account at the agency", seen.account.as_deref() == Some(ACCOUNT), true)?;
    for end in [agency, hub] {
        ended(end, thread, Label::Closed).await?;
    }
    let outcome = codes::word::<relais_domain::content::Outcome>(Outcome::NeedMet.into()).replace('_', " ");
    Ok(told(format!("closes: {outcome}; the agency sees it, as {} agreed", NADIA.given), ()))
}

/// Waits until a thread has ended at an end, and its label is final there.
pub(super) async fn ended(end: &End, thread: &[u8], label: Label) -> Result<(), Failure> {
    let (label, settled) = (i32::from(label), i32::from(Settlement::Settled));
    let line =
        end.until(thread, "the end, final", |line| line.label != 0 && line.settlement == settled).await?;
    same(&format!("the label at {}", end.structure.short), line.label, label)
}

/// The step is the same at both ends.
async fn at_step(agency: &End, hub: &End, thread: &[u8], step: fold::Step) -> Result<(), Failure> {
    for end in [agency, hub] {
        let line = there("the thread", end.summary(thread).await?)?;
        let name = codes::word::<fold::Step>(line.step);
        same(&format!("the step at {}", end.structure.short), name.as_str(), step.as_str())?;
    }
    Ok(())
}

/// What an event of the other end told.
pub(super) async fn course_of(end: &End, thread: &[u8], kind: EventKind) -> Result<Course, Failure> {
    let view = end.show(thread).await?;
    let entry = view.timeline.into_iter().find(|entry| entry.kind == i32::from(kind));
    let what = format!("{} at {}", kind.as_str_name(), end.structure.short);
    there(&what, entry.and_then(|entry| entry.course))
}
