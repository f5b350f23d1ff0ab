//! How a person agreed, as a form says it, and what is said and shown to them before. Its fields are those of the macros of
//! `agreed.html`.

use super::referral::seen::{self, Seen};
use crate::form::Form;
use crate::hex;
use crate::page::{Frame, Mistakes};
use crate::tongue::Tongue;
use crate::trouble::Trouble;
use crate::visit::Session;
use askama::Template;
use relais_proto::desk::v1::{NoticeView, ShowNoticeRequest};
use relais_proto::peer::v1 as peer;

/// Languages a notice may be asked in.
const NOTICE_LANGUAGES: [&str; 8] = ["fr", "en", "ar", "uk", "ru", "fa", "ps", "ti"];
/// The language that every notice is written in first, and that professionals read.
pub(crate) const FRENCH: &str = "fr";

/// The field by which a page says which notice it showed.
pub(crate) const NOTICE_SHOWN: &str = "avis-vu";

/// What a notice is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Occasion {
    /// A referral that is answered.
    Referral,
    /// A referral of someone who goes there by themselves: no name leaves.
    WalkIn,
    /// A handover.
    Handover,
}

/// A text for the person, as a page shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Written {
    /// Its language, for `lang=`.
    pub(crate) language: String,
    /// Which way it runs, for `dir=`.
    pub(crate) direction: &'static str,
    /// Whether someone who speaks the language has reviewed it.
    pub(crate) is_reviewed: bool,
    /// The text.
    pub(crate) text: String,
}

impl Written {
    /// What is shown of a notice.
    pub(crate) fn of(notice: &NoticeView) -> Self {
        Self {
            language: notice.language.clone(),
            direction: if matches!(notice.language.as_str(), "ar" | "fa" | "ps") { "rtl" } else { "ltr" },
            is_reviewed: notice.reviewed() == peer::YesNo::Yes,
            text: notice.text.clone(),
        }
    }
}

/// What is said and shown to the person, and the languages it may be asked in.
pub(crate) struct Told {
    /// What is said: in French where nothing to say is written in the language that was chosen.
    pub(crate) script: Written,
    /// Whether something to say is written in the language that was chosen.
    pub(crate) has_script: bool,
    /// What is shown: the French text, then the one in the language that was chosen, which the consent names.
    pub(crate) written: Vec<Written>,
    /// Whether the name leaves before the answer, which no notice says.
    pub(crate) name_early: bool,
    /// Code and name of each language.
    pub(crate) languages: Vec<(&'static str, String)>,
    /// The day on which an agreement given now ends; empty where the page says it elsewhere.
    pub(crate) until: String,
    /// The id of the notice that the consent would name, as the node calls it.
    pub(crate) notice_id: String,
    /// Its text, by its hash in hex: the page says by it what it showed.
    pub(crate) notice_shown: String,
}

impl Told {
    /// Of the French notice, and of that in the language that was chosen when it is another.
    fn of(tongue: Tongue, french: &NoticeView, theirs: Option<&NoticeView>) -> Self {
        let has_script = theirs.is_none_or(|notice| !notice.script.is_empty());
        let said = theirs.filter(|_| has_script).unwrap_or(french);
        let named = theirs.unwrap_or(french);
        Self {
            script: Written { text: said.script.clone(), ..Written::of(said) },
            has_script,
            written: std::iter::once(french).chain(theirs).map(Written::of).collect(),
            name_early: false,
            languages: NOTICE_LANGUAGES.map(|code| (code, seen::language(tongue, code))).to_vec(),
            until: String::new(),
            notice_id: named.notice_id.clone(),
            notice_shown: hex::encode(&named.text_hash),
        }
    }

    /// A consent names the text that the person was shown: a page that showed another one, in another language or of a
    /// former version, comes back with this one, and says so.
    pub(crate) fn unless_shown(&self, tongue: Tongue, form: &Form, mistakes: &mut Mistakes) {
        if form.text(NOTICE_SHOWN) != self.notice_shown {
            mistakes.add("avis", tongue.say("agreement-notice-unseen"));
        }
    }
}

/// What changes while a form is filled in: what the other structure would see, and what the person is told.
#[derive(Template)]
#[template(path = "pages/referral_seen.html")]
pub(crate) struct Look {
    /// The frame, for its language.
    pub(crate) frame: Frame,
    /// What would be seen.
    pub(crate) seen: Seen,
    /// What the person is told.
    pub(crate) told: Told,
    /// Whether they go there by themselves.
    pub(crate) walk_in: bool,
}

/// The language of the notice that was chosen.
pub(crate) fn notice_language(form: &Form) -> &str {
    form.text("avis")
}

async fn notice(session: &Session, occasion: Occasion, language: &str) -> Result<NoticeView, Trouble> {
    let (purpose, walk_in) = match occasion {
        Occasion::Referral => (peer::Purpose::Referral, peer::YesNo::No),
        Occasion::WalkIn => (peer::Purpose::Referral, peer::YesNo::Yes),
        Occasion::Handover => (peer::Purpose::Handover, peer::YesNo::No),
    };
    let (purpose, walk_in, language) = (purpose.into(), walk_in.into(), language.to_owned());
    let request = ShowNoticeRequest { purpose, language, walk_in, ..Default::default() };
    Ok(session.desk().show_notice(session.ask(request)).await?.into_inner())
}

/// What is said and shown to the person before they agree, in the language that was chosen.
///
/// # Errors
/// [`Trouble`] when the node has none.
pub(crate) async fn told(session: &Session, occasion: Occasion, form: &Form) -> Result<Told, Trouble> {
    let chosen = notice_language(form);
    let french = notice(session, occasion, FRENCH).await?;
    let theirs = if chosen != FRENCH && NOTICE_LANGUAGES.contains(&chosen) {
        Some(notice(session, occasion, chosen).await?)
    } else {
        None
    };
    Ok(Told::of(session.tongue(), &french, theirs.as_ref()))
}

/// How the agreement was given.
pub(crate) fn given(form: &Form) -> peer::ConsentGiven {
    let how = match form.text("maniere") {
        "oral" => peer::GivenHow::Oral,
        "ecrit" => peer::GivenHow::Written,
        "ecran" => peer::GivenHow::Screen,
        _ => peer::GivenHow::Unspecified,
    };
    let interpreter = match form.text("interprete") {
        "professionnel" => peer::Interpreter::Professional,
        "proche" => peer::Interpreter::Relative,
        _ => peer::Interpreter::None,
    };
    let presence = match form.text("presence") {
        "temoin" => peer::Presence::Witness,
        "tuteur" => peer::Presence::Guardian,
        _ => peer::Presence::None,
    };
    let teach_back = if form.has("redit", "oui") { peer::TeachBack::Done } else { peer::TeachBack::NotDone };
    let language = notice_language(form);
    peer::ConsentGiven {
        how: how.into(),
        language: if language.is_empty() { FRENCH.to_owned() } else { language.to_owned() },
        interpreter: interpreter.into(),
        teach_back: teach_back.into(),
        presence: presence.into(),
    }
}

/// What is said on the page that comes back when another door or need was chosen since it was shown.
pub(crate) fn another_door(session: &Session) -> Mistakes {
    let mut mistakes = Mistakes::default();
    mistakes.add("accepte-besoin", session.tongue().say("agreement-another-door"));
    mistakes
}

#[cfg(test)]
mod tests;
