//! From an error to a gRPC status: a sentence for the user, a stable code, and the field that is wrong.

use crate::engine::EngineError;
use relais_domain::refusal::Refusal;
use relais_wire::content::ContentError;
use tonic::metadata::MetadataValue;
use tonic::{Code, Status};

/// A status with the refusal's code and, if one is wrong, its field.
pub(super) fn refused(status: Code, code: &str, field: Option<&str>, sentence: String) -> Status {
    let mut answer = Status::new(status, sentence);
    if let Ok(value) = MetadataValue::try_from(code) {
        answer.metadata_mut().insert("relais-code", value);
    }
    if let Some(value) = field.and_then(|field| MetadataValue::try_from(field).ok()) {
        answer.metadata_mut().insert("relais-field", value);
    }
    answer
}

/// A field of a request is wrong.
pub(super) fn field(field: &str, problem: &str) -> Status {
    refused(Code::InvalidArgument, "field", Some(field), format!("{field}: {problem}"))
}

/// Someone changed it since it was looked at.
pub(super) fn changed() -> Status {
    let sentence = "someone changed it meanwhile: look at it again".to_owned();
    refused(Code::FailedPrecondition, "changed", None, sentence)
}

/// Not yours and not there are the same answer.
pub(super) fn not_there() -> Status {
    refused(Code::NotFound, "not_there", None, "there is nothing of this name here".to_owned())
}

/// A content that the caller wrote cannot be read.
pub(super) fn content(error: &ContentError) -> Status {
    let sentence = error.to_string();
    let field = sentence.split(':').next().map(str::to_owned);
    refused(Code::InvalidArgument, "content", field.as_deref(), sentence)
}

/// What the engine answered.
pub(super) fn engine(error: EngineError) -> Status {
    match error {
        EngineError::Refused(refusal) => refusal_status(&refusal),
        EngineError::Busy => refused(Code::Aborted, "busy", None, error.to_string()),
        EngineError::Store(_) => {
            tracing::error!(%error, "The store could not answer");
            refused(Code::Unavailable, "store", None, error.to_string())
        }
        EngineError::Corrupt(_) => {
            tracing::error!(%error, "Stored data contradicts itself");
            refused(
                Code::Internal,
                "corrupt",
                None,
                "stored data contradicts itself: see the node's log".to_owned(),
            )
        }
    }
}

fn refusal_status(refusal: &Refusal) -> Status {
    let sentence = refusal.to_string();
    match refusal {
        Refusal::UnknownThread => not_there(),
        Refusal::Field(error) => refused(Code::InvalidArgument, "field", Some(error.field), sentence),
        Refusal::Missing(class) => refused(Code::InvalidArgument, "missing", Some(class.as_str()), sentence),
        Refusal::ConsentMissing => refused(Code::InvalidArgument, "consent", Some("consent"), sentence),
        Refusal::Consent(_) => {
            let field = sentence.split(':').next().unwrap_or("consent").to_owned();
            refused(Code::FailedPrecondition, "consent", Some(&field), sentence)
        }
        Refusal::UnknownPeer | Refusal::PeerSuspended => {
            refused(Code::FailedPrecondition, "partner", Some("recipient"), sentence)
        }
        Refusal::FollowUpNotHeld => {
            refused(Code::FailedPrecondition, "follow_up", Some("follow_up"), sentence)
        }
        Refusal::RoleNotAllowed => refused(Code::PermissionDenied, "role", None, sentence),
        Refusal::NotAllowed { .. }
        | Refusal::WrongRecipient
        | Refusal::WrongSigner
        | Refusal::ThreadExists
        | Refusal::ChainForked
        | Refusal::ChainBroken
        | Refusal::OutOfOrder
        | Refusal::ThreadFrozen
        | Refusal::ChainTooLong
        | Refusal::FromTheFuture
        | Refusal::ContentGone => refused(Code::FailedPrecondition, "not_allowed", None, sentence),
    }
}
