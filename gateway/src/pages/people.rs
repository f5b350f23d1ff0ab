//! Persons I follow: found by the beginning of their first or family name, which is posted so that it stands in no address.

mod handover;
mod opening;
mod person;

#[cfg(test)]
mod tests;

pub(crate) use handover::Handover;

use super::draft::{self, Begun};
use super::thread::Teller;
use super::writing::{Stage, Writing};
use crate::hex;
use crate::page::{self, Frame, Place};
use crate::trouble::Trouble;
use crate::visit::{Gate, Session};
use askama::Template;
use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use relais_proto::desk::v1::{FollowUpStanding, FollowUpView, ListFollowUpsRequest, Role};
use relais_proto::peer::v1::{Name, YesNo};

/// Persons of one page.
const PAGE_SIZE: u32 = 25;
/// Most characters a person is looked for by.
const PREFIX_CHARS_MAX: usize = 60;
/// Most digits of what the node says of the next page.
const TOKEN_CHARS_MAX: usize = 12;

/// The routes of persons and of handing them over.
pub(crate) fn router() -> Router<Gate> {
    Router::new()
        .route("/personnes", get(show).post(search))
        .route("/personnes/nouvelle", get(opening::show).post(opening::open))
        .route("/personnes/{person}", get(person::show))
        .route("/personnes/{person}/relais", get(handover::begin))
        .route("/relais/{draft}/service", get(handover::doors::show).post(handover::doors::choose))
        .route("/relais/{draft}/accord", get(handover::offer::show).post(handover::offer::send))
        .route("/relais/{draft}/apercu", post(handover::offer::preview))
        .route("/relais/{draft}/abandon", post(handover::draft::abandon))
}

/// Which persons are asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Asked {
    prefix: String,
    team: bool,
    token: String,
}

/// One person of the list.
#[derive(Debug)]
struct Row {
    address: String,
    name: String,
    standing: String,
    referent: String,
    /// Where a referral of them begins; empty when they are followed no more.
    refer: String,
}

#[derive(Template)]
#[template(path = "pages/people.html")]
struct PeoplePage {
    frame: Frame,
    rows: Vec<Row>,
    begun: Vec<Begun>,
    asked: Asked,
    /// What stands in the fields: what is asked for, or was not yet.
    typed: Asked,
    may_see_team: bool,
    next: String,
}

/// First name and initial, or whatever of them is kept.
fn named(name: Option<&Name>) -> String {
    let Some(name) = name else { return String::new() };
    let dot = if name.family.chars().count() == 1 { "." } else { "" };
    format!("{} {}{dot}", name.given, name.family).trim().to_owned()
}

/// How a follow-up stands, and since when.
fn standing(teller: &Teller<'_>, view: &FollowUpView) -> String {
    let (key, ms) = match view.standing() {
        FollowUpStanding::Open | FollowUpStanding::Unspecified => ("follow-up-open", view.opened_ms),
        FollowUpStanding::HandedOver => ("follow-up-handed-over", view.ended_ms.unwrap_or(view.opened_ms)),
        FollowUpStanding::Closed => ("follow-up-closed", view.ended_ms.unwrap_or(view.opened_ms)),
    };
    teller.with(key, &[("date", &teller.day(ms))])
}

fn row(teller: &Teller<'_>, view: &FollowUpView) -> Row {
    let id = hex::encode(&view.follow_up_id);
    let is_open = view.standing() == FollowUpStanding::Open;
    Row {
        refer: if is_open { format!("/orientations/nouvelle?suivi={id}") } else { String::new() },
        address: format!("/personnes/{id}"),
        name: named(view.name.as_ref()),
        standing: standing(teller, view),
        referent: view.referent.clone(),
    }
}

impl Asked {
    fn of(session: &Session, form: &crate::form::Form) -> Self {
        let token = form.text("page");
        let plain = token.bytes().all(|byte| byte.is_ascii_digit()) && token.len() <= TOKEN_CHARS_MAX;
        Self {
            prefix: form.text("debut").chars().take(PREFIX_CHARS_MAX).collect(),
            team: session.has(Role::Coordinator) && form.has("equipe", "oui"),
            token: if plain { token.to_owned() } else { String::new() },
        }
    }

    fn request(&self) -> ListFollowUpsRequest {
        let team = if self.team { YesNo::Yes } else { YesNo::Unspecified };
        ListFollowUpsRequest {
            page_token: self.token.clone(),
            page_size: PAGE_SIZE,
            name_prefix: self.prefix.clone(),
            team: team.into(),
            ..Default::default()
        }
    }
}

async fn people_page(session: &Session, asked: Asked, typed: Asked) -> Result<Response, Trouble> {
    let answer = session.desk().list_follow_ups(session.ask(asked.request())).await?.into_inner();
    let teller = Teller::of(session);
    let title = session.tongue().say("menu-people");
    Ok(page::ok(&PeoplePage {
        frame: Frame::signed(session, Place::People, &title),
        rows: answer.follow_ups.iter().map(|view| row(&teller, view)).collect(),
        begun: draft::begun::<Handover>(session, "accord", "people-begun").await?,
        asked,
        typed,
        may_see_team: session.has(Role::Coordinator),
        next: answer.next_page_token,
    }))
}

async fn show(session: Session) -> Result<Response, Trouble> {
    people_page(&session, Asked::default(), Asked::default()).await
}

/// Shows those who were looked for: the answer to a form, as a name has no place in an address.
async fn search(writing: Writing) -> Result<Response, Trouble> {
    let Writing { session, form, stage } = writing;
    let typed = Asked::of(&session, &form);
    let asked = match stage {
        Stage::Sent => typed.clone(),
        Stage::Resumed => Asked::default(),
    };
    people_page(&session, asked, typed).await
}
