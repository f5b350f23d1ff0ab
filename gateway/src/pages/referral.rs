//! A new referral, in three short pages: the need, the door, the person and their agreement. What is typed is kept by the
//! node as a draft from the first page on; nothing is sent before the last button.

pub(crate) use again::is_open as may_begin_again;
pub(crate) use asked::{ROOT as INQUIRIES, news as answered_inquiries};
pub(crate) use draft::Referral;
pub(crate) use seen::{Line, language, stage_one, stage_two};

mod again;
mod agreement;
mod asked;
mod build;
mod choices;
mod draft;
mod filters;
mod inquiry;
mod need;
mod precise;
mod reason;
pub(crate) mod seen;
mod sent;
mod service;

#[cfg(test)]
mod tests;

use crate::door::Door;
use crate::hex;
use crate::page;
use crate::trouble::Trouble;
use crate::visit::{Gate, Session};
use axum::Router;
use axum::extract::Query;
use axum::response::Response;
use axum::routing::{get, post};
use draft::Draft;
use serde::Deserialize;

/// The routes of a new referral.
pub(crate) fn router() -> Router<Gate> {
    Router::new()
        .route("/orientations/nouvelle", get(begin))
        .route("/orientations/nouvelle/{draft}/besoin", get(need::show).post(need::choose))
        .route("/orientations/nouvelle/{draft}/service", get(service::show).post(service::choose))
        .route("/orientations/nouvelle/{draft}/filtres", post(filters::choose))
        .route("/orientations/nouvelle/{draft}/demande", post(inquiry::ask))
        .route("/orientations/nouvelle/{draft}/demande/{inquiry}", get(inquiry::show))
        .route("/orientations/nouvelle/{draft}/accord", get(agreement::show).post(agreement::send))
        .route("/orientations/nouvelle/{draft}/apercu", post(agreement::preview))
        .route("/orientations/nouvelle/{draft}/abandon", post(draft::abandon))
        .route("/orientations/{thread}/envoyee", get(sent::show))
        .route("/qui-peut-prendre", get(asked::all))
        .route("/qui-peut-prendre/{inquiry}", get(asked::show).post(asked::choose))
}

/// What follows `/orientations/nouvelle?`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Beginning {
    /// The follow-up of the person, when they are known.
    #[serde(default)]
    suivi: String,
    /// The referral it is begun from.
    #[serde(default)]
    depuis: String,
    /// The door it goes to instead of that one's.
    #[serde(default)]
    porte: String,
}

/// Begins one: draws its id, and takes over the person when they are known, or a referral that ended.
async fn begin(session: Session, Query(beginning): Query<Beginning>) -> Result<Response, Trouble> {
    session.follow(Door::Drafts)?;
    let mut draft = Draft::fresh();
    if !beginning.depuis.is_empty() {
        let thread = hex::id(&beginning.depuis).ok_or(Trouble::NotFound)?;
        let door = again::Door::read(&beginning.porte).ok_or(Trouble::NotFound)?;
        let page = draft.take_thread(&session, thread, door).await?;
        draft.save(&session).await?;
        return Ok(page::lead(&draft.address(page)));
    }
    if let Some(follow_up) = hex::id(&beginning.suivi) {
        draft.take_person(&session, follow_up).await?;
        draft.save(&session).await?;
    }
    Ok(page::lead(&draft.address("besoin")))
}
