//! Chapter 2: refused as full, with a better door. Who the person is never left the agency.

use super::first::{course_of, ended, unnamed};
use super::{offered, online};
use crate::demo::cast::THEME_READING;
use crate::demo::end::{ThreadBytes, same, there, thread_of};
use crate::demo::house::Ends;
use crate::demo::paper::{MARCEL, need, referral};
use crate::demo::report::{Report, Step, Told, told};
use crate::exit::Failure;
use relais_proto::desk::v1::Label;
use relais_proto::desk::v1::act_request::{Act, Refuse};
use relais_proto::peer::v1::{EventKind, FeedbackLevel, Reason, Suggestion};

const SEND: Step = Step::new("2.1", "France Travail", "sends to the literacy association");
const REFUSE: Step = Step::new("2.2", "Lire et Écrire", "refuses as full, and names a better door");

/// Plays the chapter.
pub(crate) async fn play(ends: &Ends, report: &Report) -> Result<ThreadBytes, Failure> {
    let thread = report.step(SEND, send(ends)).await?;
    report.step(REFUSE, refuse(ends, &thread)).await?;
    Ok(thread)
}

async fn send(ends: &Ends) -> Result<Told<ThreadBytes>, Failure> {
    let (agency, literacy) = (&ends.agency, &ends.literacy);
    let service = offered(agency, literacy, THEME_READING).await?;
    let asked = need(THEME_READING, &service.service_id, FeedbackLevel::Accepted);
    let thread = thread_of(&agency.refer(referral(MARCEL, &literacy.id, asked)).await?);
    unnamed(&literacy.show(&thread).await?)?;
    let what = format!(
        "sends {}, who would like to read better, to «{}»; it sees no name",
        MARCEL.given, service.name
    );
    Ok(told(what, thread))
}

async fn refuse(ends: &Ends, thread: &[u8]) -> Result<Told<()>, Failure> {
    let (agency, hub, literacy) = (&ends.agency, &ends.hub, &ends.literacy);
    let better = online(literacy, hub).await?;
    let suggestion = Suggestion { structure_id: better.structure_id, service_id: better.service_id };
    let act = Refuse { reason: Reason::Full.into(), suggestions: vec![suggestion.clone()] };
    literacy.act(thread, Act::Refuse(act)).await?;
    for end in [agency, literacy] {
        ended(end, thread, Label::Refused).await?;
    }
    let told_back = course_of(agency, thread, EventKind::Refused).await?;
    same("the reason at the agency", told_back.reason, Some(Reason::Full.into()))?;
    same(
        "the suggestion at the agency",
        told_back.suggestions.as_slice(),
        std::slice::from_ref(&suggestion),
    )?;
    let known = agency.services_of(&hub.id).await?;
    let door = known.into_iter().find(|service| service.service_id == suggestion.service_id);
    let door = there("the suggested service in the agency's directory", door)?;
    unnamed(&literacy.show(thread).await?)?;
    let what = format!(
        "is full, refuses, suggests «{}» of {}; it never learned the name",
        door.name, hub.structure.short
    );
    Ok(told(what, ()))
}
