//! `relais identity rotate`: the root on the recovery sheet takes over. The new sheet is handed out before anything is
//! changed, and whatever fails afterwards says which of the two sheets counts.

use super::{rotation_failure, sheet};
use crate::answer::{Answer, Format};
use crate::exit::{Exit, Failure};
use crate::input::read_text;
use crate::lines::Lines;
use crate::prompt;
use clap::Args;
use relais_server::clock::{Clock, Dice};
use relais_server::home::Home;
use relais_server::rotation::{Rotation, RotationError};
use relais_store_sqlite::SqliteStore;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use std::io;
use std::path::PathBuf;

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
pub(super) struct RotateArgs {
    /// Read the recovery sheet from this file, or from standard input for `-`
    #[arg(long, value_name = "FILE")]
    sheet: Option<PathBuf>,
}

pub(super) async fn rotate(
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
