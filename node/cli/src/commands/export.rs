//! Exports in data·inclusion v1: written as they come, to standard output or into a file.

use super::Context;
use crate::answer::Answer;
use crate::exit::{Exit, Failure};
use clap::{ArgGroup, Args, ValueEnum};
use relais_proto::desk::v1::{ExportFormat, ExportServicesRequest};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// How everything is asked for.
const FRANCE: &str = "france";

/// What is written as a table.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Table {
    /// The services.
    Services,
    /// The structures.
    Structures,
}

/// How an export is written.
#[derive(Args, Debug)]
struct Form {
    /// Write a table instead of JSON: of the services, or of the structures
    #[arg(long, value_name = "OF", num_args = 0..=1, default_missing_value = "services")]
    csv: Option<Table>,
    /// The file to write; it must not exist yet (standard output when left out)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// An export of this structure.
#[derive(Args, Debug)]
#[command(after_help = "\
What is exported is imported again without a change. No cell of a table is run by a spreadsheet: what it would run begins
with an apostrophe, which an import takes off.

Examples:
  relais service export > services.json
  relais service export --csv --out services.csv
  relais service export --csv structures")]
pub(crate) struct ServiceExportArgs {
    #[command(flatten)]
    form: Form,
}

/// An export of a territory.
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("extent").required(true).args(["departement", "france"]))]
#[command(after_help = "\
Everything that lies in the département or is open to people from there. `extra` says of each whether it is signed, by whom
and when, or unverified, and from which source.

Examples:
  relais directory export --departement 17 > 17.json
  relais directory export --departement 2A --csv --out 2A.csv
  relais directory export --france --csv structures")]
pub(crate) struct DirectoryExportArgs {
    /// Code of the département
    #[arg(long, value_name = "CODE")]
    departement: Option<String>,
    /// Everything
    #[arg(long)]
    france: bool,
    #[command(flatten)]
    form: Form,
}

/// Writes this structure's services.
///
/// # Errors
/// [`Failure`] when it cannot be written.
pub(super) async fn of_own(args: ServiceExportArgs, context: &Context) -> Result<Answer, Failure> {
    export(String::new(), args.form, context).await
}

/// Writes what is known of a territory.
///
/// # Errors
/// [`Failure`] when the département is not known, or it cannot be written.
pub(super) async fn of_territory(args: DirectoryExportArgs, context: &Context) -> Result<Answer, Failure> {
    let territory = args.departement.filter(|_| !args.france).unwrap_or_else(|| FRANCE.to_owned());
    export(territory, args.form, context).await
}

async fn export(territory: String, form: Form, context: &Context) -> Result<Answer, Failure> {
    let format = match form.csv {
        None => ExportFormat::Json,
        Some(Table::Services) => ExportFormat::ServicesCsv,
        Some(Table::Structures) => ExportFormat::StructuresCsv,
    };
    let request = ExportServicesRequest { format: format.into(), territory };
    let mut pieces = context.desk().await?.export_services(request).await?.into_inner();
    // What is refused is told by the first piece: no file is made for it.
    let mut piece = pieces.message().await?;
    let mut out = Out::open(form.out.as_deref())?;
    while let Some(given) = piece {
        out.write(&given.data)?;
        piece = match pieces.message().await {
            Ok(piece) => piece,
            Err(status) => {
                out.discard();
                return Err(status.into());
            }
        };
    }
    out.end()
}

/// Where an export goes.
enum Out<'p> {
    Standard(u64),
    File(File, &'p Path, u64),
}

impl<'p> Out<'p> {
    fn open(path: Option<&'p Path>) -> Result<Self, Failure> {
        let Some(path) = path else { return Ok(Self::Standard(0)) };
        let file = File::options().write(true).create_new(true).open(path).map_err(|error| {
            Failure::new(Exit::CannotCreate, format!("{}: {error}; choose another name", path.display()))
        })?;
        Ok(Self::File(file, path, 0))
    }

    fn write(&mut self, data: &[u8]) -> Result<(), Failure> {
        let more = u64::try_from(data.len()).unwrap_or(u64::MAX);
        match self {
            Self::Standard(bytes) => {
                *bytes += more;
                match io::stdout().lock().write_all(data) {
                    Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                        Err(Failure::io("the output", &error))
                    }
                    Ok(()) | Err(_) => Ok(()),
                }
            }
            Self::File(file, path, bytes) => {
                *bytes += more;
                file.write_all(data).map_err(|error| Failure::io(path.display(), &error))
            }
        }
    }

    /// Half an export is none.
    fn discard(&self) {
        if let Self::File(_, path, _) = self {
            let _ = std::fs::remove_file(path);
        }
    }

    fn end(self) -> Result<Answer, Failure> {
        match self {
            Self::Standard(_) => Ok(Answer::new(Value::Null, "")),
            Self::File(file, path, bytes) => {
                file.sync_all().map_err(|error| Failure::io(path.display(), &error))?;
                let shown = path.display().to_string();
                Ok(Answer::new(json!({ "file": shown, "bytes": bytes }), format!("{shown}: {bytes} bytes")))
            }
        }
    }
}
