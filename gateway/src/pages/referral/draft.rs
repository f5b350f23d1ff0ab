//! The draft of a referral.

use crate::page;
use crate::pages::{draft, reach};
use crate::trouble::Trouble;
use crate::visit::{Posted, Session};
use axum::extract::Path;
use axum::response::Response;
use relais_proto::desk::v1::{FollowUpView, ShowFollowUpRequest};

/// A referral in three pages.
#[derive(Debug)]
pub(crate) struct Referral;

impl draft::Flow for Referral {
    const FORM: &'static str = "orientation";
    const SENT_FORM: &'static str = "orientation-envoyee";
    const ROOT: &'static str = "/orientations/nouvelle";
    const SHOWN: &'static [&'static str] = &["structure", "service", "offre", "theme", "commune-code"];
}

/// A referral that is being written.
pub(crate) type Draft = draft::Draft<Referral>;

impl Draft {
    /// Fills in a person who is followed here already.
    pub(crate) async fn take_person(&mut self, session: &Session, follow_up: Vec<u8>) -> Result<(), Trouble> {
        let request = session.ask(ShowFollowUpRequest { follow_up_id: follow_up });
        let known = session.desk().show_follow_up(request).await?.into_inner();
        self.fill_person(session, &known);
        Ok(())
    }

    /// Fills in a follow-up.
    pub(crate) fn fill_person(&mut self, session: &Session, known: &FollowUpView) {
        self.form.set("suivi", &crate::hex::encode(&known.follow_up_id));
        reach::fill(&mut self.form, session.tongue(), known.name.as_ref(), known.contact.as_ref());
        // A referral tells the initial only.
        let initial: String = self.form.text("initiale").chars().take(1).collect();
        self.form.set("initiale", &initial);
    }
}

/// Gives a draft up.
pub(crate) async fn abandon(Path(id): Path<String>, posted: Posted) -> Result<Response, Trouble> {
    let draft = Draft::load(&posted.session, &id).await?;
    draft.discard(&posted.session).await?;
    Ok(page::lead("/"))
}
