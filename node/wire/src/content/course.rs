//! The class `course`: what happened, as far as the feedback level lets it leave.

use super::{ContentError, of};
use crate::field::{self, BadField};
use relais_domain::class::DataClass;
use relais_domain::content::{Course, Outcome, Reason, Suggestion};
use relais_domain::id::ServiceId;
use relais_domain::limits;
use relais_domain::time::Timestamp;
use relais_proto::peer::v1 as proto;

/// The message of class `course`.
pub fn course_to_proto(course: &Course) -> proto::Course {
    let suggestions = course.suggestions.iter().map(|suggestion| proto::Suggestion {
        structure_id: suggestion.structure.as_bytes().to_vec(),
        service_id: suggestion.service.as_str().to_owned(),
    });
    proto::Course {
        appointment_ms: course.appointment.map(|instant| instant.0),
        place: course.place.as_ref().map(|place| place.expose().clone()),
        review_ms: course.review.map(|instant| instant.0),
        reason: course.reason.map(|reason| reason.number().cast_signed()),
        outcome: course.outcome.map(|outcome| outcome.number().cast_signed()),
        account: course.account.as_ref().map(|account| account.expose().clone()),
        suggestions: suggestions.collect(),
        voids_sequence: course.voids,
    }
}

/// Reads the message of class `course`.
///
/// # Errors
/// [`ContentError`] names the first wrong field.
pub fn course_from_proto(message: proto::Course) -> Result<Course, ContentError> {
    course(message).map_err(of(DataClass::Course))
}

fn course(message: proto::Course) -> Result<Course, BadField> {
    let suggestions = field::list("suggestions", message.suggestions, limits::SUGGESTIONS_MAX)?;
    Ok(Course {
        appointment: message.appointment_ms.map(Timestamp),
        place: field::optional_personal("place", message.place)?,
        review: message.review_ms.map(Timestamp),
        reason: field::optional_code("reason", message.reason, Reason::from_number)?,
        outcome: field::optional_code("outcome", message.outcome, Outcome::from_number)?,
        account: field::optional_personal("account", message.account)?,
        suggestions: suggestions.iter().map(suggestion).collect::<Result<_, _>>()?,
        voids: message.voids_sequence.map(|one| field::nonzero("voids_sequence", one)).transpose()?,
    })
}

fn suggestion(message: &proto::Suggestion) -> Result<Suggestion, BadField> {
    Ok(Suggestion {
        structure: field::structure("suggestions.structure_id", &message.structure_id)?,
        service: field::valid("suggestions.service_id", ServiceId::parse(&message.service_id))?,
    })
}
