//! How a person agreed, as a form says it, and what is read to them before. Its fields are those of the macros of
//! `agreed.html`.

use super::referral::seen;
use crate::form::Form;
use crate::trouble::Trouble;
use crate::visit::Session;
use relais_proto::desk::v1::{NoticeView, ShowNoticeRequest};
use relais_proto::peer::v1 as peer;

/// Languages a notice may be asked in.
const NOTICE_LANGUAGES: [&str; 8] = ["fr", "en", "ar", "uk", "ru", "fa", "ps", "ti"];

/// What is read to the person, and the languages it may be asked in.
pub(crate) struct Told {
    /// What is read.
    pub(crate) notice: NoticeView,
    /// Code and name of each language.
    pub(crate) languages: Vec<(&'static str, String)>,
    /// The day on which an agreement given now ends; empty where the page says it elsewhere.
    pub(crate) until: String,
}

/// The language of the notice that was chosen.
pub(crate) fn notice_language(form: &Form) -> &str {
    form.text("avis")
}

/// What is read to the person before they agree, in the language that was chosen.
///
/// # Errors
/// [`Trouble`] when the node has none.
pub(crate) async fn told(session: &Session, purpose: peer::Purpose, form: &Form) -> Result<Told, Trouble> {
    let chosen = notice_language(form);
    let language = if NOTICE_LANGUAGES.contains(&chosen) { chosen } else { "fr" };
    let request = ShowNoticeRequest { purpose: purpose.into(), language: language.to_owned() };
    let notice = session.desk().show_notice(session.ask(request)).await?.into_inner();
    let tongue = session.tongue();
    let languages = NOTICE_LANGUAGES.map(|code| (code, seen::language(tongue, code))).to_vec();
    Ok(Told { notice, languages, until: String::new() })
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
        language: if language.is_empty() { "fr".to_owned() } else { language.to_owned() },
        interpreter: interpreter.into(),
        teach_back: teach_back.into(),
        presence: presence.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_it_was_given_is_never_presumed() {
        let none = given(&Form::default());
        assert_eq!(none.how(), peer::GivenHow::Unspecified, "the node refuses it");
        assert_eq!((none.teach_back(), none.language.as_str()), (peer::TeachBack::NotDone, "fr"));
        assert_eq!(none.presence(), peer::Presence::None);
        for (chosen, wanted) in [("temoin", peer::Presence::Witness), ("tuteur", peer::Presence::Guardian)] {
            let form = Form::parse(format!("presence={chosen}").as_bytes()).unwrap();
            assert_eq!(given(&form).presence(), wanted);
        }
        let all = given(&Form::parse(b"maniere=ecrit&redit=oui&avis=ar&interprete=proche").unwrap());
        assert_eq!((all.how(), all.interpreter()), (peer::GivenHow::Written, peer::Interpreter::Relative));
        assert_eq!((all.teach_back(), all.language.as_str()), (peer::TeachBack::Done, "ar"));
    }
}
