//! After sending: a page that can be bookmarked. What happens next and by when, and the papers to print.

use crate::hex;
use crate::page::{self, Frame, Place};
use crate::pages::{paper, remark};
use crate::trouble::Trouble;
use crate::visit::Session;
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use relais_proto::desk::v1::{ShowThreadRequest, WaitDeliveredRequest};
use relais_proto::peer::v1::ThreadKind;

/// Digits of an id that people say to each other.
const REFERENCE_DIGITS: usize = 8;

/// How long the page waits for the other node's receipt, ms.
const RECEIPT_WAIT_MS: u32 = 1_000;

#[derive(Template)]
#[template(path = "pages/referral_sent.html")]
struct SentPage {
    frame: Frame,
    thread: String,
    reference: String,
    recipient: String,
    deadline: String,
    delivered: bool,
    walk_in: bool,
    remarks: Vec<String>,
}

/// What people say to each other of it: what stands on the person's slip, when they have one.
fn reference(thread: &str, slip: &str) -> String {
    if slip.is_empty() {
        return thread.chars().take(REFERENCE_DIGITS).collect::<String>().to_uppercase();
    }
    paper::grouped(slip)
}

/// Shows it.
pub(crate) async fn show(session: Session, Path(thread): Path<String>) -> Result<Response, Trouble> {
    let thread_id = hex::id(&thread).ok_or(Trouble::NotFound)?;
    // The other node signs within milliseconds when it is reached: what is shown then is true at once.
    let wait = WaitDeliveredRequest { thread_id: thread_id.clone(), timeout_ms: RECEIPT_WAIT_MS };
    session.desk().wait_delivered(session.ask(wait)).await?;
    let view = session.desk().show_thread(session.ask(ShowThreadRequest { thread_id })).await?.into_inner();
    let summary = view.summary.unwrap_or_default();
    let need = view.stage_one.and_then(|one| one.need).unwrap_or_default();
    let tongue = session.tongue();
    let is_handover = summary.kind() == ThreadKind::Handover;
    let title = tongue.say(if is_handover { "handover-sent-title" } else { "sent-title" });
    let offer_until = view.handover.and_then(|handover| handover.offer_until_ms);
    let deadline =
        view.deadline_ms.or(offer_until).map(|ms| session.calendar().day(tongue, ms)).unwrap_or_default();
    Ok(page::ok(&SentPage {
        frame: Frame::signed(&session, if is_handover { Place::People } else { Place::New }, &title),
        reference: reference(&thread, &summary.reference),
        thread,
        recipient: summary.peer_name,
        deadline,
        delivered: summary.undelivered == 0,
        walk_in: !need.walk_in_offer.is_empty(),
        remarks: remark::words(tongue, &view.coded_remarks, &view.remarks),
    }))
}
