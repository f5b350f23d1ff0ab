//! Becoming partners with structures that a partner recommends.

use super::Context;
use super::pairing::{ConfirmArgs, confirm};
use crate::answer::Answer;
use crate::exit::Failure;
use crate::views::introduction as views;
use clap::{Args, Subcommand};
use relais_domain::structure_id::StructureId;
use relais_proto::desk::v1::{AskIntroductionRequest, ListIntroductionsRequest, RefuseIntroductionRequest};

/// Asks to be introduced.
#[derive(Args, Debug)]
#[command(after_help = "\
Both nodes check that a partner of each recommends the other. Then both admins compare a phrase by voice and confirm, as
after an invitation. While the other node does not answer it is asked again, for 14 days at most.

Examples:
  relais introduce BDJTKA7-OE7KMCK-MCV2DHP-5RPHGCP-7E54XED-TLM7TSB-DJE3OYH-T4TVFQ4
  relais introduce BDJTKA7-OE7KMCK-MCV2DHP-5RPHGCP-7E54XED-TLM7TSB-DJE3OYH-T4TVFQ4 --endpoint relais.lire.example:7444
  relais introductions")]
pub(crate) struct IntroduceArgs {
    /// The structure's id
    #[arg(value_name = "ID", value_parser = read_id)]
    structure: StructureId,
    /// Where its pairing listener is, when its manifest is not here
    #[arg(long, value_name = "HOST:PORT")]
    endpoint: Option<String>,
}

fn read_id(text: &str) -> Result<StructureId, String> {
    StructureId::parse(text).map_err(|error| error.to_string())
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
    let request = AskIntroductionRequest {
        structure_id: args.structure.as_bytes().to_vec(),
        endpoint: args.endpoint.unwrap_or_default(),
        ..AskIntroductionRequest::default()
    };
    let asked = context.desk().await?.ask_introduction(request).await?.into_inner();
    Ok(views::introduction(&asked))
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
            Ok(views::introductions(&found))
        }
        Some(IntroductionsCommand::Confirm(args)) => confirm(&args, context, &mut desk).await,
        Some(IntroductionsCommand::Refuse { structure }) => {
            let found = desk.list_introductions(ListIntroductionsRequest::default()).await?.into_inner();
            let id = crate::ids::peer("structure", &structure, &views::structures(&found))?;
            let request = RefuseIntroductionRequest { structure_id: id.as_bytes().to_vec() };
            Ok(views::introduction(&desk.refuse_introduction(request).await?.into_inner()))
        }
    }
}
