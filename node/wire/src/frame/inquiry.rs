//! Inquiries and their answers, as they stand in frames of `Sync` and on the shelf. Every field is a code, a number or an
//! id; what is over a limit or of no known list is refused by its field.

use super::FrameError;
use crate::field::{self, BadField, Problem};
use prost::Message;
use relais_domain::content::{Constraint, Urgency, YesNo};
use relais_domain::id::{InquiryId, ServiceId};
use relais_domain::inquiry::{
    self, AUDIENCES_MAX, Answer, AnswerFlaw, AnswerKind, Automatic, Inquiry, InquiryFlaw, LANGUAGES_MAX,
    MOBILITY, Wanted, Word,
};
use relais_domain::territory::Territory;
use relais_domain::time::Timestamp;
use relais_domain::vocabulary::{Value, Vocabulary};
use relais_proto::peer::v1 as proto;
use std::collections::BTreeSet;

/// Longest encoded inquiry, in bytes.
pub const INQUIRY_BYTES_MAX: usize = 1_024;
/// Longest encoded answer, in bytes.
pub const INQUIRY_ANSWER_BYTES_MAX: usize = 512;

/// An answer, and the inquiry it answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InquiryAnswer {
    /// Which inquiry.
    pub inquiry: InquiryId,
    /// What is answered.
    pub answer: Answer,
}

/// The message of an inquiry.
pub fn inquiry_to_proto(inquiry: &Inquiry) -> proto::Inquiry {
    let wanted = wanted_to_proto(&inquiry.wanted);
    proto::Inquiry {
        inquiry_id: inquiry.id.as_bytes().to_vec(),
        theme: inquiry.theme.code().to_owned(),
        territory: inquiry.territory.to_string(),
        constraints: (wanted != proto::InquiryConstraints::default()).then_some(wanted),
        expires_ms: inquiry.expires_at.0,
    }
}

/// Reads an inquiry. A small commune is read as its EPCI.
///
/// # Errors
/// [`FrameError`] names the first field that is wrong.
pub fn inquiry_from_proto(message: proto::Inquiry) -> Result<Inquiry, FrameError> {
    within("inquiry", &message, INQUIRY_BYTES_MAX)?;
    let territory = Territory::parse(&message.territory).ok();
    let told = territory.and_then(|territory| inquiry::told_place(territory).ok());
    Ok(Inquiry {
        id: field::bytes("inquiry.inquiry_id", &message.inquiry_id, InquiryId::from_slice)?,
        theme: field::theme("inquiry.theme", &message.theme)?,
        territory: field::valid("inquiry.territory", told)?,
        wanted: wanted_from_proto(message.constraints.unwrap_or_default())?,
        expires_at: Timestamp(field::nonzero("inquiry.expires_ms", message.expires_ms)?),
    })
}

/// The message of what is to be borne in mind.
pub fn wanted_to_proto(wanted: &Wanted) -> proto::InquiryConstraints {
    let code = |value: &Value| value.code().to_owned();
    proto::InquiryConstraints {
        urgency: wanted.urgency.map(|urgency| urgency.number().cast_signed()),
        languages: wanted.languages.iter().cloned().collect(),
        mobility: field::numbers(&wanted.mobility, Constraint::number),
        mode: wanted.mode.as_ref().map(code),
        audiences: wanted.audiences.iter().map(code).collect(),
    }
}

/// Reads what is to be borne in mind: closed choices, none of which describes anyone.
///
/// # Errors
/// [`BadField`] names the first field that is wrong.
pub fn wanted_from_proto(message: proto::InquiryConstraints) -> Result<Wanted, BadField> {
    let languages = "inquiry.constraints.languages";
    let mut spoken = BTreeSet::new();
    for code in field::list(languages, message.languages, LANGUAGES_MAX)? {
        field::insert(languages, &mut spoken, field::language(languages, code)?)?;
    }
    let audiences = "inquiry.constraints.audiences";
    let (mut seen, mut public) = (BTreeSet::new(), Vec::new());
    for code in field::list(audiences, message.audiences, AUDIENCES_MAX)? {
        let value = value(audiences, Vocabulary::Audiences, &code)?;
        field::insert(audiences, &mut seen, value.code())?;
        public.push(value);
    }
    let mobility = "inquiry.constraints.mobility";
    let numbers = field::list(mobility, message.mobility, MOBILITY.len())?;
    let mode = |code: String| value("inquiry.constraints.mode", Vocabulary::WelcomeModes, &code);
    let urgency = field::optional_code("inquiry.constraints.urgency", message.urgency, Urgency::from_number)?;
    let wanted = Wanted {
        urgency,
        languages: spoken,
        mobility: field::codes(mobility, &numbers, Constraint::from_number)?,
        mode: message.mode.map(mode).transpose()?,
        audiences: public,
    };
    wanted.check().map_err(flaw)?;
    Ok(wanted)
}

fn flaw(flaw: InquiryFlaw) -> BadField {
    match flaw {
        InquiryFlaw::TooManyLanguages => BadField::new("inquiry.constraints.languages", Problem::TooMany),
        InquiryFlaw::TooManyAudiences => BadField::new("inquiry.constraints.audiences", Problem::TooMany),
        InquiryFlaw::NotMobility => BadField::new("inquiry.constraints.mobility", Problem::Unexpected),
        InquiryFlaw::TooWide => BadField::new("inquiry.territory", Problem::Invalid),
    }
}

fn value(name: &'static str, list: Vocabulary, code: &str) -> Result<Value, BadField> {
    list.find(code).ok_or_else(|| BadField::new(name, Problem::UnknownCode))
}

/// The message of an answer.
pub fn answer_to_proto(answer: &InquiryAnswer) -> proto::InquiryAnswer {
    let InquiryAnswer { inquiry, answer } = answer;
    let automatic = match answer.automatic {
        Automatic::Yes => YesNo::Yes,
        Automatic::No => YesNo::No,
    };
    let taken_back = match answer.word {
        Word::Kept => None,
        Word::TakenBack => Some(YesNo::Yes.number().cast_signed()),
    };
    proto::InquiryAnswer {
        inquiry_id: inquiry.as_bytes().to_vec(),
        kind: answer.kind.number().cast_signed(),
        places: answer.places,
        waiting_days: answer.waiting_days,
        service_id: answer.service.as_ref().map(|service| service.as_str().to_owned()),
        automatic: automatic.number().cast_signed(),
        answered_ms: answer.answered_at.0,
        taken_back,
    }
}

/// Reads an answer.
///
/// # Errors
/// [`FrameError`] names the first field that is wrong.
pub fn answer_from_proto(message: proto::InquiryAnswer) -> Result<InquiryAnswer, FrameError> {
    within("inquiry_answer", &message, INQUIRY_ANSWER_BYTES_MAX)?;
    let service = |id: String| field::valid("inquiry_answer.service_id", ServiceId::parse(&id));
    let automatic = field::code("inquiry_answer.automatic", message.automatic, YesNo::from_number)?;
    let taken = field::optional_code("inquiry_answer.taken_back", message.taken_back, YesNo::from_number)?;
    let answer = Answer {
        kind: field::code("inquiry_answer.kind", message.kind, AnswerKind::from_number)?,
        places: message.places,
        waiting_days: message.waiting_days,
        service: message.service_id.map(service).transpose()?,
        automatic: if automatic == YesNo::Yes { Automatic::Yes } else { Automatic::No },
        word: if taken == Some(YesNo::Yes) { Word::TakenBack } else { Word::Kept },
        answered_at: Timestamp(field::nonzero("inquiry_answer.answered_ms", message.answered_ms)?),
    };
    answer.check().map_err(|flaw| match flaw {
        AnswerFlaw::Places => BadField::new("inquiry_answer.places", Problem::Invalid),
        AnswerFlaw::WaitingDays => BadField::new("inquiry_answer.waiting_days", Problem::Invalid),
    })?;
    let inquiry = field::bytes("inquiry_answer.inquiry_id", &message.inquiry_id, InquiryId::from_slice)?;
    Ok(InquiryAnswer { inquiry, answer })
}

fn within(name: &'static str, message: &impl Message, max: usize) -> Result<(), BadField> {
    if message.encoded_len() > max { Err(BadField::new(name, Problem::TooLong)) } else { Ok(()) }
}
