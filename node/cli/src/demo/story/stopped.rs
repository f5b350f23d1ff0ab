//! Chapter 5: the person stops their agreement. The other end erases at once, and signs that it has.

use super::first::{ended, take_contact};
use super::{morning, online};
use crate::codes;
use crate::demo::cast::THEME_ONLINE;
use crate::demo::end::{ThreadBytes, same, there, thread_of, until};
use crate::demo::house::Ends;
use crate::demo::paper::{INES, need, referral};
use crate::demo::report::{Report, Step, Told, told};
use crate::exit::Failure;
use crate::when;
use relais_domain::content::ContentPart;
use relais_proto::desk::v1::act_request::{Act, Schedule, StopConsent};
use relais_proto::desk::v1::{Effect, Label, Side};
use relais_proto::peer::v1::{EventKind, FeedbackLevel, ThreadPart};

const SEND: Step =
    Step::new("5.1", "France Travail", "sends, and is accepted: name and contact are at the hub");
const LOCAL: Step =
    Step::new("5.2", "Emmaüs Connect", "sets an appointment, of which the agency is not told");
const STOP: Step = Step::new("5.3", "France Travail", "notes that the person stops the agreement");
const ERASED: Step = Step::new("5.4", "Emmaüs Connect", "has erased, and signed that it has");

/// Plays the chapter.
pub(crate) async fn play(ends: &Ends, report: &Report) -> Result<ThreadBytes, Failure> {
    let thread = report.step(SEND, send(ends)).await?;
    let appointment = morning(report.now(), 3)?;
    report.step(LOCAL, schedule(ends, &thread, appointment)).await?;
    report.step(STOP, stop(ends, &thread)).await?;
    report.step(ERASED, erased(ends, &thread)).await?;
    Ok(thread)
}

async fn send(ends: &Ends) -> Result<Told<ThreadBytes>, Failure> {
    let (agency, hub) = (&ends.agency, &ends.hub);
    let service = online(agency, hub).await?;
    let asked = need(THEME_ONLINE, &service.service_id, FeedbackLevel::Accepted);
    let thread = thread_of(&agency.refer(referral(INES, &hub.id, asked)).await?);
    take_contact(hub, &thread).await?;
    agency.delivered(&thread).await?;
    let line = hub.until(&thread, "the name", |line| line.name.is_some()).await?;
    same("the name at the hub", line.name, Some(INES.initial()))?;
    let what =
        format!("sends {} (only «accepted» told back); the hub accepts and reads the name", INES.given);
    Ok(told(what, thread))
}

/// The person agreed that only the answer is told back: what follows stays at the hub.
async fn schedule(ends: &Ends, thread: &[u8], at_ms: i64) -> Result<Told<()>, Failure> {
    let act = Schedule { appointment_ms: at_ms, place: None };
    ends.hub.act(thread, Act::Schedule(act)).await?;
    let scheduled = i32::from(EventKind::Scheduled);
    let own = ends.hub.show(thread).await?;
    let step = own.timeline.iter().find(|entry| entry.kind == scheduled);
    same("how the hub keeps it", there("the appointment at the hub", step)?.effect, Effect::Local.into())?;
    let theirs = ends.agency.show(thread).await?;
    let seen = theirs.timeline.iter().any(|entry| entry.kind == scheduled);
    same("whether the agency sees it", seen, false)?;
    Ok(told("sets an appointment for itself; the agency is not told, as agreed", ()))
}

async fn stop(ends: &Ends, thread: &[u8]) -> Result<Told<()>, Failure> {
    ends.agency.act(thread, Act::StopConsent(StopConsent {})).await?;
    ended(&ends.hub, thread, Label::ConsentEnded).await?;
    Ok(told(format!("notes that {} stops the agreement; it ends at the hub at once", INES.given), ()))
}

async fn erased(ends: &Ends, thread: &[u8]) -> Result<Told<()>, Failure> {
    let (agency, hub) = (&ends.agency, &ends.hub);
    ended(agency, thread, Label::ConsentEnded).await?;
    let receipt = async || {
        let consent = agency.consent(thread).await?;
        let theirs = consent.erasures.into_iter().find(|erasure| erasure.side == i32::from(Side::Receiver));
        Ok(theirs.and_then(|erasure| erasure.erasure))
    };
    let receipt = until("the agency holds the hub's signed erasure receipt", receipt).await?;
    let mut erased = receipt.parts.clone();
    erased
        .retain(|part| *part == i32::from(ThreadPart::StageOne) || *part == i32::from(ThreadPart::StageTwo));
    let both = vec![i32::from(ThreadPart::StageOne), i32::from(ThreadPart::StageTwo)];
    same("what the hub signed as erased", erased, both.clone())?;
    same("what the hub keeps nevertheless", receipt.kept.len(), 0)?;
    let view = hub.show(thread).await?;
    let person = |part: &i32| *part != i32::from(ThreadPart::Evidence);
    let held: Vec<i32> = view.held.iter().copied().filter(person).collect();
    same("what the hub still holds", codes::words::<ContentPart>(&held), String::new())?;
    same("what the hub still shows", (view.stage_one, view.stage_two), (None, None))?;
    let seen = agency.show(thread).await?;
    same(
        "what the agency knows to be erased",
        both.iter().all(|part| seen.erased_there.contains(part)),
        true,
    )?;
    let what = format!(
        "erased {} at {} and signed for it; nothing that was told of {} is left there",
        codes::words::<ContentPart>(&receipt.parts),
        when::human(receipt.erased_at_ms),
        INES.given
    );
    Ok(told(what, ()))
}
