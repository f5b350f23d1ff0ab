//! What a person agreed to, and stopping it.

use super::acts::{self, Target};
use super::{Context, resolve};
use crate::answer::Answer;
use crate::codes::Code as _;
use crate::exit::Failure;
use crate::ids::Prefix;
use crate::prompt::Agreement;
use crate::views::consent;
use clap::{Args, Subcommand};
use relais_domain::consent::Purpose;
use relais_proto::desk::v1::act_request::{self as act, Act};
use relais_proto::desk::v1::{ShowConsentRequest, ShowNoticeRequest};
use relais_proto::peer::v1::YesNo;

/// Consents.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  relais consent show 3f2a")]
pub(crate) struct ConsentArgs {
    #[command(subcommand)]
    command: ConsentCommand,
}

#[derive(Subcommand, Debug)]
enum ConsentCommand {
    /// Show what the person agreed to, and what became of it
    #[command(after_help = "Example:\n  relais consent show 3f2a")]
    Show {
        /// The referral or handover: its id, or the first digits of it
        #[arg(value_name = "THREAD", value_parser = Prefix::parse)]
        thread: Prefix,
    },
    /// Stop the consent: the person says so, both ends erase
    #[command(after_help = "\
It cannot be undone. The other end erases what it got and signs that it did: see `relais consent show`.

Examples:
  relais consent stop 3f2a
  relais consent stop 3f2a --yes        # in a script")]
    Stop(StopArgs),
    /// Print the notice to show or read to the person before they agree
    #[command(after_help = "Example:\n  relais consent notice --purpose referral --language fr")]
    Notice {
        /// What for
        #[arg(long, value_parser = crate::codes::Words::<Purpose>::any(), default_value = "referral")]
        purpose: Purpose,
        /// For a referral of someone who goes there by themselves, without a name
        #[arg(long)]
        walk_in: bool,
        /// In which language, like fr
        #[arg(long, default_value = "fr")]
        language: String,
    },
}

#[derive(Args, Debug)]
struct StopArgs {
    #[command(flatten)]
    target: Target,
    /// Do not ask whether this is meant
    #[arg(long)]
    yes: bool,
}

/// Does it.
///
/// # Errors
/// [`Failure`] when it is not done.
pub(crate) async fn run(args: ConsentArgs, context: &Context) -> Result<Answer, Failure> {
    let mut desk = context.desk().await?;
    match args.command {
        ConsentCommand::Show { thread } => {
            let thread_id = resolve::thread_id(&mut desk, &thread).await?.to_vec();
            let view = desk.show_consent(ShowConsentRequest { thread_id }).await?.into_inner();
            Ok(consent::view(&view))
        }
        ConsentCommand::Stop(args) => {
            if !args.yes {
                meant(context)?;
            }
            let act = Act::StopConsent(act::StopConsent {});
            acts::send(&args.target, act, context, &mut desk).await
        }
        ConsentCommand::Notice { purpose, walk_in, language } => {
            let walk_in = if walk_in { YesNo::Yes } else { YesNo::No };
            let request = ShowNoticeRequest {
                purpose: purpose.wire(),
                language,
                walk_in: walk_in.into(),
                ..ShowNoticeRequest::default()
            };
            Ok(consent::notice(&desk.show_notice(request).await?.into_inner()))
        }
    }
}

/// On a terminal, asks whether stopping is meant. A script that says `stop` means it: stopping is never made harder.
fn meant(context: &Context) -> Result<(), Failure> {
    let question = "The person stops their agreement, and both ends erase. Is this meant?";
    match context.ask(|prompt| prompt.agrees(question))? {
        Some(Agreement::No) => Err(Failure::usage("nothing was stopped")),
        Some(Agreement::Yes) | None => Ok(()),
    }
}
