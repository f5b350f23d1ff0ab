//! The users of the node.

use super::Context;
use super::acts::read_professional;
use crate::answer::Answer;
use crate::codes::{Words, numbers};
use crate::exit::Failure;
use crate::input::read_text;
use crate::prompt::Prompt;
use crate::views::admin;
use clap::{Args, Subcommand};
use relais_proto::desk::v1::{AddUserRequest, ListUsersRequest, Role};
use relais_proto::peer::v1::Professional;
use std::path::PathBuf;

/// Manages users.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  relais user list")]
pub(crate) struct UserArgs {
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Subcommand, Debug)]
enum UserCommand {
    /// Bind a uid of this machine to a user
    Add(AddArgs),
    /// List the users
    #[command(after_help = "Example:\n  relais user list")]
    List,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Work name and contact are what partners learn when this professional accepts: asked on a terminal, or in a JSON file:
  {\"name\": \"Claire Martin\", \"contact\": \"05 00 00 00 00\"}

Examples:
  relais user add claire --role counsellor
  relais user add paul --role coordinator --role admin --uid 1001 --professional-from paul.json")]
struct AddArgs {
    /// Account name: letters, digits, `.`, `-` and `_`
    #[arg(value_name = "NAME")]
    name: String,
    /// What the user may do; may be given several times
    #[arg(long = "role", required = true, value_parser = Words::<Role>::any())]
    roles: Vec<Role>,
    /// The uid to bind (your own when left out)
    #[arg(long)]
    uid: Option<u32>,
    /// Read work name and contact from a JSON file; `-` for standard input
    #[arg(long, value_name = "FILE")]
    professional_from: Option<PathBuf>,
}

/// Does it.
///
/// # Errors
/// [`Failure`] when it is not done.
pub(crate) async fn run(args: UserArgs, context: &Context) -> Result<Answer, Failure> {
    match args.command {
        UserCommand::Add(args) => {
            let professional = match &args.professional_from {
                Some(path) => Some(read_professional(&read_text(path)?)?),
                None if args.roles.iter().any(|role| accepts(*role)) => context.ask(ask_work)?.flatten(),
                None => None,
            };
            let request = AddUserRequest {
                name: args.name,
                roles: numbers(&args.roles),
                uid: Some(args.uid.unwrap_or_else(|| rustix::process::getuid().as_raw())),
                professional,
            };
            let added = context.desk().await?.add_user(request).await?.into_inner();
            Ok(admin::user(&added))
        }
        UserCommand::List => {
            let found = context.desk().await?.list_users(ListUsersRequest::default()).await?.into_inner();
            Ok(admin::users(&found))
        }
    }
}

/// Whether partners may be told of a professional of this role.
fn accepts(role: Role) -> bool {
    match role {
        Role::Counsellor | Role::Coordinator => true,
        Role::Admin | Role::Auditor | Role::Unspecified => false,
    }
}

/// Asks how partners reach the professional; Enter leaves it to each acceptance.
fn ask_work(prompt: &mut Prompt<'_>) -> Result<Option<Professional>, Failure> {
    let name = prompt.line("Work name, as partners see it when they accept (Enter: none)")?;
    if name.is_empty() {
        return Ok(None);
    }
    let contact = prompt.text("Work phone or e-mail")?;
    Ok(Some(Professional { name, contact }))
}
