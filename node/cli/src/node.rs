//! The seam between the command line and the node: making one, running one, its identity, and the demo. Everything else
//! is a client of a running node.

mod configuration;
mod gateway;
mod identity;
mod make;
mod pages;
mod run;

use crate::answer::{Answer, Format};
use crate::codes::Words;
use crate::demo::{Afterwards, Play};
use crate::environment::Settings;
use crate::exit::Failure;
use clap::Args;
pub(crate) use gateway::GatewayArgs;
pub(crate) use identity::IdentityArgs;
pub(crate) use pages::Pages;
use relais_wire::manifest::StructureKind;
use std::path::PathBuf;

/// What `init` is told; what is missing is asked on a terminal, at most five questions.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  relais init --folder ./agence
  relais init --folder ./agence --name 'France Travail La Rochelle' --kind employment_service --commune 17300 \\
      --listen 0.0.0.0:7443 --advertise relais.example.org:7443 --non-interactive")]
pub(crate) struct InitArgs {
    /// The structure's name, as partners see it
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// What the structure is
    #[arg(long, value_parser = Words::<StructureKind>::any())]
    pub(crate) kind: Option<StructureKind>,
    /// Code of the structure's commune
    #[arg(long, value_name = "CODE")]
    pub(crate) commune: Option<String>,
    /// Where the node listens for partners
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) listen: Option<String>,
    /// Where partners reach it, when that is another address
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) advertise: Option<String>,
    /// Where invited structures connect; the next port unless said otherwise
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) pairing_listen: Option<String>,
    /// Where professionals' browsers connect, or `none`; the port after `--pairing-listen` on this machine unless said
    /// otherwise
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) gateway: Option<String>,
    /// Ask nothing: what is missing is an error
    #[arg(long)]
    pub(crate) non_interactive: bool,
}

/// How the demo is played.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  relais demo\n  relais demo --exit --json\n  relais demo --folder ./demo"
)]
pub(crate) struct DemoArgs {
    /// Stop when the story is over, instead of leaving the nodes up until Ctrl-C
    #[arg(long)]
    pub(crate) exit: bool,
}

/// How `serve` runs.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  relais serve --folder ./agence")]
pub(crate) struct ServeArgs {
    /// Stop when standard input ends: for a program that starts the node and may die
    #[arg(long, hide = true)]
    pub(crate) until_input_ends: bool,
}

/// Makes a node in the folder.
///
/// # Errors
/// [`Failure`] naming everything that is wrong.
pub(crate) fn init(args: &InitArgs, settings: &Settings) -> Result<Answer, Failure> {
    make::make(args, settings)
}

/// Runs the node of the folder until it is told to stop.
///
/// # Errors
/// [`Failure`] when it cannot start.
pub(crate) fn serve(args: &ServeArgs, settings: &Settings) -> Result<Answer, Failure> {
    run::serve(args, settings)
}

/// Runs a gateway apart from its node until it is told to stop.
///
/// # Errors
/// [`Failure`] when it cannot start.
pub(crate) fn gateway(args: &GatewayArgs, settings: &Settings) -> Result<Answer, Failure> {
    gateway::run(args, settings)
}

/// Shows or changes the identity of the node of the folder, which does not run.
///
/// # Errors
/// [`Failure`] when it is not done.
pub(crate) fn identity(args: &IdentityArgs, settings: &Settings, format: Format) -> Result<Answer, Failure> {
    identity::run(args, settings, format)
}

/// Plays the story of three structures in `folder`, or in a temporary place; prints each step as it happens.
///
/// # Errors
/// [`Failure`] of the first step that does not come true.
pub(crate) fn demo(args: &DemoArgs, folder: Option<PathBuf>, format: Format) -> Result<Answer, Failure> {
    let afterwards = if args.exit { Afterwards::Stop } else { Afterwards::Stay };
    crate::demo::run(&Play { folder, afterwards }, format)
}
