//! The directory: open data, and what is known of a territory.

use super::{Context, export, seed};
use crate::answer::Answer;
use crate::exit::Failure;
use crate::views::open_data;
use clap::{Args, Subcommand};
use relais_proto::desk::v1::ShowOpenEntryRequest;

/// The directory.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  relais directory seed services-inclusion.json structures-inclusion.json")]
pub(crate) struct DirectoryArgs {
    #[command(subcommand)]
    command: DirectoryCommand,
}

#[derive(Subcommand, Debug)]
enum DirectoryCommand {
    /// Load a data·inclusion v1 dump as entries that nobody vouches for
    Seed(seed::SeedArgs),
    /// Write what is known of a territory, signed or not, in data·inclusion v1
    Export(export::DirectoryExportArgs),
    /// Show an entry of open data
    #[command(after_help = "Example:\n  relais directory entry dora--1234")]
    Entry {
        /// The service's id, as the dump gives it
        #[arg(value_name = "SERVICE")]
        service: String,
    },
}

/// Does it.
///
/// # Errors
/// [`Failure`] when it is not done.
pub(crate) async fn run(args: DirectoryArgs, context: &Context) -> Result<Answer, Failure> {
    match args.command {
        DirectoryCommand::Seed(args) => seed::run(args, context).await,
        DirectoryCommand::Export(args) => export::of_territory(args, context).await,
        DirectoryCommand::Entry { service } => {
            let request = ShowOpenEntryRequest { service_id: service };
            let shown = context.desk().await?.show_open_entry(request).await?.into_inner();
            Ok(open_data::entry(&shown))
        }
    }
}
