//! The users of the node.

use super::Context;
use super::acts::read_professional;
use crate::answer::Answer;
use crate::codes::{Words, numbers};
use crate::exit::Failure;
use crate::input::read_text;
use crate::lines::Lines;
use crate::node::Pages;
use crate::prompt::Prompt;
use crate::views::{admin, instant};
use crate::when;
use clap::{Args, Subcommand, ValueEnum};
use relais_proto::desk::v1::{
    AddUserRequest, ChangeUserRequest, CreateSignInLinkRequest, ListUsersRequest, RemoveTotpRequest, Role,
    SignInLink,
};
use relais_proto::peer::v1::{Professional, YesNo};
use serde_json::json;
use std::path::PathBuf;

/// What stands before a sign-in link's token in the address of the desk in the browser.
const LINK_PATH: &str = "/lien/";

/// Manages users.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  relais user list\n  relais user link claire")]
pub(crate) struct UserArgs {
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Subcommand, Debug)]
enum UserCommand {
    /// Add a user: one whose uid calls, or one who signs in from a browser
    Add(AddArgs),
    /// List the users
    #[command(after_help = "Example:\n  relais user list")]
    List,
    /// Change what a user may do or how partners reach them, or close the account
    Change(ChangeArgs),
    /// Make a link by which a user signs in from a browser once, and sets a password
    Link(LinkArgs),
    /// Remove the authenticator of a user who lost it
    #[command(after_help = "Example:\n  relais user remove-authenticator claire")]
    RemoveAuthenticator {
        /// Account name
        #[arg(value_name = "NAME")]
        name: String,
    },
}

#[derive(Args, Debug)]
#[command(after_help = "\
Several users may be bound to one uid: its commands act as the one that was added first, and as another with --as NAME.
Work name and contact are what partners learn when this professional accepts: asked on a terminal, or in a JSON file:
  {\"name\": \"Claire Martin\", \"contact\": \"05 00 00 00 00\"}

Examples:
  relais user add claire --role counsellor
  relais user add noor --role counsellor --browser && relais user link noor
  relais user add paul --role coordinator --role admin --uid 1001 --professional-from paul.json")]
struct AddArgs {
    /// Account name: letters, digits, `.`, `-` and `_`
    #[arg(value_name = "NAME", value_parser = account_name)]
    name: String,
    /// What the user may do; may be given several times
    #[arg(long = "role", required = true, value_parser = Words::<Role>::any())]
    roles: Vec<Role>,
    /// The uid to bind (your own when left out)
    #[arg(long)]
    uid: Option<u32>,
    /// Bind no uid: the user only signs in from a browser, with a link at first
    #[arg(long, conflicts_with = "uid")]
    browser: bool,
    /// Read work name and contact from a JSON file; `-` for standard input
    #[arg(long, value_name = "FILE")]
    professional_from: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "\
A role that is lost is lost at once, in every session. Closing an account ends its sessions, keys and links.

Examples:
  relais user change claire --role counsellor --role coordinator
  relais user change paul --access closed")]
struct ChangeArgs {
    /// Account name
    #[arg(value_name = "NAME")]
    name: String,
    /// What the user may do from now on; may be given several times
    #[arg(long = "role", value_parser = Words::<Role>::any())]
    roles: Vec<Role>,
    /// Close the account, or open it again
    #[arg(long, value_enum)]
    access: Option<Standing>,
    /// Read work name and contact from a JSON file; `-` for standard input
    #[arg(long, value_name = "FILE")]
    professional_from: Option<PathBuf>,
}

#[derive(ValueEnum, Clone, Copy, Debug)]
enum Standing {
    /// Nobody signs in; what was open ends at once
    Closed,
    /// Its owner may sign in again
    Open,
}

#[derive(Args, Debug)]
#[command(after_help = "\
The link stands for the password: hand it over by a way that others do not read. It works once; a new one voids it.

Examples:
  relais user link claire
  relais user link claire --hours 72")]
struct LinkArgs {
    /// Account name
    #[arg(value_name = "NAME")]
    name: String,
    /// How long the link works, in hours
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=72))]
    hours: u32,
}

/// Does it.
///
/// # Errors
/// [`Failure`] when it is not done.
pub(crate) async fn run(args: UserArgs, context: &Context) -> Result<Answer, Failure> {
    match args.command {
        UserCommand::Add(args) => add(args, context).await,
        UserCommand::List => {
            let found = context.desk().await?.list_users(ListUsersRequest::default()).await?.into_inner();
            Ok(admin::users(&found))
        }
        UserCommand::Change(args) => change(args, context).await,
        UserCommand::Link(args) => {
            let request = CreateSignInLinkRequest { name: args.name.clone(), validity_hours: args.hours };
            let made = context.desk().await?.create_sign_in_link(request).await?.into_inner();
            Ok(link(&args.name, &made, &context.pages()))
        }
        UserCommand::RemoveAuthenticator { name } => {
            let request = RemoveTotpRequest { name, password: String::new() };
            let left = context.desk().await?.remove_totp(request).await?.into_inner();
            Ok(admin::user(&left.user.unwrap_or_default()))
        }
    }
}

async fn add(args: AddArgs, context: &Context) -> Result<Answer, Failure> {
    let professional = match &args.professional_from {
        Some(path) => Some(read_professional(&read_text(path)?)?),
        None if args.roles.iter().any(|role| accepts(*role)) => context.ask(ask_work)?.flatten(),
        None => None,
    };
    let request = AddUserRequest {
        name: args.name,
        roles: numbers(&args.roles),
        uid: (!args.browser).then(|| args.uid.unwrap_or_else(|| rustix::process::getuid().as_raw())),
        professional,
    };
    let mut desk = context.desk().await?;
    let added = desk.add_user(request).await?.into_inner();
    // The user is added: that nobody else may be listed hides nothing of it.
    let all = match added.uid {
        Some(_) => desk.list_users(ListUsersRequest::default()).await.ok(),
        None => None,
    };
    let all = all.map(|answer| answer.into_inner().users).unwrap_or_default();
    Ok(admin::added(&added, &all))
}

async fn change(args: ChangeArgs, context: &Context) -> Result<Answer, Failure> {
    if args.roles.is_empty() && args.access.is_none() && args.professional_from.is_none() {
        return Err(Failure::usage("nothing to change: give --role, --access or --professional-from"));
    }
    let professional = args.professional_from.as_deref().map(read_text).transpose()?;
    let professional = professional.as_deref().map(read_professional).transpose()?;
    let closed = match args.access {
        Some(Standing::Closed) => YesNo::Yes,
        Some(Standing::Open) => YesNo::No,
        None => YesNo::Unspecified,
    };
    let roles = numbers(&args.roles);
    let request = ChangeUserRequest { name: args.name, roles, professional, closed: closed.into() };
    let changed = context.desk().await?.change_user(request).await?.into_inner();
    Ok(admin::user(&changed))
}

/// A sign-in link, shown once: the whole address when it is known, else its path and what it stands behind.
fn link(name: &str, made: &SignInLink, pages: &Pages) -> Answer {
    let path = format!("{LINK_PATH}{}", made.token);
    let (address, place) = match pages {
        Pages::Here(base) => (Some(format!("{base}{path}")), "in a browser on this machine".to_owned()),
        Pages::Certificate(port) => {
            (None, format!("behind https:// and the name of the gateway's certificate, port {port}"))
        }
        Pages::Proxy => (None, "behind https:// and the name of the reverse proxy".to_owned()),
        Pages::Unsaid => (None, "behind the address of your desk in the browser".to_owned()),
    };
    let until = when::human(made.expires_ms);
    let mut lines = Lines::new();
    lines.line(address.as_ref().unwrap_or(&path)).gap();
    lines.line(format!("Works once, until {until}. {name} opens it {place}."));
    let json = json!({ "user": name, "address": address, "path": path, "expires": instant(made.expires_ms) });
    Answer::new(json, lines.done())
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

/// A name that `--as` takes as well.
fn account_name(typed: &str) -> Result<String, String> {
    if crate::desk::is_account_name(typed) {
        return Ok(typed.to_owned());
    }
    Err("an account name has letters, digits, `.`, `-` and `_` only; the person's own name goes into --professional-from".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_a_name_that_can_be_acted_as() {
        for good in ["claire", "paul.m", "nadia-2", "x_y"] {
            assert_eq!(account_name(good).as_deref(), Ok(good));
        }
        for bad in ["", "a b", "éva", "paul@x"] {
            assert!(account_name(bad).is_err(), "{bad}");
        }
    }
    use crate::answer::Format;

    fn shown(pages: &Pages, format: Format) -> String {
        let made = SignInLink { token: "0123ABCD".to_owned(), expires_ms: 1_790_000_000_000 };
        let mut text = Vec::new();
        link("claire", &made, pages).print(format, &mut text).expect("printed");
        String::from_utf8(text).expect("text")
    }

    #[test]
    fn a_link_is_shown_whole_with_its_end() {
        let here = Pages::Here("http://127.0.0.1:7445".to_owned());
        let text = shown(&here, Format::Text);
        assert!(text.starts_with("http://127.0.0.1:7445/lien/0123ABCD\n"), "{text}");
        assert!(text.contains("Works once, until 2026-09-21") && text.contains("on this machine"), "{text}");
        let json = shown(&here, Format::Json);
        assert!(json.contains("\"http://127.0.0.1:7445/lien/0123ABCD\""), "{json}");
        assert!(json.contains("\"/lien/0123ABCD\""), "the path stays: {json}");
    }

    #[test]
    fn a_link_whose_address_is_not_known_says_what_it_stands_behind() {
        for (pages, place) in [
            (Pages::Certificate(8443), "the gateway's certificate, port 8443"),
            (Pages::Proxy, "the reverse proxy"),
            (Pages::Unsaid, "the address of your desk"),
        ] {
            let text = shown(&pages, Format::Text);
            assert!(text.starts_with("/lien/0123ABCD\n") && text.contains(place), "{text}");
            assert!(shown(&pages, Format::Json).contains("\"address\":null"), "{pages:?}");
        }
    }
}
