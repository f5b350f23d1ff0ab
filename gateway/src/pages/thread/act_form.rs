//! The form of an act: what it asks, with what was typed before, and its buttons.

use super::acts::{slug, stem_for};
use super::around::Around;
use super::state::{entries, is_walk_in};
use super::teller::{Teller, spelled};
use crate::form::Form;
use crate::hex;
use crate::page::Mistakes;
use relais_proto::desk::v1::{Possible, ThreadView};
use relais_proto::peer::v1::{EventKind, FeedbackLevel, Outcome, Question, Reason, Reply, ThreadKind};

/// Most characters of a note or of the person's own account.
pub(super) const TEXT_CHARS_MAX: usize = 280;
/// Most characters of a place.
pub(super) const PLACE_CHARS_MAX: usize = 120;

/// Reasons for which a receiver refuses.
pub(super) const REFUSALS: [Reason; 8] = [
    Reason::Full,
    Reason::OutsideTerritory,
    Reason::NotEligible,
    Reason::NotMobile,
    Reason::Incomplete,
    Reason::BetterServedElsewhere,
    Reason::ConsentNotValid,
    Reason::Other,
];
/// Reasons for which it lets go.
pub(super) const RELEASES: [Reason; 9] = [
    Reason::Unreachable,
    Reason::DidNotCome,
    Reason::NotInterested,
    Reason::InEmployment,
    Reason::InTraining,
    Reason::Duplicate,
    Reason::OtherObstacles,
    Reason::WithdrawnBySender,
    Reason::Other,
];
/// Reasons for which a sender takes back.
pub(super) const WITHDRAWALS: [Reason; 7] = [
    Reason::NoLongerNeeded,
    Reason::EnteredInError,
    Reason::ConsentLapsed,
    Reason::InEmployment,
    Reason::InTraining,
    Reason::Duplicate,
    Reason::Other,
];
/// Coded questions.
pub(super) const QUESTIONS: [Question; 8] = [
    Question::CanComeThisWeek,
    Question::NeedsInterpreter,
    Question::HasDevice,
    Question::LivesInTerritory,
    Question::RegisteredJobseeker,
    Question::RemotePossible,
    Question::ReadsFrench,
    Question::FollowedElsewhere,
];
/// Coded answers.
pub(super) const REPLIES: [Reply; 4] = [Reply::Yes, Reply::No, Reply::Unknown, Reply::NotSaid];
/// What can come of it.
pub(super) const OUTCOMES: [Outcome; 3] = [Outcome::NeedMet, Outcome::NeedPartlyMet, Outcome::NeedNotMet];

/// One value to choose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) words: String,
    pub(super) chosen: bool,
}

/// What is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Field {
    /// One value of a list.
    Choose { name: &'static str, legend: String, choices: Vec<Choice> },
    /// One line: a date, a time or a short text.
    Line { name: &'static str, kind: &'static str, label: String, hint: String, value: String },
    /// A text.
    Text { name: &'static str, label: String, hint: String, value: String },
    /// Nothing: it is known.
    Known { name: &'static str, value: String },
}

/// One way to send the form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Button {
    pub(super) name: &'static str,
    pub(super) value: String,
    pub(super) words: String,
    pub(super) class: &'static str,
}

/// The form of an act.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct ActForm {
    /// Where it is sent.
    pub(super) address: String,
    /// The id of the one act it asks for.
    pub(super) request: String,
    pub(super) fields: Vec<Field>,
    pub(super) buttons: Vec<Button>,
    pub(super) mistakes: Mistakes,
}

/// Where an act of a thread is done.
pub(super) fn address(thread_id: &[u8], act: Possible) -> String {
    format!("/orientations/{}/{}", hex::encode(thread_id), slug(act))
}

impl ActForm {
    /// The form of an act, with what was typed.
    pub(super) fn new(
        teller: &Teller<'_>,
        view: &ThreadView,
        around: &Around,
        act: Possible,
        typed: &Form,
        mistakes: Mistakes,
    ) -> Self {
        let summary = view.summary.clone().unwrap_or_default();
        Self {
            address: address(&summary.thread_id, act),
            request: hex::encode(&hex::fresh()),
            fields: fields(teller, view, act, typed),
            buttons: buttons(teller, view, around, act),
            mistakes,
        }
    }
}

fn fields(teller: &Teller<'_>, view: &ThreadView, act: Possible, typed: &Form) -> Vec<Field> {
    let summary = view.summary.clone().unwrap_or_default();
    let peer = [("peer", summary.peer_name.as_str())];
    match act {
        Possible::AskInfo => vec![questions(teller, typed)],
        Possible::Refuse if is_walk_in(view) => vec![reasons(teller, "refuse", &[Reason::Full], typed)],
        Possible::Refuse => vec![reasons(teller, "refuse", &REFUSALS, typed)],
        Possible::Release => vec![reasons(teller, "release", &RELEASES, typed)],
        Possible::Withdraw => vec![reasons(teller, "withdraw", &WITHDRAWALS, typed)],
        Possible::Waitlist => vec![line(teller, "date", "date", "review", typed)],
        Possible::Schedule => vec![
            line(teller, "date", "date", "appointment", typed),
            line(teller, "heure", "time", "time", typed),
            line(teller, "lieu", "text", "place", typed),
        ],
        Possible::Accept if summary.kind() == ThreadKind::Handover => {
            vec![line(teller, "date", "date", "not-before", typed)]
        }
        Possible::Close => {
            let told = view.feedback() == FeedbackLevel::Outcome;
            let hint = teller.with(if told { "field-account-told" } else { "field-account-kept" }, &peer);
            let (label, value) = (teller.say("field-account"), typed.exact("recit").to_owned());
            vec![outcomes(teller, typed), Field::Text { name: "recit", label, hint, value }]
        }
        Possible::Correct => vec![outcomes(teller, typed)],
        Possible::WriteNote => {
            let hint = teller.with("field-note-hint", &peer);
            let (label, value) = (teller.say("field-note"), typed.exact("note").to_owned());
            vec![Field::Text { name: "note", label, hint, value }]
        }
        Possible::Void => vec![Field::Known { name: "n", value: typed.text("n").to_owned() }],
        Possible::Unspecified
        | Possible::GiveInfo
        | Possible::Accept
        | Possible::NoShow
        | Possible::Arrive
        | Possible::StopConsent
        | Possible::Renounce
        | Possible::MakeEffective
        | Possible::Cancel => Vec::new(),
    }
}

fn line(teller: &Teller<'_>, name: &'static str, kind: &'static str, key: &str, typed: &Form) -> Field {
    let label = teller.say(&format!("field-{key}"));
    let hint = teller.tongue.maybe(&format!("field-{key}-hint")).unwrap_or_default();
    Field::Line { name, kind, label, hint, value: typed.exact(name).to_owned() }
}

/// The value a form bears for a code: `REASON_FULL` → `full`.
pub(super) fn value(prefix: &str, name: &str) -> String {
    spelled(name.strip_prefix(prefix).unwrap_or(name))
}

fn choice(teller: &Teller<'_>, typed: &Form, field: &str, prefix: &str, name: &str) -> Choice {
    let value = value(prefix, name);
    Choice { chosen: typed.text(field) == value, words: teller.code(name), value }
}

fn questions(teller: &Teller<'_>, typed: &Form) -> Field {
    let choices = QUESTIONS.map(|one| choice(teller, typed, "question", "QUESTION_", one.as_str_name()));
    Field::Choose { name: "question", legend: teller.say("field-question"), choices: choices.to_vec() }
}

fn outcomes(teller: &Teller<'_>, typed: &Form) -> Field {
    let choices = OUTCOMES.map(|one| choice(teller, typed, "resultat", "OUTCOME_", one.as_str_name()));
    Field::Choose { name: "resultat", legend: teller.say("field-outcome"), choices: choices.to_vec() }
}

fn reasons(teller: &Teller<'_>, act: &str, reasons: &[Reason], typed: &Form) -> Field {
    let choices = reasons.iter().map(|one| choice(teller, typed, "raison", "REASON_", one.as_str_name()));
    let legend = teller.say(&format!("field-reason-{act}"));
    Field::Choose { name: "raison", legend, choices: choices.collect() }
}

fn buttons(teller: &Teller<'_>, view: &ThreadView, around: &Around, act: Possible) -> Vec<Button> {
    let words = teller.say(&format!("do-{}", stem_for(act, view)));
    let only = |class| vec![Button { name: "", value: String::new(), words: words.clone(), class }];
    match act {
        Possible::GiveInfo => {
            let reply = |one: Reply| Button {
                name: "reponse",
                value: value("REPLY_", one.as_str_name()),
                words: teller.code(one.as_str_name()),
                class: "",
            };
            REPLIES.map(reply).to_vec()
        }
        Possible::Refuse => {
            let door = |door: &super::around::Door| Button {
                name: "conseil",
                value: door.value.clone(),
                words: teller
                    .with("do-refuse-door", &[("service", &door.service), ("structure", &door.structure)]),
                class: "",
            };
            only("main").into_iter().chain(around.doors.iter().map(door)).collect()
        }
        Possible::StopConsent | Possible::Void | Possible::Cancel => only("danger"),
        Possible::Unspecified
        | Possible::AskInfo
        | Possible::Accept
        | Possible::Waitlist
        | Possible::Schedule
        | Possible::NoShow
        | Possible::Arrive
        | Possible::Close
        | Possible::Correct
        | Possible::Release
        | Possible::Withdraw
        | Possible::WriteNote
        | Possible::Renounce
        | Possible::MakeEffective => only("main"),
    }
}

/// The question that waits for its answer, in words.
pub(super) fn open_question(teller: &Teller<'_>, view: &ThreadView) -> String {
    let asked = entries(view, EventKind::InfoRequested).find_map(|entry| entry.answer);
    asked.map(|answer| teller.code(answer.question().as_str_name())).unwrap_or_default()
}
