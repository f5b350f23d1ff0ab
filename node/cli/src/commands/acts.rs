//! What a professional does on one referral.

mod answer;
mod course;
mod send;

pub(super) use answer::read_professional;
pub(crate) use answer::{AcceptArgs, RefuseArgs};
pub(crate) use course::{CloseArgs, NoteArgs, ScheduleArgs};
pub(crate) use send::{Sending, Target};
pub(super) use send::{report, send};

use super::Context;
use super::walk_in::ArrivedArgs;
use crate::answer::Answer;
use crate::codes::{Code as _, Words};
use crate::desk::Desk;
use crate::exit::Failure;
use crate::when::When;
use clap::Subcommand;
use relais_domain::content::{Outcome, Question, Reason, Reply};
use relais_proto::desk::v1::act_request::{self as act, Act};

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
