//! How the program ends: exit codes, and the one shape of every error.
//!
//! | Code | Meaning |
//! |---|---|
//! | 0 | done |
//! | 1 | a step of the demo did not come true |
//! | 64 | the command line or the configuration is wrong |
//! | 65 | the input was refused; the message names the field |
//! | 69 | the node is not running, or cannot be reached |
//! | 70 | the program or the node failed: a defect |
//! | 73 | something cannot be created |
//! | 74 | reading or writing failed |
//! | 77 | not permitted |
//!
//! An error says what to do next and never repeats a value that may concern a person.

use serde_json::{Value, json};
use std::error::Error as _;
use std::io;
use tonic::{Code, Status};

/// Metadata key under which the node names the wrong field.
const FIELD_KEY: &str = "relais-field";
/// Metadata key under which the node gives the refusal's code.
const CODE_KEY: &str = "relais-code";
/// The code of a node that is there, but could not read or write: its disk is full, for instance.
const STORE_CODE: &str = "store";
/// The code of a node that went away, or fell silent, before it had said what became of a call.
pub(crate) const LOST_CODE: &str = "lost";
/// What is said then of any call.
const LOST: &str = "the node stopped answering before it had said what became of this: start it again (`relais serve`), \
                    look whether it was done (`relais status`, `relais inbox`), and do it again if not";

/// Fields of the Desk that have another name on the command line.
const TYPED: [(&str, &str); 10] = [
    ("until_ms", "--until"),
    ("valid_until_ms", "--valid-until"),
    ("validity_hours", "--hours"),
    ("waiting_days", "--waiting-days"),
    ("capacity.waiting_days", "--waiting-days"),
    ("capacity.places", "--places"),
    ("territories", "--territory"),
    ("structure_id", "structure"),
    ("peer_id", "partner"),
    ("subject_id", "partner"),
];

/// An exit code other than 0, as in `sysexits.h`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Exit {
    /// A step of the demo did not come true.
    StoryBroken = 1,
    /// The command line or the configuration is wrong.
    Usage = 64,
    /// The input was refused.
    Input = 65,
    /// The node cannot be reached.
    Unavailable = 69,
    /// A defect.
    Internal = 70,
    /// Something cannot be created.
    CannotCreate = 73,
    /// Reading or writing failed.
    Io = 74,
    /// Not permitted.
    NotPermitted = 77,
}

impl Exit {
    /// The number the process ends with.
    pub(crate) fn number(self) -> u8 {
        self as u8
    }

    /// The code used when the node gave none.
    fn code(self) -> &'static str {
        match self {
            Self::StoryBroken => "story_broken",
            Self::Usage => "usage",
            Self::Input => "input",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
            Self::CannotCreate => "cannot_create",
            Self::Io => "io",
            Self::NotPermitted => "not_permitted",
        }
    }
}

/// Why a command was not done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Failure {
    /// The exit code.
    pub(crate) exit: Exit,
    /// A stable code for scripts.
    pub(crate) code: String,
    /// A sentence that says what to do next.
    pub(crate) message: String,
    /// The field that is wrong, if one is.
    pub(crate) field: Option<String>,
}

impl Failure {
    /// A failure with this exit code and sentence.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, code: exit.code().to_owned(), message: message.into(), field: None }
    }

    /// The command line or the configuration is wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// A field of the input is wrong.
    pub(crate) fn input(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(Exit::Input, message) }
    }

    /// Reading or writing `what` failed.
    pub(crate) fn io(what: impl std::fmt::Display, error: &io::Error) -> Self {
        let exit =
            if error.kind() == io::ErrorKind::PermissionDenied { Exit::NotPermitted } else { Exit::Io };
        Self::new(exit, format!("{what}: {error}"))
    }

    /// The same with another code.
    pub(crate) fn with_code(self, code: impl Into<String>) -> Self {
        Self { code: code.into(), ..self }
    }

    /// One line for a human; the field stands in front unless the sentence begins with it.
    pub(crate) fn line(&self) -> String {
        let typed = |field: &str| TYPED.iter().find(|(name, _)| *name == field).map(|(_, typed)| *typed);
        // A sentence may name the field itself, in front.
        let (named, sentence) = match self.message.split_once(": ") {
            Some((front, rest)) if typed(front).is_some() || self.field.as_deref() == Some(front) => {
                (Some(front), rest)
            }
            Some(_) | None => (self.field.as_deref(), self.message.as_str()),
        };
        match named {
            Some(field) if !sentence.starts_with(field) => {
                format!("error: {}: {sentence}", typed(field).unwrap_or(field))
            }
            Some(_) | None => format!("error: {sentence}"),
        }
    }

    /// The same for scripts.
    pub(crate) fn json(&self) -> Value {
        json!({ "error": { "code": self.code, "message": self.message, "field": self.field } })
    }
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        // What a node says is read off the wire and has no cause; what the way to it says has one.
        if status.source().is_some() {
            return Self::new(Exit::Unavailable, LOST).with_code(LOST_CODE);
        }
        let said = |key| status.metadata().get(key).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let code = said(CODE_KEY);
        let exit = if code.as_deref() == Some(STORE_CODE) { Exit::Io } else { exit_of(status.code()) };
        let message = match (status.message(), status.code()) {
            ("", Code::Unimplemented) => "the node is older than this program and cannot do this".to_owned(),
            ("", code) => format!("the node answered without a word ({code:?}); see its log"),
            (message, _) => message.to_owned(),
        };
        let code = code.unwrap_or_else(|| exit.code().to_owned());
        Self { exit, code, message, field: said(FIELD_KEY) }
    }
}

fn exit_of(code: Code) -> Exit {
    match code {
        Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::FailedPrecondition
        | Code::Aborted
        | Code::OutOfRange => Exit::Input,
        Code::PermissionDenied | Code::Unauthenticated => Exit::NotPermitted,
        Code::Cancelled | Code::DeadlineExceeded | Code::ResourceExhausted | Code::Unavailable => {
            Exit::Unavailable
        }
        Code::Ok | Code::Unknown | Code::Unimplemented | Code::Internal | Code::DataLoss => Exit::Internal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic::metadata::MetadataMap;

    #[test]
    fn a_refusal_of_the_node_keeps_its_sentence_field_and_code() {
        let mut metadata = MetadataMap::new();
        metadata.insert(FIELD_KEY, "need.themes".parse().expect("a plain value"));
        metadata.insert(CODE_KEY, "field".parse().expect("a plain value"));
        let status = Status::with_metadata(Code::InvalidArgument, "one theme at least", metadata);
        let failure = Failure::from(status);
        assert_eq!(failure.exit, Exit::Input);
        assert_eq!(failure.line(), "error: need.themes: one theme at least");
        let expected = json!({ "error": {
            "code": "field", "message": "one theme at least", "field": "need.themes"
        } });
        assert_eq!(failure.json(), expected);
    }

    #[test]
    fn the_field_is_not_said_twice() {
        let failure = Failure::input("note", "note: is too long");
        assert_eq!(failure.line(), "error: note: is too long");
    }

    #[test]
    fn an_error_names_the_option_that_was_typed() {
        let said = |field: &str, message: &str| Failure::input(field, message).line();
        assert_eq!(said("until_ms", "30 days at least"), "error: --until: 30 days at least");
        assert_eq!(said("until_ms", "until_ms: 30 days at least"), "error: --until: 30 days at least");
        assert_eq!(said("structure_id", "nobody recommends it"), "error: structure: nobody recommends it");
        let inside = Failure::new(Exit::Input, "capacity.waiting_days: at most 730");
        assert_eq!(inside.line(), "error: --waiting-days: at most 730");
        assert_eq!(Failure::input("until_ms", "x").json()["error"]["field"], "until_ms");
    }

    #[test]
    fn a_node_that_cannot_write_is_no_node_that_is_away() {
        let mut metadata = MetadataMap::new();
        metadata.insert(CODE_KEY, STORE_CODE.parse().expect("a plain value"));
        let status = Status::with_metadata(Code::Unavailable, "the disk is full", metadata);
        assert_eq!(Failure::from(status).exit, Exit::Io);
        assert_eq!(Failure::from(Status::unavailable("no node")).exit, Exit::Unavailable);
    }

    #[test]
    fn a_node_that_went_away_is_no_defect_and_no_jargon() {
        let broken = Status::from_error(Box::new(io::Error::from(io::ErrorKind::ConnectionReset)));
        let failure = Failure::from(broken);
        assert_eq!((failure.exit, failure.code.as_str()), (Exit::Unavailable, LOST_CODE));
        assert!(failure.message.starts_with("the node stopped answering"), "{}", failure.message);
    }

    #[test]
    fn every_status_has_its_exit_code() {
        assert_eq!(exit_of(Code::PermissionDenied), Exit::NotPermitted);
        assert_eq!(exit_of(Code::Unavailable), Exit::Unavailable);
        assert_eq!(exit_of(Code::Internal), Exit::Internal);
        assert_eq!(Failure::from(Status::unimplemented("")).exit.number(), 70);
        assert!(Failure::from(Status::internal("")).message.contains("see its log"));
    }
}
