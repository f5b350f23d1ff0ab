//! Services: publishing one's own, listing anyone's.

use super::export::{self, ServiceExportArgs};
use super::{Context, resolve};
use crate::answer::Answer;
use crate::exit::Failure;
use crate::input::read_file;
use crate::progress::Progress;
use crate::views::directory;
use clap::{Args, Subcommand};
use relais_proto::desk::v1::{
    ImportServicesRequest, ListServicesRequest, SetCapacityRequest, SetWalkInRequest,
};
use std::path::PathBuf;

/// Services.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  relais service import services.json")]
pub(crate) struct ServiceArgs {
    #[command(subcommand)]
    command: ServiceCommand,
}

#[derive(Subcommand, Debug)]
enum ServiceCommand {
    /// Publish services from a data·inclusion v1 file (JSON, JSON Lines or CSV)
    #[command(after_help = "\
The file is an array of services, or an object with the arrays `structures` and `services`; JSON Lines; or a table of
services or of the structure, its lists as JSON or separated by commas, what Relais adds in a column `relais`. A service
that is refused does not keep the others from being published; the exit code is then 65.

Examples:
  relais service import services.json
  relais service import services.csv
  curl -s https://example.org/services.json | relais service import -")]
    Import {
        /// The file; `-` for standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Write this structure's services in data·inclusion v1
    Export(ServiceExportArgs),
    /// List services
    List(ListArgs),
    /// Say how many places a service has
    #[command(
        after_help = "Example:\n  relais service capacity hub-17--acces-internet --places 4 --waiting-days 7"
    )]
    Capacity {
        /// The service's id
        #[arg(value_name = "SERVICE")]
        service: String,
        /// Free places
        #[arg(long)]
        places: Option<u32>,
        /// Days until a first meeting
        #[arg(long)]
        waiting_days: Option<u32>,
    },
    /// Say when people may come without an appointment, or that they no longer may
    Offer(OfferArgs),
}

/// A standing offer.
#[derive(Args, Debug)]
#[command(after_help = "\
Who comes in these hours with a slip is received: partners then refer without waiting for an answer.

Examples:
  relais service offer hub-17--acces-internet --hours 'Tu,Th 14:00-17:00' --places 5
  relais service offer hub-17--acces-internet --none")]
struct OfferArgs {
    /// The service's id
    #[arg(value_name = "SERVICE")]
    service: String,
    /// When one may come, in OpenStreetMap syntax
    #[arg(long, required_unless_present = "none")]
    hours: Option<String>,
    /// Places a week
    #[arg(long, requires = "hours")]
    places: Option<u32>,
    /// Take the offer back; who was sent already may still come
    #[arg(long, conflicts_with = "hours")]
    none: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  relais service list\n  relais service list --of 'Emmaüs Connect'")]
struct ListArgs {
    /// The partner whose services are listed (this structure's when left out)
    #[arg(long, value_name = "PARTNER")]
    of: Option<String>,
    /// The page, as the one before named it
    #[arg(long, value_name = "PAGE")]
    page: Option<String>,
}

/// Does it.
///
/// # Errors
/// [`Failure`] when it is not done.
pub(crate) async fn run(args: ServiceArgs, context: &Context) -> Result<Answer, Failure> {
    match args.command {
        ServiceCommand::Import { file } => {
            let json = read_file(&file)?;
            let progress = Progress::spinner(context.progress(), "publishing");
            let report = context.desk().await?.import_services(ImportServicesRequest { json }).await;
            progress.end();
            Ok(directory::imported(&report?.into_inner()))
        }
        ServiceCommand::Export(args) => export::of_own(args, context).await,
        ServiceCommand::List(args) => {
            let mut desk = context.desk().await?;
            let structure_id = match &args.of {
                Some(typed) => resolve::peer(&mut desk, "of", typed).await?.as_bytes().to_vec(),
                None => Vec::new(),
            };
            let page_token = args.page.unwrap_or_default();
            let request = ListServicesRequest { structure_id, page_token, page_size: 0 };
            Ok(directory::services(&desk.list_services(request).await?.into_inner()))
        }
        ServiceCommand::Capacity { service, places, waiting_days } => {
            if places.is_none() && waiting_days.is_none() {
                return Err(Failure::usage("say --places, --waiting-days, or both"));
            }
            let request =
                SetCapacityRequest { service_id: service, places, waiting_days, seen_stated_ms: None };
            let changed = context.desk().await?.set_capacity(request).await?.into_inner();
            Ok(directory::service(&changed))
        }
        ServiceCommand::Offer(args) => {
            let hours = args.hours.filter(|_| !args.none).unwrap_or_default();
            let request =
                SetWalkInRequest { service_id: args.service, hours, places_a_week: args.places, seen: None };
            let changed = context.desk().await?.set_walk_in(request).await?.into_inner();
            Ok(directory::service(&changed))
        }
    }
}
