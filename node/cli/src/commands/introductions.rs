//! Becoming partners with structures that a partner recommends.

use super::pairing::{ConfirmArgs, confirm};
use super::{Context, resolve};
use crate::answer::Answer;
use crate::desk::Desk;
use crate::exit::Failure;
use crate::views::introduction as views;
use clap::{Args, Subcommand};
use relais_proto::desk::v1::{
    AskIntroductionRequest, ListIntroductionsRequest, PairingView, RefuseIntroductionRequest,
};

/// Asks to be introduced.
#[derive(Args, Debug)]
#[command(after_help = "\
Both nodes check that a partner of each recommends the other. Then both admins compare a phrase by voice and confirm, as
after an invitation. While the other node does not answer it is asked again, for 14 days at most.

Examples:
  relais introduce Lire
  relais introduce BDJTKA7                # as `relais directory status` and `relais find --all` show it
  relais introduce BDJTKA7-OE7KMCK-MCV2DHP-5RPHGCP-7E54XED-TLM7TSB-DJE3OYH-T4TVFQ4 --endpoint relais.lire.example:7444
  relais introductions")]
pub(crate) struct IntroduceArgs {
    /// The structure: name, id, or the beginning of one; the whole id when nothing of it is here yet
    #[arg(value_name = "STRUCTURE")]
    structure: String,
    /// Where its pairing listener is, when its manifest is not here
    #[arg(long, value_name = "HOST:PORT")]
    endpoint: Option<String>,
}

/// Introductions.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  relais introductions
  relais introductions confirm Lire
  relais introductions refuse Lire       # they cannot ask again for 30 days")]
pub(crate) struct IntroductionsArgs {
    #[command(subcommand)]
    command: Option<IntroductionsCommand>,
}

#[derive(Subcommand, Debug)]
enum IntroductionsCommand {
    /// List introductions that you asked for, or that others ask of you
    #[command(after_help = "Example:\n  relais introductions list --json")]
    List,
    /// Confirm one once both read the same phrase, or give it up
    #[command(after_help = "\
Examples:
  relais introductions confirm                        # shows the phrase and asks
  relais introductions confirm Lire --phrase matches  # in a script, after a human compared
  relais introductions confirm Lire --phrase differs  # someone stands between: give it up")]
    Confirm(ConfirmArgs),
    /// Say no, or take back what you asked for
    #[command(after_help = "Example:\n  relais introductions refuse Lire")]
    Refuse {
        /// The structure: name, id, or the beginning of one
        #[arg(value_name = "STRUCTURE")]
        structure: String,
    },
}

/// Asks to be introduced to a structure.
///
/// # Errors
/// [`Failure`] when nobody recommends it, or its address is not known.
pub(crate) async fn introduce(args: IntroduceArgs, context: &Context) -> Result<Answer, Failure> {
    let mut desk = context.desk().await?;
    let structure = resolve::structure(&mut desk, "structure", &args.structure).await?;
    let request = AskIntroductionRequest {
        structure_id: structure.as_bytes().to_vec(),
        endpoint: args.endpoint.unwrap_or_default(),
        ..AskIntroductionRequest::default()
    };
    let asked = desk.ask_introduction(request).await?.into_inner();
    Ok(views::introduction(&asked, &waiting(&mut desk).await))
}

/// Lists introductions, confirms one or says no.
///
/// # Errors
/// [`Failure`] when it is not done.
pub(crate) async fn introductions(args: IntroductionsArgs, context: &Context) -> Result<Answer, Failure> {
    let mut desk = context.desk().await?;
    match args.command {
        None | Some(IntroductionsCommand::List) => {
            let found = desk.list_introductions(ListIntroductionsRequest::default()).await?.into_inner();
            Ok(views::introductions(&found, &waiting(&mut desk).await))
        }
        Some(IntroductionsCommand::Confirm(args)) => confirm(&args, context, &mut desk).await,
        Some(IntroductionsCommand::Refuse { structure }) => {
            let found = desk.list_introductions(ListIntroductionsRequest::default()).await?.into_inner();
            let id = crate::ids::introduced("structure", &structure, &views::structures(&found))?;
            let request = RefuseIntroductionRequest { structure_id: id.as_bytes().to_vec() };
            Ok(views::introduction(&desk.refuse_introduction(request).await?.into_inner(), &[]))
        }
    }
}

/// The talks that wait for a comparison, with their phrases; none when they cannot be had.
async fn waiting(desk: &mut Desk) -> Vec<PairingView> {
    resolve::peers(desk).await.map(|found| found.pairings).unwrap_or_default()
}
