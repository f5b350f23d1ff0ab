//! `relais identity`: the structure's id and manifests, the rotation of its root, and a partner's rotation from a file.
//!
//! All of it works on the folder of a node that does not run. The words of a recovery sheet come from the terminal, a
//! file or standard input, never from an argument.

mod file;
mod follow;
mod rotate;
mod sheet;
mod show;

use super::run::{open_store, runtime};
use crate::answer::{Answer, Format};
use crate::environment::Settings;
use crate::exit::{Exit, Failure};
use clap::{Args, Subcommand};
use follow::{FollowArgs, follow};
use relais_server::home::{Home, HomeError};
use relais_server::rotation::RotationError;
use relais_store_sqlite::SqliteStore;
use rotate::{RotateArgs, rotate};
use show::{ShowArgs, show};
use std::sync::Arc;

/// What is done with the structure's identity.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples, all on the folder of a node that is stopped:
  relais identity show
  relais identity rotate                       # asks for the recovery sheet
  relais identity show --manifests agence.txt  # for a partner that missed the rotation
  relais identity follow agence.txt            # at that partner")]
pub(crate) struct IdentityArgs {
    #[command(subcommand)]
    command: IdentityCommand,
}

#[derive(Subcommand, Clone, Debug)]
enum IdentityCommand {
    /// Show the structure's id and its manifest
    Show(ShowArgs),
    /// Let the root on the recovery sheet take over: new keys, and the next sheet is printed once
    Rotate(RotateArgs),
    /// Take up a partner's newer manifests from a file it made with `show --manifests`
    Follow(FollowArgs),
}

/// Runs one of the commands.
///
/// # Errors
/// [`Failure`] when it is not done.
pub(super) fn run(args: &IdentityArgs, settings: &Settings, format: Format) -> Result<Answer, Failure> {
    let home = Home::at(&settings.folder);
    runtime()?.block_on(async {
        let store = open(&home).await?;
        let done = match &args.command {
            IdentityCommand::Show(args) => show(args, &store).await,
            IdentityCommand::Rotate(args) => rotate(args, &home, &store, format).await,
            IdentityCommand::Follow(args) => follow(args, &home, &store).await,
        };
        let closed = store.close().await;
        let answer = done?;
        closed.map_err(|error| Failure::new(Exit::Io, error.to_string()))?;
        Ok(answer)
    })
}

/// Opens the database of a node that does not run.
async fn open(home: &Home) -> Result<Arc<SqliteStore>, Failure> {
    if !home.holds_node() {
        return Err(Failure::usage(HomeError::NoNode(home.folder().to_owned()).to_string()));
    }
    let secrets = home.secrets().map_err(home_failure)?;
    open_store(home, *secrets.node_key).await.map_err(|failure| match failure.exit {
        Exit::Unavailable => Failure::new(
            Exit::Unavailable,
            format!(
                "the node of {} is running: stop it first, and start it again afterwards; nothing was changed",
                home.folder().display()
            ),
        ),
        Exit::StoryBroken
        | Exit::Usage
        | Exit::Input
        | Exit::Internal
        | Exit::CannotCreate
        | Exit::Io
        | Exit::NotPermitted => failure,
    })
}

fn io_failure(error: impl std::fmt::Display) -> Failure {
    Failure::new(Exit::Io, error.to_string())
}

fn home_failure(error: HomeError) -> Failure {
    Failure::new(home_exit(&error), error.to_string())
}

fn home_exit(error: &HomeError) -> Exit {
    match error {
        HomeError::KeyReadable { .. } => Exit::NotPermitted,
        HomeError::NoNode(_) => Exit::Usage,
        HomeError::Taken(_) | HomeError::KeyShape(_) | HomeError::OtherKeys(_) | HomeError::Io { .. } => {
            Exit::Io
        }
    }
}

fn rotation_failure(error: &RotationError) -> Failure {
    let wrong_sheet = |code: &str| Failure::input("sheet", error.to_string()).with_code(code);
    match error {
        RotationError::Sheet(_) => wrong_sheet("sheet_mistyped"),
        RotationError::AnotherStructure(_) => wrong_sheet("sheet_of_another"),
        RotationError::UsedSheet => wrong_sheet("sheet_used"),
        RotationError::NotAnnounced => wrong_sheet("sheet_not_announced"),
        RotationError::Home(home) | RotationError::Unsettled(home) => {
            Failure::new(home_exit(home), error.to_string())
        }
        RotationError::Manifest(_) | RotationError::Ca(_) => Failure::new(Exit::Internal, error.to_string()),
        RotationError::Accounts(_)
        | RotationError::Store(_)
        | RotationError::Commit(_)
        | RotationError::Unclear(_) => io_failure(error),
    }
}
