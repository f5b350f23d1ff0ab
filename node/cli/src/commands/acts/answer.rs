//! Answering an opening: accepting names the professional to contact, refusing names better doors.

use super::send::Target;
use crate::codes::{Code as _, Words};
use crate::commands::{Context, resolve};
use crate::desk::Desk;
use crate::exit::Failure;
use crate::input::read_text;
use crate::prompt::Prompt;
use crate::reader::{self, Object};
use crate::when::When;
use clap::Args;
use relais_domain::content::Reason;
use relais_proto::desk::v1::act_request::{self as act, Act};
use relais_proto::peer::v1 as peer;
use std::path::PathBuf;

/// Accepts.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
The professional whom the sender may contact is you, unless you say otherwise on the terminal or in a file:
  {\"name\": \"Claire Martin\", \"contact\": \"05 00 00 00 00\"}

Examples:
  relais accept 3f2a
  relais accept 3f2a --professional-from claire.json
  relais accept 3f2a --not-before 2026-12-01T09:00      # a handover")]
pub(crate) struct AcceptArgs {
    #[command(flatten)]
    pub(super) target: Target,
    /// Read the professional from a JSON file; `-` for standard input
    #[arg(long, value_name = "FILE")]
    professional_from: Option<PathBuf>,
    /// Handover: responsibility moves not before
    #[arg(long, value_name = "DATE", value_parser = When::parse)]
    not_before: Option<When>,
}

impl AcceptArgs {
    /// The acceptance, with the professional asked for when someone is there.
    pub(in crate::commands) fn act(&self, context: &Context) -> Result<Act, Failure> {
        let professional = match &self.professional_from {
            Some(path) => Some(read_professional(&read_text(path)?)?),
            None => context.ask(ask_professional)?.flatten(),
        };
        let not_before = self.not_before.map(|when| when.instant("not_before", context.now())).transpose()?;
        Ok(Act::Accept(act::Accept { professional, not_before_ms: not_before.map(|at| at.0) }))
    }

    /// On which thread.
    pub(in crate::commands) fn target(&self) -> Target {
        self.target.clone()
    }
}

/// Refuses.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  relais refuse 3f2a --reason full
  relais refuse 3f2a --reason better_served_elsewhere --suggest 'Emmaüs Connect=hub-17--acces-internet'")]
pub(crate) struct RefuseArgs {
    #[command(flatten)]
    pub(super) target: Target,
    /// Why
    #[arg(long, value_parser = Words::of(Reason::REFUSALS))]
    reason: Reason,
    /// A better door: partner (name or id) and service; may be given up to five times
    #[arg(long = "suggest", value_name = "PARTNER=SERVICE")]
    suggestions: Vec<String>,
}

impl RefuseArgs {
    /// The refusal, its better doors found among the partners.
    pub(in crate::commands) async fn act(&self, desk: &mut Desk) -> Result<Act, Failure> {
        let mut suggestions = Vec::new();
        for typed in &self.suggestions {
            let (partner, service) = typed.split_once('=').ok_or_else(|| {
                Failure::usage("--suggest: write PARTNER=SERVICE, as `relais find` shows them")
            })?;
            let structure = resolve::peer(desk, "suggest", partner).await?;
            let service_id = service.trim().to_owned();
            suggestions.push(peer::Suggestion { structure_id: structure.as_bytes().to_vec(), service_id });
        }
        Ok(Act::Refuse(act::Refuse { reason: self.reason.wire(), suggestions }))
    }

    /// On which thread.
    pub(in crate::commands) fn target(&self) -> Target {
        self.target.clone()
    }
}

/// Reads a professional from JSON.
pub(in crate::commands) fn read_professional(text: &str) -> Result<peer::Professional, Failure> {
    let value = reader::json("professional", text)?;
    let whole = Object::whole(&value)?;
    let name = whole.text("name")?.ok_or_else(|| Failure::input("professional.name", "is missing"))?;
    let contact =
        whole.text("contact")?.ok_or_else(|| Failure::input("professional.contact", "is missing"))?;
    whole.done()?;
    Ok(peer::Professional { name, contact })
}

/// Asks for a professional; `None` when Enter leaves it to the node, which takes the caller.
fn ask_professional(prompt: &mut Prompt<'_>) -> Result<Option<peer::Professional>, Failure> {
    let name = prompt.line("Work name of the professional to contact (Enter: you)")?;
    if name.is_empty() {
        return Ok(None);
    }
    let contact = prompt.text("Their work phone or e-mail")?;
    Ok(Some(peer::Professional { name, contact }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_professional_is_read_whole_or_not_at_all() {
        let read = read_professional(r#"{"name":"Claire","contact":"05"}"#).expect("whole");
        assert_eq!((read.name.as_str(), read.contact.as_str()), ("Claire", "05"));
        let failure = read_professional(r#"{"name":"Claire"}"#).expect_err("no contact");
        assert_eq!(failure.field.as_deref(), Some("professional.contact"));
        assert!(!failure.line().contains("Claire"));
    }
}
