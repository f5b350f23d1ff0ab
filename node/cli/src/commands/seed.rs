//! Seeding open data: the files are read in pieces and sent on, so that no dump is ever in memory.

use super::Context;
use crate::answer::Answer;
use crate::exit::{Failure, LOST_CODE};
use crate::input::is_standard_input;
use crate::progress::Progress;
use crate::views::open_data;
use clap::Args;
use relais_proto::desk::v1::{
    OpenDataStatusRequest, SeedEnd, SeedFile, SeedPiece, SeedProgress, SeedRemark, SeedReport,
};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// Bytes of one piece.
const PIECE_BYTES: usize = 65_536;
/// Pieces that may wait to be sent.
const WAITING_MAX: usize = 2;
/// Longest name of a file that is sent, in characters.
const NAME_CHARS_MAX: usize = 200;

/// A dump.
#[derive(Args, Debug)]
#[command(after_help = "\
The files are JSON, JSON Lines or CSV, of structures, services or both, as data·inclusion publishes them. What the same
source had before is replaced when the whole dump was read: give all of its files in one run. A run that breaks off
changes nothing. Nobody vouches for these entries; a signed record of the same structure takes their place.

A service needs source, id, structure_id, nom, description and date_maj; a structure source, id, nom and date_maj. An
entry that is refused does not keep the others from being loaded: the report says which, and why, and the exit code is
then 65, as that of `relais service import`.

Examples:
  relais directory seed services-inclusion.json structures-inclusion.json
  relais directory seed services.csv structures.csv --source departement-17
  relais directory seed dump.jsonl --json > report.json")]
pub(crate) struct SeedArgs {
    /// The files of the dump; `-` for standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// What the source is called
    #[arg(long, value_name = "NAME", default_value = "data-inclusion")]
    source: String,
}

/// What a run has told.
pub(crate) struct Seeded {
    /// The source.
    pub(crate) source: String,
    /// How many structures were held of it before, if any.
    pub(crate) structures_before: Option<u32>,
    /// The files, in order.
    pub(crate) files: Vec<String>,
    /// How far it went.
    pub(crate) progress: SeedProgress,
    /// What is to be said of single entries.
    pub(crate) remarks: Vec<SeedRemark>,
    /// What became of the dump.
    pub(crate) report: SeedReport,
}

/// Does it.
///
/// # Errors
/// [`Failure`] when a file cannot be read, or the node refuses the dump.
pub(super) async fn run(args: SeedArgs, context: &Context) -> Result<Answer, Failure> {
    let mut progress = Progress::new(context.progress(), bytes_of(&args.files)?);
    let mut desk = context.desk().await?;
    let held = desk.open_data_status(OpenDataStatusRequest {}).await?.into_inner().sources;
    let held = held.into_iter().find(|source| source.name == args.source.trim());
    let (pieces, sent) = mpsc::channel(WAITING_MAX);
    let (files, source) = (args.files.clone(), args.source.clone());
    let reading = tokio::task::spawn_blocking(move || send(&files, &source, &pieces));
    let answers = async {
        let mut answers = desk.seed_directory(ReceiverStream::new(sent)).await?.into_inner();
        let (mut remarks, mut last) = (Vec::new(), None);
        while let Some(mut answer) = answers.message().await? {
            progress.show(answer.bytes, &format!("{} services", answer.services));
            remarks.append(&mut answer.remarks);
            last = Some(answer);
        }
        Ok::<_, tonic::Status>((remarks, last))
    };
    let answered = answers.await;
    progress.end();
    // A file that cannot be read explains why the node was left waiting.
    let sent = match reading.await {
        Ok(read) => read?,
        Err(_) => Sent::Part,
    };
    let (remarks, last) = answered.map_err(|status| lost(status.into(), sent))?;
    let without = || Failure::from(tonic::Status::internal("the node did not say what became of the dump"));
    let mut progress = last.ok_or_else(without)?;
    let report = progress.report.take().ok_or_else(without)?;
    let files = args.files.iter().map(|file| file.display().to_string()).collect();
    let structures_before = held.map(|source| source.structures);
    Ok(open_data::seeded(&Seeded {
        source: args.source,
        structures_before,
        files,
        progress,
        remarks,
        report,
    }))
}

/// How much of the dump was sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Sent {
    /// Not all of it: the node takes none.
    Part,
    /// All of it.
    Whole,
}

/// What a node that went away left behind: a dump that was not sent whole has changed nothing.
fn lost(failure: Failure, sent: Sent) -> Failure {
    if failure.code != LOST_CODE {
        return failure;
    }
    let message = match sent {
        Sent::Part => {
            "the node stopped answering before it had the whole dump: nothing was changed, what the source had before \
             is still held; start the node again (`relais serve`), and seed again"
        }
        Sent::Whole => {
            "the node stopped answering before it had said what became of the dump: start it again (`relais serve`); \
             it holds either all of the dump or what the source had before, `relais directory status` shows which"
        }
    };
    Failure { message: message.to_owned(), ..failure }
}

/// How many bytes the files have; `None` when that cannot be known before they are read.
fn bytes_of(files: &[PathBuf]) -> Result<Option<u64>, Failure> {
    let mut bytes = Some(0);
    for file in files {
        if is_standard_input(file) {
            bytes = None;
            continue;
        }
        let metadata = std::fs::metadata(file).map_err(|error| Failure::io(file.display(), &error))?;
        bytes = bytes.filter(|_| metadata.is_file()).map(|bytes| bytes + metadata.len());
    }
    Ok(bytes)
}

/// Sends the files, piece by piece. Nobody listening any more is no failure: the answer says why.
fn send(files: &[PathBuf], source: &str, pieces: &mpsc::Sender<SeedPiece>) -> Result<Sent, Failure> {
    let mut bytes = 0;
    for (place, path) in files.iter().enumerate() {
        let shown = path.display().to_string();
        let name = shown.chars().take(NAME_CHARS_MAX).collect();
        let source = if place == 0 { source.to_owned() } else { String::new() };
        let begin = SeedPiece { source, file: Some(SeedFile { name }), ..SeedPiece::default() };
        if pieces.blocking_send(begin).is_err() {
            return Ok(Sent::Part);
        }
        let mut file = open(path)?;
        loop {
            let mut data = Vec::with_capacity(PIECE_BYTES);
            let limit = u64::try_from(PIECE_BYTES).unwrap_or(u64::MAX);
            let read = (&mut file)
                .take(limit)
                .read_to_end(&mut data)
                .map_err(|error| Failure::io(&shown, &error))?;
            if read == 0 {
                break;
            }
            bytes += u64::try_from(read).unwrap_or(u64::MAX);
            if pieces.blocking_send(SeedPiece { data, ..SeedPiece::default() }).is_err() {
                return Ok(Sent::Part);
            }
        }
    }
    let end = SeedPiece { end: Some(SeedEnd { bytes }), ..SeedPiece::default() };
    Ok(if pieces.blocking_send(end).is_ok() { Sent::Whole } else { Sent::Part })
}

fn open(path: &Path) -> Result<Box<dyn Read>, Failure> {
    if is_standard_input(path) {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path).map_err(|error| Failure::io(path.display(), &error))?;
    Ok(Box::new(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_missing_is_told_before_the_node_is_asked() {
        let folder = tempfile::tempdir().expect("a folder");
        let missing = folder.path().join("none.json");
        assert_eq!(bytes_of(&[missing]).expect_err("missing").exit.number(), 74);
        let there = folder.path().join("there.json");
        std::fs::write(&there, "[]").expect("written");
        assert_eq!(bytes_of(&[there.clone(), there.clone()]), Ok(Some(4)));
        assert_eq!(bytes_of(&[there, PathBuf::from("-")]), Ok(None));
    }

    #[test]
    fn a_node_that_went_away_is_told_with_what_became_of_the_dump() {
        let gone = || Failure::new(crate::exit::Exit::Unavailable, "gone").with_code(LOST_CODE);
        assert!(lost(gone(), Sent::Part).message.contains("nothing was changed"));
        let whole = lost(gone(), Sent::Whole);
        assert!(!whole.message.contains("nothing was changed"), "{}", whole.message);
        assert!(whole.message.contains("`relais directory status`"), "{}", whole.message);
        assert_eq!((whole.exit.number(), whole.code.as_str()), (69, LOST_CODE));
        let refused = Failure::input("source", "too long");
        assert_eq!(lost(refused.clone(), Sent::Part), refused);
    }

    #[test]
    fn of_a_dump_that_nobody_takes_any_more_only_a_part_is_sent() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("dump.json");
        std::fs::write(&path, "[]").expect("written");
        let (pieces, mut sent) = mpsc::channel(16);
        assert_eq!(send(std::slice::from_ref(&path), "essai", &pieces), Ok(Sent::Whole));
        sent.close();
        assert_eq!(send(&[path], "essai", &pieces), Ok(Sent::Part));
    }

    #[test]
    fn files_are_sent_in_pieces_and_the_end_says_how_much_they_were() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("dump.json");
        std::fs::write(&path, vec![b'x'; PIECE_BYTES + 10]).expect("written");
        let (pieces, mut sent) = mpsc::channel(16);
        send(&[path.clone(), path], "essai", &pieces).expect("sent");
        drop(pieces);
        let mut all = Vec::new();
        while let Some(piece) = sent.blocking_recv() {
            all.push(piece);
        }
        let sizes: Vec<usize> = all.iter().map(|piece| piece.data.len()).collect();
        assert_eq!(sizes, [0, PIECE_BYTES, 10, 0, PIECE_BYTES, 10, 0]);
        assert_eq!(all.iter().filter(|piece| piece.file.is_some()).count(), 2);
        assert_eq!((all[0].source.as_str(), all[3].source.as_str()), ("essai", ""));
        let end = u64::try_from(2 * (PIECE_BYTES + 10)).expect("it fits");
        assert_eq!(all[6].end, Some(SeedEnd { bytes: end }));
    }
}
