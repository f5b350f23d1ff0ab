//! What a professional does on one referral.

use super::walk_in::ArrivedArgs;
use super::{Context, parse_request_id, request_id, resolve};
use crate::answer::Answer;
use crate::codes::{Code as _, Words};
use crate::desk::Desk;
use crate::exit::Failure;
use crate::ids::{Id, Prefix};
use crate::input::read_text;
use crate::lines::Lines;
use crate::prompt::Prompt;
use crate::reader::{self, Object};
use crate::views::thread::{delivery_json, delivery_line, due_line, remarks, state_line, view_json};
use crate::when::When;
use clap::{Args, Subcommand};
use relais_domain::content::{Outcome, Question, Reason, Reply};
use relais_proto::desk::v1::act_request::{self as act, Act};
use relais_proto::desk::v1::{
    ActRequest, ShowThreadRequest, ThreadView, WaitDeliveredRequest, WaitDeliveredResponse,
};
use relais_proto::peer::v1 as peer;
use serde_json::json;
use std::path::{Path, PathBuf};
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
    pub(super) sending: Sending,
}

/// How an act is sent.
#[derive(Args, Clone, Debug)]
pub(crate) struct Sending {
    /// How long to wait for the partner's signed receipt, in ms; 0 does not wait
    #[arg(long, value_name = "MS", default_value_t = WAIT_MS, value_parser = clap::value_parser!(u32).range(0..=30_000))]
    pub(super) wait_ms: u32,
    /// Id of this call: repeated with the same one, it is done once
    #[arg(long, value_name = "UUID", value_parser = parse_request_id)]
    pub(super) request_id: Option<Id>,
}

/// What can be done.
#[derive(Subcommand, Debug)]
pub(crate) enum ActCommand {
    /// Accept a referral: you take contact
    Accept(AcceptArgs),
    /// Refuse a referral, with better doors if you know some
    Refuse(RefuseArgs),
    /// Ask the sender a coded question
    #[command(after_help = "Example:\n  relais ask 3f2a --question needs-interpreter")]
    Ask {
        #[command(flatten)]
        target: Target,
        /// The question
        #[arg(long, value_parser = Words::<Question>::any())]
        question: Question,
    },
    /// Answer the receiver's coded question
    #[command(after_help = "Example:\n  relais answer 3f2a --reply yes")]
    Answer {
        #[command(flatten)]
        target: Target,
        /// The answer
        #[arg(long, value_parser = Words::<Reply>::any())]
        reply: Reply,
    },
    /// Put the person on a waiting list
    #[command(after_help = "Example:\n  relais waitlist 3f2a --review +2w")]
    Waitlist {
        #[command(flatten)]
        target: Target,
        /// When it is looked at again
        #[arg(long, value_name = "DATE", value_parser = When::parse)]
        review: When,
    },
    /// Set an appointment
    Schedule(ScheduleArgs),
    /// Note that the person did not come
    #[command(after_help = "Example:\n  relais no-show 3f2a")]
    NoShow(Target),
    /// Note that the person came
    Arrived(ArrivedArgs),
    /// Close with an outcome
    Close(CloseArgs),
    /// Correct the outcome after closing
    #[command(after_help = "Example:\n  relais correct 3f2a --outcome need_partly_met")]
    Correct {
        #[command(flatten)]
        target: Target,
        /// What came of it
        #[arg(long, value_parser = Words::<Outcome>::any())]
        outcome: Outcome,
    },
    /// Let go after accepting
    #[command(after_help = "Example:\n  relais release 3f2a --reason did_not_come")]
    Release {
        #[command(flatten)]
        target: Target,
        /// Why
        #[arg(long, value_parser = Words::of(Reason::RELEASES))]
        reason: Reason,
    },
    /// Take a referral back, or ask for it back once name and contact have left
    #[command(after_help = "Example:\n  relais withdraw 3f2a --reason no_longer_needed")]
    Withdraw {
        #[command(flatten)]
        target: Target,
        /// Why
        #[arg(long, value_parser = Words::of(Reason::WITHDRAWALS))]
        reason: Reason,
    },
    /// Write a note that both ends see
    Note(NoteArgs),
    /// Blank the content of an event this structure wrote
    #[command(after_help = "Example:\n  relais void 3f2a --event 4")]
    Void {
        #[command(flatten)]
        target: Target,
        /// Its number in the column NO of `relais show`
        #[arg(long, value_name = "NUMBER")]
        event: u32,
    },
}

/// Accepts.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
The professional whom the sender may contact is you, unless you say otherwise on the terminal or in a file:
  {\"name\": \"Claire Martin\", \"contact\": \"05 00 00 00 00\"}

Examples:
  relais accept 3f2a
  relais accept 3f2a --professional-from claire.json
  relais accept 3f2a --not-before 2026-12-01T09:00      # a handover")]
pub(crate) struct AcceptArgs {
    #[command(flatten)]
    target: Target,
    /// Read the professional from a JSON file; `-` for standard input
    #[arg(long, value_name = "FILE")]
    professional_from: Option<PathBuf>,
    /// Handover: responsibility moves not before
    #[arg(long, value_name = "DATE", value_parser = When::parse)]
    not_before: Option<When>,
}

/// Refuses.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  relais refuse 3f2a --reason full
  relais refuse 3f2a --reason better_served_elsewhere --suggest 'Emmaüs Connect=hub-17--acces-internet'")]
pub(crate) struct RefuseArgs {
    #[command(flatten)]
    target: Target,
    /// Why
    #[arg(long, value_parser = Words::of(Reason::REFUSALS))]
    reason: Reason,
    /// A better door: partner (name or id) and service; may be given up to five times
    #[arg(long = "suggest", value_name = "PARTNER=SERVICE")]
    suggestions: Vec<String>,
}

/// Sets an appointment.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  relais schedule 3f2a --at 2026-12-01T10:00
  echo '12 rue Exemple, La Rochelle' | relais schedule 3f2a --at +3d --place-from -")]
pub(crate) struct ScheduleArgs {
    #[command(flatten)]
    target: Target,
    /// When
    #[arg(long, value_name = "DATE", value_parser = When::parse)]
    at: When,
    /// Read the place from a file; `-` for standard input. Asked on a terminal
    #[arg(long, value_name = "FILE")]
    place_from: Option<PathBuf>,
}

/// Closes.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  relais close 3f2a --outcome need_met
  relais close 3f2a --outcome need_partly_met --account-from words.txt")]
pub(crate) struct CloseArgs {
    #[command(flatten)]
    target: Target,
    /// What came of it
    #[arg(long, value_parser = Words::<Outcome>::any())]
    outcome: Outcome,
    /// Read the person's own account from a file; `-` for standard input. Asked on a terminal
    #[arg(long, value_name = "FILE")]
    account_from: Option<PathBuf>,
}

/// Writes a note.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  relais note 3f2a                      # asks, or reads standard input
  relais note 3f2a --from note.txt")]
pub(crate) struct NoteArgs {
    #[command(flatten)]
    target: Target,
    /// Read the note from a file; `-` for standard input
    #[arg(long = "from", value_name = "FILE")]
    from: Option<PathBuf>,
}

/// Does an act.
///
/// # Errors
/// [`Failure`] when it is not done.
pub(crate) async fn run(command: ActCommand, context: &Context) -> Result<Answer, Failure> {
    let mut desk = context.desk().await?;
    let (target, act) = prepare(command, context, &mut desk).await?;
    send(&target, act, context, &mut desk).await
}

async fn prepare(command: ActCommand, context: &Context, desk: &mut Desk) -> Result<(Target, Act), Failure> {
    Ok(match command {
        ActCommand::Accept(args) => (args.target.clone(), args.act(context)?),
        ActCommand::Refuse(args) => (args.target.clone(), args.act(desk).await?),
        ActCommand::Ask { target, question } => {
            (target, Act::AskInfo(act::AskInfo { question: question.wire() }))
        }
        ActCommand::Answer { target, reply } => {
            (target, Act::GiveInfo(act::GiveInfo { reply: reply.wire() }))
        }
        ActCommand::Waitlist { target, review } => {
            let review_ms = review.instant("review", context.now())?.0;
            (target, Act::Waitlist(act::Waitlist { review_ms }))
        }
        ActCommand::Schedule(args) => (args.target.clone(), args.act(context)?),
        ActCommand::NoShow(target) => (target, Act::NoShow(act::NoShow {})),
        ActCommand::Arrived(args) => (args.target(desk).await?, Act::Arrive(act::Arrive {})),
        ActCommand::Close(args) => (args.target.clone(), args.act(context)?),
        ActCommand::Correct { target, outcome } => {
            (target, Act::Correct(act::Correct { outcome: outcome.wire() }))
        }
        ActCommand::Release { target, reason } => {
            (target, Act::Release(act::Release { reason: reason.wire() }))
        }
        ActCommand::Withdraw { target, reason } => {
            (target, Act::Withdraw(act::Withdraw { reason: reason.wire() }))
        }
        ActCommand::Note(args) => (args.target.clone(), args.act(context)?),
        ActCommand::Void { target, event } => (target, Act::Void(act::Void { sequence: event })),
    })
}

impl AcceptArgs {
    /// The acceptance, with the professional asked for when someone is there.
    pub(super) fn act(&self, context: &Context) -> Result<Act, Failure> {
        let professional = match &self.professional_from {
            Some(path) => Some(read_professional(&read_text(path)?)?),
            None => context.ask(ask_professional)?.flatten(),
        };
        let not_before = self.not_before.map(|when| when.instant("not_before", context.now())).transpose()?;
        Ok(Act::Accept(act::Accept { professional, not_before_ms: not_before.map(|at| at.0) }))
    }

    /// On which thread.
    pub(super) fn target(&self) -> Target {
        self.target.clone()
    }
}

/// Reads a professional from JSON.
pub(super) fn read_professional(text: &str) -> Result<peer::Professional, Failure> {
    let value = reader::json("professional", text)?;
    let whole = Object::whole(&value)?;
    let name = whole.text("name")?.ok_or_else(|| Failure::input("professional.name", "is missing"))?;
    let contact =
        whole.text("contact")?.ok_or_else(|| Failure::input("professional.contact", "is missing"))?;
    whole.done()?;
    Ok(peer::Professional { name, contact })
}

/// Asks for a professional; `None` when Enter leaves it to the node, which takes the caller.
pub(super) fn ask_professional(prompt: &mut Prompt<'_>) -> Result<Option<peer::Professional>, Failure> {
    let name = prompt.line("Work name of the professional to contact (Enter: you)")?;
    if name.is_empty() {
        return Ok(None);
    }
    let contact = prompt.text("Their work phone or e-mail")?;
    Ok(Some(peer::Professional { name, contact }))
}

impl RefuseArgs {
    /// The refusal, its better doors found among the partners.
    pub(super) async fn act(&self, desk: &mut Desk) -> Result<Act, Failure> {
        let mut suggestions = Vec::new();
        for typed in &self.suggestions {
            let (partner, service) = typed.split_once('=').ok_or_else(|| {
                Failure::usage("--suggest: write PARTNER=SERVICE, as `relais find` shows them")
            })?;
            let structure = resolve::peer(desk, "suggest", partner).await?;
            let service_id = service.trim().to_owned();
            suggestions.push(peer::Suggestion { structure_id: structure.as_bytes().to_vec(), service_id });
        }
        Ok(Act::Refuse(act::Refuse { reason: self.reason.wire(), suggestions }))
    }

    /// On which thread.
    pub(super) fn target(&self) -> Target {
        self.target.clone()
    }
}

impl ScheduleArgs {
    fn act(&self, context: &Context) -> Result<Act, Failure> {
        let appointment_ms = self.at.instant("at", context.now())?.0;
        let place = text_or_ask(self.place_from.as_ref(), context, "Where? (Enter when the person knows)")?;
        Ok(Act::Schedule(act::Schedule { appointment_ms, place }))
    }
}

impl CloseArgs {
    fn act(&self, context: &Context) -> Result<Act, Failure> {
        let question = "The person's own account, at most 280 characters (Enter for none)";
        let account = text_or_ask(self.account_from.as_ref(), context, question)?;
        Ok(Act::Close(act::Close { outcome: self.outcome.wire(), account }))
    }
}

impl NoteArgs {
    fn act(&self, context: &Context) -> Result<Act, Failure> {
        let asked = match &self.from {
            Some(path) => Some(read_text(path)?),
            None => context.ask(|prompt| prompt.text("The note, at most 280 characters"))?,
        };
        let text = asked.map_or_else(|| read_text(Path::new("-")), Ok)?;
        Ok(Act::Note(act::WriteNote { text: text.trim().to_owned() }))
    }
}

/// A text from a file, or from a question when someone is there; `None` when there is none.
fn text_or_ask(path: Option<&PathBuf>, context: &Context, question: &str) -> Result<Option<String>, Failure> {
    let text = match path {
        Some(path) => Some(read_text(path)?),
        None => context.ask(|prompt| prompt.line(question))?,
    };
    Ok(text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
}

/// Sends an act and waits for its receipt.
pub(super) async fn send(
    target: &Target,
    act: Act,
    context: &Context,
    desk: &mut Desk,
) -> Result<Answer, Failure> {
    let thread_id = resolve::thread_id(desk, &target.thread).await?;
    let request = ActRequest {
        request_id: request_id(target.sending.request_id)?.to_vec(),
        thread_id: thread_id.to_vec(),
        act: Some(act),
        delay_ms: 0,
    };
    let began = context.now();
    let view = desk.act(request).await?.into_inner();
    Ok(report(view, &target.sending, began.0, context, desk).await)
}

/// Tells what was done and whether it is delivered. The act is done already: no failure from here on hides that.
pub(super) async fn report(
    mut view: ThreadView,
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
    Answer::new(json, report_text(&view, delivery.as_ref(), took_ms))
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

fn report_text(view: &ThreadView, delivery: Option<&WaitDeliveredResponse>, took_ms: i64) -> String {
    let summary = view.summary.clone().unwrap_or_default();
    let mut lines = Lines::new();
    lines.line(format!("{}: {}", crate::ids::text(&summary.thread_id), state_line(&summary)));
    let delivered = delivery.map(|delivery| delivery_line(delivery, &summary.peer_name)).unwrap_or_default();
    if !delivered.is_empty() {
        lines.line(format!("{delivered} ({})", crate::when::span(took_ms)));
    }
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

    #[test]
    fn a_professional_is_read_whole_or_not_at_all() {
        let read = read_professional(r#"{"name":"Claire","contact":"05"}"#).expect("whole");
        assert_eq!((read.name.as_str(), read.contact.as_str()), ("Claire", "05"));
        let failure = read_professional(r#"{"name":"Claire"}"#).expect_err("no contact");
        assert_eq!(failure.field.as_deref(), Some("professional.contact"));
        assert!(!failure.line().contains("Claire"));
    }
}
