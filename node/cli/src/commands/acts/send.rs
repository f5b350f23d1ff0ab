//! How an act is sent, and what is told of it: what was done, and whether the partner has signed for it.

use crate::answer::Answer;
use crate::commands::{Context, parse_request_id, request_id, resolve};
use crate::desk::Desk;
use crate::exit::Failure;
use crate::ids::{Id, Prefix};
use crate::lines::Lines;
use crate::views::thread::{delivery_json, delivery_line, due_line, remarks, state_line, view_json};
use clap::Args;
use relais_proto::desk::v1::act_request::Act;
use relais_proto::desk::v1::{
    ActRequest, ShowThreadRequest, ThreadView, WaitDeliveredRequest, WaitDeliveredResponse,
};
use serde_json::json;
use tonic::Response;

/// How long a command waits for the other node's signed receipt, unless told otherwise.
const WAIT_MS: u32 = 2_000;

/// On which referral, and how it is sent.
#[derive(Args, Clone, Debug)]
pub(crate) struct Target {
    /// The referral or handover: its id, or the first digits of it
    #[arg(value_name = "THREAD", value_parser = Prefix::parse)]
    pub(crate) thread: Prefix,
    #[command(flatten)]
    pub(in crate::commands) sending: Sending,
}

/// How an act is sent.
#[derive(Args, Clone, Debug)]
pub(crate) struct Sending {
    /// How long to wait for the partner's signed receipt, in ms; 0 does not wait
    #[arg(long, value_name = "MS", default_value_t = WAIT_MS, value_parser = clap::value_parser!(u32).range(0..=30_000))]
    pub(in crate::commands) wait_ms: u32,
    /// Id of this call: repeated with the same one, it is done once
    #[arg(long, value_name = "UUID", value_parser = parse_request_id)]
    pub(in crate::commands) request_id: Option<Id>,
}

/// Sends an act and waits for its receipt.
pub(in crate::commands) async fn send(
    target: &Target,
    act: Act,
    context: &Context,
    desk: &mut Desk,
) -> Result<Answer, Failure> {
    let thread_id = resolve::thread_id(desk, &target.thread).await?;
    let done = done(&act);
    let request = ActRequest {
        request_id: request_id(target.sending.request_id)?.to_vec(),
        thread_id: thread_id.to_vec(),
        act: Some(act),
        delay_ms: 0,
    };
    let began = context.now();
    let view = desk.act(request).await?.into_inner();
    Ok(report(view, done, &target.sending, began.0, context, desk).await)
}

/// What an act has done, in words.
const fn done(act: &Act) -> &'static str {
    match act {
        Act::AskInfo(_) => "question asked",
        Act::GiveInfo(_) => "question answered",
        Act::Accept(_) => "you accepted it",
        Act::Refuse(_) => "you refused it",
        Act::Waitlist(_) => "put on the waiting list",
        Act::Schedule(_) => "appointment set",
        Act::NoShow(_) => "noted that the person did not come",
        Act::Arrive(_) => "noted that the person came",
        Act::Close(_) => "closed",
        Act::Correct(_) => "outcome corrected",
        Act::Release(_) => "let go",
        Act::Withdraw(_) => "withdrawn",
        Act::Note(_) => "note written",
        Act::Void(_) => "event blanked",
        Act::StopConsent(_) => {
            "agreement ended: what is held of the person is erased here, and at the other end when it hears of it"
        }
        Act::Renounce(_) => "asked to be let off",
        Act::MakeEffective(_) => "responsibility moves",
        Act::Cancel(_) => "handover cancelled",
    }
}

/// Tells what was `done`, where it stands now, and whether it is delivered. The act is done already: no failure from here on hides that.
pub(in crate::commands) async fn report(
    mut view: ThreadView,
    done: &str,
    sending: &Sending,
    began_ms: i64,
    context: &Context,
    desk: &mut Desk,
) -> Answer {
    let thread_id = view.summary.as_ref().map(|summary| summary.thread_id.clone()).unwrap_or_default();
    let request = WaitDeliveredRequest { thread_id: thread_id.clone(), timeout_ms: sending.wait_ms };
    let delivery = desk.wait_delivered(request).await.map(Response::into_inner).ok();
    let took_ms = context.now().0 - began_ms;
    refresh(&mut view, thread_id, desk).await;
    let json = json!({
        "thread": view_json(&view),
        "delivery": delivery.as_ref().map(delivery_json),
        "took_ms": took_ms,
    });
    Answer::new(json, report_text(&view, done, delivery.as_ref(), took_ms))
}

/// Brings the view up to what the receipt changed. A handover is read anew: who is responsible must be true now.
async fn refresh(view: &mut ThreadView, thread_id: Vec<u8>, desk: &mut Desk) {
    if let Some(fresh) = resolve::summary(desk, &thread_id).await {
        view.summary = Some(fresh);
    }
    if view.handover.is_some()
        && let Ok(fresh) = desk.show_thread(ShowThreadRequest { thread_id }).await
    {
        let remarks = std::mem::take(&mut view.remarks);
        *view = ThreadView { remarks, ..fresh.into_inner() };
    }
}

fn report_text(
    view: &ThreadView,
    done: &str,
    delivery: Option<&WaitDeliveredResponse>,
    took_ms: i64,
) -> String {
    let summary = view.summary.clone().unwrap_or_default();
    let mut lines = Lines::new();
    lines.line(format!("{}: {done}", crate::ids::text(&summary.thread_id)));
    let delivered = delivery.map(|delivery| delivery_line(delivery, &summary.peer_name)).unwrap_or_default();
    if !delivered.is_empty() {
        lines.line(format!("{delivered} ({})", crate::when::span(took_ms)));
    }
    lines.field("state", state_line(&summary));
    lines.field("awaited", summary.due.as_ref().map(due_line).unwrap_or_default());
    if let Some(handover) = &view.handover {
        lines.field("responsible", &handover.responsible_name).field("now", &handover.sentence);
    }
    remarks(&mut lines, view);
    lines.done()
}

#[cfg(test)]
mod tests {
    use super::*;
    use relais_domain::decide::DueKind;
    use relais_domain::fold::Step;
    use relais_proto::desk::v1::act_request as act;
    use relais_proto::desk::v1::{Due, ThreadSummary};

    #[test]
    fn an_acceptance_says_what_was_done_and_what_is_awaited() {
        let summary = ThreadSummary {
            thread_id: vec![0xa1; 16],
            step: i32::try_from(Step::Sent.number()).expect("small"),
            due: Some(Due {
                kind: i32::try_from(DueKind::Disclosure.number()).expect("small"),
                owner: 2,
                at_ms: 1_795_345_200_000,
            }),
            ..ThreadSummary::default()
        };
        let view = ThreadView { summary: Some(summary), ..ThreadView::default() };
        let told = report_text(&view, done(&Act::Accept(act::Accept::default())), None, 1);
        assert!(told.contains("a1a1a1a1a1a1: you accepted it\n"), "{told}");
        assert!(told.contains("accepted, name and contact to come"), "{told}");
        assert!(told.contains("name and contact from them by 2026-11-22"), "{told}");
    }
}
