//! What happens on the way: an appointment, a note, the end. Words come from a file or are asked for.

use super::send::Target;
use crate::codes::{Code as _, Words};
use crate::commands::Context;
use crate::exit::Failure;
use crate::input::read_text;
use crate::when::When;
use clap::Args;
use relais_domain::content::Outcome;
use relais_proto::desk::v1::act_request::{self as act, Act};
use std::path::{Path, PathBuf};

/// Sets an appointment.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  relais schedule 3f2a --at 2026-12-01T10:00
  echo '12 rue Exemple, La Rochelle' | relais schedule 3f2a --at +3d --place-from -")]
pub(crate) struct ScheduleArgs {
    #[command(flatten)]
    pub(super) target: Target,
    /// When
    #[arg(long, value_name = "DATE", value_parser = When::parse)]
    at: When,
    /// Read the place from a file; `-` for standard input. Asked on a terminal
    #[arg(long, value_name = "FILE")]
    place_from: Option<PathBuf>,
}

impl ScheduleArgs {
    pub(super) fn act(&self, context: &Context) -> Result<Act, Failure> {
        let appointment_ms = self.at.instant("at", context.now())?.0;
        let place = text_or_ask(self.place_from.as_ref(), context, "Where? (Enter when the person knows)")?;
        Ok(Act::Schedule(act::Schedule { appointment_ms, place }))
    }
}

/// Closes.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  relais close 3f2a --outcome need_met
  relais close 3f2a --outcome need_partly_met --account-from words.txt")]
pub(crate) struct CloseArgs {
    #[command(flatten)]
    pub(super) target: Target,
    /// What came of it
    #[arg(long, value_parser = Words::<Outcome>::any())]
    outcome: Outcome,
    /// Read the person's own account from a file; `-` for standard input. Asked on a terminal
    #[arg(long, value_name = "FILE")]
    account_from: Option<PathBuf>,
}

impl CloseArgs {
    pub(super) fn act(&self, context: &Context) -> Result<Act, Failure> {
        let question = "The person's own account, at most 280 characters (Enter for none)";
        let account = text_or_ask(self.account_from.as_ref(), context, question)?;
        Ok(Act::Close(act::Close { outcome: self.outcome.wire(), account }))
    }
}

/// Writes a note.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  relais note 3f2a                      # asks, or reads standard input
  relais note 3f2a --from note.txt")]
pub(crate) struct NoteArgs {
    #[command(flatten)]
    pub(super) target: Target,
    /// Read the note from a file; `-` for standard input
    #[arg(long = "from", value_name = "FILE")]
    from: Option<PathBuf>,
}

impl NoteArgs {
    pub(super) fn act(&self, context: &Context) -> Result<Act, Failure> {
        let asked = match &self.from {
            Some(path) => Some(read_text(path)?),
            None => context.ask(|prompt| prompt.text("The note, at most 280 characters"))?,
        };
        let text = asked.map_or_else(|| read_text(Path::new("-")), Ok)?;
        Ok(Act::Note(act::WriteNote { text: text.trim().to_owned() }))
    }
}

/// A text from a file, or from a question when someone is there; `None` when there is none.
fn text_or_ask(path: Option<&PathBuf>, context: &Context, question: &str) -> Result<Option<String>, Failure> {
    let text = match path {
        Some(path) => Some(read_text(path)?),
        None => context.ask(|prompt| prompt.line(question))?,
    };
    Ok(text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
}
