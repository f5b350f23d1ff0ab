//! Lists of referrals and handovers, and one of them.

use super::{Context, resolve};
use crate::answer::Answer;
use crate::exit::Failure;
use crate::ids::Prefix;
use crate::views::thread;
use clap::{Args, ValueEnum};
use relais_proto::desk::v1::{ListThreadsRequest, ShowThreadRequest, ThreadFilter};

/// Lists.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  relais inbox\n  relais inbox --show received --json")]
pub(crate) struct InboxArgs {
    /// Which
    #[arg(long, value_enum, default_value_t = Which::ToDo)]
    show: Which,
    /// How many at most
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100))]
    limit: u32,
    /// The page, as the one before named it
    #[arg(long, value_name = "PAGE")]
    page: Option<String>,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
enum Which {
    /// Those that wait for this structure, or that someone must be told of
    ToDo,
    /// Those this structure received
    Received,
    /// Those this structure opened
    Sent,
    /// Those this structure opened in which the partner did something lately, newest first
    News,
    /// All
    All,
}

/// Shows one.
#[derive(Args, Debug)]
#[command(after_help = "\
Reading a person's file is recorded in the ledger.

Examples:
  relais show 3f2a
  relais show 3f2a --json")]
pub(crate) struct ShowArgs {
    /// The referral or handover: its id, or the first digits of it
    #[arg(value_name = "THREAD", value_parser = Prefix::parse)]
    thread: Prefix,
}

/// Lists referrals and handovers.
///
/// # Errors
/// [`Failure`] when the node cannot be asked.
pub(crate) async fn inbox(args: InboxArgs, context: &Context) -> Result<Answer, Failure> {
    let (filter, otherwise) = match args.show {
        Which::ToDo => (ThreadFilter::ToDo, "nothing to do"),
        Which::Received => (ThreadFilter::Inbox, "nothing was received"),
        Which::Sent => (ThreadFilter::Outbox, "nothing was sent; begin with `relais refer`"),
        Which::News => (ThreadFilter::News, "no news"),
        Which::All => (ThreadFilter::All, "no referral or handover"),
    };
    let request = ListThreadsRequest {
        filter: filter.into(),
        page_token: args.page.unwrap_or_default(),
        page_size: args.limit,
        ..ListThreadsRequest::default()
    };
    let found = context.desk().await?.list_threads(request).await?.into_inner();
    Ok(thread::list(&found, otherwise))
}

/// Shows one referral or handover.
///
/// # Errors
/// [`Failure`] when there is none, or the caller may not read it.
pub(crate) async fn show(args: &ShowArgs, context: &Context) -> Result<Answer, Failure> {
    let mut desk = context.desk().await?;
    let thread_id = resolve::thread_id(&mut desk, &args.thread).await?.to_vec();
    let view = desk.show_thread(ShowThreadRequest { thread_id }).await?.into_inner();
    Ok(thread::view(&view))
}
