//! The draft: what was typed so far, kept by the node for its author alone.

use crate::form::Form;
use crate::hex;
use crate::page;
use crate::trouble::Trouble;
use crate::visit::{Posted, Session};
use axum::extract::Path;
use axum::response::Response;
use relais_proto::desk::v1::{DiscardDraftRequest, SaveDraftRequest, ShowDraftRequest, ShowFollowUpRequest};
use relais_proto::peer::v1::Reach;
use tonic::Code;

/// What form it is, as the node files it.
pub(crate) const FORM: &str = "orientation";
/// What is left of it once it was sent.
const SENT_FORM: &str = "orientation-envoyee";

/// A referral that is being written.
#[derive(Debug)]
pub(crate) struct Draft {
    id: Vec<u8>,
    /// Its fields as typed.
    pub(crate) form: Form,
}

impl Draft {
    /// An empty one, with the id of the one act it may become.
    pub(crate) fn fresh() -> Self {
        let mut form = Form::default();
        form.set("demande", &hex::encode(&hex::fresh()));
        Self { id: hex::fresh(), form }
    }

    /// The draft of an address; empty when nothing was kept yet.
    ///
    /// # Errors
    /// [`Trouble::NotFound`] for what is no id, or for someone who sends no referral.
    pub(crate) async fn load(session: &Session, id: &str) -> Result<Self, Trouble> {
        let id = hex::id(id).filter(|_| session.follows()).ok_or(Trouble::NotFound)?;
        let request = session.ask(ShowDraftRequest { draft_id: id.clone() });
        match session.desk().show_draft(request).await {
            Ok(kept) => Ok(Self { id, form: Form::parse(&kept.into_inner().fields)? }),
            Err(status) if status.code() == Code::NotFound => Ok(Self { id, ..Self::fresh() }),
            Err(status) => Err(status.into()),
        }
    }

    /// Where one of its pages is.
    pub(crate) fn address(&self, page: &str) -> String {
        format!("/orientations/nouvelle/{}/{page}", hex::encode(&self.id))
    }

    /// Keeps it.
    ///
    /// # Errors
    /// [`Trouble`] when the node does not.
    pub(crate) async fn save(&self, session: &Session) -> Result<(), Trouble> {
        let draft_id = self.id.clone();
        let request = SaveDraftRequest { draft_id, form: FORM.to_owned(), fields: self.form.encode() };
        session.desk().save_draft(session.ask(request)).await?;
        Ok(())
    }

    /// Keeps nothing but which thread it became: a second click, or the way back, leads there.
    ///
    /// # Errors
    /// [`Trouble`] when the node does not.
    pub(crate) async fn finish(&self, session: &Session, thread: &[u8]) -> Result<(), Trouble> {
        let mut form = Form::default();
        form.set("envoyee", &hex::encode(thread));
        let draft_id = self.id.clone();
        let request = SaveDraftRequest { draft_id, form: SENT_FORM.to_owned(), fields: form.encode() };
        session.desk().save_draft(session.ask(request)).await?;
        Ok(())
    }

    /// The page of the referral it has become.
    pub(crate) fn became(&self) -> Option<String> {
        let thread = self.form.text("envoyee");
        (!thread.is_empty()).then(|| format!("/orientations/{thread}/envoyee"))
    }

    /// Forgets it.
    ///
    /// # Errors
    /// [`Trouble`] when the node does not.
    pub(crate) async fn discard(&self, session: &Session) -> Result<(), Trouble> {
        let request = DiscardDraftRequest { draft_id: self.id.clone() };
        session.desk().discard_draft(session.ask(request)).await?;
        Ok(())
    }

    /// Fills in a person who is followed here already.
    pub(crate) async fn take_person(&mut self, session: &Session, follow_up: Vec<u8>) -> Result<(), Trouble> {
        let request = session.ask(ShowFollowUpRequest { follow_up_id: follow_up.clone() });
        let known = session.desk().show_follow_up(request).await?.into_inner();
        self.form.set("suivi", &hex::encode(&follow_up));
        if let Some(name) = known.name {
            self.form.set("prenom", &name.given);
            self.form.set("initiale", &name.family.chars().take(1).collect::<String>());
        }
        if let Some(contact) = known.contact {
            let way = match contact.reach() {
                Reach::Phone => "telephone",
                Reach::Email => "courriel",
                Reach::PresentAt => "presence",
                Reach::ThroughSender | Reach::Unspecified => "moi",
            };
            self.form.set("voie", way);
            self.form.set("joindre", contact.detail());
            self.form.set("langue", contact.language());
        }
        Ok(())
    }
}

/// Gives a draft up.
pub(crate) async fn abandon(Path(id): Path<String>, posted: Posted) -> Result<Response, Trouble> {
    let draft = Draft::load(&posted.session, &id).await?;
    draft.discard(&posted.session).await?;
    Ok(page::lead("/"))
}
