//! The classes of stage 1: what may leave before the answer.

use super::{ContentError, of};
use crate::field::{self, BadField};
use relais_domain::class::DataClass;
use relais_domain::content::{
    Answer, Connection, Constraint, Constraints, Eligibility, Equipment, FeedbackLevel, Level, Need, Note,
    Professional, Question, Reply, Statement, Times, Urgency, YesNo,
};
use relais_domain::id::{ServiceId, SiteId};
use relais_domain::limits;
use relais_domain::territory::Territory;
use relais_domain::time::Timestamp;
use relais_proto::peer::v1 as proto;
use std::collections::{BTreeMap, BTreeSet};

/// The message of class `need`.
pub fn need_to_proto(need: &Need) -> proto::Need {
    proto::Need {
        themes: need.themes.iter().map(|theme| theme.code().to_owned()).collect(),
        urgency: need.urgency.number().cast_signed(),
        territory: need.territory.to_string(),
        service_id: need.service.as_str().to_owned(),
        site_id: need.site.map(|site| site.as_bytes().to_vec()).unwrap_or_default(),
        feedback: need.feedback.number().cast_signed(),
        walk_in_offer: field::digest_bytes(need.walk_in),
    }
}

/// Reads the message of class `need`. A former commune stands for the present one.
///
/// # Errors
/// [`ContentError`] names the first wrong field.
pub fn need_from_proto(message: proto::Need) -> Result<Need, ContentError> {
    need(message).map_err(of(DataClass::Need))
}

fn need(message: proto::Need) -> Result<Need, BadField> {
    let themes = field::list("themes", message.themes, limits::LIST_ENTRIES_MAX)?;
    Ok(Need {
        themes: themes.iter().map(|code| field::theme("themes", code)).collect::<Result<_, _>>()?,
        urgency: field::code("urgency", message.urgency, Urgency::from_number)?,
        territory: field::valid("territory", Territory::parse(&message.territory).ok())?,
        service: field::valid("service_id", ServiceId::parse(&message.service_id))?,
        site: field::optional_bytes("site_id", &message.site_id, SiteId::from_slice)?,
        feedback: field::code("feedback", message.feedback, FeedbackLevel::from_number)?,
        walk_in: field::optional_digest("walk_in_offer", &message.walk_in_offer)?,
    })
}

/// The message of class `constraints`.
pub fn constraints_to_proto(constraints: &Constraints) -> proto::Constraints {
    proto::Constraints { constraints: field::numbers(&constraints.0, Constraint::number) }
}

/// Reads the message of class `constraints`.
///
/// # Errors
/// [`ContentError`] names the first wrong field.
pub fn constraints_from_proto(message: proto::Constraints) -> Result<Constraints, ContentError> {
    field::codes("constraints", &message.constraints, Constraint::from_number)
        .map(Constraints)
        .map_err(of(DataClass::Constraints))
}

/// The message of class `level`.
pub fn level_to_proto(level: &Level) -> proto::Level {
    proto::Level {
        digital_autonomy: level.digital_autonomy.map(u32::from),
        equipment: field::numbers(&level.equipment, Equipment::number),
        connection: level.connection.map(|connection| connection.number().cast_signed()),
        french_spoken: level.french_spoken.map(u32::from),
        french_read: level.french_read.map(u32::from),
        languages: level.languages.clone(),
    }
}

/// Reads the message of class `level`.
///
/// # Errors
/// [`ContentError`] names the first wrong field.
pub fn level_from_proto(message: proto::Level) -> Result<Level, ContentError> {
    level(message).map_err(of(DataClass::Level))
}

fn level(message: proto::Level) -> Result<Level, BadField> {
    let languages = field::list("languages", message.languages, limits::LIST_ENTRIES_MAX)?;
    Ok(Level {
        digital_autonomy: scale("digital_autonomy", message.digital_autonomy)?,
        equipment: field::codes("equipment", &message.equipment, Equipment::from_number)?,
        connection: field::optional_code("connection", message.connection, Connection::from_number)?,
        french_spoken: scale("french_spoken", message.french_spoken)?,
        french_read: scale("french_read", message.french_read)?,
        languages: languages
            .into_iter()
            .map(|code| field::language("languages", code))
            .collect::<Result<_, _>>()?,
    })
}

/// A step on a scale from 1 to 5.
fn scale(name: &'static str, step: Option<u32>) -> Result<Option<u8>, BadField> {
    let Some(step) = step else { return Ok(None) };
    let step = u8::try_from(step).ok().filter(|step| (1..=5).contains(step));
    field::valid(name, step).map(Some)
}

/// The message of class `eligibility`.
pub fn eligibility_to_proto(eligibility: &Eligibility) -> proto::Eligibility {
    let mut statements: Vec<_> = eligibility
        .0
        .iter()
        .map(|(statement, value)| proto::EligibilityStatement {
            statement: statement.number().cast_signed(),
            value: value.number().cast_signed(),
        })
        .collect();
    statements.sort_unstable_by_key(|one| one.statement);
    proto::Eligibility { statements }
}

/// Reads the message of class `eligibility`.
///
/// # Errors
/// [`ContentError`] names the first wrong field.
pub fn eligibility_from_proto(message: proto::Eligibility) -> Result<Eligibility, ContentError> {
    eligibility(message).map_err(of(DataClass::Eligibility))
}

fn eligibility(message: proto::Eligibility) -> Result<Eligibility, BadField> {
    let mut seen = BTreeSet::new();
    let mut statements = BTreeMap::new();
    for one in field::list("statements", message.statements, limits::LIST_ENTRIES_MAX)? {
        let statement = field::code("statements.statement", one.statement, Statement::from_number)?;
        field::insert("statements", &mut seen, statement)?;
        statements.insert(statement, field::code("statements.value", one.value, YesNo::from_number)?);
    }
    Ok(Eligibility(statements))
}

/// The message of class `note`.
pub fn note_to_proto(note: &Note) -> proto::Note {
    proto::Note { text: note.0.expose().clone() }
}

/// Reads the message of class `note`.
///
/// # Errors
/// [`ContentError`] names the first wrong field.
pub fn note_from_proto(message: proto::Note) -> Result<Note, ContentError> {
    field::personal("text", message.text).map(Note).map_err(of(DataClass::Note))
}

/// The message of class `answer`.
pub fn answer_to_proto(answer: &Answer) -> proto::Answer {
    proto::Answer {
        question: answer.question.number().cast_signed(),
        reply: answer.reply.map(|reply| reply.number().cast_signed()),
    }
}

/// Reads the message of class `answer`.
///
/// # Errors
/// [`ContentError`] names the first wrong field.
pub fn answer_from_proto(message: proto::Answer) -> Result<Answer, ContentError> {
    answer(&message).map_err(of(DataClass::Answer))
}

fn answer(message: &proto::Answer) -> Result<Answer, BadField> {
    Ok(Answer {
        question: field::code("question", message.question, Question::from_number)?,
        reply: field::optional_code("reply", message.reply, Reply::from_number)?,
    })
}

/// The message of class `professional`.
pub fn professional_to_proto(professional: &Professional) -> proto::Professional {
    proto::Professional {
        name: professional.name.expose().clone(),
        contact: professional.contact.expose().clone(),
    }
}

/// Reads the message of class `professional`.
///
/// # Errors
/// [`ContentError`] names the first wrong field.
pub fn professional_from_proto(message: proto::Professional) -> Result<Professional, ContentError> {
    professional(message).map_err(of(DataClass::Professional))
}

fn professional(message: proto::Professional) -> Result<Professional, BadField> {
    Ok(Professional {
        name: field::personal("name", message.name)?,
        contact: field::personal("contact", message.contact)?,
    })
}

/// The message of class `times`.
pub fn times_to_proto(times: &Times) -> proto::Times {
    proto::Times {
        created_ms: times.created.0,
        deadline_ms: times.deadline.map(|instant| instant.0),
        not_before_ms: times.not_before.map(|instant| instant.0),
        offer_until_ms: times.offer_until.map(|instant| instant.0),
    }
}

/// Reads the message of class `times`.
///
/// # Errors
/// [`ContentError`] names the first wrong field.
pub fn times_from_proto(message: proto::Times) -> Result<Times, ContentError> {
    let created = field::nonzero("created_ms", message.created_ms).map_err(of(DataClass::Times))?;
    Ok(Times {
        created: Timestamp(created),
        deadline: message.deadline_ms.map(Timestamp),
        not_before: message.not_before_ms.map(Timestamp),
        offer_until: message.offer_until_ms.map(Timestamp),
    })
}
