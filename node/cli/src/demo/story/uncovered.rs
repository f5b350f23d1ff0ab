//! Chapter 3: what the person did not agree to does not leave the sender, and nothing is kept of the attempt.

use super::online;
use crate::demo::cast::THEME_ONLINE;
use crate::demo::end::{End, same, untrue};
use crate::demo::house::Ends;
use crate::demo::paper::{INES, consent, need, referral};
use crate::demo::report::{Report, Step, Told, told};
use crate::exit::Failure;
use relais_domain::class::DataClass as Class;
use relais_proto::desk::v1::OpenReferralRequest;
use relais_proto::peer::v1::{DataClass, FeedbackLevel};

const REFUSE: Step = Step::new("3.1", "France Travail", "is refused by its own node, which names the field");

/// Plays the chapter.
pub(crate) async fn play(ends: &Ends, report: &Report) -> Result<(), Failure> {
    report.step(REFUSE, refused(ends)).await
}

async fn refused(ends: &Ends) -> Result<Told<()>, Failure> {
    let (agency, hub) = (&ends.agency, &ends.hub);
    let before = kept(agency, hub).await?;
    let service = online(agency, hub).await?;
    let asked = need(THEME_ONLINE, &service.service_id, FeedbackLevel::Accepted);
    // The person agreed that the need is told; the counsellor also fills in the level.
    let narrow = consent(THEME_ONLINE, &[DataClass::Need], FeedbackLevel::Accepted);
    let request =
        OpenReferralRequest { consent: Some(narrow), stage_two: None, ..referral(INES, &hub.id, asked) };
    let Err(failure) = agency.refer(request).await else {
        return Err(untrue("a referral left that the agreement does not cover"));
    };
    same("the code of the refusal", failure.code.as_str(), "consent")?;
    same("the field it names", failure.field.as_deref(), Some("consent.classes"))?;
    same("whether it names the class", failure.message.contains(Class::Level.as_str()), true)?;
    same("what the two nodes keep", kept(agency, hub).await?, before)?;
    let what = format!("may not send: its node says \"{}\"; neither node keeps anything", failure.message);
    Ok(told(what, ()))
}

/// Threads and ledger leaves at both ends, refusals the hub counted, and messages that wait.
async fn kept(agency: &End, hub: &End) -> Result<[u64; 6], Failure> {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let hub_status = hub.status().await?;
    let refused =
        hub_status.peers.iter().find(|peer| peer.peer_id == agency.id).map_or(0, |peer| peer.refused);
    let waiting = agency.peer(&hub.id).await?.map_or(0, |peer| u64::from(peer.waiting));
    Ok([
        count(agency.threads().await?),
        count(hub.threads().await?),
        agency.status().await?.ledger_size,
        hub_status.ledger_size,
        refused,
        waiting,
    ])
}
