//! The directory: whose records this node keeps, how it does, whose it never takes.

use super::{Context, export, resolve, seed};
use crate::answer::Answer;
use crate::exit::Failure;
use crate::views::{open_data, replication};
use clap::{Args, Subcommand};
use relais_proto::desk::v1::{
    AllowStructureRequest, OpenDataStatusRequest, RefuseStructureRequest, RemoveOpenDataRequest,
    ShowDirectoryRequest, ShowOpenEntryRequest, SubscribeDirectoryRequest,
};

/// The directory.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  relais directory status
  relais directory subscribe 17 79
  relais directory seed services-inclusion.json structures-inclusion.json")]
pub(crate) struct DirectoryArgs {
    #[command(subcommand)]
    command: DirectoryCommand,
}

#[derive(Subcommand, Debug)]
enum DirectoryCommand {
    /// Load a data·inclusion v1 dump as entries that nobody vouches for
    Seed(seed::SeedArgs),
    /// Remove a source of open data with all of its entries
    #[command(after_help = "\
Nothing of the source is found any more. Seeded again, it is there again; `relais directory status` names the sources.

Examples:
  relais directory unseed data-inclusion
  relais directory unseed departement-17 --json")]
    Unseed {
        /// What the source is called
        #[arg(value_name = "SOURCE")]
        source: String,
    },
    /// Write what is known of a territory, signed or not, in data·inclusion v1
    Export(export::DirectoryExportArgs),
    /// Show an entry of open data
    #[command(after_help = "Example:\n  relais directory entry dora--1234")]
    Entry {
        /// The service's id, as the dump gives it
        #[arg(value_name = "SERVICE")]
        service: String,
    },
    /// Show whose records are held, how fresh they are, by whom they came, and what was refused
    Status(StatusArgs),
    /// Choose the départements whose records are kept
    Subscribe(SubscribeArgs),
    /// Take nothing of a structure any more, whoever carries it, and forget what is held of it
    #[command(after_help = "\
Nothing is told to anyone. A partner that is refused stays a partner, and its services are found here no more.

Examples:
  relais directory refuse 'Association Fantôme'
  relais directory refuse JAJUSTI")]
    Refuse {
        /// The structure: name, id, or the beginning of one
        #[arg(value_name = "STRUCTURE")]
        structure: String,
    },
    /// Take records of a structure again
    #[command(after_help = "Example:\n  relais directory allow JAJUSTI")]
    Allow {
        /// The structure: name, id, or the beginning of one
        #[arg(value_name = "STRUCTURE")]
        structure: String,
    },
}

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  relais directory status
  relais directory status --name emmaus
  relais directory status --page 50 --json")]
struct StatusArgs {
    /// The page, as the one before named it
    #[arg(long, value_name = "PAGE")]
    page: Option<String>,
    /// Only structures in whose name these letters stand
    #[arg(long, value_name = "LETTERS")]
    name: Option<String>,
}

#[derive(Args, Debug)]
#[command(after_help = "\
What concerns the whole country is kept in any case, and so is what partners publish. What is held of other départements
is dropped.

Examples:
  relais directory subscribe 17 79
  relais directory subscribe france
  relais directory subscribe --home      # where this structure is, and what it covers")]
struct SubscribeArgs {
    /// COG codes of départements (17, 2A, 971), or `france` for all
    #[arg(value_name = "DEPARTEMENT", required_unless_present = "home")]
    departements: Vec<String>,
    /// Those where this structure is at home, as when nothing was chosen
    #[arg(long, conflicts_with = "departements")]
    home: bool,
}

/// Does it.
///
/// # Errors
/// [`Failure`] when it is not done.
pub(crate) async fn run(args: DirectoryArgs, context: &Context) -> Result<Answer, Failure> {
    let mut desk = context.desk().await?;
    match args.command {
        DirectoryCommand::Seed(args) => seed::run(args, context).await,
        DirectoryCommand::Unseed { source } => {
            let removed = desk.remove_open_data(RemoveOpenDataRequest { source }).await?.into_inner();
            Ok(open_data::removed(&removed))
        }
        DirectoryCommand::Export(args) => export::of_territory(args, context).await,
        DirectoryCommand::Entry { service } => {
            let request = ShowOpenEntryRequest { service_id: service };
            let shown = desk.show_open_entry(request).await?.into_inner();
            Ok(open_data::entry(&shown))
        }
        DirectoryCommand::Status(args) => {
            let page_token = args.page.unwrap_or_default();
            let name = args.name.unwrap_or_default();
            let request = ShowDirectoryRequest { page_token, name, ..Default::default() };
            let directory = desk.show_directory(request).await?.into_inner();
            let open = desk.open_data_status(OpenDataStatusRequest {}).await?.into_inner();
            Ok(open_data::beside(replication::status(&directory), &open))
        }
        DirectoryCommand::Subscribe(args) => {
            let request = SubscribeDirectoryRequest { departements: args.departements };
            Ok(replication::status(&desk.subscribe_directory(request).await?.into_inner()))
        }
        DirectoryCommand::Refuse { structure } => {
            let structure_id =
                resolve::structure(&mut desk, "structure", &structure).await?.as_bytes().to_vec();
            let request = RefuseStructureRequest { structure_id };
            Ok(replication::structure(&desk.refuse_structure(request).await?.into_inner()))
        }
        DirectoryCommand::Allow { structure } => {
            let structure_id =
                resolve::structure(&mut desk, "structure", &structure).await?.as_bytes().to_vec();
            let request = AllowStructureRequest { structure_id };
            Ok(replication::structure(&desk.allow_structure(request).await?.into_inner()))
        }
    }
}
