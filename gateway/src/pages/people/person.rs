//! One person: how to reach them, our own notes, and what was opened for them. Reading it is a leaf of the node's ledger.

use super::{named, standing};
use crate::hex;
use crate::page::{self, Frame, Place};
use crate::pages::referral::{Line, stage_two};
use crate::pages::thread::{Row, Teller, any};
use crate::trouble::Trouble;
use crate::visit::Session;
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use relais_proto::desk::v1::{FollowUpStanding, FollowUpView, ShowFollowUpRequest, StageTwo, ThreadSummary};
use serde::Deserialize;

/// What follows the address of a person.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Shown {
    /// What was just done.
    #[serde(default)]
    fait: String,
}

#[derive(Template)]
#[template(path = "pages/person.html")]
struct PersonPage {
    frame: Frame,
    id: String,
    name: String,
    standing: String,
    is_open: bool,
    referent: String,
    contact: Vec<Line>,
    notes: Vec<String>,
    threads: Vec<Row>,
}

/// A follow-up, read in full.
///
/// # Errors
/// [`Trouble::NotFound`] for what is no id, and for another's.
pub(crate) async fn load(session: &Session, id: &str) -> Result<FollowUpView, Trouble> {
    let follow_up_id = hex::id(id).ok_or(Trouble::NotFound)?;
    Ok(session.desk().show_follow_up(session.ask(ShowFollowUpRequest { follow_up_id })).await?.into_inner())
}

/// The list says who it is with and how far it is; whose it is stands above.
fn thread(teller: &Teller<'_>, summary: &ThreadSummary) -> Row {
    Row { who: teller.themes(&summary.themes), ..any(teller, summary) }
}

/// Shows it. The browser's tab names nobody.
pub(crate) async fn show(
    session: Session,
    Path(id): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response, Trouble> {
    let view = load(&session, &id).await?;
    let teller = Teller::of(&session);
    let told = StageTwo { contact: view.contact.clone(), ..Default::default() };
    let title = session.tongue().say("person-title");
    let done = if shown.fait == "suivie" { session.tongue().say("follow-done") } else { String::new() };
    Ok(page::ok(&PersonPage {
        frame: Frame::signed(&session, Place::People, &title).saying(done),
        id: hex::encode(&view.follow_up_id),
        name: named(view.name.as_ref()),
        standing: standing(&teller, &view),
        is_open: view.standing() == FollowUpStanding::Open,
        referent: view.referent.clone(),
        contact: stage_two(session.tongue(), &told),
        notes: view.notes.clone(),
        threads: view.threads.iter().map(|summary| thread(&teller, summary)).collect(),
    }))
}
