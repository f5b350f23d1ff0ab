//! What the node answers, written for scripts (JSON) and for humans (lines). Each view is written once for each.

pub(crate) mod admin;
pub(crate) mod consent;
pub(crate) mod content;
pub(crate) mod directory;
pub(crate) mod endorsement;
pub(crate) mod follow_up;
pub(crate) mod inquiry;
pub(crate) mod introduction;
pub(crate) mod invitation;
pub(crate) mod ledger;
pub(crate) mod open_data;
pub(crate) mod replication;
pub(crate) mod thread;
mod timeline;

use crate::when;
use relais_domain::territory::{self, Territory};
use relais_domain::theme::Theme;
use serde_json::Value;

/// An instant (ms) for scripts.
pub(crate) fn instant(at_ms: i64) -> Value {
    when::machine(at_ms).map_or(Value::Null, Value::String)
}

/// An instant that may be missing, for scripts.
pub(crate) fn maybe_instant(at_ms: Option<i64>) -> Value {
    at_ms.map_or(Value::Null, instant)
}

/// An id that may be missing (empty), for scripts.
pub(crate) fn maybe_id(bytes: &[u8]) -> Value {
    if bytes.is_empty() { Value::Null } else { Value::String(crate::ids::text(bytes)) }
}

/// A structure id that may be missing (empty), for scripts.
pub(crate) fn maybe_structure(bytes: &[u8]) -> Value {
    if bytes.is_empty() { Value::Null } else { Value::String(crate::ids::structure(bytes)) }
}

/// A text that may be missing (empty), for scripts.
pub(crate) fn maybe_text(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { Value::String(text.to_owned()) }
}

/// A theme with its French label, for humans.
pub(crate) fn theme(code: &str) -> String {
    Theme::parse(code).map_or_else(|| code.to_owned(), |theme| theme.label().to_owned())
}

/// A territory with its name, for humans.
pub(crate) fn territory(code: &str) -> String {
    let name = match Territory::parse(code) {
        Ok(Territory::Commune(code)) => Some(code.commune().name()),
        Ok(Territory::Epci(siren)) => territory::epci(&siren.to_string()).map(|epci| epci.name()),
        Ok(Territory::Departement(_) | Territory::Region(_) | Territory::France) | Err(_) => None,
    };
    name.map_or_else(|| code.to_owned(), |name| format!("{name} ({code})"))
}
