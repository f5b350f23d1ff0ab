//! Referrals and handovers: sent, listed, read, acted on.

use super::answer::{Answer, told};
use super::asked::{Act, At, Body, Integration, Parameters};
use super::problem::Problem;
use crate::hex;
use relais_proto::desk::v1 as desk;
use tonic::Response;

/// The place and the value of the bits that say that an id was drawn.
const DRAWN: (usize, u8) = (6, 4);

/// The id that an address names; another text names nothing.
pub(super) fn id(text: &str) -> Result<Vec<u8>, Problem> {
    hex::id(text).ok_or_else(Problem::not_there)
}

/// The thread that an address names: its id is a drawn one.
fn thread_id(text: &str) -> Result<Vec<u8>, Problem> {
    let (place, version) = DRAWN;
    let id = id(text)?;
    if id.get(place).is_some_and(|byte| byte >> 4 == version) { Ok(id) } else { Err(Problem::not_there()) }
}

/// The thread that an act opened, and where it is found.
fn opened(answer: Response<desk::ThreadView>, act: Act) -> Answer {
    let id = answer.get_ref().summary.as_ref().map(|summary| hex::encode(&summary.thread_id));
    let address = format!("{}/threads/{}", super::PREFIX, id.unwrap_or_default());
    act.done();
    Ok(told(Ok(answer))?.made(&address))
}

/// Sends a referral.
pub(super) async fn refer(act: Act) -> Answer {
    let request = desk::OpenReferralRequest { request_id: act.id(), ..act.read()? };
    let answer = act.who.desk().open_referral(act.who.ask(request)).await?;
    opened(answer, act)
}

/// What the other structure would see of a referral; nothing is stored or sent.
pub(super) async fn preview(who: Integration, body: Body) -> Answer {
    let request = desk::OpenReferralRequest { request_id: hex::fresh(), ..body.read()? };
    told(who.desk().preview_referral(who.ask(request)).await)
}

/// Proposes to hand a follow-up over.
pub(super) async fn propose(act: Act) -> Answer {
    let request = desk::OpenHandoverRequest { request_id: act.id(), ..act.read()? };
    let answer = act.who.desk().open_handover(act.who.ask(request)).await?;
    opened(answer, act)
}

/// Referrals and handovers.
pub(super) async fn list(
    who: Integration,
    Parameters(request): Parameters<desk::ListThreadsRequest>,
) -> Answer {
    told(who.desk().list_threads(who.ask(request)).await)
}

/// The live walk-in referral of the reference on a person's slip, which stands in no address.
pub(super) async fn find_reference(who: Integration, body: Body) -> Answer {
    let request: desk::FindReferenceRequest = body.read()?;
    told(who.desk().find_reference(who.ask(request)).await)
}

/// One of them.
pub(super) async fn show(who: Integration, At(thread): At<String>) -> Answer {
    let request = desk::ShowThreadRequest { thread_id: thread_id(&thread)? };
    told(who.desk().show_thread(who.ask(request)).await)
}

/// What its person agreed to.
pub(super) async fn consent(who: Integration, At(thread): At<String>) -> Answer {
    let request = desk::ShowConsentRequest { thread_id: thread_id(&thread)? };
    told(who.desk().show_consent(who.ask(request)).await)
}

/// Acts on it.
pub(super) async fn act(At(thread): At<String>, act: Act) -> Answer {
    let request = desk::ActRequest { request_id: act.id(), thread_id: thread_id(&thread)?, ..act.read()? };
    let told = told(act.who.desk().act(act.who.ask(request)).await)?;
    act.done();
    Ok(told)
}

/// Takes back an act that waits.
pub(super) async fn take_back(who: Integration, At((thread, delayed)): At<(String, String)>) -> Answer {
    let request = desk::CancelDelayedRequest { thread_id: thread_id(&thread)?, delayed_id: id(&delayed)? };
    told(who.desk().cancel_delayed(who.ask(request)).await)
}
