//! Recommending partners, and becoming partners with structures that a partner recommends.

use super::pairing::{ConfirmArgs, confirm};
use super::{Context, resolve};
use crate::answer::Answer;
use crate::exit::Failure;
use crate::views::introduction as views;
use crate::when;
use clap::{Args, Subcommand};
use relais_domain::structure_id::StructureId;
use relais_domain::time::Day;
use relais_proto::desk::v1::{
    AskIntroductionRequest, EndorsePeerRequest, ListEndorsementsRequest, ListIntroductionsRequest,
    RefuseIntroductionRequest, WithdrawEndorsementRequest,
};

/// Recommends a partner.
#[derive(Args, Debug)]
#[command(after_help = "\
Your other partners are told that you know this one, where and for what. It counts for them alone, and lets them become
partners with it once the admins of both agree. Nothing of a person is in it.

Examples:
  relais endorse Lire --territory 17
  relais endorse Lire --territory france --theme numerique--acquerir-un-equipement --until 2027-06-30
  relais endorse Lire --withdraw
  relais endorse --list                # what you say for others, and others for you")]
pub(crate) struct EndorseArgs {
    /// The partner: name, id, or the beginning of one
    #[arg(value_name = "PARTNER", required_unless_present = "list")]
    peer: Option<String>,
    /// Where: code of a commune, EPCI or département, `region:…` or `france`; may be given several times
    #[arg(long = "territory", value_name = "CODE", required_unless_present_any = ["list", "withdraw"])]
    territories: Vec<String>,
    /// For which need (data·inclusion code); may be given several times, left out for all
    #[arg(long = "theme", value_name = "THEME")]
    themes: Vec<String>,
    /// Until which day, 30 days ahead at least and a year at most; a year when left out
    #[arg(long, value_name = "DATE", value_parser = read_day)]
    until: Option<i32>,
    /// Take the recommendation back
    #[arg(long, conflicts_with_all = ["territories", "themes", "until"])]
    withdraw: bool,
    /// Recommend nobody: list what you say for others, and others for you
    #[arg(long, conflicts_with_all = ["peer", "territories", "themes", "until", "withdraw"])]
    list: bool,
}

fn read_day(text: &str) -> Result<i32, String> {
    when::read_day(text).ok_or_else(|| "not a date; write 2027-06-30".to_owned())
}

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

/// Recommends a partner, takes that back, or lists recommendations.
///
/// # Errors
/// [`Failure`] when it is not done.
pub(crate) async fn endorse(args: EndorseArgs, context: &Context) -> Result<Answer, Failure> {
    let mut desk = context.desk().await?;
    let Some(peer) = args.peer.filter(|_| !args.list) else {
        let found = desk.list_endorsements(ListEndorsementsRequest::default()).await?.into_inner();
        return Ok(views::endorsements(&found));
    };
    let id = resolve::peer(&mut desk, "peer", &peer).await?.as_bytes().to_vec();
    if args.withdraw {
        let request = WithdrawEndorsementRequest { subject_id: id };
        return Ok(views::endorsement(&desk.withdraw_endorsement(request).await?.into_inner()));
    }
    let request = EndorsePeerRequest {
        peer_id: id,
        territories: args.territories,
        themes: args.themes,
        // The day is one of those on which it holds.
        until_ms: args.until.map_or(0, |day| Day(day.saturating_add(1)).start().0),
    };
    Ok(views::endorsement(&desk.endorse_peer(request).await?.into_inner()))
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
