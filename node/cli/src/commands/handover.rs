//! Handing a follow-up over to another structure.

use super::acts::{self, AcceptArgs, RefuseArgs, Sending, Target, report};
use super::refer::follow_up;
use super::{Context, request_id, resolve};
use crate::answer::Answer;
use crate::draft::flags::{Flags, OfferFlags};
use crate::draft::{self, Completion};
use crate::exit::Failure;
use crate::ids::Prefix;
use crate::views::thread;
use clap::{Args, Subcommand};
use relais_proto::desk::v1::act_request::{self as act, Act};
use relais_proto::desk::v1::{ListThreadsRequest, ShowThreadRequest, ThreadFilter};
use relais_proto::peer::v1::ThreadKind;

/// Handovers.
#[derive(Args, Debug)]
#[command(after_help = "\
Until the change is effective and the other node has signed for it, this structure keeps following the person.

Example:
  relais handover propose --file handover.json && relais handover status")]
pub(crate) struct HandoverArgs {
    #[command(subcommand)]
    command: HandoverCommand,
}

#[derive(Subcommand, Debug)]
enum HandoverCommand {
    /// Propose to hand a follow-up over
    Propose(Box<ProposeArgs>),
    /// Accept a handover: a promise to follow the person from a date on
    Accept(AcceptArgs),
    /// Refuse a handover
    Refuse(RefuseArgs),
    /// Show who is responsible, in one handover or in all
    #[command(after_help = "Examples:\n  relais handover status\n  relais handover status 3f2a --json")]
    Status {
        /// The handover: its id, or the first digits of it
        #[arg(value_name = "THREAD", value_parser = Prefix::parse)]
        thread: Option<Prefix>,
    },
    /// Ask to be let off a handover that was accepted
    #[command(after_help = "Example:\n  relais handover renounce 3f2a")]
    Renounce(Target),
    /// Sign that responsibility moves, when the node was told to ask
    #[command(after_help = "Example:\n  relais handover effective 3f2a")]
    Effective(Target),
    /// Cancel a handover before it is effective
    #[command(after_help = "Example:\n  relais handover cancel 3f2a")]
    Cancel(Target),
}

#[derive(Args, Debug)]
#[command(after_help = draft::FORMAT)]
struct ProposeArgs {
    #[command(flatten)]
    flags: Flags,
    #[command(flatten)]
    offer: OfferFlags,
    #[command(flatten)]
    sending: Sending,
}

/// Does it.
///
/// # Errors
/// [`Failure`] when it is not done.
pub(crate) async fn run(args: HandoverArgs, context: &Context) -> Result<Answer, Failure> {
    let mut desk = context.desk().await?;
    let (target, act) = match args.command {
        HandoverCommand::Propose(args) => return propose(&args, context).await,
        HandoverCommand::Status { thread } => return status(thread.as_ref(), context).await,
        HandoverCommand::Accept(args) => (args.target(), args.act(context)?),
        HandoverCommand::Refuse(args) => (args.target(), args.act(&mut desk).await?),
        HandoverCommand::Renounce(target) => (target, Act::Renounce(act::Renounce {})),
        HandoverCommand::Effective(target) => (target, Act::MakeEffective(act::MakeEffective {})),
        HandoverCommand::Cancel(target) => (target, Act::Cancel(act::Cancel {})),
    };
    acts::send(&target, act, context, &mut desk).await
}

async fn propose(args: &ProposeArgs, context: &Context) -> Result<Answer, Failure> {
    let mut draft = args.flags.draft()?;
    draft.offer_until = args.offer.offer_until.or(draft.offer_until);
    draft.signing = args.offer.signing.or(draft.signing);
    let mut desk = context.desk().await?;
    let follow_up = follow_up(&draft, &mut desk).await?;
    let peers = resolve::peers(&mut desk).await?.peers;
    let completion = Completion {
        request_id: request_id(args.sending.request_id)?,
        peers: &peers,
        follow_up,
        now: context.now(),
    };
    let request = draft.into_handover(&completion)?;
    let began = context.now();
    let view = desk.open_handover(request).await?.into_inner();
    Ok(report(view, "handover proposed", &args.sending, began.0, context, &mut desk).await)
}

async fn status(typed: Option<&Prefix>, context: &Context) -> Result<Answer, Failure> {
    let mut desk = context.desk().await?;
    if let Some(typed) = typed {
        let thread_id = resolve::thread_id(&mut desk, typed).await?.to_vec();
        let view = desk.show_thread(ShowThreadRequest { thread_id }).await?.into_inner();
        return Ok(thread::view(&view));
    }
    let request = ListThreadsRequest {
        filter: ThreadFilter::All.into(),
        kind: ThreadKind::Handover.into(),
        ..ListThreadsRequest::default()
    };
    let found = desk.list_threads(request).await?.into_inner();
    Ok(thread::list(&found, "no handover"))
}
