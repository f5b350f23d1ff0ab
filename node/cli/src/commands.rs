//! The commands that ask a running node, one file a group.

pub(crate) mod acts;
pub(crate) mod consent;
pub(crate) mod directory;
pub(crate) mod endorse;
mod export;
pub(crate) mod find;
pub(crate) mod flows;
pub(crate) mod follow_up;
pub(crate) mod handover;
pub(crate) mod inquire;
pub(crate) mod introductions;
pub(crate) mod ledger;
pub(crate) mod pairing;
pub(crate) mod refer;
mod resolve;
pub(crate) mod seed;
pub(crate) mod service;
pub(crate) mod status;
pub(crate) mod threads;
pub(crate) mod user;
pub(crate) mod walk_in;

use crate::answer::{Answer, Format};
use crate::args::DeskCommand;
use crate::desk::{self, Desk};
use crate::environment::Settings;
use crate::exit::{Exit, Failure};
use crate::ids::Id;
use crate::node::Pages;
use crate::progress::Place;
use crate::prompt::{self, Prompt};
use relais_domain::id::MessageId;
use relais_domain::time::Timestamp;
use relais_server::clock::{Clock, Dice};

/// What commands run with.
#[derive(Debug)]
pub(crate) struct Context {
    settings: Settings,
    clock: Clock,
    asking: Asking,
    progress: Place,
}

/// Whether there is someone to ask.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Asking {
    /// Someone sits at the terminal.
    Possible,
    /// A script runs.
    Impossible,
}

impl Context {
    /// The context of one command.
    pub(crate) fn new(settings: Settings, format: Format) -> Self {
        let possible = format == Format::Text && prompt::someone_is_there();
        let asking = if possible { Asking::Possible } else { Asking::Impossible };
        let progress = match format {
            Format::Json => Place::Nowhere,
            Format::Text if prompt::errors_are_seen() => Place::Terminal,
            Format::Text => Place::Lines,
        };
        Self { settings, clock: Clock::system(), asking, progress }
    }

    /// Connects to the node.
    async fn desk(&self) -> Result<Desk, Failure> {
        desk::connect(&self.settings).await
    }

    /// Where the node's pages are.
    fn pages(&self) -> Pages {
        Pages::of(&self.settings.folder)
    }

    /// Where progress is shown.
    fn progress(&self) -> Place {
        self.progress
    }

    /// Now.
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Asks on the terminal; `None` when there is nobody to ask.
    fn ask<T>(&self, ask: impl FnOnce(&mut Prompt<'_>) -> Result<T, Failure>) -> Result<Option<T>, Failure> {
        match self.asking {
            Asking::Possible => prompt::on_terminal(ask).map(Some),
            Asking::Impossible => Ok(None),
        }
    }
}

/// A fresh id for a call, or the one given to repeat a call safely.
fn request_id(given: Option<Id>) -> Result<Id, Failure> {
    if let Some(id) = given {
        return Ok(id);
    }
    let dice = Dice::system().map_err(|error| Failure::new(Exit::Internal, error.to_string()))?;
    Ok(*MessageId::from_random(dice.bytes()).as_bytes())
}

/// Reads the id of a call on the command line.
fn parse_request_id(text: &str) -> Result<Id, String> {
    MessageId::parse(text)
        .map(|id| *id.as_bytes())
        .ok_or_else(|| "is not a random UUID (version 4)".to_owned())
}

/// Asks a running node.
///
/// # Errors
/// [`Failure`] when it is not done.
pub(crate) async fn run(command: DeskCommand, context: &Context) -> Result<Answer, Failure> {
    match command {
        DeskCommand::Status => status::status(context).await,
        DeskCommand::Whoami => status::whoami(context).await,
        DeskCommand::User(args) => user::run(args, context).await,
        DeskCommand::Invite(args) => pairing::invite(&args, context).await,
        DeskCommand::Join(args) => pairing::join(&args, context).await,
        DeskCommand::Peers(args) => pairing::peers(args, context).await,
        DeskCommand::Endorse(args) => endorse::endorse(args, context).await,
        DeskCommand::Introduce(args) => introductions::introduce(args, context).await,
        DeskCommand::Introductions(args) => introductions::introductions(args, context).await,
        DeskCommand::Service(args) => service::run(args, context).await,
        DeskCommand::Find(args) => find::run(args, context).await,
        DeskCommand::Directory(args) => directory::run(args, context).await,
        DeskCommand::Inquire(args) => inquire::run(args, context).await,
        DeskCommand::Inquiries(args) => inquire::inquiries(args, context).await,
        DeskCommand::Refer(args) => refer::run(&args, context).await,
        DeskCommand::Inbox(args) => threads::inbox(args, context).await,
        DeskCommand::Show(args) => threads::show(&args, context).await,
        DeskCommand::FollowUp(args) => follow_up::run(args, context).await,
        DeskCommand::Consent(args) => consent::run(args, context).await,
        DeskCommand::Handover(args) => handover::run(args, context).await,
        DeskCommand::Flows(args) => flows::run(args, context).await,
        DeskCommand::Ledger(args) => ledger::run(args, context).await,
    }
}
