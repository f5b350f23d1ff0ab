//! Inquiries: asked of partners, read with their answers, and answered. Nothing of a person is in any of it.

use super::answer::{Answer, told};
use super::asked::{Act, At, Body, Integration, Parameters};
use super::problem::Problem;
use super::threads::id;
use crate::hex;
use relais_proto::desk::v1 as desk;

/// Asks partners who can take a need.
pub(super) async fn ask(act: Act) -> Answer {
    let request = desk::AskInquiryRequest { request_id: act.id(), ..act.read()? };
    let answer = act.who.desk().ask_inquiry(act.who.ask(request)).await?;
    let address = format!("{}/inquiries/{}", super::PREFIX, hex::encode(&answer.get_ref().inquiry_id));
    act.done();
    Ok(told(Ok(answer))?.made(&address))
}

/// This structure's, or those of partners that are open. Which need and which commune stands in no address.
pub(super) async fn list(
    who: Integration,
    Parameters(request): Parameters<desk::ListInquiriesRequest>,
) -> Answer {
    told(who.desk().list_inquiries(who.ask(request)).await)
}

/// One of this structure's, with who answered what.
pub(super) async fn show(who: Integration, At(inquiry): At<String>) -> Answer {
    let request = desk::ShowInquiryRequest { inquiry_id: id(&inquiry)? };
    told(who.desk().show_inquiry(who.ask(request)).await)
}

/// Answers one of a partner's. The same answer again changes nothing.
pub(super) async fn answer(
    who: Integration,
    At((peer, inquiry)): At<(String, String)>,
    body: Body,
) -> Answer {
    let peer_id = hex::bytes(&peer).ok_or_else(Problem::not_there)?;
    let request = desk::AnswerInquiryRequest { peer_id, inquiry_id: id(&inquiry)?, ..body.read()? };
    told(who.desk().answer_inquiry(who.ask(request)).await)
}
