//! `relais identity`: the structure's id and manifests, the rotation of its root, and a partner's rotation from a file.
//!
//! All of it works on the folder of a node that does not run. The words of a recovery sheet come from the terminal, a
//! file or standard input, never from an argument.

mod file;
mod sheet;

use super::run::{open_store, runtime};
use crate::answer::{Answer, Format};
use crate::environment::Settings;
use crate::exit::{Exit, Failure};
use crate::input::{read_text, write_new};
use crate::lines::Lines;
use crate::prompt;
use crate::when;
use clap::{Args, Subcommand};
use relais_domain::thread::Trust;
use relais_server::clock::{Clock, Dice};
use relais_server::home::{Home, HomeError};
use relais_server::init;
use relais_server::own::Own;
use relais_server::peers::Peers;
use relais_server::rotation::{Rotation, RotationError};
use relais_store_sqlite::SqliteStore;
use relais_wire::manifest::chain::Chain;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use std::io;
use std::path::PathBuf;
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

#[derive(Args, Clone, Debug)]
#[command(after_help = "\
The node must be stopped.

Examples:
  relais identity show --json
  relais identity show --manifests agence.txt")]
struct ShowArgs {
    /// Write the signed manifests into this file, for partners
    #[arg(long, value_name = "FILE")]
    manifests: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
#[command(after_help = "\
When the root or the whole folder may be known to somebody else, or once in a while. The node must be stopped: stop it,
rotate, start it again. The structure keeps its id, its partners and its data. What the former keys sign is refused by
every partner that has heard of the rotation; they hear of it when they connect, within 30 days. A partner that is away
longer, or was misled by a thief's keys meanwhile, takes the file of `relais identity show --manifests FILE`.
Gateways on other machines need new credentials (`relais gateway credentials`).

Sessions, sign-in links, keys of software and authenticators end: make them again, and let everyone choose a new password
if the folder was read. The node key stays: it seals what is stored and makes the stop codes. Whoever copied it can read
what they copied and any later copy of the databases: keep those from them.

The new recovery sheet is printed before anything is changed, and kept nowhere. It counts once the command has ended
without an error; until then the former one does.

Examples:
  relais identity rotate                      # asks for the five lines of the sheet
  relais identity rotate --sheet sheet.txt    # delete the file afterwards
  relais identity rotate --sheet - --json < sheet.txt")]
struct RotateArgs {
    /// Read the recovery sheet from this file, or from standard input for `-`
    #[arg(long, value_name = "FILE")]
    sheet: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
#[command(after_help = "\
The node must be stopped. The file needs no safe way: its signatures say whether it is good.

Example:
  relais identity follow agence.txt")]
struct FollowArgs {
    /// The file the partner made with `relais identity show --manifests FILE`, or `-` for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
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

async fn show(args: &ShowArgs, store: &SqliteStore) -> Result<Answer, Failure> {
    let chain = init::read_chain(store).await.map_err(io_failure)?;
    if let Some(path) = &args.manifests {
        write_new(path, &file::write(&chain))?;
    }
    let (current, claims) = (chain.current(), chain.current().claims());
    let until = claims.valid_until.0;
    let file = args.manifests.as_ref().map(|path| path.display().to_string());
    let mut lines = Lines::new();
    lines.field("id", chain.structure().to_string()).field("name", &claims.name);
    lines.field("manifest", current.sequence().to_string()).field("until", when::human(until));
    lines.field("rotations", rotations(&chain).to_string());
    lines.field("file", file.clone().unwrap_or_default());
    let json = json!({
        "structure_id": chain.structure().to_string(),
        "name": claims.name,
        "manifest_sequence": current.sequence(),
        "manifest_until": when::machine(until),
        "rotations": rotations(&chain),
        "file": file,
    });
    Ok(Answer::new(json, lines.done()))
}

/// How many roots came after the first.
fn rotations(chain: &Chain) -> usize {
    let pairs = chain.manifests().zip(chain.manifests().skip(1));
    pairs.filter(|(before, after)| before.root() != after.root()).count()
}

async fn rotate(
    args: &RotateArgs,
    home: &Home,
    store: &SqliteStore,
    format: Format,
) -> Result<Answer, Failure> {
    let asking = args.sheet.is_none() && format == Format::Text && prompt::someone_is_there();
    let sheet = match &args.sheet {
        Some(path) => read_text(path)?.into(),
        None if asking => prompt::on_terminal(sheet::ask)?,
        None => {
            return Err(Failure::usage("give the recovery sheet with --sheet FILE, or - for standard input"));
        }
    };
    let dice = Dice::system().map_err(|error| Failure::new(Exit::Internal, error.to_string()))?;
    let now = Clock::system().now();
    let rotation = Rotation::prepare(home, store, &sheet, &dice, now).await;
    let rotation = rotation.map_err(|error| rotation_failure(&error))?;
    let (structure, sequence) = (rotation.structure(), rotation.sequence());
    hand_out(&rotation, format)?;
    if asking {
        let new = rotation.sheet();
        prompt::on_terminal(|prompt| sheet::confirm(prompt, new.expose_secret())).map_err(void)?;
    }
    rotation.complete(store, &dice).await.map_err(|error| unfinished(&error))?;
    let mut lines = Lines::new();
    lines.line(format!(
        "Rotated: manifest {sequence} of {structure}, with new keys. Only the node key stays."
    ));
    lines.line("Sessions, sign-in links, keys of software and authenticators have ended: make them again.");
    lines.line("The sheet above counts now: destroy the former one, and any file or copy of it.");
    lines.line(format!("Next: relais serve --folder {}", home.folder().display()));
    // Scripts have read the one object they get; that it counts they see by the exit code.
    Ok(Answer::new(Value::Null, lines.done()))
}

/// Prints the new sheet before anything is changed: what cannot be printed must not count.
fn hand_out(rotation: &Rotation, format: Format) -> Result<(), Failure> {
    let sheet = rotation.sheet();
    let sheet = sheet.expose_secret();
    let text = format!(
        "NEW RECOVERY SHEET: print it, keep it on paper, in a safe place. It is shown this once.\n\
         It counts once this command says «Rotated».\n\n{sheet}"
    );
    let json = json!({
        "structure_id": rotation.structure().to_string(),
        "manifest_sequence": rotation.sequence(),
        "recovery_sheet": sheet,
    });
    Answer::new(json, text).print(format, &mut io::stdout().lock())
}

/// A rotation that failed after its sheet was printed.
fn unfinished(error: &RotationError) -> Failure {
    match error {
        RotationError::Unclear(_) | RotationError::Unsettled(_) => rotation_failure(error),
        RotationError::Sheet(_)
        | RotationError::AnotherStructure(_)
        | RotationError::UsedSheet
        | RotationError::NotAnnounced
        | RotationError::Manifest(_)
        | RotationError::Home(_)
        | RotationError::Ca(_)
        | RotationError::Accounts(_)
        | RotationError::Store(_)
        | RotationError::Commit(_) => void(rotation_failure(error)),
    }
}

/// The same failure, once a sheet was printed that does not count.
fn void(failure: Failure) -> Failure {
    let message = format!("the sheet just printed is void, the former one still counts: {}", failure.message);
    Failure { message, ..failure }
}

async fn follow(args: &FollowArgs, home: &Home, store: &Arc<SqliteStore>) -> Result<Answer, Failure> {
    let run = file::read(&read_text(&args.file)?).map_err(|problem| Failure::input("file", problem))?;
    let peers = partners(home, store).await?;
    let structure = run.structure();
    let held = match peers.trust(structure) {
        Some(Trust::Paired | Trust::Suspended) => peers.chain(structure),
        Some(Trust::Removed) | None => None,
    };
    let no_partner = || Failure::input("file", format!("{structure} is no partner of this node"));
    let held = held.ok_or_else(no_partner)?;
    let accepted = held.accept_run(run.manifests().cloned().collect()).map_err(|error| {
        Failure::input("file", format!("{error}; nothing was changed")).with_code("manifest")
    })?;
    let sequence = accepted.chain.current().sequence();
    let news = accepted.chain != *held;
    if news {
        peers.set_chain(accepted.chain).await.map_err(io_failure)?;
    }
    let text = if news {
        format!("{structure} is followed up to its manifest {sequence}. Next: relais serve")
    } else {
        format!("Nothing new: manifest {sequence} of {structure} was known.")
    };
    let json = json!({ "peer_id": structure.to_string(), "manifest_sequence": sequence, "new": news });
    Ok(Answer::new(json, text))
}

/// The partners of the node.
async fn partners(home: &Home, store: &Arc<SqliteStore>) -> Result<Peers, Failure> {
    let chain = init::read_chain(&**store).await.map_err(io_failure)?;
    home.settle(chain.current().root()).map_err(home_failure)?;
    let secrets = home.secrets().map_err(home_failure)?;
    let own = Arc::new(Own::new(chain, secrets.signing, vec![secrets.sealing]));
    let dice = Dice::system().map_err(|error| Failure::new(Exit::Internal, error.to_string()))?;
    let store = Arc::<SqliteStore>::clone(store);
    Peers::load(store, own, Clock::system(), dice).await.map_err(io_failure)
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
