//! From a posted form to the act it asks for, and from the node's no to the field it is about.

use super::act_form::{
    OUTCOMES, PLACE_CHARS_MAX, QUESTIONS, REFUSALS, RELEASES, REPLIES, TEXT_CHARS_MAX, WITHDRAWALS, value,
};
use super::around::Door;
use super::teller::Teller;
use crate::form::Form;
use crate::page::Mistakes;
use crate::trouble::Refusal;
use relais_proto::desk::v1::Possible;
use relais_proto::desk::v1::act_request::{
    Accept, Act, Arrive, AskInfo, Cancel, Close, Correct, GiveInfo, MakeEffective, NoShow, Refuse, Release,
    Renounce, Schedule, StopConsent, Void, Waitlist, Withdraw, WriteNote,
};
use relais_proto::peer::v1::Reason;

/// At what time a waiting list is looked at again on its day.
const REVIEW_TIME: &str = "09:00";
/// From what time of its day a handover may take effect.
const FIRST_TIME: &str = "00:00";

/// A form being read.
struct Reader<'a> {
    teller: &'a Teller<'a>,
    form: &'a Form,
    mistakes: Mistakes,
}

/// The act a form asks for.
///
/// # Errors
/// What must be mended, field by field.
pub(super) fn read(teller: &Teller<'_>, act: Possible, form: &Form) -> Result<Act, Mistakes> {
    let mut reader = Reader { teller, form, mistakes: Mistakes::default() };
    let read = reader.act(act);
    match read {
        Some(act) if reader.mistakes.is_empty() => Ok(act),
        Some(_) | None => Err(reader.mistakes),
    }
}

impl Reader<'_> {
    fn act(&mut self, act: Possible) -> Option<Act> {
        Some(match act {
            Possible::Unspecified => return None,
            Possible::AskInfo => {
                let codes = QUESTIONS.map(|one| (value("QUESTION_", one.as_str_name()), i32::from(one)));
                Act::AskInfo(AskInfo { question: self.code("question", &codes)? })
            }
            Possible::GiveInfo => {
                let codes = REPLIES.map(|one| (value("REPLY_", one.as_str_name()), i32::from(one)));
                Act::GiveInfo(GiveInfo { reply: self.code("reponse", &codes)? })
            }
            Possible::Accept => Act::Accept(Accept { professional: None, not_before_ms: self.not_before()? }),
            Possible::Refuse => Act::Refuse(self.refuse()?),
            Possible::Waitlist => Act::Waitlist(Waitlist { review_ms: self.instant(REVIEW_TIME)? }),
            Possible::Schedule => Act::Schedule(self.schedule()?),
            Possible::NoShow => Act::NoShow(NoShow {}),
            Possible::Arrive => Act::Arrive(Arrive {}),
            Possible::Close => {
                let account = self.text("recit", TEXT_CHARS_MAX);
                Act::Close(Close { outcome: self.outcome()?, account })
            }
            Possible::Correct => Act::Correct(Correct { outcome: self.outcome()? }),
            Possible::Release => Act::Release(Release { reason: self.reason(&RELEASES)? }),
            Possible::Withdraw => Act::Withdraw(Withdraw { reason: self.reason(&WITHDRAWALS)? }),
            Possible::WriteNote => Act::Note(self.note()?),
            Possible::Void => Act::Void(Void { sequence: self.form.text("n").parse().ok()? }),
            Possible::StopConsent => Act::StopConsent(StopConsent {}),
            Possible::Renounce => Act::Renounce(Renounce {}),
            Possible::MakeEffective => Act::MakeEffective(MakeEffective {}),
            Possible::Cancel => Act::Cancel(Cancel {}),
        })
    }

    fn mistake(&mut self, field: &str, key: &str) {
        self.mistakes.add(field, self.teller.say(key));
    }

    fn code(&mut self, field: &str, codes: &[(String, i32)]) -> Option<i32> {
        let chosen = self.form.text(field);
        let found = codes.iter().find(|(value, _)| value == chosen).map(|(_, code)| *code);
        if found.is_none() {
            self.mistake(field, "mistake-choose");
        }
        found
    }

    fn reason(&mut self, among: &[Reason]) -> Option<i32> {
        let codes: Vec<(String, i32)> =
            among.iter().map(|one| (value("REASON_", one.as_str_name()), i32::from(*one))).collect();
        self.code("raison", &codes)
    }

    fn outcome(&mut self) -> Option<i32> {
        let codes = OUTCOMES.map(|one| (value("OUTCOME_", one.as_str_name()), i32::from(one)));
        self.code("resultat", &codes)
    }

    fn refuse(&mut self) -> Option<Refuse> {
        let reason = self.reason(&REFUSALS)?;
        let door = self.form.text("conseil");
        let suggestion = Door::read(door);
        if suggestion.is_none() && !door.is_empty() {
            self.mistake("raison", "mistake-door");
        }
        Some(Refuse { reason, suggestions: suggestion.into_iter().collect() })
    }

    /// The instant of the typed date at a time; that of the node's clock decides whether it is past.
    fn instant(&mut self, time: &str) -> Option<i64> {
        let at = self.teller.calendar.read(self.form.text("date"), time);
        if at.is_none() {
            self.mistake("date", "mistake-date");
        }
        at
    }

    /// Nothing typed stands for at once: `Some(None)`.
    fn not_before(&mut self) -> Option<Option<i64>> {
        if self.form.text("date").is_empty() { Some(None) } else { self.instant(FIRST_TIME).map(Some) }
    }

    fn schedule(&mut self) -> Option<Schedule> {
        let time = self.form.text("heure").to_owned();
        let has_time = self.teller.calendar.read("2000-01-01", &time).is_some();
        let appointment = self.instant(if has_time { &time } else { REVIEW_TIME });
        if !has_time {
            self.mistake("heure", "mistake-time");
        }
        let place = self.text("lieu", PLACE_CHARS_MAX);
        appointment.map(|appointment_ms| Schedule { appointment_ms, place })
    }

    /// A text that may be left out.
    fn text(&mut self, field: &str, chars_max: usize) -> Option<String> {
        // A browser counts a line's end as one character and sends two.
        let typed = self.form.text(field).replace("\r\n", "\n");
        if typed.chars().count() > chars_max {
            let max = chars_max.to_string();
            self.mistakes.add(field, self.teller.with("mistake-long", &[("max", &max)]));
        }
        (!typed.is_empty()).then_some(typed)
    }

    fn note(&mut self) -> Option<WriteNote> {
        let text = self.text("note", TEXT_CHARS_MAX);
        if text.is_none() {
            self.mistake("note", "mistake-note-empty");
        }
        text.map(|text| WriteNote { text })
    }
}

/// The field of the form that a no of the node is about, in words; `None` when it is about no field.
pub(super) fn placed(teller: &Teller<'_>, refusal: &Refusal) -> Option<Mistakes> {
    if !matches!(refusal.code.as_str(), "field" | "content") {
        return None;
    }
    let last = refusal.field.rsplit('.').next().unwrap_or_default();
    let (field, key) = match last {
        "review" | "appointment" | "not_before" => ("date", "mistake-past"),
        "place" => ("lieu", "mistake-forbidden"),
        "account" => ("recit", "mistake-forbidden"),
        "note" => ("note", "mistake-forbidden"),
        "reason" => ("raison", "mistake-choose"),
        "question" => ("question", "mistake-choose"),
        "reply" => ("reponse", "mistake-choose"),
        "outcome" => ("resultat", "mistake-choose"),
        "suggestions" | "structure_id" | "service_id" => ("raison", "mistake-door"),
        _ => return None,
    };
    let mut mistakes = Mistakes::default();
    mistakes.add(field, teller.say(key));
    Some(mistakes)
}

/// A no of the node that is about no field, in words.
pub(super) fn no(teller: &Teller<'_>, refusal: &Refusal) -> String {
    let key = match refusal.code.as_str() {
        "not_allowed" => "no-not-allowed",
        "busy" => "no-busy",
        "act_waits" => "no-act-waits",
        "too_late" => "no-too-late",
        "partner" => "no-partner",
        "consent" => "no-consent",
        "follow_up" => "no-follow-up",
        "field" | "content" if refusal.field.starts_with("professional") => "no-professional",
        _ => return refusal.words(teller.tongue),
    };
    teller.say(key)
}

/// What was typed and would be lost, for a page that no longer has the form: texts and dates, never a code.
pub(super) fn typed(form: &Form) -> Vec<String> {
    let fields = ["date", "heure", "lieu", "recit", "note"];
    fields.into_iter().map(|field| form.text(field).to_owned()).filter(|text| !text.is_empty()).collect()
}
