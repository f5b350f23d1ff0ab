//! The classes of stage 2: what may leave only after the receiver accepted.

use super::{ContentError, of};
use crate::field::{self, BadField};
use relais_domain::class::DataClass;
use relais_domain::content::{Caution, Contact, HandoverContent, Name, Reach};
use relais_domain::limits;
use relais_domain::personal::Personal;
use relais_domain::time::Day;
use relais_proto::peer::v1 as proto;

/// The message of class `name`.
pub fn name_to_proto(name: &Name) -> proto::Name {
    proto::Name { given: name.given.expose().clone(), family: name.family.expose().clone() }
}

/// Reads the message of class `name`.
///
/// # Errors
/// [`ContentError`] names the first wrong field.
pub fn name_from_proto(message: proto::Name) -> Result<Name, ContentError> {
    name(message).map_err(of(DataClass::Name))
}

fn name(message: proto::Name) -> Result<Name, BadField> {
    Ok(Name {
        given: field::personal("given", message.given)?,
        family: field::personal("family", message.family)?,
    })
}

/// The message of class `contact`.
pub fn contact_to_proto(contact: &Contact) -> proto::Contact {
    proto::Contact {
        reach: contact.reach.number().cast_signed(),
        detail: contact.detail.as_ref().map(|detail| detail.expose().clone()),
        language: contact.language.clone(),
        cautions: field::numbers(&contact.cautions, Caution::number),
    }
}

/// Reads the message of class `contact`.
///
/// # Errors
/// [`ContentError`] names the first wrong field.
pub fn contact_from_proto(message: proto::Contact) -> Result<Contact, ContentError> {
    contact(message).map_err(of(DataClass::Contact))
}

fn contact(message: proto::Contact) -> Result<Contact, BadField> {
    Ok(Contact {
        reach: field::code("reach", message.reach, Reach::from_number)?,
        detail: field::optional_personal("detail", message.detail)?,
        language: message.language.map(|code| field::language("language", code)).transpose()?,
        cautions: field::codes("cautions", &message.cautions, Caution::from_number)?,
    })
}

/// The message of class `handover`.
pub fn handover_to_proto(handover: &HandoverContent) -> proto::Handover {
    let deadlines = handover
        .deadlines
        .iter()
        .map(|(day, what)| proto::HandoverDeadline { day: day.0, what: what.expose().clone() });
    proto::Handover {
        done: field::exposed(&handover.done),
        pending: field::exposed(&handover.pending),
        deadlines: deadlines.collect(),
        goals: field::exposed(&handover.goals),
    }
}

/// Reads the message of class `handover`.
///
/// # Errors
/// [`ContentError`] names the first wrong field.
pub fn handover_from_proto(message: proto::Handover) -> Result<HandoverContent, ContentError> {
    handover(message).map_err(of(DataClass::Handover))
}

fn handover(message: proto::Handover) -> Result<HandoverContent, BadField> {
    let deadlines = field::list("deadlines", message.deadlines, limits::LIST_ENTRIES_MAX)?;
    Ok(HandoverContent {
        done: field::personals("done", message.done)?,
        pending: field::personals("pending", message.pending)?,
        deadlines: deadlines
            .into_iter()
            .map(|one| Ok((Day(one.day), field::personal("deadlines.what", one.what)?)))
            .collect::<Result<_, BadField>>()?,
        goals: field::personals("goals", message.goals)?,
    })
}

/// The message of class `documents`.
pub fn documents_to_proto(titles: &[Personal<String>]) -> proto::Documents {
    proto::Documents { titles: field::exposed(titles) }
}

/// Reads the message of class `documents`.
///
/// # Errors
/// [`ContentError`] names the first wrong field.
pub fn documents_from_proto(message: proto::Documents) -> Result<Vec<Personal<String>>, ContentError> {
    field::personals("titles", message.titles).map_err(of(DataClass::Documents))
}

/// The message of class `sensitive`.
pub fn sensitive_to_proto(text: &Personal<String>) -> proto::Sensitive {
    proto::Sensitive { text: text.expose().clone() }
}

/// Reads the message of class `sensitive`.
///
/// # Errors
/// [`ContentError`] names the first wrong field.
pub fn sensitive_from_proto(message: proto::Sensitive) -> Result<Personal<String>, ContentError> {
    field::personal("text", message.text).map_err(of(DataClass::Sensitive))
}
