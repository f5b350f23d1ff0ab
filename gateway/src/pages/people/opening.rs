//! «Suivre une personne»: a follow-up of this structure begins. Nothing of it leaves.

use crate::door::Door;
use crate::form::Form;
use crate::hex;
use crate::page::{self, Frame, Mistakes, Place};
use crate::pages::writing::{Stage, Writing};
use crate::pages::{reach, refused};
use crate::trouble::Trouble;
use crate::visit::Session;
use askama::Template;
use axum::response::Response;
use relais_proto::desk::v1::OpenFollowUpRequest;
use relais_proto::peer::v1 as peer;

#[derive(Template)]
#[template(path = "pages/people_new.html")]
struct OpeningPage {
    frame: Frame,
    form: Form,
    mistakes: Mistakes,
}

/// The field of the page that a field of the node's refusal stands for.
fn field_of(node: &str) -> &'static str {
    match node {
        "name.family" => "initiale",
        "contact.detail" | "contact.reach" | "contact" => "joindre",
        "contact.language" => "langue",
        "follow_up.notes" | "notes" | "note" => "note",
        _ => "prenom",
    }
}

fn opening_page(session: &Session, mut form: Form, mistakes: Mistakes) -> Response {
    if form.text("demande").is_empty() {
        form.set("demande", &hex::encode(&hex::fresh()));
    }
    let title = refused::title(session.tongue(), "follow-title", &mistakes);
    let shown = OpeningPage { frame: Frame::signed(session, Place::People, &title), form, mistakes };
    page::render(shown.mistakes.status(), &shown)
}

/// Shows the form.
pub(crate) async fn show(session: Session) -> Result<Response, Trouble> {
    session.follow(Door::People)?;
    Ok(opening_page(&session, Form::default(), Mistakes::default()))
}

/// What the node is asked. A way that nothing was written for is not kept: the page need not know everything.
fn request(form: &Form) -> OpenFollowUpRequest {
    let contact = reach::contact(form);
    let says_nothing = reach::wants_detail(form) && contact.detail.is_none() || form.text("voie").is_empty();
    let kept = !says_nothing || contact.language.is_some() || !contact.cautions.is_empty();
    let contact = match (kept, says_nothing) {
        (false, _) => None,
        (true, false) => Some(contact),
        // What was said of the language and of cautions is kept with a way that needs no detail.
        (true, true) => Some(peer::Contact { reach: peer::Reach::ThroughSender.into(), ..contact }),
    };
    let note = form.text("note").replace("\r\n", "\n");
    OpenFollowUpRequest {
        request_id: hex::id(form.text("demande")).unwrap_or_default(),
        name: Some(reach::name(form).unwrap_or_default()),
        contact,
        notes: if note.is_empty() { Vec::new() } else { vec![note] },
        referent: String::new(),
    }
}

/// Opens it: one effect, however often the button is pressed.
pub(crate) async fn open(writing: Writing) -> Result<Response, Trouble> {
    let Writing { session, form, stage } = writing;
    session.follow(Door::People)?;
    if stage == Stage::Resumed {
        return Ok(opening_page(&session, form, Mistakes::default()));
    }
    let mut mistakes = Mistakes::default();
    for field in ["prenom", "initiale"] {
        if form.text(field).is_empty() {
            mistakes.add(field, session.tongue().say(&format!("agreement-{field}-empty")));
        }
    }
    if !mistakes.is_empty() {
        return Ok(opening_page(&session, form, mistakes));
    }
    match session.desk().open_follow_up(session.ask(request(&form))).await {
        Ok(opened) => {
            let id = hex::encode(&opened.into_inner().follow_up_id);
            Ok(page::lead(&format!("/personnes/{id}?fait=suivie")))
        }
        Err(status) => {
            let mistakes = refused::mistakes(&session, status, "follow-refused", field_of)?;
            Ok(opening_page(&session, form, mistakes))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> OpenFollowUpRequest {
        request(&Form::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn a_way_without_a_number_is_not_kept() {
        assert_eq!(asked("prenom=Amina&initiale=B&voie=telephone&joindre=").contact, None);
        let through = asked("prenom=Amina&voie=moi").contact.unwrap();
        assert_eq!(through.reach(), peer::Reach::ThroughSender);
        let phone = asked("prenom=Amina&voie=telephone&joindre=06").contact.unwrap();
        assert_eq!((phone.reach(), phone.detail()), (peer::Reach::Phone, "06"));
    }

    #[test]
    fn a_caution_is_kept_even_without_a_number() {
        let careful = asked("prenom=Amina&voie=telephone&precaution=3").contact.unwrap();
        assert_eq!(careful.cautions, [3]);
        assert_eq!(careful.reach(), peer::Reach::ThroughSender);
    }

    #[test]
    fn a_note_is_one_note() {
        assert_eq!(asked("note=un%0D%0Adeux").notes, ["un\ndeux"]);
        assert!(asked("note=+").notes.is_empty());
    }
}
