//! Partners ask who can take a need: what waits is on the first page, one button answers. Nothing of a person is in it, and
//! an answer is no commitment.

use super::home::home;
use super::referral::language;
use super::thread::{Teller, joined};
use crate::door::Door;
use crate::form::Form;
use crate::hex;
use crate::page::{self, Mistakes};
use crate::trouble::{Refusal, Trouble};
use crate::visit::{Gate, Posted, Session};
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::post;
use relais_proto::desk::v1::{
    AnswerInquiryRequest, InquiryAnswerView, InquiryDirection, ListInquiriesRequest, ReceivedInquiryView,
};
use relais_proto::peer::v1 as peer;
use tonic::{Code, Status};

/// Lines of what waits; the others follow as these are answered.
const WAITING_MAX: u32 = 12;
/// What is wrong with an answer that names a service which is no door of what is asked.
const NO_DOOR: &str = "no_door";
/// What the first page says was done, once one is answered.
pub(crate) const ANSWERED: &str = "demande";

/// The routes of answers.
pub(crate) fn router() -> Router<Gate> {
    Router::new().route("/demandes/{peer}/{inquiry}", post(answer))
}

/// What waits for an answer.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    /// How many, in words.
    pub(crate) words: String,
    /// Each.
    pub(crate) rows: Vec<Row>,
}

/// One inquiry of a partner.
#[derive(Debug)]
pub(crate) struct Row {
    /// Where its answer is posted.
    pub(crate) address: String,
    /// Who asks.
    pub(crate) structure: String,
    /// What, and where.
    pub(crate) need: String,
    /// What is to be borne in mind, and until when an answer counts.
    pub(crate) wanted: String,
    /// The services an answer may name, by id and name, when there are several; else empty.
    pub(crate) doors: Vec<(String, String)>,
    /// Whether what was typed here was refused.
    pub(crate) refused: bool,
    /// What was typed as places, as days and as the service.
    pub(crate) places: String,
    pub(crate) days: String,
    pub(crate) service: String,
}

impl Row {
    /// Whether the field is there to be mended.
    fn asks(&self, field: Option<&str>) -> bool {
        field != Some("service") || !self.doors.is_empty()
    }
}

/// An answer that was refused, as it was typed.
pub(crate) struct Typed<'a> {
    /// Where it was posted.
    address: String,
    form: &'a Form,
    /// What is wrong with it.
    pub(crate) mistakes: Mistakes,
}

/// What waits for an answer of this structure. A node of before knows no inquiries: then nothing does.
///
/// # Errors
/// [`Trouble`] when the node does not answer.
pub(crate) async fn waiting(session: &Session, typed: Option<&Typed<'_>>) -> Result<Waiting, Trouble> {
    let direction = InquiryDirection::Theirs.into();
    let request = ListInquiriesRequest { direction, page_size: WAITING_MAX, ..Default::default() };
    let listed = match session.desk().list_inquiries(session.ask(request)).await {
        Ok(listed) => listed.into_inner(),
        Err(status) if status.code() == Code::Unimplemented => return Ok(Waiting::default()),
        Err(status) => return Err(status.into()),
    };
    let teller = Teller::of(session);
    let rows = listed.theirs.iter().filter(|one| one.answer.is_none()).map(|one| row(&teller, one, typed));
    let words = teller.tongue.count("inquiry-waiting", listed.to_answer.into());
    Ok(Waiting { words, rows: rows.collect() })
}

fn row(teller: &Teller<'_>, one: &ReceivedInquiryView, typed: Option<&Typed<'_>>) -> Row {
    let until = teller.with("inquiry-answer-by", &[("when", &teller.distance(one.expires_ms))]);
    let mut wanted = wanted(teller, one.constraints.as_ref());
    wanted.push(until);
    let address = address(&hex::encode(&one.peer_id), &hex::encode(&one.inquiry_id));
    let typed = typed.filter(|typed| typed.address == address);
    // One alone needs no choice, unless another was chosen.
    let several = one.doors.iter().filter(|_| one.doors.len() > 1 || typed.is_some());
    let text = |field: &str| typed.map(|typed| typed.form.text(field).to_owned()).unwrap_or_default();
    Row {
        doors: several.map(|door| (door.service_id.clone(), door.name.clone())).collect(),
        address,
        refused: typed.is_some(),
        places: text("places"),
        days: text("jours"),
        service: text("service"),
        structure: one.name.clone(),
        need: format!("{} · {}", teller.theme(&one.theme), one.territory_name),
        wanted: wanted.join(" · "),
    }
}

/// Where an answer is posted.
fn address(peer: &str, inquiry: &str) -> String {
    format!("/demandes/{peer}/{inquiry}")
}

/// What is to be borne in mind, in words.
pub(crate) fn wanted(teller: &Teller<'_>, constraints: Option<&peer::InquiryConstraints>) -> Vec<String> {
    let Some(constraints) = constraints else { return Vec::new() };
    let urgency = constraints.urgency.and_then(|number| peer::Urgency::try_from(number).ok());
    let urgency = match urgency {
        None | Some(peer::Urgency::Unspecified) => None,
        Some(peer::Urgency::Now) => Some(teller.say("urgency-now")),
        Some(peer::Urgency::Soon) => Some(teller.say("urgency-soon")),
        Some(peer::Urgency::Normal) => Some(teller.say("urgency-normal")),
    };
    let languages: Vec<String> =
        constraints.languages.iter().map(|code| language(teller.tongue, code)).collect();
    let spoken = (!languages.is_empty())
        .then(|| teller.with("found-languages", &[("languages", &languages.join(", "))]));
    let mobility = constraints.mobility().map(|one| teller.code(one.as_str_name()));
    let known = |key: String, code: &String| teller.tongue.maybe(&key).unwrap_or_else(|| code.clone());
    let mode = constraints.mode.iter().map(|code| known(format!("inquiry-mode-{code}"), code));
    let audiences = constraints.audiences.iter().map(|code| known(format!("inquiry-audience-{code}"), code));
    urgency.into_iter().chain(spoken).chain(mobility).chain(mode).chain(audiences).collect()
}

/// An answer in words.
pub(crate) fn said(teller: &Teller<'_>, answer: &InquiryAnswerView) -> String {
    let kind = match (answer.kind(), answer.places) {
        (peer::InquiryAnswerKind::CanTake, Some(places)) => {
            teller.tongue.count("inquiry-can-take-places", places.into())
        }
        (peer::InquiryAnswerKind::CanTake, None) => teller.say("inquiry-can-take"),
        (peer::InquiryAnswerKind::WaitingList, _) => teller.say("inquiry-waiting-list"),
        (peer::InquiryAnswerKind::Cannot, _) => teller.say("inquiry-cannot"),
        (peer::InquiryAnswerKind::Unspecified, _) => String::new(),
    };
    let days = answer.waiting_days.map(|days| match days {
        0 => teller.say("found-at-once"),
        days => teller.tongue.count("found-waiting", days.into()),
    });
    // By the clock of who answered: it may be a little ahead.
    let at = answer.answered_ms.min(teller.now.as_millisecond() - 1);
    let age = (at > 0).then(|| teller.with("inquiry-said", &[("when", &teller.distance(at))]));
    let automatic = answer.automatic == i32::from(peer::YesNo::Yes);
    let by_itself = automatic.then(|| teller.say("inquiry-automatic"));
    let parts: Vec<String> = std::iter::once(kind).chain(days).chain(by_itself).chain(age).collect();
    joined(&parts, " · ")
}

/// Why an answer is refused. What is wrong with a service here is that it is no door of what is asked.
fn why_not(status: Status) -> Trouble {
    let refusal = Refusal::of(&status);
    if status.code() == Code::InvalidArgument && refusal.field == "service_id" {
        return Trouble::Refused(Refusal { code: NO_DOOR.to_owned(), ..refusal });
    }
    status.into()
}

/// Answers one.
pub(crate) async fn answer(
    Path((peer, inquiry)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Trouble> {
    let Posted { session, form } = posted;
    session.follow(Door::People)?;
    match tell(&session, (&peer, &inquiry), &form).await {
        // What is wrong with a number or the service is said beside it.
        Err(Trouble::Refused(refusal)) if field_of(&refusal).is_some() => {
            let mut mistakes = Mistakes::default();
            mistakes.add(field_of(&refusal).unwrap_or_default(), refusal.words(session.tongue()));
            let typed = Typed { address: address(&peer, &inquiry), form: &form, mistakes };
            let rows = waiting(&session, Some(&typed)).await?.rows;
            if !rows.iter().any(|row| row.refused && row.asks(field_of(&refusal))) {
                return Err(Trouble::Refused(refusal));
            }
            home(&session, String::new(), Some(typed)).await
        }
        Err(trouble) => Err(trouble),
        Ok(()) => Ok(page::lead(&format!("/?fait={ANSWERED}"))),
    }
}

/// The field of the page that a refusal is about.
fn field_of(refusal: &Refusal) -> Option<&'static str> {
    match refusal.field.as_str() {
        "places" => Some("places"),
        "waiting_days" => Some("jours"),
        "service_id" => Some("service"),
        _ => None,
    }
}

async fn tell(session: &Session, (peer, inquiry): (&str, &str), form: &Form) -> Result<(), Trouble> {
    let (kind, places, waiting_days) = reply(form)?;
    let takes = kind != peer::InquiryAnswerKind::Cannot;
    let request = AnswerInquiryRequest {
        peer_id: hex::bytes(peer).ok_or(Trouble::NotFound)?,
        inquiry_id: hex::id(inquiry).ok_or(Trouble::NotFound)?,
        kind: kind.into(),
        places,
        waiting_days,
        service_id: if takes { form.text("service").to_owned() } else { String::new() },
    };
    session.desk().answer_inquiry(session.ask(request)).await.map_err(why_not)?;
    Ok(())
}

/// What a button and the numbers beside it say. A number that does not belong to the answer is not told: it was typed for
/// another button.
fn reply(form: &Form) -> Result<(peer::InquiryAnswerKind, Option<u32>, Option<u32>), Trouble> {
    let kind = match form.text("reponse") {
        "prendre" => peer::InquiryAnswerKind::CanTake,
        "attente" => peer::InquiryAnswerKind::WaitingList,
        "non" => peer::InquiryAnswerKind::Cannot,
        _ => return Err(Trouble::BadForm),
    };
    let (takes, refuses) =
        (kind == peer::InquiryAnswerKind::CanTake, kind == peer::InquiryAnswerKind::Cannot);
    let places = if takes { number(form, "places", "places")? } else { None };
    let days = if refuses { None } else { number(form, "jours", "waiting_days")? };
    Ok((kind, places, days))
}

/// A number that may be left out. What is none is refused as the node refuses one that is too large.
fn number(form: &Form, name: &str, field: &str) -> Result<Option<u32>, Trouble> {
    let typed = form.text(name);
    if typed.is_empty() {
        return Ok(None);
    }
    let refused = || Refusal { code: "field".to_owned(), field: field.to_owned(), sentence: String::new() };
    typed.parse().map(Some).map_err(|_| Trouble::Refused(refused()))
}

#[cfg(test)]
mod tests;
