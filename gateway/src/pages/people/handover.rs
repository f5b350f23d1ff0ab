//! «Passer le relais»: a person is handed over to a partner, in two pages: the door, then the agreement and what is told.
//! The holder keeps following the person until the partner's node has confirmed.

pub(crate) mod build;
pub(crate) mod doors;
pub(crate) mod draft;
pub(crate) mod offer;

pub(crate) use draft::Handover;

use super::person;
use crate::hex;
use crate::page;
use crate::pages::{place, reach};
use crate::trouble::Trouble;
use crate::visit::Session;
use axum::extract::Path;
use axum::response::Response;
use draft::Draft;
use relais_proto::desk::v1::FollowUpStanding;

/// Begins one: draws its id, and takes over what is known of the person.
pub(crate) async fn begin(session: Session, Path(id): Path<String>) -> Result<Response, Trouble> {
    let known = person::load(&session, &id).await?;
    if known.standing() != FollowUpStanding::Open {
        return Err(Trouble::NotFound);
    }
    let mut draft = Draft::fresh();
    draft.form.set("suivi", &hex::encode(&known.follow_up_id));
    reach::fill(&mut draft.form, session.tongue(), known.name.as_ref(), known.contact.as_ref());
    place::presume(&session, &mut draft.form).await?;
    draft.save(&session).await?;
    Ok(page::lead(&draft.address("service")))
}
