//! Services: publishing one's own, listing anyone's.

use super::export::{self, ServiceExportArgs};
use super::{Context, resolve};
use crate::answer::Answer;
use crate::desk::Desk;
use crate::exit::Failure;
use crate::input::read_file;
use crate::progress::Progress;
use crate::views::directory;
use clap::{Args, Subcommand};
use relais_proto::desk::v1::{
    ImportServicesRequest, ListServicesRequest, ServiceView, SetCapacityRequest, SetWalkInRequest,
    WithdrawServiceRequest,
};
use std::path::PathBuf;

/// Services asked for at once when one is looked up.
const LOOKED_UP: u32 = 100;

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
    /// Take a service back: partners no longer find it
    Withdraw(WithdrawArgs),
}

/// A service that is taken back.
#[derive(Args, Debug)]
#[command(after_help = "\
Colleagues elsewhere no longer find the service, nor its places and hours. Open referrals for it go on. To publish it
again, import it again. Without --yes the service's name is asked for.

Examples:
  relais service withdraw hub-17--acces-internet
  relais service withdraw hub-17--acces-internet --yes --json")]
struct WithdrawArgs {
    /// The service's id
    #[arg(value_name = "SERVICE")]
    service: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
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
        ServiceCommand::Withdraw(args) => withdraw(args, context).await,
    }
}

async fn withdraw(args: WithdrawArgs, context: &Context) -> Result<Answer, Failure> {
    let mut desk = context.desk().await?;
    let seen = if args.yes { None } else { confirmed(&args.service, &mut desk, context).await? };
    let request = WithdrawServiceRequest { service_id: args.service, seen_signed_ms: seen };
    Ok(directory::withdrawn(&desk.withdraw_service(request).await?.into_inner()))
}

/// When the version was signed that someone saw and named; `None` when it is not published: then the node says why.
async fn confirmed(id: &str, desk: &mut Desk, context: &Context) -> Result<Option<i64>, Failure> {
    let Some(service) = own_service(id, desk).await? else { return Ok(None) };
    let typed = context.ask(|prompt| {
        prompt.say(&format!(
            "Partners will no longer find «{}». Open referrals for it go on. Imported again, it is published again.",
            service.name
        ))?;
        prompt.text("Write its name to withdraw it")
    })?;
    match typed {
        Some(typed) if typed.trim() == service.name.trim() => Ok(Some(service.signed_ms)),
        Some(_) => Err(Failure::usage("nothing was withdrawn: that is not its name")),
        None => Err(Failure::usage("--yes: write it to withdraw the service without being asked")),
    }
}

/// A service of this structure, as it is published now.
async fn own_service(id: &str, desk: &mut Desk) -> Result<Option<ServiceView>, Failure> {
    let mut request = ListServicesRequest { page_size: LOOKED_UP, ..ListServicesRequest::default() };
    loop {
        let page = desk.list_services(request.clone()).await?.into_inner();
        if let Some(found) = page.services.into_iter().find(|service| service.service_id == id) {
            return Ok(Some(found));
        }
        if page.next_page_token.is_empty() {
            return Ok(None);
        }
        request.page_token = page.next_page_token;
    }
}
