//! This structure's own follow-ups.

use super::{Context, parse_request_id, request_id, resolve};
use crate::answer::Answer;
use crate::draft::ask::ask_contact;
use crate::draft::{read_contact, read_name};
use crate::exit::Failure;
use crate::ids::{Id, Prefix};
use crate::input::read_text;
use crate::prompt::Prompt;
use crate::reader::{self, Object};
use crate::views::follow_up;
use clap::{Args, Subcommand};
use relais_proto::desk::v1::{ListFollowUpsRequest, OpenFollowUpRequest, ShowFollowUpRequest};
use relais_proto::peer::v1 as peer;
use std::path::{Path, PathBuf};

/// Follow-ups.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  relais follow-up open")]
pub(crate) struct FollowUpArgs {
    #[command(subcommand)]
    command: FollowUpCommand,
}

#[derive(Subcommand, Debug)]
enum FollowUpCommand {
    /// Open a follow-up
    Open(OpenArgs),
    /// List the follow-ups you may see
    #[command(after_help = "Example:\n  relais follow-up list")]
    List {
        /// The page, as the one before named it
        #[arg(long, value_name = "PAGE")]
        page: Option<String>,
    },
    /// Show one follow-up
    #[command(
        after_help = "Reading a person's file is recorded in the ledger.\n\nExample:\n  relais follow-up show 9c1e"
    )]
    Show {
        /// The follow-up: its id, or the first digits of it
        #[arg(value_name = "FOLLOW-UP", value_parser = Prefix::parse)]
        follow_up: Prefix,
    },
}

#[derive(Args, Debug)]
#[command(after_help = "\
Who the person is comes from questions on the terminal, or from a JSON file:
  {\"name\": {\"given\": \"Amina\", \"family\": \"Benali\"},
   \"contact\": {\"reach\": \"phone\", \"detail\": \"06 00 00 00 00\", \"language\": \"ar\", \"cautions\": []},
   \"notes\": [\"…\"]}

Examples:
  relais follow-up open
  relais follow-up open --from person.json --referent claire")]
struct OpenArgs {
    /// Read the person from a JSON file; `-` for standard input
    #[arg(long = "from", value_name = "FILE")]
    from: Option<PathBuf>,
    /// The référent's account name (you, when left out)
    #[arg(long, value_name = "NAME")]
    referent: Option<String>,
    /// Id of this call: repeated with the same one, it is done once
    #[arg(long, value_name = "UUID", value_parser = parse_request_id)]
    request_id: Option<Id>,
}

/// Who a follow-up is about. It has no `Debug`.
struct Person {
    name: peer::Name,
    contact: Option<peer::Contact>,
    notes: Vec<String>,
}

/// Does it.
///
/// # Errors
/// [`Failure`] when it is not done.
pub(crate) async fn run(args: FollowUpArgs, context: &Context) -> Result<Answer, Failure> {
    match args.command {
        FollowUpCommand::Open(args) => open(args, context).await,
        FollowUpCommand::List { page } => {
            let mut desk = context.desk().await?;
            let team = resolve::team(&mut desk).await?.into();
            let page_token = page.unwrap_or_default();
            let request = ListFollowUpsRequest { page_token, team, ..ListFollowUpsRequest::default() };
            Ok(follow_up::list(&desk.list_follow_ups(request).await?.into_inner()))
        }
        FollowUpCommand::Show { follow_up } => {
            let mut desk = context.desk().await?;
            let follow_up_id = resolve::follow_up_id(&mut desk, &follow_up).await?.to_vec();
            let view = desk.show_follow_up(ShowFollowUpRequest { follow_up_id }).await?.into_inner();
            Ok(follow_up::view(&view))
        }
    }
}

async fn open(args: OpenArgs, context: &Context) -> Result<Answer, Failure> {
    let person = match &args.from {
        Some(path) => read_person(&read_text(path)?)?,
        None => match context.ask(ask_person)? {
            Some(person) => person,
            None => read_person(&read_text(Path::new("-"))?)?,
        },
    };
    let request = OpenFollowUpRequest {
        request_id: request_id(args.request_id)?.to_vec(),
        name: Some(person.name),
        contact: person.contact,
        notes: person.notes,
        referent: args.referent.unwrap_or_default(),
    };
    let view = context.desk().await?.open_follow_up(request).await?.into_inner();
    Ok(follow_up::view(&view))
}

fn read_person(text: &str) -> Result<Person, Failure> {
    let value = reader::json("the file", text)?;
    let whole = Object::whole(&value)?;
    let name = whole.object("name")?.ok_or_else(|| Failure::input("name", "is missing"))?;
    let person = Person {
        name: read_name(name)?,
        contact: whole.object("contact")?.map(read_contact).transpose()?,
        notes: whole.texts("notes")?,
    };
    whole.done()?;
    Ok(person)
}

fn ask_person(prompt: &mut Prompt<'_>) -> Result<Person, Failure> {
    let given = prompt.text("Usual first name")?;
    let family = prompt.text("Family name")?;
    let contact = ask_contact(prompt)?;
    let note = prompt.line("A note for your structure alone (Enter for none)")?;
    let notes = if note.is_empty() { Vec::new() } else { vec![note] };
    Ok(Person { name: peer::Name { given, family }, contact, notes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_read_with_the_field_named_on_error() {
        let person = read_person(r#"{"name":{"given":"Amina","family":"Benali"},"notes":["x"]}"#);
        assert!(person.is_ok_and(|person| person.contact.is_none() && person.notes.len() == 1));
        for (text, field) in [
            ("{}", "name"),
            (r#"{"name":{"given":"Amina"}}"#, "name.family"),
            (r#"{"name":{"given":"Amina","family":"B"},"notes":"x"}"#, "notes"),
        ] {
            let failure = read_person(text).err().expect("refused");
            assert_eq!(failure.field.as_deref(), Some(field));
            assert!(!failure.line().contains("Amina"));
        }
    }
}
